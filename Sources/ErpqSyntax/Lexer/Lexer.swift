import ErpqBase
import ErpqDiagnostics

/// Cuts a source into tokens. Never fails: what is no token becomes an `invalid` one and a diagnostic.
///
/// A newline is a token only where it ends a statement (language guide, "Lines"); elsewhere it is trivia.
public struct Lexer {
  let source: SourceText
  let b: [UInt8]
  /// One past the last byte to read: the end of the source, or of the hole.
  let limit: Int
  var i = 0
  var triviaStart = 0
  var tokens: [Token] = []
  var open: [TokenKind] = []
  var atStatementStart = true
  var inHelp = false
  /// Whether the statement at hand is a `def`, whose braces hold statements.
  var headIsDef = false
  /// For each open brace, whether it holds statements.
  var braces: [Bool] = []
  /// Newlines before this offset are known to end nothing.
  var continuedUntil = 0
  var diagnostics: [Diagnostic] = []

  static let diagnosticLimit = 1000

  private init(_ source: SourceText, limit: Int) {
    self.source = source
    self.limit = limit
    b = source.bytes
  }

  /// All tokens of the source, the last being `endOfInput`, and what is wrong with them.
  public static func tokenize(_ source: SourceText) -> (tokens: [Token], diagnostics: [Diagnostic]) {
    var lexer = Lexer(source, limit: source.bytes.count)
    lexer.run()
    return (lexer.tokens, lexer.diagnostics)
  }

  /// The tokens of a part of a source (the hole of a string), newlines being trivia.
  public static func tokenize(
    _ source: SourceText, hole: SourceSpan
  ) -> (tokens: [Token], diagnostics: [Diagnostic]) {
    var lexer = Lexer(source, limit: hole.end)
    lexer.i = hole.start
    lexer.triviaStart = hole.start
    lexer.open = [.leftParen]
    lexer.atStatementStart = false
    while true {
      lexer.skipTrivia()
      if lexer.i >= hole.end { break }
      lexer.scanToken()
    }
    lexer.push(.endOfInput, from: hole.end)
    return (lexer.tokens, lexer.diagnostics)
  }

  private mutating func run() {
    if b.count >= 3, b[0] == 0xEF, b[1] == 0xBB, b[2] == 0xBF { i = 3 }
    while true {
      skipTrivia()
      if i >= limit { break }
      scanToken()
    }
    push(.endOfInput, from: i)
  }

  func at(_ offset: Int) -> UInt8 { i + offset < limit ? b[i + offset] : 0 }

  mutating func push(_ kind: TokenKind, from start: Int) {
    tokens.append(Token(kind: kind, triviaStart: triviaStart, span: SourceSpan(start, i)))
    triviaStart = i
    switch kind {
    case .endOfLine:
      atStatementStart = braces.last ?? true
      inHelp = false
    case .leftBrace where !inHelp:
      atStatementStart = braces.last ?? false
    default:
      guard atStatementStart else { return }
      atStatementStart = false
      headIsDef = false
      guard kind == .name, i - start <= 4 else { return }
      let word = source.slice(SourceSpan(start, i))
      inHelp = word == "help"
      headIsDef = word == "def"
    }
  }

  mutating func report(_ diagnostic: Diagnostic) {
    // Nobody reads more than the first few; a binary file must not fill the memory with them.
    if !inHelp, diagnostics.count < Lexer.diagnosticLimit { diagnostics.append(diagnostic.within(source)) }
  }

  // MARK: Tokens

  mutating func scanToken() {
    let start = i
    let c = b[i]
    switch c {
    case 59:  // ;
      i += 1
      while let bracket = open.last, bracket != .leftBrace { open.removeLast() }
      push(.endOfLine, from: start)
    case 34: scanString()
    case 39: scanQuoted(.rawString)
    case 96: scanQuoted(.name)
    case 36: scanVariable()
    case 48...57: scanNumber()
    default:
      if Lexer.isNameStart(c) && (c < 128 || unicodeScalar(at: i).map(Lexer.isNameScalar) == true) {
        scanName()
        push(.name, from: start)
      } else if !scanOperator() {
        scanInvalid()
      }
    }
  }
}
