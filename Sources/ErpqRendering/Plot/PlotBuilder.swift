import ErpqBase
import ErpqTables

/// Reads a table into a chart's data.
struct PlotBuilder {
  let table: Table
  let spec: PlotSpec
  var notes: [String] = []
  /// Whether it is one drawing of several, whose legend is common.
  var isPanel = false

  init(_ table: Table, _ spec: PlotSpec) {
    self.table = table
    self.spec = spec
  }

  /// The model of the chart.
  ///
  /// - Throws: names that are not columns, measures that are no numbers, and the user's interruption.
  mutating func build() throws(PlotError) -> PlotModel {
    let chooser = PlotChooser(table)
    var names = spec.measures + [spec.x, spec.by, spec.history].compactMap { $0 }
    for band in spec.bands { names += [band.low, band.high] }
    names += spec.marks.map(\.column)
    for name in names { try chooser.check(name) }
    if !spec.marks.isEmpty, [.hist, .heatmap, .box].contains(spec.kind) {
      throw PlotError("Lines to compare with are for line, area, scatter and bar plots.")
    }
    let body: PlotModel.Body
    switch spec.kind {
    case _ where spec.panels != nil: body = .panels(try panels(spec.panels ?? .shared))
    case .hist: body = .plane(try histogram())
    case .heatmap: body = .heatmap(try heatmap())
    case .box: body = .boxes(try boxes())
    case .bar where !axisIsMeasured: body = .bars(try bars())
    case .bar, .line, .area, .scatter: body = .plane(try plane())
    }
    let units = Set(
      unitFields.map { AxisUnit($0).label }.filter { !$0.isEmpty && $0 != "%" && $0 != "d" && $0 != "mo" })
    let unit = units.count == 1 ? units.first ?? "" : ""
    let title = spec.title ?? heading(unit)
    return PlotModel(
      title: visibleText(title, unicode: true), unitNote: spec.title == nil ? "" : unit, notes: notes,
      body: body)
  }

  private var unitFields: [Field] {
    (spec.kind == .hist ? [] : spec.measures).compactMap { table.schema[$0] }
  }

  /// Whether the bars of a bar chart stand on an axis of dates or numbers instead of beside names.
  private var axisIsMeasured: Bool {
    guard let x = spec.x, let field = table.schema[x] else { return false }
    if case .text = field.type { return false }
    if field.type == .bool || field.type == .int && Conventions.isIdentifier(field) { return false }
    return field.type.isTemporal || field.type.isMeasurable
  }

  /// `revenue (EUR) by month and category`.
  private func heading(_ unit: String) -> String {
    let suffix = unit.isEmpty ? "" : " (\(unit))"
    if !spec.bands.isEmpty, spec.measures.count == 1 { return forecastHeading(unit) }
    switch spec.kind {
    case .hist:
      let unit = spec.x.map { self.unit($0) } ?? .none
      return "Distribution of \(spec.x ?? "")"
        + (unit.label.isEmpty || unit.touches ? "" : " (\(unit.label))")
    case .heatmap where spec.x == nil: return "\(spec.by ?? "rows") × columns" + suffix
    default: break
    }
    let what = (spec.measures.isEmpty ? "count" : spec.measures.joined(separator: ", ")) + suffix
    if spec.kind == .scatter, let x = spec.x {
      let unit = self.unit(x)
      let versus = unit.label.isEmpty || unit.touches ? x : "\(x) (\(unit.label))"
      return "\(what) vs \(versus)" + (spec.by.map { " by \($0)" } ?? "")
    }
    let axes = [spec.x, spec.by].compactMap { $0 }
    return what + (axes.isEmpty ? "" : " by " + axes.joined(separator: " and "))
  }

  /// `Forecast: Corner Desk, units a day`.
  private func forecastHeading(_ unit: String) -> String {
    var what = unit.isEmpty ? "" : unit
    if unit.isEmpty, let measure = spec.measures.first, case .quantity? = table.schema[measure]?.type {
      what = "units"
    }
    if !what.isEmpty, let x = spec.x, let type = table.schema[x]?.type {
      switch type {
      case .date, .period(.day): what += " a day"
      case .period(let unit?): what += " a \(unit.rawValue)"
      default: break
      }
    }
    return "Forecast" + (spec.by.map { " by \($0)" } ?? subject.map { ": \($0)" } ?? "")
      + (what.isEmpty ? "" : ", \(what)")
  }

