import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

// Stages that bring rows together: with those of a relation, and into cells of a grid.
extension Executor {
  /// `join`: two tables side by side where the left one's keys meet the right one's columns.
  static func join(
    _ left: Table, _ right: Table, _ kind: JoinKind, _ on: [(left: BoundStage.Named, right: String)],
    _ merge: [String]
  ) throws -> Table {
    try left.joined(right, on: on.map { ($0.left.name, $0.right) }, kind: kind, mergeKeys: merge)
  }

  /// `lookup`: columns of a relation beside the rows that name its key.
  func lookup(
    _ table: Table, _ key: String, _ relation: CommandSpec, _ columns: [(column: String, as: String)]
  ) throws -> Table {
    var scan = Scan(relation.name, columns: [key] + columns.map(\.column).filter { $0 != key })
    // Rows of some months name a narrow range of orders.
    if case .ints(let keys)? = table[key]?.storage, let least = keys.min(), let most = keys.max() {
      scan.filters = [ScanFilter(key, .range(.int(least), .int(most)))]
    }
    var other = try FactFilters.scan(scan, context)
    var result = table
    for (column, name) in columns {
      guard let values = other[column] else { continue }
      other = other.setting(name, values)
    }
    other = other.selecting([key] + columns.map(\.as))
    if Warehouse.relation(relation.name)?.keys != [key] { other = try other.distinct(on: [key]) }
    result = try result.joined(other, on: [(key, key)], kind: .left, mergeKeys: [key])
    return result
  }

  /// `pivot`: a column for each value of one.
  func pivot(_ table: Table, _ r: BoundStage.Named, _ c: BoundStage.Named, _ value: Expression) throws
    -> Table
  {
    let rows = Evaluator(table: table, variables: values)
    if case .aggregate(let kind, let arguments, let type) = value {
      let columns = try arguments.map { try rows.column($0) }
      return try table.pivoted(
        rows: (r.name, try rows.column(r.value)), columns: try rows.column(c.value),
        value: Aggregate("value", kind, columns, type: type))
    }
    // Any other value is computed a cell first.
    let cells = try rows.summarized(
      by: [("\u{1}r", r.value), ("\u{1}c", c.value)], items: [("\u{1}v", value)])
    guard let a = cells["\u{1}r"], let b = cells["\u{1}c"], let v = cells["\u{1}v"] else { return cells }
    return try cells.pivoted(
      rows: (r.name, a), columns: b, value: Aggregate("value", .first, [v], type: v.type))
  }
}
