import ErpqBase
import ErpqDiagnostics
import ErpqRendering
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// What a metric is in a period.
struct Measurement: Sendable {
  /// The value in the unit that is shown (percent, days, company currency), nil with a reason.
  var value: Double?
  /// The type that the query gives.
  var type: ValueType
  /// Rows behind it.
  var rows = 0
  /// Part of the facts that it could use, from 0 to 1; nil where the metric does not say.
  var coverage: Double?
  /// Why there is no value.
  var reason: String?
  /// Whether it belongs to the period; false for the state of today.
  var hasPeriod = true
}

/// Computes metrics: binds each to a period, runs its query, and says why there is nothing where there is nothing.
struct MetricEvaluator {
  private(set) var context: RunContext
  private let counts: [String: Int]
  private let currency: String?
  private let firstDay: CivilDate?

  /// An evaluator over the company of a run. Throws where no company can be opened.
  init(_ context: RunContext) throws {
    self.context = context
    let info = try context.company.warehouse().info
    counts = info.counts
    currency = info.currency
    firstDay = info.firstDay
  }

  /// A metric in a period. Throws only what ends a run: an interrupt, a company that cannot be read.
  func measure(_ info: MetricInfo, _ period: MetricPeriod, filters: [String: Value] = [:]) throws
    -> Measurement
  {
    // The library's metrics depend on nothing but the facts, and several of them are made of others.
    guard let memo = context.memo, context.environment.metrics.isEmpty, !context.environment.redefinesLibrary,
      context.changes.isEmpty, !context.measuring.contains(info.name)
    else { return try measured(info, period, filters) }
    let question = context.question(["measure", info.name, "\(period.first)", "\(period.last)"], filters)
    return try memo.value(question, context.company) {
      let (result, isQuiet) = try context.listening { inner in
        var evaluator = self
        evaluator.context = inner
        return try evaluator.measured(info, period, filters)
      }
      return (result, weight: isQuiet ? 1 : nil)
    }
  }

  private func measured(_ info: MetricInfo, _ period: MetricPeriod, _ filters: [String: Value]) throws
    -> Measurement
  {
    guard !context.measuring.contains(info.name) else {
      return Measurement(type: info.type ?? .number, reason: "it is defined by itself")
    }
    let bound: BoundMetric
    do throws(Diagnostic) {
      bound = try Binder.bind(
        info, period: period, filters: filters, catalog: Commands.catalog, host: context.host,
        environment: context.environment)
    } catch {
      return Measurement(type: info.type ?? .number, reason: "cannot be computed: \(error.message)")
    }
    var result = Measurement(type: bound.type, hasPeriod: bound.hasPeriod)
    if !bound.unfiltered.isEmpty {
      result.reason = "not known by \(listed(bound.unfiltered, "and"))"
      return result
    }
    let relations = bound.sources.filter { Warehouse.relation($0) != nil }
    if !relations.isEmpty, relations.allSatisfy({ counts[$0] == nil }) {
      result.reason = "this company has no \(relations[0].replacing("_", with: " "))"
      return result
    }
    var inner = context
    inner.measuring.insert(info.name)
    var executor = Executor(
      context: inner, sink: SilentSink(), tables: context.tables, values: context.values, last: nil)
    let row: Table
    do { row = try executor.run(bound.query).table } catch let error as Cancellation.Interrupted {
      throw error
    } catch {
      result.reason = "cannot be computed: \((error as? Diagnostic)?.message ?? "\(error)")"
      return result
    }
    guard row.rowCount == 1 else { return result }
    if case .int(let n)? = row[BoundMetric.countColumn]?[0] { result.rows = Int(n) }
    if bound.hasCoverage { result.coverage = row["coverage"]?[0].asDouble }
    var value = row.columns[0][0]
    // A share of two amounts is a number; a metric may call it a percentage.
    if info.type == .percent, let share = value.asDouble { value = .percent(share) }
    result.type = info.type ?? bound.type
    result.value = shown(value).flatMap { $0.isFinite ? $0 : nil }
    // Nothing was counted before there was anything to count.
    if result.rows == 0, result.value == 0, isBeforeFacts(period), bound.hasPeriod { result.value = nil }
    if result.value == nil { result.reason = reason(info, bound, result.rows, period) }
    return result
  }

  /// A value as the number that people read: percent, days, days ago.
  func shown(_ value: Value) -> Double? {
    switch value {
    case .percent(let d): d * 100
    case .duration(let d): d.inDays ?? d.amount
    case .date(let d): Double(context.today.day - d.day)
    case .datetime(let d): Double(context.today.day - d.utcDate.day)
    default: value.asDouble
    }
  }

  /// The unit of that number.
  func unit(_ info: MetricInfo, _ type: ValueType) -> String {
    if case .text(let unit)? = info.attributes["unit"] { return unit }
    return switch type {
    case .percent: "%"
    case .money(let c): c ?? currency ?? ""
    case .duration(.months): "months"
    case .duration: "days"
    case .date, .datetime: "days ago"
    case .quantity(let u): u ?? "units"
    default: ""
    }
  }

  private func reason(_ info: MetricInfo, _ bound: BoundMetric, _ rows: Int, _ period: MetricPeriod) -> String
  {
    guard rows == 0 else { return info.nullReason ?? "no value comes of these facts" }
    let what = bound.sources.first { Warehouse.relation($0) != nil }?.replacing("_", with: " ") ?? "facts"
    guard bound.hasPeriod else { return info.nullReason ?? "no \(what) to measure" }
    if let firstDay, period.last < firstDay { return "before the first facts of \(firstDay)" }
    return "no \(what) from \(period.first) to \(period.last)"
  }

  private func isBeforeFacts(_ period: MetricPeriod) -> Bool { firstDay.map { period.last < $0 } ?? true }

  /// good, warn or bad against the target; nil without a target or a value.
  func status(_ info: MetricInfo, _ value: Double?) -> String? {
    guard let value, let direction = info.direction, let target = info.attributes["target"] else {
      return nil
    }
    func number(_ v: Value) -> Double? { shown(v) }
    if case .list(let bounds) = target {
      guard bounds.count == 2, let low = number(bounds[0]), let high = number(bounds[1]) else { return nil }
      if value >= low, value <= high { return "good" }
      let slack = Swift.max(high - low, 0) / 4
      return value >= low - slack && value <= high + slack ? "warn" : "bad"
    }
    guard let goal = number(target) else { return nil }
    let limit = info.attributes["warn"].flatMap(number)
    switch direction {
    case .up: return value >= goal ? "good" : value >= limit ?? (goal - abs(goal) * 0.1) ? "warn" : "bad"
    case .down: return value <= goal ? "good" : value <= limit ?? (goal + abs(goal) * 0.1) ? "warn" : "bad"
    case .target:
      let off = abs(value - goal)
      return off <= abs(goal) * 0.1 ? "good" : off <= abs(goal) * 0.25 ? "warn" : "bad"
    }
  }

  /// A target as text: `30%`, `20d to 60d`.
  static func targetText(_ info: MetricInfo) -> String? {
    guard let target = info.attributes["target"] else { return nil }
    if case .list(let bounds) = target, bounds.count == 2 {
      return "\(bounds[0].description) to \(bounds[1].description)"
    }
    switch info.direction {
    case .up?: return "≥ \(target.description)"
    case .down?: return "≤ \(target.description)"
    default: return target.description
    }
  }
}

/// What a metric aims at.
public enum MetricTarget {
  /// `≥ 35%`, `20 to 75`; nil without a target.
  public static func text(_ info: MetricInfo) -> String? { MetricEvaluator.targetText(info) }
}
