import ErpqBase
import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Column
import struct ErpqTables.Table

/// A copy by columns of the relations that are scanned most: groups of rows in the relation's order, in each the cells
/// of a column as one chunk. A scan of many rows reads the chunks of its columns and days; SQLite would visit every row.
///
/// Each load makes the copy anew in its own transaction, and it counts only for the version that it was made of: a file
/// without one is read row by row, with the same result.
enum RowGroups {
  /// Rows of a group.
  static let size = 32_768
  /// Up to so many values, the rows of a product or an order are found faster by an index.
  private static let fewValues = 20
  /// A column of places, by a name that no relation has.
  private static let place = "\u{1}place"

  /// The columns that are copied, each stored one once.
  private static func copied(_ spec: RelationSpec) -> [StoredColumn] {
    var seen: Set<String> = []
    return spec.sources.filter { seen.insert($0.sql).inserted }
  }

  // MARK: Writing

  /// Copies every relation that is copied at all and large; the others are read row by row.
  static func write(_ database: Database, version: Int) throws {
    try database.execute(sql: "DELETE FROM column_chunks")
    let counts = try Warehouse.largeCounts(database, version)
    for spec in Warehouse.relations where spec.indexed != nil && counts[spec.name] != nil {
      try write(spec, database)
    }
    try Warehouse.setMeta(database, "chunks", String(version))
  }

  private static func write(_ spec: RelationSpec, _ database: Database) throws {
    let columns = copied(spec).map(\.numbered)
    var insert = try BulkInsert(
      "column_chunks", ["relation", "column", "row_group", "rows", "low", "high", "cells"], on: database)
    let statement = try database.makeStatement(
      sql: "SELECT \(columns.map(\.sql).joined(separator: ", ")) FROM \(spec.table) ORDER BY \(spec.order)")
    defer { sqlite3_reset(statement.sqliteStatement) }
    let cancel = Cancellation.current
    var (group, isOver) = (0, false)
    while !isOver {
      try cancel.check()
      let readers = try columns.map { try ColumnReader.make(for: $0, on: database) }
      isOver = try Warehouse.take(size, of: statement, into: readers, on: database) < size
      guard let rows = readers.first?.count, rows > 0 else { break }
      for (column, reader) in zip(columns, readers) {
        let chunk = ColumnChunk.pack(reader.column(column.type))
        insert.add(spec.name)
        insert.add(column.sql)
        insert.add(Int64(group))
        insert.add(Int64(rows))
        insert.add(chunk.low)
        insert.add(chunk.high)
        insert.add(chunk.bytes)
        try insert.step()
      }
      group += 1
    }
  }

  // MARK: Reading

  /// The rows of a scan; nil where there is no copy, an index finds them faster, or a condition cannot be judged here.
  static func rows(of scan: Scan, _ plan: ScanPlan, currency: String, on database: Database) throws -> Table?
  {
    let spec = plan.spec
    guard let indexed = spec.indexed, !scan.filters.contains(where: { finds($0, spec, indexed) }) else {
      return nil
    }
    let filters = try scan.filters.map { filter in (filter, try ScanPlan.column(filter.column, in: spec)) }
    guard let first = spec.sources.first,
      try Warehouse.meta(database, "chunks") == "\(Warehouse.version(database))"
    else { return nil }
    var groups = try RowGroupReader(spec.name, column: first.sql, on: database)
    guard groups.rows > 0 else { return nil }
    for (filter, column) in filters { try groups.narrow(filter, column) }
    // The column that the relation is ordered by comes first: it says which rows of the groups are wanted at all.
    let sorted = filters.first { $0.0.isRange && spec.order.hasPrefix($0.1.sql + ",") }
    var held: [ScanFilter] = []
    if let (filter, column) = sorted, column.type.physical == .days, let range = filter.wholeNumbers {
      try groups.narrow(to: range, by: column)
      held = [filter]
    }
    // Of the other conditions, their columns are read first: then only the rows that fulfil them.
    let rest = filters.filter { filter in !held.contains(filter.0) }
    if !rest.isEmpty {
      var judged: [StoredColumn] = []
      for (_, column) in rest where !judged.contains(where: { $0.name == column.name }) {
        judged.append(column)
      }
      let places = Column(.int, .ints((0..<Int64(groups.rows)).map { $0 }))
      let table = try groups.table(judged, currency: currency).setting(place, places)
      let asked = Scan(scan.relation, columns: [place], filters: rest.map(\.0))
      guard let found = KeptRows([], table).rows(of: asked), case .ints(let kept)? = found[place]?.storage
      else { return nil }
      groups.narrow(to: kept)
    }
    return try groups.table(plan.columns, currency: currency)
  }

  /// Whether an index finds the rows of a condition, and these are few.
  private static func finds(_ filter: ScanFilter, _ spec: RelationSpec, _ indexed: [String]) -> Bool {
    // A product's code, name or category is looked up first, and stands for one product or for many.
    let column = spec.source(of: filter.column)
    let isIndexed = indexed.contains { spec.source(of: $0)?.sql == column?.sql }
    guard isIndexed, column?.text?.isSelective ?? true else { return false }
    return switch filter.test {
    case .equal: true
    case .oneOf(let values): values.count <= fewValues
    case .range, .notNull: false
    }
  }
}
