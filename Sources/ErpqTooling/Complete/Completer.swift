import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqSyntax
import ErpqTables

/// What a proposal is.
public enum ProposalKind: String, Sendable {
  case command, stage, parameter, keyword, column, function, word, variable, definition, record, file
}

/// Something that could be typed at the cursor.
public struct Proposal: Sendable, Hashable {
  /// The text to put in.
  public var text: String
  /// What it is.
  public var kind: ProposalKind
  /// A few words on it: a type, a summary.
  public var detail: String

  /// A proposal.
  public init(text: String, kind: ProposalKind, detail: String) {
    (self.text, self.kind, self.detail) = (text, kind, detail)
  }
}

/// What only the world outside can tell a completer. Nothing here may make a key wait.
public struct CompletionSources {
  /// Records of a kind (`product`, `customer`, `supplier`, `category`, `warehouse`) whose code or name fits what was
  /// typed: what to write for each, in quotes where it needs them, and a few words.
  public var records: (_ kind: String, _ typed: String) -> [(text: String, detail: String)]
  /// Files and folders whose path begins so, folders with a slash at their end.
  public var files: (_ typed: String) -> [String]
  /// How often a word was used before.
  public var uses: (String) -> Int

  /// Sources; what is not given knows nothing.
  public init(
    records: @escaping (String, String) -> [(text: String, detail: String)] = { _, _ in [] },
    files: @escaping (String) -> [String] = { _ in [] }, uses: @escaping (String) -> Int = { _ in 0 }
  ) {
    (self.records, self.files, self.uses) = (records, files, uses)
  }
}

/// Proposes what fits at a place of a text: commands where a statement begins, stages after `|`, parameters that
/// are not given yet, the words they take, and the columns at the cursor, through the whole pipeline.
public struct Completer {
  let catalog: Catalog
  private let host: any BindingHost
  let environment: Environment
  let sources: CompletionSources

  /// A completer over what has been declared so far.
  public init(
    catalog: Catalog, host: any BindingHost, environment: Environment,
    sources: CompletionSources = CompletionSources()
  ) {
    self.catalog = catalog
    self.host = host
    self.environment = environment
    self.sources = sources
  }

  /// The proposals at a UTF-8 offset and the range that each would replace.
  public func complete(_ text: String, at cursor: Int) -> (range: Range<Int>, items: [Proposal]) {
    let bytes = Array(text.utf8)
    let cursor = max(0, min(cursor, bytes.count))
    let before = String(decoding: bytes[..<cursor], as: UTF8.self)
    let (all, _) = Lexer.tokenize(SourceText(before, name: "prompt"))
    var tokens = Array(all.dropLast())
    let start = (tokens.lastIndex { $0.kind == .endOfLine }).map { $0 + 1 } ?? 0
    tokens = Array(tokens[start...])
    let source = SourceText(before, name: "prompt")
    var word = ""
    var range = cursor..<cursor
    if let found = value(tokens, source, bytes, cursor) { return found }
    if let last = tokens.last, last.span.end == cursor,
      [.name, .variable].contains(last.kind) || (last.kind == .invalid && source.slice(last.span) == "$")
    {
      word = source.slice(last.span)
      range = last.span.start..<cursor
      tokens.removeLast()
    } else if let last = tokens.last, [.string, .rawString, .invalid].contains(last.kind),
      last.span.end >= cursor, last.kind == .invalid
    {
      return (cursor..<cursor, [])
    }
    return (range, ranked(proposals(tokens, source, word), word))
  }

  /// What begins like the word; where nothing does, what has it as the beginning of a later part (`date` finds
  /// `planned_date`). What was typed comes first, then what was used most, then the order given; before a letter is
  /// typed, functions come after all else.
  private func ranked(_ items: [Proposal], _ word: String) -> [Proposal] {
    let lower = word.lowercased()
    var matching = items.filter { $0.text.lowercased().hasPrefix(lower) }
    if lower.utf8.count >= 2, !matching.contains(where: { $0.kind == .column }) {
      let isAlone = matching.isEmpty
      matching += items.filter {
        let text = $0.text.lowercased()
        return text.contains("_" + lower) && (isAlone || $0.kind == .column)
      }
    }
    let order = matching.indices.map { i -> (exact: Int, kind: Int, uses: Int, index: Int) in
      let isLate = lower.isEmpty && matching[i].kind == .function
      return (matching[i].text == word ? 0 : 1, isLate ? 1 : 0, -sources.uses(matching[i].text), i)
    }
    var seen = Set<String>()
    return order.sorted { $0 < $1 }.map { matching[$0.index] }.filter { seen.insert($0.text).inserted }
  }

