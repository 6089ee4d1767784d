import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse
import Synchronization

/// What a command may use while it runs.
public struct RunContext: Sendable {
  /// The day that `today` stands for.
  public var today: CivilDate
  /// The seed of every random draw.
  public var seed: UInt64
  /// The company.
  public var company: Company
  /// The files.
  public var files: FileAccess
  /// Which readings of the formulas are used.
  public var settings: Settings
  /// Whether `use erpconnect` is on.
  public var usesDocuments: Bool
  /// Tells the user something that does not stop the run.
  public var warn: @Sendable (Diagnostic) -> Void
  /// Long work tells how far it is: what, done, of how much.
  public var progress: (@Sendable (WorkProgress) -> Void)?
  /// What was declared: metrics and definitions.
  public var environment = Environment()
  /// What the binder asks of the world, for statements that commands run themselves.
  var host: EngineHost
  /// Table variables of the session.
  var tables: [String: ResultTable] = [:]
  /// Value variables of the session.
  var values: [String: Value] = [:]
  /// Where a command that shows more than its rows shows it.
  var sink: (any ResultSink)?
  /// What was read and computed already.
  var memo: ResultMemo?
  /// The metrics being measured, of which none may be its own part.
  var measuring: Set<String> = []
  /// The columns of a command's result that its pipeline looks at; nil for all.
  var asked: Set<String>?
  /// Whether a dashboard's cells run.
  var isDashboard = false
  /// The history of the prompt; nil for none.
  public var historyPath: String?
  /// What the scenario at hand changes.
  public var changes = FactChanges()
  /// What was read already while the statement runs.
  public var cache = FactsCache()
  /// The server that records can be asked for; nil: none.
  public var live: (any LiveSource)?
}

/// How far long work is. With nothing to do (`what` is empty) it is over.
public struct WorkProgress: Sendable {
  /// The work: `forecast`, `read orders.csv`.
  public var what: String
  /// What is done, and of how much, in the unit of the work; 0 and nil while nobody knows.
  public var done: Double
  /// All there is to do.
  public var total: Double?
  /// Rows so far, for the rate.
  public var rows: Int?
  /// What is counted: `rows`, `products`.
  public var unit: String

  /// Work of which only the beginning is known.
  public init(_ what: String, rows: Int? = nil) {
    self.what = rows.map { "\(what), \(counted($0, "row"))" } ?? what
    done = 0
    unit = "rows"
  }

  /// Work that is so far; `rows` when `done` counts something else.
  public init(_ what: String, done: Double, of total: Double?, rows: Int? = nil, unit: String = "rows") {
    self.what = what
    self.done = done
    self.total = total
    self.rows = rows
    self.unit = unit
  }

  /// Nothing is being done.
  public static let over = WorkProgress("")
}

/// The arguments of a command at run time: values, with the declared defaults filled in.
public struct Arguments: Sendable {
  let spec: CommandSpec
  let values: [String: Value]
  let spans: [String: SourceSpan]
  /// Where the command was written.
  public let span: SourceSpan

  /// Evaluates bound arguments with the session's variables.
  init(_ spec: CommandSpec, _ bound: BoundArguments, span: SourceSpan, variables: [String: Value]) throws {
    self.spec = spec
    self.span = span
    var spans = bound.spans
    var values: [String: Value] = [:]
    for (name, e) in bound.values {
      let value = try Evaluator.constant(e, variables: variables)
      // An optional `param` that nobody set: the argument is as good as left out.
      if value.isNull { spans[name] = nil } else { values[name] = value }
    }
    self.spans = spans
    for p in spec.parameters {
      guard let value = values[p.name] else {
        if let value = p.defaultValue { values[p.name] = value }
        continue
      }
      // Of what was a variable only now the value is known.
      if let bounds = p.bounds, case .int(let n) = value, !bounds.contains(Int(clamping: n)) {
        throw Diagnostic.outOfBounds(p.name, bounds, days: false, found: String(n), spans[p.name] ?? span)
      }
    }
    self.values = values
  }

