import ErpqBase
import ErpqDiagnostics

/// A notebook: Markdown with fenced erpq statements, its cells.
///
/// A fence that begins with three backticks and `erpq` is a cell of statements. Words behind it say how it is shown:
/// `wide` over the whole width of a page, `quiet` without its results. A heading of the third level or below before a cell
/// is the cell's title, and the words between them its caption.
public struct Notebook: Sendable {
  /// A piece of a notebook.
  public enum Piece: Sendable {
    /// Markdown between cells.
    case markdown(String)
    case cell(Cell)
  }

  /// Statements that run together.
  public struct Cell: Sendable {
    /// What stands over it.
    public var title: String?
    /// Markdown between its title and its statements.
    public var caption = ""
    /// The statements, after as many empty lines as stand before them in the file, so that errors name its lines.
    public var source: SourceText
    /// The statements as they are shown.
    public var text: String
    /// Over the whole width of a page.
    public var isWide = false
    /// Runs without showing results.
    public var isQuiet = false
  }

  /// The first heading, else the file's name.
  public let title: String
  /// The pieces in order, the first heading left out.
  public let pieces: [Piece]

  /// Reads a notebook. Any text is one; a fence that is never closed goes to the end.
  public init(_ text: String, name: String) {
    var pieces: [Piece] = []
    var title: String?
    var prose: [Substring] = []
    var cell: (words: [Substring], from: Int, lines: [Substring])?
    var fence: (mark: Character, count: Int)?

    func endProse() {
      while prose.first.map(Notebook.isBlank) == true { prose.removeFirst() }
      while prose.last.map(Notebook.isBlank) == true { prose.removeLast() }
      if !prose.isEmpty { pieces.append(.markdown(prose.joined(separator: "\n"))) }
      prose = []
    }
    func endCell() {
      guard let open = cell else { return }
      cell = nil
      var heading: String?
      var caption: [Substring] = []
      // Back to the last heading, unless a fence stands between: what it shows may hold lines that look like one.
      if let at = prose.lastIndex(where: { Notebook.heading($0) != nil }),
        let (level, words) = Notebook.heading(prose[at]),
        level >= 3, !prose[at...].contains(where: { Notebook.fence($0) != nil })
      {
        heading = words
        caption = Array(prose[(at + 1)...])
        prose.removeSubrange(at...)
      }
      while caption.first.map(Notebook.isBlank) == true { caption.removeFirst() }
      while caption.last.map(Notebook.isBlank) == true { caption.removeLast() }
      endProse()
      let code = open.lines.joined(separator: "\n")
      pieces.append(
        .cell(
          Cell(
            title: heading, caption: caption.joined(separator: "\n"),
            source: SourceText(String(repeating: "\n", count: open.from) + code + "\n", name: name),
            text: code,
            isWide: open.words.contains("wide"), isQuiet: open.words.contains("quiet"))))
    }

    for (number, line) in text.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }
    ).enumerated() {
      if let (mark, count) = fence {
        let run = line.drop { $0 == " " }
        let isEnd =
          run.prefix { $0 == mark }.count >= count && run.drop { $0 == mark }.allSatisfy { $0.isWhitespace }
        if isEnd {
          fence = nil
          if cell != nil { endCell() } else { prose.append(line) }
        } else if cell != nil {
          cell?.lines.append(line)
        } else {
          prose.append(line)
        }
        continue
      }
      if let (mark, count, info) = Notebook.fence(line) {
        fence = (mark, count)
        let words = info.split(whereSeparator: \.isWhitespace)
        if words.first == "erpq" {
          cell = (Array(words.dropFirst()), number + 1, [])
        } else {
          prose.append(line)
        }
        continue
      }
      if title == nil, let (level, words) = Notebook.heading(line), level == 1 {
        title = words
        continue
      }
      prose.append(line)
    }
    endCell()
    endProse()
    self.title = title ?? name
    self.pieces = pieces
  }

  /// The cells.
  public var cells: [Cell] { pieces.compactMap { if case .cell(let c) = $0 { c } else { nil } } }

  static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }

  /// The level and words of a heading.
  static func heading(_ line: Substring) -> (Int, String)? {
    let marks = line.prefix { $0 == "#" }.count
    guard (1...6).contains(marks), line.dropFirst(marks).first == " " else { return nil }
    return (marks, line.dropFirst(marks).drop { $0 == " " }.trimmingSuffix())
  }

  /// What opens a fence: its mark, how many, and the words behind.
  static func fence(_ line: Substring) -> (Character, Int, Substring)? {
    let run = line.drop { $0 == " " }
    guard let mark = run.first, mark == "`" || mark == "~" else { return nil }
    let count = run.prefix { $0 == mark }.count
    let info = run.dropFirst(count)
    guard count >= 3, mark == "~" || !info.contains("`") else { return nil }
    return (mark, count, info)
  }
}

extension Substring {
  fileprivate func trimmingSuffix() -> String {
    var end = self
    while end.last?.isWhitespace == true { end.removeLast() }
    return String(end)
  }
}
