import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

extension BoundStage {
  /// Whether it runs the pipeline before it many times.
  var isVariation: Bool {
    switch kind {
    case .whatif, .scenarios: true
    case .block(let stages): stages.contains { $0.isVariation }
    default: false
    }
  }
}

extension BoundQuery {
  /// The same with other arguments of the command that its rows come from.
  func overriding(_ values: [String: Expression], _ span: (String) -> SourceSpan) -> BoundQuery {
    var query = self
    switch source {
    case .command(let spec, var arguments, let place):
      for (name, value) in values {
        arguments.values[name] = value
        arguments.spans[name] = span(name)
      }
      query.source = .command(spec, arguments, place)
    case .query(let inner): query.source = .query(inner.overriding(values, span))
    default: break
    }
    return query
  }

  /// The arguments of the command that its rows come from.
  var arguments: (CommandSpec, BoundArguments)? {
    switch source {
    case .command(let spec, let arguments, _): (spec, arguments)
    case .query(let inner): inner.arguments
    default: nil
    }
  }
}

// `whatif` and `scenarios`: the same data and the same random numbers, other parameters or facts.
extension Executor {
  /// Runs what stands before the stage for each point of a grid or under each scenario.
  mutating func vary(_ query: BoundQuery, at place: Int) throws -> ResultTable {
    var before = query
    before.stages = Array(query.stages[..<place])
    let stage = query.stages[place]
    // A definition's stages that hold a variation run one by one.
    if case .block(let inner) = stage.kind {
      before.stages += inner
      return try run(before)
    }
    let kept = (context, values, hasShown)
    defer { (context, values, hasShown) = kept }
    switch stage.kind {
    case .whatif(let sweeps): return try sweep(sweeps, before, stage)
    case .scenarios(let all): return try run(under: all, before, stage)
    default: return try run(before)
    }
  }

  private mutating func sweep(_ sweeps: [BoundSweep], _ query: BoundQuery, _ stage: BoundStage) throws
    -> ResultTable
  {
    let grid = try sweeps.map { sweep in try sweep.values.map { try constant($0) } }
    let total = grid.reduce(1) { $0 * $1.count }
    var tables: [Table] = []
    tables.reserveCapacity(total)
    let cancel = Cancellation.current
    for point in 0..<total {
      try cancel.check()
      if total > 20 {
        context.progress?(WorkProgress("whatif", done: Double(point), of: Double(total), unit: "points"))
      }
      var rest = point
      var chosen: [Value] = []
      for values in grid.reversed() {
        chosen.insert(values[rest % values.count], at: 0)
        rest /= values.count
      }
      var arguments: [String: Expression] = [:]
      for (sweep, value) in zip(sweeps, chosen) {
        if sweep.isVariable {
          values[sweep.name] = value
        } else {
          arguments[sweep.name] = .constant(value, sweep.type)
        }
      }
      let rows = try run(
        query.overriding(arguments) { name in sweeps.first { $0.name == name }?.span ?? stage.span }
      ).table
      let names = Set(sweeps.map(\.name))
      let others = rows.schema.fields.indices.filter { !names.contains(rows.schema.fields[$0].name) }
      tables.append(
        Table(
          Schema(sweeps.map(\.field) + others.map { rows.schema.fields[$0] }),
          zip(sweeps, chosen).map { Column.repeating($1, $0.type, count: rows.rowCount) }
            + others.map { rows.columns[$0] }, rowCount: rows.rowCount))
      // What is told once holds for every point.
      context.warn = { _ in }
    }
    return ResultTable(try Table.stacked(tables) ?? Table(empty: stage.schema))
  }

  private mutating func run(under scenarios: [BoundScenario], _ query: BoundQuery, _ stage: BoundStage) throws
    -> ResultTable
  {
    var tables: [Table] = []
    for scenario in scenarios {
      try Cancellation.current.check()
      context.changes = FactChanges(scenario)
      let arguments = try parameters(scenario, query, stage.span)
      let rows = try run(query.overriding(arguments) { _ in stage.span }).table
      let others = rows.schema.fields.indices.filter { rows.schema.fields[$0].name != "scenario" }
      tables.append(
        Table(
          Schema([BoundScenario.field] + others.map { rows.schema.fields[$0] }),
          [Column.repeating(.text(scenario.name), .text, count: rows.rowCount)]
            + others.map { rows.columns[$0] },
          rowCount: rows.rowCount))
      context.warn = { _ in }
    }
    return ResultTable(try Table.stacked(tables) ?? Table(empty: stage.schema))
  }

  /// The parameters that a scenario sets, or changes from what they are.
  private func parameters(_ scenario: BoundScenario, _ query: BoundQuery, _ span: SourceSpan) throws
    -> [String: Expression]
  {
    guard let (spec, arguments) = query.arguments else { return [:] }
    var out: [String: Expression] = [:]
    for change in scenario.changes where change.target == .parameter {
      var value = change.value
      if change.isRelative {
        let written = try (out[change.name] ?? arguments.values[change.name]).map { try constant($0) }
        let now = written ?? spec.parameters.first { $0.name == change.name }?.defaultValue ?? .null
        guard let old = now.asDouble, let amount = change.value.asDouble else {
          throw Diagnostic(
            .outOfRange,
            "the scenario `\(scenario.name)` changes `\(change.name)`, which has no value to change",
            at: span, label: "give it one in the statement, or set it without a sign")
        }
        let sum: Double
        if case .percent = change.value, case .percent = now {
          sum = old + amount
        } else if case .percent = change.value {
          sum = old * (1 + amount)
        } else {
          sum = old + amount
        }
        value = now.with(sum)
      }
      out[change.name] = .constant(value, value.type)
    }
    return out
  }

