import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// Binds a query; `scope` gives the formals of a definition being expanded.
  mutating func bind(_ query: Query, scope: Scope) -> BoundQuery {
    let outer = (pendingLookups, sourceSpec)
    pendingLookups = []
    defer { (pendingLookups, sourceSpec) = outer }
    let swept = openVariables(query)
    defer { for (name, info) in swept { environment.variables[name] = info } }
    var (bound, schema) = bindSource(query, scope)
    if query.stages.contains(where: \.isAccuracy), case .command(let spec, let arguments, let span) = bound,
      let judged = spec.whenJudged(arguments), let columns = try? spec.output(judged, host)
    {
      (bound, schema) = (.command(spec, judged, span), columns)
    }
    sourceSpec = Binder.command(of: bound)
    var stages: [BoundStage] = []
    // A query that is only a bracketed query or a source definition is that query.
    if let filter = query.filter {
      if case .value(let e) = bound { (bound, schema) = asTable(e, sourceSpan(query)) }
      let stage = filterStage(filter, word: "where", span: filter.span, schema: schema, scope: scope)
      stages.append(contentsOf: stage)
      schema = stages.last?.schema ?? schema
    }
    if !query.stages.isEmpty, case .value(let e) = bound { (bound, schema) = asTable(e, sourceSpan(query)) }
    let sourceSchema = stages.isEmpty ? schema : (sourceSchemaOf(bound) ?? schema)
    var hasTotals = false
    for stage in query.stages {
      if hasTotals { checkKeepsTotals(stage) }
      if case .totals = stage.kind { hasTotals = true }
      let next = bind(stage, input: schema, scope: scope)
      stages.append(contentsOf: next)
      schema = next.last?.schema ?? schema
    }
    return BoundQuery(
      source: bound, stages: stages, sourceSchema: stages.isEmpty ? schema : sourceSchema, span: query.span,
      text: source)
  }

  /// Totals stand below rows that stay as they are.
  private mutating func checkKeepsTotals(_ stage: Stage) {
    switch stage.kind {
    case .export, .tee, .save, .assert, .plot, .bars, .totals, .error: return
    default:
      report(
        Diagnostic(
          .expected, "no stage that changes the rows stands behind `totals`", at: stage.word.span,
          label: "put `\(quotable(stage.word.text))` before `totals`"))
    }
  }

  private func sourceSpan(_ query: Query) -> SourceSpan {
    if case .expression(let e)? = query.source { return e.span }
    return query.span
  }

  private func sourceSchemaOf(_ bound: BoundSource) -> Schema? {
    switch bound {
    case .command(let spec, let arguments, _): return try? spec.output(arguments, host)
    case .variable(let name):
      if case .table(let s)? = environment.variables[name] { return s }
      return nil
    case .query(let q): return q.schema
    case .lastResult: return environment.lastResult
    default: return nil
    }
  }

  private mutating func bindSource(_ query: Query, _ scope: Scope) -> (BoundSource, Schema) {
    switch query.source {
    case nil:
      guard environment.isInteractive else {
        report(
          Diagnostic(
            .lastResultInScript, "a statement cannot begin with `|` here",
            at: SourceSpan(query.span.start, query.span.start + 1),
            label: "a source is missing before it",
            notes: ["at the prompt, `| …` goes on from the last result"]))
        return (.broken, .unknown)
      }
      guard let schema = environment.lastResult else {
        report(
          Diagnostic(
            .lastResultInScript, "there is no last result yet",
            at: SourceSpan(query.span.start, query.span.start + 1),
            label: "begin with a source such as `sales`"))
        return (.broken, .unknown)
      }
      return (.lastResult, schema)
    case .command(let command): return bindCommand(command, scope)
    case .expression(let e): return bindSourceExpression(e, scope)
    }
  }

  private mutating func bindSourceExpression(_ e: Expr, _ scope: Scope) -> (BoundSource, Schema) {
    switch e.unwrapped.kind {
    case .variable("_"):
      if environment.isInteractive, let schema = environment.lastResult { return (.lastResult, schema) }
      report(lastResultInScript(e.span))
      return (.broken, .unknown)
    case .variable(let name) where scope.tables[name] != nil:
      if let table = scope.tables[name] { return (.query(table), table.schema) }
    case .variable(let name) where scope.formals[name] == nil:
      for key in [modulePrefix + name, name] {
        if case .table(let schema)? = environment.variables[key] { return (.variable(key), schema) }
      }
    case .query(let query):
      let bound = bind(query, scope: scope.withoutRows)
      return bound.isBroken ? (.broken, .unknown) : (.query(bound), bound.schema)
    default: break
    }
    let value = bind(e, scope: scope.withoutRows)
    if value.isBroken { return (.broken, .unknown) }
    let isYear = value.type == .int && Self.isYear(e)
    return (.value(value), Schema([Field("value", value.type, numbers: isYear ? .name : nil)]))
  }

  /// Whether an expression without rows reads as a year; its value is known by now, and no longer tells.
  private static func isYear(_ e: Expr) -> Bool {
    switch e.unwrapped.kind {
    case .call(let call): call.function.text == "year"
    case .binary(.add, _, let a, let b): isYear(a) != isYear(b)
    case .binary(.subtract, _, let a, let b): isYear(a) && !isYear(b)
    default: false
    }
  }

  /// A value at the start of a pipeline: a list is a table with one column `value`.
  private mutating func asTable(_ e: Expression, _ span: SourceSpan) -> (BoundSource, Schema) {
    if case .list(let element) = e.type { return (.list(e), Schema([Field("value", element)])) }
    if e.type == .unknown { return (.broken, .unknown) }
    report(.notATable("this", found: e.type.spoken, span))
    return (.broken, .unknown)
  }

  // MARK: Commands

  private mutating func bindCommand(_ command: Command, _ scope: Scope) -> (BoundSource, Schema) {
    let head = command.head
    if let definition = definition(named: head.text) {
      return expandSource(definition, head.text, command.arguments, span: command.span, scope: scope)
    }
    // The words of the name may continue among the arguments.
    var words = head.names.count == 1 ? [head.text] : [head.text]
    for argument in command.arguments {
      guard case .value(let e) = argument, let name = e.bareName, !name.isQuoted else { break }
      words.append(name.text)
    }
    guard let (spec, used) = catalog.longestMatch(words) else {
      explain(command.span)
      if !environment.mayBeImported(head.text) { reportUnknownCommand(command, words) }
      return (.broken, .unknown)
    }
    let rest = Array(command.arguments.dropFirst(used - 1))
    let family = catalog.commands(beginningWith: spec.words[0]).filter { $0.words.count > spec.words.count }
    if spec.words.count == 1, let word = rest.first?.bareWord,
      !spec.parameters.contains(where: { $0.name == word })
    {
      // `sales montly`: nearer to the longer name than to any parameter.
      let seconds = family.map { $0.words[1] }
      if let near = nearest(to: word, among: seconds, count: 1).first,
        nearest(to: word, among: spec.parameters.map(\.name), count: 1).isEmpty
      {
        let span = rest[0].span
        report(.incompleteCommand(spec.name, span, options: [near], found: word))
        return (.broken, .unknown)
      }
    }
    guard
      let arguments = bindArguments(
        rest, to: spec.parameters, command: spec.name, end: command.span.end, scope: scope.withoutRows)
    else { return (.broken, .unknown) }
    do {
      return (.command(spec, arguments, command.span), try spec.output(arguments, host))
    } catch {
      report(error.at(command.span))
      return (.broken, .unknown)
    }
  }

  private mutating func reportUnknownCommand(_ command: Command, _ words: [String]) {
    let head = command.head
    let name = head.text
    let longer = catalog.commands(beginningWith: name)
    if !longer.isEmpty {
      let options = longer.map { $0.words.dropFirst().joined(separator: " ") }
      if words.count > 1 {
        let span = command.arguments.first?.span ?? head.span
        let near = nearest(to: words[1], among: options)
        report(.incompleteCommand(name, span, options: near.isEmpty ? options : near, found: words[1]))
      } else {
        report(
          .incompleteCommand(name, SourceSpan(head.span.end, head.span.end), options: options, found: nil))
      }
      return
    }
    let firsts = Set(catalog.commands.map { $0.words[0] })
    let names = firsts.sorted() + environment.definitions.keys.sorted() + statementWords
    var near = nearest(to: name, among: names)
    if near.isEmpty {
      near = nearest(to: words.prefix(2).joined(separator: " "), among: catalog.commands.map(\.name))
    }
    let synonyms = [
      "select": "a query begins with its source, as in `sales | select date, amount`",
      "from": "a query begins with its source alone, as in `sales | where qty > 0`",
      "show": "the rows of a relation are there by its name alone: `products`; `help` lists the commands",
      "list": "the rows of a relation are there by its name alone: `products`; `help` lists the commands",
      "get": "the rows of a relation are there by its name alone: `products`; `help` lists the commands",
      "load": "a file is read with `read \"orders.csv\"`",
      "open": "a file is read with `read \"orders.csv\"`",
      "exit": "to leave press Ctrl-D or type `:quit`", "quit": "to leave press Ctrl-D or type `:quit`",
      "where": "a condition follows a source, as in `sales where qty > 0`",
      "by": "`by` belongs to the line above: put it there, or end that line with a comma",
      "set": "a variable is set with `let x = 30d`", "print": "a value by itself is a statement: `30 * 2`",
    ]
    var diagnostic = Diagnostic.unknownCommand(
      name, head.span, near: near, isVariable: environment.variables[name] != nil)
    if let advice = synonyms[name.lowercased()] {
      diagnostic.notes = [advice]
      diagnostic.label = ""
      diagnostic.fixes = []
    }
    if let stage = stageWords.first(where: { $0 == name }), synonyms[stage] == nil {
      diagnostic.message = "`\(stage)` is a stage and follows a source"
      diagnostic.label =
        "write a source and `|` before it: `\(stage == "why" ? "replenish" : "sales") | \(stage) …`"
      diagnostic.notes = []
      diagnostic.fixes = []
      if words.count == 2, let source = catalog.command(words[1]) {
        // `plot sales`, as one would say it.
        diagnostic.fixes = [.replace(command.span, with: "\(source.name) | \(stage)")]
        diagnostic.label = "the source comes first"
      } else if environment.isInteractive, environment.lastResult != nil {
        diagnostic.label = "`| \(stage) …` goes on from the last result"
        diagnostic.fixes = [.insert("| ", at: head.span.start, "write `|` before it")]
      }
    }
    report(diagnostic)
  }

  /// The query that `join` and `union` take.
  mutating func bind(_ reference: TableReference, scope: Scope) -> BoundQuery? {
    switch reference {
    case .error: return nil
    case .query(let query):
      var bound = bind(query, scope: scope.withoutRows)
      if bound.isBroken { return nil }
      if case .value(let e) = bound.source, e.type.isList, bound.stages.isEmpty {
        let (source, schema) = asTable(e, query.span)
        bound = BoundQuery(
          source: source, stages: [], sourceSchema: schema, span: query.span, text: bound.text)
      }
      if let type = bound.scalarType {
        report(.notATable("this", found: type.spoken, query.span))
        return nil
      }
      return bound
    case .variable(let name):
      let e = Expr(kind: .variable(name.text), span: name.span)
      let query = Query(source: .expression(e), filter: nil, stages: [], span: name.span)
      let bound = bind(query, scope: scope.withoutRows)
      if bound.isBroken { return nil }
      if case .value(let value) = bound.source {
        report(.notATable("`$\(name.text)`", found: value.type.spoken, name.span))
        return nil
      }
      return bound
    case .command(let path):
      let command = Command(head: path, arguments: [], span: path.span)
      if environment.variables[path.text] != nil, catalog.command(path.text) == nil {
        report(.unknownCommand(path.text, path.span, near: [], isVariable: true))
        return nil
      }
      let query = Query(source: .command(command), filter: nil, stages: [], span: path.span)
      let bound = bind(query, scope: scope.withoutRows)
      return bound.isBroken ? nil : bound
    }
  }
}
