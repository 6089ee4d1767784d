import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `segment days 60`: ABC by revenue and XYZ by the steadiness of demand.
enum SegmentCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("name", .text, "the product's name"),
    Field("abc", .text, "A, B or C: importance by revenue"),
    Field("xyz", .text, "X, Y or Z: steadiness of demand"),
    Field("class", .text, "both letters"), Field("amount", .money(nil), "revenue of the window"),
    Field("cv", .number, "coefficient of variation of demand; null without demand"),
    Field("cum_share", .percent, "revenue up to and including this product, of all revenue"),
  ]

  static let parameters =
    [
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(60)), in: 1...3660,
        "the window, ending yesterday"),
      ParameterSpec(
        "abc", .word(["before", "inclusive", "pareto", "erpconnect"]),
        "how revenue is cut: cumulative share before the item against 20/50, including it, or 80/95"),
      ParameterSpec(
        "xyz", .word(["day", "week", "month"]), "what demand is summed over before its variation is taken"),
    ] + FactFilters.records

  static let spec = CommandSpec(
    "segment", group: "Inventory", "ABC and XYZ classes of every active product.",
    help: """
      A is the first 20 % of revenue, B up to 50 %, C the rest, by the cumulative share before the item, so the best \
      seller is always A. X varies by less than 0.3 of its mean, Y by less than 0.7, Z more, on weekly sums. \
      `abc pareto` cuts at 80 and 95 %. Under `use erpconnect` shares include the item and variation is daily.
      """,
    searchWords: ["abc", "xyz", "classification", "pareto", "classes"], parameters: parameters,
    examples: [
      Example("segment days 60 where abc = \"A\"", "the products that carry the revenue"),
      Example(
        "segment days 180 | summarize n = count(), amount = sum(amount) by class | sort class",
        "how the catalogue splits"),
    ],
    facts: DemandFacts.changeable
  ) { _, host throws(Diagnostic) in
    var schema = Schema(fields)
    schema.fields[5].type = .money(host.currency)
    return schema
  }

  static func rule(_ a: Arguments, _ context: RunContext) -> SegmentationRule {
    var rule = context.settings.segmentation
    if let name = a.text("abc"), let abc = ABCRule(named: name == "erpconnect" ? "inclusive" : name) {
      rule.abc = abc
    }
    if let name = a.text("xyz"), let bucket = XYZBucket(rawValue: name) { rule.xyz.bucket = bucket }
    return rule
  }

  static func facts(_ a: Arguments, _ context: RunContext) throws -> (DemandFacts, Segmentation) {
    let days = try a.days("days", today: context.today) ?? 60
    let facts = try DemandFacts(
      a, context, window: DayWindow(before: context.today, count: days), population: .active)
    let segments = try Segmentation(
      values: facts.revenue, demand: facts.quantity, ids: facts.ids, rule: rule(a, context))
    if segments.xyz.allSatisfy({ $0.cv == nil }), facts.revenue.contains(where: { $0 > 0 }) {
      context.warn(
        Diagnostic(
          .dataNote, "\(counted(days, "day")) hold too few whole periods to tell how steady demand is",
          notes: ["take a longer window, such as `days 365`, or a shorter period"]))
    }
    return (facts, segments)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      let days = try a.days("days", today: context.today) ?? 60
      return try DemandFacts.plan(a, context, window: DayWindow(before: context.today, count: days))
        + ["classify: revenue by cumulative share, demand by its variation", "sort by revenue"]
    },
    run: { a, context in
      let (facts, s) = try facts(a, context)
      let order = s.abc.order
      let segments = s.segments
      let names = facts.products["name"]
      let pick: (Int) -> String = { i in if case .text(let t)? = names?[i] { t } else { "" } }
      // Products without revenue come last and add nothing.
      let shares = order.map { i -> Double? in
        s.abc.total > 0 ? s.abc.cumulativePercent[i].map { $0 / 100 } ?? 1 : nil
      }
      let currency = facts.products["price"]?.type ?? .money(nil)
      return ResultTable(
        Table(
          Schema(fields),
          [
            Column(.int, .ints(order.map { facts.ids[$0] })), Column.texts(order.map(pick)),
            Column.texts(order.map { s.abc.classes[$0].rawValue }),
            Column.texts(order.map { s.xyz[$0].cls.rawValue }),
            Column.texts(order.map { segments[$0].description }),
            Column(currency, .doubles(order.map { facts.revenue[$0] })),
            Column.doubles(.number, order.map { s.xyz[$0].cv }), Column.doubles(.percent, shares),
          ]))
    })
}

/// `segment matrix`: the nine cells with their counts and strategies (R052).
enum SegmentMatrixCommand {
  static let fields = [
    Field("class", .text, "the cell"), Field("products", .int, "how many products lie in it"),
    Field("amount", .money(nil), "their revenue"), Field("share", .percent, "of all revenue"),
    Field("strategy", .text, "how to manage them"),
  ]

  static let spec = CommandSpec(
    "segment matrix", group: "Inventory",
    "The nine ABC/XYZ cells: how many products, how much revenue, which strategy.",
    searchWords: ["abc", "xyz", "matrix", "strategy"], parameters: SegmentCommand.parameters,
    examples: [Example("segment matrix days 90", "where the catalogue's weight lies")]
  ) { _, host throws(Diagnostic) in
    var schema = Schema(fields)
    schema.fields[2].type = .money(host.currency)
    return schema
  }

  static let command = Command(spec, plan: SegmentCommand.command.plan) { a, context in
    let (facts, s) = try SegmentCommand.facts(a, context)
    var cells: [Segment] = []
    for abc in ABCClass.allCases { for xyz in XYZClass.allCases { cells.append(Segment(abc, xyz)) } }
    let all = s.segments
    var counts: [Int64] = []
    var amounts: [Double] = []
    for cell in cells {
      counts.append(Int64(s.count(cell)))
      amounts.append(all.indices.reduce(0) { $0 + (all[$1] == cell ? facts.revenue[$1] : 0) })
    }
    let total = amounts.reduce(0, +)
    return ResultTable(
      Table(
        Schema(fields),
        [
          Column.texts(cells.map(\.description)), Column(.int, .ints(counts)),
          Column(facts.products["price"]?.type ?? .money(nil), .doubles(amounts)),
          Column.doubles(.percent, amounts.map { total > 0 ? $0 / total : nil }),
          Column.texts(cells.map(\.strategy)),
        ]))
  }
}
