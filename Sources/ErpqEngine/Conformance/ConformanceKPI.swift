import ErpqBase

extension Conformance {
  /// Key figures, their run, products side by side, and the overview.
  static let keyFigures: [ConformanceOperation] = [kpis(30), kpis(90), kpiTrend, comparison, overview]

  /// The documents' name, the metric, the unit they print, and whether they compare it with the window before.
  private static let names: [(name: String, metric: String, unit: String, compared: Bool)] = [
    ("total_revenue", "revenue", "EUR", true),
    ("revenue_growth_pct", "revenue_growth_pct", "%", false),
    ("gross_margin_pct", "gross_margin_pct", "%", true),
    ("average_order_value", "average_order_value", "EUR", true),
    ("revenue_per_product", "revenue_per_product", "EUR", true),
    ("total_orders", "orders", "orders", true),
    ("order_growth_pct", "order_growth_pct", "%", false),
    ("fulfillment_rate_pct", "fulfilment_pct", "%", true),
    ("backorder_pct", "backorder_pct", "%", true),
    ("stock_value", "stock_value", "EUR", false),
    ("turnover_ratio", "inventory_turns", "x per window", false),
    ("stock_cover_days", "stock_cover_days", "days", false),
    ("low_stock_count", "low_stock_count", "products", false),
    ("out_of_stock_count", "out_of_stock_count", "products", false),
    ("products_under_rop", "products_under_rop", "products", false),
    ("active_products", "active_products", "products", false),
    ("total_products", "total_products", "products", false),
    ("new_products_30d", "new_products", "products", false),
    ("avg_product_price", "average_list_price", "EUR", false),
    ("forecast_accuracy_smape", "forecast_smape", "fraction (0-2), lower is better", false),
    ("anomaly_count_7d", "anomaly_count_7d", "anomalies", false),
    ("anomaly_count_30d", "anomaly_count_30d", "anomalies", false),
    ("products_with_ml_models", "forecast_models", "products", false),
    ("last_training_date", "last_training", "runtime state: not computable from data", false),
    ("avg_lead_time_days", "lead_time_days", "days", true),
    ("order_cycle_time_days", "cycle_time_days", "days", true),
    ("on_time_delivery_pct", "on_time_delivery_pct", "%", true),
  ]

  private static let counts: Set<String> = ["orders", "products", "anomalies"]

  private static func kpis(_ days: Int) -> ConformanceOperation {
    ConformanceOperation(
      "kpi_\(days)", "kpi", "kpis",
      [
        ("days", .int(Int64(days))), ("low_threshold", .int(10)),
        ("previous", .text("the preceding window of equal length")),
      ]
    ) { session, _ in
      let rows = try session.rows("kpi all days \(days)")
      var place: [String: Int] = [:]
      for row in 0..<rows.count { if let name = rows.text("metric", row) { place[name] = row } }
      return .fields([
        (
          "metrics",
          .fields(
            names.map { entry in
              func value(_ column: String) -> GoldenJSON {
                guard let number = place[entry.metric].flatMap({ rows.number(column, $0) }) else {
                  return .null
                }
                // The documents give this one as a fraction.
                if entry.metric == "forecast_smape" { return .number(number / 100) }
                return counts.contains(entry.unit)
                  ? Int64(exactly: number).map { .int($0) } ?? .number(number) : .number(number)
              }
              return (
                entry.name,
                .fields([
                  // A state of the program, such as the day of the last training, is no figure of the data.
                  ("value", entry.unit.hasPrefix("runtime state") ? .null : value("value")),
                  ("unit", .text(entry.unit)),
                  ("previous", entry.compared ? value("previous") : .null),
                  ("change_percent", entry.compared ? value("change_pct") : .null),
                ])
              )
            })
        ),
        (
          "inputs",
          .fields([
            ("current", try inputs(session, days, endingBefore: 0)),
            ("previous", try inputs(session, days, endingBefore: days)),
          ])
        ),
      ])
    }
  }

