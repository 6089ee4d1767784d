import ErpqBase
import ErpqTables

/// How the cells of a column are read.
enum CellType: Hashable {
  /// Nothing seen but missing values.
  case empty
  case bool, int, number, percent, date, datetime, slashDate, text
  /// Only when asked for.
  case period(PeriodUnit?)
  case list(ValueType)

  /// The narrowest type that takes both; text for those that have nothing in common.
  func joined(with other: CellType) -> CellType {
    if self == other { return self }
    switch (self, other) {
    case (.empty, let x), (let x, .empty): return x
    case (.int, .number), (.number, .int): return .number
    case (.date, .datetime), (.datetime, .date): return .datetime
    default: return .text
    }
  }

  /// How cells of a type that the user named are read; nil for types that no cell can hold.
  init?(_ type: ValueType) {
    switch type {
    case .bool: self = .bool
    case .int: self = .int
    case .number, .money, .quantity, .duration: self = .number
    case .percent: self = .percent
    case .date: self = .date
    case .datetime: self = .datetime
    case .text: self = .text
    case .period(let unit): self = .period(unit)
    case .list(let element): self = .list(element)
    case .distribution, .null, .unknown: return nil
    }
  }

  /// What a rejected cell is said not to be.
  func expectation(_ type: ValueType) -> String {
    switch self {
    case .bool: "neither true nor false"
    case .int: "not a whole number"
    case .number: type == .number ? "not a number" : "not a number (the column is \(type))"
    case .percent: "not a percentage"
    case .date: "not a date (YYYY-MM-DD)"
    case .datetime: "not a date with a time (YYYY-MM-DD HH:MM)"
    case .slashDate: "not a date"
    case .period: "not a \(type) (such as 2026-03, 2026-Q1, 2026-W05 or 2026)"
    case .list: "not a list in JSON"
    case .empty, .text: "not a text"
    }
  }
}

/// Reads a single cell to find the narrowest type for it.
struct CellClassifier {
  var decimal: UInt8
  /// The byte that may stand between thousands; 0 for none.
  var thousands: UInt8 = 0
  /// The order of day and month, if the user told it.
  var dateOrder: DateOrder?

  /// The narrowest type of the cell of a row.
  func classify<S: CellSource>(_ source: S, _ row: Int) -> CellType {
    let cell = source.cell(row)
    let (start, end) = trimmed(source.bytes, cell.start, cell.end)
    if start == end { return cell.isMissing ? .empty : .text }
    let p = source.bytes
    var number = NumberParser(
      decimal: S.isJSON ? 0x2E : decimal, thousands: S.isJSON ? 0 : thousands, lenient: S.isJSON)
    var percent = PercentParser(decimal: decimal, thousands: thousands)
    var date = DateParser()
    var datetime = DatetimeParser()
    var slashes = SlashDateParser(order: dateOrder)
    if source.admits(.bool, row), BoolParser().parse(p, start, end) != nil { return .bool }
    if source.admits(.int, row), IntParser().parse(p, start, end) != nil { return .int }
    if source.admits(.number, row), number.parse(p, start, end) != nil { return .number }
    if source.admits(.percent, row), percent.parse(p, start, end) != nil { return .percent }
    if source.admits(.date, row) {
      if date.parse(p, start, end) != nil { return .date }
      if datetime.parse(p, start, end) != nil { return .datetime }
      if slashes.parse(p, start, end) != nil { return .slashDate }
    }
    if S.isJSON, source.admits(.list(.unknown), row),
      ListParser(element: .unknown).parse(p, start, end) != nil
    {
      return .list(.unknown)
    }
    return .text
  }
}

/// Bounds without the spaces and tabs around.
@inline(__always)
func trimmed(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> (Int, Int) {
  var (start, end) = (start, end)
  while start < end, p[start] == 0x20 || p[start] == 0x09 { start &+= 1 }
  while end > start, p[end &- 1] == 0x20 || p[end &- 1] == 0x09 { end &-= 1 }
  return (start, end)
}
