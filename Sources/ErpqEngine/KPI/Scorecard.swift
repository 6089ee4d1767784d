import ErpqBase
import ErpqSemantics
import ErpqTables

/// Metrics measured side by side: a row each, with the period before, the target and the reasons.
struct Scorecard {
  struct Row {
    var info: MetricInfo
    var now: Measurement
    var before: Measurement?
    var unit: String
    var status: String?
    var lastDay: CivilDate
  }

  // A narrow terminal keeps what a row is of and the last figures.
  static let fields = [
    Field("code", .text, "the stable code"), Field("name", .text, "what it is"),
    Field("unit", .text, "what the value counts: %, days, the currency …"),
    Field("metric", .text, "its name in statements"),
    Field("group", .text, "the heading it belongs to"),
    Field("direction", .text, "what is better: up, down or target"),
    Field("target", .text, "what is aimed at"),
    Field("coverage", .percent, "part of the facts that could be used, where a metric says it"),
    Field("n", .int, "rows behind the value"),
    Field("reason", .text, "why there is no value"),
    Field("as_of", .date, "the last day of the period"),
    Field("previous", .number, Conventions.figure), Field("value", .number, Conventions.figure),
    Field(
      "change_pct", .number,
      "change against the period before, in percent of its size; null where it is 0 or of another sign"),
    Field("status", .text, "good, warn or bad against the target"),
  ]

  /// Measures each metric in a period and in the one before.
  static func rows(
    _ metrics: [MetricInfo], _ period: MetricPeriod, before: MetricPeriod, filters: [String: Value],
    _ evaluator: MetricEvaluator
  ) throws -> [Row] {
    let cancel = Cancellation.current
    return try metrics.map { info in
      try cancel.check()
      let now = try evaluator.measure(info, period, filters: filters)
      let earlier =
        now.hasPeriod ? try evaluator.measure(info, before, filters: filters) : nil
      return Row(
        info: info, now: now, before: earlier, unit: evaluator.unit(info, now.type),
        status: evaluator.status(info, now.value), lastDay: period.last)
    }
  }

  /// Change in percent of the earlier value's size; nil where there is none or it is 0, and where the values differ in
  /// sign, which no percentage can tell. The documents' formula knows only the former.
  static func change(_ value: Double?, _ before: Double?, documents: Bool) -> Double? {
    guard let value, let before, before != 0, documents || value == 0 || (value < 0) == (before < 0) else {
      return nil
    }
    let change = (value - before) / abs(before) * 100
    return change.isFinite ? change : nil
  }

  static func table(_ rows: [Row], documents: Bool) -> Table {
    func texts(_ cells: [String?]) -> Column {
      Column(.text, values: cells.map { $0.map { .text($0) } ?? .null })
    }
    return Table(
      Schema(fields),
      [
        texts(rows.map(\.info.code)), texts(rows.map(\.info.title)),
        texts(rows.map { $0.unit.isEmpty ? nil : $0.unit }), texts(rows.map(\.info.name)),
        texts(rows.map(\.info.group)), texts(rows.map { $0.info.direction?.rawValue }),
        texts(rows.map { MetricEvaluator.targetText($0.info) }), .doubles(.percent, rows.map(\.now.coverage)),
        Column(.int, .ints(rows.map { Int64($0.now.rows) })), texts(rows.map(\.now.reason)),
        Column(.date, .days(rows.map(\.lastDay.day))), .doubles(.number, rows.map { $0.before?.value }),
        .doubles(.number, rows.map(\.now.value)),
        .doubles(.number, rows.map { change($0.now.value, $0.before?.value, documents: documents) }),
        texts(rows.map(\.status)),
      ], rowCount: rows.count)
  }
}
