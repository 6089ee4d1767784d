import CXlsxWriter
import ErpqBase
import ErpqTables

/// How the values of a column stand in a sheet: decided once, so that a row costs no look at types.
struct XlsxColumn {
  /// The number format of the cells; nil for texts.
  let format: String?
  /// The width in characters, by the header and the first rows.
  let width: Double
  let alignsRight: Bool
  private let column: Column
  private let content: Content

  private enum Content {
    case empty
    case bools([Bool])
    case ints([Int64])
    /// The values are divided by the number.
    case numbers([Double], Double)
    /// Days since 1970-01-01.
    case days([Int32])
    case instants([Int64])
    /// A text for each code, cleaned.
    case texts([Int32], [String])
    /// Whatever else, as text.
    case others
  }

  init(_ field: Field, _ column: Column) {
    let isIdentifier = Conventions.isIdentifier(field)
    self.column = column
    var format: String?
    switch column.storage {
    case .nulls: content = .empty
    case .bools(let v): content = .bools(v)
    case .ints(let v) where column.type == .datetime:
      content = .instants(v)
      format = "yyyy-mm-dd hh:mm:ss"
    case .ints(let v):
      content = .ints(v)
      format = isIdentifier ? "0" : "#,##0"
    case .doubles(let v):
      let sample = XlsxColumn.known(v, column)
      let divisor: Double
      (format, divisor) = XlsxColumn.numberFormat(column.type, sample, isIdentifier: isIdentifier)
      content = .numbers(v, divisor)
    case .days(let v):
      if case .period(let unit) = column.type, let unit, unit != .day, unit != .month {
        content = .others
      } else {
        content = .days(v)
        format = column.type == .period(.month) ? "yyyy-mm" : "yyyy-mm-dd"
      }
    case .codes(let codes, let dictionary):
      content = .texts(codes, (0..<dictionary.count).map { XlsxText.clean(dictionary[Int32($0)]) })
    case .values: content = .others
    }
    self.format = format
    switch content {
    case .ints, .numbers: alignsRight = true
    default: alignsRight = false
    }
    width = XlsxColumn.width(field, column, format)
  }

  /// The first row whose text is longer than a cell may be.
  func firstTooLong() -> Int? {
    switch content {
    case .texts(let codes, let texts):
      let long = Set(texts.indices.filter { texts[$0].utf16.count > XlsxText.most }.map { Int32($0) })
      if long.isEmpty { return nil }
      return codes.indices.first { column.isValid($0) && long.contains(codes[$0]) }
    case .others: return (0..<column.count).first { XlsxColumn.other(column[$0]).utf16.count > XlsxText.most }
    default: return nil
    }
  }

  /// A number of the column's type as the sheet stores it.
  func shown(_ value: Value) -> Double? {
    guard let x = value.asDouble, x.isFinite else { return nil }
    if case .numbers(_, let divisor) = content { return x / divisor }
    return x
  }

  /// Writes the value of a row; null writes nothing.
  func write(
    _ row: Int, _ page: UnsafeMutablePointer<lxw_worksheet>, _ line: lxw_row_t, _ place: lxw_col_t,
    _ format: UnsafeMutablePointer<lxw_format>?
  ) -> lxw_error {
    guard column.isValid(row) else { return LXW_NO_ERROR }
    func text(_ s: String) -> lxw_error {
      s.isEmpty ? LXW_NO_ERROR : s.withCString { worksheet_write_string(page, line, place, $0, nil) }
    }
    switch content {
    case .empty: return LXW_NO_ERROR
    case .bools(let v): return worksheet_write_boolean(page, line, place, v[row] ? 1 : 0, nil)
    case .ints(let v):
      // Sheets keep 15 digits.
      guard v[row].magnitude < 1_000_000_000_000_000 else { return text(String(v[row])) }
      return worksheet_write_number(page, line, place, Double(v[row]), format)
    case .numbers(let v, let divisor):
      let x = v[row] / divisor
      return x.isFinite ? worksheet_write_number(page, line, place, x, format) : LXW_NO_ERROR
    case .days(let v):
      guard XlsxColumn.calendar.contains(Int(v[row])) else { return text(column[row].description) }
      return worksheet_write_number(page, line, place, Double(Int(v[row]) + XlsxColumn.epoch), format)
    case .instants(let v):
      let day = Int(Double(v[row]) / 86_400_000_000)
      guard XlsxColumn.calendar.contains(day) else { return text(column[row].description) }
      let serial = Double(v[row]) / 86_400_000_000 + Double(XlsxColumn.epoch)
      return worksheet_write_number(page, line, place, serial, format)
    case .texts(let codes, let texts): return text(texts[Int(codes[row])])
    case .others: return text(XlsxColumn.other(column[row]))
    }
  }

  /// Days from the sheet's day 0 (1899-12-30) to 1970-01-01.
  private static let epoch = 25_569
  /// The days that sheets count right, from 1900-03-01 (before it they have a 29 February that never was) to
  /// 9999-12-31, since 1970-01-01.
  private static let calendar = -25_508...2_932_896

  private static func other(_ value: Value) -> String {
    guard case .list = value else { return XlsxText.clean(value.description) }
    var json: [UInt8] = []
    JSONText.append(value, to: &json)
    return XlsxText.clean(String(decoding: json, as: UTF8.self))
  }

