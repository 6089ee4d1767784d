import ErpqAnalytics

extension InventoryFormulas {
  // MARK: Demand, forecasts, classes, outliers

  static let statistics: [String: Formula] = [
    "croston": { c in
      let y = try c.numbers("y")
      let f = IntermittentDemand.croston(
        y, alpha: c.number("alpha", default: 0.1), corrected: c.id.contains("sba"))
      return .fields([
        ("forecast", .optional(f?.forecast)), ("size", .optional(f?.size)),
        ("interval", .optional(f?.frequency)),
      ])
    },
    "sba": { c in
      let f = IntermittentDemand.croston(
        try c.numbers("y"), alpha: c.number("alpha", default: 0.1), corrected: true)
      return .fields([
        ("forecast", .optional(f?.forecast)), ("size", .optional(f?.size)),
        ("interval", .optional(f?.frequency)),
      ])
    },
    "tsb": { c in
      let f = IntermittentDemand.tsb(
        try c.numbers("y"), alpha: c.number("alpha", default: 0.1), beta: c.number("beta", default: 0.05))
      return .fields([
        ("forecast", .optional(f?.forecast)), ("size", .optional(f?.size)), ("prob", .optional(f?.frequency)),
      ])
    },
    "classify_demand": { c in
      let pattern = DemandPattern(
        try c.numbers("y"), intervalCut: c.number("adi_cut", default: 1.32),
        variationCut: c.number("cv2_cut", default: 0.49))
      return .fields([
        ("adi", .optional(pattern?.interval)), ("cv2_sample", .optional(pattern?.sampleVariation)),
        ("cv2_pop", .optional(pattern?.populationVariation)),
        ("cls", pattern.map { .text($0.name) } ?? .text("none")),
      ])
    },
    "anomalies": { c in
      let y = try c.numbers("y")
      if c.says("iqr") {
        let f = Outliers.fences(y, k: c.number("k", default: 1.5))
        return .fields([
          ("q1", .optional(f?.q1)), ("q3", .optional(f?.q3)), ("low", .optional(f?.low)),
          ("high", .optional(f?.high)),
        ])
      }
      if c.says("mad") {
        let m = Outliers.modified(y)
        return .fields([
          ("median", .optional(m?.median)), ("mad", .optional(m?.mad)),
          ("modified_z_last", .optional(m?.scores?.last)),
        ])
      }
      let kind: Deviation = c.number("ddof", default: 0) == 0 ? .population : .sample
      let (mean, sd) = Statistics.moments(y, kind)
      let z = sd > 0 ? ((y.last ?? mean) - mean) / sd : 0
      return .fields([
        ("mean", .number(mean)), ("sd", .number(sd)), ("z_last", .number(z)),
        ("z_max_possible", .number(Outliers.largestScore(count: y.count, kind))),
        ("flag_last", .bool(Tie.atLeast(z.magnitude, c.number("threshold", default: 3)))),
      ])
    },
    "forecast_metrics": { c in
      let (y, f) = (try c.numbers("y"), try c.numbers("f"))
      let a = Accuracy(actual: y, forecast: f)
      let errors = zip(y, f).map { $0 - $1 }
      let sum = errors.reduce(0, +)
      let naive = zip(y.dropFirst(), y).map { ($0 - $1).magnitude }
      let scale = naive.reduce(0, +) / Double(Swift.max(1, naive.count))
      let total = y.reduce(0, +)
      return .fields([
        ("mae", .number(a.mae)), ("rmse", .number(a.rmse)),
        ("me", .number(sum / Double(Swift.max(1, errors.count)))), ("wape", .optional(a.wape)),
        ("mape_pct_skip_zero", .optional(a.mape.map { $0 * 100 })), ("smape_pct", .number(a.smape * 100)),
        ("smape_fraction", .number(a.smape)),
        ("mase_scale_insample_naive", .optional(scale > 0 ? a.mae / scale : nil)),
        ("bias_pct", .optional(total == 0 ? nil : sum / total * 100)),
        ("tracking_signal", .optional(a.mae > 0 ? sum / a.mae : nil)),
      ])
    },
    "pinball": { c in
      let (y, q, tau) = (try c.numbers("y"), try c.numbers("q"), try c.number("tau"))
      let losses = zip(y, q).map { $0 >= $1 ? tau * ($0 - $1) : (1 - tau) * ($1 - $0) }
      return .fields([("loss", .number(Statistics.mean(losses)))])
    },
    "abc": { c in
      let revenue = try c.numbers("revenue")
      func classes(_ rule: ABCRule) -> GoldenJSON {
        .list(ABC.classify(revenue, rule: rule).classes.map { .text($0.rawValue) })
      }
      return .fields([
        ("seed_cumulative_after_20_50", classes(.inclusive)), ("cumulative_before_20_50", classes(.before)),
        ("item_count_20_30_50", classes(.count)), ("pareto_80_95_before", classes(.pareto)),
      ])
    },
    "confidence": { c in
      let (coverage, cv) = (try c.number("coverage"), try c.number("cv"))
      let sample = Swift.min(1, try c.number("samples") / c.number("cap", default: 30))
      func sum(_ variability: Double) -> Double { 0.4 * coverage + 0.3 * (1 - variability) + 0.3 * sample }
      return .fields([
        ("raw_unclamped", .number(sum(cv))),
        ("clamped", .number(Swift.min(1, Swift.max(0, sum(Swift.min(1, cv)))))),
      ])
    },
    "growth": { c in
      var seed: [GoldenJSON] = []
      var null: [GoldenJSON] = []
      for item in c.inputs["cases"].elements {
        let n = item.elements.compactMap(\.double)
        guard n.count == 2 else { throw ConformanceError("a case has not two numbers") }
        let pct = n[1] > 0 ? (n[0] - n[1]) / n[1] * 100 : nil
        seed.append(.number(pct ?? 0))
        null.append(.optional(pct))
      }
      return .fields([("pct_seed", .list(seed)), ("pct_null_policy", .list(null))])
    },
    "forecast": { c in
      let y = try c.numbers("y")
      return c.says("poly2") ? try quadratic(c, y) : try movingAverage(c, y)
    },
  ]

