import ErpqBase
import ErpqTables

/// Each row as a block of `name value` lines: for rows with more columns, or longer texts, than a line holds.
struct RecordLayout {
  let style: TerminalStyle
  let wide: Bool
  /// How the rest can be seen of a table that was cut.
  var seeAll: String?

  func render(_ columns: [FormattedColumn], table: Table, rows: ShownRows) -> String {
    let ink = Ink(style)
    let widest = columns.reduce(1) { max($0, displayWidth($1.name)) }
    let nameWidth = wide ? widest : max(1, min(widest, style.width / 2 - 1))
    let valueWidth = wide ? Int.max : max(1, style.width - nameWidth - 2)
    let rule = style.unicode ? "─" : "-"
    let numbers = rows.all
    var out = ""
    let cancel = Cancellation.current
    for row in 0..<rows.count where !cancel.isCancelled {
      if row == rows.head.count { out += ink(style.unicode ? "⋮" : ":", .dim) + "\n" }
      let title = "row \(NumberText.grouped(Int64(numbers[row] + 1))) "
      let length = min(wide ? 40 : style.width, 40) - title.utf8.count
      out +=
        ink(truncated(title, to: max(1, wide ? 80 : style.width), ellipsis: ""), .dim)
        + ink(String(repeating: rule, count: max(0, length)), .dim) + "\n"
      for column in columns {
        let name = truncated(column.name, to: nameWidth, ellipsis: style.ellipsis)
        let cell = column.cells[row]
        let text = cell.bar == nil ? cell.text : String(cell.text.drop { $0 == " " })
        for (i, part) in wrapped(text, valueWidth).enumerated() {
          let label = i == 0 ? ink(name, .header) + spaces(nameWidth - displayWidth(name)) : spaces(nameWidth)
          out += part.isEmpty ? (i == 0 ? ink(name, .header) : "") : label + "  " + ink(part, cell.role)
          out += "\n"
        }
      }
    }
    if table.totals != nil {
      out += ink(
        "total " + String(repeating: rule, count: max(0, min(wide ? 40 : style.width, 40) - 6)), .dim)
      out += "\n"
      for column in columns {
        guard let total = column.total, !total.text.isEmpty, total.text != "total" else { continue }
        let name = truncated(column.name, to: nameWidth, ellipsis: style.ellipsis)
        out += ink(name, .header) + spaces(nameWidth - displayWidth(name)) + "  "
        out += ink(String(total.text.drop { $0 == " " }), total.role) + "\n"
      }
    }
    let footer = tableFooter(
      rows: rows, of: table.rowCount, columns: columns.count, of: columns.count, seeAll: seeAll)
    return out + ink(footer.joined(separator: ", "), .dim) + "\n"
  }

  /// The text in lines of at most `width` columns.
  private func wrapped(_ text: String, _ width: Int) -> [String] {
    if displayWidth(text) <= width { return [text] }
    var lines = [""]
    var used = 0
    for character in text {
      let w = displayWidth(of: character)
      if used + w > width, used > 0 {
        lines.append("")
        used = 0
      }
      lines[lines.count - 1].append(character)
      used += w
    }
    return lines
  }
}
