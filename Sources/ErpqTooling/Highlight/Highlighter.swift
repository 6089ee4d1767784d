import ErpqBase
import ErpqSyntax

/// Colours a text while it is typed. It works on tokens, so unfinished text is no trouble.
public struct Highlighter {
  /// The parts of the text that have a style, in order and without overlap; ranges are in UTF-8 bytes.
  ///
  /// Names of columns have none. Every text has an answer; none is an error.
  public static func spans(_ text: String) -> [(range: Range<Int>, style: HighlightStyle)] {
    let source = SourceText(text, name: "")
    var highlighter = Highlighter(source)
    highlighter.run(Lexer.tokenize(source).tokens)
    return highlighter.spans
  }

  /// How deep texts inside the holes of texts are coloured; what is deeper has the colour of a text.
  private static let holeLimit = 8

  private let source: SourceText
  private var spans: [(range: Range<Int>, style: HighlightStyle)] = []
  private var depth = 0

  private init(_ source: SourceText) { self.source = source }

  private mutating func add(_ start: Int, _ end: Int, _ style: HighlightStyle) {
    if end > start { spans.append((start..<end, style)) }
  }

  private mutating func run(_ tokens: [Token], place: WordRoles.Place = .statementStart) {
    var roles = WordRoles(source, tokens, place: place)
    for (index, token) in tokens.enumerated() {
      if !token.touchesPrevious { addComments(SourceSpan(token.triviaStart, token.span.start)) }
      let role = roles.next(index)
      switch token.kind {
      case .string: addString(token.span)
      case .rawString: add(token.span.start, token.span.end, .string)
      case .invalid:
        let first = source.bytes[token.span.start]
        add(token.span.start, token.span.end, first == 34 || first == 39 ? .string : .error)
      case .endOfLine, .endOfInput: break
      default: if let role { add(token.span.start, token.span.end, role) }
      }
    }
  }

  private mutating func addComments(_ span: SourceSpan) {
    var i = span.start
    while i < span.end {
      // Blank space holds comments only, so a dash begins one that another language would write.
      guard source.bytes[i] == 35 || source.bytes[i] == 45 else {
        i += 1
        continue
      }
      let start = i
      while i < span.end, source.bytes[i] != 10 { i += 1 }
      add(start, source.bytes[i - 1] == 13 ? i - 1 : i, .comment)
    }
  }

  /// A text with holes: its pieces, the braces of the holes, and what they hold.
  private mutating func addString(_ span: SourceSpan) {
    guard depth < Highlighter.holeLimit else { return add(span.start, span.end, .string) }
    var piece = span.start
    var i = span.start + 1
    while i < span.end - 1 {
      switch source.bytes[i] {
      case 92: i += 2
      case 123:
        let end = Lexer.holeEnd(in: source, SourceSpan(i, span.end - 1))
        guard source.bytes[end - 1] == 125, end - i >= 2 else {
          i = end
          continue
        }
        add(piece, i, .string)
        add(i, i + 1, .hole)
        depth += 1
        run(Lexer.tokenize(source, hole: SourceSpan(i + 1, end - 1)).tokens, place: .expression)
        depth -= 1
        add(end - 1, end, .hole)
        i = end
        piece = end
      default: i += 1
      }
    }
    add(piece, span.end, .string)
  }
}
