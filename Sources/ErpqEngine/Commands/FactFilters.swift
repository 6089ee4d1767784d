import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// The filters that every business source takes, and the period (language guide, ruling 11).
enum FactFilters {
  static let records: [ParameterSpec] = [
    ParameterSpec("product", .record("product"), "only these products"),
    ParameterSpec("category", .record("category"), "only products of these categories"),
    ParameterSpec("supplier", .record("supplier"), "only products of these suppliers"),
    ParameterSpec("customer", .record("customer"), "only sales to these customers"),
    ParameterSpec("warehouse", .record("warehouse"), "only this warehouse"),
  ]

  static let period: [ParameterSpec] = [
    ParameterSpec("since", .value(.date), "from this day on"),
    ParameterSpec("until", .value(.date), "up to this day, included"),
    ParameterSpec(
      "in", .value(.period(nil)), "only in this month, quarter, week: 2026-03, 2026-Q1, 2026-W05"),
    ParameterSpec("days", .value(.duration(nil)), in: 1...36_525, "the last so many days, ending yesterday"),
  ]

  /// First and last day asked for; nil ends are open.
  static func range(_ a: Arguments, _ context: RunContext) throws(Diagnostic) -> (
    first: CivilDate?, last: CivilDate?
  ) {
    var first = a.date("since")
    var last = a.date("until")
    if case .period(let p) = a["in"] {
      first = [first, p.start].compactMap { $0 }.max()
      last = [last, p.last].compactMap { $0 }.min()
    }
    if let days = try a.days("days", today: context.today) {
      let yesterday = context.today.adding(days: -1)
      let end = last ?? yesterday
      first = [first, end.adding(days: 1 - days)].compactMap { $0 }.max()
      last = end
    }
    if let first, let last, first > last {
      throw Diagnostic(
        .outOfRange, "this period is empty: it would begin on \(first) and end on \(last)",
        at: a.span("until"),
        label: "the later day comes last")
    }
    return (first, last)
  }

  /// The conditions on a relation that has these columns.
  static func conditions(
    _ a: Arguments, _ context: RunContext, relation: RelationSpec, only: [String]? = nil
  ) throws -> [ScanFilter] {
    var filters: [ScanFilter] = []
    let names = Set(relation.fields.map(\.name))
    for (parameter, kind) in [
      ("product", NameKind.product), ("category", .category), ("supplier", .supplier),
      ("customer", .customer),
      ("warehouse", .warehouse),
    ] where a.isGiven(parameter) && (only?.contains(parameter) ?? true) {
      guard names.contains(parameter) else {
        throw Diagnostic(
          .unknownParameter, "`\(relation.name)` knows no \(parameter), so it cannot be filtered by one",
          at: a.span(parameter), label: "leave it out")
      }
      let matches = try records(a, parameter, kind, context)
      let type = relation.fields.first { $0.name == parameter }?.type
      let values = matches.map { type == .text ? Value.text($0.name) : Value.int($0.id) }
      filters.append(ScanFilter(parameter, values.count == 1 ? .equal(values[0]) : .oneOf(values)))
    }
    return filters
  }

  /// The records that an argument names: id, then code, then name; one each.
  static func records(
    _ a: Arguments, _ parameter: String, _ kind: NameKind, _ context: RunContext
  ) throws -> [NameMatch] {
    let given: [Value]
    if case .list(let items) = a[parameter] { given = items } else { given = [a[parameter]] }
    let warehouse = try context.company.warehouse()
    var found: [NameMatch] = []
    for value in given where !value.isNull {
      let text = value.description
      let lookup: NameLookup
      do { lookup = try warehouse.lookup(kind, text) } catch { throw Company.diagnostic(error) }
      if let match = lookup.unique {
        found.append(match)
      } else if lookup.exact.isEmpty {
        throw unknown(parameter, text, lookup.candidates, a.span(parameter))
      } else {
        throw ambiguous(parameter, text, lookup.exact, a.span(parameter))
      }
    }
    return found
  }

  private static func shown(_ m: NameMatch) -> String {
    "\(m.id)" + (m.code.map { $0 == String(m.id) ? "" : " \($0)" } ?? "") + " \"\(m.name)\""
      + (m.isActive ? "" : " (archived)")
  }

  private static func unknown(_ kind: String, _ text: String, _ near: [NameMatch], _ span: SourceSpan)
    -> Diagnostic
  {
    Diagnostic(
      .unknownRecord, "there is no \(kind) `\(text)`", at: span,
      label: near.first.map { "did you mean \"\($0.name)\"?" } ?? "no id, code or name is like that",
      notes: near.count > 1 ? ["similar: " + near.prefix(5).map(shown).joined(separator: ", ")] : [],
      fixes: near.prefix(3).map { .replace(span, with: kind == "product" ? String($0.id) : "\"\($0.name)\"") }
    )
  }

  private static func ambiguous(_ kind: String, _ text: String, _ all: [NameMatch], _ span: SourceSpan)
    -> Diagnostic
  {
    Diagnostic(
      .ambiguousRecord, "`\(text)` is the name of \(all.count) \(kind)s", at: span,
      label: "use the id of one of them",
      notes: all.prefix(8).map(shown) + (all.count > 8 ? ["and \(all.count - 8) more"] : []),
      fixes: all.prefix(3).map { .replace(span, with: String($0.id), "write `\($0.id)`") })
  }

  /// The condition on the day column of a relation.
  static func dayCondition(_ column: String, _ range: (first: CivilDate?, last: CivilDate?)) -> ScanFilter? {
    if range.first == nil, range.last == nil { return nil }
    return ScanFilter(
      column, .range(range.first.map { .date($0) } ?? .null, range.last.map { .date($0) } ?? .null))
  }

  /// The conditions on the days of sales: the company's own, or the UTC days of the documents. Sales lie in the order
  /// of the company's days, of which no UTC day is more than one away; saying so spares reading all the others.
  static func saleDays(_ range: (first: CivilDate?, last: CivilDate?), byUTC: Bool) -> [ScanFilter] {
    guard byUTC else { return [dayCondition("date", range)].compactMap { $0 } }
    let near = (first: range.first?.adding(days: -1), last: range.last?.adding(days: 1))
    return [dayCondition("date", near), dayCondition("date_utc", range)].compactMap { $0 }
  }

  /// Reads a relation. Errors become diagnostics.
  static func scan(_ scan: Scan, _ context: RunContext) throws -> Table {
    let warehouse = try context.company.warehouse()
    do { return try context.memo?.rows(scan, context.company) ?? warehouse.scan(scan) } catch let error
      as Cancellation.Interrupted
    { throw error } catch {
      throw Company.diagnostic(error)
    }
  }
}
