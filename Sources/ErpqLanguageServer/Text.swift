import ErpqBase
import ErpqFiles
import ErpqSyntax
import ErpqTooling

// The canonical form, and colours.
extension LanguageServer {
  func formatting(_ parameters: JSONValue) throws -> JSONValue {
    var document = try document(parameters)
    var edits: [JSONValue] = []
    for part in document.check(session) {
      let tree =
        document.isNotebook
        ? Parser.parse(
          SourceText(part.source.slice(SourceSpan(part.firstLine, part.source.bytes.count)), name: ""))
        : part.tree
      guard let formatted = Formatter.format(tree) else { continue }
      let before = tree.source.text
      guard formatted != before else { continue }
      let (from, to, text) = LanguageServer.difference(Array(before.utf8), Array(formatted.utf8))
      let span = SourceSpan(from + part.firstLine, to + part.firstLine)
      edits.append([
        "range": document.text.range(part.inDocument(span, document.text), encoding),
        "newText": .string(text),
      ])
    }
    documents[document.uri] = document
    return .array(edits)
  }

  /// The lines that differ: from where to where in the old text, and what stands there in the new.
  static func difference(_ old: [UInt8], _ new: [UInt8]) -> (from: Int, to: Int, text: String) {
    var from = 0
    while from < old.count, from < new.count, old[from] == new[from] { from += 1 }
    while from > 0, old[from - 1] != 10 { from -= 1 }
    var a = old.count
    var b = new.count
    while a > from, b > from, old[a - 1] == new[b - 1] { (a, b) = (a - 1, b - 1) }
    // Up to the end of a line of both.
    while a < old.count, a > from, old[a - 1] != 10 { (a, b) = (a + 1, b + 1) }
    if a == from || b == from {
      while a < old.count, old[a] != 10 { (a, b) = (a + 1, b + 1) }
    }
    return (from, a, String(decoding: new[from..<b], as: UTF8.self))
  }

  // MARK: Colours

  private static let tokenTypes: [(HighlightStyle, String)] = [
    (.keyword, "keyword"), (.command, "class"), (.stage, "method"), (.parameter, "property"),
    (.function, "function"), (.variable, "variable"), (.number, "number"), (.string, "string"),
    (.comment, "comment"), (.operator, "operator"),
  ]

  static let legend: JSONValue = [
    "tokenTypes": .array(tokenTypes.map { .string($0.1) }), "tokenModifiers": [],
  ]

  func semanticTokens(_ parameters: JSONValue) throws -> JSONValue {
    var document = try document(parameters)
    var data: [JSONValue] = []
    var line = 0
    var character = 0
    for part in document.check(session) {
      for (range, style) in Highlighter.spans(part.source.text) {
        guard let type = LanguageServer.tokenTypes.firstIndex(where: { $0.0 == style }) else { continue }
        let span = part.inDocument(SourceSpan(range.lowerBound, range.upperBound), document.text)
        let start = document.text.position(span.start, encoding)
        let end = document.text.position(span.end, encoding)
        // A token lies on one line for the protocol.
        guard start.line == end.line, end.character > start.character else { continue }
        data += [
          .int(start.line - line), .int(start.line == line ? start.character - character : start.character),
          .int(end.character - start.character), .int(type), .int(0),
        ]
        (line, character) = (start.line, start.character)
      }
    }
    documents[document.uri] = document
    return ["data": .array(data)]
  }
}
