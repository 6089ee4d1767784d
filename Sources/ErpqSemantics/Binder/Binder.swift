import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

/// Gives names and types to a tree: pairs arguments with parameters, flows schemas through stages, checks units.
///
/// `check`, the prompt, completion and the language server all use this one binder, so they cannot disagree.
public struct Binder {
  let catalog: Catalog
  let host: any BindingHost
  /// What statements so far have declared; grows as statements are bound.
  public var environment: Environment
  var diagnostics: [Diagnostic] = []
  var source: SourceText
  /// The prefix of the module whose text is being bound.
  var modulePrefix = ""
  /// Columns of other relations that the stage being bound reaches through a key.
  var pendingLookups: [(key: String, relation: CommandSpec, column: String, as: String)] = []
  /// Definitions being expanded, against recursion.
  var expanding: [String] = []
  /// Places whose words mean nothing, so that errors of grammar within them are no news.
  var explained: [SourceSpan] = []
  /// The command that the pipeline being bound begins with.
  var sourceSpec: CommandSpec?
  private let root: SourceText

  /// A binder for one text.
  public init(catalog: Catalog, host: any BindingHost, environment: Environment, source: SourceText) {
    self.catalog = catalog
    self.host = host
    self.environment = environment
    self.source = source
    root = source
  }

  /// Marks a place of the text whose words mean nothing, which has been told.
  mutating func explain(_ span: SourceSpan) {
    if source === root { explained.append(span) }
  }

  /// Binds all statements of a tree: what to run, what was declared, what is wrong (the tree's own errors first).
  public static func bind(
    _ tree: SyntaxTree, catalog: Catalog, host: any BindingHost, environment: Environment
  ) -> (statements: [BoundStatement], environment: Environment, diagnostics: [Diagnostic]) {
    var binder = Binder(catalog: catalog, host: host, environment: environment, source: tree.source)
    var bound: [BoundStatement] = []
    if !environment.isInteractive { binder.announce(tree) }
    for statement in tree.statements { bound.append(binder.bind(statement)) }
    let grammar = tree.diagnostics.filter { diagnostic in
      let follows: Set<DiagnosticCode> = [.expected, .foreignSyntax, .parameterEquals, .chainedComparison]
      guard let span = diagnostic.span, follows.contains(diagnostic.code) else { return true }
      return !binder.explained.contains { $0.start <= span.start && span.end <= $0.end }
    }
    let all = grammar + binder.diagnostics
    let sorted = all.enumerated().sorted {
      ($0.element.span?.start ?? 0, $0.offset) < ($1.element.span?.start ?? 0, $1.offset)
    }.map(\.element)
    return (bound, binder.environment, sorted)
  }

  /// Makes the definitions of a text known before it is bound, so that they may use each other in any order.
  mutating func announce(_ tree: SyntaxTree) {
    for statement in tree.statements {
      guard case .define(let definition) = statement.kind else { continue }
      let key = modulePrefix + definition.name.text
      if let old = environment.definitions[key], old.source === source { continue }
      environment.definitions[key] = DefinitionInfo(
        definition: definition, doc: statement.doc, source: source, prefix: modulePrefix, isStandard: false)
    }
  }

  mutating func report(_ diagnostic: Diagnostic) {
    let located = diagnostic.within(source)
    // The same mistake in an expanded definition is told once.
    if diagnostics.contains(where: {
      $0.code == located.code && $0.span == located.span && $0.source === located.source
        && $0.message == located.message
    }) {
      return
    }
    diagnostics.append(located)
  }

  // MARK: Statements

  mutating func bind(_ statement: Statement) -> BoundStatement {
    func done(_ kind: BoundStatement.Kind) -> BoundStatement {
      BoundStatement(kind: kind, span: statement.span, text: source)
    }
    switch statement.kind {
    case .error: return done(.broken)
    case .importFile(let path, let span, let alias):
      importModule(path, span, alias)
      return done(.declaration)
    case .param(let name, let type, let value): return done(bindParam(name, type, value, statement.doc))
    case .letQuery(let name, let query): return done(bindLet(name, query))
    case .define(let definition):
      define(definition, doc: statement.doc)
      return done(.declaration)
    case .metric(let metric):
      declare(metric, doc: statement.doc)
      return done(.declaration)
    case .scenario(let scenario):
      declare(scenario, doc: statement.doc)
      return done(.declaration)
    case .explainCode(let code, let span):
      if DiagnosticCode(rawValue: code) == nil {
        var diagnostic = Diagnostic.unknownName("error code", code, span, near: [], options: [])
        diagnostic.notes = ["the code of an error stands in brackets before it, as in `error[E0203]`"]
        report(diagnostic)
        return done(.broken)
      }
      return done(.explainCode(code))
    case .explain(let query): return done(.explain(bind(query, scope: .rowless)))
    case .profile(let query): return done(.profile(bind(query, scope: .rowless)))
    case .use(let path):
      if !catalog.settings.contains(path.text) {
        report(
          .unknownName(
            "setting", path.text, path.span, near: nearest(to: path.text, among: catalog.settings),
            options: catalog.settings))
        return done(.broken)
      }
      environment.settings.insert(path.text)
      return done(.use(path.text))
    case .describe(let words): return done(describe(words, end: statement.span.end))
    case .describeVariable(let name): return done(describeVariable(name))
    case .help(let text): return done(.help(text))
    case .query(let query):
      let bound = bind(query, scope: .rowless)
      if !bound.isBroken, bound.scalarType == nil { environment.lastResult = bound.schema }
      return done(bound.isBroken ? .broken : .query(bound))
    }
  }

