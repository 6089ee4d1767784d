import ErpqBase

/// Puts the facts of a company into the models of a version.
///
/// Products, orders and lines keep their ids; what Odoo has beside them (templates, partners of suppliers,
/// locations, stages) gets ids of its own.
struct CompanyBuilder {
  let version: OdooVersion
  private(set) var database: Database
  let currency: String
  private var currencies: [String: Int] = [:]
  private var rates: [String: [(day: CivilDate, rate: Double)]] = [:]
  private var locations: [String: Int] = [:]
  private var warehouses: [String: Int] = [:]
  private var categories: [String: Int] = [:]
  private var stages: [String: Int] = [:]
  private var names: [String: Int] = [:]

  /// Places that every company has.
  enum Place: String {
    case vendors = "Partners/Vendors"
    case customers = "Partners/Customers"
    case inventory = "Virtual Locations/Inventory adjustment"
  }

  init(version: OdooVersion, company: String, currency: String, timeZone: String, since: CivilDate) {
    self.version = version
    self.currency = currency
    database = Database(version: version, models: Declarations.models(version))
    let stamp = Self.moment(since)
    func put(_ model: String, _ id: Int, _ values: [String: OdooValue]) {
      insert(model, id, values, created: stamp)
    }
    let money = currencyID(currency)
    put(
      "res.company", 1,
      [
        "name": .text(company), "currency_id": .int(money), "sequence": 10, "active": true,
      ])
    put(
      "product.pricelist", 1,
      [
        "name": "Default", "currency_id": .int(money), "sequence": 1, "active": true,
      ])
    if version == .v16 { put("uom.category", 1, ["name": "Unit"]) }
    put(
      "uom.uom", 1,
      [
        "name": "Units", "factor": 1.0, "rounding": 0.01, "active": true, "category_id": 1,
        "uom_type": "reference", "relative_factor": 1.0,
      ])
    for (id, place, usage) in [
      (4, Place.vendors, "supplier"), (5, .customers, "customer"), (14, .inventory, "inventory"),
    ] {
      put(
        "stock.location", id,
        [
          "name": .text(String(place.rawValue.split(separator: "/").last ?? "")),
          "complete_name": .text(place.rawValue), "usage": .text(usage), "active": true,
        ])
      locations[place.rawValue] = id
    }
    let accounts = [
      ("Account Receivable", "121000", "asset_receivable"), ("Product Sales", "400000", "income"),
      ("Account Payable", "211000", "liability_payable"), ("Expenses", "600000", "expense"),
    ]
    for (i, (name, code, type)) in accounts.enumerated() {
      put(
        "account.account", i + 1,
        ["name": .text(name), "code": .text(code), "account_type": .text(type), "company_id": 1])
    }
    let modules = [
      "base", "product", "stock", "sale", "sale_stock", "purchase", "purchase_stock", "account", "crm",
      "point_of_sale",
    ]
    for (i, name) in modules.enumerated() {
      put(
        "ir.module.module", i + 1,
        [
          "name": .text(name), "shortdesc": .text(name.capitalized), "state": "installed",
          "latest_version": .text(version.text + ".1.0"), "sequence": 100,
        ])
    }
    for (i, name) in database.tables.keys.sorted().enumerated() {
      let label = database.tables[name]?.model.label ?? name
      put("ir.model", i + 1, ["model": .text(name), "name": .text(label), "state": "base"])
    }
  }

  /// Noon of a day, which is the same day in nearly every time zone.
  static func moment(_ day: CivilDate) -> Instant {
    Instant(microseconds: Instant(day).microseconds + 43_200_000_000)
  }

  /// Puts a record in.
  ///
  /// - Parameter written: the moment of its last change; nil if there was none since it was made.
  mutating func insert(
    _ model: String, _ id: Int, _ values: [String: OdooValue], created: Instant, written: Instant? = nil
  ) {
    // Databases keep microseconds, which the wire does not show.
    let dust = Int64(id) &* 7_919 % 1_000_000
    var values = values
    let made = created.microseconds / 1_000_000 * 1_000_000 + dust
    values["create_date"] = .moment(Instant(microseconds: made))
    let changed = written.map { $0.microseconds / 1_000_000 * 1_000_000 + dust } ?? made
    values["write_date"] = .moment(Instant(microseconds: max(made, changed)))
    // No copy of the table may live on here, or every insertion would copy it.
    guard let row = database.tables[model]?.row(values) else { return }
    database.tables[model]?.insert(id, row)
  }

