import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqRendering
import ErpqSemantics
import ErpqShell
import Foundation

/// `erpq run FILE…`, `erpq -e '…'`, `erpq`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run scripts or a statement; without either, open the prompt.")

  @Option(
    name: [.customShort("e"), .customLong("execute")],
    help: ArgumentHelp("Run a statement.", valueName: "statement"))
  var execute: [String] = []

  @Option(help: ArgumentHelp("Write a JUnit report of the run's assertions.", valueName: "file"))
  var junit: String?

  @Flag(help: "Show each statement, with the comments above it, before its result.")
  var echo = false

  @Option(
    help: ArgumentHelp(
      "Record the run: what was run, what it gave and what it read; `erpq replay` runs it again.",
      valueName: "file.erps"))
  var record: String?

  @Flag(help: "Run the scripts again whenever one of them changes, until Ctrl-C.")
  var watch = false

  @OptionGroup var global: GlobalOptions

  @Argument(
    help: ArgumentHelp(
      "Scripts; - is standard input. `erpq FILE --help` lists a script's params.", valueName: "file"))
  var scripts: [String] = []

  mutating func run() throws { try run(asking: ParamQuestions()) }

  private func run(asking questions: ParamQuestions) throws {
    if record != nil {
      guard scripts.count <= 1, scripts.isEmpty || execute.isEmpty else {
        throw ValidationError("--record takes one script, or statements given with -e")
      }
      if scripts.isEmpty, execute.isEmpty {
        throw ValidationError("--record needs a script or -e; at the prompt `:record FILE` records")
      }
    }
    if watch {
      guard !scripts.isEmpty, !scripts.contains("-"), record == nil else {
        throw ValidationError("--watch needs scripts that are files, and records nothing")
      }
      try Watch(scripts + [global.warehouse, global.params].compactMap { $0 }).run { [self] in
        var copy = self
        copy.watch = false
        try copy.run(asking: questions)
      }
      return
    }
    // Nobody wants to be stopped in the middle of a script.
    let sink = global.sink(pages: scripts.isEmpty)
    if execute.isEmpty, scripts.isEmpty {
      if isatty(STDIN_FILENO) == 1 || junit == nil { try prompt(sink) }
      return
    }
    var report = JUnitReport()
    if let record {
      try self.record(record, sink, &report, questions)
      if let junit { try report.write(junit, sink) }
      return
    }
    let session = try global.session(sink)
    questions.serve(session, sink)
    StaleFacts.warn(session, sink)
    for statement in execute { try run(SourceText(statement, name: "-e"), session, sink, &report) }
    for script in scripts {
      let source = try ScriptFile.read(script, sink)
      let own = try global.session(sink)
      if script != "-" { questions.serve(own, sink) }
      try run(source, own, sink, &report)
    }
    if let junit { try report.write(junit, sink) }
  }

  /// Runs a script, or statements, and writes the recording, whatever came of them.
  private func record(
    _ path: String, _ sink: TerminalSink, _ report: inout JUnitReport, _ questions: ParamQuestions
  ) throws {
    let sources =
      try execute.map { SourceText($0, name: "-e") } + scripts.map { try ScriptFile.read($0, sink) }
    let recording = NotingSink(sink)
    let session = try global.session(sink, through: recording)
    if !scripts.contains("-") { questions.serve(session, sink) }
    let recorder = Recorder(session, sink: recording, version: Version.text)
    var end: (any Error)?
    do {
      for source in sources { try run(source, session, sink, &report, recorder) }
    } catch { end = error }
    do {
      let text = recorder.finish().text
      _ = try session.files.write(path) { sink in
        try Array(text.utf8).withUnsafeBytes { try sink($0) }
      }
    } catch {
      sink.error(FileAccess.diagnostic(error))
      throw end ?? ExitStatus(code: 4)
    }
    sink.note("recorded \(path); `erpq replay \(path)` runs it again")
    if let end { throw end }
  }

  private func run(
    _ source: SourceText, _ session: Session, _ sink: TerminalSink, _ report: inout JUnitReport,
    _ recorder: Recorder? = nil
  ) throws {
    let before = sink.errors.count
    let start = Date()
    let show = echo ? Echo(source, sink).show : nil
    var outcome =
      recorder?.run(source, beforeStatement: show) ?? session.run(source, beforeStatement: show)
    if outcome == .ok, Cancellation.process.isCancelled {
      // Ctrl-C came while the last table was written.
      if !Output.standard.isClosed { sink.error(Diagnostic(.interrupted, "interrupted")) }
      outcome = .interrupted
    }
    let failures = Array(sink.errors.dropFirst(before))
    report.add(name: source.name, seconds: Date().timeIntervalSince(start), failures: failures)
    if outcome == .interrupted, Output.standard.isClosed { throw ExitStatus(code: 0) }
    if outcome != .ok {
      if let junit { try report.write(junit, sink) }
      throw ExitStatus(code: outcome.rawValue)
    }
  }

  private func prompt(_ sink: TerminalSink) throws {
    let prompt = PromptSink(sink)
    let recording = NotingSink(prompt)
    let session = try global.session(sink, isInteractive: true, through: recording)
    let info = session.company.info
    let repl = Repl(
      session: session, sink: sink, prompt: prompt, recording: recording,
      historyPath: GlobalOptions.historyPath, company: info.map { $0.name } ?? "", version: Version.text,
      standardLibrary: try GlobalOptions.standardLibrary())
    let code = repl.run(banner: isatty(STDIN_FILENO) == 1 ? banner(session) : "")
    if code != 0 { throw ExitStatus(code: code) }
  }

  private func banner(_ session: Session) -> String {
    var line = "erpq \(Version.text)"
    do {
      let info = try session.company.warehouse().info
      let name = info.name.isEmpty ? (global.warehouse ?? "company") : info.name
      line += " · \(name) · \(info.currency)"
      if let last = info.lastFactDay { line += " · facts to \(last), today \(session.today)" }
    } catch let d as Diagnostic {
      line += " · no company: \(d.message)"
    } catch {}
    if let age = StaleFacts.words(of: session) { line += " · read from the server \(age) ago" }
    let hint = "help, Tab completes, Ctrl-D leaves. Try: forecast product 101 | plot"
    return line + "\n" + hint + "\n"
  }
}

