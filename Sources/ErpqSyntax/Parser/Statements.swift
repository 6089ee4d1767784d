import ErpqBase
import ErpqDiagnostics

extension Parser {
  /// One statement; on an error the rest of the line is skipped and an error statement stands for it.
  mutating func statement() -> Statement {
    let start = token.span.start
    let doc = docComment()
    var kind: Statement.Kind
    do {
      kind = try statementKind()
    } catch {
      skipToLineEnd()
      kind = .error
    }
    return Statement(kind: kind, span: SourceSpan(start, max(start, previousEnd)), doc: doc)
  }

  private mutating func statementKind() throws(Bail) -> Statement.Kind {
    guard token.kind == .name else { return .query(try query()) }
    let next = token(ahead: 1)
    switch text(token) {
    case "import" where [.string, .rawString, .name].contains(next.kind): return try importStatement()
    case "param" where next.kind == .name: return try paramStatement()
    case "let": return try letStatement()
    case "def" where next.kind == .name: return try definition()
    case "metric" where next.kind == .name: return try metric()
    case "scenario" where next.kind == .name: return try scenario()
    case "explain": return try explain()
    case "profile":
      advance()
      return .profile(try query())
    case "use" where next.kind == .name:
      advance()
      return .use(try path("the name of a setting"))
    case "describe": return try describeStatement()
    case "help":
      advance()
      let start = token.span.start
      while token.kind != .endOfLine, token.kind != .endOfInput { advance() }
      return .help(start < previousEnd ? source.slice(SourceSpan(start, previousEnd)) : "")
    default: return .query(try query())
    }
  }

  private mutating func importStatement() throws(Bail) -> Statement.Kind {
    advance()
    let pathToken = token
    let file: String
    if token.kind == .name {
      file = try path("a file").names.map(\.text).joined(separator: "/") + ".erpq"
    } else {
      let value = try prefix()
      guard case .string(let s) = value.kind else {
        report(.expected("a file name in quotes", found: "a text with holes", value.span))
        throw Bail()
      }
      file = s
    }
    let span = SourceSpan(pathToken.span.start, previousEnd)
    var alias: Name?
    if acceptWord("as") { alias = try name("a name for the import") }
    return .importFile(path: file, pathSpan: span, alias: alias)
  }

  private mutating func paramStatement() throws(Bail) -> Statement.Kind {
    advance()
    let name = try name("the parameter's name")
    var type: TypeName?
    if accept(.colon) { type = try typeName() }
    var value: Expr?
    if accept(.equal) { value = try expression(0) }
    return .param(name, type, value)
  }

  private mutating func letStatement() throws(Bail) -> Statement.Kind {
    advance()
    if token.kind == .variable {
      let written = text(token)
      report(
        .foreign(
          "`let` names a variable without its `$`", token.span,
          label: "write `\(quotable(String(written.dropFirst())))`",
          fix: .replace(token.span, with: String(written.dropFirst()))))
      let token = advance()
      let name = Name(text: String(written.dropFirst()), span: token.span, isQuoted: false)
      try expect(.equal, "`=`")
      return .letQuery(name, try query())
    }
    let name = try name("the variable's name")
    try expect(.equal, "`=`")
    return .letQuery(name, try query())
  }

  private mutating func definition() throws(Bail) -> Statement.Kind {
    advance()
    let name = try name("the definition's name")
    var formals: [Formal] = []
    guard token.kind == .leftParen else {
      throw fail(
        "`(` with the parameters",
        notes: ["a definition reads `def \(quotable(name.text))(days: duration = 90d) { … }`"])
    }
    let opener = advance()
    while token.kind != .rightParen, !atEnd {
      formals.append(try formal())
      if !accept(.comma) { break }
    }
    try close(.rightParen, opener: opener)
    var returns: TypeName?
    if accept(.arrow) { returns = try typeName() }
    if accept(.equal) {
      let body = try expression(0)
      return .define(Definition(name: name, formals: formals, returns: returns, body: .expression(body)))
    }
    if token.kind == .endOfLine, token(ahead: 1).kind == .leftBrace {
      let brace = token(ahead: 1)
      report(
        .foreign(
          "the `{` of a definition stands on the line of its `def`", brace.span, label: "move it up",
          fix: Fix(
            "move `{` to the end of the line before",
            [.init(SourceSpan(previousEnd, previousEnd), " {"), .init(brace.span, "")])))
      advance()
    }
    guard token.kind == .leftBrace else { throw fail("`=` and an expression, or `{` and a query") }
    return .define(Definition(name: name, formals: formals, returns: returns, body: try block()))
  }

