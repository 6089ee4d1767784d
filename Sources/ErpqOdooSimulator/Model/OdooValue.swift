import ErpqBase

/// A value as it lies in a record of the simulated server.
public enum OdooValue: Hashable, Sendable {
  /// Nothing: false on the wire, except for numbers.
  case empty
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(String)
  /// A moment, in microseconds of universal time; the wire shows whole seconds.
  case moment(Instant)
  case day(CivilDate)
  /// Ids of other records; a many2one is an `int`.
  case ids([Int])
  /// Another value for each company.
  case perCompany([Int: OdooValue])
  /// Anything JSON can say, of a `json` field.
  case json(Wire)

  var int: Int? { if case .int(let n) = self { n } else { nil } }
  var isEmpty: Bool { if case .empty = self { true } else { false } }

  /// The records that a relational value leads to.
  var ids: [Int] {
    switch self {
    case .int(let id): [id]
    case .ids(let ids): ids
    default: []
    }
  }

  /// The number, of whole numbers and others.
  var number: Double? {
    switch self {
    case .int(let n): Double(n)
    case .double(let d): d
    default: nil
    }
  }

  /// The value that a field of this kind stores for what came over the wire or from a test; nil when the kind
  /// cannot hold it.
  public init?(_ wire: Wire, kind: FieldKind) {
    switch (kind, wire) {
    case (_, .none): self = .empty
    case (.boolean, .bool(let flag)): self = .bool(flag)
    case (.integer, .bool(false)), (.float, .bool(false)), (.monetary, .bool(false)): self = .empty
    case (_, .bool(false)): self = .empty
    case (.integer, .int(let n)), (.many2one, .int(let n)): self = .int(n)
    case (.many2one, .list(let pair)):
      guard let id = pair.first?.int else { return nil }
      self = .int(id)
    case (.float, .double(let d)), (.monetary, .double(let d)): self = .double(d)
    case (.float, .int(let n)), (.monetary, .int(let n)): self = .double(Double(n))
    case (.date, .text(let text)):
      guard let day = CivilDate(iso: text.prefix(10)) else { return nil }
      self = .day(day)
    case (.datetime, .text(let text)):
      guard let moment = MomentText.parse(text) else { return nil }
      self = .moment(moment)
    case (.one2many, .list), (.many2many, .list):
      guard let ids = wire.ids else { return nil }
      self = .ids(ids)
    case (.char, .text(let text)), (.text, .text(let text)), (.html, .text(let text)),
      (.selection, .text(let text)), (.binary, .text(let text)), (.reference, .text(let text)):
      self = .text(text)
    case (.json, _), (.properties, _): self = .json(wire)
    default: return nil
    }
  }
}

extension OdooValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A whole number, or the id that a many2one holds.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
}

/// Moments as Odoo writes them: `2026-11-20 23:27:10`.
enum MomentText {
  /// With or without a time, with a blank or a T, with fractions or without, and `Z` at the end.
  static func parse(_ text: String) -> Instant? {
    if text.utf8.count == 10 { return CivilDate(iso: text).map { Instant($0) } }
    // Odoo's moments have no zone, and offsets are refused.
    guard !text.dropFirst(10).contains(where: { $0 == "+" || $0 == "-" }) else { return nil }
    return Instant(iso: text)
  }

  static func text(_ moment: Instant) -> String { moment.startOfSecond.description }
}
