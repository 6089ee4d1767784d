import ErpqDiagnostics
import ErpqFiles
import ErpqRendering
import ErpqTables

/// A notebook that has run as a page of its own: no file, font or script from elsewhere, light or dark as the reader
/// prefers, and fit for paper. Tables are sorted by a click on a heading.
public struct NotebookPage {
  private var body = ""
  private var pictures = 0
  private let title: String
  private let subtitle: String
  /// What its results were made from; set once all cells have run.
  public var stamps: NotebookStamps?
  /// Values of params to show below the title, such as `category = Desks`.
  public var params: [String] = []
  /// The tiles since the last words; they stand side by side.
  private var tiles: [Tile] = []

  private struct Tile {
    var html: String
    var isWhole: Bool
    var isFailed: Bool
  }

  /// An empty page. `subtitle` says which company and which day.
  public init(title: String, subtitle: String) {
    self.title = title
    self.subtitle = subtitle
  }

  /// Adds a piece with what it showed.
  public mutating func add(_ piece: Notebook.Piece, _ outputs: [CellOutput]) {
    switch piece {
    case .markdown(let text):
      body += grid()
      tiles = []
      body += "<div class=\"words\">\n" + MarkdownHTML.render(text) + "</div>\n"
    case .cell(let cell):
      if cell.isQuiet, outputs.isEmpty { return }
      let failed = outputs.contains { if case .error = $0 { true } else { false } }
      let isStrip = outputs.contains { if case .table(let t) = $0 { NotebookPage.isCards(t) } else { false } }
      var html = ""
      if let title = cell.title { html += "<h3>" + MarkdownHTML.inline(title) + "</h3>\n" }
      if !cell.caption.isEmpty {
        html += "<div class=\"caption\">" + MarkdownHTML.render(cell.caption) + "</div>\n"
      }
      for output in outputs { html += add(output, hasTitle: cell.title != nil) }
      if !outputs.contains(where: { if case .note = $0 { false } else { true } }), !failed {
        html += "<p class=\"more\">ran, with nothing to show</p>\n"
      }
      html += "<details><summary>Query</summary><pre><code>" + htmlEscaped(cell.text)
      html += "</code></pre></details>\n"
      tiles.append(
        Tile(
          html: html, isWhole: cell.isWide || isStrip || outputs.contains(where: NotebookPage.isBroad),
          isFailed: failed))
    }
  }

  /// The tiles in rows of two. One that would stand alone beside nothing takes the row.
  private func grid() -> String {
    guard !tiles.isEmpty else { return "" }
    var out = "<div class=\"tiles\">\n"
    var open = 0
    for (i, tile) in tiles.enumerated() {
      let isLast = i + 1 == tiles.count || tiles[i + 1].isWhole
      let isAlone = !tile.isWhole && open % 2 == 0 && isLast
      open = tile.isWhole ? 0 : open + 1
      // On paper a tile stays on one sheet, unless it is longer than that.
      let isLong = tile.html.split(separator: "<tr>", maxSplits: 32).count > 32
      let names = [
        tile.isWhole ? "whole" : isAlone ? "alone" : "", tile.isFailed ? "failed" : "", isLong ? "long" : "",
      ]
      out += "<section class=\"" + (["tile"] + names.filter { !$0.isEmpty }).joined(separator: " ") + "\">\n"
      out += tile.html + "</section>\n"
    }
    return out + "</div>\n"
  }

  private mutating func add(_ output: CellOutput, hasTitle: Bool) -> String {
    switch output {
    case .table(let table):
      NotebookPage.isCards(table)
        ? cards(table) : "<div class=\"scroll\">" + htmlTable(table, maxRows: 50) + "</div>\n"
    case .value(let value):
      "<p class=\"single\">" + htmlEscaped(TableRenderer.documentText(value)) + "</p>\n"
    case .picture(let table, let spec): picture(table, spec, hasTitle: hasTitle)
    case .text(let text): "<pre>" + htmlEscaped(text) + "</pre>\n"
    case .note(let text): "<p class=\"more\">" + htmlEscaped(text) + "</p>\n"
    case .warning(let diagnostic): "<p class=\"told warning\">" + htmlEscaped(diagnostic.message) + "</p>\n"
    case .error(let diagnostic, let rows): error(diagnostic, rows)
    }
  }

  /// An error as on a terminal: the sentence, the line, the caret, the way out.
  private func error(_ diagnostic: Diagnostic, _ rows: Table?) -> String {
    let lines = CaretRenderer().render(diagnostic).split(separator: "\n", omittingEmptySubsequences: false)
    let picture = lines.dropFirst().joined(separator: "\n")
    var out =
      "<p class=\"told alarm\">" + htmlEscaped("\(diagnostic.code.rawValue): \(diagnostic.message)")
      + "</p>\n"
    if picture.contains(where: { !$0.isWhitespace }) { out += "<pre>" + htmlEscaped(picture) + "</pre>\n" }
    if let rows { out += "<div class=\"scroll\">" + htmlTable(rows, maxRows: 10) + "</div>\n" }
    return out
  }

  private mutating func picture(_ table: Table, _ spec: PlotSpec, hasTitle: Bool) -> String {
    var spec = spec
    if spec.width == nil { spec.width = 640 }
    // The tile's own title says it already.
    if hasTitle { spec.title = "" }
    do {
      pictures += 1
      // Each drawing names its title and description for readers that speak; names are unique on a page.
      return try renderSVG(table, spec).replacing("id=\"t\"", with: "id=\"t\(pictures)\"")
        .replacing("id=\"d\"", with: "id=\"d\(pictures)\"")
        .replacing("aria-labelledby=\"t d\"", with: "aria-labelledby=\"t\(pictures) d\(pictures)\"")
    } catch {
      return "<p class=\"told alarm\">" + htmlEscaped(error.message) + "</p>\n"
    }
  }

