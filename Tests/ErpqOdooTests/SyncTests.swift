import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqOdoo

/// A sync from a small server into a company file: what statements see afterwards.
@Suite struct SyncTests {
  private let start = Instant(microseconds: 1_790_000_000_000_000)

  /// A company of two products, orders in two currencies and three units.
  private func server(lines: Int64 = 12) -> SmallOdoo {
    let odoo = SmallOdoo()
    odoo.now = start
    odoo.define("res.users", "login:char name:char tz:char company_id:many2one company_ids:many2many")
    odoo.define("res.company", "name:char currency_id:many2one partner_id:many2one")
    odoo.define("res.currency", "name:char")
    odoo.define("res.currency.rate", "currency_id:many2one name:date rate:float company_id:many2one")
    odoo.define("product.category", "complete_name:char")
    odoo.define("uom.uom", "name:char factor:float category_id:many2one")
    odoo.define("product.template", "name:char")
    odoo.define(
      "product.product",
      "product_tmpl_id:many2one default_code:char name:char display_name:char categ_id:many2one type:selection lst_price:float standard_price:float uom_id:many2one active:boolean"
    )
    odoo.define(
      "res.partner", "name:char is_company:boolean customer_rank:integer supplier_rank:integer tz:selection")
    odoo.define(
      "sale.order",
      "name:char partner_id:many2one state:selection date_order:datetime currency_id:many2one currency_rate:float company_id:many2one"
    )
    odoo.define(
      "sale.order.line",
      "order_id:many2one product_id:many2one product_uom_qty:float qty_delivered:float price_unit:float discount:float price_subtotal:float product_uom:many2one display_type:selection"
    )
    odoo.put(
      "res.users", 2,
      ["login": "ada", "name": "Ada", "tz": "Europe/Paris", "company_id": 1, "company_ids": [1]])
    odoo.put("res.company", 1, ["name": "Small Ltd", "currency_id": 1, "partner_id": 1])
    odoo.put("res.currency", 1, ["name": "EUR"])
    odoo.put("res.currency", 2, ["name": "USD"])
    odoo.put("res.currency", 3, ["name": "XAU"])
    odoo.put(
      "res.currency.rate", 1,
      ["currency_id": 2, "name": "2020-01-01", "rate": .number(2), "company_id": false])
    odoo.put("product.category", 1, ["complete_name": "All / Chairs"])
    odoo.put("uom.uom", 1, ["name": "Units", "factor": .number(1), "category_id": 1])
    odoo.put("uom.uom", 2, ["name": "Dozens", "factor": .number(1.0 / 12), "category_id": 1])
    odoo.put("uom.uom", 3, ["name": "kg", "factor": .number(1), "category_id": 2])
    odoo.put("product.template", 1, ["name": "Chair"])
    odoo.put("product.template", 2, ["name": "Stool"])
    for (id, name) in [(Int64(1), "Chair"), (2, "Stool")] {
      odoo.put(
        "product.product", id,
        [
          "product_tmpl_id": .int(id), "default_code": .text("P\(id)"), "name": .text(name),
          "display_name": .text("[P\(id)] \(name) (Oak)"), "categ_id": 1, "type": "product",
          "lst_price": .number(50),
          "standard_price": .number(20), "uom_id": 1, "active": true,
        ])
    }
    odoo.put("res.partner", 1, ["name": "Bob", "is_company": false, "customer_rank": 1, "supplier_rank": 0])
    odoo.put(
      "sale.order", 1,
      [
        "name": "S1", "partner_id": 1, "state": "sale", "date_order": "2026-09-01 22:30:00", "currency_id": 1,
        "currency_rate": .number(1), "company_id": 1,
      ])
    odoo.put(
      "sale.order", 2,
      [
        "name": "S2", "partner_id": 1, "state": "done", "date_order": "2026-09-02 10:00:00", "currency_id": 2,
        "currency_rate": .number(4), "company_id": 1,
      ])
    odoo.put(
      "sale.order", 3,
      [
        "name": "S3", "partner_id": 1, "state": "sale", "date_order": "2026-09-02 10:00:00", "currency_id": 3,
        "currency_rate": .number(0), "company_id": 1,
      ])
    for id in 1...lines {
      line(odoo, id, order: id == lines ? 2 : 1, uom: id == 2 ? 2 : id == 3 ? 3 : 1)
    }
    odoo.put(
      "sale.order.line", lines + 1, ["order_id": 1, "product_id": false, "display_type": "line_section"])
    line(odoo, lines + 2, order: 3, uom: 1)
    return odoo
  }

