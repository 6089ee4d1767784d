import ErpqBase
import ErpqTables

/// What comes of an operator on two types: a type, or the reason why there is none.
enum TypeOutcome {
  case type(ValueType)
  /// Both are fine but their units differ: the two units.
  case units(String, String)
  case clash
}

/// The rules of types and units (language guide, "Units").
enum TypeRules {
  /// `+` and `-`.
  static func sum(_ a: ValueType, _ b: ValueType, subtract: Bool) -> TypeOutcome {
    switch (a, b) {
    case (.unknown, _), (_, .unknown): return .type(.unknown)
    case (.null, let t), (let t, .null): return .type(t)
    case (.int, .int): return .type(.int)
    case (.int, .number), (.number, .int), (.number, .number): return .type(.number)
    case (.percent, .percent): return .type(.percent)
    case (.money, .money), (.quantity, .quantity): return sameUnit(a, b)
    case (.duration, .duration): return sameUnit(a, b)
    case (.text, .text): return subtract ? .clash : .type(.text)
    case (.date, .duration(let f)), (.datetime, .duration(let f)):
      _ = f
      return .type(a)
    case (.period, .duration(let f)): return f == .time ? .clash : .type(a)
    case (.duration, .date), (.duration, .datetime): return subtract ? .clash : .type(b)
    case (.date, .date): return subtract ? .type(.duration(.time)) : .clash
    case (.datetime, .datetime), (.date, .datetime), (.datetime, .date):
      return subtract ? .type(.duration(.time)) : .clash
    default: return .clash
    }
  }

  /// `*`.
  static func product(_ a: ValueType, _ b: ValueType) -> TypeOutcome {
    switch (a, b) {
    case (.unknown, _), (_, .unknown): return .type(.unknown)
    case (.null, let t), (let t, .null): return .type(t)
    case (.int, .int): return .type(.int)
    case (.int, .number), (.number, .int), (.number, .number): return .type(.number)
    case (.percent, .percent): return .type(.percent)
    case (.int, .percent), (.percent, .int), (.number, .percent), (.percent, .number): return .type(.number)
    case (.money, .money): return .clash
    case (.money, .quantity), (.quantity, .money): return .type(a.isMoney ? a : b)
    case (.money, let o) where o.isPlain, (.quantity, let o) where o.isPlain,
      (.duration, let o) where o.isPlain:
      _ = o
      return .type(a)
    case (let o, .money) where o.isPlain, (let o, .quantity) where o.isPlain,
      (let o, .duration) where o.isPlain:
      _ = o
      return .type(b)
    default: return .clash
    }
  }

  /// `/`.
  static func quotient(_ a: ValueType, _ b: ValueType) -> TypeOutcome {
    switch (a, b) {
    case (.unknown, _), (_, .unknown): return .type(.unknown)
    case (.null, let t), (let t, .null): return .type(t == .int ? .number : t)
    case (.int, .int), (.int, .number), (.number, .int), (.number, .number): return .type(.number)
    case (.percent, .percent): return .type(.number)
    case (.percent, .int), (.percent, .number): return .type(.percent)
    case (.int, .percent), (.number, .percent): return .type(.number)
    case (.money, .money), (.quantity, .quantity), (.duration, .duration):
      if case .units(let x, let y) = sameUnit(a, b) { return .units(x, y) }
      return .type(.number)
    case (.money, .quantity): return .type(a)
    case (.money, let o) where o.isPlain, (.quantity, let o) where o.isPlain,
      (.duration, let o) where o.isPlain:
      _ = o
      return .type(a)
    case (.quantity, .duration), (.money, .duration): return .type(.number)
    case (.int, .duration), (.number, .duration): return .type(.number)
    default: return .clash
    }
  }

  /// Whether two types can be compared.
  static func comparable(_ a: ValueType, _ b: ValueType) -> TypeOutcome {
    switch (a, b) {
    case (.unknown, _), (_, .unknown), (.null, _), (_, .null): return .type(.bool)
    case (.int, .int), (.int, .number), (.number, .int), (.number, .number): return .type(.bool)
    case (.percent, .percent), (.text, .text), (.bool, .bool), (.date, .date), (.datetime, .datetime):
      return .type(.bool)
    case (.date, .datetime), (.datetime, .date): return .type(.bool)
    case (.money, .money), (.quantity, .quantity), (.duration, .duration):
      if case .units(let x, let y) = sameUnit(a, b) { return .units(x, y) }
      return .type(.bool)
    case (.period(let x), .period(let y)):
      return x == nil || y == nil || x == y ? .type(.bool) : .units(a.description, b.description)
    default: return .clash
    }
  }

