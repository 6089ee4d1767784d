import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Stages that show, write or check the rows and hand them on.
extension Binder {
  /// The parameters of `export` and `tee`.
  public static let exportParameters = [
    ParameterSpec("delimiter", .value(.text), default: .text(","), "what separates the fields of a csv file"),
    ParameterSpec(
      "decimal", .value(.text), default: .text("."), "the decimal mark of a csv file: \".\" or \",\""),
    ParameterSpec("bom", .flag, "begin a csv file with a byte order mark, for spreadsheets"),
    ParameterSpec("totals", .flag, "write a row of totals below the rows (csv md html xlsx)"),
  ]

  mutating func plot(_ plot: Stage.Plot, _ input: Schema, _ rows: Scope) -> Bound? {
    func label(_ e: Expr) -> String { impliedName(e) ?? source.slice(e.span) }
    var bound = BoundPlot(chart: plot.chart, measures: [], versus: nil, by: nil, options: [:])
    for measure in plot.measures {
      // `plot pie`: a chart that is none reads as a column.
      if let word = measure.bareName, !word.isQuoted, input[word.text] == nil, !input.isOpen,
        plot.chart == nil,
        plot.measures.count == 1
      {
        var diagnostic = unknownColumn(word, in: input, rows)
        if diagnostic.fixes.isEmpty {
          diagnostic.notes.insert("charts are " + listed(ChartWord.allCases.map(\.rawValue), "and"), at: 0)
        }
        report(diagnostic)
        continue
      }
      let e = bind(measure, scope: rows)
      if !e.isBroken, !(e.type.isNumeric || e.type.isDuration || e.type == .unknown) {
        report(.wrongType("`plot`", wanted: "a number to draw", found: e.type.spoken, measure.span))
      }
      bound.measures.append((label(measure), e))
    }
    if let versus = plot.versus { bound.versus = (label(versus), bind(versus, scope: rows)) }
    if let by = plot.by { bound.by = (label(by), bind(by, scope: rows)) }
    bound.panels = plot.panels
    for mark in plot.marks {
      let e = bind(mark, scope: rows)
      if !e.isBroken, !(e.type.isNumeric || e.type.isDuration || e.type == .unknown) {
        report(.wrongType("`mark`", wanted: "a number to mark", found: e.type.spoken, mark.span))
      }
      bound.marks.append((label(mark), e))
    }
    for (name, value) in plot.options {
      let isText = name.text == "to" || name.text == "title"
      let e = bind(value, scope: rows.withoutRows)
      if e.isBroken { continue }
      if isText ? (e.type != .text) : (e.type != .int), e.type != .unknown {
        report(
          .wrongType(
            "`\(name.text)`", wanted: isText ? "a text" : "a whole number", found: e.type.spoken, value.span))
        continue
      }
      if name.text == "to", case .constant(.text(let path), _) = e, path.lowercased().hasSuffix(".png") {
        report(
          Diagnostic(
            .badFile, "plots are written as .svg or .html, not as .png", at: value.span,
            label: "write `\"\(path.dropLast(4)).svg\"`",
            notes: ["a browser, or `rsvg-convert`, makes a PNG of an SVG"],
            fixes: [.replace(value.span, with: "\"\(path.dropLast(4)).svg\"")]))
      }
      bound.options[name.text] = e
    }
    return (.plot(bound), input)
  }

  mutating func sparkline(_ paths: [Path], _ input: Schema) -> Bound? {
    var names: [String] = []
    for path in paths {
      guard let name = existingColumn(path, in: input) else { continue }
      let type = input[name]?.type ?? .unknown
      if !type.isNumeric, type != .unknown, !type.isList, !type.isDuration {
        report(.wrongType("`sparkline`", wanted: "a column of numbers", found: type.spoken, path.span))
      }
      names.append(name)
    }
    // One row a combination of the other text and key columns; the numbers become a drawing.
    var schema = input
    for i in schema.fields.indices where names.contains(schema.fields[i].name) {
      schema.fields[i].type = .list(.number)
      schema.fields[i].doc = "sparkline"
    }
    schema.fields.removeAll { field in
      if names.contains(field.name) { return false }
      switch field.type {
      case .date, .datetime, .period: return true
      case .text, .bool: return false
      default: return catalog.keys[field.name] == nil
      }
    }
    return (.sparkline(names), schema)
  }

