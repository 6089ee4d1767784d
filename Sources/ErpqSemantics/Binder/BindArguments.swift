import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  /// Pairs the flat list of atoms behind a command with its parameters (language guide, "Arguments").
  ///
  /// A word that names a parameter not yet set takes the next atom (none, if it is a flag); otherwise the atom
  /// fills the next positional parameter; otherwise it is an error. Returns nil after an error.
  mutating func bindArguments(
    _ arguments: [Argument], to parameters: [ParameterSpec], command: String, end: Int, scope: Scope
  ) -> BoundArguments? {
    var bound = BoundArguments()
    bound.settings = environment.settings
    var broken = false
    // After a word that means nothing, what is missing behind it is no news.
    var isLost = false
    var i = 0
    while i < arguments.count {
      let atom = arguments[i]
      i += 1
      if case .value(let e) = atom, case .error = e.kind {
        broken = true
        continue
      }
      if let parameter = named(atom, parameters) {
        let isGood = take(parameter, atom, arguments, &i, parameters, &bound, scope, isLost: isLost)
        broken = broken || !isGood
        continue
      }
      switch atom {
      case .wordIn(let span):
        report(
          Diagnostic(
            .unknownParameter, "`\(command)` has no parameter `in`", at: span,
            label: "periods are given with `since`, `until` or `days`"))
        broken = true
        i += 1
      case .value(let written):
        if !positional(written, parameters, command, &bound, scope) {
          broken = true
          // What stands behind a stage is the stage's.
          if let word = written.bareName?.text, stageWords.contains(word) { return nil }
          isLost = written.bareName != nil
          // The value behind an unknown word belongs to it.
          if written.bareName != nil, i < arguments.count, case .value(let next) = arguments[i],
            next.bareName == nil
          {
            i += 1
          }
        }
      }
    }
    for parameter in parameters where parameter.isRequired && bound.spans[parameter.name] == nil && !broken {
      report(.missingArgument(parameter.name, of: command, takes: takes(parameter), SourceSpan(end, end)))
      broken = true
    }
    return broken ? nil : bound
  }

  /// Takes a parameter that `atom` names, and the value behind it, where `i` stands. False after an error.
  private mutating func take(
    _ parameter: ParameterSpec, _ atom: Argument, _ arguments: [Argument], _ i: inout Int,
    _ parameters: [ParameterSpec], _ bound: inout BoundArguments, _ scope: Scope, isLost: Bool
  ) -> Bool {
    if bound.spans[parameter.name] != nil {
      if let value = positionalWord(atom, parameters, bound) {
        store(value.0, value.1, atom.span, &bound)
        return true
      }
      report(.duplicateArgument(parameter.name, takesMany: takesMany(parameter), atom.span))
      i += takesValue(parameter) ? 1 : 0
      return false
    }
    if case .flag = parameter.type {
      store(parameter, .constant(.bool(true), .bool), atom.span, &bound)
      return true
    }
    var isGood = true
    if i < arguments.count, case .wordIn(let span) = arguments[i], parameter.name != "in" {
      report(
        .foreign(
          "`\(parameter.name)` takes its value without `in`", span, label: "leave `in` out",
          fix: .replace(span, with: "", "remove `in`")))
      isGood = false
      i += 1
    }
    guard i < arguments.count, case .value(let written) = arguments[i] else {
      if !isLost { report(missingValue(of: parameter, behind: atom)) }
      return false
    }
    if let other = written.bareName, !other.isQuoted,
      let next = parameters.first(where: { $0.name == other.text }),
      bound.spans[next.name] == nil, !acceptsWord(parameter, other.text)
    {
      report(missingValue(of: parameter, behind: atom))
      return false
    }
    i += 1
    if let slip = unitWordSlip(written, arguments, i, parameter, parameters) {
      report(slip)
      i += 1
      return false
    }
    guard let value = value(written, for: parameter, scope: scope) else {
      bound.spans[parameter.name] = written.span
      return false
    }
    store(parameter, value, written.span, &bound)
    return isGood && lies(value, within: parameter, written.span)
  }

  private func missingValue(of parameter: ParameterSpec, behind atom: Argument) -> Diagnostic {
    .missingValue(
      parameter.name, takes: takes(parameter), SourceSpan(atom.span.end, atom.span.end),
      example: example(parameter))
  }

  /// Whether a value that is known now lies within the bounds of its parameter; says so if not.
  private mutating func lies(_ e: Expression, within p: ParameterSpec, _ span: SourceSpan) -> Bool {
    guard let bounds = p.bounds, case .constant(let value, _) = e else { return true }
    let amount: Double
    switch value {
    case .int(let n): amount = Double(n)
    case .number(let x): amount = x
    case .duration(let d):
      // How many days a month has shows only when it runs.
      guard let days = d.inDays else { return true }
      amount = days
      if days != days.rounded() {
        report(.notWholeDays(p.name, found: value.description, span))
        return false
      }
    default: return true
    }
    guard amount < Double(bounds.lowerBound) || amount > Double(bounds.upperBound) else { return true }
    let isDuration = if case .duration = value { true } else { false }
    report(.outOfBounds(p.name, bounds, days: isDuration, found: value.description, span))
    return false
  }

  func store(_ p: ParameterSpec, _ e: Expression, _ span: SourceSpan, _ bound: inout BoundArguments) {
    bound.values[p.name] = e
    bound.spans[p.name] = span
  }

  private func takesMany(_ p: ParameterSpec) -> Bool { if case .list = p.type { true } else { false } }

  private func takesValue(_ p: ParameterSpec) -> Bool { if case .flag = p.type { false } else { true } }

  private func named(_ atom: Argument, _ parameters: [ParameterSpec]) -> ParameterSpec? {
    switch atom {
    case .wordIn: return parameters.first { $0.name == "in" }
    case .value(let e):
      guard let name = e.bareName, !name.isQuoted else { return nil }
      return parameters.first { $0.name == name.text }
    }
  }

  func acceptsWord(_ p: ParameterSpec, _ word: String) -> Bool {
    switch p.type {
    case .word(let words): words.contains(word)
    case .columns: true
    case .metric, .list(.metric): true
    default: false
    }
  }

  /// `horizon 30 days`.
  private func unitWordSlip(
    _ written: Expr, _ arguments: [Argument], _ next: Int, _ parameter: ParameterSpec,
    _ parameters: [ParameterSpec]
  ) -> Diagnostic? {
    guard case .int(let n) = written.kind, case .value(.duration) = parameter.type, next < arguments.count,
      let word = arguments[next].bareWord,
      let unit = CalendarDuration.units.first(where: { $0.suffix == word || $0.long.contains(word) })
    else { return nil }
    // `top products horizon 10 days 90`: the word may be a parameter with its own value.
    if parameters.contains(where: { $0.name == word }), next + 1 < arguments.count,
      arguments[next + 1].bareWord == nil
    {
      return nil
    }
    let span = written.span.union(arguments[next].span)
    return .foreign(
      "a duration is one word", span, label: "write `\(n)\(unit.suffix)`",
      fix: .replace(span, with: "\(n)\(unit.suffix)"))
  }

  private func takes(_ p: ParameterSpec) -> String {
    switch p.type {
    case .value(let type): type.spoken
    case .word(let words): "one of " + listed(words.prefix(8).map { $0 })
    case .record(let kind): "a \(kind): id, code or name in quotes,"
    case .columns: "a column"
    case .metric: "the name of a metric"
    case .conditions: "a list of conditions such as [[\"state\", \"=\", \"sale\"]]"
    case .list(let inner): takes(ParameterSpec(p.name, inner, p.doc))
    default: "a value"
    }
  }

  private func example(_ p: ParameterSpec) -> String? {
    if let value = p.defaultValue, !value.isNull { return value.literal }
    switch p.type {
    case .value(.duration): return "30d"
    case .value(.int): return "10"
    case .value(.date): return "2026-01-31"
    case .value(.period): return "2026-03"
    case .value(.percent): return "95%"
    case .word(let words): return words.first
    default: return nil
    }
  }
}
