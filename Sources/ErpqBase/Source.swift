/// A range of UTF-8 bytes in a source text.
public struct SourceSpan: Hashable, Sendable {
  /// First byte.
  public var start: Int
  /// One past the last byte.
  public var end: Int

  /// The bytes from `start` up to, not including, `end`.
  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = Swift.max(start, end)
  }

  /// Number of bytes.
  public var length: Int { end - start }

  /// The smallest span that holds both.
  public func union(_ other: SourceSpan) -> SourceSpan {
    SourceSpan(Swift.min(start, other.start), Swift.max(end, other.end))
  }
}

/// A text to be parsed: its name (as shown in errors), its bytes, and where its lines begin.
public final class SourceText: Sendable {
  /// File name, `-e`, or `prompt`.
  public let name: String
  /// The text; invalid UTF-8 has been replaced, and `invalidUTF8` tells where the first was.
  public let text: String
  /// The text's bytes.
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Takes a text under the name that errors will show.
  public init(_ text: String, name: String) {
    self.name = name
    self.text = text
    bytes = Array(text.utf8)
    var starts = [0]
    for (i, byte) in bytes.enumerated() where byte == 10 { starts.append(i + 1) }
    lineStarts = starts
  }

  /// Line (from 1) and column (from 1, in bytes) of an offset.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = Swift.max(0, Swift.min(offset, bytes.count))
    var low = 0
    var high = lineStarts.count
    while low + 1 < high {
      let mid = (low + high) / 2
      if lineStarts[mid] <= offset { low = mid } else { high = mid }
    }
    return (low + 1, offset - lineStarts[low] + 1)
  }

  /// The bytes of a line (from 1), without its end.
  public func line(_ number: Int) -> ArraySlice<UInt8> {
    guard number >= 1, number <= lineStarts.count else { return [] }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == 13 { end -= 1 }
    return bytes[start..<Swift.max(start, end)]
  }

  /// The offset at which a line (from 1) begins.
  public func start(ofLine number: Int) -> Int {
    lineStarts[Swift.max(0, Swift.min(number - 1, lineStarts.count - 1))]
  }

  /// The text of a span.
  public func slice(_ span: SourceSpan) -> String {
    let start = Swift.max(0, Swift.min(span.start, bytes.count))
    return String(decoding: bytes[start..<Swift.max(start, Swift.min(span.end, bytes.count))], as: UTF8.self)
  }
}
