import ErpqBase
import ErpqTables
import GRDB

extension Warehouse {
  /// Loads a file of sale lines. A load of the same name that was made before is replaced, so that loading a
  /// file twice changes nothing; lines of other loads stay.
  ///
  /// Products, customers and orders get numbers by their codes: a code that is a whole number keeps it where
  /// the number is free, others count up in the order of the file. Numbers once given stay.
  ///
  /// - Parameter progress: called now and then, on the caller's thread.
  /// - Throws: `WarehouseError` when nothing can be loaded; single bad lines are in the summary instead.
  @discardableResult
  public func importSales(
    from source: some RowSource, _ spec: SalesImport, progress: (ImportProgress) -> Void = { _ in }
  ) throws -> ImportSummary {
    let start = ContinuousClock.now
    var spec = spec
    spec.currency = try Currencies.checked(spec.currency)
    let zone = try ZoneRules(named: spec.timeZone)
    let known = try read { try Warehouse.latestRates($0) }
    let lines = try SaleLines(source, spec, zone: zone, knownRates: known, progress: progress)
    var summary = lines.summary
    let name = spec.source ?? source.name
    try load { database in
      try Warehouse.checkCompany(database, currency: spec.currency, name: name)
      try Warehouse.setMeta(database, "currency", spec.currency)
      try Warehouse.setMeta(database, "time_zone", spec.timeZone)
      if let company = spec.company { try Warehouse.setMeta(database, "name", company) }
      let slot = try Warehouse.slot(database, source: name, kind: "sales", rows: lines.rows.count)
      try Warehouse.forgetSales(database, slot: slot)
      var writer = try SaleLineWriter(database, lines, spec, slot: slot)
      try writer.write(progress)
      summary.products = writer.productCount
      summary.newProducts = writer.newProducts
      summary.customers = writer.customerCount
      summary.orders = writer.orderCount
      progress(ImportProgress(phase: .indexing, done: 0, total: lines.rows.count))
      if try Warehouse.hasSeveralLoads(database) { try Warehouse.recountOrders(database) }
      try Warehouse.refreshDerived(database, clock: spec.clock)
    }
    summary.rejects.sort { $0.line < $1.line }
    summary.notes += Warehouse.notes(summary, clock: spec.clock)
    if let path = spec.rejectFile, !summary.rejects.isEmpty,
      !Warehouse.writeRejects(summary.rejects, to: path)
    {
      // The facts are loaded by now; that is not undone.
      summary.notes.append("the rejected lines could not be written to \(path)")
    }
    summary.rejects.removeLast(max(0, summary.rejects.count - 1000))
    summary.seconds = (ContinuousClock.now - start) / .seconds(1)
    progress(ImportProgress(phase: .done, done: summary.read, total: summary.read))
    return summary
  }

  /// Lines of load `slot` have ids in `slot * lineIDsPerLoad ..< (slot + 1) * lineIDsPerLoad`.
  static let lineIDsPerLoad: Int64 = 1_000_000_000

  /// A warehouse has one currency: facts of another one would be added up with it.
  static func checkCompany(_ database: Database, currency: String, name: String) throws {
    guard let old = try meta(database, "currency"), old != currency else { return }
    let others = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM loads WHERE source <> ?", arguments: [name])
    if let others, others > 0 {
      throw WarehouseError(
        .badData, "The company's currency is \(old), and \(name) is to be loaded as \(currency).",
        advice: "Load it as \(old), or into a file of its own.")
    }
  }

  /// The number of the load of that name, noted in `loads`.
  static func slot(_ database: Database, source: String, kind: String, rows: Int) throws -> Int64 {
    let old = try Int64.fetchOne(
      database, sql: "SELECT slot FROM loads WHERE source = ?", arguments: [source])
    let slot = try old ?? (Int64.fetchOne(database, sql: "SELECT max(slot) + 1 FROM loads") ?? 0)
    try database.execute(
      sql: "INSERT OR REPLACE INTO loads (slot, source, kind, rows) VALUES (?, ?, ?, ?)",
      arguments: [slot, source, kind, rows])
    return slot
  }

  static func forgetSales(_ database: Database, slot: Int64) throws {
    let others =
      try Int.fetchOne(
        database, sql: "SELECT count(*) FROM loads WHERE slot <> ?", arguments: [slot]) ?? 0
    // Dropping all rows at once is free; a condition would visit each.
    let condition =
      others == 0
      ? "" : " WHERE line BETWEEN \(slot * lineIDsPerLoad) AND \((slot + 1) * lineIDsPerLoad - 1)"
    try database.execute(sql: "DELETE FROM sales\(condition)")
    try database.execute(sql: "DELETE FROM quotations\(condition)")
    // An order whose lines came in several files stays as long as one of them does.
    let kept =
      others == 0
      ? ""
      : """
       AND "order" NOT IN (SELECT "order" FROM sales WHERE "order" IS NOT NULL)
       AND "order" NOT IN (SELECT "order" FROM quotations WHERE "order" IS NOT NULL)
      """
    try database.execute(sql: "DELETE FROM orders WHERE slot = ?\(kept)", arguments: [slot])
  }

