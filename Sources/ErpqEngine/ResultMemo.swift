import ErpqTables
import ErpqWarehouse
import Synchronization

/// What a session has read and computed, so that the same question is answered again without work. Everything belongs to
/// one version of the company file: a load raises the version, and all is forgotten; so it is when the session itself has
/// written.
final class ResultMemo: Sendable {
  /// Commands that depend on nothing but the facts, their arguments and the settings.
  static let repeatable = measuring.union([
    "segment", "segment matrix", "replenish", "stock status", "stock history", "top products", "sales daily",
    "sales weekly", "sales monthly", "demand", "anomalies",
  ])
  /// Those of them that measure metrics, and so depend on which metrics are being measured.
  static let measuring: Set<String> = ["kpi", "kpi all", "kpi trend", "kpi compare", "overview"]

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
    /// Cells of `scans`.
    var cells = 0
    /// What was computed, and the questions, the oldest first.
    var results: [String: (value: any Sendable, weight: Int)] = [:]
    var questions: [String] = []
    /// Cells of `results`, those that their reasons hold on to included.
    var weight = 0
  }

  /// Cells of what was read that are kept; what would be more is forgotten all at once.
  private static let most = 24_000_000
  /// Cells of what was computed that are kept; the oldest makes room.
  private static let heaviest = 8_000_000
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
    guard let columns = scan.columns ?? Warehouse.relation(scan.relation)?.fields.map(\.name) else {
      return try warehouse.scan(scan)
    }
    // The next question may want these columns and others, or fewer days.
    let known = kept.first { $0.filters == scan.filters }?.table
    let limits = scan.filters.filter(\.isRange).map(\.column)
    var wanted = scan
    wanted.columns = (columns + limits).reduce(into: []) { names, name in
      if !names.contains(name), known?[name] == nil { names.append(name) }
    }
    var table = try warehouse.scan(wanted)
    let cells = table.rowCount * Swift.max(1, table.columns.count)
    if let known {
      // The same conditions give the same rows, unless the facts have changed meanwhile.
      guard try Version(company) == version else { return try rows(scan, company) }
      table = Table(
        Schema(known.schema.fields + table.schema.fields), known.columns + table.columns,
        rowCount: table.rowCount)
    }
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
    return table.selecting(columns)
  }

  /// The result of a command, computed when it is not known. `question` says all that it depends on beside the facts.
  func result(
    _ question: String, _ company: Company, _ compute: () throws -> (ResultTable, isKept: Bool)
  ) throws -> ResultTable {
    try value(question, company) {
      let (result, isKept) = try compute()
      let cells = result.table.rowCount * Swift.max(1, result.table.columns.count)
      return (result, isKept ? cells + (result.reasons?.weight ?? 0) : nil)
    }
  }

  /// Something made of the facts, made when it is not known. `question` says all that it depends on beside the facts.
  ///
  /// - Parameters:
  ///   - isEnough: whether what is known answers the question at hand; what is made otherwise takes its place.
  ///   - make: gives the value and about how many cells it takes; nil for one that is not to be kept.
  func value<T: Sendable>(
    _ question: String, _ company: Company, isEnough: (T) -> Bool = { _ in true },
    _ make: () throws -> (T, weight: Int?)
  ) throws -> T {
    let version = try Version(company)
    let known = state.withLock { state -> T? in
      ResultMemo.begin(&state, version)
      return state.results[question]?.value as? T
    }
    if let known, isEnough(known) { return known }
    let (made, weight) = try make()
    guard let weight, weight <= ResultMemo.heaviest else { return made }
    state.withLock { state in
      ResultMemo.begin(&state, version)
      // What was not enough, or what another thread has made meanwhile.
      if let before = state.results.removeValue(forKey: question) {
        state.weight -= before.weight
        state.questions.removeAll { $0 == question }
      }
      var old = 0
      while old < state.questions.count, state.weight + weight > ResultMemo.heaviest {
        state.weight -= state.results.removeValue(forKey: state.questions[old])?.weight ?? 0
        old += 1
      }
      state.questions.removeFirst(old)
      state.results[question] = (made, weight)
      state.questions.append(question)
      state.weight += weight
    }
    return made
  }
}

extension RunContext {
  /// Runs something, and says whether it was done without a warning: what warns is not kept, so that the warning is told
  /// each time.
  func listening<T>(_ body: (RunContext) throws -> T) rethrows -> (result: T, isQuiet: Bool) {
    let isQuiet = Mutex(true)
    var inner = self
    inner.warn = { [warn] diagnostic in
      isQuiet.withLock { $0 = false }
      warn(diagnostic)
    }
    let result = try body(inner)
    return (result, isQuiet.withLock { $0 })
  }

  /// A question that the memo knows again: what is asked, of which values, on which day and under which readings.
  func question(_ parts: [String], _ values: [String: Value]) -> String {
    let given = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.type):\($0.value.literal)" }
    return (parts + ["\(today)", "\(usesDocuments)", "\(seed)"] + given).joined(separator: "\u{0}")
  }

  /// Something made of the facts alone, kept for the session's next statements. `question` says all that it depends on
  /// beside them, `weight` about how many cells it takes.
  func kept<T: Sendable>(
    _ question: String, isEnough: (T) -> Bool = { _ in true }, _ make: () throws -> (T, weight: Int)
  ) throws -> T {
    guard let memo else { return try make().0 }
    return try memo.value(question, company, isEnough: isEnough) {
      let (made, weight) = try make()
      return (made, weight)
    }
  }
}
