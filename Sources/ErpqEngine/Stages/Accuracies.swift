import ErpqAnalytics
import ErpqBase
import ErpqSemantics
import ErpqTables

/// `accuracy`: how far forecasts were from what came, a row a group.
enum Accuracies {
  /// What is summed up of a group.
  private struct Sums {
    var count = 0
    var absolute = 0.0
    var squares = 0.0
    var signed = 0.0
    var actual = 0.0
    var symmetric = 0.0
    var scaled = 0.0
    var scaledCount = 0
    var naive = 0.0
    var naiveCount = 0
    var inside80 = 0
    var inside95 = 0
    var bounded80 = 0
    var bounded95 = 0
    var pinball = 0.0
    /// Squared errors and their number by product, for RMSSE.
    var products: [Value: (squares: Double, count: Double, change: Double)] = [:]
    var order: [Value] = []
  }

  /// The errors of a table with the columns `actual` and `mean`, by the columns `by`.
  ///
  /// Rows without an actual or a mean are left out. What divides by nothing is null.
  static func of(_ table: Table, by: [String], schema: Schema) throws -> Table {
    func numbers(_ name: String) -> [Double?]? {
      guard let column = table[name] else { return nil }
      return (0..<table.rowCount).map { column[$0].asDouble }
    }
    guard let actual = numbers("actual"), let mean = numbers("mean") else { return Table(empty: schema) }
    let naive = numbers("naive")
    let change = numbers("change")
    let root = numbers("change_rms")
    let bounds = ["lo95", "lo80", "median", "hi80", "hi95"].map(numbers)
    let product = table["product"]
    var groups: [Sums] = []
    var keys: [[Value]] = []
    var place: [[Value]: Int] = [:]
    let cancel = Cancellation.current
    for row in 0..<table.rowCount {
      if row & 0xFFFF == 0 { try cancel.check() }
      guard let y = actual[row], let f = mean[row], y.isFinite, f.isFinite else { continue }
      let key = by.map { table[$0]?[row] ?? .null }
      let g = place[key] ?? groups.count
      if g == groups.count {
        place[key] = g
        keys.append(key)
        groups.append(Sums())
      }
      let e = y - f
      groups[g].count += 1
      groups[g].absolute += e.magnitude
      groups[g].squares += e * e
      groups[g].signed += e
      groups[g].actual += y.magnitude
      let both = y.magnitude + f.magnitude
      if both > 0 { groups[g].symmetric += 2 * e.magnitude / both }
      if let scale = change?[row], scale > 0 {
        groups[g].scaled += e.magnitude / scale
        groups[g].scaledCount += 1
      }
      if let other = naive?[row] {
        groups[g].naive += (y - other).magnitude
        groups[g].naiveCount += 1
      }
      if let scale = root?[row], scale > 0 {
        let id = product?[row] ?? .null
        if groups[g].products[id] == nil { groups[g].order.append(id) }
        let before = groups[g].products[id] ?? (0, 0, scale)
        groups[g].products[id] = (before.squares + e * e / (scale * scale), before.count + 1, scale)
      }
      if let low = bounds[1]?[row], let high = bounds[3]?[row] {
        groups[g].bounded80 += 1
        if y >= low - 1e-9, y <= high + 1e-9 { groups[g].inside80 += 1 }
      }
      if let low = bounds[0]?[row], let high = bounds[4]?[row] {
        groups[g].bounded95 += 1
        if y >= low - 1e-9, y <= high + 1e-9 { groups[g].inside95 += 1 }
      }
      for (bound, p) in zip(bounds, [0.025, 0.1, 0.5, 0.9, 0.975]) {
        guard let q = bound?[row] else { continue }
        groups[g].pinball += 2 * Swift.max(p * (y - q), (p - 1) * (y - q)) / 5
      }
    }
    return table_(groups, keys, by, schema, hasBounds: bounds.allSatisfy { $0 != nil })
  }

  private static func table_(
    _ groups: [Sums], _ keys: [[Value]], _ by: [String], _ schema: Schema, hasBounds: Bool
  ) -> Table {
    func ratio(_ a: Double, _ b: Double) -> Double? { b > 0 ? a / b : nil }
    var columns = by.indices.map { i in
      Column(schema.fields[i].type, values: keys.map { $0[i] })
    }
    func add(_ type: ValueType, _ f: (Sums) -> Double?) {
      columns.append(Column.doubles(type, groups.map(f)))
    }
    columns.append(Column(.int, .ints(groups.map { Int64($0.count) })))
    add(.quantity(nil)) { $0.absolute / Double($0.count) }
    add(.percent) { ratio($0.absolute, $0.actual) }
    add(.number) { ratio($0.scaled, Double($0.scaledCount)) }
    add(.number) { s in
      let each = s.order.compactMap { s.products[$0] }.map { ($0.squares / $0.count).squareRoot() }
      return each.isEmpty ? nil : each.reduce(0, +) / Double(each.count)
    }
    add(.percent) { $0.symmetric / Double($0.count) }
    add(.percent) { ratio(-$0.signed, $0.actual) }
    add(.percent) { hasBounds ? ratio($0.pinball, $0.actual) : nil }
    add(.percent) { ratio(Double($0.inside80), Double($0.bounded80)) }
    add(.percent) { ratio(Double($0.inside95), Double($0.bounded95)) }
    // Of many products together it would only tell how many there are.
    add(.number) { $0.products.count > 1 ? nil : ratio($0.signed, $0.absolute / Double($0.count)) }
    add(.percent) { s in
      ratio(s.naive, Double(s.naiveCount)).flatMap { other in
        ratio(other - s.absolute / Double(s.count), other)
      }
    }
    return Table(schema, columns, rowCount: groups.count)
  }
}
