import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqSemantics
import ErpqSyntax
import ErpqTooling
import Foundation

// Where names are declared and used, and giving them other names.
extension LanguageServer {
  /// What a name at a place means: its places in each part of the document, and where it is declared.
  struct Meaning {
    var document: OpenDocument
    /// The name that was asked for.
    var occurrence: Occurrence
    var part: OpenDocument.Part
    /// Every place in the document.
    var places: [(part: OpenDocument.Part, occurrence: Occurrence)]
    /// The declaration and its part; nil when another text declares it.
    var declaration: (part: OpenDocument.Part, symbol: Symbol)?
  }

  func meaning(_ parameters: JSONValue) throws -> Meaning? {
    guard let (opened, part, offset) = try place(parameters) else { return nil }
    var document = opened
    let parts = document.check(session)
    let tables = parts.map { SymbolTable($0.tree, catalog: Commands.catalog) }
    guard let here = parts.firstIndex(where: { $0.source === part.source }),
      let occurrence = tables[here].occurrence(at: offset)
    else { return nil }
    if let symbol = tables[here].declaration(of: occurrence), symbol.scope != nil {
      let places = tables[here].places(of: occurrence).map { (part, $0) }
      return Meaning(
        document: document, occurrence: occurrence, part: part, places: places, declaration: (part, symbol))
    }
    // What a cell declares is known to all that come behind it.
    var places: [(OpenDocument.Part, Occurrence)] = []
    var declaration: (OpenDocument.Part, Symbol)?
    for (i, table) in tables.enumerated() {
      for other in table.occurrences where other.name == occurrence.name && other.space == occurrence.space {
        if table.declaration(of: other)?.scope == nil { places.append((parts[i], other)) }
      }
      if let symbol = table.declaration(of: occurrence), symbol.scope == nil, i <= here || declaration == nil
      {
        declaration = (parts[i], symbol)
      }
    }
    return Meaning(
      document: document, occurrence: occurrence, part: part, places: places, declaration: declaration)
  }

  private func range(_ span: SourceSpan, _ part: OpenDocument.Part, _ document: OpenDocument) -> JSONValue {
    document.text.range(part.inDocument(span, document.text), encoding)
  }

  func definition(_ parameters: JSONValue) throws -> JSONValue {
    guard let found = try meaning(parameters) else { return try importedFile(parameters) }
    if let (part, symbol) = found.declaration {
      return ["uri": .string(found.document.uri), "range": range(symbol.span, part, found.document)]
    }
    // Another file that this one imports; the library has no file.
    let name = found.occurrence.name
    let place: (SourceText, SourceSpan)?
    switch found.occurrence.space {
    case .definition:
      place = found.part.after.definitions[name].flatMap {
        $0.isStandard ? nil : ($0.source, $0.definition.name.span)
      }
    case .metric:
      place = found.part.after.metric(named: name).flatMap {
        $0.isStandard ? nil : ($0.source, $0.metric.name.span)
      }
    default: place = nil
    }
    guard let (source, span) = place, FileManager.default.fileExists(atPath: source.name) else {
      return .null
    }
    return [
      "uri": .string(LanguageServer.uri(source.name)),
      "range": PositionedText(source.bytes).range(span, encoding),
    ]
  }

  /// The file that an import at the place names.
  private func importedFile(_ parameters: JSONValue) throws -> JSONValue {
    guard let (_, part, offset) = try place(parameters) else { return .null }
    for statement in part.tree.statements {
      guard case .importFile(let path, let span, _) = statement.kind, span.start <= offset,
        offset <= span.end,
        let text = try? session.bindingHost.module(path, from: part.source.name)
      else { continue }
      return [
        "uri": .string(LanguageServer.uri(text.name)),
        "range": PositionedText(text.bytes).range(SourceSpan(0, 0), encoding),
      ]
    }
    return .null
  }

  func references(_ parameters: JSONValue) throws -> JSONValue {
    guard let found = try meaning(parameters) else { return .null }
    let withDeclaration = parameters["context"]["includeDeclaration"].flag ?? true
    guard found.declaration != nil || found.places.count > 0 else { return .null }
    return .array(
      found.places.filter { withDeclaration || !$0.occurrence.isDeclaration }.map {
        ["uri": .string(found.document.uri), "range": range($0.occurrence.span, $0.part, found.document)]
      })
  }

  func highlights(_ parameters: JSONValue) throws -> JSONValue {
    guard let found = try meaning(parameters), found.declaration != nil else { return .null }
    return .array(
      found.places.map {
        [
          "range": range($0.occurrence.span, $0.part, found.document),
          "kind": $0.occurrence.isDeclaration ? 3 : 2,
        ]
      })
  }

  // MARK: Renaming

  private func renamable(_ parameters: JSONValue) throws -> Meaning {
    guard let found = try meaning(parameters) else {
      throw RequestError(failure: .requestFailed, message: "there is no name here that could be changed")
    }
    guard found.declaration != nil else {
      let name = found.occurrence.name
      let place = found.part.after.definitions[name].map { $0.isStandard ? "the library" : $0.source.name }
      throw RequestError(
        failure: .requestFailed,
        message: place.map { "`\(name)` is declared in \($0), not here" } ?? "`\(name)` is not declared here")
    }
    return found
  }

