/// What the names of columns and currencies tell about how their numbers are written, in every output.
public enum Conventions {
  /// Decimals of a currency: 2, but 0 and 3 for those that ISO 4217 says so of; nil is any currency.
  public static func decimals(ofCurrency currency: String?) -> Int {
    switch currency {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
      "XOF", "XPF":
      0
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
    default: 2
    }
  }

  /// What a column says of itself whose rows have units of their own, such as the values of metrics: each number then
  /// reads by itself, and the column has no common number of decimals.
  public static let figure = "in the unit beside it; null with a reason"

  private static let identifiers: Set = [
    "product", "order", "customer", "supplier", "warehouse", "partner", "invoice", "id", "year", "y", "yr",
    "sku", "code",
  ]

  /// Whether an integer in a column of that name is a name rather than an amount, and so has no thousands.
  public static func isIdentifier(_ column: String) -> Bool {
    identifiers.contains(column) || column.hasSuffix("_id") || column.hasSuffix("_year")
      || column.hasPrefix("year_")
  }

  /// Whether the numbers of a column are names rather than amounts.
  public static func isIdentifier(_ field: Field) -> Bool {
    field.numbers.map { $0 == .name } ?? isIdentifier(field.name)
  }

  private static let levels: Set = [
    "price", "cost", "rate", "mean", "median", "avg", "average", "min", "max", "lowest", "highest", "rank",
    "cv",
    "rop", "line", "day", "days", "week", "month", "quarter", "hour", "age", "score", "level", "target",
    "ratio",
    "index", "number", "horizon", "rating",
  ]
  private static let levelParts: Set = [
    "price", "rate", "mean", "median", "avg", "average", "min", "max", "rank", "cum", "share", "ratio",
    "lead",
    "cover", "target", "pct", "percentile", "stdev", "per",
  ]

  /// Whether a column's values may be added up over its rows, by what its type and its name tell: amounts and
  /// quantities may, not percents, prices, rates, means, ids and other levels.
  public static func isAdditive(_ field: Field) -> Bool {
    switch field.type {
    case .int, .number, .money, .quantity, .duration: break
    default: return false
    }
    if let known = field.isAdditive { return known }
    guard !isIdentifier(field), !levels.contains(field.name) else { return false }
    return !field.name.split(separator: "_").contains { levelParts.contains(String($0)) }
  }
}
