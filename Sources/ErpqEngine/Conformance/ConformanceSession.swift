import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqRendering
import ErpqSemantics
import ErpqStandardLibrary
import ErpqTables
import ErpqWarehouse
import Foundation
import Synchronization

/// Why golden results cannot be made or compared; a sentence for the user.
public struct ConformanceError: Error, CustomStringConvertible {
  /// What happened, and where.
  public let message: String

  init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}

/// A sink that shows nothing and keeps what goes wrong.
private final class QuietSink: ResultSink {
  private let problems = Mutex<[Diagnostic]>([])
  var problem: Diagnostic? { problems.withLock { $0.last } }

  func table(_ table: Table) {}
  func value(_ value: Value) {}
  func picture(_ table: Table, _ spec: PlotSpec) {}
  func text(_ text: String) {}
  func note(_ text: String) {}
  func warn(_ diagnostic: Diagnostic) {}
  func error(_ diagnostic: Diagnostic) { problems.withLock { $0.append(diagnostic) } }
  func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) { error(diagnostic) }
}

/// A company in a file of its own for as long as the session lives, and statements over it as a user types them.
final class ConformanceSession {
  /// The last day with facts that count.
  let asOf: CivilDate
  private let options: SessionOptions
  private let sink = QuietSink()
  private let session: Session
  private let folder: String

  /// Loads a folder of an ERP's tables into a temporary company file.
  ///
  /// - Parameters:
  ///   - asOf: the last day of every window; nil takes `as_of` of the folder's `meta.json`, or the last fact.
  ///   - documents: whether `use erpconnect` holds.
  init(loading source: String, asOf: CivilDate? = nil, documents: Bool = true) throws {
    folder = try TemporaryPlace.folder(to: "make a company file")
    var options = SessionOptions()
    var today = asOf
    do {
      let file = folder + "/company.db"
      let warehouse = try Warehouse(path: file)
      try warehouse.importFolder(source)
      if today == nil, FileManager.default.fileExists(atPath: source + "/meta.json") {
        today = try GoldenJSON.load(source + "/meta.json")["as_of"].string.flatMap { CivilDate(iso: $0) }
      }
      if today == nil { today = try warehouse.info.lastFactDay }
      try warehouse.close()
      options.company = .file(file)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    guard let today else {
      try? FileManager.default.removeItem(atPath: folder)
      throw ConformanceError(
        "\(source) has no facts and its meta.json no as_of, so no day is known to compute at")
    }
    self.asOf = today
    options.today = today.adding(days: 1)
    options.usesDocuments = documents
    self.options = options
    session = Session(
      options, sink: sink,
      standardLibrary: StandardLibrary.files.map { SourceText($0.text, name: $0.name) })
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The rows of a statement.
  func rows(_ statement: String) throws -> GoldenRows {
    let outcome = session.run(SourceText(statement, name: "conformance"))
    guard outcome == .ok, let table = session.lastResult else {
      if outcome == .interrupted { throw Cancellation.Interrupted() }
      throw ConformanceError("`\(statement)` failed: \(sink.problem?.message ?? "it has no rows")")
    }
    return GoldenRows(table)
  }

  /// What commands run with.
  var context: RunContext {
    RunContext(
      today: session.today, seed: options.seed, company: session.company, files: session.files,
      settings: options.usesDocuments ? .erpconnect : .default, usesDocuments: options.usesDocuments,
      warn: { _ in }, progress: nil, host: session.host)
  }

  /// Arguments of a command that are given by value instead of by text.
  func arguments(_ spec: CommandSpec, _ given: [String: Value] = [:]) throws -> Arguments {
    var bound = BoundArguments()
    for (name, value) in given {
      bound.values[name] = .constant(value, value.type)
      bound.spans[name] = SourceSpan(0, 0)
    }
    return try Arguments(spec, bound, span: SourceSpan(0, 0), variables: [:])
  }

  /// The facts that `forecast` reads under these settings.
  func forecastFacts(days: Int) throws -> DemandFacts {
    try DemandFacts(
      try arguments(ForecastCommand.spec), context, window: DayWindow(last: asOf, count: days),
      population: .active)
  }
}

/// Cells of a result by column and row.
struct GoldenRows {
  let table: Table
  init(_ table: Table) { self.table = table }

  var count: Int { table.rowCount }

  func number(_ column: String, _ row: Int) -> Double? { table[column].flatMap { $0[row].asDouble } }

  /// A span of time in days.
  func days(_ column: String, _ row: Int) -> Double? {
    number(column, row).map { $0 / CalendarDuration.millisecondsPerDay }
  }

  func text(_ column: String, _ row: Int) -> String? {
    if case .text(let text)? = table[column]?[row] { text } else { nil }
  }

  func int(_ column: String, _ row: Int) -> Int64? {
    if case .int(let i)? = table[column]?[row] { i } else { nil }
  }

  func period(_ column: String, _ row: Int) -> Period? {
    switch table[column]?[row] {
    case .date(let d)?: Period(.day, containing: d)
    case .period(let p)?: p
    default: nil
    }
  }

  func number(_ column: String) -> (Int) -> GoldenJSON { { .optional(number(column, $0)) } }
  func text(_ column: String) -> (Int) -> GoldenJSON { { text(column, $0).map { .text($0) } ?? .null } }
  func int(_ column: String) -> (Int) -> GoldenJSON { { int(column, $0).map { .int($0) } ?? .null } }

  /// The sum of a column, in the order of the rows.
  func sum(_ column: String) -> Double { (0..<count).reduce(0) { $0 + (number(column, $1) ?? 0) } }

  /// The texts of a column.
  func texts(_ column: String) -> [String] { (0..<count).compactMap { text(column, $0) } }

  /// Rows of the products listed, in the order of the list or of the rows.
  func listed(_ ids: [Int64]?, byList: Bool) -> [Int] {
    guard let ids else {
      let all = Array(0..<count)
      return byList ? all.sorted { (int("product", $0) ?? 0) < (int("product", $1) ?? 0) } : all
    }
    if !byList {
      let wanted = Set(ids)
      return (0..<count).filter { int("product", $0).map(wanted.contains) ?? false }
    }
    var place: [Int64: Int] = [:]
    for row in 0..<count { if let id = int("product", row) { place[id] = row } }
    return ids.compactMap { place[$0] }
  }
}
