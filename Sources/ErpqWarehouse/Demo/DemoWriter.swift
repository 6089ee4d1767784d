import ErpqBase
import GRDB

/// Writes a finished simulation into the tables.
struct DemoWriter {
  private let database: Database
  private let simulation: DemoSimulation
  private let finance: DemoFinance
  private let zone: ZoneRules
  private var words: Words
  private let first: Int32
  private let warehouse: Int64 = 1
  private let firstOrder: Int64 = 1001
  private let firstCustomer: Int64 = 5001

  init(_ database: Database, _ simulation: DemoSimulation, _ finance: DemoFinance, _ zone: ZoneRules)
    throws
  {
    self.database = database
    self.simulation = simulation
    self.finance = finance
    self.zone = zone
    words = try Words(database)
    first = simulation.first.day
  }

  mutating func write() throws {
    try database.execute(sql: "INSERT INTO warehouses (id, name) VALUES (1, 'WH/Stock')")
    try writeRates()
    try writeSuppliers()
    try writeProducts()
    try writeCustomers()
    try writeOrders()
    try writeLines()
    try writePurchases()
    try writeMoves()
    try writeStock()
    try DemoBooks(
      database: database, finance: finance, first: first, firstCustomer: firstCustomer, firstOrder: firstOrder
    ).write()
  }

  private mutating func writeRates() throws {
    var insert = try BulkInsert("rates", ["currency", "date", "rate"], on: database)
    for (currency, day, rate) in [("EUR", 0, 1.0)] + simulation.rates.map({ ("USD", $0.day, $0.rate) }) {
      insert.add(try words.id(currency))
      insert.add(first + Int32(day))
      insert.add(rate)
      try insert.step()
    }
  }

  private mutating func writeSuppliers() throws {
    for supplier in DemoCatalog.suppliers {
      try database.execute(
        sql: "INSERT INTO suppliers (id, name, currency, lead_time) VALUES (?, ?, ?, ?)",
        arguments: [supplier.id, supplier.name, try words.id(supplier.currency), supplier.lead])
    }
  }

  private mutating func writeProducts() throws {
    var categories = try Words(database, table: "categories", column: "name")
    var insert = try BulkInsert(
      "products",
      [
        "product", "sku", "name", "category", "type", "active", "price", "cost", "supplier", "lead_time",
        "created",
      ],
      on: database)
    var prices = try BulkInsert("supplier_prices", Warehouse.supplierPriceColumnNames, on: database)
    var orderpoints = try BulkInsert(
      "orderpoints", ["product", "warehouse", "min_qty", "max_qty", "multiple"], on: database)
    let rate = simulation.rates.last?.rate ?? 1
    for (i, product) in simulation.products.enumerated() {
      let supplier = product.supplier >= 0 ? DemoCatalog.suppliers[product.supplier] : nil
      let category =
        product.category < DemoCatalog.categories.count
        ? DemoCatalog.categories[product.category].name : "Services"
      insert.add(product.id)
      insert.add(product.sku)
      insert.add(product.name)
      insert.add(try categories.id(category))
      insert.add(try words.id(product.isService ? "service" : "product"))
      insert.add(product.isActive)
      insert.add(product.price)
      insert.add(product.cost)
      insert.add(supplier?.id)
      insert.add(supplier.map { Double($0.lead) })
      insert.add(first + Int32(product.firstDay) - 7)
      try insert.step()
      guard let supplier else { continue }
      for (from, factor) in [(0.0, 1.0), (product.orderQty * 2, 0.95)] {
        prices.add(product.id)
        prices.add(supplier.id)
        prices.add(from)
        prices.add(DemoCatalog.cents(product.cost * factor * (supplier.currency == "USD" ? rate : 1)))
        prices.add(try words.id(supplier.currency))
        prices.add(Double(supplier.lead))
        try prices.step()
      }
      // Someone set reordering rules for the first products only.
      if i < 60, product.behaviour != .dead {
        orderpoints.add(product.id)
        orderpoints.add(warehouse)
        orderpoints.add(product.reorderAt)
        orderpoints.add(product.reorderAt + product.orderQty)
        orderpoints.add(product.size > 1 ? Double(product.size) : 1)
        try orderpoints.step()
      }
    }
  }

  private mutating func writeCustomers() throws {
    var insert = try BulkInsert(
      "customers", ["customer", "name", "is_company", "currency", "email", "country", "created"], on: database
    )
    for (i, name) in DemoCatalog.customers.enumerated() {
      let isAmerican = i >= DemoCatalog.firstAmerican
      let host = name.lowercased().replacing(" ", with: "-")
      insert.add(firstCustomer + Int64(i))
      insert.add(name)
      insert.add(true as Bool?)
      insert.add(try words.id(isAmerican ? "USD" : "EUR"))
      insert.add("office@\(host).example")
      insert.add(DemoCatalog.country(ofCustomer: i))
      insert.add(first - Int32(i % 300))
      try insert.step()
    }
  }

