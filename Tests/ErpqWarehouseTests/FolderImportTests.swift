import ErpqBase
import ErpqTables
import Foundation
import Testing

@testable import ErpqWarehouse

@Suite struct FolderImportTests {
  private let folder: TemporaryFolder
  private let warehouse: Warehouse

  private static let files = [
    "meta.json": #"{"company_currency": "EUR", "company_tz": "Europe/Paris", "rows": {"x": 1}}"#,
    "products.csv": """
    id,default_code,name,category,type,list_price,standard_price,qty_available,virtual_available,active,create_date,supplier_id,lead_time_days,x_daily_demand
    101,DSK-1,"Desk ""Ergo"" L",All / Desks,product,100,60,40,45,true,2024-01-15 23:30:00,9001,14.0,
    102,,Jus d'orange,All / Food,consu,3,2,0,0,false,2024-01-15 05:07:40,9002,,1.5
    103,SRV,Setup,All / Services,service,50,,0,0,true,2024-01-15 05:07:40,,,
    """,
    "partners.csv": """
    id,name,is_company,customer_rank,supplier_rank,currency
    5001,Ann,false,1,0,EUR
    5002,Bob Inc,true,1,0,USD
    9001,Wood,true,0,1,EUR
    9002,Wood,true,0,1,EUR
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
    14,9,101,sale,7,0,100,0,700,2025-06-29 11:00:00
    15,1,999,sale,7,0,100,0,700,2025-06-29 11:00:00
    """,
    "purchase_orders.csv": """
    id,name,partner_id,state,date_order,date_planned,effective_date
    501,P01,9001,done,2025-05-01 08:00:00,2025-05-15 08:00:00,2025-05-17 09:00:00
    502,P02,9001,purchase,2025-06-20 08:00:00,2025-07-04 08:00:00,
    """,
    "purchase_order_lines.csv": """
    id,order_id,product_id,product_qty,qty_received,price_unit,date_planned
    21,501,101,30,30,60,2025-05-15 08:00:00
    22,502,101,12,0,60,2025-07-04 08:00:00
    """,
    "stock_moves.csv": """
    id,product_id,product_qty,date,state,picking_code,origin
    1,101,20,2025-01-01 08:00:00,done,inventory_in,INIT
    2,101,30,2025-05-17 09:00:00,done,incoming,P01
    3,101,10,2025-06-01 09:00:00,done,outgoing,S00
    4,101,12,2025-07-04 09:00:00,assigned,incoming,P02
    5,101,7,2025-07-01 09:00:00,confirmed,outgoing,S01
    6,101,99,2025-06-02 09:00:00,cancel,outgoing,S00
    """,
    "currency_rates.csv": "name,currency,rate\n2025-05-01,USD,1.2\n2025-06-01,USD,1.25\n",
    "_notes.csv": "whatever\n1\n",
  ]

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("company"), withIntermediateDirectories: true)
    for (name, text) in FolderImportTests.files {
      try text.write(toFile: folder.file("company/" + name), atomically: true, encoding: .utf8)
    }
    warehouse = try Warehouse(path: folder.file("c.db"))
  }

  @discardableResult
  private func load() throws -> FolderSummary {
    try warehouse.importFolder(folder.file("company"))
  }

  private func cells(_ relation: String, _ columns: [String]) throws -> [String] {
    rows(try warehouse.scan(Scan(relation, columns: columns)))
  }

  @Test func everyFileArrivesUnderItsOwnNames() throws {
    let summary = try load()
    #expect(summary.rejected == 2)
    #expect(
      summary.rejects == [
        "sale_order_lines.csv, line 5: its order is not in sale_orders",
        "sale_order_lines.csv, line 6: product 999 is not in products",
      ])
    // Only confirmed orders are sales; the day is the company's, the universal one stands beside it.
    #expect(
      try cells(
        "sales",
        [
          "line", "order", "date", "date_utc", "product", "category", "qty", "price", "discount", "amount",
          "amount_doc", "currency", "cost", "state",
        ]) == [
          "12|2|2025-06-29|2025-06-29|102|All / Food|-1.5|3.2EUR|0%|-4.8EUR|-6|USD|-3EUR|done",
          "11|1|2025-07-01|2025-06-30|101|All / Desks|2|100EUR|10%|180EUR|180|EUR|120EUR|sale",
        ])
    #expect(try cells("quotations", ["line", "state", "amount"]) == ["13|draft|700EUR"])
    #expect(
      try cells(
        "orders", ["order", "name", "date", "lines", "amount", "promised_date", "delivered_date", "state"])
        == [
          "1|S01|2025-07-01|1|180EUR|2025-07-02||sale",
          "2|S02|2025-06-29|1|-4.8EUR|2025-07-01|2025-06-30|done",
          "3|S03|2025-06-29|1|700EUR|||draft",
        ])
    #expect(
      try cells(
        "products",
        [
          "product", "sku", "name", "type", "active", "supplier", "lead_time", "on_hand", "created",
          "assumed_demand", "last_sale",
        ]) == [
          "101|DSK-1|Desk \"Ergo\" L|product|true|Wood|14d|40|2024-01-16||2025-07-01",
          "102||Jus d'orange|consu|false|Wood (9002)||0|2024-01-15|1.5|2025-06-29",
          "103|SRV|Setup|service|true||||2024-01-15||",
        ])
    #expect(try cells("suppliers", ["supplier", "supplier_id"]) == ["Wood|9001", "Wood (9002)|9002"])
    #expect(
      try cells("customers", ["customer", "name", "is_company", "currency", "orders"]) == [
        "5001|Ann|false|EUR|1", "5002|Bob Inc|true|USD|1",
      ])
    #expect(
      try cells(
        "purchases",
        [
          "purchase_line", "supplier", "product", "order_date", "planned_date", "received_date", "qty",
          "qty_received",
          "state",
        ]) == [
          "21|Wood|101|2025-05-01|2025-05-15|2025-05-17|30|30|done",
          "22|Wood|101|2025-06-20|2025-07-04||12|0|purchase",
        ])
    #expect(
      try cells("moves", ["move", "qty", "kind", "state"]) == [
        "1|20|inventory_in|done", "2|30|incoming|done", "3|-10|outgoing|done", "4|12|incoming|assigned",
        "5|-7|outgoing|confirmed", "6|-99|outgoing|cancel",
      ])
    // On hand + incoming - reserved is the ERP's forecast quantity, 45.
    #expect(
      try cells("stock", ["product", "warehouse", "on_hand", "reserved", "incoming"]) == [
        "101|WH/Stock|40|7|12", "102|WH/Stock|0|0|0",
      ])
    #expect(
      try cells("currencies", ["currency", "rate", "date"]) == ["EUR|1|1970-01-01", "USD|1.25|2025-06-01"])
    let info = try warehouse.info
    #expect(info.timeZone == "Europe/Paris")
    #expect(info.firstDay?.description == "2025-01-01")
    #expect(info.today?.description == "2025-07-02")
  }

  @Test func withoutMovementsStockFollowsTheForecastQuantity() throws {
    try FileManager.default.removeItem(atPath: folder.file("company/stock_moves.csv"))
    try load()
    #expect(try cells("stock", ["product", "on_hand", "reserved", "incoming"]).first == "101|40|7|12")
  }

  @Test func loadingTwiceChangesNothing() throws {
    try load()
    let all = try Warehouse.relations.map { try cells($0.name, $0.fields.map(\.name)) }
    try load()
    #expect(try Warehouse.relations.map { try cells($0.name, $0.fields.map(\.name)) } == all)
  }

  @Test func badFoldersAndFilesSayWhy() throws {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch { return "\(error)" }
    }
    try load()
    let version = try warehouse.version
    #expect(
      message { try warehouse.importFolder(folder.file("nope")) }
        == "There is no folder \(folder.file("nope")).")
    let path = folder.file("company/sale_order_lines.csv")
    try "id,order_id,product_id,product_uom_qty\n1,1,101,many\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    #expect(
      message { try load() }
        == "sale_order_lines.csv, line 2: product_uom_qty is \"many\", which is not a number.")
    try "order_id\n1\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(message { try load() } == "sale_order_lines.csv has no column \"id\"; its columns are order_id.")
    try "not json".write(toFile: folder.file("company/meta.json"), atomically: true, encoding: .utf8)
    #expect(message { try load() }.contains("meta.json is not readable"))
    try FileManager.default.removeItem(atPath: folder.file("company/meta.json"))
    #expect(message { try load() }.contains("does not say the company's currency"))
    // Nothing of that touched what was there.
    #expect(try warehouse.version == version)
    #expect(try cells("sales", ["line"]) == ["12", "11"])
  }
}
