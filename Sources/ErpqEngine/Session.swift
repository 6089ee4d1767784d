import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import ErpqWarehouse
import Foundation

/// How a session is set up.
public struct SessionOptions: Sendable {
  /// The company.
  public var company: CompanyChoice = .none
  /// The day that `today` stands for; nil: the company's.
  public var today: CivilDate?
  /// What `now` stands for; nil: the clock, or the beginning of the day that `today` was set to.
  public var now: Instant?
  /// The seed of every random draw.
  public var seed: UInt64 = 1
  /// The folder below which files may be written.
  public var folder = "."
  /// The history of the prompt, which `history` reads.
  public var historyPath: String?
  /// Whether nothing may be written.
  public var isReadOnly = false
  /// Whether the documents' formulas hold (`use erpconnect`).
  public var usesDocuments = false
  /// Values of `param`s as written.
  public var params: [String: String] = [:]
  /// The params that were named one by one: a script has to declare them. A file of values may hold more.
  public var namedParams: Set<String> = []
  /// Whether it is a prompt: `$_` exists, and a name may be declared again.
  public var isInteractive = false
  /// Whether a failed assertion is told without failing its statement, as someone at a terminal wants it.
  public var outlivesAssertions = false

  /// The server that records can be asked for; nil: none.
  public var live: (any LiveSource)?

  /// The defaults.
  public init() {}
}

/// How a run ended, as an exit code (language guide, "Running").
public enum RunOutcome: Int32, Sendable {
  case ok = 0
  case assertionFailed = 1
  case usage = 2
  case invalid = 3
  case runtime = 4
  /// A server could not be reached, or refused the sign-in.
  case connection = 5
  case interrupted = 130
}

/// Statements with what they have declared so far: checks a text whole, then runs it.
public final class Session {
  /// How it was set up.
  public let options: SessionOptions
  /// The company.
  public let company: Company
  /// The files.
  public let files: FileAccess
  /// What was declared.
  public internal(set) var environment: Environment
  private(set) var host: EngineHost
  /// What the binder asks of the world; also for completion.
  public var bindingHost: any BindingHost { host }
  private let sink: any ResultSink
  private var tables: [String: ResultTable] = [:]
  private var values: [String: Value] = [:]
  private var last: ResultTable?
  /// Tells how far long work is.
  public var progress: (@Sendable (WorkProgress) -> Void)?
  /// Asks someone for the value of a param that has none; with what was wrong with the answer before. nil: a missing
  /// value is an error.
  public var asksForParam: ((Environment.ParamInfo, _ problem: String?) -> ParamAnswer)?
  /// What was answered in the last run, as written.
  public internal(set) var answers: [(name: String, text: String)] = []

  /// A session that shows its results in `sink`.
  public init(_ options: SessionOptions, sink: any ResultSink, standardLibrary: [SourceText] = []) {
    self.options = options
    self.sink = sink
    company = Company(options.company, readOnly: options.isReadOnly)
    files = FileAccess(folder: options.folder, isReadOnly: options.isReadOnly)
    host = EngineHost(
      company: company, files: files, fixedToday: options.today, fixedNow: options.now, live: options.live)
    if case .recording = company.choice { memo = nil } else { memo = ResultMemo() }
    environment = Environment()
    let metrics = standardLibrary.filter { $0.name.contains("kpi/") }
    for source in standardLibrary where !source.name.contains("kpi/") {
      let (_, env, _) = Binder.bind(
        Parser.parse(source), catalog: Commands.catalog, host: host, environment: environment)
      environment = env
    }
    environment.markStandard()
    let base = (host, environment)
    environment.library = MetricLibrary { documents in
      let chosen = metrics.filter { documents || !$0.name.hasSuffix("/documents.erpq") }
      return Binder.metrics(of: chosen, catalog: Commands.catalog, host: base.0, environment: base.1).metrics
    }
    environment.givenParams = options.params
    environment.isInteractive = options.isInteractive
    if options.usesDocuments { environment.settings.insert("erpconnect") }
  }

  /// A session inside of a run: the same company, files, declarations and settings, its own variables.
  init(within context: RunContext, sink: any ResultSink) {
    var options = SessionOptions()
    options.company = context.company.choice
    options.today = context.today
    options.seed = context.seed
    options.isInteractive = true
    self.options = options
    self.sink = sink
    company = context.company
    files = context.files
    host = context.host
    environment = context.environment
    environment.isInteractive = true
    memo = context.memo
    isDashboard = true
  }

  private var isDashboard = false
  /// What is kept between statements. Not of a recorded company, and unused while facts are noted: a recording must hear
  /// of everything that is asked.
  private let memo: ResultMemo?
  private var isNoting = false

