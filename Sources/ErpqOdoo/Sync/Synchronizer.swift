import ErpqBase
import ErpqTables
import ErpqWarehouse

/// How a sync reads.
public struct SyncOptions: Sendable {
  /// Records a request; a server gives each request a minute or two.
  public var pageSize = 5000
  /// Seconds taken off the server's clock, so that what a long transaction wrote early and committed late is seen
  /// by the next sync. Must exceed the longest transaction.
  public var overlap = 3600.0
  /// Whether everything is read again.
  public var isFull = false
  /// Whether whole columns are asked for where the server can give them, and they agree with its records.
  public var usesColumns = true
  /// Field of each column that the connection maps itself, by model.
  public var fields: [String: [String: String]] = [:]
  /// The moment it is, for the log and for prices that have run out.
  public var now: @Sendable () -> Instant

  /// The defaults with a clock.
  public init(now: @escaping @Sendable () -> Instant) { self.now = now }
}

/// How far a sync is.
public struct SyncProgress: Hashable, Sendable {
  /// What is read, in words.
  public var what: String
  /// Records of it so far.
  public var done: Int
  /// Records of it in all, where that is known.
  public var total: Int?
  /// Records a second of this kind so far.
  public var rate: Double?
}

/// What a sync did with one model.
public struct ModelSummary: Hashable, Sendable {
  /// The model.
  public var model: String
  /// What a user calls it.
  public var title: String
  /// Records that came.
  public var read = 0
  /// New or different ones of them.
  public var changed = 0
  /// Records that are gone.
  public var removed = 0
  /// Seconds.
  public var seconds = 0.0
  /// `ok`, `absent` (no such module), `denied` (no rights) or `failed`.
  public var status = "ok"
  /// Why, when it is not ok.
  public var message = ""
  /// Whether it was read from the beginning.
  public var isFull = false
  /// Whether it came as whole columns.
  public var isColumnar = false
}

/// What a sync did.
public struct SyncSummary: Sendable {
  /// By model, in the order read.
  public var models: [ModelSummary] = []
  /// The relations, when they were made anew.
  public var derived: DerivationSummary?
  /// What a user should know.
  public var notes: [String] = []
  /// What ended the sync early; nil when nothing did.
  public var failure: OdooError?
  /// `ok`, `partial` or `failed`, as in the table `syncs`.
  public var status = "ok"
  /// Seconds in all.
  public var seconds = 0.0
  /// Requests and bytes.
  public var traffic = OdooConnection.Traffic()

  /// Records that came, in all.
  public var read: Int { models.reduce(0) { $0 + $1.read } }
  /// Records that were new or different.
  public var changed: Int { models.reduce(0) { $0 + $1.changed } }
  /// Records that are gone.
  public var removed: Int { models.reduce(0) { $0 + $1.removed } }
}

/// Brings a company file up to date with a server.
///
/// Every page is one transaction that also notes how far the run has come, so that a run may stop anywhere: what
/// was complete stays, and the next run goes on from there. Statements see the new facts when all models are read.
public final class Synchronizer {
  let connection: OdooConnection
  let warehouse: Warehouse
  let options: SyncOptions
  private let clock: any RequestClock
  private var states: [String: MirrorState] = [:]
  private var progress: (SyncProgress) -> Void = { _ in }
  private var summary = SyncSummary()

  /// A sync of a connection into a company file.
  public init(
    _ connection: OdooConnection, into warehouse: Warehouse, options: SyncOptions,
    clock: any RequestClock = SystemClock()
  ) {
    self.connection = connection
    self.warehouse = warehouse
    self.options = options
    self.clock = clock
  }

  /// The words that tie a company file to a database and company.
  public static func origin(_ connection: OdooConnection) -> String {
    "\(connection.address) database \(connection.database ?? "(its only one)") company \(connection.company.id)"
  }

