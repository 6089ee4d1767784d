import ErpqBase
import ErpqSyntax

/// What the results of a notebook were made from, so that a page can be asked later which of its cells are stale: each
/// cell's own text with the params it declares, the cells that it builds on, and the company's facts.
public struct NotebookStamps: Hashable, Sendable {
  /// The company's facts, as far as a few counts tell them apart.
  public var facts: String
  /// A stamp for each cell, in order.
  public var cells: [Stamp]

  /// The stamp of a cell.
  public struct Stamp: Hashable, Sendable {
    /// Of its own text.
    public var own: String
    /// Of what it builds on.
    public var base: String
  }

  /// Why a cell is stale.
  public enum Reason: String, Sendable {
    case changed = "its statements have changed, or are new"
    case base = "a cell that it builds on has changed"
    case facts = "the company's facts have changed"
  }

  /// The cells of these stamps that a page made from others does not show as they would be now.
  public func stale(against page: NotebookStamps) -> [(cell: Int, reason: Reason)] {
    cells.enumerated().compactMap { index, stamp in
      if !page.cells.contains(where: { $0.own == stamp.own }) { return (index, .changed) }
      if !page.cells.contains(stamp) { return (index, .base) }
      return facts == page.facts ? nil : (index, .facts)
    }
  }

  /// The stamps as one line, for the head of a page.
  public var text: String { ([facts] + cells.map { $0.own + "." + $0.base }).joined(separator: " ") }

  /// Reads that line; nil for anything else.
  public init?(text: some StringProtocol) {
    let words = text.split(separator: " ")
    guard let first = words.first else { return nil }
    facts = String(first)
    cells = []
    for word in words.dropFirst() {
      let parts = word.split(separator: ".")
      guard parts.count == 2 else { return nil }
      cells.append(Stamp(own: String(parts[0]), base: String(parts[1])))
    }
  }

  /// The stamps that a page holds; nil when it holds none.
  public init?(page: String) {
    guard let start = page.range(of: "<meta name=\"erpq-cells\" content=\""),
      let end = page[start.upperBound...].firstIndex(of: "\"")
    else { return nil }
    self.init(text: page[start.upperBound..<end])
  }

  /// The stamps of a notebook over a session's company and params.
  public init(_ notebook: Notebook, _ session: Session) {
    var about = "\(session.today)"
    if let info = session.company.info {
      about += "\(info.name) \(info.currency) \(info.lastFactDay.map { "\($0)" } ?? "")"
      // Forecasts that a notebook's own statements keep are no news to it.
      for (name, count) in info.counts.sorted(by: { $0.key < $1.key }) where name != "forecast_log" {
        about += " \(name)=\(count)"
      }
    }
    facts = NotebookStamps.hash(about)
    cells = []
    var declared: [Set<String>] = []
    for cell in notebook.cells {
      let words = CellWords(cell.source)
      let given = words.params.compactMap { name in session.options.params[name].map { "\(name)=\($0)" } }
      let own = NotebookStamps.hash(([cell.text] + given).joined(separator: "\u{0}"))
      var base = ""
      for (index, names) in declared.enumerated() {
        let isLast = index + 1 == declared.count && words.used.contains("$_")
        if isLast || names.contains("*") || !names.isDisjoint(with: words.used) {
          base += cells[index].own + cells[index].base
        }
      }
      cells.append(Stamp(own: own, base: NotebookStamps.hash(base)))
      declared.append(words.declared)
    }
  }

  /// FNV-1a of 64 bits: two texts that differ by accident differ in it.
  private static func hash(_ text: String) -> String {
    var h: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { h = (h ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(h, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// The names that a cell declares and may use, variables with their `$`. Every word counts as a use, in texts too, so a
/// cell is rather called stale than fresh.
private struct CellWords {
  var declared: Set<String> = []
  var used: Set<String> = []
  var params: [String] = []

  init(_ source: SourceText) {
    let tree = Parser.parse(source)
    for statement in tree.statements {
      switch statement.kind {
      case .param(let name, _, _):
        declared.insert("$" + name.text)
        params.append(name.text)
      case .letQuery(let name, _): declared.insert("$" + name.text)
      case .define(let definition): declared.insert(definition.name.text)
      case .metric(let metric): declared.insert(metric.name.text)
      case .scenario(let scenario): declared.insert(scenario.name.text)
      // What these bring holds for all that follows.
      case .importFile, .use: declared.insert("*")
      // Stages without a source start from the last result.
      case .query(let query), .explain(let query), .profile(let query):
        if query.source == nil { used.insert("$_") }
      default: break
      }
    }
    var before: [String] = []
    for token in tree.tokens {
      let text = source.slice(token.span)
      switch token.kind {
      case .name:
        let name = text.filter { $0 != "`" }
        if before == ["save", "as"] { declared.insert("$" + name) } else { used.insert(name) }
      case .variable: used.insert(text)
      case .string:
        for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && !"_$".contains($0) }) {
          used.insert(String(word))
        }
      default: break
      }
      before = Array((before + [text]).suffix(2))
    }
  }
}