  func prepareRename(_ parameters: JSONValue) throws -> JSONValue {
    let found = try renamable(parameters)
    var span = found.occurrence.span
    let text = found.part.source.slice(span)
    if text.hasPrefix("$") { span.start += 1 }
    return [
      "range": range(span, found.part, found.document), "placeholder": .string(found.occurrence.name),
    ]
  }

  func rename(_ parameters: JSONValue) throws -> JSONValue {
    var wanted = parameters["newName"].text ?? ""
    let found = try renamable(parameters)
    if wanted.hasPrefix("$") { wanted.removeFirst() }
    try judge(wanted, found)
    var renamed = found.document
    var edits: [JSONValue] = []
    for (part, occurrence) in found.places.reversed() {
      let text = part.source.slice(occurrence.span)
      let new = (text.hasPrefix("$") ? "$" : "") + wanted
      edits.append(["range": range(occurrence.span, part, found.document), "newText": .string(new)])
      let span = part.inDocument(occurrence.span, found.document.text)
      renamed.text.replace(span.start..<span.end, with: new)
    }
    // Whatever a name may clash with, the checker knows.
    renamed.parts = nil
    var document = found.document
    let before = document.check(session).flatMap(\.diagnostics).filter { $0.severity == .error }
    let after = renamed.check(session).flatMap(\.diagnostics).filter { $0.severity == .error }
    if after.count > before.count,
      let first = after.first(where: { d in !before.contains { $0.message == d.message } })
    {
      throw RequestError(
        failure: .requestFailed, message: "`\(wanted)` would break the script: \(first.message)")
    }
    return ["changes": .object([found.document.uri: .array(edits.reversed())])]
  }

  /// - Throws: `RequestError` for a name that cannot be used, or is used already.
  private func judge(_ wanted: String, _ found: Meaning) throws {
    let (tokens, problems) = Lexer.tokenize(SourceText(wanted, name: "name"))
    guard problems.isEmpty, tokens.count == 2, tokens[0].kind == .name,
      tokens[0].span.length == wanted.utf8.count,
      !hardWords.contains(wanted), !wanted.hasPrefix("`")
    else {
      throw RequestError(
        failure: .requestFailed,
        message:
          "\"\(wanted)\" is no name: letters, digits and _, not beginning with a digit, and no word of the grammar"
      )
    }
    if found.part.tree.diagnostics.contains(where: { $0.severity == .error }) {
      throw RequestError(
        failure: .requestFailed,
        message: "the text has errors of grammar, which may hide places; mend them first")
    }
    guard wanted != found.occurrence.name else { return }
    let names = found.document.parts ?? []
    for part in names {
      let table = SymbolTable(part.tree, catalog: Commands.catalog)
      if table.occurrences.contains(where: { $0.name == wanted && $0.space == found.occurrence.space }) {
        throw RequestError(failure: .requestFailed, message: "`\(wanted)` is used already")
      }
    }
    if found.occurrence.space == .definition,
      Commands.catalog.longestMatch([wanted]) != nil || Commands.catalog.function(wanted) != nil
    {
      throw RequestError(
        failure: .requestFailed, message: "`\(wanted)` is a command or function of the language")
    }
  }

  // MARK: Symbols

  func documentSymbols(_ parameters: JSONValue) throws -> JSONValue {
    var document = try document(parameters)
    let parts = document.check(session)
    documents[document.uri] = document
    var list: [JSONValue] = []
    for part in parts {
      let table = SymbolTable(part.tree, catalog: Commands.catalog)
      for symbol in table.symbols where symbol.scope == nil {
        list.append([
          "name": .string(symbol.name), "kind": .int(LanguageServer.kind(symbol.kind)),
          "detail": .string(detail(symbol, part)), "range": range(symbol.statement, part, document),
          "selectionRange": range(symbol.span, part, document),
        ])
      }
    }
    return .array(list)
  }

  private func detail(_ symbol: Symbol, _ part: OpenDocument.Part) -> String {
    switch symbol.kind {
    case .variable, .parameter, .formal:
      switch part.after.variables[symbol.name] {
      case .value(let type, _): return "\(symbol.kind == .parameter ? "param" : "let") \(type)"
      case .table(let schema): return "table of \(schema.fields.count) columns"
      case nil: return ""
      }
    case .definition: return part.after.definitions[symbol.name].map { LanguageServer.signature($0) } ?? "def"
    case .metric: return part.after.metric(named: symbol.name)?.title ?? "metric"
    case .scenario: return "scenario"
    }
  }

  private static func kind(_ kind: Symbol.Kind) -> Int {
    switch kind {
    case .variable, .formal: 13
    case .parameter: 14
    case .definition: 12
    case .metric: 7
    case .scenario: 23
    }
  }
}