  private mutating func writeOrders() throws {
    let count = simulation.orders.count
    var sizes = [Int64](repeating: 0, count: count)
    var amounts = [Double](repeating: 0, count: count)
    for line in simulation.lines {
      let order = Int(line.order)
      sizes[order] += 1
      amounts[order] += line.qty * line.price * (1 - line.discount) / simulation.orders[order].rate
    }
    let (sale, done) = (try words.id("sale"), try words.id("done"))
    let (euro, dollar) = (try words.id("EUR"), try words.id("USD"))
    var insert = try BulkInsert("orders", Warehouse.orderColumnNames, on: database)
    for (i, order) in simulation.orders.enumerated() {
      let moment = zone.instant(
        fromLocal: (Int64(first + order.day) * 1440 + Int64(order.minute)) * 60_000_000)
      insert.add(firstOrder + Int64(i))
      insert.add("S" + padded(i + 1, 6))
      insert.add(firstCustomer + Int64(order.customer))
      insert.add(first + order.day)
      insert.add(moment.utcDate.day)
      insert.add(moment.microseconds)
      insert.add(first + order.promised)
      insert.add(order.delivered.map { first + $0 })
      insert.add(order.delivered == nil ? sale : done)
      insert.add(order.rate == 1 ? euro : dollar)
      insert.add(order.rate)
      insert.add(sizes[i])
      insert.add(amounts[i])
      insert.add(warehouse)
      insert.add(Int64(0))
      try insert.step()
    }
  }

  private mutating func writeLines() throws {
    let (sale, done) = (try words.id("sale"), try words.id("done"))
    let (euro, dollar) = (try words.id("EUR"), try words.id("USD"))
    try database.execute(sql: "DROP INDEX sales_by_product")
    var insert = try BulkInsert("sales", Warehouse.saleColumnNames, on: database)
    for (i, line) in simulation.lines.enumerated() {
      let order = simulation.orders[Int(line.order)]
      let product = simulation.products[Int(line.product)]
      let amount = line.qty * line.price * (1 - line.discount)
      insert.add(first + order.day)
      insert.add(Int64(10_001 + i))
      insert.add(firstOrder + Int64(line.order))
      insert.add(product.id)
      insert.add(firstCustomer + Int64(order.customer))
      // Orders come in between 8 and 19 o'clock, which is the same day in UTC.
      insert.add(first + order.day)
      insert.add(line.qty)
      insert.add(line.delivered)
      insert.add(line.price / order.rate)
      insert.add(line.discount)
      insert.add(amount / order.rate)
      insert.add(amount)
      insert.add(order.rate == 1 ? euro : dollar)
      insert.add(product.cost * line.qty)
      insert.add(order.delivered == nil ? sale : done)
      insert.add(warehouse)
      try insert.step()
    }
    try database.execute(sql: "CREATE INDEX sales_by_product ON sales (product, date)")
  }

  private mutating func writePurchases() throws {
    let (open, done) = (try words.id("purchase"), try words.id("done"))
    var insert = try BulkInsert("purchases", Warehouse.purchaseColumnNames, on: database)
    for (i, purchase) in simulation.purchases.enumerated() {
      let product = simulation.products[Int(purchase.product)]
      let supplier = DemoCatalog.suppliers[product.supplier]
      let hasArrived = purchase.arrives < Int32(simulation.days)
      insert.add(Int64(20_001 + i))
      insert.add(Int64(purchase.number))
      insert.add("P" + padded(Int(purchase.number), 5))
      insert.add(supplier.id)
      insert.add(product.id)
      insert.add(first + purchase.day)
      insert.add(first + purchase.planned)
      insert.add(hasArrived ? first + purchase.arrives : nil)
      insert.add(purchase.qty)
      insert.add(purchase.received)
      insert.add(product.cost)
      insert.add(product.cost * purchase.qty)
      insert.add(try words.id(supplier.currency))
      insert.add(hasArrived ? done : open)
      insert.add(warehouse)
      try insert.step()
    }
  }

  private mutating func writeMoves() throws {
    let kinds = try ["incoming", "incoming_return", "outgoing", "inventory_in"].map { try words.id($0) }
    let (done, confirmed, assigned) = (
      try words.id("done"), try words.id("confirmed"), try words.id("assigned")
    )
    var insert = try BulkInsert("moves", Warehouse.moveColumnNames, on: database)
    var id: Int64 = 1
    func add(_ move: DemoSimulation.Move, day: Int32, state: Int64?) throws {
      let reference =
        switch move.kind {
        case .incoming: "P" + padded(Int(move.document), 5)
        case .inventoryIn: "Opening stock"
        default: "S" + padded(Int(move.document) + 1, 6)
        }
      insert.add(id)
      insert.add(simulation.products[Int(move.product)].id)
      insert.add(first + day)
      insert.add(first + day)
      insert.add(move.qty)
      insert.add(kinds[move.kind.rawValue])
      insert.add(state)
      insert.add(reference)
      insert.add(warehouse)
      try insert.step()
      id += 1
    }
    for move in simulation.moves { try add(move, day: move.day, state: move.isDone ? done : confirmed) }
    for purchase in simulation.purchases where purchase.arrives >= Int32(simulation.days) {
      let move = DemoSimulation.Move(
        product: purchase.product, day: purchase.planned, qty: purchase.qty, kind: .incoming, isDone: false,
        document: purchase.number)
      try add(move, day: purchase.planned, state: assigned)
    }
  }

  private mutating func writeStock() throws {
    var incoming = [Double](repeating: 0, count: simulation.products.count)
    var reserved = incoming
    for purchase in simulation.purchases where purchase.arrives >= Int32(simulation.days) {
      incoming[Int(purchase.product)] += purchase.qty
    }
    for move in simulation.moves where !move.isDone { reserved[Int(move.product)] -= move.qty }
    var insert = try BulkInsert(
      "stock", ["product", "warehouse", "on_hand", "reserved", "incoming"], on: database)
    for (i, product) in simulation.products.enumerated() where !product.isService {
      insert.add(product.id)
      insert.add(warehouse)
      insert.add(simulation.onHand[i])
      insert.add(reserved[i])
      insert.add(incoming[i])
      try insert.step()
    }
  }
}
