import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `top products 10 days 90 by revenue` (R083).
enum TopProductsCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("category", .text, "category"), Field("qty", .quantity(nil), "net quantity"),
    Field("amount", .money(nil), "revenue in company currency"), Field("orders", .int, "orders with a line"),
  ]

  static let spec = CommandSpec(
    "top products", group: "Sales", "The products that sold most.",
    searchWords: ["best sellers", "bestseller", "ranking"],
    parameters: [
      ParameterSpec("n", .value(.int), default: .int(10), position: 0, "how many"),
      ParameterSpec(
        "by", .word(["revenue", "qty", "amount", "units", "orders"]), default: .text("revenue"),
        "ranked by what"),
    ] + FactFilters.period + FactFilters.records,
    examples: [
      Example("top products 10 days 90 by revenue", "a quarter's best sellers"),
      Example("top products 5 days 30 by qty category \"Chairs\"", "of one category, by units"),
    ]
  ) { _, host throws(Diagnostic) in
    var schema = Schema(fields)
    schema.fields[5].type = .money(host.currency)
    return schema
  }

  private static func scan(_ a: Arguments, _ context: RunContext) throws -> Scan {
    guard let relation = Warehouse.relation("sales") else { throw Diagnostic(.runtime, "no sales") }
    var range = try FactFilters.range(a, context)
    if range.first == nil, range.last == nil {
      range = (context.today.adding(days: -30), context.today.adding(days: -1))
    }
    var filters = try FactFilters.conditions(a, context, relation: relation)
    filters += FactFilters.saleDays(range, byUTC: context.usesDocuments)
    return Scan(
      "sales", columns: ["product", "sku", "name", "category", "qty", "amount", "order"], filters: filters)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      try RelationCommands.plan(scan(a, context), context) + ["group by product, sort, keep the first"]
    },
    run: { a, context in
      guard let n = a.int("n"), n >= 0 else {
        throw Diagnostic(
          .outOfRange, "a number of products cannot be negative", at: a.span("n"),
          label: "0 or more is expected")
      }
      let rows = try FactFilters.scan(try scan(a, context), context)
      guard let qty = rows["qty"], let amount = rows["amount"], let order = rows["order"] else {
        return ResultTable(rows)
      }
      let table = try rows.grouped(
        by: ["product", "sku", "name", "category"],
        aggregates: [
          Aggregate("qty", .sum, [qty], type: qty.type),
          Aggregate("amount", .sum, [amount], type: amount.type),
          Aggregate("orders", .countDistinct, [order], type: .int),
        ])
      let by = ["revenue": "amount", "units": "qty"][a.text("by") ?? ""] ?? a.text("by") ?? "amount"
      guard let key = table[by], let product = table["product"] else { return ResultTable(table) }
      // Ties go to the smaller id, as in the documents' results.
      let sorted = try table.sorted(by: [
        SortKey(key, descending: true), SortKey(product, descending: false),
      ])
      return ResultTable(sorted.slice(0..<Swift.min(n, sorted.rowCount)))
    })
}
