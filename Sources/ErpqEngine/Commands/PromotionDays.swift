import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqTables
import ErpqWarehouse

/// The days on which products are on offer: those of a calendar, coming ones among them, and those that discounts
/// tell of the past.
struct PromotionDays {
  /// Days of the calendar, a product.
  private var calendar: [[Int32]]
  /// Sales with their discounts, a product; empty where they are not asked for.
  private var sales: [[DiscountCampaigns.Sale]] = []

  /// - Throws: `Diagnostic` for a file without products and days.
  init(_ a: Arguments, _ facts: DemandFacts, _ context: RunContext) throws {
    calendar = Array(repeating: [], count: facts.ids.count)
    if let path = a.text("promotions") {
      let table = try context.files.read(path, ReadOptions()).table
      try readCalendar(table, path, a.span("promotions"), facts, context)
    }
    if a.flag("discounts") { try readDiscounts(a, facts, context) }
  }

  /// Whether nothing is known of any promotion.
  var isEmpty: Bool { sales.isEmpty && calendar.allSatisfy(\.isEmpty) }

  /// The days of a product, ascending. Discounts from `day` on are not known yet.
  func days(_ row: Int, before day: Int32) -> [Int32] {
    guard row < sales.count else { return calendar[row] }
    let past = DiscountCampaigns.days(sales[row].filter { $0.day < day })
    return Set(calendar[row] + past).sorted()
  }

  private mutating func readCalendar(
    _ table: Table, _ path: String, _ span: SourceSpan, _ facts: DemandFacts, _ context: RunContext
  ) throws {
    func days(_ name: String) -> [Int32]? {
      if case .days(let days)? = table[name]?.storage { days } else { nil }
    }
    guard let products = table["product"], let first = days("date") else {
      throw Diagnostic(
        .badFile, "\(path) is no calendar of promotions", at: span,
        label: "it needs the columns `product` and `date`",
        notes: ["a row is a promoted day of a product, or with `until` all days from `date` to that one"])
    }
    var place: [Value: Int] = [:]
    for name in ["name", "sku", "product"] {
      guard let column = facts.products[name] else { continue }
      for row in facts.ids.indices where !column[row].isNull { place[column[row]] = row }
    }
    let last = days("until")
    for row in 0..<table.rowCount where table["date"]?.isValid(row) == true {
      guard let i = place[products[row]] else { continue }
      let end = table["until"]?.isValid(row) == true ? last?[row] ?? first[row] : first[row]
      guard end >= first[row], end - first[row] <= 3660 else {
        throw Diagnostic(
          .badFile, "\(path), row \(row + 1): the promotion ends before it begins, or lasts ten years",
          at: span,
          label: "`until` is \(CivilDate(day: end)), `date` \(CivilDate(day: first[row]))")
      }
      calendar[i] += Array(first[row]...end)
    }
    for i in calendar.indices where calendar[i].count > 1 { calendar[i] = Set(calendar[i]).sorted() }
    if calendar.allSatisfy(\.isEmpty) {
      context.warn(Diagnostic(.dataNote, "\(path) has no promotion of a product that is forecast here"))
    }
  }

  private mutating func readDiscounts(_ a: Arguments, _ facts: DemandFacts, _ context: RunContext) throws {
    guard let relation = Warehouse.relation("sales") else { return }
    let lines = try FactFilters.scan(
      Scan(
        "sales", columns: ["product", "date", "qty", "discount"],
        filters: try FactFilters.conditions(
          a, context, relation: relation, only: ["product", "customer", "warehouse"])
          + FactFilters.saleDays((facts.window.first, facts.window.last), byUTC: false)), context)
    guard case .ints(let product)? = lines["product"]?.storage, case .days(let day)? = lines["date"]?.storage,
      case .doubles(let quantity)? = lines["qty"]?.storage,
      case .doubles(let discount)? = lines["discount"]?.storage
    else { return }
    let place = PlacesOfIDs(facts.ids)
    sales = Array(repeating: [], count: facts.ids.count)
    for row in product.indices {
      let i = Int(place[product[row]])
      guard i >= 0 else { continue }
      sales[i].append(
        DiscountCampaigns.Sale(day: day[row], quantity: quantity[row], discount: discount[row]))
    }
  }
}
