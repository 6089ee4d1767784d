import ErpqBase
import ErpqDiagnostics

/// Thrown inside the parser when a construct cannot be read on; a diagnostic has been reported.
struct Bail: Error {}

/// A recovering parser, written by hand. It knows the grammar and no command: arguments stay a flat list.
///
/// Errors are collected; after one the parser goes on at the next `|`, line or closing bracket.
public struct Parser {
  let source: SourceText
  let tokens: [Token]
  var p = 0
  var diagnostics: [Diagnostic]
  var depth = 0
  var steps = 0
  var reportedDepth = false
  /// How many brackets are open at the token at hand.
  var nesting = 0
  var roles = TokenRoles()

  /// How deep brackets may nest; deeper input is an error, not a stack overflow.
  static let depthLimit = 200
  /// Operators of the expression at hand that nest to the left, brackets within it included.
  var chain = 0
  static let chainLimit = 500

  init(_ source: SourceText, _ tokens: [Token], _ diagnostics: [Diagnostic]) {
    self.source = source
    self.tokens = tokens
    self.diagnostics = diagnostics
  }

  /// Parses a whole source. Always gives a tree; `diagnostics` tells what is wrong with it.
  public static func parse(_ source: SourceText) -> SyntaxTree {
    let (tokens, errors) = Lexer.tokenize(source)
    var parser = Parser(source, tokens, errors)
    let (edition, statements) = parser.program()
    // The lexer reports before the parser does; readers want the order of the text.
    let sorted = parser.diagnostics.enumerated().sorted {
      ($0.element.span?.start ?? 0, $0.offset) < ($1.element.span?.start ?? 0, $1.offset)
    }.map(\.element)
    return SyntaxTree(
      source: source, tokens: tokens, edition: edition, statements: statements, diagnostics: sorted,
      steps: parser.steps, roles: parser.roles)
  }

  // MARK: Looking at tokens

  var token: Token { tokens[p] }
  func token(ahead n: Int) -> Token { tokens[min(p + n, tokens.count - 1)] }
  var previousEnd: Int { p > 0 ? tokens[p - 1].span.end : 0 }

  func text(_ token: Token) -> String { source.slice(token.span) }

  func isWord(_ token: Token, _ word: StaticString) -> Bool {
    guard token.kind == .name, token.span.length == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { w in
      for i in 0..<w.count where source.bytes[token.span.start + i] != w[i] { return false }
      return true
    }
  }

  func atWord(_ word: StaticString) -> Bool { isWord(token, word) }

  /// Whether the token at hand ends a statement or a bracket.
  var atEnd: Bool {
    switch token.kind {
    case .endOfLine, .endOfInput, .rightParen, .rightBracket, .rightBrace: true
    default: false
    }
  }

  func isHard(_ token: Token) -> Bool { token.kind == .name && hardWords.contains(text(token)) }

  @discardableResult
  mutating func advance() -> Token {
    let current = tokens[p]
    if p < tokens.count - 1 { p += 1 }
    switch current.kind {
    case .leftParen, .leftBracket, .leftBrace: nesting += 1
    case .rightParen, .rightBracket, .rightBrace: nesting -= 1
    default: break
    }
    steps += 1
    return current
  }

  mutating func accept(_ kind: TokenKind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  mutating func acceptWord(_ word: StaticString) -> Bool {
    guard atWord(word) else { return false }
    advance()
    return true
  }

  mutating func report(_ diagnostic: Diagnostic) {
    if diagnostics.count < 2000 { diagnostics.append(diagnostic.within(source)) }
  }

  /// Reports that something is missing at the token at hand and gives up on the construct.
  mutating func fail(_ what: String, notes: [String] = []) -> Bail {
    // The lexer has already spoken about an invalid token.
    if token.kind != .invalid { report(missing(what, notes: notes)) }
    return Bail()
  }

  func missing(_ what: String, notes: [String] = []) -> Diagnostic {
    // `today - 1 day`
    if token.kind == .name, p > 0, tokens[p - 1].kind == .int,
      let unit = CalendarDuration.units.first(where: { $0.long.contains(text(token)) })
    {
      let span = tokens[p - 1].span.union(token.span)
      let written = quotable(text(tokens[p - 1]) + unit.suffix)
      return .foreign(
        "a duration is one word", span, label: "write `\(written)`", fix: .replace(span, with: written))
    }
    if token.kind == .endOfLine || token.kind == .endOfInput {
      return .expected(what, found: "", SourceSpan(previousEnd, previousEnd), notes: notes)
    }
    return .expected(what, found: describe(token), token.span, notes: notes)
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .endOfLine: return "the end of the line"
    case .endOfInput: return "the end"
    case .string, .rawString: return "a text"
    case .int, .float: return "the number \(quotable(text(token)))"
    case .date: return "the date \(quotable(text(token)))"
    case .period: return "the period \(text(token))"
    case .duration: return "the duration \(quotable(text(token)))"
    default: return "`\(quotable(text(token)))`"
    }
  }

