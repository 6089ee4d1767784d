import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `kpi all`, `kpi NAME`, `kpi trend`, `kpi compare`, `kpi catalog`: metrics, those of the library and a script's own.
enum KPICommands {
  static let all = [allCommand, oneCommand, trendCommand, compareCommand, catalogCommand]

  private static let searchWords = ["kpi", "key figure", "indicator", "metric", "scorecard", "dashboard"]
  private static let periods =
    FactFilters.period + [ParameterSpec("period", .value(.period(nil)), "the same as `in`")]
  private static let filters = FactFilters.records.map { p in
    var p = p
    p.doc = "only facts of this \(p.name); a metric that does not know one is null"
    return p
  }

  /// The period asked for, 30 days when none is, and the one before it: the month before for a month.
  static func period(_ a: Arguments, _ context: RunContext, days: Int = 30) throws
    -> (MetricPeriod, before: MetricPeriod)
  {
    var a = a
    if case .period = a["period"] { a = a.setting("in", to: a["period"], as: "period") }
    let range = try FactFilters.range(a, context)
    let last = range.last ?? context.today.adding(days: -1)
    let first = range.first ?? last.adding(days: 1 - days)
    guard first <= last else {
      throw Diagnostic(
        .outOfRange, "this period is empty: it would begin on \(first) and end on \(last)",
        at: a.span("since"),
        label: "it ends yesterday unless `until` says otherwise")
    }
    let period = MetricPeriod(first: first, last: last)
    if case .period(let p) = a["in"], p.start == first, p.last == last {
      let before = p.advanced(by: -1)
      return (period, MetricPeriod(first: before.start, last: before.last))
    }
    return (period, period.previous)
  }

  /// The filters as values that every source takes: ids of products and customers, names of the others.
  static func filterValues(_ a: Arguments, _ context: RunContext) throws -> [String: Value] {
    var values: [String: Value] = [:]
    for (name, kind) in [
      ("product", NameKind.product), ("category", .category), ("supplier", .supplier),
      ("customer", .customer),
      ("warehouse", .warehouse),
    ] where a.isGiven(name) {
      let found = try FactFilters.records(a, name, kind, context)
      values[name] = value(of: found, kind)
    }
    return values
  }

  private static func value(of matches: [NameMatch], _ kind: NameKind) -> Value {
    let values = matches.map { kind == .product || kind == .customer ? Value.int($0.id) : .text($0.name) }
    return values.count == 1 ? values[0] : .list(values)
  }

  static func metrics(_ a: Arguments, _ name: String, _ context: RunContext) throws -> [MetricInfo] {
    try a.texts(name).map { text in
      guard let info = context.environment.metric(named: text) else {
        throw Diagnostic(.unknownName, "there is no metric `\(text)`", at: a.span(name))
      }
      return info
    }
  }

  private static func plan(_ metrics: [MetricInfo], _ a: Arguments, _ context: RunContext) throws -> [String]
  {
    let (period, before) = try period(a, context)
    return ["\(counted(metrics.count, "metric")) from \(period.first) to \(period.last)"]
      + ["each again from \(before.first) to \(before.last)"]
      + metrics.prefix(12).map { "\($0.code)  \($0.queryText)" }
  }

  // MARK: kpi all

  private static func chosen(_ a: Arguments, _ context: RunContext) throws -> [MetricInfo] {
    let all = context.environment.allMetrics
    guard let wanted = a.text("group") else { return all }
    let groups = all.map(\.group).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    if wanted.lowercased() == "core" { return core.compactMap { context.environment.metric(named: $0) } }
    let matches = groups.filter { $0.lowercased() == wanted.lowercased() }
    let found = matches.isEmpty ? groups.filter { $0.lowercased().hasPrefix(wanted.lowercased()) } : matches
    guard !found.isEmpty else {
      let near = nearest(to: wanted, among: groups)
      throw Diagnostic(
        .badWord, "no metric belongs to a group \"\(wanted)\"", at: a.span("group"),
        label: near.isEmpty ? "there are core, \(listed(groups, "and"))" : "did you mean \"\(near[0])\"?")
    }
    return all.filter { found.contains($0.group) }
  }

