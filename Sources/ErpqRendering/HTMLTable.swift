import ErpqTables

/// Text for HTML content and attribute values; control characters that HTML cannot hold are left out.
public func htmlEscaped(_ text: String) -> String { SVGDocument.escape(text) }

/// A table for a page: cells read as in the terminal, verdicts have the class `alarm`, `warning` or `calm`, sparklines are
/// drawn. Columns in which nothing stands are left out.
///
/// - Parameter maxRows: the rest is counted in a line below.
public func htmlTable(_ table: Table, maxRows: Int) -> String {
  let shown = Swift.min(table.rowCount, maxRows)
  let kept = table.schema.fields.indices.filter { i in
    shown == 0 || (0..<shown).contains { !table.columns[i][$0].isNull }
  }
  let columns = kept.map { i -> (field: Field, values: [Value], formatter: CellFormatter) in
    let field = table.schema.fields[i]
    let values = (0..<shown).map { table.columns[i][$0] }
    return (field, values, CellFormatter(field, values: values, unicode: true))
  }
  var out = "<table>\n<thead><tr>"
  for column in columns {
    out += "<th scope=\"col\"\(column.formatter.alignsRight ? " class=\"n\"" : "")>"
    out += htmlEscaped(column.field.name.replacing("_", with: " ")) + "</th>"
  }
  out += "</tr></thead>\n<tbody>\n"
  for row in 0..<shown {
    out += "<tr>"
    for column in columns {
      let value = column.values[row]
      if column.formatter.isSparkline, case .list(let items) = value {
        out += "<td>" + htmlSparkline(items.map(\.asDouble)) + "</td>"
        continue
      }
      let cell = column.formatter.cell(value)
      let names = [column.formatter.alignsRight ? "n" : "", htmlClass(cell.role)].filter { !$0.isEmpty }
      out += names.isEmpty ? "<td>" : "<td class=\"\(names.joined(separator: " "))\">"
      out += (value.isNull ? "" : htmlEscaped(cell.text)) + "</td>"
    }
    out += "</tr>\n"
  }
  out += "</tbody>\n</table>\n"
  if table.rowCount > shown {
    out += "<p class=\"more\">and \(NumberText.grouped(Int64(table.rowCount - shown))) rows more</p>\n"
  } else if table.rowCount == 0 {
    out += "<p class=\"more\">no rows</p>\n"
  }
  return out
}

/// The run of some values as a small drawing in the colour of the text around it.
public func htmlSparkline(_ values: [Double?]) -> String {
  let known = values.compactMap { $0 }.filter(\.isFinite)
  guard let low = known.min(), let high = known.max(), values.count > 1 else { return "" }
  let span = high > low ? high - low : 1
  var points: [String] = []
  for (i, value) in values.enumerated() {
    guard let value, value.isFinite else { continue }
    let x = Double(i) / Double(values.count - 1) * 96 + 2
    let y = 22 - (value - low) / span * 18
    points.append("\(SVGDocument.number(x)),\(SVGDocument.number(y))")
  }
  return
    "<svg class=\"spark\" viewBox=\"0 0 100 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"trend\"><polyline points=\""
    + points.joined(separator: " ") + "\"/></svg>"
}

private func htmlClass(_ role: Role) -> String {
  switch role {
  case .alarm: "alarm"
  case .warning: "warning"
  case .calm: "calm"
  case .negative: "negative"
  default: ""
  }
}
