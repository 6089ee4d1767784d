import ErpqBase
import ErpqTables

/// Rows below each other under a header: names, types, a light rule.
struct GridLayout {
  let style: TerminalStyle
  let wide: Bool
  /// How the rest can be seen of a table that was cut.
  var seeAll: String?

  private let gap = 2

  func render(_ columns: [FormattedColumn], table: Table, rows: ShownRows) -> String {
    let ink = Ink(style)
    let plan =
      wide
      ? Plan(
        kept: Array(columns.indices), widths: columns.map { max($0.cellWidth, header($0, types: true)) },
        cut: nil)
      : fold(columns)
    // A column of the `⋮`, or of the `…` that stands for the columns that were cut.
    let marker = style.unicode ? "…" : ".."
    var out = ""
    func line(_ piece: (Int, Int) -> Cell, cut: String) {
      var text = ""
      var pending = 0
      func put(_ cell: Cell, width: Int, right: Bool) {
        let fill = width - displayWidth(cell.text)
        if right, cell.bar == nil { pending += max(0, fill) }
        if !cell.text.isEmpty {
          // A bar column begins with a padded number.
          let shown = cell.bar == nil ? cell.text : String(cell.text.drop { $0 == " " })
          if !shown.isEmpty {
            text += spaces(pending + cell.text.count - shown.count) + ink(shown, cell.role)
            pending = 0
          } else {
            pending += cell.text.count
          }
        }
        if let bar = cell.bar {
          let drawn = bar.text.drop { $0 == " " }
          if !drawn.isEmpty {
            text += spaces(pending + 1 + bar.text.count - drawn.count) + ink(String(drawn), bar.role)
            pending = 0
            pending += max(0, fill - 1 - bar.text.count)
          } else {
            pending += max(0, fill)
          }
        } else if !right {
          pending += max(0, fill)
        }
        pending += gap
      }
      for (place, column) in plan.kept.enumerated() {
        if plan.cut == place { put(Cell(cut, .dim), width: displayWidth(marker), right: false) }
        put(
          piece(column, plan.widths[place]), width: plan.widths[place],
          right: columns[column].formatter.alignsRight)
      }
      if plan.cut == plan.kept.count { put(Cell(cut, .dim), width: displayWidth(marker), right: false) }
      out += text + "\n"
    }
    func cut(_ text: String, _ width: Int) -> String { truncated(text, to: width, ellipsis: style.ellipsis) }

    func head(_ text: String, _ column: Int, _ width: Int, _ role: Role) -> Cell {
      let text = cut(text, width)
      guard columns[column].formatter.hasBars else { return Cell(text, role) }
      var cell = Cell(padded(text, to: columns[column].numberWidth, right: true), role)
      cell.bar = ("", .plain)
      return cell
    }
    func ruled() {
      line(
        { Cell(String(repeating: rule, count: $1), .dim) },
        cut: String(repeating: rule, count: displayWidth(marker)))
    }
    let rule = style.unicode ? "─" : "-"
    line({ head(columns[$0].name, $0, $1, .header) }, cut: marker)
    line({ head(columns[$0].type, $0, $1, .dim) }, cut: "")
    ruled()
    let cancel = Cancellation.current
    for row in 0..<rows.count where !cancel.isCancelled {
      if row == rows.head.count {
        line({ column, width in head(style.unicode ? "⋮" : ":", column, width, .dim) }, cut: "")
      }
      line(
        { column, width in columns[column].cell(row, width: width, ellipsis: style.ellipsis) }, cut: marker)
    }
    if table.totals != nil {
      ruled()
      line(
        { column, width in
          guard let total = columns[column].total else { return Cell("") }
          return total.bar == nil ? Cell(cut(total.text, width), total.role) : total
        }, cut: "")
    }
    let footer = tableFooter(
      rows: rows, of: table.rowCount, columns: plan.kept.count, of: columns.count, seeAll: seeAll)
    for text in foldedList(footer, width: wide ? .max : style.width) {
      out += ink(wide ? text : truncated(text, to: style.width, ellipsis: style.ellipsis), .dim) + "\n"
    }
    return out
  }

  /// The columns that are drawn, their widths, and the place where others were left out.
  private struct Plan {
    var kept: [Int]
    var widths: [Int]
    var cut: Int?
  }

  private func header(_ column: FormattedColumn, types: Bool) -> Int {
    max(1, displayWidth(column.name), types ? displayWidth(column.type) : 0)
  }