  /// The twelve that a manager looks at first.
  static let core = [
    "FIN.REV_GROWTH%", "FIN.GM%", "FIN.DSO", "FIN.DPO", "INV.DIO", "FIN.CCC", "SALES.AOV", "SVC.OTIF%",
    "INV.TURNS", "SVC.FILL%", "FC.WAPE", "SUP.OTD%",
  ]

  static let allCommand = Command(
    CommandSpec(
      "kpi all", group: "KPIs", "Every metric: value, the period before, change, status against its target.",
      help: """
        A value that cannot be known is null, and `reason` says why; it is never 0 instead. Stock figures are those of \
        today and have no earlier value. A metric that a script declares with `metric` appears here like those of the \
        library. `group "core"` shows the twelve to look at first.
        """,
      searchWords: searchWords,
      parameters: periods + [
        ParameterSpec("group", .value(.text), "only metrics of this group, such as \"Inventory\" or \"core\"")
      ] + filters,
      examples: [
        Example(
          "kpi all days 30 | select code, name, value, unit, change_pct, status", "the month at a glance"),
        Example("kpi all days 90 group \"core\"", "the twelve that a manager looks at first"),
        Example(
          "kpi all days 30 where value is null | select code, name, reason", "what cannot be known, and why"),
      ]
    ) { _, _ throws(Diagnostic) in Schema(Scorecard.fields) },
    plan: { a, context in try plan(chosen(a, context), a, context) },
    run: { a, context in
      let (period, before) = try period(a, context)
      let metrics = try chosen(a, context)
      return ResultTable(
        Scorecard.table(
          try Scorecard.rows(
            metrics, period, before: before, filters: try filterValues(a, context), MetricEvaluator(context)),
          documents: context.usesDocuments))
    })

  // MARK: kpi NAME

  static let oneCommand = Command(
    CommandSpec(
      "kpi", group: "KPIs", "One metric, or a list of them, over a period.",
      help: """
        A metric is named by its name (`kpi revenue`), its code in quotes (`kpi "SALES.REV"`) or an alias. `kpi catalog` \
        lists them, `describe revenue` shows how one is computed.
        """,
      searchWords: searchWords,
      parameters: [
        ParameterSpec("metric", .list(.metric), required: true, position: 0, "which metric, or a list")
      ] + periods + filters,
      examples: [
        Example("kpi revenue days 30", "revenue of the last 30 days"),
        Example(
          "kpi [revenue, gross_margin_pct] in 2026-03 category \"Chairs\" | select name, value, unit, change_pct",
          "a month of one category, against the month before"),
      ]
    ) { _, _ throws(Diagnostic) in Schema(Scorecard.fields) },
    plan: { a, context in try plan(metrics(a, "metric", context), a, context) },
    run: { a, context in
      let (period, before) = try period(a, context)
      return ResultTable(
        Scorecard.table(
          try Scorecard.rows(
            metrics(a, "metric", context), period, before: before, filters: try filterValues(a, context),
            MetricEvaluator(context)), documents: context.usesDocuments))
    })

  // MARK: kpi catalog

  private static let catalogFields = [
    Field("code", .text, "the stable code"), Field("metric", .text, "the name in statements"),
    Field("name", .text, "what it is"), Field("group", .text, "its heading"),
    Field("unit", .text, "what the value counts"),
    Field("direction", .text, "what is better: up, down or target"),
    Field("target", .text, "what is aimed at"),
    Field("aliases", .text, "other names"), Field("origin", .text, "standard library, or the script"),
    Field("query", .text, "how it is computed"), Field("about", .text, "what it measures"),
  ]

