/// A forecasting method with its parameters.
public enum ForecastMethod: Hashable, Sendable {
  /// The last value, repeated.
  case naive
  /// The value one season earlier; the period is in steps (7 for days of the week).
  case seasonalNaive(period: Int)
  /// The mean of the last `window` values, repeated.
  case movingAverage(window: Int)
  /// Quadratic regression on the smoothed history.
  case poly2(Poly2Settings)

  /// Its name in the language and in the column `method`.
  public var name: String {
    switch self {
    case .naive: "naive"
    case .seasonalNaive: "seasonal_naive"
    case .movingAverage(let window): "ma\(window)"
    case .poly2: "poly2"
    }
  }

  /// The method of that name in the language with its documented parameters; nil for any other name.
  ///
  /// - Parameters:
  ///   - window: values that `ma` takes the mean of.
  ///   - period: steps of a season.
  public init?(named name: String, window: Int = 7, period: Int = 7) {
    switch name {
    case "naive": self = .naive
    case "seasonal_naive": self = .seasonalNaive(period: Swift.max(1, period))
    case "ma": self = .movingAverage(window: Swift.max(1, window))
    case "poly2": self = .poly2(Poly2Settings())
    default: return nil
    }
  }

  /// The names that `init(named:window:period:)` takes.
  public static let names = ["naive", "seasonal_naive", "ma", "poly2"]

  /// The expected path: one quantity a step, none below zero, into `out` (its length is the horizon).
  ///
  /// The history must hold finite numbers only. An empty history gives zeros.
  /// - Returns: what was fitted in fact.
  @discardableResult
  func path(_ history: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>) -> ModelType
  {
    switch self {
    case .naive: Naive.path(history, into: out)
    case .seasonalNaive(let period): SeasonalNaive.path(history, period: period, into: out)
    case .movingAverage(let window): MovingAverageForecast.path(history, window: window, into: out)
    case .poly2(let settings): Poly2.path(history, settings: settings, into: out)
    }
  }

  /// The expected path of `horizon` steps after `history`.
  public func path(_ history: [Double], horizon: Int) -> (values: [Double], modelType: ModelType) {
    let clean = History.sanitized(history)
    let steps = Swift.max(0, Swift.min(Forecaster.longestHorizon, horizon))
    var out = [Double](repeating: 0, count: steps)
    let type = out.withUnsafeMutableBufferPointer { out in
      clean.withUnsafeBufferPointer { path($0, into: out) }
    }
    return (out, type)
  }
}
