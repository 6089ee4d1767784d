import ErpqBase
import ErpqTables

/// A cell as it will be drawn, before it is cut to its column.
struct Cell {
  var text: String
  /// Columns of the text and of what stands behind it.
  var width: Int
  var role: Role
  /// A bar behind the text, and the role it is drawn in.
  var bar: (text: String, role: Role)?

  init(_ text: String, _ role: Role = .plain) {
    self.text = text
    width = displayWidth(text)
    self.role = role
  }
}

/// How one column's values read: decided once from the rows that are shown, so that they line up.
struct CellFormatter {
  /// How the numbers of the column are written.
  private enum Notation {
    /// Divisor (100ths for percents), decimals, thousands, suffix.
    case fixed(multiplier: Double, decimals: Int, grouped: Bool, suffix: String)
    case sparkline
    /// Each number by itself.
    case figure
    case general
  }

  private let notation: Notation
  private let unicode: Bool
  /// Whether the numbers are changes, so that a rise has a sign too.
  private let areChanges: Bool
  /// Whether the texts are verdicts, which have colours.
  let isSeverity: Bool
  /// Whether bars stand beside the numbers.
  let hasBars: Bool
  /// Whether an alarm has a mark of its own, because there are no colours for it.
  private let marksAlarms: Bool
  /// Whether `low` is a verdict about a stock instead of an urgency.
  private let isStatus: Bool
  /// Whether the cells stand at the right edge of the column.
  let alignsRight: Bool
  /// Whether the column may be cut to make room.
  let isElastic: Bool
  /// Whether the cells are drawings that are redrawn, not cut, in a narrower column.
  let isSparkline: Bool

  /// Looks at the values of the rows that will be shown.
  init(_ field: Field, values: [Value], unicode: Bool, marksAlarms: Bool = false) {
    self.unicode = unicode
    let isSeverity = CellFormatter.severityColumns.contains(field.name)
    let isStatus = field.name == "status"
    self.isSeverity = isSeverity
    self.isStatus = isStatus
    hasBars = field.doc == "bars"
    areChanges = field.numbers == .change
    self.marksAlarms =
      marksAlarms && isSeverity
      && values.contains { CellFormatter.severity($0, isStatus: isStatus) == .alarm }
    var sparkline = false
    if case .list = field.type, field.doc == "sparkline" { sparkline = true }
    if field.type == .distribution { sparkline = true }
    isSparkline = sparkline
    switch field.type {
    case .int, .number, .percent, .money, .quantity, .duration: alignsRight = true
    default: alignsRight = false
    }
    switch field.type {
    case .text, .list, .distribution, .unknown: isElastic = true
    default: isElastic = false
    }
    let numbers = values.compactMap(\.asDouble)
    switch field.type {
    case .int:
      let grouped = !Conventions.isIdentifier(field)
      notation = .fixed(multiplier: 1, decimals: 0, grouped: grouped, suffix: "")
    case .number where field.doc == Conventions.figure || field.name == "change_pct": notation = .figure
    case .number, .quantity:
      let places = NumberText.decimals(for: numbers)
      notation = .fixed(
        multiplier: 1, decimals: places, grouped: !Conventions.isIdentifier(field), suffix: "")
    case .money(let currency):
      let least = Conventions.decimals(ofCurrency: currency)
      let places = CellFormatter.enough(numbers, least: least, most: least + 2)
      notation = .fixed(multiplier: 1, decimals: places, grouped: true, suffix: "")
    case .percent:
      let places = CellFormatter.enough(numbers.map { $0 * 100 }, least: 1, most: 3)
      notation = .fixed(multiplier: 100, decimals: places, grouped: true, suffix: "%")
    case .duration(let family):
      let unit = CellFormatter.durationUnit(numbers, family ?? .time)
      let scaled = numbers.map { $0 / unit.amount }
      let places = min(1, NumberText.decimals(for: scaled))
      notation = .fixed(multiplier: 1 / unit.amount, decimals: places, grouped: true, suffix: unit.suffix)
    default: notation = sparkline ? .sparkline : .general
    }
  }

