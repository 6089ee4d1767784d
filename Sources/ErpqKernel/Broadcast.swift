import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqRendering
import ErpqTables
import Synchronization

/// What goes to every front end: states, results, errors. Several threads tell things, one at a time.
final class Broadcast: Sendable {
  private let socket: Mutex<Socket>
  private let wire: Wire

  init(_ socket: Socket, _ wire: Wire) {
    self.socket = Mutex(socket)
    self.wire = wire
  }

  func tell(_ type: String, _ content: JSONValue, _ parent: Message?) {
    let frames = wire.frames(type, content, parent: parent, to: [Array(type.utf8)])
    socket.withLock { $0.send(frames) }
  }

  func state(_ state: String, _ parent: Message?) {
    tell("status", ["execution_state": .string(state)], parent)
  }

  func close() { socket.withLock { $0.close() } }
}

/// Results of the cell that runs. The last one is its result; what comes before is shown along the way.
final class KernelSink: ResultSink {
  private struct State {
    var parent: Message?
    var count = 0
    var isSilent = false
    var waiting: CellOutput?
    var errors: [Diagnostic] = []
    /// What is shown while it is kept instead of told.
    var kept: [CellOutput]?
  }
  private let state = Mutex(State())
  private let broadcast: Broadcast

  init(_ broadcast: Broadcast) { self.broadcast = broadcast }

  /// Before a cell.
  func begin(_ parent: Message, count: Int, isSilent: Bool) {
    state.withLock { $0 = State(parent: parent, count: count, isSilent: isSilent) }
  }

  /// What is still waiting goes out, as the cell's result at its end, else as something shown.
  func flush(atEnd: Bool) {
    let (output, now) = state.withLock { state -> (CellOutput?, State) in
      defer { state.waiting = nil }
      return (state.waiting, state)
    }
    guard let output, !now.isSilent, let bundle = MimeBundle.of(output) else { return }
    var content: [String: JSONValue] = [
      "data": .object(bundle.mapValues { .string($0) }), "metadata": [:],
    ]
    if case .picture = output {
      broadcast.tell("display_data", .object(content), now.parent)
    } else if atEnd {
      content["execution_count"] = .int(now.count)
      broadcast.tell("execute_result", .object(content), now.parent)
    } else {
      broadcast.tell("display_data", .object(content), now.parent)
    }
  }

  /// The errors of the cell.
  var errors: [Diagnostic] { state.withLock { $0.errors } }

  /// What some work shows, kept from the front ends.
  func keeping(_ body: () -> Void) -> (shown: [CellOutput], errors: [Diagnostic]) {
    let before = state.withLock { state -> State in
      defer { (state.kept, state.errors) = ([], []) }
      return state
    }
    body()
    return state.withLock { state in
      defer { state = before }
      return (state.kept ?? [], state.errors)
    }
  }

  private func hold(_ output: CellOutput) {
    let isKept = state.withLock { state -> Bool in
      guard state.kept != nil else { return false }
      state.kept?.append(output)
      return true
    }
    if isKept { return }
    flush(atEnd: false)
    state.withLock { $0.waiting = output }
  }

  private func stream(_ name: String, _ text: String) {
    flush(atEnd: false)
    let now = state.withLock { $0 }
    guard !now.isSilent, now.kept == nil else { return }
    broadcast.tell("stream", ["name": .string(name), "text": .string(text)], now.parent)
  }

  func table(_ table: Table) { hold(.table(table)) }
  func value(_ value: Value) { hold(.value(value)) }
  func picture(_ table: Table, _ spec: PlotSpec) throws(PlotError) {
    // A plot that cannot be drawn is an error of the cell, as at the prompt.
    _ = try renderSVG(table, spec)
    hold(.picture(table, spec))
  }
  func text(_ text: String) { stream("stdout", text.hasSuffix("\n") ? text : text + "\n") }
  func note(_ text: String) { stream("stdout", text + "\n") }
  func warn(_ diagnostic: Diagnostic) { stream("stderr", CaretRenderer(color: true).render(diagnostic)) }
  func error(_ diagnostic: Diagnostic) { state.withLock { $0.errors.append(diagnostic) } }
  func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) {
    error(diagnostic)
    if let rows { hold(.table(rows)) }
  }
}
