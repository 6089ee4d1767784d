import ErpqBase
import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Column
import struct ErpqTables.Table

/// A condition on one column of a scan. Null never fulfils one.
public struct ScanFilter: Hashable, Sendable {
  /// What is asked of the value.
  public enum Test: Hashable, Sendable {
    case equal(Value)
    /// One of these; none fulfils an empty list.
    case oneOf([Value])
    /// From the first to the second, both included; null leaves that end open.
    case range(Value, Value)
    case notNull
  }

  /// The column, by its name in the relation.
  public var column: String
  /// What is asked of it.
  public var test: Test

  /// Whether it asks for values from one to another.
  public var isRange: Bool { if case .range = test { true } else { false } }

  /// A condition.
  public init(_ column: String, _ test: Test) {
    self.column = column
    self.test = test
  }
}

/// What to read of one relation.
public struct Scan: Hashable, Sendable {
  /// The relation.
  public var relation: String
  /// The columns, in the order wanted; nil for all.
  public var columns: [String]?
  /// Conditions, all of which must hold.
  public var filters: [ScanFilter]

  /// A scan.
  public init(_ relation: String, columns: [String]? = nil, filters: [ScanFilter] = []) {
    self.relation = relation
    self.columns = columns
    self.filters = filters
  }
}

/// A scan put into SQL.
struct ScanPlan {
  let spec: RelationSpec
  let columns: [StoredColumn]
  let sql: String
  let arguments: [DatabaseValue]

  init(_ scan: Scan) throws {
    guard let spec = Warehouse.relation(scan.relation) else {
      let near = nearest(to: scan.relation, among: Warehouse.relations.map(\.name))
      throw WarehouseError(
        .badScan, "There is no relation \"\(scan.relation)\".",
        advice: near.isEmpty ? "" : "Did you mean \(near.joined(separator: ", "))?")
    }
    self.spec = spec
    columns = try scan.columns.map { try $0.map { try ScanPlan.column($0, in: spec) } } ?? spec.sources
    var arguments: [DatabaseValue] = []
    var conditions: [String] = []
    for filter in scan.filters {
      let column = try ScanPlan.column(filter.column, in: spec)
      conditions.append(try ScanPlan.condition(column, filter.test, &arguments))
    }
    // A relation may have rows and no wanted column (`count()`): then a constant is read.
    let list = columns.isEmpty ? "1" : columns.map(\.sql).joined(separator: ", ")
    sql =
      "SELECT \(list) FROM \(spec.table)"
      + (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND "))
      + " ORDER BY \(spec.order)"
    self.arguments = arguments
  }

  static func column(_ name: String, in spec: RelationSpec) throws -> StoredColumn {
    if let column = spec.source(of: name) { return column }
    let near = nearest(to: name, among: spec.fields.map(\.name))
    throw WarehouseError(
      .badScan, "\(spec.name) has no column \"\(name)\".",
      advice: near.isEmpty ? "" : "Did you mean \(near.joined(separator: ", "))?")
  }

  private static func condition(
    _ column: StoredColumn, _ test: ScanFilter.Test, _ arguments: inout [DatabaseValue]
  ) throws -> String {
    let subject = column.text?.text ?? column.sql
    let test = try comparison(column, subject, test, &arguments)
    guard let text = column.text else { return test }
    // The plus keeps SQLite from visiting the rows one by one through an index where many are wanted.
    let sign = text.isSelective ? "" : "+"
    return "\(sign)\(column.sql) IN (SELECT \(text.key) FROM \(text.from) WHERE \(test))"
  }

  private static func comparison(
    _ column: StoredColumn, _ subject: String, _ test: ScanFilter.Test, _ arguments: inout [DatabaseValue]
  ) throws -> String {
    switch test {
    case .equal(.null): return "0"
    case .equal(let value):
      arguments.append(try stored(value, column))
      return "\(subject) = ?"
    case .oneOf(let values):
      let wanted = try values.filter { !$0.isNull }.map { try stored($0, column) }
      arguments.append(contentsOf: wanted)
      return "\(subject) IN (\(wanted.map { _ in "?" }.joined(separator: ", ")))"
    case .range(.null, .null), .notNull: return "\(subject) IS NOT NULL"
    case .range(let low, .null):
      arguments.append(try stored(low, column))
      return "\(subject) >= ?"
    case .range(.null, let high):
      arguments.append(try stored(high, column))
      return "\(subject) <= ?"
    case .range(let low, let high):
      arguments.append(try stored(low, column))
      arguments.append(try stored(high, column))
      return "\(subject) BETWEEN ? AND ?"
    }
  }

  /// A value as it lies in the file.
  private static func stored(_ value: Value, _ column: StoredColumn) throws -> DatabaseValue {
    switch (column.type.physical, value) {
    case (.bools, .bool(let flag)): return (flag ? 1 : 0).databaseValue
    case (.days, .date(let date)): return Int64(date.day).databaseValue
    case (.codes, .text(let text)): return text.databaseValue
    case (.ints, .datetime(let instant)) where column.type == .datetime:
      return instant.microseconds.databaseValue
    case (.ints, .int(let n)) where column.type == .int: return n.databaseValue
    case (.ints, .number(let d)) where column.type == .int: return d.databaseValue
    case (.doubles, _):
      if let d = value.asDouble { return (d / column.scale).databaseValue }
      fallthrough
    default:
      throw WarehouseError(
        .badScan, "\(column.name) is a \(column.type), so it cannot be compared with \(value.type) \(value).")
    }
  }

  func description(_ scan: Scan) -> String {
    let all = spec.sources.count
    var line = spec.name + ": "
    switch columns.count {
    case 0: line += "the number of rows"
    case all: line += "all \(all) columns"
    default: line += columns.map(\.name).joined(separator: ", ") + " (\(columns.count) of \(all) columns)"
    }
    if !scan.filters.isEmpty {
      line += " where " + scan.filters.map(\.description).joined(separator: " and ")
    }
    return line
  }
}

extension ScanFilter: CustomStringConvertible {
  /// The condition as the language writes it.
  public var description: String {
    func written(_ value: Value) -> String {
      if case .text(let s) = value { "\"" + s + "\"" } else { value.description }
    }
    switch test {
    case .equal(let value): return "\(column) = \(written(value))"
    case .oneOf(let values): return "\(column) in [\(values.map(written).joined(separator: ", "))]"
    case .range(.null, .null), .notNull: return "\(column) is not null"
    case .range(let low, .null): return "\(column) >= \(written(low))"
    case .range(.null, let high): return "\(column) <= \(written(high))"
    case .range(let low, let high): return "\(column) between \(written(low)) and \(written(high))"
    }
  }
}

extension Warehouse {
  /// Reads columns of a relation in the order of its rows.
  ///
  /// - Throws: `WarehouseError` for unknown names and misfitting filters, `Cancellation.Interrupted`.
  public func scan(_ scan: Scan) throws -> Table {
    let plan = try ScanPlan(scan)
    return try taped(scan) {
      try read { database in
        let currency = try Warehouse.currency(database)
        return try RowGroups.rows(of: scan, plan, currency: currency, on: database)
          ?? Warehouse.run(plan, currency: currency, on: database)
      }
    }
  }

