import ErpqBase
import ErpqTables

extension PlotBuilder {
  /// Points along an axis: line, area, scatter, and bars on an axis of dates or numbers.
  mutating func plane() throws(PlotError) -> PlaneModel {
    guard let x = spec.x else {
      throw PlotError("A \(spec.kind.rawValue) plot needs a column for its axis: “vs …”.")
    }
    let (xs, scale) = try axis(x)
    let measures = spec.measures
    var all: [[Double]] = []
    for name in measures { all.append(try numbers(name)) }
    if measures.isEmpty { all.append([Double](repeating: 1, count: table.rowCount)) }
    let unit = commonUnit(measures)
    let foldsRest = spec.kind == .area && unit.isAdditive
    let groups = try groups(weight: all[0], foldsRest: foldsRest)
    let mark: PlaneModel.Mark =
      switch spec.kind {
      case .scatter: .points
      case .area: .area
      case .bar: .columns
      default: .line
      }
    var series: [PlaneModel.Series] = []
    var severals = false
    for (i, ys) in all.enumerated() {
      for g in 0..<(groups?.names.count ?? 1) {
        let rows =
          groups.map { groups in (0..<xs.count).filter { groups.codes[$0] == g } } ?? Array(0..<xs.count)
        let measure = measures.isEmpty ? "count" : measures[i]
        let name = groups.map { all.count > 1 ? "\(measure), \($0.names[g])" : $0.names[g] } ?? measure
        var drawn: (xs: [Double], ys: [Double])
        if mark == .points {
          drawn = (rows.map { xs[$0] }, rows.map { xs[$0].isNaN ? .nan : ys[$0] })
        } else {
          let isAdditive = measures.isEmpty || self.unit(measures[i]).isAdditive
          let summed = try sums(xs, ys, rows: rows, isAdditive: isAdditive)
          let isRest =
            foldsRest && groups.map { g == $0.names.count - 1 && $0.names[g].hasPrefix("other (") } ?? false
          severals = severals || (summed.hasSeveral && !isRest)
          drawn = (summed.xs, summed.ys)
        }
        if scale == .number(.none) || drawn.xs.contains(where: \.isNaN) {
          let keep = drawn.xs.indices.filter { !drawn.xs[$0].isNaN }
          drawn = (keep.map { drawn.xs[$0] }, keep.map { drawn.ys[$0] })
        }
        series.append(.init(name: name, xs: drawn.xs, ys: drawn.ys, mark: mark, color: series.count))
      }
    }
    var model = PlaneModel(
      series: series, bands: [], xScale: scale, xName: x, yUnit: unit,
      startsAtZero: mark == .area || mark == .columns)
    if severals { noteSums(measures, isAdditive: unit.isAdditive, at: x) }
    if mark == .columns { model.columnWidth = columnWidth(series, scale) }
    if mark == .area, series.count > 1 { stack(&model) }
    if let groups, !spec.bands.isEmpty {
      try addForecasts(&model, xs, groups)
    } else {
      try addForecast(&model, xs, severals: severals)
    }
    for mark in spec.marks { try add(mark, to: &model, xs, groups) }
    return model
  }

  /// The places of the rows along the axis.
  private func axis(_ x: String) throws(PlotError) -> ([Double], AxisScale) {
    let column = try column(x)
    switch column.type {
    case .date: return (try column.plotNumbers(), .time(finest: .day, hasClock: false))
    case .datetime: return (try column.plotNumbers(), .time(finest: .day, hasClock: true))
    case .period(let unit): return (try column.plotNumbers(), .time(finest: unit ?? .day, hasClock: false))
    case .int, .number, .percent, .money, .quantity, .duration:
      return (try column.plotNumbers(), .number(unit(x)))
    default:
      let (labels, codes) = try column.plotCategories()
      return (codes.map(Double.init), .category(labels.map { visibleText($0, unicode: true) }))
    }
  }

  /// One point for each place, in order along the axis; a place whose rows are all null is a gap.
  private func sums(
    _ xs: [Double], _ ys: [Double], rows: [Int], isAdditive: Bool
  ) throws(PlotError) -> (xs: [Double], ys: [Double], hasSeveral: Bool) {
    if Cancellation.current.isCancelled { throw .interrupted }
    let known = rows.filter { !xs[$0].isNaN }
    var order = known
    if !zip(known, known.dropFirst()).allSatisfy({ xs[$0] <= xs[$1] }) {
      order.sort { (xs[$0], $0) < (xs[$1], $1) }
    }
    if Cancellation.current.isCancelled { throw .interrupted }
    var places: [Double] = []
    var index = [Int](repeating: 0, count: order.count)
    for (i, row) in order.enumerated() {
      if places.last != xs[row] { places.append(xs[row]) }
      index[i] = places.count - 1
    }
    var sums = PlaceSums(count: places.count, isAdditive: isAdditive)
    for (i, row) in order.enumerated() { sums.add(ys[row], at: index[i]) }
    return (places, sums.values, sums.hasSeveral)
  }

