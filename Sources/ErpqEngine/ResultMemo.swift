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
    /// What was read of each relation.
    var scans: [String: [KeptRows]] = [:]
    var results: [String: ResultTable] = [:]
    var cells = 0
  }

  /// Cells that are kept; what would be more is forgotten all at once.
  private static let most = 24_000_000
  /// Cells of the largest table that is kept.
  static let largest = most / 3
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
    let kept = state.withLock { state -> [KeptRows] in
      ResultMemo.begin(&state, version)
      return state.scans[scan.relation] ?? []
    }
    // The fewest rows are the least work.
    for known in kept { if let rows = known.rows(of: scan) { return rows } }
    var wanted = scan
    if let known = kept.first(where: { $0.filters == scan.filters }), let columns = scan.columns {
      // The next question may want these and those.
      let names = known.table.schema.names
      wanted.columns = names + columns.filter { !names.contains($0) }
    }
    let table = try warehouse.scan(wanted)
    let cells = table.rowCount * Swift.max(1, table.columns.count)
    if cells <= ResultMemo.largest {
      state.withLock { state in
        ResultMemo.begin(&state, version, adding: cells)
        var kept = state.scans[scan.relation] ?? []
        kept.removeAll { $0.filters == scan.filters }
        let place = kept.firstIndex { $0.table.rowCount > table.rowCount } ?? kept.endIndex
        kept.insert(KeptRows(scan.filters, table), at: place)
        state.scans[scan.relation] = kept
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
    if isKept, cells <= ResultMemo.largest {
      state.withLock { state in
        ResultMemo.begin(&state, version, adding: cells)
        state.results[question] = result
        state.cells += cells
      }
    }
    return result
  }
}