  /// The day that `today` stands for.
  public var today: CivilDate { host.today }
  /// From now on `now` is this moment, `today` the day that it is now, and what the statements ask of the company and
  /// of files is noted.
  func beginNoting(_ facts: FactTape, now: Instant) {
    host.fixedNow = host.fixedNow ?? now
    company.note(on: facts)
    isNoting = true
    // What was looked at before must be asked for again, or it would not be noted.
    files.cache.removeAll()
    files.tape.begin()
  }

  /// Ends `beginNoting`.
  func endNoting() {
    host.fixedNow = options.now
    company.note(on: nil)
    isNoting = false
    files.tape.end()
  }

  /// What `now` is.
  var now: Instant { host.now }

  /// The last result.
  public var lastResult: Table? { last?.table }

  /// What `check` finds: the statements as bound and everything that is wrong, in order.
  public func check(_ source: SourceText) -> (
    tree: SyntaxTree, statements: [BoundStatement], diagnostics: [Diagnostic]
  ) {
    let (tree, bound, diagnostics, env) = check(source, after: environment)
    checked = env
    return (tree, bound, diagnostics)
  }

  /// What `check` finds in a text that stands behind what `environment` holds, and what is declared behind it.
  public func check(_ source: SourceText, after environment: Environment) -> (
    tree: SyntaxTree, statements: [BoundStatement], diagnostics: [Diagnostic], environment: Environment
  ) {
    files.progress.set(progress)
    defer {
      files.progress.set(nil)
      progress?(.over)
    }
    let tree = Parser.parse(source)
    let (bound, env, diagnostics) = Binder.bind(
      tree, catalog: Commands.catalog, host: host, environment: environment)
    return (tree, bound, diagnostics, env)
  }

  private(set) var checked: Environment?

  /// The parameters that a script declares.
  public func parameters(of source: SourceText) -> [Environment.ParamInfo] {
    _ = check(source)
    return checked?.params ?? []
  }

  /// Checks a text whole and, when it is clean, runs its statements one after the other.
  public func run(_ source: SourceText, beforeStatement: ((BoundStatement) -> Void)? = nil) -> RunOutcome {
    answers = []
    defer { forgetAnswers() }
    var (_, statements, diagnostics) = check(source)
    if let outcome = tell(diagnostics) { return outcome }
    if let unknown = unknownParameter() {
      sink.error(unknown)
      return .usage
    }
    if let outcome = askForParams(source) { return outcome }
    if !answers.isEmpty {
      (_, statements, diagnostics) = check(source)
      // Warnings have been told.
      if let outcome = tell(diagnostics.filter { $0.severity == .error }) { return outcome }
    }
    if let env = checked {
      var next = env
      // A prompt goes on with what was declared; `$_` follows from the runs.
      next.lastResult = environment.lastResult
      environment = next
    }
    if let missing = environment.params.first(where: { isMissing($0) }) {
      sink.error(
        Diagnostic(
          .missingParameterValue, "the parameter `\(missing.name)` has no value", label: "",
          notes: [
            options.isInteractive
              ? "give it one: `param \(missing.name) = …` (\(missing.type.spoken))"
              : "give one with `--set \(missing.name)=…` (\(missing.type.spoken))"
          ]))
      return .invalid
    }
    for statement in statements {
      beforeStatement?(statement)
      let outcome = run(statement)
      if outcome != .ok { return outcome }
    }
    return .ok
  }

  /// A value given from outside for a parameter that the script does not declare.
  private func unknownParameter() -> Diagnostic? {
    guard !options.isInteractive, let declared = checked?.params.map(\.name),
      let name = options.namedParams.sorted().first(where: { !declared.contains($0) })
    else { return nil }
    let near = nearest(to: name, among: declared)
    let known = declared.isEmpty ? "it declares no params" : "its params are " + listed(declared, "and")
    return Diagnostic(
      .unknownParameter, "this script has no param `\(name)`, which --set gives a value",
      notes: [near.isEmpty ? known : "did you mean " + listed(near, quoting: "`") + "?"])
  }

  /// Tells what a check found; how the run ends, if that ends it.
  private func tell(_ diagnostics: [Diagnostic]) -> RunOutcome? {
    for diagnostic in diagnostics.prefix(20) {
      if diagnostic.severity == .error { sink.error(diagnostic) } else { sink.warn(diagnostic) }
    }
    if diagnostics.count > 20 { sink.note("and \(diagnostics.count - 20) more") }
    let errors = diagnostics.filter { $0.severity == .error }
    if errors.isEmpty { return nil }
    return errors.allSatisfy { $0.code == .connection } ? .connection : .invalid
  }

