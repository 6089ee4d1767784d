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
  let demand: DemandFacts
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
    rates = demand.dailyRates
    whole = demand.soldWhole
    var deviations: [Double] = []
    demand.quantity.forEachRow { _, y in deviations.append(Statistics.moments(y, .sample).deviation) }
    self.deviations = deviations
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

    var place: [Int64: Int] = [:]
    for (i, id) in demand.ids.enumerated() { place[id] = i }
    let supplied = (0..<count).map { i -> String in
      if case .text(let name)? = suppliers?[i] { name } else { "" }
    }
    // The documents know neither receipts nor conditions of suppliers.
    // What follows is the same for every window of days.
    let population = ["product", "category", "supplier"].map { "\(a[$0])" }.joined(separator: ";")
    let purchases =
      context.usesDocuments
      ? PurchaseFacts()
      : try context.kept("receipts;\(context.today);\(population)", weight: 20 * count) {
        try PurchaseFacts(place, supplied, context)
      }
    open = purchases.open
    receipts = (0..<count).map { i in purchases.own.isEmpty ? 0 : purchases.own[i].count }
    var observed: [ObservedLeadTime?] = (0..<count).map { i in
      guard !purchases.own.isEmpty else { return nil }
      let own = ObservedLeadTime(purchases.own[i])
      let all = purchases.bySupplier[supplied[i]] ?? ObservedLeadTime([])
      guard own.count >= 5 || all.count >= 5 else { return nil }
      return own.shrunk(towards: all)
    }
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
      : try context.kept("terms;\(population)", weight: 20 * count) {
        try SupplierTerms(place, supplied, context)
      }
    minimum = terms.minimum
    breaks = try terms.breaks(changed: context.changes, products: demand.products)
    multiple = terms.multiple
    orderpoints = terms.orderpoints
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

/// Purchases of the last two years: receipts with their days, and lines that are open.
struct PurchaseFacts: Sendable {
  /// Days from order to receipt, a product.
  var own: [[Double]] = []
  /// The same, all products of a supplier together.
  var bySupplier: [String: ObservedLeadTime] = [:]
  /// Open lines a product.
  var open: [[(day: Int32, units: Double)]] = []

  init() {}

  init(_ place: [Int64: Int], _ supplied: [String], _ context: RunContext) throws {
    own = Array(repeating: [], count: supplied.count)
    open = Array(repeating: [], count: supplied.count)
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
      let i = place[products[row]]
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
    bySupplier = pooled.mapValues { ObservedLeadTime($0) }
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

  init(_ place: [Int64: Int], _ supplied: [String], _ context: RunContext) throws {
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
      guard case .int(let id)? = table["product"]?[row], let i = place[id] else { continue }
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
    try readRules(place, context)
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

  private mutating func readRules(_ place: [Int64: Int], _ context: RunContext) throws {
    let rules = try FactFilters.scan(
      Scan("orderpoints", columns: ["product", "min_qty", "max_qty", "multiple"]), context)
    for row in 0..<rules.rowCount {
      guard case .int(let id)? = rules["product"]?[row], let i = place[id] else { continue }
      let low = rules["min_qty"]?[row].asDouble ?? 0
      let high = rules["max_qty"]?[row].asDouble ?? 0
      orderpoints[i] = (low + (orderpoints[i]?.low ?? 0), high + (orderpoints[i]?.high ?? 0))
      multiple[i] = Swift.max(multiple[i], rules["multiple"]?[row].asDouble ?? 0)
    }
  }
}
