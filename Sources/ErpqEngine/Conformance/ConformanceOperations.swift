import ErpqAnalytics
import ErpqBase
import ErpqSemantics
import ErpqTables

extension Conformance {
  /// The golden files that are computed, in the order in which they are written.
  static let operations: [ConformanceOperation] =
    [series, demand, forecast(30), forecast(90)]
    + [("cum_inclusive", "inclusive"), ("cum_before", "before")].flatMap { rule in
      [60, 365].map { segmentation(days: $0, rule: rule.0, word: rule.1) }
    }
    + [
      replenishment("default", "replenish days 60 lead_time 7 safety_days 3", safety: 3),
      replenishment("product_lead", "replenish days 60 lead_source product safety_days 3", safety: 3),
      replenishment("safety7", "replenish days 60 lead_time 7 safety_days 7", safety: 7),
    ]
    + [(30, 3, 0), (30, 3, 1), (30, 2, 0), (90, 2, 1), (90, 3, 0)].map(anomalies)
    + [("daily", "date", 30), ("weekly", "week", 365), ("monthly", "month", 365)].map(salesTrends)
    + [("quantity", "qty"), ("revenue", "revenue")].map(topProducts) + [stockStatus, training]
    // Behind training: key figures tell of the models that it leaves behind.
    + keyFigures

  /// Daily quantities and their moving average, as `forecast` reads and smooths them.
  private static let series = ConformanceOperation(
    "series", "series", "daily_series",
    [
      ("days", .int(180)), ("zero_filled", .bool(true)), ("ma_window", .int(7)),
      ("ma_edge", .text("partial")),
    ]
  ) { session, ids in
    let facts = try session.forecastFacts(days: 180)
    return .list(
      places(facts, ids).map { row in
        let daily = facts.quantity.row(row)
        return .fields([
          ("product_id", .int(facts.ids[row])), ("first_date", .text(facts.window.first.description)),
          ("quantity", .numbers(daily)), ("ma7", .numbers(MovingAverage.trailing(daily, window: 7))),
        ])
      })
  }

  private static func places(_ facts: DemandFacts, _ ids: [Int64]?) -> [Int] {
    guard let ids else { return Array(facts.ids.indices) }
    var place: [Int64: Int] = [:]
    for (i, id) in facts.ids.enumerated() { place[id] = i }
    return ids.compactMap { place[$0] }
  }

  /// The rows of `forecast`; what it fitted comes from the same kernel over the same facts. Totals go to 90 days
  /// whatever the horizon. Aggregates are over all products, at 90 days over those listed.
  private static func forecast(_ horizon: Int) -> ConformanceOperation {
    ConformanceOperation(
      "forecast_h\(horizon)", "forecast", "ml_forecast",
      [("horizon_days", .int(Int64(horizon))), ("lookback_days", .int(180)), ("min_sale_days", .int(14))],
      tolerance: 1e-8
    ) { session, ids in
      let rows = try session.rows("forecast horizon \(horizon)")
      let far = horizon >= 90 ? rows : try session.rows("forecast horizon 90")
      let facts = try session.forecastFacts(days: 180)
      let names = facts.products["name"]
      let n = facts.ids.count
      guard rows.count == n * horizon, far.count % Swift.max(1, n) == 0 else {
        throw ConformanceError("forecast gave \(rows.count) rows for \(n) products and \(horizon) days")
      }
      func total(_ row: Int, _ days: Int) -> Double {
        (0..<days).reduce(0) { $0 + (far.number("mean", row * 90 + $1) ?? 0) }
      }
      let models = try Poly2Batch(facts.quantity)
      let listed = places(facts, ids)
      let items = listed.map { row -> GoldenJSON in
        let steps = row * horizon..<(row + 1) * horizon
        let model = Poly2.fit(facts.quantity.row(row))
        let metrics = model.metrics.map { m in
          GoldenJSON.fields([
            ("mae", .number(m.mae)), ("mape", .optional(m.mape)), ("smape", .number(m.smape)),
            ("rmse", .number(m.rmse)),
            ("mape_points", .int(Int64(m.mapePoints))),
          ])
        }
        var name = GoldenJSON.null
        if case .text(let text)? = names?[row] { name = .text(text) }
        return .fields([
          ("product_id", .int(facts.ids[row])), ("product_name", name),
          ("horizon_days", .int(Int64(horizon))),
          ("lookback_days", .int(180)), ("sale_days", .int(Int64(model.saleDays))),
          ("model_type", rows.text("model_type")(steps.lowerBound)),
          ("daily_forecast", .list(steps.map(rows.number("mean")))),
          ("totals", .fields([7, 30, 90].map { ("\($0)d", .number(total(row, $0))) })),
          (
            "confidence_interval",
            .fields([
              ("low", .list(steps.map(rows.number("lo95")))), ("high", .list(steps.map(rows.number("hi95")))),
            ])
          ), ("sigma", .number(model.sigma)),
          ("coefficients", model.coefficients.isEmpty ? .null : .numbers(model.coefficients)),
          ("metrics", metrics ?? .null),
        ])
      }
      let counted = horizon >= 90 ? listed : Array(0..<n)
      let errors = counted.map { models.smape[$0] }.filter { !$0.isNaN }
      return .fields([
        ("items", .list(items)),
        (
          "aggregate",
          .fields([
            ("n", .int(Int64(counted.count))),
            ("models", .counts(counted.compactMap { rows.text("model_type", $0 * horizon) })),
            ("sum_30d", .number(counted.reduce(0) { $0 + total($1, 30) })),
            ("sum_90d", .number(counted.reduce(0) { $0 + total($1, 90) })),
            ("sum_sigma", .number(counted.reduce(0) { $0 + models.sigma[$1] })),
            ("mean_smape", .optional(errors.isEmpty ? nil : Statistics.mean(errors))),
          ])
        ),
      ])
    }
  }

