import ErpqBase
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqOdooSimulator

@Suite("A company file as an Odoo database")
struct CompanyWorldTests {
  static let files = [
    "meta.json": #"{"company_currency": "EUR", "company_tz": "Europe/Paris", "rows": {"x": 1}}"#,
    "products.csv": """
    id,default_code,name,category,type,list_price,standard_price,qty_available,virtual_available,active,create_date,supplier_id,lead_time_days
    101,DSK-1,Desk L,All / Desks,product,100,60,40,45,true,2024-01-15 23:30:00,9001,14.0
    102,,Jus d'orange,All / Food,consu,3,2,0,0,false,2024-01-15 05:07:40,9002,1.5
    103,SRV,Setup,All / Services,service,50,,0,0,true,2024-01-15 05:07:40,,
    """,
    "partners.csv": """
    id,name,is_company,customer_rank,supplier_rank,currency
    5001,Ann,false,1,0,EUR
    5002,Bob Inc,true,1,0,USD
    9001,Wood,true,0,1,EUR
    9002,Juice,true,0,1,EUR
    """,
    "sale_orders.csv": """
    id,name,partner_id,state,date_order,currency,currency_rate,commitment_date,effective_date
    1,S01,5001,sale,2025-06-30 22:30:00,EUR,1.0,2025-07-02 10:00:00,
    2,S02,5002,done,2025-06-29 10:00:00,USD,1.25,2025-07-01 10:00:00,2025-06-30 10:00:00
    3,S03,5001,draft,2025-06-29 11:00:00,EUR,1.0,,
    """,
    "sale_order_lines.csv": """
    id,order_id,product_id,state,product_uom_qty,qty_delivered,price_unit,discount,price_subtotal,create_date
    11,1,101,sale,2,0,100,10,180,2025-06-30 22:30:00
    12,2,102,done,-1.5,-1.5,4,0,-6,2025-06-29 10:00:00
    13,3,101,draft,7,0,100,0,700,2025-06-29 11:00:00
    """,
    "purchase_orders.csv": """
    id,name,partner_id,state,date_order,date_planned,effective_date
    501,P01,9001,done,2025-05-01 08:00:00,2025-05-15 08:00:00,2025-05-17 09:00:00
    """,
    "purchase_order_lines.csv": """
    id,order_id,product_id,product_qty,qty_received,price_unit,date_planned
    21,501,101,30,30,60,2025-05-15 08:00:00
    """,
    "stock_moves.csv": """
    id,product_id,product_qty,date,state,picking_code,origin
    1,101,20,2025-01-01 08:00:00,done,inventory_in,INIT
    2,101,30,2025-05-17 09:00:00,done,incoming,P01
    3,101,10,2025-06-01 09:00:00,done,outgoing,S01
    """,
    "currency_rates.csv": "name,currency,rate\n2025-05-01,USD,1.2\n2025-06-01,USD,1.25\n",
  ]

  static func world(_ version: OdooVersion, since: CivilDate? = nil) throws -> OdooWorld {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("erpq-odoo-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let company = folder.appendingPathComponent("company")
    try FileManager.default.createDirectory(at: company, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(to: company.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    let warehouse = try Warehouse(path: folder.appendingPathComponent("c.db").path)
    try warehouse.importFolder(company.path)
    return try OdooWorld.company(warehouse, version: version, since: since)
  }

  @Test(arguments: OdooVersion.allCases)
  func everythingArrives(_ version: OdooVersion) throws {
    let truth = try Self.world(version).truth
    #expect(truth.ids("product.product") == [101, 102, 103])
    #expect(truth.ids("sale.order") == [1, 2, 3])
    #expect(truth.ids("sale.order.line") == [11, 12, 13])
    #expect(truth.ids("purchase.order.line") == [21])
    #expect(truth.ids("stock.move") == [1, 2, 3])
    // What is done is locked in 19.
    #expect(truth.value("sale.order", id: 2, "state") == (version == .v16 ? "done" : "sale"))
    #expect(truth.value("sale.order", id: 2, "locked") == (version == .v16 ? .empty : true))
    #expect(truth.value("sale.order", id: 2, "currency_rate") == 1.25)
    #expect(truth.value("sale.order.line", id: 12, "price_unit") == 4.0)
    #expect(truth.value("sale.order.line", id: 12, "product_uom_qty") == -1.5)
    #expect(truth.value("sale.order.line", id: 11, "discount") == 10.0)
    #expect(truth.value("sale.order.line", id: 11, "price_unit") == 100.0)
    #expect(truth.value("product.product", id: 102, "active") == false)
    #expect(truth.value("product.product", id: 101, "name") == "Desk L")
    #expect(truth.value("product.product", id: 101, "display_name") == "[DSK-1] Desk L")
    #expect(truth.value("product.product", id: 101, "type") == (version == .v16 ? "product" : "consu"))
    #expect(truth.value("product.supplierinfo", id: 1, "delay") == 14)
    #expect(truth.value("purchase.order", id: 501, "partner_id") == 9001)
    // Goods come from vendors and go to customers, and lead back to their lines.
    func usage(_ move: Int, _ field: String) -> OdooValue {
      guard case .int(let place) = truth.value("stock.move", id: move, field) else { return .empty }
      return truth.value("stock.location", id: place, "usage")
    }
    #expect((1...3).map { usage($0, "location_id") } == ["inventory", "supplier", "internal"])
    #expect((1...3).map { usage($0, "location_dest_id") } == ["internal", "internal", "customer"])
    #expect(truth.value("stock.move", id: 2, "purchase_line_id") == 21)
    #expect(truth.value("stock.move", id: 3, "sale_line_id") == 11)
    #expect(truth.value("stock.move", id: 3, "product_qty") == 10.0)
    // Stamps are finer than seconds, and the order of things is kept.
    guard case .moment(let made) = truth.value("sale.order", id: 1, "create_date"),
      case .moment(let changed) = truth.value("sale.order", id: 1, "write_date")
    else {
      Issue.record("no stamps")
      return
    }
    #expect(made <= changed && made.microseconds % 1_000_000 != 0)
  }

  @Test func earlierDaysCanBeLeftOut() throws {
    let truth = try Self.world(.v19, since: CivilDate(iso: "2025-06-30")).truth
    #expect(truth.ids("sale.order") == [1])
    #expect(truth.ids("purchase.order") == [])
    #expect(truth.ids("stock.move") == [])
    #expect(truth.count("product.product") == 3)
  }
}
