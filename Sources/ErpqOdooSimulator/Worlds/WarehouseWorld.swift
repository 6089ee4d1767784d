import ErpqBase
import ErpqTables
import ErpqWarehouse

/// Columns of a relation by name, cell by cell.
private struct Facts {
  let table: Table
  var rows: Range<Int> { 0..<table.rowCount }

  init(_ relation: String, _ warehouse: Warehouse) throws { table = try warehouse.scan(Scan(relation)) }

  func value(_ name: String, _ row: Int) -> Value { table[name]?[row] ?? .null }
  func int(_ name: String, _ row: Int) -> Int? {
    if case .int(let n) = value(name, row) { Int(n) } else { nil }
  }
  func number(_ name: String, _ row: Int) -> Double { value(name, row).asDouble ?? 0 }
  func text(_ name: String, _ row: Int) -> String {
    if case .text(let t) = value(name, row) { t } else { "" }
  }
  func bool(_ name: String, _ row: Int) -> Bool { value(name, row) == .bool(true) }
  func day(_ name: String, _ row: Int) -> CivilDate? {
    if case .date(let d) = value(name, row) { d } else { nil }
  }
  func moment(_ name: String, _ row: Int) -> Instant? {
    if case .datetime(let m) = value(name, row) { m } else { nil }
  }
}

extension OdooWorld {
  /// The company of a company file as an Odoo database.
  ///
  /// - Parameters:
  ///   - since: leaves out orders and movements of earlier days; nil takes all. Stock stays as it is now.
  ///   - users: who may sign in; nil makes `admin` (password `admin`, with a key) and `limited`, who sees no
  ///     orders.
  /// - Throws: `WarehouseError`, or `Cancellation.Interrupted`.
  public static func company(
    _ warehouse: Warehouse, version: OdooVersion, database: String = "demo", since: CivilDate? = nil,
    users: [OdooUser]? = nil, clock: OdooClock = OdooClock()
  ) throws -> OdooWorld {
    var loader = try WarehouseLoader(warehouse, version, since)
    try loader.load(users ?? OdooUser.demoUsers)
    return OdooWorld(database: loader.builder.database, name: database, clock: clock)
  }
}

extension OdooUser {
  /// The key of the demo's administrator.
  public static let demoKey = "d0e1d2e3d4e5d6e7d8e9d0e1d2e3d4e5d6e7d8e9"

  /// Who may sign in to a demo.
  public static var demoUsers: [OdooUser] {
    let admin = OdooUser(
      id: 2, login: "admin", name: "Mitchell Admin", password: "admin", apiKeys: [demoKey])
    var limited = OdooUser(
      id: 6, login: "limited", name: "Limited Sales", password: "limited", isAdministrator: false)
    limited.ownRecordsOnly = ["sale.order", "sale.order.line"]
    limited.hiddenModels = ["account.move", "account.move.line", "account.payment"]
    return [admin, limited]
  }
}

private struct WarehouseLoader {
  let warehouse: Warehouse
  let since: CivilDate?
  var builder: CompanyBuilder
  let start: Instant
  private var suppliers: [String: Int] = [:]
  private var saleLines: [String: [Int: Int]] = [:]
  private var purchaseLines: [String: [Int: Int]] = [:]
  private let cancel = Cancellation.current

  init(_ warehouse: Warehouse, _ version: OdooVersion, _ since: CivilDate?) throws {
    self.warehouse = warehouse
    self.since = since
    let info = try warehouse.info
    let first = info.firstDay ?? CivilDate(day: 18_262)
    start = CompanyBuilder.moment(first.adding(days: -30))
    builder = CompanyBuilder(
      version: version, company: info.name.isEmpty ? "My Company" : info.name, currency: info.currency,
      timeZone: info.timeZone, since: first.adding(days: -30))
  }

