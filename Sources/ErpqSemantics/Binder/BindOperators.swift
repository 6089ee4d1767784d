import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Operators that compute a value.
extension Binder {
  mutating func binary(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    switch op {
    case .and, .or:
      let place = "`\(op.rawValue)`"
      let a = condition(left, place: place, scope: scope)
      if case .string = right.unwrapped.kind,
        case .binary(.equal, _, let value, let first) = left.unwrapped.kind
      {
        let list =
          source.slice(value.span) + " in [" + source.slice(first.span) + ", " + source.slice(right.span)
          + "]"
        report(
          Diagnostic(
            .typeClash, "\(place) needs a condition on both sides, and this is a text", at: right.span,
            label: "one of several values: `… in [a, b]`",
            fixes: op == .or ? [.replace(span, with: list)] : []))
        return .broken
      }
      let b = condition(right, place: place, scope: scope)
      return make(op == .and ? Operators.and : Operators.or, [a, b], .bool)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return compare(op, left, right, span, scope)
    case .isIn, .notIn:
      let member = membership(left, right, span, scope)
      return op == .notIn ? make(Operators.not, [member], .bool) : member
    case .like, .notLike, .contains, .notContains, .matches, .notMatches:
      return textTest(op, left, right, span, scope)
    case .range: return range(left, right, span, scope)
    case .coalesce: return coalesce(left, right, span, scope)
    case .add, .subtract, .multiply, .divide, .modulo: return arithmetic(op, left, right, span, scope)
    }
  }

