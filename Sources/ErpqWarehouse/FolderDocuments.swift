import ErpqBase
import ErpqTables
import GRDB

/// Orders, their lines, purchases and movements of a company folder.
extension FolderLoader {
  mutating func orders(_ source: any RowSource) throws {
    let file = try open(
      source,
      [
        "id", "name", "partner_id", "state", "date_order", "currency", "currency_rate", "commitment_date",
        "effective_date",
      ], numbers: ["id", "partner_id", "currency_rate"])
    let ids = try file.ids("id")
    let names = file.texts("name")
    let partners = try file.ids("partner_id")
    let states = file.texts("state")
    let dates = try file.dates("date_order", zone: zone)
    let currencies = file.texts("currency")
    let rates = try file.numbers("currency_rate")
    let promised = try file.dates("commitment_date", zone: zone)
    let delivered = try file.dates("effective_date", zone: zone)
    orderPlaces.reserveCapacity(file.rowCount)
    saleOrders.reserveCapacity(file.rowCount)
    var insert = try BulkInsert(
      "orders", Warehouse.orderColumnNames + ["promised_at", "delivered_at"], on: try db())
    for row in 0..<file.rowCount {
      guard let id = ids?[row], let day = dates?.day(row), let utcDay = dates?.utcDay(row) else {
        summary.reject(file, row, "an order needs an id and a date_order")
        continue
      }
      let state = states?.text(row) ?? "sale"
      let code = currencies?.text(row) ?? currency
      guard let rate = rates.value(row) ?? rate(of: code, on: day) else {
        summary.reject(
          file, row,
          "it has no currency_rate, and currency_rates.csv none for \(code), so its worth is unknown")
        continue
      }
      guard rate > 0 else {
        summary.reject(file, row, "the currency_rate must be above 0")
        continue
      }
      guard orderPlaces[id] == nil else {
        summary.reject(file, row, "order \(id) stands in an earlier row already")
        continue
      }
      let order = Order(
        id: id, day: day, utcDay: utcDay, customer: partners?[row] ?? nil, state: try word(state),
        isConfirmed: state == "sale" || state == "done",
        currency: try word(code),
        rate: rate)
      orderPlaces[id] = Int32(saleOrders.count)
      saleOrders.append(order)
      insert.add(id)
      insert.add(names?.text(row) ?? "S\(id)")
      insert.add(order.customer)
      insert.add(day)
      insert.add(utcDay)
      insert.add(dates?.moment(row))
      insert.add(promised?.day(row))
      insert.add(delivered?.day(row))
      insert.add(order.state)
      insert.add(order.currency)
      insert.add(rate)
      insert.add(Int64(0))
      insert.add(0.0)
      insert.add(warehouse)
      insert.add(Int64(0))
      insert.add(promised?.moment(row))
      insert.add(delivered?.moment(row))
      try insert.step()
      summary.loaded["orders", default: 0] += 1
    }
  }

