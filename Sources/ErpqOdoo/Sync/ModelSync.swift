import ErpqBase
import ErpqTables
import ErpqWarehouse

/// Brings the mirror of one model up to date.
final class ModelSync {
  /// What was done.
  private(set) var summary: ModelSummary
  /// How far the mirror is; nil where it was never read.
  private(set) var state: MirrorState?
  /// What a user should know.
  private(set) var notes: [String] = []
  /// What ended it early and would end the reading of the other models too.
  private(set) var failure: OdooError?

  private let spec: ModelSpec
  private let connection: OdooConnection
  private let warehouse: Warehouse
  private let options: SyncOptions
  private let clock: any RequestClock
  private let progress: (SyncProgress) -> Void

  init(
    _ spec: ModelSpec, _ state: MirrorState?, _ connection: OdooConnection, _ warehouse: Warehouse,
    _ options: SyncOptions, _ clock: any RequestClock, _ progress: @escaping (SyncProgress) -> Void
  ) {
    self.spec = spec
    self.state = state
    self.connection = connection
    self.warehouse = warehouse
    self.options = options
    self.clock = clock
    self.progress = progress
    summary = ModelSummary(model: spec.model, title: spec.title)
  }

  /// Reads what is new.
  ///
  /// - Throws: `WarehouseError`, `Cancellation.Interrupted`. What the server fails at is in `summary` and `failure`.
  func run() throws {
    try Cancellation.current.check()
    let start = clock.now()
    defer { summary.seconds = clock.now() - start }
    do {
      progress(SyncProgress(what: spec.title, done: 0))
      let map = try FieldMap(
        spec, try connection.fields(of: spec.model), custom: options.fields[spec.model] ?? [:])
      notes += map.notes
      switch spec.upkeep {
      case .snapshot: try snapshot(map)
      case .changes: try changes(map)
      }
    } catch let error as OdooError {
      try note(error)
      if error.isAboutConnection || error.kind == .tooLarge { failure = error }
    }
  }

  private func note(_ error: OdooError) throws {
    summary.message = error.message
    switch error.kind {
    case .unknownModel:
      summary.status = "absent"
      var absent = MirrorState(name: spec.table, fingerprint: "")
      absent.isPresent = false
      if state != absent { try store(absent, clearing: true) }
    case .accessDenied: summary.status = "denied"
    default:
      summary.status = "failed"
      if !error.isAboutConnection { notes.append("\(spec.title) could not be read: \(error)") }
    }
  }

  private func store(_ new: MirrorState, clearing: Bool = false) throws {
    try warehouse.storeMirror(new, clearing: clearing)
    state = new
  }

  /// The state to begin or go on with.
  private func begin(_ map: FieldMap) throws -> MirrorState {
    if var state, state.isPresent, state.fingerprint == map.fingerprint,
      !options.isFull || state.isFull && state.started != nil
    {
      // A run that was cut off goes on; its own start counts, so that nothing written since is missed.
      if state.started == nil {
        state.started = startOfRun
        state.cursor = 0
        state.isFull = state.watermark == nil
      }
      return state
    }
    var state = MirrorState(name: spec.table, fingerprint: map.fingerprint)
    state.started = startOfRun
    state.isFull = true
    // What was read by other fields is not mixed with what comes.
    if spec.upkeep == .changes { try store(state, clearing: true) }
    return state
  }

  /// The server's clock when it first answered, less the overlap. A server that tells no time gets a day more.
  private var startOfRun: Instant {
    let reference =
      connection.serverTime ?? Instant(microseconds: options.now().microseconds - 86_400_000_000)
    return Instant(microseconds: reference.microseconds - Int64(options.overlap * 1e6))
  }

  /// The state when everything has been read.
  private func done(_ state: MirrorState) -> MirrorState {
    var state = state
    state.watermark = state.started
    state.started = nil
    state.cursor = 0
    state.isFull = false
    return state
  }

  private func snapshot(_ map: FieldMap) throws {
    let whole = done(try begin(map))
    let builder = RowBuilder(map.fields)
    var last: Int64 = 0
    while true {
      let before = builder.rowCount
      try Pages.fetch(
        connection, map, domain: map.domain, after: last, limit: options.pageSize, into: builder)
      progress(SyncProgress(what: spec.title, done: builder.rowCount))
      guard builder.rowCount - before >= options.pageSize, let end = builder.lastInteger(0), end > last else {
        break
      }
      last = end
    }
    let page = builder.finish()
    note(page)
    summary.read = page.count
    (summary.changed, summary.removed) = try warehouse.replaceMirror(map.renamed(page.table), whole)
    state = whole
  }

  private func changes(_ map: FieldMap) throws {
    var state = try begin(map)
    summary.isFull = state.isFull
    var domain = map.domain
    if !state.isFull, let watermark = state.watermark { domain = Pages.since(watermark, map) }
    let total = state.isFull && state.cursor == 0 ? try connection.count(spec.model, domain: domain) : nil
    let source = Pages(
      connection, map, domain: domain, after: state.cursor, pageSize: options.pageSize,
      columns: options.usesColumns && spec.isPlain && (total ?? .max) > 2 * Int64(options.pageSize),
      looksAhead: options.lanes > 1)
    let pipeline = PagePipeline { try source.next() }
    defer {
      pipeline.end()
      source.end()
    }
    let start = clock.now()
    while let page = try pipeline.next() {
      try Cancellation.current.check()
      state.cursor = Swift.max(state.cursor, page.last)
      summary.read += page.rows.count
      summary.changed += try warehouse.storeMirror(map.renamed(page.rows.table), state)
      self.state = state
      note(page.rows)
      let seconds = clock.now() - start
      progress(
        SyncProgress(
          what: spec.title, done: summary.read, total: total.map { Int($0) },
          rate: seconds > 0.5 ? Double(summary.read) / seconds : nil))
    }
    pipeline.end()
    summary.isColumnar = source.isColumnar
    // After a first load it finds what went or changed behind the pages, above all when a run was cut off long ago.
    if !state.isFull || summary.read > 0 || state.cursor > 0 {
      let pruned = try Deletions(connection, warehouse, map, options).run()
      summary.removed = pruned.removed
      summary.changed += pruned.restored
      summary.read += pruned.restored
    }
    try store(done(state))
  }

  private func note(_ page: WirePage) {
    guard page.notNumbers > 0 else { return }
    notes.append(
      "\(page.notNumbers) values of \(spec.title) are no numbers (NaN) in the server's database and became null"
    )
  }
}
