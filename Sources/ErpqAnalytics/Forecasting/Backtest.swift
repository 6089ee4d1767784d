import ErpqBase

/// Where a backtest cuts a history, and how far it looks from each cut.
public struct BacktestPlan: Hashable, Sendable {
  /// Steps forecast from each origin.
  public var horizon: Int
  /// Values between two origins; nil for a quarter of the horizon, or less where the history is short.
  public var step: Int?
  /// Most origins used, the latest ones.
  public var origins: Int
  /// Fewest values before an origin; histories shorter than twice that use half of themselves.
  public var minimumTraining: Int

  /// A plan; the defaults are 52 origins a quarter of the horizon apart, after 28 values at least.
  public init(horizon: Int, step: Int? = nil, origins: Int = 52, minimumTraining: Int = 28) {
    self.horizon = Swift.max(1, Swift.min(Forecaster.longestHorizon, horizon))
    self.step = step
    self.origins = Swift.max(1, origins)
    self.minimumTraining = Swift.max(1, minimumTraining)
  }

  /// The numbers of values before each origin, ascending, for a history of `count` values.
  ///
  /// Origins leave room for the whole horizon. Where fewer than three such fit, origins run up to the last
  /// value, and their windows end with the history.
  public func cuts(count: Int) -> [Int] {
    guard count > 1 else { return [] }
    let least = Swift.max(1, Swift.min(minimumTraining, count / 2))
    var cuts: [Int] = []
    var cut = count - horizon
    let room = count - horizon - least
    var stride = Swift.max(1, step ?? horizon / 4)
    // A short history is cut more densely, so that it too has some errors to judge by. Where there is room
    // the stride stays: for daily data a quarter of four weeks keeps every origin on the same weekday.
    if step == nil, room / stride < 11 { stride = Swift.max(1, room / 11) }
    while cut >= least, cuts.count < origins {
      cuts.append(cut)
      cut -= stride
    }
    if cuts.count < Swift.min(3, origins) {
      cuts.removeAll()
      let stride = Swift.max(1, (count - least) / origins)
      cut = count - 1
      while cut >= least, cuts.count < origins {
        cuts.append(cut)
        cut -= stride
      }
    }
    return cuts.reversed()
  }
}

/// What a method would have forecast at earlier moments, against what came: a rolling-origin evaluation
/// (Tashman, "Out-of-sample tests of forecasting accuracy", 2000). Each origin sees only what lies before it.
public struct Backtest: Sendable {
  /// The method tried.
  public let method: ForecastMethod
  /// Steps forecast from each origin.
  public let horizon: Int
  /// Values before each origin, ascending.
  public let cuts: [Int]
  /// Actual − forecast, `cuts.count × horizon`; NaN where the history ends before the step.
  public let errors: [Double]
  /// Steps that at least one origin has an error of.
  public let knownSteps: Int
  /// The errors summed up. MASE and RMSSE are against the history before the last origin.
  public let accuracy: Accuracy
  /// Root mean squared error of the horizon's total, a step; what the choice of a level is judged by.
  public let totalRMSE: Double

  /// Runs a method over a history. Values that are not finite are replaced as in every forecast.
  public init(_ method: ForecastMethod, history: [Double], plan: BacktestPlan) {
    let clean = History.sanitized(history)
    let cuts = plan.cuts(count: clean.count)
    self = clean.withUnsafeBufferPointer {
      Backtest(method, clean: $0, cuts: cuts, horizon: plan.horizon)
    }
  }

  init(_ method: ForecastMethod, clean y: UnsafeBufferPointer<Double>, cuts: [Int], horizon: Int) {
    self.method = method
    self.horizon = horizon
    self.cuts = cuts
    knownSteps = Swift.min(horizon, y.count - (cuts.first ?? y.count))
    var sums = AccuracySums()
    var totals = 0.0
    var errors = [Double](repeating: .nan, count: cuts.count * horizon)
    errors.withUnsafeMutableBufferPointer { errors in
      for (origin, cut) in cuts.enumerated() {
        // The row first holds the forecasts, then their errors.
        let row = UnsafeMutableBufferPointer(rebasing: errors[origin * horizon..<(origin + 1) * horizon])
        method.path(UnsafeBufferPointer(rebasing: y[0..<cut]), into: row)
        var total = 0.0
        let known = Swift.min(horizon, y.count - cut)
        for h in 0..<horizon {
          guard h < known else {
            row[h] = .nan
            continue
          }
          sums.add(actual: y[cut + h], forecast: row[h])
          row[h] = y[cut + h] - row[h]
          total += row[h]
        }
        totals += total * total / Double(known * known)
      }
    }
    self.errors = errors
    accuracy = sums.accuracy(scale: NaiveScale(UnsafeBufferPointer(rebasing: y.prefix(cuts.last ?? 0))))
    totalRMSE = cuts.isEmpty ? 0 : (totals / Double(cuts.count)).squareRoot()
  }

