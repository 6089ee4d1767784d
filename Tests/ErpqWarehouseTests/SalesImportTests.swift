import ErpqBase
import ErpqTables
import Foundation
import Testing

@testable import ErpqWarehouse

private func importing(
  _ text: String, into warehouse: Warehouse, name: String = "sales.csv",
  change: (inout SalesImport) -> Void = { _ in }
) throws -> ImportSummary {
  let source = CSVSource(name: name, text)
  var spec = SalesImport(
    map: SalesImport.guess(headers: source.headers()), currency: "EUR", timeZone: "Europe/Paris")
  change(&spec)
  return try warehouse.importSales(from: source, spec)
}

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

@Suite struct SalesImportTests {
  private let folder: TemporaryFolder
  private let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(path: folder.file("c.db"))
  }

  private func cells(_ relation: String, _ columns: [String]) throws -> [String] {
    rows(try warehouse.scan(Scan(relation, columns: columns)))
  }

  @Test func linesOrdersProductsAndCustomersAreLoaded() throws {
    let summary = try importing(
      """
      order,product,date,qty,price,customer
      489434,79323P,2026-01-07 07:45,12,6.75,13085
      489434,21523,2026-01-07 07:45,10,5.95,13085
      C489449,22087,2026-01-05 09:15,-12,2.95,
      489435, 21523 ,2026-01-06 23:30,1,5.00,ACME
      """, into: warehouse)
    #expect(summary.read == 4)
    #expect(summary.loaded == 4)
    #expect(summary.rejected == 0)
    #expect(summary.products == 3)
    #expect(summary.customers == 2)
    #expect(summary.orders == 3)
    #expect(summary.days.map { "\($0.lowerBound) \($0.upperBound)" } == "2026-01-05 2026-01-07")
    // In the order of days, then of the file. A numeric code is the id; others count from 1,000,001.
    #expect(
      try cells("sales", ["date", "order", "product", "sku", "customer", "qty", "amount"]) == [
        "2026-01-05|1000000001|22087|22087||-12|-35.400000000000006EUR",
        "2026-01-06|489435|21523|21523|1000000001|1|5EUR",
        "2026-01-07|489434|1000001|79323P|13085|12|81EUR",
        "2026-01-07|489434|21523|21523|13085|10|59.5EUR",
      ])
    #expect(
      try cells("orders", ["order", "name", "lines", "amount", "state"]) == [
        "489434|489434|2|140.5EUR|sale", "489435|489435|1|5EUR|sale",
        "1000000001|C489449|1|-35.400000000000006EUR|sale",
      ])
    #expect(
      try cells("products", ["product", "first_sale", "last_sale"]).contains("21523|2026-01-06|2026-01-07"))
    #expect(
      try cells("customers", ["customer", "name", "orders", "amount"]) == [
        "13085|13085|1|140.5EUR", "1000000001|ACME|1|5EUR",
      ])
    let info = try warehouse.info
    #expect(info.today?.description == "2026-01-08")
    #expect(info.currency == "EUR")
    #expect(info.counts["sales"] == 4)
  }

  @Test func timesAreLocalUnlessTheyCarryAnOffset() throws {
    _ = try importing(
      """
      product,date,qty
      1,2026-01-06 00:30,1
      2,2026-07-06 01:30,1
      3,2026-01-06T23:30:00Z,1
      4,2026-01-06 23:30:00+05:00,1
      5,2026-01-06,1
      """, into: warehouse)
    #expect(
      try cells("sales", ["product", "date", "date_utc"]) == [
        "1|2026-01-06|2026-01-05", "4|2026-01-06|2026-01-06", "5|2026-01-06|2026-01-06",
        "3|2026-01-07|2026-01-06", "2|2026-07-06|2026-07-05",
      ])
  }

  @Test func loadingTwiceChangesNothing() throws {
    let text = """
      order,product,date,qty,price,customer
      7,B,2026-01-05,1,2,X
      8,A,2026-01-04,3,2,Y
      9,12,2026-01-04,3,2,12

      """
    let relations = Warehouse.relations.map(\.name)
    _ = try importing(text, into: warehouse)
    let first = try relations.map { try cells($0, Warehouse.relation($0)?.fields.map(\.name) ?? []) }
    let version = try warehouse.version
    let again = try importing(text, into: warehouse)
    #expect(again.newProducts == 0)
    #expect(try relations.map { try cells($0, Warehouse.relation($0)?.fields.map(\.name) ?? []) } == first)
    #expect(try warehouse.version == version + 1)

    // A second file adds to it; ids stay. Loading the first one again leaves the second one alone.
    _ = try importing(
      """
      order,product,date,qty,price,customer
      10,C,2026-01-06,1,2,X
      10,A,2026-01-06,1,2,X
      """, into: warehouse, name: "february.csv")
    let both = try relations.map { try cells($0, Warehouse.relation($0)?.fields.map(\.name) ?? []) }
    #expect(try cells("sales", ["product"]).count == 5)
    #expect(try cells("products", ["product", "sku"]) == ["12|12", "1000001|B", "1000002|A", "1000003|C"])
    _ = try importing(text, into: warehouse)
    #expect(try relations.map { try cells($0, Warehouse.relation($0)?.fields.map(\.name) ?? []) } == both)
  }

  @Test func badLinesAreReportedWithTheirLine() throws {
    let rejects = folder.file("rejects.csv")
    let summary = try importing(
      """
      order,product,date,qty,price,customer
      1,A,2026-01-05,1,2,X
      1,,2026-01-05,1,2,X
      1,A,someday,1,2,X
      1,A,2026-02-30,1,2,X
      1,A,,1,2,X
      1,A,2026-01-05,two,2,X
      1,A,2026-01-05,,2,X
      1,A,2026-01-05,1,free,X
      1,A,2026-01-05,nan,1,X
      """, into: warehouse
    ) { $0.rejectFile = rejects }
    #expect(summary.read == 9)
    #expect(summary.loaded == 1)
    #expect(summary.rejected == 8)
    #expect(
      summary.rejects.map { "\($0.line) \($0.reason)" } == [
        "3 the product is missing", "4 \"someday\" is not a date such as 2026-01-31",
        "5 \"2026-02-30\" is not a date such as 2026-01-31", "6 the date is missing",
        "7 the quantity \"two\" is not a number", "8 the quantity is missing",
        "9 the price \"free\" is not a number", "10 the quantity \"nan\" is not a number",
      ])
    let written = try String(contentsOfFile: rejects, encoding: .utf8).split(separator: "\n")
    #expect(written.count == 9)
    #expect(written[2] == "4,\"\"\"someday\"\" is not a date such as 2026-01-31\"")
  }

  @Test func whatCannotBeLoadedAtAllSaysWhy() throws {
    #expect(
      message { _ = try importing("product,date,qty\n", into: warehouse) }
        == "sales.csv has no lines below its headers, so nothing was loaded.")
    #expect(message { _ = try importing("", into: warehouse) } == "sales.csv is empty.")
    #expect(
      message { _ = try importing("sku,date,amount\nA,2026-01-01,2\n", into: warehouse) }
        == "sales.csv: no column was named for the qty; its columns are \"sku\", \"date\", \"amount\". "
        + "Say which one it is: `--map qty=HEADER`."
    )
    #expect(
      message {
        _ = try importing("product,date,qty\nA,2026-01-01,2\n", into: warehouse) { $0.map[.price] = "pirce" }
      } == "sales.csv has no column \"pirce\" for the price; its columns are \"product\", \"date\", \"qty\".")
    #expect(
      message { _ = try importing("product,date,qty\nA,31/12/2025,2\n", into: warehouse) }.hasPrefix(
        "The only line of sales.csv cannot be loaded. Line 2: \"31/12/2025\" is not a date"))
    #expect(
      message {
        _ = try importing("product,date,qty\nA,2026-01-01,2\n", into: warehouse) { $0.currency = "EURO" }
      }
        == "There is no currency \"EURO\". Did you mean EUR?")
    #expect(
      message {
        _ = try importing("product,date,qty\nA,2026-01-01,2\n", into: warehouse) {
          $0.timeZone = "Europe/Pariss"
        }
      }.hasPrefix("There is no time zone \"Europe/Pariss\". Did you mean Europe/Paris, "))
    #expect(
      message { _ = try SalesImport(map: ["quantitty": "x", "qyt": "q"], currency: "EUR", timeZone: "UTC") }
        .hasPrefix("A column of sale lines cannot be \"quantitty\"."))
    #expect(try warehouse.info.counts.isEmpty)
  }

  @Test func otherDateOrdersDaysDiscountsAndCurrencies() throws {
    let text = """
      sku,order date,quantity,unit price,discount,currency,cost
      A,5/3/2026 8:26,2,10,25,EUR,4
      A,06/03/2026,2,10,,usd,4
      A,07/03/2026,2,10,120,EUR,4
      A,08/03/2026,2,10,0,XYZ,4
      A,09/03/2026,2,10,0,MAD,4
      A,01/01/2027,1,10,0,EUR,4
      A,01/01/2025,1,10,0,EUR,4
      """
    let summary = try importing(text, into: warehouse) {
      $0.dateOrder = .dayFirst
      $0.rates = ["USD": 1.25]
      $0.clock = CivilDate(year: 2026, month: 4, day: 1)
      $0.onlyDays = CivilDate(day: 20_454)...CivilDate(day: 30_000)
    }
    #expect(
      summary.rejects.map(\.reason) == [
        "a discount of 120% is not between 0% and 100%", "\"XYZ\" is not a currency such as EUR",
        "there is no exchange rate for MAD",
      ])
    #expect(summary.future == 1)
    #expect(summary.leftOut == 1)
    #expect(
      try cells("sales", ["date", "price", "discount", "amount", "amount_doc", "currency", "cost"]) == [
        "2026-03-05|10EUR|25%|15EUR|15|EUR|8EUR", "2026-03-06|8EUR|0%|16EUR|20|USD|8EUR",
        "2027-01-01|10EUR|0%|10EUR|10|EUR|4EUR",
      ])
    #expect(
      summary.notes == [
        "1 line is dated after today (2026-04-01); it was loaded too.",
        "1 line lies outside the days asked for.",
      ])
    // A stray future date does not move today.
    #expect(try warehouse.info.today?.description == "2026-03-07")
  }

  @Test func duplicatesAreKeptAndNoted() throws {
    let summary = try importing(
      """
      order,product,date,qty,price,customer
      1,A,2026-01-05,1,2,X
      1,A,2026-01-05,1,2,X
      1,A,2026-01-05,2,2,X
      2,A,2026-01-05,1,2,X
      """, into: warehouse)
    #expect(summary.duplicates == 1)
    #expect(summary.loaded == 4)
    #expect(summary.notes == ["1 line repeats an earlier line in everything; it was loaded too."])
  }

  @Test func anOrderInTwoFilesIsOneOrder() throws {
    let header = "order,product,date,qty,price\n"
    _ = try importing(header + "1,A,2026-01-31,2,1\n2,A,2026-01-31,1,1\n", into: warehouse, name: "jan.csv")
    _ = try importing(header + "1,B,2026-02-01,3,1\n", into: warehouse, name: "feb.csv")
    #expect(try cells("orders", ["order", "lines", "amount"]) == ["1|2|5EUR", "2|1|1EUR"])
    // The second file without it: the first one's line keeps the order.
    _ = try importing(header + "3,B,2026-02-01,3,1\n", into: warehouse, name: "feb.csv")
    #expect(try cells("orders", ["order", "lines", "amount"]) == ["1|1|2EUR", "2|1|1EUR", "3|1|3EUR"])
  }

  @Test func anotherCurrencyDoesNotMixIn() throws {
    let text = "product,date,qty,price\nA,2026-01-01,2,1\n"
    _ = try importing(text, into: warehouse)
    #expect(
      message { _ = try importing(text, into: warehouse, name: "uk.csv") { $0.currency = "GBP" } }
        .hasPrefix("The company's currency is EUR, and uk.csv is to be loaded as GBP."))
    // The only load may be replaced by one in another currency.
    _ = try importing(text, into: warehouse) { $0.currency = "GBP" }
    #expect(try cells("sales", ["amount"]) == ["2GBP"])
  }

  @Test func typedColumnsComeThroughAsWell() throws {
    let table = ErpqTables.Table([
      ("order", Column(.int, values: [.int(5), .int(5)])),
      ("product", Column(.int, values: [.int(21523), .int(9)])),
      (
        "date", Column(.datetime, values: [.datetime(Instant(microseconds: 86_400_000_000 * 20_000)), .null])
      ),
      ("qty", Column(.number, values: [.number(2.5), .number(1)])),
      ("discount", Column(.percent, values: [.percent(0.1), .percent(0)])),
      ("price", Column(.int, values: [.int(4), .int(4)])),
    ])
    let map = SalesImport.guess(headers: table.schema.names)
    let summary = try warehouse.importSales(
      from: TableSource(name: "t", table: table),
      SalesImport(map: map, currency: "EUR", timeZone: "America/New_York"))
    #expect(summary.loaded == 1)
    #expect(summary.rejects.first?.reason == "the date is missing")
    #expect(
      try cells("sales", ["product", "qty", "discount", "amount", "date_utc"]) == [
        "21523|2.5|10%|9EUR|2024-10-04"
      ])
  }
}

