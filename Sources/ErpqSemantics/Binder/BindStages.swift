import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// Binds a stage behind rows of `input`. Columns reached through keys become lookups before it and are
  /// dropped behind it, so the result may be several steps.
  mutating func bind(_ stage: Stage, input: Schema, scope: Scope) -> [BoundStage] {
    switch stage.kind {
    case .filter(let e): return filterStage(e, word: "where", span: stage.span, schema: input, scope: scope)
    case .named(let path, let arguments): return [named(path, arguments, stage.span, input, scope)]
    default: break
    }
    let before = pendingLookups
    pendingLookups = []
    defer { pendingLookups = before }
    let errors = diagnostics.count
    let rows = scope.rows(input, stage: stage.word.text)
    let bound = kind(stage, input, rows)
    guard let (kind, schema) = bound, diagnostics[errors...].allSatisfy({ $0.severity != .error }) else {
      // What a broken stage gives is unknown, so that what follows is not blamed.
      let kept: Schema
      switch stage.kind {
      case .sort, .limit, .sample, .top, .assert, .plot, .export, .tee, .save, .fill, .distinct: kept = input
      default: kept = .unknown
      }
      return [BoundStage(kind: .broken, schema: kept, span: stage.span, word: stage.word.text)]
    }
    return withLookups(BoundStage(kind: kind, schema: schema, span: stage.span, word: stage.word.text), input)
  }

  /// Puts the pending lookups before a step and removes their columns behind it.
  private mutating func withLookups(_ stage: BoundStage, _ input: Schema) -> [BoundStage] {
    guard !pendingLookups.isEmpty else { return [stage] }
    var steps: [BoundStage] = []
    var schema = input
    for lookup in pendingLookups {
      let target = try? lookup.relation.output(BoundArguments(), host)
      let type = target?[lookup.column]?.type ?? .unknown
      schema.fields.append(Field(lookup.as, type))
      steps.append(
        BoundStage(
          kind: .lookup(key: lookup.key, relation: lookup.relation, columns: [(lookup.column, lookup.as)]),
          schema: schema, span: stage.span, word: "lookup"))
    }
    let hidden = Set(pendingLookups.map(\.as))
    pendingLookups = []
    var last = stage
    switch stage.kind {
    case .select, .summarize, .pivot, .describe: break
    default:
      last.schema.fields.append(
        contentsOf: schema.fields.filter { hidden.contains($0.name) && last.schema.index(of: $0.name) == nil }
      )
      steps.append(last)
      var visible = last.schema
      visible.fields.removeAll { hidden.contains($0.name) }
      steps.append(
        BoundStage(kind: .drop(hidden.sorted()), schema: visible, span: stage.span, word: "drop"))
      return steps
    }
    steps.append(last)
    return steps
  }

  mutating func filterStage(_ e: Expr, word: String, span: SourceSpan, schema: Schema, scope: Scope)
    -> [BoundStage]
  {
    let before = pendingLookups
    pendingLookups = []
    defer { pendingLookups = before }
    let errors = diagnostics.count
    let test = condition(e, place: "`where`", scope: scope.rows(schema, stage: "where"))
    if test.isBroken || diagnostics[errors...].contains(where: { $0.severity == .error }) {
      return [BoundStage(kind: .broken, schema: schema, span: span, word: word)]
    }
    return withLookups(BoundStage(kind: .filter(test), schema: schema, span: span, word: word), schema)
  }

  private mutating func named(
    _ path: Path, _ arguments: [Argument], _ span: SourceSpan, _ input: Schema, _ scope: Scope
  ) -> BoundStage {
    if let info = definition(named: path.text) {
      return expandStage(info, path, arguments, span: span, input: input, scope: scope)
    }
    let candidates =
      stageWords
      + environment.definitions.filter { if case .stages = $0.value.definition.body { true } else { false } }
      .keys.sorted()
    let synonyms = [
      "filter": "where", "group": "summarize", "aggregate": "summarize", "derive": "extend",
      "with_column": "extend",
      "mutate": "extend", "take": "limit", "head": "limit", "first": "limit", "order": "sort",
      "project": "select",
      "unique": "distinct", "chart": "plot", "graph": "plot", "write": "export", "to": "export",
      "count": "summarize",
      "remove": "drop", "append": "union", "concat": "union", "fillna": "fill", "orderby": "sort",
      "groupby": "summarize",
      "check": "assert", "expect": "assert", "having": "where", "summarise": "summarize", "tail": "top",
    ]
    explain(span)
    let broken = BoundStage(kind: .broken, schema: .unknown, span: span, word: path.text)
    if environment.mayBeImported(path.text) { return broken }
    if let function = catalog.function(path.text) {
      report(.functionAsStage(path.text, path.span, makesOneValue: function.category == "aggregate"))
      return broken
    }
    var near = nearest(to: path.text, among: candidates)
    if let right = synonyms[path.text.lowercased()] { near = [right] }
    let isCommand = near.isEmpty && !catalog.commands(beginningWith: path.text).isEmpty
    report(.unknownStage(path.text, path.span, near: near, isCommand: isCommand))
    return broken
  }

  private typealias Bound = (BoundStage.Kind, Schema)

  private mutating func kind(_ stage: Stage, _ input: Schema, _ rows: Scope) -> Bound? {
    switch stage.kind {
    case .filter, .named, .error: return nil
    case .select(let items): return select(items, input, rows)
    case .extend(let items): return extend(items, input, rows)
    case .rename(let pairs): return rename(pairs, input)
    case .drop(let paths): return drop(paths, input)
    case .distinct(let paths):
      let names = paths.compactMap { existingColumn($0, in: input) }
      return (.distinct(names), input)
    case .fill(let paths, let value): return fill(paths, value, input, rows)
    case .sort(let keys):
      var bound: [(value: Expression, descending: Bool, nullsFirst: Bool?)] = []
      for key in keys {
        let e = bind(key.value, scope: windowed(rows))
        if case .list = e.type {
          report(.wrongType("`sort`", wanted: "a value with an order", found: "a list", key.value.span))
        }
        if case .constant = e, !e.isBroken {
          report(
            .wrongType("`sort`", wanted: "a column", found: "the same value for all rows", key.value.span))
        }
        bound.append((e, key.descending, key.nullsFirst))
      }
      return (.sort(bound), input)
    case .limit(let e): return count(e, rows, place: "`limit`").map { (.limit($0), input) }
    case .sample(let e, let seed):
      return count(e, rows, place: "`sample`").map {
        (.sample($0, seed: seed.map { UInt64(bitPattern: $0) }), input)
      }
    case .top(let n, let by, let ascending):
      guard let n = count(n, rows, place: "`top`") else { return nil }
      return (.top(n, by: bind(by, scope: rows), ascending: ascending), input)
    case .dense(let name, let by): return dense(name, by, input)
    case .summarize(let items, let by): return summarize(items, by, input, rows)
    case .pivot(let r, let c, let v): return pivot(r, c, v, input, rows)
    case .join(let kind, let reference, let keys): return join(kind, reference, keys, stage, input, rows)
    case .union(let reference): return union(reference, stage, input, rows)
    case .whatif, .scenarios, .diff, .accuracy, .why:
      report(.notBuilt(stage.word.text, stage.word.span))
      return nil
    case .plot(let plot): return self.plot(plot, input, rows)
    case .sparkline(let paths): return sparkline(paths, input)
    case .export(let format, let target, let arguments):
      if format == nil, let word = target.bareName {
        let formats = FormatWord.allCases.map(\.rawValue)
        report(
          .badFormat(word.text, word.span, near: nearest(to: word.text, among: formats), formats: formats))
        return nil
      }
      guard let target = textValue(target, rows, place: "`export`"),
        let options = exportOptions(arguments, "export", stage.span)
      else { return nil }
      return (.export(format, target, options: options), input)
    case .tee(let target, let arguments):
      guard let target = textValue(target, rows, place: "`tee`"),
        let options = exportOptions(arguments, "tee", stage.span)
      else { return nil }
      return (.tee(target, options: options), input)
    case .save(let name):
      environment.variables[name.text] = .table(input)
      return (.save(name.text), input)
    case .assert(let quantifier, let test, let message):
      return assertion(quantifier, test, message, input, rows)
    case .describe:
      let fields = [
        Field("column", .text), Field("type", .text), Field("count", .int), Field("nulls", .int),
        Field("distinct", .int),
        Field("min", .text), Field("max", .text), Field("mean", .text),
      ]
      return (.describe, Schema(fields))
    }
  }

  private func windowed(_ scope: Scope) -> Scope {
    var scope = scope
    scope.windows = true
    return scope
  }

  /// A whole number of rows.
  private mutating func count(_ e: Expr, _ rows: Scope, place: String) -> Expression? {
    let bound = bind(e, scope: rows.withoutRows)
    if bound.isBroken { return nil }
    guard bound.type == .int || bound.type == .unknown else {
      report(.wrongType(place, wanted: "a whole number of rows", found: bound.type.spoken, e.span))
      return nil
    }
    if case .constant(.int(let n), _) = bound, n < 0 {
      report(
        Diagnostic(
          .outOfRange, "a number of rows cannot be negative", at: e.span, label: "0 or more is expected"))
      return nil
    }
    return bound
  }

  private mutating func textValue(_ e: Expr, _ rows: Scope, place: String) -> Expression? {
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

  /// The parameters of `export` and `tee`.
  public static let exportParameters = [
    ParameterSpec("delimiter", .value(.text), default: .text(","), "what separates the fields of a csv file"),
    ParameterSpec(
      "decimal", .value(.text), default: .text("."), "the decimal mark of a csv file: \".\" or \",\""),
    ParameterSpec("bom", .flag, "begin a csv file with a byte order mark, for spreadsheets"),
  ]

  private mutating func exportOptions(_ arguments: [Argument], _ word: String, _ span: SourceSpan) -> [String:
    Expression]?
  {
    bindArguments(arguments, to: Binder.exportParameters, command: word, end: span.end, scope: .rowless)?
      .values
  }

  // MARK: Columns

  /// The name an item gets when it has none: `sum(amount)` becomes `sum_amount`.
  func impliedName(_ e: Expr) -> String? {
    switch e.unwrapped.kind {
    case .path(let path): return path.names.last?.text
    case .variable(let name): return name
    case .call(let call):
      let function = call.function.names.last?.text ?? "value"
      for argument in call.arguments {
        if case .path(let path) = argument.unwrapped.kind, let last = path.names.last {
          return function + "_" + last.text
        }
      }
      return function
    default: return nil
    }
  }

  private mutating func named(_ items: [Item], _ scope: Scope) -> [(name: String, value: Expression)] {
    var list: [(name: String, value: Expression)] = []
    var taken = Set<String>()
    for item in items {
      let value = bind(item.value, scope: scope)
      var name = item.name?.text ?? impliedName(item.value) ?? "value"
      if taken.contains(name) {
        if item.name != nil || item.value.bareName != nil {
          report(.duplicateName(name, item.name?.span ?? item.value.span, what: "columns"))
        } else {
          var n = 2
          while taken.contains("\(name)_\(n)") { n += 1 }
          name = "\(name)_\(n)"
        }
      }
      taken.insert(name)
      list.append((name, value))
    }
    return list
  }

  private func field(_ named: BoundStage.Named, _ input: Schema) -> Field {
    var doc = ""
    if case .column(let source, _) = named.value { doc = input[source]?.doc ?? "" }
    return Field(named.name, named.value.type, doc)
  }

  private mutating func select(_ items: [Item], _ input: Schema, _ rows: Scope) -> Bound? {
    let list = named(items, windowed(rows))
    return (.select(list), Schema(list.map { field($0, input) }))
  }

  private mutating func extend(_ items: [Item], _ input: Schema, _ rows: Scope) -> Bound? {
    var schema = input
    var list: [BoundStage.Named] = []
    // Each item sees the ones before it.
    for item in items {
      var scope = windowed(rows)
      scope.schema = schema
      let value = bind(item.value, scope: scope)
      let name = item.name?.text ?? impliedName(item.value) ?? "value"
      if list.contains(where: { $0.name == name }) {
        report(.duplicateName(name, item.name?.span ?? item.value.span, what: "columns"))
      }
      list.append((name, value))
      let new = field((name, value), schema)
      if let i = schema.index(of: name) { schema.fields[i] = new } else { schema.fields.append(new) }
    }
    return (.extend(list), schema)
  }

  private mutating func rename(_ pairs: [(new: Name, old: Path)], _ input: Schema) -> Bound? {
    var schema = input
    var list: [(new: String, old: String)] = []
    for (new, old) in pairs {
      guard let name = existingColumn(old, in: input) else { continue }
      if list.contains(where: { $0.old == name }) {
        report(
          Diagnostic(
            .duplicateName, "`\(name)` is renamed twice", at: old.span,
            label: "to have it under two names use `extend`"))
        continue
      }
      if let i = input.index(of: name) {
        if new.text != name, schema.index(of: new.text) != nil,
          !pairs.contains(where: { $0.old.text == new.text })
        {
          report(.duplicateName(new.text, new.span, what: "columns"))
        }
        schema.fields[i].name = new.text
      }
      list.append((new.text, name))
    }
    return (.rename(list), schema)
  }

  private mutating func drop(_ paths: [Path], _ input: Schema) -> Bound? {
    let names = paths.compactMap { existingColumn($0, in: input) }
    var schema = input
    schema.fields.removeAll { names.contains($0.name) }
    return (.drop(names), schema)
  }

  private mutating func fill(_ paths: [Path], _ value: Expr?, _ input: Schema, _ rows: Scope) -> Bound? {
    var names: [String] = []
    var filler: Expression?
    for path in paths {
      guard let name = existingColumn(path, in: input) else { continue }
      names.append(name)
      guard let value else { continue }
      let e = bind(value, scope: rows.withoutRows)
      let type = input[name]?.type ?? .unknown
      filler = fit(e, to: type, literal: value, place: "`\(name)`", span: value.span)
    }
    return (.fill(names, filler), input)
  }

  private mutating func dense(_ name: Name, _ by: [Path], _ input: Schema) -> Bound? {
    let path = Path(names: [name], span: name.span)
    guard let column = existingColumn(path, in: input) else { return nil }
    let type = input[column]?.type ?? .unknown
    switch type {
    case .date, .period, .unknown: break
    default:
      report(.wrongType("`dense`", wanted: "a column of dates or periods", found: type.spoken, name.span))
      return nil
    }
    return (.dense(column, by: by.compactMap { existingColumn($0, in: input) }), input)
  }

  // MARK: Groups

  private mutating func summarize(_ items: [Item], _ by: [Item], _ input: Schema, _ rows: Scope) -> Bound? {
    let keys = named(by, rows)
    for (key, item) in zip(keys, by) {
      if case .list = key.value.type {
        report(.wrongType("`by`", wanted: "a value with an order", found: "a list", item.value.span))
      }
    }
    var scope = rows
    scope.aggregates = .allowed
    let values = named(items, scope)
    for (value, item) in zip(values, items) {
      guard !value.value.isBroken else { continue }
      if let column = bareColumn(value.value, keys: keys) {
        let span = item.value.span
        report(.bareColumn(column, stage: "summarize", span))
      }
      if keys.contains(where: { $0.name == value.name }) {
        report(.duplicateName(value.name, item.name?.span ?? item.value.span, what: "columns"))
      }
    }
    let fields = keys.map { field($0, input) } + values.map { field($0, input) }
    return (.summarize(values, by: keys), Schema(fields))
  }

  /// A column outside of an aggregate that is no key.
  func bareColumn(_ e: Expression, keys: [BoundStage.Named]) -> String? {
    switch e {
    case .column(let name, _):
      let isKey = keys.contains {
        if case .column(let k, _) = $0.value { k == name } else { $0.name == name }
      }
      return isKey ? nil : name
    case .call(_, let arguments, _):
      for argument in arguments { if let name = bareColumn(argument, keys: keys) { return name } }
      return nil
    default: return nil
    }
  }

  private mutating func pivot(_ r: Expr, _ c: Expr, _ v: Expr, _ input: Schema, _ rows: Scope) -> Bound? {
    let rowKey = (name: impliedName(r) ?? "row", value: bind(r, scope: rows))
    let columnKey = (name: impliedName(c) ?? "column", value: bind(c, scope: rows))
    var scope = rows
    scope.aggregates = .allowed
    let value = bind(v, scope: scope)
    if rowKey.value.isBroken || columnKey.value.isBroken || value.isBroken { return nil }
    if let column = bareColumn(value, keys: []) {
      report(.bareColumn(column, stage: "pivot", v.span))
      return nil
    }
    let schema = Schema([field(rowKey, input)], isOpen: true)
    return (.pivot(rows: rowKey, columns: columnKey, value: value), schema)
  }

  // MARK: Two tables

  private mutating func join(
    _ word: JoinWord, _ reference: TableReference, _ keys: [Expr], _ stage: Stage, _ input: Schema,
    _ rows: Scope
  ) -> Bound? {
    guard let right = bind(reference, scope: rows) else { return nil }
    let kind: JoinKind =
      switch word {
      case .inner: .inner
      case .left: .left
      case .right: .right
      case .full: .full
      case .semi: .semi
      case .anti: .anti
      }
    var on: [(left: BoundStage.Named, right: String)] = []
    var merge: [String] = []
    if keys.isEmpty {
      let candidates = commonKeys(input, right)
      guard !candidates.isEmpty else {
        let mine = input.names.filter { !$0.contains(".") }.prefix(10).joined(separator: ", ")
        let theirs = right.schema.names.prefix(10).joined(separator: ", ")
        report(
          Diagnostic(
            .missingArgument, "these tables share no key", at: stage.word.span,
            label: "say which columns match: `on a = b`",
            notes: ["on the left: \(mine)", "on the right: \(theirs)"]))
        return nil
      }
      for name in candidates {
        on.append(((name, .column(name, input[name]?.type ?? .unknown)), name))
        merge.append(name)
      }
    }
    for key in keys {
      guard let (left, rightName, isMerged) = joinKey(key, input, right.schema, rows) else { return nil }
      on.append((left, rightName))
      if isMerged { merge.append(rightName) }
    }
    for (left, name) in on {
      let theirs = right.schema[name]?.type ?? .unknown
      if case .clash = TypeRules.comparable(left.value.type, theirs) {
        report(
          Diagnostic(
            .typeClash,
            "`\(left.name)` is \(left.value.type.spoken) on the left, and `\(name)` is \(theirs.spoken) on the right",
            at: keys.first?.span ?? stage.word.span, label: "keys have to be of one kind",
            notes: left.value.type == .int && theirs == .text || left.value.type == .text && theirs == .int
              ? ["`text(…)` or `int(…)` converts one of them; `sku` is the code as text"] : []))
        return nil
      }
    }
    var schema = input
    if word != .semi, word != .anti {
      for field in right.schema.fields where !merge.contains(field.name) {
        var new = field
        if schema.index(of: field.name) != nil { new.name = field.name + "_right" }
        schema.fields.append(new)
      }
      schema.isOpen = schema.isOpen || right.schema.isOpen
    }
    return (.join(kind, right, on: on, merge: merge), schema)
  }

  private func commonKeys(_ input: Schema, _ right: BoundQuery) -> [String] {
    let shared = catalog.keys.keys.sorted().filter {
      input.index(of: $0) != nil && right.schema.index(of: $0) != nil
    }
    // A relation is joined by its own key: `join products` by product, although both know a supplier.
    if case .command(let spec, _, _) = right.source,
      let own = shared.first(where: { catalog.keys[$0] == spec.name })
    {
      return [own]
    }
    if let own = shared.first(where: { right.schema.fields.first?.name == $0 }) { return [own] }
    return shared
  }

  private mutating func joinKey(_ key: Expr, _ input: Schema, _ right: Schema, _ rows: Scope) -> (
    BoundStage.Named, String, Bool
  )? {
    if let name = key.bareName {
      let path = Path(names: [name], span: name.span)
      guard let mine = existingColumn(path, in: input) else { return nil }
      guard right.index(of: mine) != nil || right.isOpen else {
        var diagnostic = unknownColumn(name, in: right)
        diagnostic.message = "there is no column `\(name.text)` on the right side of the join"
        diagnostic.notes = ["on the right: \(right.names.prefix(12).joined(separator: ", "))"]
        report(diagnostic)
        return nil
      }
      return ((mine, .column(mine, input[mine]?.type ?? .unknown)), mine, true)
    }
    guard case .binary(.equal, _, let a, let b) = key.unwrapped.kind else {
      report(
        Diagnostic(
          .expected, "`on` takes columns that both sides have, or `a = b`", at: key.span,
          label: "an equality of two columns is expected"))
      return nil
    }
    var (left, other) = (a, b)
    if side(a) == "right" || side(b) == "left" { (left, other) = (b, a) }
    guard let theirs = columnOnSide(other, "right", right), let mine = columnOnSide(left, "left", input)
    else { return nil }
    return ((mine, .column(mine, input[mine]?.type ?? .unknown)), theirs, mine == theirs)
  }

  private func side(_ e: Expr) -> String? {
    if case .path(let p) = e.unwrapped.kind, p.names.count == 2, ["left", "right"].contains(p.names[0].text) {
      return p.names[0].text
    }
    return nil
  }

  private mutating func columnOnSide(_ e: Expr, _ side: String, _ schema: Schema) -> String? {
    guard case .path(let path) = e.unwrapped.kind else {
      report(
        Diagnostic(
          .expected, "a column of the \(side) table is expected", at: e.span,
          label: "computed keys go into `extend` before the join"))
      return nil
    }
    var names = path.names
    if names.count == 2, names[0].text == side { names.removeFirst() }
    return existingColumn(Path(names: names, span: e.span), in: schema)
  }

  private mutating func union(_ reference: TableReference, _ stage: Stage, _ input: Schema, _ rows: Scope)
    -> Bound?
  {
    guard let other = bind(reference, scope: rows) else { return nil }
    var schema = input
    for field in other.schema.fields {
      guard let i = schema.index(of: field.name) else {
        schema.fields.append(field)
        continue
      }
      guard let type = TypeRules.common(schema.fields[i].type, field.type) else {
        report(
          Diagnostic(
            .typeClash,
            "`\(field.name)` is \(schema.fields[i].type.spoken) above and \(field.type.spoken) below",
            at: stage.span,
            label: "columns of one name have to be of one kind"))
        return nil
      }
      schema.fields[i].type = type
    }
    schema.isOpen = schema.isOpen || other.schema.isOpen
    return (.union(other), schema)
  }

  // MARK: Pictures and checks

  private mutating func plot(_ plot: Stage.Plot, _ input: Schema, _ rows: Scope) -> Bound? {
    func label(_ e: Expr) -> String { impliedName(e) ?? source.slice(e.span) }
    var bound = BoundPlot(chart: plot.chart, measures: [], versus: nil, by: nil, options: [:])
    for measure in plot.measures {
      let e = bind(measure, scope: rows)
      if !e.isBroken, !(e.type.isNumeric || e.type.isDuration || e.type == .unknown) {
        report(.wrongType("`plot`", wanted: "a number to draw", found: e.type.spoken, measure.span))
      }
      bound.measures.append((label(measure), e))
    }
    if let versus = plot.versus { bound.versus = (label(versus), bind(versus, scope: rows)) }
    if let by = plot.by { bound.by = (label(by), bind(by, scope: rows)) }
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

  private mutating func sparkline(_ paths: [Path], _ input: Schema) -> Bound? {
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

  private mutating func assertion(
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
}
