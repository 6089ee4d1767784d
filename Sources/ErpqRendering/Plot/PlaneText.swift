import ErpqBase

/// Lines, points, areas and columns under two axes, as text.
struct PlaneText {
  let plot: TerminalPlot
  let model: PlaneModel

  private var style: TerminalStyle { plot.style }
  private static let asciiMarks: [Character] = ["*", "+", "o", "x", "#", "@", "%", "&"]
  private static let shapes: [Character] = ["●", "▲", "■", "◆", "○", "△", "□", "◇"]

  private func role(_ series: PlaneModel.Series) -> Role {
    series.color.map { series.isPast ? .shade($0) : .series($0) } ?? .plain
  }

  private func mark(_ series: PlaneModel.Series) -> Character {
    guard let color = series.color else { return "o" }
    return PlaneText.asciiMarks[color % PlaneText.asciiMarks.count]
  }

  /// Whether series need marks of their own, because there are no colours to tell them apart.
  private var needsShapes: Bool {
    style.unicode && style.color == .none && model.series.count > 1
  }

  private func shape(_ place: Int) -> Character { PlaneText.shapes[place % PlaneText.shapes.count] }

  func lines() -> [String] {
    guard !model.isEmpty, let (xLow, xHigh) = model.xRange, let (yLow, yHigh) = model.yRange else {
      return plot.noData
    }
    let rows = plot.height ?? max(6, min(16, style.height - 8))
    let y = NumberAxis(low: yLow, high: yHigh, count: max(2, min(rows / 3, 10)), unit: model.yUnit)
    let gutter = min(plot.width / 2, y.ticks.reduce(0) { max($0, displayWidth($1.label)) })
    // A label, a space, the axis; one column stays free so that the last label may hang over.
    let columns = max(4, plot.width - gutter - 2)
    let frame = Frame(
      canvas: DotCanvas(columns: columns, rows: rows, unicode: style.unicode), xLow: xLow, xHigh: xHigh, y: y)
    let canvas = draw(frame)
    var out = legend(indent: gutter + 1)
    var tickRows: [Int: String] = [:]
    for tick in y.ticks.reversed() { tickRows[frame.row(tick.value)] = tick.label }
    for row in 0..<rows {
      let label = tickRows[row]
      let head = padded(label.map { truncated($0, to: gutter, ellipsis: "") } ?? "", to: gutter, right: true)
      let axis = style.unicode ? (label == nil ? "│" : "┤") : (label == nil ? "|" : "+")
      out.append(plot.ink(head + " " + axis, .dim) + canvas.text(row: row, ink: plot.ink))
    }
    return out + xAxis(frame, gutter: gutter)
  }

  /// Where things lie on the canvas.
  private struct Frame {
    var canvas: DotCanvas
    let xLow: Double
    let xHigh: Double
    let y: NumberAxis

    func share(_ x: Double) -> Double {
      xHigh > xLow ? fraction(x, from: xLow, to: xHigh) : 0.5
    }

    func dotX(_ x: Double) -> Int { Int((share(x) * Double(canvas.width - 1)).rounded()) }

    func dotY(_ value: Double) -> Int {
      let part = fraction(value, from: y.low, to: y.high)
      return Int(((1 - part) * Double(canvas.height - 1)).rounded())
    }

    func column(_ x: Double) -> Int { dotX(x) / canvas.dotsX }
    func row(_ value: Double) -> Int { dotY(value) / canvas.dotsY }
  }

  private func draw(_ frame: Frame) -> DotCanvas {
    var canvas = frame.canvas
    for band in model.bands { shade(band, frame, &canvas) }
    for reference in model.references { draw(reference, frame, &canvas) }
    if let boundary = model.boundary {
      let column = frame.column(boundary)
      for row in 0..<canvas.rows where row % 2 == 0 || !style.unicode {
        canvas.put(column: column, row: row, style.unicode ? "╎" : "|", .dim)
      }
    }
    // The first series is drawn last, so that it lies on top.
    for (place, series) in model.series.enumerated().reversed() {
      switch series.mark {
      case .columns: columns(series, place, frame, &canvas)
      case .area:
        fill(series, frame, &canvas)
        trace(series, frame, &canvas)
      case .line: trace(series, frame, &canvas)
      case .points:
        for (x, y) in zip(series.xs, series.ys) where !x.isNaN && !y.isNaN {
          canvas.dot(frame.dotX(x), frame.dotY(y), role(series), mark: mark(series))
        }
      }
    }
    if needsShapes {
      for (place, series) in model.series.enumerated() where series.mark != .columns {
        stamp(series, place, frame, &canvas)
      }
    }
    return canvas
  }

