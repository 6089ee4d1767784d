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
  /// - Throws: `JSONFailure` for anything that is no JSON.
  public static func parse(_ bytes: [UInt8]) throws(JSONFailure) -> JSONValue {
    // The scanner reads eight bytes at a time.
    let padded = bytes + [UInt8](repeating: 0, count: 8)
    let result = padded.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONFailure> in
      guard let start = buffer.baseAddress else { return .success(.null) }
      var parser = JSONValueParser(scanner: JSONScanner(bytes: start, end: bytes.count, position: 0))
      do throws(JSONFailure) { return .success(try parser.whole()) } catch { return .failure(error) }
    }
    return try result.get()
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
    var bytes: [UInt8] = []
    JSONEscapes.append(quoted: s.utf8, to: &bytes)
    out += String(decoding: bytes, as: UTF8.self)
  }
}

/// Builds the values that the scanner of JSON files steps over.
private struct JSONValueParser {
  /// What is nested deeper is refused, so that no message exhausts the stack.
  static let depthLimit = 200

  var scanner: JSONScanner

  mutating func whole() throws(JSONFailure) -> JSONValue {
    let value = try value(0)
    scanner.skipBlanks()
    guard scanner.position == scanner.end else { throw scanner.unexpected("the end") }
    return value
  }

  private mutating func value(_ depth: Int) throws(JSONFailure) -> JSONValue {
    scanner.skipBlanks()
    let start = scanner.position
    switch scanner.peek {
    case 0x5B:
      try scanner.descend(depth, limit: JSONValueParser.depthLimit)
      var list: [JSONValue] = []
      if scanner.close(0x5D) { return .array(list) }
      repeat { list.append(try value(depth + 1)) } while try scanner.another(0x5D, "a comma or ]")
      return .array(list)
    case 0x7B:
      try scanner.descend(depth, limit: JSONValueParser.depthLimit)
      var members: [String: JSONValue] = [:]
      if scanner.close(0x7D) { return .object(members) }
      repeat {
        let key = try scanner.key()
        members[text(key.start, key.end)] = try value(depth + 1)
      } while try scanner.another(0x7D, "a comma or }")
      return .object(members)
    default: break
    }
    switch try scanner.skip(depth: depth) {
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .string, .escaped: return .string(text(start + 1, scanner.position - 1))
    case .integer, .number:
      let digits = String(decoding: bytes(start, scanner.position), as: UTF8.self)
      return Int(digits).map { .int($0) } ?? .number(Double(digits) ?? .nan)
    case .missing, .null, .array, .object: return .null
    }
  }

  private func bytes(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: scanner.bytes + start, count: end - start)
  }

  private func text(_ start: Int, _ end: Int) -> String {
    var text: [UInt8] = []
    JSONEscapes.unescape(bytes(start, end), into: &text)
    return String(decoding: text, as: UTF8.self)
  }
}
