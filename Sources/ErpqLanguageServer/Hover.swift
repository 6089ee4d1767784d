import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import ErpqTooling

extension LanguageServer {
  func hover(_ parameters: JSONValue) throws -> JSONValue {
    guard let (document, part, offset) = try place(parameters),
      let word = LanguageServer.word(part.tree, at: offset), let text = explanation(word, part)
    else { return .null }
    return [
      "contents": ["kind": "markdown", "value": .string(text)],
      "range": document.text.range(part.inDocument(word.span, document.text), encoding),
    ]
  }

  /// What the word at a UTF-8 offset of a text means, in Markdown, for other front ends that know the session.
  public func explanation(of text: String, at offset: Int) -> String? {
    let source = SourceText(text, name: "cell")
    let (tree, _, diagnostics, after) = session.check(source, after: session.environment)
    let part = OpenDocument.Part(
      source: source, tree: tree, diagnostics: diagnostics, before: session.environment, after: after,
      firstLine: 0)
    return LanguageServer.word(tree, at: offset).flatMap { explanation($0, part) }
  }

  /// The name, variable or number at an offset, in the holes of texts too.
  static func word(_ tree: SyntaxTree, at offset: Int) -> Token? {
    func find(_ tokens: [Token], _ depth: Int) -> Token? {
      // Where two touch, the one that begins at the place counts.
      let near = tokens.filter { $0.span.start <= offset && offset <= $0.span.end && $0.span.length > 0 }
      guard let token = near.last(where: { [.name, .variable].contains($0.kind) }) ?? near.last else {
        return nil
      }
      guard token.kind == .string, depth < 8 else { return token }
      var i = token.span.start + 1
      while i < token.span.end - 1 {
        switch tree.source.bytes[i] {
        case 92: i += 2
        case 123:
          let end = Lexer.holeEnd(in: tree.source, SourceSpan(i, token.span.end - 1))
          if i < offset, offset < end, end - i >= 2 {
            let hole = SourceSpan(i + 1, end - 1)
            return find(Lexer.tokenize(tree.source, hole: hole).tokens, depth + 1)
          }
          i = max(end, i + 1)
        default: i += 1
        }
      }
      return nil
    }
    return find(tree.tokens, 0)
  }

  /// What a word means, in Markdown.
  private func explanation(_ word: Token, _ part: OpenDocument.Part) -> String? {
    let text = part.source.slice(word.span)
    let environment = environment(part, at: word.span.start)
    if word.kind == .variable {
      let name = String(text.dropFirst())
      let symbols = SymbolTable(part.tree, catalog: Commands.catalog)
      let symbol = symbols.occurrence(at: word.span.start).flatMap { symbols.declaration(of: $0) }
      return variable(name, environment.variables[name] ?? part.after.variables[name], symbol)
    }
    guard word.kind == .name else { return nil }
    let plain = text.filter { $0 != "`" }
    let symbols = SymbolTable(part.tree, catalog: Commands.catalog)
    if let occurrence = symbols.occurrence(at: word.span.start),
      let symbol = symbols.declaration(of: occurrence)
    {
      return declared(symbol, part, environment)
    }
    let style = Highlighter.spans(part.source.text).first { $0.range.contains(word.span.start) }?.style
    switch style {
    case .command: if let page = command(word, part, environment) { return page }
    case .stage:
      if let stage = StageDocs.all.first(where: { $0.name == plain }) {
        return LanguageServer.fenced(stage.usage) + stage.summary
          + (stage.help.isEmpty ? "" : "\n\n" + stage.help)
      }
    case .function:
      if let function = Commands.catalog.function(plain) { return functionPage(function) }
    case .parameter: if let page = command(word, part, environment), page.contains("**") { return page }
    default: break
    }
    if let info = environment.definitions[plain], style != nil { return definitionPage(info) }
    if style == .command || style == .stage || style == .function, let dotted = dottedName(word, part),
      let info = environment.definitions[dotted]
    {
      return definitionPage(info)
    }
    // What the completer would propose here under that very name.
    let (_, items) = completer(part, at: word.span.start).complete(
      String(decoding: part.source.bytes[..<word.span.end], as: UTF8.self), at: word.span.end)
    guard let item = items.first(where: { $0.text == text || $0.text == text + "(" }), !item.detail.isEmpty
    else {
      return nil
    }
    return "`\(plain)` \(item.kind.rawValue): \(item.detail)"
  }

  private func variable(_ name: String, _ info: VariableInfo?, _ symbol: Symbol?) -> String? {
    var out: String
    switch info {
    case .value(let type, let value):
      out = LanguageServer.fenced("$\(name): \(type)" + (value.map { " = \($0.literal)" } ?? ""))
    case .table(let schema):
      out = LanguageServer.fenced("$\(name): table") + columns(schema)
    case nil:
      guard let symbol else { return nil }
      out = LanguageServer.fenced("$\(name)") + (symbol.kind == .formal ? "parameter of the definition" : "")
    }
    if let doc = symbol?.doc, !doc.isEmpty { out += "\n\n" + doc }
    return out
  }

