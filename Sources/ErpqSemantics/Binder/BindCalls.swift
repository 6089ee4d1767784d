import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  mutating func bind(_ call: Call, span: SourceSpan, scope: Scope) -> Expression {
    let name = call.function.text
    if let definition = definition(named: name) {
      return expand(definition, call, span: span, scope: scope)
    }
    guard let spec = catalog.function(name) else {
      if environment.mayBeImported(name) { return .broken }
      let names = catalog.functions.map(\.name) + environment.definitions.keys.sorted()
      var diagnostic = Diagnostic.unknownFunction(
        name, call.function.span, near: nearest(to: name, among: names))
      if let right = Synonyms.functions[name.lowercased()], catalog.function(right) != nil {
        diagnostic.label = "here it is called `\(right)`"
        diagnostic.fixes = [.replace(call.function.span, with: right)]
        diagnostic.notes = []
      } else if catalog.command(name) != nil {
        diagnostic.label = "`\(name)` is a command: put a space before `(`"
        diagnostic.notes = []
      }
      report(diagnostic)
      for argument in call.arguments { _ = bind(argument, scope: scope) }
      return .broken
    }
    return bind(spec, call, span: span, scope: scope)
  }

  private mutating func bind(_ spec: FunctionSpec, _ call: Call, span: SourceSpan, scope: Scope) -> Expression
  {
    var inner = scope
    let isWindow: Bool
    switch spec.kind {
    case .scalar:
      isWindow = false
      if let window = call.window {
        report(
          Diagnostic(
            .wrongArgumentType, "`\(spec.name)` looks at one row only, so `over` means nothing to it",
            at: window.span,
            label: "`over` goes with aggregates and window functions"))
        return .broken
      }
    case .aggregate: isWindow = call.window != nil
    case .window: isWindow = true
    }
    if case .scalar = spec.kind {
    } else if isWindow {
      inner.aggregates = .refused
      if scope.aggregates == .inside {
        report(.windowInSummarize(spec.name, call.function.span))
        return .broken
      }
      if !scope.windows {
        if scope.aggregates == .allowed {
          report(.windowInSummarize(spec.name, call.function.span))
        } else {
          report(
            Diagnostic(
              .aggregateHere,
              "`\(spec.name)` looks at other rows, and `\(scope.stage)` looks at one row at a time",
              at: call.function.span, label: "compute it before, in `extend`"))
        }
        return .broken
      }
    } else {
      switch scope.aggregates {
      case .refused:
        if scope.hasRows {
          report(.aggregateHere(spec.name, stage: scope.stage, call.function.span))
        } else {
          report(
            Diagnostic(
              .aggregateHere, "`\(spec.name)` needs rows, and there are none here", at: call.function.span,
              label: "rows come from a source: `… | summarize \(spec.name)(…)`"))
        }
        return .broken
      case .inside:
        report(
          Diagnostic(
            .aggregateHere, "an aggregate cannot stand inside another one", at: call.function.span,
            label: "summarize twice instead"))
        return .broken
      case .allowed: inner.aggregates = .inside
      }
      inner.windows = false
    }
    guard let arguments = pair(spec, call, span: span, scope: inner) else { return .broken }
    let type =
      arguments.contains { $0.type == .unknown } && spec.returns(arguments.map(\.type)) == .unknown
      ? ValueType.unknown : spec.returns(arguments.map(\.type))
    switch spec.kind {
    case .scalar(let kernel): return make(kernel, arguments, united(arguments, type))
    case .aggregate(let kind):
      guard let window = call.window else { return .aggregate(kind, arguments, type) }
      return over(spec, kind, arguments, type, window, scope)
    case .window(let makeKind):
      var constants: [Value] = []
      for argument in arguments.dropFirst() {
        if case .constant(let v, _) = argument { constants.append(v) }
      }
      guard let partition = partition(call.window, scope) else { return .broken }
      if let frame = call.window?.frame, frame.bareName?.text != "all" {
        report(
          Diagnostic(
            .wrongArgumentType, "`\(spec.name)` takes no number of rows after `over`", at: frame.span,
            label: "write `over all`, or `over by column`"))
        return .broken
      }
      return .window(makeKind(constants), arguments.first, partition, type)
    }
  }

  /// `money(x, "EUR")` and `quantity(x, "kg")` carry the unit that their second argument names.
  private func united(_ arguments: [Expression], _ type: ValueType) -> ValueType {
    guard arguments.count > 1, case .constant(.text(let unit), _) = arguments[1], !unit.isEmpty else {
      return type
    }
    switch type {
    case .money(nil): return .money(unit)
    case .quantity(nil): return .quantity(unit)
    default: return type
    }
  }

  private mutating func over(
    _ spec: FunctionSpec, _ kind: AggregateKind, _ arguments: [Expression], _ type: ValueType,
    _ window: Call.Window,
    _ scope: Scope
  ) -> Expression {
    guard let partition = partition(window, scope) else { return .broken }
    let argument = arguments.first ?? .constant(.int(1), .int)
    if arguments.count > 1 {
      report(
        Diagnostic(
          .wrongArgumentType, "`\(spec.name)` cannot be computed `over` rows", at: window.span,
          label: "use it in `summarize`, or `median` over rows"))
      return .broken
    }
    guard let frame = window.frame, frame.bareName?.text != "all" else {
      return .window(.whole(kind), argument, partition, type)
    }
    let size = bind(frame, scope: scope.withoutRows)
    if size.isBroken { return .broken }
    // Known only when a definition is used or a param is given; what is checked before never runs.
    if case .variable(_, let type) = size, type == .int || type == .unknown {
      return .window(.moving(kind, 1), argument, partition, type)
    }
    guard case .constant(.int(let n), _) = size, n >= 1, n <= 10_000_000 else {
      let isDuration = size.type.isDuration
      report(
        Diagnostic(
          .outOfRange,
          isDuration ? "`over` counts rows, not days" : "`over` needs a whole number of rows, at least 1",
          at: frame.span,
          label: isDuration
            ? "write `over 7`; make the days complete with `| dense day` before"
            : "such as `over 7`, or `over all`"))
      return .broken
    }
    return .window(.moving(kind, Int(n)), argument, partition, type)
  }

  private mutating func partition(_ window: Call.Window?, _ scope: Scope) -> [String]? {
    var names: [String] = []
    for path in window?.partition ?? [] {
      guard let name = existingColumn(path, in: scope.schema, scope) else { return nil }
      names.append(name)
    }
    return names
  }

  /// The name of a column that has to be there.
  mutating func existingColumn(_ path: Path, in schema: Schema, _ scope: Scope? = nil) -> String? {
    if schema.index(of: path.text) != nil || schema.isOpen { return path.text }
    report(unknownColumn(Name(text: path.text, span: path.span, isQuoted: false), in: schema, scope))
    return nil
  }

  // MARK: Arguments

  private func usage(_ spec: FunctionSpec) -> String {
    let parts = spec.parameters.map { p in
      p.defaultValue == nil ? p.name : "\(p.name) = \(p.defaultValue?.literal ?? "")"
    }
    return spec.name + "(" + parts.joined(separator: ", ") + (spec.isVariadic ? ", …" : "") + ")"
  }

  /// The arguments in the order of the parameters, typed; nil after an error.
  private mutating func pair(_ spec: FunctionSpec, _ call: Call, span: SourceSpan, scope: Scope)
    -> [Expression]?
  {
    let parameters = spec.parameters
    var given: [Expr?] = Array(repeating: nil, count: parameters.count)
    var rest: [Expr] = []
    var next = 0
    for argument in call.arguments {
      if case .binary(.equal, _, let left, let right) = argument.kind, let name = left.bareName,
        let place = parameters.firstIndex(where: { $0.name == name.text }),
        scope.schema.index(of: name.text) == nil
      {
        if given[place] != nil {
          report(.duplicateArgument(name.text, argument.span))
          return nil
        }
        given[place] = right
        continue
      }
      while next < parameters.count, given[next] != nil { next += 1 }
      if next < parameters.count {
        given[next] = argument
      } else if spec.isVariadic {
        rest.append(argument)
      } else {
        report(.argumentCount(usage(spec), found: call.arguments.count, span))
        return nil
      }
    }
    var bound: [Expression] = []
    var types: [ValueType] = []
    for (i, parameter) in parameters.enumerated() {
      guard let written = given[i] else {
        // `count()` counts rows; a null argument would count nothing.
        if case .aggregate(.count) = spec.kind, call.arguments.isEmpty { continue }
        guard let value = parameter.defaultValue else {
          if spec.isVariadic, i == parameters.count - 1, i > 0 { continue }
          report(.argumentCount(usage(spec), found: call.arguments.count, span))
          return nil
        }
        bound.append(.constant(value, value.type))
        types.append(value.type)
        continue
      }
      guard let e = argument(written, parameter, types, spec, scope) else { return nil }
      bound.append(e)
      types.append(e.type)
    }
    if let last = parameters.last {
      for written in rest {
        guard let e = argument(written, last, types, spec, scope) else { return nil }
        bound.append(e)
        types.append(e.type)
      }
      if spec.isVariadic, case .sameAs = last.accepts { return alike(bound, types, spec, span) }
    }
    return bound
  }

  /// Values of which one is chosen, all as their common type.
  private mutating func alike(
    _ bound: [Expression], _ types: [ValueType], _ spec: FunctionSpec, _ span: SourceSpan
  ) -> [Expression]? {
    var common = ValueType.null
    for type in types {
      guard let next = TypeRules.common(common, type) else {
        report(
          Diagnostic(
            .typeClash,
            "`\(spec.name)` chooses between values of one kind, and these are \(common.spoken) and \(type.spoken)",
            at: span, label: "all have to be of one kind"))
        return nil
      }
      common = next
    }
    return bound.map { convert($0, to: common) }
  }

  private mutating func argument(
    _ written: Expr, _ parameter: FunctionSpec.Parameter, _ types: [ValueType], _ spec: FunctionSpec,
    _ scope: Scope
  ) -> Expression? {
    var e = bind(written, scope: scope)
    if e.isBroken { return nil }
    if parameter.isConstant, !e.isConstant {
      report(.notConstant("`\(parameter.name)` of `\(spec.name)`", written.span))
      return nil
    }
    if case .sameAs(let i) = parameter.accepts, i < types.count, isBareNumber(written) {
      e = withUnit(e, of: types[i], written: written)
      if e.isBroken { return nil }
    }
    if case .exact(let type) = parameter.accepts, isBareNumber(written), !type.isPlain || type == .percent {
      e = withUnit(e, of: type, written: written)
      if e.isBroken { return nil }
    }
    guard accepts(parameter.accepts, e.type, types) else {
      let wanted = spoken(parameter.accepts, types)
      var diagnostic = Diagnostic.wrongType(
        "`\(parameter.name)` of `\(spec.name)`", wanted: wanted, found: e.type.spoken, written.span)
      diagnostic.notes += whyText(e, scope)
      report(diagnostic)
      return nil
    }
    if case .exact(.number) = parameter.accepts, e.type == .int { return convert(e, to: .number) }
    return e
  }

  /// Why a column of a file is a text, where one cell of it made it so.
  func whyText(_ e: Expression, _ scope: Scope) -> [String] {
    guard case .column(let name, .text) = e, let field = scope.schema[name], field.doc.hasPrefix("text: ")
    else {
      return []
    }
    return ["`\(name)` is a \(field.doc); `read` has `nulls`, `decimal` and `dates` for such cells"]
  }

  private func accepts(_ pattern: TypePattern, _ type: ValueType, _ types: [ValueType]) -> Bool {
    if type == .unknown || type == .null { return true }
    switch pattern {
    case .any: return true
    case .numeric: return type.isNumeric
    case .ordered:
      if case .list = type { return false }
      return type != .distribution
    case .temporal:
      if case .period = type { return true }
      return type == .date || type == .datetime
    case .exact(let wanted): return TypeRules.fits(type, wanted)
    case .oneOf(let patterns): return patterns.contains { accepts($0, type, types) }
    case .sameAs(let i): return i >= types.count || TypeRules.common(types[i], type) != nil
    }
  }

  private func spoken(_ pattern: TypePattern, _ types: [ValueType]) -> String {
    switch pattern {
    case .any: "a value"
    case .numeric: "a number"
    case .ordered: "a value with an order"
    case .temporal: "a date"
    case .exact(let type): type.spoken
    case .oneOf(let patterns): alternatives(patterns.flatMap(flat).map { spoken($0, types) })
    case .sameAs(let i): i < types.count ? types[i].spoken : "a value"
    }
  }

  private func flat(_ pattern: TypePattern) -> [TypePattern] {
    if case .oneOf(let inner) = pattern { inner.flatMap(flat) } else { [pattern] }
  }

  /// `a number or a duration`; where one of them has an "or" of its own, only commas stand between them.
  private func alternatives(_ words: [String]) -> String {
    words.contains { $0.contains(" or ") } ? words.joined(separator: ", ") : listed(words)
  }
}

extension Value {
  /// The value as a statement writes it.
  public var literal: String {
    switch self {
    case .null: "null"
    case .text(let s):
      "\"" + s.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("{", with: "\\{") + "\""
    case .list(let items): "[" + items.map(\.literal).joined(separator: ", ") + "]"
    case .money(let d, let c): formatNumber(d) + c
    case .quantity(let d, _): formatNumber(d)
    default: description
    }
  }
}
