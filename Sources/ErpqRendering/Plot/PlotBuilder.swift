import ErpqBase
import ErpqTables

/// Reads a table into a chart's data.
struct PlotBuilder {
  let table: Table
  let spec: PlotSpec
  var notes: [String] = []

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
    for name in names { try chooser.check(name) }
    let body: PlotModel.Body
    switch spec.kind {
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
    if field.type == .bool || field.type == .int && Conventions.isIdentifier(x) { return false }
    return field.type.isTemporal || field.type.isMeasurable
  }

  /// `revenue (EUR) by month`.
  private func heading(_ unit: String) -> String {
    let suffix = unit.isEmpty ? "" : " (\(unit))"
    switch spec.kind {
    case .hist: return "Distribution of \(spec.x ?? "")"
    case .heatmap where spec.x == nil: return "\(spec.by ?? "rows") × columns" + suffix
    default: break
    }
    let what = spec.measures.isEmpty ? "count" : spec.measures.joined(separator: ", ")
    let axes = [spec.x, spec.by].compactMap { $0 }
    return what + suffix + (axes.isEmpty ? "" : " by " + axes.joined(separator: ", "))
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
  /// with the largest sums of `weight`.
  mutating func groups(
    weight: [Double]?, most: Int = Ink.palette.count
  ) throws(PlotError) -> (names: [String], codes: [Int])? {
    guard let by = spec.by else { return nil }
    let (labels, codes) = try column(by).plotCategories()
    let names = labels.map { visibleText($0, unicode: true) }
    guard labels.count > most else { return (names, codes) }
    var sums = [Double](repeating: 0, count: labels.count)
    for (row, code) in codes.enumerated() {
      let w = weight?[row] ?? 1
      if !w.isNaN { sums[code] += min(w.magnitude, 1e300) / Double(max(1, codes.count)) }
    }
    let largest = Set(labels.indices.sorted { (sums[$1], $0) < (sums[$0], $1) }.prefix(most))
    var place = [Int](repeating: -1, count: labels.count)
    for (i, code) in largest.sorted().enumerated() { place[code] = i }
    notes.append("\(most) of \(labels.count) \(by) series, the largest")
    return (largest.sorted().map { names[$0] }, codes.map { place[$0] })
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
