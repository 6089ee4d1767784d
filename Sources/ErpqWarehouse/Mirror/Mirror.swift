import ErpqBase
import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Column
import struct ErpqTables.Table

/// How far the mirror of one model has come.
public struct MirrorState: Hashable, Sendable {
  /// The table.
  public var name: String
  /// Which fields of the server fill which columns; when it changes, everything is read again.
  public var fingerprint: String
  /// The server's clock at the start of the last run that was completed, overlap already taken off; nil before
  /// the first.
  public var watermark: Instant?
  /// The same for the run under way; nil between runs.
  public var started: Instant?
  /// The last id that the run under way has stored.
  public var cursor: Int64
  /// Whether the run under way reads everything.
  public var isFull: Bool
  /// Whether the server has the model at all.
  public var isPresent: Bool

  /// A state.
  public init(
    name: String, fingerprint: String, watermark: Instant? = nil, started: Instant? = nil, cursor: Int64 = 0,
    isFull: Bool = false, isPresent: Bool = true
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.watermark = watermark
    self.started = started
    self.cursor = cursor
    self.isFull = isFull
    self.isPresent = isPresent
  }
}

/// Number, sum of ids and last change of the records that were entered in one month (UTC).
public struct MirrorChecksum: Hashable, Sendable {
  /// Records.
  public var count: Int64
  /// Sum of their ids.
  public var sum: Int64
  /// The latest change, to the second; nil where none is known.
  public var lastWrite: Instant?

  /// A checksum.
  public init(count: Int64, sum: Int64, lastWrite: Instant?) {
    self.count = count
    self.sum = sum
    self.lastWrite = lastWrite
  }
}

extension Warehouse {
  /// The states of all tables that were ever begun, by name.
  public func mirrorStates() throws -> [String: MirrorState] {
    try read { database in
      var states: [String: MirrorState] = [:]
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM mirror_states")
      while let row = try rows.next() {
        states[row["name"]] = MirrorState(
          name: row["name"], fingerprint: row["fingerprint"],
          watermark: (row["watermark"] as Int64?).map { Instant(microseconds: $0) },
          started: (row["started"] as Int64?).map { Instant(microseconds: $0) }, cursor: row["cursor"],
          isFull: row["is_full"], isPresent: row["is_present"])
      }
      return states
    }
  }

  /// Stores a state alone; with `clearing`, the table is emptied in the same transaction.
  public func storeMirror(_ state: MirrorState, clearing: Bool = false) throws {
    try load(changesFacts: false) { database in
      if clearing, let table = MirrorTable.named(state.name) {
        try database.execute(sql: "DELETE FROM \(table.sql)")
        if database.changesCount > 0 { try Warehouse.markMirror(database) }
      }
      try Warehouse.write(state, on: database)
    }
  }

  /// Inserts or replaces a page of records by id, and stores the state, in one transaction.
  ///
  /// - Parameter page: columns by the names of the table's, `id` among them; those that are missing are null.
  /// - Returns: how many records were new or different.
  @discardableResult
  public func storeMirror(_ page: Table, _ state: MirrorState) throws -> Int {
    try load(changesFacts: false) { database in
      let changed = try Warehouse.upsert(page, into: state.name, on: database)
      if changed > 0 { try Warehouse.markMirror(database) }
      try Warehouse.write(state, on: database)
      return changed
    }
  }

  /// Makes the table hold exactly these records, and stores the state, in one transaction.
  ///
  /// - Returns: how many records were new or different, and how many went.
  @discardableResult
  public func replaceMirror(_ page: Table, _ state: MirrorState) throws -> (changed: Int, removed: Int) {
    try load(changesFacts: false) { database in
      guard let table = MirrorTable.named(state.name) else { throw Warehouse.noMirror(state.name) }
      let changed = try Warehouse.upsert(page, into: state.name, on: database)
      try Warehouse.fillKept(Warehouse.ids(of: page), on: database)
      try database.execute(sql: "DELETE FROM \(table.sql) WHERE id NOT IN (SELECT id FROM temp.kept)")
      let removed = database.changesCount
      if changed + removed > 0 { try Warehouse.markMirror(database) }
      try Warehouse.write(state, on: database)
      return (changed, removed)
    }
  }

  /// Removes the records of a month (nil: all) that are not among `ids`.
  ///
  /// - Returns: how many went, and which of `ids` the table does not hold.
  public func pruneMirror(_ name: String, month: CivilDate?, keeping ids: [Int64]) throws -> (
    removed: Int, missing: [Int64]
  ) {
    try load(changesFacts: false) { database in
      guard let table = MirrorTable.named(name) else { throw Warehouse.noMirror(name) }
      try Warehouse.fillKept(ids, on: database)
      let range = month.map { month in
        let start = Instant(month).microseconds
        let end = Instant(month.adding(months: 1)).microseconds
        return " AND created >= \(start) AND created < \(end)"
      }
      try database.execute(
        sql: "DELETE FROM \(table.sql) WHERE id NOT IN (SELECT id FROM temp.kept)\(range ?? "")")
      let removed = database.changesCount
      if removed > 0 { try Warehouse.markMirror(database) }
      let missing = try Int64.fetchAll(
        database, sql: "SELECT id FROM temp.kept WHERE id NOT IN (SELECT id FROM \(table.sql)) ORDER BY id")
      return (removed, missing)
    }
  }

