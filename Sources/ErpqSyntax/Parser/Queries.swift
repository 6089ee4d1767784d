import ErpqBase
import ErpqDiagnostics

extension Parser {
  /// A query: a source with its filter and stages, or bare stages.
  mutating func query() throws(Bail) -> Query {
    try descend()
    defer { depth -= 1 }
    let start = token.span.start
    if token.kind == .pipe {
      return Query(source: nil, filter: nil, stages: stages(), span: SourceSpan(start, previousEnd))
    }
    let source: Source
    if atWord("where") {
      throw fail(
        "a source, such as `sales`", notes: ["a condition filters something: `sales where amount > 3`"])
    }
    if token.kind == .endOfLine || token.kind == .endOfInput {
      throw fail("a source such as `sales`, or a value")
    }
    if token.kind == .name, !isHard(token), let command = try command() {
      source = .command(command)
    } else {
      source = self.source(of: try expression(0))
    }
    return try queryTail(source, from: start)
  }

  /// What an expression in the place of a source means: a bracketed query stays one.
  func source(of expression: Expr) -> Source {
    if case .path(let path) = expression.kind {
      return .command(Command(head: path, arguments: [], span: expression.span))
    }
    return .expression(expression)
  }

  mutating func queryTail(_ source: Source, from start: Int) throws(Bail) -> Query {
    var filter: Expr?
    if atWord("where") {
      advance()
      filter = try filterExpression()
      while atWord("where") {
        report(
          .foreign(
            "a second condition is a stage of its own", token.span, label: "write `| where`",
            fix: .insert("| ", at: token.span.start, "write `| where`")))
        advance()
        _ = try filterExpression()
      }
    }
    let stages = token.kind == .pipe ? self.stages() : []
    return Query(source: source, filter: filter, stages: stages, span: SourceSpan(start, previousEnd))
  }

  /// The condition behind a source; an error in it leaves the stages readable.
  private mutating func filterExpression() throws(Bail) -> Expr {
    let outer = nesting
    do {
      return try expression(0)
    } catch {
      let start = token.span.start
      skipToStageEnd(outer)
      if token.kind != .pipe { throw error }
      return Expr(kind: .error, span: SourceSpan(start, previousEnd))
    }
  }

  /// A command, or nil when the path at hand is touched by `(` and so is a call.
  private mutating func command() throws(Bail) -> Command? {
    let saved = (p, steps)
    let outer = nesting
    let startsStatement = p == 0 || tokens[p - 1].kind == .endOfLine
    let head = try path("a command")
    if token.kind == .leftParen, token.touchesPrevious {
      (p, steps) = saved
      steps += 1
      return nil
    }
    if startsStatement, token.kind == .equal, head.names.count == 1 {
      report(
        Diagnostic(
          .parameterEquals, "a variable is given a value with `let`", at: head.span,
          label: "write `let` before it",
          fixes: [.insert("let ", at: head.span.start, "write `let \(quotable(head.text)) = …`")]))
      throw Bail()
    }
    do {
      let arguments = try self.arguments(after: head)
      return Command(head: head, arguments: arguments, span: SourceSpan(head.span.start, previousEnd))
    } catch {
      skipToStageEnd(outer)
      if token.kind != .pipe { throw error }
      return Command(
        head: head, arguments: [.value(Expr(kind: .error, span: head.span))],
        span: SourceSpan(head.span.start, previousEnd))
    }
  }

  /// The flat list of atoms behind a command or a named stage.
  mutating func arguments(after head: Path) throws(Bail) -> [Argument] {
    var list: [Argument] = []
    while true {
      switch token.kind {
      case .endOfLine, .endOfInput, .pipe, .rightParen, .rightBracket, .rightBrace: return list
      case .comma: try commaSlip(&list)
      case .equal, .doubleEqual:
        let name = list.last?.bareWord ?? head.text
        report(
          Diagnostic(
            .parameterEquals, "parameters take no `=`", at: token.span,
            label: "a space is enough: `\(quotable(name)) …`",
            notes: ["a condition on a column begins with `where`"],
            fixes: [.replace(token.span, with: "", "remove `=`")]))
        advance()
      case .name where isHard(token):
        if try hardWordArgument(&list) { return list }
      case .star, .slash, .percentSign, .plus, .dotDot, .coalesce, .less, .lessEqual, .greater, .greaterEqual,
        .notEqual, .angleNotEqual:
        throw operatorInArguments(head, list)
      case .minus where !token(ahead: 1).touchesPrevious || list.isEmpty && token.touchesPrevious:
        throw operatorInArguments(head, list)
      default:
        // A value that must not run into the one before it.
        list.append(.value(try expression(45, in: .argument)))
      }
    }
  }

