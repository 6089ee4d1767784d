/// A forecasting method with its parameters.
public enum ForecastMethod: Hashable, Sendable {
  /// The last value, repeated.
  case naive
  /// The value one season earlier; the period is in steps (7 for days of the week).
  case seasonalNaive(period: Int)
  /// The mean of the last `window` values, repeated.
  case movingAverage(window: Int)
  /// Simple exponential smoothing; nil for the best α of 0.01 … 0.99.
  case smoothing(alpha: Double?)
  /// Level and trend, both smoothed (Holt 1957).
  case holt
  /// Level and a trend that fades (Gardner & McKenzie 1985).
  case damped
  /// Level, trend and season, all smoothed (Winters 1960).
  case holtWinters(period: Int)
  /// The exponential smoothing model with the least AICc.
  case ets(period: Int)
  /// The theta method with θ = 2.
  case theta(period: Int)
  /// The theta method with fitted θ.
  case optimizedTheta(period: Int)
  /// The theta method with fitted θ, its line refitted at each step.
  case dynamicTheta(period: Int)
  /// Size over interval of sales, smoothed.
  case croston
  /// Croston's method less its bias.
  case sba
  /// Chance of a sale times its size, smoothed.
  case tsb(chance: Double, size: Double)
  /// Smoothed sums over the mean interval between sales.
  case adida
  /// The mean of smoothed sums over several block lengths.
  case imapa
  /// A level times the profile of the week.
  case weekdayProfile(period: Int)
  /// A level times the shape of earlier years.
  case annualProfile
  /// The distribution of the last values.
  case empirical(window: Int)
  /// The negative binomial distribution about the last values' mean.
  case negativeBinomial(window: Int)
  /// Quadratic regression on the smoothed history.
  case poly2(Poly2Settings)

  /// Its name in the language and in the column `method`.
  public var name: String {
    switch self {
    case .naive: "naive"
    case .seasonalNaive: "seasonal_naive"
    case .movingAverage(let window): "ma\(window)"
    case .smoothing: "ses"
    case .holt: "holt"
    case .damped: "damped"
    case .holtWinters: "holt_winters"
    case .ets: "ets"
    case .theta: "theta"
    case .optimizedTheta: "optimized_theta"
    case .dynamicTheta: "dynamic_theta"
    case .croston: "croston"
    case .sba: "sba"
    case .tsb: "tsb"
    case .adida: "adida"
    case .imapa: "imapa"
    case .weekdayProfile: "weekday_profile"
    case .annualProfile: "annual_profile"
    case .empirical: "empirical"
    case .negativeBinomial: "negative_binomial"
    case .poly2: "poly2"
    }
  }

  /// The method of that name in the language with its documented parameters; nil for any other name.
  ///
  /// - Parameters:
  ///   - window: values that `ma` takes the mean of.
  ///   - period: steps of a season.
  public init?(named name: String, window: Int = 7, period: Int = 7) {
    let m = Swift.max(1, period)
    switch name {
    case "naive": self = .naive
    case "seasonal_naive": self = .seasonalNaive(period: m)
    case "ma": self = .movingAverage(window: Swift.max(1, window))
    case "ses": self = .smoothing(alpha: nil)
    case "holt": self = .holt
    case "damped": self = .damped
    case "holt_winters": self = .holtWinters(period: m)
    case "ets": self = .ets(period: m)
    case "theta": self = .theta(period: m)
    case "optimized_theta": self = .optimizedTheta(period: m)
    case "dynamic_theta": self = .dynamicTheta(period: m)
    case "croston": self = .croston
    case "sba": self = .sba
    case "tsb": self = .tsb(chance: 0.1, size: 0.1)
    case "adida": self = .adida
    case "imapa": self = .imapa
    case "weekday_profile": self = .weekdayProfile(period: m)
    case "annual_profile": self = .annualProfile
    case "empirical": self = .empirical(window: 52 * m)
    case "negative_binomial": self = .negativeBinomial(window: 26 * m)
    case "poly2": self = .poly2(Poly2Settings())
    default: return nil
    }
  }

  /// The names that `init(named:window:period:)` takes.
  public static let names = [
    "naive", "seasonal_naive", "ma", "ses", "holt", "damped", "holt_winters", "ets", "theta",
    "optimized_theta", "dynamic_theta", "croston", "sba", "tsb", "adida", "imapa", "weekday_profile",
    "annual_profile", "empirical", "negative_binomial", "poly2",
  ]

  /// Most origins of a backtest: a method that searches for its parameters is fitted anew at each.
  var affordableOrigins: Int {
    switch self {
    case .ets, .holtWinters: 6
    case .holt, .damped, .theta, .optimizedTheta, .dynamicTheta: 12
    default: 52
    }
  }

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
    case .movingAverage(let window), .empirical(let window), .negativeBinomial(let window):
      MovingAverageForecast.path(history, window: window, into: out)
    case .smoothing(let alpha): SimpleSmoothing.path(history, alpha: alpha, into: out)
    case .holt: ETS.path(history, fit: ETS(hasTrend: true).fit(history), into: out)
    case .damped: ETS.path(history, fit: ETS(hasTrend: true, isDamped: true).fit(history), into: out)
    case .holtWinters(let period):
      ETS.path(
        history, fit: ETS(hasTrend: true, season: .additive, period: Swift.max(2, period)).fit(history),
        into: out)
    case .ets(let period): ETS.path(history, fit: ETS.best(history, period: period), into: out)
    case .theta(let period): Theta.path(history, Theta.Variant(), period: period, into: out)
    case .optimizedTheta(let period):
      Theta.path(history, Theta.Variant(isOptimized: true), period: period, into: out)
    case .dynamicTheta(let period):
      Theta.path(
        history, Theta.Variant(isOptimized: true, isDynamic: true), period: period, into: out)
    case .croston: Croston.path(history, .classic, into: out)
    case .sba: Croston.path(history, .sba, into: out)
    case .tsb(let chance, let size): TSB.path(history, chance: chance, size: size, into: out)
    case .adida: Aggregation.adida(history, into: out)
    case .imapa: Aggregation.imapa(history, into: out)
    case .weekdayProfile(let period): CalendarProfile.path(history, period: period, into: out)
    case .annualProfile: CalendarProfile.annualPath(history, frequency: .daily, into: out)
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