  private func context() -> RunContext {
    let documents = environment.settings.contains("erpconnect")
    let sink = self.sink
    return RunContext(
      today: host.today, seed: options.seed, company: company, files: files,
      settings: documents ? .erpconnect : .default, usesDocuments: documents, warn: { sink.warn($0) },
      progress: progress, environment: environment, host: host, tables: tables, values: values, sink: sink,
      memo: isNoting ? nil : memo, isDashboard: isDashboard, historyPath: options.historyPath,
      live: options.live)
  }

  private func run(_ statement: BoundStatement) -> RunOutcome {
    var executor = Executor(context: context(), sink: sink, tables: tables, values: values, last: last)
    executor.assertionsStop = !options.outlivesAssertions
    files.progress.set(progress)
    defer {
      files.progress.set(nil)
      progress?(.over)
    }
    do {
      try perform(statement, &executor)
      for (name, table) in executor.saved { tables[name] = table }
      return .ok
    } catch is Cancellation.Interrupted {
      sink.error(Diagnostic(.interrupted, "interrupted"))
      return .interrupted
    } catch is AssertionStop {
      return .assertionFailed
    } catch {
      let located = Executor.located(error, statement.span, statement.text)
      if let d = located as? Diagnostic {
        sink.error(d)
        return d.code == .interrupted ? .interrupted : d.code == .connection ? .connection : .runtime
      }
      sink.error(Diagnostic(.runtime, "\(error)"))
      return .runtime
    }
  }

  private func perform(_ statement: BoundStatement, _ executor: inout Executor) throws {
    switch statement.kind {
    case .broken, .declaration: break
    case .use(let name): environment.settings.insert(name)
    case .param(let name, _, let value): if let value { values[name] = value }
    case .explainCode(let code): sink.text(Explanations.page(code))
    case .help(let topic):
      sink.text(HelpPages.page(topic, catalog: Commands.catalog, environment: environment, host: host))
    case .describe(let description): show(description)
    case .assign(let name, let query):
      if query.scalarType != nil, let value = try scalar(query, executor) {
        values[name] = value
        tables[name] = nil
      } else {
        tables[name] = try executor.run(query)
        values[name] = nil
      }
    case .explain(let query): sink.text(try Explain.text(query, executor))
    case .profile(let query): try profile(query, &executor)
    case .query(let query):
      if query.scalarType != nil, let value = try scalar(query, executor) {
        sink.value(value, of: query.schema.fields.first ?? Field("value", value.type))
        return
      }
      let result = try executor.run(query)
      last = result
      environment.lastResult = result.table.schema
      if !executor.hasShown, !result.isShown { sink.table(result.table) }
    }
  }

  private func scalar(_ query: BoundQuery, _ executor: Executor) throws -> Value? {
    switch query.source {
    case .value(let e): return try executor.constant(e)
    case .query(let inner): return try scalar(inner, executor)
    default: return nil
    }
  }

  private func show(_ description: Description) {
    switch description {
    case .schema(_, let schema): sink.table(HelpPages.table(of: schema))
    case .command(let spec):
      let schema = (try? spec.output(BoundArguments(), host)) ?? .unknown
      sink.text(HelpPages.command(spec, columns: schema))
    case .function(let spec): sink.text(HelpPages.function(spec))
    case .table(_, let table): sink.table(table)
    }
  }

  private func profile(_ query: BoundQuery, _ executor: inout Executor) throws {
    executor.steps = []
    let result = try executor.run(query)
    last = result
    environment.lastResult = result.table.schema
    let steps = executor.steps ?? []
    let total = steps.reduce(0) { $0 + $1.seconds }
    let table = Table([
      ("step", Column.texts(steps.map(\.name) + ["total"])),
      ("rows", Column(.int, .ints(steps.map { Int64($0.rows) } + [Int64(result.table.rowCount)]))),
      (
        "time",
        Column(
          .duration(.time),
          .doubles((steps.map(\.seconds) + [total]).map { ($0 * 1_000_000).rounded() / 1000 }))
      ),
      (
        "share",
        Column(
          .percent,
          .doubles(
            (steps.map(\.seconds) + [total]).map { total > 0 ? ($0 / total * 1000).rounded() / 1000 : 0 }))
      ),
    ])
    sink.table(table)
  }
}

extension Environment {
  /// Marks everything declared so far as belonging to the standard library, which scripts may redefine.
  mutating func markStandard() {
    for key in definitions.keys { definitions[key]?.isStandard = true }
  }
}
