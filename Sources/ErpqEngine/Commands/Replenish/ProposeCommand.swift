import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `propose`: what to order now as purchase orders, a supplier after the other; `propose orderpoints`:
/// reordering rules as the policy would set them. Files are written by `export`; nothing is written into the
/// ERP.
enum ProposeCommand {
  static let fields = [
    Field("supplier", .text, "whom to order from; null where no one is known"),
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("qty", .quantity(nil), "units, as the supplier accepts them"),
    Field("price", .money(nil), "price of a unit at this quantity, else its standard cost"),
    Field("amount", .money(nil), "qty × price"), Field("order_date", .date, "today"),
    Field("planned_date", .date, "when it should arrive"),
    Field("supplier_lines", .int, "lines of this supplier's order"),
    Field("supplier_amount", .money(nil), "total of this supplier's order"),
    Field("urgency", .text, "how pressing it is"),
    Field("reason", .text, "why the line is there"), Field("flags", .text, "what to know before sending it"),
  ]

  static let odooFields = [
    Field("partner_id", .text, "supplier, in the first line of each order"),
    Field("date_order", .date, "today, in the first line"),
    Field("order_line/product_id", .text, "the product's code"),
    Field("order_line/name", .text, "description"), Field("order_line/product_qty", .number, "units"),
    Field("order_line/price_unit", .number, "price of a unit"),
    Field("order_line/date_planned", .date, "expected arrival"),
  ]