  mutating func load(_ users: [OdooUser]) throws {
    try basics()
    try partners(users)
    try products()
    try sales()
    try purchases()
    try moves()
    try stock()
    try accounting()
    try leads()
  }

  private func isWanted(_ day: CivilDate?) -> Bool {
    guard let since, let day else { return true }
    return day >= since
  }

  private mutating func basics() throws {
    let rates = try Facts("rates", warehouse)
    for row in rates.rows {
      guard let day = rates.day("date", row) else { continue }
      builder.rate(rates.text("currency", row), from: day, rates.number("rate", row))
    }
    let categories = try Facts("categories", warehouse)
    for row in categories.rows {
      guard let id = categories.int("category_id", row) else { continue }
      builder.category(categories.text("category", row), id: id, created: start)
    }
    let warehouses = try Facts("warehouses", warehouse)
    for row in warehouses.rows {
      guard let id = warehouses.int("warehouse_id", row) else { continue }
      builder.warehouse(warehouses.text("warehouse", row), id: id, created: start)
    }
    if warehouses.rows.isEmpty { builder.warehouse("WH/Stock", id: 1, created: start) }
  }

  private mutating func partners(_ users: [OdooUser]) throws {
    let customers = try Facts("customers", warehouse)
    var taken: Set<Int> = []
    for row in customers.rows {
      guard let id = customers.int("customer", row) else { continue }
      taken.insert(id)
      let created = customers.day("created", row).map { CompanyBuilder.moment($0) } ?? start
      var values: [String: OdooValue] = [
        "name": .text(customers.text("name", row)), "is_company": .bool(customers.bool("is_company", row)),
        "active": true, "customer_rank": .int(max(1, customers.int("orders", row) ?? 0)), "lang": "en_US",
        "complete_name": .text(customers.text("name", row)),
      ]
      for field in ["email", "phone", "vat"] {
        let text = customers.text(field, row)
        if !text.isEmpty { values[field] = .text(text) }
      }
      let country = customers.text("country", row)
      if !country.isEmpty { values["country_id"] = .int(builder.country(country, created: start)) }
      builder.insert("res.partner", id, values, created: created)
    }
    let suppliers = try Facts("suppliers", warehouse)
    var next = (taken.max() ?? 10) + 1
    for row in suppliers.rows {
      var id = suppliers.int("supplier_id", row) ?? 0
      if id < 1 || taken.contains(id) {
        while taken.contains(next) { next += 1 }
        id = next
      }
      taken.insert(id)
      let name = suppliers.text("supplier", row)
      self.suppliers[name] = id
      builder.insert(
        "res.partner", id,
        [
          "name": .text(name), "complete_name": .text(name), "is_company": true, "active": true,
          "supplier_rank": 1, "lang": "en_US",
          "property_purchase_currency_id": .int(builder.currencyID(suppliers.text("currency", row))),
        ], created: start)
    }
    for user in users { builder.user(user, created: start) }
  }

  private mutating func products() throws {
    let products = try Facts("products", warehouse)
    for row in products.rows {
      guard let id = products.int("product", row) else { continue }
      var facts = ProductFacts(
        id: id, created: products.day("created", row).map { CompanyBuilder.moment($0) } ?? start)
      facts.code = products.text("sku", row)
      facts.name = products.text("name", row)
      facts.category = builder.categoryID(products.text("category", row))
      let type = products.text("type", row)
      facts.type = type.isEmpty ? "product" : type
      facts.isActive = products.value("active", row) != .bool(false)
      facts.price = products.number("price", row)
      facts.cost = products.number("cost", row)
      facts.onHand = products.number("on_hand", row)
      facts.reserved = products.number("reserved", row)
      facts.incoming = products.number("incoming", row)
      builder.product(facts)
    }
    let prices = try Facts("supplier_prices", warehouse)
    for row in prices.rows {
      guard let product = prices.int("product", row), let partner = suppliers[prices.text("supplier", row)]
      else { continue }
      builder.insert(
        "product.supplierinfo", row + 1,
        [
          "partner_id": .int(partner), "product_tmpl_id": .int(product), "product_id": .int(product),
          "min_qty": .double(prices.number("min_qty", row)), "price": .double(prices.number("price", row)),
          "currency_id": .int(builder.currencyID(prices.text("currency", row))),
          "delay": .int(Int((prices.number("lead_time", row) / 86_400_000).rounded())), "sequence": 1,
          "company_id": 1, "product_uom_id": 1,
        ], created: start)
    }
  }

