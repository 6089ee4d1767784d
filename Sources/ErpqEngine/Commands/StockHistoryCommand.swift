import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `stock history days 30`: what lay in stock at the end of each day, counted back from today's stock by the movements
/// since.
enum StockHistoryCommand {
  private static let keys = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("category", .text, "category"),
  ]
  private static let sums = [
    Field("on_hand", .quantity(nil), "in stock at the end of the day"),
    Field("stock_value", .money(nil), "on hand times today's cost"),
    Field("received", .quantity(nil), "came in on the day, returns included"),
    Field("issued", .quantity(nil), "went out on the day"),
  ]
  private static let dayOnly = [
    Field("products", .int, "products that existed on the day"),
    Field("out_of_stock", .int, "of these, without stock at the end of the day"),
  ]

  private static func fields(byDay: Bool, currency: String?) -> [Field] {
    var fields = [Field("date", .date, "the day")] + (byDay ? [] : keys) + sums + (byDay ? dayOnly : [])
    for i in fields.indices where fields[i].type == .money(nil) { fields[i].type = .money(currency) }
    return fields
  }

  static let spec = CommandSpec(
    "stock history", group: "Inventory",
    "Stock at the end of each day, counted back from today by the movements.",
    help: """
      A row a product and day, from the day the product came into the company; `by day` gives a row a day with the sums. \
      Values use today's cost, because earlier costs are not kept. Stocked, active products only.
      """,
    searchWords: ["inventory", "balance", "stock level", "out of stock days"],
    parameters: [
      ParameterSpec(
        "by", .word(["product", "day"]), default: .text("product"), "a row a product and day, or a row a day")
    ] + FactFilters.period + FactFilters.records.filter { $0.name != "customer" },
    examples: [
      Example("stock history product 101 days 60 | plot on_hand vs date", "two months of one product"),
      Example(
        "stock history by day days 90 | summarize mean = avg(stock_value), worst = max(out_of_stock)",
        "what the stock was worth, and how much was missing"),
    ]
  ) { arguments, host throws(Diagnostic) in
    Schema(fields(byDay: arguments.constant("by") == .text("day"), currency: host.currency))
  }

  private static func window(_ a: Arguments, _ context: RunContext) throws -> MetricPeriod {
    let range = try FactFilters.range(a, context)
    let yesterday = context.today.adding(days: -1)
    let last = min(range.last ?? yesterday, yesterday)
    let first = range.first ?? last.adding(days: -29)
    guard first <= last else {
      throw Diagnostic(
        .outOfRange, "no day of this period has ended: it begins on \(first)", at: a.span("since"),
        label: "today is \(context.today)")
    }
    return MetricPeriod(first: first, last: last)
  }

  private static let productColumns = [
    "product", "sku", "name", "category", "cost", "on_hand", "created", "first_sale",
  ]

  private static func scans(_ a: Arguments, _ context: RunContext, _ window: MetricPeriod) throws -> (
    Scan, Scan
  ) {
    guard let products = Warehouse.relation("products"), let moves = Warehouse.relation("moves") else {
      throw Diagnostic(.runtime, "no movements")
    }
    var filters = try FactFilters.conditions(
      a, context, relation: products, only: ["product", "category", "supplier"])
    filters.append(ScanFilter("type", .equal(.text("product"))))
    if !a.isGiven("product") { filters.append(ScanFilter("active", .equal(.bool(true)))) }
    let chosen = try FactFilters.conditions(a, context, relation: moves, only: ["product", "warehouse"])
    return (
      Scan("products", columns: productColumns, filters: filters),
      Scan(
        "moves", columns: ["product", "date", "qty"],
        filters: chosen + [
          ScanFilter("state", .equal(.text("done"))),
          ScanFilter("date", .range(.date(window.first), .null)),
        ])
    )
  }

  static let command = Command(
    spec,
    scans: { a, context in
      let (products, moves) = try scans(a, context, try window(a, context))
      return [products, moves]
    },
    run: { a, context in
      let window = try window(a, context)
      let (productScan, moveScan) = try scans(a, context, window)
      let products = try FactFilters.scan(productScan, context)
      let history = try StockHistory(
        products, moves: FactFilters.scan(moveScan, context), window,
        now: a.isGiven("warehouse") ? stockThere(a, context) : nil)
      let byDay = a.text("by") == "day"
      let fields = fields(byDay: byDay, currency: context.host.currency)
      return ResultTable(
        byDay ? history.byDay(Schema(fields)) : try history.byProduct(Schema(fields), products))
    })

  /// Stock of some warehouses, by product.
  private static func stockThere(_ a: Arguments, _ context: RunContext) throws -> [Int64: Double] {
    guard let relation = Warehouse.relation("stock") else { return [:] }
    let filters = try FactFilters.conditions(a, context, relation: relation, only: ["warehouse"])
    let stock = try FactFilters.scan(
      Scan("stock", columns: ["product", "on_hand"], filters: filters), context)
    var found: [Int64: Double] = [:]
    guard case .ints(let ids)? = stock["product"]?.storage else { return found }
    for (i, id) in ids.enumerated() { found[id, default: 0] += stock["on_hand"]?[i].asDouble ?? 0 }
    return found
  }
}