/// Params that someone at a terminal is asked for. What was answered once holds for further runs.
final class ParamQuestions {
  private var answers: [String: String] = [:]

  /// Lets a session ask, where someone sits there.
  func serve(_ session: Session, _ sink: TerminalSink) {
    guard ParamQuestion.canAsk else { return }
    session.asksForParam = { [self] param, problem in
      let key = param.name + ":" + param.type.description
      if problem == nil, let known = answers[key] { return .text(known) }
      let answer = ParamQuestion.ask(param, problem, style: sink.style)
      if case .text(let text) = answer { answers[key] = text }
      return answer
    }
  }
}

/// Shows a script as it runs, so that a reader sees which statement gave what.
final class Echo {
  private let source: SourceText
  private let sink: TerminalSink
  private var shown = 0

  init(_ source: SourceText, _ sink: TerminalSink) {
    self.source = source
    self.sink = sink
  }

  /// Prints what stands between the statement before and the end of this one.
  func show(_ statement: BoundStatement) {
    guard statement.text === source, statement.span.end > shown else { return }
    let text = source.slice(SourceSpan(shown, statement.span.end))
    let isFirst = shown == 0
    shown = statement.span.end
    sink.echo((isFirst ? "" : "\n") + text.trimmingCharacters(in: .newlines) + "\n")
  }
}

/// A JUnit report: one case a script, failures with their messages.
struct JUnitReport {
  private var cases: [(name: String, seconds: Double, failures: [Diagnostic])] = []

  mutating func add(name: String, seconds: Double, failures: [Diagnostic]) {
    cases.append((name, seconds, failures))
  }

  func write(_ path: String, _ sink: TerminalSink) throws {
    let failed = cases.filter { !$0.failures.isEmpty }.count
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml += "<testsuite name=\"erpq\" tests=\"\(cases.count)\" failures=\"\(failed)\">\n"
    for c in cases {
      xml +=
        "  <testcase classname=\"erpq\" name=\"\(escape(c.name))\" time=\"\(String(format: "%.3f", c.seconds))\""
      if c.failures.isEmpty {
        xml += "/>\n"
        continue
      }
      xml += ">\n"
      for f in c.failures {
        xml +=
          "    <failure message=\"\(escape(f.message))\" type=\"\(f.code.rawValue)\">\(escape(CaretRenderer().render(f)))</failure>\n"
      }
      xml += "  </testcase>\n"
    }
    xml += "</testsuite>\n"
    do {
      try Data(xml.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      sink.error(Diagnostic(.file, "the report \(path) could not be written"))
      throw ExitStatus(code: 4)
    }
  }

  private func escape(_ text: String) -> String {
    String(text.unicodeScalars.filter { $0.value >= 32 || $0 == "\n" || $0 == "\t" }.map(Character.init))
      .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
        "\"", with: "&quot;")
  }
}
