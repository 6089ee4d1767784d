import ErpqBase
import ErpqFiles
import ErpqEngine
import ErpqSemantics
import ErpqSyntax
import ErpqTooling

extension LanguageServer {
  /// The completer of the prompt, with what is declared at a place of a part.
  func completer(_ part: OpenDocument.Part, at offset: Int) -> Completer {
    Completer(
      catalog: Commands.catalog, host: session.bindingHost, environment: environment(part, at: offset),
      sources: sources)
  }

  /// What is declared before the statement at a place; definitions may stand behind it too.
  func environment(_ part: OpenDocument.Part, at offset: Int) -> Environment {
    let before = part.tree.tokens.last { $0.kind == .endOfLine && $0.span.end <= offset }
    guard let before else { return merged(part.before, part.after) }
    let text = SourceText(part.source.slice(SourceSpan(0, before.span.start)), name: part.source.name)
    return merged(session.check(text, after: part.before).environment, part.after)
  }

  private func merged(_ environment: Environment, _ whole: Environment) -> Environment {
    var out = environment
    out.definitions.merge(whole.definitions) { old, _ in old }
    return out
  }

  func completion(_ parameters: JSONValue) throws -> JSONValue {
    guard let (document, part, offset) = try place(parameters) else { return .null }
    let (range, items) = completer(part, at: offset).complete(part.source.text, at: offset)
    let span = part.inDocument(SourceSpan(range.lowerBound, range.upperBound), document.text)
    let place = document.text.range(span, encoding)
    let typed = part.source.slice(SourceSpan(range.lowerBound, offset))
    let list = items.prefix(500).enumerated().map { i, item -> JSONValue in
      let order = String(i)
      return [
        "label": .string(item.text), "kind": .int(LanguageServer.kind(item.kind)),
        "detail": .string(item.detail),
        "sortText": .string(String(repeating: "0", count: max(0, 4 - order.count)) + order),
        // Records are found by parts of their names and by their codes, which a client cannot see.
        "filterText": .string(item.kind == .record || item.kind == .file ? typed : item.text),
        "textEdit": ["range": place, "newText": .string(item.text)],
      ]
    }
    return ["isIncomplete": true, "items": .array(list)]
  }

  private static func kind(_ kind: ProposalKind) -> Int {
    switch kind {
    case .command: 7
    case .stage: 2
    case .parameter: 10
    case .keyword: 14
    case .column: 5
    case .function, .definition: 3
    case .word: 20
    case .variable: 6
    case .record: 12
    case .file: 17
    }
  }
}
