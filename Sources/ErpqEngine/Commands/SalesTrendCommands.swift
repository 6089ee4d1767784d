import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `sales daily|weekly|monthly`: sales by period, periods without sales included as zeros.
enum SalesTrendCommands {
  static let all = [
    command("daily", column: "date", type: .date, unit: .day),
    command("weekly", column: "week", type: .period(.week), unit: .week),
    command("monthly", column: "month", type: .period(.month), unit: .month),
  ]

  private static let groups = ["product", "sku", "name", "category", "supplier", "customer", "warehouse"]

  private static func fields(_ column: String, _ type: ValueType, by: [String], currency: String?) -> [Field]
  {
    var fields = [Field(column, type, "the period")]
    for name in by {
      let source = Warehouse.relation("sales")?.fields.first { $0.name == name }
      fields.append(Field(name, source?.type ?? .text, source?.doc ?? ""))
    }
    return fields + [
      Field("qty", .quantity(nil), "net quantity"),
      Field("amount", .money(currency), "revenue in company currency"),
      Field("orders", .int, "orders with a line"),
      Field("days", .int, "days of the period that lie in the window; fewer than all at its ends"),
    ]
  }

  private static func command(_ word: String, column: String, type: ValueType, unit: PeriodUnit) -> Command {
    let spec = CommandSpec(
      "sales \(word)", group: "Sales",
      "Sales a \(unit.rawValue): quantity, revenue, orders; periods without sales are zero.",
      searchWords: ["revenue", "turnover", "trend", "time series"],
      parameters: FactFilters.period + [
        ParameterSpec("by", .columns, "split by these columns: " + groups.joined(separator: ", "))
      ]
        + FactFilters.records,
      examples: [
        Example(
          unit == .month
            ? "sales monthly since 2026-01-01 by category | plot amount vs month by category"
            : "sales \(word) days 28 | plot amount",
          "the run of revenue"),
        Example(
          "sales \(word) days 90 | summarize best = max(amount), worst = min(amount)",
          "the best and the worst"),
      ]
    ) { arguments, host throws(Diagnostic) in
      var by: [String] = []
      if case .list(let items)? = arguments.constant("by") {
        for case .text(let name) in items {
          guard groups.contains(name) else {
            throw Diagnostic(
              .badWord, "sales cannot be split by `\(name)`", at: arguments.spans["by"],
              label: nearest(to: name, among: groups).first.map { "did you mean `\($0)`?" } ?? "it is one of "
                + listed(groups))
          }
          guard !by.contains(name) else {
            throw Diagnostic(
              .duplicateName, "`\(name)` stands here twice", at: arguments.spans["by"],
              label: "once is enough")
          }
          by.append(name)
        }
      }
      return Schema(fields(column, type, by: by, currency: host.currency))
    }
    return Command(
      spec,
      plan: { a, context in
        try RelationCommands.plan(scan(a, context, unit).0, context) + [
          "group by \(column), fill gaps with zero"
        ]
      },
      run: { a, context in ResultTable(try run(a, context, column, unit)) })
  }

  private static func scan(_ a: Arguments, _ context: RunContext, _ unit: PeriodUnit) throws -> (
    Scan, CivilDate?, CivilDate?
  ) {
    guard let relation = Warehouse.relation("sales") else { throw Diagnostic(.runtime, "no sales") }
    var (first, last) = try FactFilters.range(a, context)
    // Today is not over; what is dated later is no history.
    last = Swift.min(last ?? context.today.adding(days: -1), context.today.adding(days: -1))
    // A window given in days begins with a whole period, so that the first bar is no stump.
    if a.isGiven("days"), !a.isGiven("since"), !a.isGiven("in"), !context.usesDocuments, let start = first {
      first = Period.start(of: unit, containing: start)
    }
    if first == nil { first = context.company.info?.firstDay }
    var filters = try FactFilters.conditions(a, context, relation: relation)
    let day = context.usesDocuments ? "date_utc" : "date"
    filters += FactFilters.saleDays((first, last), byUTC: context.usesDocuments)
    return (
      Scan("sales", columns: [day] + a.texts("by") + ["qty", "amount", "order"], filters: filters), first,
      last
    )
  }

