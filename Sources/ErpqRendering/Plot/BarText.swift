import ErpqTables
/// Horizontal bars with their values, as text.
struct BarText {
  let plot: TerminalPlot
  let model: BarModel

  private var style: TerminalStyle { plot.style }
  private let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  func lines() -> [String] {
    guard model.values.joined().contains(where: { !$0.isNaN }), let (low, high) = model.range else {
      return plot.noData
    }
    let perLabel = model.series.count
    let room = max(perLabel, plot.height ?? 60)
    let shown = min(model.labels.count, max(1, room / perLabel))
    let texts = valueTexts(shown)
    let valueWidth = texts.joined().reduce(0) { max($0, displayWidth($1)) }
    let labels = model.labels.prefix(shown)
    let widest = labels.reduce(1) { max($0, displayWidth($1)) }
    let labelWidth = max(1, min(widest, max(8, plot.width * 2 / 5), plot.width - valueWidth - 8))
    let barWidth = max(1, plot.width - labelWidth - valueWidth - 3)
    // Values stand right of their bars; where there are negative ones, zero lies inside.
    let zero = Int((fraction(0, from: low, to: high) * Double(barWidth)).rounded())
    var out = legend()
    for (row, label) in labels.enumerated() {
      for series in 0..<perLabel {
        let value = model.values[series][row]
        let name = series == 0 ? truncated(label, to: labelWidth, ellipsis: style.ellipsis) : ""
        let bar =
          value.isNaN
          ? ("", 0, "") : bar(value, low: low, high: high, width: barWidth, zero: zero, series: series)
        let head = padded(name, to: labelWidth, right: false) + " "
        let role: Role = value.isNaN ? .dim : value < 0 ? .negative : .plain
        var drawn = bar.0
        var used = bar.1
        let places = model.marks.map { $0.values[row] }.filter { !$0.isNaN }.map {
          Int((fraction($0, from: low, to: high) * Double(barWidth)).rounded())
        }
        if series == 0, !places.isEmpty {
          (drawn, used) = marked(
            bar.2, Set(places.map { min(barWidth - 1, $0) }), series: series, value: value)
        }
        out.append(
          head + drawn + spaces(used == 0 ? zero + 1 : 1) + plot.ink(texts[series][row], role))
      }
    }
    if shown < model.labels.count {
      out.append(plot.ink("\(shown) of \(counted(model.labels.count, "bar"))", .dim))
    }
    return out
  }

  /// What the bars and the lines across them are, where that needs saying.
  func legend() -> [String] {
    var items: [(mark: String, name: String, role: Role)] = []
    if model.series.count > 1 || !model.marks.isEmpty {
      items = model.series.enumerated().map { (mark(series: $0), $1, .series($0)) }
    }
    items += model.marks.map { (String(tick), $0.label, .alarm) }
    return items.isEmpty ? [] : plot.legend(items)
  }

  /// The mark of a value to compare with.
  private var tick: Character { style.unicode ? "┃" : "|" }

  /// A bar with marks at some of its columns, and its width with them.
  private func marked(_ bar: String, _ places: Set<Int>, series: Int, value: Double) -> (String, Int) {
    let cells = Array(bar)
    let width = max(cells.count, (places.max() ?? 0) + 1)
    var out = ""
    var run = ""
    func flush() {
      out += plot.ink(run, .series(series))
      run = ""
    }
    for column in 0..<width {
      if places.contains(column) {
        flush()
        out += plot.ink(String(tick), .alarm)
      } else {
        run.append(column < cells.count ? cells[column] : " ")
      }
    }
    flush()
    return (out, width)
  }

  private func mark(series: Int) -> String {
    if !style.unicode { return ["##", "==", "++", "**", "%%", "@@", "oo", "xx"][series % 8] }
    return style.color == .none ? ["██", "▒▒", "░░", "▓▓"][series % 4] : "██"
  }

  /// The bar as coloured text, its width with the spaces before it, and its characters.
  private func bar(
    _ value: Double, low: Double, high: Double, width: Int, zero: Int, series: Int
  ) -> (String, Int, String) {
    let range = high / 2 - low / 2
    let length = range > 0 ? value.magnitude / 2 / range * Double(width) : 0
    let mark = Character(String(mark(series: series).prefix(1)))
    var text = ""
    if value < 0 {
      let cells = max(1, min(zero, Int(length.rounded())))
      text = zero > 0 ? String(repeating: mark, count: cells) : ""
      return (
        spaces(zero - cells) + plot.ink(text, .series(series)), zero, spaces(zero - cells) + text
      )
    }
    let room = width - zero
    if style.unicode, mark == "█" {
      let parts = min(room * 8, Int((length * 8).rounded()))
      text = String(repeating: "█", count: parts / 8) + (parts % 8 > 0 ? String(eighths[parts % 8]) : "")
      if text.isEmpty, value > 0, room > 0 { text = "▏" }
    } else {
      text = String(repeating: mark, count: min(room, max(value > 0 ? 1 : 0, Int(length.rounded()))))
    }
    guard !text.isEmpty else { return ("", 0, "") }
    return (spaces(zero) + plot.ink(text, .series(series)), zero + text.count, spaces(zero) + text)
  }

  private func valueTexts(_ shown: Int) -> [[String]] {
    let all = model.values.flatMap { $0.prefix(shown) }.filter { !$0.isNaN }
    let decimals = model.decimals(all)
    let suffix = model.unit.touches ? model.unit.label : ""
    return model.values.map { series in
      series.prefix(shown).map {
        $0.isNaN ? (style.unicode ? "·" : "null") : NumberText.fixed($0, decimals: decimals) + suffix
      }
    }
  }
}
