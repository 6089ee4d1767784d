import ErpqBase

/// Draws diagnostics for people: the sentence, the line, the caret, the way out.
public struct CaretRenderer: Sendable {
  /// Whether ANSI colours are used.
  public var color: Bool

  /// A renderer.
  public init(color: Bool = false) { self.color = color }

  /// The diagnostic as text, ending in a newline.
  ///
  ///     error[E0203]: there is no column "prise" here
  ///      --> weekly.erpq:3:15
  ///       |
  ///     3 | sales | where prise > 3
  ///       |               ^^^^^ did you mean `price`?
  public func render(_ diagnostic: Diagnostic) -> String {
    let style = diagnostic.severity == .error ? "31" : diagnostic.severity == .warning ? "33" : "36"
    var out = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]", "1;" + style)
    out += paint(": \(diagnostic.message)", "1") + "\n"
    var gutter = 0
    if let source = diagnostic.source, let span = diagnostic.span {
      gutter = excerpt(source, span, diagnostic.label, style, &out)
    } else if !diagnostic.label.isEmpty {
      out += "  " + diagnostic.label + "\n"
    }
    let pad = String(repeating: " ", count: gutter)
    for note in diagnostic.notes { out += pad + paint(" = ", "2") + note + "\n" }
    for fix in diagnostic.fixes.prefix(3) { out += pad + paint(" = fix: ", "32") + fix.title + "\n" }
    return out
  }

  private func excerpt(
    _ source: SourceText, _ span: SourceSpan, _ label: String, _ style: String, _ out: inout String
  ) -> Int {
    let (line, column) = source.position(of: span.start)
    let bytes = source.line(line)
    let number = String(line)
    let pad = String(repeating: " ", count: number.count)
    let before = String(decoding: bytes.prefix(column - 1), as: UTF8.self)
    out += pad + paint("--> ", "34") + "\(source.name):\(line):\(displayCount(before) + 1)\n"
    out += pad + paint(" |", "34") + "\n"
    // A very long line is shown around the caret only.
    let whole = Array(String(decoding: bytes, as: UTF8.self))
    let caretAt = before.count
    let end = min(span.end, source.start(ofLine: line) + bytes.count)
    let marked = String(decoding: source.bytes[min(span.start, end)..<end], as: UTF8.self)
    var from = 0
    var to = whole.count
    if whole.count > 160 {
      from = max(0, caretAt - 60)
      to = min(whole.count, from + 140)
    }
    let lead = from > 0 ? "…" : ""
    let tail = to < whole.count ? "…" : ""
    out += paint(number + " | ", "34") + lead + printable(String(whole[from..<to])) + tail + "\n"
    let shown = String(whole[min(from, caretAt)..<caretAt])
    let spaces = displayCount(printable(shown)) + (from > 0 ? 1 : 0)
    let width = max(1, min(displayCount(printable(marked)), 120))
    let caret = String(repeating: "^", count: width)
    out += pad + paint(" | ", "34") + String(repeating: " ", count: spaces)
    out += paint(caret + (label.isEmpty ? "" : " " + label), style) + "\n"
    return number.count
  }

  private func printable(_ text: String) -> String {
    String(
      text.unicodeScalars.map { s -> Character in
        s == "\t" ? " " : (s.value < 32 || s.value == 127 ? "\u{FFFD}" : Character(s))
      })
  }

  /// Columns on the terminal: wide East Asian characters and emoji take two, combining marks none.
  private func displayCount(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, s in
      let v = s.value
      if s.properties.generalCategory == .nonspacingMark || s.properties.generalCategory == .format {
        return sum
      }
      let wide =
        (0x1100...0x115F).contains(v) || (0x2E80...0xA4CF).contains(v) || (0xAC00...0xD7A3).contains(v)
        || (0xF900...0xFAFF).contains(v) || (0xFE30...0xFE6F).contains(v) || (0xFF00...0xFF60).contains(v)
        || (0xFFE0...0xFFE6).contains(v) || (0x1F300...0x1FAFF).contains(v) || (0x20000...0x3FFFD).contains(v)
      return sum + (wide ? 2 : 1)
    }
  }

  private func paint(_ text: String, _ code: String) -> String {
    color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
