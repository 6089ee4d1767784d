import ErpqAnalytics
import ErpqTables

// Demand, anomalies and models in the documents' form.
extension Conformance {
  /// The rows of `demand`, by product.
  static let demand = ConformanceOperation(
    "demand", "demand", "demand",
    [("lookback_days", .int(60)), ("limit", .null), ("sort", .text("product_id"))]
  ) { session, ids in
    let rows = try session.rows("demand days 60")
    let fallbacks = (0..<rows.count).filter { isFallback(rows, $0) }.count
    return .fields([
      ("total", .int(Int64(rows.count))),
      ("items", .list(rows.listed(ids, byList: true).map { prediction(rows, $0) })),
      (
        "aggregate",
        .fields([
          ("trend", .counts(rows.texts("trend"))), ("fallback", .int(Int64(fallbacks))),
          ("sum_predicted", .number(rows.sum("predicted_30d"))),
          ("sum_confidence", .number(rows.sum("confidence"))),
        ])
      ),
    ])
  }

  private static func isFallback(_ rows: GoldenRows, _ row: Int) -> Bool {
    rows.text("source", row) != DemandSource.movingAverage.rawValue
  }

  /// One row of `demand` under the documents' names.
  static func prediction(_ rows: GoldenRows, _ row: Int) -> GoldenJSON {
    .fields([
      ("product_id", rows.int("product")(row)), ("product_name", rows.text("name")(row)),
      ("current_daily_demand", rows.number("daily")(row)),
      ("predicted_30d_demand", rows.number("predicted_30d")(row)), ("trend", rows.text("trend")(row)),
      ("slope", rows.number("slope")(row)), ("confidence", rows.number("confidence")(row)),
      ("fallback", .bool(isFallback(rows, row))), ("sale_days", rows.int("sale_days")(row)),
      ("n_transactions", rows.int("lines")(row)),
    ])
  }

  static func anomalies(days: Int, z: Int, ddof: Int) -> ConformanceOperation {
    ConformanceOperation(
      "anomalies_\(days)d_z\(z)_ddof\(ddof)", "anomalies", "anomalies",
      [("days", .int(Int64(days))), ("z", .number(Double(z))), ("ddof", .int(Int64(ddof)))]
    ) { session, ids in try unusualDays(session, ids, days: days, z: Double(z), ddof: ddof) }
  }

  /// The rows of `anomalies` with their summary.
  static func unusualDays(
    _ session: ConformanceSession, _ ids: [Int64]?, days: Int, z: Double, ddof: Int
  ) throws -> GoldenJSON {
    let question = "days \(days) z \(z) deviation \(ddof == 0 ? "population" : "sample")"
    let rows = try session.rows("anomalies " + question)
    let summary = try session.rows("anomalies summary " + question)
    return .fields([
      (
        "anomalies",
        .list(
          rows.listed(ids, byList: false).map { row in
            .fields([
              ("date", rows.period("date", row).map { .text($0.start.description) } ?? .null),
              ("product_id", rows.int("product")(row)), ("product_name", rows.text("name")(row)),
              ("type", rows.text("type")(row)), ("actual_quantity", rows.number("actual")(row)),
              ("expected_quantity", rows.number("expected")(row)), ("z_score", rows.number("z")(row)),
              ("severity", rows.text("severity")(row)), ("impact", rows.text("impact")(row)),
            ])
          })
      ),
      (
        "summary",
        .fields([
          ("total_anomalies", summary.int("total")(0)), ("spikes", summary.int("spikes")(0)),
          ("drops", summary.int("drops")(0)),
          (
            "by_severity",
            .fields([
              ("HIGH", summary.int("high")(0)), ("MEDIUM", summary.int("medium")(0)),
              ("LOW", summary.int("low")(0)),
            ])
          ),
        ])
      ),
      ("sum_abs_z", .number((0..<rows.count).reduce(0) { $0 + (rows.number("z", $1) ?? 0).magnitude })),
    ])
  }

  /// What the nightly training stores, as `models show` prints it.
  static let training = ConformanceOperation(
    "train_top50", "train", "train",
    [
      ("top", .int(50)), ("volume_days", .int(90)), ("lookback_days", .int(180)), ("min_sale_days", .int(14)),
    ],
    tolerance: 1e-8
  ) { session, _ in
    let rows = try session.rows("train model demand top 50 by qty")
    func products(_ status: String) -> [Int64] {
      (0..<rows.count).filter { rows.text("status", $0) == status }.compactMap { rows.int("product", $0) }
    }
    let trained = products("trained")
    let models = try trained.map { product -> GoldenJSON in
      let shown = try session.rows("models show \(product)")
      func term(_ name: String) -> GoldenJSON {
        (0..<shown.count).first { shown.text("term", $0) == name }.map(shown.number("value")) ?? .null
      }
      return .fields([
        ("product_id", .int(product)), ("coefficients", .list(["b0", "b1", "b2"].map(term))),
        ("sigma", term("sigma")),
        ("metrics", .fields(["mae", "mape", "smape", "rmse", "mape_points"].map { ($0, term($0)) })),
      ])
    }
    return .fields([
      ("trained", .list(trained.map { .int($0) })), ("skipped", .list(products("skipped").map { .int($0) })),
      ("models", .list(models)),
    ])
  }
}
