import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// The relations of the company file as sources: `products`, `sales`, `stock` …
enum RelationCommands {
  static let all: [Command] = Warehouse.relations.map(command)

  /// The column that periods speak of.
  static func dayColumn(_ relation: RelationSpec) -> String? {
    relation.fields.first { $0.type == .date && ["date", "order_date", "created"].contains($0.name) }?.name
  }

  private static let examples: [String: [Example]] = [
    "sales": [
      Example(
        "sales days 7 | summarize revenue = sum(amount) by category | sort revenue desc",
        "last week's revenue by category"),
      Example("sales in 2026-03 where qty < 0 | limit 5", "returns of a month"),
    ],
    "products": [
      Example(
        "products where price > 500 | select product, name, price, cost | top 5 by price",
        "the dearest products")
    ],
    "stock": [Example("stock where on_hand <= 0 | limit 5", "what has run out")],
    "purchases": [
      Example("purchases where received_date is null and planned_date < today | limit 5", "what is late"),
      Example(
        "purchases days 365 where received_date is not null | extend late = received_date - planned_date | summarize mean = avg(late), worst = max(late) by supplier | sort mean desc",
        "how late suppliers are"),
    ],
    "orders": [
      Example(
        "orders days 90 where delivered_date > promised_date | summarize late = count() by warehouse",
        "deliveries after the promised day")
    ],
    "quotations": [
      Example(
        "quotations days 90 | summarize lines = count(), amount = sum(amount) by state", "offers by state")
    ],
    "customers": [
      Example(
        "customers | top 5 by amount | select name, country, last_sale, orders, amount", "who buys most")
    ],
    "suppliers": [Example("suppliers | sort lead_time desc | limit 5", "who takes longest")],
    "supplier_prices": [
      Example("supplier_prices product 101 | sort price", "what suppliers ask for a product")
    ],
    "moves": [
      Example(
        "moves product 101 days 30 | summarize n = count(), qty = sum(qty) by kind",
        "what moved a product's stock")
    ],
    "categories": [
      Example(
        "categories | join (products | summarize n = count() by category) on category", "products a category")
    ],
    "orderpoints": [
      Example(
        "orderpoints | join (stock status) on product | where on_hand < min_qty | select name, on_hand, min_qty, max_qty",
        "rules that ask for an order now")
    ],
    "invoices": [
      Example(
        "invoices where residual > 0EUR and due_date < today | summarize n = count(), open = sum(residual) by kind",
        "what is overdue")
    ],
    "payments": [
      Example("payments days 90 | summarize n = count(), amount = sum(amount) by kind", "money in and out")
    ],
    "leads": [
      Example(
        "leads where state = \"open\" | summarize n = count(), expected = sum(expected * probability) by stage",
        "what the pipeline may bring")
    ],
  ]

  private static func command(_ relation: RelationSpec) -> Command {
    let names = Set(relation.fields.map(\.name))
    let day = dayColumn(relation)
    var parameters = FactFilters.records.filter {
      names.contains($0.name) && relation.keys.first != $0.name || $0.name == relation.keys.first
    }
    parameters = parameters.filter { names.contains($0.name) }
    if day != nil { parameters += FactFilters.period }
    var spec = CommandSpec(
      relation.name, group: "Relations", relation.summary,
      help: relation.keys.isEmpty
        ? "" : "One row is named by " + listed(relation.keys, "and", quoting: "`") + ".",
      searchWords: ["table", "relation", "rows"], parameters: parameters,
      examples: examples[relation.name] ?? [Example("\(relation.name) | limit 5", "the first rows")]
    ) { _, host throws(Diagnostic) in
      host.currency.map { relation.schema(currency: $0) } ?? Schema(relation.fields)
    }
    spec.namesThings = day == nil || day == "created"
    return Command(
      spec, relation: relation,
      plan: { a, context in try plan(scan(relation, a, context, columns: nil, filters: []), context) },
      run: { a, context in
        ResultTable(try FactFilters.scan(scan(relation, a, context, columns: nil, filters: []), context))
      })
  }

  /// What to read: the arguments' conditions and those that came down from the stages.
  static func scan(
    _ relation: RelationSpec, _ a: Arguments, _ context: RunContext, columns: [String]?, filters: [ScanFilter]
  ) throws -> Scan {
    var all = try FactFilters.conditions(a, context, relation: relation)
    if let day = dayColumn(relation) {
      let range = try FactFilters.range(a, context)
      if context.usesDocuments, relation.fields.contains(where: { $0.name == "date_utc" }) {
        all += FactFilters.saleDays(range, byUTC: true)
      } else {
        all += [FactFilters.dayCondition(day, range)].compactMap { $0 }
      }
    }
    return Scan(relation.name, columns: columns, filters: all + filters)
  }

  static func plan(_ scan: Scan, _ context: RunContext) throws -> [String] {
    ["scan " + (try context.company.warehouse().description(of: scan))]
  }
}