  private func proposals(_ tokens: [Token], _ source: SourceText, _ word: String) -> [Proposal] {
    if word.hasPrefix("$") { return variables() }
    let depth = nesting(tokens)
    // The innermost open bracket begins a place of its own: a query or a list of arguments.
    let local = depth.map { Array(tokens[($0 + 1)...]) } ?? tokens
    guard let pipe = local.lastIndex(where: { $0.kind == .pipe }) else {
      if let depth, depth > 0, tokens[depth - 1].kind == .name, tokens[depth].touchesPrevious {
        return columns(tokens, source, upTo: depth) + functions()
      }
      // A bracket within an expression: `where (qty > 3 or …`.
      if let depth, depth > 0, opensExpression(tokens[depth - 1], source) {
        let known = columns(tokens, source, upTo: depth)
        if !known.isEmpty {
          return condition(local, source, known) + (local.isEmpty ? beginnings(isNested: true) : [])
        }
      }
      return sourcePlace(local, source, isNested: depth != nil, tokens)
    }
    let stage = Array(local[(pipe + 1)...])
    guard let first = stage.first else { return stages() }
    let head = source.slice(first.span)
    let input = schema(of: local, source, upTo: pipe)
    return stagePlace(head, stage, source, input)
  }

  /// Whether a bracket behind this token holds a part of an expression, and not a query or arguments.
  private func opensExpression(_ token: Token, _ source: SourceText) -> Bool {
    switch token.kind {
    case .equal, .doubleEqual, .notEqual, .angleNotEqual, .less, .lessEqual, .greater, .greaterEqual, .plus,
      .minus, .star, .slash, .leftParen, .comma, .coalesce:
      true
    case .name: ["where", "and", "or", "not", "if", "then", "else", "by"].contains(source.slice(token.span))
    default: false
    }
  }

  private func nesting(_ tokens: [Token]) -> Int? {
    var open: [Int] = []
    for (i, t) in tokens.enumerated() {
      switch t.kind {
      case .leftParen, .leftBracket, .leftBrace: open.append(i)
      case .rightParen, .rightBracket, .rightBrace: _ = open.popLast()
      default: break
      }
    }
    return open.last
  }

  // MARK: Places

  private func sourcePlace(_ tokens: [Token], _ source: SourceText, isNested: Bool, _ all: [Token])
    -> [Proposal]
  {
    let words = tokens.map { source.slice($0.span) }
    guard let first = words.first else { return beginnings(isNested: isNested) }
    if let w = tokens.lastIndex(where: { $0.kind == .name && source.slice($0.span) == "where" }) {
      let schema = schema(of: tokens, source, upTo: w)
      return condition(Array(tokens[(w + 1)...]), source, columnProposals(schema))
    }
    if ["explain", "profile"].contains(first) {
      return sourcePlace(Array(tokens.dropFirst()), source, isNested: true, all)
    }
    if ["help", "describe"].contains(first), words.count >= 1 {
      return catalog.commands.map { Proposal(text: $0.name, kind: .command, detail: $0.summary) }
        + (first == "help" ? stages() : []) + functions()
    }
    if first == "use" { return catalog.settings.map { Proposal(text: $0, kind: .word, detail: "setting") } }
    if first == "let", words.count >= 3, words[2] == "=" {
      return sourcePlace(Array(tokens.dropFirst(3)), source, isNested: true, all)
    }
    if let info = environment.definitions[first] {
      return info.definition.formals.map {
        Proposal(text: $0.name.text, kind: .parameter, detail: "parameter")
      }
    }
    let names = tokens.prefix { $0.kind == .name }.map { source.slice($0.span) }
    var items: [Proposal] = []
    for c in catalog.commands(beginningWith: first)
    where c.words.count > names.count && Array(c.words.prefix(names.count)) == names {
      items.append(Proposal(text: c.words[names.count], kind: .command, detail: c.summary))
    }
    guard let (spec, used) = catalog.longestMatch(names) else { return items }
    return items + parameters(spec.parameters, given: Array(words.dropFirst(used)))
  }