  /// Two of one kind: their common type, or their units when these differ.
  static func sameUnit(_ a: ValueType, _ b: ValueType) -> TypeOutcome {
    switch (a, b) {
    case (.money(let x), .money(let y)), (.quantity(let x), .quantity(let y)):
      if let x, let y, x != y { return .units(x, y) }
      return .type(x == nil ? b : a)
    case (.duration(let x), .duration(let y)):
      if let x, let y, x != y {
        return .units(x == .time ? "days" : "months", y == .time ? "days" : "months")
      }
      return .type(x == nil ? b : a)
    default: return .type(a)
    }
  }

  /// The type of a column that holds values of both (branches of an `if`, a list, a union).
  static func common(_ a: ValueType, _ b: ValueType) -> ValueType? {
    switch (a, b) {
    case _ where a == b: return a
    case (.unknown, _), (_, .unknown): return .unknown
    case (.null, let t), (let t, .null): return t
    case (.int, .number), (.number, .int): return .number
    case (.money, .money), (.quantity, .quantity), (.duration, .duration):
      if case .type(let t) = sameUnit(a, b) { return t }
      return nil
    case (.date, .datetime), (.datetime, .date): return .datetime
    case (.period(let x), .period(let y)): return x == nil ? b : (y == nil ? a : nil)
    case (.list(let x), .list(let y)): return common(x, y).map { .list($0) }
    default: return nil
    }
  }

  /// Whether a value of type `from` may stand where `to` is wanted, without a change of its number.
  static func fits(_ from: ValueType, _ to: ValueType) -> Bool {
    switch (from, to) {
    case (.unknown, _), (_, .unknown), (.null, _): return true
    case (.int, .number): return true
    case (.money(let x), .money(let y)), (.quantity(let x), .quantity(let y)):
      return x == nil || y == nil || x == y
    case (.duration(let x), .duration(let y)): return x == nil || y == nil || x == y
    case (.period(let x), .period(let y)): return x == nil || y == nil || x == y
    case (.list(let x), .list(let y)): return fits(x, y)
    default: return from == to
    }
  }
}

extension ValueType {
  var isMoney: Bool { if case .money = self { true } else { false } }
  var isDuration: Bool { if case .duration = self { true } else { false } }
  var isList: Bool { if case .list = self { true } else { false } }
  /// int, number or percent: no unit that a product must keep.
  var isPlain: Bool { self == .int || self == .number || self == .percent }

  /// The type with an article, for sentences: `a date`, `an amount of money`.
  public var spoken: String {
    switch self {
    case .bool: "true or false"
    case .int: "a whole number"
    case .number: "a number"
    case .text: "a text"
    case .date: "a date"
    case .datetime: "a date with time"
    case .percent: "a percentage"
    case .duration: "a duration"
    case .period(let unit): unit.map { "a \($0.rawValue)" } ?? "a period"
    case .money(let c): c.map { "an amount in \($0)" } ?? "an amount of money"
    case .quantity(let u): u.map { "a quantity in \($0)" } ?? "a quantity"
    case .list: "a list"
    case .distribution: "a distribution"
    case .null: "null"
    case .unknown: "something unknown"
    }
  }

  /// The type that a name in the source stands for.
  init?(named name: String) {
    switch name {
    case "bool": self = .bool
    case "int": self = .int
    case "number": self = .number
    case "text": self = .text
    case "date": self = .date
    case "datetime": self = .datetime
    case "percent": self = .percent
    case "duration": self = .duration(nil)
    case "period": self = .period(nil)
    case "money": self = .money(nil)
    case "quantity": self = .quantity(nil)
    case "list": self = .list(.unknown)
    case "distribution": self = .distribution
    case "any": self = .unknown
    default: return nil
    }
  }

  /// The names of types that statements may write.
  public static let writable = [
    "bool", "int", "number", "text", "date", "datetime", "duration", "period", "percent", "money", "quantity",
    "list",
    "distribution", "any",
  ]
}
