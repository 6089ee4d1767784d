import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Stages that run the pipeline before them several times, compare the outcomes, or tell how they came about.
extension Binder {
  /// The most points of a grid.
  public static let largestGrid = 10_000

  /// The command that rows come from, through brackets and definitions.
  static func command(of source: BoundSource) -> CommandSpec? {
    switch source {
    case .command(let spec, _, _): spec
    case .query(let inner): command(of: inner.source)
    default: nil
    }
  }

  /// Variables that a `whatif` of the query varies are not put in place as constants; what they were, to be
  /// restored.
  mutating func openVariables(_ query: Query) -> [(String, VariableInfo)] {
    var opened: [(String, VariableInfo)] = []
    for stage in query.stages {
      guard case .whatif(let sweeps) = stage.kind else { continue }
      for sweep in sweeps where sweep.isVariable {
        for key in [modulePrefix + sweep.name.text, sweep.name.text] {
          guard let info = environment.variables[key], case .value(let type, _) = info else { continue }
          opened.append((key, info))
          environment.variables[key] = .value(type, nil)
          break
        }
      }
    }
    return opened
  }

  mutating func whatif(_ sweeps: [Stage.Sweep], _ stage: Stage, _ input: Schema, _ rows: Scope) -> Bound? {
    var bound: [BoundSweep] = []
    var points = 1.0
    for sweep in sweeps {
      guard !bound.contains(where: { $0.name == sweep.name.text }) else {
        report(.duplicateName(sweep.name.text, sweep.name.span, what: "sweeps"))
        return nil
      }
      guard let parameter = parameter(of: sweep, stage) else { return nil }
      guard let values = values(sweep, parameter, rows) else { return nil }
      points *= Double(values.count)
      if points > Double(Binder.largestGrid) {
        report(tooManyPoints(points, sweep.values.span))
        return nil
      }
      var type = values.first?.type ?? .unknown
      if case .value(let t) = parameter.type, t != .duration(nil), t != .period(nil) { type = t }
      bound.append(
        BoundSweep(
          name: sweep.name.text, isVariable: sweep.isVariable, type: type, values: values,
          span: sweep.name.span))
    }
    guard !bound.isEmpty else { return nil }
    let names = Set(bound.map(\.name))
    var schema = input
    schema.fields =
      bound.map(\.field)
      + input.fields.filter { !names.contains($0.name) }
    return (.whatif(bound), schema)
  }

