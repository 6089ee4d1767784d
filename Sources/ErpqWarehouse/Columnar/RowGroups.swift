import ErpqBase
import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Table

/// A copy by columns of the relations that are scanned most: groups of rows in the relation's order, in each the cells
/// of a column as one chunk. A scan of many rows reads the chunks of its columns and days; SQLite would visit every row.
///
/// Each load makes the copy anew in its own transaction, and it counts only for the version that it was made of: a file
/// without one is read row by row, with the same result.
enum RowGroups {
  /// Rows of a group.
  static let size = 32_768
  /// Relations with fewer rows are read row by row.
  static let fewest = 10_000
  /// Up to so many values, the rows of a product or an order are found faster by an index.
  private static let fewValues = 20

  /// The columns that are copied, each stored one once.
  private static func copied(_ spec: RelationSpec) -> [StoredColumn] {
    var seen: Set<String> = []
    return spec.sources.filter { seen.insert($0.sql).inserted }
  }

  // MARK: Writing

  /// Copies every relation that is copied at all.
  static func write(_ database: Database, version: Int) throws {
    try database.execute(sql: "DELETE FROM column_chunks")
    for spec in Warehouse.relations where spec.isCopied {
      let rows = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(spec.table)") ?? 0
      if rows >= fewest { try write(spec, database) }
    }
    try Warehouse.setMeta(database, "chunks", String(version))
  }

  private static func write(_ spec: RelationSpec, _ database: Database) throws {
    let columns = copied(spec)
    var cells = columns.map { PendingCells($0) }
    var insert = try BulkInsert(
      "column_chunks", ["relation", "column", "row_group", "rows", "low", "high", "cells"], on: database)
    let statement = try database.makeStatement(
      sql: "SELECT \(columns.map(\.sql).joined(separator: ", ")) FROM \(spec.table) ORDER BY \(spec.order)")
    let raw = statement.sqliteStatement
    defer { sqlite3_reset(raw) }
    let cancel = Cancellation.current
    var (group, rows) = (0, 0)
    func flush() throws {
      for i in cells.indices {
        let chunk = cells[i].pack()
        insert.add(spec.name)
        insert.add(columns[i].sql)
        insert.add(Int64(group))
        insert.add(Int64(rows))
        insert.add(chunk.low)
        insert.add(chunk.high)
        insert.add(chunk.bytes)
        try insert.step()
      }
      (group, rows) = (group + 1, 0)
    }
    while true {
      let code = sqlite3_step(raw)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_ROW else {
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
      }
      for i in cells.indices { cells[i].take(raw, Int32(truncatingIfNeeded: i)) }
      rows += 1
      if rows == size {
        try cancel.check()
        try flush()
      }
    }
    if rows > 0 { try flush() }
  }

  // MARK: Reading

  /// The rows of a scan; nil where there is no copy, an index finds them faster, or a condition cannot be judged here.
  static func rows(of scan: Scan, _ plan: ScanPlan, currency: String, on database: Database) throws -> Table?
  {
    let spec = plan.spec
    guard spec.isCopied, !scan.filters.contains(where: { isSelective($0, spec) }) else { return nil }
    let filters = try scan.filters.map { filter in (filter, try ScanPlan.column(filter.column, in: spec)) }
    var columns = plan.columns
    for (_, column) in filters where !columns.contains(where: { $0.name == column.name }) {
      columns.append(column)
    }
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
    let table = try groups.table(columns, currency: currency)
    return KeptRows(held, table).rows(
      of: Scan(scan.relation, columns: plan.columns.map(\.name), filters: scan.filters))
  }

  private static func isSelective(_ filter: ScanFilter, _ spec: RelationSpec) -> Bool {
    guard let column = spec.source(of: filter.column) else { return false }
    let isName = column.text?.isSelective ?? (column.type == .int)
    return switch filter.test {
    case .equal: isName
    case .oneOf(let values): isName && values.count <= fewValues
    case .range, .notNull: false
    }
  }
}

/// The cells of a column that wait to be packed.
private struct PendingCells {
  private enum Kind { case whole, days, numbers, texts }

  private let kind: Kind
  private var whole: [Int64] = []
  private var numbers: [Double] = []
  private var codes: [Int32] = []
  private var texts = TextDictionaryBuilder()
  private var nulls: [Int] = []
  private var count = 0

  init(_ column: StoredColumn) {
    kind =
      switch column.text == nil ? column.type.physical : .ints {
      case .doubles: .numbers
      case .days: .days
      case .codes: .texts
      default: .whole
      }
  }

  mutating func take(_ statement: OpaquePointer, _ index: Int32) {
    var mayBeNull = false
    switch kind {
    case .numbers:
      let value = sqlite3_column_double(statement, index)
      mayBeNull = value == 0
      numbers.append(value)
    case .whole, .days:
      let value = sqlite3_column_int64(statement, index)
      mayBeNull = value == 0
      whole.append(kind == .days ? Int64(Int32(clamping: value)) : value)
    case .texts:
      let start = sqlite3_column_text(statement, index)
      mayBeNull = start == nil
      let text = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))
      codes.append(start == nil ? 0 : texts.code(for: text))
    }
    if mayBeNull, sqlite3_column_type(statement, index) == SQLITE_NULL { nulls.append(count) }
    count += 1
  }

  /// Packs them; none are left.
  mutating func pack() -> (low: Int64?, high: Int64?, bytes: [UInt8]) {
    defer {
      whole.removeAll(keepingCapacity: true)
      numbers.removeAll(keepingCapacity: true)
      codes.removeAll(keepingCapacity: true)
      nulls.removeAll(keepingCapacity: true)
      texts = TextDictionaryBuilder()
      count = 0
    }
    var marks: Bitmap?
    if !nulls.isEmpty {
      var bits = Bitmap(repeating: false, count: count)
      for row in nulls { bits[row] = true }
      marks = bits
    }
    return switch kind {
    case .whole, .days: ColumnChunk.pack(whole, nulls: marks)
    case .numbers: (nil, nil, ColumnChunk.pack(numbers, nulls: marks))
    case .texts: (nil, nil, ColumnChunk.pack(codes, texts.build(), nulls: marks))
    }
  }
}
