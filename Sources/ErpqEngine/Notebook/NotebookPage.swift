import ErpqDiagnostics
import ErpqRendering
import ErpqTables

/// A notebook that has run as a page of its own: no file, font or script from elsewhere, light or dark as the reader
/// prefers, and fit for paper.
public struct NotebookPage {
  private var body = ""
  private var pictures = 0
  private var isInGrid = false
  private let title: String
  private let subtitle: String

  /// An empty page. `subtitle` says which company and which day.
  public init(title: String, subtitle: String) {
    self.title = title
    self.subtitle = subtitle
  }

  /// Adds a piece with what it showed.
  public mutating func add(_ piece: Notebook.Piece, _ outputs: [CellOutput]) {
    switch piece {
    case .markdown(let text):
      leaveGrid()
      body += "<div class=\"words\">\n" + MarkdownHTML.render(text) + "</div>\n"
    case .cell(let cell):
      if cell.isQuiet, outputs.isEmpty { return }
      enterGrid()
      let failed = outputs.contains { if case .error = $0 { true } else { false } }
      let isStrip = outputs.contains { if case .table(let t) = $0 { NotebookPage.isCards(t) } else { false } }
      body += "<section class=\"tile\(cell.isWide || isStrip ? " whole" : "")\(failed ? " failed" : "")\">\n"
      if let title = cell.title { body += "<h3>" + MarkdownHTML.inline(title) + "</h3>\n" }
      for output in outputs { add(output, hasTitle: cell.title != nil) }
      body += "<details><summary>Query</summary><pre><code>" + htmlEscaped(cell.text)
      body += "</code></pre></details>\n</section>\n"
    }
  }

  private mutating func add(_ output: CellOutput, hasTitle: Bool) {
    switch output {
    case .table(let table):
      body += NotebookPage.isCards(table) ? cards(table) : "<div class=\"scroll\">" + htmlTable(table, maxRows: 50) + "</div>\n"
    case .value(let value):
      body += "<p class=\"single\">" + htmlEscaped(TableRenderer.documentText(value)) + "</p>\n"
    case .picture(let table, let spec): picture(table, spec, hasTitle: hasTitle)
    case .text(let text): body += "<pre>" + htmlEscaped(text) + "</pre>\n"
    case .note(let text): body += "<p class=\"more\">" + htmlEscaped(text) + "</p>\n"
    case .warning(let diagnostic): body += "<p class=\"told warning\">" + htmlEscaped(diagnostic.message) + "</p>\n"
    case .error(let diagnostic, let rows):
      body += "<p class=\"told alarm\">" + htmlEscaped("\(diagnostic.code.rawValue): \(diagnostic.message)") + "</p>\n"
      if let rows { body += "<div class=\"scroll\">" + htmlTable(rows, maxRows: 10) + "</div>\n" }
    }
  }

  private mutating func picture(_ table: Table, _ spec: PlotSpec, hasTitle: Bool) {
    var spec = spec
    if spec.width == nil { spec.width = 640 }
    // The tile's own title says it already.
    if hasTitle { spec.title = "" }
    do {
      pictures += 1
      // Each drawing names its title and description for readers that speak; names are unique on a page.
      body += try renderSVG(table, spec).replacing("id=\"t\"", with: "id=\"t\(pictures)\"")
        .replacing("id=\"d\"", with: "id=\"d\(pictures)\"")
        .replacing("aria-labelledby=\"t d\"", with: "aria-labelledby=\"t\(pictures) d\(pictures)\"")
    } catch {
      body += "<p class=\"told alarm\">" + htmlEscaped(error.message) + "</p>\n"
    }
  }

  /// Whether rows are metrics, a card each.
  private static func isCards(_ table: Table) -> Bool {
    let names = Set(table.schema.names)
    return names.isSuperset(of: ["name", "value", "unit", "change_pct"]) && (1...24).contains(table.rowCount)
  }

  private func cards(_ table: Table) -> String {
    func text(_ column: String, _ row: Int) -> String? {
      if case .text(let s)? = table[column]?[row] { s } else { nil }
    }
    var out = "<div class=\"cards\">\n"
    for row in 0..<table.rowCount {
      let status = text("status", row)
      out += "<div class=\"card\(status.map { " is-" + $0 } ?? "")\">"
      out += "<span class=\"label\">\(htmlEscaped(text("name", row) ?? ""))</span>"
      if let value = table["value"]?[row].asDouble {
        let unit = text("unit", row) ?? ""
        out += "<span class=\"figure\">\(htmlEscaped(NumberText.figure(value)))"
        out += unit.isEmpty ? "</span>" : "<small>\(unit == "%" ? "" : " ")\(htmlEscaped(unit))</small></span>"
      } else {
        out += "<span class=\"figure none\">–</span><span class=\"more\">\(htmlEscaped(text("reason", row) ?? ""))</span>"
      }
      if let change = change(table, row) { out += "<span class=\"change\">\(change)</span>" }
      if case .list(let items)? = table["trend"]?[row] { out += htmlSparkline(items.map(\.asDouble)) }
      if let status { out += "<span class=\"verdict\">\(htmlEscaped(status))</span>" }
      out += "</div>\n"
    }
    return out + "</div>\n"
  }

