import Dispatch
import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// The plans of all products as rows, the most pressing first.
struct ReplenishRows {
  let facts: ReplenishFacts
  let settings: [PolicySettings]
  let items: [PolicyItem]
  let plans: [PolicyPlan]
  /// What is forecast of each, where that is asked for.
  let forecasts: [ForecastedDemand.Day]?
  let leadSources: [String]
  let late: [Double]
  let order: [Int]
  let context: RunContext

  init(
    _ facts: ReplenishFacts, _ arguments: PolicyArguments, _ segments: SegmentPolicies?, _ context: RunContext
  ) throws {
    self.facts = facts
    self.context = context
    let count = facts.demand.ids.count
    var times: [(mean: Double, deviation: Double, source: String)] = []
    var items: [PolicyItem] = []
    items.reserveCapacity(count)
    var settings: [PolicySettings] = []
    var sources: [String] = []
    var late: [Double] = []
    for i in 0..<count {
      var s = arguments.settings
      var lead = arguments.lead
      if let line = segments?.lines[i] { line.apply(to: &s, lead: &lead) }
      settings.append(s)
      times.append(ReplenishRows.lead(facts, i, lead, arguments.leadSource, s))
    }
    forecasts = try facts.forecasts?.days(
      facts.demand.ids, lasting: zip(times, settings).map { $0.mean + $1.reviewTime })
    for (i, time) in times.enumerated() {
      let s = settings[i]
      var item = PolicyItem(
        rate: forecasts?[i].rate ?? facts.rates[i], deviation: forecasts?[i].deviation ?? facts.deviations[i],
        lead: time.mean, leadDeviation: time.deviation, position: 0)
      let inTime =
        facts.isCutOff[i] ? 0 : facts.incomingInTime(i, today: context.today, days: Swift.max(1, time.mean))
      late.append(Swift.max(0, facts.incoming[i] - inTime))
      item.onHand = facts.onHand[i]
      item.position =
        context.usesDocuments ? facts.onHand[i] : facts.onHand[i] + inTime - facts.reserved[i]
      item.observations = facts.observations[i]
      // Half a desk cannot be ordered; what is sold in fractions can. The documents order fractions.
      item.isWhole = facts.whole[i] && !context.usesDocuments
      item.unitCost = facts.costs[i]
      item.price = facts.prices[i]
      item.minimumOrder = facts.minimum[i]
      item.multiple = facts.multiple[i]
      item.breaks = facts.breaks[i]
      item.orderpoint = facts.orderpoints[i]
      item.hasSupply = !facts.isCutOff[i]
      item.hasSupplier = facts.hasSupplier[i]
      if s.distribution == .empirical { item.daily = facts.demand.quantity.row(i) }
      items.append(item)
      sources.append(time.source)
    }
    let made = try ReplenishRows.planned(items, settings)
    self.items = items
    self.settings = settings
    plans = made
    leadSources = sources
    self.late = late
    let rank: [Urgency: Int] = [.critical: 0, .high: 1, .medium: 2, .low: 3, .none: 4]
    let actions: [ReplenishmentAction: Int] = [.orderNow: 0, .monitor: 1, .ok: 2]
    let keys = made.map { plan in
      (
        (actions[plan.advice.action] ?? 9) * 10 + (rank[plan.advice.urgency] ?? 9),
        plan.advice.coverDays ?? .infinity
      )
    }
    order = (0..<count).sorted { x, y in keys[x] == keys[y] ? x < y : keys[x] < keys[y] }
  }

  /// Plans on all cores; each item is its own.
  private static func planned(_ items: [PolicyItem], _ settings: [PolicySettings]) throws -> [PolicyPlan] {
    let cancel = Cancellation.current
    let grain = 64
    let pieces = (items.count + grain - 1) / grain
    let parts = Parts(count: pieces)
    DispatchQueue.concurrentPerform(iterations: pieces) { piece in
      guard !cancel.isCancelled else { return }
      let range = piece * grain..<Swift.min(items.count, (piece + 1) * grain)
      parts.values[piece] = range.map { PolicyPlan(items[$0], settings[$0]) }
    }
    try cancel.check()
    return parts.values.flatMap { $0 }
  }

  private static func lead(
    _ facts: ReplenishFacts, _ i: Int, _ given: Double?, _ from: String, _ s: PolicySettings
  ) -> (mean: Double, deviation: Double, source: String) {
    if let given { return (given, 0, "parameter") }
    if from == "receipts", let seen = facts.observed[i] {
      return (seen.mean, seen.deviation, facts.receipts[i] >= 5 ? "receipts" : "supplier")
    }
    if from != "default", let days = facts.contract[i] { return (days, 0, "product") }
    return (s.rule.leadTimeDays, 0, "default")
  }

  // MARK: Rows

  func result() -> ResultTable {
    let rows = self
    return ResultTable(
      table(),
      reasons: Reasons(key: "product", weight: items.count * (facts.demand.window.count + 120)) { key in
        guard case .int(let id) = key, let i = rows.facts.demand.ids.firstIndex(of: id) else { return nil }
        return rows.reason(i)
      })
  }

  private func table() -> Table {
    let picked = facts.demand.products.taking(order.map { Int32($0) })
    let currency = Schema(ReplenishCommand.fields, currency: context.company.info?.currency)
    let money = currency["cost"]?.type ?? .money(nil)
    let day = CalendarDuration.millisecondsPerDay
    let n = order.count
    func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: n) }
    func units(_ f: (Int) -> Double?) -> Column { Column.doubles(.quantity(nil), order.map(f)) }
    func amounts(_ f: (Int) -> Double?) -> Column { Column.doubles(money, order.map(f)) }
    func days(_ f: (Int) -> Double?) -> Column {
      Column.doubles(.duration(.time), order.map { f($0).map { $0 * day } })
    }
    func texts(_ f: (Int) -> String) -> Column { Column.texts(order.map(f)) }
    return Table(
      currency,
      [
        column("product"), column("sku"), column("name"), texts { plans[$0].advice.action.rawValue },
        texts { plans[$0].advice.urgency.rawValue }, column("on_hand"), column("reserved"),
        column("incoming"),
        units { late[$0] }, units { items[$0].position }, units { items[$0].rate },
        units { items[$0].deviation },
        Column(.int, .ints(order.map { Int64(items[$0].observations) })),
        days { plans[$0].advice.coverDays }, days { items[$0].lead }, days { items[$0].leadDeviation },
        texts { leadSources[$0] }, units { plans[$0].mean }, units { plans[$0].deviation },
        texts { plans[$0].distribution.name }, texts { settings[$0].kind.rawValue },
        Column.doubles(.number, order.map { plans[$0].factor }), units { plans[$0].lot },
        units { plans[$0].orderUpTo }, column("supplier"),
        texts { plans[$0].flags.map(\.rawValue).joined(separator: " ") },
        amounts { i in plans[i].unitCost.map { $0 * plans[i].meanStock } }, amounts { plans[$0].cost },
        amounts { plans[$0].unitCost }, amounts { i in plans[i].unitCost.map { $0 * plans[i].safetyStock } },
        units { plans[$0].shortPerYear }, units { plans[$0].safetyStock },
        Column.doubles(.percent, order.map { plans[$0].cycleServiceLevel }),
        Column.doubles(.percent, order.map { plans[$0].fillRate }), units { plans[$0].reorderPoint },
        units { plans[$0].orderQuantity },
      ], rowCount: n)
  }
}

/// Parts that several threads write, each its own.
private final class Parts: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<[PolicyPlan]>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: [])
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }
}