  private init(
    _ spec: CommandSpec, _ values: [String: Value], _ spans: [String: SourceSpan], _ span: SourceSpan
  ) {
    self.spec = spec
    self.values = values
    self.spans = spans
    self.span = span
  }

  /// The same with one parameter more, which stands where `other` was written.
  func setting(_ name: String, to value: Value, as other: String) -> Arguments {
    var (values, spans) = (values, spans)
    values[name] = value
    spans[name] = spans[other]
    return Arguments(spec, values, spans, span)
  }

  /// The same arguments as if some of them had been left out.
  func without(_ names: [String]) -> Arguments {
    Arguments(
      spec, values.filter { !names.contains($0.key) }, spans.filter { !names.contains($0.key) }, span)
  }

  /// Whether the user gave the parameter.
  public func isGiven(_ name: String) -> Bool { spans[name] != nil }
  /// The value, null when there is none.
  public subscript(name: String) -> Value { values[name] ?? .null }
  /// Where the parameter was written, else the command.
  public func span(_ name: String) -> SourceSpan { spans[name] ?? span }

  /// A text, or nil.
  public func text(_ name: String) -> String? { if case .text(let s) = self[name] { s } else { nil } }
  /// A list of texts; a single text is a list of one.
  public func texts(_ name: String) -> [String] {
    switch self[name] {
    case .text(let s): [s]
    case .list(let items): items.compactMap { if case .text(let s) = $0 { s } else { nil } }
    default: []
    }
  }
  /// A whole number, or nil.
  public func int(_ name: String) -> Int? {
    if case .int(let i) = self[name] { Int(exactly: i) } else { nil }
  }
  /// A number, or nil.
  public func number(_ name: String) -> Double? { self[name].asDouble }
  /// A date, or nil.
  public func date(_ name: String) -> CivilDate? { if case .date(let d) = self[name] { d } else { nil } }
  /// A flag.
  public func flag(_ name: String) -> Bool { self[name] == .bool(true) }

  /// A duration in whole days within the declared bounds; calendar months are counted back from (or on from)
  /// `today`.
  public func days(_ name: String, today: CivilDate, forward: Bool = false) throws(Diagnostic) -> Int? {
    guard case .duration(let d) = self[name] else { return nil }
    let days: Double
    if let exact = d.inDays {
      days = exact
    } else {
      // A thousand years are more than any window, and the calendar has an end.
      let months = Int(Swift.min(Swift.max(d.amount, -12_000), 12_000)) * (forward ? 1 : -1)
      days = Double(today.adding(months: months).day - today.day) * (forward ? 1 : -1)
    }
    guard days == days.rounded() else { throw .notWholeDays(name, found: d.description, span(name)) }
    // A thousand years are more than any window.
    let bounds = spec.parameters.first { $0.name == name }?.bounds ?? 0...365_250
    guard Double(bounds.lowerBound) <= days, days <= Double(bounds.upperBound) else {
      throw .outOfBounds(name, bounds, days: true, found: d.description, span(name))
    }
    return Int(days)
  }
}

/// Rows, and what only `plot`, `accuracy` and `why` read beside them.
public struct ResultTable: Sendable {
  /// The rows.
  public var table: Table
  /// The days before a forecast: key columns, `date`, `actual`.
  public var history: Table?
  /// Whether a command has shown what there is to see, so that its rows need not be shown.
  var isShown = false
  /// How each row came about, for `why`.
  public var reasons: Reasons?

  /// Rows without context.
  public init(_ table: Table, history: Table? = nil, reasons: Reasons? = nil) {
    self.table = table
    self.history = history
    self.reasons = reasons
  }
}

/// How rows came about: the formula of a row with its numbers, found again by its key.
public struct Reasons: Sendable {
  /// The column that identifies a row.
  public var key: String
  /// About how many cells `text` holds on to.
  public var weight = 0
  /// The text for a key; nil for one that is not known.
  public var text: @Sendable (Value) -> String?
}