  private mutating func bindLet(_ name: Name, _ query: Query) -> BoundStatement.Kind {
    // `let a = b` with a variable b is a slip for `$b`.
    let bound = bind(query, scope: .rowless)
    let key = modulePrefix + name.text
    if bound.isBroken {
      environment.variables[key] = .table(.unknown)
      return .broken
    }
    if let type = bound.scalarType {
      var value: Value?
      if case .value(let e) = bound.source, case .constant(let v, _) = e { value = v }
      environment.variables[key] = .value(type, value)
    } else {
      environment.variables[key] = .table(bound.schema)
    }
    return .assign(key, bound)
  }

  private mutating func bindParam(_ name: Name, _ typeName: TypeName?, _ value: Expr?, _ doc: String)
    -> BoundStatement.Kind
  {
    let declared = typeName.flatMap { resolve($0) }
    let optional = typeName?.isOptional ?? false
    var type = declared ?? .unknown
    var defaultValue: Value?
    if let value {
      let bound = bind(value, scope: .rowless)
      let typed =
        declared.map { fit(bound, to: $0, literal: value, place: "`\(name.text)`", span: value.span) }
        ?? bound
      if declared == nil { type = typed.type }
      if case .constant(let v, let t) = typed {
        defaultValue = v
        if case .duration(nil) = type { type = t }
        if case .period(nil) = type { type = t }
      } else if typed.type != .unknown {
        report(.notConstant("the default of a parameter", value.span))
      }
    } else if optional {
      defaultValue = .null
    }
    var current = defaultValue
    if let given = environment.givenParams[name.text] {
      switch ParamReader.read(given, as: declared ?? type, optional: optional) {
      case .success(let v):
        current = v
        if declared == nil || type == .duration(nil) || type == .period(nil) {
          type = v.isNull ? type : v.type
        }
      case .failure(let problem):
        report(
          Diagnostic(
            .wrongArgumentType, "`\(name.text)` is given as \"\(given)\", and \(problem.message)",
            at: name.span, label: "from --set or --params"))
      }
    }
    environment.variables[name.text] = .value(type, current)
    environment.params.removeAll { $0.name == name.text }
    environment.params.append(
      .init(name: name.text, type: type, isOptional: optional, defaultValue: defaultValue, doc: doc))
    return .param(name.text, type, current)
  }

  /// The type that a written type stands for.
  mutating func resolve(_ written: TypeName) -> ValueType? {
    guard let base = ValueType(named: written.name.text) else {
      report(
        .unknownName(
          "type", written.name.text, written.name.span,
          near: nearest(to: written.name.text, among: ValueType.writable),
          options: ValueType.writable))
      return nil
    }
    guard let argument = written.arguments.first else { return base }
    switch base {
    case .list: return resolve(argument).map { .list($0) }
    case .money: return .money(argument.name.text)
    case .quantity: return .quantity(argument.name.text)
    case .period: return .period(PeriodUnit(rawValue: argument.name.text))
    default: return base
    }
  }

  // MARK: Describing

  private mutating func describe(_ words: [Name], end: Int) -> BoundStatement.Kind {
    guard let first = words.first else {
      guard let schema = environment.lastResult else {
        report(
          .expected("the name of a command, function, metric or variable", found: "", SourceSpan(end, end)))
        return .broken
      }
      return .describe(.schema(title: "the last result", schema))
    }
    let text = words.map(\.text)
    if let (command, used) = catalog.longestMatch(text), used == text.count {
      return .describe(.command(command))
    }
    if text.count == 1 {
      if let metric = environment.metric(named: first.text) {
        return .describe(DescriptionTable.metric(metric))
      }
      if let scenario = environment.scenarios[first.text] {
        return .describe(DescriptionTable.scenario(scenario))
      }
      if let definition = environment.definitions[first.text] {
        return .describe(DescriptionTable.definition(definition))
      }
      if let function = catalog.function(first.text) { return .describe(.function(function)) }
      if environment.variables[first.text] != nil { return describeVariable(first) }
    }
    let dotted = text.joined(separator: ".")
    if let definition = environment.definitions[dotted] {
      return .describe(DescriptionTable.definition(definition))
    }
    if let metric = environment.metric(named: dotted) { return .describe(DescriptionTable.metric(metric)) }
    if let scenario = environment.scenarios[dotted] { return .describe(DescriptionTable.scenario(scenario)) }
    let span = first.span.union(words.last?.span ?? first.span)
    let joined = source.slice(span)
    let names =
      catalog.commands.map(\.name) + catalog.functions.map(\.name) + environment.allMetrics.map(\.name)
      + environment.scenarios.keys.sorted() + environment.definitions.keys.sorted()
    report(
      .unknownName(
        "command, function or metric", joined, span, near: nearest(to: joined, among: names), options: []))
    return .broken
  }

  private mutating func describeVariable(_ name: Name) -> BoundStatement.Kind {
    if name.text == "_", let schema = environment.lastResult {
      return .describe(.schema(title: "$_", schema))
    }
    switch environment.variables[name.text] {
    case .table(let schema): return .describe(.schema(title: "$" + name.text, schema))
    case .value(let type, let value):
      let row = Table([
        ("name", Column(.text, values: [.text("$" + name.text)])),
        ("type", Column(.text, values: [.text(type.description)])),
        ("value", Column(.text, values: [value.map { .text($0.isNull ? "null" : $0.description) } ?? .null])),
      ])
      return .describe(.table(title: "$" + name.text, row))
    case nil:
      report(unknownVariable(name.text, name.span, schema: nil))
      return .broken
    }
  }

  func unknownVariable(_ name: String, _ span: SourceSpan, schema: Schema?) -> Diagnostic {
    .unknownVariable(
      name, span, near: nearest(to: name, among: environment.variables.keys.sorted()),
      isColumn: schema?.index(of: name) != nil)
  }
}
