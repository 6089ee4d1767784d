import ErpqBase

/// Which forecast is wanted: the automatic one, or one method.
public enum ForecastChoice: Hashable, Sendable {
  /// The combination of the methods that fared best in a backtest.
  case auto(PanelSettings)
  /// This one.
  case method(ForecastMethod)

  /// `auto` or a method's name; `erpconnect` is the documents' regression. nil for any other name.
  public init?(named name: String, window: Int = 7, period: Int = 7) {
    if name == "auto" {
      self = .auto(PanelSettings())
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

/// The forecast of one series, with what it is made of and what speaks for it.
public struct AutoForecast: Sendable {
  /// The forecast.
  public var forecast: Forecast
  /// Demand over the whole horizon.
  public var total: ForecastTotal
  /// The methods in it, heaviest first.
  public var parts: [ForecastPart]
  /// The class of demand.
  public var demandClass: DemandClass
  /// Its accuracy at earlier moments; nil where the history is too short to say, and for the regression.
  public var accuracy: Accuracy?
  /// What a promoted day sells, times an ordinary one; nil where no promotion is known.
  public var uplift: Double?
}

/// Forecasts of one series.
public enum Forecaster {
  /// The longest horizon, in steps: a century of days. Longer ones are cut to it.
  public static let longestHorizon = 36_525

  private static let probabilities = [0.025, 0.1, 0.5, 0.9, 0.975]

  /// A forecast, automatic or by one method, of daily values.
  public static func forecast(_ history: [Double], horizon: Int, choice: ForecastChoice) -> AutoForecast {
    switch choice {
    case .auto(let settings): return auto(history, horizon: horizon, settings: settings)
    case .method(let method): return one(history, horizon: horizon, method)
    }
  }

  /// A forecast by one method. The regression carries the documents' interval, the others the errors of
  /// their own backtest.
  public static func forecast(_ history: [Double], horizon: Int, method: ForecastMethod) -> Forecast {
    one(history, horizon: horizon, method).forecast
  }

  /// The automatic forecast of a daily series, from itself alone.
  public static func auto(
    _ history: [Double], horizon: Int, settings: PanelSettings = PanelSettings()
  ) -> AutoForecast {
    let panel = SeriesPanel(frequency: .daily, series: [history], firstStep: [0])
    let none = PanelForecast(count: 1, horizon: Swift.max(0, Swift.min(longestHorizon, horizon)))
    // An interrupted run says nothing; whoever asked for the interrupt does not look at it either.
    let f = (try? PanelForecaster.forecast(panel, horizon: horizon, settings: settings)) ?? none
    return f.automatic(0)
  }

  /// One method, with quantiles from the errors that it made in a backtest.
  ///
  /// A history begins with its first value other than 0: what lies before it is a product not yet sold.
  /// All zeros forecast zeros; an empty history does too. With one value the interval is that of a Poisson
  /// variable about it, as nothing else is known.
  private static func one(_ given: [Double], horizon: Int, _ method: ForecastMethod) -> AutoForecast {
    // Squares of smaller numbers are zero, and so would be what divides by them.
    let history = given.map { $0.magnitude < SeriesPanel.smallest ? 0 : $0 }
    let steps = Swift.max(0, Swift.min(longestHorizon, horizon))
    let part = [ForecastPart(method: method.name, weight: 1)]
    let demandClass = DemandClass(history: history)
    func result(_ f: Forecast, _ test: Backtest? = nil) -> AutoForecast {
      AutoForecast(
        forecast: f, total: total(f, test), parts: part, demandClass: demandClass, accuracy: test?.accuracy)
    }
    if case .poly2(let settings) = method {
      return result(Poly2.fit(history, settings: settings).forecast(horizon: steps, z: settings.z))
    }
    let clean = History.sanitized(history)
    let start = clean.firstIndex { $0 != 0 } ?? clean.count
    guard start < clean.count, steps > 0 else {
      return result(
        Forecast(certain: [Double](repeating: 0, count: steps), method: method.name, modelType: .zero))
    }
    return clean.withUnsafeBufferPointer { all in
      let y = UnsafeBufferPointer(rebasing: all[start...])
      var f = Forecast(certain: [Double](repeating: 0, count: steps), method: method.name, modelType: .zero)
      f.modelType = f.mean.withUnsafeMutableBufferPointer { method.path(y, into: $0) }
      if spread(y, method, &f) { return result(f) }
      let cuts = BacktestPlan(horizon: steps, origins: method.affordableOrigins).cuts(count: y.count)
      let test = cuts.isEmpty ? nil : Backtest(method, clean: y, cuts: cuts, horizon: steps)
      interval(y, test, &f)
      return result(f, test)
    }
  }

  /// Quantiles of the methods that are distributions themselves; false for all others.
  private static func spread(
    _ y: UnsafeBufferPointer<Double>, _ method: ForecastMethod, _ f: inout Forecast
  ) -> Bool {
    let values: [Double]
    switch method {
    case .empirical(let window):
      values = EmpiricalDistribution.quantiles(
        UnsafeBufferPointer(rebasing: y.suffix(Swift.max(1, window))), probabilities)
    case .negativeBinomial(let window):
      let recent = UnsafeBufferPointer(rebasing: y.suffix(Swift.max(1, window)))
      let m = Statistics.moments(recent, .sample)
      guard
        let known = NegativeBinomial.quantiles(
          mean: m.mean, variance: m.deviation * m.deviation, probabilities)
      else { return false }
      values = known
    default: return false
    }
    for h in f.mean.indices {
      (f.lo95[h], f.lo80[h], f.median[h], f.hi80[h], f.hi95[h]) = (
        values[0], values[1], values[2], values[3], values[4]
      )
      f.order(h)
    }
    return true
  }

  private static func interval(
    _ y: UnsafeBufferPointer<Double>, _ test: Backtest?, _ f: inout Forecast
  ) {
    var known: [Double]?
    for h in f.mean.indices {
      let path = f.mean[h]
      if let test {
        // Steps beyond all known errors share the last ones.
        if h < test.knownSteps { known = test.errorQuantiles(step: h, probabilities) ?? known }
      } else {
        known = probabilities.map { Normal.quantile($0) * path.squareRoot() }
      }
      let q = known ?? [0, 0, 0, 0, 0]
      (f.lo95[h], f.lo80[h], f.median[h], f.hi80[h], f.hi95[h]) = (
        path + q[0], path + q[1], path + q[2], path + q[3], path + q[4]
      )
      f.order(h)
    }
  }

  /// The total of a forecast: by the errors that totals had in the backtest, or, without one, as if the days
  /// were independent.
  private static func total(_ f: Forecast, _ test: Backtest?) -> ForecastTotal {
    let sum = f.total(first: f.horizon) ?? 0
    if f.horizon > 0, let q = test?.totalErrorQuantiles(first: f.horizon, probabilities) {
      return ForecastTotal(mean: sum, probabilities: probabilities, quantiles: q.map { sum + $0 })
    }
    let wide = f.mean.indices.reduce(0.0) { total, h in
      let half = (f.hi80[h] - f.lo80[h]) / (2 * Normal.quantile(0.9))
      return total + half * half
    }.squareRoot()
    return ForecastTotal(
      mean: sum, probabilities: probabilities,
      quantiles: probabilities.map { sum + Normal.quantile($0) * wide })
  }
}
