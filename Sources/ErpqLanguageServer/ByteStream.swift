import ErpqFiles

/// Where a server's messages come from and go to: standard input and output, or a test.
public protocol ByteStream: AnyObject, Sendable {
  /// The next bytes, at least one; waits for them. Nil at the end.
  func read() -> [UInt8]?
  /// Writes all of the bytes.
  func write(_ bytes: [UInt8])
}

/// Cuts a stream of bytes into messages: a header with `Content-Length`, an empty line, and so many bytes.
struct MessageReader {
  /// What a message may hold at most, so that a wrong length does not fill the memory.
  static let sizeLimit = 256 << 20

  private var buffer: [UInt8] = []
  private var start = 0

  /// What came next.
  enum Message {
    case content([UInt8])
    /// A header that says no length; the stream cannot be understood from there on.
    case broken(String)
  }

  /// Takes further bytes.
  mutating func append(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// The next whole message, if all of it is there.
  mutating func next() -> Message? {
    guard let (headerEnd, bodyStart) = endOfHeader() else {
      return buffer.count - start > 1 << 16 ? .broken("a header of a message does not end") : nil
    }
    var length: Int?
    for line in buffer[start..<headerEnd].split(separator: 10) {
      let text = String(decoding: line, as: UTF8.self)
      guard let colon = text.firstIndex(of: ":") else { continue }
      let name = text[..<colon].lowercased()
      let value = text[text.index(after: colon)...].filter { !$0.isWhitespace }
      if name == "content-length" { length = Int(value) }
    }
    guard let length, (0...MessageReader.sizeLimit).contains(length) else {
      return .broken("a header of a message has no usable Content-Length")
    }
    guard buffer.count - bodyStart >= length else { return nil }
    let content = Array(buffer[bodyStart..<(bodyStart + length)])
    start = bodyStart + length
    return .content(content)
  }

  /// Where the header ends and the content begins.
  private func endOfHeader() -> (Int, Int)? {
    var i = start
    while i + 1 < buffer.count {
      if buffer[i] == 13, i + 3 < buffer.count, buffer[i + 1] == 10, buffer[i + 2] == 13, buffer[i + 3] == 10
      {
        return (i, i + 4)
      }
      if buffer[i] == 10, buffer[i + 1] == 10 { return (i, i + 2) }
      i += 1
    }
    return nil
  }

  /// A message with its header.
  static func framed(_ message: JSONValue) -> [UInt8] {
    let content = Array(message.description.utf8)
    return Array("Content-Length: \(content.count)\r\n\r\n".utf8) + content
  }
}
