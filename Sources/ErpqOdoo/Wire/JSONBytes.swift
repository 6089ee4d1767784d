import ErpqBase
import ErpqFiles

/// Walks through the JSON of an answer: tolerant where Python's writer and Odoo's data are (NaN, half surrogate
/// pairs, bare control characters), strict in structure. The bytes must be followed by eight zeros.
///
/// Not the scanner of `ErpqFiles`: that one refuses NaN, because a file of a user's should be JSON, and keeps
/// places of values for rows of unknown shape, where a page's fields are known before it comes.
struct JSONBytes {
  /// Deepest nesting that is read; Odoo's own answers stay below ten.
  static let maximumDepth = 64

  let p: UnsafePointer<UInt8>
  let end: Int
  var i = 0
  /// Keeps the bytes alive.
  private let body: ResponseBody

  init(_ body: ResponseBody) {
    self.body = body
    p = body.base
    end = body.count
  }

  @inline(__always)
  mutating func skipBlanks() {
    while p[i] <= 0x20, i < end { i &+= 1 }
  }

  func failure(_ wanted: String) -> WireFailure {
    guard i < end else { return WireFailure(offset: i, message: "the answer ends where \(wanted) should be") }
    let rest = String(
      decoding: UnsafeBufferPointer(start: p + i, count: Swift.min(12, end - i)), as: UTF8.self)
    return WireFailure(offset: i, message: "\"\(rest)\" stands where \(wanted) should be")
  }

  /// Steps over a string whose opening quote is next.
  ///
  /// - Returns: the bytes between the quotes, whether there are escapes among them, and whether any is above
  ///   ASCII.
  @inline(__always)
  mutating func string() throws(WireFailure) -> (start: Int, end: Int, isEscaped: Bool, isWide: Bool) {
    let raw = UnsafeRawPointer(p)
    let opened = i
    let start = i &+ 1
    var k = start
    var isEscaped = false
    var high: UInt64 = 0
    while k < end {
      let word = raw.loadUnaligned(fromByteOffset: k, as: UInt64.self).littleEndian
      // Bytes that equal a quote or a backslash, found without a branch a byte; the lowest hit is exact.
      let quotes = word ^ 0x2222_2222_2222_2222
      let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let hits =
        ((quotes &- 0x0101_0101_0101_0101) & ~quotes | (slashes &- 0x0101_0101_0101_0101) & ~slashes)
        & 0x8080_8080_8080_8080
      if hits == 0 {
        high |= word
        k &+= 8
        continue
      }
      let shift = hits.trailingZeroBitCount & ~7
      high |= word & ((1 << UInt64(shift)) &- 1)
      k &+= shift >> 3
      guard k < end else { break }
      if p[k] == 0x22 {
        i = k &+ 1
        return (start, k, isEscaped, high & 0x8080_8080_8080_8080 != 0)
      }
      isEscaped = true
      k &+= 2
    }
    throw WireFailure(offset: opened, message: "a text opens here and is never closed")
  }

