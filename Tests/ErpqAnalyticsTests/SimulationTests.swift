import ErpqAnalytics
import ErpqBase
import Testing

/// Simulated stock against what closed forms say about the same policy.
@Suite struct SimulationTests {
  private func run(
    _ policy: StockPolicy, mean: Double, lead: Int, unmet: UnmetDemand = .backordered, days: Int = 2000,
    paths: Int = 200
  ) throws -> SimulatedOutcome {
    let item = SimulatedItem(
      policy: policy, leads: [Int32(lead)], start: mean * 10,
      table: PathPlan.table(.poisson(mean: mean), cells: 65536))
    let window = DayWindow(last: CivilDate(day: 20000), count: 1)
    let history = DailyMatrix(window: window, rows: 1, values: [0])
    let plan = PathPlan(.distributions, historyDays: 1, days: days, paths: paths, seed: 7)
    let found = try StockSimulation.run([item], history: history, plan: plan, warmUp: 200, unmet: unmet)
    return try #require(found.first)
  }

  /// Under (r, nQ) the position after ordering is uniform on r+1 … r+Q, so stock at the end of a day is that
  /// less the demand of the lead time.
  @Test(arguments: [(5.0, 8.0, 2.0, 3), (12, 10, 3, 4), (1, 1, 0.4, 5)])
  func lotsAgainstTheClosedForm(_ r: Double, _ q: Double, _ mean: Double, _ lead: Int) throws {
    let found = try run(.rQ(r, q), mean: mean, lead: lead)
    let demand = Distribution.poisson(mean: mean * Double(lead))
    let before = Distribution.poisson(mean: mean * Double(lead - 1))
    var (held, short) = (0.0, 0.0)
    for y in 1...Int(q) {
      held += demand.leftover(r + Double(y)) / q
      short += (demand.loss(r + Double(y)) - before.loss(r + Double(y))) / q
    }
    let fill = 1 - short / mean
    #expect(abs(found.meanStock.mean - held) < 3 * found.meanStock.halfWidth + 1e-3)
    #expect(abs(found.fillRate.mean - fill) < 3 * found.fillRate.halfWidth + 1e-3)
    // Where a day never asks for two lots, an order is a lot.
    if q > 3 * mean { #expect(abs(found.ordersPerYear - 365 * mean / q) < 3) }
  }

  /// Up to S every day with a lead time of a day is a newsvendor a day.
  @Test func newsvendor() throws {
    let best = try #require(Newsvendor.best(.poisson(mean: 6), holding: 1, shortage: 4))
    let found = try run(.rS(1, best.stock), mean: 6, lead: 1)
    #expect(abs(found.meanStock.mean + 4 * found.waiting - best.cost) < 0.02)
  }

  /// The cost of the best (s, S) for Poisson demand of 6, K = 5, h = 1, p = 4: 8.0341 at (4, 10).
  @Test func reorderPointAndOrderUpTo() throws {
    let best = try #require(
      ReorderPointOrderUpTo.exact(
        period: .poisson(mean: 6), protected: .poisson(mean: 6), holding: 1, shortage: 4, orderCost: 5))
    #expect(best.reorderPoint == 4 && best.orderUpTo == 10)
    let found = try run(.sS(best.reorderPoint, best.orderUpTo), mean: 6, lead: 1)
    let cost = found.meanStock.mean + 4 * found.waiting + 5 * found.ordersPerYear / 365
    #expect(abs(cost - 8.034111561471642) < 0.03)
  }

  @Test func theSameSeedGivesTheSameDays() throws {
    #expect(try run(.rQ(5, 8), mean: 2, lead: 3, paths: 5) == run(.rQ(5, 8), mean: 2, lead: 3, paths: 5))
  }

  @Test func lostSalesNeverGoBelowZero() throws {
    let found = try run(.rQ(0, 4), mean: 2, lead: 6, unmet: .lost)
    #expect(found.waiting == 0)
    #expect(found.fillRate.mean > 0 && found.fillRate.mean < 1)
  }

  @Test func weeklyBlocksKeepWeekdays() throws {
    // Sales only on the last day of each week.
    let days = 70
    let values = (0..<days).map { ($0 + 1) % 7 == 0 ? 7.0 : 0 }
    let window = DayWindow(last: CivilDate(day: 20000), count: days)
    let history = DailyMatrix(window: window, rows: 1, values: values)
    let plan = PathPlan(.blocks(days: 7), historyDays: days, days: 364, paths: 3, seed: 1)
    let item = SimulatedItem(policy: .rQ(0, 7), leads: [1], start: 7)
    let found = try StockSimulation.run([item], history: history, plan: plan, warmUp: 0, unmet: .backordered)
    #expect(found[0].demandPerYear == 365)
    #expect(found[0].fillRate.mean == 1)
  }

  @Test func replayIsTheHistory() throws {
    let demand: [Double] = [4, 0, 7, 3, 9, 0, 0, 12, 5, 2, 6, 1]
    let window = DayWindow(last: CivilDate(day: 20000), count: demand.count)
    let history = DailyMatrix(window: window, rows: 1, values: demand)
    let plan = PathPlan(.replay, historyDays: demand.count, days: 0, paths: 100, seed: 1)
    let policy = StockPolicy(reorderPoint: 8, quantity: 15, oneLot: true)
    let item = SimulatedItem(policy: policy, leads: [2], start: 20)
    let found = try StockSimulation.run([item], history: history, plan: plan, warmUp: 0, unmet: .backordered)
    #expect(abs(found[0].fillRate.mean - 0.8367346938775511) < 1e-12)
    #expect(found[0].fillRate.halfWidth == 0)
  }

  @Test func oddPoliciesDoNotTrap() throws {
    for policy in [
      StockPolicy.rQ(5, 0), .rQ(.nan, 5), .rQ(.infinity, .infinity), .sS(5, 2), .rS(0, 10), .minMax(-3, -9),
      StockPolicy(reorderPoint: 5, orderUpTo: 20, minimumOrder: 1e9, multiple: 1e9),
    ] { _ = try run(policy, mean: 2, lead: 0, days: 50, paths: 2) }
    _ = try run(.rQ(5, 5), mean: 2, lead: 100_000, days: 50, paths: 2)
    _ = try run(.rQ(5, 5), mean: 2, lead: 3, days: 0, paths: 0)
  }
}
