import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

/// A query after binding: names resolved, units converted, the schema of every step known.
public struct BoundQuery: Sendable {
  /// Where rows come from.
  public var source: BoundSource
  /// The steps, the filter behind the source included.
  public var stages: [BoundStage]
  /// The columns of the source.
  public var sourceSchema: Schema
  /// Its bytes.
  public var span: SourceSpan
  /// The text that the spans lie in.
  public var text: SourceText

  /// The columns of the result.
  public var schema: Schema { stages.last?.schema ?? sourceSchema }

  /// The type of the single value it gives, when it is one (`30 * 2`).
  public var scalarType: ValueType? {
    if stages.isEmpty, case .value(let e) = source { return e.type }
    if stages.isEmpty, case .query(let q) = source { return q.scalarType }
    return nil
  }

  /// Whether something in it could not be bound; such a query never runs.
  public var isBroken: Bool {
    if case .broken = source { return true }
    if case .query(let q) = source, q.isBroken { return true }
    return stages.contains { if case .broken = $0.kind { true } else { false } }
  }
}

/// Where rows come from.
public indirect enum BoundSource: Sendable {
  case command(CommandSpec, BoundArguments, SourceSpan)
  /// A table variable.
  case variable(String)
  /// A single value.
  case value(Expression)
  /// A list: one row an element, in the column `value`.
  case list(Expression)
  /// A query in brackets, or what a definition stands for.
  case query(BoundQuery)
  /// The last result.
  case lastResult
  case broken
}

/// A step of a pipeline.
public struct BoundStage: Sendable {
  /// What it does.
  public var kind: Kind
  /// The columns behind it.
  public var schema: Schema
  /// Where it was written.
  public var span: SourceSpan
  /// The word it begins with, for `explain`.
  public var word: String

  /// A named expression.
  public typealias Named = (name: String, value: Expression)

  /// The steps.
  public indirect enum Kind: Sendable {
    case filter(Expression)
    case select([Named])
    case extend([Named])
    case rename([(new: String, old: String)])
    case drop([String])
    case distinct([String])
    case fill([String], Expression?)
    case sort([(value: Expression, descending: Bool, nullsFirst: Bool?)])
    case limit(Expression)
    case sample(Expression, seed: UInt64?)
    case top(Expression, by: Expression, ascending: Bool)
    case dense(String, by: [String])
    /// Keys, then aggregates as expressions over the group.
    case summarize([Named], by: [Named])
    case pivot(rows: Named, columns: Named, value: Expression)
    case join(JoinKind, BoundQuery, on: [(left: Named, right: String)], merge: [String])
    case union(BoundQuery)
    /// Columns of a relation by its key: `product.category`.
    case lookup(key: String, relation: CommandSpec, columns: [(column: String, as: String)])
    case plot(BoundPlot)
    case sparkline([String])
    /// Columns that are drawn as bars beside their numbers.
    case bars([String])
    /// A row of totals below the rows: of these columns, or of all whose values may be added up.
    case totals([String]?)
    case export(FormatWord?, Expression, options: [String: Expression])
    case tee(Expression, options: [String: Expression])
    case save(String)
    case assert(Stage.Quantifier, Expression, message: Expression?, whole: Bool)
    case describe
    /// The pipeline before it at every point of a grid.
    case whatif([BoundSweep])
    /// The pipeline before it under each scenario.
    case scenarios([BoundScenario])
    /// Each group of rows against the first, by the column that tells them apart and the keys of a row.
    case diff(String, keys: [String])
    /// How the first rows, or those that match, came about.
    case why(Expression?)
    /// How far forecasts were from what came, by columns.
    case accuracy([String])
    /// The stages of a definition.
    case block([BoundStage])
    case broken
  }
}

/// A parameter with the values that it takes in turn.
public struct BoundSweep: Sendable {
  /// The parameter or the variable, without `$`.
  public var name: String
  /// Whether it is a variable.
  public var isVariable: Bool
  /// The type of the values.
  public var type: ValueType
  /// The values.
  public var values: [Expression]
  /// Where it was written.
  public var span: SourceSpan

  /// The column that tells the rows of its values apart.
  public var field: Field { Field(name, type, "varied by whatif", plot: .axis) }
}

/// A scenario with its changes, those of the scenario it starts from first.
public struct BoundScenario: Sendable {
  /// Its name; `base` is the company as it is.
  public var name: String
  /// The changes, in order.
  public var changes: [Change]

  /// The column that tells the rows of several scenarios apart.
  public static let field = Field("scenario", .text, "what holds", plot: .axis)

  /// A change of a fact or of a parameter.
  public struct Change: Sendable {
    /// What it changes.
    public var name: String
    /// Whether that is a fact or a parameter of the source.
    public var target: Target
    /// The amount, with its sign, or the new value.
    public var value: Value
    /// Whether it is added to (a percentage: multiplied onto) what there is.
    public var isRelative: Bool
    /// For which products.
    public var filter: Expression?
  }

  /// What a change speaks of.
  public enum Target: Sendable { case fact, parameter }
}

/// What to plot, bound.
public struct BoundPlot: Sendable {
  /// The chart, when it is said.
  public var chart: ChartWord?
  /// What goes up, along, and gives the series.
  public var measures: [BoundStage.Named]
  /// What goes along.
  public var versus: BoundStage.Named?
  /// What gives the series.
  public var by: BoundStage.Named?
  /// `to title width height`.
  public var options: [String: Expression]
  /// Lines to compare with.
  public var marks: [BoundStage.Named] = []
  /// Whether each series has a panel of its own.
  public var panels: PanelsWord?
}

/// A statement after binding.
public struct BoundStatement: Sendable {
  /// What to do.
  public var kind: Kind
  /// Where it was written.
  public var span: SourceSpan
  /// The text that the span lies in.
  public var text: SourceText

  /// What a statement does when it runs.
  public enum Kind: Sendable {
    case query(BoundQuery)
    case assign(String, BoundQuery)
    /// The value of a parameter, nil while nobody has given one.
    case param(String, ValueType, Value?)
    case explain(BoundQuery)
    case profile(BoundQuery)
    case explainCode(String)
    case use(String)
    /// A description that is ready to show: title and lines of a table.
    case describe(Description)
    case help(String)
    /// A definition, import, metric or scenario: nothing to run.
    case declaration
    case broken
  }
}

/// What `describe` shows.
public enum Description: Sendable {
  case schema(title: String, Schema)
  case command(CommandSpec)
  case function(FunctionSpec)
  case table(title: String, Table)
}
