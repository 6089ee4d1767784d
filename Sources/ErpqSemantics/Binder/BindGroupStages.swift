import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Stages that make one row of many.
extension Binder {
  /// The columns of `describe`, which gives a row for each column.
  static let description = Schema([
    Field("column", .text), Field("type", .text), Field("count", .int), Field("nulls", .int),
    Field("distinct", .int), Field("min", .text), Field("max", .text), Field("mean", .text),
  ])

  mutating func summarize(_ items: [Item], _ by: [Item], _ input: Schema, _ rows: Scope) -> Bound? {
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
    let fields =
      keys.map { field($0, input) }
      + values.map { value in
        var field = field(value, input)
        field.isAdditive = additivity(value.value)
        return field
      }
    return (.summarize(values, by: keys), Schema(fields))
  }

  /// Whether the groups' values add up to the value of all rows: sums and counts do, means and shares do not.
  /// nil where it cannot be told.
  private func additivity(_ e: Expression) -> Bool? {
    switch e {
    case .aggregate(.sum, _, let type), .aggregate(.count, _, let type): type == .percent ? false : true
    case .aggregate: false
    case .call(let kernel, let parts, _):
      switch kernel.name {
      case Operators.add.name, Operators.subtract.name:
        parts.allSatisfy { additivity($0) == true } ? true : false
      case Operators.multiply.name:
        parts.filter { additivity($0) == true }.count == 1 && parts.allSatisfy { additivity($0) != false }
          ? true : false
      default: parts.contains { additivity($0) != nil } ? false : nil
      }
    default: nil
    }
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

  mutating func pivot(_ r: Expr, _ c: Expr, _ v: Expr, _ input: Schema, _ rows: Scope) -> Bound? {
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
}