  /// The finite values of a column, which choose its decimals.
  private static func known(_ values: [Double], _ column: Column) -> [Double] {
    values.indices.lazy.filter { column.isValid($0) && values[$0].isFinite }.map { values[$0] }
  }

  private static func numberFormat(
    _ type: ValueType, _ values: [Double], isIdentifier: Bool
  ) -> (format: String, divisor: Double) {
    func fixed(_ decimals: Int) -> String {
      (isIdentifier ? "0" : "#,##0") + (decimals > 0 ? "." + String(repeating: "0", count: decimals) : "")
    }
    // Four decimals where numbers are small; amounts of pieces are read with two.
    let most = values.contains { $0.magnitude >= 1 } ? 2 : 4
    switch type {
    case .percent: return (fixed(max(1, decimals(values.lazy.map { $0 * 100 }, most: 2))) + "%", 1)
    case .money(let currency):
      let places = Conventions.decimals(ofCurrency: currency)
      return (fixed(places) + (currency.map { " [$\(XlsxText.literal($0))]" } ?? ""), 1)
    case .quantity(let unit):
      return (fixed(decimals(values, most: most)) + (unit.map { " \"\(XlsxText.literal($0))\"" } ?? ""), 1)
    case .duration(.months): return (fixed(decimals(values, most: 1)) + " \"mo\"", 1)
    case .duration:
      let day = CalendarDuration.millisecondsPerDay
      let longest = values.reduce(0) { max($0, $1.magnitude) }
      // Sheets count time in days; below one, hours and minutes read better.
      if longest > 0, longest < day, values.allSatisfy({ $0 >= 0 }) { return ("[h]:mm:ss", day) }
      return (fixed(decimals(values.lazy.map { $0 / day }, most: 1)) + " \"d\"", day)
    default: return (fixed(decimals(values, most: most)), 1)
    }
  }

  /// The decimals that all values are exact with, at most so many.
  private static func decimals(_ values: some Sequence<Double>, most: Int) -> Int {
    var places = 0
    var factor = 1.0
    for value in values {
      while places < most {
        let scaled = (value * factor).magnitude
        if scaled > 1e15 || (scaled - scaled.rounded()).magnitude <= max(1e-9, scaled * 4e-16) { break }
        places += 1
        factor *= 10
      }
      if places == most { break }
    }
    return places
  }

  private static func width(_ field: Field, _ column: Column, _ format: String?) -> Double {
    // The filter's button needs room beside the name.
    var widest = XlsxText.columns(field.name) + 3
    let unit = format?.split(separator: " ").dropFirst().first?.filter { !"[$]\"".contains($0) }.count ?? 0
    for row in 0..<min(column.count, 1000) where column.isValid(row) {
      let size: Int
      switch column.storage {
      case .codes(let codes, let dictionary): size = XlsxText.columns(dictionary[codes[row]])
      case .doubles(let v):
        let divisor: Double =
          if case .duration(let family) = column.type, family != .months {
            CalendarDuration.millisecondsPerDay
          } else { 1 }
        let whole = (v[row] / divisor * (column.type == .percent ? 100 : 1)).magnitude
        let digits = whole < 1e15 ? String(Int64(whole)).utf8.count : 20
        let decimals = format?.split(separator: ".").dropFirst().first?.prefix { $0 == "0" }.count ?? 0
        size = digits + (digits - 1) / 3 + (decimals > 0 ? decimals + 1 : 0) + unit + 2
      case .ints where column.type == .datetime: size = 19
      default: size = XlsxText.columns(column[row].description) + 1
      }
      widest = max(widest, size + 1)
    }
    return Double(max(6, min(60, widest)))
  }
}

/// Texts as the XML of a workbook can hold them.
enum XlsxText {
  /// Most UTF-16 units of a cell.
  static let most = 32_767

  /// The text without the characters that XML 1.0 forbids; what Excel would read as an escape (`_x000A_`) is
  /// escaped itself.
  static func clean(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x5F }) { return text }
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let v = scalar.value
      if v >= 0x20 && v != 0x7F && v != 0xFFFE && v != 0xFFFF || v == 9 || v == 10 { out.append(scalar) }
    }
    let cleaned = String(out)
    guard cleaned.contains("_x") else { return cleaned }
    let bytes = Array(cleaned.utf8)
    var result: [UInt8] = []
    for (i, byte) in bytes.enumerated() {
      if byte == 0x5F, i + 6 < bytes.count, bytes[i + 1] == 0x78, bytes[i + 6] == 0x5F,
        bytes[(i + 2)..<(i + 6)].allSatisfy({ isHex($0) })
      {
        result += Array("_x005F".utf8)
      }
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// A unit inside a number format: without the signs that would end it.
  static func literal(_ text: String) -> String {
    String(clean(text).prefix(40).filter { !"\"[]\\;\n\t".contains($0) })
  }

  /// Rough width of the longest line of a text in characters; wide letters count twice.
  static func columns(_ text: String) -> Int {
    text.prefix(200).split(separator: "\n").map { line in
      line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 ? 2 : 1) }
    }.max() ?? 0
  }
}
