/// Parameters of the quadratic regression on smoothed sales.
public struct Poly2Settings: Hashable, Sendable {
  /// Days of history that the fit looks at.
  public var lookback = 180
  /// Days with positive net sales below which the baseline stands in.
  public var minimumSaleDays = 14
  /// Days of the moving average that is fitted.
  public var window = 7
  /// Half-width of the interval in standard deviations of the residuals.
  public var z = 1.96

  /// The documents' parameters: 180 days, 14 sale days, a 7-day average, 1.96.
  public init(lookback: Int = 180, minimumSaleDays: Int = 14, window: Int = 7, z: Double = 1.96) {
    self.lookback = lookback
    self.minimumSaleDays = minimumSaleDays
    self.window = window
    self.z = z
  }
}

/// How a fitted curve meets the smoothed history it was fitted to. Shares are fractions, not percent.
public struct InSampleMetrics: Hashable, Sendable {
  /// Mean absolute error.
  public var mae: Double
  /// Mean absolute error as a share of the value, over the days whose value is not 0; nil without one.
  public var mape: Double?
  /// Mean of 2|e| / (|y| + |ŷ|), 0…2; a day where both are 0 counts as 0.
  public var smape: Double
  /// Root of the mean squared error.
  public var rmse: Double
  /// Days that `mape` is the mean of.
  public var mapePoints: Int
}

/// A fitted model of one series.
public struct Poly2Model: Hashable, Sendable {
  /// What was fitted: the regression, the baseline, or nothing because nothing was sold.
  public var modelType: ModelType
  /// [b₀, b₁, b₂] over t = 0 … n−1 for the regression; [level, drift a day] for the baseline; else none.
  public var coefficients: [Double]
  /// Population standard deviation of the residuals: smoothed − fit, or raw − smoothed for the baseline.
  public var sigma: Double
  /// Days with positive net sales.
  public var saleDays: Int
  /// Length of the history fitted.
  public var count: Int
  /// Errors in sample; nil unless the regression was fitted.
  public var metrics: InSampleMetrics?
  var fit: Poly2Fit

  /// The expected quantity `step` days after the history (1 is the first), not below zero.
  public func value(step: Int) -> Double { Swift.max(0, fit.value(step)) }

  /// Sum of the expected quantities of the first `days` days, beyond any horizon asked for.
  public func total(days: Int) -> Double {
    var sum = 0.0
    for h in 0..<Swift.max(0, Swift.min(Forecaster.longestHorizon, days)) { sum += value(step: h + 1) }
    return sum
  }

  /// The forecast with the documents' interval: the mean cut at zero, ± z·σ about it, and the low end
  /// cut at zero. The 80 % interval uses z = 1.2816.
  ///
  /// The residuals are those of the smoothed series: the interval holds far fewer than 95 % of raw days.
  public func forecast(horizon: Int, z: Double = 1.96) -> Forecast {
    let path = (0..<Swift.max(0, Swift.min(Forecaster.longestHorizon, horizon))).map { value(step: $0 + 1) }
    var f = Forecast(certain: path, method: "poly2", modelType: modelType)
    for h in path.indices {
      f.lo95[h] = path[h] - z * sigma
      f.hi95[h] = path[h] + z * sigma
      f.lo80[h] = path[h] - 1.2815515655446004 * sigma
      f.hi80[h] = path[h] + 1.2815515655446004 * sigma
      f.order(h)
    }
    return f
  }
}

/// Level, slope and curvature about the middle of the history: y = a₀ + a₁·x + a₂·(x² − q), x = t − centre.
///
/// The three polynomials are orthogonal over evenly spaced points, so the least squares are three
/// independent ratios (Draper & Smith, *Applied Regression Analysis*, ch. 22): nothing to invert,
/// nothing that cancels.
struct Poly2Fit: Hashable, Sendable {
  var centre = 0.0
  var q = 0.0
  var a0 = 0.0
  var a1 = 0.0
  var a2 = 0.0
  /// History length; step 1 lies at t = count.
  var count = 0

  /// The fit at time `t`, 0 being the first day of the history.
  @inline(__always) func at(_ t: Double) -> Double {
    let x = t - centre
    return a0 + x * a1 + (x * x - q) * a2
  }

  /// The fit `step` days after the history, unclipped.
  func value(_ step: Int) -> Double { at(Double(count + step - 1)) }

  /// The coefficients of 1, t, t².
  var powers: [Double] {
    [a0 - a1 * centre + a2 * (centre * centre - q), a1 - 2 * a2 * centre, a2]
  }

  /// Least squares over t = 0 … n−1. One point gives a level, two a line.
  static func leastSquares(_ y: UnsafeMutableBufferPointer<Double>) -> Poly2Fit {
    var fit = Poly2Fit()
    let count = y.count
    let n = Double(count)
    fit.count = count
    guard count > 0 else { return fit }
    fit.centre = (n - 1) / 2
    fit.q = (n * n - 1) / 12
    var s0 = 0.0
    for value in y { s0 += value }
    fit.a0 = s0 / n
    // The level is taken off first, so that the two other sums stay small for series far from zero.
    var s1 = 0.0
    var s2 = 0.0
    var x = -fit.centre
    for value in y {
      let d = value - fit.a0
      s1 += x * d
      s2 += (x * x - fit.q) * d
      x += 1
    }
    if count > 1 { fit.a1 = s1 / (n * (n * n - 1) / 12) }
    if count > 2 { fit.a2 = s2 / (n * (n * n - 1) * (n * n - 4) / 180) }
    return fit
  }

