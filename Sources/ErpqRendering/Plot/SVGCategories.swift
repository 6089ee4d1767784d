import ErpqTables
extension SVGPlot {
  private func empty(_ svg: inout SVGDocument, _ frame: SVGFrame) {
    svg.text(frame.left, frame.top + 20, "No values to draw.", class: "muted")
  }

  /// Horizontal bars with their values.
  func draw(_ m: BarModel, _ svg: inout SVGDocument, _ frame: SVGFrame) {
    guard m.values.joined().contains(where: { !$0.isNaN }), let (low, high) = m.range else {
      return empty(&svg, frame)
    }
    let fitting = Int((frame.bottom - frame.top) / barHeight(m))
    // The line that says how many are shown needs room too.
    let shown =
      fitting >= m.labels.count
      ? m.labels.count : max(1, Int((frame.bottom - frame.top - 14) / barHeight(m)))
    let all = m.values.flatMap { $0.prefix(shown) }.filter { !$0.isNaN }
    let decimals = m.decimals(all)
    func text(_ value: Double) -> String {
      NumberText.fixed(value, decimals: decimals) + (m.unit.touches ? m.unit.label : "")
    }
    let labelRoom = min(
      m.labels.prefix(shown).reduce(0) { max($0, SVGDocument.textWidth($1)) },
      (frame.right - frame.left) * 0.35)
    let valueRoom = all.reduce(0) { max($0, SVGDocument.textWidth(text($1))) } + 8
    let left = frame.left + labelRoom + 8
    let width = max(10, frame.right - left - valueRoom)
    func x(_ value: Double) -> Double {
      left + fraction(value, from: low, to: high) * width
    }
    let row = barHeight(m)
    for i in 0..<shown {
      let top = frame.top + Double(i) * row
      let name = SVGDocument.cut(m.labels[i], to: labelRoom + 4)
      svg.text(left - 8, top + row / 2 + 2, name, class: "", anchor: "end")
      let part = (row - (m.series.count > 1 ? 8 : 6)) / Double(m.series.count)
      for (s, values) in m.values.enumerated() where !values[i].isNaN {
        let value = values[i]
        let y = top + Double(s) * part
        svg.rect(
          x(min(0, value)), y, max(1, x(max(0, value)) - x(min(0, value))), part - 1,
          class: "f\(s % 8)", tip: "\(m.labels[i]): \(text(value))")
        // Right of the bar, and of a mark that would cross it.
        let size = SVGDocument.textWidth(text(value))
        var end = x(max(0, value))
        for mark in m.marks.map({ x($0.values[i]) }).filter({ !$0.isNaN }).sorted()
        where mark > end - 6 && mark < end + size + 12 {
          end = mark
        }
        svg.text(end + 6, y + part / 2 + 4, text(value), class: "muted")
      }
      for mark in m.marks where !mark.values[i].isNaN {
        svg.line(x(mark.values[i]), top - 1, x(mark.values[i]), top + row - 5, class: "tick")
      }
    }
    svg.line(x(0), frame.top - 2, x(0), frame.top + Double(shown) * row - 4, class: "axis")
    if shown < m.labels.count {
      svg.text(
        frame.right, frame.top + Double(shown) * row + 8, "\(shown) of \(counted(m.labels.count, "bar"))",
        class: "muted", anchor: "end")
    }
  }

