import ErpqBase
import ErpqDiagnostics

// Operators and brackets, and bytes that begin no token.
extension Lexer {
  /// Takes an operator or a bracket; false where none begins.
  mutating func scanOperator() -> Bool {
    let start = i
    if let kind = Lexer.operator(b[i], at(1)) {
      i += 2
      push(kind, from: start)
      return true
    }
    guard let kind = Lexer.operator(b[i]) else { return false }
    i += 1
    if !inHelp { follow(kind) }
    push(kind, from: start)
    return true
  }

  private static func `operator`(_ first: UInt8, _ second: UInt8) -> TokenKind? {
    switch (first, second) {
    case (61, 61): .doubleEqual
    case (33, 61): .notEqual
    case (60, 62): .angleNotEqual
    case (60, 61): .lessEqual
    case (62, 61): .greaterEqual
    case (45, 62): .arrow
    case (46, 46): .dotDot
    case (63, 63): .coalesce
    default: nil
    }
  }

  private static func `operator`(_ byte: UInt8) -> TokenKind? {
    switch byte {
    case 40: .leftParen
    case 41: .rightParen
    case 91: .leftBracket
    case 93: .rightBracket
    case 123: .leftBrace
    case 125: .rightBrace
    case 124: .pipe
    case 44: .comma
    case 58: .colon
    case 46: .dot
    case 63: .question
    case 61: .equal
    case 60: .less
    case 62: .greater
    case 43: .plus
    case 45: .minus
    case 42: .star
    case 47: .slash
    case 37: .percentSign
    default: nil
    }
  }

  /// Keeps count of the open brackets.
  private mutating func follow(_ kind: TokenKind) {
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

  mutating func scanInvalid() {
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
}
