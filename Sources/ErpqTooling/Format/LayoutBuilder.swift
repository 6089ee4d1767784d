import ErpqBase
import ErpqSyntax

/// Turns the tokens of a tree into layouts: a statement is a pipeline of segments, a segment a list of items.
struct LayoutBuilder {
  private let tree: SyntaxTree
  private let tokens: [Token]
  private let source: SourceText
  private let spacing: Spacing
  private let attributes: Set<Int>
  /// For each opening bracket the index of its closing one.
  private let closers: [Int: Int]

  /// How far the stages of a pipeline and the insides of brackets are indented.
  private static let step = 2
  /// How far the second and further items of a list without brackets are indented.
  private static let continuation = 4

  init(_ tree: SyntaxTree) {
    self.tree = tree
    tokens = tree.tokens
    source = tree.source
    spacing = Spacing(tree)
    attributes = Set(tree.roles.attributes)
    var closers: [Int: Int] = [:]
    var open: [Int] = []
    for (index, token) in tree.tokens.enumerated() {
      switch token.kind {
      case .leftParen, .leftBracket, .leftBrace: open.append(index)
      case .rightParen, .rightBracket, .rightBrace:
        // The brackets of a `help` line need not match, and stay there.
        if let opener = open.last, LayoutBuilder.match(tree.tokens[opener].kind, token.kind) {
          open.removeLast()
          closers[opener] = index
        }
      case .endOfLine:
        while let opener = open.last, tree.tokens[opener].kind != .leftBrace { open.removeLast() }
      default: break
      }
    }
    self.closers = closers
  }

  private static func match(_ opener: TokenKind, _ closer: TokenKind) -> Bool {
    switch opener {
    case .leftParen: closer == .rightParen
    case .leftBracket: closer == .rightBracket
    default: closer == .rightBrace
    }
  }

  private func isWord(_ index: Int, _ word: String) -> Bool {
    tokens[index].kind == .name && source.slice(tokens[index].span) == word
  }

  /// The index behind the token, or behind the bracket that it opens.
  private func next(_ index: Int, before end: Int) -> Int {
    if let closer = closers[index], closer < end { return closer + 1 }
    return index + 1
  }

  // MARK: Statements

  /// The statements between two tokens: what ends of line separate.
  func statements(from start: Int, to end: Int) -> [Range<Int>] {
    var list: [Range<Int>] = []
    var index = start
    while index < end {
      if tokens[index].kind == .endOfLine {
        index += 1
        continue
      }
      let first = index
      let isHelp = isWord(first, "help")
      while index < end, tokens[index].kind != .endOfLine {
        index = isHelp ? index + 1 : next(index, before: end)
      }
      list.append(first..<index)
    }
    return list
  }

  /// A statement without the comments before and behind it.
  func statement(_ range: Range<Int>) -> Layout {
    if isWord(range.lowerBound, "help") {
      return .text(SourceSpan(tokens[range.lowerBound].span.start, tokens[range.upperBound - 1].span.end))
    }
    // A metric's query is a pipeline of its own behind the braces.
    if isWord(range.lowerBound, "metric"),
      let brace = range.first(where: { tokens[$0].kind == .leftBrace }), let closer = closers[brace],
      closer + 2 < range.upperBound, tokens[closer + 1].kind == .equal
    {
      let head = elements(range.lowerBound..<closer + 2, leading: false)
      let query = pipeline(closer + 2..<range.upperBound, leading: true)
      return .nest(0, head + [.space, .group(query.parts, orBroken: query.isBroken)])
    }
    let whole = pipeline(range, leading: false)
    return .group(whole.parts, orBroken: whole.isBroken)
  }

  /// The `;` behind a statement, if a new line in its place would not end the statement.
  func neededSeparator(after range: Range<Int>, before next: Int) -> SourceSpan? {
    guard !isWord(range.lowerBound, "help") else { return nil }
    let last = tokens[range.upperBound - 1]
    guard tokens[next].kind == .pipe || Lexer.continuesLine(last, in: source) else { return nil }
    for token in tokens[range.upperBound..<next] where source.bytes[token.span.start] == 59 {
      return token.span
    }
    return nil
  }

  /// The comments and blank lines between two tokens that ends of line separate, and the new line after them.
  func gap(after previous: Int?, before next: Int) -> [Layout] {
    let start = previous.map { tokens[$0].span.end } ?? 0
    let isFirst = previous.map { tokens[$0].kind == .leftBrace } ?? true
    let isLast = [.rightBrace, .endOfInput].contains(tokens[next].kind)
    let (comments, newlines) = scan(SourceSpan(start, tokens[next].span.start))
    var parts: [Layout] = []
    var lastIsDoc = false
    for (number, comment) in comments.enumerated() {
      if comment.newlines == 0 {
        parts.append(.trailingComment(comment.span))
      } else {
        parts.append(.hard(blank: comment.newlines > 1 && !(isFirst && number == 0)))
        parts.append(.ownComment(comment.span))
        lastIsDoc = comment.span.length > 1 && source.bytes[comment.span.start + 1] == 35
      }
    }
    let blank = newlines > 1 && !lastIsDoc && !isLast && !(isFirst && comments.isEmpty)
    parts.append(.hard(blank: blank))
    return parts
  }

