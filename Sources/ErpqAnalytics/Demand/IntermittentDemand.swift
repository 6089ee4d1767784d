/// Demand that comes seldom: its size and how often it comes, smoothed apart.
public struct IntermittentDemand: Hashable, Sendable {
  /// Expected units a period.
  public var forecast: Double
  /// Smoothed size of a demand.
  public var size: Double
  /// Smoothed periods between two demands (Croston), or probability of a demand in a period (TSB).
  public var frequency: Double

  /// Croston, "Forecasting and stock control for intermittent demands" (1972): sizes and intervals are
  /// updated where something is demanded. The first interval counts from the start of the series.
  ///
  /// - Parameter corrected: with Syntetos & Boylan's factor (1 − α/2) against its bias (2005).
  public static func croston(_ y: [Double], alpha: Double = 0.1, corrected: Bool = false)
    -> IntermittentDemand?
  {
    var size = 0.0
    var interval = 0.0
    var since = 0.0
    var isFirst = true
    for value in y {
      since += 1
      guard value > 0 else { continue }
      if isFirst {
        (size, interval, isFirst) = (value, since, false)
      } else {
        size += alpha * (value - size)
        interval += alpha * (since - interval)
      }
      since = 0
    }
    guard !isFirst else { return nil }
    return IntermittentDemand(
      forecast: size / interval * (corrected ? 1 - alpha / 2 : 1), size: size, frequency: interval)
  }

  /// Teunter, Syntetos & Babai, "Intermittent demand: linking forecasting to inventory obsolescence" (2011):
  /// the probability of a demand falls in every period without one.
  public static func tsb(_ y: [Double], alpha: Double = 0.1, beta: Double = 0.05) -> IntermittentDemand? {
    guard let first = y.firstIndex(where: { $0 > 0 }) else { return nil }
    var size = y[first]
    var probability = 1 / Double(first + 1)
    for value in y[(first + 1)...] {
      if value > 0 { size += alpha * (value - size) }
      probability += beta * ((value > 0 ? 1 : 0) - probability)
    }
    return IntermittentDemand(forecast: size * probability, size: size, frequency: probability)
  }
}

/// How often demand comes and how much its size varies (Syntetos, Boylan & Croston 2005).
public struct DemandPattern: Hashable, Sendable {
  /// Periods over periods with demand.
  public var interval: Double
  /// Squared coefficient of variation of the sizes, with the sample deviation.
  public var sampleVariation: Double
  /// The same with the population deviation.
  public var populationVariation: Double
  /// smooth, intermittent, erratic or lumpy.
  public var name: String

  /// The pattern of a series; nil without demand.
  public init?(_ y: [Double], intervalCut: Double = 1.32, variationCut: Double = 0.49) {
    let sizes = y.filter { $0 > 0 }
    guard !sizes.isEmpty else { return nil }
    interval = Double(y.count) / Double(sizes.count)
    func squared(_ deviation: Deviation) -> Double {
      let (mean, sd) = Statistics.moments(sizes, deviation)
      return sd * sd / (mean * mean)
    }
    sampleVariation = squared(.sample)
    populationVariation = squared(.population)
    let often = interval < intervalCut
    name =
      sampleVariation < variationCut ? (often ? "smooth" : "intermittent") : (often ? "erratic" : "lumpy")
  }
}

/// Sums over all runs of consecutive periods: what the past says about the demand of a lead time.
public enum DemandWindows {
  /// The sum of each run of `length` periods, oldest first; none where the series is shorter.
  public static func sums(_ y: [Double], length: Int) -> [Double] {
    let k = Swift.max(1, length)
    guard y.count >= k else { return [] }
    return (0...(y.count - k)).map { start in
      var sum = 0.0
      for i in start..<(start + k) { sum += y[i] }
      return sum
    }
  }
}
