import ErpqBase

/// Something a kernel works on: a whole column, or one value that stands for every row.
public enum Operand: Sendable {
  case column(Column)
  case scalar(Value)
}

/// What went wrong inside a kernel, for data reasons (a mistake in the statement is found before).
public struct KernelError: Error, Hashable, Sendable {
  /// One sentence in the user's words.
  public var message: String
  /// The first row it happened in, from 0.
  public var row: Int?

  /// An error, at a row or of the whole column.
  public init(_ message: String, row: Int? = nil) {
    self.message = message
    self.row = row
  }
}

/// A function over rows: takes operands of `rows` rows and makes a column (or a scalar when all are scalars).
///
/// A kernel trusts its arguments' types (the binder has checked them) and handles nulls itself: the default
/// for a kernel is "null in, null out".
public struct ScalarKernel: Sendable {
  /// The name for `explain` and errors.
  public let name: String
  /// The computation: operands, number of rows, the type of the result.
  public let apply: @Sendable ([Operand], Int, ValueType) throws -> Operand

  /// A kernel.
  public init(_ name: String, _ apply: @escaping @Sendable ([Operand], Int, ValueType) throws -> Operand) {
    self.name = name
    self.apply = apply
  }
}

/// How a group's rows become one value.
public enum AggregateKind: String, Sendable, CaseIterable {
  case count, countDistinct, sum, avg, median, min, max, stdev, variance, percentile, first, last
}

/// A function over rows near the row at hand, in the table's order, within a partition.
public enum WindowKind: Hashable, Sendable {
  /// An aggregate over the last n rows, this one included; fewer at the start. nil: all rows so far
  /// (cumulative).
  case moving(AggregateKind, Int?)
  /// An aggregate over the whole partition.
  case whole(AggregateKind)
  /// The value n rows earlier (`lag`) or later (negative n: `lead`).
  case shift(Int)
  /// 1 for the first in the table's order of the argument, ties share the smaller rank (descending when
  /// asked).
  case rank(descending: Bool)
  /// 1, 2, 3 … in the table's order.
  case rowNumber
  /// The value as a share of the partition's sum; null when that is 0.
  case share
  /// The value less the one n rows earlier.
  case difference(Int)
  /// The change against the value n rows earlier, as a share of its size; null when that is 0.
  case relativeChange(Int)
}

/// A typed expression over the columns of one table, ready to be evaluated: units are converted, names
/// resolved.
public indirect enum Expression: Sendable {
  /// A column of the table.
  case column(String, ValueType)
  /// The same value for every row.
  case constant(Value, ValueType)
  /// A session variable (`$name`), put in place before evaluation.
  case variable(String, ValueType)
  /// A function or operator over rows.
  case call(ScalarKernel, [Expression], ValueType)
  /// An aggregate over the table's or group's rows; extra arguments (a percentile's share) are constants.
  case aggregate(AggregateKind, [Expression], ValueType)
  /// A window function: argument (nil for `rowNumber`), partition columns.
  case window(WindowKind, Expression?, [String], ValueType)

  /// Whether the numbers it gives are names of something, such as years and ids: those of such a column, a year of a
  /// date, one of several of them, and years before or after.
  public func givesNames(_ schema: Schema) -> Bool {
    switch self {
    case .column(let name, let type):
      return type == .int && (schema[name].map(Conventions.isIdentifier) ?? false)
    case .constant, .variable: return false
    case .call(let kernel, let arguments, .int):
      let names = arguments.map { $0.givesNames(schema) }
      switch kernel.name {
      case "year": return true
      case Operators.add.name: return names.contains(true) && names.contains(false)
      case Operators.subtract.name: return names.first == true && names.last == false
      case Operators.coalesce.name, "least", "greatest": return names.contains(true)
      default: return false
      }
    case .aggregate(let kind, let arguments, .int):
      return [.min, .max, .first, .last].contains(kind) && arguments.first?.givesNames(schema) == true
    case .window(let kind, let argument?, _, .int):
      switch kind {
      case .shift, .whole(.min), .whole(.max), .whole(.first), .whole(.last), .moving(.min, _),
        .moving(.max, _):
        return argument.givesNames(schema)
      default: return false
      }
    case .call, .aggregate, .window: return false
    }
  }

  /// The type of the values it gives.
  public var type: ValueType {
    switch self {
    case .column(_, let t), .constant(_, let t), .variable(_, let t), .call(_, _, let t),
      .aggregate(_, _, let t), .window(_, _, _, let t):
      t
    }
  }
}
