import CZeroMQ
import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqTooling
import Foundation
import Testing

@testable import ErpqKernel

/// A front end: it asks over the shell and control sockets and listens to what is told.
private final class FrontEnd: @unchecked Sendable {
  private let context: UnsafeMutableRawPointer
  private var sockets: [String: UnsafeMutableRawPointer] = [:]
  let wire: Wire
  private let folder: String

  init?(_ connection: KernelConnection, folder: String) {
    guard let context = zmq_ctx_new() else { return nil }
    self.context = context
    self.folder = folder
    wire = Wire(key: connection.key)
    let kinds = [
      ("shell", ZMQ_DEALER, connection.shell), ("control", ZMQ_DEALER, connection.control),
      ("iopub", ZMQ_SUB, connection.iopub), ("heartbeat", ZMQ_REQ, connection.heartbeat),
    ]
    for (name, kind, port) in kinds {
      guard let socket = zmq_socket(context, kind) else { return nil }
      var wait: Int32 = 10_000
      zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait, MemoryLayout<Int32>.size)
      if kind == ZMQ_SUB { zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) }
      zmq_connect(socket, connection.endpoint(port))
      sockets[name] = socket
    }
  }

  func send(_ socket: String, _ frames: [[UInt8]]) {
    guard let raw = sockets[socket] else { return }
    for (i, frame) in frames.enumerated() {
      _ = frame.withUnsafeBytes {
        zmq_send(raw, $0.baseAddress, $0.count, i + 1 < frames.count ? ZMQ_SNDMORE : 0)
      }
    }
  }

  func receive(_ socket: String) -> [[UInt8]] {
    guard let raw = sockets[socket] else { return [] }
    var frames: [[UInt8]] = []
    while true {
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      let count = zmq_recv(raw, &buffer, buffer.count, 0)
      guard count >= 0 else { return [] }
      frames.append(Array(buffer[..<Int(count)]))
      var more: Int32 = 0
      var size = MemoryLayout<Int32>.size
      zmq_getsockopt(raw, ZMQ_RCVMORE, &more, &size)
      if more == 0 { return frames }
    }
  }

  private var lastID: JSONValue = .null

  /// Asks; the answer's content.
  func ask(_ type: String, _ content: JSONValue, on socket: String = "shell") -> JSONValue {
    let frames = wire.frames(type, content, parent: nil, to: [])
    lastID = wire.read(frames)?.header["msg_id"] ?? .null
    send(socket, frames)
    return wire.read(receive(socket))?.content ?? .null
  }

  /// What was told about the last question, until its state is idle again.
  func told() -> [(type: String, content: JSONValue)] {
    var out: [(String, JSONValue)] = []
    while let message = wire.read(receive("iopub")) {
      guard message.parent["msg_id"] == lastID else { continue }
      if message.type == "status" {
        if message.content["execution_state"] == "idle" { return out }
      } else {
        out.append((message.type, message.content))
      }
    }
    Issue.record("the kernel tells nothing more")
    return out
  }

  /// Asks until something is heard: what is told before the subscription has come through is missed.
  func hears() -> Bool {
    guard let raw = sockets["iopub"] else { return false }
    func wait(_ milliseconds: Int32) {
      var wait = milliseconds
      zmq_setsockopt(raw, ZMQ_RCVTIMEO, &wait, MemoryLayout<Int32>.size)
    }
    wait(200)
    defer { wait(10_000) }
    return (0..<50).contains { _ in
      _ = ask("comm_info_request", [:])
      return !receive("iopub").isEmpty
    }
  }

  func run(_ code: String) -> (reply: JSONValue, told: [(type: String, content: JSONValue)]) {
    let reply = ask("execute_request", ["code": .string(code), "silent": false, "store_history": true])
    return (reply, told())
  }
}

@Suite(.serialized) struct KernelTests {
  private func connection(_ folder: String, key: String = "secret") throws -> KernelConnection {
    let file: JSONValue = [
      "transport": "ipc", "ip": .string(folder + "/k"), "key": .string(key),
      "signature_scheme": "hmac-sha256",
      "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5,
    ]
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(file.description.utf8).write(to: URL(fileURLWithPath: folder + "/c.json"))
    return try KernelConnection(path: folder + "/c.json")
  }

  /// Starts a kernel, and ends it afterwards.
  private func withKernel(_ body: (FrontEnd) throws -> Void) throws {
    let folder =
      FileManager.default.temporaryDirectory.path + "/erpq-kernel-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let place = try connection(folder)
    let thread = Thread {
      let kernel = try? Kernel(
        place, version: "test",
        makeSession: { sink in
          var options = SessionOptions()
          options.isInteractive = true
          return Session(options, sink: sink)
        }, sources: { _ in CompletionSources() }, interruptedBy: Cancellation())
      kernel?.run()
    }
    thread.stackSize = 8 << 20
    thread.start()
    guard let front = FrontEnd(place, folder: folder) else {
      Issue.record("no socket")
      return
    }
    #expect(front.ask("kernel_info_request", [:])["status"] == "ok")
    #expect(front.hears())
    try body(front)
    let end = front.ask("shutdown_request", ["restart": false], on: "control")
    #expect(end["status"] == "ok")
  }

