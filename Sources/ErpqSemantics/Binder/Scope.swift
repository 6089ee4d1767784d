import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

/// What an expression may refer to, and what it may do.
struct Scope {
  /// The columns at hand.
  var schema: Schema
  /// Whether there are rows at all; arguments and `let` values have none.
  var hasRows: Bool
  /// Formals of the definition being expanded.
  var formals: [String: Expression] = [:]
  /// Tables that `let` names inside of a definition.
  var tables: [String: BoundQuery] = [:]
  /// Where it stands, in the user's words: `where`, `summarize` …
  var stage = ""
  var aggregates = Aggregates.refused
  var windows = false
  /// The right side of a join's `on`.
  var right: Schema?
  /// Whether bare names are words, not columns (`metrics [revenue, units]`).
  var wordsAllowed = false

  enum Aggregates { case refused, allowed, inside }

  static let rowless = Scope(schema: Schema([]), hasRows: false)

  /// Rows of a schema, for a stage.
  func rows(_ schema: Schema, stage: String, aggregates: Aggregates = .refused, windows: Bool = false)
    -> Scope
  {
    var scope = self
    scope.schema = schema
    scope.hasRows = true
    scope.stage = stage
    scope.aggregates = aggregates
    scope.windows = windows
    scope.right = nil
    return scope
  }

  /// Without rows, formals kept.
  var withoutRows: Scope {
    var scope = Scope.rowless
    scope.formals = formals
    scope.tables = tables
    return scope
  }
}

extension Value {
  /// The same number under the tag of another type.
  func retagged(_ type: ValueType) -> Value {
    guard let d = asDouble else { return self }
    switch type {
    case .number: return .number(d)
    case .percent: return .percent(d)
    case .money(let currency): return .money(d, currency ?? "")
    case .quantity(let unit): return .quantity(d, unit ?? "")
    default: return self
    }
  }
}

extension Expression {
  static let broken = Expression.constant(.null, .unknown)

  var isBroken: Bool {
    if case .constant(.null, .unknown) = self { return true }
    return false
  }

  /// Whether it is the same for all rows.
  var isConstant: Bool {
    switch self {
    case .constant, .variable: true
    case .column, .aggregate, .window: false
    case .call(_, let arguments, _): arguments.allSatisfy(\.isConstant)
    }
  }

  /// Whether an aggregate is in it.
  var hasAggregate: Bool {
    switch self {
    case .aggregate: true
    case .call(_, let arguments, _): arguments.contains(where: \.hasAggregate)
    default: false
    }
  }

  /// The columns it reads.
  public var columns: Set<String> {
    switch self {
    case .column(let name, _): return [name]
    case .constant, .variable: return []
    case .call(_, let arguments, _), .aggregate(_, let arguments, _):
      return arguments.reduce(into: []) { $0.formUnion($1.columns) }
    case .window(_, let argument, let partition, _):
      return (argument?.columns ?? []).union(partition)
    }
  }

  /// The same computation under another type of the same physical kind, without work at run time where possible.
  func retyped(_ type: ValueType) -> Expression {
    switch self {
    case .constant(let value, _): return .constant(value.retagged(type), type)
    case .column, .variable:
      return self.type == type ? self : .call(Operators.convert, [self], type)
    case .call(let kernel, let arguments, _): return .call(kernel, arguments, type)
    case .aggregate(let kind, let arguments, _): return .aggregate(kind, arguments, type)
    case .window(let kind, let argument, let partition, _): return .window(kind, argument, partition, type)
    }
  }
}
