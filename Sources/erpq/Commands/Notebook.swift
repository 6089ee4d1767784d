import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqShell
import ErpqStandardLibrary
import Foundation

/// `erpq notebook run FILE --out page.html`.
struct NotebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notebook", abstract: "Run notebooks: Markdown with fenced erpq statements.",
    subcommands: [NotebookRun.self, NotebookCheck.self, NotebookExport.self])
}

/// Runs the cells of a notebook and makes a page of them.
struct NotebookRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the cells of a notebook and write a page, or show them in the terminal.",
    discussion: """
      erpq notebook run report.erpq.md --out report.html
      erpq notebook run report.erpq.md --out report.html --set month=2026-05
      erpq notebook run cfo --out cfo.html          a dashboard of the library: overview, cfo, sales, warehouse

      The page needs nothing from elsewhere, is light or dark as its reader prefers, and prints well. A cell that fails \
      shows its error and the others run on; the exit code is that of the worst.
      """)

  @Option(name: .long, help: ArgumentHelp("Write the page to this file.", valueName: "file"))
  var out: String?

  @Flag(help: "Run it again whenever it, or the company file, changes, until Ctrl-C.")
  var watch = false

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("A notebook file, or the name of a dashboard.", valueName: "file"))
  var file: String

  mutating func run() throws {
    guard watch else {
      try once()
      return
    }
    guard FileManager.default.fileExists(atPath: file) else {
      throw ValidationError("--watch needs a notebook that is a file")
    }
    try Watch([file, global.warehouse, global.params].compactMap { $0 }).run { [self] in try once() }
  }

  private func once() throws {
    let shown = global.sink()
    let notebook = try NotebookFile.read(file)
    guard let out else {
      let session = try global.session(shown)
      let outcome = session.run(SourceText("dashboard \(quoted(file))", name: file))
      if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
      return
    }
    let sink = CollectingSink()
    let session = try global.notebookSession(sink)
    if watch { tellStale(notebook, session, out, shown) }
    let info = session.company.info
    let asOf = session.today.adding(days: -1)
    var page = NotebookPage(
      title: notebook.title,
      subtitle: (info.map { $0.name.isEmpty ? "" : $0.name + " · " } ?? "") + "as of \(asOf)")
    let outcome = notebook.run(in: session, sink) { piece, outputs in
      page.add(piece, outputs)
      for case .error(let diagnostic, _) in outputs { shown.error(diagnostic) }
    }
    if outcome == .interrupted { throw ExitStatus(code: outcome.rawValue) }
    try NotebookFile.refuseUnknownParams(session, shown)
    page.params = session.environment.params.compactMap { param in
      session.options.params[param.name].map { "\(param.name) = \($0)" }
    }
    page.stamps = NotebookStamps(notebook, session)
    try NotebookFile.write(page.html(), out, session, shown)
    if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
  }

  /// Which cells of the page that is there have changed since.
  private func tellStale(_ notebook: Notebook, _ session: Session, _ out: String, _ shown: TerminalSink) {
    guard let before = NotebookFile.stamps(of: out, session) else { return }
    let count = NotebookStamps(notebook, session).stale(against: before).count
    shown.note("\(count) of \(notebook.cells.count) cells stale")
  }

  private func quoted(_ path: String) -> String {
    if FileManager.default.fileExists(atPath: path) {
      return "file '" + path.replacing("'", with: "") + "'"
    }
    return path
  }
}

/// Finds every mistake of a notebook, and the stale cells of its page.
struct NotebookCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find every mistake of a notebook without running it, and the stale cells of its page.",
    discussion: """
      erpq notebook check report.erpq.md
      erpq notebook check report.erpq.md --out report.html    which cells of the page are stale, and why; then exit code 1

      A cell of a page is stale when its statements, a cell that it builds on, a param given with --set, or the \
      company's facts have changed since the page was made.
      """)

  @Option(name: .long, help: ArgumentHelp("The page to compare with.", valueName: "file"))
  var out: String?

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("A notebook file, or the name of a dashboard.", valueName: "file"))
  var file: String

  mutating func run() throws {
    let shown = global.sink()
    let notebook = try NotebookFile.read(file)
    let session = try global.notebookSession(SilentSink())
    let cells = notebook.check(session)
    var errors = 0
    for diagnostic in cells.flatMap(\.diagnostics) {
      let isError = diagnostic.severity == .error
      errors += isError ? 1 : 0
      if isError { shown.error(diagnostic) } else { shown.warn(diagnostic) }
    }
    if errors > 0 { throw ExitStatus(code: 3) }
    let declared = cells.last?.after.params.map(\.name) ?? []
    try NotebookFile.refuseUnknownParams(session, shown, declared: declared)
    guard let out else { return }
    guard FileManager.default.fileExists(atPath: session.files.source(out)) else {
      throw ValidationError("there is no page \(out); `erpq notebook run \(file) --out \(out)` makes it")
    }
    guard let before = NotebookFile.stamps(of: out, session) else {
      throw ValidationError("\(out) does not say what it was made from; `erpq notebook run` makes it anew")
    }
    let stale = NotebookStamps(notebook, session).stale(against: before)
    for (index, reason) in stale {
      let cell = notebook.cells[index]
      let line = cell.source.bytes.count - cell.text.utf8.count
      let title = cell.title.map { " \"\($0)\"" } ?? ""
      shown.note("\(file):\(line): cell \(index + 1)\(title) is stale: \(reason.rawValue)")
    }
    if !stale.isEmpty { throw ExitStatus(code: 1) }
  }
}