  private mutating func formal() throws(Bail) -> Formal {
    if token.kind == .variable {
      let plain = String(text(token).dropFirst())
      report(
        .foreign(
          "a parameter is declared without its `$`", token.span, label: "write `\(quotable(plain))`",
          fix: .replace(token.span, with: plain)))
      throw Bail()
    }
    let name = try name("a parameter's name")
    var type: TypeName?
    if accept(.colon) { type = try typeName() }
    var value: Expr?
    if accept(.equal) { value = try expression(0) }
    return Formal(name: name, type: type, defaultValue: value)
  }

  private mutating func block() throws(Bail) -> Definition.Body {
    try descend()
    defer { depth -= 1 }
    let opener = advance()
    while accept(.endOfLine) {}
    var body: Definition.Body
    if token.kind == .pipe {
      body = .stages(stages())
    } else {
      var statements: [Statement] = []
      while token.kind != .rightBrace, token.kind != .endOfInput {
        if accept(.endOfLine) { continue }
        let before = p
        statements.append(statement())
        if token.kind != .endOfLine, token.kind != .rightBrace, token.kind != .endOfInput {
          if token.kind != .invalid { report(missing("the end of the statement")) }
          skipToBlockLineEnd()
        }
        if p == before { break }
      }
      body = .block(statements)
    }
    while accept(.endOfLine) {}
    if !accept(.rightBrace) {
      report(.unclosedBracket("{", closer: "}", opener.span, insertAt: previousEnd))
      if token.kind != .endOfInput { skipToLineEnd() }
      body = .error
    }
    return body
  }

  private mutating func skipToBlockLineEnd() {
    while token.kind != .endOfInput, token.kind != .endOfLine, token.kind != .rightBrace { advance() }
  }

  private mutating func metric() throws(Bail) -> Statement.Kind {
    advance()
    let name = try name("the metric's name")
    var type: TypeName?
    if accept(.colon) { type = try typeName() }
    var attributes: [(name: Name, value: Expr)] = []
    if token.kind == .leftBrace {
      let opener = advance()
      while accept(.endOfLine) {}
      while token.kind == .name {
        roles.attributes.append(token.span.start)
        let name = try self.name("an attribute")
        attributes.append((name, try expression(0)))
        _ = accept(.comma)
        while accept(.endOfLine) {}
      }
      try close(.rightBrace, opener: opener)
    }
    try expect(.equal, "`=` and the query")
    return .metric(Metric(name: name, type: type, attributes: attributes, query: try query()))
  }

  private mutating func scenario() throws(Bail) -> Statement.Kind {
    advance()
    let name = try name("the scenario's name")
    var parent: Name?
    if acceptWord("from") { parent = try self.name("the scenario to start from") }
    guard token.kind == .leftBrace else { throw fail("`{` and the changes") }
    let opener = advance()
    var changes: [Scenario.Change] = []
    while accept(.endOfLine) {}
    while token.kind != .rightBrace, token.kind != .endOfInput {
      let start = token.span.start
      let name = try self.name("what is changed, such as `demand`")
      try expect(.equal, "`=`")
      let plus = token.kind == .plus
      if plus { roles.signs.append(advance().span.start) }
      let isRelative = plus || token.kind == .minus
      let value = try expression(45)
      var filter: Expr?
      if acceptWord("where") { filter = try expression(0) }
      changes.append(
        .init(
          name: name, isRelative: isRelative, value: value, filter: filter,
          span: SourceSpan(start, previousEnd)))
      let comma = accept(.comma)
      var newline = false
      while accept(.endOfLine) { newline = true }
      if !comma, !newline {
        if token.kind == .name { throw fail("`,` between two changes") }
        break
      }
    }
    try close(.rightBrace, opener: opener)
    return .scenario(Scenario(name: name, parent: parent, changes: changes))
  }

