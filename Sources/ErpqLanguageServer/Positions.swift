import ErpqBase
import ErpqFiles

/// How a client counts within a line.
public enum PositionEncoding: String, Sendable { case utf8 = "utf-8", utf16 = "utf-16" }

/// A text with its lines as the protocol has them: a line ends with a newline, a carriage return, or both.
public struct PositionedText: Sendable {
  /// The bytes.
  public private(set) var bytes: [UInt8]
  private var lineStarts: [Int] = [0]

  /// A text.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    findLines()
  }

  /// The text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  private mutating func findLines() {
    lineStarts = [0]
    for (i, byte) in bytes.enumerated() {
      if byte == 10 || (byte == 13 && !(i + 1 < bytes.count && bytes[i + 1] == 10)) {
        lineStarts.append(i + 1)
      }
    }
  }

  /// Line and character, both from 0, of an offset.
  public func position(_ offset: Int, _ encoding: PositionEncoding) -> (line: Int, character: Int) {
    let offset = max(0, min(offset, bytes.count))
    var low = 0
    var high = lineStarts.count
    while low + 1 < high {
      let mid = (low + high) / 2
      if lineStarts[mid] <= offset { low = mid } else { high = mid }
    }
    let start = lineStarts[low]
    guard encoding == .utf16 else { return (low, offset - start) }
    var units = 0
    for i in start..<offset { units += PositionedText.units(bytes[i]) }
    return (low, units)
  }

  /// The offset of a position; what lies beyond a line is its end, and beyond the text the text's.
  public func offset(line: Int, character: Int, _ encoding: PositionEncoding) -> Int {
    guard line >= 0 else { return 0 }
    guard line < lineStarts.count else { return bytes.count }
    let start = lineStarts[line]
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count
    while end > start, line + 1 < lineStarts.count, bytes[end - 1] == 10 || bytes[end - 1] == 13 { end -= 1 }
    var i = start
    var units = 0
    while i < end, units < character {
      units += encoding == .utf16 ? PositionedText.units(bytes[i]) : 1
      i += 1
      if encoding == .utf16 { while i < end, bytes[i] & 0xC0 == 0x80 { i += 1 } }
    }
    // Never in the middle of a character.
    while i > start, i < bytes.count, bytes[i] & 0xC0 == 0x80 { i -= 1 }
    return i
  }

  /// How many UTF-16 units the character takes whose first byte this is; 0 for a byte within.
  private static func units(_ byte: UInt8) -> Int { byte & 0xC0 == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1 }

  /// Puts another text in the place of some bytes.
  public mutating func replace(_ range: Range<Int>, with text: String) {
    bytes.replaceSubrange(range, with: Array(text.utf8))
    findLines()
  }

  /// The line and column, both from 0, of an offset, where only a newline ends a line, as `SourceText` has it.
  func line(of offset: Int) -> (line: Int, column: Int) {
    let before = bytes[..<max(0, min(offset, bytes.count))]
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return (before.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }, before.count - start)
  }

  /// The offset of such a line and column.
  func offset(ofLine line: Int, column: Int) -> Int {
    var start = 0
    for _ in 0..<max(0, line) {
      guard let end = bytes[start...].firstIndex(of: 10) else { return bytes.count }
      start = end + 1
    }
    return min(start + column, bytes.count)
  }

  /// The range of the protocol for a span.
  func range(_ span: SourceSpan, _ encoding: PositionEncoding) -> JSONValue {
    func position(_ offset: Int) -> JSONValue {
      let (line, character) = self.position(offset, encoding)
      return ["line": .int(line), "character": .int(character)]
    }
    return ["start": position(span.start), "end": position(span.end)]
  }

  /// The offset of a position of the protocol.
  func offset(_ position: JSONValue, _ encoding: PositionEncoding) -> Int {
    offset(line: position["line"].integer ?? 0, character: position["character"].integer ?? 0, encoding)
  }
}
