import ErpqBase
import ErpqTables

/// Small multiples: a drawing for each value of the column that parts the rows, side by side under one heading
/// (Tufte, "The Visual Display of Quantitative Information", 1983).
struct PlotPanels {
  /// More would be too small to read.
  private static let most = 12

  let title: String
  private(set) var panels: [PlotModel] = []
  private(set) var notes: [String] = []

  /// Reads the table. The values with the greatest sums have a panel, greatest first.
  init(_ table: Table, _ spec: PlotSpec) throws(PlotError) {
    guard let by = spec.by, let column = table[by] else {
      throw PlotError("Panels need a column that parts the rows: “by …”.")
    }
    var whole = PlotBuilder(table, spec)
    title = try whole.build().title
    let (labels, codes) = try column.plotCategories()
    var weights = [Double](repeating: 0, count: labels.count)
    let weight = try spec.measures.first.flatMap { table[$0] }?.plotNumbers()
    for (row, code) in codes.enumerated() {
      let size = weight?[row] ?? 1
      weights[code] += size.isNaN ? 0 : min(size.magnitude, 1e290)
    }
    let order = labels.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }
    var inner = spec
    inner.by = nil
    inner.panels = nil
    for code in order.prefix(PlotPanels.most) {
      if Cancellation.current.isCancelled { throw .interrupted }
      inner.title = labels[code]
      let rows = codes.indices.filter { codes[$0] == code }.map { Int32($0) }
      var builder = PlotBuilder(table.taking(rows), inner)
      let model = try builder.build()
      guard case .plane = model.body else {
        throw PlotError("Panels are for plots with two axes, such as line, area, scatter and hist.")
      }
      for note in model.notes where !notes.contains(note) { notes.append(note) }
      panels.append(model)
      // The heading of all says it.
      panels[panels.count - 1].notes = []
      panels[panels.count - 1].unitNote = ""
    }
    if order.count > PlotPanels.most {
      let rest = order.count - PlotPanels.most
      notes.append("\(counted(rest, "more \(by)")) not drawn; `where` chooses among them")
    }
    if spec.panels != .free { share() }
  }

  /// The same axes for all.
  private mutating func share() {
    func union(_ ranges: [(Double, Double)]) -> (Double, Double)? {
      guard let low = ranges.map(\.0).min(), let high = ranges.map(\.1).max() else { return nil }
      return (low, high)
    }
    let planes = panels.compactMap {
      if case .plane(let plane) = $0.body, !plane.isEmpty { plane } else { nil }
    }
    let (x, y) = (union(planes.compactMap(\.xRange)), union(planes.compactMap(\.yRange)))
    for i in panels.indices {
      guard case .plane(var plane) = panels[i].body else { continue }
      // Names along the axis are those of each panel alone.
      if case .category = plane.xScale {} else { plane.sharedX = x }
      plane.sharedY = y
      panels[i].body = .plane(plane)
    }
  }

  /// The panels as lines of text, two or three beside each other where there is room.
  func text(style: TerminalStyle, width: Int, height: Int?) -> String {
    let columns = min(max(1, panels.count), width >= 120 ? 3 : width >= 64 ? 2 : 1)
    let gap = 3
    let size = (width - gap * (columns - 1)) / columns
    let ink = Ink(style)
    var lines = [ink(truncated(title, to: width, ellipsis: style.ellipsis), .header)]
    for start in stride(from: 0, to: panels.count, by: columns) {
      let blocks = panels[start..<min(start + columns, panels.count)].map { model in
        TerminalPlot(model: model, style: style, width: size, height: height ?? 8).render()
          .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      }
      if start > 0 { lines.append("") }
      for row in 0..<(blocks.map(\.count).max() ?? 0) {
        var line = ""
        var used = 0
        for (i, block) in blocks.enumerated() where row < block.count {
          line += spaces(i * (size + gap) - used) + block[row]
          used = i * (size + gap) + PlotPanels.screenWidth(block[row])
        }
        lines.append(line)
      }
    }
    for note in notes { lines.append(ink(truncated(note, to: width, ellipsis: style.ellipsis), .dim)) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Columns that a line takes, its colours apart.
  private static func screenWidth(_ line: String) -> Int {
    displayWidth(line.replacing(/\u{1B}\[[0-9;]*m/, with: ""))
  }

  /// The panels as one document: each a drawing of its own in it.
  func svg(kind: ChartKind, width: Double, height: Double?) -> String {
    let columns = min(max(1, panels.count), width >= 900 ? 3 : width >= 480 ? 2 : 1)
    let gap = 8.0
    let size = (width - gap * Double(columns - 1)) / Double(columns)
    let rows = (panels.count + columns - 1) / columns
    let head = 40.0
    let foot = Double(notes.count) * 16 + 8
    let tall = height.map { max(160, ($0 - head - foot) / Double(max(1, rows))) } ?? 220
    var svg = SVGDocument(width: width, height: head + Double(rows) * tall + foot)
    svg.text(SVGPlot.margin, 26, SVGDocument.cut(title, to: width * 0.78), class: "title")
    for (i, model) in panels.enumerated() {
      let drawing = SVGPlot(model: model, kind: kind, width: size, height: tall)
      svg.place(
        drawing.render(), x: Double(i % columns) * (size + gap), y: head + Double(i / columns) * tall,
        number: i)
    }
    for (i, note) in notes.enumerated() {
      svg.text(SVGPlot.margin, svg.height - foot + 14 + Double(i) * 16, note, class: "muted")
    }
    let names = panels.map(\.title).joined(separator: ", ")
    return svg.closed(title: title, description: "\(counted(panels.count, "panel")): \(names).")
  }
}