  /// Width of a column: the least distance of two, or the calendar unit.
  private func columnWidth(_ series: [PlaneModel.Series], _ scale: AxisScale) -> Double {
    var places = Set<Double>()
    for s in series { places.formUnion(s.xs) }
    let sorted = places.sorted()
    var least = Double.infinity
    for (a, b) in zip(sorted, sorted.dropFirst()) { least = min(least, b - a) }
    if least.isFinite, least > 0 { return least }
    if case .time(let finest, _) = scale {
      return [.day: 1, .week: 7, .month: 30, .quarter: 90, .year: 365][finest] ?? 1
    }
    return 1
  }

  /// Puts areas on each other, in the order of the series, over all places any of them has.
  private func stack(_ model: inout PlaneModel) {
    var places = Set<Double>()
    for s in model.series { places.formUnion(s.xs) }
    let xs = places.sorted()
    var place: [Double: Int] = [:]
    for (i, x) in xs.enumerated() { place[x] = i }
    var base = [Double](repeating: 0, count: xs.count)
    for k in model.series.indices {
      var top = base
      for (x, y) in zip(model.series[k].xs, model.series[k].ys) where !y.isNaN {
        if let i = place[x] { top[i] = max(-1e300, min(1e300, top[i] + y)) }
      }
      model.series[k].xs = xs
      model.series[k].ys = top
      model.series[k].base = base
      base = top
    }
  }

  /// The bands behind the first measure and the history beside it.
  private mutating func addForecast(
    _ model: inout PlaneModel, _ xs: [Double], severals: Bool
  ) throws(PlotError) {
    guard spec.by == nil else { return }
    if severals, !spec.bands.isEmpty {
      notes.append("no band, because quantiles do not add up; plot one series for it")
    }
    if !severals {
      for (level, band) in spec.bands.enumerated() {
        model.bands.append(
          try self.band(band, xs, rows: xs.indices, level: level, color: 0, label: band.label))
      }
    }
    guard let history = spec.history, !model.series.isEmpty else { return }
    let summed = try sums(
      xs, try numbers(history), rows: Array(xs.indices), isAdditive: unit(history).isAdditive)
    guard summed.ys.contains(where: { !$0.isNaN }) else { return }
    let past = PlaneModel.Series(name: history, xs: summed.xs, ys: summed.ys, mark: .line, color: nil)
    let begin = zip(model.series[0].xs, model.series[0].ys).first { !$0.1.isNaN }?.0
    let firstPast = zip(past.xs, past.ys).first { !$0.1.isNaN }?.0
    if let begin, let firstPast, firstPast < begin { model.boundary = begin }
    model.series.insert(past, at: 0)
  }

  /// A line to compare with: a level where its values are the same, else along the axis; with series, one for each.
  private func add(
    _ mark: PlotMark, to model: inout PlaneModel, _ xs: [Double], _ groups: (names: [String], codes: [Int])?
  ) throws(PlotError) {
    let values = try markValues(mark, model.yUnit)
    let levels = Set(values.lazy.filter { !$0.isNaN })
    if levels.count <= 1 {
      guard let level = levels.first else { return }
      model.references.append(
        .init(name: mark.label, xs: [], ys: [level], color: nil, label: markLabel(mark, level, model.yUnit)))
      return
    }
    for g in 0..<(groups?.names.count ?? 1) {
      let rows = xs.indices.filter { groups == nil || groups?.codes[$0] == g }
      let own = Set(rows.lazy.map { values[$0] }.filter { !$0.isNaN })
      let label = g == 0 ? mark.label : ""
      let color = groups == nil ? nil : g
      if own.count == 1, let level = own.first {
        model.references.append(.init(name: mark.label, xs: [], ys: [level], color: color, label: label))
        continue
      }
      let line = try sums(xs, values, rows: rows, isAdditive: false)
      guard line.ys.contains(where: { !$0.isNaN }) else { continue }
      model.references.append(
        .init(name: mark.label, xs: line.xs, ys: line.ys, color: color, label: label))
    }
  }

  /// The values of a mark, in the unit of the axis.
  func markValues(_ mark: PlotMark, _ axis: AxisUnit) throws(PlotError) -> [Double] {
    let own = unit(mark.column)
    guard own.label.isEmpty || axis.label.isEmpty || own.label == axis.label else {
      throw PlotError("The mark “\(mark.label)” is in \(own.label), and the axis in \(axis.label).")
    }
    return try numbers(mark.column)
  }

  /// `rop 42`; in panels, whose levels differ, the name alone.
  private func markLabel(_ mark: PlotMark, _ level: Double, _ unit: AxisUnit) -> String {
    let text =
      NumberText.fixed(level, decimals: min(2, NumberText.decimals(for: [level])))
      + (unit.touches ? unit.label : "")
    if isPanel { return mark.label }
    let isNumber = mark.label.first.map { $0.isNumber || $0 == "-" } ?? true
    return isNumber ? text : mark.label + " " + text
  }

