import ErpqBase
import ErpqTables

extension PlotSpec {
  /// Fills in what was not said from the table's types.
  ///
  /// Columns that were varied to make the rows (`Field.PlotRole.axis`) come first: one is the horizontal axis, two
  /// that are measured make a heatmap, a measured one and names make a line a name. Else a date or period is the
  /// horizontal axis; a table with `mean` and `lo95 hi95` (or `lo80 hi80`) is drawn
  /// as a forecast with its bands, with `actual` as the history; text with a number makes bars, two numbers a
  /// scatter, one number a histogram, two crossed categories with a number a heatmap.
  public static func choose(
    for table: Table, kind: ChartKind? = nil, x: String? = nil, measures: [String] = [], by: String? = nil,
    title: String? = nil, width: Int? = nil, height: Int? = nil
  ) throws(PlotError) -> PlotSpec {
    let chooser = PlotChooser(table)
    for name in [x, by].compactMap({ $0 }) + measures { try chooser.check(name) }
    for name in measures {
      guard let field = table.schema[name], field.type.isMeasurable else {
        throw PlotError(
          "Column “\(name)” holds \(table.schema[name]?.type.description ?? "no values") and cannot "
            + "be measured; a plot needs a number, money, percent or duration.")
      }
    }
    var spec = try chooser.choose(kind: kind, x: x, measures: measures, by: by)
    spec.title = title
    spec.width = width
    spec.height = height
    return spec
  }
}

/// Reads a chart off a table's columns.
struct PlotChooser {
  let table: Table
  let fields: [Field]

  init(_ table: Table) {
    self.table = table
    fields = table.schema.fields
  }

  func check(_ name: String) throws(PlotError) {
    guard table.schema[name] == nil else { return }
    let near = nearest(to: name, among: table.schema.names)
    throw PlotError(
      "There is no column “\(name)” to plot"
        + (near.isEmpty
          ? "; the columns are \(table.schema.names.joined(separator: ", "))." : "; did you mean \(near[0])?")
    )
  }

  var temporal: [Field] { fields.filter(\.type.isTemporal) }
  private var categories: [Field] {
    fields.filter {
      $0.type == .text || $0.type == .bool || ($0.type == .int && Conventions.isIdentifier($0))
    }
  }
  private var numbers: [Field] {
    fields.filter { field in
      field.type.isMeasurable && field.type != .bool
        && !(field.type == .int && Conventions.isIdentifier(field))
    }
  }

  func choose(kind: ChartKind?, x: String?, measures: [String], by: String?) throws(PlotError) -> PlotSpec {
    if measures.isEmpty || measures == ["mean"], kind == nil || kind == .line || kind == .area,
      let forecast = forecast(x: x, by: by)
    {
      return forecast
    }
    if let varied = try varied(kind: kind, x: x, measures: measures, by: by) { return varied }
    switch kind {
    case .hist:
      guard let column = measures.first ?? x ?? numbers.first?.name else {
        throw PlotError("A histogram needs a column of numbers, and the table has none.")
      }
      return PlotSpec(kind: .hist, x: column, by: by)
    case .heatmap: return try heatmap(x: x, measures: measures, by: by)
    case .box:
      guard let measure = measures.first ?? numbers.first(where: { $0.name != x })?.name else {
        throw PlotError("A box plot needs a column of numbers, and the table has none.")
      }
      return PlotSpec(
        kind: .box, x: x ?? by ?? label(except: [measure])?.name,
        measures: measures.isEmpty ? [measure] : measures, by: x == nil ? nil : by)
    default: break
    }
    if let x { return try along(x, kind: kind, measures: measures, by: by) }
    if let time = temporal.first { return try along(time.name, kind: kind, measures: measures, by: by) }
    let used = Set(measures + [by].compactMap { $0 })
    let free = numbers.filter { !used.contains($0.name) }
    if kind == .scatter || ((kind == .line || kind == .area) && label(except: used) == nil) {
      guard let first = measures.count > 1 ? nil : free.first?.name ?? numbers.first?.name else {
        if measures.count > 1 {
          return PlotSpec(
            kind: kind ?? .scatter, x: measures[0], measures: Array(measures.dropFirst()), by: by)
        }
        throw PlotError(
          "A \(kind?.rawValue ?? "scatter") plot needs two columns of numbers; name them as in "
            + "“plot y vs x”.")
      }
      let drawn = measures.isEmpty ? free.dropFirst().first.map { [$0.name] } ?? [first] : measures
      return PlotSpec(kind: kind ?? .scatter, x: first, measures: drawn, by: by)
    }
    if kind == nil, by == nil, measures.count <= 1, let crossed = try crossing(measures) { return crossed }
    if let label = label(except: used) {
      return try along(label.name, kind: kind ?? .bar, measures: measures, by: by)
    }
    if kind == nil, measures.count == 2 || (measures.isEmpty && numbers.count >= 2) {
      let pair = measures.isEmpty ? numbers.prefix(2).map(\.name) : measures
      return PlotSpec(kind: .scatter, x: pair[0], measures: [pair[1]], by: by)
    }
    if let only = measures.first ?? numbers.first?.name { return PlotSpec(kind: .hist, x: only, by: by) }
    throw PlotError("There is nothing to plot: the table has no column of numbers, text or dates.")
  }

