/// Forecasts of every series of a panel, in flat buffers.
public struct PanelForecast: Sendable {
  /// Steps forecast.
  public let horizon: Int
  /// Number of series.
  public let count: Int
  /// Expected quantities, `count × horizon`.
  public internal(set) var mean: [Double]
  /// Quantiles, `count × horizon × probabilities.count`, ascending at each step, none below zero unless the
  /// history is.
  public internal(set) var quantiles: [Double]
  /// What the quantiles are of.
  public static let probabilities = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975]
  /// Quantiles of each series' demand over the whole horizon, `count × probabilities.count`. The spread of a
  /// total is not the sum of the days' spreads: they partly cancel.
  public internal(set) var totals: [Double]
  /// What the same combination would have forecast at earlier moments against what came, a series; nil where
  /// the history is too short to say. The weights were chosen on the same moments.
  public internal(set) var accuracy: [Accuracy?]
  /// The candidates that each series' forecast is made of, with their weights, heaviest first.
  public internal(set) var parts: [[ForecastPart]]
  /// The class of demand of each series.
  public internal(set) var classes: [DemandClass]

  /// The forecast of one series, without deciles.
  public func forecast(_ s: Int) -> Forecast {
    let q = Self.probabilities.count
    let places = [0, 1, 5, 9, 10].map { k in (0..<horizon).map { quantiles[(s * horizon + $0) * q + k] } }
    var f = Forecast(
      certain: Array(mean[s * horizon..<(s + 1) * horizon]), method: parts[s].first?.method ?? "ses",
      modelType: classes[s] == .none ? .zero : .combination)
    (f.lo95, f.lo80, f.median, f.hi80, f.hi95) = (places[0], places[1], places[2], places[3], places[4])
    for h in 0..<horizon { f.order(h) }
    return f
  }

  /// Demand over the whole horizon of one series.
  public func total(_ s: Int) -> ForecastTotal {
    let q = Self.probabilities.count
    var mean = 0.0
    for h in 0..<horizon { mean += self.mean[s * horizon + h] }
    let t = totals[s * q..<(s + 1) * q].map { $0 }
    return ForecastTotal(mean: mean, quantiles: [t[0], t[1], t[5], t[9], t[10]])
  }

  /// All there is to say of one series.
  public func automatic(_ s: Int) -> AutoForecast {
    AutoForecast(
      forecast: forecast(s), total: total(s), parts: parts[s], demandClass: classes[s], accuracy: accuracy[s])
  }

  init(count: Int, horizon: Int) {
    self.count = count
    self.horizon = horizon
    mean = Array(repeating: 0, count: count * horizon)
    quantiles = Array(repeating: 0, count: count * horizon * Self.probabilities.count)
    totals = Array(repeating: 0, count: count * Self.probabilities.count)
    accuracy = Array(repeating: nil, count: count)
    parts = Array(repeating: [], count: count)
    classes = Array(repeating: .none, count: count)
  }
}

/// A method in a combination.
public struct ForecastPart: Hashable, Sendable {
  /// The method's name, parameters included.
  public var method: String
  /// Its share, 0…1.
  public var weight: Double
}

/// Demand over a whole horizon, with its own interval.
public struct ForecastTotal: Hashable, Sendable {
  /// Expected quantity.
  public var mean: Double
  /// The quantities that 10 and 90 % of the outcomes do not pass, and 2.5 and 97.5 %; half lie below the median.
  public var median: Double
  public var lo80: Double
  public var hi80: Double
  public var lo95: Double
  public var hi95: Double

  /// From the quantiles of 2.5, 10, 50, 90 and 97.5 %; put in order, none below zero.
  init(mean: Double, quantiles q: [Double]) {
    self.mean = Swift.max(0, mean)
    median = Swift.max(0, q[2])
    lo80 = Swift.max(0, Swift.min(q[1], median))
    hi80 = Swift.max(q[3], median)
    lo95 = Swift.max(0, Swift.min(q[0], lo80, self.mean))
    hi95 = Swift.max(q[4], hi80, self.mean)
  }
}
