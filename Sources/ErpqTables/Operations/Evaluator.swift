import ErpqBase

/// Evaluates expressions over the rows of a table.
public struct Evaluator: Sendable {
  /// The table whose columns the expressions name.
  public let table: Table
  /// The values of `$name`, by name without the dollar sign.
  public let variables: [String: Value]

  /// An evaluator over a table.
  public init(table: Table, variables: [String: Value] = [:]) {
    self.table = table
    self.variables = variables
  }

  /// The value of an expression: a column, or a scalar when it is the same for all rows. An aggregate counts
  /// over the whole table; a window function goes in the order of the table.
  ///
  /// Throws `KernelError` for what the data make impossible, `Cancellation.Interrupted` when asked to stop.
  public func evaluate(_ e: Expression) throws -> Operand {
    switch e {
    case .column(let name, _): return .column(try table.column(named: name))
    case .constant(let value, _): return .scalar(value)
    case .variable(let name, _):
      guard let value = variables[name] else { throw KernelError("the variable $\(name) has no value") }
      return .scalar(value)
    case .call(let kernel, let arguments, let type):
      try Cancellation.current.check()
      return try kernel.apply(try arguments.map { try evaluate($0) }, table.rowCount, type)
    case .aggregate(let kind, let arguments, let type):
      let columns = try arguments.map { try argument($0) }
      let value = try Aggregate("", kind, columns, type: type).computed(over: Grouping(all: table.rowCount))
      return .scalar(value[0])
    case .window(let kind, let argument, let partition, let type):
      let groups = try Grouping(by: try partition.map { try table.column(named: $0) }, rows: table.rowCount)
      return .column(try Window(kind, try argument.map { try column($0) }, type: type).computed(over: groups))
    }
  }

  /// The value of an expression as a column with a row for each of the table's.
  public func column(_ e: Expression) throws -> Column {
    switch try evaluate(e) {
    case .column(let c): c
    case .scalar(let value):
      Column(repeating: value, as: e.type.isKnown ? e.type : value.type, count: table.rowCount)
    }
  }

  /// An aggregate's argument: a constant (a percentile's share) has its value even over an empty table.
  private func argument(_ e: Expression) throws -> Column {
    if table.rowCount == 0, case .constant(let value, let type) = e { return Column(type, values: [value]) }
    return try column(e)
  }

  /// The value of an expression that needs no table: literals, variables, and functions of them.
  public static func constant(_ e: Expression, variables: [String: Value] = [:]) throws -> Value {
    let evaluator = Evaluator(table: Table(Schema([]), [], rowCount: 1), variables: variables)
    return try evaluator.evaluate(e).value(0)
  }

  /// `summarize`: one row a group, with the keys and the items, whose aggregates count over the group's rows.
  ///
  /// Outside its aggregates an item sees the keys and, under its name, each item before it.
  public func summarized(by keys: [(String, Expression)], items: [(String, Expression)]) throws -> Table {
    let keyColumns = try keys.map { ($0.0, try column($0.1)) }
    let groups = try Grouping(by: keyColumns.map(\.1), rows: table.rowCount)
    var aggregates: [Aggregate] = []
    let rewritten = try items.map { ($0.0, try lifted($0.1, &aggregates)) }
    var base = try table.grouped(keys: keyColumns, groups, aggregates)
    for (name, item) in rewritten {
      let column = try Evaluator(table: base, variables: variables).column(item)
      base = base.setting(name, column)
    }
    return base.selecting(keys.map(\.0) + items.map(\.0))
  }

  /// The expression with each aggregate replaced by a column that will hold it.
  private func lifted(_ e: Expression, _ aggregates: inout [Aggregate]) throws -> Expression {
    switch e {
    case .aggregate(let kind, let arguments, let type):
      let name = "\u{0}\(aggregates.count)"
      aggregates.append(Aggregate(name, kind, try arguments.map { try argument($0) }, type: type))
      return .column(name, type)
    case .call(let kernel, let arguments, let type):
      return .call(kernel, try arguments.map { try lifted($0, &aggregates) }, type)
    default: return e
    }
  }
}

extension ValueType {
  /// Whether something is known about the values.
  var isKnown: Bool { self != .unknown && self != .null }
}
