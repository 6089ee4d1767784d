import ErpqRendering

/// The part of Markdown that notebooks need, as HTML: headings, paragraphs, lists, quotes, rules, code, emphasis, links.
/// Tags of the text are shown, not obeyed; pictures from elsewhere become links, so that a page asks for nothing.
enum MarkdownHTML {
  static func render(_ markdown: String) -> String {
    var out = ""
    var paragraph: [Substring] = []
    var list: String?
    var fence: (Character, Int)?

    func endParagraph() {
      if !paragraph.isEmpty { out += "<p>" + inline(paragraph.joined(separator: "\n")) + "</p>\n" }
      paragraph = []
    }
    func endList() {
      if let open = list { out += "</\(open)>\n" }
      list = nil
    }

    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      let body = line.drop { $0 == " " }
      if let (mark, count) = fence {
        if body.prefix(while: { $0 == mark }).count >= count, body.drop(while: { $0 == mark }).isEmpty {
          fence = nil
          out += "</code></pre>\n"
        } else {
          out += htmlEscaped(String(line)) + "\n"
        }
        continue
      }
      if let (mark, count, _) = Notebook.fence(line) {
        endParagraph()
        endList()
        fence = (mark, count)
        out += "<pre><code>"
      } else if Notebook.isBlank(line) {
        endParagraph()
        endList()
      } else if let (level, words) = Notebook.heading(line) {
        endParagraph()
        endList()
        out += "<h\(level)>" + inline(words) + "</h\(level)>\n"
      } else if let (kind, words) = item(body) {
        endParagraph()
        if list != kind {
          endList()
          out += "<\(kind)>\n"
          list = kind
        }
        out += "<li>" + inline(String(words)) + "</li>\n"
      } else if body.hasPrefix(">") {
        endParagraph()
        endList()
        out += "<blockquote>" + inline(String(body.dropFirst().drop { $0 == " " })) + "</blockquote>\n"
      } else if body.count >= 3, body.allSatisfy({ $0 == "-" }) {
        endParagraph()
        endList()
        out += "<hr>\n"
      } else {
        endList()
        paragraph.append(line)
      }
    }
    if fence != nil { out += "</code></pre>\n" }
    endParagraph()
    endList()
    return out
  }

  private static func item(_ line: Substring) -> (String, Substring)? {
    if let first = line.first, "-*+".contains(first), line.dropFirst().first == " " {
      return ("ul", line.dropFirst(2))
    }
    let digits = line.prefix { $0.isNumber }
    let rest = line.dropFirst(digits.count)
    return !digits.isEmpty && rest.hasPrefix(". ") ? ("ol", rest.dropFirst(2)) : nil
  }

  /// Code, emphasis and links of a line.
  static func inline(_ text: String) -> String {
    var out = ""
    var rest = Substring(text)
    func span(_ mark: String, _ tag: String, plain: Bool = false) -> Bool {
      guard rest.hasPrefix(mark) else { return false }
      let body = rest.dropFirst(mark.count)
      guard let end = body.range(of: mark), end.lowerBound > body.startIndex,
        plain || body.first?.isWhitespace == false
      else { return false }
      let inside = String(body[..<end.lowerBound])
      out += "<\(tag)>" + (plain ? htmlEscaped(inside) : inline(inside)) + "</\(tag)>"
      rest = body[end.upperBound...]
      return true
    }
    func link() -> Bool {
      let start = rest.hasPrefix("![") ? rest.dropFirst() : rest
      guard start.hasPrefix("["), let close = start.firstIndex(of: "]"),
        start[start.index(after: close)...].hasPrefix("("),
        let end = start[close...].firstIndex(of: ")")
      else { return false }
      let words = String(start[start.index(after: start.startIndex)..<close])
      let address = String(start[start.index(close, offsetBy: 2)..<end])
      let isPlain =
        !address.contains(":") || address.hasPrefix("https://") || address.hasPrefix("http://")
        || address.hasPrefix("mailto:")
      out += isPlain ? "<a href=\"\(htmlEscaped(address))\">\(inline(words))</a>" : inline(words)
      rest = start[start.index(after: end)...]
      return true
    }
    while let c = rest.first {
      if c == "`", span("`", "code", plain: true) { continue }
      if c == "*", span("**", "strong") || span("*", "em") { continue }
      if c == "[" || c == "!", link() { continue }
      out += htmlEscaped(String(c))
      rest.removeFirst()
    }
    return out
  }
}
