import ErpqBase
import ErpqTables
import GRDB

/// Writes checked sale lines: products, customers and orders as they come, then the lines.
struct SaleLineWriter {
  private let database: Database
  private let lines: SaleLines
  private let spec: SalesImport
  private let slot: Int64
  private var words: Words
  private(set) var productCount = 0
  private(set) var newProducts = 0
  private(set) var customerCount = 0
  private(set) var orderCount = 0

  init(_ database: Database, _ lines: SaleLines, _ spec: SalesImport, slot: Int64) throws {
    self.database = database
    self.lines = lines
    self.spec = spec
    self.slot = slot
    words = try Words(database)
  }

  mutating func write(_ progress: (ImportProgress) -> Void) throws {
    let products = try writeProducts()
    let customers = try writeCustomers()
    let orders = try writeOrders(customers)
    let costs = try Warehouse.productCosts(database)
    let companyCurrency = try words.id(spec.currency)
    let currencies = try lines.currencies?.texts.map { try words.id($0.uppercased()) }
    let sale = try words.id("sale")
    let cancel = Cancellation.current
    try database.execute(sql: "DROP INDEX sales_by_product")
    var insert = try BulkInsert("sales", Warehouse.saleColumnNames, on: database)
    for (i, row) in lines.rows.enumerated() {
      let row = Int(row)
      if i & 0xFFFF == 0 {
        try cancel.check()
        progress(ImportProgress(phase: .writing, done: i, total: lines.rows.count))
      }
      let product = products[Int(lines.products.codes[row])]
      let currency = lines.currencies.map { Int($0.codes[row]) } ?? -1
      let rate = lines.rate(row)
      let qty = lines.qty[row]
      let price = lines.price?[row] ?? .nan
      let discount = lines.discount?[row] ?? 0
      let amountDoc = qty * price * (1 - discount)
      let unitCost = lines.cost?[row] ?? .nan
      insert.add(lines.dates.days[row])
      insert.add(slot * Warehouse.lineIDsPerLoad + Int64(row) + 1)
      insert.add(orders.flatMap { $0[row] == 0 ? nil : $0[row] })
      insert.add(product)
      insert.add(Warehouse.id(customers, lines.customers, row))
      insert.add(lines.dates.utcDays[row])
      insert.add(qty)
      insert.add(qty)
      insert.add(price / rate)
      insert.add(discount)
      insert.add(amountDoc / rate)
      insert.add(amountDoc)
      insert.add(currency < 0 ? companyCurrency : currencies?[currency])
      insert.add(unitCost.isNaN ? costs[product].map { $0 * qty } : unitCost * qty)
      insert.add(sale)
      insert.add(nil as Int64?)
      try insert.step()
    }
    try database.execute(sql: "CREATE INDEX sales_by_product ON sales (product, date)")
  }

  /// The id of each distinct code of the product column (0 for codes of rejected lines).
  private mutating func writeProducts() throws -> [Int64] {
    var identities = try Identities(
      database, table: "products", key: "product", name: "sku", firstAssigned: 1_000_001)
    var categories = try Words(database, table: "categories", column: "name")
    let type = try words.id("product")
    let insert = try database.makeStatement(
      sql: """
        INSERT INTO products (product, sku, name, category, type, active, price, cost, from_sales)
        VALUES (?, ?, ?, ?, ?, 1, ?, ?, 1)
        ON CONFLICT (product) DO UPDATE SET
          name = CASE WHEN from_sales THEN coalesce(?, name) ELSE name END,
          category = CASE WHEN from_sales THEN coalesce(excluded.category, category) ELSE category END,
          price = CASE WHEN from_sales THEN coalesce(excluded.price, price) ELSE price END,
          cost = CASE WHEN from_sales THEN coalesce(excluded.cost, cost) ELSE cost END
        """)
    var ids = [Int64](repeating: 0, count: lines.products.texts.count)
    let last = lastPrices()
    for (code, row) in firstRows(lines.products) {
      let sku = lines.products.texts[code]
      let (id, isNew) = identities.id(for: sku)
      ids[code] = id
      productCount += 1
      newProducts += isNew ? 1 : 0
      let name = lines.names?.text(row)
      try insert.execute(
        arguments: [
          id, sku, name ?? sku, try categories.id(lines.categories?.text(row)), type, last.prices[code],
          last.costs[code], name,
        ])
    }
    return ids
  }

  /// Unit price and cost of each product's last sale, in company currency.
  private func lastPrices() -> (prices: [Double?], costs: [Double?]) {
    var prices = [Double?](repeating: nil, count: lines.products.texts.count)
    var costs = prices
    for row in lines.rows {
      let row = Int(row)
      let code = Int(lines.products.codes[row])
      // Returns and gifts say nothing about the price.
      guard lines.qty[row] > 0 else { continue }
      if let price = lines.price?[row], price > 0 { prices[code] = price / lines.rate(row) }
      if let cost = lines.cost?[row], cost > 0 { costs[code] = cost }
    }
    return (prices, costs)
  }

