import ErpqBase
import ErpqDiagnostics
import ErpqRendering
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import ErpqWarehouse

/// Runs bound queries: the source, then each stage on whole columns.
struct Executor {
  /// What a step did, for `profile`.
  struct Step {
    var name: String
    var rows: Int
    var seconds: Double
  }

  var context: RunContext
  let sink: any ResultSink
  /// Table variables.
  var tables: [String: ResultTable]
  /// Value variables.
  var values: [String: Value]
  /// The last result.
  var last: ResultTable?
  /// Tables that `save as` made.
  var saved: [(String, ResultTable)] = []
  /// Steps with their times, when they are asked for.
  var steps: [Step]?
  /// Whether an assertion failed.
  var failedAssertions = 0
  /// Whether a failed assertion stops the run; the prompt goes on.
  var assertionsStop = true
  /// Whether the last stage has shown what there is to see (a picture, a check that holds), so that the rows need
  /// not be shown.
  var hasShown = false
  private let clock = ContinuousClock()

  init(
    context: RunContext, sink: any ResultSink, tables: [String: ResultTable], values: [String: Value],
    last: ResultTable?
  ) {
    self.context = context
    self.sink = sink
    self.tables = tables
    self.values = values
    self.last = last
  }

  /// The rows of a query. Throws `Diagnostic` with the place in the query, or `Cancellation.Interrupted`.
  ///
  /// Where only some columns of the result are `asked` for, the others may be missing from it.
  mutating func run(_ query: BoundQuery, asked: Set<String>? = nil) throws -> ResultTable {
    var result: ResultTable
    // A variation runs all that is before it, many times.
    let varied = query.stages.lastIndex { $0.isVariation }
    if let varied {
      let stage = query.stages[varied]
      result = try run(stage, on: 0, text: query.text) { try $0.vary(query, at: varied) }
    } else {
      let plan = ScanPushdown(query, asked: asked)
      do {
        context.progress?(WorkProgress(ScanPushdown.describe(query.source)))
        result = try timed("source: " + ScanPushdown.describe(query.source)) { executor in
          try executor.source(query, plan)
        }
      } catch {
        throw Executor.located(error, query.span, query.text)
      }
    }
    for (i, stage) in query.stages.enumerated().dropFirst(varied.map { $0 + 1 } ?? 0) {
      guard case .join(let kind, let right, let on, let merge) = stage.kind else {
        result = try run(stage, result, text: query.text)
        continue
      }
      // A join may write a hundred times what it read: only what the stages behind it look at.
      let rest = query.stages[(i + 1)...]
      let needed = ScanPushdown.needed(by: rest, asked: asked).map { $0.union(on.map(\.left.name)) }
      let left = result.table.keeping(needed)
      result = try run(stage, on: left.rowCount, text: query.text) { executor in
        let asked = ScanPushdown.asked(by: stage, before: rest, asked: asked)
        let other = try executor.run(right, asked: asked).table.keeping(asked)
        return ResultTable(try Executor.join(left, other, kind, on, merge))
      }
    }
    return result
  }

  private mutating func timed(_ name: String, _ body: (inout Executor) throws -> ResultTable) throws
    -> ResultTable
  {
    guard steps != nil else { return try body(&self) }
    let start = clock.now
    let result = try body(&self)
    let passed = clock.now - start
    let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
    steps?.append(Step(name: name, rows: result.table.rowCount, seconds: seconds))
    return result
  }

  static func located(_ error: any Error, _ span: SourceSpan, _ text: SourceText) -> any Error {
    switch error {
    case is Cancellation.Interrupted, is AssertionStop: return error
    case let d as Diagnostic: return d.at(span).within(text)
    case let k as KernelError:
      let place = k.row.map { ["in row \($0 + 1)"] } ?? []
      return Diagnostic(.arithmetic, k.message, at: span, notes: place).within(text)
    case let p as PlotError: return Diagnostic(.runtime, inOneSentence(p.message), at: span).within(text)
    case let w as WarehouseError: return Company.diagnostic(w).at(span).within(text)
    default: return Diagnostic(.runtime, "this could not be computed: \(error)", at: span).within(text)
    }
  }

  /// A sentence as diagnostics carry it: a small letter first, no full stop.
  private static func inOneSentence(_ text: String) -> String {
    let words = text.hasSuffix(".") ? String(text.dropLast()) : text
    guard let first = words.first, words.dropFirst().first?.isUppercase != true else { return words }
    return first.lowercased() + words.dropFirst()
  }

  // MARK: Sources