  /// Behind the name of a parameter its values, else the parameters that are left and `where`.
  private func parameters(_ specs: [ParameterSpec], given: [String]) -> [Proposal] {
    if let last = given.last, let p = specs.first(where: { $0.name == last }) {
      switch p.type {
      case .word(let words): return words.map { Proposal(text: $0, kind: .word, detail: p.name) }
      case .flag: break
      default: return values(p)
      }
    }
    var items: [Proposal] = []
    for p in specs where !given.contains(p.name) {
      items.append(Proposal(text: p.name, kind: .parameter, detail: p.doc))
      if p.position != nil, case .word(let words) = p.type {
        items += words.map { Proposal(text: $0, kind: .word, detail: p.name) }
      }
    }
    return items + [Proposal(text: "where", kind: .keyword, detail: "a condition")]
  }

  private func stagePlace(_ head: String, _ stage: [Token], _ source: SourceText, _ input: Schema)
    -> [Proposal]
  {
    let words = stage.map { source.slice($0.span) }
    let columns = columnProposals(input)
    switch head {
    case "drop", "distinct", "sparkline", "bars", "totals", "rename", "fill": return columns
    case "dense": return columns + keywords(["by"])
    case "limit", "sample": return variables()
    case "sort": return columns + keywords(["asc", "desc", "nulls"]) + functions()
    case "summarize": return columns + functions() + keywords(["by"])
    case "top": return columns + keywords(["by", "asc"]) + functions()
    case "pivot": return columns + keywords(["by", "value"]) + functions()
    case "join", "union":
      if words.contains("on") { return columns }
      return
        (head == "join"
        ? JoinWord.allCases.map { Proposal(text: $0.rawValue, kind: .keyword, detail: "kind of join") } : [])
        + keywords(["on"])
        + catalog.commands.map { Proposal(text: $0.name, kind: .command, detail: $0.summary) } + variables()
    case "plot":
      return ChartWord.allCases.map { Proposal(text: $0.rawValue, kind: .keyword, detail: "chart") } + columns
        + keywords(["vs", "by", "to", "title", "width", "height", "mark", "panels", "free"])
    case "export":
      return FormatWord.allCases.map { Proposal(text: $0.rawValue, kind: .keyword, detail: "format") }
        + Binder.exportParameters.map { Proposal(text: $0.name, kind: .parameter, detail: $0.doc) }
    case "save": return keywords(["as"])
    case "assert":
      return (stage.count == 1 ? keywords(["all", "any", "none"]) : [])
        + condition(Array(stage.dropFirst()), source, columns)
    case "where", "select", "extend": return condition(Array(stage.dropFirst()), source, columns)
    default:
      if let info = environment.definitions[head] {
        return info.definition.formals.map {
          Proposal(text: $0.name.text, kind: .parameter, detail: "parameter")
        }
      }
      return []
    }
  }

  private func beginnings(isNested: Bool) -> [Proposal] {
    var seen = Set<String>()
    var items: [Proposal] = []
    for c in catalog.commands {
      let family = catalog.commands(beginningWith: c.words[0])
      guard seen.insert(c.words[0]).inserted else { continue }
      items.append(
        Proposal(
          text: c.words[0], kind: .command,
          detail: family.count > 1 && c.words.count > 1 ? "\(family.count) commands" : c.summary))
    }
    for (name, info) in environment.definitions.sorted(by: { $0.key < $1.key }) {
      if case .stages = info.definition.body { continue }
      items.append(Proposal(text: name, kind: .definition, detail: "definition"))
    }
    if !isNested { items += statementWords.map { Proposal(text: $0, kind: .keyword, detail: "") } }
    return items
  }

  // MARK: Lists

  private func keywords(_ words: [String]) -> [Proposal] {
    words.map { Proposal(text: $0, kind: .keyword, detail: "") }
  }

  /// What fits in an expression: behind a value what goes on from it, elsewhere what a value begins with.
  private func condition(_ before: [Token], _ source: SourceText, _ columns: [Proposal]) -> [Proposal] {
    let values: Set<TokenKind> = [
      .int, .float, .percent, .duration, .money, .date, .period, .string, .rawString, .variable, .rightParen,
      .rightBracket,
    ]
    let operators = [
      "and", "or", "not", "in", "is", "between", "like", "contains", "matches", "then", "else",
    ]
    let last = before.last.map { source.slice($0.span) } ?? ""
    if last == "is" { return keywords(["null", "not null"]) }
    if let kind = before.last?.kind,
      values.contains(kind) || (kind == .name && !(operators + ["if"]).contains(last))
    {
      return keywords(operators)
    }
    return columns + functions() + variables() + keywords(["not", "if", "today", "true", "false", "null"])
  }

