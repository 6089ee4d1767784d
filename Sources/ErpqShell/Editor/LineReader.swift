import ErpqBase
import Glibc

/// Lines of a file descriptor, however long.
///
/// A line ends with a line feed, with or without a carriage return before it, or with the input. Bytes that are
/// not UTF-8 become U+FFFD; NUL is kept.
struct LineReader {
  /// What the next line is.
  enum Item: Equatable {
    /// A line without its end.
    case line(String)
    /// A signal came, and the work at hand was asked to stop.
    case interrupted
    /// Nothing is left.
    case end
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var head = 0
  /// Bytes before this have no line feed.
  private var scanned = 0
  private var isAtEnd = false
  /// Number of lines handed out.
  private(set) var count = 0
  /// The error number of a read that failed; such an input ends there.
  private(set) var error: Int32?
  private static let chunk = 64 * 1024

  init(descriptor: Int32) { self.descriptor = descriptor }

  mutating func next() -> Item {
    while true {
      if let feed = nextFeed() {
        var end = feed
        if end > head, buffer[end - 1] == 0x0D { end -= 1 }
        return hand(head..<end, next: feed + 1)
      }
      if isAtEnd {
        return head < buffer.count ? hand(head..<buffer.count, next: buffer.count) : .end
      }
      if !fill(), Cancellation.current.isCancelled { return .interrupted }
    }
  }

  /// Whether the next line that is neither blank nor comment begins with `mark`, as far as it has arrived: what
  /// lies in a file or a pipe is looked at, whoever has yet to write is not waited for longer than a moment.
  mutating func continues(with mark: UInt8) -> Bool {
    var from = head
    while true {
      var isComment = false
      while from < buffer.count {
        let byte = buffer[from]
        if byte == 0x0A {
          isComment = false
        } else if byte == 0x23 {
          isComment = true
        } else if !isComment, byte != 0x20, byte != 0x09, byte != 0x0D {
          return byte == mark
        }
        from += 1
      }
      if isAtEnd { return false }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 20) > 0, fill() else { return false }
      // Reading moves what is left to the front.
      from = head
    }
  }

  private mutating func nextFeed() -> Int? {
    let from = Swift.max(scanned, head)
    let found = buffer.withUnsafeBufferPointer { bytes -> Int? in
      guard let base = bytes.baseAddress, from < bytes.count,
        let place = memchr(base + from, 0x0A, bytes.count - from)
      else { return nil }
      return UnsafeRawPointer(place) - UnsafeRawPointer(base)
    }
    if found == nil { scanned = buffer.count }
    return found
  }

  private mutating func hand(_ range: Range<Int>, next: Int) -> Item {
    let text = String(decoding: buffer[range], as: UTF8.self)
    head = next
    count += 1
    return .line(text)
  }

  /// Reads more; false when a signal came first.
  private mutating func fill() -> Bool {
    if head > 0 {
      buffer.removeFirst(head)
      scanned -= Swift.min(scanned, head)
      head = 0
    }
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { read(descriptor, $0 + old, Self.chunk) } ?? 0
    }
    let reason = errno
    buffer.removeLast(Self.chunk - Swift.max(0, count))
    if count > 0 { return true }
    if count < 0, reason == EINTR { return false }
    if count < 0, reason == EAGAIN {
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&wait, 1, -1) >= 0
    }
    if count < 0 { error = reason }
    isAtEnd = true
    return true
  }
}
