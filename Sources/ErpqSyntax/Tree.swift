import ErpqBase
import ErpqDiagnostics

/// A name as written: its text without backticks, and where it stands.
public struct Name: Sendable, Hashable {
  /// Without backticks.
  public var text: String
  /// With backticks.
  public var span: SourceSpan
  /// Whether it was written in backticks (and so can be no word of the grammar).
  public var isQuoted: Bool

  /// A name as the parser found it, or as an expansion makes it.
  public init(text: String, span: SourceSpan, isQuoted: Bool) {
    self.text = text
    self.span = span
    self.isQuoted = isQuoted
  }
}

/// Names joined by dots: `product.category`.
public struct Path: Sendable, Hashable {
  /// At least one.
  public var names: [Name]
  /// All of it.
  public var span: SourceSpan
  /// The names joined by dots.
  public var text: String { names.map(\.text).joined(separator: ".") }

  /// A path of names.
  public init(names: [Name], span: SourceSpan) {
    self.names = names
    self.span = span
  }
}

/// An operator of two operands.
public enum BinaryOperator: String, Sendable {
  case or, and, equal = "=", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual =
    ">="
  case isIn = "in", notIn = "not in", like, notLike = "not like", contains, notContains = "not contains"
  case matches, notMatches = "not matches"
  case range = "..", coalesce = "??", add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "mod"
}

/// A part of a string with holes.
public enum StringPart: Sendable {
  case text(String)
  case hole(Expr)
}

/// An expression of the tree.
public struct Expr: Sendable {
  /// What it is.
  public var kind: Kind
  /// Its bytes.
  public var span: SourceSpan

  /// The shapes of expressions.
  public indirect enum Kind: Sendable {
    case bool(Bool)
    case null, today, now
    case int(Int64)
    case float(Double)
    /// A share: 95% is 0.95.
    case percent(Double)
    case duration(CalendarDuration)
    case money(Double, String)
    case date(CivilDate)
    case period(Period)
    case string(String)
    case interpolated([StringPart])
    case variable(String)
    case path(Path)
    case call(Call)
    case list([Expr])
    case group(Expr)
    case query(Query)
    case negate(Expr)
    case not(Expr)
    case binary(BinaryOperator, SourceSpan, Expr, Expr)
    case isNull(Expr, negated: Bool)
    case between(Expr, Expr, Expr, negated: Bool)
    case conditional(Expr, Expr, Expr)
    /// Something that could not be read; a diagnostic stands for it.
    case error
  }

  /// An expression.
  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }

  /// The expression inside any round brackets.
  public var unwrapped: Expr {
    if case .group(let inner) = kind { return inner.unwrapped }
    return self
  }

  /// The single name it consists of, if it is one.
  public var bareName: Name? {
    if case .path(let path) = kind, path.names.count == 1 { return path.names[0] }
    return nil
  }
}

/// A function call.
public struct Call: Sendable {
  /// The function.
  public var function: Path
  /// The arguments. `name = value` names one if the function declares the name; the binder decides.
  public var arguments: [Expr]
  /// The window, for `over`.
  public var window: Window?

  /// `over 7 by product`.
  public struct Window: Sendable {
    /// How many rows, or `all`; nil in `over by …`, which means the whole partition.
    public var frame: Expr?
    /// The partition.
    public var partition: [Path]
    /// From `over` on.
    public var span: SourceSpan
  }
}

/// An expression that may be given a name: `revenue = sum(amount)`.
public struct Item: Sendable {
  /// The name.
  public var name: Name?
  /// The expression.
  public var value: Expr
}

/// A sort key.
public struct SortItem: Sendable {
  /// What to sort by.
  public var value: Expr
  /// Whether the largest come first.
  public var descending: Bool
  /// Where nulls go, when it is said.
  public var nullsFirst: Bool?
}

/// A query: a source, a filter right behind it, and stages.
public struct Query: Sendable {
  /// Where rows come from; nil for bare stages, which start from the last result.
  public var source: Source?
  /// `where …` straight after the source.
  public var filter: Expr?
  /// The stages.
  public var stages: [Stage]
  /// Its bytes.
  public var span: SourceSpan

  /// A query.
  public init(source: Source?, filter: Expr?, stages: [Stage], span: SourceSpan) {
    self.source = source
    self.filter = filter
    self.stages = stages
    self.span = span
  }
}

/// Where rows come from.
public enum Source: Sendable {
  case command(Command)
  case expression(Expr)
}

/// A command and its flat list of atoms, not yet paired with parameters.
public struct Command: Sendable {
  /// The first word.
  public var head: Path
  /// What follows.
  public var arguments: [Argument]
  /// Its bytes.
  public var span: SourceSpan

