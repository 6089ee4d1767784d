import ErpqBase
import ErpqTables
import Foundation
import GRDB
import Testing

@testable import ErpqEngine
@testable import ErpqWarehouse

/// What is kept for a session: the same question twice is one computation, and a load forgets everything.
@Suite struct ResultMemoTests {
  private func company(_ folder: TemporaryFolder) throws -> Company {
    let path = folder.path + "/c.db"
    let warehouse = try Warehouse(path: path)
    try warehouse.load { _ in }
    try warehouse.close()
    return Company(.file(path))
  }

  /// What a load of another process does.
  private func load(_ folder: TemporaryFolder) throws {
    let warehouse = try Warehouse(path: folder.path + "/c.db")
    try warehouse.load { _ in }
    try warehouse.close()
  }

  @Test func aResultIsComputedOnceAVersion() throws {
    let folder = try TemporaryFolder()
    let company = try company(folder)
    let memo = ResultMemo()
    var runs = 0
    func ask(_ question: String, isKept: Bool = true) throws {
      _ = try memo.result(question, company) {
        runs += 1
        return (ResultTable(Table([("n", Column(.int, .ints([Int64(runs)])))])), isKept: isKept)
      }
    }
    try ask("a")
    try ask("a")
    #expect(runs == 1)
    try ask("b")
    #expect(runs == 2)
    try load(folder)
    try ask("a")
    #expect(runs == 3)
    // What warned is computed each time.
    try ask("c", isKept: false)
    try ask("c", isKept: false)
    #expect(runs == 5)
  }

  @Test func scansGrowByColumns() throws {
    let folder = try TemporaryFolder()
    let company = try company(folder)
    let memo = ResultMemo()
    let first = try memo.rows(Scan("products", columns: ["name"]), company)
    let both = try memo.rows(Scan("products", columns: ["cost", "name"]), company)
    let all = try memo.rows(Scan("products"), company)
    #expect(first.schema.names == ["name"])
    #expect(both.schema.names == ["cost", "name"])
    #expect(all.schema.names == Warehouse.relation("products")?.fields.map(\.name))
    #expect(try memo.rows(Scan("products", columns: ["product"]), company).schema.names == ["product"])
  }

  /// The oldest makes room for what is new; what is too heavy is not kept at all.
  @Test func resultsMakeRoom() throws {
    let folder = try TemporaryFolder()
    let company = try company(folder)
    let memo = ResultMemo()
    var made: [String] = []
    func ask(_ question: String, weight: Int?) throws {
      _ = try memo.value(question, company) {
        made.append(question)
        return (question, weight)
      }
    }
    for question in ["a", "b", "c"] { try ask(question, weight: 3_000_000) }
    try ask("c", weight: 3_000_000)
    try ask("b", weight: 3_000_000)
    #expect(made == ["a", "b", "c"])
    try ask("a", weight: 3_000_000)
    try ask("c", weight: 3_000_000)
    #expect(made == ["a", "b", "c", "a"])
    for _ in 0..<2 { try ask("huge", weight: 100_000_000) }
    try ask("a", weight: 1)
    #expect(made == ["a", "b", "c", "a", "huge", "huge"])
  }

  /// Days in two calendars: fewer of them come from what is known, although neither was among the columns.
  @Test func fewerDaysAreNotReadAgain() throws {
    let folder = try TemporaryFolder()
    let company = try company(folder)
    let memo = ResultMemo()
    func scan(_ first: Int32) -> Scan {
      Scan(
        "sales", columns: ["qty"],
        filters: ["date", "date_utc"].map {
          ScanFilter($0, .range(.date(CivilDate(day: first)), .date(CivilDate(day: 20_100))))
        })
    }
    _ = try memo.rows(scan(20_000), company)
    // Reading again would fail.
    let table = try #require(Warehouse.relation("sales")).table
    let warehouse = try Warehouse(path: folder.path + "/c.db")
    try warehouse.store.writeWithoutTransaction { try $0.execute(sql: "DROP TABLE \(table)") }
    try warehouse.close()
    #expect(throws: (any Error).self) { try memo.rows(scan(19_000), company) }
    #expect(try memo.rows(scan(20_050), company).schema.names == ["qty"])
  }
}
