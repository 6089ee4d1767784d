import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// The facts that the business commands share: which products, and what each sold on which day.
struct DemandFacts {
  /// The products asked for, in the order of their ids.
  var products: Table
  /// Their ids.
  var ids: [Int64]
  /// The window of days.
  var window: DayWindow
  /// Net quantity a product and day.
  var quantity: DailyMatrix
  /// Revenue a product over the window, in company currency.
  var revenue: [Double]
  /// First day with a sale in the window, a product; nil without one.
  var firstSale: [CivilDate?]
  /// Sale lines with a positive quantity in the window, a product.
  var lines: [Int]

  /// Which products a command speaks of.
  enum Population {
    /// Active ones of every type.
    case active
    /// Active ones that are stocked.
    case stocked
  }

  static let productColumns = [
    "product", "sku", "name", "category", "type", "active", "price", "cost", "supplier", "lead_time",
    "on_hand", "reserved",
    "incoming",
  ]

  /// What will be read, for `explain`.
  static func plan(
    _ a: Arguments, _ context: RunContext, window: DayWindow, columns: [String] = []
  ) throws -> [String] {
    let warehouse = try context.company.warehouse()
    return [
      "scan " + (try warehouse.description(of: Scan("products", columns: productColumns + columns))),
      "scan "
        + (try warehouse.description(of: salesScan(a, context, window, byUTC: context.usesDocuments))),
    ]
  }

  private static func salesScan(_ a: Arguments, _ context: RunContext, _ window: DayWindow, byUTC: Bool)
    throws -> Scan
  {
    let sales = Warehouse.relation("sales")
    var filters: [ScanFilter] = []
    if let sales {
      // One product is cheaper by its index; a category or supplier selects among the products read anyway.
      filters += try FactFilters.conditions(
        a, context, relation: sales, only: ["product", "customer", "warehouse"])
    }
    let day = byUTC ? "date_utc" : "date"
    filters += FactFilters.saleDays((window.first, window.last), byUTC: byUTC)
    return Scan("sales", columns: ["product", day, "qty", "amount"], filters: filters)
  }

  /// Reads the products and their sales over a window.
  ///
  /// - Parameter columns: columns of the products beside the usual ones.
  init(
    _ a: Arguments, _ context: RunContext, window: DayWindow, population: Population, columns: [String] = []
  ) throws {
    self.window = window
    guard let relation = Warehouse.relation("products") else { throw Diagnostic(.runtime, "no products") }
    var filters = try FactFilters.conditions(
      a, context, relation: relation, only: ["product", "category", "supplier"])
    // A product that is named is wanted even when it is archived.
    if !a.isGiven("product") { filters.append(ScanFilter("active", .equal(.bool(true)))) }
    if population == .stocked, !a.isGiven("product") {
      filters.append(ScanFilter("type", .equal(.text("product"))))
    }
    let scan = Scan("products", columns: DemandFacts.productColumns + columns, filters: filters)
    // The same for every window of days.
    let chosen = try context.kept("products;\(scan.columns ?? []);\(filters)") {
      let chosen = ChosenProducts(try FactFilters.scan(scan, context))
      return (chosen, weight: chosen.ids.count * (scan.columns?.count ?? 0))
    }
    products = chosen.table
    let ids = chosen.ids
    self.ids = ids
    let byUTC = context.usesDocuments
    let sales = try DemandFacts.salesScan(a, context, window, byUTC: byUTC)
    let conditions = sales.filters.filter { !$0.isRange }
    // Lines of more days answer for fewer.
    let known = try context.kept(
      "lines;\(byUTC);\(conditions);\(filters)", isEnough: { (known: LinesByProduct) in known.covers(window) }
    ) {
      let lines = LinesByProduct(
        try FactFilters.scan(sales, context), day: byUTC ? "date_utc" : "date", window, chosen.places,
        ids.count)
      return (lines, weight: 3 * lines.days.count)
    }
    let sums = try known.summed(over: window)
    (quantity, revenue, lines) = (sums.quantity, sums.revenue, sums.lines)
    firstSale = sums.first.map { $0 == .max ? nil : CivilDate(day: $0) }
    if !context.changes.isEmpty { try change(by: context.changes) }
  }

  /// The facts that a scenario may change.
  static let changeable = ["demand", "price", "cost", "lead_time", "supply"]

