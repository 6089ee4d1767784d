import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqRendering
import ErpqSemantics
import ErpqSyntax
import ErpqTooling
import Glibc

/// The prompt: reads a statement, runs it, goes on.
public final class Repl {
  private let session: Session
  private let sink: TerminalSink
  private let historyPath: String?
  private let out: Output

  /// A prompt over a session.
  public init(session: Session, sink: TerminalSink, historyPath: String?, out: Output = .standard) {
    self.session = session
    self.sink = sink
    self.historyPath = historyPath
    self.out = out
  }

  /// Runs until the end of input or `:quit`; the exit code.
  public func run(banner: String) -> Int32 {
    let colour = sink.style.color > .none
    var remembered: () -> [String] = { [] }
    var hooks = hooks()
    // What was typed before and begins like this, shown faintly.
    hooks.hint = { text in
      guard text.count > 1, let earlier = remembered().last(where: { $0.hasPrefix(text) && $0 != text })
      else { return nil }
      return String(earlier.dropFirst(text.count))
    }
    let editor = makeEditor(hooks: hooks, options: EditorOptions(historyPath: historyPath, colour: colour))
    remembered = { [weak editor] in editor?.history ?? [] }
    defer { editor.close() }
    let isInteractive = editor.isInteractive
    if isInteractive { out.write(banner) }
    if let problem = editor.historyProblem { sink.note(problem) }
    var worst: Int32 = 0
    while true {
      switch editor.readStatement(prompt: "erpq> ") {
      case .endOfInput:
        // A program without a standard input has nothing to say about it.
        if let error = editor.readError, error != EBADF {
          sink.error(.unreadableInput(error))
          return 2
        }
        return isInteractive ? 0 : worst
      case .interrupted: continue
      case .text(let text):
        let trimmed = text.trimmingBlanks
        if trimmed.isEmpty { continue }
        editor.addHistory(text)
        if trimmed.hasPrefix(":") {
          if directive(trimmed) { return 0 }
          continue
        }
        Interrupts.reset()
        if isInteractive { sink.beginStatement() }
        // Errors of a piped session name the line of the input.
        let before = String(repeating: "\n", count: max(0, editor.statementLine - 1))
        let outcome = session.run(SourceText(before + text, name: isInteractive ? "prompt" : "stdin"))
        if isInteractive { sink.endStatement() }
        if outcome == .interrupted, out.isClosed { return 0 }
        if outcome != .ok { worst = outcome.rawValue }
        if !isInteractive, outcome != .ok { return outcome.rawValue }
      }
    }
  }

  /// A line that begins with `:`; true to leave.
  private func directive(_ line: String) -> Bool {
    let words = line.dropFirst().split(separator: " ").map(String.init)
    switch words.first ?? "" {
    case "q", "quit", "exit": return true
    case "last":
      if let table = session.lastResult {
        sink.whole(table)
      } else {
        sink.note("there is no last result yet")
      }
    case "h", "help", "?":
      out.write(":last   the last result, all of its rows\n:quit   leave (or Ctrl-D)\nhelp    the language\n")
    default:
      let near = nearest(to: words.first ?? "", among: ["last", "quit", "help"])
      sink.note(
        "there is no `:\(words.first ?? "")`"
          + (near.first.map { "; did you mean `:\($0)`?" } ?? "; `:help` lists what there is"))
    }
    return false
  }

  private func hooks() -> EditorHooks {
    EditorHooks(
      isComplete: { Completeness.isComplete($0) },
      complete: { [session] text, cursor in
        let (range, items) = session.complete(text, at: cursor)
        return CompletionList(
          replaceRange: range,
          items: items.map { CompletionItem($0.text, kind: Repl.kind($0.kind), detail: $0.detail) })
      },
      highlight: { text in Highlighter.spans(text).map { StyledSpan($0.range, Repl.style($0.style)) } })
  }

  private static func kind(_ kind: ProposalKind) -> CompletionKind {
    switch kind {
    case .command, .definition: .command
    case .stage: .stage
    case .parameter: .parameter
    case .keyword: .keyword
    case .column: .field
    case .function: .function
    case .word: .value
    case .variable: .name
    }
  }

  static func style(_ style: HighlightStyle) -> TextStyle {
    switch style {
    case .keyword: .keyword
    case .command: .command
    case .stage: .stage
    case .parameter: .parameter
    case .function: .function
    case .variable: TextStyle(rawValue: "1;34")
    case .number: .number
    case .string: .string
    case .hole: TextStyle(rawValue: "36")
    case .comment: .comment
    case .operator: .plain
    case .error: .error
    }
  }
}

extension Session {
  /// Proposals at a place of a text, over what has been declared so far.
  public func complete(_ text: String, at cursor: Int) -> (range: Range<Int>, items: [Proposal]) {
    Completer(catalog: Commands.catalog, host: bindingHost, environment: environment).complete(
      text, at: cursor)
  }
}

extension String {
  var trimmingBlanks: String {
    var s = Substring(self)
    while let c = s.first, c.isWhitespace { s = s.dropFirst() }
    while let c = s.last, c.isWhitespace { s = s.dropLast() }
    return String(s)
  }
}

extension Diagnostic {
  /// A standard input that the system does not let us read, by its error number.
  public static func unreadableInput(_ code: Int32) -> Diagnostic {
    let reason = code == EISDIR ? "it is a folder" : String(cString: strerror(code))
    return Diagnostic(
      .file, "standard input cannot be read: \(reason)",
      notes: code == EISDIR ? ["name a script, or write `erpq < FILE`"] : [])
  }
}
