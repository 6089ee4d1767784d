import ErpqBase
import ErpqTables

/// A chart's data, read and summed: what the terminal and the SVG draw from.
struct PlotModel {
  enum Body {
    case plane(PlaneModel)
    case bars(BarModel)
    case heatmap(HeatmapModel)
    case boxes(BoxModel)
  }

  /// The heading; what is drawn of what.
  var title: String
  /// The unit of the measures, shown when the heading does not hold it.
  var unitNote: String
  /// What was summed, cut or left out; a sentence each.
  var notes: [String]
  var body: Body
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

  var series: [Series]
  var bands: [Band]
  var xScale: AxisScale
  var xName: String
  var yUnit: AxisUnit
  /// Whether the vertical axis must show zero.
  var startsAtZero: Bool
  /// Where the history ends and the forecast begins.
  var boundary: Double?
  /// Width of a column in the units of x; 0 when there are none.
  var columnWidth: Double = 0
  /// Lines to compare with.
  var marks: [PlotMark] = []
  /// The ranges of the axes when they are those of several drawings.
  var sharedX: (Double, Double)?
  var sharedY: (Double, Double)?

  var isEmpty: Bool { !series.contains { $0.ys.contains { !$0.isNaN } } }

  /// Least and greatest x of what is drawn; nil without any.
  var xRange: (Double, Double)? {
    if let sharedX { return sharedX }
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
    if let sharedY { return sharedY }
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
    for mark in marks { take(mark.value) }
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
}
