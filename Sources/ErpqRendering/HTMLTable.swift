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
  let columns = kept.map { i -> HTMLColumn in
    let field = table.schema.fields[i]
    let values = (0..<shown).map { table.columns[i][$0] }
    let total = table.totals?[i]
    let formatter = CellFormatter(field, values: values + [total].compactMap { $0 }, unicode: true)
    return HTMLColumn(field: field, values: values, total: total, formatter: formatter)
  }
  var out = "<table>\n<thead><tr>"
  for column in columns {
    let unit = column.field.type.documentUnit.map { " <small>\(htmlEscaped($0))</small>" } ?? ""
    out += "<th scope=\"col\"\(column.formatter.alignsRight ? " class=\"n\"" : "")>"
    out += htmlEscaped(column.field.name.replacing("_", with: " ")) + unit + "</th>"
  }
  out += "</tr></thead>\n<tbody>\n"
  for row in 0..<shown {
    out += "<tr>" + columns.map { $0.cell(row) }.joined() + "</tr>\n"
  }
  out += "</tbody>\n"
  if table.totals != nil {
    out += "<tfoot><tr>" + columns.map { $0.totalCell }.joined() + "</tr></tfoot>\n"
  }
  out += "</table>\n"
  if table.rowCount > shown {
    out += "<p class=\"more\">and \(NumberText.grouped(Int64(table.rowCount - shown))) rows more</p>\n"
  } else if table.rowCount == 0 {
    out += "<p class=\"more\">no rows</p>\n"
  }
  return out
}

/// A column of an HTML table.
private struct HTMLColumn {
  let field: Field
  let values: [Value]
  let total: Value?
  let formatter: CellFormatter
  /// Of a column with bars, its numbers.
  let numbers: [Double?]

  init(field: Field, values: [Value], total: Value?, formatter: CellFormatter) {
    (self.field, self.values, self.total, self.formatter) = (field, values, total, formatter)
    numbers = formatter.hasBars ? values.map(\.asDouble) : []
  }

  /// The element of a row; numbers carry their value, so that a page can sort by it.
  func cell(_ row: Int) -> String {
    let value = values[row]
    if formatter.isSparkline, case .list(let items) = value {
      return "<td>" + htmlSparkline(items.map(\.asDouble)) + "</td>"
    }
    let cell = formatter.cell(value)
    let names = [side, formatter.hasBars ? "bar" : "", value.isNull ? "" : htmlClass(cell.role)].filter {
      !$0.isEmpty
    }
    var out = names.isEmpty ? "<td" : "<td class=\"\(names.joined(separator: " "))\""
    if formatter.alignsRight, let x = value.asDouble, x.isFinite { out += " data-v=\"\(x)\"" }
    if formatter.hasBars {
      let share = DataBars.share(numbers[row], of: numbers).magnitude * 100
      out += " style=\"--share:\(NumberText.fixed(share, decimals: 1, grouped: false))%\""
    }
    return out + ">" + (value.isNull ? "" : htmlEscaped(cell.text)) + "</td>"
  }

  var totalCell: String {
    guard let total, !total.isNull else { return "<td></td>" }
    return "<td\(side.isEmpty ? "" : " class=\"\(side)\"")>" + htmlEscaped(formatter.cell(total).text)
      + "</td>"
  }

  /// Numbers stand at the right; days and weeks are not broken.
  private var side: String {
    if formatter.alignsRight { return "n" }
    switch field.type {
    case .date, .datetime, .period: return "d"
    default: return ""
    }
  }
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
