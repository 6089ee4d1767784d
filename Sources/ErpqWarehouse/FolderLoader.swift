import ErpqBase
import ErpqTables
import GRDB

/// Loads the files of a company folder, in the order in which they need each other.
struct FolderLoader {
  /// An order as its lines need it.
  struct Order {
    var id: Int64
    var day: Int32
    var utcDay: Int32
    var customer: Int64?
    var state: Int64?
    var isConfirmed: Bool
    var currency: Int64?
    var rate: Double
  }

  struct PurchaseOrder {
    var name: String?
    var supplier: Int64?
    var day: Int32?
    var planned: Int32?
    var received: Int32?
    var orderedAt: Int64?
    var receivedAt: Int64?
    var state: Int64?
    var isOpen: Bool
  }

  let currency: String
  let zone: ZoneRules
  var database: Database?
  var words: Words?
  var knownProducts = Set<Int64>()
  var costs: [Int64: Double] = [:]
  var onHand: [(product: Int64, onHand: Double, net: Double)] = []
  var supplierNames = Set<String>()
  var suppliers = Set<Int64>()
  /// Rates of each currency, units for one of the company's, with the day from which each holds.
  var knownRates: [String: [(day: Int32, rate: Double)]] = [:]
  var saleOrders: [Order] = []
  /// Place of each order's id in `saleOrders`.
  var orderPlaces: [Int64: Int32] = [:]
  var purchases: [Int64: PurchaseOrder] = [:]
  var openReceipts: [Int64: Double] = [:]
  var openMoves: [Int64: (in: Double, out: Double)]?
  var summary = FolderSummary()

  /// The one warehouse of such a folder; the files name none.
  let warehouse: Int64 = 1

  init(currency: String, zone: ZoneRules) {
    self.currency = currency
    self.zone = zone
  }

  mutating func begin(_ database: Database) throws {
    self.database = database
    words = try Words(database)
    let code = try word(currency)
    try database.execute(
      sql: "INSERT INTO rates (currency, date, rate) VALUES (?, 0, 1)", arguments: [code])
    try database.execute(
      sql: "INSERT INTO warehouses (id, name) VALUES (?, 'WH/Stock')", arguments: [warehouse])
  }

  /// Opens one of the files; lines that are no rows are reported.
  mutating func open(
    _ source: any RowSource, _ headers: [String], numbers: Set<String> = []
  ) throws -> FolderFile {
    let file = try FolderFile(source, headers, numbers: numbers)
    for bad in file.badLines { summary.reject(file.name, line: bad.line, bad.reason) }
    return file
  }

  func db() throws -> Database {
    guard let database else { throw WarehouseError(.statement, "A folder was loaded outside a transaction.") }
    return database
  }

  mutating func word(_ text: String?) throws -> Int64? { try words?.id(text) ?? nil }

  mutating func rates(_ source: any RowSource) throws {
    let file = try open(source, ["name", "currency", "rate"], numbers: ["rate"])
    let dates = try file.dates("name", zone: .utc)
    let codes = file.texts("currency")
    let rates = try file.numbers("rate")
    var insert = try BulkInsert("rates", ["currency", "date", "rate"], on: try db())
    for row in 0..<file.rowCount {
      guard let day = dates?.day(row), let code = codes?.text(row), let rate = rates.value(row), rate > 0
      else {
        summary.reject(file, row, "a rate needs a day, a currency and a number above 0")
        continue
      }
      knownRates[code, default: []].append((day, rate))
      insert.add(try word(code))
      insert.add(day)
      insert.add(rate)
      try insert.step()
      summary.loaded["rates", default: 0] += 1
    }
  }

  /// The rate of a currency on a day: the last one set by then, or the first one ever; nil for a currency unknown.
  func rate(of code: String, on day: Int32) -> Double? {
    if code == currency { return 1 }
    guard let rates = knownRates[code], let first = rates.min(by: { $0.day < $1.day }) else { return nil }
    return (rates.filter { $0.day <= day }.max { $0.day < $1.day } ?? first).rate
  }

  mutating func partners(_ source: any RowSource) throws {
    let file = try open(
      source,
      [
        "id", "name", "is_company", "customer_rank", "supplier_rank", "currency", "email", "phone", "vat",
        "country", "create_date",
      ],
      numbers: ["id", "customer_rank", "supplier_rank"])
    let ids = try file.ids("id")
    let names = file.texts("name")
    let companies = file.flags("is_company")
    let customerRank = try file.numbers("customer_rank")
    let supplierRank = try file.numbers("supplier_rank")
    let currencies = file.texts("currency")
    let others = ["email", "phone", "vat", "country"].map { file.texts($0) }
    let created = try file.dates("create_date", zone: zone)
    var customers = try BulkInsert(
      "customers",
      ["customer", "name", "is_company", "currency", "email", "phone", "vat", "country", "created"],
      on: try db())
    for row in 0..<file.rowCount {
      guard let id = ids?[row] else {
        summary.reject(file, row, "the id is missing")
        continue
      }
      let name = names?.text(row)
      let code = try word(currencies?.text(row))
      if (supplierRank.value(row) ?? 0) > 0 { try supplier(id, name, code) }
      // A partner of neither rank may still have bought.
      if (customerRank.value(row) ?? 0) > 0 || (supplierRank.value(row) ?? 0) == 0 {
        customers.add(id)
        customers.add(name)
        customers.add(companies?[row] ?? nil)
        customers.add(code)
        for cells in others { customers.add(cells?.text(row)) }
        customers.add(created?.day(row))
        try customers.step()
        summary.loaded["customers", default: 0] += 1
      }
    }
  }

