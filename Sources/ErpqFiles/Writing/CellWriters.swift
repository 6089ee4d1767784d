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

  /// Puts what `body` writes into the quotes of dates.
  @inline(__always)
  fileprivate final func quoted(_ out: inout ByteBuffer, _ body: (inout ByteBuffer) -> Void) {
    for byte in style.quote { out.put(byte) }
    body(&out)
    for byte in style.quote { out.put(byte) }
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

/// The writer for a column that keeps its values in an array.
private class ArrayWriter<Element>: CellWriter {
  final let values: [Element]
  init(_ values: [Element], _ validity: Bitmap?, _ style: CellStyle) {
    self.values = values
    super.init(validity, style)
  }
}

private final class BoolWriter: ArrayWriter<Bool> {
  override func writeValue(_ row: Int, to out: inout ByteBuffer) { out.put(values[row] ? "true" : "false") }
}

private final class IntWriter: ArrayWriter<Int64> {
  override func writeValue(_ row: Int, to out: inout ByteBuffer) { out.put(int: values[row]) }
}

private final class TimeWriter: ArrayWriter<Int64> {
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    quoted(&out) {
      $0.put(microseconds: values[row], separator: style.timeSeparator)
      $0.put(style.timeZone)
    }
  }
}

private final class DoubleWriter: ArrayWriter<Double> {
  let divisor: Double
  init(_ values: [Double], _ type: ValueType, _ validity: Bitmap?, _ style: CellStyle) {
    // Durations are written as days; calendar ones as months.
    if case .duration(let family) = type, family != .months {
      divisor = CalendarDuration.millisecondsPerDay
    } else {
      divisor = 1
    }
    super.init(values, validity, style)
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

private final class DayWriter: ArrayWriter<Int32> {
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    quoted(&out) { $0.put(day: values[row]) }
  }
}

private final class PeriodWriter: ArrayWriter<Int32> {
  let unit: PeriodUnit
  init(_ values: [Int32], _ unit: PeriodUnit, _ validity: Bitmap?, _ style: CellStyle) {
    self.unit = unit
    super.init(values, validity, style)
  }
  override func writeValue(_ row: Int, to out: inout ByteBuffer) {
    quoted(&out) { $0.put(Period(unit, containing: CivilDate(day: values[row])).description) }
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
private final class ValueWriter: ArrayWriter<Value> {
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
