import ErpqBase
import ErpqSemantics
import ErpqSyntax

/// Something that a text declares.
public struct Symbol: Sendable {
  /// What is declared.
  public enum Kind: String, Sendable { case variable, parameter, definition, formal, metric, scenario }

  /// What it is.
  public var kind: Kind
  /// Its name, without `$` and backticks.
  public var name: String
  /// Where its name stands.
  public var span: SourceSpan
  /// The statement that declares it.
  public var statement: SourceSpan
  /// Where it is known; nil: in the whole text.
  public var scope: SourceSpan?
  /// The `##` lines of its statement.
  public var doc: String
}

/// A place where a declared name is written.
public struct Occurrence: Sendable {
  /// The name as it stands, with `$` or backticks.
  public var span: SourceSpan
  /// The name.
  public var name: String
  /// Of which sort; a formal and a parameter are variables.
  public var space: Space
  /// Whether it declares.
  public var isDeclaration: Bool

  /// The name spaces of the language.
  public enum Space: Sendable { case variable, definition, metric, scenario }
}

/// What a text declares, and where each name is used: for going to a definition and for renaming.
public struct SymbolTable: Sendable {
  /// The declarations, in the order of the text.
  public private(set) var symbols: [Symbol] = []
  /// Every place, in the order of the text.
  public private(set) var occurrences: [Occurrence] = []

  /// Reads a tree; what could not be parsed declares and uses nothing.
  public init(_ tree: SyntaxTree, catalog: Catalog) {
    var walker = SymbolWalker(tree.source, catalog)
    for statement in tree.statements { walker.visit(statement, scope: nil) }
    symbols = walker.symbols.sorted { $0.span.start < $1.span.start }
    occurrences = walker.occurrences.sorted { $0.span.start < $1.span.start }
  }

  /// The name at an offset; one that ends there counts.
  public func occurrence(at offset: Int) -> Occurrence? {
    occurrences.first { $0.span.start <= offset && offset <= $0.span.end }
  }

  /// The declaration that a name at a place means: the innermost scope's, and there the last one before the place.
  public func declaration(of occurrence: Occurrence) -> Symbol? {
    let fitting = symbols.filter {
      $0.name == occurrence.name && SymbolTable.space(of: $0.kind) == occurrence.space
    }
    let inner = fitting.filter { symbol in symbol.scope.map { $0.contains(occurrence.span) } ?? false }
    let candidates = inner.isEmpty ? fitting.filter { $0.scope == nil } : inner
    return candidates.last { $0.span.start <= occurrence.span.start } ?? candidates.first
  }

  /// Every place that means the same as one place does.
  public func places(of occurrence: Occurrence) -> [Occurrence] {
    let scope = declaration(of: occurrence)?.scope
    return occurrences.filter { other in
      guard other.name == occurrence.name, other.space == occurrence.space else { return false }
      return declaration(of: other)?.scope == scope
    }
  }

  static func space(of kind: Symbol.Kind) -> Occurrence.Space {
    switch kind {
    case .variable, .parameter, .formal: .variable
    case .definition: .definition
    case .metric: .metric
    case .scenario: .scenario
    }
  }
}

extension SourceSpan {
  /// Whether another span lies within.
  func contains(_ other: SourceSpan) -> Bool { start <= other.start && other.end <= end }
}

/// Walks a tree and notes names.
private struct SymbolWalker {
  let source: SourceText
  let catalog: Catalog
  var symbols: [Symbol] = []
  var occurrences: [Occurrence] = []

  init(_ source: SourceText, _ catalog: Catalog) { (self.source, self.catalog) = (source, catalog) }

  private mutating func declare(
    _ kind: Symbol.Kind, _ name: Name, _ statement: SourceSpan, scope: SourceSpan?, doc: String
  ) {
    symbols.append(
      Symbol(kind: kind, name: name.text, span: name.span, statement: statement, scope: scope, doc: doc))
    occurrences.append(
      Occurrence(span: name.span, name: name.text, space: SymbolTable.space(of: kind), isDeclaration: true))
  }

  private mutating func use(_ name: String, _ span: SourceSpan, _ space: Occurrence.Space) {
    occurrences.append(Occurrence(span: span, name: name, space: space, isDeclaration: false))
  }

  mutating func visit(_ statement: Statement, scope: SourceSpan?) {
    switch statement.kind {
    case .param(let name, _, let value):
      declare(.parameter, name, statement.span, scope: scope, doc: statement.doc)
      if let value { visit(value) }
    case .letQuery(let name, let query):
      declare(.variable, name, statement.span, scope: scope, doc: statement.doc)
      visit(query, statement.span, scope)
    case .define(let definition):
      declare(.definition, definition.name, statement.span, scope: nil, doc: statement.doc)
      for formal in definition.formals {
        declare(.formal, formal.name, statement.span, scope: statement.span, doc: "")
        if let value = formal.defaultValue { visit(value) }
      }
      switch definition.body {
      case .expression(let expression): visit(expression)
      case .block(let statements): for inner in statements { visit(inner, scope: statement.span) }
      case .stages(let stages): for stage in stages { visit(stage, statement.span, statement.span) }
      case .error: break
      }
    case .metric(let metric):
      declare(.metric, metric.name, statement.span, scope: nil, doc: statement.doc)
      for attribute in metric.attributes { visit(attribute.value) }
      visit(metric.query, statement.span, scope)
    case .scenario(let scenario):
      declare(.scenario, scenario.name, statement.span, scope: nil, doc: statement.doc)
      if let parent = scenario.parent { use(parent.text, parent.span, .scenario) }
      for change in scenario.changes {
        visit(change.value)
        if let filter = change.filter { visit(filter) }
      }
    case .explain(let query), .profile(let query), .query(let query): visit(query, statement.span, scope)
    case .describeVariable(let name): use(name.text, name.span, .variable)
    case .importFile, .explainCode, .use, .describe, .help, .error: break
    }
  }

