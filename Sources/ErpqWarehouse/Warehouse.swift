import ErpqBase
import ErpqTables
import Foundation
import GRDB
import Synchronization

/// One company's facts in one SQLite file: what was sold, bought, moved and stocked, under the language's
/// names.
///
/// Many readers and one writer work on it at once. Every load is one transaction: whatever happens, the file
/// holds the old facts or the new ones. The file is made readable for its owner alone.
public final class Warehouse: Sendable {
  /// What the file is opened for.
  public enum Mode: Sendable {
    /// Reads and loads; a file that does not exist is made.
    case readWrite
    /// Reads only; the file must exist.
    case readOnly
  }

  /// What is known about the company as a whole.
  public struct CompanyInfo: Hashable, Sendable {
    /// The company's name; empty when no one said.
    public var name: String
    /// ISO code of the company's currency.
    public var currency: String
    /// IANA name of the company's time zone.
    public var timeZone: String
    /// Day of the first sale or stock movement; nil while there is none.
    public var firstDay: CivilDate?
    /// Day of the last sale or done stock movement; nil while there is none.
    public var lastFactDay: CivilDate?
    /// The day after the last fact: the day at which forecasts begin unless the user says otherwise.
    public var today: CivilDate? { lastFactDay?.adding(days: 1) }
    /// Number of rows of each relation that has any.
    public var counts: [String: Int]
  }

  /// The file.
  public let path: String
  /// What it was opened for.
  public let mode: Mode

  let store: any DatabaseWriter
  let cachedInfo = Mutex<(version: Int, info: CompanyInfo)?>(nil)
  let cachedNames = Mutex<(version: Int, lists: [NameKind: NameList])>((-1, [:]))
  private let currentTape = Mutex<FactTape?>(nil)

  /// Where what is asked of the company is noted, or answered from; nil for neither.
  public var tape: FactTape? {
    get { currentTape.withLock { $0 } }
    set { currentTape.withLock { $0 = newValue } }
  }

  /// A company that is known only by what a recording says of it.
  public init(replaying tape: FactTape) throws {
    path = "recording"
    mode = .readOnly
    store = try DatabaseQueue()
    self.tape = tape
  }

  /// Opens the company file at `path`, making or upgrading it when opened for writing.
  ///
  /// - Parameters:
  ///   - isAlone: whether the file is made now and no one else knows of it yet: then its pages are written once, where
  ///     they belong, and not into a log before.
  ///   - busyTimeout: seconds to wait for another process that writes.
  /// - Throws: `WarehouseError` when the file is missing, damaged, no company file, of a newer version,
  ///   locked or
  ///   protected.
  public init(path: String, mode: Mode = .readWrite, isAlone: Bool = false, busyTimeout: Double = 5) throws {
    // An absolute path, because SQLite would read a leading `file:` as an address.
    let path = URL(fileURLWithPath: path).path
    self.path = path
    self.mode = mode
    try Warehouse.checkFile(path, mode: mode)
    do {
      store = try Warehouse.open(path, mode: mode, isAlone: isAlone, busyTimeout: busyTimeout)
      let version = try store.read { try Warehouse.checkedVersion($0, path: path) }
      if mode == .readWrite, version < Migrations.latest {
        try store.writeWithoutTransaction { try Migrations.run(on: $0, from: version) }
        // A file with facts has its copy by columns from now on, not only after its next load.
        if version > 0 {
          try store.write { database in
            let version = try Warehouse.version(database)
            try Warehouse.noteCounts(database, version)
            try RowGroups.write(database, version: version)
          }
        }
      } else if version < Migrations.latest {
        throw WarehouseError(
          .readOnly, "\(path) was written by an older erpq and must be upgraded before it can be read.",
          advice: "Open it once for writing.")
      }
    } catch {
      throw WarehouseError.translating(error, path: path)
    }
  }

  /// Lets go of the file. What is read or loaded afterwards fails.
  public func close() throws {
    do {
      if mode == .readWrite, let pool = store as? DatabasePool {
        // Moves everything from the log into the file, as far as no other process reads it, and closes the
        // readers first: the last connection to go removes the log.
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        pool.invalidateReadOnlyConnections()
      }
      try store.close()
    } catch {
      throw WarehouseError.translating(error, path: path)
    }
  }