  /// The errors made at a step (0 is the first), with those of the neighbouring steps until there are
  /// `wanted` of them, ascending. A step beyond all known errors takes those of the longest known ones.
  ///
  /// - Parameter without: an origin whose errors are left out.
  func pooled(step: Int, wanted: Int, without: Int? = nil) -> [Double] {
    var pool: [Double] = []
    pool.reserveCapacity(wanted + 2 * cuts.count)
    func take(_ h: Int) {
      guard h >= 0, h < knownSteps else { return }
      for origin in cuts.indices where origin != without {
        let e = errors[origin * horizon + h]
        if !e.isNaN { pool.append(e) }
      }
    }
    let centre = Swift.min(Swift.max(0, step), knownSteps - 1)
    take(centre)
    var distance = 1
    while pool.count < wanted, distance < knownSteps {
      take(centre - distance)
      take(centre + distance)
      distance += 1
    }
    pool.sort()
    return pool
  }

  /// Quantiles of the error at a step (0 is the first), one for each probability; nil without any error.
  ///
  /// With 20 errors or more they are empirical; with fewer they are those of a Student distribution with
  /// the errors' root mean square, as extremes of a handful of errors promise too much.
  public func errorQuantiles(step: Int, _ probabilities: [Double]) -> [Double]? {
    ErrorQuantiles.of(pooled(step: step, wanted: ErrorQuantiles.poolSize), probabilities)
  }

  /// Quantiles of the error of the total of the first `steps` steps, one for each probability; nil without
  /// an origin that saw all of them. A total's spread is not the sum of the steps' spreads.
  public func totalErrorQuantiles(first steps: Int, _ probabilities: [Double]) -> [Double]? {
    guard steps > 0, steps <= horizon else { return nil }
    var pool: [Double] = []
    for origin in cuts.indices {
      var sum = 0.0
      for h in 0..<steps { sum += errors[origin * horizon + h] }
      if !sum.isNaN { pool.append(sum) }
    }
    pool.sort()
    return ErrorQuantiles.of(pool, probabilities)
  }

  /// The share of values that intervals of this kind would have held, each origin judged by the errors of
  /// the others; nil where there are fewer than two origins.
  ///
  /// - Parameter level: the nominal share, such as 0.95.
  public func coverage(_ level: Double) -> Double? {
    guard cuts.count > 1, level > 0, level < 1 else { return nil }
    let tails = [(1 - level) / 2, (1 + level) / 2]
    var inside = 0
    var count = 0
    for origin in cuts.indices {
      for h in 0..<knownSteps {
        let e = errors[origin * horizon + h]
        guard !e.isNaN,
          let q = ErrorQuantiles.of(pooled(step: h, wanted: ErrorQuantiles.poolSize, without: origin), tails)
        else { continue }
        count += 1
        if e >= q[0], e <= q[1] { inside += 1 }
      }
    }
    return count > 0 ? Double(inside) / Double(count) : nil
  }
}

/// Quantiles of the next error, from past ones.
enum ErrorQuantiles {
  /// Errors that a quantile is taken from, where there are as many.
  static let poolSize = 300

  static func of(_ sorted: [Double], _ probabilities: [Double]) -> [Double]? {
    guard !sorted.isEmpty else { return nil }
    if sorted.count >= 20 {
      return probabilities.map { Statistics.predictiveQuantile(sorted: sorted, $0) ?? 0 }
    }
    var squares = 0.0
    for e in sorted { squares += e * e }
    let n = Double(sorted.count)
    let spread = (squares / n).squareRoot()
    // Cornish–Fisher expansion of the t quantile, Abramowitz & Stegun 26.7.5, to the first term.
    return probabilities.map { p in
      let z = Normal.quantile(p)
      return spread * (z + (z * z * z + z) / (4 * n))
    }
  }
}