  /// The checksums of a table's months, by the first day of each.
  public func mirrorChecksums(_ name: String) throws -> [CivilDate: MirrorChecksum] {
    guard let table = MirrorTable.named(name), table.hasWriteDates else { return [:] }
    return try read { database in
      var sums: [CivilDate: MirrorChecksum] = [:]
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT strftime('%Y-%m-01', created / 1000000, 'unixepoch'), count(*), sum(id), max(written)
          FROM \(table.sql) WHERE created IS NOT NULL GROUP BY 1
          """)
      while let row = try rows.next() {
        guard let month = (row[0] as String?).flatMap({ CivilDate(iso: $0) }) else { continue }
        let written: Int64? = row[3]
        sums[month] = MirrorChecksum(
          count: row[1], sum: row[2],
          lastWrite: written.map { Instant(microseconds: $0).startOfSecond })
      }
      return sums
    }
  }

  /// Number of records that a table holds.
  public func mirrorCount(_ name: String) throws -> Int {
    guard let table = MirrorTable.named(name) else { throw Warehouse.noMirror(name) }
    return try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table.sql)") ?? 0 }
  }

  static func noMirror(_ name: String) -> WarehouseError {
    WarehouseError(.statement, "There is no mirror of \(name).")
  }

  private static func ids(of page: Table) -> [Int64] {
    guard let at = page.schema.index(of: "id"), case .ints(let ids) = page.columns[at].storage else {
      return []
    }
    return ids
  }

  private static func fillKept(_ ids: [Int64], on database: Database) throws {
    try database.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY)")
    try database.execute(sql: "DELETE FROM temp.kept")
    var insert = try BulkInsert(sql: "INSERT OR IGNORE INTO temp.kept (id) VALUES (?)", on: database)
    for id in ids {
      insert.add(id)
      try insert.step()
    }
  }

  /// Notes that what statements see has to be made again.
  private static func markMirror(_ database: Database) throws { try setMeta(database, "mirror_changed", "1") }

  private static func write(_ state: MirrorState, on database: Database) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO mirror_states
        (name, fingerprint, watermark, started, cursor, is_full, is_present) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        state.name, state.fingerprint, state.watermark?.microseconds, state.started?.microseconds,
        state.cursor,
        state.isFull, state.isPresent,
      ])
  }

  /// How one column of a page is bound.
  private enum Source {
    case none
    case ints([Int64], Bitmap?)
    case doubles([Double], Bitmap?)
    case bools([Bool], Bitmap?)
    case days([Int32], Bitmap?)
    case texts([Int32], [String], Bitmap?)

    init(_ column: Column?) {
      guard let column else {
        self = .none
        return
      }
      switch column.storage {
      case .ints(let v): self = .ints(v, column.validity)
      case .doubles(let v): self = .doubles(v, column.validity)
      case .bools(let v): self = .bools(v, column.validity)
      case .days(let v): self = .days(v, column.validity)
      case .codes(let v, let dictionary): self = .texts(v, dictionary.strings, column.validity)
      case .values, .nulls: self = .none
      }
    }

    @inline(__always)
    func bind(_ row: Int, _ insert: inout BulkInsert) {
      switch self {
      case .none: insert.add(nil as Int64?)
      case .ints(let v, let valid):
        if valid?[row] ?? true { insert.add(v[row]) } else { insert.add(nil as Int64?) }
      case .doubles(let v, let valid):
        if valid?[row] ?? true { insert.add(v[row]) } else { insert.add(nil as Int64?) }
      case .bools(let v, let valid):
        if valid?[row] ?? true { insert.add(v[row]) } else { insert.add(nil as Int64?) }
      case .days(let v, let valid):
        if valid?[row] ?? true { insert.add(v[row]) } else { insert.add(nil as Int64?) }
      case .texts(let v, let texts, let valid):
        insert.add(valid?[row] ?? true ? texts[Int(v[row])] : nil)
      }
    }
  }

  /// A record that comes again unchanged is not written, so that an overlap costs nothing.
  private static func upsert(_ page: Table, into name: String, on database: Database) throws -> Int {
    guard let table = MirrorTable.named(name) else { throw noMirror(name) }
    let names = ["id"] + table.columns.map(\.name)
    let quoted = names.map { "\"\($0)\"" }
    let sets = quoted.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let old = quoted.dropFirst().map { "\(table.sql).\($0)" }.joined(separator: ", ")
    let new = quoted.dropFirst().map { "excluded.\($0)" }.joined(separator: ", ")
    var insert = try BulkInsert(
      sql: """
        INSERT INTO \(table.sql) (\(quoted.joined(separator: ", ")))
        VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (id) DO UPDATE SET \(sets) WHERE (\(old)) IS NOT (\(new))
        """, on: database)
    let sources = names.map { name in Source(page.schema.index(of: name).map { page.columns[$0] }) }
    let before = database.totalChangesCount
    let cancel = Cancellation.current
    for row in 0..<page.rowCount {
      if row & 0xFFFF == 0 { try cancel.check() }
      for source in sources { source.bind(row, &insert) }
      try insert.step()
    }
    return database.totalChangesCount - before
  }
}