  static func hasSeveralLoads(_ database: Database) throws -> Bool {
    (try Int.fetchOne(database, sql: "SELECT count(*) FROM loads") ?? 0) > 1
  }

  /// Lines and amounts of all orders from their lines, for orders whose lines came in several files.
  static func recountOrders(_ database: Database) throws {
    try database.execute(
      sql: """
        UPDATE orders SET lines = l.n, amount = l.total
        FROM (
          SELECT "order" AS id, count(*) AS n, sum(amount) AS total FROM (
            SELECT "order", amount FROM sales UNION ALL SELECT "order", amount FROM quotations)
          WHERE "order" IS NOT NULL GROUP BY "order") AS l
        WHERE l.id = orders."order"
        """)
  }

  static func latestRates(_ database: Database) throws -> [String: Double] {
    var rates: [String: Double] = [:]
    let rows = try Row.fetchCursor(
      database, sql: "SELECT word, rate FROM rates JOIN words ON words.id = currency ORDER BY date")
    while let row = try rows.next() { rates[row[0]] = row[1] }
    return rates
  }

  private static func notes(_ summary: ImportSummary, clock: CivilDate?) -> [String] {
    var notes: [String] = []
    /// `one` for one line, else `many` behind the number.
    func note(_ n: Int, one: String, many: String) {
      if n > 0 { notes.append(n == 1 ? "1 line \(one)" : "\(n) lines \(many)") }
    }
    note(
      summary.duplicates, one: "repeats an earlier line in everything; it was loaded too.",
      many: "repeat an earlier line in everything; they were loaded too.")
    if let clock {
      note(
        summary.future, one: "is dated after today (\(clock)); it was loaded too.",
        many: "are dated after today (\(clock)); they were loaded too.")
    }
    note(
      summary.leftOut, one: "lies outside the days asked for.", many: "lie outside the days asked for.")
    return notes
  }

  private static func writeRejects(_ rejects: [ImportSummary.Reject], to path: String) -> Bool {
    var text = "line,reason\n"
    for reject in rejects { text += "\(reject.line),\"\(reject.reason.replacing("\"", with: "\"\""))\"\n" }
    return (try? text.write(toFile: path, atomically: true, encoding: .utf8)) != nil
  }
}

/// Writes checked sale lines: products, customers and orders as they come, then the lines.
private struct SaleLineWriter {
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

  /// Brings what follows from the facts up to date: stock of products, first and last sales, the extent.
  static func refreshDerived(_ database: Database, clock: CivilDate? = nil) throws {
    try database.execute(
      sql: """
        UPDATE products SET
          first_sale = (SELECT min(date) FROM sales WHERE sales.product = products.product),
          last_sale = (SELECT max(date) FROM sales WHERE sales.product = products.product),
          on_hand = (SELECT sum(on_hand) FROM stock WHERE stock.product = products.product),
          reserved = (SELECT sum(reserved) FROM stock WHERE stock.product = products.product),
          incoming = (SELECT sum(incoming) FROM stock WHERE stock.product = products.product);
        UPDATE customers SET first_sale = NULL, last_sale = NULL, orders = 0, amount = 0;
        UPDATE customers SET first_sale = o.low, last_sale = o.high, orders = o.n, amount = o.total
        FROM (
          SELECT customer AS who, min(date) AS low, max(date) AS high, count(*) AS n, sum(amount) AS total
          FROM orders JOIN words ON words.id = orders.state
          WHERE words.word IN ('sale', 'done') GROUP BY customer) AS o
        WHERE o.who = customers.customer;
        """)
    let done = try Int64.fetchOne(database, sql: "SELECT id FROM words WHERE word = 'done'")
    // A typing mistake in a year must not move today: days after the clock's do not count while others are
    // there.
    let limit = clock.map { " AND date <= \($0.day)" } ?? ""
    func bound(_ function: String, _ limit: String) throws -> Int32? {
      try Int32.fetchOne(
        database,
        sql: """
          SELECT \(function)(day) FROM (
            SELECT \(function)(date) AS day FROM sales WHERE true\(limit)
            UNION ALL SELECT \(function)(date) FROM moves WHERE state = ?\(limit))
          """, arguments: [done])
    }
    let last = try bound("max", limit) ?? bound("max", "")
    try setMeta(database, "first_day", try bound("min", "").map { CivilDate(day: $0).description })
    try setMeta(database, "last_day", last.map { CivilDate(day: $0).description })
  }
}