  private mutating func sales() throws {
    var lines: [Int: [LineFacts]] = [:]
    for relation in ["sales", "quotations"] {
      let facts = try Facts(relation, warehouse)
      for row in facts.rows {
        if row & 0xFFFF == 0 { try cancel.check() }
        guard isWanted(facts.day("date", row)), let order = facts.int("order", row),
          let line = facts.int("line", row), let product = facts.int("product", row)
        else { continue }
        let quantity = facts.number("qty", row)
        let amount = facts.number("amount_doc", row)
        let discount = facts.number("discount", row)
        let base = quantity * (1 - discount)
        lines[order, default: []].append(
          LineFacts(
            id: line, product: product, quantity: quantity, moved: facts.number("delivered", row),
            price: base == 0 ? facts.number("price", row) : amount / base, discount: discount, amount: amount)
        )
      }
    }
    let orders = try Facts("orders", warehouse)
    for row in orders.rows {
      if row & 0xFFFF == 0 { try cancel.check() }
      guard let id = orders.int("order", row), let day = orders.day("date", row), isWanted(day) else {
        continue
      }
      let name = orders.text("name", row)
      let rate = orders.number("rate", row)
      let own = (lines[id] ?? []).sorted { $0.id < $1.id }
      for line in own { saleLines[name, default: [:]][line.product] = line.id }
      builder.saleOrder(
        OrderFacts(
          id: id, name: name, partner: orders.int("customer", row) ?? 0,
          date: orders.moment("ordered_at", row) ?? CompanyBuilder.moment(day),
          state: orders.text("state", row), currency: orders.text("currency", row),
          rate: rate == 0 ? 1 : rate, warehouse: builder.warehouseID(orders.text("warehouse", row)),
          promised: orders.day("promised_date", row), delivered: orders.day("delivered_date", row), lines: own
        ))
    }
  }

  private mutating func purchases() throws {
    let facts = try Facts("purchases", warehouse)
    var orders: [Int: OrderFacts] = [:]
    for row in facts.rows {
      guard let id = facts.int("purchase", row), let day = facts.day("order_date", row), isWanted(day),
        let line = facts.int("purchase_line", row), let product = facts.int("product", row)
      else { continue }
      let currency = facts.text("currency", row)
      let rate = builder.rate(currency, on: day)
      let name = facts.text("purchase_name", row)
      let received = facts.day("received_date", row)
      purchaseLines[name, default: [:]][product] = line
      orders[
        id,
        default: OrderFacts(
          id: id, name: name, partner: suppliers[facts.text("supplier", row)] ?? 0,
          date: CompanyBuilder.moment(day), state: facts.text("state", row), currency: currency, rate: rate,
          lines: [])
      ].lines.append(
        LineFacts(
          id: line, product: product, quantity: facts.number("qty", row),
          moved: facts.number("qty_received", row), price: facts.number("price", row) * rate,
          amount: facts.number("amount", row) * rate, planned: facts.day("planned_date", row),
          received: received))
    }
    for id in orders.keys.sorted() {
      if let order = orders[id] { builder.purchaseOrder(order) }
    }
  }

