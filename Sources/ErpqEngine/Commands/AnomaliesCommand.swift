import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `anomalies days 90`: days on which a product sold far more or less than it should have (R060–R062).
enum AnomaliesCommand {
  static let fields = [
    Field("date", .date, "the day; the last one of a run of days without sales"),
    Field("product", .int, "the product's id"), Field("name", .text, "the product's name"),
    Field("type", .text, "SPIKE or DROP"), Field("actual", .quantity(nil), "what was sold"),
    Field("expected", .quantity(nil), "what was to be expected"),
    Field("z", .number, "how far from expected, in standard deviations; negative for a drop"),
    Field("severity", .text, "HIGH from 4 on, MEDIUM from 3 on, else LOW"),
    Field("impact", .text, "what it may lead to"),
    Field("days", .int, "days that it speaks of: 1, or the length of a run without sales"),
    Field(
      "undetectable_drop", .bool,
      "whether a stop of all sales in these days would go unnoticed, so that only spikes can be found"),
  ]

  static let parameters =
    [
      ParameterSpec(
        "product", .record("product"), position: 0, "which product, or a list; all active ones if left out"),
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(30)), in: 1...3660,
        "the days judged, ending yesterday"),
      ParameterSpec(
        "z", .value(.number), default: .number(3), in: 1...100, "the least deviation that counts"),
      ParameterSpec(
        "method", .word(["robust", "z", "erpconnect"]),
        "against what is ordinary for the product, or the documents' mean and deviation of the days themselves"
      ),
      ParameterSpec(
        "deviation", .word(["sample", "population"]), "how method z takes the deviation: by n − 1 or by n"),
      ParameterSpec(
        "baseline", .value(.duration(nil)), default: .duration(.days(91)), in: 14...3660,
        "the days that tell method robust what is ordinary, ending yesterday; at least eight weeks more than `days`"
      ),
    ] + FactFilters.records.filter { $0.name != "product" }

  static let spec = CommandSpec(
    "anomalies", group: "Demand", "Days on which a product sold far more or far less than it should have.",
    help: """
      A product that sells on most days is held against the median of the weekday over thirteen weeks, in robust \
      deviations (0.6745 / MAD); one that sells rarely or little against a negative binomial of its other days, and \
      a stop of its sales by the chance of so many days without one. Where even a stop would be nothing unusual, \
      `undetectable_drop` is true. At the default `z 3` severity is MEDIUM or HIGH; LOW needs a lower `z`. Under \
      `use erpconnect`, z = (x − μ) / σ over the judged days themselves.
      """,
    searchWords: ["outlier", "outliers", "spike", "drop", "unusual", "z score"], parameters: parameters,
    examples: [
      Example("anomalies days 90 where abs(z) > 4 and type = \"SPIKE\" | sort z desc", "the largest spikes"),
      Example(
        "anomalies days 14 where type = \"DROP\" | select date, name, actual, expected, impact",
        "what stopped selling"),
      Example(
        "anomalies days 30 z 2 | summarize n = count() by type, severity", "how many, with a lower bar"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  /// How the arguments want days to be judged.
  private static func rule(_ a: Arguments, _ context: RunContext) throws -> (rule: AnomalyRule, days: Int) {
    var rule = context.settings.anomalies
    switch a.text("method") {
    case "erpconnect"?: rule = .erpconnect
    case let name?:
      rule.method = name == "z" ? .z : .robust
      if rule.method == .robust, a.isGiven("deviation") {
        throw Diagnostic(
          .unknownParameter, "`deviation` belongs to method z", at: a.span("deviation"), label: "leave it out"
        )
      }
    case nil: break
    }
    // Whoever names a deviation wants the formula that has one.
    if let name = a.text("deviation"), let deviation = Deviation(rawValue: name) {
      rule.method = .z
      rule.deviation = deviation
    }
    rule.threshold = a.number("z") ?? 3
    // Of what was a variable only now the value is known.
    guard (1...100).contains(rule.threshold) else {
      throw Diagnostic.outOfBounds(
        "z", 1...100, days: false, found: formatNumber(rule.threshold), a.span("z"))
    }
    let days = try a.days("days", today: context.today) ?? 30
    rule.baseline = try a.days("baseline", today: context.today) ?? 91
    return (rule, days)
  }

  /// The days read. What is ordinary needs days before the judged ones, at least eight weeks.
  private static func window(_ rule: AnomalyRule, _ days: Int, _ context: RunContext) -> DayWindow {
    DayWindow(before: context.today, count: rule.method == .z ? days : Swift.max(days + 56, rule.baseline))
  }

  static func plan(_ a: Arguments, _ context: RunContext) throws -> [String] {
    let (rule, days) = try rule(a, context)
    let window = window(rule, days, context)
    return try DemandFacts.plan(a, context, window: window, columns: ["first_sale"])
      + [
        rule.method == .z
          ? "judge \(days) days by their mean and deviation"
          : "judge \(days) days by what is ordinary in \(window.count) days",
        "sort by date, then by product",
      ]
  }

  /// The anomalies and the facts they were found in.
  static func find(_ a: Arguments, _ context: RunContext) throws -> (DemandFacts, Anomalies, AnomalyRule) {
    let (rule, days) = try rule(a, context)
    let window = window(rule, days, context)
    let facts = try DemandFacts(
      a, context, window: window, population: .active, columns: ["first_sale"])
    let firstSale = facts.products["first_sale"]
    let ages = facts.ids.indices.map { row -> Int in
      guard case .date(let first)? = firstSale?[row] else { return 0 }
      return Swift.max(0, Int(window.last.day) - Int(first.day) + 1)
    }
    return (facts, try Anomalies(facts.quantity, days: days, ages: ages, rule: rule), rule)
  }

  static let command = Command(spec, plan: plan) { a, context in
    let (facts, anomalies, rule) = try find(a, context)
    let found = anomalies.found
    let impact = impacts(facts, rule)
    let picked = facts.products.taking(found.map { Int32($0.series) })
    return ResultTable(
      Table(
        Schema(fields),
        [
          Column(.date, .days(found.map { facts.window[$0.column].day })),
          picked["product"] ?? .nulls(.int, count: found.count),
          picked["name"] ?? .nulls(.text, count: found.count), Column.texts(found.map(\.type.rawValue)),
          Column.doubles(.quantity(nil), found.map(\.actual)),
          Column.doubles(.quantity(nil), found.map(\.expected)), Column.doubles(.number, found.map(\.z)),
          Column.texts(found.map(\.severity.rawValue)), Column.texts(found.map(impact)),
          Column(.int, .ints(found.map { Int64($0.days) })),
          Column(.bool, values: found.map { .bool(anomalies.undetectableDrop[$0.series]) }),
        ]))
  }

  /// What an anomaly may lead to. A spike threatens the stock if the stock does not last for the lead time.
  private static func impacts(_ facts: DemandFacts, _ rule: AnomalyRule) -> (Anomaly) -> String {
    guard rule.looksAtStock else {
      return { $0.type == .spike ? "Potential stockout risk" : "Potential lost sales" }
    }
    let onHand = facts.numbers("on_hand")
    let lead = facts.numbers("lead_time").map { $0.map { $0 / CalendarDuration.millisecondsPerDay } }
    let types = facts.texts("type")
    let rates = facts.dailyRates
    return { anomaly in
      let i = anomaly.series
      let stock = types[i] == "product" || types[i].isEmpty ? onHand[i] : nil
      switch anomaly.type {
      case .drop: return (stock ?? 1) <= 0 ? "Out of stock, lost sales" : "Potential lost sales"
      case .spike:
        guard let stock else { return "Unusual demand" }
        return stock < rates[i] * (lead[i] ?? 7) ? "Potential stockout risk" : "Covered by stock"
      }
    }
  }
}

/// `anomalies summary`: how many anomalies there are (R062).
enum AnomaliesSummaryCommand {
  static let fields = [
    Field("total", .int, "anomalies"), Field("spikes", .int, "more than expected"),
    Field("drops", .int, "less than expected"), Field("high", .int, "of severity HIGH"),
    Field("medium", .int, "of severity MEDIUM"), Field("low", .int, "of severity LOW"),
    Field("products", .int, "products looked at"), Field("affected", .int, "products with an anomaly"),
    Field("undetectable_drops", .int, "products whose sales could stop without being noticed"),
  ]

  static let spec = CommandSpec(
    "anomalies summary", group: "Demand", "How many anomalies there are, by type and severity.",
    searchWords: ["outliers", "spikes", "drops"], parameters: AnomaliesCommand.parameters,
    examples: [Example("anomalies summary days 90", "a quarter's anomalies in one row")]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  static let command = Command(spec, plan: AnomaliesCommand.plan) { a, context in
    let (facts, anomalies, _) = try AnomaliesCommand.find(a, context)
    let found = anomalies.found
    func count(_ test: (Anomaly) -> Bool) -> Int { found.reduce(0) { $0 + (test($1) ? 1 : 0) } }
    let numbers = [
      found.count, count { $0.type == .spike }, count { $0.type == .drop }, count { $0.severity == .high },
      count { $0.severity == .medium }, count { $0.severity == .low }, facts.ids.count,
      Set(found.map(\.series)).count, anomalies.undetectableDrop.reduce(0) { $0 + ($1 ? 1 : 0) },
    ]
    return ResultTable(Table(Schema(fields), numbers.map { Column(.int, .ints([Int64($0)])) }))
  }
}
