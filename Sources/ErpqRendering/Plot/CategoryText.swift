extension TerminalPlot {
  /// A heatmap: a shade and a number a cell.
  func heatmapLines(_ model: HeatmapModel) -> [String] {
    let known = model.cells.joined().filter { !$0.isNaN }
    guard let low = known.min(), let high = known.max() else { return noData }
    let scale = NumberAxis.scale(for: max(low.magnitude, high.magnitude))
    let decimals = scale.0 > 1 ? 1 : min(2, NumberText.decimals(for: known))
    let suffix = model.unit.touches ? model.unit.label : ""
    func text(_ value: Double) -> String {
      value.isNaN
        ? (style.unicode ? "·" : "null")
        : NumberText.fixed(value / scale.0, decimals: decimals) + (value == 0 ? "" : scale.1) + suffix
    }
    let labelWidth = min(
      max(1, model.rows.reduce(0) { max($0, displayWidth($1)) }), max(4, width / 3))
    let rows = min(model.rows.count, height ?? 60)
    let widest = model.cells.prefix(rows).joined().reduce(1) { max($0, displayWidth(text($1))) }
    // Shade marks stand before the number when there are no colours for the ground.
    let lead = style.color >= .ansi256 ? 1 : 3
    let header = model.columns.reduce(1) { max($0, displayWidth($1)) }
    let roomy = max(widest + lead + 1, min(header + 2, 14))
    let space = width - labelWidth - 1
    let hasNumbers =
      widest + lead + 1 <= space && (space / (widest + lead + 1)) >= min(model.columns.count, 12)
    let cell =
      hasNumbers
      ? min(roomy, max(widest + lead + 1, space / max(1, model.columns.count)))
      : max(1, min(4, space / max(1, model.columns.count)))
    let columns = max(1, min(model.columns.count, space / max(1, cell)))
    var out: [String] = []
    var head = spaces(labelWidth + 1)
    let isTight = model.columns.prefix(columns).contains { displayWidth($0) > cell - 1 }
    if isTight, !model.shortColumns.isEmpty {
      func places(_ text: ((label: String, context: String)) -> String) -> [(center: Int, text: String)] {
        model.shortColumns.prefix(columns).enumerated().map { i, head in
          let text = text(head)
          return (center: i * cell + max(0, cell - 1 - (displayWidth(text) + 1) / 2), text: text)
        }
      }
      let contexts = labelLine(places { $0.context }, indent: labelWidth + 1, width: columns * cell)
      if !contexts.isEmpty { out.append(ink(trimmingEnd(contexts), .dim)) }
      head = labelLine(places { $0.label }, indent: labelWidth + 1, width: columns * cell)
    } else if cell >= 4 {
      for name in model.columns.prefix(columns) {
        head +=
          padded(truncated(name, to: cell - 1, ellipsis: style.ellipsis), to: cell - 1, right: true) + " "
      }
    } else {
      let labels = model.columns.prefix(columns).enumerated().map { (center: $0 * cell, text: $1) }
      head = labelLine(labels, indent: labelWidth + 1, width: columns * cell)
    }
    out.append(ink(trimmingEnd(head), .dim))
    for row in 0..<rows {
      var line = padded(
        truncated(model.rows[row], to: labelWidth, ellipsis: style.ellipsis), to: labelWidth, right: false)
      line += " "
      for column in 0..<columns {
        let value = model.cells[row][column]
        let share = value.isNaN ? nil : high > low ? fraction(value, from: low, to: high) : 1
        line += shadedCell(hasNumbers ? text(value) : "", share: share, width: cell)
      }
      out.append(line)
    }
    if !hasNumbers {
      let scale =
        style.color >= .ansi256
        ? (0...4).map { shadedCell("", share: Double($0) / 4, width: 2) }.joined()
        : (0...4).map { shade(Double($0) / 4) }.joined()
      let size = displayWidth(text(low)) + displayWidth(text(high)) + (style.color >= .ansi256 ? 12 : 7)
      if size <= width {
        out.append(ink(text(low) + " ", .dim) + scale + ink(" " + text(high), .dim))
      } else {
        out += [text(low) + " to", text(high)].map { ink(cut($0), .dim) }
      }
    }
    if rows < model.rows.count || columns < model.columns.count {
      let parts = [
        rows < model.rows.count ? "\(rows) of \(model.rows.count) rows" : nil,
        columns < model.columns.count ? "\(columns) of \(model.columns.count) columns" : nil,
      ].compactMap { $0 }
      out += foldedList(parts, width: width).map { ink(cut($0), .dim) }
    }
    return out
  }

  private func shade(_ share: Double) -> String {
    let marks = style.unicode ? [" ", "░", "▒", "▓", "█"] : [" ", ".", ":", "+", "#"]
    return marks[max(0, min(4, Int((share * 4).rounded())))]
  }

  /// A cell on a ground between grey-white and blue, or behind two shade marks.
  private func shadedCell(_ text: String, share: Double?, width: Int) -> String {
    let text = displayWidth(text) <= width - 1 ? text : ""
    guard style.color >= .ansi256, let share else {
      let mark = share.map { shade($0) } ?? " "
      let marks = String(repeating: mark, count: text.isEmpty ? max(1, width - (width > 2 ? 1 : 0)) : 2)
      let fill = width - marks.count - displayWidth(text) - (width > 2 ? 1 : 0)
      return ink(marks, .series(0)) + spaces(fill) + text + (width > 2 ? " " : "")
    }
    let t = max(0, min(1, share))
    func mix(_ a: Double, _ b: Double) -> Int { Int((a + (b - a) * t).rounded()) }
    let ground: String
    if style.color == .truecolor {
      ground = "48;2;\(mix(226, 20));\(mix(236, 76));\(mix(246, 140))"
    } else {
      ground = "48;5;\([255, 195, 153, 111, 69, 26, 18][Int((t * 6).rounded())])"
    }
    let letters =
      t > 0.5
      ? (style.color == .truecolor ? "38;2;255;255;255" : "38;5;231")
      : (style.color == .truecolor ? "38;2;20;20;20" : "38;5;16")
    let fill = width - displayWidth(text) - (width > 2 ? 1 : 0)
    return "\u{1b}[\(letters);\(ground)m" + spaces(fill) + text + (width > 2 ? " " : "") + "\u{1b}[0m"
  }

  /// Boxes on one axis: `├──┤  │  ├──┤`.
  func boxLines(_ model: BoxModel) -> [String] {
    guard !model.boxes.isEmpty, let (low, high) = model.range else { return noData }
    let shown = min(model.boxes.count, height ?? 40)
    let widest = model.boxes.prefix(shown).reduce(1) { max($0, displayWidth($1.label)) }
    let labelWidth = max(1, min(widest, max(8, width / 3)))
    let columns = max(4, width - labelWidth - 2)
    let axis = NumberAxis(low: low, high: high, count: max(2, columns / 12), unit: model.unit)
    func place(_ value: Double) -> Int {
      let share = fraction(value, from: axis.low, to: axis.high)
      return max(0, min(columns - 1, Int((share * Double(columns - 1)).rounded())))
    }
    let u = style.unicode
    var out: [String] = []
    for box in model.boxes.prefix(shown) {
      var canvas = DotCanvas(columns: columns, rows: 1, unicode: u)
      for value in box.outliers { canvas.put(column: place(value), row: 0, u ? "∘" : "o", .series(0)) }
      for column in place(box.low)...place(box.high) {
        canvas.put(column: column, row: 0, u ? "─" : "-", .series(0))
      }
      canvas.put(column: place(box.low), row: 0, u ? "├" : "|", .series(0))
      canvas.put(column: place(box.high), row: 0, u ? "┤" : "|", .series(0))
      for column in place(box.first)...place(box.third) {
        canvas.put(column: column, row: 0, u ? "▓" : "=", .series(0))
      }
      canvas.put(column: place(box.median), row: 0, u ? "┃" : "M", .header)
      let name = truncated(box.label, to: labelWidth, ellipsis: style.ellipsis)
      out.append(padded(name, to: labelWidth, right: false) + "  " + canvas.text(row: 0, ink: ink))
    }
    var rule = [Character](repeating: u ? "─" : "-", count: columns)
    for tick in axis.ticks { rule[place(tick.value)] = u ? "┬" : "+" }
    out.append(ink(spaces(labelWidth + 2) + String(rule), .dim))
    let labels = axis.ticks.map { (center: place($0.value), text: $0.label) }
    out.append(ink(labelLine(labels, indent: labelWidth + 2, width: columns), .dim))
    if shown < model.boxes.count {
      out.append(ink("\(shown) of \(model.boxes.count) boxes", .dim))
    }
    return out
  }
}
