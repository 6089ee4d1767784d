import ErpqBase
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One connection: reading with a deadline, writing all of it.
struct Socket: Sendable {
  let handle: Int32

  enum Failure: Error {
    case closed
    case timedOut
  }

  /// Waits until there is something to read.
  private func wait(_ events: Int32, until deadline: Double) throws(Failure) {
    while true {
      let left = deadline - Socket.clock()
      guard left > 0 else { throw .timedOut }
      var entry = pollfd(fd: handle, events: Int16(events), revents: 0)
      let n = poll(&entry, 1, Int32(min(left * 1000 + 1, 1e6)))
      if n > 0 { return }
      if n < 0, errno != EINTR { throw .closed }
    }
  }

  /// Seconds of a clock that never goes back.
  static func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// What has arrived, at least one byte; nothing at the end of the line.
  func read(_ limit: Int, until deadline: Double) throws(Failure) -> [UInt8] {
    try wait(Int32(POLLIN), until: deadline)
    var buffer = [UInt8](repeating: 0, count: limit)
    let n = recv(handle, &buffer, limit, 0)
    if n < 0 {
      if errno == EINTR || errno == EAGAIN { return try read(limit, until: deadline) }
      throw .closed
    }
    return Array(buffer[..<n])
  }

  /// - Parameter deadline: when to give up on a client that does not read.
  func write(_ bytes: ArraySlice<UInt8>, until deadline: Double) throws(Failure) {
    var rest = bytes
    while !rest.isEmpty {
      try wait(Int32(POLLOUT), until: deadline)
      let n = rest.withUnsafeBytes { send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if n < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw .closed
      }
      rest = rest.dropFirst(n)
    }
  }

  /// Ends the connection, with a reset where wanted.
  func end(withReset: Bool) {
    if withReset {
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(handle, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    } else {
      shutdown(handle, Int32(SHUT_WR))
    }
    close(handle)
  }
}

/// What the server takes from clients, and for how long it waits.
public struct ServerLimits: Sendable {
  /// Bytes of a request's head.
  public var headBytes = 65_536
  /// Bytes of a request's body.
  public var bodyBytes = 64 << 20
  /// Seconds for a whole request to arrive, so that a slow client holds no thread for ever.
  public var requestSeconds = 20.0
  /// Seconds that an open connection may wait for its next request.
  public var idleSeconds = 60.0
  /// Seconds for a client to take a response, beyond what a slow trickle needs.
  public var responseSeconds = 120.0
  /// Connections at a time; each has a thread.
  public var connections = 64

  /// The usual limits.
  public init() {}
}

/// Reads requests from a connection.
struct RequestReader {
  let socket: Socket
  let limits: ServerLimits
  private var buffer: [UInt8] = []

  /// Why no request could be read.
  enum Problem: Error {
    /// Nobody is there any more.
    case gone
    /// An answer is due before the connection ends.
    case refused(Int)
  }

  init(_ socket: Socket, _ limits: ServerLimits) {
    self.socket = socket
    self.limits = limits
  }

  mutating func next() throws(Problem) -> HTTPRequest {
    if buffer.isEmpty {
      buffer = try more(until: Socket.clock() + limits.idleSeconds, isIdle: true)
    }
    let deadline = Socket.clock() + limits.requestSeconds
    var searched = 0
    var end: Int?
    while end == nil {
      end = RequestReader.endOfHead(buffer, from: searched)
      if end == nil {
        searched = max(0, buffer.count - 3)
        guard buffer.count <= limits.headBytes else { throw .refused(431) }
        buffer += try more(until: deadline, isIdle: false)
      }
    }
    guard let end, end <= limits.headBytes else { throw .refused(431) }
    var request = try RequestReader.head(Array(buffer[..<end]))
    buffer.removeFirst(end + 4)
    try readBody(of: &request, until: deadline)
    return request
  }

  private mutating func readBody(of request: inout HTTPRequest, until deadline: Double) throws(Problem) {
    if request.header("transfer-encoding")?.lowercased().contains("chunked") ?? false {
      throw .refused(411)
    }
    guard let length = Int(request.header("content-length") ?? "0"), length >= 0 else { throw .refused(400) }
    guard length <= limits.bodyBytes else { throw .refused(413) }
    if request.header("expect")?.lowercased() == "100-continue", buffer.count < length {
      do throws(Socket.Failure) {
        try socket.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)[...], until: deadline)
      } catch { throw .gone }
    }
    while buffer.count < length { buffer += try more(until: deadline, isIdle: false) }
    request.body = Array(buffer[..<length])
    buffer.removeFirst(length)
  }

  private func more(until deadline: Double, isIdle: Bool) throws(Problem) -> [UInt8] {
    do throws(Socket.Failure) {
      let bytes = try socket.read(65_536, until: deadline)
      if bytes.isEmpty { throw Socket.Failure.closed }
      return bytes
    } catch {
      throw error == .timedOut && !isIdle ? .refused(408) : .gone
    }
  }

  private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
    var i = start
    while i + 3 < bytes.count {
      if bytes[i] == 13, bytes[i + 1] == 10, bytes[i + 2] == 13, bytes[i + 3] == 10 { return i }
      i += 1
    }
    return nil
  }

  private static func head(_ bytes: [UInt8]) throws(Problem) -> HTTPRequest {
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
      throw .refused(400)
    }
    var headers: [(name: String, value: String)] = []
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), headers.count < 200 else { throw .refused(400) }
      headers.append(
        (
          line[..<colon].lowercased(),
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        ))
    }
    return HTTPRequest(method: String(words[0]), target: String(words[1]), headers: headers, body: [])
  }
}
