import ErpqBase
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// Reads once what many queries are about to scan, where one wide scan costs less than many narrow ones that overlap.
struct ReadAhead {
  let context: RunContext
  private var scans: [Scan] = []

  init(_ context: RunContext) { self.context = context }

  /// Adds the scans of a query, as far as they are known before it runs.
  mutating func add(_ query: BoundQuery, asked: Set<String>? = nil) {
    let plan = ScanPushdown(query, asked: asked)
    switch query.source {
    case .query(let inner): add(inner, asked: plan.needed)
    case .command(let spec, let bound, let span):
      // What cannot be read says so when it is.
      guard let command = Commands.byName[spec.name],
        let arguments = try? Arguments(spec, bound, span: span, variables: context.values)
      else { break }
      guard let relation = command.relation else {
        scans += (try? command.scans(arguments, context)) ?? []
        break
      }
      let scan = try? RelationCommands.scan(
        relation, arguments, context, columns: plan.columns, filters: plan.filters)
      if let scan { scans.append(scan) }
    default: break
    }
    for (i, stage) in query.stages.enumerated() {
      switch stage.kind {
      case .join(_, let right, _, _):
        add(right, asked: ScanPushdown.asked(by: stage, before: query.stages[(i + 1)...], asked: asked))
      case .union(let other): add(other)
      default: break
      }
    }
  }

  /// Reads into the memo what more than one query needs.
  func run() throws {
    guard let memo = context.memo, let info = try? context.company.warehouse().info else { return }
    let facts = info.firstDay.flatMap { first in info.lastFactDay.map { (first, $0) } }
    for (relation, own) in Dictionary(grouping: scans, by: \.relation).sorted(by: { $0.key < $1.key }) {
      var plans: [Reading] = []
      for scan in own {
        guard let reading = Reading(scan, rows: info.counts[relation] ?? 0, facts: facts) else { continue }
        // The same rows, perhaps with other columns.
        if let i = plans.firstIndex(where: { $0.filters == reading.filters }) {
          plans[i].columns.formUnion(reading.columns)
          plans[i].questions += 1
        } else {
          plans.append(reading)
        }
      }
      while let (i, j, merged) = Reading.best(plans) {
        plans[i] = merged
        plans.remove(at: j)
      }
      for reading in plans where reading.questions > 1 && reading.isKept {
        _ = try memo.rows(reading.scan, context.company)
      }
    }
  }
}

/// One scan that answers several questions.
private struct Reading {
  let relation: RelationSpec
  var filters: [ScanFilter]
  var columns: Set<String>
  var questions = 1
  private let rows: Int
  private let facts: (first: CivilDate, last: CivilDate)?

  init?(_ scan: Scan, rows: Int, facts: (CivilDate, CivilDate)?) {
    guard let relation = Warehouse.relation(scan.relation) else { return nil }
    self.relation = relation
    filters = scan.filters
    columns = Set(scan.columns ?? relation.fields.map(\.name))
    self.rows = rows
    self.facts = facts
  }

  var scan: Scan {
    Scan(relation.name, columns: relation.fields.map(\.name).filter(columns.contains), filters: filters)
  }

  /// About what the scan costs: a row costs as much as six columns of it, as measured.
  private var cost: Double { size * Double(6 + columns.count) }

  /// Whether the memo would keep it; reading ahead for nothing is worse than not to.
  var isKept: Bool { size * Double(columns.count) <= Double(ResultMemo.largest) }

  /// About how many rows it has.
  private var size: Double {
    var share = 1.0
    if let facts {
      let all = Double(Swift.max(1, facts.last.day - facts.first.day + 1))
      for filter in filters {
        guard case .range(let low, let high) = filter.test else { continue }
        var (first, last) = (facts.first.day, facts.last.day)
        if case .date(let day) = low { first = Swift.max(first, day.day) }
        if case .date(let day) = high { last = Swift.min(last, day.day) }
        share = Swift.min(share, Double(Swift.max(0, last - first + 1)) / all)
      }
    }
    return share * Double(rows)
  }

  /// One that answers what both do: only the conditions that both have, and the columns to tell their rows apart.
  private func merged(_ other: Reading) -> Reading {
    var result = self
    result.questions += other.questions
    result.columns.formUnion(other.columns)
    result.columns.formUnion((filters + other.filters).map(\.column))
    result.filters = filters.compactMap { filter in
      other.filters.lazy.compactMap { filter.hull($0) }.first { $0.test != .range(.null, .null) }
    }
    return result
  }

  /// The two readings that gain most by being one, and that one.
  static func best(_ readings: [Reading]) -> (Int, Int, Reading)? {
    var found: (gain: Double, i: Int, j: Int, merged: Reading)?
    for i in readings.indices {
      for j in readings.indices where j > i {
        let merged = readings[i].merged(readings[j])
        let gain = readings[i].cost + readings[j].cost - merged.cost
        if merged.isKept, gain > found?.gain ?? 0 { found = (gain, i, j, merged) }
      }
    }
    return found.map { ($0.i, $0.j, $0.merged) }
  }
}