  /// Applies a scenario: demand scales every day's quantity and its revenue, a price its revenue, supply that is off
  /// leaves nothing incoming.
  private mutating func change(by changes: FactChanges) throws {
    let products = self.products
    var factors = [Double?](repeating: 1, count: ids.count)
    try changes.apply("demand", to: &factors, products: products)
    if factors.contains(where: { $0 != 1 }) {
      soldWhole = quantity.summaries(.sample).map(\.isWhole)
      quantity.scale { Swift.max(0, (factors[$0] ?? 1)) }
      for i in revenue.indices { revenue[i] *= Swift.max(0, factors[i] ?? 1) }
    }
    for name in ["price", "cost"] {
      let before = numbers(name)
      var after = before
      try changes.apply(name, to: &after, products: products)
      guard after != before, let type = products[name]?.type else { continue }
      self.products = self.products.setting(name, Column.doubles(type, after))
      guard name == "price" else { continue }
      for i in revenue.indices {
        if let old = before[i], let new = after[i], old > 0 { revenue[i] *= new / old }
      }
    }
    let off = try changes.isOff("supply", products: products)
    if off.contains(true), let type = products["incoming"]?.type {
      let incoming = numbers("incoming").enumerated().map { off[$0.offset] ? 0 : $0.element }
      self.products = self.products.setting("incoming", Column.doubles(type, incoming))
    }
  }

  /// A numeric column of the products, nulls as nil.
  func numbers(_ name: String) -> [Double?] {
    guard let column = products[name], case .doubles(let values) = column.storage else {
      return Array(repeating: nil, count: ids.count)
    }
    guard let validity = column.validity else { return values.map { Optional($0) } }
    return values.enumerated().map { validity[$0] ? $1 : nil }
  }

  /// A text column of the products, nulls as empty.
  func texts(_ name: String) -> [String] {
    guard let column = products[name] else { return Array(repeating: "", count: ids.count) }
    return (0..<ids.count).map { if case .text(let text) = column[$0] { text } else { "" } }
  }

  /// Net units a day over the window, a product.
  var dailyRates: [Double] {
    let n = Double(Swift.max(1, window.count))
    return quantity.summaries(.sample).map { $0.sum / n }
  }

  /// Whether a product was sold in whole units only, before a scenario changed its quantities; nil where none did.
  private(set) var soldWhole: [Bool]?
}

/// The products that a command speaks of.
private struct ChosenProducts: Sendable {
  let table: Table
  let ids: [Int64]
  let places: PlacesOfIDs

  init(_ table: Table) {
    self.table = table
    ids = if case .ints(let ids)? = table["product"]?.storage { ids } else { [] }
    places = PlacesOfIDs(ids)
  }
}

/// Where each id stands in a list: ids of records are small numbers, close together.
struct PlacesOfIDs: Sendable {
  private var dense: [Int32] = []
  private var sparse: [Int64: Int32] = [:]

  init(_ ids: [Int64]) {
    let largest = ids.max() ?? -1
    if largest < Int64(ids.count) * 8 + 1024, (ids.min() ?? 0) >= 0 {
      dense = Array(repeating: -1, count: Int(largest) + 1)
      for (i, id) in ids.enumerated() { dense[Int(id)] = Int32(i) }
    } else {
      for (i, id) in ids.enumerated() { sparse[id] = Int32(i) }
    }
  }

  /// The places of ids.
  func of(_ ids: [Int64]) -> [Int32] {
    guard sparse.isEmpty else { return ids.map { sparse[$0] ?? -1 } }
    let limit = UInt64(dense.count)
    return dense.withUnsafeBufferPointer { dense in
      ids.map { UInt64(bitPattern: $0) < limit ? dense[Int($0)] : -1 }
    }
  }

  /// The place of an id; -1 for one that is not in the list.
  subscript(id: Int64) -> Int32 {
    if sparse.isEmpty { return id >= 0 && id < Int64(dense.count) ? dense[Int(id)] : -1 }
    return sparse[id] ?? -1
  }
}

extension Column {
  /// A column of numbers of a type, from optional values.
  static func doubles(_ type: ValueType, _ values: [Double?]) -> Column {
    var valid = Bitmap(repeating: true, count: values.count)
    for (i, v) in values.enumerated() where v == nil || !(v?.isFinite ?? false) { valid[i] = false }
    return Column(type, .doubles(values.map { ($0?.isFinite ?? false) ? $0 ?? 0 : 0 }), validity: valid)
  }

  /// A column of texts.
  static func texts(_ values: [String]) -> Column {
    var builder = TextDictionaryBuilder()
    // The same word often stands in many rows on end.
    var last: (text: String, code: Int32)?
    let codes = values.map { text in
      if let last, last.text == text { return last.code }
      let code = builder.code(for: text)
      last = (text, code)
      return code
    }
    if builder.count == 0 { _ = builder.code(for: "") }
    return Column(.text, .codes(codes, builder.build()))
  }
}