  private func tooManyPoints(_ points: Double, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .outOfRange, "this sweep has \(formatNumber(points)) points; at most \(Binder.largestGrid) are run",
      at: span, label: "a larger `step` or fewer values are needed")
  }

  /// The parameter that a sweep varies.
  private mutating func parameter(of sweep: Stage.Sweep, _ stage: Stage) -> ParameterSpec? {
    let name = sweep.name.text
    if sweep.isVariable {
      for key in [modulePrefix + name, name] {
        if case .value(let type, _)? = environment.variables[key] {
          return ParameterSpec(name, .value(type), "")
        }
      }
      report(
        .unknownVariable(
          name, sweep.name.span, near: nearest(to: name, among: environment.variables.keys.sorted()),
          isColumn: false))
      return nil
    }
    guard let spec = sourceSpec else {
      report(
        Diagnostic(
          .unknownParameter, "`whatif` varies parameters of the command that rows come from",
          at: sweep.name.span,
          label: "no command stands at the start of this pipeline",
          notes: ["a variable can be varied too: `whatif $x in 1..3`"]))
      return nil
    }
    guard let parameter = spec.parameters.first(where: { $0.name == name }) else {
      let names = spec.parameters.map(\.name)
      let near = nearest(to: name, among: names)
      report(
        Diagnostic(
          .unknownParameter, "`\(spec.name)` has no parameter `\(name)` to vary", at: sweep.name.span,
          label: near.isEmpty
            ? "its parameters are " + names.joined(separator: " ") : "did you mean `\(near[0])`?",
          fixes: near.prefix(1).map { .replace(sweep.name.span, with: $0) }))
      return nil
    }
    switch parameter.type {
    case .flag, .columns:
      report(
        Diagnostic(
          .outOfRange, "`\(name)` takes no values to vary", at: sweep.name.span,
          label: "another parameter is needed"))
      return nil
    default: return parameter
    }
  }

  /// The values of a list or a range, each as the parameter takes it.
  private mutating func values(_ sweep: Stage.Sweep, _ parameter: ParameterSpec, _ rows: Scope)
    -> [Expression]?
  {
    let scope = rows.withoutRows
    switch sweep.values.unwrapped.kind {
    case .list(let items):
      if items.isEmpty {
        report(
          Diagnostic(
            .outOfRange, "there is nothing to vary over", at: sweep.values.span,
            label: "a list of values is needed"))
        return nil
      }
      var out: [Expression] = []
      for item in items {
        if case .binary(.range, _, let low, let high) = item.unwrapped.kind {
          guard let range = range(low, high, sweep.step, parameter, sweep, scope) else { return nil }
          out += range
        } else {
          guard let e = value(item, for: parameter, scope: scope) else { return nil }
          out.append(e)
        }
      }
      return out
    case .binary(.range, _, let low, let high): return range(low, high, sweep.step, parameter, sweep, scope)
    default:
      guard let e = value(sweep.values, for: parameter, scope: scope) else { return nil }
      return [e]
    }
  }

  private mutating func range(
    _ low: Expr, _ high: Expr, _ step: Expr?, _ parameter: ParameterSpec, _ sweep: Stage.Sweep, _ scope: Scope
  ) -> [Expression]? {
    guard let first = value(low, for: parameter, scope: scope),
      let last = value(high, for: parameter, scope: scope)
    else { return nil }
    var by: Expression?
    if let step {
      guard let e = value(step, for: parameter, scope: scope) else { return nil }
      by = e
    }
    func constant(_ e: Expression) -> Value? { if case .constant(let v, _) = e { v } else { nil } }
    guard let a = constant(first), let b = constant(last), let x = a.asDouble, let y = b.asDouble,
      let (unit, make) = Binder.steps(a)
    else {
      report(.notConstant("a range to vary over", sweep.values.span))
      return nil
    }
    let width = by.flatMap { constant($0)?.asDouble } ?? unit
    guard width > 0 else {
      report(
        Diagnostic(
          .outOfRange, "a step is above 0", at: step?.span ?? sweep.values.span, label: "this goes nowhere"))
      return nil
    }
    guard y >= x else {
      report(
        Diagnostic(
          .outOfRange, "this range is empty: it begins above its end", at: sweep.values.span,
          label: "the smaller value comes first"))
      return nil
    }
    let count = ((y - x) / width + 1e-9).rounded(.down) + 1
    guard count <= Double(Binder.largestGrid) else {
      report(tooManyPoints(count, sweep.values.span))
      return nil
    }
    // 0.9 + 3 × 0.01 is 0.9300000000000002; twelve digits are what was meant.
    return (0..<Int(count)).map { k in
      let v = x + Double(k) * width
      let scale = Swift.max(1, v.magnitude)
      return .constant(make((v / scale * 1e12).rounded() / 1e12 * scale), first.type)
    }
  }

  /// The step that is meant where none is said, and how a number becomes a value of the kind.
  private static func steps(_ value: Value) -> (Double, (Double) -> Value)? {
    switch value {
    case .int: (1, { .int(Int64(exactly: $0.rounded()) ?? 0) })
    case .number: (1, { .number($0) })
    case .percent: (0.01, { .percent($0) })
    case .money(_, let c): (1, { .money($0, c) })
    case .quantity(_, let u): (1, { .quantity($0, u) })
    case .duration(let d):
      (
        d.family == .time ? CalendarDuration.millisecondsPerDay : 1,
        { .duration(CalendarDuration(amount: $0, family: d.family)) }
      )
    default: nil
    }
  }

  // MARK: Scenarios

  mutating func scenarios(_ names: [Name], _ stage: Stage, _ input: Schema, _ rows: Scope) -> Bound? {
    guard let spec = sourceSpec, !spec.facts.isEmpty else {
      let able = catalog.commands.filter { !$0.facts.isEmpty }.map { "`\($0.name)`" }
      report(
        Diagnostic(
          .outOfRange, "scenarios change the facts behind a command; these rows are facts as they are",
          at: stage.word.span, label: "a pipeline that begins with " + listed(able, "or") + " is expected"))
      return nil
    }
    var bound: [BoundScenario] = []
    for name in names {
      if name.text == "base" {
        bound.append(BoundScenario(name: "base", changes: []))
        continue
      }
      let key = [modulePrefix + name.text, name.text].first { environment.scenarios[$0] != nil }
      guard let key, let info = environment.scenarios[key] else {
        let known = ["base"] + environment.scenarios.keys.sorted()
        report(
          .unknownName(
            "scenario", name.text, name.span, near: nearest(to: name.text, among: known), options: known))
        return nil
      }
      guard let changes = changes(info, spec, name.span, rows, depth: 0) else { return nil }
      bound.append(BoundScenario(name: name.text, changes: changes))
    }
    var schema = input
    schema.fields = [BoundScenario.field] + input.fields.filter { $0.name != "scenario" }
    return (.scenarios(bound), schema)
  }

  private mutating func changes(
    _ info: ScenarioInfo, _ spec: CommandSpec, _ span: SourceSpan, _ rows: Scope, depth: Int
  ) -> [BoundScenario.Change]? {
    var out: [BoundScenario.Change] = []
    if let parent = info.scenario.parent, parent.text != "base",
      let above = environment.scenarios[parent.text],
      depth < 20
    {
      guard let first = changes(above, spec, span, rows, depth: depth + 1) else { return nil }
      out = first
    }
    let products = catalog.command("products").flatMap { try? $0.output(BoundArguments(), host) } ?? .unknown
    for (i, change) in info.scenario.changes.enumerated() {
      let name = change.name.text
      var value = info.values[i]
      let isFact = spec.facts.contains(name)
      guard isFact || spec.parameters.contains(where: { $0.name == name }) else {
        let able = spec.facts + spec.parameters.map(\.name)
        let near = nearest(to: name, among: able)
        report(
          Diagnostic(
            .unknownName, "`\(spec.name)` has no fact or parameter `\(name)` for a scenario to change",
            at: span,
            label: near.first.map { "did you mean `\($0)`?" }
              ?? "facts are \(spec.facts.joined(separator: " ")); parameters are those of `\(spec.name)`"))
        return nil
      }
      if isFact, let wrong = misfit(name, &value, change.isRelative) {
        report(
          Diagnostic(
            .wrongArgumentType,
            "the scenario `\(info.scenario.name.text)` gives `\(name)` \(value.type.spoken)",
            at: span,
            label: "\(wrong) is expected"))
        return nil
      }
      var filter: Expression?
      if let written = change.filter {
        guard isFact else {
          report(
            Diagnostic(
              .outOfRange, "`\(name)` is a parameter: it holds for all products", at: span,
              label: "only facts (\(spec.facts.joined(separator: " "))) change for some"))
          return nil
        }
        let e = condition(written, place: "`where`", scope: rows.withoutRows.rows(products, stage: "where"))
        if e.isBroken { return nil }
        filter = e
      }
      out.append(
        BoundScenario.Change(
          name: name, target: isFact ? .fact : .parameter, value: value, isRelative: change.isRelative,
          filter: filter))
    }
    return out
  }

  /// What a change of a fact should have been, or nil when it fits; a bare number of days becomes a duration.
  private func misfit(_ name: String, _ value: inout Value, _ isRelative: Bool) -> String? {
    switch (name, value) {
    case ("supply", .bool): return nil
    case ("supply", _): return "true or false"
    case ("lead_time", .duration(let d)): return d.inDays == nil ? "a number of days" : nil
    case ("lead_time", .int), ("lead_time", .number):
      value = .duration(.days(value.asDouble ?? 0))
      return nil
    case ("lead_time", .percent): return isRelative ? nil : "a number of days"
    case ("demand", .percent): return isRelative ? nil : "a change such as -20%"
    case ("demand", _): return "a change such as -20%"
    case (_, .percent): return isRelative ? nil : "an amount"
    case (_, .int), (_, .number), (_, .money): return nil
    default: return "an amount or a change such as +5%"
    }
  }

  // MARK: diff and why

  mutating func diff(_ name: Name, _ input: Schema) -> Bound? {
    let path = Path(names: [name], span: name.span)
    guard let column = existingColumn(path, in: input) else { return nil }
    let fields = input.fields.filter { $0.name != column }
    var keys = fields.filter { field in
      if catalog.keys[field.name] != nil && field.name != "supplier" && field.name != "category" {
        return true
      }
      switch field.type {
      case .date, .datetime, .period: return true
      default: return false
      }
    }
    if keys.isEmpty { keys = fields.filter { $0.type == .text || $0.type == .bool } }
    let names = Set(keys.map(\.name))
    var schema = input
    for i in schema.fields.indices
    where schema.fields[i].name != column && !names.contains(schema.fields[i].name) {
      schema.fields[i].numbers = .change
    }
    return (.diff(column, keys: keys.map(\.name)), schema)
  }

  mutating func why(_ test: Expr?, _ stage: Stage, _ input: Schema, _ rows: Scope) -> Bound? {
    guard let spec = sourceSpec else {
      report(
        Diagnostic(
          .outOfRange,
          "`why` tells how the rows of a command came about; these rows are values as they stand",
          at: stage.word.span, label: "`replenish | why`, for example"))
      return nil
    }
    guard spec.tellsWhy else {
      report(.notBuilt(stage.word.text, stage.word.span))
      return nil
    }
    var filter: Expression?
    if let test {
      let e = condition(test, place: "`why`", scope: rows)
      if e.isBroken { return nil }
      filter = e
    }
    return (.why(filter), input)
  }
}
