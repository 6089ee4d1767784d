import ErpqTables

// Rows that came of varying something: parameters, scenarios, the money spent.
extension PlotChooser {
  /// A column that was varied and still differs.
  struct Axis {
    var name: String
    /// Whether its values lie along a line, rather than beside each other.
    var isMeasured: Bool
    /// How many different values it has.
    var count: Int
  }

  /// The columns that were varied, without those that `where` or `diff` left one value of.
  func axes(except used: [String]) throws(PlotError) -> [Axis] {
    guard table.rowCount > 1, table.rowCount <= 1_000_000 else { return [] }
    var found: [Axis] = []
    for field in fields where field.plot == .axis && !used.contains(field.name) {
      let count = try places(field.name)
      guard count > 1 else { continue }
      let isMeasured =
        field.type.isMeasurable && field.type != .bool
        && !(field.type == .int && Conventions.isIdentifier(field))
      found.append(Axis(name: field.name, isMeasured: isMeasured, count: count))
    }
    return found
  }

  private func places(_ name: String) throws(PlotError) -> Int {
    try table[name]?.plotCategories().labels.count ?? 0
  }

  /// The chart along what was varied; nil where nothing was, or where it was said what to draw along.
  func varied(kind: ChartKind?, x: String?, measures: [String], by: String?) throws(PlotError) -> PlotSpec? {
    guard kind != .hist, kind != .box, kind != .scatter, x == nil || by == nil else { return nil }
    let all = try axes(except: measures)
    let open = all.filter { $0.name != x && $0.name != by }
    guard !open.isEmpty else { return nil }
    if let x {
      // Against another column, the points of a sweep are one curve.
      guard all.contains(where: { $0.name == x }), kind != .heatmap else { return nil }
      try refuse(open, room: 1)
      return try along(x, kind: kind ?? self.kind(all, x), measures: measures, by: open[0].name)
    }
    if kind == .heatmap {
      try refuse(open, room: by == nil ? 2 : 1)
      let (across, down): (Axis, Axis?) = open.count == 2 ? heatmapSides(open) : (open[0], nil)
      return try heatmap(x: across.name, measures: measures, by: by ?? down?.name)
    }
    if let by {
      try refuse(open, room: 1)
      return try along(
        open[0].name, kind: kind ?? (open[0].isMeasured ? .line : .bar), measures: measures, by: by)
    }
    // Each point of the grid has the same days: they come one after the other, the points beside each other.
    if open.count == 1, let time = temporal.first?.name {
      let days = try places(time)
      if days > 1, days * open[0].count <= table.rowCount {
        return try along(time, kind: kind, measures: measures, by: open[0].name)
      }
    }
    try refuse(open, room: 2)
    guard open.count == 2 else {
      return try along(open[0].name, kind: kind ?? self.kind(open, open[0].name), measures: measures, by: nil)
    }
    let isGrid = open[0].count * open[1].count <= table.rowCount
    if kind == nil, isGrid, open[0].isMeasured == open[1].isMeasured {
      let (across, down) = heatmapSides(open)
      return try heatmap(x: across.name, measures: measures, by: down.name)
    }
    let (line, other) = sides(open, isGrid: isGrid)
    return try along(line.name, kind: kind ?? self.kind(open, line.name), measures: measures, by: other.name)
  }

  private func kind(_ axes: [Axis], _ name: String) -> ChartKind {
    axes.contains { $0.name == name && $0.isMeasured } ? .line : .bar
  }

  /// The longer side lies across; of equal ones the first, which varies slowest, goes down.
  private func heatmapSides(_ axes: [Axis]) -> (Axis, Axis) {
    axes[0].count > axes[1].count ? (axes[0], axes[1]) : (axes[1], axes[0])
  }

  /// What is measured is the axis, names are the series. Of two that are measured it is the longer, and where they are
  /// no grid the one that the command varied itself.
  private func sides(_ axes: [Axis], isGrid: Bool) -> (line: Axis, other: Axis) {
    let (a, b) = (axes[0], axes[1])
    if a.isMeasured != b.isMeasured { return a.isMeasured ? (a, b) : (b, a) }
    return isGrid && a.count > b.count ? (a, b) : (b, a)
  }

  /// More was varied than a picture has sides: adding up over the rest would say nothing.
  private func refuse(_ axes: [Axis], room: Int) throws(PlotError) {
    guard axes.count > room else { return }
    let names = axes.map(\.name)
    let listed = names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    throw PlotError(
      "\(listed) were varied, and \(room == 1 ? "one of them has" : "two of them have") a place in a plot; keep "
        + "one value of the others with “where”.")
  }
}
