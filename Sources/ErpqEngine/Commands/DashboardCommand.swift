import ErpqRendering
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqStandardLibrary
import ErpqTables
import Foundation

/// `dashboard sales`: the cells of a notebook, shown one below the other.
enum DashboardCommand {
  /// The dashboards of the library: name and text.
  static var library: [(name: String, text: String)] { StandardLibrary.dashboards }

  private static let fields = [
    Field("dashboard", .text, "its name"), Field("title", .text, "its heading"),
    Field("tiles", .int, "its cells"),
  ]

  static let command = Command(
    CommandSpec(
      "dashboard", group: "KPIs", "A page of tables and pictures from a notebook, in the terminal.",
      help: """
        The library has overview, cfo, sales and warehouse; a text names a notebook file (`.erpq.md`: Markdown with fenced \
        erpq statements). Without a name it lists what there is. `erpq notebook run NAME --out page.html` makes a page of \
        the same. Metrics that the session has declared are known to the cells.
        """,
      searchWords: ["notebook", "report", "board", "page"],
      parameters: [
        ParameterSpec(
          "name", .word(StandardLibrary.dashboards.map(\.name)), position: 0, "one of the library"),
        ParameterSpec("file", .value(.text), position: 1, "a notebook file"),
      ],
      examples: [
        Example("dashboard", "what there is"), Example("dashboard sales", "the sales page"),
      ]
    ) { _, _ throws(Diagnostic) in Schema(fields) },
    run: { a, context in
      if let name = a.text("name"), let text = library.first(where: { $0.name == name })?.text {
        return try show(Notebook(text, name: name), name, context)
      }
      if let path = a.text("file") {
        guard let data = FileManager.default.contents(atPath: context.files.source(path)) else {
          throw Diagnostic(.file, "there is no notebook \"\(path)\"", at: a.span("file"))
        }
        return try show(Notebook(String(decoding: data, as: UTF8.self), name: path), path, context)
      }
      let rows = library.map { ($0.name, Notebook($0.text, name: $0.name)) }
      return ResultTable(
        Table(
          Schema(fields),
          [
            Column.texts(rows.map(\.0)), Column.texts(rows.map(\.1.title)),
            Column(.int, .ints(rows.map { Int64($0.1.cells.count) })),
          ], rowCount: rows.count))
    })

  /// Shows a notebook and returns the line that stands for it.
  private static func show(_ notebook: Notebook, _ name: String, _ context: RunContext) throws -> ResultTable
  {
    let collected = CollectingSink()
    guard let sink = context.sink else { throw Diagnostic(.runtime, "a dashboard cannot be shown here") }
    guard !context.isDashboard else { throw Diagnostic(.runtime, "a dashboard cannot show a dashboard") }
    let session = Session(within: context, sink: collected)
    sink.text(notebook.title.uppercased() + "\n")
    let outcome = notebook.run(in: session, collected) { piece, outputs in
      switch piece {
      case .markdown(let text): sink.text("\n" + Notebook.plain(text))
      case .cell(let cell):
        if cell.isQuiet, outputs.isEmpty { return }
        sink.text(
          "\n" + (cell.title.map { $0 + "\n" } ?? "") + (cell.caption.isEmpty ? "" : cell.caption + "\n"))
        for output in outputs {
          switch output {
          case .table(let table): sink.table(table)
          case .value(let value): sink.value(value)
          case .picture(let table, let spec):
            do throws(PlotError) { try sink.picture(table, spec) } catch {
              sink.error(Diagnostic(.runtime, error.message))
            }
          case .text(let text): sink.text(text)
          case .note(let text): sink.note(text)
          case .warning(let diagnostic): sink.warn(diagnostic)
          case .error(let diagnostic, let rows):
            if rows == nil { sink.error(diagnostic) } else { sink.failedAssertion(diagnostic, rows: rows) }
          }
        }
      }
    }
    if outcome == .interrupted { throw Cancellation.Interrupted() }
    var result = ResultTable(
      Table(
        Schema(fields),
        [
          Column.texts([name]), Column.texts([notebook.title]),
          Column(.int, .ints([Int64(notebook.cells.count)])),
        ], rowCount: 1))
    result.isShown = true
    return result
  }
}
