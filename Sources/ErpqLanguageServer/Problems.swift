import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqSyntax

extension LanguageServer {
  /// What is wrong with a document, as the protocol has it.
  func problems(_ document: inout OpenDocument) -> [JSONValue] {
    document.check(session).flatMap { part in
      part.diagnostics.map { problem($0, part, document.text) }
    }
  }

  func problem(_ diagnostic: Diagnostic, _ part: OpenDocument.Part, _ text: PositionedText) -> JSONValue {
    var message = diagnostic.message
    if !diagnostic.label.isEmpty { message += "\n" + diagnostic.label }
    for note in diagnostic.notes { message += "\n" + note }
    var span = diagnostic.span ?? SourceSpan(0, 0)
    var related: [JSONValue] = []
    if let source = diagnostic.source, source !== part.source {
      // It lies in another text; here it shows where that one comes in.
      let (line, column) = source.position(of: span.start)
      message = "\(source.name):\(line):\(column): " + message
      let there = PositionedText(source.bytes).range(span, encoding)
      if source.name.contains("/") || source.name.hasSuffix(".erpq") {
        related = [
          [
            "location": ["uri": .string(LanguageServer.uri(source.name)), "range": there],
            "message": .string(diagnostic.message),
          ]
        ]
      }
      span = LanguageServer.entrance(of: source, part.tree)
    }
    var out: [String: JSONValue] = [
      "range": text.range(part.inDocument(span, text), encoding),
      "severity": diagnostic.severity == .error ? 1 : 2,
      "code": .string(diagnostic.code.rawValue), "source": "erpq", "message": .string(message),
    ]
    if !related.isEmpty { out["relatedInformation"] = .array(related) }
    return .object(out)
  }

  /// The import that brings a text in, or the first that there is.
  private static func entrance(of source: SourceText, _ tree: SyntaxTree) -> SourceSpan {
    var first: SourceSpan?
    for statement in tree.statements {
      guard case .importFile(let path, let span, _) = statement.kind else { continue }
      first = first ?? span
      let last = path.split(separator: "/").last.map(String.init) ?? path
      if source.name.hasSuffix(last) { return span }
    }
    return first ?? SourceSpan(0, 0)
  }

  /// The fixes of the problems within a range.
  func codeActions(_ parameters: JSONValue) throws -> JSONValue {
    var document = try document(parameters)
    let only = parameters["context"]["only"].elements.compactMap(\.text)
    guard only.isEmpty || only.contains(where: { $0 == "quickfix" || $0.isEmpty }) else { return [] }
    let from = document.text.offset(parameters["range"]["start"], encoding)
    let to = document.text.offset(parameters["range"]["end"], encoding)
    var actions: [JSONValue] = []
    for part in document.check(session) {
      for diagnostic in part.diagnostics where diagnostic.source == nil || diagnostic.source === part.source {
        guard let span = diagnostic.span.map({ part.inDocument($0, document.text) }),
          span.start <= to, from <= span.end
        else { continue }
        for (i, fix) in diagnostic.fixes.enumerated() {
          let edits = fix.edits.map { edit -> JSONValue in
            [
              "range": document.text.range(part.inDocument(edit.span, document.text), encoding),
              "newText": .string(edit.text),
            ]
          }
          actions.append([
            "title": .string(fix.title.prefix(1).uppercased() + fix.title.dropFirst()), "kind": "quickfix",
            "isPreferred": .bool(i == 0), "diagnostics": [problem(diagnostic, part, document.text)],
            "edit": ["changes": .object([document.uri: .array(edits)])],
          ])
        }
      }
    }
    documents[document.uri] = document
    return .array(actions)
  }
}