  private mutating func source(_ query: BoundQuery, _ plan: ScanPushdown) throws -> ResultTable {
    try Cancellation.current.check()
    switch query.source {
    case .broken: throw Diagnostic(.runtime, "this statement has errors and cannot run")
    case .lastResult:
      guard let last else { throw Diagnostic(.lastResultInScript, "there is no last result yet") }
      return last
    case .variable(let name):
      guard let table = tables[name] else { throw Diagnostic(.unknownVariable, "`$\(name)` has no rows yet") }
      return table
    case .query(let inner): return try run(inner, asked: plan.needed)
    case .value(let e): return ResultTable(Table([("value", Column(e.type, values: [try constant(e)]))]))
    case .list(let e):
      guard case .list(let items) = try constant(e) else {
        return ResultTable(Table([("value", .nulls(.unknown, count: 0))]))
      }
      var type = query.sourceSchema.fields.first?.type ?? .unknown
      if type == .unknown || type == .null { type = items.first { !$0.isNull }?.type ?? .int }
      return ResultTable(Table([("value", Column(type, values: items))]))
    case .command(let spec, let bound, let span):
      guard let command = Commands.byName[spec.name] else {
        throw Diagnostic(.notBuiltYet, "this version of erpq cannot run `\(spec.name)`", at: span)
      }
      let arguments = try Arguments(spec, bound, span: span, variables: values)
      if let relation = command.relation {
        let scan = try RelationCommands.scan(
          relation, arguments, context, columns: plan.columns, filters: plan.filters)
        return ResultTable(try FactFilters.scan(scan, context))
      }
      var context = context
      // Metrics ask the same command for many columns, a few each: then all of them are made once.
      context.asked = command.makesWhatIsAsked && context.measuring.isEmpty ? plan.needed : nil
      // A script's own metric may read the variables of the session.
      let isOwn = !context.environment.metrics.isEmpty && !(values.isEmpty && tables.isEmpty)
      guard let memo = context.memo, ResultMemo.repeatable.contains(spec.name), !isOwn,
        // A scenario changes the facts, and a file of policies may change between two questions.
        context.changes.isEmpty, !arguments.isGiven("policies"),
        !context.environment.redefinesLibrary
      else { return try command.run(arguments, context) }
      return try memo.result(question(arguments, context), context.company) {
        let (result, isQuiet) = try context.listening { try command.run(arguments, $0) }
        return (result, isKept: isQuiet)
      }
    }
  }

  /// All that the result of a command depends on beside the facts.
  private func question(_ a: Arguments, _ context: RunContext) -> String {
    let own = context.environment.metricOrder.compactMap { context.environment.metrics[$0]?.source.text }
    // Only what measures metrics could measure one of those that are being measured.
    let circle = ResultMemo.measuring.contains(a.spec.name) ? context.measuring.sorted() : []
    let asked = context.asked.map { $0.sorted().joined(separator: ",") } ?? "*"
    return context.question([a.spec.name, circle.joined(separator: ","), asked] + own, a.values)
  }

  /// The value of an expression without rows.
  func constant(_ e: Expression) throws -> Value { try Evaluator.constant(e, variables: values) }

  // MARK: Stages

  mutating func run(_ stage: BoundStage, _ input: ResultTable, text: SourceText) throws -> ResultTable {
    try run(stage, on: input.table.rowCount, text: text) { executor in
      guard case .block(let stages) = stage.kind else { return try executor.apply(stage, input, text) }
      var result = input
      for inner in stages { result = try executor.run(inner, result, text: text) }
      return result
    }
  }

  private mutating func run(
    _ stage: BoundStage, on rows: Int, text: SourceText, _ body: (inout Executor) throws -> ResultTable
  ) throws -> ResultTable {
    try Cancellation.current.check()
    hasShown = false
    do {
      if case .block = stage.kind { return try body(&self) }
      context.progress?(WorkProgress(stage.word, rows: rows))
      return try timed(stage.word, body)
    } catch {
      throw Executor.located(error, stage.span, text)
    }
  }

