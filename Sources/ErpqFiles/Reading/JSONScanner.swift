import ErpqBase
import ErpqTables

/// Where a text is no JSON, and why.
public struct JSONFailure: Error, Sendable {
  /// The byte, counted from 0.
  public var offset: Int
  /// What is wrong there.
  public var message: String
}

/// The kind of a JSON value, as a column's tokens keep it.
enum JSONKind: UInt8 {
  /// The row has no such key.
  case missing = 0
  case null, `true`, `false`
  /// A number without fraction and exponent.
  case integer
  case number
  /// A string as it stands between the quotes.
  case string
  /// A string with escapes.
  case escaped
  case array, object
}

/// Walks through a JSON text (RFC 8259). The bytes must be valid UTF-8 and be followed by eight zeros at
/// least.
struct JSONScanner {
  /// Deepest nesting that is read.
  static let maximumDepth = 512

  let bytes: UnsafePointer<UInt8>
  /// One past the last byte.
  var end: Int
  /// The next byte.
  var position: Int

  /// Steps over blanks.
  @inline(__always)
  mutating func skipBlanks() {
    while position < end {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position &+= 1
    }
  }

  /// The next byte, or 0 at the end.
  var peek: UInt8 { position < end ? bytes[position] : 0 }

  /// What is wrong at the next byte.
  func unexpected(_ wanted: String) -> JSONFailure {
    guard position < end else {
      return JSONFailure(offset: position, message: "the text ends where \(wanted) should be")
    }
    let rest = UnsafeBufferPointer(start: bytes + position, count: Swift.min(40, end - position))
    for word in ["NaN", "-Infinity", "Infinity", "nan", "inf"] where rest.starts(with: word.utf8) {
      return JSONFailure(offset: position, message: "\(word) is not a number in JSON; write null")
    }
    if bytes[position] == 0x27 {
      return JSONFailure(
        offset: position, message: "texts stand in double quotes in JSON, not in single ones")
    }
    let text = String(decoding: rest, as: UTF8.self)
    let character = text.first.map(String.init) ?? ""
    return JSONFailure(offset: position, message: "\(shown(character.utf8)) stands where \(wanted) should be")
  }

  /// Steps over a string, whose opening quote is the next byte.
  ///
  /// - Returns: the bytes between the quotes, and whether there are escapes among them.
  mutating func string() throws(JSONFailure) -> (start: Int, end: Int, isEscaped: Bool) {
    let raw = UnsafeRawPointer(bytes)
    let quotes = SIMD8<UInt8>(repeating: 0x22)
    let slashes = SIMD8<UInt8>(repeating: 0x5C)
    let blanks = SIMD8<UInt8>(repeating: 0x20)
    let opened = position
    let start = position &+ 1
    var isEscaped = false
    var p = start
    while p < end {
      let block = raw.loadUnaligned(fromByteOffset: p, as: SIMD8<UInt8>.self)
      let hits = (block .== quotes) .| (block .== slashes) .| (block .< blanks)
      let mask = unsafeBitCast(hits, to: UInt64.self)
      if mask == 0 {
        p &+= 8
        continue
      }
      p &+= mask.trailingZeroBitCount >> 3
      guard p < end else { break }
      let byte = bytes[p]
      if byte == 0x22 {
        position = p &+ 1
        return (start, p, isEscaped)
      }
      guard byte == 0x5C else {
        throw JSONFailure(
          offset: p,
          message: "a text holds a bare control character (\(byte == 0x0A ? "end of line" : "code \(byte)"))")
      }
      isEscaped = true
      p = try escape(p)
    }
    throw JSONFailure(offset: opened, message: "a text opens here and is never closed")
  }

  /// Checks the escape at `p`; the first byte behind it.
  private func escape(_ p: Int) throws(JSONFailure) -> Int {
    guard p + 1 < end else { throw JSONFailure(offset: p, message: "the text ends inside an escape") }
    if JSONEscapes.byte(bytes[p + 1]) != nil { return p + 2 }
    guard bytes[p + 1] == 0x75 else {
      throw JSONFailure(offset: p, message: "there is no such escape in JSON")
    }
    guard JSONEscapes.scalar(UnsafeBufferPointer(start: bytes, count: end), p + 2) != nil else {
      throw JSONFailure(offset: p, message: "\\u must be followed by four hexadecimal digits")
    }
    return p + 6
  }

  /// Steps over a number.
  mutating func number() throws(JSONFailure) -> JSONKind {
    let start = position
    var p = position
    func isDigit(_ p: Int) -> Bool { p < end && bytes[p] &- 0x30 < 10 }
    if bytes[p] == 0x2D { p += 1 }
    guard isDigit(p) else {
      if bytes[start] == 0x2D { throw unexpected("a number") }
      throw unexpected("a value")
    }
    if bytes[p] == 0x30, isDigit(p + 1) {
      throw JSONFailure(offset: start, message: "a number in JSON has no leading zeros")
    }
    while isDigit(p) { p += 1 }
    var kind = JSONKind.integer
    if p < end, bytes[p] == 0x2E {
      kind = .number
      p += 1
      guard isDigit(p) else {
        throw JSONFailure(offset: start, message: "a digit must follow the decimal point")
      }
      while isDigit(p) { p += 1 }
    }
    var hasExponent = false
    if p < end, bytes[p] | 0x20 == 0x65 {
      kind = .number
      hasExponent = true
      p += 1
      if p < end, bytes[p] == 0x2B || bytes[p] == 0x2D { p += 1 }
      guard isDigit(p) else {
        throw JSONFailure(offset: start, message: "a digit must follow the exponent sign")
      }
      while isDigit(p) { p += 1 }
    }
    if hasExponent || p - start > 300 {
      var parser = NumberParser(decimal: 0x2E, lenient: true)
      if parser.parse(bytes, start, p) == nil {
        let digits = shown(UnsafeBufferPointer(start: bytes + start, count: p - start))
        throw JSONFailure(offset: start, message: "\(digits) is beyond the largest number")
      }
    }
    position = p
    return kind
  }

