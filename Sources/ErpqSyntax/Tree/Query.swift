import ErpqBase

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

/// What `join` and `union` take.
public enum TableReference: Sendable {
  case variable(Name)
  case command(Path)
  case query(Query)
  case error
}