  /// A hard word among the arguments; true when it ends them.
  private mutating func hardWordArgument(_ list: inout [Argument]) throws(Bail) -> Bool {
    switch text(token) {
    case "where": return true
    case "in":
      list.append(.wordIn(token.span))
      advance()
    case "true", "false", "null", "today", "now", "if":
      list.append(.value(try expression(45, in: .argument)))
    case "and":
      report(
        .foreign(
          "parameters stand side by side, without `and`", token.span, label: "leave it out",
          fix: .replace(token.span, with: "", "remove `and`")))
      advance()
    default:
      report(conditionWithoutWhere(list, label: "no parameter is called `\(text(token))`"))
      throw Bail()
    }
    return false
  }

  /// The token at hand, among the arguments so far, is part of a condition.
  private func conditionWithoutWhere(_ list: [Argument], label: String) -> Diagnostic {
    let fix = list.last.map {
      Fix.insert("where ", at: $0.span.start, "write `where` before the condition")
    }
    return Diagnostic(
      .expected, "`\(text(token))` belongs in a condition, and a condition begins with `where`",
      at: token.span, label: label, fixes: fix.map { [$0] } ?? [])
  }

  private mutating func operatorInArguments(_ head: Path, _ list: [Argument]) -> Bail {
    let op = text(token)
    if op == "*", list.isEmpty, head.text.lowercased() == "select" {
      // SQL: `select * from sales`.
      let isWhole = text(token(ahead: 1)).lowercased() == "from" && token(ahead: 2).kind == .name
      let name = text(token(ahead: 2))
      report(
        .foreign(
          "a query begins with its source, and a source has all of its columns", head.span,
          label: "`sales`, or `sales | select date, amount`",
          fix: isWhole
            ? .replace(SourceSpan(head.span.start, token(ahead: 2).span.end), with: quotable(name)) : nil))
    } else if list.isEmpty, head.names.count == 1 {
      report(
        Diagnostic(
          .unknownName, "`\(quotable(head.text))` starts a command here, and a command takes no `\(op)`",
          at: head.span,
          label: "a variable is written `$\(quotable(head.text))`",
          notes: [
            "inside stages, as in `| extend x = \(quotable(head.text)) \(op) 2`, a bare name is a column"
          ],
          fixes: [.insert("$", at: head.span.start, "write `$\(quotable(head.text))`")]))
    } else if token.kind == .minus {
      report(
        Diagnostic(
          .expected, "an argument cannot begin with `-` and a space", at: token.span,
          label: "put the value in brackets",
          notes: ["`since today - 30d` subtracts; `offset -3` is a negative value"]))
    } else if ["<", "<=", ">", ">=", "!=", "<>"].contains(op) {
      report(conditionWithoutWhere(list, label: "arguments are only values"))
    } else {
      report(
        Diagnostic(
          .expected, "an argument cannot begin with `\(op)`", at: token.span, label: "a value was expected"))
    }
    return Bail()
  }

  /// `by category, product`: the list wants brackets.
  private mutating func commaSlip(_ list: inout [Argument]) throws(Bail) {
    let commaSpan = advance().span
    guard !atEnd, token.kind != .pipe, let previous = list.popLast(), case .value(let first) = previous else {
      report(
        Diagnostic(
          .expected, "a comma has no place here", at: commaSpan, label: "arguments are separated by spaces",
          fixes: [.replace(commaSpan, with: " ", "remove the comma")]))
      throw Bail()
    }
    var items = [first, try expression(45, in: .argument)]
    while accept(.comma), !atEnd { items.append(try expression(45, in: .argument)) }
    let span = SourceSpan(first.span.start, previousEnd)
    let written = span.length > 60 ? "[…]" : "[\(source.slice(span))]"
    report(
      .foreign(
        "several values for one parameter are a list", span, label: "write `\(written)`",
        fix: Fix(
          "write `\(written)`",
          [.init(SourceSpan(span.start, span.start), "["), .init(SourceSpan(span.end, span.end), "]")])))
    list.append(.value(Expr(kind: .list(items), span: span)))
  }
}

extension Argument {
  /// The word it is, when it is a bare one.
  public var bareWord: String? {
    if case .value(let e) = self { return e.bareName?.text }
    return nil
  }
}