  mutating func saleLines(_ source: any RowSource) throws {
    let numbers = [
      "id", "order_id", "product_id", "product_uom_qty", "qty_delivered", "price_unit", "discount",
    ]
    let file = try open(source, numbers, numbers: Set(numbers))
    let ids = try file.ids("id")
    let orderIDs = try file.ids("order_id")
    let productIDs = try file.ids("product_id")
    let quantities = try file.numbers("product_uom_qty")
    let delivered = try file.numbers("qty_delivered")
    let prices = try file.numbers("price_unit")
    let discounts = try file.numbers("discount")
    var rows: [Int32] = []
    var places: [Int32] = []
    // Files list lines by id; ids that do not rise are looked up among all.
    var highest = Int64.min
    var seen: Set<Int64>?
    for row in 0..<file.rowCount {
      guard let id = ids?[row], let product = productIDs?[row], quantities.value(row) != nil else {
        summary.reject(file, row, "a line needs an id, a product_id and a product_uom_qty")
        continue
      }
      guard let orderID = orderIDs?[row], let place = orderPlaces[orderID] else {
        summary.reject(file, row, "its order is not in sale_orders")
        continue
      }
      guard knownProducts.contains(product) else {
        summary.reject(file, row, "product \(product) is not in products")
        continue
      }
      if id <= highest, seen == nil { seen = Set(rows.compactMap { ids?[Int($0)] }) }
      if seen?.insert(id).inserted == false {
        summary.reject(file, row, "line \(id) stands in an earlier row already")
        continue
      }
      highest = Swift.max(highest, id)
      rows.append(Int32(row))
      places.append(place)
    }
    let cancel = Cancellation.current
    var sales = try BulkInsert("sales", Warehouse.saleColumnNames, on: try db())
    var quotations = try BulkInsert("quotations", Warehouse.saleColumnNames, on: try db())
    var lineCounts = [Int64](repeating: 0, count: saleOrders.count)
    var amounts = [Double](repeating: 0, count: saleOrders.count)
    for (i, at) in byDay(rows, places, ids).enumerated() {
      if i & 0xFFFF == 0 { try cancel.check() }
      let row = Int(rows[Int(at)])
      let place = Int(places[Int(at)])
      let order = saleOrders[place]
      guard let id = ids?[row], let product = productIDs?[row], let qty = quantities.value(row) else {
        continue
      }
      let price = prices.value(row) ?? 0
      let discount = discounts.value(row) ?? 0
      let amountDoc = qty * price * (1 - discount / 100)
      func add(_ insert: inout BulkInsert) throws {
        insert.add(order.day)
        insert.add(id)
        insert.add(order.id)
        insert.add(product)
        insert.add(order.customer)
        insert.add(order.utcDay)
        insert.add(qty)
        insert.add(delivered.value(row))
        insert.add(price / order.rate)
        insert.add(discount / 100)
        insert.add(amountDoc / order.rate)
        insert.add(amountDoc)
        insert.add(order.currency)
        insert.add(costs[product].map { $0 * qty })
        insert.add(order.state)
        insert.add(warehouse)
        try insert.step()
      }
      if order.isConfirmed { try add(&sales) } else { try add(&quotations) }
      summary.loaded[order.isConfirmed ? "sales" : "quotations", default: 0] += 1
      lineCounts[place] += 1
      amounts[place] += amountDoc / order.rate
    }
    var update = try BulkInsert(
      sql: "UPDATE orders SET lines = ?, amount = ? WHERE \"order\" = ?", on: try db())
    for (place, order) in saleOrders.enumerated() where lineCounts[place] > 0 {
      update.add(lineCounts[place])
      update.add(amounts[place])
      update.add(order.id)
      try update.step()
    }
  }

  /// Places of the lines in the order of the table: by day, then by id. Files list lines by id, so that
  /// counting the days is mostly all there is to do.
  private func byDay(_ rows: [Int32], _ places: [Int32], _ ids: IDCells?) -> [Int32] {
    var order = Array(0..<Int32(rows.count))
    func id(_ at: Int32) -> Double { ids?.values[Int(rows[Int(at)])] ?? 0 }
    var isSorted = true
    for at in order.dropFirst() where id(at) < id(at - 1) { isSorted = false }
    if !isSorted { order.sort { id($0) < id($1) } }
    guard let first = saleOrders.map(\.day).min(), let last = saleOrders.map(\.day).max() else {
      return order
    }
    // A stray year makes the span of days absurd; then a sort is cheaper than a count.
    guard Int(last) - Int(first) < 1_000_000 else {
      return order.sorted {
        let (a, b) = (saleOrders[Int(places[Int($0)])].day, saleOrders[Int(places[Int($1)])].day)
        return a == b ? id($0) < id($1) : a < b
      }
    }
    var starts = [Int32](repeating: 0, count: Int(last - first) + 2)
    for at in order { starts[Int(saleOrders[Int(places[Int(at)])].day - first) + 1] += 1 }
    for day in starts.indices.dropFirst() { starts[day] += starts[day - 1] }
    var sorted = order
    for at in order {
      let day = Int(saleOrders[Int(places[Int(at)])].day - first)
      sorted[Int(starts[day])] = at
      starts[day] += 1
    }
    return sorted
  }

  mutating func purchaseOrders(_ source: any RowSource) throws {
    let file = try open(
      source, ["id", "name", "partner_id", "state", "date_order", "date_planned", "effective_date"],
      numbers: ["id", "partner_id"])
    let ids = try file.ids("id")
    let names = file.texts("name")
    let partners = try file.ids("partner_id")
    let states = file.texts("state")
    let dates = try file.dates("date_order", zone: zone)
    let planned = try file.dates("date_planned", zone: zone)
    let received = try file.dates("effective_date", zone: zone)
    for row in 0..<file.rowCount {
      guard let id = ids?[row] else {
        summary.reject(file, row, "the id is missing")
        continue
      }
      let state = states?.text(row) ?? "purchase"
      if let partner = partners?[row] { try supplier(partner, nil, nil) }
      purchases[id] = PurchaseOrder(
        name: names?.text(row), supplier: partners?[row] ?? nil, day: dates?.day(row),
        planned: planned?.day(row),
        received: received?.day(row), orderedAt: dates?.moment(row), receivedAt: received?.moment(row),
        state: try word(state), isOpen: state == "purchase")
    }
  }

