import ErpqBase
import ErpqTables

/// Draws tables and values for people: aligned, folded to the terminal's width, with what was cut named
/// below.
///
/// The text ends with a newline. It is for reading; files are written by the exporters, which cut nothing.
public struct TableRenderer: Sendable {
  /// What the terminal can show.
  public var style: TerminalStyle
  /// Rows shown at most, two thirds of them from the start and the rest from the end; nil for all.
  public var maxRows: Int?
  /// Whether lines may be longer than the terminal is wide; then nothing is cut from the right.
  public var wide: Bool
  /// Whether each row is drawn as a block of `name  value` lines.
  public var expanded: Bool
  /// How the rest can be seen, said below a table that was cut: `:last for all`.
  public var seeAll: String?

  /// A renderer; `maxRows` below 1 counts as 1.
  public init(style: TerminalStyle, maxRows: Int? = nil, wide: Bool = false, expanded: Bool = false) {
    self.style = style
    self.maxRows = maxRows.map { max(1, $0) }
    self.wide = wide
    self.expanded = expanded
  }

  /// One value on one line, without a newline: `1,234.50 EUR`, `95.0%`, `[1, 2]`.
  public func render(_ value: Value) -> String { render(value, of: Field("value", value.type)) }

  /// The same, with what is known of it: names such as years have no thousands.
  public func render(_ value: Value, of field: Field) -> String {
    let ink = Ink(style)
    if value.isNull { return ink("null", .dim) }
    let isName = value.type == .int && Conventions.isIdentifier(field)
    let text = isName ? value.description : visibleText(CellFormatter.inline(value), unicode: style.unicode)
    return value.type.isNumeric && text.utf8.first == 45 ? ink(text, .negative) : text
  }

  /// The table as text; a part of it, or nothing, once the current `Cancellation` asks to stop.
  public func render(_ table: Table) -> String {
    if table.columns.isEmpty {
      return Ink(style)(counted(table.rowCount, "row") + ", no columns", .dim) + "\n"
    }
    let rows = shownRows(of: table.rowCount)
    let cancel = Cancellation.current
    var formatted: [FormattedColumn] = []
    for (i, column) in table.columns.enumerated() {
      formatted.append(
        FormattedColumn(
          table.schema.fields[i], column, rows: rows.all, total: table.totals?[i], style: style))
      if cancel.isCancelled { return "" }
    }
    return expanded
      ? RecordLayout(style: style, wide: wide, seeAll: seeAll).render(formatted, table: table, rows: rows)
      : GridLayout(style: style, wide: wide, seeAll: seeAll).render(formatted, table: table, rows: rows)
  }

  private func shownRows(of count: Int) -> ShownRows {
    guard let maxRows, maxRows < count else { return ShownRows(head: 0..<count, tail: count..<count) }
    let head = (maxRows * 2 + 2) / 3
    return ShownRows(head: 0..<head, tail: (count - (maxRows - head))..<count)
  }
}

/// The rows that are drawn: a beginning and, when rows are cut, an end.
struct ShownRows {
  var head: Range<Int>
  var tail: Range<Int>

  var all: [Int] { Array(head) + Array(tail) }
  var count: Int { head.count + tail.count }
}

/// A column's cells in the rows that are drawn.
struct FormattedColumn {
  let name: String
  let type: String
  let formatter: CellFormatter
  let values: [Value]
  let cells: [Cell]
  /// The cell below the rows, where there are totals.
  let total: Cell?
  /// Where there are bars: the columns that the numbers take.
  let numberWidth: Int
  /// Widest cell.
  let cellWidth: Int
  /// Whether the column holds amounts, not names.
  let isFigure: Bool
  let isTemporal: Bool

  init(_ field: Field, _ column: Column, rows: [Int], total: Value?, style: TerminalStyle) {
    name = visibleText(field.name, unicode: style.unicode)
    values = rows.map { column[$0] }
    // A pipe has no colours to miss.
    let formatter = CellFormatter(
      field, values: values + [total].compactMap { $0 }, unicode: style.unicode,
      marksAlarms: style.color == .none && style.isScreen)
    self.formatter = formatter
    type = formatter.isSparkline ? "spark" : visibleText(field.type.heading, unicode: style.unicode)
    isFigure = formatter.alignsRight && !(field.type == .int && Conventions.isIdentifier(field))
    isTemporal = field.type.isTemporal
    let cancel = Cancellation.current
    var cells = values.map { cancel.isCancelled ? Cell("") : formatter.cell($0) }
    let own = total.map {
      $0.isNull ? Cell("") : formatter.isLabel($0) ? Cell($0.description) : formatter.cell($0)
    }
    var sum = own.map { Cell($0.text, $0.role == .negative ? .negative : .header) }
    if formatter.hasBars {
      let numbers = values.map(\.asDouble)
      let widest = max(
        cells.reduce(0) { max($0, $1.width) }, sum?.width ?? 0, displayWidth(name), displayWidth(type))
      numberWidth = widest
      let bars = DataBars(numbers, width: DataBars.width(style), unicode: style.unicode)
      for i in cells.indices { cells[i] = bars.beside(cells[i], numbers[i], numberWidth: widest) }
      sum = sum.map { bars.beside($0, nil, numberWidth: widest) }
    } else {
      numberWidth = 0
    }
    self.cells = cells
    self.total = sum
    cellWidth = cells.reduce(sum?.width ?? 0) { max($0, $1.width) }
  }

  /// The cell of a shown row, cut to a width.
  func cell(_ row: Int, width: Int, ellipsis: String) -> Cell {
    let cell = cells[row]
    guard cell.width > width, cell.bar == nil else { return cell }
    if formatter.isSparkline, !values[row].isNull { return formatter.cell(values[row], width: width) }
    return Cell(truncated(cell.text, to: width, ellipsis: ellipsis), cell.role)
  }
}

/// `1 row`, `812 rows`, `12,681 rows`.
func counted(_ count: Int, _ noun: String) -> String {
  NumberText.grouped(Int64(count)) + " " + noun + (count == 1 ? "" : "s")
}

/// What is below a table: how much of it is shown. Only what was cut is named.
func tableFooter(
  rows: ShownRows, of total: Int, columns: Int, of totalColumns: Int, seeAll: String? = nil
) -> [String] {
  var parts: [String] = total == 0 ? ["0 rows"] : []
  if rows.count < total {
    parts.append("\(NumberText.grouped(Int64(rows.count))) of \(counted(total, "row"))")
  }
  if columns < totalColumns { parts.append("\(columns) of \(counted(totalColumns, "column"))") }
  let isCut = rows.count < total || columns < totalColumns
  if isCut, let seeAll { parts.append(seeAll) }
  return parts.isEmpty ? [counted(total, "row")] : parts
}

/// Parts of a sentence on as few lines of `width` as hold them.
func foldedList(_ parts: [String], width: Int) -> [String] {
  var lines: [String] = []
  for part in parts {
    if let last = lines.last, displayWidth(last) + 2 + displayWidth(part) <= width {
      lines[lines.count - 1] = last + ", " + part
    } else {
      lines.append(part)
    }
  }
  return lines
}
