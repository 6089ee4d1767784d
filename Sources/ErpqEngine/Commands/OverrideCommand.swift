import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `override product 101 in 2026-08 qty 500`: what a planner knows better than the forecast.
enum OverrideCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("first", .date, "first day of the period"),
    Field("last", .date, "its last day"),
    Field("qty", .quantity(nil), "units set; null where it was removed"),
    Field("note", .text, "why"),
  ]

  static let spec = CommandSpec(
    "override", group: "Demand",
    "Sets the units that a product will sell in a period, in the place of a forecast.",
    help: """
      The relation `overrides` holds them, beside `forecast_log` with what the forecasts said, so that both can be held \
      against `sales` when the period is over. `remove` takes one back.
      """,
    searchWords: ["manual", "planner", "adjust", "correct", "judgement"],
    parameters: [
      ParameterSpec("product", .record("product"), required: true, position: 0, "which product, or a list"),
      ParameterSpec("qty", .value(.number), in: 0...1_000_000_000, "units over the whole period, a product"),
      ParameterSpec("in", .value(.period(nil)), "the month, quarter or week: 2026-08, 2026-Q3, 2026-W32"),
      ParameterSpec("since", .value(.date), "the period's first day, where it is no calendar period"),
      ParameterSpec("until", .value(.date), "its last day"),
      ParameterSpec("note", .value(.text), "why"),
      ParameterSpec("remove", .flag, "takes the override of exactly this period back"),
    ],
    examples: [
      Example(
        "override product 101 in 2026-08 qty 500 note \"trade fair\"", "a month that the history cannot know"),
      Example("override product 101 in 2026-08 remove", "back to the forecast"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  static let command = Command(spec, plan: { _, _ in ["write into `overrides`"] }) { a, context in
    let range = try FactFilters.range(a.without(["days"]), context)
    guard let first = range.first, let last = range.last else {
      throw Diagnostic(
        .missingArgument, "`override` is not told which period", at: a.span,
        label: "add `in 2026-08`, or `since` and `until`")
    }
    let qty = a.number("qty").flatMap { $0.isFinite ? $0 : nil }
    guard a.flag("remove") != (qty != nil) else {
      throw Diagnostic(
        .missingArgument, "`override` takes either `qty` or `remove`", at: a.span, label: "one of them")
    }
    if let qty, !(0...1e9).contains(qty) {
      throw Diagnostic.outOfBounds(
        "qty", 0...1_000_000_000, days: false, found: formatNumber(qty), a.span("qty"))
    }
    let products = try FactFilters.records(a, "product", .product, context).map(\.id)
    try context.company.write { warehouse in
      for product in products {
        try warehouse.setOverride(
          product: product, first: first, last: last, qty: qty, note: a.text("note"), made: context.today)
      }
    }
    let n = products.count
    return ResultTable(
      Table(
        Schema(fields),
        [
          Column(.int, .ints(products)), Column(.date, .days(Array(repeating: first.day, count: n))),
          Column(.date, .days(Array(repeating: last.day, count: n))),
          Column.doubles(.quantity(nil), Array(repeating: qty, count: n)),
          Column(.text, values: Array(repeating: a.text("note").map { .text($0) } ?? .null, count: n)),
        ]))
  }
}
