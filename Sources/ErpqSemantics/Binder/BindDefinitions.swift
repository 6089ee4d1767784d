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
    checkNames(definition, key)
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

  /// Reports a name that is taken, and formals of one name.
  private mutating func checkNames(_ definition: Definition, _ key: String) {
    if let old = environment.definitions[key], !environment.isInteractive, !old.isStandard,
      old.source === source,
      old.definition.name.span != definition.name.span
    {
      report(.duplicateName(definition.name.text, definition.name.span, what: "definitions"))
    }
    let name = definition.name.text
    if modulePrefix.isEmpty, catalog.command(name) != nil || catalog.function(name) != nil {
      report(
        Diagnostic(
          .duplicateName, "`\(name)` is already part of the language", at: definition.name.span,
          label: "give the definition another name"))
    }
    var seen = Set<String>()
    for formal in definition.formals where !seen.insert(formal.name.text).inserted {
      report(.duplicateName(formal.name.text, formal.name.span, what: "parameters"))
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
}