  @Test func cells() throws {
    try withKernel { front in
      let first = front.run("let a = 20\n$a + 1")
      #expect(first.reply["status"] == "ok")
      #expect(first.reply["execution_count"] == 1)
      #expect(first.told.last?.content["data"]["text/plain"] == "21")
      let table = front.run("[3, 1] | sort value\n$a")
      #expect(table.told.map(\.type) == ["execute_input", "display_data", "execute_result"])
      #expect(table.told[1].content["data"]["text/html"].text?.contains("<table>") == true)
      let plot = front.run("[1, 3, 2] | extend n = value | plot line n vs value")
      #expect(plot.told.last?.type == "display_data")
      #expect(plot.told.last?.content["data"]["image/svg+xml"].text?.hasPrefix("<svg") == true)
      let wrong = front.run("[1] | where valu > 0")
      #expect(wrong.reply["status"] == "error")
      #expect(wrong.reply["ename"] == "E0203")
      #expect(
        wrong.told.last?.content["traceback"].elements.contains { $0.text?.contains("^^^^") == true } == true)
      #expect(front.run("").reply["execution_count"] == 4)
    }
  }

  @Test func help() throws {
    try withKernel { front in
      // A face is one place for a front end, four bytes for the completer.
      let done = front.ask(
        "complete_request", ["code": "[1] | where \"😀\" = \"\" and val", "cursor_pos": 28])
      #expect(done["matches"] == ["value"])
      #expect(done["cursor_start"] == 25)
      let page = front.ask("inspect_request", ["code": "round(2.5)", "cursor_pos": 3, "detail_level": 0])
      #expect(page["found"] == true)
      #expect(page["data"]["text/plain"].text?.contains("round(") == true)
      #expect(front.ask("is_complete_request", ["code": "[1] |"])["status"] == "incomplete")
      #expect(front.ask("is_complete_request", ["code": "[1]"])["status"] == "complete")
      #expect(front.ask("is_complete_request", ["code": "[1] | where ) 3"])["status"] == "invalid")
      _ = front.run("1 + 1")
      let past = front.ask(
        "history_request", ["hist_access_type": "tail", "n": 5, "output": false, "raw": true])
      #expect(past["history"] == [[1, 1, "1 + 1"]])
    }
  }

  @Test func heartbeatAndSignatures() throws {
    try withKernel { front in
      front.send("heartbeat", [[1, 2, 3]])
      #expect(front.receive("heartbeat") == [[1, 2, 3]])
      // A message under another key is no message.
      let forged = Wire(key: Array("other".utf8)).frames(
        "execute_request", ["code": "1"], parent: nil, to: [])
      front.send("shell", forged)
      #expect(front.run("2").told.contains { $0.content["data"]["text/plain"] == "2" })
    }
  }

  @Test func theSignatureOfTheStandard() {
    // RFC 4231, case 2.
    let wire = Wire(key: Array("Jefe".utf8))
    let parts = [Array("what do ya want ".utf8), Array("for nothing?".utf8)]
    #expect(
      String(decoding: wire.signature(parts[...]), as: UTF8.self)
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(Wire(key: []).signature(parts[...]).isEmpty)
  }

  @Test func connectionFiles() throws {
    let folder =
      FileManager.default.temporaryDirectory.path + "/erpq-connection-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: KernelConnection.Problem.self) { try KernelConnection(path: folder + "/none.json") }
    _ = try connection(folder)
    for text in [
      "", "[]", "{\"shell_port\": 0}", "{\"transport\": \"udp\"}", "{\"signature_scheme\": \"hmac-md5\"}",
    ] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/bad.json"))
      #expect(throws: KernelConnection.Problem.self) { try KernelConnection(path: folder + "/bad.json") }
    }
  }

  @Test func patternsOfTheHistory() {
    func fits(_ text: String, _ pattern: String) -> Bool {
      Kernel.fits(Array(text.unicodeScalars), Array(pattern.unicodeScalars))
    }
    #expect(fits("sales | limit 3", "sales*"))
    #expect(fits("sales | limit 3", "*lim?t*"))
    #expect(!fits("sales", "sal"))
    #expect(fits("", "*") && fits("aaa", "a*a") && !fits("ab", "?"))
  }

  @Test func theKernelsFolder() throws {
    let folder =
      FileManager.default.temporaryDirectory.path + "/erpq-spec-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let place = try KernelSpec(arguments: ["erpq", "kernel", "run", "{connection_file}"], title: "erpq")
      .install(name: "erpq", in: folder)
    let spec = try JSONValue.parse(Array(Data(contentsOf: URL(fileURLWithPath: place + "/kernel.json"))))
    #expect(spec["argv"].elements.last == "{connection_file}")
    #expect(spec["language"] == "erpq")
    #expect(KernelSpec.userFolder(["HOME": "/home/x"]) == "/home/x/.local/share/jupyter/kernels")
    #expect(KernelSpec.userFolder(["HOME": "/h", "JUPYTER_DATA_DIR": "/d"]) == "/d/kernels")
  }
}