  /// The cell of a value; `width` is the column's, nil while it is not known.
  func cell(_ value: Value, width: Int? = nil) -> Cell {
    if value.isNull { return Cell(unicode ? "·" : "null", .dim) }
    let cell = plainCell(value, width: width)
    // What rounds to nothing has no sign.
    guard areChanges, let x = value.asDouble, x > 0, cell.text.contains(where: { ("1"..."9").contains($0) })
    else { return cell }
    return Cell("+" + cell.text, cell.role)
  }

  private func plainCell(_ value: Value, width: Int?) -> Cell {
    if isSparkline, case .list(let items) = value {
      return Cell(sparkline(items.map(\.asDouble), width: width ?? 24, unicode: unicode), .series(0))
    }
    if case .distribution(let d) = value {
      return Cell(CellFormatter.shape(d, width: min(16, width ?? 16), unicode: unicode), .series(0))
    }
    if case .figure = notation, let x = value.asDouble, x.isFinite {
      return Cell(NumberText.figure(x), x < 0 ? .negative : .plain)
    }
    if case .int(let i) = value, case .fixed(1, 0, let grouped, "") = notation {
      return Cell(grouped ? NumberText.grouped(i) : String(i), i < 0 ? .negative : .plain)
    }
    if case .fixed(let multiplier, let decimals, let grouped, let suffix) = notation, let x = value.asDouble {
      // The duration's divisor is a multiplier too; a whole number of units must not miss by a rounding
      // error.
      let shown = multiplier < 1 ? x / (1 / multiplier).rounded() : x * multiplier
      let text = NumberText.fixed(shown, decimals: decimals, grouped: grouped) + suffix
      return Cell(text, text.utf8.first == 45 ? .negative : .plain)
    }
    if case .text(let s) = value {
      let role = isSeverity ? CellFormatter.severity(value, isStatus: isStatus) : .plain
      return Cell((marksAlarms ? (role == .alarm ? "! " : "  ") : "") + quotedIfNullLike(s), role)
    }
    return Cell(visibleText(CellFormatter.inline(value), unicode: unicode))
  }

  /// Whether a total is the word that names its row, in a column that does not hold words.
  func isLabel(_ value: Value) -> Bool { if case .text = value { true } else { false } }

  /// A text that reads like the mark of a null is put in quotes.
  private func quotedIfNullLike(_ text: String) -> String {
    // A cell far longer than any line is cut before it is looked at.
    let head = text.utf8.count > 8192 ? String(text.prefix(2048)) + "…" : text
    let shown = visibleText(head, unicode: unicode)
    return shown == (unicode ? "·" : "null") ? "\"\(shown)\"" : shown
  }

  /// How urgent a verdict is; plain for what is none.
  static func severity(_ value: Value, isStatus: Bool) -> Role {
    guard case .text(let text) = value, text.utf8.count < 32 else { return .plain }
    switch text.uppercased().replacing("_", with: " ") {
    case "HIGH", "ORDER NOW", "CRITICAL", "URGENT", "OUT OF STOCK", "STOCKOUT", "OVERDUE", "FAIL", "FAILED",
      "EXPEDITE", "LATE", "BLOCKED", "RED", "BAD":
      return .alarm
    case "MEDIUM", "MONITOR", "LOW STOCK", "WARNING", "WARN", "ORDER SOON", "OVERSTOCKED", "REVIEW", "AMBER",
      "YELLOW":
      return .warning
    case "LOW": return isStatus ? .warning : .calm
    case "OK", "ADEQUATE", "NONE", "PASS", "PASSED", "HEALTHY", "GOOD", "ON TIME", "GREEN": return .calm
    default: return .plain
    }
  }

  private static let severityColumns: Set = [
    "urgency", "action", "severity", "impact", "priority", "status", "alert", "risk", "level",
  ]

  /// `least` decimals, and up to `most` where a number would otherwise look like zero.
  private static func enough(_ values: [Double], least: Int, most: Int) -> Int {
    var places = least
    let smallest = values.reduce(Double.infinity) { $1 == 0 ? $0 : min($0, $1.magnitude) }
    let floor = 0.5 / NumberText.powersOfTen[most]
    while places < most, smallest >= floor, smallest * NumberText.powersOfTen[places] < 0.5 { places += 1 }
    return places
  }

