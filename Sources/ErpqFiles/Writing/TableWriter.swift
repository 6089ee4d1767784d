import ErpqBase
import ErpqTables

/// Writes tables as text: for programs (`csv`, `json`, `jsonl`) and for people (`markdown`, `html`).
///
/// In csv and json numbers have the shortest form that reads back as the same number, money and quantities
/// are plain numbers, percents are shares (95 % is 0.95), exact durations are days, calendar ones months,
/// dates are ISO 8601 in UTC, lists are JSON. Null is an empty cell in csv and `null` in json. Numbers that
/// are not finite are written as null. Markdown and HTML show values as `cell` says, else as
/// `Value.description` does.
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
  public static func csv(
    _ table: Table, delimiter: Character = ",", decimal: DecimalMark = .point, bom: Bool = false,
    to sink: @escaping ByteSink
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

  /// Writes a table of GitHub-flavoured Markdown, numbers aligned right.
  public static func markdown(
    _ table: Table, cell: @escaping (Value) -> String = { $0.description }, to sink: @escaping ByteSink
  ) throws {
    var out = ByteBuffer(sink)
    let columns = table.columns
    guard !columns.isEmpty else { return }
    out.put("|")
    for name in table.schema.names { out.put(" \(markdownEscape(name)) |") }
    out.put("\n|")
    for column in columns { out.put(column.type.isRightAligned ? " ---: |" : " --- |") }
    out.put("\n")
    try rows(table, &out) { row, out in
      out.put("|")
      for column in columns { out.put(" \(markdownEscape(column[row].isNull ? "" : cell(column[row]))) |") }
      out.put("\n")
    }
  }

  /// Writes an HTML table with `thead` and `tbody`; cells of numbers have the class `n`.
  ///
  /// - Parameter page: The title of a page of its own around the table; nil for the table alone.
  public static func html(
    _ table: Table, page: String? = nil, cell: @escaping (Value) -> String = { $0.description },
    to sink: @escaping ByteSink
  ) throws {
    var out = ByteBuffer(sink)
    if let page {
      out.put(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>\(htmlEscape(page))</title>
        <style>
        body { font-family: sans-serif; margin: 2rem; }
        table { border-collapse: collapse; }
        th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid #ccc; text-align: left; }
        th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; }
        </style>
        </head>
        <body>
        <h1>\(htmlEscape(page))</h1>

        """)
    }
    let columns = table.columns
    let classes = columns.map { $0.type.isRightAligned ? " class=\"n\"" : "" }
    out.put("<table>\n<thead>\n<tr>")
    for (name, style) in zip(table.schema.names, classes) {
      out.put("<th scope=\"col\"\(style)>\(htmlEscape(name))</th>")
    }
    out.put("</tr>\n</thead>\n<tbody>\n")
    try rows(table, &out) { row, out in
      out.put("<tr>")
      for (column, style) in zip(columns, classes) {
        out.put("<td\(style)>\(htmlEscape(column[row].isNull ? "" : cell(column[row])))</td>")
      }
      out.put("</tr>\n")
    }
    out.put("</tbody>\n</table>\n")
    if page != nil { out.put("</body>\n</html>\n") }
    try out.flush()
  }

  /// What one of the functions above writes, as a string: `try TableWriter.string { try TableWriter.csv(t,
  /// to: $0) }`.
  public static func string(_ body: (@escaping ByteSink) throws -> Void) throws -> String {
    final class Collected { var bytes: [UInt8] = [] }
    let collected = Collected()
    try body { collected.bytes.append(contentsOf: $0) }
    return String(decoding: collected.bytes, as: UTF8.self)
  }

  private static func rows(
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
    ) { JSONText.append($0, to: &$1) }
    let keys = table.schema.names.map { name in
      var key: [UInt8] = []
      JSONText.append(name.utf8, to: &key)
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

  /// A cell of a Markdown table: no pipes, no line ends, no tags.
  private static func markdownEscape(_ text: String) -> String {
    var out: [UInt8] = []
    var last: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x7C: out.append(contentsOf: "\\|".utf8)
      case 0x5C: out.append(contentsOf: "\\\\".utf8)
      case 0x3C: out.append(contentsOf: "&lt;".utf8)
      case 0x0A where last == 0x0D: break
      case 0x0A, 0x0D: out.append(contentsOf: "<br>".utf8)
      default: out.append(byte)
      }
      last = byte
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func htmlEscape(_ text: String) -> String {
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x26: out.append(contentsOf: "&amp;".utf8)
      case 0x3C: out.append(contentsOf: "&lt;".utf8)
      case 0x3E: out.append(contentsOf: "&gt;".utf8)
      case 0x22: out.append(contentsOf: "&quot;".utf8)
      case 0x27: out.append(contentsOf: "&#39;".utf8)
      // HTML has no place for control characters.
      case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F: out.append(contentsOf: "\u{FFFD}".utf8)
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

extension ValueType {
  /// Whether tables show it flush right.
  var isRightAligned: Bool {
    if case .duration = self { return true }
    return isNumeric
  }
}