  private struct Comment {
    var span: SourceSpan
    /// How many line ends stand between it and what precedes it.
    var newlines: Int
  }

  /// The comments of blank space, and how many line ends follow the last one.
  private func scan(_ span: SourceSpan) -> (comments: [Comment], newlines: Int) {
    var comments: [Comment] = []
    var newlines = 0
    var i = span.start
    while i < span.end {
      if source.bytes[i] == 10 { newlines += 1 }
      guard source.bytes[i] == 35 else {
        i += 1
        continue
      }
      let start = i
      while i < span.end, source.bytes[i] != 10 { i += 1 }
      var end = i
      while end > start, [9, 11, 12, 13, 32].contains(source.bytes[end - 1]) { end -= 1 }
      comments.append(Comment(span: SourceSpan(start, end), newlines: newlines))
      newlines = 0
    }
    return (comments, newlines)
  }

  /// The comments right before a token inside a statement.
  private func comments(before index: Int) -> [Layout] {
    let token = tokens[index]
    if token.touchesPrevious { return [] }
    return scan(SourceSpan(token.triviaStart, token.span.start)).comments.map {
      $0.newlines == 0 ? .trailingComment($0.span) : .ownComment($0.span)
    }
  }

  // MARK: Pipelines and lists

  /// The parts of `source | stage | stage`, and whether it was written on several lines.
  ///
  /// - Parameter leading: Whether the comments before the first token belong to it.
  private func pipeline(
    _ range: Range<Int>, leading: Bool, inBrackets: Bool = false
  ) -> (parts: [Layout], isBroken: Bool) {
    var segments: [Range<Int>] = []
    var start = range.lowerBound
    var index = start
    while index < range.upperBound {
      if tokens[index].kind == .pipe, index > start {
        segments.append(start..<index)
        start = index
      }
      index = next(index, before: range.upperBound)
    }
    segments.append(start..<range.upperBound)
    if segments.count == 1, inBrackets, tokens[start].kind != .pipe {
      return (list(segments[0], base: 0, continuation: 0, leading: leading), false)
    }
    var parts: [Layout] = []
    var stages: [Layout] = []
    var isBroken = false
    for segment in segments {
      let first = segment.lowerBound
      let lead = first == range.lowerBound && !leading ? [] : comments(before: first)
      guard tokens[first].kind == .pipe else {
        parts.append(.nest(0, lead))
        parts.append(.group(list(segment, base: 0, continuation: LayoutBuilder.continuation, leading: false)))
        continue
      }
      stages += lead
      if first > range.lowerBound {
        isBroken = isBroken || holdsNewline(first) || holdsNewline(first + 1)
        stages.append(.line(blank: true))
      }
      stages.append(.text(tokens[first].span))
      guard segment.count > 1 else { continue }
      stages.append(.space)
      let stage = list(
        first + 1..<segment.upperBound, base: LayoutBuilder.step, continuation: LayoutBuilder.continuation,
        leading: true)
      stages.append(.group(stage))
    }
    parts.append(.nest(parts.isEmpty ? 0 : LayoutBuilder.step, stages))
    return (parts, isBroken)
  }

  private func holdsNewline(_ index: Int) -> Bool {
    let token = tokens[index]
    return source.bytes[token.triviaStart..<token.span.start].contains(10)
  }

  /// Items separated by commas. Short ones fill lines, others have a line each.
  private func list(_ range: Range<Int>, base: Int, continuation: Int, leading: Bool) -> [Layout] {
    var items: [Range<Int>] = []
    var start = range.lowerBound
    var index = start
    while index < range.upperBound {
      if tokens[index].kind == .comma {
        items.append(start..<index)
        start = index + 1
      }
      index = next(index, before: range.upperBound)
    }
    items.append(start..<range.upperBound)
    let areShort = items.dropFirst().allSatisfy { $0.count <= 3 }
    var parts: [Layout] = []
    var isBehindBy = false
    for (number, item) in items.enumerated() {
      let depth = number == 0 ? base : continuation
      var content: [Layout] = []
      if number > 0 {
        let comma = item.lowerBound - 1
        content += comments(before: comma) + [.text(tokens[comma].span)]
        if !item.isEmpty { content.append(areShort || isBehindBy ? .soft(blank: true) : .line(blank: true)) }
      }
      isBehindBy = isBehindBy || endsInGrouping(item)
      content += elements(item, leading: leading || number > 0)
      parts.append(.nest(depth, content))
    }
    return parts
  }

  /// Whether an item goes on with the `by` of its stage, not of a window: `sum(amount) by month`.
  private func endsInGrouping(_ item: Range<Int>) -> Bool {
    var index = item.lowerBound
    while index < item.upperBound {
      if isWord(index, "over") { return false }
      if index > item.lowerBound, isWord(index, "by") { return true }
      index = next(index, before: item.upperBound)
    }
    return false
  }

