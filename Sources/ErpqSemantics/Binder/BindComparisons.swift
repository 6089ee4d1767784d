import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Operators that test.
extension Binder {
  mutating func between(
    _ value: Expr, _ low: Expr, _ high: Expr, _ negated: Bool, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    let lower = compare(.greaterOrEqual, value, low, span, scope)
    let upper = compare(.lessOrEqual, value, high, span, scope)
    let both = make(Operators.and, [lower, upper], .bool)
    return negated ? make(Operators.not, [both], .bool) : both
  }

  mutating func compare(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    if case .null = right.unwrapped.kind {
      let negated = op == .notEqual
      let text = source.slice(left.span) + (negated ? " is not null" : " is null")
      report(.comparesWithNull(span, negated: negated, fix: .replace(span, with: text)))
      return .broken
    }
    if let slip = unquotedText(left, right, scope) ?? unquotedText(right, left, scope) {
      report(slip)
      return .broken
    }
    if let slip = quotedCode(right, scope) {
      report(slip)
      return .broken
    }
    var a = bind(left, scope: scope)
    var b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    takeUnits(&a, left, &b, right)
    if a.isBroken || b.isBroken { return .broken }
    switch TypeRules.comparable(a.type, b.type) {
    case .type:
      let ordered = op != .equal && op != .notEqual
      if ordered, a.type == .bool, b.type == .bool {
        report(clash(op.rawValue, a, left, b, right, span, scope))
        return .broken
      }
      let kernel: ScalarKernel =
        switch op {
        case .equal: Operators.equal
        case .notEqual: Operators.notEqual
        case .less: Operators.less
        case .lessOrEqual: Operators.lessOrEqual
        case .greater: Operators.greater
        default: Operators.greaterOrEqual
        }
      return make(kernel, [a, b], .bool)
    case .units(let x, let y): report(.unitClash(op.rawValue, x, y, span))
    case .clash: report(clash(op.rawValue, a, left, b, right, span, scope))
    }
    return .broken
  }

  /// `sku = E-COM07`.
  private func quotedCode(_ right: Expr, _ scope: Scope) -> Diagnostic? {
    guard case .binary(.subtract, _, let x, let y) = right.kind else { return nil }
    return quotedCode(.subtract, x, y, right.span, scope)
  }

  /// `abc = A`: a word that is no column, beside a text.
  private func unquotedText(_ text: Expr, _ word: Expr, _ scope: Scope) -> Diagnostic? {
    guard scope.hasRows, !scope.schema.isOpen, let name = word.bareName,
      scope.schema.index(of: name.text) == nil,
      case .path(let path) = text.kind, let field = scope.schema[path.text], field.type == .text,
      environment.variables[name.text] == nil
    else { return nil }
    return unknownColumn(name, in: scope.schema, scope, quoted: true)
  }

  mutating func membership(_ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope)
    -> Expression
  {
    if case .binary(.range, _, let low, let high) = right.unwrapped.kind {
      return between(left, low, high, false, span, scope)
    }
    if case .list(let items) = right.unwrapped.kind { return member(left, of: items, scope) }
    let a = bind(left, scope: scope)
    let b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    switch (a.type, b.type) {
    case (_, .list(let element)):
      if case .clash = TypeRules.comparable(a.type, element) {
        report(clash("=", a, left, .constant(.null, element), right, span, scope))
        return .broken
      }
      return make(Operators.isIn, [a, b], .bool)
    case (.date, .period), (.datetime, .period), (.period, .period), (.unknown, _), (_, .unknown):
      return make(Operators.isIn, [a, b], .bool)
    default:
      report(
        Diagnostic(
          .typeClash, "`in` needs a list, a range or a period, and this is \(b.type.spoken)", at: right.span,
          label: "write `[a, b]`, `1..10` or `2026-03`"))
      return .broken
    }
  }

  /// `left in [items]`, each item taking the unit of the left side.
  private mutating func member(_ left: Expr, of items: [Expr], _ scope: Scope) -> Expression {
    // Words in the list that are no columns were meant as texts.
    for item in items {
      if let slip = unquotedText(left, item, scope) {
        report(slip)
        return .broken
      }
    }
    let a = bind(left, scope: scope)
    if a.isBroken { return .broken }
    var bound: [Expression] = []
    for item in items {
      var one = a
      var b = bind(item, scope: scope)
      if b.isBroken { return .broken }
      takeUnits(&one, left, &b, item)
      switch TypeRules.comparable(a.type, b.type) {
      case .type: bound.append(b)
      case .units(let x, let y):
        report(.unitClash("=", x, y, item.span))
        return .broken
      case .clash:
        report(clash("=", a, left, b, item, item.span, scope))
        return .broken
      }
    }
    var values: [Value] = []
    for b in bound { if case .constant(let v, _) = b { values.append(v) } }
    if values.count == bound.count {
      return make(Operators.isIn, [a, .constant(.list(values), .list(a.type))], .bool)
    }
    return make(Operators.isIn, [a, .call(ListKernels.make, bound, .list(a.type))], .bool)
  }

  mutating func textTest(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    let a = bind(left, scope: scope)
    let b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    let isContains = op == .contains || op == .notContains
    let word = isContains ? "contains" : (op == .like || op == .notLike ? "like" : "matches")
    var leftFits = [.text, .unknown, .null].contains(a.type)
    if isContains, case .list = a.type { leftFits = true }
    if !leftFits {
      report(
        .wrongType(
          "`\(word)`", wanted: isContains ? "a text or a list on its left" : "a text on its left",
          found: a.type.spoken, left.span))
      return .broken
    }
    if a.type == .text, ![.text, .unknown, .null].contains(b.type) {
      report(
        .wrongType(
          "`\(word)`", wanted: "a text on its right", found: b.type.spoken, right.span,
          fixes: [.replace(right.span, with: "\"\(source.slice(right.span))\"")]))
      return .broken
    }
    let kernel = isContains ? Operators.contains : (word == "like" ? Operators.like : Operators.matches)
    let test = make(kernel, [a, b], .bool)
    return [.notLike, .notContains, .notMatches].contains(op) ? make(Operators.not, [test], .bool) : test
  }
}
