import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Values and words of a command that are given without the name of their parameter.
extension Binder {
  func positionalWord(
    _ atom: Argument, _ parameters: [ParameterSpec], _ bound: BoundArguments
  ) -> (ParameterSpec, Expression)? {
    guard let word = atom.bareWord else { return nil }
    for p in parameters where bound.spans[p.name] == nil && p.position != nil {
      if case .word(let words) = p.type, words.contains(word) { return (p, .constant(.text(word), .text)) }
    }
    return nil
  }

  /// Gives a value without a name to the first parameter that may take it. False after an error.
  mutating func positional(
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
      // A word of a closed list goes before names that are looked up.
      let takers = open.filter { acceptsWord($0, word.text) }
      if let p = takers.first(where: { if case .word = $0.type { true } else { false } }) ?? takers.first {
        if takesMetrics(p) {
          guard let value = value(written, for: p, scope: scope) else {
            bound.spans[p.name] = written.span
            return false
          }
          store(p, value, written.span, &bound)
          return true
        }
        store(p, .constant(.text(word.text), .text), written.span, &bound)
        return true
      }
      report(wordWithoutPlace(word, parameters, open, command, bound))
      return false
    }
    guard let p = open.first(where: { mayTake($0, written) }) ?? open.first else {
      report(valueWithoutPlace(written, parameters, command, bound))
      return false
    }
    guard let value = value(written, for: p, scope: scope) else {
      bound.spans[p.name] = written.span
      return false
    }
    store(p, value, written.span, &bound)
    return true
  }

  /// What is wrong with a word that no parameter at hand takes.
  private func wordWithoutPlace(
    _ word: Name, _ parameters: [ParameterSpec], _ open: [ParameterSpec], _ command: String,
    _ bound: BoundArguments
  ) -> Diagnostic {
    // `sales plot amount`: the bar is missing.
    if stageWords.contains(word.text) {
      return Diagnostic(
        .unknownParameter, "`\(word.text)` is a stage, and a `|` stands before it", at: word.span,
        label: "write `| \(word.text)`",
        fixes: [.insert("| ", at: word.span.start, "write `| \(word.text)`")])
    }
    // `forecast product 101 seasonal_naive`: the word belongs to a parameter that was not named.
    if let owner = parameters.first(where: { acceptsWord($0, word.text) && bound.spans[$0.name] == nil }),
      case .word = owner.type
    {
      return Diagnostic(
        .unknownParameter, "`\(word.text)` is a value of `\(owner.name)`", at: word.span,
        label: "write `\(owner.name) \(word.text)`",
        fixes: [.replace(word.span, with: "\(owner.name) \(word.text)")])
    }
    let names = parameters.map(\.name)
    let allowed = parameters.flatMap { if case .word(let words) = $0.type { words } else { [String]() } }
    let near = nearest(to: word.text, among: names + allowed)
    if near.isEmpty, let p = open.first, takesText(p) {
      return .quoteWord(word.text, parameter: p.name, word.span)
    }
    var diagnostic = Diagnostic.unknownParameter(
      word.text, of: command, word.span, near: near, parameters: names)
    if word.text == "by" { diagnostic.label = "rows are grouped with `| summarize … by …`" }
    if ["last", "past", "for", "over"].contains(word.text),
      let days = ["horizon", "days"].first(where: names.contains)
    {
      diagnostic.label = "write `\(days) 30`"
    }
    return diagnostic
  }

  /// What is wrong with a value when all parameters have theirs.
  private func valueWithoutPlace(
    _ written: Expr, _ parameters: [ParameterSpec], _ command: String, _ bound: BoundArguments
  ) -> Diagnostic {
    guard case .negate(let inner) = written.kind, !bound.values.isEmpty else {
      return .tooManyArguments(command, written.span, parameters: parameters.map(\.name))
    }
    let previous = bound.spans.values.map(\.end).max() ?? written.span.start
    let text = source.slice(inner.span)
    return Diagnostic(
      .tooManyArguments, "`-\(text)` is read as a value of its own", at: written.span,
      label: "to subtract, put a space after `-`",
      fixes: [.replace(SourceSpan(previous, written.span.end), with: " - \(text)", "write `- \(text)`")])
  }

  private func takesMetrics(_ p: ParameterSpec) -> Bool {
    switch p.type {
    case .metric, .list(.metric): true
    default: false
    }
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
}