  /// Runs it.
  ///
  /// - Returns: what was done; a server that fails midway is in `failure`, and what was complete before is kept.
  /// - Throws: `WarehouseError` when the company file cannot take it, `Cancellation.Interrupted`.
  public func run(_ progress: @escaping (SyncProgress) -> Void = { _ in }) throws -> SyncSummary {
    self.progress = progress
    let start = clock.now()
    let before = connection.traffic
    let lock = try warehouse.lockForSync()
    defer { lock.release() }
    try warehouse.bind(
      origin: Synchronizer.origin(connection), name: connection.company.name,
      currency: connection.company.currency, timeZone: connection.timeZone)
    var record = try warehouse.storeSync(
      SyncRecord(
        started: options.now(), serverTime: connection.serverTime, version: connection.version.text,
        transport: connection.transport.rawValue, user: connection.user.login))
    do {
      states = try warehouse.mirrorStates()
      try readModels()
      try derive()
    } catch {
      record.status = error is Cancellation.Interrupted ? "interrupted" : "failed"
      record.message = error is Cancellation.Interrupted ? "" : "\(error)"
      finish(&record)
      // The run's own error matters more than one of the log.
      _ = try? warehouse.storeSync(record)
      throw error
    }
    let failed = summary.models.contains { $0.status == "failed" }
    summary.status = summary.failure != nil || failed ? "partial" : "ok"
    summary.seconds = clock.now() - start
    summary.traffic = connection.traffic
    summary.traffic.calls -= before.calls
    summary.traffic.bytes -= before.bytes
    summary.traffic.seconds -= before.seconds
    record.status = summary.status
    record.message = message()
    finish(&record)
    try warehouse.storeSync(record)
    return summary
  }

  private func finish(_ record: inout SyncRecord) {
    record.finished = options.now()
    record.read = summary.read
    record.changed = summary.changed
    record.removed = summary.removed
    record.problems = summary.derived?.problemCount ?? 0
  }

  /// What is missing and why, for the log.
  private func message() -> String {
    var parts = summary.failure.map { [$0.message] } ?? []
    for model in summary.models where model.status == "failed" || model.status == "denied" {
      parts.append("\(model.title): \(model.message)")
    }
    return parts.joined(separator: "; ")
  }

  private func readModels() throws {
    for spec in ModelSpec.all {
      try Cancellation.current.check()
      let start = clock.now()
      var model = ModelSummary(model: spec.model, title: spec.title)
      do {
        try read(spec, &model)
      } catch let error as OdooError {
        try note(error, spec, &model)
        if error.isAboutConnection || error.kind == .tooLarge {
          model.seconds = clock.now() - start
          summary.models.append(model)
          summary.failure = error
          summary.notes.append("the sync stopped at \(spec.title); run it again to go on from there")
          return
        }
      }
      model.seconds = clock.now() - start
      summary.models.append(model)
    }
    let absent = summary.models.filter { $0.status == "absent" }.map(\.title)
    if !absent.isEmpty {
      summary.notes.append(
        "the server has no \(absent.joined(separator: ", ")): their modules are not installed")
    }
    for model in summary.models where model.status == "denied" {
      summary.notes.append("\(connection.user.login) may not read \(model.title), so they are missing")
    }
  }

  private func note(_ error: OdooError, _ spec: ModelSpec, _ model: inout ModelSummary) throws {
    model.message = error.message
    switch error.kind {
    case .unknownModel:
      model.status = "absent"
      var state = MirrorState(name: spec.table, fingerprint: "")
      state.isPresent = false
      if states[spec.table] != state {
        try warehouse.storeMirror(state, clearing: true)
        states[spec.table] = state
      }
    case .accessDenied: model.status = "denied"
    default:
      model.status = "failed"
      if !error.isAboutConnection { summary.notes.append("\(spec.title) could not be read: \(error)") }
    }
  }

  private func read(_ spec: ModelSpec, _ model: inout ModelSummary) throws {
    progress(SyncProgress(what: spec.title, done: 0))
    let map = try FieldMap(
      spec, try connection.fields(of: spec.model), custom: options.fields[spec.model] ?? [:])
    summary.notes += map.notes
    switch spec.upkeep {
    case .snapshot: try snapshot(map, &model)
    case .changes: try changes(map, &model)
    }
  }