  /// Cells on a ground between light and dark blue.
  func draw(_ m: HeatmapModel, _ svg: inout SVGDocument, _ frame: SVGFrame) {
    let known = m.cells.joined().filter { !$0.isNaN }
    guard let low = known.min(), let high = known.max(), !m.columns.isEmpty else { return empty(&svg, frame) }
    let scale = NumberAxis.scale(for: max(low.magnitude, high.magnitude))
    let decimals = scale.0 > 1 ? 1 : min(2, NumberText.decimals(for: known))
    func text(_ value: Double) -> String {
      NumberText.fixed(value / scale.0, decimals: decimals) + (value == 0 ? "" : scale.1)
        + (m.unit.touches ? m.unit.label : "")
    }
    let labelRoom = min(
      m.rows.reduce(0) { max($0, SVGDocument.textWidth($1)) }, (frame.right - frame.left) * 0.3)
    let left = frame.left + labelRoom + 8
    let cellWidth = min(120, (frame.right - left) / Double(m.columns.count))
    let cellHeight = max(2, min(40, (frame.bottom - frame.top - 24) / Double(m.rows.count)))
    let heads = columnHeads(m, cellWidth)
    var edges = [-Double.infinity, -Double.infinity]
    for (c, head) in heads.enumerated() {
      for (line, text) in [head.context, head.label].enumerated() where !text.isEmpty {
        let half = SVGDocument.textWidth(text) / 2
        let center = max(half, min(svg.width - half, left + (Double(c) + 0.5) * cellWidth))
        guard center - half >= edges[line] + 4 else { continue }
        edges[line] = center + half
        svg.text(center, frame.top + Double(line) * 14 - 2, text, class: "muted", anchor: "middle")
      }
    }
    let every = max(1, Int((14 / cellHeight).rounded(.up)))
    for (r, cells) in m.rows.indices.map({ ($0, m.cells[$0]) }) {
      let y = frame.top + 20 + Double(r) * cellHeight
      if r % every == 0 {
        let name = SVGDocument.cut(m.rows[r], to: labelRoom + 4)
        svg.text(left - 8, y + cellHeight / 2 + 4, name, class: "", anchor: "end")
      }
      for (c, value) in cells.enumerated() where !value.isNaN {
        let t = high > low ? fraction(value, from: low, to: high) : 1
        func mix(_ a: Double, _ b: Double) -> Int { Int((a + (b - a) * t).rounded()) }
        let x = left + Double(c) * cellWidth
        let gap = cellWidth > 6 && cellHeight > 6 ? 1.0 : 0
        svg.rect(
          x, y, cellWidth - gap, cellHeight - gap, class: "cell",
          fill: "rgb(\(mix(226, 20)),\(mix(236, 76)),\(mix(246, 140)))",
          tip: "\(m.rows[r]), \(m.columns[c]): \(text(value))")
        if cellHeight >= 15, SVGDocument.textWidth(text(value)) <= cellWidth - 4 {
          svg.text(
            x + cellWidth / 2, y + cellHeight / 2 + 4, text(value), class: t > 0.5 ? "on" : "off",
            anchor: "middle")
        }
      }
    }
  }

  /// The names over the columns: whole where all have room, else in two lines where they are dates, else cut.
  private func columnHeads(_ m: HeatmapModel, _ cellWidth: Double) -> [(label: String, context: String)] {
    let fit = m.columns.allSatisfy { SVGDocument.textWidth($0) <= cellWidth - 4 }
    if !fit, !m.shortColumns.isEmpty { return m.shortColumns }
    return m.columns.map { (SVGDocument.cut($0, to: max(cellWidth, 50) - 4), "") }
  }

  /// Boxes on one axis.
  func draw(_ m: BoxModel, _ svg: inout SVGDocument, _ frame: SVGFrame) {
    guard !m.boxes.isEmpty, let (low, high) = m.range else { return empty(&svg, frame) }
    let shown = min(m.boxes.count, max(1, Int((frame.bottom - frame.top - 30) / 16)))
    let labelRoom = min(
      m.boxes.prefix(shown).reduce(0) { max($0, SVGDocument.textWidth($1.label)) },
      (frame.right - frame.left) * 0.35)
    let left = frame.left + labelRoom + 14
    let right = max(left + 40, frame.right - 14)
    let bottom = frame.bottom - 24
    let axis = NumberAxis(low: low, high: high, count: max(2, Int((right - left) / 90)), unit: m.unit)
    func x(_ value: Double) -> Double {
      left + fraction(value, from: axis.low, to: axis.high) * (right - left)
    }
    var edge = -Double.infinity
    for tick in axis.ticks {
      svg.line(x(tick.value), frame.top, x(tick.value), bottom, class: "grid")
      let half = SVGDocument.textWidth(tick.label) / 2
      let center = min(frame.right + 14 - half, x(tick.value))
      guard center - half >= edge + 4 else { continue }
      edge = center + half
      svg.text(center, bottom + 18, tick.label, class: "muted", anchor: "middle")
    }
    let row = (bottom - frame.top) / Double(shown)
    for (i, box) in m.boxes.prefix(shown).enumerated() {
      let y = frame.top + (Double(i) + 0.5) * row
      let half = min(9, row * 0.35)
      svg.text(left - 10, y + 4, SVGDocument.cut(box.label, to: labelRoom + 4), class: "", anchor: "end")
      svg.line(x(box.low), y, x(box.first), y, class: "whisker")
      svg.line(x(box.third), y, x(box.high), y, class: "whisker")
      svg.line(x(box.low), y - half / 2, x(box.low), y + half / 2, class: "whisker")
      svg.line(x(box.high), y - half / 2, x(box.high), y + half / 2, class: "whisker")
      svg.rect(x(box.first), y - half, max(1, x(box.third) - x(box.first)), 2 * half, class: "f0")
      svg.line(x(box.median), y - half, x(box.median), y + half, class: "median")
      for value in box.outliers { svg.circle(x(value), y, 2.2, class: "points f0") }
    }
    svg.line(left, bottom, right, bottom, class: "axis")
    if shown < m.boxes.count {
      svg.text(
        frame.right, frame.top + 8, "\(shown) of \(m.boxes.count) boxes", class: "muted", anchor: "end")
    }
  }
}
