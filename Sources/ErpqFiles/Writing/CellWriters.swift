import ErpqBase
import ErpqTables

/// How values are written in a format.
struct CellStyle {
  /// What stands for null.
  var null: [UInt8]
  /// The decimal mark.
  var decimal: UInt8 = 0x2E
  /// Between date and time.
  var timeSeparator: UInt8 = 0x20
  /// Behind a time.
  var timeZone = ""
  /// Around dates and periods.
  var quote: [UInt8] = []
  /// Around numbers that hold the decimal mark.
  var numberQuote: [UInt8] = []
  /// A text as the format needs it.
  var escape: (UnsafeBufferPointer<UInt8>, inout [UInt8]) -> Void
}

/// Writes the cells of one column. One object a column, so that a row costs one call and no look at types.
class CellWriter {
  fileprivate let validity: Bitmap?
  fileprivate let style: CellStyle

  fileprivate init(_ validity: Bitmap?, _ style: CellStyle) {
    self.validity = validity
    self.style = style
  }

  /// Appends the value of a row.
  final func write(_ row: Int, to out: inout ByteBuffer) {
    if let validity, !validity[row] {
      style.null.withUnsafeBufferPointer { out.put($0) }
    } else {
      writeValue(row, to: &out)
    }
  }

  fileprivate func writeValue(_ row: Int, to out: inout ByteBuffer) {
    style.null.withUnsafeBufferPointer { out.put($0) }
  }

  /// The writer for a column.
  static func make(_ column: Column, _ style: CellStyle) -> CellWriter {
    switch column.storage {
    case .nulls: CellWriter(nil, style)
    case .bools(let values): BoolWriter(values, column.validity, style)
    case .ints(let values):
      column.type == .datetime
        ? TimeWriter(values, column.validity, style) : IntWriter(values, column.validity, style)
    case .doubles(let values): DoubleWriter(values, column.type, column.validity, style)
    case .days(let values):
      if case .period(let unit) = column.type, let unit, unit != .day {
        PeriodWriter(values, unit, column.validity, style)
      } else {
        DayWriter(values, column.validity, style)
      }
    case .codes(let codes, let dictionary): TextWriter(codes, dictionary, column.validity, style)
    case .values(let values): ValueWriter(values, column.validity, style)
    }
  }
}

private final class BoolWriter: CellWriter {
  let values: [Bool]
  init(_ values: [Bool], _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) { out.put(values[row] ? "true" : "false") }
}

private final class IntWriter: CellWriter {
  let values: [Int64]
  init(_ values: [Int64], _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) { out.put(int: values[row]) }
}

private final class TimeWriter: CellWriter {
  let values: [Int64]
  init(_ values: [Int64], _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    for byte in style.quote { out.put(byte) }
    out.put(microseconds: values[row], separator: style.timeSeparator)
    out.put(style.timeZone)
    for byte in style.quote { out.put(byte) }
  }
}

private final class DoubleWriter: CellWriter {
  let values: [Double]
  let divisor: Double
  init(_ values: [Double], _ type: ValueType, _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    // Durations are written as days; calendar ones as months.
    if case .duration(let family) = type, family != .months {
      divisor = CalendarDuration.millisecondsPerDay
    } else {
      divisor = 1
    }
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    let value = divisor == 1 ? values[row] : values[row] / divisor
    guard value.isFinite else {
      for byte in style.null { out.put(byte) }
      return
    }
    let quotes = !style.numberQuote.isEmpty && value.rounded(.towardZero) != value
    if quotes { for byte in style.numberQuote { out.put(byte) } }
    out.put(value, decimal: style.decimal)
    if quotes { for byte in style.numberQuote { out.put(byte) } }
  }
}

private final class DayWriter: CellWriter {
  let values: [Int32]
  init(_ values: [Int32], _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    for byte in style.quote { out.put(byte) }
    out.put(day: values[row])
    for byte in style.quote { out.put(byte) }
  }
}

