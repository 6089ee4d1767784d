import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqStandardLibrary
import Foundation

/// `erpq notebook run FILE --out page.html`.
struct NotebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notebook", abstract: "Run notebooks: Markdown with fenced erpq statements.",
    subcommands: [NotebookRun.self])
}

/// Runs the cells of a notebook and makes a page of them.
struct NotebookRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the cells of a notebook and write a page, or show them in the terminal.",
    discussion: """
      erpq notebook run report.erpq.md --out report.html
      erpq notebook run cfo --out cfo.html          a dashboard of the library: overview, cfo, sales, warehouse

      The page needs nothing from elsewhere, is light or dark as its reader prefers, and prints well. A cell that fails \
      shows its error and the others run on; the exit code is that of the worst.
      """)

  @Option(name: .long, help: ArgumentHelp("Write the page to this file.", valueName: "file"))
  var out: String?

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("A notebook file, or the name of a dashboard.", valueName: "file"))
  var file: String

  mutating func run() throws {
    let shown = global.sink()
    let notebook = try Notebook(text(), name: file)
    guard let out else {
      let session = try global.session(shown)
      let outcome = session.run(SourceText("dashboard \(quoted(file))", name: file))
      if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
      return
    }
    let sink = CollectingSink()
    let session = Session(
      try global.sessionOptions(isInteractive: true), sink: sink, standardLibrary: try GlobalOptions.standardLibrary())
    let info = session.company.info
    let asOf = session.today.adding(days: -1)
    var page = NotebookPage(
      title: notebook.title, subtitle: (info.map { $0.name.isEmpty ? "" : $0.name + " · " } ?? "") + "as of \(asOf)")
    let outcome = notebook.run(in: session, sink) { piece, outputs in
      page.add(piece, outputs)
      for case .error(let diagnostic, _) in outputs { shown.error(diagnostic) }
    }
    if outcome == .interrupted { throw ExitStatus(code: outcome.rawValue) }
    let declared = session.environment.params.map(\.name)
    if let unknown = session.options.namedParams.sorted().first(where: { !declared.contains($0) }) {
      shown.error(
        Diagnostic(.unknownParameter, "this notebook has no param `\(unknown)`, which --set gives a value"))
      throw ExitStatus(code: 2)
    }
    do {
      let written = try session.files.write(out) { write in
        var html = page.html()
        try html.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
      }
      shown.note("wrote \(session.files.shown(written))")
    } catch {
      shown.error(error)
      throw ExitStatus(code: 4)
    }
    if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
  }

  private func text() throws -> String {
    if let data = FileManager.default.contents(atPath: file) {
      guard let text = String(validating: data, as: UTF8.self) else {
        throw ValidationError("\(file) is not UTF-8")
      }
      return text
    }
    if let known = StandardLibrary.dashboards.first(where: { $0.name == file }) { return known.text }
    let near = nearest(to: file, among: StandardLibrary.dashboards.map(\.name), count: 1)
    throw ValidationError(
      "there is no notebook \(file)" + (near.first.map { "; did you mean the dashboard \($0)?" } ?? ""))
  }

  private func quoted(_ path: String) -> String {
    if FileManager.default.fileExists(atPath: path) {
      return "file '" + path.replacing("'", with: "") + "'"
    }
    return path
  }
}
