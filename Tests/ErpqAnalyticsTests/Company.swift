import ErpqAnalytics
import ErpqBase
import Foundation
import Testing

/// A company's products and confirmed sale lines, and the golden results that belong to them.
struct Company: Sendable, CustomTestStringConvertible {
  struct Product: Sendable {
    var id: Int64
    var active: Bool
    var storable: Bool
    var onHand: Double
    var cost: Double
    var leadTime: Double?
    var statedDemand: Double?
  }
  struct Line: Sendable {
    var product: Int64
    var order: Int64
    var day: Int32
    var quantity: Double
    var revenue: Double
  }

  var name: String
  var golden: URL
  /// Ascending ids.
  var products: [Product]
  var lines: [Line]
  let asOf = CivilDate(day: 20269)  // 2025-06-30

  var testDescription: String { name }

  /// The company in the fixtures, and those in the folders that ERPQ_GOLDEN names
  /// (`DATA=GOLDEN`, separated by `:`), for runs by hand on a larger one.
  static let all: [Company] = {
    do {
      let fixtures = fixturesFolder
      var found = [
        try Company(
          name: "S", data: fixtures.appending(path: "S"), golden: fixtures.appending(path: "golden"))
      ]
      for pair in ProcessInfo.processInfo.environment["ERPQ_GOLDEN"]?.split(separator: ":") ?? [] {
        let parts = pair.split(separator: "=").map { URL(filePath: String($0)) }
        guard parts.count == 2 else { continue }
        found.append(try Company(name: parts[0].lastPathComponent, data: parts[0], golden: parts[1]))
      }
      return found
    } catch {
      Issue.record(error)
      return []
    }
  }()

  static var fixturesFolder: URL {
    Bundle.module.resourceURL?.appending(path: "Fixtures") ?? URL(filePath: "Fixtures")
  }

  static func golden(_ name: String) throws -> JSON {
    try JSON.load(fixturesFolder.appending(path: "golden/\(name).json"))
  }

  func golden(_ file: String) throws -> JSON {
    try JSON.load(golden.appending(path: file + ".json"))["result"]
  }

  init(name: String, data: URL, golden: URL) throws {
    self.name = name
    self.golden = golden
    func table(_ file: String) throws -> CSVTable {
      try CSVTable(String(contentsOf: data.appending(path: file + ".csv"), encoding: .utf8))
    }
    let p = try table("products")
    products = p.rows.map { row in
      Product(
        id: Int64(row[p["id"]]) ?? 0, active: row[p["active"]] == "true",
        storable: row[p["type"]] == "product",
        onHand: Double(row[p["qty_available"]]) ?? 0, cost: Double(row[p["standard_price"]]) ?? 0,
        leadTime: Double(row[p["lead_time_days"]]), statedDemand: Double(row[p["x_daily_demand"]]))
    }
    .sorted { $0.id < $1.id }
    let o = try table("sale_orders")
    var orders: [String: (day: Int32, rate: Double)] = [:]
    for row in o.rows where ["sale", "done"].contains(row[o["state"]]) {
      guard let when = Instant(iso: row[o["date_order"]]) else { continue }
      orders[row[o["id"]]] = (when.utcDate.day, Double(row[o["currency_rate"]]) ?? 1)
    }
    let l = try table("sale_order_lines")
    lines = l.rows.compactMap { row in
      guard let order = orders[row[l["order_id"]]] else { return nil }
      let quantity = Double(row[l["product_uom_qty"]]) ?? 0
      let price = Double(row[l["price_unit"]]) ?? 0
      let discount = Double(row[l["discount"]]) ?? 0
      return Line(
        product: Int64(row[l["product_id"]]) ?? 0, order: Int64(row[l["order_id"]]) ?? 0, day: order.day,
        quantity: quantity, revenue: quantity * price * (1 - discount / 100) / order.rate)
    }
  }

  var analysed: [Product] { products.filter(\.active) }
  var stocked: [Product] { products.filter { $0.active && $0.storable } }

  func rows(_ population: [Product]) -> [Int32] {
    var place: [Int64: Int32] = [:]
    for (i, product) in population.enumerated() { place[product.id] = Int32(i) }
    return lines.map { place[$0.product] ?? -1 }
  }

  func matrix(_ population: [Product], days: Int, of value: KeyPath<Line, Double> = \.quantity) throws
    -> DailyMatrix
  {
    try DailyMatrix(
      window: DayWindow(last: asOf, count: days), rows: population.count, series: rows(population),
      days: lines.map(\.day), quantities: lines.map { $0[keyPath: value] })
  }

  func revenue(_ population: [Product], days: Int) throws -> [Double] {
    let matrix = try matrix(population, days: days, of: \.revenue)
    return (0..<matrix.rows).map { matrix.row($0).reduce(0, +) }
  }
}

/// Comma-separated text with quoted fields; test data only.
struct CSVTable {
  var rows: [[String]] = []
  private var places: [String: Int] = [:]

  init(_ text: String) {
    var row: [String] = []
    var field: [UInt8] = []
    var quoted = false
    var pendingQuote = false
    for byte in text.utf8 {
      if quoted {
        if pendingQuote {
          pendingQuote = false
          if byte == 34 {
            field.append(34)
            continue
          }
          quoted = false
        } else if byte == 34 {
          pendingQuote = true
          continue
        } else {
          field.append(byte)
          continue
        }
      }
      switch byte {
      case 34: quoted = true
      case 44:
        row.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
      case 10:
        row.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        rows.append(row)
        row.removeAll(keepingCapacity: true)
      case 13: break
      default: field.append(byte)
      }
    }
    if !row.isEmpty || !field.isEmpty { rows.append(row + [String(decoding: field, as: UTF8.self)]) }
    if !rows.isEmpty {
      for (i, name) in rows.removeFirst().enumerated() { places[name] = i }
    }
  }

  subscript(name: String) -> Int { places[name] ?? 0 }
}

/// Collects differences beyond |a − b| ≤ tolerance·max(1, |golden|), and the worst relative one.
struct Comparison {
  var tolerance: Double
  var compared = 0
  var worst = 0.0
  var differences: [String] = []

  init(_ tolerance: Double) { self.tolerance = tolerance }

  mutating func check(_ actual: Double?, _ golden: JSON, _ what: @autoclosure () -> String) {
    compared += 1
    guard let actual, let expected = golden.number else {
      if (actual == nil) != (golden.number == nil) {
        differences.append("\(what()): \(String(describing: actual)) for \(golden)")
      }
      return
    }
    let error = abs(actual - expected) / max(1, abs(expected))
    if !(error <= tolerance) { differences.append("\(what()): \(actual) for \(expected)") }
    worst = max(worst, error)
  }

  mutating func check(_ actual: [Double], _ golden: JSON, _ what: @autoclosure () -> String) {
    if actual.count != golden.list.count {
      differences.append("\(what()): \(actual.count) values for \(golden.list.count)")
    }
    for (i, (a, b)) in zip(actual, golden.list).enumerated() { check(a, b, "\(what())[\(i)]") }
  }

  mutating func check(_ actual: String, _ golden: JSON, _ what: @autoclosure () -> String) {
    compared += 1
    if actual != golden.text { differences.append("\(what()): \(actual) for \(golden)") }
  }

  mutating func check(_ actual: Int, _ golden: JSON, _ what: @autoclosure () -> String) {
    compared += 1
    if actual != golden.int { differences.append("\(what()): \(actual) for \(golden)") }
  }

  func report(_ title: String) {
    print("\(title): \(compared) values compared, worst relative \(worst), tolerance \(tolerance)")
  }
}