  private static func checkFile(_ path: String, mode: Mode) throws {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
      let folder = (path as NSString).deletingLastPathComponent
      guard mode == .readWrite else {
        throw WarehouseError(
          .missing, "There is no company file \(path).", advice: "Import data into it first.")
      }
      guard files.fileExists(atPath: folder) else {
        throw WarehouseError(
          .missing, "There is no folder \(folder) to put \(path) into.", advice: "Make it first.")
      }
      // Made by hand so that it is never readable for others, not even for a moment.
      let handle = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)
      guard handle >= 0 || errno == EEXIST else {
        throw WarehouseError(
          errno == ENOSPC ? .diskFull : .noPermission,
          "\(path) cannot be made: \(String(cString: strerror(errno))).")
      }
      if handle >= 0 { Glibc.close(handle) }
      return
    }
    if isFolder.boolValue {
      throw WarehouseError(.notSQLite, "\(path) is a folder, not a company file.")
    }
    guard access(path, R_OK) == 0 else {
      throw WarehouseError(.noPermission, "\(path) may not be read by this account.")
    }
    if mode == .readWrite, access(path, W_OK) != 0 {
      throw WarehouseError(
        .readOnly, "\(path) is write-protected.", advice: "Open it for reading only, or work on a copy.")
    }
    try checkHeader(path, mode: mode)
  }

  /// SQLite's header says how many pages there are, so that a file that was cut off is found before it is
  /// read.
  private static func checkHeader(_ path: String, mode: Mode) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw WarehouseError(.noPermission, "\(path) may not be read by this account.")
    }
    defer { try? handle.close() }
    let head = [UInt8]((try? handle.read(upToCount: 100)) ?? Data())
    if head.isEmpty {
      guard mode == .readOnly else { return }
      throw WarehouseError(.missing, "\(path) is empty.", advice: "Import data into it first.")
    }
    guard head.count == 100, head.starts(with: Array("SQLite format 3\0".utf8)) else {
      if head.starts(with: Array("SQLite format 3".utf8)) {
        throw WarehouseError(
          .corrupt, "\(path) is cut off after \(head.count) bytes.", advice: "Restore it from a copy.")
      }
      throw WarehouseError(
        .notSQLite, "\(path) is not a company file: it is no SQLite database.",
        advice: "Name another file, or import the data into a new one.")
    }
    guard let first = missingBytes(path) else { return }
    // Another process may be moving its log into the file just now: then the file is longer a moment later.
    for _ in 0..<5 {
      usleep(50_000)
      guard let again = missingBytes(path), again == first else { return }
    }
    throw WarehouseError(
      .corrupt, "\(path) is cut off: it should have \(first.expected) bytes and has \(first.found).",
      advice: "Restore it from a copy, or import the data again into a new file.")
  }

  /// What the header promises and what the file has, when that is less.
  private static func missingBytes(_ path: String) -> (expected: UInt64, found: UInt64)? {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: 100), case let head = [UInt8](data), head.count == 100
    else { return nil }
    func number(_ i: Int, _ n: Int) -> UInt64 { head[i..<i + n].reduce(0) { $0 << 8 | UInt64($1) } }
    let pageSize = number(16, 2) == 1 ? 65_536 : number(16, 2)
    // The page count counts only when it was written together with the change counter.
    guard number(24, 4) == number(92, 4), let size = try? handle.seekToEnd(),
      // Pages that are still in the write-ahead log are not in the file yet; what a load left half done is taken back.
      ["-wal", "-journal"].allSatisfy({ suffix in
        ((try? FileManager.default.attributesOfItem(atPath: path + suffix))?[.size] as? Int ?? 0) == 0
      })
    else { return nil }
    let expected = number(28, 4) * pageSize
    return size < expected ? (expected, size) : nil
  }

  private static func open(_ path: String, mode: Mode, isAlone: Bool, busyTimeout: Double) throws
    -> any DatabaseWriter
  {
    var configuration = Configuration()
    configuration.label = "erpq"
    configuration.readonly = mode == .readOnly
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(busyTimeout)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA cache_size = -32768")
      try database.execute(sql: "PRAGMA temp_store = MEMORY")
      if mode == .readWrite {
        // Of a file that is made now: columns are read in long runs, which larger pages shorten.
        try database.execute(sql: "PRAGMA page_size = 16384")
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        // A load of millions of lines should not leave a log of that size behind.
        try database.execute(sql: "PRAGMA journal_size_limit = 16777216")
        // Old facts need no shredding; on some systems SQLite is built to do it.
        try database.execute(sql: "PRAGMA secure_delete = OFF")
      }
    }
    if isAlone { return try DatabaseQueue(path: path, configuration: configuration) }
    do {
      return try DatabasePool(path: path, configuration: configuration)
    } catch let error as DatabaseError
      where mode == .readOnly && [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
    {
      // A log file cannot be made in a protected folder; without one nobody writes, so the file may be
      // taken as it stands.
      let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
      return try DatabaseQueue(path: "file://\(escaped)?immutable=1", configuration: configuration)
    }
  }

  private static func checkedVersion(_ database: Database, path: String) throws -> Int {
    let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if application != Migrations.applicationID, tables > 0 || application != 0 {
      throw WarehouseError(
        .notOurs, "\(path) is an SQLite database of another program.",
        advice: "Name another file; erpq does not write into it.")
    }
    if version > Migrations.latest {
      throw WarehouseError(
        .newerVersion,
        "\(path) has layout \(version), and this erpq knows layouts up to \(Migrations.latest).",
        advice: "Use the newer erpq that wrote it.")
    }
    return version
  }
}