  /// A dashed line behind the series.
  private func draw(_ reference: PlaneModel.Reference, _ frame: Frame, _ canvas: inout DotCanvas) {
    let role = reference.color.map { Role.series($0) } ?? .warning
    func put(_ column: Int, _ y: Double) {
      guard style.unicode || column % 3 < 2 else { return }
      canvas.shade(column: column, row: frame.row(y), referenceMark, role)
    }
    guard !reference.xs.isEmpty else {
      for column in 0..<canvas.columns { for y in reference.ys { put(column, y) } }
      return
    }
    for (column, span) in spans(reference.xs, reference.ys, reference.ys, frame) { put(column, span.high) }
  }

  private var referenceMark: Character { style.unicode ? "╌" : "-" }

  private func trace(_ series: PlaneModel.Series, _ frame: Frame, _ canvas: inout DotCanvas) {
    var last: (x: Int, y: Int)?
    for (x, y) in zip(series.xs, series.ys) {
      guard !y.isNaN else {
        last = nil
        continue
      }
      let here = (x: frame.dotX(x), y: frame.dotY(y))
      canvas.line(last ?? here, here, role(series), mark: mark(series))
      last = here
    }
  }

  /// For every column of cells the least and greatest of two curves, drawn between their points.
  private func spans(
    _ xs: [Double], _ low: [Double], _ high: [Double], _ frame: Frame
  ) -> [Int: (low: Double, high: Double)] {
    var spans: [Int: (low: Double, high: Double)] = [:]
    func take(_ column: Int, _ a: Double, _ b: Double) {
      let old = spans[column]
      spans[column] = (min(old?.low ?? a, a), max(old?.high ?? b, b))
    }
    for i in xs.indices where !low[i].isNaN && !high[i].isNaN {
      let column = frame.column(xs[i])
      take(column, low[i], high[i])
      guard i > 0, !low[i - 1].isNaN, !high[i - 1].isNaN else { continue }
      let before = frame.column(xs[i - 1])
      guard column - before > 1 else { continue }
      for c in (before + 1)..<column {
        let t = Double(c - before) / Double(column - before)
        take(c, low[i - 1] * (1 - t) + low[i] * t, high[i - 1] * (1 - t) + high[i] * t)
      }
    }
    return spans
  }

  private func shade(_ band: PlaneModel.Band, _ frame: Frame, _ canvas: inout DotCanvas) {
    for (column, span) in spans(band.xs, band.low, band.high, frame) {
      for row in frame.row(span.high)...frame.row(span.low) {
        canvas.shade(column: column, row: row, bandMark(band), .shade(band.color))
      }
    }
  }

  private func bandMark(_ band: PlaneModel.Band) -> Character {
    style.unicode ? (band.level == 0 && model.bands.count > 1 ? "░" : "▒") : (band.level == 0 ? "." : ":")
  }

  private func fill(_ series: PlaneModel.Series, _ frame: Frame, _ canvas: inout DotCanvas) {
    let base = series.base.isEmpty ? series.ys.map { $0.isNaN ? .nan : 0 } : series.base
    for (column, span) in spans(series.xs, base, series.ys, frame) {
      let (a, b) = (frame.row(max(span.low, span.high)), frame.row(min(span.low, span.high)))
      for row in a...b {
        canvas.shade(column: column, row: row, style.unicode ? "░" : ".", .shade(series.color ?? 0))
      }
    }
  }

  /// Puts a series' shape on some of its points.
  private func stamp(_ series: PlaneModel.Series, _ place: Int, _ frame: Frame, _ canvas: inout DotCanvas) {
    let distance = series.mark == .points ? 0 : 14
    var next = series.mark == .points ? 0 : (place * 5) % 14
    for (x, y) in zip(series.xs, series.ys) where !x.isNaN && !y.isNaN {
      let column = frame.column(x)
      guard column >= next else { continue }
      canvas.put(column: column, row: frame.row(y), shape(place), .plain)
      next = distance == 0 ? 0 : column + distance
    }
  }

  /// Vertical bars in eighths of a cell; those of several series stand side by side.
  private func columns(_ series: PlaneModel.Series, _ place: Int, _ frame: Frame, _ canvas: inout DotCanvas) {
    let eighths: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    let all = Double(canvas.columns)
    let span = frame.xHigh - frame.xLow
    let mark = columnMark(place)
    for (x, y) in zip(series.xs, series.ys) where !y.isNaN && y != 0 {
      let slot = span > 0 ? model.columnWidth / span * all : all
      // Groups of columns stand apart.
      let margin = model.series.count > 1 ? slot * 0.08 : 0
      let left = (span > 0 ? (x - model.columnWidth / 2 - frame.xLow) / span * all : 0) + margin
      let size = slot - 2 * margin
      let part = size / Double(model.series.count)
      let from = Int((left + part * Double(place)).rounded())
      let gap = part >= 3 ? 1 : 0
      let to = max(from, Int((left + part * Double(place + 1)).rounded()) - 1 - gap)
      let zero = max(0, min(1, (0 - frame.y.low) / (frame.y.high - frame.y.low))) * Double(canvas.rows)
      let top = max(0, min(1, (y - frame.y.low) / (frame.y.high - frame.y.low))) * Double(canvas.rows)
      let (low, high) = (min(zero, top), max(zero, top))
      for column in from...to {
        for row in 0..<canvas.rows {
          let bottom = Double(canvas.rows - 1 - row)
          let filled = min(high, bottom + 1) - max(low, bottom)
          guard filled > 0 else { continue }
          if !style.unicode {
            let isEnd = bottom <= high && high - bottom <= 1 && filled < 0.3
            if !isEnd {
              canvas.put(
                column: column, row: row, model.series.count > 1 ? self.mark(series) : "#", role(series))
            }
          } else if filled >= 0.95 || (y < 0 && filled > 0.5) {
            canvas.put(column: column, row: row, mark, role(series))
          } else if y > 0 {
            // A count of one among thousands still shows.
            canvas.put(column: column, row: row, eighths[max(1, Int((filled * 8).rounded()))], role(series))
          } else {
            canvas.put(column: column, row: row, "▀", role(series))
          }
        }
      }
    }
  }