  /// The largest unit that the longest duration has one of.
  static func durationUnit(_ amounts: [Double], _ family: DurationFamily) -> (suffix: String, amount: Double)
  {
    if family == .months {
      let years =
        amounts.contains { $0 != 0 }
        && amounts.allSatisfy { $0.truncatingRemainder(dividingBy: 12) == 0 }
      return years ? ("y", 12) : ("mo", 1)
    }
    let longest = amounts.reduce(0) { max($0, $1.magnitude) }
    for (suffix, amount) in [("d", 86_400_000.0), ("h", 3_600_000), ("min", 60_000), ("s", 1000)]
    where longest >= amount || (longest == 0 && suffix == "d") {
      return (suffix, amount)
    }
    return ("ms", 1)
  }

  /// A value inside a line of text: numbers as people read them, units behind them.
  static func inline(_ value: Value) -> String {
    switch value {
    case .null: return "null"
    case .int(let i): return NumberText.grouped(i)
    case .number(let x): return inlineNumber(x)
    case .percent(let x):
      return NumberText.fixed(x * 100, decimals: max(1, min(3, NumberText.decimals(for: [x * 100])))) + "%"
    case .money(let x, let currency):
      let places = enough(
        [x], least: Conventions.decimals(ofCurrency: currency.isEmpty ? nil : currency), most: 4)
      return NumberText.fixed(x, decimals: places) + (currency.isEmpty ? "" : " " + currency)
    case .quantity(let x, let unit):
      return inlineNumber(x) + (unit.isEmpty ? "" : " " + unit)
    case .duration(let d):
      let unit = durationUnit([d.amount], d.family)
      let scaled = d.amount / unit.amount
      return NumberText.fixed(scaled, decimals: min(1, NumberText.decimals(for: [scaled]))) + unit.suffix
    case .distribution(let d):
      let (low, high) = (d.quantile(0.1) ?? d.mean, d.quantile(0.9) ?? d.mean)
      return "\(inlineNumber(d.mean)) (80 %: \(inlineNumber(low)) to \(inlineNumber(high)))"
    case .list(let items):
      // Nothing longer than this is ever shown on a line.
      let shown = items.prefix(1000).map(inline).joined(separator: ", ")
      return "[" + shown + (items.count > 1000 ? ", …]" : "]")
    default: return value.description
    }
  }

  /// How likely the values between the 1 % and the 99 % quantile are, as a row of bars.
  static func shape(_ d: PredictiveDistribution, width: Int, unicode: Bool) -> String {
    sparkline(d.profile(max(1, width)), width: width, unicode: unicode)
  }

  private static func inlineNumber(_ x: Double) -> String {
    if x != 0, x.magnitude < 1e-6 { return NumberText.scientific(x) }
    return NumberText.fixed(x, decimals: max(NumberText.decimals(for: [x]), min(4, exact(x))))
  }

  private static func exact(_ x: Double) -> Int {
    guard x.isFinite, x.magnitude < 1e11 else { return 0 }
    return (0...4).first { places in
      let scaled = x * NumberText.powersOfTen[places]
      return (scaled - scaled.rounded()).magnitude <= max(1e-9, scaled.magnitude * 4e-16)
    } ?? 4
  }
}

/// A row of small bars, one a value, at most `width` of them (means of neighbours beyond that); nulls are
/// blank.
func sparkline(_ values: [Double?], width: Int, unicode: Bool) -> String {
  let marks = Array(unicode ? "▁▂▃▄▅▆▇█" : "_.-=^")
  let count = min(values.count, max(1, width))
  guard count > 0 else { return "" }
  var means: [Double?] = []
  for i in 0..<count {
    let part = values[(i * values.count / count)..<((i + 1) * values.count / count)]
    let known = part.compactMap { $0 }.filter(\.isFinite)
    // Each is divided before the sum, so that the largest doubles do not overflow.
    means.append(known.isEmpty ? nil : known.reduce(0) { $0 + $1 / Double(known.count) })
  }
  let known = means.compactMap { $0 }
  guard let low = known.min(), let high = known.max() else { return spaces(count) }
  let range = high / 2 - low / 2
  return String(
    means.map { mean in
      guard let mean else { return " " }
      guard range > 0 else { return marks[(marks.count - 1) / 2] }
      let share = (mean / 2 - low / 2) / range
      return marks[max(0, min(marks.count - 1, Int(share * Double(marks.count))))]
    })
}