extension Warehouse {
  /// A counter that every load raises: what was computed under the same number is still true.
  public var version: Int {
    get throws {
      // One look at one row, many times a statement, needs no transaction.
      do { return try store.unsafeRead { try Warehouse.version($0) } } catch {
        throw WarehouseError.translating(error, path: path)
      }
    }
  }

  /// The company and the extent of its facts.
  public var info: CompanyInfo {
    get throws { try taped { try storedInfo } }
  }

  private var storedInfo: CompanyInfo {
    get throws {
      if let cached = cachedInfo.withLock({ $0 }), cached.version == (try version) { return cached.info }
      return try read { database in
        let version = try Warehouse.version(database)
        var counts = try Warehouse.largeCounts(database, version)
        for relation in Warehouse.relations where counts[relation.name] == nil {
          let n = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(relation.table)") ?? 0
          if n > 0 { counts[relation.name] = n }
        }
        let info = CompanyInfo(
          name: try Warehouse.meta(database, "name") ?? "",
          currency: try Warehouse.currency(database),
          timeZone: try Warehouse.meta(database, "time_zone") ?? "UTC",
          firstDay: try Warehouse.meta(database, "first_day").flatMap { CivilDate(iso: $0) },
          lastFactDay: try Warehouse.meta(database, "last_day").flatMap { CivilDate(iso: $0) },
          counts: counts)
        cachedInfo.withLock { $0 = (version, info) }
        return info
      }
    }
  }

  /// To count millions of rows is to read much of the file, so a load notes the counts that take long, with the number
  /// of the version that they belong to.
  static func largeCounts(_ database: Database, _ version: Int) throws -> [String: Int] {
    let words = try meta(database, "counts")?.split(separator: " ") ?? []
    guard words.first == "\(version)" else { return [:] }
    var counts: [String: Int] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=")
      if parts.count == 2, let n = Int(parts[1]) { counts[String(parts[0])] = n }
    }
    return counts
  }

  /// Notes the counts of the version at hand.
  private static func noteCounts(_ database: Database, _ version: Int) throws {
    var text = "\(version)"
    for relation in relations {
      let n = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(relation.table)") ?? 0
      if n >= 10_000 { text += " \(relation.name)=\(n)" }
    }
    try setMeta(database, "counts", text)
  }

  /// The relation's columns, money in the company's currency.
  public func schema(of relation: RelationSpec) throws -> Schema {
    relation.schema(currency: try tape == nil ? read { try Warehouse.currency($0) } : info.currency)
  }

  /// The company's currency; euros until the first load says which.
  static func currency(_ database: Database) throws -> String { try meta(database, "currency") ?? "EUR" }

  static func version(_ database: Database) throws -> Int {
    try meta(database, "version").flatMap { Int($0) } ?? 0
  }

  static func meta(_ database: Database, _ key: String) throws -> String? {
    // Asked before each scan.
    let statement = try database.cachedStatement(sql: "SELECT value FROM meta WHERE key = ?")
    return try String.fetchOne(statement, arguments: [key])
  }

  static func setMeta(_ database: Database, _ key: String, _ value: String?) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", arguments: [key, value])
  }

  func read<T>(_ body: (Database) throws -> T) throws -> T {
    let cancel = Cancellation.current
    do {
      return try store.read { database in try Cancellation.$current.withValue(cancel) { try body(database) } }
    } catch { throw WarehouseError.translating(error, path: path) }
  }

  /// Runs a load as one transaction; the version counter goes up with it.
  ///
  /// - Parameter sortsInFiles: whether large sorts go through temporary files (of the system, without a name and
  ///   readable for nobody else) instead of memory, where there is a folder for them.
  /// - Parameter changesFacts: whether what statements see may change.
  func load<T>(
    sortsInFiles: Bool = false, changesFacts: Bool = true, _ body: (Database) throws -> T
  ) throws -> T {
    guard mode == .readWrite else {
      throw WarehouseError(
        .readOnly, "\(path) is open for reading only, so nothing can be loaded into it.",
        advice: "Open it for writing.")
    }
    // The database works on a queue of its own, which does not inherit what belongs to the task.
    let cancel = Cancellation.current
    do {
      return try store.writeWithoutTransaction { database in
        let usesFiles =
          sortsInFiles && ["/var/tmp", "/tmp"].contains { FileManager.default.isWritableFile(atPath: $0) }
        if usesFiles { try database.execute(sql: "PRAGMA temp_store = FILE") }
        defer { if usesFiles { try? database.execute(sql: "PRAGMA temp_store = MEMORY") } }
        var result: T?
        try database.inTransaction(.immediate) {
          result = try Cancellation.$current.withValue(cancel) { try body(database) }
          if changesFacts {
            let version = try Warehouse.version(database) + 1
            try Warehouse.setMeta(database, "version", String(version))
            try Warehouse.noteCounts(database, version)
            try RowGroups.write(database, version: version)
          }
          return .commit
        }
        guard let result else { throw WarehouseError(.statement, "A load into \(path) had no result.") }
        return result
      }
    } catch {
      throw WarehouseError.translating(error, path: path)
    }
  }
}
