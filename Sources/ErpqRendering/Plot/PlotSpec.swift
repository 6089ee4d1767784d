/// The drawings there are.
public enum ChartKind: String, Sendable, CaseIterable {
  case line, bar, scatter, hist, heatmap, area, box
}

/// Why a plot could not be drawn.
public struct PlotError: Error, Hashable, Sendable {
  /// One sentence in the user's words: what is wrong and what would do.
  public var message: String
  /// Whether the work was stopped by the user, which is no mistake.
  public var isInterruption: Bool

  /// A mistake in what was asked for.
  public init(_ message: String) {
    self.message = message
    isInterruption = false
  }

  /// The user stopped the work.
  public static let interrupted: PlotError = {
    var error = PlotError("Interrupted.")
    error.isInterruption = true
    return error
  }()
}

/// A pair of columns between which a band is drawn.
public struct PlotBand: Hashable, Sendable {
  /// Column of the lower edge.
  public var low: String
  /// Column of the upper edge.
  public var high: String
  /// What the legend calls it.
  public var label: String

  /// A band between two columns.
  public init(low: String, high: String, label: String) {
    self.low = low
    self.high = high
    self.label = label
  }
}

/// A line to compare with: a reorder point, a target.
public struct PlotMark: Hashable, Sendable {
  /// Column of its values; one value makes a level, several a line along the axis.
  public var column: String
  /// What the legend calls it.
  public var label: String

  /// A line through the values of a column.
  public init(column: String, label: String) {
    self.column = column
    self.label = label
  }
}

/// How the axes of panels beside each other are scaled.
public enum PanelScale: Hashable, Sendable {
  /// All by one axis, so that heights compare.
  case shared
  /// Each by its own, so that shapes compare.
  case free
}

/// What to draw of a table.
public struct PlotSpec: Hashable, Sendable {
  /// The kind of chart.
  public var kind: ChartKind
  /// Column of the horizontal axis (of the categories of a bar, box or heatmap; of the values of a
  /// histogram).
  public var x: String?
  /// Columns that are drawn; none in a bar chart counts rows.
  public var measures: [String]
  /// Column whose values make a series each; the rows of a heatmap.
  public var by: String?
  /// The heading; nil makes one from the columns' names.
  public var title: String?
  /// Width: columns of the terminal, or pixels (at least 240) of an SVG.
  public var width: Int?
  /// Height of the drawing: lines of the terminal without headings and labels, or pixels (at least 160) of an
  /// SVG.
  public var height: Int?
  /// Bands behind the first measure, widest first.
  public var bands: [PlotBand]
  /// Column of what happened, drawn beside the measures, with a line where the measures begin.
  public var history: String?
  /// Lines to compare with.
  public var marks: [PlotMark] = []
  /// Whether each value of `by` has a panel of its own, twelve at most; nil for series in one drawing.
  public var panels: PanelScale?

  /// What to draw; see the properties.
  public init(
    kind: ChartKind, x: String? = nil, measures: [String] = [], by: String? = nil, title: String? = nil,
    width: Int? = nil, height: Int? = nil, bands: [PlotBand] = [], history: String? = nil
  ) {
    self.kind = kind
    self.x = x
    self.measures = measures
    self.by = by
    self.title = title
    self.width = width
    self.height = height
    self.bands = bands
    self.history = history
  }
}
