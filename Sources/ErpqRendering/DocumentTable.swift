import ErpqFiles
import ErpqTables

extension TableRenderer {
  /// One value as documents for people show it: money with the decimals of its currency, percents short.
  public static func documentText(_ value: Value) -> String {
    switch value {
    case .money, .percent: CellFormatter.inline(value)
    default: value.description
    }
  }

  /// A table's columns for Markdown and HTML, written as on a terminal: units in the headings, thousands, the decimals
  /// that the column needs, sparklines and bars.
  public static func documentColumns(_ table: Table) -> [DocumentColumn] {
    zip(table.schema.fields, table.columns).enumerated().map { place, pair in
      let (field, column) = pair
      let total = table.totals?[place]
      let values = (0..<column.count).map { column[$0] }
      let formatter = CellFormatter(field, values: values + [total].compactMap { $0 }, unicode: true)
      let numbers = formatter.hasBars ? values.map(\.asDouble) : []
      let bars = DataBars(numbers, width: 12, unicode: true)
      func text(_ value: Value) -> String {
        if value.isNull { return "" }
        // Line ends and signs are the document's own matter.
        if case .text(let s) = value { return s }
        return formatter.cell(value).text
      }
      return DocumentColumn(
        name: field.name + (field.type.documentUnit.map { " (\($0))" } ?? ""),
        alignsRight: formatter.alignsRight, text: { text(values[$0]) },
        mood: { row in
          let value = values[row]
          if value.isNull { return .plain }
          if case .text = value, formatter.isSeverity {
            switch CellFormatter.severity(value, isStatus: field.name == "status") {
            case .alarm: return .alarm
            case .warning: return .warning
            case .calm: return .calm
            default: return .plain
            }
          }
          return formatter.alignsRight && (value.asDouble ?? 0) < 0 ? .negative : .plain
        },
        bar: formatter.hasBars ? { DataBars.share(numbers[$0], of: numbers) } : nil,
        barText: formatter.hasBars ? { padded(bars.text(numbers[$0]), to: 12, right: false) } : nil,
        total: total.map(text))
    }
  }
}

extension ValueType {
  /// The unit that a heading names; percents and durations have theirs in the cells.
  var documentUnit: String? {
    switch self {
    case .money(let currency): currency
    case .quantity(let unit): unit
    default: nil
    }
  }
}