  /// Steps over `true`, `false` or `null`.
  mutating func word(_ text: StaticString, _ kind: JSONKind) throws(JSONFailure) -> JSONKind {
    let count = text.utf8CodeUnitCount
    for i in 0..<count where position + i >= end || bytes[position + i] != text.utf8Start[i] {
      throw unexpected("a value")
    }
    position += count
    return kind
  }

  /// Steps over any value, checking it.
  mutating func skip(depth: Int) throws(JSONFailure) -> JSONKind {
    skipBlanks()
    switch peek {
    case 0x22: return try string().isEscaped ? .escaped : .string
    case 0x74: return try word("true", .true)
    case 0x66: return try word("false", .false)
    case 0x6E: return try word("null", .null)
    case 0x5B:
      try descend(depth)
      if close(0x5D) { return .array }
      repeat { _ = try skip(depth: depth + 1) } while try another(0x5D, "a comma or ]")
      return .array
    case 0x7B:
      try descend(depth)
      if close(0x7D) { return .object }
      repeat {
        _ = try key()
        _ = try skip(depth: depth + 1)
      } while try another(0x7D, "a comma or }")
      return .object
    default:
      guard position < end else { throw unexpected("a value") }
      return try number()
    }
  }

  /// Enters a list or an object.
  mutating func descend(_ depth: Int, limit: Int = maximumDepth) throws(JSONFailure) {
    guard depth < limit else {
      throw JSONFailure(
        offset: position, message: "lists and objects are nested deeper than \(limit) levels")
    }
    position += 1
  }

  /// Steps over a closing bracket, if it is next.
  mutating func close(_ bracket: UInt8) -> Bool {
    skipBlanks()
    guard peek == bracket else { return false }
    position += 1
    return true
  }

  /// Steps over a comma (true) or the closing bracket (false).
  @inline(__always)
  mutating func another(_ bracket: UInt8, _ wanted: String) throws(JSONFailure) -> Bool {
    skipBlanks()
    let byte = peek
    guard byte == 0x2C || byte == bracket else { throw unexpected(wanted) }
    position &+= 1
    return byte == 0x2C
  }

  /// Steps over a key and its colon.
  @inline(__always)
  mutating func key() throws(JSONFailure) -> (start: Int, end: Int, isEscaped: Bool) {
    skipBlanks()
    guard peek == 0x22 else { throw unexpected("a key in double quotes") }
    let key = try string()
    skipBlanks()
    guard peek == 0x3A else { throw unexpected("a colon") }
    position &+= 1
    return key
  }
}

/// Reads a JSON list of plain values; nil for anything else.
struct ListParser: CellParser {
  static let zero = Value.null
  let element: ValueType

  func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Value? {
    // The scanner reads eight bytes at a time, so what follows the cell must be readable: see `FileContents`.
    var scanner = JSONScanner(bytes: p, end: end, position: start)
    do {
      guard scanner.peek == 0x5B else { return nil }
      scanner.position += 1
      var items: [Value] = []
      if !scanner.close(0x5D) {
        repeat {
          guard let item = try scalar(&scanner) else { return nil }
          items.append(item)
        } while try scanner.another(0x5D, "")
      }
      scanner.skipBlanks()
      return scanner.position == end ? .list(items) : nil
    } catch {
      return nil
    }
  }

  private func scalar(_ scanner: inout JSONScanner) throws(JSONFailure) -> Value? {
    scanner.skipBlanks()
    let start = scanner.position
    let kind = try scanner.skip(depth: 1)
    let end = scanner.position
    switch kind {
    case .null: return .null
    case .true, .false: return fits(.bool) ? .bool(kind == .true) : nil
    case .integer, .number:
      if kind == .integer, element != .number, let value = IntParser().parse(scanner.bytes, start, end) {
        return fits(.int) ? .int(value) : nil
      }
      var parser = NumberParser(decimal: 0x2E, lenient: true)
      guard fits(.number) else { return nil }
      return parser.parse(scanner.bytes, start, end).map { .number($0) }
    case .string, .escaped:
      var text: [UInt8] = []
      JSONEscapes.unescape(
        UnsafeBufferPointer(start: scanner.bytes + start + 1, count: end - start - 2), into: &text)
      let string = String(decoding: text, as: UTF8.self)
      switch element {
      case .date: return CivilDate(iso: string).map { .date($0) }
      case .datetime: return Instant(iso: string).map { .datetime($0) }
      default: return fits(.text) ? .text(string) : nil
      }
    case .missing, .array, .object: return nil
    }
  }

  private func fits(_ type: ValueType) -> Bool {
    element == .unknown || element == type || element == .number && type == .int
  }
}
