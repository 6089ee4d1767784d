import ErpqBase
import ErpqTables

/// A column as documents for people show it.
public struct DocumentColumn {
  /// What a cell says about its row.
  public enum Mood: String, Sendable { case plain, negative, alarm, warning, calm }

  /// The heading, unit included: `amount (EUR)`.
  public var name: String
  /// Whether the cells stand at the right edge.
  public var alignsRight: Bool
  /// The text of a row's cell, empty for null.
  public var text: (Int) -> String
  /// What it says.
  public var mood: (Int) -> Mood
  /// The share of the widest bar of the column, in −1…1; nil for a column without bars.
  public var bar: ((Int) -> Double)?
  /// The bar as characters, for documents that draw none.
  public var barText: ((Int) -> String)?
  /// What stands in the row of totals; nil where there is no such row.
  public var total: String?

  /// A column.
  public init(
    name: String, alignsRight: Bool, text: @escaping (Int) -> String,
    mood: @escaping (Int) -> Mood = { _ in .plain }, bar: ((Int) -> Double)? = nil,
    barText: ((Int) -> String)? = nil, total: String? = nil
  ) {
    self.name = name
    self.alignsRight = alignsRight
    self.text = text
    self.mood = mood
    self.bar = bar
    self.barText = barText
    self.total = total
  }

  /// The columns of a table with their values as the language writes them.
  public static func plain(_ table: Table) -> [DocumentColumn] {
    zip(table.schema.fields, table.columns).map { field, column in
      DocumentColumn(
        name: field.name, alignsRight: column.type.isRightAligned,
        text: { column[$0].isNull ? "" : column[$0].description })
    }
  }
}

extension TableWriter {
  /// Writes a table of GitHub-flavoured Markdown, numbers aligned right. Alarms are bold, and so are totals.
  ///
  /// - Parameters:
  ///   - columns: What the cells say; the table's values as they are when nil.
  ///   - width: Columns that a text takes in a fixed-width font; cells are filled up to it, so that the source reads
  ///     as a table too. nil fills nothing.
  public static func markdown(
    _ table: Table, columns: [DocumentColumn]? = nil, width: ((String) -> Int)? = nil,
    to sink: @escaping ByteSink
  ) throws {
    var out = ByteBuffer(sink)
    let columns = columns ?? DocumentColumn.plain(table)
    guard !columns.isEmpty else { return }
    func cell(_ column: DocumentColumn, _ row: Int) -> String {
      let text = markdownEscape(column.text(row))
      let shown = column.mood(row) == .alarm && !text.isEmpty ? "**\(text)**" : text
      guard let bar = column.barText?(row), !bar.isEmpty else { return shown }
      return shown + " " + bar
    }
    func total(_ column: DocumentColumn) -> String {
      guard let text = column.total, !text.isEmpty else { return "" }
      return "**\(markdownEscape(text))**"
    }
    let names = columns.map { markdownEscape($0.name) }
    let hasTotals = columns.contains { $0.total != nil }
    // Beyond that, nobody reads the source.
    let isFilled = width != nil && table.rowCount <= 10_000
    var widths = [Int](repeating: 3, count: columns.count)
    if isFilled, let width {
      for (i, column) in columns.enumerated() {
        widths[i] = max(widths[i], width(names[i]), hasTotals ? width(total(column)) : 0)
        // A text of a page does not make the whole column a page wide.
        for row in 0..<table.rowCount { widths[i] = max(widths[i], min(60, width(cell(column, row)))) }
      }
    }
    func fill(_ text: String, _ i: Int) -> String {
      guard isFilled, let width else { return text }
      let blanks = String(repeating: " ", count: max(0, widths[i] - width(text)))
      return columns[i].alignsRight ? blanks + text : text + blanks
    }
    out.put("|")
    for (i, name) in names.enumerated() { out.put(" \(fill(name, i)) |") }
    out.put("\n|")
    for (i, column) in columns.enumerated() {
      let rule = String(repeating: "-", count: isFilled ? widths[i] - (column.alignsRight ? 1 : 0) : 3)
      out.put(column.alignsRight ? " \(rule): |" : " \(rule) |")
    }
    out.put("\n")
    try rows(table, &out) { row, out in
      out.put("|")
      for (i, column) in columns.enumerated() { out.put(" \(fill(cell(column, row), i)) |") }
      out.put("\n")
    }
    if hasTotals {
      out.put("|")
      for (i, column) in columns.enumerated() { out.put(" \(fill(total(column), i)) |") }
      out.put("\n")
    }
    try out.flush()
  }