  private func stages() -> [Proposal] {
    StageDocs.all.map { Proposal(text: $0.name, kind: .stage, detail: $0.summary) }
      + environment.definitions.sorted { $0.key < $1.key }.compactMap { name, info in
        if case .stages = info.definition.body {
          Proposal(text: name, kind: .stage, detail: "definition")
        } else {
          nil
        }
      }
  }

  private func functions() -> [Proposal] {
    catalog.functions.map {
      Proposal(text: $0.name + "(", kind: .function, detail: signature($0) + "  " + $0.summary)
    }
  }

  func variables() -> [Proposal] {
    environment.variables.sorted { $0.key < $1.key }.map { name, info in
      switch info {
      case .table: Proposal(text: "$" + name, kind: .variable, detail: "table")
      case .value(let type, _): Proposal(text: "$" + name, kind: .variable, detail: type.description)
      }
    }
  }

  private func columnProposals(_ schema: Schema) -> [Proposal] {
    schema.fields.map { field in
      let plain =
        field.name.unicodeScalars.allSatisfy { Lexer.isNameScalar($0) || $0 == "_" }
        && !hardWords.contains(field.name)
      return Proposal(
        text: plain ? field.name : "`\(field.name)`", kind: .column,
        detail: field.type.description + (field.doc.isEmpty ? "" : "  " + field.doc))
    }
  }

  private func columns(_ tokens: [Token], _ source: SourceText, upTo end: Int) -> [Proposal] {
    guard let pipe = tokens[..<end].lastIndex(where: { $0.kind == .pipe }) else {
      if let w = tokens[..<end].lastIndex(where: { source.slice($0.span) == "where" }) {
        return columnProposals(schema(of: tokens, source, upTo: w))
      }
      return []
    }
    return columnProposals(schema(of: tokens, source, upTo: pipe))
  }

  /// The schema behind the tokens before `end`.
  private func schema(of tokens: [Token], _ source: SourceText, upTo end: Int) -> Schema {
    guard let first = tokens.first, end > 0 else { return environment.lastResult ?? .unknown }
    var text = source.slice(SourceSpan(first.span.start, tokens[end - 1].span.end))
    for word in ["explain ", "profile "] where text.hasPrefix(word) { text.removeFirst(word.count) }
    if text.hasPrefix("let "), let equal = text.firstIndex(of: "=") {
      text = String(text[text.index(after: equal)...])
    }
    let tree = Parser.parse(SourceText(text, name: "prompt"))
    let (statements, bound, _) = Binder.bind(tree, catalog: catalog, host: host, environment: environment)
    // A list by itself is a value; before a stage it has rows.
    if case .query(let query)? = statements.last?.kind, query.scalarType != nil { return query.schema }
    return bound.lastResult ?? .unknown
  }
}

/// Whether a text at the prompt is a whole statement, or goes on in the next line.
public enum Completeness {
  /// False while a bracket is open or the last word wants something behind it.
  public static func isComplete(_ text: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // An empty line ends whatever is there.
    if lines.count > 1, lines.last?.allSatisfy(\.isWhitespace) == true { return true }
    let source = SourceText(text, name: "prompt")
    let tokens = Lexer.tokenize(source).tokens.dropLast()
    if let first = tokens.first, source.slice(first.span) == "help" { return true }
    var depth = 0
    for t in tokens {
      switch t.kind {
      case .leftParen, .leftBracket, .leftBrace: depth += 1
      case .rightParen, .rightBracket, .rightBrace: depth -= 1
      default: break
      }
    }
    if depth > 0 { return false }
    guard let last = tokens.last else { return true }
    switch last.kind {
    case .pipe, .comma, .plus, .minus, .star, .slash, .equal, .doubleEqual, .notEqual, .less, .lessEqual,
      .greater,
      .greaterEqual, .coalesce, .dotDot:
      return false
    case .name:
      return ![
        "and", "or", "not", "in", "where", "then", "else", "if", "between", "like", "contains", "matches",
      ].contains(source.slice(last.span))
    default: return true
    }
  }
}
