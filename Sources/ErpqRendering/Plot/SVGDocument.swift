/// Collects the elements of an SVG drawing and closes it with its style.
struct SVGDocument {
  let width: Double
  let height: Double
  private var body = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// A coordinate or length with one decimal.
  static func number(_ value: Double) -> String {
    let text = NumberText.fixed(value.isFinite ? value : 0, decimals: 1, grouped: false)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Text for element content and attribute values; what XML 1.0 cannot hold is left out.
  static func escape(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default:
        let v = scalar.value
        let isAllowed = v == 9 || v == 10 || v == 13 || (v >= 0x20 && v != 0xFFFE && v != 0xFFFF && v != 0x7F)
        if isAllowed { out.unicodeScalars.append(scalar) }
      }
    }
    return out
  }

  /// Rough width of a text in pixels at 12 px in a proportional font, on the wide side.
  static func textWidth(_ text: String) -> Double { Double(displayWidth(text)) * 7 }

  /// The text cut to about so many pixels.
  static func cut(_ text: String, to pixels: Double) -> String {
    truncated(text, to: max(1, Int(pixels / 7)))
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
    let n = SVGDocument.number
    body += "<line class=\"\(name)\" x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"/>\n"
  }

  mutating func rect(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, class name: String, fill: String? = nil,
    tip: String? = nil
  ) {
    let n = SVGDocument.number
    body += "<rect class=\"\(name)\" x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\""
    body += " height=\"\(n(max(0, height)))\"" + (fill.map { " fill=\"\($0)\"" } ?? "")
    body += tip.map { "><title>\(SVGDocument.escape($0))</title></rect>\n" } ?? "/>\n"
  }

  mutating func circle(_ x: Double, _ y: Double, _ radius: Double, class name: String) {
    let n = SVGDocument.number
    body += "<circle class=\"\(name)\" cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\"/>\n"
  }

  mutating func path(_ data: String, class name: String) {
    guard !data.isEmpty else { return }
    body += "<path class=\"\(name)\" d=\"\(data)\"/>\n"
  }

  /// `anchor` is `start`, `middle` or `end`.
  mutating func text(_ x: Double, _ y: Double, _ text: String, class name: String, anchor: String = "start") {
    guard !text.isEmpty else { return }
    let n = SVGDocument.number
    body += "<text class=\"\(name)\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\">"
    body += SVGDocument.escape(text) + "</text>\n"
  }

  /// The whole drawing. Colours follow the reader's light or dark setting.
  func closed(title: String, description: String) -> String {
    let (w, h) = (SVGDocument.number(width), SVGDocument.number(height))
    var css = """
      text{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:#24292f}
      .bg{fill:#fff}.title{font-size:15px;font-weight:600}.muted{fill:#656d76}.grid{stroke:#e7e9ec}
      .name{font-weight:600}.ref{fill:none;stroke:#b45309;stroke-width:1.4;stroke-dasharray:6 4}.tick{stroke:#b42318;stroke-width:2.5}
      .axis,.whisker{stroke:#8b949e}.mark{stroke:#8b949e;stroke-dasharray:3 3}
      .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.thin{stroke-width:1.2}.faint{stroke-width:1;stroke-opacity:.5}
      .past{stroke:#57606a}.pastfill{fill:#57606a}
      .band{stroke:none;fill-opacity:.16}.inner{fill-opacity:.3}.area{stroke:none;fill-opacity:.3}
      .points{fill-opacity:.6}.median{stroke:#24292f;stroke-width:2}.on{fill:#fff}.off{fill:#16202b}

      """
    for (i, c) in Ink.palette.enumerated() {
      css +=
        ".s\(i){stroke:rgb(\(c.red),\(c.green),\(c.blue))}.f\(i){fill:rgb(\(c.red),\(c.green),\(c.blue))}\n"
    }
    css += """
      @media (prefers-color-scheme:dark){text{fill:#e6edf3}.bg{fill:#14181e}.muted{fill:#9aa4af}
      .grid{stroke:#2b3139}
      .axis,.whisker,.mark{stroke:#6e7781}.past{stroke:#b1bac4}.pastfill{fill:#b1bac4}.median{stroke:#fff}
      .ref{stroke:#e3a03c}.tick{stroke:#ff8a80}
      .on{fill:#fff}.off{fill:#16202b}.band{fill-opacity:.3}.inner{fill-opacity:.5}.area{fill-opacity:.4}}
      """
    return """
      <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d" viewBox="0 0 \(w) \(h)" \
      width="\(w)" height="\(h)">
      <title id="t">\(SVGDocument.escape(title))</title>
      <desc id="d">\(SVGDocument.escape(description))</desc>
      <style>
      \(css)
      </style>
      <rect class="bg" width="\(w)" height="\(h)"/>
      \(body)</svg>

      """
  }
}