  private static func quadratic(_ c: InventoryCall, _ y: [Double]) throws -> GoldenJSON {
    let window = Int(c.number("window", default: 7))
    let horizon = Int(c.number("horizon", default: 30))
    // Where only full windows count, the curve is laid through them alone.
    let onlyFull = c.inputs["edge"].string?.contains("valid") ?? false
    let model = Poly2.fit(
      onlyFull ? smoothed(y, window) : y,
      settings: Poly2Settings(lookback: y.count, window: onlyFull ? 1 : window))
    let forecast = model.forecast(horizon: horizon)
    let b = model.coefficients
    func mean(_ i: Int) -> Double? { i < forecast.mean.count ? forecast.mean[i] : nil }
    return .fields([
      ("smoothed", .numbers(smoothed(y, window))), ("b0", .optional(b.first)),
      ("b1", .optional(b.count > 1 ? b[1] : nil)), ("b2", .optional(b.count > 2 ? b[2] : nil)),
      ("sigma_residual_pop", .number(model.sigma)), ("daily", .numbers(forecast.mean)),
      ("total7", .number(model.total(days: 7))), ("total30", .number(model.total(days: 30))),
      ("total90", .number(model.total(days: 90))),
      ("low0", .optional(mean(0).map { Swift.max(0, $0 - 1.96 * model.sigma) })),
      ("high0", .optional(mean(0).map { $0 + 1.96 * model.sigma })),
    ])
  }

  private static func smoothed(_ y: [Double], _ window: Int) -> [Double] {
    DemandWindows.sums(y, length: window).map { $0 / Double(Swift.max(1, window)) }
  }

  private static func movingAverage(_ c: InventoryCall, _ y: [Double]) throws -> GoldenJSON {
    let window = Int(c.number("window", default: 7))
    let smooth = smoothed(y, window)
    guard let first = smooth.first, let last = smooth.last else {
      throw ConformanceError("the series is shorter than the window")
    }
    let n = Double(smooth.count)
    let early = Statistics.mean(Array(smooth.prefix(window)))
    let late = Statistics.mean(Array(smooth.suffix(window)))
    let centre = (n - 1) / 2
    var (top, bottom) = (0.0, 0.0)
    for (i, value) in smooth.enumerated() {
      let x = Double(i) - centre
      top += x * value
      bottom += x * x
    }
    return .fields([
      ("current_daily", .number(last)), ("predicted_30d", .number(last * 30)),
      ("slope_readme", .number((last - first) / n)), ("slope_window_means", .number(late - early)),
      ("slope_relative", .optional(early > 0 ? (late - early) / early : nil)),
      ("ols_slope", .number(bottom > 0 ? top / bottom : 0)),
    ])
  }
}
