import ErpqBase

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
