/// How the demand of the next days is told from the window's average and trend.
public struct DemandRule: Hashable, Sendable {
  /// Days of the moving average.
  public var window = 7
  /// Days predicted.
  public var horizon = 30
  /// Fewer days of data than this fall back to a stated or average demand.
  public var minimumDays = 7
  /// Whether the days of data are counted from the first sale on; otherwise only days with sales count.
  public var countsFromFirstSale = true
  /// How the trend is told.
  public var trend = TrendRule.relative
  /// The slope beyond which demand goes up or down.
  public var threshold = 0.2
  /// Sale lines that make the sample as good as it gets.
  public var fullSample = 30.0

  /// Days counted from the first sale; a relative trend that chance does not explain.
  public init() {}

  /// The documents' reading: days with sales count, slope per day of the window.
  public static let erpconnect = {
    var rule = DemandRule()
    rule.countsFromFirstSale = false
    rule.trend = .perDay
    return rule
  }()
}

/// What a predicted demand comes from.
public enum DemandSource: String, Hashable, Sendable, CaseIterable {
  /// The last moving average.
  case movingAverage = "moving_average"
  /// The demand stated with the product.
  case stated
  /// The mean of the window.
  case windowMean = "window_mean"
}

/// The demand of one product, told from its recent past.
public struct DemandPrediction: Hashable, Sendable {
  /// Units a day, not below zero.
  public var daily: Double
  /// Units over the horizon.
  public var predicted: Double
  /// Where demand is going.
  public var trend: Trend
  /// What the trend was told by; nil for a fallback, and where a relative change has nothing to start from.
  public var slope: Double?
  /// 0…1: 0.4·coverage + 0.3·(1 − variability) + 0.3·sample; 0.3 for a fallback.
  public var confidence: Double
  /// What the demand comes from.
  public var source: DemandSource
  /// Days with positive net sales.
  public var saleDays: Int

  /// Predicts from a zero-filled daily series that ends with the window.
  ///
  /// Coverage is the share of the window with data, variability the population coefficient of variation cut
  /// at 1, sample the number of lines over `fullSample` cut at 1.
  /// - Parameters:
  ///   - lines: sale lines with a positive quantity in the window.
  ///   - statedDemand: units a day stated with the product, for the fallback.
  public init(_ daily: [Double], lines: Int, statedDemand: Double? = nil, rule: DemandRule = DemandRule()) {
    let y = History.sanitized(daily)
    let n = y.count
    saleDays = DailySeries.saleDays(y)
    let data = rule.countsFromFirstSale ? DailySeries.daysSinceFirstSale(y) : saleDays
    let (mean, deviation) = Statistics.moments(y, .population)
    let smooth = MovingAverage.trailing(y, window: rule.window)
    guard data >= Swift.max(1, rule.minimumDays), let last = smooth.last else {
      let stated = statedDemand.flatMap { $0.isFinite ? $0 : nil }
      self.daily = Swift.max(0, stated ?? mean)
      predicted = self.daily * Double(rule.horizon)
      (trend, slope, confidence) = (.stable, nil, 0.3)
      source = stated == nil ? .windowMean : .stated
      return
    }
    self.daily = Swift.max(0, last)
    predicted = self.daily * Double(rule.horizon)
    source = .movingAverage
    let change = DemandPrediction.change(smooth, rule: rule)
    slope = change
    switch change ?? 0 {
    case let c where Tie.above(c, rule.threshold): trend = .up
    case let c where Tie.below(c, -rule.threshold): trend = .down
    default: trend = .stable
    }
    if rule.trend == .relative, trend != .stable, TrendTest.mannKendall(y) >= 0.05 { trend = .stable }
    let variability = mean > 0 ? Swift.min(1, deviation / mean) : 1
    let sample = rule.fullSample > 0 ? Swift.min(1, Double(lines) / rule.fullSample) : 1
    let sum = 0.4 * Double(data) / Double(n) + 0.3 * (1 - variability) + 0.3 * sample
    confidence = Swift.min(1, Swift.max(0, sum))
  }

  /// The change between the first and the last `window` smoothed days, on the rule's scale.
  private static func change(_ smooth: [Double], rule: DemandRule) -> Double? {
    let k = Swift.min(smooth.count, Swift.max(1, rule.window))
    let early = Statistics.mean(Array(smooth.prefix(k)))
    let late = Statistics.mean(Array(smooth.suffix(k)))
    switch rule.trend {
    case .difference: return late - early
    case .perDay: return (late - early) / Double(smooth.count)
    case .relative: return early > 0 ? (late - early) / early : nil
    }
  }
}