/// A command: its declaration, how it runs, and what it needs from the facts (for `explain`).
public struct Command: Sendable {
  /// The declaration.
  public let spec: CommandSpec
  /// Computes the rows.
  public let run: @Sendable (Arguments, RunContext) throws -> ResultTable
  /// What it will do, a step a line.
  public let plan: @Sendable (Arguments, RunContext) throws -> [String]
  /// Whether it leaves out columns that no one asks for (`RunContext.asked`).
  let makesWhatIsAsked: Bool
  /// The relation it reads as it stands, when it is one: filters and columns can go down to the file.
  public let relation: RelationSpec?

  /// A command.
  public init(
    _ spec: CommandSpec, relation: RelationSpec? = nil,
    plan: @escaping @Sendable (Arguments, RunContext) throws -> [String] = { _, _ in [] },
    makesWhatIsAsked: Bool = false,
    run: @escaping @Sendable (Arguments, RunContext) throws -> ResultTable
  ) {
    self.spec = spec
    self.relation = relation
    self.plan = plan
    self.makesWhatIsAsked = makesWhatIsAsked
    self.run = run
  }

  /// A command whose plan is what it reads.
  init(
    _ spec: CommandSpec, scans: @escaping @Sendable (Arguments, RunContext) throws -> [Scan],
    run: @escaping @Sendable (Arguments, RunContext) throws -> ResultTable
  ) {
    self.init(
      spec,
      plan: { a, context in
        let warehouse = try context.company.warehouse()
        return try scans(a, context).map { "scan " + (try warehouse.description(of: $0)) }
      }, run: run)
  }
}

/// The commands of erpq. A reader finds each in the file of its name.
public enum Commands {
  /// All of them, in the order of the reference.
  public static let all: [Command] =
    [
      ForecastCommand.command, DemandCommand.command, AnomaliesCommand.command,
      AnomaliesSummaryCommand.command, SegmentCommand.command, SegmentMatrixCommand.command,
      ReplenishCommand.command, SimulateCommand.command, FrontierCommand.command, FrontierCommand.products,
      ProposeCommand.command, ProposeCommand.orderpoints,
      TrainCommand.command, ModelsCommand.command, ModelsShowCommand.command, ModelsDropCommand.command,
      OverrideCommand.command,
      StockStatusCommand.command, StockHistoryCommand.command, TopProductsCommand.command,
    ] + SupplierCommands.all + SalesTrendCommands.all + KPICommands.all
    + [OverviewCommand.command, DashboardCommand.command]
    + [
      ReadCommand.command, HistoryCommand.command, OdooModelCommand.command, HealthCommand.command,
      DoctorCommand.command,
    ]
    + RelationCommands.all

  static let byName: [String: Command] = Dictionary(uniqueKeysWithValues: all.map { ($0.spec.name, $0) })

  /// The catalogue that statements are bound with.
  public static let catalog: Catalog = {
    var keys: [String: String] = [:]
    for relation in Warehouse.relations where relation.keys.count == 1 {
      keys[relation.keys[0]] = relation.name
    }
    return Catalog(
      commands: all.map(\.spec),
      keys: keys.filter {
        ["product", "customer", "supplier", "order", "warehouse", "category", "currency"].contains($0.key)
      },
      settings: ["erpconnect"])
  }()
}

/// Hands on how far work is to whoever wants to know at the time.
public final class ProgressRelay: Sendable {
  private let listener = Mutex<(@Sendable (WorkProgress) -> Void)?>(nil)

  /// From now on this one is told; nil tells no one.
  public func set(_ listener: (@Sendable (WorkProgress) -> Void)?) {
    self.listener.withLock { $0 = listener }
  }

  /// Tells how far the work is.
  public func report(_ progress: WorkProgress) { listener.withLock { $0 }?(progress) }
}
