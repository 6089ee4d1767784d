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
  /// The candidates that each series' forecast is made of, with their weights, heaviest first.
  public internal(set) var parts: [[ForecastPart]]
  /// The class of demand of each series.
  public internal(set) var classes: [DemandClass]

  init(count: Int, horizon: Int) {
    self.count = count
    self.horizon = horizon
    mean = Array(repeating: 0, count: count * horizon)
    quantiles = Array(repeating: 0, count: count * horizon * Self.probabilities.count)
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
