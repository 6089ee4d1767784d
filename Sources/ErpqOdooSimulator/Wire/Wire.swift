/// A value as Odoo's protocols carry it: what both JSON and XML-RPC can say.
///
/// `none` is Python's None: JSON writes `null`, XML-RPC cannot write it.
public indirect enum Wire: Hashable, Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(String)
  case list([Wire])
  case record(WireRecord)

  /// The text, if it is one.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The whole number, if it is one.
  public var int: Int? { if case .int(let n) = self { n } else { nil } }
  /// The number, of whole numbers and others.
  public var number: Double? {
    switch self {
    case .int(let n): Double(n)
    case .double(let d): d
    default: nil
    }
  }
  /// The elements, if it is a list.
  public var list: [Wire]? { if case .list(let list) = self { list } else { nil } }
  /// The record, if it is one.
  public var record: WireRecord? { if case .record(let record) = self { record } else { nil } }
  /// The whole numbers of a list, or the one number; nil if something else is among them.
  public var ids: [Int]? {
    switch self {
    case .int(let id): return [id]
    case .list(let list):
      let ids = list.compactMap(\.int)
      return ids.count == list.count ? ids : nil
    default: return nil
    }
  }

  /// Whether Python would take it for true.
  public var isTrue: Bool {
    switch self {
    case .none: false
    case .bool(let flag): flag
    case .int(let n): n != 0
    case .double(let d): d != 0
    case .text(let text): !text.isEmpty
    case .list(let list): !list.isEmpty
    case .record(let record): !record.keys.isEmpty
    }
  }

  /// The element of a record of that name, the element of a list at that place.
  public subscript(key: String) -> Wire? { record?[key] }
  /// The element of a list at that place.
  public subscript(index: Int) -> Wire? {
    guard case .list(let list) = self, list.indices.contains(index) else { return nil }
    return list[index]
  }
}

/// Names and values in the order in which they are written.
public struct WireRecord: Hashable, Sendable {
  /// The names.
  public private(set) var keys: [String]
  /// The values, in the order of the names.
  public private(set) var values: [Wire]

  /// A record of these pairs; of a name that comes twice the last value holds.
  public init(_ pairs: [(String, Wire)] = []) {
    keys = []
    values = []
    keys.reserveCapacity(pairs.count)
    values.reserveCapacity(pairs.count)
    for (key, value) in pairs { self[key] = value }
  }

  /// The value of a name; nil removes it.
  public subscript(key: String) -> Wire? {
    get { keys.firstIndex(of: key).map { values[$0] } }
    set {
      switch (keys.firstIndex(of: key), newValue) {
      case (let index?, let value?): values[index] = value
      case (nil, let value?): append(key, value)
      case (let index?, nil):
        keys.remove(at: index)
        values.remove(at: index)
      case (nil, nil): break
      }
    }
  }

  /// Adds a name that is known to be new.
  mutating func append(_ key: String, _ value: Wire) {
    keys.append(key)
    values.append(value)
  }
}

extension Wire: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A list.
  public init(arrayLiteral elements: Wire...) { self = .list(elements) }
  /// A record.
  public init(dictionaryLiteral elements: (String, Wire)...) { self = .record(WireRecord(elements)) }
}

/// A number as Python's `repr` writes it: `1e-07`, `0.1`, `100.0`, `nan`, `inf`.
func pythonText(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  let magnitude = abs(value)
  // Swift turns to powers of ten later than Python does, between 2^54 and 1e16 not at all.
  if magnitude >= 0x1p54, magnitude < 1e16 { return String(Int64(value)) + ".0" }
  return value.description
}

/// A value as Python's `repr` writes it, for the texts of errors.
func pythonText(_ value: Wire) -> String {
  switch value {
  case .none: return "None"
  case .bool(let flag): return flag ? "True" : "False"
  case .int(let n): return String(n)
  case .double(let d): return pythonText(d)
  case .text(let text):
    let quote = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var out = quote
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "'" where quote == "'": out += "\\'"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + quote
  case .list(let list): return "[" + list.map { pythonText($0) }.joined(separator: ", ") + "]"
  case .record(let record):
    return "{"
      + zip(record.keys, record.values).map { pythonText(.text($0)) + ": " + pythonText($1) }
      .joined(separator: ", ") + "}"
  }
}
