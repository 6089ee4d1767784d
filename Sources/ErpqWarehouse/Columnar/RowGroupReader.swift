import ErpqBase
import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Column
import struct ErpqTables.Table

/// Reads columns of the row groups that may hold wanted rows.
struct RowGroupReader {
  private struct Group {
    let number: Int
    let size: Int
    /// The wanted rows of the group, in runs.
    var runs: [Range<Int>]
    var rows: Int { runs.reduce(0) { $0 + $1.count } }
  }

  private let relation: String
  private let database: Database
  private var groups: [Group] = []

  /// All groups of a relation, by any column of it.
  init(_ relation: String, column: String, on database: Database) throws {
    self.relation = relation
    self.database = database
    let found = try Row.fetchCursor(
      database,
      sql:
        "SELECT row_group, rows FROM column_chunks WHERE relation = ? AND \"column\" = ? ORDER BY row_group",
      arguments: [relation, column])
    while let row = try found.next() {
      let size: Int = row[1]
      guard (0...RowGroups.size).contains(size) else { throw ColumnChunk.damaged }
      groups.append(Group(number: row[0], size: size, runs: [0..<size]))
    }
  }

  /// Number of wanted rows.
  var rows: Int { groups.reduce(0) { $0 + $1.rows } }

  /// Leaves out the groups whose lowest and highest number say that no row fulfils a condition.
  mutating func narrow(_ filter: ScanFilter, _ column: StoredColumn) throws {
    guard column.text == nil, [.days, .ints].contains(column.type.physical), let range = filter.wholeNumbers
    else { return }
    let kept = try Set(
      Int.fetchAll(
        database,
        sql: """
          SELECT row_group FROM column_chunks WHERE relation = ? AND "column" = ? AND low <= ? AND high >= ?
          """, arguments: [relation, column.sql, range.upperBound, range.lowerBound]))
    groups.removeAll { !kept.contains($0.number) }
  }

  /// Leaves only the rows whose day lies in a range, by the column of days that the relation is ordered by.
  mutating func narrow(to range: ClosedRange<Int64>, by column: StoredColumn) throws {
    let days = try cells(column, Int32.self) { try $0.whole($1, into: $2) }.cells
    var place = 0
    for i in groups.indices {
      let own = days[place..<(place + groups[i].size)]
      let start = own.partitioningIndex { Int64($0) >= range.lowerBound } - place
      let end = own.partitioningIndex { Int64($0) > range.upperBound } - place
      groups[i].runs = [start..<Swift.max(start, end)]
      place += own.count
    }
    groups.removeAll { $0.rows == 0 }
  }

  /// Leaves only some of the rows that are wanted so far, given by their places among these, in order.
  mutating func narrow(to places: [Int64]) {
    var next = places[...]
    var place = 0
    for i in groups.indices {
      var runs: [Range<Int>] = []
      for run in groups[i].runs {
        while let row = next.first.map({ Int($0) - place }), row < run.count {
          let row = run.lowerBound + row
          if let last = runs.last, last.upperBound == row {
            runs[runs.count - 1] = last.lowerBound..<(row + 1)
          } else {
            runs.append(row..<(row + 1))
          }
          next.removeFirst()
        }
        place += run.count
      }
      groups[i].runs = runs
    }
    groups.removeAll { $0.rows == 0 }
  }

  /// The wanted rows of columns.
  func table(_ columns: [StoredColumn], currency: String) throws -> Table {
    let fields = columns.map { $0.field(currency: currency) }
    let found = try zip(columns, fields).map { try column($0, $1.type) }
    return Table(Schema(fields), found, rowCount: rows)
  }

  private func column(_ column: StoredColumn, _ type: ValueType) throws -> Column {
    if let text = column.text {
      let (numbers, known) = try cells(column, Int64.self) { try $0.whole($1, into: $2) }
      let texts = try NumberedTexts(text, on: database)
      var (codes, named) = texts.codes(of: numbers)
      codes.hide(known)
      return finished(type, .codes(codes, texts.dictionary), Bitmap.both(known, named))
    }
    switch type.physical {
    case .bools:
      let (cells, known) = try cells(column, Int64.self) { try $0.whole($1, into: $2) }
      return finished(type, .bools(cells.map { $0 != 0 }), known)
    case .ints:
      let (cells, known) = try cells(column, Int64.self) { try $0.whole($1, into: $2) }
      return finished(type, .ints(cells), known)
    case .codes:
      var dictionary = TextDictionaryBuilder()
      let (codes, known) = try cells(column, Int32.self) { try $0.texts($1, &dictionary, into: $2) }
      return finished(type, .codes(codes, dictionary.build()), known)
    case .days:
      let (cells, known) = try cells(column, Int32.self) { try $0.whole($1, into: $2) }
      return finished(type, .days(cells), known)
    default:
      let (cells, known) = try cells(column, Double.self) {
        try $0.numbers($1, scale: column.scale, into: $2)
      }
      return finished(type, .doubles(cells), known)
    }
  }

  private func finished(_ type: ValueType, _ storage: Column.Storage, _ known: Bitmap?) -> Column {
    if let known, known.setCount == 0, known.count > 0 { return .nulls(type, count: known.count) }
    return Column(type, storage, validity: known)
  }

  /// The wanted cells of a column, and which of them are known; nil when all are. What is not known is 0.
  private func cells<T: Numeric & BitwiseCopyable>(
    _ column: StoredColumn, _: T.Type,
    _ unpack: (ColumnChunk.Packed, [Range<Int>], UnsafeMutablePointer<T>) throws -> Void
  ) throws -> (cells: [T], known: Bitmap?) {
    let rows = rows
    guard let first = groups.first, let last = groups.last else { return ([], nil) }
    let statement = try database.cachedStatement(
      sql: """
        SELECT row_group, cells FROM column_chunks
        WHERE relation = ? AND "column" = ? AND row_group BETWEEN ? AND ? ORDER BY row_group
        """)
    try statement.setArguments([relation, column.sql, first.number, last.number])
    let raw = statement.sqliteStatement
    defer { sqlite3_reset(raw) }
    let cancel = Cancellation.current
    var known: Bitmap?
    let cells = try [T](unsafeUninitializedCapacity: rows) { buffer, filled in
      for group in groups {
        try cancel.check()
        var code = sqlite3_step(raw)
        while code == SQLITE_ROW, sqlite3_column_int64(raw, 0) < group.number { code = sqlite3_step(raw) }
        guard code == SQLITE_ROW || code == SQLITE_DONE else {
          throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
        }
        guard code == SQLITE_ROW, sqlite3_column_int64(raw, 0) == group.number,
          let chunk = ColumnChunk.Packed(
            UnsafeRawBufferPointer(
              start: sqlite3_column_blob(raw, 1), count: Int(sqlite3_column_bytes(raw, 1))), rows: group.size),
          let base = buffer.baseAddress
        else { throw ColumnChunk.damaged }
        try unpack(chunk, group.runs, base + filled)
        chunk.nulls(group.runs) { place in
          base[filled + place] = 0
          if known == nil { known = Bitmap(repeating: true, count: rows) }
          known?[filled + place] = false
        }
        filled += group.rows
      }
    }
    return (cells, known)
  }
}

extension [Int32] {
  /// Sets what is not known to 0.
  fileprivate mutating func hide(_ known: Bitmap?) {
    guard let known else { return }
    for i in indices where !known[i] { self[i] = 0 }
  }
}
