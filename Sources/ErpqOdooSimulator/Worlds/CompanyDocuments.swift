import ErpqBase

/// A product as a company file knows it.
struct ProductFacts {
  var id: Int
  var code = ""
  var name = ""
  var category: Int?
  /// product, consu or service.
  var type = "product"
  var isActive = true
  var price = 0.0
  var cost = 0.0
  var onHand = 0.0
  var reserved = 0.0
  var incoming = 0.0
  var created: Instant
}

/// A line of a sale or purchase.
struct LineFacts {
  var id: Int
  var product: Int
  var quantity: Double
  /// Delivered or received.
  var moved: Double
  /// In the document's currency.
  var price: Double
  /// A share, 0.1 for a tenth.
  var discount = 0.0
  /// In the document's currency.
  var amount: Double
  /// When a purchase is to arrive.
  var planned: CivilDate?
  var received: CivilDate?
}

/// A sale or purchase order.
struct OrderFacts {
  var id: Int
  var name: String
  var partner: Int
  var date: Instant
  /// draft, sent, sale, purchase, done or cancel.
  var state: String
  var currency: String
  var rate: Double
  var warehouse: Int?
  var promised: CivilDate?
  var delivered: CivilDate?
  var lines: [LineFacts]
}

extension CompanyBuilder {
  mutating func product(_ facts: ProductFacts) {
    let shared: [String: OdooValue] = [
      "name": .text(facts.name), "default_code": facts.code.isEmpty ? .empty : .text(facts.code),
      "active": .bool(facts.isActive), "categ_id": facts.category.map { .int($0) } ?? .empty, "uom_id": 1,
      "uom_po_id": 1, "type": .text(version == .v19 && facts.type == "product" ? "consu" : facts.type),
      "detailed_type": .text(facts.type), "is_storable": .bool(facts.type == "product"),
      "list_price": .double(facts.price), "standard_price": .double(facts.cost),
      "currency_id": .int(currencyID(currency)), "sale_ok": true,
      "purchase_ok": .bool(facts.type != "service"),
      "sequence": 1, "priority": "0", "product_variant_count": 1,
    ]
    insert(
      "product.template", facts.id,
      shared.merging(["product_variant_id": .int(facts.id)]) { a, _ in a }, created: facts.created)
    let isStocked = facts.type == "product"
    let own: [String: OdooValue] = [
      "product_tmpl_id": .int(facts.id), "default_code": facts.code.isEmpty ? .empty : .text(facts.code),
      "active": .bool(facts.isActive), "standard_price": .double(facts.cost),
      "lst_price": .double(facts.price), "cost_currency_id": .int(currencyID(currency)),
      "qty_available": .double(isStocked ? facts.onHand : 0),
      "free_qty": .double(isStocked ? facts.onHand - facts.reserved : 0),
      "outgoing_qty": .double(isStocked ? facts.reserved : 0),
      "incoming_qty": .double(isStocked ? facts.incoming : 0),
      "virtual_available": .double(isStocked ? facts.onHand - facts.reserved + facts.incoming : 0),
    ]
    insert("product.product", facts.id, own, created: facts.created)
  }

  mutating func saleOrder(_ facts: OrderFacts) {
    let money = currencyID(facts.currency)
    let isLocked = facts.state == "done"
    let state = version == .v19 && isLocked ? "sale" : facts.state
    let amount = facts.lines.reduce(0) { $0 + $1.amount }
    let rounded = (amount * 100).rounded() / 100
    let isConfirmed = ["sale", "done"].contains(facts.state)
    let isWhole = facts.lines.allSatisfy { $0.moved >= $0.quantity }
    let written = facts.delivered.map { CompanyBuilder.moment($0) }
    insert(
      "sale.order", facts.id,
      [
        "name": .text(facts.name), "partner_id": .int(facts.partner),
        "partner_invoice_id": .int(facts.partner), "partner_shipping_id": .int(facts.partner),
        "date_order": .moment(facts.date), "state": .text(state), "locked": .bool(isLocked),
        "amount_untaxed": .double(rounded), "amount_total": .double(rounded), "currency_id": .int(money),
        "currency_rate": .double(facts.rate), "pricelist_id": 1,
        "commitment_date": facts.promised.map { .moment(CompanyBuilder.moment($0)) } ?? .empty,
        "effective_date": facts.delivered.map { .moment(CompanyBuilder.moment($0)) } ?? .empty,
        "warehouse_id": facts.warehouse.map { .int($0) } ?? .empty, "company_id": 1,
        "invoice_status": .text(isConfirmed ? "to invoice" : "no"),
        "delivery_status": isConfirmed ? .text(isWhole ? "full" : "pending") : .empty,
      ], created: facts.date, written: written)
    for (i, line) in facts.lines.enumerated() {
      insert(
        "sale.order.line", line.id,
        [
          "order_id": .int(facts.id), "product_id": .int(line.product), "sequence": .int(10 + i),
          "product_template_id": .int(line.product),
          "name": .text(productName(line.product)), "product_uom_qty": .double(line.quantity),
          "qty_delivered": .double(line.moved), "price_unit": .double(line.price),
          "discount": .double((line.discount * 1e6).rounded() / 1e4), "price_subtotal": .double(line.amount),
          "price_total": .double(line.amount), "currency_id": .int(money), "company_id": 1,
          "state": .text(state), "order_partner_id": .int(facts.partner), "product_uom": 1,
          "product_uom_id": 1, "warehouse_id": facts.warehouse.map { .int($0) } ?? .empty,
        ], created: facts.date, written: written)
    }
  }

