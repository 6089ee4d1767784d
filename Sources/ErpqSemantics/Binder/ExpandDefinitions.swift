import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// A use of a definition: its body is bound with the arguments in the place of its formals.
extension Binder {
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
      let query = Query(source: .expression(body), filter: nil, stages: [], span: body.span)
      return expanded(info, name, arguments, span, scope) { $0.bind(query, scope: $1) }
    case .block(let statements):
      return expanded(info, name, arguments, span, scope) { $0.block(statements, scope: $1, span: span) }
    }
  }

  /// What `body` makes of a definition when its formals are known.
  private mutating func expanded(
    _ info: DefinitionInfo, _ name: String, _ arguments: [Argument], _ span: SourceSpan, _ scope: Scope,
    _ body: (inout Binder, Scope) -> BoundQuery?
  ) -> (BoundSource, Schema) {
    guard let formals = commandFormals(info, name, arguments, span, scope), enter(info, name, at: span) else {
      return (.broken, .unknown)
    }
    return inside(info) { binder in
      var inner = Scope.rowless
      inner.formals = formals
      guard let bound = body(&binder, inner), !bound.isBroken else { return (.broken, .unknown) }
      return (.query(bound), bound.schema)
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
}
