import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `replenish lead_time 7 safety_days 3`: reorder points from days of demand (R040–R043).
enum ReplenishCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("action", .text, "ORDER NOW, MONITOR or OK"), Field("urgency", .text, "how pressing it is"),
    Field("on_hand", .quantity(nil), "in stock"), Field("reserved", .quantity(nil), "promised to deliveries"),
    Field("incoming", .quantity(nil), "ordered and not received"),
    Field("demand_rate", .quantity(nil), "mean demand a day over the window"),
    Field("days_cover", .duration(.time), "how long the position lasts; null without demand"),
    Field("lead_mean", .duration(.time), "days from order to receipt"),
    Field("lead_source", .text, "where the lead time comes from"),
    Field("safety_stock", .quantity(nil), "demand of the safety days"),
    Field("rop", .quantity(nil), "reorder point: demand of lead time and safety days"),
    Field(
      "order_qty", .quantity(nil), "what to order now, in whole units unless the product is sold in fractions"
    ),
  ]

  static let spec = CommandSpec(
    "replenish", group: "Inventory",
    "What to order: reorder point, position, cover, action and urgency a product.",
    help: """
      rop = demand_rate × (lead time + safety days); the position is on hand + incoming − reserved. ORDER NOW when the \
      position is below the reorder point, MONITOR when it would be within a week. The lead time is the product's own \
      where it has one; `lead_time` sets one for all. Demand is the mean of the last `days`. Under `use erpconnect` the \
      position is the stock on hand, one lead time (7 days) holds for all, and MONITOR is a cover of 7 to 14 days.
      """,
    searchWords: ["reorder", "rop", "purchase", "order", "buy", "safety stock", "reorder point"],
    parameters: [
      ParameterSpec("lead_time", .value(.duration(nil)), "days from order to receipt, for all products"),
      ParameterSpec(
        "lead_source", .word(["product", "default"]),
        "whose lead time: the product's own where it has one, or the default for all"),
      ParameterSpec(
        "safety_days", .value(.duration(nil)), default: .duration(.days(3)), "safety stock in days of demand"),
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(60)), in: 1...3660,
        "the window of demand, ending yesterday"),
    ] + FactFilters.records,
    examples: [
      Example("replenish lead_time 7 safety_days 3 | limit 10", "the most pressing orders"),
      Example(
        "replenish where action = \"ORDER NOW\" | summarize n = count(), units = sum(order_qty) by urgency",
        "how much is pressing"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  private static func window(_ a: Arguments, _ context: RunContext) throws -> DayWindow {
    let days = try a.days("days", today: context.today) ?? 60
    return DayWindow(before: context.today, count: days)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      try DemandFacts.plan(a, context, window: window(a, context))
        + [
          "reorder point = demand a day × (lead time + safety days)",
          "sort by urgency, then by days of cover",
        ]
    },
    run: run)

  private static func exactDays(_ a: Arguments, _ name: String, max: Double) throws -> Double? {
    guard case .duration(let d) = a[name] else { return nil }
    guard let days = d.inDays else {
      throw Diagnostic(
        .unitClash, "`\(name)` is a number of days", at: a.span(name), label: "write it in days or weeks")
    }
    guard days >= 0, days <= max else {
      throw Diagnostic(
        .outOfRange, "`\(name)` goes from 0 to \(formatNumber(max)) days", at: a.span(name),
        label: "this is \(d)")
    }
    return days
  }

  private static func run(_ a: Arguments, _ context: RunContext) throws -> ResultTable {
    let lead = try exactDays(a, "lead_time", max: 3660)
    var rule = context.settings.replenishment
    if let safety = try exactDays(a, "safety_days", max: 3660) { rule.safetyDays = safety }
    if let lead { rule.leadTimeDays = lead }
    let facts = try DemandFacts(a, context, window: try window(a, context), population: .stocked)
    let onHand = facts.numbers("on_hand")
    let reserved = facts.numbers("reserved")
    let incoming = facts.numbers("incoming")
    let own = facts.numbers("lead_time").map { $0.map { $0 / CalendarDuration.millisecondsPerDay } }
    if !facts.ids.isEmpty, onHand.allSatisfy({ $0 == nil }) {
      context.warn(
        Diagnostic(
          .dataNote, "this company has no stock figures, so every stock counts as zero",
          notes: ["what to order is then the whole reorder point"]))
    }
    let rates = facts.dailyRates
    let whole = facts.soldWhole
    let usesOwn = lead == nil && (a.text("lead_source").map { $0 == "product" } ?? !context.usesDocuments)
    var rows: [(row: Int, advice: ReplenishmentAdvice, lead: Double, source: String)] = []
    for i in facts.ids.indices {
      let stock = onHand[i] ?? 0
      let position = context.usesDocuments ? stock : stock + (incoming[i] ?? 0) - (reserved[i] ?? 0)
      let ownLead = usesOwn ? own[i] : nil
      var advice = Replenishment.advise(
        position: position, onHand: stock, dailyDemand: rates[i], leadTimeDays: ownLead, rule: rule)
      // Half a desk cannot be ordered; what is sold in fractions can.
      if !context.usesDocuments, whole[i] {
        advice.orderQuantity = Replenishment.rounded(advice.orderQuantity, multiple: 1)
      }
      rows.append(
        (
          i, advice, ownLead ?? rule.leadTimeDays,
          lead != nil ? "parameter" : (ownLead != nil ? "product" : "default")
        ))
    }
    let rank: [Urgency: Int] = [.critical: 0, .high: 1, .medium: 2, .low: 3, .none: 4]
    let actions: [ReplenishmentAction: Int] = [.orderNow: 0, .monitor: 1, .ok: 2]
    rows.sort { x, y in
      let kx = (actions[x.advice.action] ?? 9, rank[x.advice.urgency] ?? 9, x.advice.coverDays ?? .infinity)
      let ky = (actions[y.advice.action] ?? 9, rank[y.advice.urgency] ?? 9, y.advice.coverDays ?? .infinity)
      return kx == ky ? x.row < y.row : kx < ky
    }
    let order = rows.map { Int32($0.row) }
    let days = CalendarDuration.millisecondsPerDay
    let picked = facts.products.taking(order)
    func quantity(_ f: (Int) -> Double) -> Column {
      Column.doubles(.quantity(nil), rows.indices.map { f($0) })
    }
    func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: rows.count) }
    return ResultTable(
      Table(
        Schema(fields),
        [
          column("product"), column("sku"), column("name"),
          Column.texts(rows.map { $0.advice.action.rawValue }),
          Column.texts(rows.map { $0.advice.urgency.rawValue }), column("on_hand"), column("reserved"),
          column("incoming"),
          quantity { rates[rows[$0].row] },
          Column.doubles(.duration(.time), rows.map { $0.advice.coverDays.map { $0 * days } }),
          Column.doubles(.duration(.time), rows.map { $0.lead * days }), Column.texts(rows.map(\.source)),
          quantity { Swift.max(0, rates[rows[$0].row]) * rule.safetyDays }, quantity { rows[$0].advice.rop },
          quantity { rows[$0].advice.orderQuantity },
        ]))
  }
}
