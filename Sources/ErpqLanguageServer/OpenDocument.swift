import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqSemantics
import ErpqSyntax

/// A document that a client has open.
struct OpenDocument {
  /// Its address.
  let uri: String
  /// How its errors name it, and where its imports are looked for.
  let name: String
  /// Whether it is a notebook: Markdown with fenced statements.
  let isNotebook: Bool
  var version: Int?
  var text: PositionedText
  /// The parts that hold statements, as they were checked last; nil while the text has changed since.
  var parts: [Part]?

  /// Statements of a document: all of a script, or a cell of a notebook.
  struct Part {
    /// The text as the checker sees it.
    var source: SourceText
    var tree: SyntaxTree
    var diagnostics: [Diagnostic]
    /// What is declared before it.
    var before: Environment
    /// What is declared behind it.
    var after: Environment
    /// The line of the document, from 0, that it begins on; before it, the source has only as many empty lines.
    var firstLine: Int

    /// A place of the source as one of the document. A notebook's lines may end in two bytes, a cell's end in one.
    func inDocument(_ offset: Int, _ document: PositionedText) -> Int {
      guard firstLine > 0 else { return offset }
      let (line, column) = source.position(of: offset)
      return document.offset(ofLine: line - 1, column: column - 1)
    }

    func inDocument(_ span: SourceSpan, _ document: PositionedText) -> SourceSpan {
      SourceSpan(inDocument(span.start, document), inDocument(span.end, document))
    }

    /// A place of the document as one of the source.
    func inSource(_ offset: Int, _ document: PositionedText) -> Int {
      guard firstLine > 0 else { return offset }
      let (line, column) = document.line(of: offset)
      return min(source.start(ofLine: line + 1) + column, source.bytes.count)
    }
  }

  /// Checks the text as `check` does.
  mutating func check(_ session: Session) -> [Part] {
    if let parts { return parts }
    var found: [Part] = []
    if isNotebook {
      found = Notebook(text.text, name: name).check(session).map { cell in
        // As many empty lines stand before the cell's as the file has before it.
        let lines = cell.cell.source.bytes.count - cell.cell.text.utf8.count - 1
        return Part(
          source: cell.cell.source, tree: cell.tree, diagnostics: cell.diagnostics, before: cell.before,
          after: cell.after, firstLine: lines)
      }
    } else {
      let source = SourceText(text.text, name: name)
      let (tree, _, diagnostics, after) = session.check(source, after: session.environment)
      found = [
        Part(
          source: source, tree: tree, diagnostics: diagnostics, before: session.environment, after: after,
          firstLine: 0)
      ]
    }
    parts = found
    return found
  }

  /// The part that holds an offset of the document.
  mutating func part(at offset: Int, _ session: Session) -> (index: Int, part: Part)? {
    let parts = check(session)
    guard isNotebook else { return parts.first.map { (0, $0) } }
    for (index, part) in parts.enumerated() {
      let (line, _) = text.line(of: offset)
      let last = part.source.position(of: part.source.bytes.count).line - 1
      if (part.firstLine..<max(last, part.firstLine + 1)).contains(line) { return (index, part) }
    }
    return nil
  }
}
