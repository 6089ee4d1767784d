import ErpqBase

// White space, comments, and the newlines that end a statement.
extension Lexer {
  mutating func skipTrivia() {
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
}