  /// Suppliers are named by their names, so a name that is taken gets the id behind it.
  mutating func supplier(_ id: Int64, _ name: String?, _ currency: Int64?) throws {
    guard suppliers.insert(id).inserted else { return }
    var name = name ?? "Supplier \(id)"
    if !supplierNames.insert(name).inserted {
      name += " (\(id))"
      supplierNames.insert(name)
    }
    try db().execute(
      sql: "INSERT INTO suppliers (id, name, currency) VALUES (?, ?, ?)", arguments: [id, name, currency])
    summary.loaded["suppliers", default: 0] += 1
  }

  mutating func products(_ source: any RowSource) throws {
    let numbers = [
      "id", "list_price", "standard_price", "qty_available", "virtual_available", "supplier_id",
      "lead_time_days",
      "x_daily_demand",
    ]
    let file = try open(
      source, numbers + ["default_code", "name", "category", "type", "active", "create_date"],
      numbers: Set(numbers))
    let ids = try file.ids("id")
    let (skus, names, categories, types) = (
      file.texts("default_code"), file.texts("name"), file.texts("category"), file.texts("type")
    )
    let active = file.flags("active")
    let prices = try file.numbers("list_price")
    let standard = try file.numbers("standard_price")
    let available = try file.numbers("qty_available")
    let virtual = try file.numbers("virtual_available")
    let supplierIDs = try file.ids("supplier_id")
    let leads = try file.numbers("lead_time_days")
    let assumed = try file.numbers("x_daily_demand")
    let created = try file.dates("create_date", zone: zone)
    var categoryIDs = try Words(try db(), table: "categories", column: "name")
    var insert = try BulkInsert(
      "products",
      [
        "product", "sku", "name", "category", "type", "active", "price", "cost", "supplier", "lead_time",
        "assumed_demand", "created",
      ], on: try db())
    var contracts = try BulkInsert("supplier_prices", Warehouse.supplierPriceColumnNames, on: try db())
    for row in 0..<file.rowCount {
      guard let id = ids?[row] else {
        summary.reject(file, row, "the id is missing")
        continue
      }
      let type = types?.text(row)
      let supplierID = supplierIDs?[row] ?? nil
      let isActive = active?[row] ?? nil
      if let supplierID { try supplier(supplierID, nil, nil) }
      insert.add(id)
      insert.add(skus?.text(row))
      insert.add(names?.text(row) ?? skus?.text(row) ?? "Product \(id)")
      insert.add(try categoryIDs.id(categories?.text(row)))
      insert.add(try word(type))
      insert.add(isActive ?? true)
      insert.add(prices.value(row))
      insert.add(standard.value(row))
      insert.add(supplierID)
      insert.add(leads.value(row))
      insert.add(assumed.value(row))
      insert.add(created?.day(row))
      try insert.step()
      knownProducts.insert(id)
      if let cost = standard.value(row) { costs[id] = cost }
      if let supplierID {
        contracts.add(id)
        contracts.add(supplierID)
        contracts.add(0.0)
        contracts.add(standard.value(row))
        contracts.add(try word(currency))
        contracts.add(leads.value(row))
        try contracts.step()
      }
      if let quantity = available.value(row), type != "service" {
        onHand.append((id, quantity, (virtual.value(row) ?? quantity) - quantity))
      }
      summary.loaded["products", default: 0] += 1
    }
  }

  /// Stock now: on hand as the products say it. What is on the way in and out comes from open movements, or
  /// without them from open purchases, so that on hand + incoming - reserved is the ERP's forecast quantity.
  mutating func finish() throws {
    var insert = try BulkInsert(
      "stock", ["product", "warehouse", "on_hand", "reserved", "incoming"], on: try db())
    for entry in onHand {
      var incoming = openReceipts[entry.product] ?? 0
      var reserved = incoming - entry.net
      if let openMoves {
        let open = openMoves[entry.product] ?? (0, 0)
        (incoming, reserved) = (open.in, open.out)
      }
      if reserved < 0 {
        incoming -= reserved
        reserved = 0
      }
      insert.add(entry.product)
      insert.add(warehouse)
      insert.add(entry.onHand)
      insert.add(reserved)
      insert.add(incoming)
      try insert.step()
      summary.loaded["stock", default: 0] += 1
    }
    database = nil
    words = nil
  }
}
