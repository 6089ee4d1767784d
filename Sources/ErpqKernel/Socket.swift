import CZeroMQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a socket of ZeroMQ could not do.
struct SocketError: Error {
  var message: String

  init(_ what: String) {
    message = what + ": " + (zmq_strerror(zmq_errno()).map { String(cString: $0) } ?? "unknown")
  }
}

/// The context that sockets live in.
final class SocketContext: @unchecked Sendable {
  // ZeroMQ's contexts may be used from every thread.
  let raw: UnsafeMutableRawPointer

  init() throws {
    guard let raw = zmq_ctx_new() else { throw SocketError("ZeroMQ cannot start") }
    self.raw = raw
  }
}

/// A socket, for one thread at a time.
final class Socket: @unchecked Sendable {
  // Handed from thread to thread behind a lock, or used by one only.
  let raw: UnsafeMutableRawPointer

  /// The kinds that a kernel needs.
  enum Kind { case router, publish, reply }

  init(_ context: SocketContext, _ kind: Kind, _ endpoint: String) throws {
    let type =
      switch kind {
      case .router: ZMQ_ROUTER
      case .publish: ZMQ_PUB
      case .reply: ZMQ_REP
      }
    guard let raw = zmq_socket(context.raw, type) else { throw SocketError("a socket cannot be made") }
    self.raw = raw
    // What was said last should still reach the front end; not for ever, if it is gone.
    var linger: Int32 = 1000
    zmq_setsockopt(raw, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
    if kind == .router {
      var handover: Int32 = 1
      zmq_setsockopt(raw, ZMQ_ROUTER_HANDOVER, &handover, MemoryLayout<Int32>.size)
    }
    guard zmq_bind(raw, endpoint) == 0 else { throw SocketError("\(endpoint) cannot be bound") }
  }

  func close() { zmq_close(raw) }

  /// Waits until a message is there, at most so many milliseconds.
  func isReady(within milliseconds: Int) -> Bool {
    var item = zmq_pollitem_t()
    item.socket = raw
    item.events = Int16(ZMQ_POLLIN)
    return zmq_poll(&item, 1, milliseconds) > 0
  }

  /// The frames of the next message; nil when there is none to be had any more.
  func receive() -> [[UInt8]]? {
    var frames: [[UInt8]] = []
    let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
    defer { message.deallocate() }
    while true {
      zmq_msg_init(message)
      defer { zmq_msg_close(message) }
      var count = zmq_msg_recv(message, raw, 0)
      while count < 0, zmq_errno() == EINTR { count = zmq_msg_recv(message, raw, 0) }
      guard count >= 0 else { return nil }
      frames.append(
        Array(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))))
      if zmq_msg_more(message) == 0 { return frames }
    }
  }

  /// Sends the frames of a message. A front end that is gone gets none; nobody needs to know.
  func send(_ frames: [[UInt8]]) {
    for (i, frame) in frames.enumerated() {
      let flags = i + 1 < frames.count ? ZMQ_SNDMORE : 0
      var done = frame.withUnsafeBytes { zmq_send(raw, $0.baseAddress, $0.count, flags) }
      while done < 0, zmq_errno() == EINTR {
        done = frame.withUnsafeBytes { zmq_send(raw, $0.baseAddress, $0.count, flags) }
      }
      if done < 0 { return }
    }
  }
}
