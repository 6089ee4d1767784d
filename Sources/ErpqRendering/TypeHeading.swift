import ErpqTables

extension ValueType {
  /// The type in a table's second line: its unit where it has one, else a short word, so that it seldom makes a
  /// column wider. `describe` and messages use the words of the language.
  var heading: String {
    switch self {
    case .money(let currency): currency ?? "money"
    case .quantity(let unit): unit ?? "qty"
    case .percent: "%"
    case .number: "num"
    case .duration: "dur"
    case .period(let unit): unit?.rawValue ?? "span"
    case .list: "list"
    case .distribution: "dist"
    case .unknown: "?"
    case .bool, .int, .text, .date, .datetime, .null: description
    }
  }
}