  private mutating func explain() throws(Bail) -> Statement.Kind {
    advance()
    let code = token
    if code.kind == .name, code.span.length == 5, [.endOfLine, .endOfInput].contains(token(ahead: 1).kind) {
      let written = text(code)
      if let first = written.first, "EWew".contains(first),
        written.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber })
      {
        advance()
        return .explainCode(written.uppercased(), code.span)
      }
    }
    return .explain(try query())
  }

  private mutating func describeStatement() throws(Bail) -> Statement.Kind {
    advance()
    if token.kind == .variable {
      let t = advance()
      return .describeVariable(Name(text: String(text(t).dropFirst()), span: t.span, isQuoted: false))
    }
    var words: [Name] = []
    while token.kind == .name { words.append(contentsOf: try path("a name").names) }
    return .describe(words)
  }

  // MARK: Names and types

  /// A name that is no hard word.
  mutating func name(_ what: String) throws(Bail) -> Name {
    guard token.kind == .name else { throw fail(what) }
    let written = text(token)
    if hardWords.contains(written) {
      report(
        Diagnostic(
          .expected, "`\(written)` is a word of the language and cannot be a name", at: token.span,
          label: what,
          fixes: [.replace(token.span, with: "`\(written)`", "put it in backticks: `\(written)`")]))
      advance()
      throw Bail()
    }
    return nameValue(advance())
  }

  func nameValue(_ token: Token) -> Name {
    let written = text(token)
    let quoted = written.hasPrefix("`")
    return Name(
      text: quoted ? String(written.dropFirst().dropLast()) : written, span: token.span, isQuoted: quoted)
  }

  /// Names joined by dots that touch them.
  mutating func path(_ what: String) throws(Bail) -> Path {
    let first = try name(what)
    var names = [first]
    while token.kind == .dot, token.touchesPrevious, token(ahead: 1).kind == .name,
      token(ahead: 1).touchesPrevious
    {
      advance()
      names.append(nameValue(advance()))
    }
    return Path(names: names, span: SourceSpan(first.span.start, previousEnd))
  }

  mutating func paths(_ what: String) throws(Bail) -> [Path] {
    var list = [try path(what)]
    while accept(.comma) { list.append(try path(what)) }
    return list
  }

  mutating func typeName() throws(Bail) -> TypeName {
    try descend()
    defer { depth -= 1 }
    let name = try name("a type")
    var arguments: [TypeName] = []
    if token.kind == .less {
      roles.typeBrackets.append(advance().span.start)
      arguments.append(try typeName())
      while accept(.comma) { arguments.append(try typeName()) }
      let closer = token.span.start
      try expect(.greater, "`>`")
      roles.typeBrackets.append(closer)
    }
    let optional = accept(.question)
    return TypeName(
      name: name, arguments: arguments, isOptional: optional, span: SourceSpan(name.span.start, previousEnd))
  }

  /// The `##` lines above the token at hand, back to the statement before it.
  func docComment() -> String {
    var index = p
    while index > 0, tokens[index - 1].kind == .endOfLine { index -= 1 }
    let start = index > 0 ? tokens[index - 1].span.end : 0
    let gap = source.bytes[start..<token.span.start]
    guard gap.contains(35) else { return "" }
    // A `;` alone on a line says nothing.
    let blanks: Set<UInt8> = [9, 11, 12, 13, 32, 59]
    var lines: [String] = []
    // Bytes, not characters: "\r\n" is one character, and not a newline. What follows a statement on its own
    // line is a comment like any other.
    for line in gap.split(separator: 10, omittingEmptySubsequences: false).dropFirst(index > 0 ? 1 : 0) {
      let trimmed = line.drop { blanks.contains($0) }
      if trimmed.starts(with: [35, 35]) {
        var text = trimmed.dropFirst(2)
        if text.first == 32 { text = text.dropFirst() }
        while let last = text.last, last != 59, blanks.contains(last) { text = text.dropLast() }
        lines.append(String(decoding: text, as: UTF8.self))
      } else if !trimmed.isEmpty {
        lines.removeAll()
      }
    }
    return lines.joined(separator: "\n")
  }
}
