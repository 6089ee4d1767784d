/// A JSON value as protocols exchange it; tables have readers and writers of their own.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The member of an object; null where there is none.
  public subscript(_ key: String) -> JSONValue {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }

  /// Whether it is null.
  public var isNull: Bool { self == .null }
  /// The text of a string.
  public var text: String? { if case .string(let s) = self { s } else { nil } }
  /// The number, if it is a whole one.
  public var integer: Int? {
    switch self {
    case .int(let n): n
    case .number(let x): Int(exactly: x)
    default: nil
    }
  }
  /// The truth value.
  public var flag: Bool? { if case .bool(let b) = self { b } else { nil } }
  /// The elements of an array; none of anything else.
  public var elements: [JSONValue] { if case .array(let list) = self { list } else { [] } }
  /// The members of an object; none of anything else.
  public var members: [String: JSONValue] { if case .object(let m) = self { m } else { [:] } }

  /// The value as text on one line, members in the order of their names.
  public var description: String { JSONValueWriter(indent: nil).text(self) }

  /// The value over several lines, each level `spaces` further in.
  public func indented(by spaces: Int) -> String { JSONValueWriter(indent: spaces).text(self) }

  /// The value that a text stands for.
  ///
  /// - Throws: `JSONValueFailure` for anything that is no JSON.
  public static func parse(_ bytes: [UInt8]) throws(JSONValueFailure) -> JSONValue {
    var parser = JSONValueParser(bytes: bytes)
    return try parser.whole()
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; of members of the same name the last counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
}

/// Text that is no JSON, and the byte at which that shows.
public struct JSONValueFailure: Error, Sendable {
  /// What was expected.
  public var message: String
  /// Where, in bytes.
  public var offset: Int
}

private struct JSONValueWriter {
  let indent: Int?

  func text(_ value: JSONValue) -> String {
    var out = ""
    write(value, 0, &out)
    return out
  }

  private func write(_ value: JSONValue, _ depth: Int, _ out: inout String) {
    switch value {
    case .null: out += "null"
    case .bool(let b): out += b ? "true" : "false"
    case .int(let n): out += String(n)
    case .number(let x): out += x.isFinite ? "\(x)" : "null"
    case .string(let s): quote(s, &out)
    case .array(let list):
      sequence(list.map { ("", $0) }, "[", "]", depth, &out)
    case .object(let members):
      sequence(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, "{", "}", depth, &out)
    }
  }

  private func sequence(
    _ items: [(String, JSONValue)], _ open: String, _ close: String, _ depth: Int, _ out: inout String
  ) {
    out += open
    for (i, item) in items.enumerated() {
      if i > 0 { out += "," }
      newLine(depth + 1, &out)
      if open == "{" {
        quote(item.0, &out)
        out += indent == nil ? ":" : ": "
      }
      write(item.1, depth + 1, &out)
    }
    if !items.isEmpty { newLine(depth, &out) }
    out += close
  }

  private func newLine(_ depth: Int, _ out: inout String) {
    if let indent { out += "\n" + String(repeating: " ", count: indent * depth) }
  }

