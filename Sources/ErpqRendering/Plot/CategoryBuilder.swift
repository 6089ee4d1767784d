import ErpqBase
import ErpqTables

extension PlotBuilder {
  /// Bars beside names.
  mutating func bars() throws(PlotError) -> BarModel {
    guard let x = spec.x else { throw PlotError("A bar chart needs a column for its bars: “vs …”.") }
    let (labels, codes) = try column(x).plotCategories()
    var all: [[Double]] = []
    for name in spec.measures { all.append(try numbers(name)) }
    let unit = spec.measures.isEmpty ? AxisUnit.none : commonUnit(spec.measures)
    if all.isEmpty { all.append([Double](repeating: 1, count: table.rowCount)) }
    let groups = try groups(weight: all[0])
    var model = BarModel(
      labels: labels.map { visibleText($0, unicode: true) }, series: [], values: [], unit: unit)
    var severals = false
    for (i, values) in all.enumerated() {
      for g in 0..<(groups?.names.count ?? 1) {
        let measure = spec.measures.isEmpty ? "count" : spec.measures[i]
        var sums = PlaceSums(
          count: labels.count, isAdditive: spec.measures.isEmpty || self.unit(spec.measures[i]).isAdditive)
        for (row, value) in values.enumerated() where groups == nil || groups?.codes[row] == g {
          sums.add(value, at: codes[row])
        }
        severals = severals || sums.hasSeveral
        model.series.append(
          groups.map { all.count > 1 ? "\(measure), \($0.names[g])" : $0.names[g] } ?? measure)
        model.values.append(sums.values)
      }
    }
    if severals, !spec.measures.isEmpty { noteSums(spec.measures, isAdditive: unit.isAdditive, at: x) }
    for mark in spec.marks {
      var levels = PlaceSums(count: labels.count, isAdditive: false)
      for (row, value) in try markValues(mark, unit).enumerated() { levels.add(value, at: codes[row]) }
      model.marks.append((mark.label, levels.values))
    }
    return model
  }

  /// Cells by two categories, or by a category and the columns of a pivoted table.
  mutating func heatmap() throws(PlotError) -> HeatmapModel {
    guard let by = spec.by else { throw PlotError("A heatmap needs a column for its rows: “by …”.") }
    let (rows, rowCodes) = try column(by).plotCategories()
    let unit = commonUnit(spec.measures)
    var model = HeatmapModel(
      rows: rows.map { visibleText($0, unicode: true) }, columns: [], cells: [], unit: unit)
    var sums: [PlaceSums] = []
    if let x = spec.x {
      let (columns, columnCodes) = try column(x).plotCategories()
      guard let measure = spec.measures.first else { throw PlotError("A heatmap needs a column of numbers.") }
      let limit = 400
      if columns.count > limit { notes.append("\(limit) of \(columns.count) \(x) columns") }
      if rows.count > limit { notes.append("\(limit) of \(rows.count) \(by) rows") }
      let (height, width) = (min(limit, rows.count), min(limit, columns.count))
      model.rows = Array(model.rows.prefix(height))
      model.columns = columns.prefix(width).map { visibleText($0, unicode: true) }
      model.shortColumns = PlotBuilder.short(model.columns, try column(x).type)
      sums = Array(repeating: PlaceSums(count: width, isAdditive: unit.isAdditive), count: height)
      for (row, value) in try numbers(measure).enumerated()
      where rowCodes[row] < height && columnCodes[row] < width {
        sums[rowCodes[row]].add(value, at: columnCodes[row])
      }
    } else {
      model.columns = spec.measures.map { visibleText($0, unicode: true) }
      let height = min(400, rows.count)
      model.rows = Array(model.rows.prefix(height))
      sums = Array(
        repeating: PlaceSums(count: spec.measures.count, isAdditive: unit.isAdditive), count: height)
      for (i, name) in spec.measures.enumerated() {
        for (row, value) in try numbers(name).enumerated() where rowCodes[row] < height {
          sums[rowCodes[row]].add(value, at: i)
        }
      }
    }
    if sums.contains(where: \.hasSeveral) {
      noteSums(spec.measures, isAdditive: unit.isAdditive, at: spec.x == nil ? by : "cell")
    }
    model.cells = sums.map(\.values)
    return model
  }

  /// Months and days of a calendar in two lines, the second only where it changes.
  private static func short(_ labels: [String], _ type: ValueType) -> [(label: String, context: String)] {
    guard type == .date || type == .period(.day) || type == .period(.month) else { return [] }
    var context = ""
    return labels.map { label in
      let parts = label.split(separator: "-").map(String.init)
      guard parts.count >= 2, let month = Int(parts[1]), (1...12).contains(month) else { return (label, "") }
      let name = TimeTicks.months[month - 1]
      let (first, holds) = parts.count == 2 ? (name, parts[0]) : (parts[2], "\(name) \(parts[0])")
      defer { context = holds }
      return (first, holds == context ? "" : holds)
    }
  }

  /// A box a category.
  func boxes() throws(PlotError) -> BoxModel {
    guard let measure = spec.measures.first else { throw PlotError("A box plot needs a column of numbers.") }
    let values = try numbers(measure)
    var labels = [measure]
    var codes = [Int](repeating: 0, count: values.count)
    if let x = spec.x ?? spec.by { (labels, codes) = try column(x).plotCategories() }
    var parts = [[Double]](repeating: [], count: labels.count)
    for (row, value) in values.enumerated() where !value.isNaN { parts[codes[row]].append(value) }
    let boxes = zip(labels, parts).compactMap { label, part in
      PlotBuilder.box(visibleText(label, unicode: true), part.sorted())
    }
    return BoxModel(boxes: boxes, unit: unit(measure))
  }

  /// Quartiles by linear interpolation between the sorted values (Hyndman and Fan 1996, type 7).
  private static func box(_ label: String, _ sorted: [Double]) -> BoxModel.Box? {
    guard let least = sorted.first, let most = sorted.last else { return nil }
    func quantile(_ p: Double) -> Double {
      let place = Double(sorted.count - 1) * p
      let i = Int(place)
      let next = sorted[min(i + 1, sorted.count - 1)]
      return sorted[i] + (next - sorted[i]) * (place - Double(i))
    }
    let (first, third) = (quantile(0.25), quantile(0.75))
    let reach = 1.5 * (third - first)
    let low = sorted.first { $0 >= first - reach } ?? least
    let high = sorted.last { $0 <= third + reach } ?? most
    var outliers: [Double] = []
    for value in sorted where (value < low || value > high) && outliers.last != value {
      outliers.append(value)
    }
    if outliers.count > 200 {
      outliers = (0..<200).map { outliers[$0 * (outliers.count - 1) / 199] }
    }
    return BoxModel.Box(
      label: label, count: sorted.count, low: low, first: first, median: quantile(0.5), third: third,
      high: high,
      outliers: outliers)
  }
}
