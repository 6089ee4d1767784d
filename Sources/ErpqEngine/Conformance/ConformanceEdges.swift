import ErpqAnalytics
import ErpqBase
import ErpqFiles
import ErpqTables
import Foundation

/// The small cases on thresholds, ties and empty data: each is made into a company of its own, loaded, and asked
/// with the commands.
extension Conformance {
  /// One case's outcome.
  public struct EdgeOutcome: Sendable {
    /// Its name in the file.
    public var name: String
    /// Its operation.
    public var operation: String
    /// What differs; nil where no command answers it yet.
    public var comparison: GoldenComparison?
  }

  /// Runs the cases of a file.
  ///
  /// - Throws: `ConformanceError`, `WarehouseError`, `Cancellation.Interrupted`.
  public static func edges(_ path: String, each: (EdgeOutcome) -> Void) throws {
    let json = try GoldenJSON.load(path)
    let cases = json["cases"].elements
    guard let asOf = json["as_of"].string.flatMap({ CivilDate(iso: $0) }), !cases.isEmpty else {
      throw ConformanceError("\(path) has no cases with an as_of")
    }
    for item in cases {
      let operation = item["operation"].string ?? ""
      var outcome = EdgeOutcome(name: item["name"].string ?? "", operation: operation)
      if let (expected, result) = try answer(item, operation, asOf) {
        outcome.comparison = GoldenComparison(
          golden: expected, result: result, tolerance: operation == "ml_forecast" ? 1e-8 : 1e-9)
      }
      each(outcome)
    }
  }

  private static func answer(
    _ item: GoldenJSON, _ operation: String, _ asOf: CivilDate
  ) throws -> (GoldenJSON, GoldenJSON)? {
    let (input, params, expected) = (item["input"], item["params"], item["expected"])
    switch operation {
    case "xyz": return (expected, try steadiness(input["daily"], asOf))
    case "abc": return (expected, try importance(input["revenue_by_product_id"], params["rule"].string, asOf))
    case "ma7": return (expected, try smoothed(input["daily"], params["edge"].string, asOf))
    case "demand": return (expected, try predicted(input["daily"], asOf))
    case "anomalies": return (expected, try unusual(input["daily"], params, asOf))
    case "metrics": return (expected, try errors(input, asOf))
    case "replenishment": return (expected, try replenished(input, params, asOf))
    case "ml_forecast": return (expected, try forecast(input["daily"], params, asOf))
    case "window_sum": return (expected, try windowSum(input["lines"], params, asOf))
    case "iso_week": return (expected, try week(input["date"]))
    default: return nil
    }
  }

  /// Sale lines of product 1, one a day that is not zero, the last on `asOf`.
  private static func lines(_ daily: GoldenJSON, _ asOf: CivilDate) -> [EdgeCompany.Line] {
    let values = daily.elements.map { $0.double ?? 0 }
    return values.enumerated().compactMap { i, qty in
      qty == 0 ? nil : EdgeCompany.Line(1, "\(asOf.adding(days: i + 1 - values.count)) 12:00:00", qty)
    }
  }

  private static func steadiness(_ daily: GoldenJSON, _ asOf: CivilDate) throws -> GoldenJSON {
    let rows = try EdgeCompany(lines: lines(daily, asOf)).session(asOf).rows(
      "segment days \(daily.elements.count)")
    return .fields([("variability", rows.number("cv")(0)), ("xyz_class", rows.text("xyz")(0))])
  }

  private static func importance(_ revenue: GoldenJSON, _ rule: String?, _ asOf: CivilDate) throws
    -> GoldenJSON
  {
    guard case .object(let fields) = revenue else { return .null }
    var company = EdgeCompany(lines: [])
    company.products = []
    for field in fields {
      guard let id = Int64(field.name), let amount = field.value.double else { continue }
      company.products.append((id, 0))
      if amount != 0 {
        company.lines.append(.init(id, "\(asOf) 12:00:00", amount < 0 ? -1 : 1, amount.magnitude))
      }
    }
    let rows = try company.session(asOf).rows(
      "segment days 60 abc \(rule == "cum_before" ? "before" : "inclusive")")
    return .fields(
      (0..<rows.count).map { (rows.int("product", $0).map { String($0) } ?? "", rows.text("abc")($0)) })
  }

  private static func smoothed(_ daily: GoldenJSON, _ edge: String?, _ asOf: CivilDate) throws -> GoldenJSON {
    let session = try EdgeCompany(lines: lines(daily, asOf)).session(asOf)
    let facts = try session.forecastFacts(days: daily.elements.count)
    let edge = edge.flatMap { MovingAverageEdge(rawValue: $0) } ?? .partial
    return .numbers(MovingAverage.trailing(facts.quantity.row(0), window: 7, edge: edge))
  }

  private static func predicted(_ daily: GoldenJSON, _ asOf: CivilDate) throws -> GoldenJSON {
    let rows = try EdgeCompany(lines: lines(daily, asOf)).session(asOf).rows("demand days 60")
    return rows.count == 1 ? prediction(rows, 0) : .null
  }