  mutating func purchaseLines(_ source: any RowSource) throws {
    let numbers = ["id", "order_id", "product_id", "product_qty", "qty_received", "price_unit"]
    let file = try open(source, numbers + ["date_planned"], numbers: Set(numbers))
    let ids = try file.ids("id")
    let orderIDs = try file.ids("order_id")
    let productIDs = try file.ids("product_id")
    let quantities = try file.numbers("product_qty")
    let received = try file.numbers("qty_received")
    let prices = try file.numbers("price_unit")
    let planned = try file.dates("date_planned", zone: zone)
    let companyCurrency = try word(currency)
    var insert = try BulkInsert(
      "purchases", Warehouse.purchaseColumnNames + ["ordered_at", "received_at"], on: try db())
    for row in 0..<file.rowCount {
      guard let id = ids?[row], let product = productIDs?[row], knownProducts.contains(product),
        let qty = quantities.value(row), let orderID = orderIDs?[row], let order = purchases[orderID]
      else {
        summary.reject(file, row, "a line needs an id, a quantity, a known product and a known order")
        continue
      }
      let arrived = received.value(row) ?? 0
      if order.isOpen, arrived < qty { openReceipts[product, default: 0] += qty - arrived }
      insert.add(id)
      insert.add(orderID)
      insert.add(order.name)
      insert.add(order.supplier)
      insert.add(product)
      insert.add(order.day)
      insert.add(planned?.day(row) ?? order.planned)
      insert.add(arrived > 0 ? order.received : nil)
      insert.add(qty)
      insert.add(arrived)
      insert.add(prices.value(row))
      insert.add(prices.value(row).map { $0 * qty })
      insert.add(companyCurrency)
      insert.add(order.state)
      insert.add(warehouse)
      insert.add(order.orderedAt)
      insert.add(order.receivedAt)
      try insert.step()
      summary.loaded["purchases", default: 0] += 1
    }
  }

  mutating func moves(_ source: any RowSource) throws {
    let file = try open(
      source, ["id", "product_id", "product_qty", "date", "state", "picking_code", "origin"],
      numbers: ["id", "product_id", "product_qty"])
    let ids = try file.ids("id")
    let productIDs = try file.ids("product_id")
    let quantities = try file.numbers("product_qty")
    let dates = try file.dates("date", zone: zone)
    let states = file.texts("state")
    let kinds = file.texts("picking_code")
    let origins = file.texts("origin")
    var open: [Int64: (in: Double, out: Double)] = [:]
    var insert = try BulkInsert("moves", Warehouse.moveColumnNames, on: try db())
    for row in 0..<file.rowCount {
      guard let id = ids?[row], let product = productIDs?[row], knownProducts.contains(product),
        let qty = quantities.value(row), let day = dates?.day(row), let utcDay = dates?.utcDay(row)
      else {
        summary.reject(file, row, "a movement needs an id, a quantity, a date and a known product")
        continue
      }
      let kind = kinds?.text(row)
      let state = states?.text(row) ?? "done"
      let isIn = kind?.hasPrefix("incoming") == true || kind == "inventory_in"
      if state != "done", state != "cancel", state != "draft" {
        if isIn {
          open[product, default: (0, 0)].in += qty
        } else {
          open[product, default: (0, 0)].out += qty
        }
      }
      insert.add(id)
      insert.add(product)
      insert.add(day)
      insert.add(utcDay)
      insert.add(isIn ? qty : -qty)
      insert.add(try word(kind))
      insert.add(try word(state))
      insert.add(origins?.text(row))
      insert.add(warehouse)
      try insert.step()
      summary.loaded["moves", default: 0] += 1
    }
    openMoves = open
  }
}

extension Warehouse {
  static let purchaseColumnNames = [
    "line", "purchase", "name", "supplier", "product", "order_date", "planned_date", "received_date", "qty",
    "qty_received", "price", "amount", "currency", "state", "warehouse",
  ]
  static let supplierPriceColumnNames = ["product", "supplier", "min_qty", "price", "currency", "lead_time"]
  static let moveColumnNames = [
    "move", "product", "date", "date_utc", "qty", "kind", "state", "reference", "warehouse",
  ]
}