  private mutating func writeCustomers() throws -> [Int64] {
    guard let customers = lines.customers else { return [] }
    var identities = try Identities(
      database, table: "customers", key: "customer", name: "name", firstAssigned: 1_000_000_001,
      numbersAreIDs: true)
    let insert = try database.makeStatement(
      sql: "INSERT OR IGNORE INTO customers (customer, name) VALUES (?, ?)")
    var ids = [Int64](repeating: 0, count: customers.texts.count)
    for (code, _) in firstRows(customers) {
      ids[code] = identities.id(for: customers.texts[code]).id
      customerCount += 1
      try insert.execute(arguments: [ids[code], customers.texts[code]])
    }
    return ids
  }

  /// The order of each row of the file; nil when the file has no orders.
  private mutating func writeOrders(_ customers: [Int64]) throws -> [Int64]? {
    guard let cells = lines.orders else { return nil }
    var identities = try Identities(
      database, table: "orders", key: "\"order\"", name: "name", firstAssigned: 1_000_000_001)
    let count = cells.texts.count
    var ids = [Int64](repeating: 0, count: count)
    var first = [Int](repeating: -1, count: count)
    var sizes = [Int64](repeating: 0, count: count)
    var amounts = [Double](repeating: 0, count: count)
    var byRow = [Int64](repeating: 0, count: cells.codes.count)
    // In the order of the file, so that the numbers do not depend on the sort by day.
    for row in lines.rows.sorted() {
      let row = Int(row)
      // Lines without an order number belong to no order.
      guard cells.codes[row] >= 0 else { continue }
      let code = Int(cells.codes[row])
      if first[code] < 0 {
        first[code] = row
        ids[code] = identities.id(for: cells.texts[code]).id
        orderCount += 1
      }
      byRow[row] = ids[code]
      sizes[code] += 1
      let rate = lines.rate(row)
      let amount = lines.qty[row] * (lines.price?[row] ?? .nan) * (1 - (lines.discount?[row] ?? 0)) / rate
      if !amount.isNaN { amounts[code] += amount }
    }
    let companyCurrency = try words.id(spec.currency)
    let sale = try words.id("sale")
    var insert = try BulkInsert("orders", Warehouse.orderColumnNames, on: database)
    for (code, row) in first.enumerated() where row >= 0 {
      let currency = lines.currencies?.text(row)?.uppercased()
      insert.add(ids[code])
      insert.add(cells.texts[code])
      insert.add(Warehouse.id(customers, lines.customers, row))
      insert.add(lines.dates.days[row])
      insert.add(lines.dates.utcDays[row])
      insert.add(lines.dates.moments[row] == .min ? nil : lines.dates.moments[row])
      insert.add(nil as Int64?)
      insert.add(nil as Int64?)
      insert.add(sale)
      insert.add(try currency.map { try words.id($0) } ?? companyCurrency)
      insert.add(lines.rate(row))
      insert.add(sizes[code])
      insert.add(amounts[code])
      insert.add(nil as Int64?)
      insert.add(slot)
      try insert.step()
    }
    return byRow
  }

  /// The codes that loaded lines use with the first row of each, in the order of the file.
  private func firstRows(_ cells: TextCells) -> [(code: Int, row: Int)] {
    var first = [Int32](repeating: .max, count: cells.texts.count)
    for row in lines.rows {
      let code = Int(cells.codes[Int(row)])
      if code >= 0, row < first[code] { first[code] = row }
    }
    return first.enumerated().filter { $0.element != .max }
      .map { (code: $0.offset, row: Int($0.element)) }.sorted { $0.row < $1.row }
  }
}

extension Warehouse {
  static let saleColumnNames = [
    "date", "line", "order", "product", "customer", "date_utc", "qty", "delivered", "price", "discount",
    "amount",
    "amount_doc", "currency", "cost", "state", "warehouse",
  ]
  static let orderColumnNames = [
    "order", "name", "customer", "date", "date_utc", "ordered_at", "promised_date", "delivered_date", "state",
    "currency", "rate", "lines", "amount", "warehouse", "slot",
  ]

  static func id(_ ids: [Int64], _ cells: TextCells?, _ row: Int) -> Int64? {
    guard let cells, cells.codes[row] >= 0 else { return nil }
    return ids[Int(cells.codes[row])]
  }

  static func productCosts(_ database: Database) throws -> [Int64: Double] {
    var costs: [Int64: Double] = [:]
    let rows = try Row.fetchCursor(database, sql: "SELECT product, cost FROM products WHERE cost IS NOT NULL")
    while let row = try rows.next() { costs[row[0]] = row[1] }
    return costs
  }
}