  mutating func expectWord(_ word: StaticString, _ what: String) throws(Bail) {
    if !acceptWord(word) { throw fail(what) }
  }

  mutating func expect(_ kind: TokenKind, _ what: String) throws(Bail) {
    if !accept(kind) { throw fail(what) }
  }

  /// A closing bracket, or an error at its opener.
  mutating func close(_ kind: TokenKind, opener: Token) throws(Bail) {
    if accept(kind) { return }
    if [.endOfLine, .endOfInput, .pipe].contains(token.kind) {
      report(
        .unclosedBracket(text(opener), closer: kind.rawValue, opener.span, insertAt: previousEnd))
    } else if token.kind != .invalid {
      report(missing("`\(kind.rawValue)`", notes: ["`\(text(opener))` was opened \(place(opener))"]))
    }
    throw Bail()
  }

  private func place(_ token: Token) -> String {
    let (line, column) = source.position(of: token.span.start)
    return "in line \(line), column \(column)"
  }

  /// Enters a level of nesting.
  mutating func descend() throws(Bail) {
    depth += 1
    steps += 1
    if depth > Parser.depthLimit {
      if !reportedDepth { report(.tooDeep(Parser.depthLimit, token.span)) }
      reportedDepth = true
      throw Bail()
    }
  }

  // MARK: Recovery

  /// Skips to the next `|`, end of line or closing bracket of a construct that began with `outer` open brackets.
  mutating func skipToStageEnd(_ outer: Int) {
    // A `|` that ended an open bracket: the bracket was forgotten, and the stage is whole.
    if token.kind == .pipe { nesting = min(nesting, outer) }
    while token.kind != .endOfInput {
      switch token.kind {
      case .rightParen, .rightBracket, .rightBrace: if nesting <= outer { return }
      case .pipe: if nesting <= outer { return }
      case .endOfLine: return
      default: break
      }
      advance()
    }
  }

  /// Skips to the end of the statement.
  mutating func skipToLineEnd() {
    while token.kind != .endOfInput, token.kind != .endOfLine { advance() }
  }

  // MARK: Program

  mutating func program() -> (edition: Int?, statements: [Statement]) {
    var edition: Int?
    while accept(.endOfLine) {}
    if atWord("erpq"), token(ahead: 1).kind == .int,
      [.endOfLine, .endOfInput].contains(token(ahead: 2).kind)
    {
      advance()
      let number = advance()
      edition = Int(text(number).filter { $0 != "_" })
      if edition != 1 {
        report(
          Diagnostic(
            .edition, "this erpq knows edition 1 of the language only", at: number.span,
            label: "a newer erpq is needed for this script"))
      }
    }
    var statements: [Statement] = []
    while token.kind != .endOfInput {
      if accept(.endOfLine) { continue }
      let errors = diagnostics.count
      nesting = 0
      statements.append(statement())
      finishLine(hasErrors: diagnostics.count > errors)
    }
    return (edition, statements)
  }

  /// After a statement: an end of line, or an error and a skip to it; after an error there is no second one.
  mutating func finishLine(hasErrors: Bool) {
    switch token.kind {
    case .endOfLine, .endOfInput: return
    case .invalid: break
    case _ where hasErrors: break
    case .rightParen, .rightBracket, .rightBrace:
      report(.strayBracket(text(token), token.span))
    case .comma
    where token.touchesPrevious && token(ahead: 1).kind == .int && token(ahead: 1).touchesPrevious:
      report(
        missing("the end of the statement", notes: ["numbers are written without commas: 1000 or 1_000"]))
    default: report(missing("the end of the statement"))
    }
    skipToLineEnd()
  }
}
