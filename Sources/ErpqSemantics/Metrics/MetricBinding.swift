import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

/// The days that a metric is computed for, both ends included.
public struct MetricPeriod: Hashable, Sendable {
  /// The first day.
  public var first: CivilDate
  /// The last day.
  public var last: CivilDate

  /// A period.
  public init(first: CivilDate, last: CivilDate) {
    self.first = first
    self.last = last
  }

  /// The number of days.
  public var days: Int { Int(last.day - first.day) + 1 }
  /// The days of equal number before it.
  public var previous: MetricPeriod {
    MetricPeriod(first: first.adding(days: -days), last: first.adding(days: -1))
  }

  /// What `$since`, `$until`, `$before` and `$days` stand for in a metric.
  var formals: [String: Expression] {
    func day(_ date: CivilDate) -> Expression { .constant(.date(date), .date) }
    return [
      "since": day(first), "until": day(last), "before": day(previous.first),
      "days": .constant(.int(Int64(days)), .int),
    ]
  }
}

/// A metric for one period, ready to run.
public struct BoundMetric: Sendable {
  /// One row: the value, then `\u{1}n`, the number of rows behind it, and `coverage` where the metric says it.
  public var query: BoundQuery
  /// The type of the value.
  public var type: ValueType
  /// Whether the period matters; a metric of stock as it is today has none.
  public var hasPeriod: Bool
  /// Whether it says how much of the facts it could use.
  public var hasCoverage: Bool
  /// Filters that a source of it does not know.
  public var unfiltered: [String]
  /// The commands it reads.
  public var sources: [String]

  /// The column with the number of rows.
  public static let countColumn = "\u{1}n"
}

extension Binder {
  /// The metrics of library texts and what is wrong with them. Their queries are bound when they are asked for.
  public static func metrics(
    of sources: [SourceText], catalog: Catalog, host: any BindingHost, environment: Environment
  ) -> (metrics: [MetricInfo], diagnostics: [Diagnostic]) {
    var list: [MetricInfo] = []
    var diagnostics: [Diagnostic] = []
    for source in sources {
      let tree = Parser.parse(source)
      var binder = Binder(catalog: catalog, host: host, environment: environment, source: source)
      for statement in tree.statements {
        guard case .metric(let metric) = statement.kind else { continue }
        var info = MetricInfo(
          name: metric.name.text, metric: metric, doc: statement.doc, attributes: binder.attributes(metric),
          type: metric.type.flatMap { binder.resolve($0) }, source: source, prefix: "")
        info.isStandard = true
        if let place = list.firstIndex(where: { $0.name == info.name }) {
          list[place] = info
        } else {
          list.append(info)
        }
      }
      diagnostics += tree.diagnostics + binder.diagnostics
    }
    return (list, diagnostics)
  }

  /// Binds a metric for a period, with filters put into every source that knows them.
  ///
  /// - Parameter filters: values of `product category supplier customer warehouse`.
  /// - Throws: what is wrong with its query, such as a command that this version does not have.
  public static func bind(
    _ info: MetricInfo, period: MetricPeriod, filters: [String: Value], catalog: Catalog,
    host: any BindingHost, environment: Environment
  ) throws(Diagnostic) -> BoundMetric {
    var binder = Binder(catalog: catalog, host: host, environment: environment, source: info.source)
    binder.modulePrefix = info.prefix
    if let bound = binder.bound(info.metric, period: period, filters: filters) { return bound }
    throw binder.diagnostics.first { $0.severity == .error }
      ?? Diagnostic(.runtime, "the metric `\(info.name)` has errors")
  }

  /// Binds a metric's query for a period. Nil after an error, which has been reported.
  mutating func bound(_ metric: Metric, period: MetricPeriod, filters: [String: Value]) -> BoundMetric? {
    var scope = Scope.rowless
    scope.formals = period.formals
    var query = bind(metric.query, scope: scope)
    if query.isBroken || diagnostics.contains(where: { $0.severity == .error }) { return nil }
    guard let end = query.stages.last, case .summarize(let items, let by) = end.kind, by.isEmpty,
      items.count == 1 || items.count == 2 && items[1].name == "coverage"
    else {
      report(
        Diagnostic(
          .expected, "a metric is one value: its query ends in `| summarize …` with one item and no `by`",
          at: metric.query.stages.last?.span ?? metric.query.span,
          label: "`kpi` adds the period; a second item may be `coverage = …`"))
      return nil
    }
    let count = (name: BoundMetric.countColumn, value: Expression.aggregate(.count, [], .int))
    let place = query.stages.count - 1
    query.stages[place].kind = .summarize(items + [count], by: [])
    query.stages[place].schema.fields.append(Field(count.name, .int))
    var placed = PeriodPlacement(
      period: period, filters: filters,
      isExplicit: PeriodPlacement.isSaid(in: source.slice(metric.query.span)))
    placed.place(in: &query)
    return BoundMetric(
      query: query, type: items[0].value.type, hasPeriod: placed.hasPeriod, hasCoverage: items.count == 2,
      unfiltered: placed.unfiltered, sources: placed.sources)
  }
}

/// Puts a period and filters into the sources of a query.
private struct PeriodPlacement {
  let period: MetricPeriod
  let filters: [String: Value]
  /// Whether the query says itself where the period goes.
  let isExplicit: Bool
  var hasPeriod: Bool
  var unfiltered: [String] = []
  var sources: [String] = []

  /// Whether a query names a bound of the period.
  static func isSaid(in text: String) -> Bool {
    ["$since", "$until", "$before"].contains { text.contains($0) }
  }

  init(period: MetricPeriod, filters: [String: Value], isExplicit: Bool) {
    self.period = period
    self.filters = filters
    self.isExplicit = isExplicit
    hasPeriod = isExplicit
  }

  mutating func place(in query: inout BoundQuery, isJoined: Bool = false) {
    switch query.source {
    case .command(let spec, var arguments, let span):
      sources.append(spec.name)
      placePeriod(spec, &arguments, span)
      for (name, value) in filters.sorted(by: { $0.key < $1.key }) {
        if spec.parameters.contains(where: { $0.name == name }) {
          guard arguments.values[name] == nil else { continue }
          arguments.values[name] = .constant(value, value.type)
          arguments.spans[name] = span
        } else if !isJoined, !unfiltered.contains(name) {
          unfiltered.append(name)
        }
      }
      query.source = .command(spec, arguments, span)
    case .query(var inner):
      place(in: &inner, isJoined: isJoined)
      query.source = .query(inner)
    default: break
    }
    for i in query.stages.indices { place(in: &query.stages[i].kind) }
  }

  private mutating func placePeriod(
    _ spec: CommandSpec, _ arguments: inout BoundArguments, _ span: SourceSpan
  ) {
    let names = Set(spec.parameters.map(\.name))
    guard !isExplicit, !spec.namesThings, names.isSuperset(of: ["since", "until"]),
      ["since", "until", "in", "days"].allSatisfy({ arguments.values[$0] == nil })
    else { return }
    hasPeriod = true
    for (name, day) in [("since", period.first), ("until", period.last)] {
      arguments.values[name] = .constant(.date(day), .date)
      arguments.spans[name] = span
    }
  }

  private mutating func place(in kind: inout BoundStage.Kind) {
    switch kind {
    case .join(let how, var right, let on, let merge):
      place(in: &right, isJoined: true)
      kind = .join(how, right, on: on, merge: merge)
    case .union(var other):
      place(in: &other)
      kind = .union(other)
    case .block(var stages):
      for i in stages.indices { place(in: &stages[i].kind) }
      kind = .block(stages)
    default: break
    }
  }
}
