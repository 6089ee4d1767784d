import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `frontier`: what service a sum of safety stock buys when it lies where it does most.
enum FrontierCommand {
  static let fields = [
    Field(
      "point", .text, "frontier; today (the policy asked for); target or budget, where one is given",
      plot: .series),
    Field("safety_stock_value", .money(nil), "safety stock of all products at cost", plot: .axis),
    Field("fill_rate", .percent, "share of the demand's value met from stock", plot: .subject),
    Field("stockouts", .number, "stock-outs a year, all products"),
    Field("short_value", .money(nil), "value a year that finds no stock, at cost"),
    Field("exchange", .number, "value short a year that the last unit of money saves"),
  ]

  static let productFields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("supplier", .text, "main supplier"),
    Field("reward", .number, "value short a year that the first unit of money for it saves"),
    Field("rop_now", .quantity(nil), "reorder point of the policy asked for"),
    Field("rop", .quantity(nil), "reorder point on the frontier"),
    Field("change", .quantity(nil), "the difference"),
    Field("change_value", .money(nil), "the difference at cost: money to spend, or set free"),
    Field("fill_now", .percent, "fill rate now"), Field("fill_rate", .percent, "fill rate then"),
  ]

  private static let goals = [
    ParameterSpec(
      "goal", .word(ServiceAllocation.Goal.allCases.map(\.rawValue)), default: .text("value_short"),
      "what is to be small: the value short, or the number of stock-outs"),
    ParameterSpec("reach", .value(.percent), "a fill rate: the cheapest way to it"),
    ParameterSpec("budget", .value(.money(nil)), "a value of safety stock: the best use of it"),
  ]

  static let spec = CommandSpec(
    "frontier", group: "Inventory",
    "Service against cash: the best fill rate that each sum of safety stock buys, and where the catalogue stands.",
    help: """
      Safety stock goes where its last unit of money saves most value short (Silver, Pyke & Thomas, ch. 6: \
      P(Z > k) = λ·Q/D for every product; for `goal occasions` φ(k) = λ·v·σ·Q/D). `today` is the policy that the other \
      parameters ask for, on normal demand. `reach 98%` marks the cheapest way to a fill rate, `budget 50000` the best \
      use of a sum; `frontier products` then lists what changes.
      """,
    searchWords: ["efficient frontier", "safety stock", "budget", "service", "cash", "trade-off"],
    parameters: [
      ParameterSpec("points", .value(.int), default: .int(20), in: 2...1000, "points on the curve")
    ]
      + goals
      + ReplenishCommand.parameters,
    examples: [
      Example("frontier | plot", "the curve, and today's point"),
      Example("frontier reach 98% where point != \"frontier\"", "today against the cheapest 98 %"),
    ],
    facts: DemandFacts.changeable
  ) { _, host throws(Diagnostic) in Schema(fields, currency: host.currency) }

  static let productsSpec = CommandSpec(
    "frontier products", group: "Inventory",
    "What changes on the way to the frontier, the change that saves most for its money first.",
    searchWords: ["efficient frontier", "safety stock", "budget", "purchase list"],
    parameters: goals + ReplenishCommand.parameters,
    examples: [
      Example(
        "frontier products reach 98% where change > 0 | select name, reward, rop_now, rop, change_value | limit 5",
        "where to put the next money")
    ],
    facts: DemandFacts.changeable
  ) { _, host throws(Diagnostic) in Schema(productFields, currency: host.currency) }

  private static func problem(_ a: Arguments, _ context: RunContext) throws -> (
    ReplenishRows, [ServiceAllocation.Item]
  ) {
    var arguments = try PolicyArguments(a, context)
    arguments.settings.fillsUpByLot = true
    let facts = try ReplenishFacts.of(a, context, window: try ReplenishCommand.window(a, context))
    let rows = try ReplenishRows(facts, arguments, try SegmentPolicies.read(a, facts, context), context)
    let items = rows.plans.indices.map { i in
      ServiceAllocation.Item(
        value: rows.plans[i].unitCost ?? 0, deviation: rows.plans[i].deviation,
        demand: rows.items[i].rate * 365,
        quantity: rows.plans[i].lot)
    }
    return (rows, items)
  }

  /// The λ of a fill rate or a budget; nil when neither is given.
  private static func chosen(
    _ a: Arguments, _ context: RunContext, _ items: [ServiceAllocation.Item], _ goal: ServiceAllocation.Goal
  ) throws -> (name: String, lambda: Double)? {
    if a.isGiven("reach"), a.isGiven("budget") {
      throw Diagnostic(
        .outOfRange, "`reach` and `budget` are two ways to choose one point", at: a.span("budget"),
        label: "leave one of them out")
    }
    if let aim = try PolicyArguments.aim(a, "reach") {
      let lambda = ServiceAllocation.lambda(items, goal: goal, lowest: lowest, reaching: aim) { $0.fillRate }
      return ("target", lambda)
    }
    if let budget = try PolicyArguments.amount(a, "budget", context) {
      let lambda = ServiceAllocation.lambda(items, goal: goal, lowest: lowest, reaching: budget) {
        $0.safetyStockValue
      }
      return ("budget", lambda)
    }
    return nil
  }

  /// Safety factors do not fall below it: stock may be a little below the mean demand of the lead time.
  private static let lowest = -1.0

  static let command = Command(spec, plan: plan) { a, context in
    let points = a.int("points") ?? 20
    let (rows, items) = try problem(a, context)
    let goal = a.text("goal").flatMap { ServiceAllocation.Goal(rawValue: $0) } ?? .valueShort
    var found: [(String, ServiceAllocation.Point)] = []
    // Equal steps of money between a fill rate of 80 and 99.9 %.
    let ends = [0.8, 0.999].map { aim in
      ServiceAllocation.point(
        items, goal: goal,
        lambda: ServiceAllocation.lambda(items, goal: goal, lowest: lowest, reaching: aim) { $0.fillRate },
        lowest: lowest
      ).safetyStockValue
    }
    for k in 0..<points {
      try Cancellation.current.check()
      let value = ends[0] + (ends[1] - ends[0]) * Double(k) / Double(points - 1)
      let lambda = ServiceAllocation.lambda(items, goal: goal, lowest: lowest, reaching: value) {
        $0.safetyStockValue
      }
      found.append(("frontier", ServiceAllocation.point(items, goal: goal, lambda: lambda, lowest: lowest)))
    }
    let factors = rows.plans.map { $0.factor ?? 0 }
    found.append(("today", ServiceAllocation.measure(items, factors: factors)))
    if let (name, lambda) = try chosen(a, context, items, goal) {
      found.append((name, ServiceAllocation.point(items, goal: goal, lambda: lambda, lowest: lowest)))
    }
    let schema = Schema(fields, currency: context.company.info?.currency)
    let money = schema["short_value"]?.type ?? .money(nil)
    return ResultTable(
      Table(
        schema,
        [
          Column.texts(found.map(\.0)), Column.doubles(money, found.map(\.1.safetyStockValue)),
          Column.doubles(.percent, found.map(\.1.fillRate)),
          Column.doubles(.number, found.map(\.1.stockoutsPerYear)),
          Column.doubles(money, found.map(\.1.valueShortPerYear)),
          Column.doubles(.number, found.map(\.1.lambda)),
        ]))
  }

  static let products = Command(productsSpec, plan: plan) { a, context in
    let (rows, items) = try problem(a, context)
    let goal = a.text("goal").flatMap { ServiceAllocation.Goal(rawValue: $0) } ?? .valueShort
    guard let (_, lambda) = try chosen(a, context, items, goal) else {
      throw Diagnostic(
        .missingArgument, "`frontier products` needs a point to go to", at: a.span,
        label: "`reach 98%` or `budget 50000` is expected")
    }
    let there = ServiceAllocation.point(items, goal: goal, lambda: lambda, lowest: lowest)
    struct Line {
      var i: Int
      var reward, now, then, fillNow, fillThen: Double
    }
    var lines: [Line] = []
    for i in items.indices {
      let (p, item) = (rows.plans[i], items[i])
      guard rows.items[i].rate > 0, item.value > 0, p.deviation > 0, p.lot > 0 else { continue }
      var then = Swift.max(0, p.mean + there.factors[i] * p.deviation)
      if rows.items[i].isWhole { then = then.rounded(.up) }
      let normal = LeadTimeDemand(mean: p.mean, deviation: p.deviation)
      lines.append(
        Line(
          i: i, reward: item.demand / item.quantity * Normal.survival(p.factor ?? 0), now: p.reorderPoint,
          then: then, fillNow: normal.fillRate(reorderPoint: p.reorderPoint, quantity: p.lot),
          fillThen: normal.fillRate(reorderPoint: then, quantity: p.lot)))
    }
    lines.sort { ($0.reward, -$0.i) > ($1.reward, -$1.i) }
    let picked = rows.facts.demand.products.taking(lines.map { Int32($0.i) })
    let schema = Schema(productFields, currency: context.company.info?.currency)
    let money = schema["change_value"]?.type ?? .money(nil)
    func column(_ name: String) -> Column { picked[name] ?? .nulls(.unknown, count: lines.count) }
    return ResultTable(
      Table(
        schema,
        [
          column("product"), column("sku"), column("name"), column("supplier"),
          Column.doubles(.number, lines.map(\.reward)), Column.doubles(.quantity(nil), lines.map(\.now)),
          Column.doubles(.quantity(nil), lines.map(\.then)),
          Column.doubles(.quantity(nil), lines.map { $0.then - $0.now }),
          Column.doubles(money, lines.map { ($0.then - $0.now) * items[$0.i].value }),
          Column.doubles(.percent, lines.map(\.fillNow)), Column.doubles(.percent, lines.map(\.fillThen)),
        ], rowCount: lines.count))
  }

  private static let plan: @Sendable (Arguments, RunContext) throws -> [String] = { a, context in
    try DemandFacts.plan(a, context, window: ReplenishCommand.window(a, context))
      + ["allocate safety stock where its last unit of money saves most"]
  }
}
