import ErpqBase
import ErpqDiagnostics
import ErpqTables

/// What a parameter of a command takes.
public indirect enum ParameterType: Sendable {
  /// A value of the type; a bare number takes the type's unit.
  case value(ValueType)
  /// One of these words.
  case word([String])
  /// Nothing: naming it switches it on.
  case flag
  /// One value or a list of them.
  case list(ParameterType)
  /// A record of the ERP by id, code or name (`product 101`, `product "Corner Desk"`), or a list of them.
  case record(String)
  /// Names of columns: one word or a list of words.
  case columns
  /// A metric by name, alias or code.
  case metric
  /// A list of conditions as Odoo writes them: lists of field, operator and value, with "|", "&" and "!" between.
  case conditions
  /// Any value.
  case any

  /// The type in the words of the docs.
  public var description: String {
    switch self {
    case .value(let type): type.description
    case .word(let words): words.joined(separator: " | ")
    case .flag: "flag"
    case .list(let element): "\(element.description) or a list"
    case .record(let kind): "\(kind): id, code or name"
    case .columns: "column or [columns]"
    case .metric: "metric"
    case .conditions: "[[field, operator, value], …]"
    case .any: "any value"
    }
  }
}

/// A parameter of a command, declared once: binding, help, completion and docs read it.
public struct ParameterSpec: Sendable {
  /// The word that names it.
  public var name: String
  /// What it takes.
  public var type: ParameterType
  /// Its value when it is not given; nil means there is none.
  public var defaultValue: Value?
  /// Whether the command needs it.
  public var isRequired: Bool
  /// Its place among the values given without a name; nil if it must be named.
  public var position: Int?
  /// The least and the most of a number, or of a duration in days; nil for any.
  public var bounds: ClosedRange<Int>?
  /// Whether its text names a file that is read.
  public var isFile: Bool
  /// One line of help.
  public var doc: String

  /// A parameter.
  public init(
    _ name: String, _ type: ParameterType, default defaultValue: Value? = nil, required: Bool = false,
    position: Int? = nil, in bounds: ClosedRange<Int>? = nil, isFile: Bool = false, _ doc: String
  ) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    isRequired = required
    self.position = position
    self.bounds = bounds
    self.isFile = isFile
    self.doc = doc
  }
}

/// A statement that shows a command at work; examples are run by the tests.
public struct Example: Sendable {
  /// The statement.
  public var code: String
  /// What it answers, in a few words.
  public var title: String
  /// Whether it needs a server, so that it cannot be run with the demo company.
  public var needsServer: Bool

  /// An example.
  public init(_ code: String, _ title: String, needsServer: Bool = false) {
    self.code = code
    self.title = title
    self.needsServer = needsServer
  }
}

/// The arguments of a command after binding: typed, units converted, defaults not yet filled in.
public struct BoundArguments: Sendable {
  /// The value of each parameter that was given.
  public var values: [String: Expression] = [:]
  /// Where each was written.
  public var spans: [String: SourceSpan] = [:]
  /// What `use` has set where the command stands.
  public var settings: Set<String> = []

  /// No arguments.
  public init() {}

  /// The value of a parameter if it is known before the run.
  public func constant(_ name: String) -> Value? {
    if case .constant(let value, _)? = values[name] { return value }
    return nil
  }
}

/// What a declaration may ask while a statement is bound: files, the company, the clock. Handed in from above.
public protocol BindingHost: Sendable {
  /// The day that `today` stands for.
  var today: CivilDate { get }
  /// The moment that `now` stands for.
  var now: Instant { get }
  /// The company's currency, when a company is open.
  var currency: String? { get }
  /// The columns of a data file; throws with a sentence for the user.
  func fileSchema(_ path: String, _ arguments: BoundArguments) throws(Diagnostic) -> Schema
  /// The text of an imported script and a name that identifies it; `from` is the importing file.
  func module(_ path: String, from: String) throws(Diagnostic) -> SourceText
  /// The columns of records that a server is asked for; not known where there is no server.
  func serverSchema(_ model: String, fields: [String], _ arguments: BoundArguments) throws(Diagnostic)
    -> Schema
}

extension BindingHost {
  /// Not known.
  public func serverSchema(
    _ model: String, fields: [String], _ arguments: BoundArguments
  ) throws(Diagnostic) -> Schema { .unknown }
}

