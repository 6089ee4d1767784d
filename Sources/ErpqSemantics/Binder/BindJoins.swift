import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Stages that take a second table.
extension Binder {
  /// A pair of columns that have to be equal.
  private struct JoinKey {
    var left: BoundStage.Named
    var right: String
    /// Whether the result has it once, because both sides call it the same.
    var isMerged: Bool
  }

  mutating func join(
    _ word: JoinWord, _ reference: TableReference, _ written: [Expr], _ stage: Stage, _ input: Schema,
    _ rows: Scope
  ) -> Bound? {
    guard let right = bind(reference, scope: rows) else { return nil }
    var keys: [JoinKey] = []
    if written.isEmpty {
      keys = commonKeys(input, right).map {
        JoinKey(left: ($0, .column($0, input[$0]?.type ?? .unknown)), right: $0, isMerged: true)
      }
      guard !keys.isEmpty else {
        report(noCommonKey(input, right.schema, stage.word.span))
        return nil
      }
    }
    for key in written {
      guard let key = joinKey(key, input, right.schema) else { return nil }
      keys.append(key)
    }
    for key in keys {
      if let clash = keyClash(key, right.schema, written.first?.span ?? stage.word.span) {
        report(clash)
        return nil
      }
    }
    let merge = keys.filter(\.isMerged).map(\.right)
    var schema = input
    if word != .semi, word != .anti {
      for field in right.schema.fields where !merge.contains(field.name) {
        var new = field
        while schema.index(of: new.name) != nil { new.name += "_right" }
        schema.fields.append(new)
      }
      schema.isOpen = schema.isOpen || right.schema.isOpen
    }
    let kind: JoinKind =
      switch word {
      case .inner: .inner
      case .left: .left
      case .right: .right
      case .full: .full
      case .semi: .semi
      case .anti: .anti
      }
    return (.join(kind, right, on: keys.map { ($0.left, $0.right) }, merge: merge), schema)
  }

  private func noCommonKey(_ left: Schema, _ right: Schema, _ span: SourceSpan) -> Diagnostic {
    let mine = left.names.filter { !$0.contains(".") }.prefix(10).joined(separator: ", ")
    let theirs = right.names.prefix(10).joined(separator: ", ")
    return Diagnostic(
      .missingArgument, "these tables share no key", at: span,
      label: "say which columns match: `on a = b`",
      notes: ["on the left: \(mine)", "on the right: \(theirs)"])
  }

  private func keyClash(_ key: JoinKey, _ right: Schema, _ span: SourceSpan) -> Diagnostic? {
    let mine = key.left.value.type
    let theirs = right[key.right]?.type ?? .unknown
    guard case .clash = TypeRules.comparable(mine, theirs) else { return nil }
    let isCodeAndNumber = mine == .int && theirs == .text || mine == .text && theirs == .int
    return Diagnostic(
      .typeClash,
      "`\(key.left.name)` is \(mine.spoken) on the left, and `\(key.right)` is \(theirs.spoken) on the right",
      at: span, label: "keys have to be of one kind",
      notes: isCodeAndNumber ? ["`text(…)` or `int(…)` converts one of them; `sku` is the code as text"] : [])
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

  private mutating func joinKey(_ key: Expr, _ input: Schema, _ right: Schema) -> JoinKey? {
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
      return JoinKey(left: (mine, .column(mine, input[mine]?.type ?? .unknown)), right: mine, isMerged: true)
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
    return JoinKey(
      left: (mine, .column(mine, input[mine]?.type ?? .unknown)), right: theirs, isMerged: mine == theirs)
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

  mutating func union(_ reference: TableReference, _ stage: Stage, _ input: Schema, _ rows: Scope)
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
}