@Suite struct ProductsImportTests {
  @Test func aCatalogueFillsWhatSaleLinesDoNotSay() throws {
    let folder = try TemporaryFolder()
    let warehouse = try Warehouse(path: folder.file("c.db"))
    let sales =
      "product,date,qty,price\n7,2026-01-01,2,5\n7,2026-01-03,1,6\n7,2026-01-04,-1,5\nB,2026-01-02,1,3\n"
    _ = try importing(sales, into: warehouse)
    let columns = ["product", "sku", "name", "category", "price", "cost", "supplier", "lead_time", "on_hand"]
    func products() throws -> [String] { rows(try warehouse.scan(Scan("products", columns: columns))) }
    // Until a catalogue says better, the price is that of the last sale.
    #expect(try products() == ["7|7|7||6EUR||||", "1000001|B|B||3EUR||||"])
    let catalogue = CSVSource(
      name: "p.csv",
      """
      sku,description,category,price,cost,supplier,lead_time,stock
      B,Big B,Letters,9,2,Azure,12,40
      7,Seven,,8,x,,,
      C,Sea,Letters,,,,,
      ,Nameless,,,,,,
      """)
    let spec = ProductsImport(map: ProductsImport.guess(headers: catalogue.headers()))
    for _ in 0..<2 {
      let result = try warehouse.importProducts(from: catalogue, spec)
      #expect(result.loaded == 2)
      #expect(
        result.rejects.map { "\($0.line) \($0.reason)" } == [
          "3 the cost \"x\" is not a number", "5 the product is missing",
        ])
      #expect(
        try products() == [
          "7|7|7||6EUR||||", "1000001|B|Big B|Letters|9EUR|2EUR|Azure|12d|40", "1000002|C|Sea|Letters|||||",
        ])
      let costs = try warehouse.scan(
        Scan("sales", columns: ["cost"], filters: [ScanFilter("sku", .equal(.text("B")))]))
      #expect(rows(costs) == ["2EUR"])
    }
    // A later load of sales leaves what the catalogue said.
    _ = try importing(sales, into: warehouse)
    #expect(try products()[1] == "1000001|B|Big B|Letters|9EUR|2EUR|Azure|12d|40")
    #expect(
      message { try warehouse.importProducts(from: catalogue, ProductsImport(map: [:])) }
        .hasPrefix("p.csv: no column was named for the product's code."))
    #expect(
      message { try warehouse.importProducts(from: catalogue, ProductsImport(map: [.product: "SKU"])) }
        .hasPrefix("p.csv has no column \"SKU\" for the product."))
  }
}