  private mutating func apply(_ stage: BoundStage, _ input: ResultTable, _ text: SourceText) throws
    -> ResultTable
  {
    let table = input.table
    let rows = Evaluator(table: table, variables: values)
    switch stage.kind {
    case .broken: throw Diagnostic(.runtime, "this statement has errors and cannot run")
    case .block: return input
    case .filter(let test):
      return ResultTable(
        table.filtered(by: try rows.column(test)), history: input.history, reasons: input.reasons)
    case .select(let items):
      let columns = try items.map { try rows.column($0.value) }
      let schema = Schema(
        zip(items, columns).map { item, column -> Field in
          var field = stage.schema[item.name] ?? Field(item.name, column.type)
          field.type = column.type
          return field
        })
      return ResultTable(
        Table(schema, columns, rowCount: table.rowCount), history: input.history, reasons: input.reasons)
    case .extend(let items):
      var result = table
      for item in items {
        let column = try Evaluator(table: result, variables: values).column(item.value)
        result = result.setting(item.name, column)
      }
      return ResultTable(
        result.takingRoles(from: stage.schema), history: input.history, reasons: input.reasons)
    case .rename(let pairs):
      var schema = table.schema
      for (new, old) in pairs { if let i = table.schema.index(of: old) { schema.fields[i].name = new } }
      return ResultTable(Table(schema, table.columns, rowCount: table.rowCount))
    case .drop(let names):
      return ResultTable(
        table.selecting(table.schema.names.filter { !names.contains($0) }), history: input.history,
        reasons: input.reasons)
    case .distinct(let names): return ResultTable(try table.distinct(on: names.isEmpty ? nil : names))
    case .fill(let names, let value):
      return ResultTable(try table.filled(names, with: try value.map { try constant($0) }))
    case .sort(let keys):
      let sortKeys = try keys.map {
        SortKey(try rows.column($0.value), descending: $0.descending, nullsFirst: $0.nullsFirst)
      }
      return ResultTable(try table.sorted(by: sortKeys), history: input.history, reasons: input.reasons)
    case .limit(let e):
      return ResultTable(
        table.slice(0..<Swift.min(try count(e), table.rowCount)), history: input.history,
        reasons: input.reasons)
    case .sample(let e, let seed): return ResultTable(table.sampled(try count(e), seed: seed ?? context.seed))
    case .top(let e, let by, let ascending):
      return ResultTable(
        try table.top(try count(e), by: SortKey(try rows.column(by), descending: !ascending)))
    case .dense(let day, let by): return ResultTable(try table.dense(day, by: by))
    case .summarize(let items, let by):
      return ResultTable(
        try rows.summarized(by: by.map { ($0.name, $0.value) }, items: items.map { ($0.name, $0.value) })
          .takingRoles(from: stage.schema))
    case .pivot(let r, let c, let value): return ResultTable(try pivot(table, r, c, value))
    case .join(let kind, let right, let on, let merge):
      return ResultTable(try Executor.join(table, try run(right).table, kind, on, merge))
    case .union(let other):
      let below = try run(other).table
      return ResultTable(try table.appended(below))
    case .lookup(let key, let relation, let columns):
      return ResultTable(
        try lookup(table, key, relation, columns), history: input.history, reasons: input.reasons)
    case .sparkline(let names): return ResultTable(try Sparklines.fold(table, names, into: stage.schema))
    case .bars(let names):
      var schema = table.schema
      for i in schema.fields.indices where names.contains(schema.fields[i].name) {
        schema.fields[i].doc = "bars"
      }
      return ResultTable(table.described(as: schema), history: input.history, reasons: input.reasons)
    case .totals(let names):
      return ResultTable(try Totals.below(table, names), history: input.history)
    case .describe: return ResultTable(try table.described())
    case .whatif, .scenarios: return input
    case .diff(let name, let keys): return ResultTable(try Differences.of(table, by: name, keys: keys))
    case .accuracy(let names):
      return ResultTable(try Accuracies.of(table, by: names, schema: stage.schema))
    case .why(let test):
      try tell(test, input)
      hasShown = true
      return input
    case .plot(let plot):
      try draw(plot, input)
      hasShown = true
      return input
    case .export(let format, let target, let options):
      try Exports.export(
        table, format: format, to: text_(try constant(target)), options: try optionValues(options), context,
        sink)
      return input
    case .tee(let target, let options):
      try Exports.export(
        table, format: nil, to: text_(try constant(target)), options: try optionValues(options), context, sink
      )
      return input
    case .save(let name):
      tables[name] = input
      saved.append((name, input))
      sink.note("saved \(counted(table.rowCount, "row")) as $\(name)")
      return input
    case .assert(let quantifier, let test, let message, let whole):
      try assert(quantifier, test, message, whole, table, stage, text)
      hasShown = true
      return input
    }
  }

  private func text_(_ value: Value) -> String { if case .text(let s) = value { s } else { "" } }

  private func optionValues(_ options: [String: Expression]) throws -> [String: Value] {
    try options.mapValues { try constant($0) }
  }

  private func count(_ e: Expression) throws -> Int {
    guard case .int(let n) = try constant(e), n >= 0 else {
      throw Diagnostic(.outOfRange, "a number of rows cannot be negative", label: "0 or more is expected")
    }
    return Int(clamping: n)
  }
}

extension Table {
  /// Without the columns that are not among the names; nil for all.
  fileprivate func keeping(_ names: Set<String>?) -> Table {
    guard let names else { return self }
    return selecting(schema.names.filter(names.contains))
  }
}

/// `1 row`, `812 rows`.
public func counted(_ n: Int, _ noun: String) -> String {
  NumberText.grouped(Int64(n)) + " " + noun + (n == 1 ? "" : "s")
}
