import ErpqBase

@testable import ErpqTables

/// A column of ints, nil for null.
func ints(_ values: [Int?]) -> Column {
  Column(.int, values: values.map { $0.map { .int(Int64($0)) } ?? .null })
}

/// A column of numbers, nil for null.
func numbers(_ values: [Double?], _ type: ValueType = .number) -> Column {
  Column(type, values: values.map { $0.map { .number($0) } ?? .null })
}

/// A column of texts, nil for null.
func texts(_ values: [String?]) -> Column {
  Column(.text, values: values.map { $0.map { .text($0) } ?? .null })
}

/// A column of bools, nil for null.
func bools(_ values: [Bool?]) -> Column {
  Column(.bool, values: values.map { $0.map { .bool($0) } ?? .null })
}

/// A column of dates from ISO texts, nil for null.
func dates(_ values: [String?]) -> Column {
  Column(.date, values: values.map { $0.flatMap { CivilDate(iso: $0) }.map { .date($0) } ?? .null })
}

func day(_ iso: String) -> Value { CivilDate(iso: iso).map { .date($0) } ?? .null }
func period(_ iso: String) -> Value { Period(iso: iso).map { .period($0) } ?? .null }

extension Column {
  /// All values.
  var all: [Value] { (0..<count).map { self[$0] } }
  /// All values as data files show them; nulls as `·`.
  var shown: String { all.map { $0.isNull ? "·" : $0.description }.joined(separator: " ") }
}

extension Table {
  /// The rows, values apart by spaces and rows by ` | `.
  var shown: String {
    (0..<rowCount).map { r in columns.map { $0.isValid(r) ? $0[r].description : "·" }.joined(separator: " ") }
      .joined(separator: " | ")
  }
  /// The rows as values.
  var rows: [[Value]] { (0..<rowCount).map { row($0) } }
}

/// A kernel over columns, its result as a column.
func run(_ kernel: ScalarKernel, _ operands: [Operand], _ type: ValueType) throws -> Column {
  let rows = operands.compactMap { if case .column(let c) = $0 { c.count } else { nil } }.first ?? 1
  return try kernel.apply(operands, rows, type).column(rows: rows, as: type)
}

func run(_ kernel: ScalarKernel, _ columns: Column..., as type: ValueType) throws -> String {
  try run(kernel, columns.map { .column($0) }, type).shown
}

func run(_ kernel: ScalarKernel, _ column: Column, _ value: Value, as type: ValueType) throws -> String {
  try run(kernel, [.column(column), .scalar(value)], type).shown
}

extension Functions {
  /// The function of that name.
  static func named(_ name: String) -> FunctionSpec? { all.first { $0.name == name } }
}
