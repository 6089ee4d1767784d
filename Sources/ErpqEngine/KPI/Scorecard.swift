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

  static let fields = [
    Field("code", .text, "the stable code"), Field("name", .text, "what it is"),
    Field("value", .number, "in the unit beside it; null with a reason"),
    Field("unit", .text, "what the value counts: %, days, the currency …"),
    Field("previous", .number, "the period of equal length before; null for the state of today"),
    Field("change_pct", .number, "change against it, in percent of its size; null where it is 0"),
    Field("status", .text, "good, warn or bad against the target"),
    Field("target", .text, "what is aimed at"),
    Field("reason", .text, "why there is no value"),
    Field("coverage", .percent, "part of the facts that could be used, where a metric says it"),
    Field("n", .int, "rows behind the value"),
    Field("direction", .text, "what is better: up, down or target"),
    Field("group", .text, "the heading it belongs to"),
    Field("as_of", .date, "the last day of the period"),
    Field("metric", .text, "its name in statements"),
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
      let earlier = now.hasPeriod ? try evaluator.measure(info, before, filters: filters) : nil
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
        texts(rows.map(\.info.code)), texts(rows.map(\.info.title)), .doubles(.number, rows.map(\.now.value)),
        texts(rows.map { $0.unit.isEmpty ? nil : $0.unit }), .doubles(.number, rows.map { $0.before?.value }),
        .doubles(.number, rows.map { change($0.now.value, $0.before?.value, documents: documents) }), texts(rows.map(\.status)),
        texts(rows.map { MetricEvaluator.targetText($0.info) }), texts(rows.map(\.now.reason)),
        .doubles(.percent, rows.map(\.now.coverage)), Column(.int, .ints(rows.map { Int64($0.now.rows) })),
        texts(rows.map { $0.info.direction?.rawValue }), texts(rows.map(\.info.group)),
        Column(.date, .days(rows.map(\.lastDay.day))), texts(rows.map(\.info.name)),
      ], rowCount: rows.count)
  }
}