  /// The change against the period before: in percent, and of percentages in points.
  private func change(_ table: Table, _ row: Int) -> String? {
    func number(_ column: String) -> Double? { table[column]?[row].asDouble }
    var (difference, unit) = (number("change_pct"), " %")
    if case .text("%")? = table["unit"]?[row], let value = number("value"), let before = number("previous") {
      (difference, unit) = (value - before, " points")
    }
    guard let difference else { return nil }
    // What is shown as 0.0 has no direction.
    let sign = difference.magnitude < 0.05 ? "= " : difference > 0 ? "▲ " : "▼ "
    return sign + NumberText.fixed(difference.magnitude, decimals: 1) + unit
  }

  private mutating func enterGrid() {
    if !isInGrid { body += "<div class=\"tiles\">\n" }
    isInGrid = true
  }

  private mutating func leaveGrid() {
    if isInGrid { body += "</div>\n" }
    isInGrid = false
  }

  /// The whole page.
  public func html() -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(htmlEscaped(title))</title>
    <style>
    \(NotebookPage.style)
    </style>
    </head>
    <body>
    <header><h1>\(htmlEscaped(title))</h1><p>\(htmlEscaped(subtitle))</p></header>
    <main>
    \(body)\(isInGrid ? "</div>\n" : "")</main>
    </body>
    </html>

    """
  }

  private static let style = """
    :root{--paper:#f6f7f9;--tile:#fff;--ink:#24292f;--soft:#656d76;--rule:#e1e4e8;--good:#1a7f37;--warn:#9a6700;--bad:#cf222e;--line:#2a78d6}
    @media (prefers-color-scheme:dark){:root{--paper:#0d1117;--tile:#14181e;--ink:#e6edf3;--soft:#9aa4af;--rule:#2b3139;--good:#3fb950;--warn:#d29922;--bad:#f85149;--line:#6cb1ff}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
    header,main{max-width:1360px;margin:0 auto;padding:0 24px}
    header{padding-top:28px}header h1{margin:0;font-size:26px}header p{margin:2px 0 0;color:var(--soft)}
    main{padding-bottom:40px}
    .words h2{margin:30px 0 4px;font-size:19px}.words p{margin:6px 0;max-width:75ch;color:var(--soft)}
    .words li{color:var(--soft)}a{color:var(--line)}
    blockquote{margin:8px 0;padding-left:12px;border-left:3px solid var(--rule);color:var(--soft)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:16px;margin-top:14px}
    .tile{background:var(--tile);border:1px solid var(--rule);border-radius:10px;padding:16px 18px;min-width:0}
    .tile.whole{grid-column:1/-1}.tile.failed{border-color:var(--bad)}
    .tile h3{margin:0 0 8px;font-size:15px}
    .tile>svg{display:block;max-width:100%;height:auto}
    .tile.whole>svg{width:100%}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-size:13.5px}
    th,td{padding:5px 18px 5px 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:middle}
    th{color:var(--soft);font-weight:600;white-space:nowrap}
    th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    th:last-child,td:last-child{padding-right:0}tbody tr:last-child td{border-bottom:0}
    .alarm{color:var(--bad);font-weight:600}.warning{color:var(--warn);font-weight:600}.calm{color:var(--good)}.negative{color:var(--bad)}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(178px,1fr));gap:12px}
    .card{display:flex;flex-direction:column;border:1px solid var(--rule);border-left:4px solid var(--rule);border-radius:8px;padding:10px 12px;position:relative;min-height:92px}
    .card.is-good{border-left-color:var(--good)}.card.is-warn{border-left-color:var(--warn)}.card.is-bad{border-left-color:var(--bad)}
    .label{color:var(--soft);font-size:12.5px;padding-right:34px}
    .figure{font-size:23px;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
    .figure small{font-size:13px;font-weight:400;color:var(--soft)}
    .figure.none{color:var(--soft)}
    .change{font-size:12.5px;color:var(--soft);font-variant-numeric:tabular-nums}
    .verdict{position:absolute;top:10px;right:10px;font-size:11px;font-weight:600}
    .is-good .verdict{color:var(--good)}.is-warn .verdict{color:var(--warn)}.is-bad .verdict{color:var(--bad)}
    .spark{width:100%;height:24px;margin-top:4px}td .spark{width:100px;margin:0}
    .spark polyline{fill:none;stroke:var(--line);stroke-width:1.6;stroke-linejoin:round;vector-effect:non-scaling-stroke}
    .single{font-size:23px;font-weight:600;margin:0}.more{color:var(--soft);font-size:12.5px;margin:6px 0 0}
    .told{margin:6px 0}
    pre{overflow-x:auto;font:12.5px/1.45 ui-monospace,"DejaVu Sans Mono",monospace;margin:6px 0}
    details{margin-top:10px}summary{cursor:pointer;color:var(--soft);font-size:12px}
    @media print{body{background:#fff}details{display:none}.tile,.card{break-inside:avoid}.tiles{display:block}.tile{margin-bottom:12px}header,main{max-width:none;padding:0}}
    """
}
