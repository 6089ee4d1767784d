import ErpqAnalytics
import ErpqBase
import ErpqTables
import Synchronization

/// Demand as it is forecast, for `demand_source forecast`: what a day of the time brings that a product's stock has to
/// last for.
final class ForecastedDemand: Sendable {
  /// What is forecast of one product.
  struct Day {
    /// Mean units a day over the time.
    var rate: Double
    /// Standard deviation of a day, so that √days of it is that of the total as forecast.
    var deviation: Double
    /// Days of the forecast it was taken from, and the heaviest method in it.
    var horizon: Int
    var method: String
  }

  /// Different horizons that are forecast at most: each costs a forecast of every product.
  private static let most = 4
  private static let longest = 366

  private let panel: SeriesPanel
  private let place: [Int64: Int]
  private let settings: PanelSettings
  private let progress: (@Sendable (WorkProgress) -> Void)?
  private let known = Mutex<[Int: PanelForecast]>([:])

  /// The history of the products of the arguments, as `forecast` reads it.
  init(_ a: Arguments, _ context: RunContext) throws {
    let window = DayWindow(before: context.today, count: ForecastRequest.usualHistory)
    let facts = try DemandFacts(a, context, window: window, population: .stocked)
    let cleaning = try DemandCleaning(context.usesDocuments ? "none" : "all", facts, a, context)
    panel = cleaning.panel(before: window.count).panel
    place = Dictionary(uniqueKeysWithValues: facts.ids.enumerated().map { ($1, $0) })
    settings = if case .auto(let own) = context.settings.forecast { own } else { PanelSettings() }
    progress = context.progress
  }

  /// - Parameter days: how long the stock of each product has to last.
  func days(_ ids: [Int64], lasting days: [Double]) throws -> [Day] {
    let steps = days.map { Swift.max(1, Swift.min(Self.longest, Int($0.rounded(.up)))) }
    let horizons = Self.horizons(steps)
    return try zip(ids, steps).map { id, steps in
      let horizon = horizons.first { $0 >= steps } ?? steps
      let forecast = try self.forecast(horizon)
      guard let row = place[id] else { return Day(rate: 0, deviation: 0, horizon: horizon, method: "none") }
      let expected = forecast.mean[row * horizon..<row * horizon + steps].reduce(0, +)
      let spread = forecast.total(row).distribution.deviation
      return Day(
        rate: Swift.max(0, expected / Double(steps)), deviation: spread / Double(horizon).squareRoot(),
        horizon: horizon, method: forecast.parts[row].first?.method ?? "none")
    }
  }

  /// The horizons to forecast: all where they are few, else some that every product is near to.
  static func horizons(_ steps: [Int]) -> [Int] {
    let distinct = Set(steps).sorted()
    guard distinct.count > most else { return distinct }
    let sorted = steps.sorted()
    return Set((1...most).map { sorted[Swift.max(0, sorted.count * $0 / most - 1)] }).sorted()
  }

  private func forecast(_ horizon: Int) throws -> PanelForecast {
    if let forecast = known.withLock({ $0[horizon] }) { return forecast }
    let progress = progress
    let made = try PanelForecaster.forecast(panel, horizon: horizon, settings: settings) { done, total in
      progress?(WorkProgress("forecast", done: Double(done), of: Double(total)))
    }
    known.withLock { $0[horizon] = made }
    return made
  }
}
