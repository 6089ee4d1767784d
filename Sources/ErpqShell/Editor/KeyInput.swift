import Glibc

/// The keyboard of a terminal in raw mode: waits for keys, and tells of changes of the window meanwhile.
struct KeyInput {
  /// What ended the waiting.
  enum Event {
    case key(Key)
    case windowChanged
    case end
  }

  private let descriptor: Int32
  private let wakeReader: Int32
  /// Written by the handler of SIGWINCH.
  let wakeWriter: Int32
  private var decoder = KeyDecoder()
  private var isAtEnd = false
  /// How long an Escape waits for the rest of a sequence, in milliseconds.
  private static let escapeWait: Int32 = 30

  /// Nil when no pipe can be made.
  init?(descriptor: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    self.descriptor = descriptor
    wakeReader = ends[0]
    wakeWriter = ends[1]
  }

  /// Closes the pipe.
  func close() {
    _ = Glibc.close(wakeReader)
    _ = Glibc.close(wakeWriter)
  }

  /// Gives a key back, to be read next.
  mutating func unread(_ key: Key) { decoder.unread(key) }

  /// A key that can be had without waiting.
  mutating func ready() -> Key? {
    if let key = decoder.next() { return key }
    while !isAtEnd, isReadable(within: decoder.isWaiting && !decoder.isInPaste ? Self.escapeWait : 0) {
      read()
      if let key = decoder.next() { return key }
    }
    return decoder.isInPaste ? nil : decoder.next(final: true)
  }

  /// Waits for a key.
  mutating func next() -> Event {
    while true {
      if let key = ready() { return .key(key) }
      if isAtEnd { return .end }
      var waits = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&waits, 2, -1)
      if count < 0, errno != EINTR, errno != EAGAIN { return .end }
      if count > 0, waits[1].revents != 0 {
        var bytes = [UInt8](repeating: 0, count: 64)
        while Glibc.read(wakeReader, &bytes, bytes.count) > 0 {}
        return .windowChanged
      }
      if count > 0, waits[0].revents != 0 { read() }
    }
  }

  private func isReadable(within milliseconds: Int32) -> Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, milliseconds) > 0
  }

  private mutating func read() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    if count > 0 {
      decoder.append(bytes[..<count])
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      isAtEnd = true
    }
  }
}