  private mutating func moves() throws {
    let facts = try Facts("moves", warehouse)
    for row in facts.rows {
      if row & 0xFFFF == 0 { try cancel.check() }
      guard let id = facts.int("move", row), let product = facts.int("product", row),
        let day = facts.day("date", row), isWanted(day)
      else { continue }
      let quantity = facts.number("qty", row)
      let stock = builder.stockLocation(facts.text("warehouse", row))
      let kind = facts.text("kind", row)
      let place: CompanyBuilder.Place =
        kind.hasPrefix("inventory")
        ? .inventory
        : kind == "incoming" || kind == "incoming_return" && quantity < 0 ? .vendors : .customers
      let other = builder.location(place)
      let reference = facts.text("reference", row)
      builder.move(
        id: id, product: product, quantity: abs(quantity), from: quantity < 0 ? stock : other,
        to: quantity < 0 ? other : stock, day: day, state: facts.text("state", row), reference: reference,
        saleLine: place == .customers ? saleLines[reference]?[product] : nil,
        purchaseLine: place == .vendors ? purchaseLines[reference]?[product] : nil)
    }
  }

  private mutating func stock() throws {
    let facts = try Facts("stock", warehouse)
    for row in facts.rows {
      guard let product = facts.int("product", row) else { continue }
      let onHand = facts.number("on_hand", row)
      let reserved = facts.number("reserved", row)
      builder.insert(
        "stock.quant", row + 1,
        [
          "product_id": .int(product),
          "location_id": .int(builder.stockLocation(facts.text("warehouse", row))),
          "quantity": .double(onHand), "reserved_quantity": .double(reserved),
          "available_quantity": .double(onHand - reserved), "in_date": .moment(start), "company_id": 1,
          "warehouse_id": builder.warehouseID(facts.text("warehouse", row)).map { .int($0) } ?? .empty,
        ], created: start)
    }
    let rules = try Facts("orderpoints", warehouse)
    for row in rules.rows {
      guard let product = rules.int("product", row) else { continue }
      let name = rules.text("warehouse", row)
      builder.insert(
        "stock.warehouse.orderpoint", row + 1,
        [
          "name": .text("OP/" + padded(row + 1, 5)), "product_id": .int(product),
          "warehouse_id": builder.warehouseID(name).map { .int($0) } ?? .empty,
          "location_id": .int(builder.stockLocation(name)),
          "product_min_qty": .double(rules.number("min_qty", row)),
          "product_max_qty": .double(rules.number("max_qty", row)),
          "qty_multiple": .double(max(rules.number("multiple", row), 0)), "trigger": "auto", "active": true,
          "company_id": 1,
        ], created: start)
    }
  }

  private mutating func accounting() throws {
    let facts = try Facts("invoices", warehouse)
    for row in facts.rows {
      guard let id = facts.int("invoice", row), let day = facts.day("date", row), isWanted(day) else {
        continue
      }
      let kind = facts.text("kind", row)
      let isSale = kind.hasPrefix("out")
      let sign = kind == "out_invoice" || kind == "in_refund" ? 1.0 : -1.0
      let partner = facts.int("customer", row) ?? suppliers[facts.text("supplier", row)] ?? 0
      let amount = facts.number("amount", row)
      let document = facts.number("amount_doc", row)
      let residual = facts.number("residual", row)
      let rate = amount == 0 ? 1 : document / amount
      let money = builder.currencyID(facts.text("currency", row))
      let home = builder.currencyID(builder.currency)
      let created = CompanyBuilder.moment(day)
      let name = facts.text("name", row)
      builder.insert(
        "account.move", id,
        [
          "name": .text(name), "move_type": .text(kind), "state": .text(facts.text("state", row)),
          "date": .day(day), "invoice_date": .day(day),
          "invoice_date_due": facts.day("due_date", row).map { .day($0) } ?? .empty,
          "partner_id": .int(partner), "commercial_partner_id": .int(partner),
          "amount_untaxed": .double(document), "amount_total": .double(document),
          "amount_residual": .double(residual * rate), "amount_total_signed": .double(sign * amount),
          "amount_untaxed_signed": .double(sign * amount), "amount_residual_signed": .double(sign * residual),
          "currency_id": .int(money), "company_currency_id": .int(home), "company_id": 1,
          "payment_state": .text(residual == 0 ? "paid" : residual < amount ? "partial" : "not_paid"),
        ], created: created)
      let balances = [
        (sign * amount, "payment_term", isSale ? 1 : 3), (-sign * amount, "product", isSale ? 2 : 4),
      ]
      for (i, (balance, type, account)) in balances.enumerated() {
        builder.insert(
          "account.move.line", 2 * id + i,
          [
            "move_id": .int(id), "move_name": .text(name), "balance": .double(balance),
            "debit": .double(max(balance, 0)), "credit": .double(max(-balance, 0)),
            "amount_currency": .double(balance * rate), "date": .day(day),
            "amount_residual": .double(i == 0 ? sign * residual : 0), "quantity": 1.0,
            "price_unit": .double(i == 0 ? 0 : document), "price_subtotal": .double(i == 0 ? 0 : document),
            "parent_state": .text(facts.text("state", row)), "display_type": .text(type),
            "account_id": .int(account), "partner_id": .int(partner), "company_id": 1,
            "currency_id": .int(money), "company_currency_id": .int(home),
            "date_maturity": i == 0 ? facts.day("due_date", row).map { .day($0) } ?? .empty : .empty,
          ], created: created)
      }
    }
    try payments()
  }

