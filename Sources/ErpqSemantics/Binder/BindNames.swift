import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Names in expressions: variables, columns, and columns reached through a key.
extension Binder {
  mutating func variable(_ name: String, _ span: SourceSpan, _ scope: Scope) -> Expression {
    if let formal = scope.formals[name] { return formal }
    if scope.tables[name] != nil {
      report(.notAValue("`$\(name)`", span))
      return .broken
    }
    if name == "_" {
      report(environment.isInteractive ? .notAValue("`$_`", span) : lastResultInScript(span))
      return .broken
    }
    switch environment.variables[modulePrefix + name] ?? environment.variables[name] {
    case .value(let type, let value?): return .constant(value, value.isNull ? .null : type)
    case .value(let type, nil): return .variable(modulePrefix + name, type)
    case .table(let schema):
      if !(schema.isOpen && schema.fields.isEmpty) { report(.notAValue("`$\(name)`", span)) }
      return .broken
    case nil:
      var diagnostic = unknownVariable(name, span, schema: scope.hasRows ? scope.schema : nil)
      if !scope.formals.isEmpty {
        let near = nearest(to: name, among: scope.formals.keys.sorted())
        if let first = near.first {
          diagnostic.label = "did you mean `$\(first)`?"
          diagnostic.fixes = [.replace(span, with: "$" + first)]
        }
      }
      report(diagnostic)
      return .broken
    }
  }

  func lastResultInScript(_ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .lastResultInScript, "`$_`, the last result, exists only at the prompt", at: span,
      label: "name the result with `let` and use that")
  }

  mutating func column(_ path: Path, _ scope: Scope) -> Expression {
    let name = path.text
    if scope.wordsAllowed, path.names.count == 1 { return .constant(.text(name), .text) }
    if let right = scope.right, path.names.count == 2, ["left", "right"].contains(path.names[0].text) {
      let schema = path.names[0].text == "left" ? scope.schema : right
      let column = path.names[1].text
      if let field = schema[column] { return .column(path.names[0].text + "." + column, field.type) }
      if schema.isOpen { return .column(path.names[0].text + "." + column, .unknown) }
      report(unknownColumn(path.names[1], in: schema, scope))
      return .broken
    }
    guard scope.hasRows else {
      let isVariable = environment.variables[name] != nil || scope.formals[name] != nil
      if isVariable {
        report(.unknownColumn(name, path.span, near: [], columns: [], quoted: false, isVariable: true))
      } else {
        report(
          Diagnostic(
            .unknownColumn, "there are no rows here for a column `\(name)`", at: path.span,
            label: "a text stands in quotes, a variable has a `$`",
            fixes: [.replace(path.span, with: "\"\(name)\"")]))
      }
      return .broken
    }
    if let field = scope.schema[name] { return .column(name, field.type) }
    if path.names.count >= 2, let navigated = navigate(path, scope) { return navigated }
    if scope.schema.isOpen { return .column(name, .unknown) }
    report(unknownColumn(Name(text: name, span: path.span, isQuoted: false), in: scope.schema, scope))
    return .broken
  }

  func unknownColumn(_ name: Name, in schema: Schema, _ scope: Scope? = nil, quoted: Bool = false)
    -> Diagnostic
  {
    let isVariable = environment.variables[name.text] != nil || scope?.formals[name.text] != nil
    let visible = schema.names.filter { !$0.contains(".") }
    var diagnostic = Diagnostic.unknownColumn(
      name.text, name.span, near: nearest(to: name.text, among: visible), columns: visible, quoted: quoted,
      isVariable: isVariable)
    if !quoted, !isVariable, catalog.function(name.text) != nil {
      diagnostic.label = "`\(name.text)` is a function: write `\(name.text)(…)`"
      diagnostic.fixes =
        catalog.function(name.text)?.parameters.first?.defaultValue == nil
        ? [] : [.replace(name.span, with: name.text + "()")]
    }
    return diagnostic
  }

  /// `product.category`: a column of the relation that the key leads to. The stage is given a lookup before it.
  private mutating func navigate(_ path: Path, _ scope: Scope) -> Expression? {
    let key = path.names[0].text
    guard scope.schema.index(of: key) != nil, let relation = catalog.keys[key],
      let command = catalog.command(relation),
      let target = try? command.output(BoundArguments(), host)
    else { return nil }
    let column = path.names.dropFirst().map(\.text).joined(separator: ".")
    guard let field = target[column] else {
      let name = Name(text: column, span: path.names[1].span, isQuoted: false)
      report(unknownColumn(name, in: target))
      return .broken
    }
    let hidden = key + "." + column
    if !pendingLookups.contains(where: { $0.as == hidden }) {
      pendingLookups.append((key, command, column, hidden))
    }
    return .column(hidden, field.type)
  }
}
