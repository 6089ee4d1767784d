import ErpqBase
import ErpqSyntax
import ErpqTables

/// Reads parameter values as given outside of a script (`--set days=60d`), by the type that the script declares.
public enum ParamReader {
  /// Why a text is no value of the type.
  public struct Problem: Error, Sendable {
    /// Half a sentence: `a duration is expected, such as 30d`.
    public var message: String
  }

  /// The value of a text, or what is wrong with it. An empty text is null where null is allowed.
  public static func read(_ text: String, as type: ValueType, optional: Bool) -> Result<Value, Problem> {
    let trimmed = text.drop { $0 == " " }
    if optional, trimmed.isEmpty || trimmed == "null" { return .success(.null) }
    if type == .text { return .success(.text(text)) }
    let literal = parse(String(trimmed))
    switch (type, literal) {
    case (.unknown, let v?): return .success(v)
    case (.unknown, nil): return .success(.text(text))
    case (.bool, .bool(let b)?): return .success(.bool(b))
    case (.int, .int(let i)?): return .success(.int(i))
    case (.number, let v?): if let d = plain(v) { return .success(.number(d)) }
    case (.percent, .percent(let p)?): return .success(.percent(p))
    case (.percent, let v?): if let d = plain(v), (0...1).contains(d) { return .success(.percent(d)) }
    case (.date, .date(let d)?): return .success(.date(d))
    case (.period, .period(let p)?): return .success(.period(p))
    case (.duration(let family), .duration(let d)?):
      if family == nil || family == d.family { return .success(.duration(d)) }
    case (.duration(let family), let v?) where family != .months:
      if let d = plain(v) { return .success(.duration(.days(d))) }
    case (.money(let c), .money(let d, let code)?):
      if c == nil || c == code { return .success(.money(d, code)) }
    case (.money(let c), let v?): if let d = plain(v) { return .success(.money(d, c ?? "")) }
    case (.quantity(let u), let v?): if let d = plain(v) { return .success(.quantity(d, u ?? "")) }
    case (.list(let element), .list(let items)?):
      return items.allSatisfy({ $0.type == element || element == .unknown })
        ? .success(.list(items)) : failure(type)
    case (.list(let element), _): return read(text, as: element, optional: false).map { .list([$0]) }
    default: break
    }
    return failure(type)
  }

  /// A value of the type as someone would give it; empty where any text will do.
  public static func example(_ type: ValueType) -> String {
    switch type {
    case .bool: "true or false"
    case .int: "101"
    case .number: "0.5"
    case .percent: "95%"
    case .date: "2026-01-31"
    case .period: "2026-03"
    case .duration: "30d"
    case .money: "1500EUR"
    default: ""
    }
  }

  private static func failure(_ type: ValueType) -> Result<Value, Problem> {
    let example = example(type)
    return .failure(
      Problem(message: "\(type.spoken) is expected" + (example.isEmpty ? "" : ", such as \(example)")))
  }

  private static func plain(_ value: Value) -> Double? {
    switch value {
    case .int(let i): Double(i)
    case .number(let d): d
    default: nil
    }
  }

  private static func parse(_ text: String) -> Value? {
    let tree = Parser.parse(SourceText("let x = " + text, name: "value"))
    guard tree.diagnostics.isEmpty, tree.statements.count == 1,
      case .letQuery(_, let query) = tree.statements[0].kind,
      query.stages.isEmpty, case .expression(let e)? = query.source
    else { return nil }
    return value(e)
  }

  private static func value(_ e: Expr) -> Value? {
    switch e.kind {
    case .bool(let b): return .bool(b)
    case .int(let i): return .int(i)
    case .float(let d): return .number(d)
    case .percent(let d): return .percent(d)
    case .duration(let d): return .duration(d)
    case .money(let d, let c): return .money(d, c)
    case .date(let d): return .date(d)
    case .period(let p): return .period(p)
    case .string(let s): return .text(s)
    case .null: return .null
    case .group(let inner): return value(inner)
    case .list(let items):
      let values = items.map(value)
      return values.contains { $0 == nil } ? nil : .list(values.compactMap { $0 })
    case .negate(let inner):
      switch value(inner) {
      case .int(let i)?: return .int(-i)
      case .number(let d)?: return .number(-d)
      case .percent(let d)?: return .percent(-d)
      case .duration(let d)?: return .duration(CalendarDuration(amount: -d.amount, family: d.family))
      case .money(let d, let c)?: return .money(-d, c)
      default: return nil
      }
    default: return nil
    }
  }
}
