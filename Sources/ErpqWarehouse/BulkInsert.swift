import GRDB
import GRDBSQLite

/// A prepared insert fed by plain binds: what bulk loading costs is SQLite's own work.
struct BulkInsert {
  private let statement: Statement
  private let raw: OpaquePointer
  private let database: Database
  private var next: Int32 = 1

  /// `INSERT OR REPLACE` into all `columns` of a table.
  init(_ table: String, _ columns: [String], on database: Database) throws {
    let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    let holes = columns.map { _ in "?" }.joined(separator: ", ")
    try self.init(sql: "INSERT OR REPLACE INTO \(table) (\(names)) VALUES (\(holes))", on: database)
  }

  /// Any statement that is run many times with other values and gives no rows.
  init(sql: String, on database: Database) throws {
    statement = try database.makeStatement(sql: sql)
    raw = statement.sqliteStatement
    self.database = database
  }

  /// The next column of the row.
  @inline(__always)
  mutating func add(_ value: Int64) {
    sqlite3_bind_int64(raw, next, value)
    next += 1
  }

  @inline(__always)
  mutating func add(_ value: Int64?) {
    if let value { sqlite3_bind_int64(raw, next, value) } else { sqlite3_bind_null(raw, next) }
    next += 1
  }

  @inline(__always)
  mutating func add(_ value: Int32) { add(Int64(value)) }

  @inline(__always)
  mutating func add(_ value: Int32?) { add(value.map(Int64.init)) }

  @inline(__always)
  mutating func add(_ value: Bool?) { add(value.map { $0 ? Int64(1) : 0 }) }

  @inline(__always)
  mutating func add(_ value: Double) {
    sqlite3_bind_double(raw, next, value)
    next += 1
  }

  @inline(__always)
  mutating func add(_ value: Double?) {
    // SQLite keeps NaN as null.
    if let value { sqlite3_bind_double(raw, next, value) } else { sqlite3_bind_null(raw, next) }
    next += 1
  }

  mutating func add(_ value: String?) {
    if let value {
      sqlite3_bind_text(raw, next, value, Int32(clamping: value.utf8.count), transient)
    } else {
      sqlite3_bind_null(raw, next)
    }
    next += 1
  }

  mutating func add(_ value: [UInt8]) {
    sqlite3_bind_blob(raw, next, value, Int32(clamping: value.count), transient)
    next += 1
  }

  /// Writes the row.
  mutating func step() throws {
    next = 1
    let code = sqlite3_step(raw)
    sqlite3_reset(raw)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage, sql: statement.sql)
    }
  }
}

/// Tells SQLite to copy what is bound.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
