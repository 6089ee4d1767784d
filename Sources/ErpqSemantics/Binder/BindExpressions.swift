import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// Binds an expression. What cannot be bound is reported and becomes the unknown constant.
  mutating func bind(_ e: Expr, scope: Scope) -> Expression {
    switch e.kind {
    case .error: return .broken
    case .bool(let b): return .constant(.bool(b), .bool)
    case .null: return .constant(.null, .null)
    case .today: return .constant(.date(host.today), .date)
    case .now: return .constant(.datetime(host.now), .datetime)
    case .int(let i): return .constant(.int(i), .int)
    case .float(let d): return .constant(.number(d), .number)
    case .percent(let p): return .constant(.percent(p), .percent)
    case .duration(let d): return .constant(.duration(d), .duration(d.family))
    case .money(let d, let c): return .constant(.money(d, c), .money(c))
    case .date(let d): return .constant(.date(d), .date)
    case .period(let p): return .constant(.period(p), .period(p.unit))
    case .string(let s): return .constant(.text(s), .text)
    case .interpolated(let parts): return interpolate(parts, scope)
    case .variable(let name): return variable(name, e.span, scope)
    case .path(let path): return column(path, scope)
    case .call(let call): return bind(call, span: e.span, scope: scope)
    case .list(let items): return list(items, scope)
    case .group(let inner): return bind(inner, scope: scope)
    case .query(let query):
      let bound = bind(query, scope: scope.withoutRows)
      if bound.scalarType != nil, case .value(let value) = bound.source { return value }
      if !bound.isBroken { report(.notAValue("this query", e.span)) }
      return .broken
    case .negate(let inner): return negate(inner, e.span, scope)
    case .not(let inner):
      let operand = condition(inner, place: "`not`", scope: scope)
      return make(Operators.not, [operand], .bool)
    case .isNull(let inner, let negated):
      return make(negated ? Operators.isNotNull : Operators.isNull, [bind(inner, scope: scope)], .bool)
    case .between(let value, let low, let high, let negated):
      return between(value, low, high, negated, e.span, scope)
    case .conditional(let test, let yes, let no): return conditional(test, yes, no, e.span, scope)
    case .binary(let op, _, let left, let right): return binary(op, left, right, e.span, scope)
    }
  }

  /// A call of a kernel, computed at once when all operands are known.
  func make(_ kernel: ScalarKernel, _ arguments: [Expression], _ type: ValueType) -> Expression {
    if arguments.contains(where: \.isBroken) { return .broken }
    let call = Expression.call(kernel, arguments, type)
    let known = arguments.allSatisfy { if case .constant = $0 { true } else { false } }
    if known, let value = try? Evaluator.constant(call, variables: [:]) { return .constant(value, type) }
    return call
  }

  /// Binds something that has to be true or false.
  mutating func condition(_ e: Expr, place: String, scope: Scope) -> Expression {
    let bound = bind(e, scope: scope)
    switch bound.type {
    case .bool, .unknown, .null: return bound
    default:
      report(.notACondition(place, found: bound.type.spoken, e.span))
      return .broken
    }
  }

  private mutating func list(_ items: [Expr], _ scope: Scope) -> Expression {
    var type = ValueType.unknown
    var bound: [Expression] = []
    for item in items {
      let e = bind(item, scope: scope)
      bound.append(e)
      if e.isBroken { return .broken }
      if type == .unknown {
        type = e.type
      } else if let common = TypeRules.common(type, e.type) {
        type = common
      } else {
        report(
          Diagnostic(
            .typeClash, "a list holds values of one kind, and this is \(e.type.spoken)", at: item.span,
            label: "\(type.spoken) is expected, like the first"))
        return .broken
      }
    }
    var values: [Value] = []
    for e in bound {
      guard case .constant(let v, _) = e else {
        return .call(ListKernels.make, bound, .list(type))
      }
      if type == .number, case .int(let i) = v { values.append(.number(Double(i))) } else { values.append(v) }
    }
    return .constant(.list(values), .list(type))
  }

  private mutating func interpolate(_ parts: [StringPart], _ scope: Scope) -> Expression {
    var result: Expression?
    for part in parts {
      let piece: Expression
      switch part {
      case .text(let s): piece = .constant(.text(s), .text)
      case .hole(let e):
        let value = bind(e, scope: scope)
        if value.isBroken { return .broken }
        let text = value.type == .text ? value : make(Operators.convert, [value], .text)
        piece = make(Operators.coalesce, [text, .constant(.text(""), .text)], .text)
      }
      result = result.map { make(Operators.add, [$0, piece], .text) } ?? piece
    }
    return result ?? .constant(.text(""), .text)
  }

  private mutating func negate(_ inner: Expr, _ span: SourceSpan, _ scope: Scope) -> Expression {
    let operand = bind(inner, scope: scope)
    if operand.isBroken { return operand }
    switch operand.type {
    case .int, .number, .percent, .money, .quantity, .duration, .null:
      return make(Operators.negate, [operand], operand.type)
    case .unknown: return make(Operators.negate, [operand], .unknown)
    default:
      report(
        Diagnostic(
          .typeClash, "`-` needs a number, and this is \(operand.type.spoken)", at: span,
          label: "a number is expected"))
      return .broken
    }
  }

  private mutating func conditional(_ test: Expr, _ yes: Expr, _ no: Expr, _ span: SourceSpan, _ scope: Scope)
    -> Expression
  {
    let c = condition(test, place: "`if`", scope: scope)
    var a = bind(yes, scope: scope)
    var b = bind(no, scope: scope)
    if c.isBroken || a.isBroken || b.isBroken { return .broken }
    takeUnits(&a, yes, &b, no)
    guard let type = TypeRules.common(a.type, b.type) else {
      report(
        Diagnostic(
          .typeClash, "the two branches of `if` differ: \(a.type.spoken) and \(b.type.spoken)", at: span,
          label: "both have to be of one kind"))
      return .broken
    }
    return make(Operators.ifElse, [c, convert(a, to: type), convert(b, to: type)], type)
  }
}
