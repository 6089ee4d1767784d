import ErpqBase
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// What of a query goes down into the scan of a relation: columns that nobody asks for are not read, simple
/// conditions narrow the rows. The stages still run above, so what goes down may only be a superset.
struct ScanPushdown {
  /// The columns to read; nil for all.
  var columns: [String]?
  /// Conditions that hold for every row that can matter.
  var filters: [ScanFilter] = []
  /// The columns of the source that the query looks at; nil for all.
  let needed: Set<String>?

  /// `asked` are the columns that whoever runs the query wants of its result; nil for all.
  init(_ query: BoundQuery, asked: Set<String>? = nil) {
    needed = ScanPushdown.needed(by: query.stages[...], asked: asked)
    guard case .command(let spec, _, _) = query.source, let relation = Commands.byName[spec.name]?.relation
    else { return }
    for stage in ScanPushdown.flat(query.stages[...]) {
      guard case .filter(let test) = stage.kind else { break }
      collect(test, relation)
    }
    if let needed {
      let present = relation.fields.map(\.name).filter { needed.contains($0) }
      columns = present.isEmpty ? [relation.fields[0].name] : present
    }
  }

  /// The stages one by one, those of definitions among them.
  private static func flat(_ stages: ArraySlice<BoundStage>) -> [BoundStage] {
    stages.flatMap { stage in
      if case .block(let inner) = stage.kind { flat(inner[...]) } else { [stage] }
    }
  }

  /// The columns that stages read (perhaps more), or nil when the result shows all of them.
  static func needed(by stages: ArraySlice<BoundStage>, asked: Set<String>?) -> Set<String>? {
    var names = Set<String>()
    for stage in flat(stages) {
      switch stage.kind {
      case .filter(let e): names.formUnion(e.columns)
      case .extend(let items): for item in items { names.formUnion(item.value.columns) }
      case .sort(let keys): for key in keys { names.formUnion(key.value.columns) }
      case .top(_, let by, _): names.formUnion(by.columns)
      case .limit, .sample: break
      case .why(let test): names.formUnion(test?.columns ?? [])
      case .lookup(let key, _, _): names.insert(key)
      case .drop: break
      // Without columns, all of them tell rows apart.
      case .distinct(let own) where !own.isEmpty: names.formUnion(own)
      case .join(_, _, let on, _):
        for key in on { names.insert(key.left.name) }
      case .select(let items):
        for item in items { names.formUnion(item.value.columns) }
        return withSources(names)
      case .summarize(let items, let by):
        for item in items + by { names.formUnion(item.value.columns) }
        return withSources(names)
      case .pivot(let r, let c, let v):
        return withSources(names.union(r.value.columns).union(c.value.columns).union(v.columns))
      default: return nil
      }
    }
    return asked.map { withSources(names.union($0)) }
  }

  /// The columns that a join wants of its right side; nil for all.
  static func asked(by stage: BoundStage, before rest: ArraySlice<BoundStage>, asked: Set<String>?) -> Set<
    String
  >? {
    guard case .join(let kind, _, let on, _) = stage.kind else { return nil }
    let isSemi = kind == .semi || kind == .anti
    return (isSemi ? [] : needed(by: rest, asked: asked)).map { $0.union(on.map(\.right)) }
  }

  /// A join calls a column `price_right` only while the left has a `price`, so both sides must keep theirs.
  private static func withSources(_ names: Set<String>) -> Set<String> {
    var result = names
    for var name in names {
      while name.hasSuffix("_right") {
        name.removeLast("_right".count)
        result.insert(name)
      }
    }
    return result
  }

  private mutating func collect(_ e: Expression, _ relation: RelationSpec) {
    guard case .call(let kernel, let arguments, _) = e, arguments.count == 2 else { return }
    if kernel.name == Operators.and.name {
      for argument in arguments { collect(argument, relation) }
      return
    }
    guard case .column(let name, let type) = arguments[0], case .constant(let value, _) = arguments[1],
      relation.fields.contains(where: { $0.name == name }), !value.isNull
    else { return }
    let isRanged = type == .date || type == .datetime || type == .int
    func add(_ test: ScanFilter.Test) { filters.append(ScanFilter(name, test)) }
    switch (type, value) {
    case (.int, .int), (.text, .text), (.date, .date), (.datetime, .datetime), (.bool, .bool):
      switch kernel.name {
      case Operators.equal.name: add(.equal(value))
      case Operators.greater.name, Operators.greaterOrEqual.name: if isRanged { add(.range(value, .null)) }
      case Operators.less.name, Operators.lessOrEqual.name: if isRanged { add(.range(.null, value)) }
      default: break
      }
    case (.datetime, .date(let day)):
      // A moment is compared with the whole day in universal time.
      switch kernel.name {
      case Operators.greater.name, Operators.greaterOrEqual.name:
        add(.range(.datetime(Instant(day)), .null))
      case Operators.less.name, Operators.lessOrEqual.name:
        add(.range(.null, .datetime(Instant(day.adding(days: 1)))))
      default: break
      }
    case (.date, .period(let p)) where kernel.name == Operators.isIn.name:
      add(.range(.date(p.start), .date(p.last)))
    case (.int, .list(let items)), (.text, .list(let items)):
      let fits = items.allSatisfy { $0.type == type }
      if kernel.name == Operators.isIn.name, fits, items.count <= 500 { add(.oneOf(items)) }
    default: break
    }
  }

  static func describe(_ source: BoundSource) -> String {
    switch source {
    case .command(let spec, _, _): spec.name
    case .variable(let name): "$" + name
    case .value: "value"
    case .list: "list"
    case .query: "query"
    case .lastResult: "$_"
    case .broken: "?"
    }
  }
}
