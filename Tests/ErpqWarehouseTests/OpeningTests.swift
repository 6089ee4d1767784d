import ErpqBase
import ErpqTables
import Foundation
import GRDB
import Testing

@testable import ErpqWarehouse

/// What opening or using the warehouse throws.
private func failure(_ body: () throws -> Void) -> WarehouseError? {
  do {
    try body()
    return nil
  } catch {
    return error as? WarehouseError
  }
}

private let small = """
  order,product,date,qty,price,customer
  1,21523,2026-01-05 10:00,2,5.50,77
  1,79323P,2026-01-05 10:00,1,10,77
  C2,21523,2026-01-07 09:30,-1,5.50,77

  """

private func spec() -> SalesImport {
  SalesImport(
    map: SalesImport.guess(headers: ["order", "product", "date", "qty", "price", "customer"]),
    currency: "EUR",
    timeZone: "Europe/Paris")
}

@Suite struct OpeningTests {
  @Test func aNewFileIsPrivateEmptyAndOfTheLatestVersion() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: folder.file("c.db"))
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("c.db"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try warehouse.version == 0)
    let info = try warehouse.info
    #expect(info.today == nil)
    #expect(info.counts.isEmpty)
    for relation in Warehouse.relations {
      let table = try warehouse.scan(Scan(relation.name))
      #expect(table.rowCount == 0)
      #expect(table.schema.names == relation.fields.map(\.name))
    }
  }

  @Test func whatIsNoCompanyFileSaysSo() throws {
    let folder = try TemporaryFolder()
    let text = folder.file("notes.txt")
    try String(repeating: "order,product\n", count: 50).write(toFile: text, atomically: true, encoding: .utf8)
    #expect(failure { _ = try Warehouse(path: text) }?.kind == .notSQLite)
    // It was not touched.
    #expect(try String(contentsOfFile: text, encoding: .utf8).hasPrefix("order,product\n"))

    let other = folder.file("other.db")
    try DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE t (x)") }
    let foreign = failure { _ = try Warehouse(path: other) }
    #expect(foreign?.kind == .notOurs)
    #expect(foreign?.description.contains(other) == true)

    #expect(failure { _ = try Warehouse(path: folder.path) }?.kind == .notSQLite)
    #expect(failure { _ = try Warehouse(path: folder.file("none.db"), mode: .readOnly) }?.kind == .missing)
    #expect(failure { _ = try Warehouse(path: folder.file("no/where/c.db")) }?.kind == .missing)
    try Data().write(to: URL(fileURLWithPath: folder.file("empty.db")))
    #expect(failure { _ = try Warehouse(path: folder.file("empty.db"), mode: .readOnly) }?.kind == .missing)
  }

  @Test func aFileThatWasCutOffIsFoundOnOpening() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("c.db")
    let warehouse = try Warehouse(path: path)
    try warehouse.importSales(from: CSVSource(name: "a.csv", small), spec())
    try warehouse.close()
    #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for size in [1, 50, 99, 100, 4096, whole.count / 2, whole.count - 1] {
      try whole.prefix(size).write(to: URL(fileURLWithPath: path))
      let error = failure { _ = try Warehouse(path: path) }
      #expect(
        [.corrupt, .notSQLite].contains(error?.kind), "cut after \(size) bytes: \(String(describing: error))")
    }
  }

  @Test func damageInsideIsAnErrorNotACrash() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("c.db")
    let warehouse = try Warehouse(path: path)
    try warehouse.importSales(from: CSVSource(name: "a.csv", small), spec())
    try warehouse.close()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for i in 4096..<bytes.count { bytes[i] = UInt8(truncatingIfNeeded: i &* 31) }
    try bytes.write(to: URL(fileURLWithPath: path))
    let error = failure {
      let warehouse = try Warehouse(path: path)
      _ = try warehouse.info
      _ = try warehouse.scan(Scan("sales"))
    }
    #expect(error?.kind == .corrupt)
  }

  @Test func aNewerLayoutIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("c.db")
    try Warehouse(path: path).close()
    try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
    let error = failure { _ = try Warehouse(path: path) }
    #expect(error?.kind == .newerVersion)
    #expect(error?.message.contains("layout 99") == true)
  }

  @Test func readingOnlyRefusesLoads() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("c.db")
    let writer = try Warehouse(path: path)
    try writer.importSales(from: CSVSource(name: "a.csv", small), spec())
    let reader = try Warehouse(path: path, mode: .readOnly)
    #expect(try reader.scan(Scan("sales")).rowCount == 3)
    let error = failure { try reader.importSales(from: CSVSource(name: "a.csv", small), spec()) }
    #expect(error?.kind == .readOnly)
    // A reader sees what a writer loads afterwards.
    let before = try reader.version
    try writer.importSales(from: CSVSource(name: "b.csv", small), spec())
    #expect(try reader.version == before + 1)
    #expect(try reader.scan(Scan("sales")).rowCount == 6)
  }

  @Test func aLockedFileIsReportedAfterTheWait() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("c.db")
    let warehouse = try Warehouse(path: path, busyTimeout: 0.05)
    let other = try DatabaseQueue(path: path)
    try other.writeWithoutTransaction { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      let error = failure { try warehouse.importSales(from: CSVSource(name: "a.csv", small), spec()) }
      #expect(error?.kind == .locked)
      try database.execute(sql: "ROLLBACK")
    }
    try warehouse.importSales(from: CSVSource(name: "a.csv", small), spec())
    #expect(try warehouse.scan(Scan("sales")).rowCount == 3)
  }

  @Test func aClosedWarehouseFailsWithoutATrap() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: folder.file("c.db"))
    try warehouse.close()
    #expect(throws: (any Error).self) { _ = try warehouse.info }
  }
}

