import ErpqBase

/// The operators of the language as kernels.
///
/// Null in, null out, except where said. A result that is not a finite number is null, and so is a division
/// by zero: a table of ratios stays a table when one divisor is missing.
public enum Operators {
  /// Every operator by the name its kernel carries.
  public static let all: [ScalarKernel] = [
    add, subtract, multiply, divide, modulo, negate, not, and, or, equal, notEqual, less, lessOrEqual,
    greater,
    greaterOrEqual, isNull, isNotNull, coalesce, ifElse, like, contains, matches, isIn, between, convert,
    scale,
  ]
}
