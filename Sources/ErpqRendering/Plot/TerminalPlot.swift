import ErpqBase
import ErpqTables

/// Draws a table as a chart of characters, ending with a newline.
///
/// Braille dots with Unicode, ASCII marks without; the same data give the same text. No line is longer than
/// the plot's width, unless that is under 20.
/// - Throws: a `PlotError` with a sentence for the user.
public func renderTerminal(
  _ table: Table, _ spec: PlotSpec, style: TerminalStyle
) throws(PlotError) -> String {
  var spec = spec
  // Without colours the histories and bands of several forecasts could not be told apart in one drawing.
  if style.color == .none, spec.panels == nil, spec.by != nil, !spec.bands.isEmpty { spec.panels = .shared }
  var builder = PlotBuilder(table, spec)
  let model = try builder.build()
  let width = max(20, min(spec.width ?? style.width, 1000))
  let height = spec.height.map { max(2, min($0, 500)) }
  let plot = TerminalPlot(model: model, style: style, width: width, height: height)
  return plot.render()
}

/// A chart's headings, legend and notes around its drawing, as lines of text.
struct TerminalPlot {
  let model: PlotModel
  let style: TerminalStyle
  let width: Int
  /// Lines of the drawing; nil for what suits the screen.
  let height: Int?
  let ink: Ink
  /// Whether a legend stands above the drawing.
  var hasLegend = true

  init(model: PlotModel, style: TerminalStyle, width: Int, height: Int?) {
    self.model = model
    self.style = style
    self.width = width
    self.height = height
    ink = Ink(style)
  }

  func render() -> String {
    var lines: [String] = []
    if !model.title.isEmpty { lines.append(ink(cut(ascii(model.title)), .header)) }
    if !model.unitNote.isEmpty { lines.append(ink(cut(model.unitNote), .dim)) }
    lines += self.lines(model.body)
    for note in model.notes {
      for part in wrap(ascii(note)) { lines.append(ink(part, .dim)) }
    }
    return lines.map { trimmingEnd($0) + "\n" }.joined()
  }

  /// The lines of a drawing alone.
  func lines(_ body: PlotModel.Body) -> [String] {
    switch body {
    case .plane(let plane): PlaneText(plot: self, model: plane).lines()
    case .bars(let bars): BarText(plot: self, model: bars).lines()
    case .heatmap(let heatmap): heatmapLines(heatmap)
    case .boxes(let boxes): boxLines(boxes)
    case .panels(let panels): panelLines(panels)
    }
  }

  /// Panels beside and below each other, under one legend.
  private func panelLines(_ model: PanelsModel) -> [String] {
    let count = model.panels.count
    guard count > 0 else { return noData }
    let gap = 3
    let fitting = max(1, min(count, (width + gap) / (36 + gap)))
    // As even as the rows allow.
    let columns = (count + (count + fitting - 1) / fitting - 1) / ((count + fitting - 1) / fitting)
    let panelWidth = max(20, (width - gap * (columns - 1)) / columns)
    var inner = TerminalPlot(
      model: self.model, style: style, width: panelWidth, height: height ?? panelHeight(model, columns))
    inner.hasLegend = false
    var out: [String] = []
    switch model.legend {
    case .plane(let m)?: out += PlaneText(plot: self, model: m).legend(indent: 0)
    case .bars(let m)?: out += BarText(plot: self, model: m).legend()
    default: break
    }
    if !out.isEmpty { out.append("") }
    for start in stride(from: 0, to: count, by: columns) {
      let row = model.panels[start..<min(count, start + columns)].map { panel in
        [ink(truncated(panel.name, to: panelWidth, ellipsis: style.ellipsis), .header)]
          + inner.lines(panel.body)
      }
      if start > 0 { out.append("") }
      for i in 0..<(row.map(\.count).max() ?? 0) {
        var line = ""
        for (place, lines) in row.enumerated() {
          let text = i < lines.count ? lines[i] : ""
          let isLast = place == row.count - 1
          line += isLast ? text : text + spaces(panelWidth - displayWidth(withoutColours(text)) + gap)
        }
        out.append(trimmingEnd(line))
      }
    }
    return out
  }

  /// Low panels where they are many; lists take the lines they need.
  private func panelHeight(_ model: PanelsModel, _ columns: Int) -> Int? {
    guard case .plane? = model.panels.first?.body else { return nil }
    let rows = (model.panels.count + columns - 1) / columns
    return max(5, min(12, (max(24, style.height) - 4) / rows - 4))
  }

  func cut(_ text: String) -> String { truncated(text, to: width, ellipsis: style.ellipsis) }

  /// The typographic signs of our own sentences, for terminals without them.
  private func ascii(_ text: String) -> String {
    guard !style.unicode else { return text }
    return String(text.map { $0 == "×" ? "x" : $0 == "“" || $0 == "”" ? "\"" : $0 })
  }

  private func wrap(_ text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = cut(String(word))
      } else if displayWidth(last) + 1 + displayWidth(word) <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(cut(String(word)))
      }
    }
    return lines
  }

  /// Marks and names on as many lines as they need.
  func legend(_ items: [(mark: String, name: String, role: Role)], indent: Int = 0) -> [String] {
    guard hasLegend else { return [] }
    var lines: [String] = []
    var used = 0
    for item in items {
      let room = max(4, width - indent - displayWidth(item.mark) - 1)
      let name = truncated(item.name, to: room, ellipsis: style.ellipsis)
      let size = displayWidth(item.mark) + 1 + displayWidth(name)
      let text = ink(item.mark, item.role) + " " + name
      if lines.isEmpty || used + 3 + size > width {
        lines.append(spaces(indent) + text)
        used = indent + size
      } else {
        lines[lines.count - 1] += "   " + text
        used += 3 + size
      }
    }
    return lines
  }

  var noData: [String] { [ink("No values to draw.", .dim)] }

  /// Names on a line, each centred at its place where there is room; what would touch its neighbour is left
  /// out.
  func labelLine(_ labels: [(center: Int, text: String)], indent: Int, width: Int) -> String {
    var out = ""
    var used = 0
    for (center, text) in labels {
      let size = displayWidth(text)
      guard size > 0, size <= indent + width else { continue }
      let start = max(0, min(indent + center - size / 2, indent + width - size))
      guard start >= used + (used > 0 ? 1 : 0) else { continue }
      out += spaces(start - used) + text
      used = start + size
    }
    return out
  }
}
