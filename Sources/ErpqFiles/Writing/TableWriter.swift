import ErpqBase
import ErpqTables

/// Writes tables as text: for programs (`csv`, `json`, `jsonl`) and for people (`markdown`, `html`, in
/// `Documents.swift`).
///
/// In csv and json numbers have the shortest form that reads back as the same number, money and quantities
/// are plain numbers, percents are shares (95 % is 0.95), exact durations are days, calendar ones months,
/// dates are ISO 8601 in UTC, lists are JSON. Null is an empty cell in csv and `null` in json. Numbers that
/// are not finite are written as null.
public struct TableWriter {
  /// Writes delimited text (RFC 4180, lines end in LF); a cell is quoted only when it has to be.
  ///
  /// Reading it back under the table's types gives the same table, with one exception: in a table of a single
  /// column a null is written as `""` (an empty line would be no row) and reads back as empty text in a text
  /// column.
  ///
  /// - Parameters:
  ///   - delimiter: The sign between cells, one ASCII character.
  ///   - decimal: The decimal mark; numbers that hold the delimiter are quoted.
  ///   - bom: Whether to begin with a byte order mark, by which Excel knows UTF-8.
  ///   - totals: Whether the table's totals are written as a last row.
  public static func csv(
    _ table: Table, delimiter: Character = ",", decimal: DecimalMark = .point, bom: Bool = false,
    totals: Bool = false, to sink: @escaping ByteSink
  ) throws {
    let separator = delimiter.asciiValue ?? 0x2C
    let style = CellStyle(
      null: table.columns.count == 1 ? [0x22, 0x22] : [], decimal: decimal.byte,
      numberQuote: decimal.byte == separator ? [0x22] : []
    ) { csvEscape($0, separator, &$1) }
    var out = ByteBuffer(sink)
    if bom { out.put("\u{FEFF}") }
    for (i, name) in table.schema.names.enumerated() {
      if i > 0 { out.put(separator) }
      var escaped: [UInt8] = []
      Array(name.utf8).withUnsafeBufferPointer { csvEscape($0, separator, &escaped) }
      escaped.withUnsafeBufferPointer { out.put($0) }
    }
    out.put(0x0A)
    let writers = table.columns.map { CellWriter.make($0, style) }
    try rows(table, &out) { row, out in
      for (i, writer) in writers.enumerated() {
        if i > 0 { out.put(separator) }
        writer.write(row, to: &out)
      }
      out.put(0x0A)
    }
    guard totals, let values = table.totals else { return }
    for (i, (column, value)) in zip(table.columns, values).enumerated() {
      if i > 0 { out.put(separator) }
      var type = column.type
      if case .text = value { type = .text }
      CellWriter.make(Column(type, values: [value]), style).write(0, to: &out)
    }
    out.put(0x0A)
    try out.flush()
  }

  /// Writes a JSON list with an object a row, a row a line.
  public static func json(_ table: Table, to sink: @escaping ByteSink) throws {
    let (keys, writers) = jsonParts(table)
    var out = ByteBuffer(sink)
    out.put("[")
    try rows(table, &out) { row, out in
      out.put(row == 0 ? "\n" : ",\n")
      object(row, keys, writers, &out)
    }
    out.put(table.rowCount == 0 ? "]\n" : "\n]\n")
    try out.flush()
  }

  /// Writes JSON lines: an object a row, a row a line.
  public static func jsonl(_ table: Table, to sink: @escaping ByteSink) throws {
    let (keys, writers) = jsonParts(table)
    var out = ByteBuffer(sink)
    try rows(table, &out) { row, out in
      object(row, keys, writers, &out)
      out.put(0x0A)
    }
  }

  /// What one of the functions above writes, as a string: `try TableWriter.string { try TableWriter.csv(t,
  /// to: $0) }`.
  public static func string(_ body: (@escaping ByteSink) throws -> Void) throws -> String {
    final class Collected { var bytes: [UInt8] = [] }
    let collected = Collected()
    try body { collected.bytes.append(contentsOf: $0) }
    return String(decoding: collected.bytes, as: UTF8.self)
  }

  static func rows(
    _ table: Table, _ out: inout ByteBuffer, _ write: (Int, inout ByteBuffer) -> Void
  ) throws {
    let cancel = Cancellation.current
    for row in 0..<table.rowCount {
      if row & 4095 == 0 { try cancel.check() }
      write(row, &out)
      try out.drain()
    }
    try out.flush()
  }

  private static func jsonParts(_ table: Table) -> (keys: [[UInt8]], writers: [CellWriter]) {
    let style = CellStyle(
      null: Array("null".utf8), timeSeparator: 0x54, timeZone: "Z", quote: [0x22]
    ) { JSONEscapes.append(quoted: $0, to: &$1) }
    let keys = table.schema.names.map { name in
      var key: [UInt8] = []
      JSONEscapes.append(quoted: name.utf8, to: &key)
      return key + [0x3A]
    }
    return (keys, table.columns.map { CellWriter.make($0, style) })
  }

  private static func object(
    _ row: Int, _ keys: [[UInt8]], _ writers: [CellWriter], _ out: inout ByteBuffer
  ) {
    out.put(0x7B)
    for i in keys.indices {
      if i > 0 { out.put(0x2C) }
      keys[i].withUnsafeBufferPointer { out.put($0) }
      writers[i].write(row, to: &out)
    }
    out.put(0x7D)
  }

  /// A cell of delimited text: quoted when it holds the delimiter, a quote or an end of line, or is empty (an
  /// unquoted empty cell is null).
  private static func csvEscape(_ text: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8, _ out: inout [UInt8])
  {
    let needs = text.isEmpty || text.contains { $0 == delimiter || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    guard needs else {
      out.append(contentsOf: text)
      return
    }
    out.append(0x22)
    for byte in text {
      if byte == 0x22 { out.append(0x22) }
      out.append(byte)
    }
    out.append(0x22)
  }
}

extension ValueType {
  /// Whether tables show it flush right.
  var isRightAligned: Bool {
    if case .duration = self { return true }
    return isNumeric
  }
}