  private func line(_ odoo: SmallOdoo, _ id: Int64, order: Int64, uom: Int64) {
    odoo.put(
      "sale.order.line", id,
      [
        "order_id": .int(order), "product_id": .int(1 + id % 2), "product_uom_qty": .number(1),
        "qty_delivered": .number(1),
        "price_unit": .number(120), "discount": .number(0), "price_subtotal": .number(120),
        "product_uom": .int(uom),
        "display_type": false,
      ])
  }

  private func connect(_ odoo: any HTTPExchanger, version19: Bool = false) throws -> OdooConnection {
    try OdooConnection.open(
      ConnectionSettings(url: "x", database: "small", login: "ada"),
      credential: version19
        ? .apiKey(Secret(String(repeating: "a", count: 40))) : .password(Secret("secret")), over: odoo)
  }

  private func file() -> String { NSTemporaryDirectory() + "erpq-sync-\(UUID().uuidString).db" }

  private func sync(
    _ odoo: SmallOdoo, _ path: String, pageSize: Int = 5, columns: Bool = false
  ) throws -> SyncSummary {
    let warehouse = try Warehouse(path: path)
    defer { try? warehouse.close() }
    let now = odoo.now
    var options = SyncOptions { now }
    options.pageSize = pageSize
    options.usesColumns = columns
    options.lanes = 1
    let connection = try connect(odoo, version19: odoo.version.hasPrefix("19"))
    return try Synchronizer(connection, into: warehouse, options: options, clock: TestClock()).run()
  }

  private func rows(_ path: String, _ relation: String, _ columns: [String]) throws -> [[Value]] {
    let warehouse = try Warehouse(path: path)
    defer { try? warehouse.close() }
    let table = try warehouse.scan(Scan(relation, columns: columns))
    return (0..<table.rowCount).map { row in table.columns.map { $0[row] } }
  }

