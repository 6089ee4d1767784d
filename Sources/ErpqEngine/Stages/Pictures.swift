import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqRendering
import ErpqSemantics
import ErpqSyntax
import ErpqTables

extension Executor {
  /// `plot`: computes what is drawn, chooses a chart where none is named, and hands the picture to the sink or a file.
  mutating func draw(_ plot: BoundPlot, _ input: ResultTable) throws {
    var table = input.table
    let rows = Evaluator(table: table, variables: values)
    // Expressions become columns of their own; plain columns stay.
    func column(_ named: BoundStage.Named) throws -> String {
      if case .column(let name, _) = named.value { return name }
      table = table.setting(named.name, try rows.column(named.value))
      return named.name
    }
    let measures = try plot.measures.map { try column($0) }
    let x = try plot.versus.map { try column($0) }
    let by = try plot.by.map { try column($0) }
    var marks: [PlotMark] = []
    for (i, mark) in plot.marks.enumerated() {
      // A name that no column has, so that none is replaced.
      let name = "\u{1}mark\(i)"
      table = table.setting(name, try rows.column(mark.value))
      marks.append(PlotMark(column: name, label: mark.name))
    }
    if plot.measures.isEmpty, x == nil, by == nil, plot.chart == nil || plot.chart == .line,
      let history = input.history,
      table["mean"] != nil, table["date"] != nil
    {
      table = try withHistory(table, history)
    }
    let seen = table.selecting(table.schema.names.filter { !$0.hasPrefix("\u{1}") })
    var spec = try PlotSpec.choose(
      for: seen, kind: plot.chart.flatMap { ChartKind(rawValue: $0.rawValue) }, x: x, measures: measures,
      by: by)
    spec.marks = marks
    spec.panels = plot.panels.map { $0 == .free ? .free : .shared }
    func option(_ name: String) throws -> Value? { try plot.options[name].map { try constant($0) } }
    if case .text(let title)? = try option("title") { spec.title = title }
    if case .int(let w)? = try option("width") { spec.width = Int(clamping: w) }
    if case .int(let h)? = try option("height") { spec.height = Int(clamping: h) }
    guard case .text(let path)? = try option("to") else {
      try sink.picture(table, spec)
      return
    }
    let picture: String
    do {
      picture = try renderSVG(table, spec)
    } catch {
      throw Diagnostic(.runtime, error.message)
    }
    let lower = path.lowercased()
    guard lower.hasSuffix(".svg") || lower.hasSuffix(".html") else {
      throw Diagnostic(
        .badFile, "plots are written as .svg or .html", label: "the name \"\(path)\" ends differently")
    }
    let page = lower.hasSuffix(".html") ? page(picture) : picture
    let written = try context.files.write(path) { write in
      var text = page
      try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }
    sink.note("wrote the plot to \(context.files.shown(written))")
  }

  /// A page around a picture: light or dark as the reader prefers, scaled to the window, nothing from elsewhere.
  private func page(_ picture: String) -> String {
    // The picture has a title of its own, already escaped.
    let title = picture.firstMatch(of: /<title[^>]*>([^<]*)</)?.1 ?? "Plot"
    let style = """
      body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #fff; }
      svg { max-width: 100%; height: auto; }
      @media (prefers-color-scheme: dark) { body { background: #14181e; } }
      """
    return HTMLPage.head(title: String(title), style: style) + picture + HTMLPage.end
  }

  /// The forecast's rows behind the days of its history, which are in the column `actual`.
  private func withHistory(_ table: Table, _ history: Table) throws -> Table {
    guard let kept = table["product"] else { return table }
    // Only the series that are still there.
    var days = history
    if let product = history["product"], case .ints(let ids) = product.storage,
      case .ints(let shown) = kept.storage
    {
      let set = Set(shown)
      days = history.filtered(by: Column(.bool, .bools(ids.map { set.contains($0) })))
    }
    guard let names = history["name"], case .ints(let ids)? = history["product"]?.storage,
      case .ints(let products) = kept.storage, table["name"] == nil
    else { return try days.appended(table) }
    var known: [Int64: Value] = [:]
    for (row, id) in ids.enumerated() where known[id] == nil { known[id] = names[row] }
    return try days.appended(
      table.setting("name", Column(.text, values: products.map { known[$0] ?? .null })))
  }
}
