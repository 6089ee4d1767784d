import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqEngine

/// What is kept for a session: the same question twice is one computation, and a load forgets everything.
@Suite struct ResultMemoTests {
  private func company(_ folder: TemporaryFolder) throws -> String {
    try folder.write("sales.csv", "date,product,qty,price\n2026-01-05,Mug,2,10\n")
    let path = folder.path + "/c.db"
    let warehouse = try Warehouse(path: path)
    defer { try? warehouse.close() }
    _ = try warehouse.load { try $0.execute(sql: "SELECT 1") }
    return path
  }

  @Test func aResultIsComputedOnceAVersion() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: try company(folder))
    let memo = ResultMemo()
    var runs = 0
    func ask(_ question: String, isKept: Bool = true) throws {
      _ = try memo.result(question, warehouse) {
        runs += 1
        return (ResultTable(Table([("n", Column(.int, .ints([Int64(runs)])))])), isKept: isKept)
      }
    }
    try ask("a")
    try ask("a")
    #expect(runs == 1)
    try ask("b")
    #expect(runs == 2)
    try warehouse.load { try $0.execute(sql: "SELECT 1") }
    try ask("a")
    #expect(runs == 3)
    // What warned is computed each time.
    try ask("c", isKept: false)
    try ask("c", isKept: false)
    #expect(runs == 5)
  }

  @Test func scansGrowByColumns() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: try company(folder))
    let memo = ResultMemo()
    let first = try memo.rows(Scan("products", columns: ["name"]), warehouse)
    let both = try memo.rows(Scan("products", columns: ["cost", "name"]), warehouse)
    let all = try memo.rows(Scan("products"), warehouse)
    #expect(first.schema.names == ["name"])
    #expect(both.schema.names == ["cost", "name"])
    #expect(all.schema.names == Warehouse.relation("products")?.fields.map(\.name))
    #expect(try memo.rows(Scan("products", columns: ["product"]), warehouse).schema.names == ["product"])
  }
}
