import ErpqBase
import Foundation
import GRDB

/// An invented company with three years of furniture, office and coffee sales and their books, so that every statement has
/// something to work on. It ends on a fixed day and is the same on every machine.
public enum DemoCompany {
  /// The last day with facts; the demo's today is the day after it.
  public static let lastDay = CivilDate(day: 20_634)

  /// The first day with facts.
  public static let firstDay = CivilDate(day: 19_539)

  /// Goes up when the generator changes.
  private static let edition = 2

  /// The demo's file name. Each layout of company files has a demo of its own, so that two versions of erpq live
  /// side by side.
  public static let fileName = "demo-\(edition)-\(Migrations.latest).db"

  /// Opens the demo company in `dataFolder` (the program's own data folder), making it on first use.
  ///
  /// It is made under another name and moved into place when it is complete, so that a demo is whole or not
  /// there.
  public static func open(dataFolder: String, mode: Warehouse.Mode = .readWrite) throws -> Warehouse {
    let files = FileManager.default
    let path = dataFolder + "/" + fileName
    if files.fileExists(atPath: path) { return try Warehouse(path: path, mode: mode) }
    do {
      try files.createDirectory(
        atPath: dataFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WarehouseError(
        .noPermission, "The folder \(dataFolder) for the demo company cannot be made.",
        advice: "Choose another one with XDG_DATA_HOME.")
    }
    removeLeftovers(in: dataFolder)
    let draft = "\(path).draft-\(getpid())"
    try make(draft: draft, path: path)
    return try Warehouse(path: path, mode: mode)
  }

  private static func make(draft: String, path: String) throws {
    defer {
      for suffix in ["", "-wal", "-shm", "-journal"] {
        try? FileManager.default.removeItem(atPath: draft + suffix)
      }
    }
    let warehouse = try Warehouse(path: draft, isAlone: true)
    // Nothing is lost if the machine stops: an unfinished draft is thrown away.
    try warehouse.store.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    try generate(into: warehouse)
    try warehouse.close()
    guard !FileManager.default.fileExists(atPath: draft + "-wal") else {
      throw WarehouseError(.inputOutput, "The demo company could not be completed at \(draft).")
    }
    let handle = Glibc.open(draft, O_RDONLY)
    if handle >= 0 {
      fsync(handle)
      Glibc.close(handle)
    }
    // Linking fails where another process was faster; its demo is as good.
    if link(draft, path) == 0 || errno == EEXIST { return }
    guard rename(draft, path) == 0 else {
      throw WarehouseError(
        errno == ENOSPC ? .diskFull : .inputOutput,
        "The demo company cannot be put into place at \(path): \(String(cString: strerror(errno))).")
    }
  }

  /// Drafts of processes that were killed while they made the demo.
  private static func removeLeftovers(in folder: String) {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(fileName + ".draft-") {
      let process = name.dropFirst((fileName + ".draft-").count).prefix { $0.isNumber }
      if let id = Int32(process), id > 0, kill(id, 0) == 0 || errno == EPERM { continue }
      try? files.removeItem(atPath: folder + "/" + name)
    }
  }

  /// Fills a warehouse with the demo company, in the place of everything in it.
  public static func generate(into warehouse: Warehouse, seed: UInt64 = 1) throws {
    var simulation = DemoSimulation(seed: seed, first: firstDay, last: lastDay)
    try simulation.run()
    let zone = try ZoneRules(named: "Europe/Paris")
    try warehouse.load { database in
      for table in Warehouse.allTables { try database.execute(sql: "DELETE FROM \(table)") }
      try Warehouse.setMeta(database, "name", "Oak and Ember (demo)")
      try Warehouse.setMeta(database, "currency", "EUR")
      try Warehouse.setMeta(database, "time_zone", zone.name)
      var writer = try DemoWriter(database, simulation, DemoFinance(simulation, seed: seed), zone)
      try writer.write()
      _ = try Warehouse.slot(database, source: "demo", kind: "demo", rows: simulation.lines.count)
      try Warehouse.refreshDerived(database)
    }
  }
}
