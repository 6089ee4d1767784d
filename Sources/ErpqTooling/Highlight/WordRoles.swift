import ErpqBase
import ErpqSyntax

/// Follows the grammar loosely, token by token, to tell what each word is; it never rejects anything.
struct WordRoles {
  /// What the next word would be.
  enum Place {
    case statementStart, queryStart, arguments, stageStart, expression
    /// Behind `def`, `let`, `param`, …: a name that is being declared.
    case declaration
    /// Between the braces of a metric or scenario, where a name begins an entry.
    case entries
    /// Among the words of a built-in stage.
    case stage(String)
    /// A `help` line.
    case help
  }

  private let source: SourceText
  private let tokens: [Token]
  private var place: Place
  /// The places to go back to when brackets close.
  private var outer: [(place: Place, isBrace: Bool)] = []
  private var head = ""
  /// How many brackets were open where a statement began whose `=` begins a query.
  private var queryEquals: Int?
  private var pathGoesOn: HighlightStyle?

  init(_ source: SourceText, _ tokens: [Token], place: Place) {
    self.source = source
    self.tokens = tokens
    self.place = place
  }

  private func text(_ token: Token) -> String { source.slice(token.span) }

  /// The style of a token; tokens are asked for in order.
  mutating func next(_ index: Int) -> HighlightStyle? {
    let token = tokens[index]
    if case .help = place, token.kind != .endOfLine { return token.kind == .name ? .parameter : nil }
    switch token.kind {
    case .name: return name(index)
    case .variable:
      if case .statementStart = place { place = .expression }
      if case .queryStart = place { place = .expression }
      return .variable
    case .int, .float, .percent, .duration, .money, .date, .period:
      startExpression()
      return .number
    case .dot: return .operator
    case .endOfLine:
      // A bracket that is still open was forgotten.
      while let last = outer.last, !last.isBrace { outer.removeLast() }
      if outer.isEmpty { head = "" }
      if case .entries = place {} else { place = .statementStart }
      pathGoesOn = nil
      return nil
    case .leftParen, .leftBracket:
      outer.append((place, false))
      place = opensQuery(index) ? .queryStart : .expression
      return .operator
    case .leftBrace:
      outer.append((place, true))
      place = head == "def" ? .statementStart : .entries
      return .operator
    case .rightParen, .rightBracket, .rightBrace:
      place = outer.popLast()?.place ?? place
      return .operator
    case .pipe:
      place = .stageStart
      return .operator
    case .equal:
      if queryEquals == outer.count {
        place = .queryStart
        queryEquals = nil
      } else if case .declaration = place {
        place = .expression
      }
      return .operator
    case .string, .rawString:
      startExpression()
      return .string
    case .invalid: return .error
    case .endOfInput: return nil
    default: return .operator
    }
  }

  private mutating func startExpression() {
    switch place {
    case .statementStart, .queryStart: place = .expression
    default: break
    }
  }

  private mutating func name(_ index: Int) -> HighlightStyle? {
    let token = tokens[index]
    let word = text(token)
    if let style = pathGoesOn, token.touchesPrevious, index > 0, tokens[index - 1].kind == .dot {
      if !goesOn(index) { pathGoesOn = nil }
      return style
    }
    pathGoesOn = nil
    let touchesBracket =
      index + 1 < tokens.count && tokens[index + 1].kind == .leftParen && tokens[index + 1].touchesPrevious
    if hardWords.contains(word) {
      if word == "where" { place = .expression }
      if case .statementStart = place { place = .expression }
      return .keyword
    }
    switch place {
    case .statementStart: return statement(word, index, touchesBracket)
    case .queryStart:
      if touchesBracket {
        place = .expression
        return .function
      }
      place = .arguments
      if goesOn(index) { pathGoesOn = .command }
      return .command
    case .stageStart:
      if stageWords.contains(word) {
        place = .stage(word)
      } else {
        place = .arguments
        if goesOn(index) { pathGoesOn = .stage }
      }
      return .stage
    case .declaration:
      return touchesBracket ? .function : nil
    case .entries: return .parameter
    case .arguments: return touchesBracket ? .function : .parameter
    case .stage(let stage):
      if let isLeading = WordRoles.words[stage]?[word] ?? WordRoles.anyStage[word],
        !isLeading || followsStage(index)
      {
        return .keyword
      }
      return touchesBracket ? .function : nil
    case .expression:
      if word == "over" || word == "by", !touchesBracket { return .keyword }
      return touchesBracket ? .function : nil
    case .help: return .parameter
    }
  }

