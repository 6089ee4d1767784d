import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import Synchronization

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
  /// Models that are read at the same time, each with one request on its way.
  public var lanes = OdooConnection.mostInFlight
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
  private let connection: OdooConnection
  private let warehouse: Warehouse
  private let options: SyncOptions
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
    let screen = ProgressScreen(progress)
    let syncs = ModelSpec.all.map { spec in
      ModelSync(spec, states[spec.table], connection, warehouse, options, clock, screen.show)
    }
    defer { for (spec, sync) in zip(ModelSpec.all, syncs) { states[spec.table] = sync.state } }
    let reached = Mutex(0)
    try Lanes.run(options.lanes, items: syncs.count) { item in
      reached.withLock { $0 = Swift.max($0, item + 1) }
      defer { screen.end(ModelSpec.all[item].title) }
      try syncs[item].run()
      return syncs[item].failure == nil
    }
    for sync in syncs.prefix(reached.withLock { $0 }) {
      summary.models.append(sync.summary)
      summary.notes += sync.notes
      if let failure = sync.failure, summary.failure == nil {
        summary.failure = failure
        summary.notes.append("the sync stopped at \(sync.summary.title); run it again to go on from there")
      }
    }
    guard summary.failure == nil else { return }
    let absent = summary.models.filter { $0.status == "absent" }.map(\.title)
    if !absent.isEmpty {
      summary.notes.append(
        "the server has no \(absent.joined(separator: ", ")): their modules are not installed")
    }
    for model in summary.models where model.status == "denied" {
      summary.notes.append("\(connection.user.login) may not read \(model.title), so they are missing")
    }
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
    ) { what, done, total in
      progress(SyncProgress(what: "preparing \(what)", done: done, total: total))
    }
    summary.derived = derived
    summary.notes += derived.notes
  }
}

/// One line for what several models report: the one that began first is shown until it is done or until another is known
/// to be long.
private final class ProgressScreen {
  private let lock = NSLock()
  private let display: (SyncProgress) -> Void
  private var shown: SyncProgress?

  init(_ display: @escaping (SyncProgress) -> Void) { self.display = display }

  func show(_ progress: SyncProgress) {
    lock.withLock {
      guard shown == nil || shown?.what == progress.what || shown?.total == nil && progress.total != nil
      else { return }
      shown = progress
      display(progress)
    }
  }

  func end(_ what: String) {
    lock.withLock { if shown?.what == what { shown = nil } }
  }
}
