import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// Purchases of a window by supplier: what was promised, what came, at what price.
struct SupplierFacts {
  struct Supplier {
    var name: String
    /// Lines that are due: received, or promised for a day before today.
    var due: [DeliveryLine] = []
    /// Days from order to receipt, oldest order first.
    var leads: [Double] = []
    /// Days late of receipts, in the order of their promises; negative when early.
    var lateness: [Double] = []
    /// Days promised.
    var promised: [Double] = []
    /// Spend in company currency.
    var spend = 0.0
    var lines = 0
    /// Open lines past their promised day.
    var overdue = 0
    /// Price over the product's mean price of the window, a line.
    var priceRatios: [Double] = []
    /// Products bought from it.
    var products = Set<Int64>()
  }

  /// By name.
  var suppliers: [Supplier] = []
  /// Products that only one supplier delivered, by that supplier.
  var onlySource: [String: Int] = [:]
  var spend = 0.0

  init(_ a: Arguments, _ context: RunContext, days: Int) throws {
    guard let relation = Warehouse.relation("purchases") else { return }
    let window = DayWindow(before: context.today, count: days)
    var filters = try FactFilters.conditions(
      a, context, relation: relation, only: ["product", "category", "supplier", "warehouse"])
    filters.append(ScanFilter("order_date", .range(.date(window.first), .date(window.last))))
    let table = try FactFilters.scan(
      Scan(
        "purchases",
        columns: [
          "order_date", "purchase_line", "supplier", "product", "qty", "qty_received", "planned_date",
          "received_date", "price", "amount", "state",
        ], filters: filters), context)
    var place: [String: Int] = [:]
    var prices: [Int64: (sum: Double, count: Double)] = [:]
    var bought: [(supplier: Int, product: Int64, price: Double)] = []
    var sources: [Int64: Set<Int>] = [:]
    for row in 0..<table.rowCount {
      func number(_ name: String) -> Double { table[name]?[row].asDouble ?? 0 }
      func day(_ name: String) -> CivilDate? { if case .date(let d)? = table[name]?[row] { d } else { nil } }
      if case .text(let state)? = table["state"]?[row], state == "draft" || state == "cancel" { continue }
      guard case .text(let name)? = table["supplier"]?[row], let ordered = day("order_date"),
        case .int(let product)? = table["product"]?[row]
      else { continue }
      let i = place[name] ?? suppliers.count
      if i == suppliers.count {
        place[name] = i
        suppliers.append(Supplier(name: name))
      }
      let (received, planned) = (day("received_date"), day("planned_date"))
      suppliers[i].lines += 1
      suppliers[i].spend += number("amount")
      suppliers[i].products.insert(product)
      sources[product, default: []].insert(i)
      spend += number("amount")
      let price = number("price")
      if price > 0 {
        let p = prices[product] ?? (0, 0)
        prices[product] = (p.sum + price, p.count + 1)
        bought.append((i, product, price))
      }
      if let received { suppliers[i].leads.append(Double(received.day - ordered.day)) }
      guard let planned else { continue }
      suppliers[i].promised.append(Double(planned.day - ordered.day))
      if let received { suppliers[i].lateness.append(Double(received.day - planned.day)) }
      if received == nil, planned < context.today { suppliers[i].overdue += 1 }
      if received != nil || planned < context.today {
        suppliers[i].due.append(
          DeliveryLine(
            promised: planned, done: received, ordered: number("qty"), delivered: number("qty_received")))
      }
    }
    for line in bought {
      if let p = prices[line.product], p.sum > 0 {
        suppliers[line.supplier].priceRatios.append(line.price / (p.sum / p.count))
      }
    }
    for (_, who) in sources where who.count == 1 {
      if let only = who.first { onlySource[suppliers[only].name, default: 0] += 1 }
    }
    suppliers.sort { $0.name < $1.name }
  }
}
