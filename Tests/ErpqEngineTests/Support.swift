import ErpqBase
import ErpqDiagnostics
import ErpqRendering
import ErpqTables
import ErpqWarehouse
import Foundation
import Synchronization
import Testing

@testable import ErpqEngine

/// A folder that goes with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "erpq-engine-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }
}

/// Keeps what a session says.
final class RecordingSink: ResultSink {
  private let state = Mutex<(warnings: [Diagnostic], errors: [Diagnostic])>(([], []))
  var warnings: [String] { state.withLock { $0.warnings.map(\.message) } }
  var errors: [String] { state.withLock { $0.errors.map(\.message) } }

  func table(_ table: Table) {}
  func value(_ value: Value) {}
  func picture(_ table: Table, _ spec: PlotSpec) {}
  func text(_ text: String) {}
  func note(_ text: String) {}
  func warn(_ diagnostic: Diagnostic) { state.withLock { $0.warnings.append(diagnostic) } }
  func error(_ diagnostic: Diagnostic) { state.withLock { $0.errors.append(diagnostic) } }
  func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) { error(diagnostic) }
}

/// A company made of the texts of its files.
final class SmallCompany {
  let folder: TemporaryFolder
  let file: String
  let summary: FolderSummary

  init(_ files: [String: String]) throws {
    folder = try TemporaryFolder()
    file = folder.path + "/company.db"
    for (name, text) in files { try folder.write(name, text) }
    let warehouse = try Warehouse(path: file)
    summary = try warehouse.importFolder(folder.path, currency: "EUR")
    try warehouse.close()
  }

  func ask(_ statement: String, today: String? = nil, documents: Bool = false) -> (Table?, RecordingSink) {
    var options = SessionOptions()
    options.company = .file(file)
    options.today = today.flatMap { CivilDate(iso: $0) }
    options.usesDocuments = documents
    let sink = RecordingSink()
    let session = Session(options, sink: sink)
    let outcome = session.run(SourceText(statement, name: "test"))
    return (outcome == .ok ? session.lastResult : nil, sink)
  }
}
