import ErpqBase

/// What `auto` chooses from, and how.
public struct AutoSettings: Hashable, Sendable {
  /// The methods tried; of equally good ones the first is taken.
  public var candidates: [ForecastMethod]
  /// Most origins of the backtest.
  public var origins = 52
  /// Values between two origins; nil for a quarter of the horizon.
  public var step: Int?

  /// The four basic methods, averages over one, four and thirteen seasons among them.
  ///
  /// - Parameter period: steps of a season: 7 for daily data with a week.
  public init(period: Int = 7) {
    let m = Swift.max(1, Swift.min(10_000, period))
    candidates = [
      .movingAverage(window: 4 * m), .movingAverage(window: 13 * m), .movingAverage(window: m),
      .seasonalNaive(period: m), .naive, .poly2(Poly2Settings()),
    ]
  }
}

/// Which forecast is wanted: the best of several methods, or one.
public enum ForecastChoice: Hashable, Sendable {
  /// The best by backtest.
  case auto(AutoSettings)
  /// This one.
  case method(ForecastMethod)

  /// `auto` or a method's name; `erpconnect` is the documents' regression. nil for any other name.
  public init?(named name: String, window: Int = 7, period: Int = 7) {
    if name == "auto" {
      self = .auto(AutoSettings(period: period))
    } else if let method = ForecastMethod(
      named: name == "erpconnect" ? "poly2" : name, window: window, period: period)
    {
      self = .method(method)
    } else {
      return nil
    }
  }

  /// The names that `init(named:window:period:)` takes.
  public static let names = ["auto"] + ForecastMethod.names + ["erpconnect"]
}

/// A forecast by the method that a backtest chose, with what it was chosen by.
public struct AutoForecast: Sendable {
  /// The forecast.
  public var forecast: Forecast
  /// The method it was made with.
  public var method: ForecastMethod
  /// The chosen method's backtest; nil where the history is too short for one.
  public var backtest: Backtest?
  /// Every method tried with its score, as tried; the least score is the best.
  public var scores: [(method: ForecastMethod, score: Double)]
}

/// Forecasts with intervals from the errors that the method made in a backtest.
public enum Forecaster {
  /// The longest horizon, in steps: a century of days. Longer ones are cut to it.
  public static let longestHorizon = 36_525

  private static let probabilities = [0.025, 0.1, 0.5, 0.9, 0.975]

  /// A forecast by the best of several methods or by one.
  public static func forecast(_ history: [Double], horizon: Int, choice: ForecastChoice) -> AutoForecast {
    switch choice {
    case .auto(let settings): return auto(history, horizon: horizon, settings: settings)
    case .method(.poly2(let settings)):
      let steps = Swift.max(0, Swift.min(longestHorizon, horizon))
      let f = Poly2.fit(history, settings: settings).forecast(horizon: steps, z: settings.z)
      return AutoForecast(forecast: f, method: .poly2(settings), backtest: nil, scores: [])
    case .method(let method):
      var settings = AutoSettings()
      settings.candidates = [method]
      return auto(history, horizon: horizon, settings: settings)
    }
  }

  /// A forecast by one method. The regression carries the documents' interval, the others the errors of
  /// their own backtest.
  public static func forecast(_ history: [Double], horizon: Int, method: ForecastMethod) -> Forecast {
    forecast(history, horizon: horizon, choice: .method(method)).forecast
  }