  mutating func currencyID(_ code: String) -> Int {
    if let id = currencies[code] { return id }
    let id = code == "USD" ? 2 : code == "EUR" ? 1 : 3 + currencies.count
    currencies[code] = id
    database.tables["res.currency"].map { table in
      let row = table.row([
        "name": .text(code), "symbol": .text(code), "rounding": 0.01, "decimal_places": 2, "active": true,
        "position": "after",
      ])
      database.tables["res.currency"]?.insert(id, row)
    }
    return id
  }

  mutating func rate(_ code: String, from day: CivilDate, _ rate: Double) {
    let id = (database.tables["res.currency.rate"]?.ids.last ?? 0) + 1
    rates[code, default: []].append((day, rate))
    insert(
      "res.currency.rate", id,
      [
        "name": .day(day), "rate": .double(rate), "company_rate": .double(rate),
        "inverse_company_rate": .double(1 / rate), "currency_id": .int(currencyID(code)), "company_id": 1,
      ], created: Self.moment(day))
  }

  /// Units of a currency for one of the company's on a day.
  func rate(_ code: String, on day: CivilDate) -> Double {
    guard code != currency, let all = rates[code] else { return 1 }
    return all.last { $0.day <= day }?.rate ?? all.first?.rate ?? 1
  }

  mutating func category(_ name: String, id: Int, created: Instant) {
    categories[name] = id
    let parts = name.components(separatedBy: " / ")
    let parent = categories[parts.dropLast().joined(separator: " / ")]
    insert(
      "product.category", id,
      [
        "name": .text(parts.last ?? name), "complete_name": .text(name),
        "parent_id": parent.map { .int($0) } ?? .empty,
      ], created: created)
  }

  func categoryID(_ name: String) -> Int? { categories[name] }

  mutating func warehouse(_ name: String, id: Int, created: Instant) {
    let code = String(name.split(separator: "/").first ?? "WH").prefix(5)
    let stock = 100 + 2 * id
    insert(
      "stock.location", stock + 1,
      [
        "name": .text(String(code)), "complete_name": .text(String(code)),
        "usage": "view", "company_id": 1, "warehouse_id": .int(id), "active": true,
      ], created: created)
    insert(
      "stock.location", stock,
      [
        "name": "Stock", "complete_name": .text(name.contains("/") ? name : "\(code)/Stock"),
        "location_id": .int(stock + 1), "usage": "internal", "company_id": 1, "warehouse_id": .int(id),
        "active": true,
      ], created: created)
    insert(
      "stock.warehouse", id,
      [
        "name": .text(name), "code": .text(String(code)), "company_id": 1, "lot_stock_id": .int(stock),
        "view_location_id": .int(stock + 1), "sequence": 10, "active": true,
      ], created: created)
    warehouses[name] = id
    locations[name] = stock
  }

  func warehouseID(_ name: String) -> Int? { warehouses[name] }
  func stockLocation(_ warehouse: String) -> Int { locations[warehouse] ?? locations.values.max() ?? 0 }
  func location(_ place: Place) -> Int { locations[place.rawValue] ?? 0 }

  /// A stage of the pipeline, made when it is met first.
  mutating func stage(_ name: String, isWon: Bool, created: Instant) -> Int {
    if let id = stages[name] { return id }
    let id = stages.count + 1
    stages[name] = id
    insert(
      "crm.stage", id, ["name": .text(name), "sequence": .int(id), "is_won": .bool(isWon)], created: created)
    return id
  }

  /// A country, made when it is met first.
  mutating func country(_ name: String, created: Instant) -> Int {
    if let id = names[name] { return id }
    let id = names.count + 1
    names[name] = id
    insert("res.country", id, ["name": .text(name)], created: created)
    return id
  }

  /// Someone who may sign in, with a partner record of their own.
  mutating func user(_ user: OdooUser, created: Instant) {
    let partner = (database.tables["res.partner"]?.ids.last ?? 2) + 1
    insert(
      "res.partner", partner,
      ["name": .text(user.name), "email": .text(user.login), "active": true, "is_company": false],
      created: created)
    insert(
      "res.users", user.id,
      [
        "login": .text(user.login), "partner_id": .int(partner), "company_id": .int(user.company),
        "company_ids": .ids(user.companies), "active": true, "lang": .text(user.language),
        "tz": user.timeZone.map { .text($0) } ?? .empty,
      ], created: created)
    database.users.append(user)
  }
}
