import GRDB
import Testing

@testable import ErpqOdoo
@testable import ErpqWarehouse

/// The n-th page of the file cannot be written: what was complete is kept, it is said what was wrong, and with room the next
/// run goes on from there.
@Suite struct FullDiskTests {
  private func pages(_ path: String) throws -> Int {
    let warehouse = try Warehouse(path: path)
    defer { try? warehouse.close() }
    return try warehouse.store.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
  }

  @Test(arguments: [(TransportKind.json2, 19), (.xmlrpc, 16)])
  func theDiskIsFullAtTheNthPage(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    let whole = TemporaryFile()
    #expect(try company.sync(whole.path).status == "ok")
    let empty = TemporaryFile()
    try Warehouse(path: empty.path).close()
    let (least, most) = (try pages(empty.path), try pages(whole.path))
    let steps = 12
    var failures = 0
    for i in 0...steps {
      company.reset()
      let file = TemporaryFile()
      let pages = least + (most - least) * i / steps
      var said: [String] = []
      do {
        let summary = try company.sync(file.path, pages: pages)
        said = summary.models.map(\.message) + [summary.failure?.description ?? ""]
        if summary.status == "ok" {
          #expect(try company.difference(file.path) == nil, "\(pages) pages")
          continue
        }
      } catch { said = ["\(error)"] }
      failures += 1
      #expect(said.contains { $0.contains("no room left") }, "\(pages) pages: \(said)")
      let second = try company.sync(file.path)
      #expect(second.status == "ok", "\(pages) pages, again: \(second.failure?.description ?? "")")
      #expect(try company.difference(file.path) == nil, "\(pages) pages, again")
    }
    #expect(failures >= steps / 2)
  }
}