  static let ruleFields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("min_now", .quantity(nil), "minimum of the ERP's rule; null without one"),
    Field("max_now", .quantity(nil), "its maximum"),
    Field("min_qty", .quantity(nil), "minimum by the policy"),
    Field("max_qty", .quantity(nil), "maximum by the policy"),
    Field("multiple", .quantity(nil), "order in multiples of"),
    Field("drift", .percent, "change of the minimum; null without one"),
    Field("implied_csl", .percent, "service of the policy's minimum"),
    Field("csl_now", .percent, "service of the ERP's minimum"),
  ]

  static let odooRuleFields = [
    Field("product_id", .text, "the product's code"), Field("product_min_qty", .number, "minimum"),
    Field("product_max_qty", .number, "maximum"), Field("qty_multiple", .number, "multiple"),
  ]

  private static let shape = ParameterSpec(
    "shape", .word(["erpq", "odoo"]), default: .text("erpq"), "columns for people, or as Odoo imports them")

  static let spec = CommandSpec(
    "propose", group: "Inventory",
    "Purchase orders from what `replenish` says: a line a product, grouped by supplier, with totals and dates.",
    help: """
      Lines are the products to order now; quantities follow minimum, multiple and price breaks. `supplier_minimum` \
      tops an order that is too small up with what the supplier's products will need next. `shape odoo` gives the \
      columns that Odoo's import of purchase orders expects; `| export csv "po.csv"` or `"po.xlsx"` writes them.
      """,
    searchWords: ["purchase order", "po", "buy", "order list", "odoo import"],
    parameters: [
      shape,
      ParameterSpec(
        "supplier_minimum", .value(.money(nil)),
        "the least amount of an order, a supplier: free freight, minimum order"),
    ] + ReplenishCommand.parameters,
    examples: [
      Example(
        "propose policy csl | summarize lines = count(), amount = sum(amount) by supplier | sort amount desc",
        "what this week costs"),
      Example("propose shape odoo | limit 3", "lines for Odoo"),
    ],
    facts: DemandFacts.changeable
  ) { arguments, host throws(Diagnostic) in
    Schema(arguments.constant("shape") == .text("odoo") ? odooFields : fields, currency: host.currency)
  }

  static let orderpointsSpec = CommandSpec(
    "propose orderpoints", group: "Inventory",
    "Reordering rules as the policy would set them, beside the ERP's own and how far these have drifted.",
    searchWords: ["orderpoint", "reordering rule", "min max", "drift", "odoo import"],
    parameters: [shape] + ReplenishCommand.parameters,
    examples: [
      Example(
        "propose orderpoints policy csl where min_now is not null | top 5 by abs(drift)", "the stalest rules")
    ],
    facts: DemandFacts.changeable
  ) { arguments, _ throws(Diagnostic) in
    Schema(arguments.constant("shape") == .text("odoo") ? odooRuleFields : ruleFields)
  }

  private struct Line {
    var i: Int
    var supplier: String
    var units: Double
    var price: Double?
    var reason: String
    var amount: Double { (price ?? 0) * units }
  }

  static let command = Command(spec, plan: plan) { a, context in
    let rows = try rows(a, context)
    var lines: [Line] = []
    for i in rows.order where rows.plans[i].orderQuantity > 0 {
      let p = rows.plans[i]
      lines.append(
        line(
          rows, i, units: p.orderQuantity,
          reason: "position \(text(rows.items[i].position)), reorder point \(text(p.reorderPoint))"))
    }
    if let least = try PolicyArguments.amount(a, "supplier_minimum", context) { topUp(&lines, rows, least) }
    // A supplier after the other by name, those without one last; in the order of urgency within.
    let ranks = Dictionary(uniqueKeysWithValues: rows.order.enumerated().map { ($0.element, $0.offset) })
    lines.sort { x, y in
      if x.supplier != y.supplier {
        return y.supplier.isEmpty || (!x.supplier.isEmpty && x.supplier < y.supplier)
      }
      return (ranks[x.i] ?? 0) < (ranks[y.i] ?? 0)
    }
    let isOdoo = a.text("shape") == "odoo"
    return ResultTable(isOdoo ? odoo(lines, rows, context) : table(lines, rows, context))
  }

  private static func text(_ value: Double) -> String { formatNumber((value * 100).rounded() / 100) }

  private static func rows(_ a: Arguments, _ context: RunContext, byLot: Bool = false) throws -> ReplenishRows
  {
    var arguments = try PolicyArguments(a, context)
    // A rule whose maximum is its minimum would order every day.
    if byLot { arguments.settings.fillsUpByLot = true }
    let facts = try ReplenishFacts.of(a, context, window: try ReplenishCommand.window(a, context))
    return try ReplenishRows(
      facts, arguments, try SegmentPolicies.read(a, facts, context), context)
  }

  private static func line(_ rows: ReplenishRows, _ i: Int, units: Double, reason: String) -> Line {
    var supplier = ""
    if case .text(let name)? = rows.facts.demand.products["supplier"]?[i] { supplier = name }
    let price = rows.facts.breaks[i].last { $0.from <= units * (1 + 1e-9) }?.price ?? rows.facts.costs[i]
    return Line(i: i, supplier: supplier, units: units, price: price, reason: reason)
  }

  /// Adds a supplier's other products, the soonest needed first, until its order reaches the least amount.
  private static func topUp(_ lines: inout [Line], _ rows: ReplenishRows, _ least: Double) {
    var totals: [String: Double] = [:]
    for line in lines { totals[line.supplier, default: 0] += line.amount }
    let ordered = Set(lines.map(\.i))
    let next = rows.plans.indices.filter { !ordered.contains($0) && rows.items[$0].rate > 0 }
      .map { i in (i, (rows.items[i].position - rows.plans[i].reorderPoint) / rows.items[i].rate) }
      .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    for (i, days) in next {
      let units = Replenishment.rounded(
        rows.plans[i].lot, minimum: rows.items[i].minimumOrder, multiple: rows.items[i].multiple)
      let added = line(
        rows, i, units: units,
        reason: "tops the order up: needed \(days < 1 ? "today" : "in \(text(days.rounded(.down))) days")")
      guard let total = totals[added.supplier], !added.supplier.isEmpty, total < least else { continue }
      lines.append(added)
      totals[added.supplier] = total + added.amount
    }
  }

  private static func arrival(_ rows: ReplenishRows, _ i: Int, _ context: RunContext) -> Int32 {
    context.today.adding(days: Int(rows.items[i].lead.rounded(.up))).day
  }

  private static func table(_ lines: [Line], _ rows: ReplenishRows, _ context: RunContext) -> Table {
    var totals: [String: (lines: Int64, amount: Double)] = [:]
    for line in lines {
      let t = totals[line.supplier] ?? (0, 0)
      totals[line.supplier] = (t.lines + 1, t.amount + line.amount)
    }
    let picked = rows.facts.demand.products.taking(lines.map { Int32($0.i) })
    let schema = Schema(fields, currency: context.company.info?.currency)
    let money = schema["amount"]?.type ?? .money(nil)
    func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: lines.count) }
    return Table(
      schema,
      [
        column("supplier"), column("product"), column("sku"), column("name"),
        Column.doubles(.quantity(nil), lines.map(\.units)), Column.doubles(money, lines.map(\.price)),
        Column.doubles(money, lines.map { $0.price == nil ? nil : $0.amount }),
        Column(.date, .days(lines.map { _ in context.today.day })),
        Column(.date, .days(lines.map { arrival(rows, $0.i, context) })),
        Column(.int, .ints(lines.map { totals[$0.supplier]?.lines ?? 0 })),
        Column.doubles(money, lines.map { totals[$0.supplier]?.amount }),
        Column.texts(lines.map { rows.plans[$0.i].advice.urgency.rawValue }),
        Column.texts(lines.map(\.reason)),
        Column.texts(lines.map { rows.plans[$0.i].flags.words }),
      ], rowCount: lines.count)
  }

  private static func odoo(_ lines: [Line], _ rows: ReplenishRows, _ context: RunContext) -> Table {
    let picked = rows.facts.demand.products.taking(lines.map { Int32($0.i) })
    // An order's own fields stand in its first line only.
    let first = lines.indices.map { $0 == 0 || lines[$0].supplier != lines[$0 - 1].supplier }
    func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: lines.count) }
    return Table(
      Schema(odooFields),
      [
        Column(.text, values: lines.indices.map { first[$0] ? .text(lines[$0].supplier) : .null }),
        Column(.date, values: first.map { $0 ? .date(context.today) : .null }), column("sku"), column("name"),
        Column.doubles(.number, lines.map(\.units)), Column.doubles(.number, lines.map(\.price)),
        Column(.date, .days(lines.map { arrival(rows, $0.i, context) })),
      ], rowCount: lines.count)
  }

  // MARK: Reordering rules

  static let orderpoints = Command(orderpointsSpec, plan: plan) { a, context in
    let rows = try rows(a, context, byLot: true)
    let count = rows.plans.count
    let products = rows.facts.demand.products
    func column(_ name: String) -> Column { products[name] ?? .nulls(.unknown, count: count) }
    func up(_ value: Double, _ i: Int) -> Double {
      rows.items[i].isWhole ? (value - 1e-9 * Swift.max(1, value)).rounded(.up) : value
    }
    let low = rows.plans.indices.map { up(rows.plans[$0].reorderPoint, $0) }
    let high = rows.plans.indices.map {
      up(Swift.max(rows.plans[$0].orderUpTo, rows.plans[$0].reorderPoint), $0)
    }
    let multiple = rows.items.map { $0.multiple > 0 ? $0.multiple : $0.isWhole ? 1 : 0 }
    if a.text("shape") == "odoo" {
      return ResultTable(
        Table(
          Schema(odooRuleFields),
          [
            column("sku"), Column.doubles(.number, low), Column.doubles(.number, high),
            Column.doubles(.number, multiple),
          ], rowCount: count))
    }
    let now = rows.facts.orderpoints
    return ResultTable(
      Table(
        Schema(ruleFields),
        [
          column("product"), column("sku"), column("name"),
          Column.doubles(.quantity(nil), now.map { $0?.low }),
          Column.doubles(.quantity(nil), now.map { $0?.high }), Column.doubles(.quantity(nil), low),
          Column.doubles(.quantity(nil), high), Column.doubles(.quantity(nil), multiple),
          Column.doubles(
            .percent,
            (0..<count).map { i in now[i].flatMap { $0.low > 0 ? low[i] / $0.low - 1 : nil } }),
          Column.doubles(.percent, rows.plans.indices.map { rows.service($0).cycleServiceLevel }),
          Column.doubles(
            .percent,
            (0..<count).map { i in
              rows.items[i].rate > 0 ? now[i].map { rows.plans[i].distribution.cumulative($0.low) } : nil
            }),
        ], rowCount: count))
  }

  private static let plan: @Sendable (Arguments, RunContext) throws -> [String] = { a, context in
    try DemandFacts.plan(a, context, window: ReplenishCommand.window(a, context))
      + ["scan purchases, supplier_prices, orderpoints", "group by supplier"]
  }
}
