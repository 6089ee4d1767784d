import Dispatch
import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// The plans of all products as rows, the most pressing first.
struct ReplenishRows {
  private(set) var facts: ReplenishFacts
  let settings: [PolicySettings]
  let items: [PolicyItem]
  let plans: [PolicyPlan]
  /// What is forecast of each, where that is asked for.
  let forecasts: [ForecastedDemand.Day]?
  let leadSources: [String]
  let late: [Double]
  let order: [Int]
  private(set) var context: RunContext

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
    let made = try ReplenishRows.each(count) { [items, settings] in PolicyPlan(items[$0], settings[$0]) }
    self.items = items
    self.settings = settings
    plans = made
    leadSources = sources
    self.late = late
    order = ReplenishRows.pressing(made)
  }

  /// The places of the plans, the most pressing first: by action, urgency and days of cover.
  private static func pressing(_ plans: [PolicyPlan]) -> [Int] {
    // Few kinds of advice, many plans: each kind is sorted for itself.
    let urgencies = Urgency.allCases.count
    var kinds = [[(cover: Double, i: Int)]](
      repeating: [], count: ReplenishmentAction.allCases.count * urgencies)
    for i in plans.indices {
      let advice = plans[i].advice
      kinds[advice.action.place * urgencies + advice.urgency.place].append((advice.coverDays ?? .infinity, i))
    }
    return kinds.flatMap { kind in
      kind.sorted { $0.cover == $1.cover ? $0.i < $1.i : $0.cover < $1.cover }.map(\.i)
    }
  }

  /// What the plan of a product serves.
  func service(_ i: Int) -> PolicyService { PolicyService(plans[i], items[i], settings[i]) }

  /// Something of each product, on all cores; each is its own.
  private static func each<T>(_ count: Int, _ make: @Sendable (Int) -> T) throws -> [T] {
    let cancel = Cancellation.current
    let grain = 64
    let made = [T](unsafeUninitializedCapacity: count) { places, filled in
      nonisolated(unsafe) let places = places
      DispatchQueue.concurrentPerform(iterations: (count + grain - 1) / grain) { piece in
        guard !cancel.isCancelled else { return }
        for i in piece * grain..<Swift.min(count, (piece + 1) * grain) {
          places.initializeElement(at: i, to: make(i))
        }
      }
      // Of an interrupted one, some pieces were made and others not; none is used.
      filled = cancel.isCancelled ? 0 : count
    }
    try cancel.check()
    return made
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

  func result() throws -> ResultTable {
    let table = try table()
    var rows = self
    rows.facts = facts.withoutDays()
    rows.context.cache = FactsCache()
    return ResultTable(
      table,
      reasons: Reasons(key: "product", weight: items.count * 120) { [rows] key in
        guard case .int(let id) = key, let i = rows.facts.demand.ids.firstIndex(of: id) else { return nil }
        return rows.reason(i)
      })
  }

  /// The columns that are asked for, the key among them.
  private func table() throws -> Table {
    let all = Schema(ReplenishCommand.fields, currency: context.company.info?.currency)
    let fields = all.fields.filter { context.asked?.contains($0.name) ?? true || $0.name == "product" }
    let own = ["product", "sku", "name", "on_hand", "reserved", "incoming", "supplier"]
    let picked = facts.demand.products.selecting(own.filter { name in fields.contains { $0.name == name } })
      .taking(order.map { Int32($0) })
    let needsServices = fields.contains { ["short", "implied_csl", "implied_fill"].contains($0.name) }
    let services =
      needsServices ? try ReplenishRows.each(order.count) { [self] in service($0) } : []
    let columns = fields.map { field in
      picked[field.name] ?? column(field, services)
    }
    return Table(Schema(fields), columns, rowCount: order.count)
  }

  private func column(_ field: Field, _ services: [PolicyService]) -> Column {
    let day = CalendarDuration.millisecondsPerDay
    func numbers(_ f: (Int) -> Double?) -> Column { Column.doubles(field.type, order.map(f)) }
    func texts(_ f: (Int) -> String) -> Column { Column.texts(order.map(f)) }
    func atCost(_ units: (PolicyPlan) -> Double) -> Column {
      numbers { i in plans[i].unitCost.map { $0 * units(plans[i]) } }
    }
    switch field.name {
    case "action": return texts { plans[$0].advice.action.rawValue }
    case "urgency": return texts { plans[$0].advice.urgency.rawValue }
    case "incoming_late": return numbers { late[$0] }
    case "position": return numbers { items[$0].position }
    case "demand_rate": return numbers { items[$0].rate }
    case "sigma": return numbers { items[$0].deviation }
    case "n_obs": return Column(.int, .ints(order.map { Int64(items[$0].observations) }))
    case "days_cover": return numbers { plans[$0].advice.coverDays.map { $0 * day } }
    case "lead_mean": return numbers { items[$0].lead * day }
    case "lead_sd": return numbers { items[$0].leadDeviation * day }
    case "lead_source": return texts { leadSources[$0] }
    case "mu_ltd": return numbers { plans[$0].mean }
    case "sigma_ltd": return numbers { plans[$0].deviation }
    case "dist": return texts { plans[$0].distribution.name }
    case "policy": return texts { settings[$0].kind.rawValue }
    case "z": return numbers { plans[$0].factor }
    case "lot": return numbers { plans[$0].lot }
    case "order_up_to": return numbers { plans[$0].orderUpTo }
    case "flags":
      // Few combinations, many rows.
      let words = Dictionary(uniqueKeysWithValues: Set(plans.map(\.flags)).map { ($0, $0.words) })
      return texts { words[plans[$0].flags] ?? "" }
    case "stock_value": return atCost(\.meanStock)
    case "cost": return numbers { plans[$0].cost }
    case "unit_cost": return numbers { plans[$0].unitCost }
    case "safety_stock_value": return atCost(\.safetyStock)
    case "short": return numbers { services[$0].shortPerYear }
    case "safety_stock": return numbers { plans[$0].safetyStock }
    case "implied_csl": return numbers { services[$0].cycleServiceLevel }
    case "implied_fill": return numbers { services[$0].fillRate }
    case "rop": return numbers { plans[$0].reorderPoint }
    case "order_qty": return numbers { plans[$0].orderQuantity }
    default: return .nulls(field.type, count: order.count)
    }
  }
}

extension ReplenishmentAction {
  /// Its place among the actions, the most pressing first.
  fileprivate var place: Int {
    switch self {
    case .orderNow: 0
    case .monitor: 1
    case .ok: 2
    }
  }
}

extension Urgency {
  /// Its place among the urgencies, the most pressing first.
  fileprivate var place: Int {
    switch self {
    case .critical: 0
    case .high: 1
    case .medium: 2
    case .low: 3
    case .none: 4
    }
  }
}