  /// `why`: the formula of the first rows, or of those that match.
  func tell(_ test: Expression?, _ input: ResultTable) throws {
    guard let reasons = input.reasons, let keys = input.table[reasons.key] else {
      throw Diagnostic(
        .runtime, "`why` tells how the rows of a command came about, and these are other rows by now",
        notes: ["put it before `summarize`, `pivot`, `whatif` and the like"])
    }
    var rows = Array(0..<input.table.rowCount)
    if let test {
      let mask = try Evaluator(table: input.table, variables: values).column(test)
      rows = rows.filter { mask[$0] == .bool(true) }
    }
    // Several rows of one thing came about together.
    var seen: Set<Value> = []
    rows = rows.filter { seen.insert(keys[$0]).inserted }
    let texts = rows.prefix(5).compactMap { reasons.text(keys[$0]) }
    sink.text(texts.isEmpty ? "no row matches\n" : texts.joined(separator: "\n"))
    if rows.count > 5 {
      sink.note("the first 5 of \(counted(rows.count, "row")); `why product = 101` tells of others")
    }
  }
}

extension Value {
  /// A value of the same kind with another number.
  fileprivate func with(_ number: Double) -> Value {
    switch self {
    case .int: Int64(exactly: number.rounded()).map { .int($0) } ?? .number(number)
    case .percent: .percent(number)
    case .money(_, let c): .money(number, c)
    case .quantity(_, let u): .quantity(number, u)
    case .duration(let d): .duration(CalendarDuration(amount: number, family: d.family))
    default: .number(number)
    }
  }
}

extension Column {
  /// The same value in every row.
  static func repeating(_ value: Value, _ type: ValueType, count: Int) -> Column {
    switch value {
    case .null: .nulls(type, count: count)
    case .text(let s):
      Column(.text, .codes([Int32](repeating: 0, count: count), TextDictionary(distinct: [s])))
    default:
      value.asDouble.flatMap {
        type.physical == .doubles ? Column(type, .doubles([Double](repeating: $0, count: count))) : nil
      }
        ?? Column(type, values: [Value](repeating: value, count: count))
    }
  }
}

/// `diff scenario`: each group of rows less the first group.
enum Differences {
  /// Numbers become changes against the row with the same keys under the first value of the column; texts
  /// that changed become `before → after`. Rows that only one side has are held against nothing.
  static func of(_ table: Table, by name: String, keys: [String]) throws -> Table {
    guard let groups = table[name], table.rowCount > 0 else { return table }
    let keyColumns = keys.compactMap { table[$0] }
    func key(_ row: Int) -> [Value] { keyColumns.map { $0[row] } }
    let base = groups[0]
    var first: [[Value]: Int] = [:]
    var others: [Int] = []
    for row in 0..<table.rowCount {
      if groups[row] == base {
        if first.updateValue(row, forKey: key(row)) != nil, !keys.isEmpty {
          throw Diagnostic(
            .runtime, "two rows of \(name) \(base.description) have the same \(listed(keys, "and"))",
            notes: ["`diff` holds rows with the same keys against each other; `summarize` first"])
        }
      } else {
        others.append(row)
      }
    }
    guard !others.isEmpty else {
      throw Diagnostic(
        .runtime, "there is only one \(name), \(base.description): nothing to hold it against",
        notes: ["`scenarios base, …` makes two"])
    }
    let matches = others.map { first[key($0)] }
    let cancel = Cancellation.current
    var columns: [Column] = []
    for (field, column) in zip(table.schema.fields, table.columns) {
      try cancel.check()
      let after = column.taking(others.map { Int32($0) })
      if field.name == name || keys.contains(field.name) {
        columns.append(after)
        continue
      }
      switch column.type {
      case .text:
        columns.append(
          Column(
            .text,
            values: zip(others, matches).map { row, before in
              guard let before, column[before] != column[row] else { return column[row] }
              return .text("\(column[before].description) → \(column[row].description)")
            }))
      case .int, .number, .percent, .money, .quantity, .duration:
        let type = column.type
        let changes = zip(others, matches).map { row, before -> Value in
          guard let before, let new = column[row].asDouble, let old = column[before].asDouble else {
            return .null
          }
          return type == .int ? .int(Int64(new - old)) : .number(new - old)
        }
        columns.append(
          type == .int
            ? Column(.int, values: changes)
            : Column.doubles(type, changes.map(\.asDouble)))
      default: columns.append(after)
      }
    }
    var schema = table.schema
    for i in schema.fields.indices
    where schema.fields[i].name != name && !keys.contains(schema.fields[i].name) {
      schema.fields[i].numbers = .change
    }
    return Table(schema, columns, rowCount: others.count)
  }
}