/// Makes another kind of notebook of one.
struct NotebookExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a notebook as a notebook of Jupyter.",
    discussion: """
      erpq notebook export report.erpq.md --ipynb report.ipynb          cells without results
      erpq notebook export report.erpq.md --ipynb report.ipynb --run    with what they give
      """)

  @Option(help: ArgumentHelp("The file to write.", valueName: "file.ipynb"))
  var ipynb: String

  @Flag(name: .customLong("run"), help: "Run the cells and keep their results in the file.")
  var runs = false

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("A notebook file, or the name of a dashboard.", valueName: "file"))
  var file: String

  mutating func run() throws {
    let shown = global.sink()
    let notebook = try NotebookFile.read(file)
    let sink = CollectingSink()
    let session = try global.notebookSession(sink)
    var outputs: [[CellOutput]]?
    var outcome = RunOutcome.ok
    if runs {
      var all: [[CellOutput]] = []
      outcome = notebook.run(in: session, sink) { piece, shownThere in
        guard case .cell = piece else { return }
        all.append(shownThere)
        for case .error(let diagnostic, _) in shownThere { shown.error(diagnostic) }
      }
      if outcome == .interrupted { throw ExitStatus(code: outcome.rawValue) }
      try NotebookFile.refuseUnknownParams(session, shown)
      outputs = all
    }
    try NotebookFile.write(JupyterNotebook.text(notebook, outputs: outputs), ipynb, session, shown)
    if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
  }
}

/// What the verbs of `notebook` share.
enum NotebookFile {
  /// The notebook of a file, or a dashboard of the library.
  static func read(_ file: String) throws -> Notebook {
    if let data = FileManager.default.contents(atPath: file) {
      guard let text = String(validating: data, as: UTF8.self) else {
        throw ValidationError("\(file) is not UTF-8")
      }
      return Notebook(text, name: file)
    }
    if let known = StandardLibrary.dashboards.first(where: { $0.name == file }) {
      return Notebook(known.text, name: file)
    }
    let near = nearest(to: file, among: StandardLibrary.dashboards.map(\.name), count: 1)
    throw ValidationError(
      "there is no notebook \(file)" + (near.first.map { "; did you mean the dashboard \($0)?" } ?? ""))
  }

  /// The stamps of a page that was written before.
  static func stamps(of page: String, _ session: Session) -> NotebookStamps? {
    FileManager.default.contents(atPath: session.files.source(page))
      .flatMap { NotebookStamps(page: String(decoding: $0, as: UTF8.self)) }
  }

  static func refuseUnknownParams(_ session: Session, _ shown: TerminalSink, declared: [String]? = nil) throws
  {
    let declared = declared ?? session.environment.params.map(\.name)
    if let unknown = session.options.namedParams.sorted().first(where: { !declared.contains($0) }) {
      shown.error(
        Diagnostic(.unknownParameter, "this notebook has no param `\(unknown)`, which --set gives a value"))
      throw ExitStatus(code: 2)
    }
  }

  static func write(_ text: String, _ path: String, _ session: Session, _ shown: TerminalSink) throws {
    do {
      let written = try session.files.write(path) { write in
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
      }
      shown.note("wrote \(session.files.shown(written))")
    } catch {
      shown.error(error)
      throw ExitStatus(code: 4)
    }
  }
}

extension GlobalOptions {
  /// A session for the cells of a notebook.
  fileprivate func notebookSession(_ sink: any ResultSink) throws -> Session {
    Session(
      try sessionOptions(isInteractive: true), sink: sink,
      standardLibrary: try GlobalOptions.standardLibrary())
  }
}