  @Test func firstLoad() throws {
    let (odoo, path) = (server(), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    let summary = try sync(odoo, path)
    #expect(summary.status == "ok" && summary.failure == nil)
    #expect(summary.notes.contains { $0.contains("purchase orders") && $0.contains("not installed") })
    let sales = try rows(
      path, "sales", ["line", "date", "qty", "price", "amount", "amount_doc", "currency", "name"])
    // Line 3 is in kg, line 14 in gold without a rate, 13 a heading.
    #expect(sales.map { $0[0] } == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12].map { Value.int($0) })
    // 22:30 UTC is the next day in Paris.
    #expect(sales[0][1] == .date(try #require(CivilDate(iso: "2026-09-02"))))
    #expect(sales[1][2].asDouble == 12 && sales[1][3].asDouble == 10 && sales[1][4].asDouble == 120)
    #expect(sales[10][4].asDouble == 30 && sales[10][5].asDouble == 120 && sales[10][6] == .text("USD"))
    #expect(sales[0][7] == .text("Stool (Oak)"))
    let problems = try rows(path, "sync_problems", ["model", "record", "problem"])
    #expect(problems.count == 2)
    #expect(problems[0][1] == .int(3) && problems[1][1] == .int(3))
    #expect(problems.contains { $0[0] == .text("sale.order.line") && $0[2].description.contains("unit") })
    #expect(problems.contains { $0[0] == .text("sale.order") && $0[2].description.contains("no rate") })
    let warehouse = try Warehouse(path: path)
    #expect(try warehouse.info.currency == "EUR" && warehouse.info.timeZone == "Europe/Paris")
    #expect(try rows(path, "products", ["name", "category", "price"])[0][1] == .text("All / Chairs"))
    #expect(try rows(path, "syncs", ["status"]) == [[.text("ok")]])
  }

  @Test func nothingNew() throws {
    let (odoo, path) = (server(), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try sync(odoo, path)
    let before = try Warehouse(path: path).version
    odoo.now = Instant(microseconds: start.microseconds + 7_200_000_000)
    let second = try sync(odoo, path)
    #expect(second.changed == 0 && second.removed == 0 && second.derived == nil)
    #expect(try Warehouse(path: path).version == before)
    // What was written in the hour before the first sync came again, and was the same; then no more.
    #expect(second.models.first { $0.model == "sale.order.line" }?.read == 13)
    let third = try sync(odoo, path)
    #expect(third.models.first { $0.model == "sale.order.line" }?.read == 0 && third.changed == 0)
  }

  @Test func changesAndDeletions() throws {
    let (odoo, path) = (server(), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try sync(odoo, path)
    odoo.now = Instant(microseconds: start.microseconds + 86_400_000_000)
    line(odoo, 1, order: 2, uom: 1)
    line(odoo, 20, order: 1, uom: 1)
    odoo.models["sale.order.line"]?.rows[5] = nil
    // Only the header moves; its lines do not show it.
    odoo.put("sale.order", 1, ["date_order": "2026-09-10 08:00:00"])
    // Up to Odoo 16 a template's change does not move the product's own date.
    odoo.put("product.template", 1, ["name": "Armchair"])
    odoo.models["product.product"]?.rows[1]?["display_name"] = "[P1] Armchair (Oak)"
    let summary = try sync(odoo, path)
    #expect(summary.removed == 1 && summary.changed == 4)
    let sales = try rows(path, "sales", ["line", "date", "amount", "name"])
    #expect(Set(sales.map { $0[0] }) == Set([1, 2, 4, 6, 7, 8, 9, 10, 11, 12, 20].map { Value.int($0) }))
    #expect(sales.first { $0[0] == .int(1) }?[2].asDouble == 30)
    #expect(sales.first { $0[0] == .int(2) }?[1] == .date(try #require(CivilDate(iso: "2026-09-10"))))
    #expect(sales.first { $0[0] == .int(4) }?[3] == .text("Armchair (Oak)"))
  }

  @Test func aLateCommitIsSeen() throws {
    let (odoo, path) = (server(), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    odoo.now = Instant(microseconds: start.microseconds + 86_400_000_000)
    _ = try sync(odoo, path)
    // Begun ten minutes before the sync, committed after it.
    odoo.now = Instant(microseconds: odoo.now.microseconds - 600_000_000)
    line(odoo, 4, order: 2, uom: 1)
    odoo.now = Instant(microseconds: odoo.now.microseconds + 1_200_000_000)
    #expect(try sync(odoo, path).changed == 1)
    #expect(try rows(path, "sales", ["line", "amount"]).first { $0[0] == .int(4) }?[1].asDouble == 30)
  }

  /// Whatever request fails, nothing is lost or doubled, and the next run goes on.
  @Test func aRunThatStopsAnywhereGoesOn() throws {
    let whole = file()
    defer { try? FileManager.default.removeItem(atPath: whole) }
    _ = try sync(server(lines: 40), whole)
    let wanted = try rows(whole, "sales", ["line", "date", "qty", "amount"])
    for failing in stride(from: 3, to: 60, by: 4) {
      let (odoo, path) = (server(lines: 40), file())
      defer { try? FileManager.default.removeItem(atPath: path) }
      var n = 0
      odoo.onRequest = { _, _ in
        n += 1
        if n == failing { throw OdooError(.connectionLost, "reset") }
      }
      var isWhole = false
      do {
        isWhole = try sync(odoo, path).failure == nil
      } catch is OdooError {}
      odoo.onRequest = nil
      let linesRead = odoo.requests.filter { $0.model == "sale.order.line" && $0.method == "search_read" }
        .count
      let second = try sync(odoo, path)
      #expect(second.failure == nil)
      #expect(try rows(path, "sales", ["line", "date", "qty", "amount"]) == wanted, "request \(failing)")
      if !isWhole, (3...8).contains(linesRead) {
        // Nine pages in all; those that had come are not read again.
        let again = odoo.requests.filter { $0.model == "sale.order.line" && $0.method == "search_read" }.count
        #expect(again <= 9 + 2, "request \(failing)")
      }
    }
  }

  @Test func recordsThatMoveWhilePaging() throws {
    let (odoo, path) = (server(lines: 60), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    var n = 0
    odoo.onRequest = { [unowned odoo] model, method in
      guard model == "sale.order.line", method == "search_read" else { return }
      n += 1
      // A record of a page that has come, one of a page to come, and a new one.
      if n == 3 {
        odoo.models[model]?.rows[1] = nil
        odoo.models[model]?.rows[50] = nil
        self.line(odoo, 99, order: 1, uom: 1)
      }
    }
    _ = try sync(odoo, path)
    odoo.onRequest = nil
    _ = try sync(odoo, path)
    let lines = Set(try rows(path, "sales", ["line"]).map { $0[0] })
    #expect(!lines.contains(.int(1)) && !lines.contains(.int(50)) && lines.contains(.int(99)))
    #expect(lines.count == 60 - 3 + 1)
  }

  @Test func wholeColumnsAgreeWithRecords() throws {
    for version in ["16.0", "19.0"] {
      let (slow, fast) = (file(), file())
      defer { for path in [slow, fast] { try? FileManager.default.removeItem(atPath: path) } }
      let odoo = server(lines: 300)
      odoo.version = version
      _ = try sync(odoo, slow, pageSize: 20)
      func lines() throws -> ModelSummary? {
        try sync(odoo, fast, pageSize: 20, columns: true).models.first { $0.model == "sale.order.line" }
      }
      let first = try lines()
      #expect(first?.isColumnar == true)
      let columns = ["line", "date", "qty", "amount", "cost"]
      #expect(try rows(slow, "sales", columns) == rows(fast, "sales", columns))
      // So are many changes.
      let again = try lines()
      #expect(again?.isColumnar == true && again?.isFull == false && again?.changed == 0)
      #expect(again?.read == first?.read)
      #expect(try rows(slow, "sales", columns) == rows(fast, "sales", columns))
      // A server without them is read in records.
      odoo.hasColumns = false
      let other = file()
      defer { try? FileManager.default.removeItem(atPath: other) }
      #expect(try sync(odoo, other, pageSize: 20, columns: true).models.allSatisfy { !$0.isColumnar })
      #expect(try rows(slow, "sales", columns) == rows(other, "sales", columns))
    }
  }

  /// A recorded run gives the same company file again without the server, and holds no secret.
  @Test func aRecordedRunIsReplayed() throws {
    let (odoo, live, again) = (server(), file(), file())
    defer { for path in [live, again] { try? FileManager.default.removeItem(atPath: path) } }
    let now = odoo.now
    func run(_ exchanger: any HTTPExchanger, _ path: String, lanes: Int) throws -> SyncSummary {
      let warehouse = try Warehouse(path: path)
      defer { try? warehouse.close() }
      var options = SyncOptions { now }
      options.pageSize = 5
      options.lanes = lanes
      return try Synchronizer(connect(exchanger), into: warehouse, options: options, clock: TestClock()).run()
    }
    let kept = KeptLines()
    let recorded = try run(RecordingExchanger(odoo, secrets: ["secret"]) { kept.append($0) }, live, lanes: 1)
    let lines = kept.all
    #expect(!lines.joined().contains("\"secret\"") && lines.count > 20)
    let replayed = try run(
      try ReplayExchanger(lines: lines, address: "http://127.0.0.1:8069", secrets: ["secret"]), again,
      lanes: 3)
    #expect(replayed.models == recorded.models && replayed.traffic.bytes == recorded.traffic.bytes)
    let columns = ["line", "date", "qty", "amount", "cost", "state"]
    #expect(try rows(live, "sales", columns) == rows(again, "sales", columns))
  }

  @Test func importsDoNotMixWithASync() throws {
    let (odoo, path) = (server(), file())
    let folder = NSTemporaryDirectory() + "erpq-import-\(UUID().uuidString)"
    defer { for each in [path, folder] { try? FileManager.default.removeItem(atPath: each) } }
    _ = try sync(odoo, path)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "id,name\n1,Chair\n".write(toFile: folder + "/products.csv", atomically: true, encoding: .utf8)
    let warehouse = try Warehouse(path: path)
    #expect(throws: WarehouseError.self) { try warehouse.importFolder(folder) }
    #expect(try rows(path, "products", ["product"]).count == 2)
  }

  @Test func rightsThatAreMissing() throws {
    let (odoo, path) = (server(), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    odoo.denied = ["res.partner"]
    let summary = try sync(odoo, path)
    #expect(summary.notes.contains { $0.contains("may not read partners") })
    #expect(try rows(path, "sales", ["line"]).count == 11)
  }

  @Test func aFileOfAnotherOriginIsRefused() throws {
    let (odoo, path) = (server(), file())
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try sync(odoo, path)
    let warehouse = try Warehouse(path: path)
    #expect(throws: WarehouseError.self) {
      try warehouse.bind(origin: "elsewhere", name: "", currency: "EUR", timeZone: "UTC")
    }
  }

  @Test func mappedFieldsAreChecked() throws {
    let list = FieldList(
      model: "sale.order.line",
      .members([
        "order_id": .members(["type": "many2one"]), "product_id": .members(["type": "many2one"]),
        "product_uom_qty": .members(["type": "float"]), "x_pieces": .members(["type": "float"]),
        "price_subtotal": .members(["type": "monetary"]), "create_date": .members(["type": "datetime"]),
        "write_date": .members(["type": "datetime"]), "name": .members(["type": "text"]),
      ]))
    let spec = try #require(ModelSpec.all.first { $0.model == "sale.order.line" })
    let map = try FieldMap(spec, list, custom: ["qty": "x_pieces"])
    #expect(map.columns.first { $0.column == "qty" }?.field.name == "x_pieces")
    #expect(throws: OdooError.self) { try FieldMap(spec, list, custom: ["qty": "x_piece"]) }
    #expect(throws: OdooError.self) { try FieldMap(spec, list, custom: ["qty": "name"]) }
    #expect(throws: OdooError.self) { try FieldMap(spec, list, custom: ["quantity": "x_pieces"]) }
  }
}
