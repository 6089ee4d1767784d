import ErpqBase

/// How tables are joined.
public enum JoinWord: String, Sendable, CaseIterable { case inner, left, right, full, semi, anti }

/// The kinds of charts.
public enum ChartWord: String, Sendable, CaseIterable { case line, bar, scatter, hist, heatmap, area, box }

/// How the panels of a plot are scaled: by one axis for all, or each by its own.
public enum PanelsWord: String, Sendable { case shared, free }

/// The formats of exports.
public enum FormatWord: String, Sendable, CaseIterable { case csv, json, jsonl, md, html, xlsx }

/// A stage of a pipeline.
public struct Stage: Sendable {
  /// What it does.
  public var kind: Kind
  /// From its word to its end, without the `|`.
  public var span: SourceSpan
  /// Its first word.
  public var word: Name

  /// The stages of the grammar.
  public indirect enum Kind: Sendable {
    case filter(Expr)
    case select([Item])
    case extend([Item])
    case rename([(new: Name, old: Path)])
    case drop([Path])
    case distinct([Path])
    case fill([Path], Expr?)
    case sort([SortItem])
    case limit(Expr)
    case sample(Expr, seed: Int64?)
    case top(Expr, by: Expr, ascending: Bool)
    case dense(Name, by: [Path])
    case summarize([Item], by: [Item])
    case pivot(Expr, by: Expr, value: Expr)
    case join(JoinWord, TableReference, on: [Expr])
    case union(TableReference)
    case whatif([Sweep])
    case scenarios([Name])
    case diff(Name)
    case accuracy(by: [Path])
    case why(Expr?)
    case plot(Plot)
    case sparkline([Path])
    case bars([Path])
    case totals([Path])
    case export(FormatWord?, Expr, [Argument])
    case tee(Expr, [Argument])
    case save(Name)
    case assert(Quantifier, Expr, message: Expr?)
    case describe
    /// A stage by name, defined by a `def`.
    case named(Path, [Argument])
    case error
  }

  /// Which rows an assertion speaks of.
  public enum Quantifier: String, Sendable { case all, any, none }

  /// A parameter to sweep.
  public struct Sweep: Sendable {
    /// The parameter or `$param`.
    public var name: Name
    /// Whether it was written with `$`.
    public var isVariable: Bool
    /// The values.
    public var values: Expr
    /// The step of a range.
    public var step: Expr?
  }

  /// What to plot.
  public struct Plot: Sendable {
    /// The chart, when it is said.
    public var chart: ChartWord?
    /// What goes up.
    public var measures: [Expr]
    /// What goes along.
    public var versus: Expr?
    /// What gives the series.
    public var by: Expr?
    /// `to title width height`.
    public var options: [(name: Name, value: Expr)]
    /// Lines to compare with.
    public var marks: [Expr] = []
    /// Whether each series has a panel of its own.
    public var panels: PanelsWord?
  }
}