  private mutating func arithmetic(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Expression {
    if let fix = quotedCode(op, left, right, span, scope) {
      report(fix)
      return .broken
    }
    var a = bind(left, scope: scope)
    var b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    if op == .add || op == .subtract { takeUnits(&a, left, &b, right) }
    if a.isBroken || b.isBroken { return .broken }
    let outcome: TypeOutcome
    let kernel: ScalarKernel
    switch op {
    case .add: (outcome, kernel) = (TypeRules.sum(a.type, b.type, subtract: false), Operators.add)
    case .subtract: (outcome, kernel) = (TypeRules.sum(a.type, b.type, subtract: true), Operators.subtract)
    case .multiply: (outcome, kernel) = (TypeRules.product(a.type, b.type), Operators.multiply)
    case .divide: (outcome, kernel) = (TypeRules.quotient(a.type, b.type), Operators.divide)
    default:
      kernel = Operators.modulo
      let fitting: Set<ValueType> = [.int, .number, .unknown, .null]
      let plain = fitting.contains(a.type) && fitting.contains(b.type)
      outcome = plain ? .type(a.type == .int && b.type == .int ? .int : .number) : .clash
    }
    switch outcome {
    case .type(let type): return make(kernel, [a, b], type)
    case .units(let x, let y):
      report(.unitClash(op.rawValue, x, y, span))
    case .clash:
      report(clash(op.rawValue, a, left, b, right, span, scope))
    }
    return .broken
  }

  /// `E-COM07`: names joined by a tight minus that are no columns were meant as one text.
  func quotedCode(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope
  ) -> Diagnostic? {
    guard op == .subtract, let x = left.bareName, let y = right.bareName, x.span.end + 1 == y.span.start,
      !x.isQuoted, !y.isQuoted, scope.schema.index(of: x.text) == nil || !scope.hasRows,
      scope.schema.index(of: y.text) == nil || !scope.hasRows, !(scope.schema.isOpen && scope.hasRows)
    else { return nil }
    let text = source.slice(span)
    return Diagnostic(
      .unknownColumn, "`\(text)` is read as a subtraction of two columns", at: span,
      label: "a code stands in quotes",
      fixes: [.replace(span, with: "\"\(text)\"")])
  }

  func clash(
    _ op: String, _ a: Expression, _ left: Expr, _ b: Expression, _ right: Expr, _ span: SourceSpan,
    _ scope: Scope
  ) -> Diagnostic {
    var fixes: [Fix] = []
    var notes = whyText(a, scope) + whyText(b, scope)
    let sides = [(a, left, b), (b, right, a)]
    for (one, written, other) in sides {
      // A text beside a number: quotes, or a conversion.
      if one.type == .int, other.type == .text, case .constant = one, !["+", "-", "*", "/", "%"].contains(op)
      {
        fixes.append(.replace(written.span, with: "\"\(source.slice(written.span))\""))
      }
      if one.type == .text, other.type == .int || other.type == .number,
        case .constant(.text(let s), _) = one, Double(s) != nil
      {
        fixes.append(.replace(written.span, with: s))
      }
      // `customer = "Acme"`: the key is an id, and its relation has the name.
      if one.type == .int, other.type == .text, case .column(let key, _) = one,
        let relation = catalog.keys[key],
        let target = try? catalog.command(relation)?.output(BoundArguments(), host),
        target["name"]?.type == .text
      {
        notes.append("`\(key)` is an id; its name is `\(key).name`")
        fixes.append(.replace(written.span, with: key + ".name"))
      }
      let isDate = one.type == .date || one.type == .datetime
      if isDate, case .constant(.int(let n), _) = other, op == "+" || op == "-" {
        let place = other.type == b.type && a.type == one.type ? right : left
        fixes.append(.replace(place.span, with: "\(n)d", "write `\(n)d` for days"))
      }
      if isDate, case .period = other.type {
        notes.append("a day lies in a period: write `in` instead of `\(op)`")
      }
      if isDate, other.type == .text {
        notes.append("a date is written without quotes: 2026-01-31")
        let place = other.type == b.type && a.type == one.type ? right : left
        if case .constant(.text(let s), _) = other, CivilDate(iso: s) != nil {
          fixes.append(.replace(place.span, with: s))
        }
      }
      if case .money(nil) = one.type, case .number = other.type {
        notes.append("a column without a unit takes none; `money(x, \"EUR\")` gives it one")
      }
    }
    if op == "+", a.type == .text || b.type == .text {
      notes.append("to put values into a text write \"… {name} …\"")
    }
    return .operatorClash(op, a.type.spoken, b.type.spoken, span, fixes: fixes, notes: notes)
  }

  private mutating func range(_ low: Expr, _ high: Expr, _ span: SourceSpan, _ scope: Scope) -> Expression {
    let a = bind(low, scope: scope)
    let b = bind(high, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    guard case .constant(let x, _) = a, case .constant(let y, _) = b else {
      // The ends may become known only when the script runs, or when a definition is used.
      if a.isConstant, b.isConstant, [.int, .unknown].contains(a.type), [.int, .unknown].contains(b.type),
        let range = catalog.function("range"), case .scalar(let kernel) = range.kind
      {
        return .call(kernel, [a, b, .constant(.int(1), .int)], .list(.int))
      }
      report(.notConstant("a range", span))
      return .broken
    }
    guard case .int(let from) = x, case .int(let to) = y else {
      report(
        Diagnostic(
          .typeClash, "a range of \(a.type.spoken) has no steps by itself", at: span,
          label: "it can stand after `in`, or in `whatif … step …`"))
      return .broken
    }
    guard to >= from, to - from < 10_000_000 else {
      report(
        Diagnostic(
          .outOfRange,
          to < from ? "this range runs backwards" : "this range has more than ten million values", at: span,
          label: "the smaller number comes first"))
      return .broken
    }
    return .constant(.list((from...to).map { .int($0) }), .list(.int))
  }

  private mutating func coalesce(_ left: Expr, _ right: Expr, _ span: SourceSpan, _ scope: Scope)
    -> Expression
  {
    var a = bind(left, scope: scope)
    var b = bind(right, scope: scope)
    if a.isBroken || b.isBroken { return .broken }
    takeUnits(&a, left, &b, right)
    guard let type = TypeRules.common(a.type, b.type) else {
      report(
        Diagnostic(
          .typeClash,
          "`??` needs two values of one kind, and these are \(a.type.spoken) and \(b.type.spoken)", at: span,
          label: "the right side stands in for nulls of the left"))
      return .broken
    }
    return make(Operators.coalesce, [convert(a, to: type), convert(b, to: type)], type)
  }
}
