import ErpqFiles
import Testing

@testable import ErpqEngine

@Suite struct NotebookTests {
  private func session(_ params: [String: String] = [:]) -> Session {
    var options = SessionOptions()
    options.isInteractive = true
    options.params = params
    return Session(options, sink: SilentSink())
  }

  private func notebook(_ cells: [String]) -> Notebook {
    Notebook(cells.map { "```erpq\n\($0)\n```\n" }.joined(separator: "\n"), name: "n")
  }

  private func stale(_ old: [String], _ new: [String], _ params: [String: String] = [:]) -> [String] {
    let before = NotebookStamps(notebook(old), session())
    return NotebookStamps(notebook(new), session(params)).stale(against: before).map {
      "\($0.cell) \($0.reason)"
    }
  }

  @Test func staleCells() {
    let cells = ["param n: int = 3", "let a = [1, 2] | limit $n", "$a", "[5]", "\"{$a}\"", "| limit 1"]
    #expect(stale(cells, cells).isEmpty)
    #expect(
      stale(cells, ["param n: int = 3", "let a = [1] | limit $n", "$a", "[5]"]) == ["1 changed", "2 base"])
    #expect(stale(cells, cells, ["n": "9"]) == ["0 changed", "1 base", "2 base", "4 base", "5 base"])
    #expect(stale(cells, ["[7]"] + cells) == ["0 changed"])
    #expect(
      stale(
        ["def f(x) = $x", "[1] | extend y = f(value)"], ["def f(x) = 2 * $x", "[1] | extend y = f(value)"])
        == ["0 changed", "1 base"])
  }

  @Test func stampsComeBackFromAPage() throws {
    let notebook = notebook(["[1]", "[2]"])
    let session = session()
    var page = NotebookPage(title: "T", subtitle: "")
    page.stamps = NotebookStamps(notebook, session)
    #expect(NotebookStamps(page: page.html()) == page.stamps)
    #expect(NotebookStamps(page: "<html></html>") == nil)
    #expect(NotebookStamps(text: "a b") == nil)
  }

  @Test func titlesAndCaptions() {
    let text =
      "# R\r\n\r\nWords.\r\n\r\n### T\r\n\r\nMore *words*.\r\n\r\n```erpq\r\n[1]\r\n```\r\n\r\n## Part\r\nx\r\n```erpq\r\n[2]\r\n```"
    let notebook = Notebook(text, name: "n")
    #expect(notebook.title == "R")
    #expect(notebook.cells.map(\.title) == ["T", nil])
    #expect(notebook.cells.map(\.caption) == ["More *words*.", ""])
    #expect(notebook.cells.map(\.text) == ["[1]", "[2]"])
    #expect(notebook.cells[1].source.position(of: notebook.cells[1].source.bytes.count - 2).line == 16)
  }

  @Test func aNotebookOfJupyter() throws {
    let notebook = Notebook(
      "# R\n\nWords.\n\n### T\n```erpq\n[1]\n```\n\n```erpq quiet\nlet a = 1\n```\n", name: "n")
    let plain = try JSONValue.parse(Array(JupyterNotebook.text(notebook, outputs: nil).utf8))
    #expect(
      plain["cells"].elements.map { $0["cell_type"] } == ["markdown", "markdown", "markdown", "code", "code"])
    #expect(plain["cells"].elements[3]["execution_count"] == .null)
    let sink = CollectingSink()
    var options = SessionOptions()
    options.isInteractive = true
    var outputs: [[CellOutput]] = []
    _ = notebook.run(in: Session(options, sink: sink), sink) { piece, shown in
      if case .cell = piece { outputs.append(shown) }
    }
    let ran = try JSONValue.parse(Array(JupyterNotebook.text(notebook, outputs: outputs).utf8))
    #expect(ran["cells"].elements[3]["outputs"].elements.first?["output_type"] == "execute_result")
  }

  @Test func aFailedCellShowsItsPlace() {
    let notebook = notebook(["[1] | where valu > 0"])
    let sink = CollectingSink()
    var options = SessionOptions()
    options.isInteractive = true
    var page = NotebookPage(title: "T", subtitle: "")
    let outcome = notebook.run(in: Session(options, sink: sink), sink) { page.add($0, $1) }
    #expect(outcome == .invalid)
    let html = page.html()
    #expect(html.contains("class=\"tile alone failed\""))
    #expect(html.contains("E0203") && html.contains("^^^^"))
  }
}
