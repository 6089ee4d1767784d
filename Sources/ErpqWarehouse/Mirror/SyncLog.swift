import ErpqBase
import GRDB

/// One run of a sync, as the table `syncs` keeps it.
public struct SyncRecord: Hashable, Sendable {
  /// Its number; nil until it is written.
  public var id: Int64?
  /// This machine's clock at the start.
  public var started: Instant
  /// This machine's clock at the end; nil while it runs, and for a run that was killed.
  public var finished: Instant?
  /// The server's clock at the start.
  public var serverTime: Instant?
  /// `running`, `ok`, `partial` or `failed`.
  public var status: String
  /// The server's version.
  public var version: String
  /// The protocol.
  public var transport: String
  /// The login.
  public var user: String
  /// Records that the server sent.
  public var read = 0
  /// New or different ones of them.
  public var changed = 0
  /// Records that are gone.
  public var removed = 0
  /// Records that could not be used.
  public var problems = 0
  /// What went wrong or is missing; empty when nothing.
  public var message = ""

  /// A run that begins.
  public init(
    started: Instant, serverTime: Instant?, status: String = "running", version: String, transport: String,
    user: String
  ) {
    self.started = started
    self.serverTime = serverTime
    self.status = status
    self.version = version
    self.transport = transport
    self.user = user
  }
}

extension Warehouse {
  /// Where the facts of the file come from; nil for a file that no sync has filled.
  public var origin: String? { get throws { try read { try Warehouse.meta($0, "origin") } } }

  /// Refuses to load files into a company file that a sync fills: the next sync would throw them away.
  static func refuseMirrored(_ database: Database) throws {
    guard let origin = try meta(database, "origin") else { return }
    throw WarehouseError(
      .badData, "This company file is filled by syncs of \(origin), so nothing can be imported into it.",
      advice: "Import into another company file, or read the file with `read`.")
  }

  /// Ties the file to a server's database and company, once.
  ///
  /// - Throws: `WarehouseError` when it holds facts of another origin.
  public func bind(origin: String, name: String, currency: String, timeZone: String) throws {
    try load(changesFacts: false) { database in
      if let known = try Warehouse.meta(database, "origin") {
        guard known == origin else {
          throw WarehouseError(
            .badData, "\(path) holds the records of \(known), not of \(origin).",
            advice: "Name another company file for this connection.")
        }
      } else {
        let loads = try Int.fetchOne(database, sql: "SELECT count(*) FROM loads") ?? 0
        guard loads == 0 else {
          throw WarehouseError(
            .badData, "\(path) holds imported files, which a sync would mix with the server's records.",
            advice: "Name a new company file for the connection.")
        }
        try Warehouse.setMeta(database, "origin", origin)
        try Warehouse.setMeta(database, "mirror_changed", "1")
      }
      for (key, value) in [("name", name), ("currency", currency), ("time_zone", timeZone)]
      where try Warehouse.meta(database, key) != value {
        try Warehouse.setMeta(database, key, value)
        // Days and amounts follow from these.
        try Warehouse.setMeta(database, "mirror_changed", "1")
      }
    }
  }

  /// Writes a run of a sync; a record without a number gets one.
  @discardableResult
  public func storeSync(_ record: SyncRecord) throws -> SyncRecord {
    try load(changesFacts: false) { database in
      var record = record
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO syncs (sync, started, finished, server, status, version, transport, "user", read,
            changed, removed, problems, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          record.id, record.started.microseconds, record.finished?.microseconds,
          record.serverTime?.microseconds,
          record.status, record.version, record.transport, record.user, record.read, record.changed,
          record.removed, record.problems, record.message,
        ])
      record.id = record.id ?? database.lastInsertedRowID
      return record
    }
  }

  /// When the last complete sync ended, by this machine's clock; nil when there was none.
  public var lastSync: Instant? {
    get throws {
      try read { database in
        try Int64.fetchOne(database, sql: "SELECT max(finished) FROM syncs WHERE status = 'ok'")
          .map { Instant(microseconds: $0) }
      }
    }
  }
}