  /// The best of several methods by rolling-origin backtest, with intervals from its errors at each step.
  ///
  /// A history begins with its first value other than 0: what lies before it is a product not yet sold.
  /// All zeros forecast zeros; an empty history does too. With one value the interval is that of a Poisson
  /// variable about it, as nothing else is known.
  public static func auto(
    _ history: [Double], horizon: Int, settings: AutoSettings = AutoSettings()
  ) -> AutoForecast {
    // Squares of smaller numbers are zero, and so would be what divides by them.
    let history = history.map { $0.magnitude < 1e-150 ? 0 : $0 }
    let steps = Swift.max(0, Swift.min(longestHorizon, horizon))
    let clean = History.sanitized(history)
    let start = clean.firstIndex { $0 != 0 } ?? clean.count
    let first = settings.candidates.first ?? .naive
    guard start < clean.count, steps > 0 else {
      let zeros = [Double](repeating: 0, count: steps)
      return AutoForecast(
        forecast: Forecast(certain: zeros, method: first.name, modelType: .zero), method: first,
        backtest: nil,
        scores: [])
    }
    return clean.withUnsafeBufferPointer { all in
      let y = UnsafeBufferPointer(rebasing: all[start...])
      let cuts = BacktestPlan(horizon: steps, step: settings.step, origins: settings.origins)
        .cuts(count: y.count)
      guard !cuts.isEmpty else { return single(y, steps: steps, method: first) }
      var best: Backtest?
      var bestScore = Double.infinity
      var scores: [(method: ForecastMethod, score: Double)] = []
      for method in settings.candidates.isEmpty ? [.naive] : settings.candidates {
        let trial = Backtest(method, clean: y, cuts: cuts, horizon: steps)
        let score = trial.score
        scores.append((method, score))
        // A later candidate must be better by more than rounding.
        if best == nil || score < bestScore * (1 - 1e-9) {
          best = trial
          bestScore = score
        }
      }
      guard let best else { return single(y, steps: steps, method: first) }
      return AutoForecast(
        forecast: interval(y, steps: steps, best), method: best.method, backtest: best, scores: scores)
    }
  }

  /// Forecasts every series of a matrix.
  ///
  /// - Throws: `Cancellation.Interrupted`.
  public static func auto(
    _ matrix: DailyMatrix, horizon: Int, settings: AutoSettings = AutoSettings()
  ) throws -> [AutoForecast] {
    let cancel = Cancellation.current
    return try (0..<matrix.rows).map { row in
      if row & 0xF == 0 { try cancel.check() }
      return auto(matrix.row(row), horizon: horizon, settings: settings)
    }
  }

  private static func point(
    _ y: UnsafeBufferPointer<Double>, steps: Int, _ method: ForecastMethod
  ) -> Forecast {
    var path = [Double](repeating: 0, count: steps)
    let type = path.withUnsafeMutableBufferPointer { method.path(y, into: $0) }
    return Forecast(certain: path, method: method.name, modelType: type)
  }

  private static func interval(_ y: UnsafeBufferPointer<Double>, steps: Int, _ backtest: Backtest) -> Forecast
  {
    var f = point(y, steps: steps, backtest.method)
    var known: [Double]?
    for h in 0..<steps {
      // Steps beyond all known errors share the last ones.
      if h < backtest.knownSteps { known = backtest.errorQuantiles(step: h, probabilities) ?? known }
      guard let q = known else { continue }
      let path = f.mean[h]
      f.lo95[h] = path + q[0]
      f.lo80[h] = path + q[1]
      f.median[h] = path + q[2]
      f.hi80[h] = path + q[3]
      f.hi95[h] = path + q[4]
      f.order(h)
    }
    return f
  }

  private static func single(
    _ y: UnsafeBufferPointer<Double>, steps: Int, method: ForecastMethod
  ) -> AutoForecast {
    var f = point(y, steps: steps, method)
    for h in 0..<steps {
      let path = f.mean[h]
      let spread = path.squareRoot()
      f.lo95[h] = path + Normal.quantile(probabilities[0]) * spread
      f.lo80[h] = path + Normal.quantile(probabilities[1]) * spread
      f.hi80[h] = path + Normal.quantile(probabilities[3]) * spread
      f.hi95[h] = path + Normal.quantile(probabilities[4]) * spread
      f.order(h)
    }
    return AutoForecast(forecast: f, method: method, backtest: nil, scores: [])
  }
}

extension Backtest {
  /// What methods are ranked by: the root mean squared error of single steps plus that of the horizon's
  /// total a step. The first tells a seasonal pattern from a flat line, the second a good level from a bad
  /// one where single days are mostly noise.
  var score: Double { accuracy.rmse + totalRMSE }
}
