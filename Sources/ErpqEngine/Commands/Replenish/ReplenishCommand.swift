import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `replenish policy csl service_level 97%`: reorder points, what to order, what it serves and costs (R040–R045).
enum ReplenishCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("action", .text, "ORDER NOW, MONITOR or OK"), Field("urgency", .text, "how pressing it is"),
    Field("on_hand", .quantity(nil), "in stock"), Field("reserved", .quantity(nil), "promised to deliveries"),
    Field("incoming", .quantity(nil), "ordered and not received"),
    Field("incoming_late", .quantity(nil), "of it due after the lead time, so left out of the position"),
    Field(
      "position", .quantity(nil),
      "on hand + incoming in time − reserved: what the reorder point is held against"),
    Field("demand_rate", .quantity(nil), "mean demand a day over the window"),
    Field("sigma", .quantity(nil), "standard deviation of a day's demand"),
    Field("n_obs", .int, "days of the window from the first sale on"),
    Field("days_cover", .duration(.time), "how long the position lasts; null without demand"),
    Field("lead_mean", .duration(.time), "days from order to receipt"),
    Field("lead_sd", .duration(.time), "standard deviation of those days"),
    Field(
      "lead_source", .text, "parameter, receipts, supplier (its receipts), product (contract) or default"),
    Field("mu_ltd", .quantity(nil), "expected demand of lead time and review"),
    Field("sigma_ltd", .quantity(nil), "its standard deviation"),
    Field("dist", .text, "the distribution assumed"),
    Field("policy", .text, "how the reorder point was set"),
    Field("z", .number, "(rop − mu_ltd) / sigma_ltd"),
    Field(
      "lot", .quantity(nil), "units an order on average: the economic quantity unless `lot` says otherwise"),
    Field("order_up_to", .quantity(nil), "what an order fills up to"),
    Field("supplier", .text, "main supplier"),
    Field("flags", .text, "what to know before believing the line; empty if nothing"),
    Field(
      "stock_value", .money(nil), "mean stock that the policy keeps, at cost: safety stock and half a lot"),
    Field("cost", .money(nil), "of a year: holding_rate × stock_value + order_cost × orders"),
    Field("unit_cost", .money(nil), "cost of a unit at this lot, price breaks included"),
    Field("safety_stock_value", .money(nil), "safety stock at cost"),
    Field("short", .quantity(nil), "units a year that will find no stock"),
    Field(
      "safety_stock", .quantity(nil),
      "what the reorder point holds beyond the expected demand; for days, demand of the safety days"),
    Field("implied_csl", .percent, "probability that a cycle sees no stock-out"),
    Field("implied_fill", .percent, "share of demand met from stock"),
    Field("rop", .quantity(nil), "reorder point"),
    Field(
      "order_qty", .quantity(nil),
      "what to order now, in whole units unless the product is sold in fractions, as the supplier accepts it"),
  ]

  static let parameters =
    [
      ParameterSpec("lead_time", .value(.duration(nil)), "days from order to receipt, for all products"),
      ParameterSpec(
        "lead_source", .word(["receipts", "product", "default"]),
        "whose lead time: receipts (five or more, drawn towards the supplier's), the product's contract, or the default for all"
      ),
      ParameterSpec(
        "demand_source", .word(["history", "forecast"]), default: .text("history"),
        "what demand to expect: that of the window of `days`, or the automatic forecast of the time that stock has to last"
      ),
      ParameterSpec(
        "safety_days", .value(.duration(nil)), default: .duration(.days(3)), "safety stock in days of demand"),
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(60)), in: 1...3660,
        "the window of demand, ending yesterday"),
      ParameterSpec(
        "policy", .word(PolicyKind.allCases.map(\.rawValue)), default: .text("days"),
        "how reorder points are set"),
      ParameterSpec(
        "service_level", .value(.percent), "cycle service level aimed at; 95% if nothing is said"),
      ParameterSpec("fill_rate", .value(.percent), "fill rate aimed at; 98% if nothing is said"),
      ParameterSpec("review", .value(.duration(nil)), "days between two looks at the stock; R_S takes 7d"),
      ParameterSpec(
        "holding_rate", .value(.percent), default: .percent(0.2),
        "cost of holding for a year, as a share of cost"),
      ParameterSpec("order_cost", .value(.money(nil)), default: .money(20, ""), "cost of an order"),
      ParameterSpec(
        "shortage_cost", .value(.money(nil)),
        "cost of a unit short, for `policy cost`; its margin if not said"),
      ParameterSpec("lot", .value(.quantity(nil)), "units an order; the economic quantity if not said"),
      ParameterSpec(
        "dist", .word(DistributionChoice.allCases.map(\.rawValue)), default: .text("auto"),
        "the distribution of lead-time demand"),
      ParameterSpec(
        "target", .word(["rop", "order_up_to"]), "what `policy days` fills up to: rop if nothing is said"),
      ParameterSpec(
        "policies", .value(.text), isFile: true,
        "a file of policies by segment, category, supplier or product"),
    ] + FactFilters.records

  static let spec = CommandSpec(
    "replenish", group: "Inventory",
    "What to order: reorder point, position, urgency, service and cost a product.",
    help: """
      The position is on hand + incoming in time − reserved. `policy days` (the default) sets rop = demand_rate × \
      (lead time + safety days) and orders below it; `csl` and `fill` aim at a service level or fill rate, `cost` at \
      least cost, `s_S`, `R_S`, `r_Q` are their forms, `min_max` takes the ERP's own rules. Whatever sets it, \
      implied_csl and implied_fill say what it serves, cost what it costs a year. The lead time is that of receipts, \
      else the product's own, else 7 days; `lead_time` sets one for all. Under `use erpconnect` the position is the \
      stock on hand, one lead time (7 days) holds for all, and MONITOR is a cover of 7 to 14 days.
      """,
    searchWords: [
      "reorder", "rop", "purchase", "order", "buy", "safety stock", "reorder point", "service level",
    ],
    parameters: parameters,
    examples: [
      Example("replenish lead_time 7 safety_days 3 | limit 10", "the most pressing orders"),
      Example(
        "replenish where action = \"ORDER NOW\" | summarize n = count(), units = sum(order_qty) by urgency",
        "how much is pressing"),
      Example(
        "replenish policy csl service_level 97% | summarize cost = sum(cost), stock = sum(stock_value)",
        "what a promise costs"),
      Example(
        "replenish product [101, 285] | whatif demand_source in [history, forecast] | select product, demand_source, demand_rate, sigma, rop",
        "what the forecast changes"),
      Example("replenish product 101 | why", "the formula with a product's numbers"),
    ],
    facts: DemandFacts.changeable, tellsWhy: true
  ) { _, host throws(Diagnostic) in Schema(fields, currency: host.currency) }

  static func window(_ a: Arguments, _ context: RunContext) throws -> DayWindow {
    let days = try a.days("days", today: context.today) ?? 60
    return DayWindow(before: context.today, count: days)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      let settings = try PolicyArguments(a, context)
      return try DemandFacts.plan(a, context, window: window(a, context))
        + (context.usesDocuments
          ? []
          : ["scan purchases: lead times of two years, open lines", "scan supplier_prices, orderpoints"])
        + [settings.settings.kind.formula, "sort by urgency, then by days of cover"]
    }, makesWhatIsAsked: true,
    run: { a, context in
      let arguments = try PolicyArguments(a, context)
      let facts = try ReplenishFacts.of(a, context, window: try window(a, context))
      if !facts.hasStock {
        context.warn(
          Diagnostic(
            .dataNote, "this company has no stock figures, so every stock counts as zero",
            notes: ["what to order is then the whole reorder point"]))
      }
      let segments = try SegmentPolicies.read(a, facts, context)
      return try ReplenishRows(facts, arguments, segments, context).result()
    })
}

extension PolicyKind {
  /// The rule in words, for `explain`.
  var formula: String {
    switch self {
    case .days: "reorder point = demand a day × (lead time + safety days)"
    case .csl: "reorder point = quantile of lead-time demand at the service level"
    case .fill: "reorder point = least r with n(r) − n(r + lot) ≤ lot × (1 − fill rate)"
    case .cost: "reorder point = quantile of lead-time demand at 1 − lot × holding / (shortage cost × demand)"
    case .reorderUpTo: "s = quantile at the aim + half a day's overshoot; order up to s + lot"
    case .periodic: "S = quantile of the demand of lead time and review; order up to S at every review"
    case .lots: "reorder point = quantile at the aim; order whole lots"
    case .minMax: "reorder point and order-up-to level = the ERP's reordering rules"
    }
  }
}
