@testable import ErpqRendering

/// A text of a drawing and the box it takes, estimated for a common font.
struct PlacedText: CustomStringConvertible {
  var text: String
  var left: Double
  var right: Double
  var top: Double
  var bottom: Double

  var description: String { "“\(text)” at \(left)…\(right), \(top)…\(bottom)" }

  func overlaps(_ other: PlacedText) -> Bool {
    left < other.right - 0.5 && other.left < right - 0.5 && top < other.bottom - 0.5
      && other.top < bottom - 0.5
  }
}

/// The texts of an SVG drawing with their boxes.
func placedTexts(_ svg: String) -> [PlacedText] {
  svg.matches(
    of: #/<text class="([a-z]*)" x="([^"]*)" y="([^"]*)" text-anchor="([a-z]*)">([^<]*)</text>/#
  ).compactMap { match in
    guard let x = Double(match.2), let y = Double(match.3) else { return nil }
    var text = String(match.5)
    for (sign, plain) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
      text = text.replacing(sign, with: plain)
    }
    let size = match.1 == "title" ? 15.0 : 12
    let width = Double(displayWidth(text)) * size * 0.52
    let left = match.4 == "end" ? x - width : match.4 == "middle" ? x - width / 2 : x
    return PlacedText(
      text: text, left: left, right: left + width, top: y - size * 0.72, bottom: y + size * 0.1)
  }
}

/// The first two texts of a drawing that cover each other.
func overlappingTexts(_ svg: String) -> String? {
  let texts = placedTexts(svg).sorted { ($0.top, $0.left) < ($1.top, $1.left) }
  for (i, a) in texts.enumerated() {
    for b in texts[(i + 1)...] {
      if b.top >= a.bottom { break }
      if a.overlaps(b) { return "\(a) and \(b)" }
    }
  }
  return nil
}
