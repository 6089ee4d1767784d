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
    return isGood
  }

  private func missingValue(of parameter: ParameterSpec, behind atom: Argument) -> Diagnostic {
    .missingValue(
      parameter.name, takes: takes(parameter), SourceSpan(atom.span.end, atom.span.end),
      example: example(parameter))
  }

  private func store(_ p: ParameterSpec, _ e: Expression, _ span: SourceSpan, _ bound: inout BoundArguments) {
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

  private func acceptsWord(_ p: ParameterSpec, _ word: String) -> Bool {
    switch p.type {
    case .word(let words): words.contains(word)
    case .columns: true
    default: false
    }
  }

  private func positionalWord(
    _ atom: Argument, _ parameters: [ParameterSpec], _ bound: BoundArguments
  ) -> (ParameterSpec, Expression)? {
    guard let word = atom.bareWord else { return nil }
    for p in parameters where bound.spans[p.name] == nil && p.position != nil {
      if case .word(let words) = p.type, words.contains(word) { return (p, .constant(.text(word), .text)) }
    }
    return nil
  }

  private mutating func positional(
    _ written: Expr, _ parameters: [ParameterSpec], _ command: String, _ bound: inout BoundArguments,
    _ scope: Scope
  ) -> Bool {
    if case .call(let call) = written.kind, let p = parameters.first(where: { $0.name == call.function.text })
    {
      let argument = call.arguments.first.map { source.slice($0.span) } ?? "…"
      report(
        .foreign(
          "a parameter's value follows after a space", written.span, label: "write `\(p.name) \(argument)`",
          fix: .replace(written.span, with: "\(p.name) \(argument)")))
      return false
    }
    let open = parameters.filter { $0.position != nil && bound.spans[$0.name] == nil }
      .sorted { ($0.position ?? 0) < ($1.position ?? 0) }
    if let word = written.bareName, !word.isQuoted {
      for p in open where acceptsWord(p, word.text) {
        store(p, .constant(.text(word.text), .text), written.span, &bound)
        return true
      }
      var names = parameters.map(\.name)
      var allowed: [String] = []
      for p in parameters {
        if case .word(let words) = p.type { allowed += words }
      }
      // `forecast product 101 seasonal_naive`: the word belongs to a parameter that was not named.
      if let owner = parameters.first(where: { acceptsWord($0, word.text) && bound.spans[$0.name] == nil }),
        case .word = owner.type
      {
        report(
          Diagnostic(
            .unknownParameter, "`\(word.text)` is a value of `\(owner.name)`", at: written.span,
            label: "write `\(owner.name) \(word.text)`",
            fixes: [.replace(written.span, with: "\(owner.name) \(word.text)")]))
        return false
      }
      let near = nearest(to: word.text, among: names + allowed)
      if near.isEmpty, let p = open.first, case .columns = p.type {
      } else if near.isEmpty, let p = open.first, takesText(p) {
        report(.quoteWord(word.text, parameter: p.name, written.span))
        return false
      }
      names.sort()
      var diagnostic = Diagnostic.unknownParameter(
        word.text, of: command, written.span, near: near, parameters: parameters.map(\.name))
      if word.text == "by" { diagnostic.label = "rows are grouped with `| summarize … by …`" }
      if ["last", "past", "for", "over"].contains(word.text),
        names.contains("days") || names.contains("horizon")
      {
        diagnostic.label = "write `\(names.contains("horizon") ? "horizon" : "days") 30`"
      }
      report(diagnostic)
      return false
    }
    guard let p = open.first(where: { mayTake($0, written) }) ?? open.first else {
      if case .negate(let inner) = written.kind, !bound.values.isEmpty {
        let previous = bound.spans.values.map(\.end).max() ?? written.span.start
        let text = source.slice(inner.span)
        report(
          Diagnostic(
            .tooManyArguments, "`-\(text)` is read as a value of its own", at: written.span,
            label: "to subtract, put a space after `-`",
            fixes: [.replace(SourceSpan(previous, written.span.end), with: " - \(text)", "write `- \(text)`")]
          ))
        return false
      }
      report(.tooManyArguments(command, written.span, parameters: parameters.map(\.name)))
      return false
    }
    guard let value = value(written, for: p, scope: scope) else {
      bound.spans[p.name] = written.span
      return false
    }
    store(p, value, written.span, &bound)
    return true
  }

  private func takesText(_ p: ParameterSpec) -> Bool {
    switch p.type {
    case .value(.text), .record, .any: true
    case .list(let inner): takesText(ParameterSpec(p.name, inner, p.doc))
    default: false
    }
  }

  /// Whether a positional parameter is the likely home of a value, by its shape.
  private func mayTake(_ p: ParameterSpec, _ written: Expr) -> Bool {
    switch (p.type, written.unwrapped.kind) {
    case (.word, _), (.flag, _), (.columns, _): false
    case (.value(.text), .string), (.value(.text), .interpolated): true
    case (.value(.text), .int), (.value(.text), .float): false
    case (.value(let t), .string): t == .text
    default: true
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

  // MARK: Values

  /// A written value for a parameter: typed, its unit given; nil after an error.
  private mutating func value(_ written: Expr, for p: ParameterSpec, scope: Scope) -> Expression? {
    value(written, type: p.type, name: p.name, scope: scope)
  }

  private mutating func value(_ written: Expr, type: ParameterType, name: String, scope: Scope) -> Expression?
  {
    let place = "`\(name)`"
    switch type {
    case .flag: return nil
    case .word(let words):
      let word: String
      if let bare = written.bareName {
        word = bare.text
      } else {
        let e = bind(written, scope: scope)
        if e.isBroken { return nil }
        guard case .constant(.text(let s), _) = e else {
          if e.type == .text, e.isConstant { return e }
          report(.wrongType(place, wanted: "one of " + listed(words), found: e.type.spoken, written.span))
          return nil
        }
        word = s
      }
      guard words.contains(word) else {
        report(
          .badWord(word, parameter: name, allowed: words, written.span, near: nearest(to: word, among: words))
        )
        return nil
      }
      return .constant(.text(word), .text)
    case .columns:
      var inner = scope
      inner.wordsAllowed = true
      let e = bind(written, scope: inner)
      if e.isBroken { return nil }
      switch e {
      case .constant(.text, _): return .constant(.list([constantValue(e)]), .list(.text))
      case .constant(.list(let items), .list(.text)): return .constant(.list(items), .list(.text))
      default:
        report(.wrongType(place, wanted: "a column or a list of columns", found: e.type.spoken, written.span))
        return nil
      }
    case .list(let element):
      if case .list(let items) = written.unwrapped.kind {
        var values: [Value] = []
        var type = ValueType.unknown
        for item in items {
          guard let e = value(item, type: element, name: name, scope: scope) else { return nil }
          values.append(constantValue(e))
          type = e.type
        }
        return .constant(.list(values), .list(type))
      }
      let e = value(written, type: element, name: name, scope: scope)
      if let e, case .constant(let v, let t) = e { return .constant(.list([v]), .list(t)) }
      return e
    case .record:
      if let bare = written.bareName {
        report(.quoteWord(bare.text, parameter: name, written.span))
        return nil
      }
      let e = bind(written, scope: scope)
      if e.isBroken { return nil }
      switch e.type {
      case .int, .text, .unknown, .null: return e
      case .list(let inner) where inner == .int || inner == .text || inner == .unknown: return e
      default:
        report(.wrongType(place, wanted: "an id, a code or a name", found: e.type.spoken, written.span))
        return nil
      }
    case .any:
      var inner = scope
      inner.wordsAllowed = true
      let e = bind(written, scope: inner)
      return e.isBroken ? nil : e
    case .value(let wanted):
      if let bare = written.bareName, !bare.isQuoted, scope.formals[bare.text] == nil {
        if wanted == .text {
          report(.quoteWord(bare.text, parameter: name, written.span))
        } else if environment.variables[bare.text] != nil {
          report(.unknownColumn(bare.text, bare.span, near: [], columns: [], quoted: false, isVariable: true))
        } else {
          report(.wrongType(place, wanted: wanted.spoken, found: "the word `\(bare.text)`", written.span))
        }
        return nil
      }
      let e = bind(written, scope: scope)
      if e.isBroken { return nil }
      let fitted = fit(e, to: wanted, literal: written, place: place, span: written.span)
      if fitted.isBroken { return nil }
      if !fitted.isConstant {
        report(.notConstant(place, written.span))
        return nil
      }
      return fitted
    }
  }

  private func constantValue(_ e: Expression) -> Value {
    if case .constant(let v, _) = e { return v }
    return .null
  }

  private func takes(_ p: ParameterSpec) -> String {
    switch p.type {
    case .value(let type): type.spoken
    case .word(let words): "one of " + listed(words.prefix(8).map { $0 })
    case .record(let kind): "a \(kind): id, code or name in quotes,"
    case .columns: "a column"
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
