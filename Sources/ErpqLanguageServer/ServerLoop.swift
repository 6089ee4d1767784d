import ErpqFiles
import Foundation
import Synchronization

extension LanguageServer {
  /// Serves a stream until `exit` or its end.
  ///
  /// - Parameter make: makes the server from the function that sends its messages.
  /// - Returns: the exit code: 0 after `shutdown` and `exit`.
  public static func serve(
    _ stream: any ByteStream, _ make: (@escaping (JSONValue) -> Void) -> LanguageServer
  ) -> Int32 {
    let inbox = Inbox()
    // Reading goes on while a request is at work, so that it can be taken back before it begins.
    let reader = Thread {
      var messages = MessageReader()
      while let bytes = stream.read() {
        messages.append(bytes)
        while let message = messages.next() {
          if case .broken = message {
            inbox.put(message)
            inbox.end()
            return
          }
          inbox.put(message)
        }
      }
      inbox.end()
    }
    reader.stackSize = 1 << 20
    reader.start()
    let server = make { stream.write(MessageReader.framed($0)) }
    while let message = inbox.take() {
      switch message {
      case .content(let bytes): server.take(bytes, isCancelled: { inbox.isCancelled($0) })
      case .broken(let reason):
        let text = "erpq lsp: \(reason)"
        stream.write(
          MessageReader.framed([
            "jsonrpc": "2.0", "method": "window/logMessage", "params": ["type": 1, "message": .string(text)],
          ]))
      }
      if let code = server.ended { return code }
      if inbox.isEmpty { server.publish() }
    }
    return 1
  }
}

/// Messages that wait.
private final class Inbox: Sendable {
  private struct State {
    var waiting: [MessageReader.Message] = []
    var cancelled: Set<JSONValue> = []
    var hasEnded = false
  }
  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  func put(_ message: MessageReader.Message) {
    if case .content(let bytes) = message, let id = Inbox.cancelledRequest(bytes) {
      state.withLock { state in
        // A client that takes back what it never asked for must not fill the memory.
        if state.cancelled.count > 1000 { state.cancelled = [] }
        _ = state.cancelled.insert(id)
      }
      return
    }
    state.withLock { $0.waiting.append(message) }
    arrived.signal()
  }

  func end() {
    state.withLock { $0.hasEnded = true }
    arrived.signal()
  }

  /// The next message; waits for it. Nil when there will be none.
  func take() -> MessageReader.Message? {
    while true {
      let (message, over) = state.withLock { state -> (MessageReader.Message?, Bool) in
        if state.waiting.isEmpty { return (nil, state.hasEnded) }
        return (state.waiting.removeFirst(), false)
      }
      if message != nil || over { return message }
      arrived.wait()
    }
  }

  var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

  func isCancelled(_ id: JSONValue) -> Bool { state.withLock { $0.cancelled.remove(id) != nil } }

  private static func cancelledRequest(_ bytes: [UInt8]) -> JSONValue? {
    guard bytes.count < 300, let message = try? JSONValue.parse(bytes),
      message["method"].text == "$/cancelRequest"
    else { return nil }
    return message["params"]["id"]
  }
}
