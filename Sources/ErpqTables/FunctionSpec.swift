import ErpqBase

/// What a function's parameter takes.
public indirect enum TypePattern: Sendable {
  /// Any value.
  case any
  /// int, number, percent, money, quantity.
  case numeric
  /// Anything with an order: numeric, text, date, datetime, duration, period, bool.
  case ordered
  /// date, datetime or period.
  case temporal
  /// Exactly this type (a unit left out fits every unit; int fits number).
  case exact(ValueType)
  /// One of several patterns.
  case oneOf([TypePattern])
  /// The type of the parameter at that place (int and number mix).
  case sameAs(Int)
}

/// A function of the language, declared once: binding, help, hover, completion, docs and example tests read
/// this.
public struct FunctionSpec: Sendable {
  /// A parameter of a function.
  public struct Parameter: Sendable {
    /// The name, usable as `name = value` in a call.
    public var name: String
    /// What it takes.
    public var accepts: TypePattern
    /// The value when it is left out; nil means it must be given.
    public var defaultValue: Value?
    /// Whether the argument must be the same for all rows (a literal, a `$variable`, or arithmetic on them).
    public var isConstant: Bool
    /// One line of help.
    public var doc: String

    /// A parameter.
    public init(
      _ name: String, _ accepts: TypePattern, default defaultValue: Value? = nil, constant: Bool = false,
      _ doc: String = ""
    ) {
      self.name = name
      self.accepts = accepts
      self.defaultValue = defaultValue
      isConstant = constant
      self.doc = doc
    }
  }

  /// A runnable expression and the text of its value.
  public struct Example: Sendable {
    /// An expression (for aggregates and windows: a pipeline from a list source `[3, 1, 2]`).
    public var code: String
    /// What it prints, as `Value.description` writes it.
    public var result: String

    /// An example.
    public init(_ code: String, _ result: String) {
      self.code = code
      self.result = result
    }
  }

  /// How a function is computed.
  public enum Kind: Sendable {
    case scalar(ScalarKernel)
    case aggregate(AggregateKind)
    /// A window function; makes its kind from the constant arguments after the first.
    case window(@Sendable ([Value]) -> WindowKind)
  }

  /// The name as written in calls.
  public var name: String
  /// `text`, `number`, `date`, `conditional`, `conversion`, `aggregate`, `window`.
  public var category: String
  /// One sentence.
  public var summary: String
  /// The parameters in order.
  public var parameters: [Parameter]
  /// Whether the last parameter may be given any number of times.
  public var isVariadic: Bool
  /// The type of the result, from the types of the arguments.
  public var returns: @Sendable ([ValueType]) -> ValueType
  /// The result in the words of the docs, such as `number` or `as x`.
  public var returnsDoc: String
  /// Other words a search should find it by.
  public var searchWords: [String]
  /// At least one.
  public var examples: [Example]
  /// How it is computed.
  public var kind: Kind

  /// A declaration.
  public init(
    _ name: String, category: String, _ summary: String, _ parameters: [Parameter], variadic: Bool = false,
    returnsDoc: String, searchWords: [String] = [], examples: [Example], kind: Kind,
    returns: @escaping @Sendable ([ValueType]) -> ValueType
  ) {
    self.name = name
    self.category = category
    self.summary = summary
    self.parameters = parameters
    isVariadic = variadic
    self.returns = returns
    self.returnsDoc = returnsDoc
    self.searchWords = searchWords
    self.examples = examples
    self.kind = kind
  }
}
