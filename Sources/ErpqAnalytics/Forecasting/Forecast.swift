/// What was fitted in fact; a method falls back where the history is too short.
public enum ModelType: String, Hashable, Sendable, CaseIterable {
  /// A straight line and a square over time, by least squares.
  case regression = "LinearRegression(poly=2)"
  /// Last moving average plus linear drift: too few days with sales for the regression.
  case baseline
  /// Nothing was sold: everything is 0.
  case zero
  /// The last value, repeated.
  case naive
  /// The value one season before, repeated.
  case seasonalNaive = "seasonal_naive"
  /// The mean of the last values, repeated.
  case movingAverage = "ma"
  /// A smoothed level, repeated.
  case smoothing = "ses"
  /// A model of the exponential smoothing family.
  case ets
  /// The theta method.
  case theta
  /// A rate of sales that come seldom.
  case intermittent
  /// A level times a profile of the calendar.
  case profile
  /// Several levels and calendar factors, averaged.
  case combination
}

/// A forecast of every step of a horizon. All arrays have the horizon's length; index 0 is the first step
/// after the history. No value is below zero or not a number, and
/// lo95 ≤ lo80 ≤ median ≤ hi80 ≤ hi95 and lo95 ≤ mean ≤ hi95 hold at each step. The mean may lie above
/// hi80: where most days sell nothing, nine days of ten lie below it.
public struct Forecast: Hashable, Sendable {
  /// Expected quantity.
  public var mean: [Double]
  /// The quantity that half of the outcomes do not pass.
  public var median: [Double]
  /// 10 % of the outcomes lie below.
  public var lo80: [Double]
  /// 90 % of the outcomes lie below.
  public var hi80: [Double]
  /// 2.5 % of the outcomes lie below.
  public var lo95: [Double]
  /// 97.5 % of the outcomes lie below.
  public var hi95: [Double]
  /// The method, by its name in the language.
  public var method: String
  /// What was fitted in fact.
  public var modelType: ModelType

  /// A forecast that promises one path of quantities, without spread.
  public init(certain path: [Double], method: String, modelType: ModelType) {
    mean = path
    (median, lo80, hi80, lo95, hi95) = (path, path, path, path, path)
    self.method = method
    self.modelType = modelType
  }

  /// Number of steps.
  public var horizon: Int { mean.count }

  /// Sum of the expected quantities of the first `steps` steps; nil beyond the horizon.
  public func total(first steps: Int) -> Double? {
    guard steps >= 0, steps <= mean.count else { return nil }
    var sum = 0.0
    for value in mean.prefix(steps) { sum += value }
    return sum
  }

  /// Puts the quantities of one step in order and above zero.
  mutating func order(_ h: Int) {
    mean[h] = Swift.max(0, mean[h])
    median[h] = Swift.max(0, median[h])
    lo80[h] = Swift.max(0, Swift.min(lo80[h], median[h]))
    hi80[h] = Swift.max(hi80[h], median[h])
    lo95[h] = Swift.max(0, Swift.min(lo95[h], lo80[h], mean[h]))
    hi95[h] = Swift.max(hi95[h], hi80[h], mean[h])
  }
}

/// What every forecast does to a history before it computes with it.
enum History {
  /// Largest magnitude taken as it is; its square times any length still is a finite number.
  static let largest = 1e120

  /// The history with values that are not finite replaced by the mean of those that are, and absurd
  /// magnitudes cut, so that no sum of squares overflows.
  static func sanitized(_ values: [Double]) -> [Double] {
    if values.allSatisfy({ $0.isFinite && $0.magnitude <= largest }) { return values }
    let cut = values.map { $0.isFinite ? Swift.max(-largest, Swift.min(largest, $0)) : $0 }
    let mean = Statistics.mean(cut.filter(\.isFinite))
    return cut.map { $0.isFinite ? $0 : mean }
  }
}