/// Balances of products by day.
private struct StockHistory {
  private let window: MetricPeriod
  private let days: Int
  private let count: Int
  private var balance: [Double]
  private var received: [Double]
  private var issued: [Double]
  private var cost: [Double]
  /// The first day of the window on which a product existed.
  private var begins: [Int]

  /// - Parameter now: stock of today where it is not the products' own.
  init(_ products: Table, moves: Table, _ window: MetricPeriod, now: [Int64: Double]?) throws {
    self.window = window
    days = window.days
    count = products.rowCount
    let cells = days * count
    guard cells <= 40_000_000 else {
      throw Diagnostic(
        .outOfRange, "\(counted(count, "product")) over \(counted(days, "day")) are too many rows",
        label: "choose a shorter period or fewer products")
    }
    (received, issued) = ([Double](repeating: 0, count: cells), [Double](repeating: 0, count: cells))
    cost = (0..<count).map { products["cost"]?[$0].asDouble ?? 0 }
    var ids: [Int64] = []
    if case .ints(let list)? = products["product"]?.storage { ids = list }
    var place: [Int64: Int] = [:]
    for (i, id) in ids.enumerated() { place[id] = i }
    var current = ids.enumerated().map { i, id in
      now.map { $0[id] ?? 0 } ?? products["on_hand"]?[i].asDouble ?? 0
    }
    begins = (0..<count).map { row in
      var first: Int32 = .max
      for name in ["created", "first_sale"] {
        if case .date(let d)? = products[name]?[row] { first = min(first, d.day) }
      }
      return first == .max ? 0 : max(0, Int(first - window.first.day))
    }
    if case .ints(let product)? = moves["product"]?.storage, case .days(let day)? = moves["date"]?.storage,
      case .doubles(let qty)? = moves["qty"]?.storage
    {
      for i in 0..<product.count {
        guard let row = place[product[i]] else { continue }
        let d = Int(day[i] - window.first.day)
        // Counted back to the end of the window first.
        if d >= days {
          current[row] -= qty[i]
        } else if qty[i] >= 0 {
          received[row * days + d] += qty[i]
        } else {
          issued[row * days + d] -= qty[i]
        }
      }
    }
    balance = [Double](repeating: 0, count: cells)
    for row in 0..<count {
      var level = current[row]
      for d in stride(from: days - 1, through: 0, by: -1) {
        balance[row * days + d] = level
        level -= received[row * days + d] - issued[row * days + d]
      }
    }
  }

  func byDay(_ schema: Schema) -> Table {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: days), count: 4)
    var (existing, empty) = ([Int64](repeating: 0, count: days), [Int64](repeating: 0, count: days))
    for row in 0..<count {
      for d in 0..<days {
        let at = row * days + d
        sums[0][d] += balance[at]
        sums[1][d] += balance[at] * cost[row]
        sums[2][d] += received[at]
        sums[3][d] += issued[at]
        guard d >= begins[row] else { continue }
        existing[d] += 1
        // Sums of fractions leave dust.
        if balance[at] <= 1e-9 { empty[d] += 1 }
      }
    }
    let dates = Column(.date, .days((0..<days).map { window.first.day + Int32($0) }))
    return Table(
      schema,
      [dates] + zip(schema.fields[1...4], sums).map { Column($0.type, .doubles($1)) } + [
        Column(.int, .ints(existing)), Column(.int, .ints(empty)),
      ], rowCount: days)
  }

  func byProduct(_ schema: Schema, _ products: Table) throws -> Table {
    var rows: [Int32] = []
    var dates: [Int32] = []
    var cells: [Int] = []
    let cancel = Cancellation.current
    for row in 0..<count {
      if row & 255 == 0 { try cancel.check() }
      guard begins[row] < days else { continue }
      for d in begins[row]..<days {
        rows.append(Int32(row))
        dates.append(window.first.day + Int32(d))
        cells.append(row * days + d)
      }
    }
    let keys = products.selecting(["product", "sku", "name", "category"]).taking(rows)
    let values = [
      cells.map { balance[$0] }, zip(cells, rows).map { balance[$0] * cost[Int($1)] },
      cells.map { received[$0] },
      cells.map { issued[$0] },
    ]
    return Table(
      schema,
      [Column(.date, .days(dates))] + keys.columns
        + zip(schema.fields.suffix(4), values).map { Column($0.type, .doubles($1)) }, rowCount: cells.count)
  }
}
