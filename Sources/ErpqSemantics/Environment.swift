import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

/// A variable that a statement may use with `$`.
public enum VariableInfo: Sendable {
  /// A table with these columns.
  case table(Schema)
  /// A value; known already, or only when the script runs.
  case value(ValueType, Value?)
}

/// A definition, and where it was written.
public struct DefinitionInfo: Sendable {
  /// The definition.
  public var definition: Definition
  /// Its `##` lines.
  public var doc: String
  /// The text it stands in.
  public var source: SourceText
  /// The prefix of the module it belongs to, such as `r.`; empty for the script itself.
  public var prefix: String
  /// Whether it belongs to the standard library.
  public var isStandard: Bool
}

/// A scenario that was declared.
public struct ScenarioInfo: Sendable {
  /// The declaration.
  public var scenario: Scenario
  /// Its `##` lines.
  public var doc: String
  /// The value of each change, with its sign.
  public var values: [Value]
  /// The filter of each change as written; empty when it has none.
  public var filters: [String]
}

/// What statements so far have declared. A value: `check` works on a copy, a prompt goes on with it.
public struct Environment: Sendable {
  /// Variables by name, without `$`.
  public var variables: [String: VariableInfo] = [:]
  /// Definitions by name, with their module's prefix.
  public var definitions: [String: DefinitionInfo] = [:]
  /// Metrics of scripts by name.
  public internal(set) var metrics: [String: MetricInfo] = [:]
  /// Their names in the order of their declaration.
  public internal(set) var metricOrder: [String] = []
  /// The metrics of the standard library.
  public var library: MetricLibrary?
  /// Scenarios by name.
  public var scenarios: [String: ScenarioInfo] = [:]
  /// The parameters declared with `param`, in order: name, type, doc, default.
  public var params: [ParamInfo] = []
  /// The settings switched on by `use`.
  public var settings: Set<String> = []
  /// The columns of `$_`, nil before the first result.
  public var lastResult: Schema?
  /// Values for `param`, from `--set` and `--params`, as written.
  public var givenParams: [String: String] = [:]
  /// Whether `$_` and bare stages are allowed.
  public var isInteractive = false
  var importing: [String] = []
  /// The prefixes of imports that could not be read; names with them may well exist.
  var missingImports: Set<String> = []
  var imported: Set<String> = []

  /// Whether a name may belong to an import that could not be read, which has been told already.
  func mayBeImported(_ name: String) -> Bool {
    missingImports.contains { $0.isEmpty ? !name.contains(".") : name.hasPrefix($0) }
  }

  /// Nothing declared.
  public init() {}

  /// A parameter of a script.
  public struct ParamInfo: Sendable {
    /// Its name.
    public var name: String
    /// Its type.
    public var type: ValueType
    /// Whether null is allowed.
    public var isOptional: Bool
    /// Its default.
    public var defaultValue: Value?
    /// Its `##` lines.
    public var doc: String
  }
}
