import ErpqBase
import ErpqFiles
import ErpqTables
import Foundation
import Testing

@testable import ErpqWarehouse

@Suite struct FileSourceTests {
  private let folder: TemporaryFolder
  private let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(path: folder.file("c.db"))
  }

  private func file(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
    return folder.file(name)
  }

  @Test func codesKeepTheirZerosAndBadLinesTheirNumbers() throws {
    let path = try file(
      "s.csv",
      """
      order,product,date,qty,price
      1,00123,2026-01-05 10:00,2,1.5
      1,123,2026-01-05 10:00,2,1.5,extra
      1,123,2026-01-05 10:00,2,1.5
      2,79323P,2026-01-06T23:30:00Z,x,2
      """)
    let source = FileSource(path: path)
    let spec = SalesImport(
      map: SalesImport.guess(headers: try source.headers()), currency: "EUR", timeZone: "Europe/Paris")
    let summary = try warehouse.importSales(from: FileSource(path: path), spec)
    #expect(summary.read == 4)
    #expect(
      summary.rejects.map { "\($0.line) \($0.reason)" } == [
        "3 6 cells, the header has 5", "5 the quantity \"x\" is not a number",
      ])
    #expect(
      rows(try warehouse.scan(Scan("sales", columns: ["product", "sku", "amount"]))) == [
        "1000001|00123|3EUR", "123|123|3EUR",
      ])
  }

  @Test func decimalCommasAndSemicolons() throws {
    let path = try file(
      "s.csv", "product;date;qty;price\nA;05/01/2026;1,5;1.200,50\nA;06/01/2026;2;oops\n")
    var spec = SalesImport(
      map: [.product: "product", .date: "date", .qty: "qty", .price: "price"], currency: "EUR",
      timeZone: "UTC")
    spec.dateOrder = .dayFirst
    let summary = try warehouse.importSales(
      from: FileSource(path: path, options: ReadOptions(decimal: .comma)), spec)
    #expect(summary.loaded == 1)
    #expect(
      rows(try warehouse.scan(Scan("sales", columns: ["date", "qty", "amount"]))) == [
        "2026-01-05|1.5|1800.75EUR"
      ])
  }

  @Test func missingAndEmptyFilesAreErrorsOfTheFile() throws {
    let spec = SalesImport(map: [.product: "a", .date: "b", .qty: "c"], currency: "EUR", timeZone: "UTC")
    #expect(throws: FileError.self) {
      try warehouse.importSales(from: FileSource(path: folder.file("none.csv")), spec)
    }
    let empty = try file("empty.csv", "")
    #expect(throws: FileError.self) { try warehouse.importSales(from: FileSource(path: empty), spec) }
    let bare = try file("bare.csv", "a,b,c\n")
    #expect(throws: WarehouseError.self) { try warehouse.importSales(from: FileSource(path: bare), spec) }
  }
}
