import ErpqBase
import ErpqDiagnostics

/// Where an expression stands, which decides what ends it.
enum ExpressionPlace {
  case plain
  /// Between the words of a command: `-` with a space before and none after begins a new argument.
  case argument
}

extension Parser {
  /// Reads an expression whose operators bind at `minimum` or tighter (the grammar's Pratt table).
  mutating func expression(_ minimum: Int, in place: ExpressionPlace = .plain) throws(Bail) -> Expr {
    try descend()
    let around = chain
    chain = 0
    defer {
      depth -= 1
      chain = max(around, chain)
    }
    var left = try prefix(in: place)
    while let (op, power, length) = infix(place) {
      guard power >= minimum else { break }
      // Operators to the left nest without a bracket, and what walks the tree has only so much stack.
      chain += 1
      if chain > Parser.chainLimit {
        if !reportedDepth { report(.tooLong(Parser.chainLimit, token.span)) }
        reportedDepth = true
        throw Bail()
      }
      left = try infixTail(left, op, power, length, place)
    }
    return left
  }

  private enum Infix {
    case binary(BinaryOperator)
    case isNull, between(negated: Bool)
    /// A `%` meant as `mod`, a `<>` meant as `!=`, a `==` meant as `=`.
    case slip(BinaryOperator, String)
  }

  /// The operator at hand: what it is, how tightly it binds, and of how many tokens it consists.
  private func infix(_ place: ExpressionPlace) -> (Infix, Int, Int)? {
    switch token.kind {
    case .equal: return (.binary(.equal), 40, 1)
    case .doubleEqual: return (.slip(.equal, "="), 40, 1)
    case .notEqual: return (.binary(.notEqual), 40, 1)
    case .angleNotEqual: return (.slip(.notEqual, "!="), 40, 1)
    case .less: return (.binary(.less), 40, 1)
    case .lessEqual: return (.binary(.lessOrEqual), 40, 1)
    case .greater: return (.binary(.greater), 40, 1)
    case .greaterEqual: return (.binary(.greaterOrEqual), 40, 1)
    case .dotDot: return (.binary(.range), 45, 1)
    case .coalesce: return (.binary(.coalesce), 48, 1)
    case .plus, .minus:
      if place == .argument, !token.touchesPrevious, token(ahead: 1).touchesPrevious { return nil }
      return (.binary(token.kind == .plus ? .add : .subtract), 50, 1)
    case .star: return (.binary(.multiply), 60, 1)
    case .slash: return (.binary(.divide), 60, 1)
    case .percentSign: return (.slip(.modulo, "mod"), 60, 1)
    case .name: return infixWord()
    default: return nil
    }
  }

