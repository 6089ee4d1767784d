import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `simulate policy csl`: the policies that `replenish` sets, along days of demand.
enum SimulateCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("policy", .text, "how the reorder point was set"), Field("rop", .quantity(nil), "reorder point"),
    Field("order_up_to", .quantity(nil), "what an order fills up to"),
    Field("lot", .quantity(nil), "units an order, where it does not fill up"),
    Field("demand", .quantity(nil), "units a year"),
    Field("implied_fill", .percent, "the fill rate that the formula gives"),
    Field("fill_rate", .percent, "share of demand met from stock on its day"),
    Field("fill_lo", .percent, "lower end of its 95 % confidence interval"),
    Field("fill_hi", .percent, "upper end"),
    Field("csl", .percent, "deliveries that came before anything was short"),
    Field("stockout_days", .percent, "days on which something was short"),
    Field("short", .quantity(nil), "units a year that find no stock on their day"),
    Field("orders", .number, "orders a year"), Field("mean_stock", .quantity(nil), "mean stock on hand"),
    Field("stock_lo", .quantity(nil), "lower end of its 95 % confidence interval"),
    Field("stock_hi", .quantity(nil), "upper end"),
    Field("stock_value", .money(nil), "mean stock at cost"),
    Field("cost", .money(nil), "of a year: holding_rate × stock_value + order_cost × orders"),
  ]

  static let spec = CommandSpec(
    "simulate", group: "Inventory",
    "The policies of `replenish` along simulated or past days: service, stock and cost a product.",
    help: """
      A day: what is due arrives; demand is served, waiting demand first; at the end of a review day the position is \
      held against the reorder point and an order placed, which arrives at the start of the day its lead time later. \
      `demand bootstrap` draws whole weeks of the last `history` for all products together, `replay` takes them as they \
      were, `distribution` draws days from one fitted to each product. Every policy meets the same days (`--seed`). The \
      first `warm_up` days are not counted. Costs are those of `replenish`.
      """,
    searchWords: ["monte carlo", "bootstrap", "replay", "what if", "service level", "policy"],
    parameters: [
      ParameterSpec(
        "demand", .word(["bootstrap", "replay", "distribution"]), default: .text("bootstrap"),
        "where the days come from"),
      ParameterSpec("paths", .value(.int), default: .int(100), in: 1...10_000, "number of paths"),
      ParameterSpec(
        "horizon", .value(.duration(nil)), default: .duration(.days(365)), in: 1...3660,
        "days of a path that are counted"),
      ParameterSpec(
        "history", .value(.duration(nil)), default: .duration(.days(364)), in: 7...3660,
        "past days that paths are made of"),
      ParameterSpec(
        "warm_up", .value(.duration(nil)), in: 0...3660,
        "days before them; 90 if nothing is said, none for replay"),
      ParameterSpec(
        "unmet", .word(["backorder", "lost"]), default: .text("backorder"),
        "whether demand that finds no stock waits or is lost"),
    ] + ReplenishCommand.parameters.filter { $0.name != "demand" },
    examples: [
      Example(
        "simulate policy csl service_level 95% category \"Desks\" paths 20 | select name, implied_fill, fill_rate, mean_stock, cost | limit 5",
        "what a service level does"),
      Example(
        "simulate product 101 demand replay | select rop, fill_rate, stockout_days", "the last year again"),
    ],
    facts: DemandFacts.changeable
  ) { _, host throws(Diagnostic) in Schema(fields, currency: host.currency) }

  static let command = Command(
    spec,
    plan: { a, context in
      let days = try a.days("history", today: context.today) ?? 364
      return try DemandFacts.plan(a, context, window: DayWindow(before: context.today, count: days))
        + [try PolicyArguments(a, context).settings.kind.formula, "simulate \(a["paths"]) paths"]
    },
    run: run)

  private static func run(_ a: Arguments, _ context: RunContext) throws -> ResultTable {
    let arguments = try PolicyArguments(a, context)
    let paths = a.int("paths") ?? 100
    let past = try a.days("history", today: context.today) ?? 364
    let horizon = try a.days("horizon", today: context.today, forward: true) ?? 365
    let kind: DemandPaths =
      switch a.text("demand") {
      case "replay": .replay
      case "distribution": .distributions
      default: .blocks(days: 7)
      }
    let warmUp = try a.days("warm_up", today: context.today, forward: true)
    let skipped = warmUp ?? (kind == .replay ? 0 : 90)
    let unmet = a.text("unmet").flatMap { UnmetDemand(rawValue: $0) } ?? .backordered

    let facts = try ReplenishFacts.of(a, context, window: try ReplenishCommand.window(a, context))
    let segments = try SegmentPolicies.read(a, facts, context)
    let rows = try ReplenishRows(facts, arguments, segments, context)
    let history = try ReplenishFacts.of(
      a, context, window: DayWindow(before: context.today, count: past)
    ).demand
    let plan = PathPlan(
      kind, historyDays: past, days: horizon + skipped, paths: paths, seed: context.seed)
    let count = facts.demand.ids.count
    var items: [SimulatedItem] = []
    items.reserveCapacity(count)
    for i in 0..<count { items.append(item(rows, i, kind)) }
    let found = try StockSimulation.run(
      items, history: history.quantity, plan: plan, warmUp: Swift.min(skipped, Swift.max(0, plan.days - 1)),
      unmet: unmet)
    return ResultTable(table(rows, found, context))
  }

  private static func item(_ rows: ReplenishRows, _ i: Int, _ kind: DemandPaths) -> SimulatedItem {
    let (p, item, s) = (rows.plans[i], rows.items[i], rows.settings[i])
    var policy: StockPolicy
    switch s.kind {
    case .lots: policy = .rQ(p.reorderPoint, p.lot)
    case .periodic:
      policy = .rS(Int(Swift.max(1, s.reviewTime.rounded())), p.orderUpTo)
    case .days, .minMax:
      policy = .sS(p.reorderPoint, p.orderUpTo)
      policy.isStrict = true
    default: policy = .sS(p.reorderPoint, p.orderUpTo)
    }
    if s.kind != .periodic, s.reviewDays >= 1 { policy.reviewDays = Int(s.reviewDays.rounded()) }
    policy.minimumOrder = item.minimumOrder
    policy.multiple = item.multiple > 0 ? item.multiple : item.isWhole ? 1 : 0
    if !(item.rate > 0), s.kind != .minMax { policy.reorderPoint = -.infinity }
    let start = s.kind == .lots ? p.reorderPoint + p.lot / 2 : Swift.max(p.reorderPoint, p.orderUpTo)
    var table: [Double] = []
    if kind == .distributions {
      let daily = Distribution.fitting(mean: item.rate, deviation: item.deviation, wholeUnits: item.isWhole)
      table = PathPlan.table(daily, cells: 1024)
    }
    return SimulatedItem(policy: policy, leads: leads(item), start: start, table: table)
  }

  /// Lead times in days that orders take in turn: one, or 61 quantiles of a gamma distribution in a fixed
  /// disorder.
  private static func leads(_ item: PolicyItem) -> [Int32] {
    guard item.leadDeviation > 0, item.lead > 0 else { return [Int32(item.lead.rounded())] }
    let d = Distribution.gamma(mean: item.lead, deviation: item.leadDeviation)
    return (0..<61).map { k in
      let days = d.quantile((Double(k * 23 % 61) + 0.5) / 61)
      return Int32(Swift.min(3660, days.rounded()))
    }
  }

  private static func table(_ rows: ReplenishRows, _ found: [SimulatedOutcome], _ context: RunContext)
    -> Table
  {
    let count = Swift.min(found.count, rows.plans.count)
    let picked = rows.facts.demand.products.slice(0..<count)
    let schema = Schema(fields, currency: context.company.info?.currency)
    let money = schema["cost"]?.type ?? .money(nil)
    func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: count) }
    func units(_ f: (Int) -> Double?) -> Column { Column.doubles(.quantity(nil), (0..<count).map(f)) }
    func shares(_ f: (SimulatedOutcome) -> Double?) -> Column {
      Column.doubles(.percent, (0..<count).map { found[$0].demandPerYear > 0 ? f(found[$0]) : nil })
    }
    func value(_ i: Int) -> Double? { rows.plans[i].unitCost.map { $0 * found[i].meanStock.mean } }
    return Table(
      schema,
      [
        column("product"), column("sku"), column("name"),
        Column.texts((0..<count).map { rows.settings[$0].kind.rawValue }),
        units { rows.plans[$0].reorderPoint },
        units { rows.plans[$0].orderUpTo }, units { rows.plans[$0].lot }, units { found[$0].demandPerYear },
        Column.doubles(.percent, (0..<count).map { rows.service($0).fillRate }), shares { $0.fillRate.mean },
        shares { Swift.max(0, $0.fillRate.mean - $0.fillRate.halfWidth) },
        shares { Swift.min(1, $0.fillRate.mean + $0.fillRate.halfWidth) }, shares { $0.cycleServiceLevel },
        shares { $0.stockoutShare }, units { found[$0].shortPerYear },
        Column.doubles(.number, (0..<count).map { found[$0].ordersPerYear }),
        units { found[$0].meanStock.mean },
        units { Swift.max(0, found[$0].meanStock.mean - found[$0].meanStock.halfWidth) },
        units { found[$0].meanStock.mean + found[$0].meanStock.halfWidth },
        Column.doubles(money, (0..<count).map(value)),
        Column.doubles(
          money,
          (0..<count).map { i in
            value(i).map {
              $0 * rows.settings[i].holdingRate + rows.settings[i].orderCost * found[i].ordersPerYear
            }
          }),
      ], rowCount: count)
  }
}
