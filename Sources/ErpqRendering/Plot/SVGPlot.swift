import ErpqBase
import ErpqTables

/// Draws a table as a self-contained SVG document, light or dark as the reader prefers.
///
/// It is well-formed XML with a title and a description for screen readers, needs no font, script or network,
/// and the same data give the same text.
/// - Throws: a `PlotError` with a sentence for the user.
public func renderSVG(_ table: Table, _ spec: PlotSpec) throws(PlotError) -> String {
  var builder = PlotBuilder(table, spec)
  let model = try builder.build()
  let width = Double(max(240, min(spec.width ?? 760, 8000)))
  let height = spec.height.map { Double(max(160, min($0, 8000))) }
  return SVGPlot(model: model, kind: spec.kind, width: width, height: height).render()
}

/// Headings, legend and notes around a drawing, in pixels.
struct SVGPlot {
  let model: PlotModel
  let kind: ChartKind
  let width: Double
  /// Height of the whole; nil for what suits the drawing.
  let height: Double?

  static let margin = 16.0
  static let lineHeight = 18.0

  /// A name in the legend: a class for a stroke, for a filled square, or both.
  struct LegendItem {
    var name: String
    var swatch: String
    var isLine: Bool
    var isPoint = false
  }

  func render() -> String {
    let legend = legendRows()
    let head = 14 + (model.title.isEmpty ? 0 : 22) + Double(legend.count) * SVGPlot.lineHeight + 12
    let notes = model.notes.flatMap(wrapped)
    let foot = Double(notes.count) * 16 + (notes.isEmpty ? 6 : 12)
    let wanted = height ?? head + naturalHeight + foot
    let total = max(wanted, head + leastHeight + foot)
    var svg = SVGDocument(width: width, height: total)
    if !model.title.isEmpty {
      svg.text(
        SVGPlot.margin, 26, SVGDocument.cut(model.title, to: (width - 2 * SVGPlot.margin) * 0.78),
        class: "title")
    }
    var y = model.title.isEmpty ? 18.0 : 46
    for row in legend {
      for (x, item) in row {
        if item.isLine {
          svg.line(x, y - 4, x + 16, y - 4, class: item.swatch)
        } else if item.isPoint {
          svg.circle(x + 7, y - 4, 4, class: item.swatch)
        } else {
          svg.rect(x, y - 10, 12, 11, class: item.swatch)
        }
        svg.text(x + 21, y, item.name, class: "")
      }
      y += SVGPlot.lineHeight
    }
    let frame = SVGFrame(left: SVGPlot.margin, top: head, right: width - SVGPlot.margin, bottom: total - foot)
    draw(model.body, &svg, frame, unitNote: model.unitNote, limits: (0, width))
    for (i, note) in notes.enumerated() {
      svg.text(SVGPlot.margin, total - foot + 18 + Double(i) * 16, note, class: "muted")
    }
    return svg.closed(
      title: model.title.isEmpty ? "\(kind.rawValue) plot" : model.title, description: description)
  }

  private func draw(
    _ body: PlotModel.Body, _ svg: inout SVGDocument, _ frame: SVGFrame, unitNote: String,
    limits: (left: Double, right: Double)
  ) {
    switch body {
    case .plane(let plane): SVGPlane(model: plane, unitNote: unitNote, limits: limits).draw(&svg, frame)
    case .bars(let bars): draw(bars, &svg, frame)
    case .heatmap(let heatmap): draw(heatmap, &svg, frame)
    case .boxes(let boxes): draw(boxes, &svg, frame)
    case .panels(let panels): draw(panels, &svg, frame)
    }
  }

  /// How many panels stand in a row.
  private func panelColumns(_ count: Int) -> Int {
    let fitting = max(1, min(count, Int((width - 2 * SVGPlot.margin + 20) / 240)))
    let rows = max(1, (count + fitting - 1) / fitting)
    return max(1, (count + rows - 1) / rows)
  }

  /// Panels beside and below each other, each under its name.
  private func draw(_ m: PanelsModel, _ svg: inout SVGDocument, _ frame: SVGFrame) {
    guard !m.panels.isEmpty else {
      svg.text(frame.left, frame.top + 20, "No values to draw.", class: "muted")
      return
    }
    let columns = panelColumns(m.panels.count)
    let rows = (m.panels.count + columns - 1) / columns
    let (across, down) = (
      (frame.right - frame.left + 20) / Double(columns), (frame.bottom - frame.top) / Double(rows)
    )
    for (i, panel) in m.panels.enumerated() {
      let left = frame.left + Double(i % columns) * across
      let top = frame.top + Double(i / columns) * down
      let right = left + across - 20
      svg.text(left, top + 12, SVGDocument.cut(panel.name, to: (right - left) * 0.85), class: "name")
      draw(
        panel.body, &svg, SVGFrame(left: left, top: top + 28, right: right, bottom: top + down - 10),
        unitNote: "",
        limits: (left - 4, right + 14))
    }
  }

  /// Height of the drawing alone when none was asked for.
  private var naturalHeight: Double { naturalHeight(model.body) }