  /// Whether a table has more columns than half a page can show.
  private static func isBroad(_ output: CellOutput) -> Bool {
    switch output {
    case .table(let table), .error(_, let table?): table.schema.fields.count > 9
    default: false
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
        out +=
          unit.isEmpty ? "</span>" : "<small>\(unit == "%" ? "" : " ")\(htmlEscaped(unit))</small></span>"
      } else {
        out +=
          "<span class=\"figure none\">–</span><span class=\"more\">\(htmlEscaped(text("reason", row) ?? ""))</span>"
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

  /// The whole page.
  public func html() -> String {
    let mark = stamps.map { "\n<meta name=\"erpq-cells\" content=\"\($0.text)\">" } ?? ""
    let chosen = params.isEmpty ? "" : "<p>" + htmlEscaped(params.joined(separator: " · ")) + "</p>"
    return HTMLPage.head(title: htmlEscaped(title), style: NotebookPage.style, meta: mark) + """
      <header><h1>\(htmlEscaped(title))</h1><p>\(htmlEscaped(subtitle))</p>\(chosen)</header>
      <main>
      \(body)\(grid())</main>
      <script>
      \(NotebookPage.script)
      </script>

      """ + HTMLPage.end
  }

  /// Sorts a table by the column whose heading is clicked, or chosen by the keyboard: up, then down.
  private static let script = """
    for (const th of document.querySelectorAll("thead th")) {
      const table = th.closest("table"), body = table.tBodies[0];
      if (!body || body.rows.length < 2) continue;
      th.tabIndex = 0;
      th.setAttribute("aria-sort", "none");
      const sort = () => {
        const down = th.getAttribute("aria-sort") === "ascending";
        for (const other of th.parentNode.cells) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => {
          const cell = row.cells[th.cellIndex];
          return cell.dataset.v !== undefined ? Number(cell.dataset.v) : cell.textContent;
        };
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort(([a], [b]) => {
          if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
          const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
          return down ? -order : order;
        });
        for (const [, row] of rows) body.append(row);
      };
      th.addEventListener("click", sort);
      th.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } });
    }
    """

  private static let style = """
    :root{--paper:#f6f7f9;--tile:#fff;--ink:#24292f;--soft:#656d76;--rule:#e1e4e8;--good:#1a7f37;--warn:#9a6700;--bad:#cf222e;--line:#2a78d6;--share-ink:#2a78d626}
    @media (prefers-color-scheme:dark){:root{--paper:#0d1117;--tile:#14181e;--ink:#e6edf3;--soft:#9aa4af;--rule:#2b3139;--good:#3fb950;--warn:#d29922;--bad:#f85149;--line:#6cb1ff;--share-ink:#6cb1ff33}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
    header,main{max-width:1360px;margin:0 auto;padding:0 24px}
    header{padding-top:28px}header h1{margin:0;font-size:26px}header p{margin:2px 0 0;color:var(--soft)}
    main{padding-bottom:40px}
    .words h2{margin:30px 0 4px;font-size:19px}.words p{margin:6px 0;max-width:75ch;color:var(--soft)}
    .words li{color:var(--soft)}a{color:var(--line)}
    blockquote{margin:8px 0;padding-left:12px;border-left:3px solid var(--rule);color:var(--soft)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:16px;margin-top:14px;align-items:start}
    .tile{background:var(--tile);border:1px solid var(--rule);border-radius:10px;padding:16px 18px;min-width:0}
    .tile.whole,.tile.alone{grid-column:1/-1}.tile.failed{border-color:var(--bad)}
    .tile.alone table{width:auto;min-width:min(100%,560px)}.tile.alone>svg{width:min(100%,700px)}
    .caption p{margin:0 0 8px;color:var(--soft);font-size:13.5px}
    .tile h3{margin:0 0 8px;font-size:15px}
    .tile>svg{display:block;max-width:100%;height:auto}
    .tile.whole>svg{width:100%}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-size:13.5px}
    th,td{padding:5px 18px 5px 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:middle}
    th{color:var(--soft);font-weight:600;white-space:nowrap;vertical-align:baseline}th small{font-weight:400}
    th[aria-sort]{cursor:pointer}th[aria-sort=ascending]::after{content:" ▲";font-size:9px}th[aria-sort=descending]::after{content:" ▼";font-size:9px}
    td.d{white-space:nowrap;font-variant-numeric:tabular-nums}tfoot td{font-weight:600;border-top:2px solid var(--rule);border-bottom:0}
    td.bar{background:linear-gradient(var(--share-ink),var(--share-ink)) right/var(--share) 72% no-repeat content-box}
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
    @media print{:root{--paper:#fff;--tile:#fff;--ink:#000;--soft:#555;--rule:#ccc;--good:#1a7f37;--warn:#9a6700;--bad:#cf222e;--line:#2a78d6;--share-ink:#2a78d626;color-scheme:light}body{font-size:12px}details{display:none}.tile,.card,tr{break-inside:avoid}h2,h3,thead{break-after:avoid}.tiles{grid-template-columns:1fr 1fr;gap:10px}.tile{padding:10px 12px;break-inside:avoid}.tile.long{break-inside:auto}table{font-size:10px}th,td{padding:3px 8px 3px 0}th{white-space:normal}td{overflow-wrap:anywhere}td.n,td.d{overflow-wrap:normal}.cards{grid-template-columns:repeat(5,1fr);gap:8px}.card{min-height:0;padding:6px 8px}.figure{font-size:16px}.scroll{overflow:visible}header,main{max-width:none;padding:0}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}@page{margin:14mm}}
    """
}