  static let catalogCommand = Command(
    CommandSpec(
      "kpi catalog", group: "KPIs", "The metrics there are, with what each means and how it is computed.",
      searchWords: searchWords, parameters: [],
      examples: [
        Example("kpi catalog | summarize n = count() by group", "how many there are"),
        Example("kpi catalog where group = \"Finance\" | select code, metric, about", "those about money"),
      ]
    ) { _, _ throws(Diagnostic) in Schema(catalogFields) }
  ) { _, context in
    let all = context.environment.allMetrics
    let evaluator = try? MetricEvaluator(context)
    func texts(_ cell: (MetricInfo) -> String?) -> Column {
      Column(.text, values: all.map { info in cell(info).flatMap { $0.isEmpty ? nil : .text($0) } ?? .null })
    }
    return ResultTable(
      Table(
        Schema(catalogFields),
        [
          texts(\.code), texts(\.name), texts(\.title), texts(\.group),
          texts { evaluator?.unit($0, $0.type ?? .number) }, texts { $0.direction?.rawValue },
          texts(MetricEvaluator.targetText), texts { $0.aliases.joined(separator: ", ") },
          texts { $0.isStandard ? "standard library" : "script" },
          texts { $0.queryText.split(whereSeparator: \.isWhitespace).joined(separator: " ") },
          texts { $0.about.split(whereSeparator: \.isWhitespace).joined(separator: " ") },
        ], rowCount: all.count))
  }

  // MARK: kpi trend

  private static let steps: [(word: String, unit: PeriodUnit, column: String)] = [
    ("daily", .day, "date"), ("weekly", .week, "week"), ("monthly", .month, "month"),
    ("quarterly", .quarter, "quarter"),
  ]

  private static func trendFields(_ step: (word: String, unit: PeriodUnit, column: String)) -> [Field] {
    [
      Field(step.column, step.unit == .day ? .date : .period(step.unit), "the period"),
      Field("name", .text, "the metric"), Field("value", .number, Conventions.figure),
      Field("unit", .text, "what the value counts"),
      Field("days", .int, "days of the period that lie in the window; fewer than all at its ends"),
      Field("n", .int, "rows behind the value"), Field("reason", .text, "why there is no value"),
    ]
  }

  static let trendCommand = Command(
    CommandSpec(
      "kpi trend", group: "KPIs", "The run of a metric by day, week, month or quarter.",
      help: """
        Each period is measured by itself, as `kpi` would. At the ends of the window a week or month may be cut; `days` \
        tells. Figures of stock as it is today have no run.
        """,
      searchWords: searchWords + ["trend", "history", "development"],
      parameters: [
        ParameterSpec("metric", .list(.metric), required: true, position: 0, "which metric, or a list"),
        ParameterSpec(
          "by", .word(steps.map(\.word)), default: .text("weekly"), position: 1,
          "daily, weekly, monthly, quarterly"),
      ] + periods + filters,
      examples: [
        Example("kpi trend revenue weekly days 90 | plot", "three months, week by week"),
        Example("kpi trend gross_margin_pct monthly since 2026-01-01", "a year so far"),
      ]
    ) { arguments, _ throws(Diagnostic) in
      let word = arguments.constant("by").map(\.description) ?? "weekly"
      return Schema(trendFields(steps.first { $0.word == word } ?? steps[1]))
    },
    plan: { a, context in try plan(metrics(a, "metric", context), a, context) },
    run: { a, context in
      let step = steps.first { $0.word == a.text("by") } ?? steps[1]
      let window = try period(a, context, days: 90).0
      guard window.days <= 3_700 else {
        throw Diagnostic(.outOfRange, "a trend goes over ten years at most", at: a.span("days"))
      }
      let filters = try filterValues(a, context)
      let evaluator = try MetricEvaluator(context)
      var periods: [(Period, MetricPeriod)] = []
      var period = Period(step.unit, containing: window.first)
      while period.start <= window.last {
        periods.append(
          (period, MetricPeriod(first: max(period.start, window.first), last: min(period.last, window.last))))
        period = period.advanced(by: 1)
      }
      var cells = [[Value]](repeating: [], count: 7)
      for info in try metrics(a, "metric", context) {
        for (period, days) in periods {
          try Cancellation.current.check()
          var m = try evaluator.measure(info, days, filters: filters)
          if !m.hasPeriod, days.last < context.today.adding(days: -1) || periods.count > 1 {
            m.value = nil
            m.reason = "it is known for today only"
          }
          let row: [Value] = [
            step.unit == .day ? .date(period.start) : .period(period), .text(info.title),
            m.value.map { .number($0) } ?? .null, .text(evaluator.unit(info, m.type)), .int(Int64(days.days)),
            .int(Int64(m.rows)), m.reason.map { .text($0) } ?? .null,
          ]
          for (i, value) in row.enumerated() { cells[i].append(value) }
        }
      }
      let fields = trendFields(step)
      return ResultTable(
        Table(
          Schema(fields), zip(fields, cells).map { Column($0.type, values: $1) }, rowCount: cells[0].count))
    })

