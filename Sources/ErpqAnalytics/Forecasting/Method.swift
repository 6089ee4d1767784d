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
    case .seasonalNaive(let period): period == 7 ? "seasonal_naive" : "seasonal_naive(\(period))"
    case .movingAverage(let window): "ma(\(window))"
    case .poly2: "poly2"
    }
  }

  /// The expected path: one quantity a step, none below zero, into `out` (its length is the horizon).
  ///
  /// The history must hold finite numbers only. An empty history gives zeros.
  /// - Returns: what was fitted in fact.
  @discardableResult
  func path(_ history: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>) -> ModelType {
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
    var out = [Double](repeating: 0, count: Swift.max(0, horizon))
    let type = out.withUnsafeMutableBufferPointer { out in
      clean.withUnsafeBufferPointer { path($0, into: out) }
    }
    return (out, type)
  }
}
