import ErpqBase
import ErpqDiagnostics

/// The stages of the grammar, for completion and did-you-mean.
public let stageWords = [
  "where", "select", "extend", "rename", "drop", "distinct", "fill", "sort", "limit", "sample", "top",
  "dense",
  "summarize", "pivot", "join", "union", "whatif", "scenarios", "diff", "accuracy", "why", "plot",
  "sparkline", "bars", "totals",
  "export", "tee", "save", "assert", "describe",
]

extension Parser {
  /// `| stage | stage …`; a broken stage becomes an error stage and the next one is read.
  mutating func stages() -> [Stage] {
    var list: [Stage] = []
    while token.kind == .pipe {
      advance()
      let start = token
      let outer = nesting
      let word = Name(text: start.kind == .name ? text(start) : "", span: start.span, isQuoted: false)
      var kind: Stage.Kind
      do {
        kind = try stage()
        // Whatever still stands before the next `|` belongs to nothing.
        if token.kind != .pipe, !atEnd { throw leftover(in: word.text) }
      } catch {
        skipToStageEnd(outer)
        kind = .error
      }
      list.append(
        Stage(kind: kind, span: SourceSpan(start.span.start, max(start.span.start, previousEnd)), word: word))
    }
    return list
  }

  /// Reports what stands behind a stage that is complete.
  private mutating func leftover(in stage: String) -> Bail {
    let previous = p > 0 ? tokens[p - 1] : token
    if token.kind == .dot, token.touchesPrevious, previous.kind == .int {
      report(
        Diagnostic(
          .badNumber, "a number needs a digit behind its dot", at: token.span,
          label: "write `\(quotable(text(previous))).0`",
          fixes: [.insert("0", at: token.span.end, "write `\(quotable(text(previous))).0`")]))
      return Bail()
    }
    if isWord(previous, "by"), p > 1, tokens[p - 2].kind == .comma,
      Parser.words[stage]?.contains("by") == true
    {
      report(
        .foreign(
          "no comma stands before `by`", tokens[p - 2].span, label: "leave it out",
          fix: .replace(tokens[p - 2].span, with: "", "remove the comma")))
      return Bail()
    }
    // `… to "file.csv"`: `to` itself may have been read as the name of a column.
    if let to = isWord(previous, "to") && isText(token)
      ? previous.span : isWord(token, "to") && isText(token(ahead: 1)) ? token.span : nil
    {
      report(
        .foreign(
          "rows are written to a file by a stage of their own, `export`", to, label: "write `| export`",
          fix: .replace(to, with: "| export", "write `| export`")))
      return Bail()
    }
    if token.kind == .name, token.span.length > 1 {
      let near = nearest(to: text(token), among: Parser.words[stage] ?? [], count: 2)
      if !near.isEmpty {
        report(
          Diagnostic(
            .expected, "\(describe(token)) does not fit here", at: token.span,
            label: "did you mean \(listed(near, quoting: "`"))?",
            fixes: near.map { .replace(token.span, with: $0) }))
        return Bail()
      }
    }
    if token.kind == .colon, token(ahead: 1).kind == .equal {
      let span = token.span.union(token(ahead: 1).span)
      report(
        .foreign("a column is named with `=` here", span, label: "write `=`", fix: .replace(span, with: "=")))
      return Bail()
    }
    let lists = [
      "select", "extend", "summarize", "sort", "drop", "distinct", "sparkline", "bars", "totals", "rename",
    ]
    if stage == "where" { return fail("an operator such as `=`, `|` or the end of the line") }
    guard lists.contains(stage), token.kind != .comma else { return fail("`|` or the end of the line") }
    return fail("`,`, `|` or the end of the line")
  }

  private func isText(_ token: Token) -> Bool { token.kind == .string || token.kind == .rawString }

  /// The words that stages ask for behind their values, for did-you-mean.
  private static let words: [String: [String]] = [
    "fill": ["with"], "sort": ["asc", "desc", "nulls"], "sample": ["seed"], "top": ["by", "asc", "desc"],
    "dense": ["by"],
    "summarize": ["by"], "join": ["on"], "whatif": ["step"], "accuracy": ["by"],
    "plot": ["vs", "by", "to", "title", "width", "height", "mark", "panels", "free"],
  ]

  private mutating func stage() throws(Bail) -> Stage.Kind {
    guard token.kind == .name else {
      if token.kind == .pipe, token.touchesPrevious {
        let both = SourceSpan(token.span.start - 1, token.span.end)
        report(
          .foreign(
            "`||` is not part of the language", both, label: "write `or`",
            fix: .replace(both, with: " or ", "write `or`")))
        throw Bail()
      }
      throw fail(
        "a stage",
        notes: ["stages are `where select summarize sort plot export …`; `help stages` lists them"]
      )
    }
    let word = text(token)
    if word == "where" {
      advance()
      return .filter(try expression(0))
    }
    if hardWords.contains(word) { throw fail("a stage") }
    if word == "summarize", [.endOfLine, .endOfInput, .pipe].contains(token(ahead: 1).kind) {
      advance()
      throw fail("something to compute, such as `n = count()`")
    }
    if !stageWords.contains(word) {
      let outer = nesting
      let name = try path("a stage")
      if token.kind == .leftParen, token.touchesPrevious {
        report(
          .foreign(
            "a stage takes its arguments without brackets", SourceSpan(name.span.start, token.span.end),
            label: "write `\(quotable(name.text)) …`",
            fix: .replace(token.span, with: " (", "put a space before `(`")))
        skipToStageEnd(outer)
        return .named(name, [.value(Expr(kind: .error, span: name.span))])
      }
      // What does not fit behind a misspelt word would fit behind the right one: the binder knows all the words,
      // and drops what is said here about an unknown one.
      var found: [Argument]?
      do { found = try arguments(after: name) } catch { skipToStageEnd(outer) }
      return .named(name, found ?? [.value(Expr(kind: .error, span: name.span))])
    }
    advance()
    switch word {
    case "select": return .select(try items())
    case "extend": return .extend(try items())
    case "rename": return .rename(try renames())
    case "drop": return .drop(try paths("a column"))
    case "distinct": return .distinct(token.kind == .name ? try paths("a column") : [])
    case "fill":
      let columns = try paths("a column")
      return .fill(columns, acceptWord("with") ? try expression(0) : nil)
    case "sort": return .sort(try sortItems())
    case "limit": return .limit(try expression(0))
    case "sample": return try sample()
    case "top": return try top()
    case "dense":
      let column = try name("the date column to fill")
      return .dense(column, by: acceptWord("by") ? try paths("a column") : [])
    case "summarize":
      let list = atWord("by") ? [] : try items()
      return .summarize(list, by: acceptWord("by") ? try items() : [])
    case "pivot":
      let rows = try expression(0)
      try expectWord("by", "`by` and what gives the columns")
      let columns = try expression(0)
      try expectWord("value", "`value` and what fills the cells, such as `value sum(amount)`")
      return .pivot(rows, by: columns, value: try expression(0))
    case "join": return try join()
    case "union": return .union(try tableReference())
    case "whatif": return .whatif(try sweeps())
    case "scenarios":
      var names = [try name("a scenario")]
      while accept(.comma) { names.append(try name("a scenario")) }
      return .scenarios(names)
    case "diff": return .diff(try name("`scenario`"))
    case "accuracy": return .accuracy(by: acceptWord("by") ? try paths("a column") : [])
    case "why": return .why(atEnd || token.kind == .pipe ? nil : try expression(0))
    case "plot": return .plot(try plot())
    case "sparkline": return .sparkline(try paths("a column"))
    case "bars": return .bars(try paths("a column"))
    case "totals": return .totals(token.kind == .name ? try paths("a column") : [])
    case "export":
      var format: FormatWord?
      if token.kind == .name, let word = FormatWord(rawValue: text(token)) {
        format = word
        advance()
      }
      let target = try expression(45, in: .argument)
      return .export(format, target, try arguments(after: headPath("export")))
    case "tee":
      let target = try expression(45, in: .argument)
      return .tee(target, try arguments(after: headPath("tee")))
    case "save":
      try expectWord("as", "`as` and a name")
      return .save(try name("the table's name"))
    case "assert": return try assertion()
    case "describe": return .describe
    default: throw fail("a stage")
    }
  }

  private func headPath(_ word: String) -> Path {
    let span = SourceSpan(previousEnd, previousEnd)
    return Path(names: [Name(text: word, span: span, isQuoted: false)], span: span)
  }

  mutating func items() throws(Bail) -> [Item] {
    var list = [try item()]
    while accept(.comma) { list.append(try item()) }
    return list
  }

  mutating func item() throws(Bail) -> Item {
    if token.kind == .star {
      report(
        Diagnostic(
          .foreignSyntax, "all columns are there without `*`", at: token.span,
          label: "`extend` adds columns, `drop` removes some, `count()` counts rows"))
      throw Bail()
    }
    if isHard(token), token(ahead: 1).kind == .equal { _ = try name("the new column's name") }
    let start = token.span.start
    let item = try plainItem()
    guard item.name == nil, atWord("as"), token(ahead: 1).kind == .name else { return item }
    let name = text(token(ahead: 1))
    let span = SourceSpan(token.span.start, token(ahead: 1).span.end)
    report(
      .foreign(
        "a new name stands before its value", span, label: "write `\(quotable(name)) = …`",
        fix: Fix(
          "write `\(quotable(name)) = …`",
          [.init(SourceSpan(start, start), name + " = "), .init(SourceSpan(previousEnd, span.end), "")])))
    advance()
    advance()
    return item
  }

  private mutating func plainItem() throws(Bail) -> Item {
    if token.kind == .name, !isHard(token), token(ahead: 1).kind == .equal {
      let name = nameValue(advance())
      advance()
      return Item(name: name, value: try expression(0))
    }
    return Item(name: nil, value: try expression(0))
  }

  private mutating func renames() throws(Bail) -> [(new: Name, old: Path)] {
    var list: [(new: Name, old: Path)] = []
    repeat {
      let new = try name("the new name")
      guard accept(.equal) else { throw fail("`=` and the old name", notes: ["`rename new = old`"]) }
      list.append((new, try path("the old name")))
    } while accept(.comma)
    return list
  }

  private mutating func sortItems() throws(Bail) -> [SortItem] {
    var list: [SortItem] = []
    repeat {
      try sortSlip()
      let value = try expression(0)
      var descending = false
      if acceptWord("desc") { descending = true } else { _ = acceptWord("asc") }
      for (long, short) in [("descending", "desc"), ("ascending", "asc")]
      where token.kind == .name && text(token) == long {
        report(
          .foreign(
            "the direction is written in short", token.span, label: "write `\(short)`",
            fix: .replace(token.span, with: short)))
        descending = short == "desc"
        advance()
      }
      var nullsFirst: Bool?
      if acceptWord("nulls") {
        if acceptWord("first") {
          nullsFirst = true
        } else {
          try expectWord("last", "`first` or `last`")
          nullsFirst = false
        }
      }
      list.append(SortItem(value: value, descending: descending, nullsFirst: nullsFirst))
    } while accept(.comma)
    return list
  }

  /// `sort by amount`; a column called `by` may stand alone.
  private mutating func sortSlip() throws(Bail) {
    guard atWord("by"), token(ahead: 1).kind == .name,
      !["asc", "desc", "nulls"].contains(text(token(ahead: 1)))
    else {
      return
    }
    report(
      .foreign(
        "`sort` takes its columns without `by`", token.span, label: "leave `by` out",
        fix: .replace(SourceSpan(token.span.start, token(ahead: 1).span.start), with: "", "remove `by`")))
    advance()
  }

  private mutating func sample() throws(Bail) -> Stage.Kind {
    let count = try expression(0)
    var seed: Int64?
    if acceptWord("seed") {
      guard token.kind == .int else { throw fail("a whole number") }
      if case .int(let value) = try numeral().kind { seed = value } else { throw Bail() }
    }
    return .sample(count, seed: seed)
  }

  private mutating func top() throws(Bail) -> Stage.Kind {
    let count = try expression(0)
    try expectWord("by", "`by` and what to rank by")
    let by = try expression(0)
    var ascending = false
    if acceptWord("asc") { ascending = true } else { _ = acceptWord("desc") }
    return .top(count, by: by, ascending: ascending)
  }

  private mutating func join() throws(Bail) -> Stage.Kind {
    var kind = JoinWord.inner
    if token.kind == .name, let word = JoinWord(rawValue: text(token)) {
      kind = word
      advance()
    }
    let other = try tableReference()
    var keys: [Expr] = []
    if acceptWord("on") {
      repeat { keys.append(try expression(0)) } while accept(.comma)
    }
    return .join(kind, other, on: keys)
  }

  /// `$var`, a command's name, or a query in brackets.
  private mutating func tableReference() throws(Bail) -> TableReference {
    switch token.kind {
    case .variable:
      let t = advance()
      return .variable(Name(text: String(text(t).dropFirst()), span: t.span, isQuoted: false))
    case .leftParen:
      try descend()
      defer { depth -= 1 }
      let opener = advance()
      let query = try self.query()
      try close(.rightParen, opener: opener)
      return .query(query)
    case .name where !isHard(token): return .command(try path("a table"))
    default:
      throw fail(
        "a table", notes: ["a table is `$name`, a relation such as `products`, or a query in brackets"])
    }
  }

  private mutating func sweeps() throws(Bail) -> [Stage.Sweep] {
    var list: [Stage.Sweep] = []
    repeat {
      let isVariable = token.kind == .variable
      let swept: Name
      if isVariable {
        let t = advance()
        swept = Name(text: String(text(t).dropFirst()), span: t.span, isQuoted: false)
      } else {
        swept = try name("a parameter to vary")
      }
      try expectWord("in", "`in` and the values")
      let values = try expression(45)
      let step = acceptWord("step") ? try expression(45) : nil
      list.append(Stage.Sweep(name: swept, isVariable: isVariable, values: values, step: step))
    } while accept(.comma)
    return list
  }

  private static let plotWords: Set<String> = [
    "vs", "by", "to", "title", "width", "height", "mark", "panels",
  ]

  private func atPlotWord() -> Bool { token.kind == .name && Parser.plotWords.contains(text(token)) }

  private mutating func plot() throws(Bail) -> Stage.Plot {
    var plot = Stage.Plot(chart: nil, measures: [], versus: nil, by: nil, options: [])
    if token.kind == .name, let chart = ChartWord(rawValue: text(token)) {
      plot.chart = chart
      advance()
    }
    if !atEnd, token.kind != .pipe, !atPlotWord() {
      repeat { plot.measures.append(try expression(0)) } while accept(.comma)
    }
    if acceptWord("vs") { plot.versus = try expression(0) }
    if acceptWord("by") { plot.by = try expression(0) }
    while true {
      if acceptWord("mark") {
        repeat { plot.marks.append(try expression(0)) } while accept(.comma)
      } else if acceptWord("panels") {
        plot.panels = acceptWord("free") ? .free : .shared
      } else if token.kind == .name, ["to", "title", "width", "height"].contains(text(token)) {
        let name = nameValue(advance())
        plot.options.append((name, try expression(0)))
      } else {
        return plot
      }
    }
  }

  private mutating func assertion() throws(Bail) -> Stage.Kind {
    var quantifier = Stage.Quantifier.all
    if token.kind == .name, let word = Stage.Quantifier(rawValue: text(token)) {
      quantifier = word
      advance()
    }
    let condition = try expression(0)
    let message = accept(.comma) ? try expression(0) : nil
    return .assert(quantifier, condition, message: message)
  }
}