  mutating func purchaseOrder(_ facts: OrderFacts) {
    let money = currencyID(facts.currency)
    let state = version == .v19 && facts.state == "done" ? "purchase" : facts.state
    let amount = (facts.lines.reduce(0) { $0 + $1.amount } * 100).rounded() / 100
    let isConfirmed = ["purchase", "done"].contains(facts.state)
    let received = facts.lines.compactMap(\.received).max()
    let isWhole = isConfirmed && facts.lines.allSatisfy { $0.moved >= $0.quantity }
    let written = received.map { CompanyBuilder.moment($0) }
    let planned = facts.lines.compactMap(\.planned).min()
    func moment(_ day: CivilDate?) -> OdooValue { day.map { .moment(CompanyBuilder.moment($0)) } ?? .empty }
    insert(
      "purchase.order", facts.id,
      [
        "name": .text(facts.name), "partner_id": .int(facts.partner), "date_order": .moment(facts.date),
        "date_approve": isConfirmed ? .moment(facts.date) : .empty, "date_planned": moment(planned),
        "effective_date": moment(received), "state": .text(state), "currency_id": .int(money),
        "currency_rate": .double(facts.rate), "amount_untaxed": .double(amount),
        "amount_total": .double(amount), "company_id": 1, "priority": "0",
        "receipt_status": isConfirmed ? .text(isWhole ? "full" : "pending") : .empty,
      ], created: facts.date, written: written)
    for (i, line) in facts.lines.enumerated() {
      insert(
        "purchase.order.line", line.id,
        [
          "order_id": .int(facts.id), "product_id": .int(line.product), "sequence": .int(10 + i),
          "name": .text(productName(line.product)), "product_qty": .double(line.quantity),
          "product_uom_qty": .double(line.quantity), "qty_received": .double(line.moved),
          "price_unit": .double(line.price), "price_subtotal": .double(line.amount),
          "price_total": .double(line.amount), "currency_id": .int(money),
          "date_planned": moment(line.planned),
          "state": .text(state), "partner_id": .int(facts.partner), "company_id": 1, "product_uom": 1,
          "product_uom_id": 1,
        ], created: facts.date, written: written)
    }
  }

  private func productName(_ id: Int) -> String {
    guard let table = database.tables["product.template"], let place = table.place(of: id),
      let slot = table.slots["name"], case .text(let name) = table.rows[place][slot]
    else { return "" }
    return name
  }

  /// Moves a quantity between two locations.
  mutating func move(
    id: Int, product: Int, quantity: Double, from: Int, to: Int, day: CivilDate, state: String,
    reference: String, saleLine: Int? = nil, purchaseLine: Int? = nil
  ) {
    let date = CompanyBuilder.moment(day)
    let done = state == "done" ? quantity : 0
    insert(
      "stock.move", id,
      [
        "name": .text(reference), "product_id": .int(product), "date": .moment(date), "state": .text(state),
        "product_uom_qty": .double(quantity), "product_qty": .double(quantity), "quantity": .double(done),
        "quantity_done": .double(done), "picked": .bool(state == "done"), "location_id": .int(from),
        "location_dest_id": .int(to), "origin": reference.isEmpty ? .empty : .text(reference),
        "reference": reference.isEmpty ? .empty : .text(reference), "company_id": 1, "product_uom": 1,
        "sequence": 10, "sale_line_id": saleLine.map { .int($0) } ?? .empty,
        "purchase_line_id": purchaseLine.map { .int($0) } ?? .empty,
      ], created: date)
  }
}
