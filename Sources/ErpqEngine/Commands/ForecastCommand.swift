import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `forecast product 101 horizon 30`: demand of the coming days, with intervals.
enum ForecastCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("date", .date, "the day"),
    Field("mean", .quantity(nil), "expected quantity"),
    Field("median", .quantity(nil), "half of the outcomes lie below"),
    Field("lo80", .quantity(nil), "10 % of the outcomes lie below"),
    Field("hi80", .quantity(nil), "90 % of the outcomes lie below"),
    Field("lo95", .quantity(nil), "2.5 % of the outcomes lie below"),
    Field("hi95", .quantity(nil), "97.5 % of the outcomes lie below"),
    Field("method", .text, "the method that was used"), Field("model_type", .text, "what was fitted in fact"),
  ]

  static let spec = CommandSpec(
    "forecast", group: "Demand", "Demand of the coming days, a row a product and day, with intervals.",
    help: """
      Without `method`, the method with the smallest error in a rolling backtest at the horizon is used, and its \
      backtest errors give the intervals. A forecast starts today; its history ends yesterday. `| plot` shows the \
      history with it. Under `use erpconnect` the method is `poly2`, a quadratic regression on the smoothed history.
      """,
    searchWords: ["predict", "prediction", "demand", "future", "sales forecast"],
    parameters: [
      ParameterSpec(
        "product", .record("product"), position: 0, "which product, or a list; all active ones if left out"),
      ParameterSpec(
        "horizon", .value(.duration(nil)), default: .duration(.days(30)), in: 1...3660, "how far ahead"),
      ParameterSpec(
        "method", .word(ForecastChoice.names), "how to forecast; the best by backtest if left out"),
      ParameterSpec(
        "days", .value(.duration(nil)), in: 1...3660,
        "how much history to learn from; 3 years, or 180 days for poly2"),
      ParameterSpec("window", .value(.int), default: .int(7), in: 1...3650, "values that method ma averages"),
    ] + FactFilters.records.filter { $0.name != "product" },
    examples: [
      Example("forecast product 101 horizon 30 | plot", "a month ahead, as a picture"),
      Example(
        "forecast product 101 horizon 4w | summarize total = sum(mean) by product",
        "expected units of four weeks"),
      Example(
        "forecast product [101, 102] method seasonal_naive horizon 7", "two products by last week's pattern"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  private static func choice(_ a: Arguments, _ context: RunContext) throws -> ForecastChoice {
    let window = a.int("window") ?? 7
    guard let name = a.text("method"), let choice = ForecastChoice(named: name, window: window) else {
      return context.settings.forecast
    }
    return choice
  }

  private static func window(_ a: Arguments, _ context: RunContext, _ choice: ForecastChoice) throws
    -> DayWindow
  {
    if let days = try a.days("days", today: context.today) {
      return DayWindow(before: context.today, count: days)
    }
    if case .method(.poly2(let settings)) = choice {
      return DayWindow(before: context.today, count: settings.lookback)
    }
    return DayWindow(before: context.today, count: 1096)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      let choice = try choice(a, context)
      let window = try window(a, context, choice)
      let how = a.text("method") ?? (context.usesDocuments ? "poly2" : "the best of four by backtest")
      return try DemandFacts.plan(a, context, window: window) + ["forecast each product: \(how)"]
    },
    run: run)

  private static func run(_ a: Arguments, _ context: RunContext) throws -> ResultTable {
    guard let horizon = try a.days("horizon", today: context.today, forward: true) else {
      throw Diagnostic(.missingArgument, "`horizon` is missing", at: a.span)
    }
    let choice = try choice(a, context)
    let facts = try DemandFacts(a, context, window: try window(a, context, choice), population: .active)
    let n = facts.ids.count
    var columns = [[Double]](repeating: [], count: 6)
    for i in columns.indices { columns[i].reserveCapacity(n * horizon) }
    var products: [Int64] = []
    var days: [Int32] = []
    var methods: [String] = []
    var models: [String] = []
    let cancel = Cancellation.current
    try facts.quantity.forEachRow { row, y in
      try cancel.check()
      if row & 63 == 0 {
        context.progress?(WorkProgress("forecast", done: Double(row), of: Double(n), unit: "products"))
      }
      let f = Forecaster.forecast(Array(y), horizon: horizon, choice: choice).forecast
      for (i, values) in [f.mean, f.median, f.lo80, f.hi80, f.lo95, f.hi95].enumerated() {
        columns[i].append(contentsOf: values)
      }
      for h in 0..<horizon {
        products.append(facts.ids[row])
        days.append(context.today.day + Int32(h))
      }
      methods.append(contentsOf: repeatElement(f.method, count: horizon))
      models.append(contentsOf: repeatElement(f.modelType.rawValue, count: horizon))
    }
    var result: [Column] = [Column(.int, .ints(products)), Column(.date, .days(days))]
    result += columns.map { Column(.quantity(nil), .doubles($0)) }
    result += [Column.texts(methods), Column.texts(models)]
    if n == 1, facts.firstSale[0] == nil {
      context.warn(
        Diagnostic(
          .dataNote,
          "product \(facts.ids[0]) sold nothing between \(facts.window.first) and \(facts.window.last): its forecast is zero"
        ))
    }
    return ResultTable(Table(Schema(fields), result), history: history(facts, horizon: horizon))
  }

  /// The days before the forecast that its picture shows: as many as the horizon again and again, at least eight weeks.
  private static func history(_ facts: DemandFacts, horizon: Int) -> Table? {
    guard facts.ids.count <= 12 else { return nil }
    let shown = Swift.min(facts.window.count, Swift.max(56, horizon * 3))
    let skip = facts.window.count - shown
    var products: [Int64] = []
    var days: [Int32] = []
    var actual: [Double] = []
    var labels: [String] = []
    let names = facts.products["name"]
    facts.quantity.forEachRow { row, y in
      let label = if case .text(let text)? = names?[row] { text } else { "product \(facts.ids[row])" }
      for i in skip..<y.count {
        labels.append(label)
        products.append(facts.ids[row])
        days.append(facts.window[i].day)
        actual.append(y[i])
      }
    }
    return Table([
      ("product", Column(.int, .ints(products))), ("date", Column(.date, .days(days))),
      ("name", Column.texts(labels)), ("actual", Column(.quantity(nil), .doubles(actual))),
    ])
  }
}
