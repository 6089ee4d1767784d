import ErpqDiagnostics
import ErpqRendering
import ErpqTables

/// A result in the forms that notebooks of Jupyter show: HTML or SVG where it can be drawn, text everywhere.
public enum MimeBundle {
  /// Rows that a table shows at most.
  public static let mostRows = 60

  /// The forms of a result by their media types; nil for what is no result, such as a remark.
  public static func of(_ output: CellOutput) -> [String: String]? {
    switch output {
    case .table(let table): self.table(table)
    case .value(let value): ["text/plain": TableRenderer(style: plain).render(value)]
    case .picture(let table, let spec): picture(table, spec)
    case .text, .note, .warning, .error: nil
    }
  }

  private static let plain = TerminalStyle(width: 120, height: 40, color: .none, unicode: true)

  static func table(_ table: Table) -> [String: String] {
    [
      "text/plain": TableRenderer(style: plain, maxRows: mostRows).render(table),
      "text/html": "<div class=\"erpq\">\n" + style + htmlTable(table, maxRows: mostRows) + "</div>\n",
    ]
  }

  static func picture(_ table: Table, _ spec: PlotSpec) -> [String: String] {
    var bundle: [String: String] = [:]
    bundle["text/plain"] =
      (try? renderTerminal(table, spec, style: plain))
      ?? TableRenderer(style: plain, maxRows: 20).render(table)
    if let svg = try? renderSVG(table, spec) { bundle["image/svg+xml"] = svg }
    return bundle
  }

  /// Only what the page around it does not give: sides of numbers, colours of warnings, the small drawings.
  private static let style = """
    <style>.erpq table{border-collapse:collapse}.erpq table th,.erpq table td{text-align:left!important;\
    padding:3px 12px!important}.erpq table th.n,.erpq table td.n{text-align:right!important;\
    font-variant-numeric:tabular-nums}.erpq th small{font-weight:400;opacity:.7}\
    .erpq .alarm,.erpq .negative{color:#cf222e}.erpq .warning{color:#9a6700}.erpq .calm{color:#1a7f37}\
    .erpq .more{opacity:.7}.erpq .spark{width:100px;height:24px}\
    .erpq .spark polyline{fill:none;stroke:#2a78d6;stroke-width:1.6;vector-effect:non-scaling-stroke}</style>

    """
}
