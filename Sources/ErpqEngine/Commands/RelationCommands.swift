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
      Example("sales days 7 | summarize revenue = sum(amount) by category | sort revenue desc", "last week's revenue by category"),
      Example("sales in 2026-03 where qty < 0 | limit 5", "returns of a month"),
    ],
    "products": [
      Example("products where price > 500 | select product, name, price, cost | top 5 by price", "the dearest products"),
    ],
    "stock": [Example("stock where on_hand <= 0 | limit 5", "what has run out")],
    "purchases": [Example("purchases where state = \"purchase\" | limit 5", "what is on order")],
  ]

  private static func command(_ relation: RelationSpec) -> Command {
    let names = Set(relation.fields.map(\.name))
    let day = dayColumn(relation)
    var parameters = FactFilters.records.filter { names.contains($0.name) && relation.keys.first != $0.name || $0.name == relation.keys.first }
    parameters = parameters.filter { names.contains($0.name) }
    if day != nil { parameters += FactFilters.period }
    let spec = CommandSpec(
      relation.name, group: "Relations", relation.summary,
      help: relation.keys.isEmpty ? "" : "One row is named by " + listed(relation.keys, "and", quoting: "`") + ".",
      searchWords: ["table", "relation", "rows"], parameters: parameters,
      examples: examples[relation.name] ?? [Example("\(relation.name) | limit 5", "the first rows")]
    ) { _, host throws(Diagnostic) in host.currency.map { relation.schema(currency: $0) } ?? Schema(relation.fields) }
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
    if let day = dayColumn(relation), let condition = FactFilters.dayCondition(day, try FactFilters.range(a, context)) {
      all.append(condition)
    }
    return Scan(relation.name, columns: columns, filters: all + filters)
  }

  static func plan(_ scan: Scan, _ context: RunContext) throws -> [String] {
    let sql = try context.company.warehouse().sql(for: scan)
    return ["scan \(scan.relation): \(sql)"]
  }
}
