import ErpqBase

/// A value as Odoo's protocols carry it: an argument of a call, a small answer. Rows of records do not become
/// such values; they are read straight into columns.
public enum OdooValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case number(Double)
  case text(String)
  case list([OdooValue])
  /// Names with values, in the order they came.
  case object([OdooMember])

  /// The value of a name; nil when there is none, or when this is no object.
  public subscript(name: String) -> OdooValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text, if it is one.
  public var text: String? { if case .text(let s) = self { s } else { nil } }

  /// The whole number, if it is one.
  public var int: Int64? { if case .int(let i) = self { i } else { nil } }

  /// The number, if it is one.
  public var number: Double? {
    switch self {
    case .int(let i): Double(i)
    case .number(let d): d
    default: nil
    }
  }

  /// The items, if it is a list.
  public var items: [OdooValue]? { if case .list(let v) = self { v } else { nil } }

  /// The members, if it is an object.
  public var members: [OdooMember]? { if case .object(let v) = self { v } else { nil } }

  /// The id of a many2one, which comes as a number, as `[id, name]`, or as false when it is empty.
  public var id: Int64? {
    switch self {
    case .int(let i): i
    case .list(let items): items.first?.int
    default: nil
    }
  }

  /// An object of names and values.
  public static func members(_ pairs: KeyValuePairs<String, OdooValue>) -> OdooValue {
    .object(pairs.map { OdooMember($0.key, $0.value) })
  }
}

/// A name and its value in an object.
public struct OdooMember: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value.
  public var value: OdooValue

  /// A member.
  public init(_ name: String, _ value: OdooValue) {
    self.name = name
    self.value = value
  }
}

extension OdooValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: OdooValue...) { self = .list(elements) }
}

/// Why an answer cannot be read, and where.
struct WireFailure: Error {
  /// The byte, counted from 0.
  var offset: Int
  /// What is wrong there.
  var message: String
}
