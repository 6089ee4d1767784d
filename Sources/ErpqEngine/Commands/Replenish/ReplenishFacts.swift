import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// What replenishment needs to know of each product: demand, lead times as they were, what is on its way,
/// prices, reordering rules. Read once, planned with many settings.
struct ReplenishFacts: Sendable {
  /// Products and their demand.
  private(set) var demand: DemandFacts
  /// Mean units a day.
  let rates: [Double]
  /// Standard deviation of the units of a day.
  let deviations: [Double]
  /// The demand as it is forecast, where that is asked for.
  let forecasts: ForecastedDemand?
  /// Days from the first sale in the window to its end.
  let observations: [Int]
  /// Whether it was sold in whole units only.
  let whole: [Bool]
  /// Days that the contract says.
  let contract: [Double?]
  /// Receipts of the product, shrunk towards its supplier; nil without any of either.
  let observed: [ObservedLeadTime?]
  /// Own receipts among them.
  let receipts: [Int]
  /// Open purchases: day planned and units, a product.
  let open: [[(day: Int32, units: Double)]]
  /// Stock, promises, what is on its way, sales price and cost of a unit.
  let onHand: [Double]
  let reserved: [Double]
  let incoming: [Double]
  let prices: [Double?]
  let costs: [Double?]
  /// The least that the main supplier accepts, multiples, and its price breaks in company currency.
  let minimum: [Double]
  let multiple: [Double]
  let breaks: [[(from: Double, price: Double)]]
  /// The ERP's own reordering rule.
  let orderpoints: [(low: Double, high: Double)?]
  /// Products that nobody delivers, in a scenario.
  let isCutOff: [Bool]
  /// Whether a supplier is known.
  let hasSupplier: [Bool]
  let hasStock: Bool

  /// The facts for a command's arguments, read once while its statement runs.
  static func of(_ a: Arguments, _ context: RunContext, window: DayWindow) throws -> ReplenishFacts {
    let named = ["product", "category", "supplier", "customer", "warehouse", "demand_source"]
      .map { "\($0)=\(a[$0])" }.joined(separator: ";")
    let key = "replenish;\(window.count);\(context.changes.name ?? "");\(named)"
    return try context.cache.value(key) { try ReplenishFacts(a, context, window: window) }
  }

  private init(_ a: Arguments, _ context: RunContext, window: DayWindow) throws {
    demand = try DemandFacts(a, context, window: window, population: .stocked)
    forecasts = a.text("demand_source") == "forecast" ? try ForecastedDemand(a, context) : nil
    let count = demand.ids.count
    let summaries = demand.quantity.summaries(.sample)
    let days = Double(Swift.max(1, window.count))
    rates = summaries.map { $0.sum / days }
    deviations = summaries.map(\.deviation)
    whole = demand.soldWhole ?? summaries.map(\.isWhole)
    observations = demand.firstSale.map { first in
      first.map { Int(window.last.day) - Int($0.day) + 1 } ?? 0
    }
    let stock = demand.numbers("on_hand")
    hasStock = count == 0 || stock.contains { $0 != nil }
    onHand = stock.map { $0 ?? 0 }
    reserved = demand.numbers("reserved").map { $0 ?? 0 }
    incoming = demand.numbers("incoming").map { $0 ?? 0 }
    prices = demand.numbers("price")
    costs = demand.numbers("cost").map { $0.flatMap { $0 > 0 ? $0 : nil } }
    var lead = demand.numbers("lead_time").map { $0.map { $0 / CalendarDuration.millisecondsPerDay } }
    isCutOff = try context.changes.isOff("supply", products: demand.products)
    let suppliers = demand.products["supplier"]
    hasSupplier = (0..<count).map { suppliers?.isValid($0) ?? false }

    // The documents know neither receipts nor conditions of suppliers. Both are the same for every window of days.
    let population = ["product", "category", "supplier"].map { "\(a[$0])" }.joined(separator: ";")
    let places = PlacesOfIDs(demand.ids)
    let purchases =
      context.usesDocuments
      ? PurchaseFacts(count: count)
      : try context.kept("receipts;\(context.today);\(population)") { [demand] in
        (try PurchaseFacts(places, demand.texts("supplier"), context), weight: 20 * count)
      }
    open = purchases.open
    receipts = purchases.receipts
    var observed = purchases.observed
    if !context.changes.isEmpty {
      let day = CalendarDuration.millisecondsPerDay
      try context.changes.apply("lead_time", to: &lead, products: demand.products, scale: day)
      var means = observed.map { $0?.mean }
      try context.changes.apply("lead_time", to: &means, products: demand.products, scale: day)
      for i in observed.indices {
        if let mean = means[i], observed[i] != nil { observed[i]?.mean = Swift.max(0, mean) }
      }
      lead = lead.map { $0.map { Swift.max(0, $0) } }
    }
    contract = lead
    self.observed = observed
    let terms =
      context.usesDocuments
      ? SupplierTerms(count: count)
      : try context.kept("terms;\(population)") { [demand] in
        (try SupplierTerms(places, demand.texts("supplier"), context), weight: 20 * count)
      }
    minimum = terms.minimum
    breaks = try terms.breaks(changed: context.changes, products: demand.products)
    multiple = terms.multiple
    orderpoints = terms.orderpoints
  }

