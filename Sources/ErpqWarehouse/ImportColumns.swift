import ErpqBase
import ErpqTables

import struct ErpqTables.Column

/// A column of a file as texts: a code a row, -1 where the row has none. White space around a text is
/// dropped.
struct TextCells {
  let codes: [Int32]
  let texts: [String]

  init(_ column: Column) {
    var builder = TextDictionaryBuilder()
    var codes = [Int32](repeating: -1, count: column.count)
    switch column.storage {
    case .codes(let old, let dictionary)
    where dictionary.strings.allSatisfy({ !$0.isEmpty && isTrimmed($0) }):
      for (row, code) in old.enumerated() where column.isValid(row) { codes[row] = code }
      self.codes = codes
      texts = dictionary.strings
      return
    case .codes(let old, let dictionary):
      // Trimming may make two entries one, so entries are coded anew.
      let renamed = dictionary.strings.map { text -> Int32 in
        let text = trimmed(text)
        return text.isEmpty ? -1 : builder.code(for: text)
      }
      for (row, code) in old.enumerated() where column.isValid(row) { codes[row] = renamed[Int(code)] }
    case .ints(let values) where column.type == .int:
      var known: [Int64: Int32] = [:]
      for (row, value) in values.enumerated() where column.isValid(row) {
        if let code = known[value] {
          codes[row] = code
        } else {
          codes[row] = builder.code(for: String(value))
          known[value] = codes[row]
        }
      }
    default:
      for row in codes.indices {
        let text = trimmed(column[row].description)
        if !text.isEmpty { codes[row] = builder.code(for: text) }
      }
    }
    self.codes = codes
    texts = builder.build().strings
  }

  func text(_ row: Int) -> String? { codes[row] < 0 ? nil : texts[Int(codes[row])] }
}

/// A column of a file as numbers. NaN where the row has none; what was no number stands in `bad`.
struct NumberCells {
  let values: [Double]
  /// The text of each row that is neither a number nor empty.
  let bad: [Int: String]
  /// Whether the values are shares already.
  let isShare: Bool

  init(_ column: Column) {
    isShare = column.type == .percent
    var values = [Double](repeating: .nan, count: column.count)
    var bad: [Int: String] = [:]
    switch column.storage {
    case .doubles(let old):
      for row in values.indices where column.isValid(row) { values[row] = old[row] }
    case .ints(let old) where column.type == .int:
      for row in values.indices where column.isValid(row) { values[row] = Double(old[row]) }
    default:
      let cells = TextCells(column)
      let parsed = cells.texts.map { text -> Double? in
        guard let value = Double(text), value.isFinite else { return nil }
        return value
      }
      for row in values.indices where cells.codes[row] >= 0 {
        if let value = parsed[Int(cells.codes[row])] {
          values[row] = value
        } else {
          bad[row] = cells.text(row)
        }
      }
    }
    self.values = values
    self.bad = bad
  }
}

/// In which order files write the parts of a date.
public enum DatePartOrder: String, Hashable, Sendable, CaseIterable {
  /// 2026-01-31
  case yearFirst = "year"
  /// 31/01/2026
  case dayFirst = "day"
  /// 01/31/2026
  case monthFirst = "month"

  /// A date as the order writes it, for messages.
  public var example: String {
    switch self {
    case .yearFirst: "2026-01-31"
    case .dayFirst: "31/01/2026"
    case .monthFirst: "01/31/2026"
    }
  }
}

/// A column of a file as days and moments.
struct DateCells {
  /// Day in the company's zone; `DateCells.none` where the row has none.
  var days: [Int32]
  var utcDays: [Int32]
  /// Microseconds since 1970 UTC; `Int64.min` where the file gives a day alone.
  var moments: [Int64]
  /// The text of each row that is neither a date nor empty.
  var bad: [Int: String] = [:]

  static let none = Int32.min