  /// The state to begin or go on with.
  private func begin(_ map: FieldMap) throws -> MirrorState {
    let name = map.spec.table
    if var state = states[name], state.isPresent, state.fingerprint == map.fingerprint,
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
    var state = MirrorState(name: name, fingerprint: map.fingerprint)
    state.started = startOfRun
    state.isFull = true
    // What was read by other fields is not mixed with what comes.
    if map.spec.upkeep == .changes {
      try warehouse.storeMirror(state, clearing: true)
      states[name] = state
    }
    return state
  }

  /// The server's clock when it first answered, less the overlap. A server that tells no time gets a day more.
  private var startOfRun: Instant {
    let reference =
      connection.serverTime ?? Instant(microseconds: options.now().microseconds - 86_400_000_000)
    return Instant(microseconds: reference.microseconds - Int64(options.overlap * 1e6))
  }

  private func snapshot(_ map: FieldMap, _ model: inout ModelSummary) throws {
    var state = try begin(map)
    let builder = RowBuilder(map.fields)
    var last: Int64 = 0
    while true {
      let before = builder.rowCount
      try Pages.fetch(
        connection, map, domain: map.domain, after: last, limit: options.pageSize, into: builder)
      progress(SyncProgress(what: map.spec.title, done: builder.rowCount))
      guard builder.rowCount - before >= options.pageSize, let end = builder.lastInteger(0), end > last else {
        break
      }
      last = end
    }
    let page = builder.finish()
    note(page, map.spec)
    state.watermark = state.started
    state.started = nil
    state.cursor = 0
    state.isFull = false
    model.read = page.count
    (model.changed, model.removed) = try warehouse.replaceMirror(map.renamed(page.table), state)
    states[map.spec.table] = state
  }

  private func changes(_ map: FieldMap, _ model: inout ModelSummary) throws {
    var state = try begin(map)
    model.isFull = state.isFull
    var domain = map.domain
    if !state.isFull, let watermark = state.watermark { domain = Pages.since(watermark, map) }
    let total = state.isFull && state.cursor == 0 ? try connection.count(map.spec.model, domain: domain) : nil
    let source = Pages(
      connection, map, domain: domain, after: state.cursor, pageSize: options.pageSize,
      columns: options.usesColumns && state.isFull && map.spec.isPlain
        && (total ?? .max) > 2 * Int64(options.pageSize))
    let pipeline = PagePipeline { try source.next() }
    defer { pipeline.end() }
    let start = clock.now()
    while let page = try pipeline.next() {
      try Cancellation.current.check()
      state.cursor = Swift.max(state.cursor, page.last)
      model.read += page.rows.count
      model.changed += try warehouse.storeMirror(map.renamed(page.rows.table), state)
      states[map.spec.table] = state
      note(page.rows, map.spec)
      let seconds = clock.now() - start
      progress(
        SyncProgress(
          what: map.spec.title, done: model.read, total: total.map { Int($0) },
          rate: seconds > 0.5 ? Double(model.read) / seconds : nil))
    }
    pipeline.end()
    model.isColumnar = source.isColumnar
    // After a first load it finds what went or changed behind the pages, above all when a run was cut off long ago.
    if !state.isFull || model.read > 0 || state.cursor > 0 {
      let pruned = try Deletions(connection, warehouse, map, options).run()
      model.removed = pruned.removed
      model.changed += pruned.restored
      model.read += pruned.restored
    }
    state.watermark = state.started
    state.started = nil
    state.cursor = 0
    state.isFull = false
    try warehouse.storeMirror(state)
    states[map.spec.table] = state
  }

  private func note(_ page: WirePage, _ spec: ModelSpec) {
    guard page.notNumbers > 0 else { return }
    summary.notes.append(
      "\(page.notNumbers) values of \(spec.title) are no numbers (NaN) in the server's database and became null"
    )
  }

  private func derive() throws {
    guard try warehouse.needsDerivation else { return }
    var ready = Set<String>()
    for (name, state) in states {
      let isComplete = state.watermark != nil && !(state.isFull && state.started != nil)
      if isComplete || !state.isPresent { ready.insert(name) }
    }
    let derived = try warehouse.derive(
      company: connection.company.id, ready: ready, clock: options.now().utcDate
    ) { what, done, total in progress(SyncProgress(what: "preparing \(what)", done: done, total: total)) }
    summary.derived = derived
    summary.notes += derived.notes
  }
}