  /// A straight line through `level` at the last day.
  static func line(level: Double, drift: Double, count: Int) -> Poly2Fit {
    Poly2Fit(centre: Double(count - 1), q: 0, a0: level, a1: drift, a2: 0, count: count)
  }
}

/// Quadratic regression on the 7-day average of daily sales, as the documents state it.
public enum Poly2 {
  /// Fits the last `settings.lookback` days of a daily history.
  public static func fit(_ history: [Double], settings: Poly2Settings = Poly2Settings()) -> Poly2Model {
    let clean = History.sanitized(history)
    return clean.withUnsafeBufferPointer { all in
      let y = recent(all, settings)
      return withUnsafeTemporaryAllocation(of: Double.self, capacity: Swift.max(1, y.count)) { scratch in
        let smooth = UnsafeMutableBufferPointer(rebasing: scratch[0..<y.count])
        smooth.initialize(repeating: 0)
        var row = Row()
        fit(y, smooth: smooth, settings: settings, wantsErrors: true, into: &row)
        return row.model(count: y.count)
      }
    }
  }

  /// The result of one fit, without arrays.
  struct Row {
    var fit = Poly2Fit()
    var modelType = ModelType.zero
    var saleDays = 0
    var sigma = 0.0
    var mae = 0.0
    var mape = 0.0
    var smape = 0.0
    var rmse = 0.0
    var mapePoints = 0

    func model(count: Int) -> Poly2Model {
      let coefficients: [Double]
      switch modelType {
      case .regression: coefficients = fit.powers
      case .baseline: coefficients = [fit.a0, fit.a1]
      default: coefficients = []
      }
      let metrics =
        modelType == .regression
        ? InSampleMetrics(
          mae: mae, mape: mapePoints > 0 ? mape : nil, smape: smape, rmse: rmse, mapePoints: mapePoints) : nil
      return Poly2Model(
        modelType: modelType, coefficients: coefficients, sigma: sigma, saleDays: saleDays, count: count,
        metrics: metrics, fit: fit)
    }
  }

  /// The part of the history that the fit looks at.
  static func recent(
    _ history: UnsafeBufferPointer<Double>, _ settings: Poly2Settings
  ) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(rebasing: history.suffix(Swift.max(1, settings.lookback)))
  }

  /// The kernel: `smooth` is scratch of the history's length.
  static func fit(
    _ y: UnsafeBufferPointer<Double>, smooth: UnsafeMutableBufferPointer<Double>, settings: Poly2Settings,
    wantsErrors: Bool, into row: inout Row
  ) {
    row = Row()
    row.fit.count = y.count
    row.saleDays = DailySeries.saleDays(y)
    var nothing = true
    for value in y where value != 0 { nothing = false }
    if nothing { return }
    MovingAverage.trailing(y, window: Swift.max(1, settings.window), into: smooth)
    if row.saleDays < settings.minimumSaleDays {
      baseline(y, smooth, settings, &row)
      return
    }
    row.modelType = .regression
    row.fit = .leastSquares(smooth)
    if wantsErrors { errors(smooth, &row) }
  }

  /// Level = last moving average; drift = (mean of the last k averages − mean of the first k) / n a day.
  private static func baseline(
    _ y: UnsafeBufferPointer<Double>, _ smooth: UnsafeMutableBufferPointer<Double>, _ settings: Poly2Settings,
    _ row: inout Row
  ) {
    row.modelType = .baseline
    let n = y.count
    let k = Swift.min(n, Swift.max(1, settings.window))
    var early = 0.0
    var late = 0.0
    for i in 0..<k {
      early += smooth[i]
      late += smooth[n - k + i]
    }
    let drift = (late / Double(k) - early / Double(k)) / Double(n)
    row.fit = .line(level: smooth[n - 1], drift: drift, count: n)
    // The residuals may take the smoothed values' place: nothing reads those any more.
    for i in 0..<n { smooth[i] = y[i] - smooth[i] }
    row.sigma = Statistics.moments(UnsafeBufferPointer(smooth), .population).deviation
  }

  /// Errors in sample, against the unclipped fit.
  private static func errors(_ smooth: UnsafeMutableBufferPointer<Double>, _ row: inout Row) {
    var sums = AccuracySums()
    for i in 0..<smooth.count { sums.add(actual: smooth[i], forecast: row.fit.at(Double(i))) }
    let errors = sums.accuracy(scale: NaiveScale([]))
    row.mae = errors.mae
    row.rmse = errors.rmse
    // The residuals of a fit with a constant have mean 0, so their deviation is the root mean square.
    row.sigma = errors.rmse
    row.smape = errors.smape
    row.mapePoints = sums.relativeCount
    row.mape = errors.mape ?? 0
  }

  static func path(
    _ history: UnsafeBufferPointer<Double>, settings: Poly2Settings,
    into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    let y = recent(history, settings)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: Swift.max(1, y.count)) { scratch in
      let smooth = UnsafeMutableBufferPointer(rebasing: scratch[0..<y.count])
      smooth.initialize(repeating: 0)
      var row = Row()
      fit(y, smooth: smooth, settings: settings, wantsErrors: false, into: &row)
      for h in 0..<out.count { out[h] = Swift.max(0, row.fit.value(h + 1)) }
      return row.modelType
    }
  }
}