  /// Tokens and brackets side by side; a line may end behind `and`, `or`, `then` and `else`.
  private func elements(_ range: Range<Int>, leading: Bool) -> [Layout] {
    var parts: [Layout] = []
    var index = range.lowerBound
    var isBetween = false
    while index < range.upperBound {
      let isFirst = index == range.lowerBound
      var mayBreak = false
      if !isFirst, spacing.separates(index) {
        switch breakWord(index - 1) {
        case .between: isBetween = true
        case .and where isBetween: isBetween = false
        case .and, .other: mayBreak = true
        case nil: break
        }
        if !mayBreak { parts.append(.space) }
      }
      let text = Layout.text(tokens[index].span)
      let comments = !isFirst || leading ? comments(before: index) : []
      if !mayBreak, comments.isEmpty {
        parts.append(text)
      } else {
        let before: [Layout] = mayBreak ? [.soft(blank: true)] : []
        parts.append(.nest(isFirst ? 0 : LayoutBuilder.continuation, before + comments + [text]))
      }
      if let closer = closers[index], closer < range.upperBound {
        parts.append(bracket(index, closer))
        index = closer + 1
      } else {
        index += 1
      }
    }
    return parts
  }

  private enum BreakWord { case between, and, other }

  /// The words behind which an expression may go on in a new line, and `between`, whose `and` is none of them.
  private func breakWord(_ index: Int) -> BreakWord? {
    let token = tokens[index]
    guard token.kind == .name, (2...7).contains(token.span.length) else { return nil }
    switch source.slice(token.span) {
    case "between": return .between
    case "and": return .and
    case "or", "then", "else": return .other
    default: return nil
    }
  }

  // MARK: Brackets

  /// What stands behind an opening bracket, with its closing one.
  private func bracket(_ opener: Int, _ closer: Int) -> Layout {
    if tokens[opener].kind == .leftBrace { return braces(opener, closer) }
    let end = Layout.text(tokens[closer].span)
    let last = comments(before: closer)
    if opener + 1 == closer { return .group([.nest(LayoutBuilder.step, last), end]) }
    let inside = pipeline(opener + 1..<closer, leading: true, inBrackets: true)
    return .group(
      [.nest(LayoutBuilder.step, [.line(blank: false)] + inside.parts + last), .line(blank: false), end],
      orBroken: inside.isBroken)
  }

  /// The body of a `def`, `metric` or `scenario`: on one line if it was, holds little and fits.
  private func braces(_ opener: Int, _ closer: Int) -> Layout {
    let end = Layout.text(tokens[closer].span)
    let inside = opener + 1..<closer
    let (items, areStatements) = bodyItems(opener, inside)
    guard !items.isEmpty else {
      let gap = gap(after: opener, before: closer)
      if gap.count == 1 { return end }
      return .group([.nest(LayoutBuilder.step, gap), end], orBroken: true)
    }
    let isBroken =
      (areStatements ? items.count > 1 : inside.contains { tokens[$0].kind == .endOfLine })
      || source.bytes[tokens[opener].span.end..<tokens[closer].span.start].contains(10)
    guard isBroken else {
      var content: [Layout] = []
      for item in items {
        content.append(.line(blank: true))
        content.append(areStatements ? statement(item) : .nest(0, elements(item, leading: false)))
      }
      return .group([.nest(LayoutBuilder.step, content), .line(blank: true), end])
    }
    var content: [Layout] = []
    var previous = opener
    for (number, item) in items.enumerated() {
      content += gap(after: previous, before: item.lowerBound)
      content.append(areStatements ? statement(item) : .nest(0, elements(item, leading: false)))
      previous = item.upperBound - 1
      if areStatements, number + 1 < items.count,
        let separator = neededSeparator(after: item, before: items[number + 1].lowerBound)
      {
        content.append(.text(separator))
      }
    }
    content += gap(after: previous, before: closer)
    return .group([.nest(LayoutBuilder.step, content), .hard(blank: false), end], orBroken: true)
  }

  /// The statements of a `def`; the changes of a scenario or the attributes of a metric, each with its comma.
  private func bodyItems(_ opener: Int, _ inside: Range<Int>) -> (items: [Range<Int>], areStatements: Bool) {
    var head = opener
    while head > 0, ![.endOfLine, .leftBrace].contains(tokens[head - 1].kind) { head -= 1 }
    if isWord(head, "def") { return (statements(from: inside.lowerBound, to: inside.upperBound), true) }
    var items: [Range<Int>] = []
    var start = inside.lowerBound
    var index = start
    func finish(_ end: Int) { if end > start { items.append(start..<end) } }
    while index < inside.upperBound {
      switch tokens[index].kind {
      case .endOfLine:
        finish(index)
        start = index + 1
      case .comma:
        finish(index + 1)
        start = index + 1
      case .name where attributes.contains(tokens[index].span.start):
        finish(index)
        start = index
      default: break
      }
      index = next(index, before: inside.upperBound)
    }
    finish(inside.upperBound)
    return (items, false)
  }
}
