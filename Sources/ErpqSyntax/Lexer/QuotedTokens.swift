import ErpqBase
import ErpqDiagnostics

// Strings and names in backticks.
extension Lexer {
  /// A name in backticks or a raw string, which end at the next such quote of the line.
  mutating func scanQuoted(_ kind: TokenKind) {
    let start = i
    let quote = b[i]
    i += 1
    while i < limit, b[i] != quote, b[i] != 10 { i += 1 }
    if i < limit, b[i] == quote {
      i += 1
      push(kind, from: start)
    } else {
      pushUnclosed(from: start)
    }
  }

  mutating func scanString() {
    let start = i
    if let end = stringEnd(from: i, depth: 0) {
      i = end
      push(.string, from: start)
    } else {
      while i < limit, b[i] != 10 { i += 1 }
      pushUnclosed(from: start)
    }
  }

  /// What lies between a quote and the end of its line, where `i` stands.
  private mutating func pushUnclosed(from start: Int) {
    if i > start + 1, b[i - 1] == 13 { i -= 1 }
    push(.invalid, from: start)
    report(.unclosedQuote(source.slice(SourceSpan(start, start + 1)), SourceSpan(start, start + 1), end: i))
  }

  /// One past the closing quote of the string that opens at `from`, its holes skipped; nil when the line
  /// ends first.
  private func stringEnd(from: Int, depth: Int) -> Int? {
    var j = from + 1
    var braces = 0
    while j < limit {
      switch b[j] {
      case 10: return nil
      case 92 where j + 1 < limit && b[j + 1] != 10: j += 1
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

  /// One past the `}` that closes the hole at the start of `rest`, a part of a text in quotes; its end where
  /// the hole is not closed.
  public static func holeEnd(in source: SourceText, _ rest: SourceSpan) -> Int {
    let b = source.bytes
    var open = 0
    var j = rest.start
    while j < rest.end {
      switch b[j] {
      case 123: open += 1
      case 125:
        open -= 1
        if open == 0 { return j + 1 }
      case 92: j += 1
      case 34:
        j += 1
        while j < rest.end, b[j] != 34 { j += b[j] == 92 ? 2 : 1 }
      default: break
      }
      j += 1
    }
    return rest.end
  }
}