  /// What the key figures of a window stand on.
  private static func inputs(_ session: ConformanceSession, _ days: Int, endingBefore back: Int) throws
    -> GoldenJSON
  {
    let figures = [
      ("total_revenue", "revenue"), ("cogs", "cost_of_goods"), ("gross_margin_pct", "gross_margin_pct"),
      ("average_order_value", "average_order_value"), ("revenue_per_product", "revenue_per_product"),
      ("total_orders", "orders"), ("products_sold", "products_sold"), ("units_sold", "units_sold"),
      ("order_lines", "sales_lines"), ("fulfillment_rate_pct", "fulfilment_pct"),
      ("backorder_pct", "backorder_pct"),
      ("order_cycle_time_days", "cycle_time_days"), ("on_time_delivery_pct", "on_time_delivery_pct"),
      ("avg_lead_time_days", "lead_time_days"),
    ]
    let last = session.asOf.adding(days: -back)
    let rows = try session.rows(
      "kpi [\(figures.map(\.1).joined(separator: ", "))] since \(last.adding(days: 1 - days)) until \(last)")
    func value(_ row: Int) -> GoldenJSON {
      guard let number = rows.number("value", row) else { return .null }
      return ["total_orders", "products_sold", "order_lines"].contains(figures[row].0)
        ? Int64(exactly: number).map { .int($0) } ?? .number(number) : .number(number)
    }
    func rowsBehind(_ metric: String) -> GoldenJSON {
      figures.firstIndex { $0.1 == metric }.flatMap { rows.int("n", $0) }.map { .int($0) } ?? .null
    }
    return .fields(
      figures.indices.map { (figures[$0].0, value($0)) } + [
        (
          "_n",
          .fields([
            ("delivered_orders", rowsBehind("cycle_time_days")),
            ("with_commitment", rowsBehind("on_time_delivery_pct")),
            ("received_po", rowsBehind("lead_time_days")),
          ])
        )
      ])
  }

  /// Revenue, orders, order value and units by day.
  private static let kpiTrend = ConformanceOperation(
    "kpi_trend_90", "kpi_trend", "kpi_trend", [("days", .int(90))]
  ) { session, _ in
    let rows = try session.rows("kpi trend [revenue, orders, average_order_value, units_sold] daily days 90")
    let days = rows.count / 4
    return .list(
      (0..<days).map { day in
        func value(_ metric: Int) -> Double? { rows.number("value", metric * days + day) }
        return .fields([
          ("date", rows.period("date", day).map { .text($0.start.description) } ?? .null),
          ("total_revenue", .number(value(0) ?? 0)), ("total_orders", .int(Int64(value(1) ?? 0))),
          ("average_order_value", .optional(value(2))), ("units_sold", .number(value(3) ?? 0)),
        ])
      })
  }

  /// Five products side by side.
  private static let comparison = ConformanceOperation(
    "comparison", "comparison", "comparison", [("days", .int(30))]
  ) { session, ids in
    let chosen = Array((ids ?? []).prefix(5))
    guard !chosen.isEmpty else { return .list([]) }
    let metrics = [
      "revenue", "units_sold", "orders", "average_price", "gross_margin_pct", "units_per_day",
      "sales_variability",
      "units_on_hand",
    ]
    let list = chosen.map { String($0) }.joined(separator: ", ")
    let rows = try session.rows(
      "kpi compare products [\(list)] metrics [\(metrics.joined(separator: ", "))] days 30")
    let all = try session.rows("kpi revenue days 30").number("value", 0) ?? 0
    return .list(
      (0..<rows.count).map { row in
        func value(_ metric: String) -> GoldenJSON { .optional(rows.number(metric, row)) }
        let revenue = rows.number("revenue", row) ?? 0
        let daily = rows.number("units_per_day", row) ?? 0
        return .fields([
          ("product_id", .int(chosen[row])), ("product_name", rows.text("product")(row)),
          ("revenue", .number(revenue)), ("quantity", .number(rows.number("units_sold", row) ?? 0)),
          ("orders", .int(Int64(rows.number("orders", row) ?? 0))),
          ("avg_selling_price", value("average_price")),
          ("gross_margin_pct", value("gross_margin_pct")),
          ("avg_daily_sales", .number(daily)),
          ("variability", value("sales_variability")), ("stock", value("units_on_hand")),
          (
            "stock_cover_days",
            daily > 0 ? .optional(rows.number("units_on_hand", row).map { $0 / daily }) : .null
          ),
          ("revenue_share_pct", all > 0 ? .number(revenue / all * 100) : .null),
        ])
      })
  }

  /// The first page of the documents' dashboard.
  private static let overview = ConformanceOperation("overview", "overview", "overview", [("days", .int(30))])
  {
    session, _ in
    let rows = try session.rows("overview days 30")
    var place: [String: Int] = [:]
    for row in 0..<rows.count { if let name = rows.text("metric", row) { place[name] = row } }
    func value(_ metric: String) -> Double? { place[metric].flatMap { rows.number("value", $0) } }
    func count(_ metric: String) -> GoldenJSON { value(metric).map { .int(Int64($0)) } ?? .null }
    return .fields([
      ("total_products", count("total_products")), ("active_products", count("active_products")),
      ("stock_value", .optional(value("stock_value"))), ("recent_sales_lines", count("sales_lines")),
      ("recent_orders", count("orders")), ("units_sold", .optional(value("units_sold"))),
      ("period_revenue", .optional(value("revenue"))),
      ("average_order_value", .optional(value("average_order_value"))),
    ])
  }
}
