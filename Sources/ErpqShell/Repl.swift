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
  let session: Session
  let sink: TerminalSink
  let prompt: PromptSink
  let recording: NotingSink
  let standardLibrary: [SourceText]
  let version: String
  let company: String
  let out: Output
  private let history: SessionHistory
  /// What was run at this prompt, and how it ended.
  var log: [(text: String, outcome: RunOutcome, answers: [String: String])] = []
  /// Whether the time of each statement is shown.
  var showsTime = false
  /// The recording under way, and where it will be written.
  var recorder: Recorder?
  var recordingPath = ""
  /// What the next line begins with.
  var draft = ""
  /// What is proposed on an empty line: a statement with its error fixed, or a first one.
  private var proposal: String?
  /// Folders of files that other programs were given; they go when the prompt ends.
  var temporaryFolders: [String] = []
  private let isFirstTime: Bool
  private let completion: PromptCompletion

  /// A prompt over a session whose results go through `recording` and `prompt` to `sink`.
  ///
  /// - Parameters:
  ///   - historyPath: the file of the history; nil keeps none.
  ///   - company: the company's name, for the history.
  public init(
    session: Session, sink: TerminalSink, prompt: PromptSink, recording: NotingSink, historyPath: String?,
    company: String, version: String, standardLibrary: [SourceText] = [], out: Output = .standard
  ) {
    self.session = session
    self.sink = sink
    self.prompt = prompt
    self.recording = recording
    self.company = company
    self.version = version
    self.standardLibrary = standardLibrary
    self.out = out
    history = SessionHistory(path: isatty(STDIN_FILENO) == 1 ? historyPath : nil, company: company)
    let earlier = history.earlier()
    isFirstTime = earlier.isEmpty
    completion = PromptCompletion(company: session.company, folder: session.files.folder)
    completion.learn(earlier.suffix(2_000))
  }

  /// What someone reads who is here for the first time.
  private static let welcome = """
    New here? Press → and Enter for what stands in grey, or type one of
      stock status where status = "low"
      sales monthly since 2026-01-01 | plot
      help


    """

  /// A statement that shows something at once.
  private static let firstProposal = "forecast product 101 | plot"

  /// Runs until the end of input or `:quit`; the exit code.
  public func run(banner: String) -> Int32 {
    let colour = sink.style.color > .none
    var remembered: () -> [String] = { [] }
    var hooks = hooks()
    // What was typed before and begins like this, shown faintly.
    hooks.hint = { [weak self] text in
      if text.isEmpty { return self?.proposal }
      guard text.count > 1, let earlier = remembered().last(where: { $0.hasPrefix(text) && $0 != text })
      else { return nil }
      return String(earlier.dropFirst(text.count))
    }
    let editor = makeEditor(
      hooks: hooks, options: EditorOptions(history: history.earlier(), colour: colour))
    remembered = { [weak editor] in editor?.history ?? [] }
    defer {
      if recorder != nil { stopRecording() }
      for folder in temporaryFolders { removeIfOld(folder) }
      editor.close()
    }
    let isInteractive = editor.isInteractive
    if isInteractive {
      session.asksForParam = { [sink] in ParamQuestion.ask($0, $1, style: sink.style) }
      completion.warmUp()
      out.write(folded(banner, width: sink.style.width))
      if isFirstTime {
        out.write(folded(Self.welcome, width: sink.style.width))
        proposal = Self.firstProposal
      }
    }
    var worst: Int32 = 0
    var toldProblem = false
    while true {
      if let problem = history.problem, !toldProblem {
        sink.note(problem)
        toldProblem = true
      }
      let input = editor.readStatement(prompt: "erpq> ", draft: draft)
      draft = ""
      switch input {
      case .endOfInput:
        // A program without a standard input has nothing to say about it.
        if let error = editor.readError, error != EBADF {
          sink.error(.unreadableInput(error))
          return 2
        }
        return isInteractive ? 0 : worst
      case .interrupted: proposal = nil
      case .text(let text):
        let trimmed = text.trimmingBlanks
        if trimmed.isEmpty { continue }
        let isSecret = Secrets.areIn(text)
        if !isSecret { editor.addHistory(text) }
        proposal = nil
        let own = isInteractive ? Directive.known(trimmed) ?? trimmed : trimmed
        if own.hasPrefix(":") {
          let id = isSecret ? nil : history.add(text)
          let leaves = directive(own)
          history.finish(id, seconds: 0, outcome: .ok)
          if leaves { return 0 }
          continue
        }
        if isSecret, isInteractive { sink.note("not kept in the history: it holds a secret") }
        // Errors of a piped session name the line of the input.
        let before = String(repeating: "\n", count: max(0, editor.statementLine - 1))
        let source = SourceText(before + text, name: isInteractive ? "prompt" : "stdin")
        let outcome = run(source, text: text, keeps: !isSecret, isInteractive: isInteractive)
        if outcome == .interrupted, out.isClosed { return 0 }
        if outcome != .ok { worst = outcome.rawValue }
        if !isInteractive, outcome != .ok { return outcome.rawValue }
      }
    }
  }

  private func run(_ source: SourceText, text: String, keeps: Bool, isInteractive: Bool) -> RunOutcome {
    Interrupts.reset()
    prompt.begin()
    let id = keeps ? history.add(text) : nil
    let clock = ContinuousClock()
    let start = clock.now
    if isInteractive { sink.beginStatement() }
    let outcome = recorder?.run(source) ?? session.run(source)
    if isInteractive { sink.endStatement() }
    let passed = (clock.now - start).components
    let time = Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    history.finish(id, seconds: time, outcome: outcome)
    if keeps { log.append((text, outcome, Dictionary(session.answers.map { ($0.name, $0.text) }) { $1 })) }
    if outcome == .ok { completion.learn([text]) }
    if showsTime {
      sink.note((prompt.rows.map { counted($0, "row") + " in " } ?? "") + seconds(time))
    }
    if isInteractive, outcome == .invalid || outcome == .runtime, let fix = prompt.fix {
      let fixed = fix.applied(to: text)
      if fixed != text { proposal = fixed }
    }
    return outcome
  }

  /// A picture may still be open in a browser that reads it only now; what is a minute old has been read.
  private func removeIfOld(_ folder: String) {
    var status = stat()
    guard stat(folder, &status) == 0, time(nil) - status.st_mtim.tv_sec > 60 else { return }
    for name in ["plot.svg", "statement.erpq", ""] { remove(folder + "/" + name) }
  }

  private func hooks() -> EditorHooks {
    EditorHooks(
      isComplete: { $0.hasPrefix(":") || Completeness.isComplete($0) },
      complete: { [session, completion] text, cursor in
        if text.hasPrefix(":") {
          return Directive.complete(text, at: cursor, files: completion.sources.files)
        }
        let host = PatientHost(inner: session.bindingHost, memory: completion.schemas)
        let (range, items) = session.complete(text, at: cursor, sources: completion.sources, host: host)
        return CompletionList(
          replaceRange: range,
          items: items.map { CompletionItem($0.text, kind: Repl.kind($0.kind), detail: $0.detail) })
      },
      highlight: { text in
        text.hasPrefix(":")
          ? [] : Highlighter.spans(text).map { StyledSpan($0.range, Repl.style($0.style)) }
      },
      searchable: { [history] in history.searchable() })
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
    case .record: .value
    case .file: .file
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
  ///
  /// - Parameter host: whom to ask for columns of files and servers; nil is the session's own way, however long it takes.
  public func complete(
    _ text: String, at cursor: Int, sources: CompletionSources = CompletionSources(),
    host: (any BindingHost)? = nil
  ) -> (range: Range<Int>, items: [Proposal]) {
    Completer(
      catalog: Commands.catalog, host: host ?? bindingHost, environment: environment, sources: sources
    )
    .complete(text, at: cursor)
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
