import ErpqEngine
import ErpqFiles
import Synchronization
import Testing

@testable import ErpqLanguageServer

/// Bytes that come in pieces of any size.
private final class Script: ByteStream {
  private let state: Mutex<(input: [[UInt8]], output: [UInt8])>

  init(_ messages: [JSONValue], piece: Int, tail: [UInt8] = []) {
    let all = messages.flatMap { MessageReader.framed($0) } + tail
    let pieces = stride(from: 0, to: all.count, by: piece).map { Array(all[$0..<min($0 + piece, all.count)]) }
    state = Mutex((pieces, []))
  }

  func read() -> [UInt8]? { state.withLock { $0.input.isEmpty ? nil : $0.input.removeFirst() } }
  func write(_ bytes: [UInt8]) { state.withLock { $0.output += bytes } }

  var answers: [JSONValue] {
    var reader = MessageReader()
    reader.append(state.withLock { $0.output })
    var out: [JSONValue] = []
    while case .content(let bytes)? = reader.next() {
      if let v = try? JSONValue.parse(bytes) { out.append(v) }
    }
    return out
  }
}

@Suite struct StreamTests {
  private func serve(_ stream: Script) -> Int32 {
    LanguageServer.serve(stream) { send in
      LanguageServer(session: Session(SessionOptions(), sink: SilentSink()), version: "test", send: send)
    }
  }

  private func message(_ id: Int?, _ method: String, _ parameters: JSONValue = [:]) -> JSONValue {
    var out: [String: JSONValue] = ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
    if let id { out["id"] = .int(id) }
    return .object(out)
  }

  @Test(arguments: [1, 7, 100_000]) func aWholeSession(piece: Int) {
    let stream = Script(
      [
        message(1, "initialize"), message(nil, "initialized"),
        message(
          nil, "textDocument/didOpen",
          [
            "textDocument": [
              "uri": "file:///a.erpq", "languageId": "erpq", "version": 1, "text": "sales | limt 3",
            ]
          ]),
        message(2, "shutdown"), message(nil, "exit"),
      ], piece: piece)
    #expect(serve(stream) == 0)
    #expect(
      stream.answers.contains { $0["id"] == 1 && $0["result"]["capabilities"]["hoverProvider"] == true })
  }

  @Test func theEndWithoutExit() { #expect(serve(Script([message(1, "initialize")], piece: 10)) == 1) }

  @Test func whatIsNoMessage() {
    let stream = Script(
      [], piece: 3, tail: Array("Content-Length: 3\r\n\r\n{a}Content-Length: x\r\n\r\n".utf8))
    #expect(serve(stream) == 1)
    #expect(stream.answers.first?["error"]["code"] == -32700)
    #expect(stream.answers.last?["params"]["message"].text?.contains("Content-Length") == true)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "\"\\ud83d\"", "1e999", "nul", "\"\\x\"", "[[[[", "{\"a\" 1}", "+1", "-",
    "1 2", "\"\\u+123\"", "\"\\u00\"",
  ])
  func brokenJSON(_ text: String) {
    let value = try? JSONValue.parse(Array(text.utf8))
    #expect(value == (text == "\"\\ud83d\"" ? .string("\u{FFFD}") : nil))
  }

  @Test func valuesComeBack() throws {
    let value: JSONValue = ["a": [1, -2, true, nil, "ä\"\\\n\u{1}😀"], "b": .number(0.5), "c": [:], "d": []]
    #expect(try JSONValue.parse(Array(value.description.utf8)) == value)
    #expect(try JSONValue.parse(Array(value.indented(by: 2).utf8)) == value)
    #expect(throws: JSONFailure.self) {
      try JSONValue.parse([UInt8](repeating: 91, count: 100_000))
    }
  }
}