  /// The width below which a text column is not pushed while others could be left out.
  private let least = 12

  /// Fits the columns into the terminal: first the types are cut, then long texts, and then columns are left
  /// out from the middle-right on, keys and the last columns longest.
  private func fold(_ columns: [FormattedColumn]) -> Plan {
    let all = Array(columns.indices)
    let full = columns.map { max($0.cellWidth, header($0, types: true)) }
    if total(full, cut: false) <= style.width { return Plan(kept: all, widths: full, cut: nil) }
    if let widths = shrink(columns, all, cut: false) { return Plan(kept: all, widths: widths, cut: nil) }
    var dropped: Set<Int> = []
    for index in dropOrder(columns) {
      dropped.insert(index)
      let kept = all.filter { !dropped.contains($0) }
      if let widths = shrink(columns, kept, cut: true) {
        return Plan(kept: kept, widths: widths, cut: cutPlace(kept, dropped))
      }
    }
    // Not even one column fits as it is.
    return Plan(kept: [0], widths: [min(style.width, natural(columns[0]))], cut: nil)
  }

  private func total(_ widths: [Int], cut: Bool) -> Int {
    widths.reduce(0, +) + gap * max(0, widths.count - 1) + (cut ? gap + (style.unicode ? 1 : 2) : 0)
  }

  private func natural(_ column: FormattedColumn) -> Int {
    max(column.cellWidth, header(column, types: false))
  }

  /// Widths that fit, by one limit for all texts; nil when even the least does not. What is left over goes to
  /// the types.
  private func shrink(_ columns: [FormattedColumn], _ kept: [Int], cut: Bool) -> [Int]? {
    func widths(limit: Int) -> [Int] {
      kept.map { i in
        let column = columns[i]
        let width = natural(column)
        guard column.formatter.isElastic else { return width }
        return min(width, max(limit, min(width, displayWidth(column.name))))
      }
    }
    guard total(widths(limit: least), cut: cut) <= style.width else { return nil }
    var low = least
    var high = max(least, kept.map { natural(columns[$0]) }.max() ?? least)
    while low < high {
      let mid = (low + high + 1) / 2
      if total(widths(limit: mid), cut: cut) <= style.width { low = mid } else { high = mid - 1 }
    }
    var result = widths(limit: low)
    var room = style.width - total(result, cut: cut)
    for (place, i) in kept.enumerated() where room > 0 {
      let wanted = header(columns[i], types: true) - result[place]
      if wanted > 0, wanted <= room {
        result[place] += wanted
        room -= wanted
      }
    }
    return result
  }

  /// The columns in the order in which they are left out; the first one never is. What a row is of (names, the
  /// first date), verdicts, and the last figures, which are the result, stay longest.
  private func dropOrder(_ columns: [FormattedColumn]) -> [Int] {
    let n = columns.count
    var tail = columns.indices.filter { $0 > 0 && columns[$0].isFigure }.suffix(n > 4 ? 2 : 1)
    if tail.isEmpty { tail = Array(1..<max(1, n)).suffix(n > 4 ? 2 : 1) }
    let date = columns.firstIndex { $0.isTemporal }
    func isName(_ i: Int) -> Bool { columns[i].name == "name" }
    func isDay(_ i: Int) -> Bool { i == date || columns[i].name == "mean" }
    func isVerdict(_ i: Int) -> Bool {
      (columns[i].formatter.isSeverity || columns[i].formatter.hasBars) && !isName(i) && !isDay(i)
    }
    func isKey(_ i: Int) -> Bool { Conventions.isIdentifier(columns[i].name) || isName(i) || isDay(i) }
    let free = (1..<max(1, n)).reversed().filter { !tail.contains($0) }
    let keys = free.filter { isKey($0) && !isName($0) && !isDay($0) && !isVerdict($0) }
    let last = tail.last.map { [$0] } ?? []
    return free.filter { !isKey($0) && !isVerdict($0) } + keys + free.filter(isVerdict) + tail.dropLast()
      + free.filter { isDay($0) && !isName($0) }
      + free.filter { isName($0) } + last
  }

  /// Where the mark of the columns left out stands: in the place of the first of them.
  private func cutPlace(_ kept: [Int], _ dropped: Set<Int>) -> Int {
    kept.firstIndex { i in dropped.contains { $0 < i } } ?? kept.count
  }
}
