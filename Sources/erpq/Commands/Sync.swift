import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqOdoo
import ErpqShell
import ErpqTables
import ErpqWarehouse
import Foundation

/// `erpq sync`: brings the company file of a connection up to date.
struct Sync: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the company file of a connection up to date with its server.",
    discussion: """
      The first time everything is read, afterwards what has changed. A run may be stopped or fail anywhere: what was \
      complete is kept, and the next run goes on from there. Statements see the new facts when a run is done. The \
      runs are rows of `syncs`, records that could not be used rows of `sync_problems`.

      For cron: erpq sync --format json     (exit code 0 whole, 4 partial, 5 no connection)
      """)

  @Flag(help: "Read everything again.")
  var full = false

  @Option(
    help: ArgumentHelp("Minutes that a transaction on the server may take, at most.", valueName: "minutes"))
  var overlap: Double = 60

  @Option(help: ArgumentHelp("Records a request.", valueName: "n"))
  var pageSize: Int = 5000

  @Flag(help: "Show what the server said beyond the message.")
  var debug = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (1...100_000).contains(pageSize) else { throw ValidationError("--page-size goes from 1 to 100000") }
    guard (0...100_000).contains(overlap) else {
      throw ValidationError("--overlap goes from 0 to 100000 minutes")
    }
  }

  mutating func run() throws {
    let sink = global.sink()
    if global.readOnly { throw ValidationError("a sync writes the company file; leave out --read-only") }
    if global.asOf != nil {
      throw ValidationError("a sync changes the company file itself; leave out --as-of")
    }
    do {
      let summary = try sync(sink)
      if let failure = summary.failure {
        tell(failure, sink)
        throw ExitStatus(code: failure.isAboutConnection ? 5 : 4)
      }
      if summary.status != "ok" { throw ExitStatus(code: 4) }
    } catch let error as OdooError {
      tell(error, sink)
      throw ExitStatus(code: 5)
    } catch is Cancellation.Interrupted {
      sink.error(Diagnostic(.interrupted, "interrupted; the next run goes on from here"))
      throw ExitStatus(code: 130)
    } catch let error as WarehouseError {
      sink.error(Company.diagnostic(error))
      throw ExitStatus(code: 4)
    }
  }

  private func tell(_ error: OdooError, _ sink: TerminalSink) {
    sink.error(LiveOdoo.diagnostic(error))
    if debug, !error.details.isEmpty { sink.note(error.details) }
  }

  private func sync(_ sink: TerminalSink) throws -> SyncSummary {
    let profile = try global.profile()
    let path = global.warehouse ?? profile.warehouse
    guard !path.isEmpty else {
      throw OdooError(
        .configuration, "The connection \(profile.name) names no company file",
        advice: "Name one with -w FILE, or as `warehouse` in the settings.")
    }
    let folder = (path as NSString).deletingLastPathComponent
    if global.warehouse == nil, !folder.isEmpty {
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    var opening = try global.exchanges.options()
    opening.onRetry = { error, seconds, attempt in
      sink.note("\(error.message); attempt \(attempt) in \(Int(seconds.rounded(.up))) s")
    }
    sink.progress(WorkProgress("signing in to \(profile.settings.url)"))
    let connection = try profile.open(opening)
    let warehouse = try Warehouse(path: path)
    defer { try? warehouse.close() }
    var options = SyncOptions { LiveOdoo.now }
    options.isFull = full
    options.overlap = overlap * 60
    options.pageSize = pageSize
    options.fields = profile.fields
    options.lanes = profile.requestsInFlight
    let summary = try Synchronizer(connection, into: warehouse, options: options).run { progress in
      sink.progress(
        WorkProgress(
          progress.what, done: Double(progress.done), of: progress.total.map(Double.init),
          rows: progress.done,
          unit: "records"))
    }
    show(summary, path, sink)
    return summary
  }

  private func show(_ summary: SyncSummary, _ path: String, _ sink: TerminalSink) {
    let models =
      global.format == .table
      ? summary.models.filter { $0.read + $0.removed > 0 || $0.status == "failed" } : summary.models
    sink.table(
      Table([
        ("model", Column(.text, values: models.map { .text($0.model) })),
        ("status", Column(.text, values: models.map { .text($0.status) })),
        ("read", Column(.int, .ints(models.map { Int64($0.read) }))),
        ("changed", Column(.int, .ints(models.map { Int64($0.changed) }))),
        ("removed", Column(.int, .ints(models.map { Int64($0.removed) }))),
        ("seconds", Column(.number, .doubles(models.map { ($0.seconds * 100).rounded() / 100 }))),
      ]))
    for note in summary.notes { sink.warn(Diagnostic(.dataNote, note)) }
    for (problem, count) in (summary.derived?.problems ?? [:]).sorted(by: { $0.key < $1.key }) {
      sink.warn(
        Diagnostic(
          .rejectedRows, "\(counted(count, "record")) could not be used: \(problem)",
          notes: ["`sync_problems` lists them"]))
    }
    let megabytes = Double(summary.traffic.bytes) / 1e6
    sink.note(
      "\(counted(summary.read, "record")) in \(counted(summary.traffic.calls, "request")), "
        + "\(String(format: "%.1f", megabytes)) MB, \(String(format: "%.1f", summary.seconds)) s; "
        + "\(counted(summary.changed, "change")), \(summary.removed) gone"
        + (summary.derived == nil ? "; the company file was up to date" : ""))
  }
}

/// `erpq health`.
struct HealthSubcommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health", abstract: "See how the company file and its server are.",
    discussion: "Exit code 5 when the server cannot be reached or refuses the sign-in.")

  @OptionGroup var global: GlobalOptions

  mutating func run() throws {
    try global.runCheckup("health", codeWhenBad: 5)
  }
}

/// `erpq doctor`.
struct DoctorSubcommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "See what is wrong with the company's data.",
    discussion: "Exit code 1 when figures are wrong by it.")

  @OptionGroup var global: GlobalOptions

  mutating func run() throws {
    try global.runCheckup("doctor", codeWhenBad: 1)
  }
}

extension GlobalOptions {
  /// Shows the answer of a command that judges things one a row, in the column `status`.
  fileprivate func runCheckup(_ command: String, codeWhenBad code: Int32) throws {
    let session = try session(sink())
    let outcome = session.run(SourceText(command, name: command))
    if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
    guard let table = session.lastResult, let status = table["status"] else { return }
    if (0..<table.rowCount).contains(where: { status[$0] == .text("bad") }) { throw ExitStatus(code: code) }
  }
}
