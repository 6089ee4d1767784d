import ErpqBase
import ErpqDiagnostics

/// Cuts a source into tokens. Never fails: what is no token becomes an `invalid` one and a diagnostic.
///
/// A newline is a token only where it ends a statement (language guide, "Lines"); elsewhere it is trivia.
public struct Lexer {
  private let source: SourceText
  private let b: [UInt8]
  /// One past the last byte to read: the end of the source, or of the hole.
  private let limit: Int
  private var i = 0
  private var triviaStart = 0
  private var tokens: [Token] = []
  private var open: [TokenKind] = []
  private var atStatementStart = true
  private var inHelp = false
  /// Whether the statement at hand is a `def`, whose braces hold statements.
  private var headIsDef = false
  /// For each open brace, whether it holds statements.
  private var braces: [Bool] = []
  /// Newlines before this offset are known to end nothing.
  private var continuedUntil = 0
  private var diagnostics: [Diagnostic] = []

  private static let diagnosticLimit = 1000

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

  private func at(_ offset: Int) -> UInt8 { i + offset < limit ? b[i + offset] : 0 }

  private mutating func push(_ kind: TokenKind, from start: Int) {
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

  // MARK: Trivia and newlines

  private mutating func skipTrivia() {
    while i < limit {
      switch b[i] {
      case 32, 9, 13, 0x0B, 0x0C: i += 1
      case 35: skipComment()
      case 45 where isDashComment():
        let start = i
        skipComment()
        report(.dashComment(SourceSpan(start, start + 2)))
      case 10:
        if newlineEndsStatement() {
          let start = i
          i += 1
          push(.endOfLine, from: start)
        } else {
          i += 1
        }
      case 0xC2 where at(1) == 0xA0: i += 2  // a no-break space pasted from a page
      default: return
      }
    }
  }

  private mutating func skipComment() {
    while i < limit, b[i] != 10 { i += 1 }
  }

  /// `-- note` after a blank or at the start of a line: the comment of another language.
  private func isDashComment() -> Bool {
    guard !inHelp, at(1) == 45, at(2) == 32 || at(2) == 9 || at(2) == 10 || i + 2 >= limit else {
      return false
    }
    return i == 0 || [32, 9, 10, 13].contains(b[i - 1])
  }

  private mutating func newlineEndsStatement() -> Bool {
    guard let last = tokens.last, last.kind != .endOfLine else { return false }
    if inHelp { return true }
    if i < continuedUntil { return false }
    // Look at the next line that holds something.
    var j = i
    var column = 0
    var next: UInt8 = 0
    scan: while j < limit {
      switch b[j] {
      case 10: column = -1
      case 32, 9, 13, 0x0B, 0x0C: break
      case 0xC2 where j + 1 < limit && b[j + 1] == 0xA0: j += 1
      case 35:
        while j + 1 < limit, b[j + 1] != 10 { j += 1 }
      default:
        next = b[j]
        break scan
      }
      j += 1
      column += 1
    }
    if let bracket = open.last, bracket != .leftBrace {
      // A line in column 0 cannot belong to an open bracket: the bracket was forgotten.
      let closes = next == 0 || [0x7C, 0x29, 0x5D, 0x7D, 0x23].contains(next)
      if column == 0, !closes, j < limit {
        while let bracket = open.last, bracket != .leftBrace { open.removeLast() }
        return true
      }
      continuedUntil = j
      return false
    }
    if next == 0x7C || Lexer.continuesLine(last, in: source) && !(last.kind == .greater && closesType()) {
      continuedUntil = j
      return false
    }
    return true
  }

  /// Whether the `>` before the newline closes a written type, as in `param names: list<text>`.
  private func closesType() -> Bool {
    for token in tokens.reversed().prefix(64) {
      switch token.kind {
      case .greater, .less, .name, .comma, .question: continue
      case .colon, .arrow: return true
      default: return false
      }
    }
    return false
  }

  /// Whether a newline behind the token ends nothing, because something has to follow.
  public static func continuesLine(_ token: Token, in source: SourceText) -> Bool {
    switch token.kind {
    case .leftBrace: return true
    case .leftParen, .leftBracket, .comma, .pipe, .plus, .minus, .star, .slash, .equal, .doubleEqual,
      .notEqual,
      .angleNotEqual, .less, .lessEqual, .greater, .greaterEqual, .coalesce, .dotDot, .arrow, .colon:
      return true
    case .name:
      guard token.span.length <= 8 else { return false }
      switch source.slice(token.span) {
      case "and", "or", "not", "in", "is", "between", "like", "contains", "matches", "mod", "then", "else",
        "if",
        "where":
        return true
      default: return false
      }
    default: return false
    }
  }

  // MARK: Tokens

  private mutating func scanToken() {
    let start = i
    let c = b[i]
    switch c {
    case 59:  // ;
      i += 1
      while let bracket = open.last, bracket != .leftBrace { open.removeLast() }
      push(.endOfLine, from: start)
    case 34: scanString()
    case 39: scanRawString()
    case 96: scanBackticked()
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

  private mutating func scanOperator() -> Bool {
    let start = i
    let two: [(UInt8, UInt8, TokenKind)] = [
      (61, 61, .doubleEqual), (33, 61, .notEqual), (60, 62, .angleNotEqual), (60, 61, .lessEqual),
      (62, 61, .greaterEqual), (45, 62, .arrow), (46, 46, .dotDot), (63, 63, .coalesce),
    ]
    for (x, y, kind) in two where b[i] == x && at(1) == y {
      i += 2
      push(kind, from: start)
      return true
    }
    let kind: TokenKind
    switch b[i] {
    case 40: kind = .leftParen
    case 41: kind = .rightParen
    case 91: kind = .leftBracket
    case 93: kind = .rightBracket
    case 123: kind = .leftBrace
    case 125: kind = .rightBrace
    case 124: kind = .pipe
    case 44: kind = .comma
    case 58: kind = .colon
    case 46: kind = .dot
    case 63: kind = .question
    case 61: kind = .equal
    case 60: kind = .less
    case 62: kind = .greater
    case 43: kind = .plus
    case 45: kind = .minus
    case 42: kind = .star
    case 47: kind = .slash
    case 37: kind = .percentSign
    default: return false
    }
    i += 1
    if !inHelp {
      switch kind {
      case .leftParen, .leftBracket: open.append(kind)
      case .leftBrace:
        open.append(kind)
        braces.append(headIsDef)
      case .rightParen: if open.last == .leftParen { open.removeLast() }
      case .rightBracket: if open.last == .leftBracket { open.removeLast() }
      case .rightBrace:
        // Without an open brace there is nothing to look for, however deep the other brackets are.
        if braces.popLast() != nil, let brace = open.lastIndex(of: .leftBrace) {
          open.removeSubrange(brace...)
        }
      default: break
      }
    }
    push(kind, from: start)
    return true
  }

  private mutating func scanInvalid() {
    let start = i
    let scalar = unicodeScalar(at: i)
    i += scalar.map { Lexer.utf8Length($0) } ?? 1
    if scalar == "&", i < limit, b[i] == 38 { i += 1 }  // the `and` of other languages
    // A run of them is one slip, not many.
    let inRun = tokens.last?.kind == .invalid && triviaStart == start
    push(.invalid, from: start)
    if inRun { return }
    let span = SourceSpan(start, i)
    report(
      Diagnostic.foreignOperator(source.slice(span), span) ?? .unexpectedCharacter(scalar ?? "\u{FFFD}", span)
    )
  }

  private mutating func scanBackticked() {
    let start = i
    i += 1
    while i < limit, b[i] != 96, b[i] != 10 { i += 1 }
    if i < limit, b[i] == 96 {
      i += 1
      push(.name, from: start)
    } else {
      if i > start + 1, b[i - 1] == 13 { i -= 1 }
      push(.invalid, from: start)
      report(.unclosedQuote("`", SourceSpan(start, start + 1), end: i))
    }
  }

  private mutating func scanVariable() {
    let start = i
    i += 1
    if i < limit, Lexer.isNameStart(b[i]) { scanName() }
    if i - start > 1 {
      push(.variable, from: start)
    } else {
      push(.invalid, from: start)
      report(.unexpectedCharacter("$", SourceSpan(start, i)))
    }
  }

  private mutating func scanName() {
    while i < limit {
      let c = b[i]
      if c < 128 {
        guard Lexer.isNameStart(c) || (c >= 48 && c <= 57) else { return }
        i += 1
      } else {
        guard let scalar = unicodeScalar(at: i), Lexer.isNameScalar(scalar) else { return }
        i += Lexer.utf8Length(scalar)
      }
    }
  }

  // MARK: Strings

  private mutating func scanRawString() {
    let start = i
    i += 1
    while i < limit, b[i] != 39, b[i] != 10 { i += 1 }
    if i < limit, b[i] == 39 {
      i += 1
      push(.rawString, from: start)
    } else {
      if i > start + 1, b[i - 1] == 13 { i -= 1 }
      push(.invalid, from: start)
      report(.unclosedQuote("'", SourceSpan(start, start + 1), end: i))
    }
  }

  private mutating func scanString() {
    let start = i
    if let end = stringEnd(from: i, depth: 0) {
      i = end
      push(.string, from: start)
    } else {
      while i < limit, b[i] != 10 { i += 1 }
      if i > start + 1, b[i - 1] == 13 { i -= 1 }
      push(.invalid, from: start)
      report(.unclosedQuote("\"", SourceSpan(start, start + 1), end: i))
    }
  }

  /// One past the closing quote of the string that opens at `from`, its holes skipped; nil when the line
  /// ends first.
  private func stringEnd(from: Int, depth: Int) -> Int? {
    var j = from + 1
    var braces = 0
    while j < limit {
      switch b[j] {
      case 10: return nil
      case 92: j += 1
      case 123: braces += 1
      case 125: braces = max(0, braces - 1)
      case 34 where braces == 0: return j + 1
      case 34:
        // A quote inside a hole opens a string of its own.
        guard depth < 8, let end = stringEnd(from: j, depth: depth + 1) else { return nil }
        j = end - 1
      default: break
      }
      j += 1
    }
    return nil
  }

  // MARK: Numbers and dates

  private mutating func scanNumber() {
    let start = i
    if scanDate() { return }
    skipDigits()
    var kind = TokenKind.int
    if at(0) == 46, at(1) >= 48, at(1) <= 57 {
      i += 1
      skipDigits()
      kind = .float
    }
    if at(0) == 101 || at(0) == 69 {
      let sign = at(1) == 43 || at(1) == 45 ? 1 : 0
      if at(1 + sign) >= 48, at(1 + sign) <= 57 {
        i += 1 + sign
        skipDigits()
        kind = .float
      }
    }
    let numberEnd = i
    if at(0) == 37 {
      i += 1
      push(.percent, from: start)
      return
    }
    scanName()
    let span = SourceSpan(start, i)
    guard i > numberEnd else {
      push(kind, from: start)
      return
    }
    let suffix = source.slice(SourceSpan(numberEnd, i))
    if CalendarDuration.unit(named: suffix) != nil {
      push(.duration, from: start)
    } else if suffix.utf8.count == 3, suffix.utf8.allSatisfy({ $0 >= 65 && $0 <= 90 }) {
      push(.money, from: start)
    } else {
      push(.invalid, from: start)
      // The search for what was meant takes its time.
      if diagnostics.count < Lexer.diagnosticLimit {
        report(.badSuffix(number: source.slice(SourceSpan(start, numberEnd)), suffix: suffix, span))
      }
    }
  }

  private mutating func skipDigits() {
    while i < limit,
      (b[i] >= 48 && b[i] <= 57) || (b[i] == 95 && i + 1 < limit && b[i + 1] >= 48 && b[i + 1] <= 57)
    { i += 1 }
  }

  /// A date or period literal, by maximal munch: never a subtraction.
  private mutating func scanDate() -> Bool {
    func digit(_ k: Int) -> Bool { at(k) >= 48 && at(k) <= 57 }
    guard digit(1), digit(2), digit(3), at(4) == 45, digit(5) || at(5) == 81 || at(5) == 87 else {
      return false
    }
    var length = 5
    if at(5) == 81 || at(5) == 87 {
      guard digit(6) else { return false }
      length = 7
      while digit(length) { length += 1 }
    } else {
      while digit(length) { length += 1 }
      if at(length) == 45, digit(length + 1) {
        length += 1
        while digit(length) { length += 1 }
      }
    }
    if Lexer.isNameStart(at(length)) || at(length) == 37 { return false }
    // 5000-10.5 is arithmetic on a number with a fraction.
    if at(length) == 46, at(length + 1) >= 48, at(length + 1) <= 57 { return false }
    let start = i
    let text = source.slice(SourceSpan(i, i + length))
    let year = Int(text.prefix(4)) ?? 0
    i += length
    let span = SourceSpan(start, i)
    let inRange = (1900...2199).contains(year)
    if inRange, CivilDate(iso: text) != nil {
      push(.date, from: start)
    } else if inRange, Period(iso: text) != nil {
      push(.period, from: start)
    } else {
      push(.invalid, from: start)
      report(.badDate(text, span))
    }
    return true
  }

  // MARK: Characters

  private mutating func report(_ diagnostic: Diagnostic) {
    // Nobody reads more than the first few; a binary file must not fill the memory with them.
    if !inHelp, diagnostics.count < Lexer.diagnosticLimit { diagnostics.append(diagnostic.within(source)) }
  }

  private func unicodeScalar(at index: Int) -> Unicode.Scalar? {
    let c = b[index]
    if c < 128 { return Unicode.Scalar(c) }
    let length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2
    guard c >= 0xC2, index + length <= limit else { return nil }
    return String(decoding: b[index..<index + length], as: UTF8.self).unicodeScalars.first
  }

  static func utf8Length(_ scalar: Unicode.Scalar) -> Int {
    scalar.value < 0x80 ? 1 : scalar.value < 0x800 ? 2 : scalar.value < 0x10000 ? 3 : 4
  }

  @inline(__always)
  static func isNameStart(_ c: UInt8) -> Bool {
    (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c == 95 || c >= 128
  }

  /// Whether a character may stand in a name.
  public static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value == 0xFFFD { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber,
      .nonspacingMark, .spacingMark, .decimalNumber:
      return true
    default: return false
    }
  }
}