  /// A forecast by the names of its columns.
  private func forecast(x: String?, by: String?) -> PlotSpec? {
    guard let time = x ?? temporal.first?.name, table.schema[time]?.type.isTemporal == true,
      let mean = table.schema["mean"], mean.type.isMeasurable
    else { return nil }
    let bands = [("lo95", "hi95", "95%"), ("lo80", "hi80", "80%")].compactMap {
      low, high, label -> PlotBand? in
      guard table.schema[low]?.type.isMeasurable == true, table.schema[high]?.type.isMeasurable == true else {
        return nil
      }
      return PlotBand(low: low, high: high, label: label)
    }
    guard !bands.isEmpty else { return nil }
    let history = table.schema["actual"]?.type.isMeasurable == true ? "actual" : nil
    let group = by ?? (x == nil ? (try? axes(except: []))?.first?.name : nil) ?? series(along: time)
    return PlotSpec(kind: .line, x: time, measures: ["mean"], by: group, bands: bands, history: history)
  }

  /// Measures along a named axis.
  func along(_ x: String, kind: ChartKind?, measures: [String], by: String?) throws(PlotError)
    -> PlotSpec
  {
    guard let field = table.schema[x] else { throw PlotError("There is no column “\(x)” to plot.") }
    let isLabel = !field.type.isTemporal && (!field.type.isMeasurable || categories.contains { $0.name == x })
    var chosen = kind ?? (field.type.isTemporal ? .line : .bar)
    if kind == nil, !field.type.isTemporal, !isLabel { chosen = try measuredKind(x, by) }
    var drawn = measures
    if drawn.isEmpty {
      drawn = defaultMeasures(except: [x, by].compactMap { $0 })
      if drawn.isEmpty, chosen != .bar {
        throw PlotError("There is nothing to draw against “\(x)”: the table has no other column of numbers.")
      }
    }
    let group = by ?? (measures.count > 1 || drawn.count > 1 || chosen == .scatter ? nil : series(along: x))
    return PlotSpec(kind: chosen, x: x, measures: drawn, by: group)
  }

  /// A line where the rows follow the axis in order, as in a sweep of a parameter; else a scatter.
  private func measuredKind(_ x: String, _ by: String?) throws(PlotError) -> ChartKind {
    guard let xs = try table[x]?.plotNumbers() else { return .scatter }
    let distinct = Set(xs.lazy.filter { !$0.isNaN }.prefix(100_000)).count
    if by != nil || distinct * 3 <= xs.count { return .line }
    return zip(xs, xs.dropFirst()).allSatisfy { $0 < $1 } ? .line : .scatter
  }

  private static let subjects = [
    "amount", "revenue", "order_value", "order_qty", "stock_value", "value", "total",
  ]

  /// The numbers to draw when none are named: all if they are few and of one kind, else the first amount of
  /// money, else the first.
  private func defaultMeasures(except used: [String]) -> [String] {
    let free = numbers.filter { !used.contains($0.name) && $0.plot != .axis }
    let subjects = free.filter { $0.plot == .subject }
    if !subjects.isEmpty { return subjects.map(\.name) }
    if (1...4).contains(free.count), Set(free.map(\.type)).count == 1 { return free.map(\.name) }
    // What a table is about, before prices, rates and what merely stands first.
    for name in PlotChooser.subjects where free.contains(where: { $0.name == name }) { return [name] }
    let amounts = free.filter(Conventions.isAdditive)
    let money = amounts.first { if case .money = $0.type { true } else { false } }
    return (money ?? amounts.first ?? free.first).map { [$0.name] } ?? []
  }

