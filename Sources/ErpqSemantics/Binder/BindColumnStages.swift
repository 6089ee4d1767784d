import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Stages that change the columns or the order of one table.
extension Binder {
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

  mutating func named(_ items: [Item], _ scope: Scope) -> [(name: String, value: Expression)] {
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

  func field(_ named: BoundStage.Named, _ input: Schema) -> Field {
    var doc = ""
    var plot: Field.PlotRole?
    if case .column(let source, _) = named.value, let field = input[source] {
      doc = field.doc
      plot = field.plot
      if field.numbers == .change {
        return Field(named.name, named.value.type, doc, numbers: .change, plot: plot)
      }
    }
    // Where the name says the same, nothing needs to be said.
    let isName = named.value.givesNames(input) && !Conventions.isIdentifier(named.name)
    return Field(named.name, named.value.type, doc, numbers: isName ? .name : nil, plot: plot)
  }

  mutating func select(_ items: [Item], _ input: Schema, _ rows: Scope) -> Bound? {
    let list = named(items, windowed(rows))
    return (.select(list), Schema(list.map { field($0, input) }))
  }

  mutating func extend(_ items: [Item], _ input: Schema, _ rows: Scope) -> Bound? {
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

  mutating func rename(_ pairs: [(new: Name, old: Path)], _ input: Schema) -> Bound? {
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

  mutating func drop(_ paths: [Path], _ input: Schema) -> Bound? {
    let names = paths.compactMap { existingColumn($0, in: input) }
    var schema = input
    schema.fields.removeAll { names.contains($0.name) }
    return (.drop(names), schema)
  }

  mutating func sort(_ keys: [SortItem], _ input: Schema, _ rows: Scope) -> Bound? {
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
  }

  mutating func fill(_ paths: [Path], _ value: Expr?, _ input: Schema, _ rows: Scope) -> Bound? {
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

  mutating func dense(_ name: Name, _ by: [Path], _ input: Schema) -> Bound? {
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
}
