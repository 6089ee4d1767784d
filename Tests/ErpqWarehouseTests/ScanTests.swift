import ErpqBase
import ErpqTables
import Foundation
import Testing

@testable import ErpqWarehouse

@Suite struct ScanTests {
  private let folder: TemporaryFolder
  private let warehouse: Warehouse

  /// A few hundred lines that a seeded generator makes, with nulls in customer and price.
  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(path: folder.file("c.db"))
    var random = SeededRandom(seed: 7)
    var text = "order,product,date,qty,price,customer,category,name\n"
    for i in 0..<600 {
      let p = random.below(12)
      let date = CivilDate(day: 20_400 + Int32(random.below(60)))
      let price = random.below(10) == 0 ? "" : formatNumber(Double(random.below(5000)) / 100)
      let customer = random.below(5) == 0 ? "" : "\(100 + random.below(9))"
      text +=
        "\(i / 4),SKU\(p),\(date) 12:00,\(random.below(9) - 1),\(price),"
        + "\(customer),Cat\(p % 3),\"It's \(p)\"\n"
    }
    let source = CSVSource(name: "s.csv", text)
    try warehouse.importSales(
      from: source,
      SalesImport(map: SalesImport.guess(headers: source.headers()), currency: "EUR", timeZone: "UTC"))
  }

  /// The rows of a whole scan that fulfil the conditions, judged value by value.
  private func bruteForce(_ columns: [String], _ filters: [ScanFilter]) throws -> [String] {
    let all = try warehouse.scan(Scan("sales"))
    func number(_ value: Value) -> Double? {
      if case .date(let date) = value { return Double(date.day) }
      return value.asDouble
    }
    func fulfils(_ value: Value, _ test: ScanFilter.Test) -> Bool {
      if value.isNull { return false }
      switch test {
      case .notNull: return true
      case .equal(let wanted): return number(value).map { $0 == number(wanted) } ?? (value == wanted)
      case .oneOf(let list): return list.contains { fulfils(value, .equal($0)) }
      case .range(let low, let high):
        if case .text(let text) = value {
          if case .text(let low) = low, text < low { return false }
          if case .text(let high) = high, text > high { return false }
          return true
        }
        guard let n = number(value) else { return false }
        return (low.isNull || n >= (number(low) ?? 0)) && (high.isNull || n <= (number(high) ?? 0))
      }
    }
    let kept = (0..<all.rowCount).filter { row in
      filters.allSatisfy { filter in all[filter.column].map { fulfils($0[row], filter.test) } ?? false }
    }
    return kept.map { row in columns.map { all[$0]?[row].description ?? "?" }.joined(separator: "|") }
  }

  static let columns = [
    "line", "date", "product", "sku", "category", "customer", "qty", "amount", "currency",
  ]
  static func day(_ n: Int32) -> Value { Value.date(CivilDate(day: n)) }
  static let cases: [[ScanFilter]] = [
    [],
    [ScanFilter("date", .range(day(20_410), day(20_420)))],
    [ScanFilter("date", .range(day(20_440), .null))],
    [ScanFilter("date", .range(.null, day(20_405))), ScanFilter("customer", .notNull)],
    [ScanFilter("product", .equal(.int(1_000_003)))],
    [ScanFilter("product", .oneOf([.int(1_000_009), .int(1_000_001), .int(5)]))],
    [ScanFilter("product", .oneOf([]))],
    [ScanFilter("sku", .equal(.text("SKU4"))), ScanFilter("date", .range(day(20_410), day(20_450)))],
    [
      ScanFilter("category", .oneOf([.text("Cat1"), .text("Cat2")])),
      ScanFilter("qty", .range(.int(2), .number(4.5))),
    ],
    [ScanFilter("name", .equal(.text("It's 4")))],
    [ScanFilter("category", .range(.text("Cat1"), .null))],
    [ScanFilter("amount", .range(.money(50, "EUR"), .money(90, "EUR")))],
    [ScanFilter("customer", .equal(.int(104))), ScanFilter("state", .equal(.text("sale")))],
    [ScanFilter("customer", .equal(.null))],
    [ScanFilter("price", .notNull)],
    [ScanFilter("currency", .equal(.text("USD")))],
    [ScanFilter("warehouse", .notNull)],
  ]

  @Test func filtersGiveWhatBruteForceGives() throws {
    let columns = Self.columns
    for filters in Self.cases {
      let found = rows(try warehouse.scan(Scan("sales", columns: columns, filters: filters)))
      let wanted = try bruteForce(columns, filters)
      #expect(found == wanted, "\(filters)")
    }
  }

  @Test func keptRowsAnswerNarrowerScans() throws {
    let wide: [[ScanFilter]] = [
      [], [ScanFilter("date", .range(Self.day(20_405), .null))],
      [ScanFilter("date", .range(Self.day(20_405), Self.day(20_455)))],
      [ScanFilter("state", .equal(.text("sale")))],
    ]
    var answered = 0
    for filters in wide {
      let kept = KeptRows(filters, try warehouse.scan(Scan("sales", filters: filters)))
      for more in Self.cases {
        let all = filters + more
        let scan = Scan("sales", columns: Self.columns, filters: all)
        guard let found = kept.rows(of: scan) else { continue }
        answered += 1
        #expect(try rows(found) == rows(warehouse.scan(scan)), "\(filters) then \(more)")
        #expect(found.schema.fields.map(\.type) == (try warehouse.scan(scan)).schema.fields.map(\.type))
      }
    }
    // Numbers and texts within a range are left to the file.
    #expect(answered == 52)
    let march = [ScanFilter("date", .range(Self.day(20_410), Self.day(20_420)))]
    let kept = KeptRows(march, try warehouse.scan(Scan("sales", columns: ["date", "qty"], filters: march)))
    let within = ScanFilter("date", .range(Self.day(20_411), Self.day(20_412)))
    #expect(kept.rows(of: Scan("sales", columns: ["qty"], filters: [within])) != nil)
    #expect(kept.rows(of: Scan("sales", columns: ["price"], filters: [within])) == nil)
    let beyond = ScanFilter("date", .range(Self.day(20_411), Self.day(20_421)))
    #expect(kept.rows(of: Scan("sales", columns: ["qty"], filters: [beyond])) == nil)
    #expect(kept.rows(of: Scan("sales", columns: ["qty"])) == nil)
  }

  @Test func columnsAreTypedAndNullsMarked() throws {
    let table = try warehouse.scan(
      Scan("sales", columns: ["amount", "date", "discount", "customer", "warehouse", "qty"]))
    #expect(
      table.schema.fields.map(\.type) == [.money("EUR"), .date, .percent, .int, .text, .quantity(nil)])
    #expect(table["amount"]?.nullCount ?? 0 > 20)
    #expect(table["customer"]?.nullCount ?? 0 > 50)
    #expect(table["warehouse"]?.nullCount == 600)
    #expect(table["qty"]?.nullCount == 0)
    #expect(try warehouse.scan(Scan("sales", columns: [])).rowCount == 600)
    #expect(try warehouse.schema(of: #require(Warehouse.relation("sales")))["cost"]?.type == .money("EUR"))
  }

  @Test func explainSaysWhatIsRead() throws {
    let scan = Scan(
      "sales", columns: ["date", "qty"],
      filters: [
        ScanFilter("date", .range(.date(CivilDate(day: 20_410)), .date(CivilDate(day: 20_420)))),
        ScanFilter("name", .equal(.text("It's"))),
      ])
    #expect(
      try warehouse.description(of: scan)
        == "sales: date, qty (2 of 20 columns) where date between 2025-11-18 and 2025-11-28 and name = \"It's\""
    )
    #expect(try warehouse.description(of: Scan("sales")) == "sales: all 20 columns")
    #expect(try warehouse.description(of: Scan("sales", columns: [])) == "sales: the number of rows")
    let open = [
      ScanFilter("qty", .range(.null, .number(2))), ScanFilter("product", .oneOf([.int(1), .int(2)])),
    ]
    #expect(
      try warehouse.description(of: Scan("sales", columns: ["line"], filters: open))
        == "sales: line (1 of 20 columns) where qty <= 2 and product in [1, 2]")
  }

  @Test func unknownNamesAndMisfitsAreErrors() throws {
    func message(_ scan: Scan) -> String {
      do {
        _ = try warehouse.scan(scan)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(Scan("sale")).hasPrefix("There is no relation \"sale\". Did you mean sales"))
    #expect(
      message(Scan("sales", columns: ["ammount"])).hasPrefix(
        "sales has no column \"ammount\". Did you mean amount"))
    #expect(
      message(Scan("sales", filters: [ScanFilter("date", .equal(.text("today")))]))
        == "date is a date, so it cannot be compared with text today.")
    #expect(
      message(Scan("sales", filters: [ScanFilter("product", .range(.int(1), .text("x")))]))
        == "product is a int, so it cannot be compared with text x.")
  }

  @Test func relationsAreWellFormed() {
    let names = Set(Warehouse.relations.map(\.name))
    for relation in Warehouse.relations {
      let columns = relation.fields.map(\.name)
      #expect(Set(columns).count == columns.count, "\(relation.name) names a column twice")
      #expect(relation.keys.allSatisfy { columns.contains($0) })
      #expect(relation.fields.allSatisfy { !$0.doc.isEmpty })
      for reference in relation.references {
        #expect(names.contains(reference.relation))
        // A reference's column has the name of the key it holds, so that joins find it.
        #expect(
          Warehouse.relation(reference.relation)?.keys == [reference.column],
          "\(relation.name).\(reference.column)")
      }
    }
  }
}

