import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `demand`: what each product will sell in the next thirty days, told from its recent past (R020–R024).
enum DemandCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("daily", .quantity(nil), "demand a day now: the last 7-day average"),
    Field("predicted_30d", .quantity(nil), "units expected over the next 30 days"),
    Field("trend", .text, "UP, DOWN or STABLE"),
    Field("slope", .number, "what the trend is told by; null where there is nothing to start from"),
    Field("confidence", .number, "0 to 1: coverage, steadiness and number of sale lines; 0.3 for a fallback"),
    Field("source", .text, "moving_average, or what stands in for a missing history"),
    Field("sale_days", .int, "days of the window with positive net sales"),
    Field("lines", .int, "sale lines of the window with a positive quantity"),
  ]

  static let spec = CommandSpec(
    "demand", group: "Demand",
    "Units expected over the next 30 days, with trend and confidence, a row a product.",
    help: """
      predicted_30d = 30 × the average of the last 7 days. confidence = 0.4 × days of history / window + 0.3 × (1 − \
      coefficient of variation) + 0.3 × sale lines / 30, each part at most 1. A product that has sold for fewer than 7 \
      days takes the demand stated with it (`assumed_demand`), else the median of its category, else what its \
      orderpoint implies, else its mean; `source` says which, and its confidence is 0.3. The trend is the change from \
      the first to the last week of the smoothed window as a share of the first, UP above 0.2 and DOWN below −0.2 if \
      chance does not explain it. Under `use erpconnect` only days with sales count as history, the trend is the \
      change a day of the window in units, and the fallback is the stated demand or the window's mean.
      """,
    searchWords: ["predict", "prediction", "forecast", "trend", "confidence", "moving average", "units"],
    parameters: [
      ParameterSpec(
        "product", .record("product"), position: 0, "which product, or a list; all active ones if left out"),
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(60)), in: 1...3660,
        "the window looked at, ending yesterday"),
      ParameterSpec(
        "limit", .value(.int), in: 0...1_000_000, "only the products with the largest prediction, so many"
      ),
    ] + FactFilters.records.filter { $0.name != "product" },
    examples: [
      Example("demand | top 10 by predicted_30d", "what will sell most"),
      Example(
        "demand days 90 where trend = \"DOWN\" and confidence > 0.5 | select product, name, daily, slope",
        "what is fading for sure"),
      Example("demand | summarize n = count() by source", "how many products have no history of their own"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  private static let columns = ["assumed_demand", "first_sale", "created"]

  private static func window(_ a: Arguments, _ context: RunContext) throws -> DayWindow {
    let days = try a.days("days", today: context.today) ?? 60
    return DayWindow(before: context.today, count: days)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      try DemandFacts.plan(a, context, window: window(a, context), columns: columns)
        + ["predict 30 days from the last 7-day average", "sort by prediction"]
    },
    run: { a, context in
      let facts = try DemandFacts(
        a, context, window: try window(a, context), population: .active, columns: columns)
      let predictions = try predict(facts, a, context)
      // The largest first; the smaller id of equal ones.
      var order = facts.ids.indices.sorted {
        predictions[$0].predicted == predictions[$1].predicted
          ? $0 < $1 : predictions[$0].predicted > predictions[$1].predicted
      }
      if let limit = a.int("limit") { order = Array(order.prefix(limit)) }
      let picked = facts.products.taking(order.map { Int32($0) })
      func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: order.count) }
      func quantities(_ f: (DemandPrediction) -> Double) -> Column {
        Column.doubles(.quantity(nil), order.map { f(predictions[$0]) })
      }
      return ResultTable(
        Table(
          Schema(fields),
          [
            column("product"), column("sku"), column("name"), quantities(\.daily), quantities(\.predicted),
            Column.texts(order.map { predictions[$0].trend.rawValue }),
            Column.doubles(.number, order.map { predictions[$0].slope }),
            Column.doubles(.number, order.map { predictions[$0].confidence }),
            Column.texts(order.map { predictions[$0].source.rawValue }),
            Column(.int, .ints(order.map { Int64(predictions[$0].saleDays) })),
            Column(.int, .ints(order.map { Int64(facts.lines[$0]) })),
          ]))
    })

  /// The prediction of each product of the facts.
  static func predict(_ facts: DemandFacts, _ a: Arguments, _ context: RunContext) throws
    -> [DemandPrediction]
  {
    let rule = context.settings.demand
    var predictions = try own(facts, context)
    guard rule.borrowsForNew else { return predictions }
    let bare = predictions.indices.filter { predictions[$0].source == .windowMean }
    guard !bare.isEmpty else { return predictions }
    let age = ages(facts)
    let categories = facts.texts("category")
    var medians: [String: Double] = [:]
    if bare.contains(where: { !categories[$0].isEmpty }) {
      // What a product borrows must not depend on which others were asked for with it.
      if a.isGiven("product") || a.isGiven("supplier") {
        let all = try DemandFacts(
          a.without(["product", "supplier", "category"]), context, window: facts.window, population: .active,
          columns: columns)
        medians = categoryMedians(try own(all, context), all.texts("category"))
      } else {
        medians = categoryMedians(predictions, categories)
      }
    }
    let implied = try orderpoints(facts, context)
    for i in bare {
      predictions[i] = DemandPrediction(
        facts.quantity.row(i), lines: facts.lines[i],
        substitutes: DemandSubstitutes(category: medians[categories[i]], orderpoint: implied[facts.ids[i]]),
        ageInDays: age[i], rule: rule)
    }
    return predictions
  }

  /// The median demand of the products with a history, a category with three of them or more.
  private static func categoryMedians(
    _ predictions: [DemandPrediction], _ categories: [String]
  ) -> [String: Double] {
    var known: [String: [Double]] = [:]
    for (i, p) in predictions.enumerated() where p.source == .movingAverage && !categories[i].isEmpty {
      known[categories[i], default: []].append(p.daily)
    }
    return known.compactMapValues { $0.count >= 3 ? Statistics.median($0) : nil }
  }

  /// Predictions from each product's own history and stated demand.
  private static func own(_ facts: DemandFacts, _ context: RunContext) throws -> [DemandPrediction] {
    let rule = context.settings.demand
    let stated = facts.numbers("assumed_demand")
    let age = ages(facts)
    let cancel = Cancellation.current
    var predictions: [DemandPrediction] = []
    predictions.reserveCapacity(facts.ids.count)
    try facts.quantity.forEachRow { row, y in
      if row & 0xFF == 0 { try cancel.check() }
      predictions.append(
        DemandPrediction(
          Array(y), lines: facts.lines[row], substitutes: DemandSubstitutes(stated: stated[row]),
          ageInDays: age[row], rule: rule))
    }
    return predictions
  }

  /// Days of history a product: since its first sale ever, else since it was entered, else none.
  private static func ages(_ facts: DemandFacts) -> [Int] {
    let columns = ["first_sale", "created"].map { facts.products[$0] }
    return facts.ids.indices.map { row in
      for column in columns {
        guard case .date(let first)? = column?[row] else { continue }
        return Swift.max(0, Int(facts.window.last.day) - Int(first.day) + 1)
      }
      return 0
    }
  }

  /// Units a day that orderpoints imply: the minimum lasts for a lead time, the product's own or 7 days.
  private static func orderpoints(_ facts: DemandFacts, _ context: RunContext) throws -> [Int64: Double] {
    let points = try FactFilters.scan(Scan("orderpoints", columns: ["product", "min_qty"]), context)
    guard case .ints(let products)? = points["product"]?.storage,
      case .doubles(let minimum)? = points["min_qty"]?.storage
    else { return [:] }
    var sum: [Int64: Double] = [:]
    for (product, qty) in zip(products, minimum) { sum[product, default: 0] += qty }
    var lead: [Int64: Double] = [:]
    for (id, time) in zip(facts.ids, facts.numbers("lead_time")) {
      lead[id] = time.map { $0 / CalendarDuration.millisecondsPerDay }
    }
    for (product, qty) in sum {
      let days = lead[product].flatMap { $0 >= 1 ? $0 : nil } ?? 7
      sum[product] = qty / days
    }
    return sum
  }
}