/// A command (a source) declared once: name, parameters, columns, help, examples.
public struct CommandSpec: Sendable {
  /// One or more words: `forecast`, `stock status`.
  public var name: String
  /// The parameters.
  public var parameters: [ParameterSpec]
  /// One sentence.
  public var summary: String
  /// Paragraphs of help.
  public var help: String
  /// Other words a search should find it by.
  public var searchWords: [String]
  /// At least one; run by the tests.
  public var examples: [Example]
  /// The columns of the result, from the arguments.
  public var output: @Sendable (BoundArguments, any BindingHost) throws(Diagnostic) -> Schema
  /// The group in the command reference.
  public var group: String
  /// Whether its rows are things (products, customers), not events: then a metric's period does not choose among
  /// them.
  public var namesThings = false
  /// The facts it works on that a scenario may change: `demand`, `lead_time` …
  public var facts: [String]
  /// Whether `why` can tell how its rows came about.
  public var tellsWhy: Bool
  /// The arguments under which its rows hold what came beside what was expected, where an `accuracy` follows and they do
  /// not say so themselves; nil where nothing can be added.
  public var whenJudged: @Sendable (BoundArguments) -> BoundArguments? = { _ in nil }

  /// A declaration.
  public init(
    _ name: String, group: String, _ summary: String, help: String = "", searchWords: [String] = [],
    parameters: [ParameterSpec], examples: [Example], facts: [String] = [], tellsWhy: Bool = false,
    output: @escaping @Sendable (BoundArguments, any BindingHost) throws(Diagnostic) -> Schema
  ) {
    self.name = name
    self.group = group
    self.summary = summary
    self.help = help
    self.searchWords = searchWords
    self.parameters = parameters
    self.examples = examples
    self.output = output
    self.facts = facts
    self.tellsWhy = tellsWhy
  }

  /// The words of the name.
  public var words: [String] { name.split(separator: " ").map(String.init) }

  /// How it is written: `forecast [product …] [horizon duration]`.
  public var usage: String {
    var parts = [name]
    for p in parameters {
      let body: String
      switch p.type {
      case .flag: body = p.name
      default: body = p.position == nil ? "\(p.name) …" : "<\(p.name)>"
      }
      parts.append(p.isRequired ? body : "[\(body)]")
    }
    return parts.joined(separator: " ")
  }
}

/// Everything that can be named: commands, functions, keys. A value handed to the binder.
public struct Catalog: Sendable {
  /// The commands, in the order of the reference.
  public var commands: [CommandSpec]
  /// The functions, in the order of the reference.
  public var functions: [FunctionSpec]
  /// Key columns and the relation each leads to: `product` → `products`.
  public var keys: [String: String]
  /// The settings of `use`.
  public var settings: [String]
  private var byFirstWord: [String: [Int]]
  private var functionIndex: [String: Int]

  /// A catalogue of commands and functions.
  public init(
    commands: [CommandSpec], functions: [FunctionSpec] = Functions.all, keys: [String: String] = [:],
    settings: [String] = []
  ) {
    self.commands = commands
    self.functions = functions
    self.keys = keys
    self.settings = settings
    byFirstWord = [:]
    functionIndex = [:]
    for (i, c) in commands.enumerated() { byFirstWord[c.words[0], default: []].append(i) }
    for (i, f) in functions.enumerated() { functionIndex[f.name] = i }
  }

  /// The function of that name.
  public func function(_ name: String) -> FunctionSpec? { functionIndex[name].map { functions[$0] } }

  /// The command of exactly that name.
  public func command(_ name: String) -> CommandSpec? { commands.first { $0.name == name } }

  /// The commands that begin with a word.
  public func commands(beginningWith word: String) -> [CommandSpec] {
    (byFirstWord[word] ?? []).map { commands[$0] }
  }

  /// The command whose name is the longest run of `words` from the first, and how many words that took.
  public func longestMatch(_ words: [String]) -> (CommandSpec, Int)? {
    guard let first = words.first else { return nil }
    var best: (CommandSpec, Int)?
    for command in commands(beginningWith: first) {
      let name = command.words
      if name.count <= words.count, Array(words.prefix(name.count)) == name, name.count > (best?.1 ?? 0) {
        best = (command, name.count)
      }
    }
    return best
  }
}
