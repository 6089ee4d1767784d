import ErpqBase
import Foundation
import GRDB

/// The statements that were typed at prompts, in one SQLite file that only its owner can read.
///
/// Any number of prompts may write at the same time; each statement is one transaction.
public final class HistoryStore: Sendable {
  /// A statement and what came of it.
  public struct Entry: Sendable {
    /// Its number; later ones are higher.
    public var id: Int64
    /// The prompt that it was typed at.
    public var session: Int64
    /// When.
    public var time: Instant
    /// The company that was open.
    public var company: String
    /// The statement.
    public var text: String
    /// How long it ran; nil while it runs, or when the prompt ended before it did.
    public var milliseconds: Double?
    /// `ok`, `failed`, `interrupted`; nil while it runs.
    public var outcome: String?
  }

  /// The most statements that are kept.
  public static let mostEntries = 100_000
  /// Longer statements are not kept; in bytes.
  static let longestEntry = 64 * 1024

  /// The file.
  public let path: String
  private let queue: DatabaseQueue

  /// Opens the history at a path, making it and its folder.
  ///
  /// - Throws: `WarehouseError` when it cannot be opened or is something else.
  public init(path: String) throws {
    self.path = path
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty {
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    // Made by hand so that it is never readable for others, not even for a moment.
    let handle = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    if handle >= 0 { Glibc.close(handle) } else { chmod(path, 0o600) }
    var configuration = Configuration()
    configuration.busyMode = .timeout(2)
    configuration.label = "history"
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        try database.execute(
          sql: """
            CREATE TABLE IF NOT EXISTS history (
              id INTEGER PRIMARY KEY, session INTEGER NOT NULL, time INTEGER NOT NULL, company TEXT NOT NULL,
              text TEXT NOT NULL, milliseconds REAL, outcome TEXT)
            """)
      }
    } catch { throw WarehouseError.translating(error, path: path) }
  }

  /// A number for a new prompt.
  public func newSession() throws -> Int64 {
    try translating {
      try queue.read { try Int64.fetchOne($0, sql: "SELECT coalesce(max(session), 0) + 1 FROM history") ?? 1 }
    }
  }

  /// Takes a statement in as it is about to run; nil when it is too long to be kept.
  public func add(_ text: String, session: Int64, company: String, at time: Instant) throws -> Int64? {
    if text.utf8.count > Self.longestEntry { return nil }
    return try translating {
      try queue.write { database in
        try database.execute(
          sql: "INSERT INTO history (session, time, company, text) VALUES (?, ?, ?, ?)",
          arguments: [session, time.microseconds, company, text])
        let id = database.lastInsertedRowID
        if id % 1000 == 0 {
          try database.execute(
            sql: "DELETE FROM history WHERE id <= ?", arguments: [id - Int64(Self.mostEntries)])
        }
        return id
      }
    }
  }

  /// Notes what came of a statement.
  public func finish(_ id: Int64, milliseconds: Double, outcome: String) throws {
    try translating {
      try queue.write {
        try $0.execute(
          sql: "UPDATE history SET milliseconds = ?, outcome = ? WHERE id = ?",
          arguments: [milliseconds, outcome, id])
      }
    }
  }

  /// Statements of earlier times, oldest first, when the history holds none yet. They have no outcome.
  public func adopt(_ texts: [String]) throws {
    try translating {
      try queue.write { database in
        guard try Int.fetchOne(database, sql: "SELECT count(*) FROM history") == 0 else { return }
        for text in texts where text.utf8.count <= Self.longestEntry {
          try database.execute(
            sql: "INSERT INTO history (session, time, company, text) VALUES (0, 0, '', ?)", arguments: [text])
        }
      }
    }
  }

  /// The newest statements, oldest first.
  public func entries(limit: Int = 10_000) throws -> [Entry] {
    try translating {
      try queue.read { database in
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT * FROM (SELECT id, session, time, company, text, milliseconds, outcome FROM history
            ORDER BY id DESC LIMIT ?) ORDER BY id
            """, arguments: [limit])
        var entries: [Entry] = []
        while let row = try rows.next() {
          entries.append(
            Entry(
              id: row[0], session: row[1], time: Instant(microseconds: row[2]), company: row[3], text: row[4],
              milliseconds: row[5], outcome: row[6]))
        }
        return entries
      }
    }
  }

  private func translating<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch { throw WarehouseError.translating(error, path: path) }
  }
}