@Suite struct InterruptedLoadTests {
  private static let headers = "order,product,date,qty,price,customer\n"

  private static func many(_ n: Int, price: Int) -> CSVSource {
    var text = headers
    for i in 0..<n {
      text += "\(i / 3),P\(i % 50),2026-01-\(padded(1 + i % 28, 2)),\(1 + i % 5),\(price),\(i % 20)\n"
    }
    return CSVSource(name: "many.csv", text)
  }

  private static func sum(_ warehouse: Warehouse) throws -> [String] {
    rows(try warehouse.scan(Scan("sales"))) + rows(try warehouse.scan(Scan("orders")))
      + rows(try warehouse.scan(Scan("products"))) + rows(try warehouse.scan(Scan("customers")))
  }

  @Test func aFullDiskKeepsTheOldState() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: folder.file("c.db"))
    try warehouse.importSales(from: InterruptedLoadTests.many(300, price: 2), spec())
    let old = try InterruptedLoadTests.sum(warehouse)
    let version = try warehouse.version
    try warehouse.store.writeWithoutTransaction { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      try database.execute(sql: "PRAGMA max_page_count = \(pages + 20)")
    }
    let error = failure {
      try warehouse.importSales(from: InterruptedLoadTests.many(20_000, price: 3), spec())
    }
    #expect(error?.kind == .diskFull)
    #expect(try InterruptedLoadTests.sum(warehouse) == old)
    #expect(try warehouse.version == version)
    try warehouse.store.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    try warehouse.importSales(from: InterruptedLoadTests.many(20_000, price: 3), spec())
    #expect(try warehouse.scan(Scan("sales", columns: [])).rowCount == 20_000)
  }

  @Test(arguments: [ImportProgress.Phase.checking, .writing])
  func cancellingKeepsTheOldState(_ phase: ImportProgress.Phase) throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: folder.file("c.db"))
    try warehouse.importSales(from: InterruptedLoadTests.many(300, price: 2), spec())
    let old = try InterruptedLoadTests.sum(warehouse)
    let flag = Cancellation()
    #expect(throws: Cancellation.Interrupted.self) {
      try Cancellation.$current.withValue(flag) {
        try warehouse.importSales(from: InterruptedLoadTests.many(70_000, price: 3), spec()) { progress in
          if progress.phase == phase { flag.cancel() }
        }
      }
    }
    #expect(try InterruptedLoadTests.sum(warehouse) == old)
  }

  /// The files as a kill would leave them: copied while the transaction is open, log included.
  @Test func aKillInTheMiddleLeavesTheOldState() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: folder.file("c.db"))
    try warehouse.importSales(from: InterruptedLoadTests.many(300, price: 2), spec())
    let old = try InterruptedLoadTests.sum(warehouse)
    // A small cache makes SQLite write pages before the end.
    try warehouse.store.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = 10") }
    var copies = 0
    try warehouse.importSales(from: InterruptedLoadTests.many(5000, price: 3), spec()) { progress in
      guard progress.phase == .indexing else { return }
      for suffix in ["", "-wal"] {
        try? FileManager.default.copyItem(
          atPath: folder.file("c.db") + suffix, toPath: folder.file("killed.db") + suffix)
        copies += 1
      }
    }
    #expect(copies == 2)
    let size = try FileManager.default.attributesOfItem(atPath: folder.file("killed.db-wal"))[.size] as? Int
    #expect((size ?? 0) > 100_000)
    #expect(try InterruptedLoadTests.sum(Warehouse(path: folder.file("killed.db"))) == old)
    #expect(try warehouse.scan(Scan("sales", columns: [])).rowCount == 5000)
  }
}