  /// What a column is filled with: without colours the series differ in their shading.
  private func columnMark(_ place: Int) -> Character {
    style.color == .none && model.series.count > 1 ? ["█", "▒", "░", "▓"][place % 4] : "█"
  }

  func legend(indent: Int) -> [String] {
    var items: [(mark: String, name: String, role: Role)] = []
    if model.series.count > 1 || !model.bands.isEmpty || !model.references.isEmpty {
      for (place, series) in model.series.enumerated() where !series.isPast {
        let mark: String
        if series.mark == .columns {
          mark = String(repeating: style.unicode ? columnMark(place) : self.mark(series), count: 2)
        } else if needsShapes {
          mark = String(shape(place))
        } else {
          mark =
            style.unicode
            ? (series.mark == .points ? "⠿" : "⠒⠒") : String(repeating: self.mark(series), count: 2)
        }
        items.append((mark, series.name, role(series)))
      }
    }
    for band in model.bands where !band.label.isEmpty {
      items.append((String(repeating: bandMark(band), count: 2), band.label, .shade(band.color)))
    }
    for reference in model.references where !reference.label.isEmpty {
      let mark = String(repeating: referenceMark, count: 2)
      items.append((mark, reference.label, reference.color.map { .series($0) } ?? .warning))
    }
    return items.isEmpty
      ? [] : plot.legend(items, indent: items.count > 1 ? min(indent + 1, plot.width / 4) : 0)
  }

  private func xAxis(_ frame: Frame, gutter: Int) -> [String] {
    let columns = frame.canvas.columns
    let ticks = self.ticks(frame)
    var axis = [Character](repeating: style.unicode ? "─" : "-", count: columns)
    for tick in ticks { axis[min(columns - 1, max(0, frame.column(tick.value)))] = style.unicode ? "┬" : "+" }
    let corner = style.unicode ? "└" : "+"
    var lines = [plot.ink(spaces(gutter + 1) + corner + String(axis), .dim)]
    let placed = ticks.map { (center: frame.column($0.value), text: $0.label) }
    let labels = plot.labelLine(placed, indent: gutter + 2, width: columns)
    if !labels.isEmpty { lines.append(plot.ink(labels, .dim)) }
    if ticks.contains(where: { !$0.context.isEmpty }) {
      let contexts = ticks.map { (center: frame.column($0.value), text: $0.context) }
      lines.append(plot.ink(plot.labelLine(contexts, indent: gutter + 2, width: columns), .dim))
    }
    if case .number = model.xScale, !model.xName.isEmpty {
      let name = truncated(model.xName, to: columns, ellipsis: style.ellipsis)
      lines.append(plot.ink(spaces(gutter + 2 + columns - displayWidth(name)) + name, .dim))
    }
    return lines
  }

  private func ticks(_ frame: Frame) -> [Tick] {
    let columns = frame.canvas.columns
    switch model.xScale {
    case .time(let finest, let hasClock):
      return TimeTicks.ticks(
        low: frame.xLow, high: frame.xHigh, extent: Double(columns), finest: finest, hasClock: hasClock,
        most: 14,
        gap: 2, measure: { Double(displayWidth($0)) })
    case .number(let unit):
      guard frame.xHigh > frame.xLow else {
        return [Tick(value: frame.xLow, label: NumberAxis.labels([frame.xLow], step: 1, unit: unit)[0])]
      }
      return NumberAxis(
        low: frame.xLow, high: frame.xHigh, count: max(2, columns / 12), unit: unit, isExact: true
      ).ticks
    case .category(let names):
      let every = max(1, names.count / max(1, columns / 4))
      return stride(from: 0, to: names.count, by: every).map {
        Tick(
          value: Double($0),
          label: truncated(
            names[$0], to: max(3, columns / max(1, min(names.count, 8)) - 1),
            ellipsis: style.ellipsis))
      }.filter { $0.value >= frame.xLow && $0.value <= frame.xHigh }
    }
  }
}