  private static func segmentation(days: Int, rule: String, word: String) -> ConformanceOperation {
    ConformanceOperation(
      "segmentation_\(days)_\(rule)", "segmentation", "segmentation",
      [("days", .int(Int64(days))), ("abc", .text(rule))]
    ) { session, ids in
      let question = "days \(days) abc \(word)"
      let rows = try session.rows("segment " + question)
      let matrix = try session.rows("segment matrix " + question)
      let (facts, segments) = try SegmentCommand.facts(
        try session.arguments(
          SegmentCommand.spec, ["days": .duration(.days(Double(days))), "abc": .text(word)]), session.context)
      var means: [Int64: Double] = [:]
      for (i, id) in facts.ids.enumerated() { means[id] = segments.xyz[i].mean }
      func share(_ row: Int) -> Double? {
        (rows.number("amount", row) ?? 0) > 0 ? rows.number("cum_share", row).map { $0 * 100 } : nil
      }
      let strategies = ["AX", "AZ", "CZ"]
      return .fields([
        (
          "by_product",
          .list(
            rows.listed(ids, byList: false).map { row in
              .fields([
                ("product_id", rows.int("product")(row)), ("product_name", rows.text("name")(row)),
                ("revenue", rows.number("amount")(row)), ("cumulative_percent", .optional(share(row))),
                ("abc_class", rows.text("abc")(row)), ("variability", rows.number("cv")(row)),
                ("mean_daily", .optional(rows.int("product", row).flatMap { means[$0] })),
                ("xyz_class", rows.text("xyz")(row)), ("segment", rows.text("class")(row)),
              ])
            })
        ),
        (
          "matrix",
          .fields((0..<matrix.count).map { (matrix.text("class", $0) ?? "", matrix.int("products")($0)) })
        ),
        (
          "total_revenue",
          .number((0..<rows.count).reduce(0) { $0 + Swift.max(0, rows.number("amount", $1) ?? 0) })
        ),
        (
          "recommendations",
          .fields(
            (0..<matrix.count).filter { strategies.contains(matrix.text("class", $0) ?? "") }
              .map { (matrix.text("class", $0) ?? "", matrix.text("strategy")($0)) })
        ),
        ("xyz", .counts(rows.texts("xyz"))), ("abc", .counts(rows.texts("abc"))),
        ("sum_variability", .number(rows.sum("cv"))),
      ])
    }
  }

