import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqEngine

/// Files of a company as they come in practice: empty, contradictory, mistyped.
@Suite struct CompanyInputTests {
  static let products = "id,name,type,active,list_price,standard_price,qty_available,virtual_available\n"
  static let orders = "id,name,partner_id,state,date_order,currency,currency_rate\n"
  static let lines = "id,order_id,product_id,product_uom_qty,price_unit,discount\n"
  static let statements = [
    "forecast horizon 7", "forecast horizon 7 method poly2", "segment", "segment matrix", "replenish",
    "stock status",
    "sales daily days 7", "sales weekly", "sales monthly by category", "top products", "sales", "products",
    "forecast | summarize total = sum(mean) by product", "sales daily days 7 | assert all qty >= 0",
  ]

  private func company(orders: String, lines: String, rates: String? = nil) throws -> SmallCompany {
    var files = [
      "products.csv": CompanyInputTests.products
        + "1,Desk,product,true,10,5,7,7\n2,Lamp,product,true,20,8,0,0\n",
      "sale_orders.csv": CompanyInputTests.orders + orders,
      "sale_order_lines.csv": CompanyInputTests.lines + lines,
    ]
    files["currency_rates.csv"] = rates.map { "name,currency,rate\n" + $0 }
    return try SmallCompany(files)
  }

  @Test(arguments: statements) func aCompanyWithoutAnything(_ statement: String) throws {
    let company = try SmallCompany([
      "products.csv": CompanyInputTests.products, "sale_orders.csv": CompanyInputTests.orders,
      "sale_order_lines.csv": CompanyInputTests.lines,
    ])
    for documents in [false, true] {
      let (table, sink) = company.ask(statement, documents: documents)
      #expect(sink.errors == [])
      // The cells (three of them for too little demand) and the days of a week are there without products.
      let rows = statement == "segment matrix" ? 12 : statement.hasPrefix("sales daily") ? 7 : 0
      #expect(table?.rowCount == rows, "\(statement)")
    }
  }

  @Test(arguments: statements) func aCompanyWithoutSales(_ statement: String) throws {
    let company = try company(orders: "", lines: "")
    let (table, sink) = company.ask(statement, today: "2025-07-01")
    #expect(sink.errors == [])
    #expect(table != nil)
    if statement == "forecast horizon 7" {
      #expect((0..<14).allSatisfy { table?["mean"]?[$0].asDouble == 0 })
    }
    if statement == "replenish" {
      #expect(table?["action"]?[0] == .text("OK"))
      #expect(table?["order_qty"]?[0].asDouble == 0)
    }
  }

  @Test func worthOfOrdersInOtherCurrencies() throws {
    let company = try company(
      orders: """
        1,S1,1,sale,2025-06-01 10:00:00,USD,1.25
        2,S2,1,sale,2025-06-02 10:00:00,USD,
        3,S3,1,sale,2025-06-03 10:00:00,ZZZ,
        4,S4,1,sale,2025-06-04 10:00:00,EUR,
        5,S5,1,sale,2025-06-05 10:00:00,USD,0

        """,
      lines: (1...5).map { "\($0),\($0),1,1,10,0\n" }.joined(),
      rates: "2025-01-01,USD,1.6\n2025-05-01,USD,2\n2025-06-30,USD,4\n")
    #expect(company.summary.loaded["sales"] == 3)
    #expect(company.summary.rejects.count == 4)
    #expect(
      company.summary.rejects.first
        == "sale_orders.csv, line 4: it has no currency_rate, and currency_rates.csv none for ZZZ, so its worth is unknown"
    )
    let (table, _) = company.ask("sales | select order, amount | sort order")
    let amounts = (0..<3).map { table?["amount"]?[$0].asDouble }
    #expect(amounts == [8, 5, 10])
  }

  @Test func rowsThatStandTwice() throws {
    let company = try company(
      orders: "1,S1,1,sale,2025-06-01 10:00:00,EUR,1\n1,S1,1,sale,2025-06-09 10:00:00,EUR,1\n",
      lines: "7,1,1,2,10,0\n5,1,2,1,10,0\n7,1,1,2,10,0\n5,1,1,9,10,0\n")
    #expect(
      company.summary.rejects == [
        "sale_orders.csv, line 3: order 1 stands in an earlier row already",
        "sale_order_lines.csv, line 4: line 7 stands in an earlier row already",
        "sale_order_lines.csv, line 5: line 5 stands in an earlier row already",
      ])
    let (orders, _) = company.ask("orders")
    #expect(orders?["amount"]?[0].asDouble == 30)
    #expect(orders?["lines"]?[0] == .int(2))
    let (sales, _) = company.ask("sales | summarize qty = sum(qty), last = max(date)")
    #expect(sales?["qty"]?[0].asDouble == 3)
    #expect(sales?["last"]?[0] == .date(try #require(CivilDate(iso: "2025-06-01"))))
  }

  @Test func linesOfUnknownProductsAndOrders() throws {
    let company = try company(
      orders: "1,S1,1,sale,2025-06-01 10:00:00,EUR,1\n",
      lines: "1,1,1,2,10,0\n2,1,99,2,10,0\n3,8,1,2,10,0\n4,1,,2,10,0\n5,1,1,,10,0\n")
    #expect(
      company.summary.rejects == [
        "sale_order_lines.csv, line 3: product 99 is not in products",
        "sale_order_lines.csv, line 4: its order is not in sale_orders",
        "sale_order_lines.csv, line 5: a line needs an id, a product_id and a product_uom_qty",
        "sale_order_lines.csv, line 6: a line needs an id, a product_id and a product_uom_qty",
      ])
    #expect(company.ask("sales | summarize n = count()").0?["n"]?[0] == .int(1))
  }

  @Test func quantitiesAsText() throws {
    #expect {
      _ = try company(
        orders: "1,S1,1,sale,2025-06-01 10:00:00,EUR,1\n", lines: "1,1,1,2,10,0\n2,1,1,many,10,0\n")
    } throws: { error in
      (error as? WarehouseError)?.message
        == "sale_order_lines.csv, line 3: product_uom_qty is \"many\", which is not a number."
    }
    #expect {
      _ = try company(orders: "1,S1,1,sale,2025-13-45,EUR,1\n", lines: "")
    } throws: { error in
      (error as? WarehouseError)?.message.hasPrefix("sale_orders.csv, line 2: date_order is \"2025-13-45\"")
        == true
    }
  }

  @Test func aYearMistypedDoesNotMoveToday() throws {
    let folder = try TemporaryFolder()
    try folder.write("products.csv", CompanyInputTests.products + "1,Desk,product,true,10,5,7,7\n")
    try folder.write(
      "sale_orders.csv",
      CompanyInputTests.orders
        + "1,S1,1,sale,2025-06-01 10:00:00,EUR,1\n2,S2,1,sale,2999-06-01 10:00:00,EUR,1\n")
    try folder.write("sale_order_lines.csv", CompanyInputTests.lines + "1,1,1,2,10,0\n2,2,1,5,10,0\n")
    let warehouse = try Warehouse(path: folder.path + "/company.db")
    try warehouse.importFolder(folder.path, currency: "EUR", clock: CivilDate(iso: "2026-01-01"))
    #expect(try warehouse.info.today == CivilDate(iso: "2025-06-02"))
    try warehouse.importFolder(folder.path, currency: "EUR", clock: CivilDate(iso: "2020-01-01"))
    #expect(
      try warehouse.info.today == CivilDate(iso: "2999-06-02"), "all facts lie ahead, so the last one counts")
  }
}