  private mutating func payments() throws {
    let facts = try Facts("payments", warehouse)
    for row in facts.rows {
      guard let id = facts.int("payment", row), let day = facts.day("date", row), isWanted(day) else {
        continue
      }
      let kind = facts.text("kind", row)
      let amount = facts.number("amount", row)
      let partner = facts.int("customer", row) ?? suppliers[facts.text("supplier", row)] ?? 0
      let invoice: OdooValue = facts.int("invoice", row).map { .ids([$0]) } ?? .empty
      builder.insert(
        "account.payment", id,
        [
          "name": .text(facts.text("name", row)), "date": .day(day), "payment_type": .text(kind),
          "partner_type": .text(kind == "inbound" ? "customer" : "supplier"), "partner_id": .int(partner),
          "amount": .double(facts.number("amount_doc", row)),
          "amount_company_currency_signed": .double(kind == "inbound" ? amount : -amount),
          "currency_id": .int(builder.currencyID(facts.text("currency", row))), "company_id": 1,
          "state": .text(builder.version == .v16 ? "posted" : "paid"),
          kind == "inbound" ? "reconciled_invoice_ids" : "reconciled_bill_ids": invoice,
        ], created: CompanyBuilder.moment(day))
    }
  }

  private mutating func leads() throws {
    let facts = try Facts("leads", warehouse)
    for row in facts.rows {
      guard let id = facts.int("lead", row) else { continue }
      let state = facts.text("state", row)
      let created = facts.day("created", row).map { CompanyBuilder.moment($0) } ?? start
      let closed = facts.day("closed", row)
      let stage = facts.text("stage", row)
      let stageID = builder.stage(stage.isEmpty ? "New" : stage, isWon: state == "won", created: start)
      builder.insert(
        "crm.lead", id,
        [
          "name": .text(facts.text("name", row)),
          "partner_id": facts.int("customer", row).map { .int($0) } ?? .empty,
          "stage_id": .int(stageID), "type": "opportunity", "priority": "0", "active": .bool(state != "lost"),
          "probability": .double(facts.number("probability", row) * 100),
          "expected_revenue": .double(facts.number("expected", row)),
          "won_status": .text(state == "open" ? "pending" : state),
          "date_closed": closed.map { .moment(CompanyBuilder.moment($0)) } ?? .empty,
          "date_deadline": facts.day("deadline", row).map { .day($0) } ?? .empty, "company_id": 1,
        ], created: created, written: closed.map { CompanyBuilder.moment($0) })
    }
  }
}