  /// What a forecast is of, when all its rows are of one thing.
  private var subject: String? {
    for name in ["name", "sku", "product", "category"] {
      guard let column = table[name], table.rowCount > 0, !column[0].isNull else { continue }
      let first = column[0]
      guard (1..<table.rowCount).allSatisfy({ column[$0] == first }) else { return nil }
      if case .text(let text) = first { return text }
      return "\(name) \(first)"
    }
    return nil
  }

  /// A named column; `check` has seen that it is there.
  func column(_ name: String) throws(PlotError) -> Column {
    guard let column = table[name] else { throw PlotError("There is no column “\(name)” to plot.") }
    return column
  }

  /// The numbers of a column that is measured.
  func numbers(_ name: String) throws(PlotError) -> [Double] {
    let column = try column(name)
    let isVoid = column.type == .null || column.type == .unknown
    guard column.type.isMeasurable || column.type.isTemporal || isVoid else {
      throw PlotError(
        "Column “\(name)” holds \(column.type) and cannot be measured; a plot needs a number, money, "
          + "percent or duration.")
    }
    return try column.plotNumbers()
  }

  func unit(_ name: String?) -> AxisUnit {
    name.flatMap { table.schema[$0] }.map { AxisUnit($0) } ?? .none
  }

  /// The one unit of several measures; a note when they have more than one.
  mutating func commonUnit(_ names: [String]) -> AxisUnit {
    let units = names.map(unit)
    guard let first = units.first else { return .none }
    if Set(units.map(\.label)).count == 1 { return first }
    notes.append("the measures have different units on one axis")
    return AxisUnit(label: "", isAdditive: units.allSatisfy(\.isAdditive))
  }

  /// The groups of the rows: a name for each and the group of every row (-1: not drawn). At most eight, those
  /// with the largest sums of `weight`; with `foldsRest` the eighth is all the others.
  mutating func groups(
    weight: [Double]?, most: Int = Ink.palette.count, foldsRest: Bool = false, word: String = "series"
  ) throws(PlotError) -> (names: [String], codes: [Int])? {
    guard let by = spec.by else { return nil }
    let (labels, codes) = try column(by).plotCategories()
    let names = labels.map { visibleText($0, unicode: true) }
    guard labels.count > most else { return (names, codes) }
    let kept = foldsRest ? most - 1 : most
    var sums = [Double](repeating: 0, count: labels.count)
    for (row, code) in codes.enumerated() {
      let w = weight?[row] ?? 1
      if !w.isNaN { sums[code] += min(w.magnitude, 1e300) / Double(max(1, codes.count)) }
    }
    let largest = Set(labels.indices.sorted { (sums[$1], $0) < (sums[$0], $1) }.prefix(kept))
    // What is stacked must add up: there the small ones are one series.
    var place = [Int](repeating: foldsRest ? kept : -1, count: labels.count)
    for (i, code) in largest.sorted().enumerated() { place[code] = i }
    let shown = largest.sorted().map { names[$0] }
    if foldsRest { return (shown + ["other (\(labels.count - kept))"], codes.map { place[$0] }) }
    notes.append("\(most) of \(labels.count) \(by) \(word), the largest")
    return (shown, codes.map { place[$0] })
  }

  /// Notes that several rows fell on one place.
  mutating func noteSums(_ names: [String], isAdditive: Bool, at place: String) {
    let what =
      names.isEmpty
      ? "rows are counted" : "\(names.joined(separator: ", ")) \(isAdditive ? "summed" : "averaged")"
    notes.append("\(what) over the rows at one \(place)")
  }
}

/// Adds numbers up at places, in row order; places without a number stay NaN.
struct PlaceSums {
  private(set) var values: [Double]
  private var counts: [Int32]
  private(set) var hasSeveral = false
  private let isAdditive: Bool

  init(count: Int, isAdditive: Bool) {
    values = [Double](repeating: .nan, count: count)
    counts = [Int32](repeating: 0, count: count)
    self.isAdditive = isAdditive
  }

  mutating func add(_ value: Double, at place: Int) {
    guard !value.isNaN else { return }
    counts[place] &+= 1
    if counts[place] == 1 {
      values[place] = value
      return
    }
    hasSeveral = true
    if isAdditive {
      values[place] = max(-1e300, min(1e300, values[place] + value))
    } else {
      values[place] += (value - values[place]) / Double(counts[place])
    }
  }
}