  /// The facts without the days of the demand, which no one needs once plans are made.
  func withoutDays() -> ReplenishFacts {
    var facts = self
    facts.demand.quantity = DailyMatrix(window: demand.window, rows: 0, values: [])
    return facts
  }

  /// What is on its way and due within so many days: what the stock table says, less what is planned for
  /// later.
  func incomingInTime(_ i: Int, today: CivilDate, days: Double) -> Double {
    guard i < open.count else { return incoming[i] }
    let last = Double(today.day) + days
    var late = 0.0
    for line in open[i] where Double(line.day) > last { late += line.units }
    return Swift.max(0, incoming[i] - late)
  }
}

/// Purchases of the last two years: how long they took, and lines that are open.
struct PurchaseFacts: Sendable {
  /// Receipts of a product, drawn towards its supplier's; nil without five of either.
  private(set) var observed: [ObservedLeadTime?]
  /// Own receipts among them.
  private(set) var receipts: [Int]
  /// Open lines a product.
  private(set) var open: [[(day: Int32, units: Double)]]

  /// None.
  init(count: Int) {
    observed = Array(repeating: nil, count: count)
    receipts = Array(repeating: 0, count: count)
    open = Array(repeating: [], count: count)
  }

  init(_ places: PlacesOfIDs, _ supplied: [String], _ context: RunContext) throws {
    self.init(count: supplied.count)
    var own: [[Double]] = Array(repeating: [], count: supplied.count)
    let table = try FactFilters.scan(
      Scan(
        "purchases",
        columns: [
          "product", "supplier", "order_date", "planned_date", "received_date", "qty", "qty_received",
          "state",
        ],
        filters: [
          ScanFilter("order_date", .range(.date(context.today.adding(days: -730)), .date(context.today)))
        ]), context)
    guard case .ints(let products)? = table["product"]?.storage,
      case .days(let ordered)? = table["order_date"]?.storage, let received = table["received_date"],
      let planned = table["planned_date"], let states = table["state"], let suppliers = table["supplier"]
    else { return }
    var pooled: [String: [Double]] = [:]
    let quantities = table["qty"]
    let arrived = table["qty_received"]
    for row in 0..<table.rowCount {
      if case .text(let state) = states[row], state == "draft" || state == "cancel" { continue }
      let place = Int(places[products[row]])
      let i = place < 0 ? nil : place
      if case .date(let day) = received[row] {
        let days = Double(day.day - ordered[row])
        if case .text(let supplier) = suppliers[row] {
          pooled[supplier, default: []].append(days)
          // Receipts from another supplier say nothing about the main one.
          if let i, supplier == supplied[i] || supplied[i].isEmpty { own[i].append(days) }
        }
      } else if let i {
        let units = (quantities?[row].asDouble ?? 0) - (arrived?[row].asDouble ?? 0)
        guard units > 0 else { continue }
        if case .date(let day) = planned[row] { open[i].append((day.day, units)) }
      }
    }
    let bySupplier = pooled.mapValues { ObservedLeadTime($0) }
    for i in own.indices {
      receipts[i] = own[i].count
      let (found, all) = (ObservedLeadTime(own[i]), bySupplier[supplied[i]] ?? ObservedLeadTime([]))
      if found.count >= 5 || all.count >= 5 { observed[i] = found.shrunk(towards: all) }
    }
  }
}

