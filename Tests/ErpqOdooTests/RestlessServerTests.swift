import ErpqBase
import ErpqOdooSimulator
import ErpqTables
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqOdoo

/// Servers whose records change, are odd or come late, and runs that are cut off: what a sync makes of them.
@Suite struct RestlessServerTests {
  private func rows(_ file: TemporaryFile, _ relation: String) throws -> [[Value]] {
    let warehouse = try Warehouse(path: file.path)
    defer { try? warehouse.close() }
    let table = try warehouse.scan(Scan(relation))
    return (0..<table.rowCount).map { row in table.columns.map { $0[row] } }
  }

  /// Invoices, payments, leads and the shop's sales reach their relations, moments included.
  @Test(arguments: [(TransportKind.json2, 19), (.jsonrpc, 16)])
  func everyKindOfDocument(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.server.world.update(
      "sale.order", id: 1,
      [
        "commitment_date": .moment(company.server.world.clock.now),
        "effective_date": .moment(company.server.world.clock.now),
      ])
    let file = TemporaryFile()
    #expect(try company.sync(file.path).status == "ok")
    let warehouse = try Warehouse(path: file.path)
    defer { try? warehouse.close() }
    func column(_ relation: String, _ name: String) throws -> [Value] {
      let table = try warehouse.scan(Scan(relation, columns: [name]))
      return (0..<table.rowCount).map { table.columns[0][$0] }
    }
    // Forty-five entries, every ninth of which is no invoice.
    #expect(try column("invoices", "invoice").count == 40)
    #expect(try column("payments", "invoice") == [.int(2)])
    #expect(try column("leads", "state").filter { $0 == .text("lost") }.count == 9)
    #expect(
      try column("sales", "line").filter { if case .int(let n) = $0 { n > 1 << 40 } else { false } }.count
        == 3)
    let order = try warehouse.scan(
      Scan(
        "orders", columns: ["promised_at", "delivered_at"], filters: [ScanFilter("order", .equal(.int(1)))]))
    #expect(order.columns[0][0] == .datetime(company.server.world.clock.now))
    #expect(order.columns[1][0] == order.columns[0][0])
  }

  /// Interrupted after every few steps: what was complete stays, and the next run makes it whole.
  @Test(arguments: [(TransportKind.json2, 19), (.xmlrpc, 16)])
  func aRunThatIsInterruptedAnywhere(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.pageSize = 25
    var stopped = 0
    for last in stride(from: 1, through: 90, by: transport == .json2 ? 4 : 9) {
      let file = TemporaryFile()
      let cancel = Cancellation()
      var steps = 0
      do {
        try Cancellation.$current.withValue(cancel) {
          _ = try company.sync(file.path) { _ in
            steps += 1
            if steps == last { cancel.cancel() }
          }
        }
      } catch is Cancellation.Interrupted { stopped += 1 }
      #expect(try company.sync(file.path).status == "ok", "after \(last) steps")
      let difference = try company.difference(file.path)
      #expect(difference == nil, "after \(last) steps: \(difference ?? "")")
    }
    #expect(stopped > 5)
  }

  /// What statements see does not move until a run is through.
  @Test func factsStayWhileARunIsCutOff() throws {
    let company = try SimulatedCompany(.json2, version: 19)
    let file = TemporaryFile()
    #expect(try company.sync(file.path).status == "ok")
    let before = try rows(file, "sales")
    company.advance(seconds: 86_400)
    let world = company.server.world
    for id in world.truth.ids("sale.order.line").prefix(100) {
      world.update("sale.order.line", id: id, ["price_subtotal": 1.0])
    }
    company.server.faults = [
      FaultRule(.status(503), on: RequestFilter(models: ["purchase.order"]), times: nil)
    ]
    let cut = try company.sync(file.path)
    #expect(cut.status == "partial" && cut.failure?.kind == .unavailable)
    #expect(cut.notes.contains { $0.contains("run it again") })
    company.server.faults = []
    #expect(try rows(file, "sales").count == before.count)
    #expect(try company.sync(file.path).status == "ok")
    #expect(try company.difference(file.path) == nil)
    #expect(try rows(file, "syncs").count == 3)
  }

  /// A run that is taken up again a day later finds what went and changed behind its pages meanwhile.
  @Test(arguments: [(TransportKind.jsonrpc, 16), (.session, 19)])
  func takenUpAgainMuchLater(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version, orders: 90)
    company.usesColumns = false
    company.pageSize = 40
    let file = TemporaryFile()
    company.server.faults = [
      FaultRule(
        .status(503), on: RequestFilter(models: ["sale.order.line"], phases: [.read]), skipping: 3, times: nil
      )
    ]
    #expect(try company.sync(file.path).status == "partial")
    company.server.faults = []
    company.advance(seconds: 86_400)
    let world = company.server.world
    world.delete("sale.order.line", id: 5)
    world.update("sale.order.line", id: 6, ["price_subtotal": 77.0])
    company.server.clearLog()
    #expect(try company.sync(file.path).status == "ok")
    #expect(try company.difference(file.path) == nil)
    // The pages that had come are not read again.
    let reads = company.server.requestLog.filter {
      $0.request.model == "sale.order.line" && $0.request.method == "search_read"
    }
    #expect(reads.count < 7, "\(reads.count)")
  }

  @Test(arguments: FaultMatrixTests.transports)
  func recordsThatChangeWhilePagesCome(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.pageSize = 20
    company.usesColumns = false
    let file = TemporaryFile()
    company.server.change(before: RequestFilter(models: ["sale.order.line"], phases: [.read]), skipping: 3) {
      world in
      for id in [3, 9, 100] { world.delete("sale.order.line", id: id) }
      for id in [4, 120] { world.update("sale.order.line", id: id, ["price_subtotal": 5.0]) }
      world.create(
        "sale.order.line",
        ["order_id": 2, "product_id": 101, "product_uom_qty": 1.0, "price_unit": 2.0, "price_subtotal": 2.0])
    }
    #expect(try company.sync(file.path).status == "ok")
    let difference = try company.difference(file.path)
    #expect(difference == nil, "\(difference ?? "")")
  }

  /// Begun before the sync, committed after it: the overlap of the next one sees it.
  @Test func aLateCommit() throws {
    let company = try SimulatedCompany(.json2, version: 19)
    let file = TemporaryFile()
    company.advance(seconds: 7200)
    var transaction = company.server.world.begin()
    transaction.update("sale.order", id: 3, ["name": "LATE"])
    company.advance(seconds: 600)
    #expect(try company.sync(file.path).status == "ok")
    transaction.commit()
    company.advance(seconds: 600)
    #expect(try company.sync(file.path).changed == 1)
    #expect(try company.difference(file.path) == nil)
  }

  @Test(arguments: FaultMatrixTests.transports)
  func numbersThatAreNone(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.usesColumns = false
    company.server.world.updateSilently("sale.order.line", id: 8, ["price_subtotal": .double(.nan)])
    let file = TemporaryFile()
    let summary = try company.sync(file.path)
    #expect(summary.status == "ok" && summary.notes.contains { $0.contains("NaN") })
    #expect(try company.difference(file.path, values: false) == nil)
  }

  @Test(arguments: FaultMatrixTests.transports)
  func oddTexts(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    let world = company.server.world
    world.update("product.template", id: 101, ["name": "a\u{1}b\u{B}c"])
    world.update("product.product", id: 101, ["default_code": "\u{1}\u{1F}"])
    world.update("product.template", id: 102, ["name": "👩‍👩‍👧 ﷽ \u{202E}abc\u{FEFF} \"<&>]]>"])
    world.update("product.template", id: 103, ["name": .text(String(repeating: "ü", count: 1 << 19))])
    let file = TemporaryFile()
    #expect(try company.sync(file.path).status == "ok")
    // XML cannot carry control characters, so there they are missing from the names.
    let difference = try company.difference(file.path, values: transport != .xmlrpc)
    #expect(difference == nil, "\(difference ?? "")")
  }

  /// Ids above 32 bits come over JSON; XML-RPC cannot say them, and that is told.
  @Test(arguments: FaultMatrixTests.transports)
  func largeIDs(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.server.world.load(
      "sale.order.line", id: 4_294_967_375,
      [
        "order_id": 2, "product_id": 101, "product_uom_qty": 1.0, "price_unit": 2.0, "price_subtotal": 2.0,
        "create_date": .moment(company.server.world.clock.now),
        "write_date": .moment(company.server.world.clock.now),
      ])
    let file = TemporaryFile()
    let summary = try company.sync(file.path)
    if transport == .xmlrpc {
      #expect(summary.status == "partial")
      #expect(summary.notes.contains { $0.contains("sale order lines") && $0.contains("--transport") })
    } else {
      #expect(summary.status == "ok")
      #expect(try company.difference(file.path) == nil)
    }
  }

  @Test func aServerThatIsSilentForTooLong() throws {
    let company = try SimulatedCompany(.json2, version: 19)
    company.totalTimeout = 1
    company.server.faults = [
      FaultRule(.latency(seconds: 2.5), on: RequestFilter(models: ["sale.order"], phases: [.read]))
    ]
    let file = TemporaryFile()
    #expect(try company.sync(file.path).status == "ok")
    #expect(company.waiting.waits.count == 1)
    #expect(try company.difference(file.path) == nil)
  }

  @Test func twoSyncsAtOnce() throws {
    let company = try SimulatedCompany(.json2, version: 19)
    let file = TemporaryFile()
    var refused: WarehouseError?
    _ = try company.sync(file.path) { _ in
      guard refused == nil else { return }
      do { _ = try company.sync(file.path) } catch { refused = error as? WarehouseError }
    }
    #expect(refused?.kind == .locked && refused?.message.contains("process \(getpid())") == true)
    #expect(try company.difference(file.path) == nil)
    #expect(!FileManager.default.fileExists(atPath: file.path + "-sync"))
    #expect(try company.sync(file.path).status == "ok")
  }

  /// The same secret nowhere: not in errors, notes, the log of syncs or a recording.
  @Test(arguments: FaultMatrixTests.transports)
  func noSecretIsKept(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.server.world.changeUser("admin") { $0.password = "correct horse" }
    company.server.faults = [
      FaultRule(
        .body(
          "{\"error\": {\"data\": {\"message\": \"\(company.secret) is wrong\"}}}",
          contentType: "application/json"),
        on: RequestFilter(models: ["sale.order"], phases: [.read]), times: nil)
    ]
    let file = TemporaryFile()
    do {
      let summary = try company.sync(file.path)
      #expect(summary.status == "partial")
      #expect(
        !summary.notes.joined().contains(company.secret) && !"\(summary.models)".contains(company.secret))
      #expect(!"\(try rows(file, "syncs"))".contains(company.secret))
    } catch let error as OdooError {
      #expect(transport == .session && error.kind == .credentials)
      #expect(!error.description.contains("\"admin\" is") && !error.description.contains("horse"))
    }
  }
}
