import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  func definition(named name: String) -> DefinitionInfo? {
    if !modulePrefix.isEmpty, let own = environment.definitions[modulePrefix + name] { return own }
    return environment.definitions[name]
  }

  /// Registers a definition after checking its body once, with its formals unknown where they have no type.
  mutating func define(_ definition: Definition, doc: String) {
    let key = modulePrefix + definition.name.text
    if let old = environment.definitions[key], !environment.isInteractive, !old.isStandard,
      old.source === source,
      old.definition.name.span != definition.name.span
    {
      report(.duplicateName(definition.name.text, definition.name.span, what: "definitions"))
    }
    if catalog.command(definition.name.text) != nil || catalog.function(definition.name.text) != nil {
      if modulePrefix.isEmpty {
        report(
          Diagnostic(
            .duplicateName, "`\(definition.name.text)` is already part of the language",
            at: definition.name.span,
            label: "give the definition another name"))
      }
    }
    var seen = Set<String>()
    for formal in definition.formals where !seen.insert(formal.name.text).inserted {
      report(.duplicateName(formal.name.text, formal.name.span, what: "parameters"))
    }
    let info = DefinitionInfo(
      definition: definition, doc: doc, source: source, prefix: modulePrefix, isStandard: false)
    environment.definitions[key] = info
    var formals: [String: Expression] = [:]
    for formal in definition.formals {
      let type = formal.type.flatMap { resolve($0) } ?? .unknown
      if let value = formal.defaultValue {
        let bound = bind(value, scope: .rowless)
        _ = fit(bound, to: type, literal: value, place: "`\(formal.name.text)`", span: value.span)
      }
      formals[formal.name.text] = .variable("\u{0}" + formal.name.text, type)
    }
    var scope = Scope.rowless
    scope.formals = formals
    expanding.append(key)
    defer { expanding.removeLast() }
    switch definition.body {
    case .error: break
    case .expression(let e):
      var rows = scope.rows(.unknown, stage: "def", aggregates: .allowed, windows: true)
      rows.formals = formals
      let bound = bind(e, scope: rows)
      if let returns = definition.returns, let type = resolve(returns) {
        checkResult(bound, type, e, definition.name.text)
      }
    case .block(let statements): _ = block(statements, scope: scope, span: definition.name.span)
    case .stages(let stages):
      var schema = Schema.unknown
      for stage in stages { schema = bind(stage, input: schema, scope: scope).last?.schema ?? schema }
    }
  }

  private mutating func checkResult(_ bound: Expression, _ type: ValueType, _ e: Expr, _ name: String) {
    if bound.isBroken || bound.type == .unknown || TypeRules.fits(bound.type, type) { return }
    // A share of two amounts is a number; a definition may call it a percentage.
    if type == .percent, bound.type == .number || bound.type == .int { return }
    if type == .number, bound.type.isNumeric { return }
    report(
      Diagnostic(
        .typeClash, "`\(name)` promises \(type.spoken), and this is \(bound.type.spoken)", at: e.span,
        label: "\(type.spoken) is expected"))
  }

  private mutating func enter(_ info: DefinitionInfo, _ name: String, at span: SourceSpan) -> Bool {
    let key = info.prefix + info.definition.name.text
    if expanding.contains(key) {
      report(
        Diagnostic(
          .recursiveDefinition, "`\(name)` uses itself", at: span,
          label: "a definition cannot be its own part"))
      return false
    }
    if expanding.count > 60 { return false }
    expanding.append(key)
    return true
  }

  /// Binds inside a definition's own text and module, then comes back.
  private mutating func inside<T>(_ info: DefinitionInfo, _ body: (inout Binder) -> T) -> T {
    let saved = (source, modulePrefix)
    source = info.source
    modulePrefix = info.prefix
    defer {
      (source, modulePrefix) = saved
      expanding.removeLast()
    }
    return body(&self)
  }

  // MARK: Expressions

  /// A call of a definition: its body with the arguments in the place of its formals.
  mutating func expand(_ info: DefinitionInfo, _ call: Call, span: SourceSpan, scope: Scope) -> Expression {
    let name = call.function.text
    guard case .expression(let body) = info.definition.body else {
      report(
        Diagnostic(
          .notAValue, "`\(name)` gives a table, and a value is needed here", at: call.function.span,
          label: "it stands at the start of a query or after `|`"))
      return .broken
    }
    guard let formals = formals(info, call, span, scope) else { return .broken }
    guard enter(info, name, at: call.function.span) else { return .broken }
    return inside(info) { binder in
      var inner = scope
      inner.formals = formals
      let bound = binder.bind(body, scope: inner)
      guard let returns = info.definition.returns, let type = binder.resolve(returns), !bound.isBroken else {
        return bound
      }
      if bound.type.physical == type.physical, bound.type != type { return bound.retyped(type) }
      return binder.convert(bound, to: type)
    }
  }

  private mutating func formals(_ info: DefinitionInfo, _ call: Call, _ span: SourceSpan, _ scope: Scope)
    -> [String: Expression]?
  {
    let definition = info.definition
    var given: [String: Expr] = [:]
    var next = 0
    for argument in call.arguments {
      if case .binary(.equal, _, let left, let right) = argument.kind, let name = left.bareName,
        definition.formals.contains(where: { $0.name.text == name.text })
      {
        given[name.text] = right
        continue
      }
      while next < definition.formals.count, given[definition.formals[next].name.text] != nil { next += 1 }
      guard next < definition.formals.count else {
        report(
          .argumentCount(
            DescriptionTable.signature(definition, in: info.source), found: call.arguments.count, span))
        return nil
      }
      given[definition.formals[next].name.text] = argument
    }
    var formals: [String: Expression] = [:]
    for formal in definition.formals {
      let type = formal.type.flatMap { resolve($0) }
      let written: Expr
      if let e = given[formal.name.text] {
        written = e
      } else if let e = formal.defaultValue {
        written = e
      } else if formal.type?.isOptional == true {
        formals[formal.name.text] = .constant(.null, type ?? .null)
        continue
      } else {
        report(
          .argumentCount(
            DescriptionTable.signature(definition, in: info.source), found: call.arguments.count, span))
        return nil
      }
      let bound = bind(written, scope: scope)
      if bound.isBroken { return nil }
      guard let type else {
        formals[formal.name.text] = bound
        continue
      }
      let fitted = fit(
        bound, to: type, literal: written, place: "`\(formal.name.text)` of `\(call.function.text)`",
        span: written.span)
      if fitted.isBroken { return nil }
      formals[formal.name.text] = fitted
    }
    return formals
  }

  // MARK: Sources and stages

  private mutating func parameters(_ info: DefinitionInfo) -> [ParameterSpec] {
    var list: [ParameterSpec] = []
    for (i, formal) in info.definition.formals.enumerated() {
      let type = formal.type.flatMap { resolve($0) }
      list.append(
        ParameterSpec(
          formal.name.text, type.map { .value($0) } ?? .any,
          required: formal.defaultValue == nil && !(formal.type?.isOptional ?? false),
          position: i, ""))
    }
    return list
  }

  private mutating func commandFormals(
    _ info: DefinitionInfo, _ name: String, _ arguments: [Argument], _ span: SourceSpan, _ scope: Scope
  ) -> [String: Expression]? {
    let specs = parameters(info)
    guard
      let bound = bindArguments(arguments, to: specs, command: name, end: span.end, scope: scope.withoutRows)
    else {
      return nil
    }
    var formals = bound.values
    for formal in info.definition.formals where formals[formal.name.text] == nil {
      guard let value = formal.defaultValue else {
        formals[formal.name.text] = .constant(.null, .null)
        continue
      }
      let e = bind(value, scope: .rowless)
      let type = formal.type.flatMap { resolve($0) }
      formals[formal.name.text] =
        type.map { fit(e, to: $0, literal: value, place: "`\(formal.name.text)`", span: value.span) } ?? e
    }
    return formals
  }

  /// A definition at the start of a query.
  mutating func expandSource(
    _ info: DefinitionInfo, _ name: String, _ arguments: [Argument], span: SourceSpan, scope: Scope
  ) -> (BoundSource, Schema) {
    switch info.definition.body {
    case .error: return (.broken, .unknown)
    case .stages:
      report(
        Diagnostic(
          .notATable, "`\(name)` is a stage and follows a source", at: span, label: "write `sales | \(name)`")
      )
      return (.broken, .unknown)
    case .expression(let body):
      guard let formals = commandFormals(info, name, arguments, span, scope), enter(info, name, at: span)
      else {
        return (.broken, .unknown)
      }
      return inside(info) { binder in
        var inner = Scope.rowless
        inner.formals = formals
        let query = Query(source: .expression(body), filter: nil, stages: [], span: body.span)
        let bound = binder.bind(query, scope: inner)
        return bound.isBroken ? (.broken, .unknown) : (.query(bound), bound.schema)
      }
    case .block(let statements):
      guard let formals = commandFormals(info, name, arguments, span, scope), enter(info, name, at: span)
      else {
        return (.broken, .unknown)
      }
      return inside(info) { binder in
        var inner = Scope.rowless
        inner.formals = formals
        guard let bound = binder.block(statements, scope: inner, span: span), !bound.isBroken else {
          return (.broken, .unknown)
        }
        return (.query(bound), bound.schema)
      }
    }
  }

  /// The statements of a block: `let`s of values, then one query.
  mutating func block(_ statements: [Statement], scope: Scope, span: SourceSpan) -> BoundQuery? {
    var scope = scope
    var result: BoundQuery?
    for (i, statement) in statements.enumerated() {
      switch statement.kind {
      case .letQuery(let name, let query):
        let bound = bind(query, scope: scope)
        scope.formals[name.text] = nil
        scope.tables[name.text] = nil
        if bound.isBroken {
          scope.formals[name.text] = .constant(.null, .unknown)
        } else if case .value(let e) = bound.source, bound.stages.isEmpty {
          scope.formals[name.text] = e
        } else {
          scope.tables[name.text] = bound
        }
      case .query(let query):
        let bound = bind(query, scope: scope)
        if i < statements.count - 1 {
          report(
            Diagnostic(
              .expected, "a definition gives the rows of its last statement", at: statement.span,
              label: "this result would be lost"))
        }
        result = bound
      case .error: return nil
      default:
        report(
          Diagnostic(
            .expected, "a definition holds `let`s and one query", at: statement.span,
            label: "this belongs outside"))
      }
    }
    if result == nil {
      report(
        Diagnostic(.expected, "this definition has no query", at: span, label: "its last line should be one"))
    }
    return result
  }

  /// A definition after `|`.
  mutating func expandStage(
    _ info: DefinitionInfo, _ name: Path, _ arguments: [Argument], span: SourceSpan, input: Schema,
    scope: Scope
  ) -> BoundStage {
    let broken = BoundStage(kind: .broken, schema: .unknown, span: span, word: name.text)
    guard case .stages(let stages) = info.definition.body else {
      report(
        Diagnostic(
          .unknownStage, "`\(name.text)` begins a query and cannot stand after `|`", at: name.span,
          label: "a stage is defined as `def \(name.text)() { | … }`"))
      return broken
    }
    guard let formals = commandFormals(info, name.text, arguments, span, scope),
      enter(info, name.text, at: name.span)
    else {
      return broken
    }
    return inside(info) { binder in
      var inner = Scope.rowless
      inner.formals = formals
      var schema = input
      var bound: [BoundStage] = []
      for stage in stages {
        let next = binder.bind(stage, input: schema, scope: inner)
        bound.append(contentsOf: next)
        schema = next.last?.schema ?? schema
      }
      if bound.contains(where: { if case .broken = $0.kind { true } else { false } }) { return broken }
      return BoundStage(kind: .block(bound), schema: schema, span: span, word: name.text)
    }
  }

  // MARK: Imports

  mutating func importModule(_ path: String, _ span: SourceSpan, _ alias: Name?) {
    let text: SourceText
    do {
      text = try host.module(path, from: source.name)
    } catch {
      environment.missingImports.insert(alias.map { $0.text + "." } ?? "")
      report(error.at(span))
      return
    }
    if environment.importing.contains(text.name) || text.name == source.name {
      let open = environment.importing + [source.name]
      let from = open.firstIndex(of: text.name) ?? 0
      let chain = (open[from...] + [text.name]).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
      report(
        Diagnostic(
          .importCycle, "this file imports itself: " + chain.joined(separator: " → "), at: span,
          label: "one of them has to do without the other"))
      return
    }
    let prefix = alias.map { $0.text + "." } ?? ""
    let key = prefix + "\u{0}" + text.name
    guard environment.imported.insert(key).inserted else { return }
    let tree = Parser.parse(text)
    diagnostics.append(contentsOf: tree.diagnostics)
    environment.importing.append(source.name)
    let saved = (source, modulePrefix)
    source = text
    modulePrefix = prefix
    defer {
      (source, modulePrefix) = saved
      environment.importing.removeLast()
    }
    announce(tree)
    for statement in tree.statements {
      switch statement.kind {
      case .define, .metric, .scenario, .importFile, .error: _ = bind(statement)
      case .letQuery(let name, let query):
        let bound = bind(query, scope: .rowless)
        if case .value(let e) = bound.source, bound.stages.isEmpty, case .constant(let v, let t) = e {
          environment.variables[prefix + name.text] = .value(t, v)
        } else if !bound.isBroken {
          report(
            Diagnostic(
              .expected, "an imported file sets only plain values with `let`", at: statement.span,
              label: "make it a `def`"))
        }
      default:
        report(
          Diagnostic(
            .expected, "an imported file holds definitions only", at: statement.span,
            label: "this would run; move it into a script"))
      }
    }
  }

  // MARK: Metrics and scenarios

  mutating func declare(_ metric: Metric, doc: String) {
    let name = modulePrefix + metric.name.text
    let type = metric.type.flatMap { resolve($0) }
    var attributes: [String: Value] = [:]
    let known = ["name", "code", "unit", "better", "group", "target", "doc", "aliases"]
    for (attribute, value) in metric.attributes {
      if !known.contains(attribute.text) {
        report(
          .unknownName(
            "attribute", attribute.text, attribute.span, near: nearest(to: attribute.text, among: known),
            options: known))
        continue
      }
      let e = bind(value, scope: .rowless)
      if case .constant(let v, _) = e { attributes[attribute.text] = v }
      if attribute.text == "better", case .constant(.text(let s), _) = e,
        !["up", "down", "target"].contains(s)
      {
        report(.badWord(s, parameter: "better", allowed: ["up", "down", "target"], value.span, near: []))
      }
    }
    let query = bind(metric.query, scope: .rowless)
    if query.isBroken { return }
    guard case .summarize(let items, let by)? = query.stages.last?.kind, by.isEmpty, items.count == 1 else {
      report(
        Diagnostic(
          .expected, "a metric is one value: its query ends in `| summarize …` with one item and no `by`",
          at: metric.query.stages.last?.span ?? metric.query.span,
          label: "`kpi` adds the period and the `by` itself"))
      return
    }
    let found = items[0].value.type
    if let type, !TypeRules.fits(found, type), !(found.isNumeric && type.isNumeric) {
      report(.wrongType("`\(metric.name.text)`", wanted: type.spoken, found: found.spoken, metric.query.span))
      return
    }
    environment.metrics[name] = MetricInfo(
      name: name, metric: metric, doc: doc, attributes: attributes, type: type ?? found, query: query)
  }

  mutating func declare(_ scenario: Scenario, doc: String) {
    let name = modulePrefix + scenario.name.text
    if name == "base" {
      report(
        Diagnostic(
          .duplicateName, "`base` is the company as it is", at: scenario.name.span,
          label: "give the scenario another name"))
      return
    }
    if let parent = scenario.parent, parent.text != "base", environment.scenarios[parent.text] == nil {
      report(
        .unknownName(
          "scenario", parent.text, parent.span,
          near: nearest(to: parent.text, among: environment.scenarios.keys.sorted()),
          options: environment.scenarios.keys.sorted()))
    }
    var values: [Value] = []
    var filters: [String] = []
    var seen = Set<String>()
    for change in scenario.changes {
      if change.filter == nil, !seen.insert(change.name.text).inserted {
        report(.duplicateName(change.name.text, change.name.span, what: "changes"))
      }
      let e = bind(change.value, scope: .rowless)
      if case .constant(let v, _) = e {
        values.append(v)
      } else {
        if !e.isBroken { report(.notConstant("the value of a change", change.value.span)) }
        values.append(.null)
      }
      if let filter = change.filter {
        _ = condition(filter, place: "`where`", scope: Scope.rowless.rows(.unknown, stage: "where"))
        filters.append(source.slice(filter.span))
      } else {
        filters.append("")
      }
    }
    environment.scenarios[name] = ScenarioInfo(scenario: scenario, doc: doc, values: values, filters: filters)
  }
}