  private mutating func visit(_ query: Query, _ statement: SourceSpan, _ scope: SourceSpan?) {
    switch query.source {
    case .command(let command): visit(command)
    case .expression(let expression): visit(expression)
    case nil: break
    }
    if let filter = query.filter { visit(filter) }
    for stage in query.stages { visit(stage, statement, scope) }
  }

  private mutating func visit(_ command: Command) {
    use(command.head.text, command.head.span, .definition)
    let words =
      command.head.names.map(\.text)
      + command.arguments.map { argument -> String in
        if case .value(let e) = argument { e.bareName?.text ?? "" } else { "in" }
      }
    let takesMetric =
      catalog.longestMatch(words)?.0.parameters.contains { SymbolWalker.isMetric($0.type) } == true
    for argument in command.arguments {
      guard case .value(let value) = argument else { continue }
      if takesMetric { metrics(value) }
      visit(value)
    }
  }

  private static func isMetric(_ type: ParameterType) -> Bool {
    switch type {
    case .metric: true
    case .list(let element): isMetric(element)
    default: false
    }
  }

  /// The names among the arguments of a command that takes metrics.
  private mutating func metrics(_ value: Expr) {
    switch value.kind {
    case .path(let path): use(path.text, path.span, .metric)
    case .list(let items): for item in items { metrics(item) }
    default: break
    }
  }

  private mutating func visit(_ items: [Item]) { for item in items { visit(item.value) } }

  private mutating func visit(_ arguments: [Argument]) {
    for case .value(let value) in arguments { visit(value) }
  }

  private mutating func visit(_ reference: TableReference, _ statement: SourceSpan, _ scope: SourceSpan?) {
    switch reference {
    case .variable(let name): use(name.text, name.span, .variable)
    case .command(let path): use(path.text, path.span, .definition)
    case .query(let query): visit(query, statement, scope)
    case .error: break
    }
  }

  private mutating func visit(_ stage: Stage, _ statement: SourceSpan, _ scope: SourceSpan?) {
    switch stage.kind {
    case .filter(let e), .limit(let e), .sample(let e, _): visit(e)
    case .select(let items), .extend(let items): visit(items)
    case .fill(_, let e), .why(let e): if let e { visit(e) }
    case .sort(let keys): for key in keys { visit(key.value) }
    case .top(let n, let by, _):
      visit(n)
      visit(by)
    case .summarize(let items, let by):
      visit(items)
      visit(by)
    case .pivot(let a, let b, let c): for e in [a, b, c] { visit(e) }
    case .join(_, let reference, let on):
      visit(reference, statement, scope)
      for e in on { visit(e) }
    case .union(let reference): visit(reference, statement, scope)
    case .whatif(let sweeps):
      for sweep in sweeps {
        if sweep.isVariable { use(sweep.name.text, sweep.name.span, .variable) }
        visit(sweep.values)
        if let step = sweep.step { visit(step) }
      }
    case .scenarios(let names): for name in names { use(name.text, name.span, .scenario) }
    case .plot(let plot):
      for e in plot.measures + plot.marks + [plot.versus, plot.by].compactMap({ $0 }) { visit(e) }
      for option in plot.options { visit(option.value) }
    case .export(_, let e, let arguments), .tee(let e, let arguments):
      visit(e)
      visit(arguments)
    case .save(let name): declare(.variable, name, statement, scope: scope, doc: "")
    case .assert(_, let e, let message):
      visit(e)
      if let message { visit(message) }
    case .named(let path, let arguments):
      use(path.text, path.span, .definition)
      visit(arguments)
    case .rename, .drop, .distinct, .dense, .diff, .accuracy, .sparkline, .bars, .totals, .describe, .error:
      break
    }
  }

  private mutating func visit(_ e: Expr) {
    switch e.kind {
    case .variable(let name): use(name, e.span, .variable)
    case .interpolated(let parts): for case .hole(let inner) in parts { visit(inner) }
    case .call(let call):
      use(call.function.text, call.function.span, .definition)
      for argument in call.arguments { visit(argument) }
      if let frame = call.window?.frame { visit(frame) }
    case .list(let items): for item in items { visit(item) }
    case .group(let inner), .negate(let inner), .not(let inner), .isNull(let inner, _): visit(inner)
    case .query(let query): visit(query, e.span, nil)
    case .binary(_, _, let a, let b):
      visit(a)
      visit(b)
    case .between(let a, let b, let c, _), .conditional(let a, let b, let c): for x in [a, b, c] { visit(x) }
    default: break
    }
  }
}
