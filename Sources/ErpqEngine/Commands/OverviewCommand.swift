import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// `overview`: the state of the company in a table of tiles.
enum OverviewCommand {
  /// The metrics of the tiles, in their order.
  static let tiles = [
    "revenue", "orders", "sales_lines", "units_sold", "average_order_value", "gross_margin_pct",
    "active_customers",
    "otif_pct", "stock_value", "inventory_turns", "out_of_stock_count", "low_stock_count",
    "products_under_rop",
    "dso", "overdue_receivables", "weighted_pipeline", "active_products", "total_products",
  ]

  /// Weeks that a trend shows.
  private static let weeks = 12

  private static let fields = [
    Field("name", .text, "what it is"), Field("unit", .text, "what the value counts"),
    Field("trend", .list(.number), "sparkline"), Field("metric", .text, "its name in statements"),
    Field("reason", .text, "why there is no value"), Field("previous", .number, Conventions.figure),
    Field("value", .number, Conventions.figure),
    Field("change_pct", .number, "change against the period before, in percent of its size"),
    Field("status", .text, "good, warn or bad against the target"),
  ]

  static let command = Command(
    CommandSpec(
      "overview", group: "KPIs",
      "The company at a glance: sales, margin, service, stock and money, a tile a row.",
      help: """
        Each row is a metric over the last `days`, with its change against the days before and its run over the last \
        \(weeks) weeks. A company without orders, stock or invoices has null there, with the reason.
        """,
      searchWords: ["dashboard", "summary", "tiles", "home"],
      parameters: FactFilters.period,
      examples: [
        Example("overview", "the last 30 days"),
        Example(
          "overview days 90 | where status = \"bad\" | select name, value, unit", "what needs attention"),
      ]
    ) { _, _ throws(Diagnostic) in Schema(fields) },
    run: { a, context in
      let (period, before) = try KPICommands.period(a, context)
      let evaluator = try MetricEvaluator(context)
      let metrics = tiles.compactMap { context.environment.metric(named: $0) }
      let rows = try Scorecard.rows(metrics, period, before: before, filters: [:], evaluator)
      var trends: [Value] = []
      for row in rows {
        guard row.now.hasPeriod, row.now.value != nil else {
          trends.append(.null)
          continue
        }
        trends.append(
          .list(
            try (0..<weeks).map { week in
              try Cancellation.current.check()
              let last = period.last.adding(days: -7 * (weeks - 1 - week))
              let m = try evaluator.measure(row.info, MetricPeriod(first: last.adding(days: -6), last: last))
              return m.value.map { .number($0) } ?? .null
            }))
      }
      let card = Scorecard.table(rows, documents: context.usesDocuments)
      let columns = fields.map { field in
        field.name == "trend"
          ? Column(field.type, values: trends) : card[field.name] ?? .nulls(field.type, count: rows.count)
      }
      return ResultTable(Table(Schema(fields), columns, rowCount: rows.count))
    })
}
