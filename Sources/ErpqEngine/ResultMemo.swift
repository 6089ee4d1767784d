import ErpqTables
import ErpqWarehouse
import Synchronization

/// What a session has read and computed, so that the same question is answered again without work. Everything belongs to
/// one version of the company file: a load raises the version, and all is forgotten; so it is when the session itself has
/// written.
final class ResultMemo: Sendable {
  /// Commands that depend on nothing but the facts, their arguments and the settings.
  static let repeatable: Set<String> = [
    "segment", "segment matrix", "replenish", "stock status", "stock history", "top products", "sales daily",
    "sales weekly", "sales monthly", "demand", "anomalies", "kpi", "kpi all", "kpi trend", "kpi compare",
    "overview",
  ]

  private struct ScanKey: Hashable {
    var relation: String
    var filters: [ScanFilter]
  }

  private struct Version: Equatable {
    var loads = -1
    var writes = 0

    init() {}

    init(_ company: Company) throws {
      loads = try company.warehouse().version
      writes = company.writes
    }
  }

  private struct State {
    var version = Version()
    var scans: [ScanKey: Table] = [:]
    var results: [String: ResultTable] = [:]
    var cells = 0
  }

  /// Cells that are kept; what would be more is forgotten all at once.
  private static let most = 12_000_000
  private let state = Mutex(State())

  private static func begin(_ state: inout State, _ version: Version, adding cells: Int = 0) {
    guard state.version != version || state.cells + cells > most else { return }
    state = State()
    state.version = version
  }

  /// The rows of a scan, read when they are not known.
  func rows(_ scan: Scan, _ company: Company) throws -> Table {
    let version = try Version(company)
    let warehouse = try company.warehouse()
    let key = ScanKey(relation: scan.relation, filters: scan.filters)
    let known = state.withLock { state -> Table? in
      ResultMemo.begin(&state, version)
      return state.scans[key]
    }
    var wanted = scan
    if let known, let columns = scan.columns {
      let names = Set(known.schema.names)
      if names.isSuperset(of: columns) { return known.selecting(columns) }
      // The next question may want these and those.
      wanted.columns = known.schema.names + columns.filter { !names.contains($0) }
    } else if let known, let relation = Warehouse.relation(scan.relation),
      known.schema.fields.count == relation.fields.count
    {
      return known.selecting(relation.fields.map(\.name))
    }
    let table = try warehouse.scan(wanted)
    let cells = table.rowCount * Swift.max(1, table.columns.count)
    if cells <= ResultMemo.most / 3 {
      state.withLock { state in
        ResultMemo.begin(&state, version, adding: cells)
        state.scans[key] = table
        state.cells += cells
      }
    }
    return scan.columns.map { table.selecting($0) } ?? table
  }

  /// The result of a command, computed when it is not known. `question` says all that it depends on beside the facts.
  func result(
    _ question: String, _ company: Company, _ compute: () throws -> (ResultTable, isKept: Bool)
  ) throws -> ResultTable {
    let version = try Version(company)
    let known = state.withLock { state -> ResultTable? in
      ResultMemo.begin(&state, version)
      return state.results[question]
    }
    if let known { return known }
    let (result, isKept) = try compute()
    let cells = result.table.rowCount * Swift.max(1, result.table.columns.count)
    if isKept, cells <= ResultMemo.most / 3 {
      state.withLock { state in
        ResultMemo.begin(&state, version, adding: cells)
        state.results[question] = result
        state.cells += cells
      }
    }
    return result
  }
}