private final class PeriodWriter: CellWriter {
  let values: [Int32]
  let unit: PeriodUnit
  init(_ values: [Int32], _ unit: PeriodUnit, _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    self.unit = unit
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    for byte in style.quote { out.put(byte) }
    out.put(Period(unit, containing: CivilDate(day: values[row])).description)
    for byte in style.quote { out.put(byte) }
  }
}

/// Escapes each text of the dictionary once; a row copies bytes.
private final class TextWriter: CellWriter {
  let codes: [Int32]
  private let bytes: [UInt8]
  private let offsets: [Int]

  init(_ codes: [Int32], _ dictionary: TextDictionary, _ validity: Bitmap?, _ style: CellStyle) {
    self.codes = codes
    var bytes: [UInt8] = []
    var offsets = [0]
    offsets.reserveCapacity(dictionary.count + 1)
    dictionary.bytes.withUnsafeBufferPointer { all in
      for i in 0..<dictionary.count {
        style.escape(
          UnsafeBufferPointer(rebasing: all[dictionary.offsets[i]..<dictionary.offsets[i + 1]]), &bytes)
        offsets.append(bytes.count)
      }
    }
    self.bytes = bytes
    self.offsets = offsets
    super.init(validity, style)
  }

  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    let code = Int(codes[row])
    bytes.withUnsafeBufferPointer {
      out.put(UnsafeBufferPointer(rebasing: $0[offsets[code]..<offsets[code + 1]]))
    }
  }
}

/// Lists, as JSON; inside delimited text quoted as texts are.
private final class ValueWriter: CellWriter {
  let values: [Value]
  init(_ values: [Value], _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    super.init(validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    var json: [UInt8] = []
    JSONText.append(values[row], to: &json)
    // JSON quotes its dates, delimited text does not; the same tells whether JSON text has to be escaped.
    if !style.quote.isEmpty {
      json.withUnsafeBufferPointer { out.put($0) }
      return
    }
    var escaped: [UInt8] = []
    json.withUnsafeBufferPointer { style.escape($0, &escaped) }
    escaped.withUnsafeBufferPointer { out.put($0) }
  }
}

/// Values and texts in JSON.
enum JSONText {
  private static let hex = Array("0123456789abcdef".utf8)

  /// Appends a text in quotes, escaped by RFC 8259.
  static func append(_ text: some Collection<UInt8>, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text {
      switch byte {
      case 0x22, 0x5C:
        out.append(0x5C)
        out.append(byte)
      case 0x0A: out.append(contentsOf: [0x5C, 0x6E])
      case 0x0D: out.append(contentsOf: [0x5C, 0x72])
      case 0x09: out.append(contentsOf: [0x5C, 0x74])
      case 0..<0x20, 0x7F:
        out.append(contentsOf: Array("\\u00".utf8))
        out.append(hex[Int(byte >> 4)])
        out.append(hex[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }

  /// Appends a value: amounts as numbers, percents as shares, durations as days (or months), null as null.
  static func append(_ value: Value, to out: inout [UInt8]) {
    func number(_ value: Double) {
      out.append(contentsOf: (value.isFinite ? formatNumber(value) : "null").utf8)
    }
    switch value {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let b): out.append(contentsOf: (b ? "true" : "false").utf8)
    case .int(let i): out.append(contentsOf: String(i).utf8)
    case .number(let d), .percent(let d), .money(let d, _), .quantity(let d, _): number(d)
    case .duration(let d): number(d.inDays ?? d.amount)
    case .text(let s): append(s.utf8, to: &out)
    case .date, .period: append(value.description.utf8, to: &out)
    case .datetime(let d):
      let text = d.description
      append(text.utf8.map { $0 == 0x20 ? 0x54 : $0 } + [0x5A], to: &out)
    case .list(let items):
      out.append(0x5B)
      for (i, item) in items.enumerated() {
        if i > 0 { out.append(0x2C) }
        append(item, to: &out)
      }
      out.append(0x5D)
    }
  }
}