  private static func replenishment(_ variant: String, _ statement: String, safety: Int64)
    -> ConformanceOperation
  {
    ConformanceOperation(
      "replenishment_\(variant)", "replenishment", "replenishment",
      [
        ("default_lead_time_days", .int(7)), ("safety_stock_days", .int(safety)), ("ads_days", .int(60)),
        ("product_lead", .bool(variant == "product_lead")),
      ]
    ) { session, ids in
      let rows = try session.rows(statement)
      return .fields([
        (
          "replenishment_recommendations",
          .list(rows.listed(ids, byList: true).map { recommendation(rows, $0) })
        ),
        (
          "aggregate",
          .fields([
            ("n", .int(Int64(rows.count))), ("actions", .counts(rows.texts("action"))),
            ("urgency", .counts(rows.texts("urgency"))), ("sum_suggested", .number(rows.sum("order_qty"))),
            ("sum_rop", .number(rows.sum("rop"))),
          ])
        ),
      ])
    }
  }

  /// One row of `replenish` under the documents' names.
  static func recommendation(_ rows: GoldenRows, _ row: Int) -> GoldenJSON {
    .fields([
      ("product_id", rows.int("product")(row)), ("product_name", rows.text("name")(row)),
      ("current_stock", rows.number("on_hand")(row)),
      ("avg_daily_sales", .optional(rows.number("demand_rate", row).map { Swift.max(0, $0) })),
      ("lead_time_days", .optional(rows.days("lead_mean", row))), ("rop", rows.number("rop")(row)),
      ("stock_cover_days", .optional(rows.days("days_cover", row))),
      ("suggested_order_qty", rows.number("order_qty")(row)),
      ("action", rows.text("action")(row)), ("urgency", rows.text("urgency")(row)),
    ])
  }

  private static func salesTrends(_ word: String, _ column: String, _ days: Int) -> ConformanceOperation {
    ConformanceOperation(
      "sales_trends_\(word)", "sales_trends", "sales_trends",
      [("period", .text(word)), ("days", .int(Int64(days))), ("zero_filled", .bool(true))]
    ) { session, _ in
      let rows = try session.rows("sales \(word) days \(days)")
      let window = DayWindow(last: session.asOf, count: days)
      return .list(
        (0..<rows.count).compactMap { row in
          guard let period = rows.period(column, row) else { return nil }
          let first = Swift.max(period.start, window.first)
          let last = Swift.min(period.last, window.last)
          return .fields([
            ("period", .text(period.description)), ("start", .text(period.start.description)),
            ("days_in_window", .int(Int64(last.day - first.day + 1))), ("quantity", rows.number("qty")(row)),
            ("revenue", rows.number("amount")(row)), ("orders", rows.int("orders")(row)),
          ])
        })
    }
  }

  private static func topProducts(_ metric: String, _ word: String) -> ConformanceOperation {
    ConformanceOperation(
      "top_products_\(metric)", "top_products", "top_products",
      [("metric", .text(metric)), ("days", .int(30)), ("limit", .int(10))]
    ) { session, _ in
      let rows = try session.rows("top products 10 days 30 by \(word)")
      return .list(
        (0..<rows.count).map { row in
          .fields([
            ("product_id", rows.int("product")(row)), ("product_name", rows.text("name")(row)),
            ("quantity", rows.number("qty")(row)), ("revenue", rows.number("amount")(row)),
            ("orders", rows.int("orders")(row)),
          ])
        })
    }
  }

  private static let stockStatus = ConformanceOperation(
    "stock_status", "stock_status", "stock_status",
    [("low_threshold", .int(10)), ("overstock_cover_days", .int(90)), ("ads_days", .int(60))]
  ) { session, ids in
    let rows = try session.rows("stock status days 60")
    let all = rows.texts("status")
    return .fields([
      (
        "counts",
        .fields(
          StockStatus.allCases.map { s in (s.rawValue, .int(Int64(all.filter { $0 == s.rawValue }.count))) })
      ),
      (
        "by_product",
        .list(
          rows.listed(ids, byList: true).map { row in
            .fields([
              ("product_id", rows.int("product")(row)), ("qty_available", rows.number("on_hand")(row)),
              ("avg_daily_sales", rows.number("demand_rate")(row)), ("status", rows.text("status")(row)),
              ("value", rows.number("stock_value")(row)),
            ])
          })
      ),
    ])
  }
}
