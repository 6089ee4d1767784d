import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqLanguageServer
import ErpqTooling
import Foundation
import Synchronization

/// A kernel of Jupyter: it runs cells in one session, and tells front ends what they gave.
///
/// The shell's requests are done one after the other; a thread of their own has the control socket, so that a cell
/// can be interrupted, and the heartbeat.
public final class Kernel {
  private let connection: KernelConnection
  private let wire: Wire
  private let shell: Socket
  private let control: Socket
  private let input: Socket
  private let heartbeat: Socket
  private let broadcast: Broadcast
  private let session: Session
  private let sink: KernelSink
  private let helper: LanguageServer
  private let sources: CompletionSources
  private let version: String
  private var count = 0
  private var history: [String] = []
  private let end = Ending()
  private let stop: Cancellation
  /// How many cells the history keeps.
  private static let mostHistory = 10_000

  /// Whether the kernel should go.
  private final class Ending: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
  }

  /// Binds the sockets and makes the session.
  ///
  /// - Parameter makeSession: makes it over the sink that shows its results.
  /// - Parameter sources: what completion knows of the company.
  /// - Parameter stop: the flag that a front end's interruption sets; that of Ctrl-C where the process is the kernel's own.
  /// - Throws: `KernelConnection.Problem` when a socket cannot be had.
  public init(
    _ connection: KernelConnection, version: String, makeSession: (any ResultSink) throws -> Session,
    sources: (Session) -> CompletionSources, interruptedBy stop: Cancellation = .process
  ) throws {
    self.stop = stop
    self.connection = connection
    self.version = version
    wire = Wire(key: connection.key)
    do {
      let context = try SocketContext()
      shell = try Socket(context, .router, connection.endpoint(connection.shell))
      control = try Socket(context, .router, connection.endpoint(connection.control))
      input = try Socket(context, .router, connection.endpoint(connection.input))
      heartbeat = try Socket(context, .reply, connection.endpoint(connection.heartbeat))
      broadcast = Broadcast(try Socket(context, .publish, connection.endpoint(connection.iopub)), wire)
    } catch let error as SocketError {
      throw KernelConnection.Problem(message: error.message)
    }
    sink = KernelSink(broadcast)
    session = try makeSession(sink)
    self.sources = sources(session)
    helper = LanguageServer(session: session, sources: self.sources, version: version) { _ in }
  }

  /// Serves until it is shut down, or whoever started it is gone.
  public func run() { Cancellation.$current.withValue(stop) { serve() } }

  private func serve() {
    let heartbeat = heartbeat
    start { while let frames = heartbeat.receive() { heartbeat.send(frames) } }
    let (control, wire, broadcast, end, version, stop) = (control, wire, broadcast, end, version, stop)
    start {
      while let frames = control.receive() {
        guard let message = wire.read(frames) else { continue }
        broadcast.state("busy", message)
        var isOver = false
        if let (type, content) = Kernel.control(message, version, stop, &isOver) {
          control.send(wire.frames(type, content, parent: message, to: message.identities))
        }
        broadcast.state("idle", message)
        if isOver {
          stop.cancel()
          end.set()
          return
        }
      }
    }
    broadcast.state("starting", nil)
    let parent = getppid()
    while !end.isSet {
      guard shell.isReady(within: 100) else {
        if parent != 1, getppid() == 1 { return }
        continue
      }
      guard let frames = shell.receive() else { return }
      if let message = wire.read(frames) { take(message) }
    }
    shell.close()
    broadcast.close()
  }

  private func start(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// The answer to a request that must not wait for a cell.
  private static func control(
    _ message: Message, _ version: String, _ stop: Cancellation, _ isOver: inout Bool
  ) -> (String, JSONValue)? {
    switch message.type {
    case "interrupt_request":
      stop.cancel()
      return ("interrupt_reply", ["status": "ok"])
    case "shutdown_request":
      isOver = true
      return ("shutdown_reply", ["status": "ok", "restart": .bool(message.content["restart"].flag ?? false)])
    case "kernel_info_request": return ("kernel_info_reply", info(version))
    default: return nil
    }
  }

  private func reply(_ message: Message, _ type: String, _ content: JSONValue) {
    shell.send(wire.frames(type, content, parent: message, to: message.identities))
  }

  private func take(_ message: Message) {
    broadcast.state("busy", message)
    defer { broadcast.state("idle", message) }
    switch message.type {
    case "execute_request": execute(message)
    case "complete_request": reply(message, "complete_reply", complete(message.content))
    case "inspect_request": reply(message, "inspect_reply", inspect(message.content))
    case "is_complete_request": reply(message, "is_complete_reply", completeness(message.content))
    case "history_request": reply(message, "history_reply", past(message.content))
    case "comm_info_request": reply(message, "comm_info_reply", ["status": "ok", "comms": [:]])
    case "kernel_info_request", "interrupt_request", "shutdown_request":
      var isOver = false
      if let (type, content) = Kernel.control(message, version, stop, &isOver) {
        reply(message, type, content)
      }
      if isOver { end.set() }
    default: break
    }
  }

  private static func info(_ version: String) -> JSONValue {
    [
      "status": "ok", "protocol_version": .string(Wire.protocolVersion), "implementation": "erpq",
      "implementation_version": .string(version), "banner": .string("erpq \(version)"), "debugger": false,
      "help_links": [],
      "language_info": [
        "name": "erpq", "version": .string(version), "mimetype": "text/x-erpq", "file_extension": ".erpq",
        "pygments_lexer": "text",
      ],
    ]
  }

  // MARK: Cells

  private func execute(_ message: Message) {
    let code = message.content["code"].text ?? ""
    let isSilent = message.content["silent"].flag ?? false
    let isStored = !isSilent && (message.content["store_history"].flag ?? true)
    if isStored, !code.allSatisfy(\.isWhitespace) {
      count += 1
      history.append(code)
      if history.count > Kernel.mostHistory { history.removeFirst() }
    }
    if !isSilent {
      broadcast.tell("execute_input", ["code": .string(code), "execution_count": .int(count)], message)
    }
    sink.begin(message, count: count, isSilent: isSilent)
    // An interruption before this cell was meant for another.
    stop.reset()
    let outcome = session.run(SourceText(code, name: "In[\(count)]")) { [sink] _ in sink.flush(atEnd: false) }
    sink.flush(atEnd: outcome == .ok)
    var content: [String: JSONValue] = ["execution_count": .int(count)]
    if outcome == .ok {
      content["status"] = "ok"
      content["payload"] = []
      content["user_expressions"] = expressions(message.content["user_expressions"])
    } else {
      let failure = failure(sink.errors, outcome)
      if !isSilent { broadcast.tell("error", failure, message) }
      content.merge(failure.members) { $1 }
      content["status"] = "error"
    }
    reply(message, "execute_reply", .object(content))
    if outcome != .ok, message.content["stop_on_error"].flag ?? true { abortWaiting() }
  }

  /// The errors of a cell as the protocol has them, with their pictures.
  private func failure(_ errors: [Diagnostic], _ outcome: RunOutcome) -> JSONValue {
    let first = errors.first
    let lines = errors.flatMap { error in
      CaretRenderer(color: true).render(error).split(separator: "\n", omittingEmptySubsequences: false)
        .map { JSONValue.string(String($0)) }
    }
    return [
      "ename": .string(outcome == .interrupted ? "KeyboardInterrupt" : first?.code.rawValue ?? "E0603"),
      "evalue": .string(first?.message ?? "the cell failed"), "traceback": .array(lines),
    ]
  }

  /// Values that a front end asks for beside the cell.
  private func expressions(_ asked: JSONValue) -> JSONValue {
    .object(
      asked.members.mapValues { expression in
        var outcome = RunOutcome.ok
        let (shown, errors) = sink.keeping {
          outcome = session.run(SourceText(expression.text ?? "", name: "expression"))
        }
        if outcome == .ok, let bundle = shown.compactMap({ MimeBundle.of($0) }).last {
          return ["status": "ok", "data": .object(bundle.mapValues { .string($0) }), "metadata": [:]]
        }
        var members = failure(errors, outcome).members
        members["status"] = "error"
        return .object(members)
      })
  }

  /// The cells that wait behind one that failed do not run.
  private func abortWaiting() {
    // Those that a front end sends together come within a moment.
    while shell.isReady(within: 50), let frames = shell.receive() {
      guard let message = wire.read(frames) else { continue }
      guard message.type == "execute_request" else {
        take(message)
        continue
      }
      broadcast.state("busy", message)
      reply(
        message, "execute_reply",
        [
          "status": "aborted", "execution_count": .int(count), "ename": "", "evalue": "", "traceback": [],
        ])
      broadcast.state("idle", message)
    }
  }

  // MARK: Help while typing

  /// Front ends count characters by their code points.
  private func offset(_ code: String, _ content: JSONValue) -> Int {
    let scalars = code.unicodeScalars
    let place = max(0, min(content["cursor_pos"].integer ?? scalars.count, scalars.count))
    return scalars.prefix(place).reduce(0) { $0 + UTF8.width($1) }
  }

  private func points(_ code: String, _ offset: Int) -> JSONValue {
    .int(String(decoding: Array(code.utf8).prefix(offset), as: UTF8.self).unicodeScalars.count)
  }

  private func complete(_ content: JSONValue) -> JSONValue {
    let code = content["code"].text ?? ""
    let completer = Completer(
      catalog: Commands.catalog, host: session.bindingHost, environment: session.environment, sources: sources
    )
    let (range, items) = completer.complete(code, at: offset(code, content))
    let (start, end) = (points(code, range.lowerBound), points(code, range.upperBound))
    let shown = items.prefix(300)
    return [
      "status": "ok", "matches": .array(shown.map { .string($0.text) }), "cursor_start": start,
      "cursor_end": end,
      "metadata": [
        "_jupyter_types_experimental": .array(
          shown.map {
            [
              "text": .string($0.text), "type": .string($0.kind.rawValue), "signature": .string($0.detail),
              "start": start, "end": end,
            ]
          })
      ],
    ]
  }

  private func inspect(_ content: JSONValue) -> JSONValue {
    let code = content["code"].text ?? ""
    guard let text = helper.explanation(of: code, at: offset(code, content)) else {
      return ["status": "ok", "found": false, "data": [:], "metadata": [:]]
    }
    let plain = text.replacing("```erpq\n", with: "").replacing("```\n", with: "").replacing("**", with: "")
    return [
      "status": "ok", "found": true,
      "data": ["text/plain": .string(plain.replacing("`", with: "")), "text/markdown": .string(text)],
      "metadata": [:],
    ]
  }

  private func completeness(_ content: JSONValue) -> JSONValue {
    let code = content["code"].text ?? ""
    guard Completeness.isComplete(code) else { return ["status": "incomplete", "indent": "  "] }
    let (tree, _, _) = session.check(SourceText(code, name: "cell"))
    return ["status": tree.diagnostics.contains { $0.severity == .error } ? "invalid" : "complete"]
  }

  /// The cells of this run: the last ones, a range, or those that fit a pattern with `*` and `?`.
  private func past(_ content: JSONValue) -> JSONValue {
    var lines = history.enumerated().map { (line: $0.offset + 1, text: $0.element) }
    switch content["hist_access_type"].text {
    case "range":
      let start = content["start"].integer ?? 1
      let stop = content["stop"].integer ?? Int.max
      lines = lines.filter { $0.line >= start && $0.line < stop }
    case "search":
      let pattern = content["pattern"].text ?? "*"
      lines = lines.filter { Kernel.fits(Array($0.text.unicodeScalars), Array(pattern.unicodeScalars)) }
      if content["unique"].flag == true {
        var seen = Set<String>()
        lines = lines.reversed().filter { seen.insert($0.text).inserted }.reversed()
      }
      if let n = content["n"].integer { lines = lines.suffix(max(0, n)) }
    default:
      lines = lines.suffix(max(0, content["n"].integer ?? lines.count))
    }
    let output = content["output"].flag ?? false
    return [
      "status": "ok",
      "history": .array(
        lines.map {
          [1, .int($0.line), output ? [.string($0.text), nil] : .string($0.text)]
        }),
    ]
  }

  /// Whether a text fits a pattern in which `*` stands for anything and `?` for one character.
  static func fits(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
    var (t, p) = (0, 0)
    var back: (text: Int, pattern: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "*" {
        back = (t, p)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
        (t, p) = (t + 1, p + 1)
      } else if let (from, star) = back {
        back = (from + 1, star)
        (t, p) = (from + 1, star + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
