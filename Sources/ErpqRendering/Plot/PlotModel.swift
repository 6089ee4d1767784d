import ErpqBase
import ErpqTables

/// A chart's data, read and summed: what the terminal and the SVG draw from.
struct PlotModel {
  enum Body {
    case plane(PlaneModel)
    case bars(BarModel)
    case heatmap(HeatmapModel)
    case boxes(BoxModel)
    case panels(PanelsModel)
  }

  /// The heading; what is drawn of what.
  var title: String
  /// The unit of the measures, shown when the heading does not hold it.
  var unitNote: String
  /// What was summed, cut or left out; a sentence each.
  var notes: [String]
  var body: Body
}

/// Small multiples: the same drawing once for each of several series.
struct PanelsModel {
  struct Panel {
    var name: String
    var body: PlotModel.Body
  }

  var panels: [Panel]

  /// The panel with the most to explain, whose legend holds for all.
  var legend: PlotModel.Body? {
    func entries(_ body: PlotModel.Body) -> Int {
      switch body {
      case .plane(let m): m.series.count + m.bands.count + m.references.count
      case .bars(let m): m.series.count + m.marks.count
      default: 0
      }
    }
    return panels.map(\.body).reduce(nil) { best, body in
      best.map { entries($0) >= entries(body) } ?? false ? best : body
    }
  }
}

/// Points in a plane under two axes.
struct PlaneModel {
  enum Mark {
    case line, points, area, columns
  }

  struct Series {
    var name: String
    var xs: [Double]
    /// NaN where the line has a gap.
    var ys: [Double]
    var mark: Mark
    /// Place in the palette; nil for what happened (the history), which is drawn in the text's own colour.
    var color: Int?
    /// Whether it is the history of the series of the same colour: fainter, and without a name of its own.
    var isPast = false
    /// Lower edge of an area that stands on another; empty when it stands on zero.
    var base: [Double] = []
  }

  struct Band {
    /// Its name in the legend; empty for none.
    var label: String
    var xs: [Double]
    var low: [Double]
    var high: [Double]
    /// 0 for the widest.
    var level: Int
    var color: Int
  }

  /// A line to compare with.
  struct Reference {
    var name: String
    /// Empty for a level that holds everywhere.
    var xs: [Double]
    /// One value for a level.
    var ys: [Double]
    /// Place in the palette of the series it belongs to; nil for all of them.
    var color: Int?
    /// What the legend calls it; empty for none.
    var label: String
  }

  var series: [Series]
  var bands: [Band]
  var references: [Reference] = []
  /// The ranges of the axes where other drawings share them.
  var fixedX: (Double, Double)?
  var fixedY: (Double, Double)?
  var xScale: AxisScale
  var xName: String
  var yUnit: AxisUnit
  /// Whether the vertical axis must show zero.
  var startsAtZero: Bool
  /// Where the history ends and the forecast begins.
  var boundary: Double?
  /// Width of a column in the units of x; 0 when there are none.
  var columnWidth: Double = 0

  var isEmpty: Bool { !series.contains { $0.ys.contains { !$0.isNaN } } }

  /// Least and greatest x of what is drawn; nil without any.
  var xRange: (Double, Double)? {
    if let fixedX { return fixedX }
    var low = Double.infinity
    var high = -Double.infinity
    for s in series {
      for (x, y) in zip(s.xs, s.ys) where !y.isNaN {
        low = min(low, x)
        high = max(high, x)
      }
    }
    for band in bands {
      for (i, x) in band.xs.enumerated() where !band.low[i].isNaN {
        low = min(low, x)
        high = max(high, x)
      }
    }
    guard low <= high else { return nil }
    return columnWidth > 0 ? (low - columnWidth / 2, high + columnWidth / 2) : (low, high)
  }

  /// Least and greatest y of what is drawn, zero included where it must be; nil without any.
  var yRange: (Double, Double)? {
    if let fixedY { return fixedY }
    var low = Double.infinity
    var high = -Double.infinity
    func take(_ y: Double) {
      guard !y.isNaN else { return }
      low = min(low, y)
      high = max(high, y)
    }
    for s in series { s.ys.forEach(take) }
    for band in bands {
      band.low.forEach(take)
      band.high.forEach(take)
    }
    for reference in references { reference.ys.forEach(take) }
    guard low <= high else { return nil }
    // Lines are compared with zero when they come near it; clouds of points only when they nearly touch it.
    let near = series.allSatisfy { if case .points = $0.mark { true } else { false } } ? 0.15 : 0.5
    if startsAtZero || (low > 0 && low < high * near) || (high < 0 && high > low * near) {
      low = min(low, 0)
      high = max(high, 0)
    }
    return (low, high)
  }
}

/// Horizontal bars, one a category and series.
struct BarModel {
  var labels: [String]
  var series: [String]
  /// Per series, per category; NaN for none.
  var values: [[Double]]
  var unit: AxisUnit
  /// A value to compare with beside each bar: its name and a value for each category, NaN for none.
  var marks: [(label: String, values: [Double])] = []
  /// The ends of the axis where other drawings share it.
  var fixedRange: (Double, Double)?

  /// Least and greatest value of what is drawn, zero included; nil without any.
  var range: (low: Double, high: Double)? {
    if let fixedRange { return fixedRange }
    let known = (values + marks.map(\.values)).joined().filter { !$0.isNaN }
    guard let least = known.min(), let most = known.max() else { return nil }
    return (min(0, least), max(0, most))
  }

  /// Decimals of the numbers beside the bars. From ten thousand on, cents say nothing that bars could show.
  func decimals(_ shown: [Double]) -> Int {
    if shown.contains(where: { $0.magnitude >= 10_000 }) { return 0 }
    let isMoney = unit.label.count == 3 && !unit.touches && shown.contains { $0 != $0.rounded() }
    return isMoney
      ? Conventions.decimals(ofCurrency: unit.label)
      : min(NumberText.decimals(for: shown), unit.touches ? 1 : 4)
  }
}

/// Cells in rows and columns, shaded by their value.
struct HeatmapModel {
  var rows: [String]
  var columns: [String]
  /// The columns in two short lines (`Jul`, `2025`), for cells narrower than their names; empty for none.
  var shortColumns: [(label: String, context: String)] = []
  /// Per row, per column; NaN for none.
  var cells: [[Double]]
  var unit: AxisUnit
}

/// Five numbers a category: whiskers at the farthest values within 1.5 interquartile ranges of the box (Tukey
/// 1977).
struct BoxModel {
  struct Box {
    var label: String
    var count: Int
    var low: Double
    var first: Double
    var median: Double
    var third: Double
    var high: Double
    /// Values beyond the whiskers, each once, at most 200 of them.
    var outliers: [Double]
  }

  var boxes: [Box]
  var unit: AxisUnit
  /// The ends of the axis where other drawings share it.
  var fixedRange: (Double, Double)?

  /// Least and greatest value of what is drawn; nil without any.
  var range: (low: Double, high: Double)? {
    if let fixedRange { return fixedRange }
    guard let low = boxes.map({ min($0.low, $0.outliers.first ?? $0.low) }).min(),
      let high = boxes.map({ max($0.high, $0.outliers.last ?? $0.high) }).max()
    else { return nil }
    return (low, high)
  }
}