  /// What a scan reads, for `explain`, in the words of the language:
  /// `sales: date, qty (2 of 20 columns) where date >= 2026-01-01`.
  public func description(of scan: Scan) throws -> String { try ScanPlan(scan).description(scan) }

  static func run(_ plan: ScanPlan, currency: String, on database: Database) throws -> Table {
    let statement = try database.makeStatement(sql: plan.sql)
    try statement.setArguments(StatementArguments(plan.arguments))
    var readers: [ColumnReader] = []
    for column in plan.columns { readers.append(try ColumnReader.make(for: column, on: database)) }
    defer { sqlite3_reset(statement.sqliteStatement) }
    let rows = try take(.max, of: statement, into: readers, on: database)
    let fields = plan.columns.map { $0.field(currency: currency) }
    return Table(Schema(fields), zip(fields, readers).map { $1.column($0.type) }, rowCount: rows)
  }

  /// Takes up to so many rows of a running statement, and says how many there were. Who runs it resets it.
  ///
  /// - Throws: `DatabaseError`, `Cancellation.Interrupted`.
  static func take(
    _ most: Int, of statement: Statement, into readers: [ColumnReader], on database: Database
  ) throws -> Int {
    // The readers live to the end of this function, so that no cell needs to count references to its reader.
    let unretained = readers.map { Unmanaged.passUnretained($0) }
    defer { withExtendedLifetime(readers) {} }
    let raw = statement.sqliteStatement
    let cancel = Cancellation.current
    var rows = 0
    while rows < most {
      let code = sqlite3_step(raw)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage, sql: statement.sql)
      }
      var index: Int32 = 0
      for reader in unretained {
        reader._withUnsafeGuaranteedRef { $0.take(raw, index) }
        index += 1
      }
      rows += 1
      if rows & 0xFFFF == 0 { try cancel.check() }
    }
    return rows
  }
}
