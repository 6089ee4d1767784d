import ErpqTables

extension PlotBuilder {
  /// Panels that a reader can still compare.
  private static let mostPanels = 12

  /// A drawing for each value of `by`.
  mutating func panels(_ scale: PanelScale) throws(PlotError) -> PanelsModel {
    guard let by = spec.by else {
      throw PlotError(
        "Panels need a column that splits the rows; name it as in “plot amount by category panels”.")
    }
    guard spec.kind != .heatmap else {
      throw PlotError("A heatmap has rows for its values of “\(by)” and no panels.")
    }
    var panels: [PanelsModel.Panel] = []
    if spec.kind == .hist {
      // Classes are those of all rows, so that the counts compare.
      let whole = try histogram(most: PlotBuilder.mostPanels)
      for series in whole.series {
        var one = whole
        one.series = [series]
        one.series[0].color = 0
        panels.append(.init(name: series.name, body: .plane(one)))
      }
    } else {
      let weight = try spec.measures.first.map { name throws(PlotError) in try numbers(name) }
      guard let groups = try groups(weight: weight, most: PlotBuilder.mostPanels, word: "panels") else {
        return PanelsModel(panels: [])
      }
      var rows = [[Int32]](repeating: [], count: groups.names.count)
      for (row, group) in groups.codes.enumerated() where group >= 0 { rows[group].append(Int32(row)) }
      for (name, rows) in zip(groups.names, rows) {
        var one = spec
        one.by = nil
        one.panels = nil
        one.title = ""
        var builder = PlotBuilder(table.taking(rows), one)
        builder.isPanel = true
        let model = try builder.build()
        for note in model.notes where !notes.contains(note) { notes.append(note) }
        panels.append(.init(name: name, body: model.body))
      }
    }
    share(&panels, scale)
    return PanelsModel(panels: panels)
  }

  /// Gives the panels the same axes: along always, upwards when they are to be compared.
  private func share(_ panels: inout [PanelsModel.Panel], _ scale: PanelScale) {
    func union(_ ranges: [(Double, Double)?]) -> (Double, Double)? {
      let known = ranges.compactMap { $0 }
      guard let low = known.map(\.0).min(), let high = known.map(\.1).max() else { return nil }
      return (low, high)
    }
    let bodies = panels.map(\.body)
    let x = union(bodies.map { if case .plane(let m) = $0 { m.isEmpty ? nil : m.xRange } else { nil } })
    let up = union(
      bodies.map { body in
        switch body {
        case .plane(let m): m.isEmpty ? nil : m.yRange
        case .bars(let m): m.range
        case .boxes(let m): m.range
        default: nil
        }
      })
    for i in panels.indices {
      switch panels[i].body {
      case .plane(var m):
        m.fixedX = x
        // The heading names it once.
        m.xName = ""
        if scale == .shared { m.fixedY = up }
        panels[i].body = .plane(m)
      case .bars(var m) where scale == .shared:
        m.fixedRange = up
        panels[i].body = .bars(m)
      case .boxes(var m) where scale == .shared:
        m.fixedRange = up
        panels[i].body = .boxes(m)
      default: break
      }
    }
  }
}