  private mutating func statement(_ word: String, _ index: Int, _ touchesBracket: Bool) -> HighlightStyle {
    let next = tokens[min(index + 1, tokens.count - 1)].kind
    if word == "erpq", index == 0, next == .int {
      place = .expression
      return .keyword
    }
    guard statementWords.contains(word), !touchesBracket,
      [
        .name, .string, .rawString, .variable, .pipe, .leftParen,
        .leftBracket, .endOfInput, .endOfLine, .invalid,
      ].contains(next) || word == "help" || word == "explain"
    else {
      place = touchesBracket ? .expression : .arguments
      if touchesBracket { return .function }
      if goesOn(index) { pathGoesOn = .command }
      return .command
    }
    head = word
    queryEquals = word == "let" || word == "metric" ? outer.count : nil
    switch word {
    case "help": place = .help
    case "explain", "profile": place = .queryStart
    case "describe", "use": place = .arguments
    default: place = .declaration
    }
    return .keyword
  }

  private func goesOn(_ index: Int) -> Bool {
    index + 1 < tokens.count && tokens[index + 1].kind == .dot && tokens[index + 1].touchesPrevious
  }

  private func followsStage(_ index: Int) -> Bool { index >= 2 && tokens[index - 2].kind == .pipe }

  /// Whether a round bracket holds a query: a path in it is followed by an atom, a `|` or a `where`.
  private func opensQuery(_ index: Int) -> Bool {
    let opener = tokens[index]
    guard opener.kind == .leftParen, index + 2 < tokens.count else { return false }
    let touchesName = opener.touchesPrevious && index > 0 && tokens[index - 1].kind == .name
    if case .stage(let stage) = place, stage == "join" || stage == "union" { return true }
    if touchesName { return false }
    var ahead = index + 1
    guard tokens[ahead].kind == .name, !hardWords.contains(text(tokens[ahead])) else { return false }
    while ahead + 2 < tokens.count, tokens[ahead + 1].kind == .dot, tokens[ahead + 2].kind == .name {
      ahead += 2
    }
    let next = tokens[min(ahead + 1, tokens.count - 1)]
    switch next.kind {
    case .pipe: return true
    case .int, .float, .percent, .duration, .money, .date, .period, .string, .rawString, .variable,
      .leftParen,
      .leftBracket:
      return !next.touchesPrevious
    case .name: return text(next) == "where" || !hardWords.contains(text(next))
    default: return false
    }
  }

  /// The words that each stage asks for; true when only right behind the stage's own word.
  private static let words: [String: [String: Bool]] = [
    "fill": ["with": false],
    "sort": ["asc": false, "desc": false, "nulls": false, "first": false, "last": false],
    "sample": ["seed": false], "top": ["by": false, "asc": false, "desc": false], "dense": ["by": false],
    "accuracy": ["by": false], "summarize": ["by": false], "pivot": ["by": false, "value": false],
    "join": ["on": false].merging(JoinWord.allCases.map { ($0.rawValue, true) }) { $1 },
    "whatif": ["step": false],
    "plot": [
      "vs": false, "by": false, "to": false, "title": false, "width": false, "height": false, "mark": false,
      "panels": false, "free": false,
    ]
    .merging(ChartWord.allCases.map { ($0.rawValue, true) }) { $1 },
    "export": Dictionary(uniqueKeysWithValues: FormatWord.allCases.map { ($0.rawValue, true) }),
    "save": ["as": false], "assert": ["all": true, "any": true, "none": true],
  ]

  /// The words of windows, which any expression may hold.
  private static let anyStage: [String: Bool] = ["over": false, "by": false]
}