  /// The text between two places, escapes resolved; half surrogate pairs and broken UTF-8 become U+FFFD.
  func unescaped(_ start: Int, _ stop: Int) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(stop - start)
    JSONEscapes.unescape(UnsafeBufferPointer(start: p + start, count: stop - start), into: &out)
    let isText = out.withUnsafeBufferPointer { firstInvalidUTF8($0) == nil }
    return isText ? out : Array(String(decoding: out, as: UTF8.self).utf8)
  }

  /// Steps over one of the words of JSON or of Python's floats.
  mutating func word() throws(WireFailure) -> OdooValue {
    switch p[i] {
    case 0x66: if isNext("false") { return .bool(false) }
    case 0x74: if isNext("true") { return .bool(true) }
    case 0x6E: if isNext("null") { return .null }
    case 0x4E: if isNext("NaN") { return .number(.nan) }
    case 0x49: if isNext("Infinity") { return .number(.infinity) }
    case 0x2D: if isNext("-Infinity") { return .number(-.infinity) }
    default: break
    }
    throw failure("a value")
  }

  /// Steps over a word if it is next.
  @inline(__always)
  private mutating func isNext(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard i &+ count <= end else { return false }
    for k in 0..<count where p[i &+ k] != word.utf8Start[k] { return false }
    i &+= count
    return true
  }

  /// Steps over a comma (true) or the closing bracket (false).
  @inline(__always)
  mutating func another(_ bracket: UInt8) throws(WireFailure) -> Bool {
    skipBlanks()
    let byte = p[i]
    guard i < end, byte == 0x2C || byte == bracket else {
      throw failure(bracket == 0x5D ? "a comma or ]" : "a comma or }")
    }
    i &+= 1
    return byte == 0x2C
  }

  /// Enters a list or an object; false when it is empty and left again.
  @inline(__always)
  mutating func enter(_ bracket: UInt8, depth: Int) throws(WireFailure) -> Bool {
    guard depth < JSONBytes.maximumDepth else {
      throw WireFailure(
        offset: i, message: "lists and objects are nested deeper than \(JSONBytes.maximumDepth) levels")
    }
    i &+= 1
    skipBlanks()
    guard p[i] == bracket, i < end else { return true }
    i &+= 1
    return false
  }

  /// Steps over a key and its colon.
  @inline(__always)
  mutating func key() throws(WireFailure) -> (start: Int, end: Int, isEscaped: Bool) {
    skipBlanks()
    guard p[i] == 0x22, i < end else { throw failure("a key") }
    let key = try string()
    skipBlanks()
    guard p[i] == 0x3A, i < end else { throw failure("a colon") }
    i &+= 1
    skipBlanks()
    return (key.start, key.end, key.isEscaped)
  }

  /// Reads any value.
  mutating func value(depth: Int = 0) throws(WireFailure) -> OdooValue {
    skipBlanks()
    guard i < end else { throw failure("a value") }
    switch p[i] {
    case 0x22:
      let s = try string()
      return .text(String(decoding: unescaped(s.start, s.end), as: UTF8.self))
    case 0x5B:
      guard try enter(0x5D, depth: depth) else { return .list([]) }
      var items: [OdooValue] = []
      repeat { items.append(try value(depth: depth + 1)) } while try another(0x5D)
      return .list(items)
    case 0x7B:
      guard try enter(0x7D, depth: depth) else { return .object([]) }
      var members: [OdooMember] = []
      repeat {
        let k = try key()
        let name = String(decoding: unescaped(k.start, k.end), as: UTF8.self)
        members.append(OdooMember(name, try value(depth: depth + 1)))
      } while try another(0x7D)
      return .object(members)
    default:
      if p[i] == 0x2D || p[i] &- 0x30 < 10, let number = scanNumber(p, &i, end) {
        switch number {
        case .int(let v): return .int(v)
        case .double(let v): return .number(v)
        }
      }
      return try word()
    }
  }

  /// Steps over any value.
  mutating func skip(depth: Int) throws(WireFailure) {
    skipBlanks()
    guard i < end else { throw failure("a value") }
    switch p[i] {
    case 0x22: _ = try string()
    case 0x5B:
      guard try enter(0x5D, depth: depth) else { return }
      repeat { try skip(depth: depth + 1) } while try another(0x5D)
    case 0x7B:
      guard try enter(0x7D, depth: depth) else { return }
      repeat {
        _ = try key()
        try skip(depth: depth + 1)
      } while try another(0x7D)
    default:
      if p[i] == 0x2D || p[i] &- 0x30 < 10, scanNumber(p, &i, end) != nil { return }
      _ = try word()
    }
  }

  /// Nothing but blanks may follow.
  mutating func finish() throws(WireFailure) {
    skipBlanks()
    if i < end { throw failure("the end") }
  }
}
