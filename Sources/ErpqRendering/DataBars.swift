/// Bars beside the numbers of a column, from zero, all to one scale.
struct DataBars {
  let width: Int
  let unicode: Bool
  private let low: Double
  private let high: Double
  /// Columns left of zero.
  private let zero: Int

  private static let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  init(_ values: [Double?], width: Int, unicode: Bool) {
    self.width = width
    self.unicode = unicode
    let known = values.compactMap { $0 }.filter(\.isFinite)
    low = min(0, known.min() ?? 0)
    high = max(0, known.max() ?? 0)
    let range = high / 2 - low / 2
    zero = range > 0 ? Int((-low / 2 / range * Double(width)).rounded()) : 0
  }

  /// What a terminal of that width has to spare.
  static func width(_ style: TerminalStyle) -> Int { style.width < 60 ? 6 : style.width < 120 ? 12 : 16 }

  /// The share of the widest bar that a value takes, in −1…1; 0 without a value.
  static func share(_ value: Double?, of values: [Double?]) -> Double {
    let most = values.reduce(0) { max($0, ($1?.isFinite ?? false) ? $1?.magnitude ?? 0 : 0) }
    guard let value, value.isFinite, most > 0 else { return 0 }
    return value / most
  }

  /// The bar of a value, without spaces at its end.
  func text(_ value: Double?) -> String {
    guard let value, value.isFinite, value != 0 else { return "" }
    let range = high / 2 - low / 2
    let length = range > 0 ? (value.magnitude / 2) / range * Double(width) : 0
    if value < 0 {
      let cells = max(1, min(zero, Int(length.rounded())))
      return spaces(zero - cells) + String(repeating: unicode ? "█" : "#", count: cells)
    }
    let room = width - zero
    guard unicode else {
      return spaces(zero) + String(repeating: "#", count: max(1, min(room, Int(length.rounded()))))
    }
    let parts = max(1, min(room * 8, Int((length * 8).rounded())))
    return spaces(zero) + String(repeating: "█", count: parts / 8)
      + (parts % 8 > 0 ? String(DataBars.eighths[parts % 8]) : "")
  }

  /// A number with its bar, both in columns of their own.
  func beside(_ cell: Cell, _ value: Double?, numberWidth: Int) -> Cell {
    var cell = Cell(padded(cell.text, to: numberWidth, right: true), cell.role)
    cell.bar = (text(value), (value ?? 0) < 0 ? .negative : .series(0))
    cell.width = numberWidth + 1 + width
    return cell
  }
}