  private func quote(_ s: String, _ out: inout String) {
    out += "\""
    for scalar in s.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

private struct JSONValueParser {
  let bytes: [UInt8]
  var i = 0
  /// What is nested deeper is refused, so that no message exhausts the stack.
  static let depthLimit = 200

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func whole() throws(JSONValueFailure) -> JSONValue {
    let value = try value(0)
    skip()
    guard i == bytes.count else { throw failure("the end") }
    return value
  }

  private func failure(_ expected: String) -> JSONValueFailure {
    JSONValueFailure(message: "\(expected) was expected", offset: i)
  }

  private mutating func skip() {
    while i < bytes.count, bytes[i] == 32 || (9...10).contains(bytes[i]) || bytes[i] == 13 { i += 1 }
  }

  private mutating func value(_ depth: Int) throws(JSONValueFailure) -> JSONValue {
    guard depth < JSONValueParser.depthLimit else { throw failure("less nesting") }
    skip()
    guard i < bytes.count else { throw failure("a value") }
    switch bytes[i] {
    case 123: return try object(depth)
    case 91: return try array(depth)
    case 34: return .string(try string())
    case 116: return try word("true", .bool(true))
    case 102: return try word("false", .bool(false))
    case 110: return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(JSONValueFailure) -> JSONValue {
    guard bytes[i...].starts(with: text.utf8) else { throw failure("a value") }
    i += text.utf8.count
    return value
  }

  private mutating func object(_ depth: Int) throws(JSONValueFailure) -> JSONValue {
    var members: [String: JSONValue] = [:]
    i += 1
    skip()
    if i < bytes.count, bytes[i] == 125 {
      i += 1
      return .object([:])
    }
    while true {
      skip()
      guard i < bytes.count, bytes[i] == 34 else { throw failure("the name of a member") }
      let key = try string()
      skip()
      guard i < bytes.count, bytes[i] == 58 else { throw failure("a colon") }
      i += 1
      members[key] = try value(depth + 1)
      if try ends(with: 125) { return .object(members) }
    }
  }

  private mutating func array(_ depth: Int) throws(JSONValueFailure) -> JSONValue {
    var list: [JSONValue] = []
    i += 1
    skip()
    if i < bytes.count, bytes[i] == 93 {
      i += 1
      return .array([])
    }
    while true {
      list.append(try value(depth + 1))
      if try ends(with: 93) { return .array(list) }
    }
  }

  /// Behind an element: true at the end, false behind a comma.
  private mutating func ends(with close: UInt8) throws(JSONValueFailure) -> Bool {
    skip()
    guard i < bytes.count, bytes[i] == close || bytes[i] == 44 else { throw failure("a comma or the end") }
    i += 1
    return bytes[i - 1] == close
  }

  private mutating func number() throws(JSONValueFailure) -> JSONValue {
    let start = i
    while i < bytes.count, (48...57).contains(bytes[i]) || [43, 45, 46, 69, 101].contains(bytes[i]) { i += 1 }
    let text = String(decoding: bytes[start..<i], as: UTF8.self)
    if let n = Int(text), text.first != "+" { return .int(n) }
    guard let x = Double(text), x.isFinite, text.first.map({ $0 == "-" || $0.isNumber }) == true else {
      i = start
      throw failure("a value")
    }
    return .number(x)
  }

  private mutating func string() throws(JSONValueFailure) -> String {
    i += 1
    var out: [UInt8] = []
    while i < bytes.count {
      let c = bytes[i]
      i += 1
      switch c {
      case 34: return String(decoding: out, as: UTF8.self)
      case 92: try escape(&out)
      default: out.append(c)
      }
    }
    throw failure("the end of a string")
  }

  private mutating func escape(_ out: inout [UInt8]) throws(JSONValueFailure) {
    guard i < bytes.count else { throw failure("the end of a string") }
    let c = bytes[i]
    i += 1
    switch c {
    case 34, 92, 47: out.append(c)
    case 98: out.append(8)
    case 102: out.append(12)
    case 110: out.append(10)
    case 114: out.append(13)
    case 116: out.append(9)
    case 117:
      var code = try hex()
      if (0xD800..<0xDC00).contains(code), i + 1 < bytes.count, bytes[i] == 92, bytes[i + 1] == 117 {
        let back = i
        i += 2
        let low = try hex()
        if (0xDC00..<0xE000).contains(low) {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          i = back
        }
      }
      // Half of a pair stands for no character.
      let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
      out += Array(String(Character(scalar)).utf8)
    default: throw failure("an escape")
    }
  }

  private mutating func hex() throws(JSONValueFailure) -> UInt32 {
    guard i + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[i..<(i + 4)], as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits") }
    i += 4
    return code
  }
}