  /// - Parameter isUTC: whether times without an offset are universal time rather than the zone's.
  init(_ column: Column, zone: ZoneRules, order: DatePartOrder, isUTC: Bool = false) {
    days = [Int32](repeating: DateCells.none, count: column.count)
    utcDays = days
    moments = [Int64](repeating: .min, count: column.count)
    switch column.storage {
    case .days(let old):
      for row in days.indices where column.isValid(row) {
        days[row] = old[row]
        utcDays[row] = old[row]
      }
    case .ints(let old) where column.type == .datetime:
      for row in days.indices where column.isValid(row) { set(row, old[row], zone, isUTC) }
    default:
      let cells = TextCells(column)
      let parsed = cells.texts.map { DateCells.parse($0, order: order) }
      for row in days.indices where cells.codes[row] >= 0 {
        switch parsed[Int(cells.codes[row])] {
        case .day(let date):
          days[row] = date.day
          utcDays[row] = date.day
        case .local(let microseconds): set(row, microseconds, zone, isUTC)
        case .moment(let instant): set(row, instant.microseconds, zone, true)
        case nil: bad[row] = cells.text(row)
        }
      }
    }
  }

  private mutating func set(_ row: Int, _ time: Int64, _ zone: ZoneRules, _ isUTC: Bool) {
    let instant = isUTC ? Instant(microseconds: time) : zone.instant(fromLocal: time)
    days[row] = isUTC ? zone.day(of: instant).day : Instant(microseconds: time).utcDate.day
    utcDays[row] = instant.utcDate.day
    moments[row] = instant.microseconds
  }

  enum Parsed {
    case day(CivilDate)
    /// A civil local time, in microseconds since 1970-01-01T00:00 local.
    case local(Int64)
    case moment(Instant)
  }

  /// Reads a day, a local time or a moment with an offset.
  static func parse(_ text: String, order: DatePartOrder) -> Parsed? {
    if order == .yearFirst {
      if let date = CivilDate(iso: text) { return .day(date) }
      guard let instant = Instant(iso: text) else { return nil }
      let clock = text.utf8.dropFirst(11)
      let hasOffset = clock.contains {
        $0 == UInt8(ascii: "Z") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
      }
      return hasOffset ? .moment(instant) : .local(instant.microseconds)
    }
    var parts: [Int] = []
    var inNumber = false
    for byte in text.utf8 {
      if byte >= 48, byte <= 57 {
        if !inNumber { parts.append(0) }
        guard let last = parts.last, last < 100_000 else { return nil }
        parts[parts.count - 1] = last * 10 + Int(byte - 48)
        inNumber = true
      } else {
        guard "/.-: ".utf8.contains(byte) else { return nil }
        inNumber = false
      }
    }
    guard parts.count >= 3, parts.count <= 6 else { return nil }
    let (day, month) = order == .dayFirst ? (parts[0], parts[1]) : (parts[1], parts[0])
    guard parts[2] >= 1000, let date = CivilDate(year: parts[2], month: month, day: day) else { return nil }
    if parts.count == 3 { return .day(date) }
    let second = parts.count > 5 ? parts[5] : 0
    guard parts.count >= 5, parts[3] < 24, parts[4] < 60, second < 61 else { return nil }
    let seconds = Int64(date.day) * 86_400 + Int64(parts[3] * 3600 + parts[4] * 60 + second)
    return .local(seconds * 1_000_000)
  }
}

/// Whether it is plain to see that a text has no white space at its ends.
private func isTrimmed(_ text: String) -> Bool {
  guard let first = text.utf8.first, let last = text.utf8.last else { return true }
  return first > 32 && first < 128 && last > 32 && last < 128
}

/// The text without white space at its ends.
func trimmed(_ text: String) -> String {
  // Most cells have none, so the text is copied only where it does.
  if isTrimmed(text) { return text }
  let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
  let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.endIndex
  return start < end ? String(text[start..<end]) : ""
}
