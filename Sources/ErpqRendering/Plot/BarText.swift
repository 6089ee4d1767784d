import ErpqTables
/// Horizontal bars with their values, as text.
struct BarText {
  let plot: TerminalPlot
  let model: BarModel

  private var style: TerminalStyle { plot.style }
  private let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  func lines() -> [String] {
    let known = model.values.joined().filter { !$0.isNaN }
    guard let most = known.max(), let least = known.min() else { return plot.noData }
    let (low, high) = (min(0, least), max(0, most))
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
    let zero = high > low ? Int((-low / 2 / (high / 2 - low / 2) * Double(barWidth)).rounded()) : 0
    var out: [String] = []
    if perLabel > 1 {
      out += plot.legend(model.series.enumerated().map { (mark(series: $0), $1, .series($0)) })
    }
    for (row, label) in labels.enumerated() {
      for series in 0..<perLabel {
        let value = model.values[series][row]
        let name = series == 0 ? truncated(label, to: labelWidth, ellipsis: style.ellipsis) : ""
        let bar =
          value.isNaN
          ? ("", 0) : bar(value, low: low, high: high, width: barWidth, zero: zero, series: series)
        let head = padded(name, to: labelWidth, right: false) + " "
        let role: Role = value.isNaN ? .dim : value < 0 ? .negative : .plain
        out.append(
          head + bar.0 + spaces(bar.1 == 0 ? zero + 1 : 1) + plot.ink(texts[series][row], role))
      }
    }
    if shown < model.labels.count {
      out.append(plot.ink("\(shown) of \(counted(model.labels.count, "bar"))", .dim))
    }
    return out
  }

  private func mark(series: Int) -> String {
    if !style.unicode { return ["##", "==", "++", "**", "%%", "@@", "oo", "xx"][series % 8] }
    return style.color == .none ? ["██", "▒▒", "░░", "▓▓"][series % 4] : "██"
  }

  /// The bar as text, and its width with the spaces before it.
  private func bar(
    _ value: Double, low: Double, high: Double, width: Int, zero: Int, series: Int
  ) -> (String, Int) {
    let range = high / 2 - low / 2
    let length = range > 0 ? value.magnitude / 2 / range * Double(width) : 0
    let mark = Character(String(mark(series: series).prefix(1)))
    var text = ""
    if value < 0 {
      let cells = max(1, min(zero, Int(length.rounded())))
      text = zero > 0 ? String(repeating: mark, count: cells) : ""
      return (spaces(zero - cells) + plot.ink(text, .series(series)), zero)
    }
    let room = width - zero
    if style.unicode, mark == "█" {
      let parts = min(room * 8, Int((length * 8).rounded()))
      text = String(repeating: "█", count: parts / 8) + (parts % 8 > 0 ? String(eighths[parts % 8]) : "")
      if text.isEmpty, value > 0, room > 0 { text = "▏" }
    } else {
      text = String(repeating: mark, count: min(room, max(value > 0 ? 1 : 0, Int(length.rounded()))))
    }
    return text.isEmpty ? ("", 0) : (spaces(zero) + plot.ink(text, .series(series)), zero + text.count)
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
