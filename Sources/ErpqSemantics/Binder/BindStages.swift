import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// Binds a stage behind rows of `input`. Columns reached through keys become lookups before it and are
  /// dropped behind it, so the result may be several steps.
  mutating func bind(_ stage: Stage, input: Schema, scope: Scope) -> [BoundStage] {
    switch stage.kind {
    case .filter(let e): return filterStage(e, word: "where", span: stage.span, schema: input, scope: scope)
    case .named(let path, let arguments): return [named(path, arguments, stage.span, input, scope)]
    default: break
    }
    let before = pendingLookups
    pendingLookups = []
    defer { pendingLookups = before }
    let errors = diagnostics.count
    let rows = scope.rows(input, stage: stage.word.text)
    let bound = kind(stage, input, rows)
    guard let (kind, schema) = bound, diagnostics[errors...].allSatisfy({ $0.severity != .error }) else {
      // What a broken stage gives is unknown, so that what follows is not blamed.
      let kept: Schema
      switch stage.kind {
      case .sort, .limit, .sample, .top, .assert, .plot, .export, .tee, .save, .fill, .distinct, .bars,
        .totals, .why, .diff:
        kept = input
      default: kept = .unknown
      }
      return [BoundStage(kind: .broken, schema: kept, span: stage.span, word: stage.word.text)]
    }
    return withLookups(BoundStage(kind: kind, schema: schema, span: stage.span, word: stage.word.text), input)
  }

  /// Puts the pending lookups before a step and removes their columns behind it.
  private mutating func withLookups(_ stage: BoundStage, _ input: Schema) -> [BoundStage] {
    guard !pendingLookups.isEmpty else { return [stage] }
    var steps: [BoundStage] = []
    var schema = input
    var waiting = pendingLookups
    while let first = waiting.first {
      // Columns of the same rows are brought in together.
      let together = waiting.filter { $0.key == first.key && $0.relation.name == first.relation.name }
      waiting.removeAll { $0.key == first.key && $0.relation.name == first.relation.name }
      let target = try? first.relation.output(BoundArguments(), host)
      for lookup in together {
        schema.fields.append(Field(lookup.as, target?[lookup.column]?.type ?? .unknown))
      }
      steps.append(
        BoundStage(
          kind: .lookup(
            key: first.key, relation: first.relation, columns: together.map { ($0.column, $0.as) }),
          schema: schema, span: stage.span, word: "lookup"))
    }
    let hidden = Set(pendingLookups.map(\.as))
    pendingLookups = []
    var last = stage
    switch stage.kind {
    case .select, .summarize, .pivot, .describe: return steps + [last]
    default: break
    }
    last.schema.fields.append(
      contentsOf: schema.fields.filter { hidden.contains($0.name) && last.schema.index(of: $0.name) == nil })
    var visible = last.schema
    visible.fields.removeAll { hidden.contains($0.name) }
    return steps + [
      last, BoundStage(kind: .drop(hidden.sorted()), schema: visible, span: stage.span, word: "drop"),
    ]
  }

  mutating func filterStage(_ e: Expr, word: String, span: SourceSpan, schema: Schema, scope: Scope)
    -> [BoundStage]
  {
    let before = pendingLookups
    pendingLookups = []
    defer { pendingLookups = before }
    let errors = diagnostics.count
    let test = condition(e, place: "`where`", scope: scope.rows(schema, stage: "where"))
    if test.isBroken || diagnostics[errors...].contains(where: { $0.severity == .error }) {
      return [BoundStage(kind: .broken, schema: schema, span: span, word: word)]
    }
    return withLookups(BoundStage(kind: .filter(test), schema: schema, span: span, word: word), schema)
  }

  private mutating func named(
    _ path: Path, _ arguments: [Argument], _ span: SourceSpan, _ input: Schema, _ scope: Scope
  ) -> BoundStage {
    if let info = definition(named: path.text) {
      return expandStage(info, path, arguments, span: span, input: input, scope: scope)
    }
    let candidates =
      stageWords
      + environment.definitions.filter { if case .stages = $0.value.definition.body { true } else { false } }
      .keys.sorted()
    explain(span)
    let broken = BoundStage(kind: .broken, schema: .unknown, span: span, word: path.text)
    if environment.mayBeImported(path.text) { return broken }
    if let function = catalog.function(path.text) {
      report(.functionAsStage(path.text, path.span, makesOneValue: function.category == "aggregate"))
      return broken
    }
    var near = nearest(to: path.text, among: candidates)
    if let right = Synonyms.stages[path.text.lowercased()] { near = [right] }
    let isCommand = near.isEmpty && !catalog.commands(beginningWith: path.text).isEmpty
    report(.unknownStage(path.text, path.span, near: near, isCommand: isCommand))
    return broken
  }

  typealias Bound = (BoundStage.Kind, Schema)

  private mutating func kind(_ stage: Stage, _ input: Schema, _ rows: Scope) -> Bound? {
    switch stage.kind {
    case .filter, .named, .error: return nil
    case .select(let items): return select(items, input, rows)
    case .extend(let items): return extend(items, input, rows)
    case .rename(let pairs): return rename(pairs, input)
    case .drop(let paths): return drop(paths, input)
    case .distinct(let paths):
      let names = paths.compactMap { existingColumn($0, in: input) }
      return (.distinct(names), input)
    case .fill(let paths, let value): return fill(paths, value, input, rows)
    case .sort(let keys): return sort(keys, input, rows)
    case .limit(let e): return count(e, rows, place: "`limit`").map { (.limit($0), input) }
    case .sample(let e, let seed):
      return count(e, rows, place: "`sample`").map {
        (.sample($0, seed: seed.map { UInt64(bitPattern: $0) }), input)
      }
    case .top(let n, let by, let ascending):
      guard let n = count(n, rows, place: "`top`") else { return nil }
      return (.top(n, by: bind(by, scope: rows), ascending: ascending), input)
    case .dense(let name, let by): return dense(name, by, input)
    case .summarize(let items, let by): return summarize(items, by, input, rows)
    case .pivot(let r, let c, let v): return pivot(r, c, v, input, rows)
    case .join(let kind, let reference, let keys): return join(kind, reference, keys, stage, input, rows)
    case .union(let reference): return union(reference, stage, input, rows)
    case .whatif(let sweeps): return whatif(sweeps, stage, input, rows)
    case .scenarios(let names): return scenarios(names, stage, input, rows)
    case .diff(let name): return diff(name, input)
    case .why(let test): return why(test, stage, input, rows)
    case .accuracy(let paths): return accuracy(paths, stage, input)
    case .plot(let plot): return self.plot(plot, input, rows)
    case .sparkline(let paths): return sparkline(paths, input)
    case .bars(let paths): return bars(paths, input)
    case .totals(let paths): return totals(paths, input)
    case .export(let format, let target, let arguments):
      return export(format, to: target, arguments, stage, input, rows)
    case .tee(let target, let arguments):
      return written(to: target, arguments, stage, rows)
        .map { (.tee($0.target, options: $0.options), input) }
    case .save(let name):
      environment.variables[name.text] = .table(input)
      return (.save(name.text), input)
    case .assert(let quantifier, let test, let message):
      return assertion(quantifier, test, message, input, rows)
    case .describe: return (.describe, Binder.description)
    }
  }

  func windowed(_ scope: Scope) -> Scope {
    var scope = scope
    scope.windows = true
    return scope
  }

  /// A whole number of rows.
  private mutating func count(_ e: Expr, _ rows: Scope, place: String) -> Expression? {
    let bound = bind(e, scope: rows.withoutRows)
    if bound.isBroken { return nil }
    guard bound.type == .int || bound.type == .unknown else {
      report(.wrongType(place, wanted: "a whole number of rows", found: bound.type.spoken, e.span))
      return nil
    }
    if case .constant(.int(let n), _) = bound, n < 0 {
      report(
        Diagnostic(
          .outOfRange, "a number of rows cannot be negative", at: e.span, label: "0 or more is expected"))
      return nil
    }
    return bound
  }
}