  private static func run(_ a: Arguments, _ context: RunContext, _ column: String, _ unit: PeriodUnit) throws
    -> Table
  {
    let (request, first, last) = try scan(a, context, unit)
    let by = a.texts("by")
    var rows = try FactFilters.scan(request, context)
    let type: ValueType = unit == .day ? .date : .period(unit)
    let day = request.columns?.first ?? "date"
    guard let days = rows[day], case .days(let values) = days.storage else {
      return Table(empty: Schema(fields(column, type, by: by, currency: context.company.info?.currency)))
    }
    // One start a day, not one a line: lines come by day.
    var starts: [Int32] = []
    starts.reserveCapacity(values.count)
    var known: (day: Int32, start: Int32) = (.min, 0)
    for d in values {
      if d != known.day { known = (d, Period.start(of: unit, containing: CivilDate(day: d)).day) }
      starts.append(known.start)
    }
    rows = rows.setting(column, Column(type, .days(starts)))
    let keys = [column] + by
    guard let qty = rows["qty"], let amount = rows["amount"], let order = rows["order"] else { return rows }
    var table = try rows.grouped(
      by: keys,
      aggregates: [
        Aggregate("qty", .sum, [qty], type: qty.type), Aggregate("amount", .sum, [amount], type: amount.type),
        Aggregate("orders", .countDistinct, [order], type: .int),
      ])
    table = try filled(table, column, by, unit, first, last)
    let sortKeys = keys.compactMap { name in table[name].map { SortKey($0, descending: false) } }
    let sorted = try table.sorted(by: sortKeys).selecting(keys + ["qty", "amount", "orders"])
    guard case .days(let periods)? = sorted[column]?.storage else {
      return sorted.setting("days", .nulls(.int, count: sorted.rowCount))
    }
    let inside = periods.map { start -> Int64 in
      let period = Period(unit, containing: CivilDate(day: start))
      let from = Swift.max(start, first?.day ?? start)
      let to = Swift.min(period.last.day, last?.day ?? period.last.day)
      return Int64(Swift.max(0, to - from + 1))
    }
    return sorted.setting("days", Column(.int, .ints(inside)))
  }

  /// Every period of the range for every combination of the split, zeros where nothing was sold.
  private static func filled(
    _ table: Table, _ column: String, _ by: [String], _ unit: PeriodUnit, _ first: CivilDate?,
    _ last: CivilDate?
  ) throws -> Table {
    guard let first, let last, first <= last, table.rowCount > 0 || by.isEmpty else { return table }
    var starts: [Int32] = []
    var period = Period(unit, containing: first)
    while period.start <= last, starts.count < 200_000 {
      starts.append(period.start.day)
      period = period.advanced(by: 1)
    }
    let type: ValueType = unit == .day ? .date : .period(unit)
    let combinations = by.isEmpty ? nil : try table.selecting(by).distinct(on: nil)
    let groups = combinations?.rowCount ?? 1
    var calendar: [(String, Column)] = [
      (column, Column(type, .days(starts.flatMap { Array(repeating: $0, count: groups) })))
    ]
    if let combinations {
      let rows = starts.indices.flatMap { _ in (0..<Int32(groups)).map { $0 } }
      for name in by { if let c = combinations[name] { calendar.append((name, c.taking(rows))) } }
    }
    let joined = try Table(calendar).joined(
      table, on: ([column] + by).map { ($0, $0) }, kind: .left, mergeKeys: [column] + by)
    return try joined.filled(["qty"], with: .quantity(0, "")).filled(["amount"], with: .money(0, ""))
      .filled(["orders"], with: .int(0))
  }
}
