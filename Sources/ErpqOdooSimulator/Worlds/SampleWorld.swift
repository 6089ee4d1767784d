import ErpqBase

extension OdooWorld {
  /// A small invented company, the same for the same seed: for tests that need no company file.
  ///
  /// - Parameters:
  ///   - orders: number of sale orders, spread over the 400 days before `lastDay`; each has one to four lines.
  ///   - products: number of products; every tenth is archived, and every eleventh order is a foreign one.
  public static func sample(
    version: OdooVersion, orders: Int = 400, products: Int = 40, database: String = "demo",
    lastDay: CivilDate = CivilDate(day: 20_634), seed: UInt64 = 1, users: [OdooUser]? = nil,
    clock: OdooClock = OdooClock()
  ) -> OdooWorld {
    var random = SeededRandom(seed: seed)
    let first = lastDay.adding(days: -400)
    let start = CompanyBuilder.moment(first)
    var builder = CompanyBuilder(
      version: version, company: "Sample Company", currency: "EUR", timeZone: "Europe/Paris", since: first)
    builder.rate("USD", from: first, 1.25)
    builder.rate("USD", from: first.adding(days: 200), 1.125)
    builder.warehouse("WH/Stock", id: 1, created: start)
    for (i, name) in ["Desks", "Chairs", "Desks / Corner"].enumerated() {
      builder.category(name, id: i + 1, created: start)
    }
    for i in 0..<20 {
      builder.insert(
        "res.partner", 50 + i,
        [
          "name": .text("Customer \(i + 1)"), "complete_name": .text("Customer \(i + 1)"), "is_company": true,
          "active": true, "customer_rank": 1,
        ], created: start)
    }
    builder.insert(
      "res.partner", 90,
      [
        "name": "Supplier", "complete_name": "Supplier", "is_company": true, "active": true,
        "supplier_rank": 1,
      ], created: start)
    for user in users ?? OdooUser.demoUsers { builder.user(user, created: start) }
    for i in 0..<products {
      var facts = ProductFacts(id: 100 + i, created: start)
      facts.code = "P-\(100 + i)"
      facts.name = i == 3 ? "Bürostuhl <&>\" 日本 😀" : "Product \(100 + i)"
      facts.category = i % 3 + 1
      facts.type = i % 7 == 6 ? "service" : "product"
      facts.isActive = i % 10 != 9
      facts.price = Double(1000 + random.below(50_000)) / 100
      facts.cost = (facts.price * 60).rounded() / 100
      facts.onHand = Double(random.below(200))
      facts.reserved = Double(random.below(5))
      builder.product(facts)
      builder.insert(
        "product.supplierinfo", i + 1,
        [
          "partner_id": 90, "product_tmpl_id": .int(facts.id), "product_id": .int(facts.id), "min_qty": 1.0,
          "price": .double(facts.cost), "currency_id": 1, "delay": .int(3 + i % 9), "sequence": 1,
          "company_id": 1,
        ], created: start)
      if facts.type == "product" {
        builder.insert(
          "stock.quant", i + 1,
          [
            "product_id": .int(facts.id), "location_id": .int(builder.stockLocation("WH/Stock")),
            "quantity": .double(facts.onHand), "reserved_quantity": .double(facts.reserved), "company_id": 1,
            "available_quantity": .double(facts.onHand - facts.reserved), "in_date": .moment(start),
          ], created: start)
      }
    }
    var line = 1
    for i in 0..<orders {
      let day = first.adding(days: i * 400 / max(orders, 1))
      let isForeign = i % 11 == 10
      let rate = isForeign ? builder.rate("USD", on: day) : 1
      var lines: [LineFacts] = []
      for _ in 0...random.below(4) {
        let quantity = Double(1 + random.below(9)) * (random.below(20) == 0 ? -1 : 1)
        let price = Double(1000 + random.below(50_000)) / 100
        let discount = random.below(4) == 0 ? 0.1 : 0
        lines.append(
          LineFacts(
            id: line, product: 100 + random.below(max(products, 1)), quantity: quantity, moved: quantity,
            price: price, discount: discount,
            amount: (quantity * price * (1 - discount) * 100).rounded() / 100))
        line += 1
      }
      let states = ["sale", "sale", "sale", "done", "sale", "draft", "sale", "cancel", "sale", "sent"]
      let seconds = Int64(random.below(86_400))
      builder.saleOrder(
        OrderFacts(
          id: i + 1, name: "S" + padded(i + 1, 5), partner: 50 + random.below(20),
          date: Instant(microseconds: Instant(day).microseconds + seconds * 1_000_000),
          state: states[i % states.count], currency: isForeign ? "USD" : "EUR", rate: rate, warehouse: 1,
          lines: lines))
      for line in lines where ["sale", "done"].contains(states[i % states.count]) {
        let stock = builder.stockLocation("WH/Stock")
        let outside = builder.location(.customers)
        let isReturn = line.quantity < 0
        builder.move(
          id: line.id, product: line.product, quantity: abs(line.quantity), from: isReturn ? outside : stock,
          to: isReturn ? stock : outside, day: day, state: "done", reference: "S" + padded(i + 1, 5),
          saleLine: line.id)
      }
    }
    for i in 0..<(orders / 10) {
      let day = first.adding(days: i * 4000 / max(orders, 1))
      let product = 100 + i % max(products, 1)
      builder.purchaseOrder(
        OrderFacts(
          id: i + 1, name: "P" + padded(i + 1, 5), partner: 90, date: CompanyBuilder.moment(day),
          state: "purchase", currency: "EUR", rate: 1,
          lines: [
            LineFacts(
              id: i + 1, product: product, quantity: 20, moved: i % 3 == 2 ? 0 : 20, price: 12.5, amount: 250,
              planned: day.adding(days: 7), received: i % 3 == 2 ? nil : day.adding(days: 8))
          ]))
    }
    return OdooWorld(database: builder.database, name: database, clock: clock)
  }
}