  private func columns(_ schema: Schema) -> String {
    schema.fields.prefix(30).map { "- `\($0.name)` \($0.type)" + ($0.doc.isEmpty ? "" : " · \($0.doc)") }
      .joined(separator: "\n")
  }

  private func declared(_ symbol: Symbol, _ part: OpenDocument.Part, _ environment: Environment) -> String? {
    switch symbol.kind {
    case .variable, .parameter, .formal:
      return variable(symbol.name, part.after.variables[symbol.name], symbol)
    case .definition:
      return environment.definitions[symbol.name].map { definitionPage($0) }
    case .metric, .scenario:
      let head = part.source.slice(symbol.statement).split(separator: "\n").first.map(String.init) ?? ""
      return LanguageServer.fenced(head) + symbol.doc
    }
  }

  func definitionPage(_ info: DefinitionInfo) -> String {
    LanguageServer.fenced(LanguageServer.signature(info)) + info.doc
  }

  static func signature(_ info: DefinitionInfo) -> String {
    let formals = info.definition.formals.map { formal in
      formal.name.text + (formal.type.map { ": " + info.source.slice($0.span) } ?? "")
        + (formal.defaultValue.map { " = " + info.source.slice($0.span) } ?? "")
    }
    let returns = info.definition.returns.map { " -> " + info.source.slice($0.span) } ?? ""
    return "def \(info.prefix)\(info.definition.name.text)(\(formals.joined(separator: ", ")))\(returns)"
  }

  func functionPage(_ function: FunctionSpec) -> String {
    let examples = function.examples.map { "\($0.code)   # \($0.result)" }.joined(separator: "\n")
    return LanguageServer.fenced(LanguageServer.signature(function)) + function.summary
      + (examples.isEmpty ? "" : "\n\n" + LanguageServer.fenced(examples))
  }

  static func signature(_ function: FunctionSpec) -> String {
    let parameters = function.parameters.map { $0.name + ($0.defaultValue.map { " = " + $0.literal } ?? "") }
    return "\(function.name)(\(parameters.joined(separator: ", "))\(function.isVariadic ? ", …" : "")) → "
      + function.returnsDoc
  }

  /// The whole path that a name belongs to: `r.review`.
  private func dottedName(_ word: Token, _ part: OpenDocument.Part) -> String? {
    let symbols = SymbolTable(part.tree, catalog: Commands.catalog)
    return symbols.occurrence(at: word.span.start)?.name
  }

  /// The page of the command that a word belongs to: the command itself for one of its words, else its parameter.
  private func command(_ word: Token, _ part: OpenDocument.Part, _ environment: Environment) -> String? {
    guard let (spec, used, names) = commandCall(part, at: word.span.start) else { return nil }
    guard let place = names.firstIndex(where: { $0.span == word.span }) else { return nil }
    if place < used {
      let schema = (try? spec.output(BoundArguments(), session.bindingHost)) ?? .unknown
      return LanguageServer.fenced(spec.usage) + spec.summary + (spec.help.isEmpty ? "" : "\n\n" + spec.help)
        + (schema.fields.isEmpty ? "" : "\n\n" + columns(schema))
    }
    let text = part.source.slice(word.span)
    guard let parameter = spec.parameters.first(where: { $0.name == text }) else { return nil }
    let fallback = parameter.defaultValue.map { $0.isNull ? "" : ", default \($0.literal)" } ?? ""
    return
      "**\(parameter.name)** of `\(spec.name)`: \(parameter.doc) (\(parameter.type.description)\(fallback))"
  }

  /// The command around a place: its declaration, how many words its name takes, and the tokens from its first word
  /// on, as far as the statement, the bracket or the stage goes.
  func commandCall(_ part: OpenDocument.Part, at offset: Int) -> (CommandSpec, Int, [Token])? {
    let tokens = part.tree.tokens
    guard let here = tokens.lastIndex(where: { $0.span.start <= offset && $0.kind != .endOfInput }) else {
      return nil
    }
    var depth = 0
    var first = here
    walk: while first >= 0 {
      switch tokens[first].kind {
      case .rightParen, .rightBracket, .rightBrace: depth += 1
      case .leftParen, .leftBracket, .leftBrace:
        if depth == 0 { break walk }
        depth -= 1
      case .endOfLine, .equal: if depth == 0 { break walk }
      case .pipe: if depth == 0 { return nil }
      default: break
      }
      first -= 1
    }
    first += 1
    while first < tokens.count, ["explain", "profile"].contains(part.source.slice(tokens[first].span)) {
      first += 1
    }
    var end = first
    while end < tokens.count, ![.endOfLine, .endOfInput, .pipe].contains(tokens[end].kind) { end += 1 }
    guard first < end else { return nil }
    let call = Array(tokens[first..<end])
    let names = call.prefix { $0.kind == .name }.map { part.source.slice($0.span) }
    guard let (spec, used) = Commands.catalog.longestMatch(names) else { return nil }
    return (spec, used, call)
  }

  static func fenced(_ code: String) -> String { "```erpq\n\(code)\n```\n" }
}
