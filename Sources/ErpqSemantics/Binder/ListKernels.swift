import ErpqTables

/// Kernels that only the binder makes.
enum ListKernels {
  /// A list of the operands' values, row by row.
  static let make = ScalarKernel("list") { operands, rows, type in
    if operands.allSatisfy({ if case .scalar = $0 { true } else { false } }) {
      return .scalar(.list(operands.map { if case .scalar(let v) = $0 { v } else { .null } }))
    }
    var values: [Value] = []
    values.reserveCapacity(rows)
    for row in 0..<rows {
      values.append(
        .list(
          operands.map {
            switch $0 {
            case .scalar(let v): v
            case .column(let c): c[row]
            }
          }))
    }
    return .column(Column(type, values: values))
  }
}
