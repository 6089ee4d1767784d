import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqEngine

@Suite struct SnapshotTests {
  private func company(desks: Int) throws -> SmallCompany {
    try SmallCompany([
      "products.csv": "id,name,type,active,list_price,standard_price,qty_available\n"
        + (1...desks).map { "\($0),Desk \($0),product,true,10,5,7\n" }.joined()
    ])
  }

  private func count(_ choice: CompanyChoice) -> (Value?, [String]) {
    var options = SessionOptions()
    options.company = choice
    let sink = RecordingSink()
    let session = Session(options, sink: sink)
    _ = session.run(SourceText("products | summarize n = count()", name: "test"))
    return (session.lastResult?["n"]?[0], sink.errors)
  }

  @Test func anEarlierStateStaysReadable() throws {
    let company = try company(desks: 3)
    let warehouse = try Warehouse(path: company.file)
    let made = try warehouse.snapshot(named: "before-count_1")
    #expect(made.bytes > 0)
    try company.folder.write("products.csv", "id,name,type,active\n1,Desk,product,true\n")
    try warehouse.importFolder(company.folder.path, currency: "EUR")
    try warehouse.close()
    #expect(count(.file(company.file)).0 == .int(1))
    #expect(count(.snapshot(of: company.file, named: "before-count_1")).0 == .int(3))
    #expect(Snapshot.all(of: company.file).map(\.name) == ["before-count_1"])
    let attributes = try FileManager.default.attributesOfItem(atPath: made.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    // Reading leaves nothing beside it.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: company.file + ".snapshots") == [
        "before-count_1.db"
      ])
  }

  @Test func aSnapshotIsNeitherOverwrittenNorWritten() throws {
    let company = try company(desks: 2)
    let warehouse = try Warehouse(path: company.file)
    _ = try warehouse.snapshot(named: "a")
    #expect(throws: WarehouseError.self) { try warehouse.snapshot(named: "a") }
    let copy = try Company(.snapshot(of: company.file, named: "a")).warehouse()
    #expect(throws: WarehouseError.self) { try copy.importFolder(company.folder.path, currency: "EUR") }
  }

  @Test(arguments: ["", "..", "../x", "a/b", "-a", ".a", "é", "a b", String(repeating: "a", count: 65)])
  func namesThatAreNone(_ name: String) throws {
    let company = try company(desks: 1)
    let warehouse = try Warehouse(path: company.file)
    #expect(throws: WarehouseError.self) { try warehouse.snapshot(named: name) }
  }

  @Test func unknownNamesAreHelped() throws {
    let company = try company(desks: 1)
    func advice(_ name: String) -> String {
      do { _ = try Snapshot.named(name, of: company.file) } catch { return error.advice }
      return ""
    }
    #expect(advice("may").hasPrefix("There is none yet"))
    let warehouse = try Warehouse(path: company.file)
    for name in ["2026-05-end", "before-count"] { _ = try warehouse.snapshot(named: name) }
    #expect(advice("before-cuont") == "Did you mean before-count?")
    #expect(advice("zzz") == "There are 2026-05-end, before-count.")
    #expect(
      count(.snapshot(of: company.file, named: "zzz")).1 == ["\(company.file) has no snapshot \"zzz\"."])
    #expect(
      count(.snapshot(of: company.file + "x", named: "a")).1 == ["there is no company file \(company.file)x"])
  }

  @Test func draftsOfTheDeadAreRemoved() throws {
    let company = try company(desks: 1)
    let folder = Snapshot.folder(of: company.file)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let draft = folder + "/.old.draft-99999999"
    #expect(FileManager.default.createFile(atPath: draft, contents: Data("x".utf8)))
    _ = try Warehouse(path: company.file).snapshot(named: "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["new.db"])
    #expect(Snapshot.all(of: company.file).map(\.name) == ["new"])
  }
}