  private static func unusual(_ daily: GoldenJSON, _ params: GoldenJSON, _ asOf: CivilDate) throws
    -> GoldenJSON
  {
    try unusualDays(
      EdgeCompany(lines: lines(daily, asOf)).session(asOf), nil, days: Int(params["days"].integer ?? 30),
      z: params["z"].double ?? 3, ddof: Int(params["ddof"].integer ?? 0))
  }

  /// The error measures by which a model is judged.
  private static func errors(_ input: GoldenJSON, _ asOf: CivilDate) throws -> GoldenJSON {
    let actual = input["actual"].elements.map { $0.double ?? 0 }
    let a = Accuracy(actual: actual, forecast: input["forecast"].elements.map { $0.double ?? 0 })
    return .fields([
      ("mae", .number(a.mae)), ("mape", .optional(a.mape)), ("smape", .number(a.smape)),
      ("rmse", .number(a.rmse)),
      ("mape_points", .int(Int64(actual.filter { $0 != 0 }.count))),
    ])
  }

  private static func replenished(_ input: GoldenJSON, _ params: GoldenJSON, _ asOf: CivilDate) throws
    -> GoldenJSON
  {
    var company = EdgeCompany(lines: [])
    company.products = [(1, input["current_stock"].double ?? 0)]
    let sold = (input["avg_daily_sales"].double ?? 0) * 60
    if sold != 0 { company.lines = [.init(1, "\(asOf) 12:00:00", sold)] }
    let lead = params["default_lead_time_days"].integer ?? 7
    let safety = params["safety_stock_days"].integer ?? 3
    let rows = try company.session(asOf).rows("replenish days 60 lead_time \(lead) safety_days \(safety)")
    return rows.count == 1 ? recommendation(rows, 0) : .null
  }

  private static func forecast(_ daily: GoldenJSON, _ params: GoldenJSON, _ asOf: CivilDate) throws
    -> GoldenJSON
  {
    let horizon = params["horizon_days"].integer ?? 30
    let session = try EdgeCompany(lines: lines(daily, asOf)).session(asOf)
    return try operations.first { $0.file == "forecast_h\(horizon)" }?.run(session, nil)["items"].elements
      .first ?? .null
  }

  private static func windowSum(_ lines: GoldenJSON, _ params: GoldenJSON, _ asOf: CivilDate) throws
    -> GoldenJSON
  {
    let zone = params["tz"].string ?? "UTC"
    var company = EdgeCompany(
      lines: lines.elements.map { line in
        let cells = line.elements
        return .init(cells[0].integer ?? 1, cells[1].string ?? "", cells[2].double ?? 0)
      })
    company.timeZone = zone
    // The documents know UTC days only; the company's own days are the default.
    let session = try company.session(asOf, documents: zone == "UTC")
    return .number(try session.rows("sales daily days \(params["days"].integer ?? 30)").sum("qty"))
  }

  private static func week(_ date: GoldenJSON) throws -> GoldenJSON {
    guard let day = date.string.flatMap({ CivilDate(iso: $0) }) else { return .null }
    let rows = try EdgeCompany(lines: [.init(1, "\(day) 12:00:00", 1)]).session(day).rows(
      "sales weekly days 1")
    return rows.period("week", 0).map { .text($0.description) } ?? .null
  }
}

/// A company of few products and sale lines, written as the files that an ERP exports.
struct EdgeCompany {
  struct Line {
    var product: Int64
    var moment: String
    var qty: Double
    var price: Double

    init(_ product: Int64, _ moment: String, _ qty: Double, _ price: Double = 1) {
      (self.product, self.moment, self.qty, self.price) = (product, moment, qty, price)
    }
  }

  var lines: [Line]
  /// Ids and stock on hand.
  var products: [(id: Int64, onHand: Double)] = [(1, 0)]
  var timeZone = "UTC"

  init(lines: [Line]) { self.lines = lines }

  func session(_ asOf: CivilDate, documents: Bool = true) throws -> ConformanceSession {
    let folder = try TemporaryPlace.folder(to: "run a case")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var orders = "id,name,partner_id,state,date_order,currency,currency_rate\n"
    var rows = "id,order_id,product_id,product_uom_qty,price_unit,discount\n"
    for (i, line) in lines.enumerated() {
      orders += "\(i + 1),S\(i + 1),1,sale,\(line.moment),EUR,1\n"
      rows += "\(i + 1),\(i + 1),\(line.product),\(line.qty),\(line.price),0\n"
    }
    let catalogue = products.map { "\($0.id),P\($0.id),product,true,1,1,\($0.onHand),\($0.onHand)\n" }
      .joined()
    let files = [
      "meta.json": "{\"company_currency\": \"EUR\", \"company_tz\": \"\(timeZone)\"}",
      "products.csv": "id,name,type,active,list_price,standard_price,qty_available,virtual_available\n"
        + catalogue,
      "sale_orders.csv": orders, "sale_order_lines.csv": rows,
    ]
    do {
      for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
    } catch { throw ConformanceError("the temporary folder \(folder) cannot be written") }
    return try ConformanceSession(loading: folder, asOf: asOf, documents: documents)
  }
}