  /// A command.
  public init(head: Path, arguments: [Argument], span: SourceSpan) {
    self.head = head
    self.arguments = arguments
    self.span = span
  }
}

/// An atom of a command's arguments.
public enum Argument: Sendable {
  case value(Expr)
  /// The word `in`.
  case wordIn(SourceSpan)

  /// Its bytes.
  public var span: SourceSpan {
    switch self {
    case .value(let e): e.span
    case .wordIn(let s): s
    }
  }
}

/// How tables are joined.
public enum JoinWord: String, Sendable, CaseIterable { case inner, left, right, full, semi, anti }

/// The kinds of charts.
public enum ChartWord: String, Sendable, CaseIterable { case line, bar, scatter, hist, heatmap, area, box }

/// The formats of exports.
public enum FormatWord: String, Sendable, CaseIterable { case csv, json, jsonl, md, html, xlsx }

/// What `join` and `union` take.
public enum TableReference: Sendable {
  case variable(Name)
  case command(Path)
  case query(Query)
  case error
}

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
  }
}

/// A type as written.
public struct TypeName: Sendable {
  /// The name.
  public var name: Name
  /// In angle brackets.
  public var arguments: [TypeName]
  /// Whether `?` follows: may be null.
  public var isOptional: Bool
  /// Its bytes.
  public var span: SourceSpan
}

/// A statement.
public struct Statement: Sendable {
  /// What it is.
  public var kind: Kind
  /// Its bytes, without the end of line.
  public var span: SourceSpan
  /// The `##` lines before it.
  public var doc: String

  /// The statements of the grammar.
  public indirect enum Kind: Sendable {
    case importFile(path: String, pathSpan: SourceSpan, alias: Name?)
    case param(Name, TypeName?, Expr?)
    case letQuery(Name, Query)
    case define(Definition)
    case metric(Metric)
    case scenario(Scenario)
    case explainCode(String, SourceSpan)
    case explain(Query)
    case profile(Query)
    case use(Path)
    case describe([Name])
    case describeVariable(Name)
    case help(String)
    case query(Query)
    case error
  }
}

/// A formal parameter.
public struct Formal: Sendable {
  /// The name, without `$`.
  public var name: Name
  /// The type.
  public var type: TypeName?
  /// The default.
  public var defaultValue: Expr?
}

/// A definition: an expression, a source, or stages.
public struct Definition: Sendable {
  /// The name.
  public var name: Name
  /// The formals.
  public var formals: [Formal]
  /// The type of an expression's result.
  public var returns: TypeName?
  /// What it stands for.
  public var body: Body

  /// The three forms.
  public indirect enum Body: Sendable {
    case expression(Expr)
    /// Statements, the last being a query.
    case block([Statement])
    case stages([Stage])
    case error
  }
}

/// A KPI.
public struct Metric: Sendable {
  /// The name.
  public var name: Name
  /// The type of its value.
  public var type: TypeName?
  /// `code "SALES.ASP"`, `better "up"`, `target 30%` …
  public var attributes: [(name: Name, value: Expr)]
  /// The query.
  public var query: Query
}

/// A scenario.
public struct Scenario: Sendable {
  /// The name.
  public var name: Name
  /// The one it starts from.
  public var parent: Name?
  /// The changes.
  public var changes: [Change]

  /// A change.
  public struct Change: Sendable {
    /// What is changed.
    public var name: Name
    /// Whether a sign makes it relative.
    public var isRelative: Bool
    /// The value (with its sign).
    public var value: Expr
    /// For which rows.
    public var filter: Expr?
    /// Its bytes.
    public var span: SourceSpan
  }
}

/// What the grammar made of tokens that look alike, by the offset at which they begin; for tools that work
/// on tokens.
public struct TokenRoles: Sendable {
  /// The `-` and `+` that are signs, not operators.
  public internal(set) var signs: [Int] = []
  /// The `<` and `>` around the arguments of a type.
  public internal(set) var typeBrackets: [Int] = []
  /// The names of a metric's attributes.
  public internal(set) var attributes: [Int] = []
}

/// A parsed source: tokens, statements and what is wrong.
public struct SyntaxTree: Sendable {
  /// The source.
  public let source: SourceText
  /// All tokens; joined they are the source.
  public let tokens: [Token]
  /// The edition that the script asks for.
  public let edition: Int?
  /// The statements.
  public let statements: [Statement]
  /// Errors of the text and the grammar, in order.
  public let diagnostics: [Diagnostic]
  /// How many steps the parser took; linear in the number of tokens.
  public let steps: Int
  /// What the grammar made of tokens that look alike.
  public let roles: TokenRoles

  /// The tokens joined: the source, byte for byte.
  public var joined: String {
    var bytes: [UInt8] = []
    for token in tokens {
      bytes.append(contentsOf: source.bytes[token.triviaStart..<token.span.end])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