  /// A band over some of the rows.
  private func band(
    _ band: PlotBand, _ xs: [Double], rows: some Sequence<Int>, level: Int, color: Int, label: String
  ) throws(PlotError) -> PlaneModel.Band {
    let (low, high) = (try numbers(band.low), try numbers(band.high))
    let rows = rows.filter { !xs[$0].isNaN }.sorted { (xs[$0], $0) < (xs[$1], $1) }
    // An edge without the other is no band.
    let both = rows.map { low[$0].isNaN || high[$0].isNaN }
    return .init(
      label: label, xs: rows.map { xs[$0] },
      low: zip(rows, both).map { $1 ? .nan : min(low[$0], high[$0]) },
      high: zip(rows, both).map { $1 ? .nan : max(low[$0], high[$0]) }, level: level, color: color)
  }

  /// The narrowest band and the history of each series. More than four bands would hide each other.
  private mutating func addForecasts(
    _ model: inout PlaneModel, _ xs: [Double], _ groups: (names: [String], codes: [Int])
  ) throws(PlotError) {
    let rows = groups.names.indices.map { g in xs.indices.filter { groups.codes[$0] == g } }
    let isAlone = rows.allSatisfy { rows in
      let days = rows.filter { !xs[$0].isNaN }.map { xs[$0] }
      return Set(days).count == days.count
    }
    if isAlone, groups.names.count <= 4, let inner = spec.bands.last {
      for (g, rows) in rows.enumerated() {
        model.bands.append(
          try band(inner, xs, rows: rows, level: 0, color: g, label: g == 0 ? inner.label : ""))
      }
    }
    guard let history = spec.history else { return }
    let values = try numbers(history)
    var begin = Double.infinity
    for s in model.series { begin = min(begin, zip(s.xs, s.ys).first { !$0.1.isNaN }?.0 ?? .infinity) }
    var past: [PlaneModel.Series] = []
    for (g, rows) in rows.enumerated() {
      let summed = try sums(xs, values, rows: rows, isAdditive: unit(history).isAdditive)
      guard summed.ys.contains(where: { !$0.isNaN }) else { continue }
      past.append(
        .init(name: groups.names[g], xs: summed.xs, ys: summed.ys, mark: .line, color: g, isPast: true))
      if let first = zip(summed.xs, summed.ys).first(where: { !$0.1.isNaN }), first.0 < begin {
        model.boundary = begin
      }
    }
    model.series += past
  }

  /// Counts of the rows in equal classes, at most 60, by the rule of Freedman and Diaconis (1981) rounded to
  /// a step of the axis.
  mutating func histogram(most: Int = Ink.palette.count) throws(PlotError) -> PlaneModel {
    guard let name = spec.x ?? spec.measures.first else {
      throw PlotError("A histogram needs a column of numbers.")
    }
    let values = try numbers(name)
    let known = values.filter { !$0.isNaN }.sorted()
    var scale = AxisScale.number(unit(name))
    if let type = table.schema[name]?.type, type.isTemporal {
      scale = .time(finest: .day, hasClock: type == .datetime)
    }
    var model = PlaneModel(
      series: [], bands: [], xScale: scale, xName: name,
      yUnit: AxisUnit(label: "", touches: false), startsAtZero: true)
    let missing = values.count - known.count
    if missing > 0 { notes.append("\(counted(missing, "null")) left out") }
    guard let low = known.first, let high = known.last else { return model }
    let n = Double(known.count)
    let spread = known[known.count * 3 / 4] - known[known.count / 4]
    var step = spread > 0 ? 2 * spread / cubeRoot(n) : 0
    let range = high - low
    step = max(step, range / 60, range / (n.squareRoot() * 4))
    step = NumberAxis.step(range: step > 0 ? step : max(1, high.magnitude), count: 1)
    if table.schema[name]?.type == .int || table.schema[name]?.type.isTemporal == true { step = max(1, step) }
    // A whole number stands in the middle of its own class.
    let offset = step == 1 && known.allSatisfy({ $0 == $0.rounded() }) ? -0.5 : 0
    let first = ((low - offset) / step).rounded(.down)
    let classes = Int(max(0, min(120, ((high - offset) / step).rounded(.down) - first))) + 1
    let groups = try groups(weight: nil, most: most, word: spec.panels == nil ? "series" : "panels")
    for g in 0..<(groups?.names.count ?? 1) {
      var counts = [Double](repeating: 0, count: classes)
      for (row, value) in values.enumerated() where !value.isNaN && (groups == nil || groups?.codes[row] == g)
      {
        counts[max(0, min(classes - 1, Int(((value - offset) / step).rounded(.down) - first)))] += 1
      }
      let xs = (0..<classes).map { (first + Double($0) + 0.5) * step + offset }
      model.series.append(.init(name: groups?.names[g] ?? name, xs: xs, ys: counts, mark: .columns, color: g))
    }
    model.columnWidth = step
    return model
  }

  private func cubeRoot(_ x: Double) -> Double {
    var r = max(1, x.squareRoot())
    for _ in 0..<60 { r -= (r * r * r - x) / (3 * r * r) }
    return r
  }
}