  // MARK: kpi compare

  private static let subjects: [(parameter: String, filter: String, kind: NameKind)] = [
    ("products", "product", .product), ("categories", "category", .category),
    ("suppliers", "supplier", .supplier),
    ("customers", "customer", .customer), ("warehouses", "warehouse", .warehouse),
  ]
  private static let compared = ["revenue", "units_sold", "orders", "average_price", "gross_margin_pct"]

  static let compareCommand = Command(
    CommandSpec(
      "kpi compare", group: "KPIs",
      "Metrics of several products, categories, suppliers or customers side by side.",
      help: "Each row is what `kpi` gives with that filter; a metric that does not know it is null.",
      searchWords: searchWords + ["comparison", "side by side", "versus"],
      parameters: subjects.map {
        ParameterSpec(
          $0.parameter, .record($0.filter), "a row for each of these: ids, codes or names in a list")
      } + [
        ParameterSpec("metrics", .list(.metric), "a column for each; \(listed(compared, "and")) if left out")
      ] + periods,
      examples: [
        Example("kpi compare products [101, 102] metrics [revenue, units]", "two products"),
        Example(
          "kpi compare categories [\"Desks\", \"Chairs\"] metrics [revenue, gross_margin_pct] days 90",
          "two categories over a quarter"),
      ]
    ) { arguments, _ throws(Diagnostic) in
      let subject = subjects.first { arguments.values[$0.parameter] != nil } ?? subjects[0]
      var names = compared
      if case .list(let items)? = arguments.constant("metrics") { names = items.map(\.description) }
      return Schema(
        [Field(subject.filter, .text, "name")] + unique(names).map { Field($0, .number, "the metric") })
    },
    run: { a, context in
      let given = subjects.filter { a.isGiven($0.parameter) }
      guard let subject = given.first, given.count == 1 else {
        throw Diagnostic(
          .missingArgument,
          given.isEmpty ? "nothing to compare is named" : "only one kind of thing can be compared",
          at: given.last.map { a.span($0.parameter) } ?? a.span,
          label: "name some \(listed(subjects.map(\.parameter))), as in `kpi compare products [101, 102]`")
      }
      let found = try FactFilters.records(
        a.setting(subject.filter, to: a[subject.parameter], as: subject.parameter), subject.filter,
        subject.kind,
        context)
      let (period, _) = try period(a, context)
      let evaluator = try MetricEvaluator(context)
      let names = a.isGiven("metrics") ? unique(a.texts("metrics")) : compared
      let metrics = try names.map { name in
        guard let info = context.environment.metric(named: name) else {
          throw Diagnostic(.unknownName, "there is no metric `\(name)`", at: a.span("metrics"))
        }
        return info
      }
      var columns: [Column] = [Column(.text, values: found.map { .text($0.name) })]
      for info in metrics {
        columns.append(
          .doubles(
            .number,
            try found.map { match in
              try Cancellation.current.check()
              let filter = [subject.filter: value(of: [match], subject.kind)]
              return try evaluator.measure(info, period, filters: filter).value
            }))
      }
      return ResultTable(
        Table(
          Schema([Field(subject.filter, .text)] + names.map { Field($0, .number) }), columns,
          rowCount: found.count))
    })

  private static func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
