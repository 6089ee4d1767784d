import ErpqBase

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
  /// the history is too short to say or nobody asked. The weights were chosen on the same moments.
  public internal(set) var accuracy: [Accuracy?]
  /// The candidates that each series' forecast is made of, with their weights, heaviest first.
  public internal(set) var parts: [[ForecastPart]]
  /// The class of demand of each series.
  public internal(set) var classes: [DemandClass]

  /// What a promoted step of each series brings, times an ordinary one; empty where no promotions are known.
  public internal(set) var uplift: [Double] = []

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
    return ForecastTotal(
      mean: mean, probabilities: Self.probabilities, quantiles: Array(totals[s * q..<(s + 1) * q]))
  }

  /// All there is to say of one series.
  public func automatic(_ s: Int) -> AutoForecast {
    AutoForecast(
      forecast: forecast(s), total: total(s), parts: parts[s], demandClass: classes[s], accuracy: accuracy[s],
      uplift: uplift.isEmpty ? nil : uplift[s])
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
  /// Its error in the backtest (a root mean square of days and whole horizons) over that of the best candidate;
  /// of several with different parameters the best one's. nil without a backtest.
  public var error: Double?

  /// A method with its share.
  public init(method: String, weight: Double, error: Double? = nil) {
    self.method = method
    self.weight = weight
    self.error = error
  }
}

/// Demand over a whole horizon, with its own interval.
public struct ForecastTotal: Hashable, Sendable {
  /// What may come.
  public let distribution: PredictiveDistribution

  /// Expected quantity.
  public var mean: Double { distribution.mean }
  /// Half of the outcomes lie below.
  public var median: Double { quantile(0.5) }
  /// 10 % of the outcomes lie below.
  public var lo80: Double { quantile(0.1) }
  /// 90 % of the outcomes lie below.
  public var hi80: Double { quantile(0.9) }
  /// 2.5 % of the outcomes lie below.
  public var lo95: Double { Swift.min(quantile(0.025), mean) }
  /// 97.5 % of the outcomes lie below.
  public var hi95: Double { Swift.max(quantile(0.975), mean) }

  private func quantile(_ p: Double) -> Double { distribution.quantile(p) ?? mean }

  /// From quantiles; put in order, none below zero.
  init(mean: Double, probabilities: [Double], quantiles: [Double]) {
    distribution = PredictiveDistribution(
      mean: Swift.max(0, mean), probabilities: probabilities, values: quantiles.map { Swift.max(0, $0) })
  }
}
