import ErpqBase

/// A window function to be computed: which, of what, and the type of the result.
public struct Window: Sendable {
  /// Which function.
  public var kind: WindowKind
  /// What it works on; nil for `rowNumber`.
  public var argument: Column?
  /// The type of the result.
  public var type: ValueType

  /// A window function of a column.
  public init(_ kind: WindowKind, _ argument: Column?, type: ValueType) {
    self.kind = kind
    self.argument = argument
    self.type = type
  }

  /// One value a row, each from the rows of its own partition, in the order of the table.
  public func computed(over partitions: Grouping) throws -> Column {
    try Cancellation.current.check()
    let rows = partitions.ids.count
    if kind == .rowNumber { return rowNumbers(partitions) }
    guard let argument else { return .nulls(type, count: rows) }
    switch kind {
    case .rowNumber: return rowNumbers(partitions)
    case .whole(let aggregate):
      let values = try Aggregate("", aggregate, [argument], type: type).computed(over: partitions)
      return values.gathered(partitions.ids, mayBeMissing: false)
    case .shift(let n): return argument.taking(shiftedRows(n, partitions)).retyped(type)
    case .rank(let descending): return try ranks(argument, descending: descending, partitions)
    case .share:
      let total = try Aggregate("", .sum, [argument], type: .number).computed(over: partitions)
      let totals = total.gathered(partitions.ids, mayBeMissing: false)
      return try Operators.divide.apply([.column(argument), .column(totals)], rows, type).column(rows: rows)
    case .difference(let n):
      let before = Operand.column(argument.taking(shiftedRows(n, partitions)))
      return try Operators.subtract.apply([.column(argument), before], rows, type).column(rows: rows)
    case .relativeChange(let n):
      guard let now = Operand.column(argument).doubles() else { return .nulls(type, count: rows) }
      let before = argument.taking(shiftedRows(n, partitions))
      guard let then = Operand.column(before).doubles() else { return .nulls(type, count: rows) }
      let values = combine(now, then, rows: rows) { ($0 - $1) / $1.magnitude }
      return Column(finite: type, values, validity: .both(now.validity, then.validity))
    case .moving(let aggregate, let n): return try moving(aggregate, n, argument, partitions)
    }
  }

  private func rowNumbers(_ partitions: Grouping) -> Column {
    var next = [Int64](repeating: 0, count: partitions.count)
    let values = partitions.ids.map { id -> Int64 in
      next[Int(id)] += 1
      return next[Int(id)]
    }
    return Column(type, .ints(values))
  }

  /// For each row the row `n` places earlier in its partition, −1 where there is none.
  private func shiftedRows(_ n: Int, _ partitions: Grouping) -> [Int32] {
    let (starts, rows) = partitions.buckets()
    var result = [Int32](repeating: -1, count: rows.count)
    for g in 0..<partitions.count {
      let range = starts[g]..<starts[g + 1]
      for i in range {
        let (from, overflow) = i.subtractingReportingOverflow(n)
        if !overflow, range.contains(from) { result[Int(rows[i])] = rows[from] }
      }
    }
    return result
  }

  private func ranks(_ argument: Column, descending: Bool, _ partitions: Grouping) throws -> Column {
    let codes = try SortCodes.ordinals(argument, descending: descending)
    let order = try Table([("", argument)]).order(by: [SortKey(argument, descending: descending)])
    var ranks = [Int64](repeating: 0, count: order.count)
    var seen = [Int64](repeating: 0, count: partitions.count)
    var last = [(code: UInt64, rank: Int64)](repeating: (0, 0), count: partitions.count)
    for row in order where argument.isValid(Int(row)) {
      let g = Int(partitions.ids[Int(row)])
      seen[g] += 1
      if seen[g] == 1 || codes[Int(row)] != last[g].code { last[g] = (codes[Int(row)], seen[g]) }
      ranks[Int(row)] = last[g].rank
    }
    let missing: Bitmap? =
      if case .nulls(let n) = argument.storage { Bitmap(repeating: false, count: n) } else {
        argument.validity
      }
    return Column(type, .ints(ranks), validity: missing)
  }
}