  /// Writes an HTML table with `thead`, `tbody` and, for totals, `tfoot`; cells of numbers have the class `n`,
  /// verdicts `alarm`, `warning` or `calm`.
  ///
  /// - Parameters:
  ///   - columns: What the cells say; the table's values as they are when nil.
  ///   - page: The title of a page of its own around the table; nil for the table alone.
  public static func html(
    _ table: Table, columns: [DocumentColumn]? = nil, page: String? = nil, to sink: @escaping ByteSink
  ) throws {
    var out = ByteBuffer(sink)
    if let page { out.put(pageHead(page)) }
    let columns = columns ?? DocumentColumn.plain(table)
    out.put("<table>\n<thead>\n<tr>")
    for column in columns {
      let style = column.alignsRight ? " class=\"n\"" : ""
      out.put("<th scope=\"col\"\(style)>\(htmlEscape(column.name))</th>")
    }
    out.put("</tr>\n</thead>\n<tbody>\n")
    try rows(table, &out) { row, out in
      out.put("<tr>")
      for column in columns {
        let mood = column.mood(row)
        let names = [column.alignsRight ? "n" : nil, mood == .plain ? nil : mood.rawValue].compactMap { $0 }
        var style = names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
        if let share = column.bar?(row), share != 0 { style += barStyle(share) }
        out.put("<td\(style)>\(htmlEscape(column.text(row)))</td>")
      }
      out.put("</tr>\n")
    }
    out.put("</tbody>\n")
    if columns.contains(where: { $0.total != nil }) {
      out.put("<tfoot>\n<tr>")
      for column in columns {
        out.put("<td\(column.alignsRight ? " class=\"n\"" : "")>\(htmlEscape(column.total ?? ""))</td>")
      }
      out.put("</tr>\n</tfoot>\n")
    }
    out.put("</table>\n")
    if page != nil { out.put(HTMLPage.end) }
    try out.flush()
  }

  /// A bar as the cell's ground, so that it needs neither script nor a style sheet.
  private static func barStyle(_ share: Double) -> String {
    let percent = max(1, Int((share.magnitude * 100).rounded()))
    let color = share < 0 ? "#cb565655" : "#3f89d655"
    return " style=\"background:linear-gradient(90deg,\(color) \(percent)%,transparent \(percent)%)\""
  }

  private static func pageHead(_ title: String) -> String {
    let title = htmlEscape(title)
    return HTMLPage.head(title: title, style: style) + "<h1>\(title)</h1>\n"
  }

  private static let style = """
    body { font-family: system-ui, sans-serif; margin: 2rem; color: #24292f; background: #fff; }
    table { border-collapse: collapse; }
    th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid #d0d7de; text-align: left; }
    thead th { position: sticky; top: 0; background: #fff; border-bottom: 2px solid #8b949e; }
    tfoot td { border-top: 2px solid #8b949e; font-weight: 600; }
    th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; }
    .negative { color: #b42318; } .alarm { color: #b42318; font-weight: 600; }
    .warning { color: #8a5a00; } .calm { color: #1a7f37; }
    @media (prefers-color-scheme: dark) {
      body, thead th { color: #e6edf3; background: #14181e; } th, td { border-color: #2b3139; }
      .negative, .alarm { color: #ff8a80; } .warning { color: #e3b341; } .calm { color: #56d364; }
    }
    """

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
    var last: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x26: out.append(contentsOf: "&amp;".utf8)
      case 0x3C: out.append(contentsOf: "&lt;".utf8)
      case 0x3E: out.append(contentsOf: "&gt;".utf8)
      case 0x22: out.append(contentsOf: "&quot;".utf8)
      case 0x27: out.append(contentsOf: "&#39;".utf8)
      case 0x0A where last == 0x0D: break
      case 0x0A, 0x0D: out.append(contentsOf: "<br>".utf8)
      // HTML has no place for control characters.
      case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F: out.append(contentsOf: "\u{FFFD}".utf8)
      default: out.append(byte)
      }
      last = byte
    }
    return String(decoding: out, as: UTF8.self)
  }
}