@Suite struct LookupTests {
  private let folder: TemporaryFolder
  private let warehouse: Warehouse

  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(path: folder.file("c.db"))
    let source = CSVSource(
      name: "s.csv",
      """
      product,date,qty,name,customer,category
      101,2026-01-01,1,Corner Desk,ACME,Desks
      DSK-7,2026-01-01,1,Standing Desk,Initech,Desks
      DSK-8,2026-01-01,1,Standing Lamp,Initech,Lamps
      DSK-9,2026-01-01,1,standing desk,Initech,Lamps
      2000,2026-01-01,1,101,ACME GmbH,Lamps
      """)
    try warehouse.importSales(
      from: source,
      SalesImport(map: SalesImport.guess(headers: source.headers()), currency: "EUR", timeZone: "UTC"))
  }

  private func found(_ text: String) throws -> String {
    let lookup = try warehouse.lookup(.product, text)
    func show(_ list: [NameMatch]) -> String {
      list.map { "\($0.id) \($0.rule.rawValue)" }.joined(separator: ", ")
    }
    return lookup.exact.isEmpty ? "? " + show(lookup.candidates) : show(lookup.exact)
  }

  @Test func idThenCodeThenName() throws {
    #expect(try found("101") == "101 id")
    #expect(try found(" dsk-7 ") == "1000001 code")
    #expect(try found("corner desk") == "101 name")
    #expect(try found("Standing Desk") == "1000001 name, 1000003 name")
    #expect(try warehouse.lookup(.product, "Standing Desk").unique == nil)
    #expect(try warehouse.lookup(.product, "Corner Desk").unique?.code == "101")
  }

  @Test func nearMissesAreCandidates() throws {
    #expect(try found("corn") == "? 101 prefix")
    #expect(try found("lamp") == "? 1000002 contains")
    #expect(try found("Cornr Desk") == "? 101 similar")
    #expect(try found("xyzzy plugh") == "? ")
    #expect(try found("") == "? ")
  }

  @Test func otherKindsAndCompletion() throws {
    #expect(try warehouse.lookup(.customer, "acme").unique?.name == "ACME")
    #expect(try warehouse.lookup(.category, "desks").unique?.name == "Desks")
    #expect(try warehouse.lookup(.supplier, "x").exact.isEmpty)
    #expect(
      try warehouse.names(of: .product, prefix: "sta").map(\.name) == [
        "Standing Desk", "standing desk", "Standing Lamp",
      ])
    #expect(try warehouse.names(of: .product, prefix: "desk").map(\.id) == [101, 1_000_001, 1_000_003])
    #expect(try warehouse.names(of: .product, prefix: "DSK-", limit: 2).map(\.code) == ["DSK-7", "DSK-9"])
    #expect(try warehouse.names(of: .category).map(\.name) == ["Desks", "Lamps"])
  }

  @Test func aNewLoadRenewsTheNames() throws {
    #expect(try warehouse.lookup(.product, "NEW-1").unique == nil)
    let source = CSVSource(name: "t.csv", "product,date,qty\nNEW-1,2026-01-02,1\n")
    try warehouse.importSales(
      from: source,
      SalesImport(map: SalesImport.guess(headers: source.headers()), currency: "EUR", timeZone: "UTC"))
    #expect(try warehouse.lookup(.product, "NEW-1").unique != nil)
  }
}