  private func naturalHeight(_ body: PlotModel.Body) -> Double {
    switch body {
    case .panels(let m):
      let columns = panelColumns(m.panels.count)
      let rows = (m.panels.count + columns - 1) / columns
      let tallest = m.panels.reduce(0.0) { tallest, panel in
        if case .plane = panel.body { return max(tallest, 150) }
        return max(tallest, naturalHeight(panel.body))
      }
      return Double(max(1, rows)) * (tallest + 42)
    case .plane: return 300
    case .bars(let m): return Double(min(60, max(1, m.labels.count))) * barHeight(m) + 8
    case .heatmap(let m): return Double(min(60, max(1, m.rows.count))) * 26 + 30
    case .boxes(let m): return Double(min(40, max(1, m.boxes.count))) * 28 + 40
    }
  }

  /// Below this nothing could be drawn.
  private var leastHeight: Double {
    switch model.body {
    case .bars(let m): return barHeight(m) + 20
    case .panels(let m):
      let columns = panelColumns(m.panels.count)
      return Double(max(1, (m.panels.count + columns - 1) / columns)) * 110
    default: return 60
    }
  }

  func barHeight(_ m: BarModel) -> Double { m.series.count > 1 ? Double(m.series.count) * 14 + 8 : 24 }

  /// One sentence for those who cannot see the drawing.
  private var description: String {
    switch model.body {
    case .plane(let m):
      guard let (low, high) = m.yRange else { return "No values." }
      let decimals = min(2, NumberText.decimals(for: [low, high]))
      func text(_ y: Double) -> String { NumberText.fixed(y, decimals: decimals) }
      let points = m.series.reduce(0) { $0 + $1.ys.filter { !$0.isNaN }.count }
      let names = m.series.filter { !$0.isPast }.map(\.name).joined(separator: ", ")
      return "\(kind.rawValue) chart of \(names): \(counted(points, "point")), vertical axis from "
        + "\(text(low)) to \(text(high))\(m.yUnit.label.isEmpty ? "" : " " + m.yUnit.label)."
    case .bars(let m):
      return "bar chart of \(m.series.joined(separator: ", ")) for \(counted(m.labels.count, "name"))."
    case .heatmap(let m):
      return "heatmap of \(counted(m.rows.count, "row")) by \(counted(m.columns.count, "column"))."
    case .boxes(let m):
      return "box plot of \(counted(m.boxes.count, "group"))."
    case .panels(let m):
      return "\(kind.rawValue) charts in \(counted(m.panels.count, "panel")): "
        + m.panels.map(\.name).joined(separator: ", ") + "."
    }
  }

  private func wrapped(_ note: String) -> [String] {
    let columns = max(10, Int((width - 2 * SVGPlot.margin) / 7))
    var lines = [""]
    for word in note.split(separator: " ") {
      let last = lines[lines.count - 1]
      let cut = truncated(String(word), to: columns)
      if last.isEmpty {
        lines[lines.count - 1] = cut
      } else if displayWidth(last) + 1 + displayWidth(cut) <= columns {
        lines[lines.count - 1] = last + " " + cut
      } else {
        lines.append(cut)
      }
    }
    return lines
  }

  private func legendRows() -> [[(Double, LegendItem)]] {
    var items: [LegendItem] = []
    var body = model.body
    if case .panels(let panels) = body, let common = panels.legend { body = common }
    switch body {
    case .plane(let m):
      if m.series.count > 1 || !m.bands.isEmpty || !m.references.isEmpty {
        items += m.series.filter { !$0.isPast }.map { s in
          let n = (s.color ?? 0) % Ink.palette.count
          let isLine = s.mark == .line || s.mark == .area
          let swatch = isLine ? (s.color == nil ? "line past" : "line s\(n)") : "f\(n)"
          return LegendItem(name: s.name, swatch: swatch, isLine: isLine, isPoint: s.mark == .points)
        }
        items += m.bands.filter { !$0.label.isEmpty }.map {
          LegendItem(name: $0.label, swatch: $0.level > 0 ? "band inner f0" : "band f0", isLine: false)
        }
      }
    case .bars(let m):
      if m.series.count > 1 || !m.marks.isEmpty {
        items = m.series.enumerated().map {
          LegendItem(name: $1, swatch: "f\($0 % Ink.palette.count)", isLine: false)
        }
      }
    default: break
    }
    switch body {
    case .plane(let m):
      items += m.references.filter { !$0.label.isEmpty }.map {
        LegendItem(
          name: $0.label, swatch: "ref" + ($0.color.map { " s\($0 % Ink.palette.count)" } ?? ""), isLine: true
        )
      }
    case .bars(let m):
      items += m.marks.map { LegendItem(name: $0.label, swatch: "tick", isLine: true) }
    default: break
    }
    var rows: [[(Double, LegendItem)]] = []
    var x = SVGPlot.margin
    for item in items {
      let name = SVGDocument.cut(item.name, to: min(240, width - 2 * SVGPlot.margin - 21))
      let size = 21 + SVGDocument.textWidth(name)
      if rows.isEmpty || x + size > width - SVGPlot.margin {
        rows.append([])
        x = SVGPlot.margin
      }
      rows[rows.count - 1].append(
        (x, LegendItem(name: name, swatch: item.swatch, isLine: item.isLine, isPoint: item.isPoint)))
      x += size + 18
    }
    return rows
  }
}

/// The rectangle that a drawing has for itself, axes and their labels included.
struct SVGFrame {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double
}
