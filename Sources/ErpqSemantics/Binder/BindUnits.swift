import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Bare numbers take the unit of the other side or of the parameter (language guide, "Units").
extension Binder {
  /// Whether an expression is a bare number: literals and arithmetic on them.
  func isBareNumber(_ e: Expr) -> Bool {
    switch e.kind {
    case .int, .float: true
    case .negate(let x), .group(let x): isBareNumber(x)
    case .binary(let op, _, let x, let y):
      [.add, .subtract, .multiply, .divide].contains(op) && isBareNumber(x) && isBareNumber(y)
    default: false
    }
  }

  /// A bare number takes the unit of the other side.
  mutating func takeUnits(
    _ a: inout Expression, _ left: Expr, _ b: inout Expression, _ right: Expr
  ) {
    if let united = variable(a, left, withUnitOf: b) {
      a = united
    } else if let united = variable(b, right, withUnitOf: a) {
      b = united
    } else if isBareNumber(left), !isBareNumber(right) {
      a = withUnit(a, of: b.type, written: left)
    } else if isBareNumber(right), !isBareNumber(left) {
      b = withUnit(b, of: a.type, written: right)
    }
  }

  /// A number in a variable has no unit either and takes that of the other side; nil when that is not the case.
  private func variable(_ e: Expression, _ written: Expr, withUnitOf other: Expression) -> Expression? {
    guard case .variable = written.unwrapped.kind, e.type == .int || e.type == .number else { return nil }
    if case .constant(let value, _) = e, let d = value.asDouble {
      switch other.type {
      case .money(let c): return .constant(.money(d, c ?? ""), other.type)
      case .quantity(let u): return .constant(.quantity(d, u ?? ""), other.type)
      case .duration(.time?): return .constant(.duration(.days(d)), other.type)
      case .percent where d.magnitude <= 1: return .constant(.percent(d), .percent)
      default: return nil
      }
    }
    guard case .variable = e else { return nil }
    switch other.type {
    case .money, .quantity: return convert(e, to: other.type)
    default: return nil
    }
  }

  /// A known number as a value of the type; other types leave it as it is.
  mutating func withUnit(_ number: Expression, of type: ValueType, written: Expr) -> Expression {
    guard case .constant(let value, _) = number, let d = value.asDouble else { return number }
    switch type {
    case .money(let c): return .constant(.money(d, c ?? ""), type)
    case .quantity(let u): return .constant(.quantity(d, u ?? ""), type)
    case .duration(let family):
      let f = family ?? .time
      let amount = f == .time ? d * CalendarDuration.millisecondsPerDay : d
      return .constant(.duration(CalendarDuration(amount: amount, family: f)), .duration(f))
    case .percent:
      if d.magnitude <= 1 { return .constant(.percent(d), .percent) }
      let text = source.slice(written.span)
      report(.percentShare(text, percent: text, written.span))
      return .broken
    default: return number
    }
  }

  /// The value as another type of the same family (int as number, a unit given).
  func convert(_ e: Expression, to type: ValueType) -> Expression {
    if e.type == type || e.isBroken || type == .unknown || e.type == .unknown { return e }
    if case .constant(.null, _) = e { return .constant(.null, type) }
    if e.type.physical == type.physical { return e.retyped(type) }
    return make(Operators.convert, [e], type)
  }

  /// A bound value where a type is wanted: units are given to bare numbers, clashes reported.
  mutating func fit(_ e: Expression, to type: ValueType, literal: Expr, place: String, span: SourceSpan)
    -> Expression
  {
    if e.isBroken { return e }
    if case .constant(.null, _) = e { return .constant(.null, type) }
    if isBareNumber(literal), !e.type.isNumeric == false, !type.isPlain || type == .percent {
      let united = withUnit(e, of: type, written: literal)
      if united.isBroken || TypeRules.fits(united.type, type) { return united }
    }
    if type == .date, case .period = e.type, case .constant(.period(let p), _) = e {
      return .constant(.date(p.start), .date)
    }
    if type == .datetime, e.type == .date { return make(Operators.convert, [e], .datetime) }
    if case .list(let element) = type, TypeRules.fits(e.type, element), !e.type.isList {
      if case .constant(let v, _) = e { return .constant(.list([v]), .list(e.type)) }
    }
    if TypeRules.fits(e.type, type) {
      if e.type == .int, type == .number { return convert(e, to: .number) }
      return e
    }
    if case .duration(let wanted) = type, case .duration(let found) = e.type, let wanted, let found {
      report(.unitClash("for", wanted == .time ? "days" : "months", found == .time ? "days" : "months", span))
      return .broken
    }
    var fixes: [Fix] = []
    let text = source.slice(span)
    if type == .text, e.type != .text, !text.contains("\"") {
      fixes.append(.replace(span, with: "\"\(text)\""))
    }
    if case .constant(.text(let s), _) = e, type == .date, CivilDate(iso: s) != nil {
      fixes.append(.replace(span, with: s))
    }
    var diagnostic = Diagnostic.wrongType(
      place, wanted: type.spoken, found: e.type.spoken, span, fixes: fixes)
    if type == .date, fixes.isEmpty { diagnostic.notes.append("a date is written 2026-01-31") }
    report(diagnostic)
    return .broken
  }
}