/// Minimum quantities, multiples, price breaks and reordering rules.
struct SupplierTerms: Sendable {
  var minimum: [Double]
  var multiple: [Double]
  var breaks: [[(from: Double, price: Double)]]
  var orderpoints: [(low: Double, high: Double)?]

  init(count: Int) {
    minimum = Array(repeating: 0, count: count)
    multiple = minimum
    breaks = Array(repeating: [], count: count)
    orderpoints = Array(repeating: nil, count: count)
  }

  init(_ places: PlacesOfIDs, _ supplied: [String], _ context: RunContext) throws {
    self.init(count: supplied.count)
    var rate: [String: Double] = [:]
    let rates = try FactFilters.scan(Scan("currencies", columns: ["currency", "rate"]), context)
    for row in 0..<rates.rowCount {
      if case .text(let code)? = rates["currency"]?[row], let value = rates["rate"]?[row].asDouble, value > 0
      {
        rate[code] = value
      }
    }
    let company = try context.company.warehouse().info.currency
    let table = try FactFilters.scan(
      Scan("supplier_prices", columns: ["product", "supplier", "min_qty", "price", "currency"]), context)
    for row in 0..<table.rowCount {
      guard case .int(let id)? = table["product"]?[row], places[id] >= 0 else { continue }
      let i = Int(places[id])
      if case .text(let supplier)? = table["supplier"]?[row], !supplied[i].isEmpty, supplier != supplied[i] {
        continue
      }
      guard let from = table["min_qty"]?[row].asDouble, let price = table["price"]?[row].asDouble, price > 0
      else { continue }
      var factor: Double? = 1
      if case .text(let code)? = table["currency"]?[row], code != company { factor = rate[code] }
      guard let factor else { continue }
      breaks[i].append((from, price / factor))
    }
    for i in breaks.indices where !breaks[i].isEmpty {
      breaks[i].sort { ($0.from, $0.price) < ($1.from, $1.price) }
      minimum[i] = breaks[i][0].from <= 1 ? 0 : breaks[i][0].from
      var kept: [(from: Double, price: Double)] = []
      for b in breaks[i] where kept.last?.from != b.from { kept.append(b) }
      breaks[i] = kept
    }
    try readRules(places, context)
  }

  /// The price breaks with a scenario's change of costs.
  func breaks(changed changes: FactChanges, products: Table) throws -> [[(from: Double, price: Double)]] {
    guard !changes.isEmpty else { return breaks }
    var out = breaks
    for k in 0..<(breaks.map(\.count).max() ?? 0) {
      var prices = breaks.map { k < $0.count ? $0[k].price : nil }
      try changes.apply("cost", to: &prices, products: products)
      for i in out.indices where k < out[i].count { out[i][k].price = Swift.max(1e-9, prices[i] ?? 0) }
    }
    return out
  }

  private mutating func readRules(_ places: PlacesOfIDs, _ context: RunContext) throws {
    let rules = try FactFilters.scan(
      Scan("orderpoints", columns: ["product", "min_qty", "max_qty", "multiple"]), context)
    for row in 0..<rules.rowCount {
      guard case .int(let id)? = rules["product"]?[row], places[id] >= 0 else { continue }
      let i = Int(places[id])
      let low = rules["min_qty"]?[row].asDouble ?? 0
      let high = rules["max_qty"]?[row].asDouble ?? 0
      orderpoints[i] = (low + (orderpoints[i]?.low ?? 0), high + (orderpoints[i]?.high ?? 0))
      multiple[i] = Swift.max(multiple[i], rules["multiple"]?[row].asDouble ?? 0)
    }
  }
}
