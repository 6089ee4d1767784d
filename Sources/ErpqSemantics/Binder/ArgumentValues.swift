import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// The values of parameters by their type.
extension Binder {
  /// A written value for a parameter: typed, its unit given; nil after an error.
  mutating func value(_ written: Expr, for p: ParameterSpec, scope: Scope) -> Expression? {
    value(written, type: p.type, name: p.name, scope: scope)
  }

  private mutating func value(_ written: Expr, type: ParameterType, name: String, scope: Scope) -> Expression?
  {
    switch type {
    case .flag: return nil
    case .word(let words): return word(written, of: words, name, scope)
    case .columns: return columns(written, name, scope)
    case .conditions: return conditions(written, name, scope)
    case .list(let element): return list(written, of: element, name, scope)
    case .record: return record(written, name, scope)
    case .metric: return metric(written, name, scope)
    case .any:
      var inner = scope
      inner.wordsAllowed = true
      let e = bind(written, scope: inner)
      return e.isBroken ? nil : e
    case .value(let wanted): return value(written, of: wanted, name, scope)
    }
  }

  private mutating func word(_ written: Expr, of words: [String], _ name: String, _ scope: Scope)
    -> Expression?
  {
    let word: String
    if let bare = written.bareName {
      word = bare.text
    } else {
      let e = bind(written, scope: scope)
      if e.isBroken { return nil }
      guard case .constant(.text(let s), _) = e else {
        if e.type == .text, e.isConstant { return e }
        report(
          .wrongType("`\(name)`", wanted: "one of " + listed(words), found: e.type.spoken, written.span))
        return nil
      }
      word = s
    }
    guard words.contains(word) else {
      report(
        .badWord(word, parameter: name, allowed: words, written.span, near: nearest(to: word, among: words)))
      return nil
    }
    return .constant(.text(word), .text)
  }

  private mutating func metric(_ written: Expr, _ name: String, _ scope: Scope) -> Expression? {
    let text: String
    var isName = false
    if case .path(let path) = written.unwrapped.kind {
      text = path.text
      isName = true
    } else {
      let e = bind(written, scope: scope)
      if e.isBroken { return nil }
      guard case .constant(.text(let s), _) = e else {
        report(.wrongType("`\(name)`", wanted: "the name of a metric", found: e.type.spoken, written.span))
        return nil
      }
      text = s
    }
    guard let metric = environment.metric(named: text) else {
      if environment.mayBeImported(text) { return nil }
      let all = environment.allMetrics
      let near = nearest(to: text, among: all.map(\.name) + all.flatMap(\.aliases) + all.map(\.code))
      var diagnostic = Diagnostic.unknownName("metric", text, written.span, near: near, options: [])
      if near.isEmpty { diagnostic.notes = ["`kpi catalog` lists them"] }
      report(diagnostic)
      return nil
    }
    // A code is no name for a column; an alias is, and stays as it was written.
    return .constant(.text(isName ? text : metric.name), .text)
  }

  private mutating func columns(_ written: Expr, _ name: String, _ scope: Scope) -> Expression? {
    var inner = scope
    inner.wordsAllowed = true
    let e = bind(written, scope: inner)
    if e.isBroken { return nil }
    switch e {
    case .constant(.text, _): return .constant(.list([constantValue(e)]), .list(.text))
    case .constant(.list(let items), .list(.text)): return .constant(.list(items), .list(.text))
    default:
      report(
        .wrongType(
          "`\(name)`", wanted: "a column or a list of columns", found: e.type.spoken, written.span))
      return nil
    }
  }

  private mutating func list(_ written: Expr, of element: ParameterType, _ name: String, _ scope: Scope)
    -> Expression?
  {
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
  }

  private mutating func record(_ written: Expr, _ name: String, _ scope: Scope) -> Expression? {
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
      report(
        .wrongType("`\(name)`", wanted: "an id, a code or a name", found: e.type.spoken, written.span))
      return nil
    }
  }

  private mutating func value(_ written: Expr, of wanted: ValueType, _ name: String, _ scope: Scope)
    -> Expression?
  {
    let place = "`\(name)`"
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
    var e = bind(written, scope: scope)
    if e.isBroken { return nil }
    // A number in a variable has no unit either and takes that of the parameter.
    if case .variable = written.unwrapped.kind, e.type == .int || e.type == .number {
      e = withUnit(e, of: wanted, written: written)
    }
    let fitted = fit(e, to: wanted, literal: written, place: place, span: written.span)
    if fitted.isBroken { return nil }
    if !fitted.isConstant {
      report(.notConstant(place, written.span))
      return nil
    }
    return fitted
  }

  private mutating func conditions(_ written: Expr, _ name: String, _ scope: Scope) -> Expression? {
    guard let value = condition(written, name: name, scope: scope) else { return nil }
    if case .list = value { return .constant(value, .list(.unknown)) }
    report(
      .wrongType(
        "`\(name)`", wanted: "a list of conditions such as [[\"state\", \"=\", \"sale\"]]",
        found: value.type.spoken, written.span))
    return nil
  }

  /// A part of Odoo's conditions: a list of any mixture, or a constant.
  private mutating func condition(_ written: Expr, name: String, scope: Scope) -> Value? {
    if case .list(let items) = written.unwrapped.kind {
      var values: [Value] = []
      for item in items {
        guard let value = condition(item, name: name, scope: scope) else { return nil }
        values.append(value)
      }
      return .list(values)
    }
    if let bare = written.bareName {
      let words = ["True": "true", "False": "false", "None": "null"]
      if let word = words[bare.text] {
        report(
          .foreign(
            "`\(bare.text)` is Python's", written.span, label: "write `\(word)`",
            fix: .replace(written.span, with: word)))
      } else {
        report(.quoteWord(bare.text, parameter: name, written.span))
      }
      return nil
    }
    let e = bind(written, scope: scope)
    if e.isBroken { return nil }
    guard case .constant(let value, _) = e else {
      report(.notConstant("`\(name)`", written.span))
      return nil
    }
    return value
  }

  private func constantValue(_ e: Expression) -> Value {
    if case .constant(let v, _) = e { return v }
    return .null
  }
}