  /// A category that splits the rows at one place of the axis into a few series.
  private func series(along x: String) -> String? {
    if let told = fields.first(where: { $0.plot == .series && $0.name != x }) { return told.name }
    guard table.rowCount > 1, table.rowCount <= 1_000_000, let axis = table[x],
      let places = try? axis.plotCategories(), places.labels.count < table.rowCount
    else { return nil }
    // What names things comes before what else happens to tell them apart.
    func rank(_ field: Field) -> Int {
      field.name == "name" ? 0 : Conventions.isIdentifier(field) ? 1 : field.type == .text ? 2 : 3
    }
    for field in categories.enumerated().sorted(by: { (rank($0.1), $0.0) < (rank($1.1), $1.0) }).map(\.1)
    where field.name != x {
      guard let column = table[field.name], let groups = try? column.plotCategories(),
        (2...8).contains(groups.labels.count)
      else { continue }
      var seen = Set<Int>()
      let isUnique = (0..<table.rowCount).allSatisfy {
        seen.insert(places.codes[$0] * groups.labels.count + groups.codes[$0]).inserted
      }
      if isUnique { return field.name }
    }
    return nil
  }

  /// The column that names the rows best.
  private func label(except used: Set<String>) -> Field? {
    let free = categories.filter { !used.contains($0.name) }
    for name in ["name", "sku"] { if let field = free.first(where: { $0.name == name }) { return field } }
    return free.first { $0.type == .text } ?? free.first
  }

  /// A heatmap when two categories cross: more rows than either has values, each pair once.
  private func crossing(_ measures: [String]) throws(PlotError) -> PlotSpec? {
    let texts = categories.filter { !measures.contains($0.name) }
    guard texts.count == 2, let measure = measures.first ?? defaultMeasures(except: texts.map(\.name)).first,
      let a = table[texts[0].name], let b = table[texts[1].name], table.rowCount <= 10_000
    else { return nil }
    let (rows, columns) = (try a.plotCategories(), try b.plotCategories())
    let most = max(rows.labels.count, columns.labels.count)
    let pairs = Set((0..<table.rowCount).map { rows.codes[$0] * columns.labels.count + columns.codes[$0] })
    guard most <= 60, min(rows.labels.count, columns.labels.count) >= 2, table.rowCount > most,
      pairs.count == table.rowCount
    else { return nil }
    return PlotSpec(kind: .heatmap, x: texts[1].name, measures: [measure], by: texts[0].name)
  }

  func heatmap(x: String?, measures: [String], by: String?) throws(PlotError) -> PlotSpec {
    let axes = (temporal + categories).map(\.name).filter { !measures.contains($0) }
    let named = [x, by].compactMap { $0 }
    let drawn = measures.isEmpty ? defaultMeasures(except: named) : measures
    guard !drawn.isEmpty || !numbers.isEmpty else {
      throw PlotError("A heatmap needs a column of numbers, and the table has none.")
    }
    // A table that was pivoted: one column of labels, the rest are the cells.
    let wide = numbers.map(\.name).filter { !named.contains($0) }
    if measures.count != 1, named.count < 2, wide.count > 1,
      named.count == 1 || axes.count == 1
        || numbers.first.map({ $0.name == fields.first?.name }) == true
    {
      let rows = named.first ?? axes.first ?? wide[0]
      let cells = measures.count > 1 ? measures : wide.filter { $0 != rows }
      return PlotSpec(kind: .heatmap, measures: cells, by: rows)
    }
    let free = axes.filter { !named.contains($0) }
    guard let across = x ?? free.first, let down = by ?? free.first(where: { $0 != across }),
      let cell = drawn.first
    else {
      throw PlotError(
        "A heatmap needs two columns of categories and one of numbers; name them as in "
          + "“plot heatmap amount vs month by category”.")
    }
    return PlotSpec(kind: .heatmap, x: across, measures: [cell], by: down)
  }
}
