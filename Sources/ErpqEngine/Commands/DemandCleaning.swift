import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// Histories of demand without what is no usual demand: days out of stock are not known instead of zero, one-off
/// bulk orders are as large as the largest usual day.
struct DemandCleaning {
  /// What `clean` takes.
  static let choices = ["all", "stockouts", "bulk", "none"]

  /// What was changed of one product.
  struct Change {
    var withoutStock: [Int] = []
    var bulk: [CleanDemand.Bulk] = []
    /// Days since 1970-01-01 on which it is on offer, coming ones among them.
    var promoted: [Int32] = []
  }

  private let facts: DemandFacts
  private let promotions: PromotionDays
  private let masksGaps: Bool
  private let cutsBulk: Bool
  /// Movements by product: where each product's begin, the days in the window and the quantities.
  private var offsets: [Int] = []
  private var days: [Int32] = []
  private var quantities: [Double] = []
  private let now: [Double?]

  /// - Parameter choice: one of `choices`.
  init(_ choice: String, _ facts: DemandFacts, _ a: Arguments, _ context: RunContext) throws {
    self.facts = facts
    cutsBulk = choice == "all" || choice == "bulk"
    // Stock of one warehouse says nothing of sales from the others.
    masksGaps = (choice == "all" || choice == "stockouts") && !a.isGiven("warehouse")
    now = facts.numbers("on_hand")
    promotions = try PromotionDays(a, facts, context)
    guard masksGaps, !facts.ids.isEmpty, let relation = Warehouse.relation("moves") else { return }
    let chosen = try FactFilters.conditions(a, context, relation: relation, only: ["product"])
    let moves = try FactFilters.scan(
      Scan(
        "moves", columns: ["product", "date", "qty"],
        filters: chosen + [
          ScanFilter("state", .equal(.text("done"))),
          ScanFilter("date", .range(.date(facts.window.first), .null)),
        ]), context)
    guard case .ints(let product)? = moves["product"]?.storage, case .days(let day)? = moves["date"]?.storage,
      case .doubles(let qty)? = moves["qty"]?.storage
    else { return }
    let place = PlacesOfIDs(facts.ids)
    let rows = product.map { Int(place[$0]) }
    offsets = Array(repeating: 0, count: facts.ids.count + 1)
    for row in rows where row >= 0 { offsets[row + 1] += 1 }
    for i in 1..<offsets.count { offsets[i] += offsets[i - 1] }
    var next = offsets
    days = Array(repeating: 0, count: offsets[facts.ids.count])
    quantities = Array(repeating: 0, count: days.count)
    for (i, row) in rows.enumerated() where row >= 0 {
      days[next[row]] = day[i] - facts.window.first.day
      quantities[next[row]] = qty[i]
      next[row] += 1
    }
  }

  /// The demand of a product before a cut, what is not known as NaN, and what was changed.
  func history(_ row: Int, before cut: Int) -> (values: [Double], change: Change) {
    var values = Array(facts.quantity.row(row)[..<cut])
    var change = Change()
    change.promoted = promotions.days(row, before: facts.window.first.day + Int32(cut))
    if cutsBulk {
      change.bulk = CleanDemand.bulk(values[...])
      for b in change.bulk { values[b.day] = b.read }
    }
    if let isOut = emptyDays(row) {
      change.withoutStock = CleanDemand.stockOuts(values[...], isOut: Array(isOut[..<cut]))
      for d in change.withoutStock { values[d] = .nan }
    }
    return (values, change)
  }

  /// All products' histories up to a day, to be forecast together, and what was cleaned of each.
  func panel(before cut: Int) -> (panel: SeriesPanel, changes: [Change]) {
    let histories = facts.ids.indices.map { history($0, before: cut) }
    let panel = SeriesPanel(
      frequency: .daily, series: histories.map(\.values),
      firstStep: Array(repeating: Int(facts.window.first.day), count: histories.count),
      category: categories, promotions: promotions.isEmpty ? [] : histories.map(\.change.promoted))
    return (panel, histories.map(\.change))
  }

  /// The category of each product as a number; empty where none is known.
  private var categories: [Int32] {
    guard let column = facts.products["category"] else { return [] }
    var codes: [Value: Int32] = [:]
    return facts.ids.indices.map { row in
      let value = column[row]
      let code = codes[value] ?? Int32(codes.count)
      codes[value] = code
      return code
    }
  }

  /// Whether nothing lay in stock all day, a day of the window; nil where nothing is known of the stock.
  ///
  /// Stock is counted back from today's by the movements since.
  private func emptyDays(_ row: Int) -> [Bool]? {
    guard masksGaps, row + 1 < offsets.count, offsets[row] < offsets[row + 1], var level = now[row] else {
      return nil
    }
    let count = facts.window.count
    var change = [Double](repeating: 0, count: count)
    var hasMoved = [Bool](repeating: false, count: count)
    for i in offsets[row]..<offsets[row + 1] {
      let d = Int(days[i])
      if d >= count {
        level -= quantities[i]
      } else if d >= 0 {
        change[d] += quantities[i]
        hasMoved[d] = true
      }
    }
    var isOut = [Bool](repeating: false, count: count)
    var wasEver = false
    for d in stride(from: count - 1, through: 0, by: -1) {
      // Empty at the end of the day, and nothing came or went on it. Sums of fractions leave dust.
      isOut[d] = level <= 1e-9 && !hasMoved[d]
      if level > 1e-9 { wasEver = true }
      level -= change[d]
    }
    return wasEver ? isOut : nil
  }
}
