import ErpqBase

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