  mutating func bars(_ paths: [Path], _ input: Schema) -> Bound? {
    let names = numericColumns(paths, input, stage: "bars")
    var schema = input
    for i in schema.fields.indices where names.contains(schema.fields[i].name) {
      schema.fields[i].doc = "bars"
    }
    return (.bars(names), schema)
  }

  mutating func totals(_ paths: [Path], _ input: Schema) -> Bound? {
    let named = numericColumns(paths, input, stage: "totals")
    for path in paths {
      guard let field = input[path.text], field.type == .percent || Conventions.isIdentifier(field)
      else {
        continue
      }
      report(
        .wrongType(
          "`totals`", wanted: "a column that adds up",
          found: field.type == .percent ? "a column of percents" : "a column of ids", path.span))
    }
    if !paths.isEmpty { return (.totals(named), input) }
    // Columns that are known only when it runs are judged then.
    if input.isOpen { return (.totals(nil), input) }
    return (.totals(input.fields.filter(Conventions.isAdditive).map(\.name)), input)
  }

  /// Columns that hold numbers; others are reported.
  private mutating func numericColumns(_ paths: [Path], _ input: Schema, stage: String) -> [String] {
    var names: [String] = []
    for path in paths {
      guard let name = existingColumn(path, in: input) else { continue }
      let type = input[name]?.type ?? .unknown
      if !type.isNumeric, type != .unknown, !type.isDuration {
        report(.wrongType("`\(stage)`", wanted: "a column of numbers", found: type.spoken, path.span))
      }
      names.append(name)
    }
    return names
  }

  mutating func assertion(
    _ quantifier: Stage.Quantifier, _ test: Expr, _ message: Expr?, _ input: Schema, _ rows: Scope
  ) -> Bound? {
    var scope = rows
    scope.aggregates = .allowed
    scope.windows = false
    let e = condition(test, place: "`assert`", scope: scope)
    var text: Expression?
    if let message {
      let m = bind(message, scope: rows.withoutRows)
      if !m.isBroken, m.type != .text {
        report(.wrongType("the message of `assert`", wanted: "a text", found: m.type.spoken, message.span))
      }
      text = m
    }
    if e.isBroken { return nil }
    let whole = e.hasAggregate
    if whole, let column = bareColumn(e, keys: []) {
      report(.bareColumn(column, stage: "assert", test.span))
      return nil
    }
    return (.assert(quantifier, e, message: text, whole: whole), input)
  }

  mutating func export(
    _ format: FormatWord?, to target: Expr, _ arguments: [Argument], _ stage: Stage, _ input: Schema,
    _ rows: Scope
  ) -> Bound? {
    if format == nil, let word = target.bareName {
      let formats = FormatWord.allCases.map(\.rawValue)
      report(.badFormat(word.text, word.span, near: nearest(to: word.text, among: formats), formats: formats))
      return nil
    }
    return written(to: target, arguments, stage, rows)
      .map { (.export(format, $0.target, options: $0.options), input) }
  }

  /// The file that a stage writes, and how.
  mutating func written(to target: Expr, _ arguments: [Argument], _ stage: Stage, _ rows: Scope)
    -> (target: Expression, options: [String: Expression])?
  {
    let word = stage.word.text
    guard let target = fileName(target, rows, place: "`\(word)`"),
      let bound = bindArguments(
        arguments, to: Binder.exportParameters, command: word, end: stage.span.end, scope: .rowless)
    else { return nil }
    return (target, bound.values)
  }

  private mutating func fileName(_ e: Expr, _ rows: Scope, place: String) -> Expression? {
    if let bare = e.bareName {
      report(.quoteWord(bare.text, parameter: place.filter { $0 != "`" }, bare.span))
      return nil
    }
    let bound = bind(e, scope: rows.withoutRows)
    if bound.isBroken { return nil }
    guard bound.type == .text || bound.type == .unknown else {
      report(.wrongType(place, wanted: "a file name in quotes", found: bound.type.spoken, e.span))
      return nil
    }
    return bound
  }
}