  private func infixWord() -> (Infix, Int, Int)? {
    guard token.span.length <= 8 else { return nil }
    switch text(token) {
    case "or": return (.binary(.or), 10, 1)
    case "and": return (.binary(.and), 20, 1)
    case "in": return (.binary(.isIn), 40, 1)
    case "like": return (.binary(.like), 40, 1)
    case "contains": return (.binary(.contains), 40, 1)
    case "matches": return (.binary(.matches), 40, 1)
    case "is": return (.isNull, 40, 1)
    case "between": return (.between(negated: false), 40, 1)
    case "mod": return (.binary(.modulo), 60, 1)
    case "not":
      let next = token(ahead: 1)
      guard next.kind == .name else { return nil }
      switch text(next) {
      case "in": return (.binary(.notIn), 40, 2)
      case "like": return (.binary(.notLike), 40, 2)
      case "contains": return (.binary(.notContains), 40, 2)
      case "matches": return (.binary(.notMatches), 40, 2)
      case "between": return (.between(negated: true), 40, 2)
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func infixTail(
    _ left: Expr, _ op: Infix, _ power: Int, _ length: Int, _ place: ExpressionPlace
  ) throws(Bail) -> Expr {
    let opToken = token
    for _ in 0..<length { advance() }
    let opSpan = SourceSpan(opToken.span.start, previousEnd)
    let result: Expr
    switch op {
    case .isNull:
      let negated = acceptWord("not")
      if !acceptWord("null") {
        throw fail("`null`", notes: ["`is` only asks for null; two values are compared with `=`"])
      }
      result = Expr(kind: .isNull(left, negated: negated), span: SourceSpan(left.span.start, previousEnd))
    case .between(let negated):
      let low = try expression(45, in: place)
      try expectWord("and", "`and` with the upper bound")
      let high = try expression(45, in: place)
      result = Expr(
        kind: .between(left, low, high, negated: negated), span: SourceSpan(left.span.start, previousEnd))
    case .slip(let binary, let right):
      reportSlip(text(opToken), right, opToken.span)
      result = try binaryTail(left, binary, opSpan, power, place)
    case .binary(let binary):
      result = try binaryTail(left, binary, opSpan, power, place)
    }
    if power == 40, let (_, next, _) = infix(place), next == 40 {
      report(.chainedComparison(token.span))
      throw Bail()
    }
    return result
  }

  private mutating func binaryTail(
    _ left: Expr, _ op: BinaryOperator, _ span: SourceSpan, _ power: Int, _ place: ExpressionPlace
  ) throws(Bail) -> Expr {
    // `..` does not chain either; the others associate to the left.
    let right = try expression(power + 1, in: place)
    return Expr(kind: .binary(op, span, left, right), span: left.span.union(right.span))
  }

  private mutating func reportSlip(_ written: String, _ right: String, _ span: SourceSpan) {
    let what = ["==": "equality", "<>": "inequality", "%": "the remainder"][written] ?? "this"
    var diagnostic = Diagnostic.foreign(
      "\(what) is written `\(right)` here", span, label: "write `\(right)`",
      fix: .replace(span, with: written == "%" ? " mod " : right, "write `\(right)`"))
    if written == "==" { diagnostic.severity = .warning }
    report(diagnostic)
  }

  // MARK: Prefixes

  mutating func prefix(in place: ExpressionPlace = .plain) throws(Bail) -> Expr {
    let start = token
    switch start.kind {
    case .int, .float, .percent, .duration, .money, .date, .period: return try numeral()
    case .string: return try stringLiteral()
    case .rawString:
      advance()
      let inner = source.slice(SourceSpan(start.span.start + 1, start.span.end - 1))
      return Expr(kind: .string(inner), span: start.span)
    case .variable:
      advance()
      return Expr(kind: .variable(String(text(start).dropFirst())), span: start.span)
    case .minus:
      roles.signs.append(start.span.start)
      advance()
      let operand = try expression(70, in: place)
      // The smallest Int64 has no positive counterpart; it is read in one piece by `numeral`.
      return Expr(kind: .negate(operand), span: start.span.union(operand.span))
    case .plus:
      report(
        .foreign(
          "a `+` in front of a value says nothing", start.span, label: "leave it out",
          fix: .replace(start.span, with: "", "remove it")))
      advance()
      return try expression(70, in: place)
    case .dot where token(ahead: 1).kind == .int && token(ahead: 1).touchesPrevious:
      let digits = quotable(text(token(ahead: 1)))
      report(
        Diagnostic(
          .badNumber, "a number begins with a digit", at: start.span, label: "write `0.\(digits)`",
          fixes: [.insert("0", at: start.span.start, "write `0.\(digits)`")]))
      throw Bail()
    case .leftParen: return try parenthesized()
    case .leftBracket: return try list()
    case .name: return try word()
    case .leftBrace:
      throw fail("a value", notes: ["braces only hold the body of a `def`, `metric` or `scenario`"])
    default: throw fail("a value")
    }
  }

  private mutating func word() throws(Bail) -> Expr {
    let start = token
    let written = text(start)
    func simple(_ kind: Expr.Kind) -> Expr { Expr(kind: kind, span: start.span) }
    switch written {
    case "true", "false":
      advance()
      return simple(.bool(written == "true"))
    case "null":
      advance()
      return simple(.null)
    case "today":
      advance()
      return simple(.today)
    case "now":
      advance()
      return simple(.now)
    case "True", "False", "None":
      let right = written == "None" ? "null" : written.lowercased()
      report(
        .foreign(
          "this value is written `\(right)` here", start.span, label: "write `\(right)`",
          fix: .replace(start.span, with: right)))
      advance()
      return simple(right == "null" ? .null : .bool(right == "true"))
    case "not":
      advance()
      let operand = try expression(30)
      return Expr(kind: .not(operand), span: start.span.union(operand.span))
    case "if": return try conditional()
    default: break
    }
    if hardWords.contains(written) { throw fail("a value") }
    let path = try self.path("a value")
    if token.kind == .leftParen, token.touchesPrevious { return try call(path) }
    return Expr(kind: .path(path), span: path.span)
  }

  private mutating func conditional() throws(Bail) -> Expr {
    let start = advance()
    if token.kind == .leftParen, token.touchesPrevious, hasComma() { return try spreadsheetIf(start.span) }
    let condition = try expression(0)
    try expectWord("then", "`then`")
    let yes = try expression(0)
    guard acceptWord("else") else {
      throw fail("`else`", notes: ["every `if` has an `else`; write `else null` for nothing"])
    }
    let no = try expression(0)
    return Expr(kind: .conditional(condition, yes, no), span: start.span.union(no.span))
  }

  /// `if(condition, a, b)`, as spreadsheets write it.
  private mutating func spreadsheetIf(_ start: SourceSpan) throws(Bail) -> Expr {
    let opener = advance()
    var parts = [try expression(0)]
    while parts.count < 3, accept(.comma) { parts.append(try expression(0)) }
    try close(.rightParen, opener: opener)
    let span = SourceSpan(start.start, previousEnd)
    let no = parts.count > 2 ? parts[2] : Expr(kind: .null, span: span)
    let words = parts.map { source.slice($0.span) }
    let written = "if \(words[0]) then \(words[1]) else \(words.count > 2 ? words[2] : "null")"
    report(
      .foreign(
        "`if` is followed by `then` and `else`, without commas", span, label: "write `\(written)`",
        fix: .replace(span, with: written)))
    return Expr(kind: .conditional(parts[0], parts[1], no), span: span)
  }

  /// Whether a comma stands between the parenthesis at hand and the one that closes it.
  private func hasComma() -> Bool {
    var depth = 0
    for ahead in 0... {
      switch token(ahead: ahead).kind {
      case .leftParen, .leftBracket, .leftBrace: depth += 1
      case .rightParen, .rightBracket, .rightBrace: depth -= 1
      case .comma where depth == 1: return true
      case .endOfInput: return false
      default: break
      }
      if depth == 0 { return false }
    }
    return false
  }

  private mutating func call(_ function: Path) throws(Bail) -> Expr {
    let opener = advance()
    var arguments: [Expr] = []
    if token.kind == .star, token(ahead: 1).kind == .rightParen {
      report(
        .foreign(
          "all rows are meant when nothing is in the brackets", token.span, label: "leave out the `*`",
          fix: .replace(token.span, with: "", "write `\(quotable(function.text))()`")))
      advance()
    }
    while token.kind != .rightParen, !atEnd {
      arguments.append(try expression(0))
      if !accept(.comma) { break }
    }
    try close(.rightParen, opener: opener)
    var window: Call.Window?
    if atWord("over") {
      let start = advance().span.start
      var frame: Expr?
      // As tight as a sign, so that `amount - avg(amount) over all * 2` and `sum(x) over 7 - y` read as they look.
      if !atWord("by") { frame = try expression(70) }
      var partition: [Path] = []
      if acceptWord("by") {
        if token.kind == .leftBracket {
          let bracket = advance()
          partition = try paths("a column")
          try close(.rightBracket, opener: bracket)
        } else {
          partition = [try path("a column")]
        }
      }
      window = Call.Window(frame: frame, partition: partition, span: SourceSpan(start, previousEnd))
    }
    return Expr(
      kind: .call(Call(function: function, arguments: arguments, window: window)),
      span: SourceSpan(function.span.start, previousEnd))
  }

  private mutating func list() throws(Bail) -> Expr {
    try descend()
    defer { depth -= 1 }
    let opener = advance()
    var items: [Expr] = []
    while token.kind != .rightBracket, !atEnd {
      items.append(try expression(0))
      if !accept(.comma) { break }
    }
    try close(.rightBracket, opener: opener)
    return Expr(kind: .list(items), span: SourceSpan(opener.span.start, previousEnd))
  }

  /// `(` expression `)` or `(` query `)`; see the rule in the grammar.
  private mutating func parenthesized() throws(Bail) -> Expr {
    try descend()
    defer { depth -= 1 }
    let opener = advance()
    func whole() -> SourceSpan { SourceSpan(opener.span.start, previousEnd) }
    if opensQuery() {
      let query = try self.query()
      try close(.rightParen, opener: opener)
      return Expr(kind: .query(query), span: whole())
    }
    let first = try expression(0)
    if token.kind == .pipe || atWord("where") {
      let query = try queryTail(source(of: first), from: first.span.start)
      try close(.rightParen, opener: opener)
      return Expr(kind: .query(query), span: whole())
    }
    if token.kind == .comma {
      var items = [first]
      while accept(.comma), token.kind != .rightParen { items.append(try expression(0)) }
      try close(.rightParen, opener: opener)
      let written = whole().length > 60 ? "[…]" : "[\(source.slice(whole()).dropFirst().dropLast())]"
      report(
        .foreign(
          "a list is written in square brackets", whole(), label: "write `\(written)`",
          fix: Fix(
            "write `\(written)`",
            [
              .init(opener.span, "["), .init(SourceSpan(previousEnd - 1, previousEnd), "]"),
            ])))
      return Expr(kind: .list(items), span: whole())
    }
    try close(.rightParen, opener: opener)
    return Expr(kind: .group(first), span: whole())
  }

  /// After `(`: a path and then an atom that does not touch it means a command with arguments.
  private func opensQuery() -> Bool {
    guard token.kind == .name, !isHard(token) else { return false }
    var ahead = 1
    while token(ahead: ahead).kind == .dot, token(ahead: ahead).touchesPrevious,
      token(ahead: ahead + 1).kind == .name, token(ahead: ahead + 1).touchesPrevious
    {
      ahead += 2
    }
    let next = token(ahead: ahead)
    if next.touchesPrevious { return false }
    switch next.kind {
    case .int, .float, .percent, .duration, .money, .date, .period, .string, .rawString, .variable,
      .leftParen,
      .leftBracket:
      return true
    case .name:
      let word = text(next)
      return !hardWords.contains(word) || ["true", "false", "null", "today", "now"].contains(word)
    default: return false
    }
  }
}
