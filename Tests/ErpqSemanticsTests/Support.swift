import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqRendering
import ErpqSemantics
import ErpqStandardLibrary
import ErpqSyntax
import ErpqTables
import Foundation
import Synchronization
import Testing

/// Keeps what a session shows.
final class Collector: ResultSink {
  private let state = Mutex<(tables: [Table], texts: [String], errors: [Diagnostic])>(([], [], []))

  var tables: [Table] { state.withLock { $0.tables } }
  var texts: [String] { state.withLock { $0.texts } }
  var errors: [Diagnostic] { state.withLock { $0.errors } }

  func table(_ table: Table) { state.withLock { $0.tables.append(table) } }
  func value(_ value: Value) { state.withLock { $0.texts.append(value.description) } }
  func picture(_ table: Table, _ spec: PlotSpec) { state.withLock { $0.texts.append("picture") } }
  func text(_ text: String) { state.withLock { $0.texts.append(text) } }
  func note(_ text: String) {}
  func warn(_ diagnostic: Diagnostic) {}
  func error(_ diagnostic: Diagnostic) { state.withLock { $0.errors.append(diagnostic) } }
  func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) { error(diagnostic) }
}

/// Where the tests' files lie.
enum Place {
  /// The package's folder.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  static let corpus = root + "/Tests/Corpus"
  static let statements = root + "/Tests/ErpqToolingTests/Fixtures/statements.erpq"

  static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The statements of the design, one a string, continuation lines with them.
  static let designStatements: [String] = {
    var list: [String] = []
    for line in text(statements).split(separator: "\n") where !line.hasPrefix("#!") && line != "erpq 1" {
      if line.hasPrefix(" "), let last = list.popLast() {
        list.append(last + "\n" + line)
      } else {
        list.append(String(line))
      }
    }
    return list
  }()
}

/// A session without a company, on a fixed day, with the standard library.
func makeSession(folder: String = Place.root, params: [String: String] = [:]) -> (
  session: Session, sink: Collector
) {
  var options = SessionOptions()
  options.today = CivilDate(iso: "2026-07-01")
  options.folder = folder
  options.isReadOnly = true
  options.params = params
  let sink = Collector()
  let library = StandardLibrary.files.map { SourceText($0.text, name: $0.name) }
  return (Session(options, sink: sink, standardLibrary: library), sink)
}

/// The text that an example's result is compared with: a value, a single cell, or a column as `[a, b]`.
func result(of code: String) -> String {
  let (session, sink) = makeSession()
  let outcome = session.run(SourceText(code, name: "example"))
  if let error = sink.errors.first { return "\(error.code.rawValue): \(error.message)" }
  if outcome != .ok { return "\(outcome)" }
  if let text = sink.texts.first { return text }
  guard let table = sink.tables.first, let column = table.columns.last else { return "no result" }
  let cells = (0..<column.count).map { column[$0].description }
  let isOne = code.contains("summarize") && cells.count == 1
  return isOne ? cells[0] : "[" + cells.joined(separator: ", ") + "]"
}

/// A case of a `.erpt` file.
struct CorpusCase: CustomTestStringConvertible, Sendable {
  var file: String
  var title: String
  var run: String?
  var program = ""
  var files: [(name: String, text: String)] = []
  var out = ""
  var err = ""

  var testDescription: String { file + ": " + title }

  /// All cases below a folder of the corpus.
  static func all(in folder: String) -> [CorpusCase] {
    let base = Place.corpus + "/" + folder
    let names = (FileManager.default.enumerator(atPath: base)?.allObjects as? [String] ?? []).sorted()
    return names.filter { $0.hasSuffix(".erpt") }.flatMap { read(base + "/" + $0, name: folder + "/" + $0) }
  }

  private static func read(_ path: String, name: String) -> [CorpusCase] {
    var cases: [CorpusCase] = []
    var section = ""
    for line in Place.text(path).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("=== ") {
        cases.append(CorpusCase(file: name, title: String(line.dropFirst(4))))
        section = "program"
      } else if let i = cases.indices.last, line.hasPrefix("--- ") {
        let words = line.dropFirst(4).split(separator: " ", maxSplits: 1).map(String.init)
        section = words[0]
        if section == "run" {
          cases[i].run = words.count > 1 ? words[1] : ""
          section = "program"
        }
        if section == "file" { cases[i].files.append((words.count > 1 ? words[1] : "", "")) }
      } else if let i = cases.indices.last {
        switch section {
        case "program": cases[i].program += line + "\n"
        case "file": cases[i].files[cases[i].files.count - 1].text += line + "\n"
        case "out": cases[i].out += line + "\n"
        case "err": cases[i].err += line + "\n"
        default: break
        }
      }
    }
    for i in cases.indices {
      while cases[i].program.hasSuffix("\n\n") { cases[i].program.removeLast() }
    }
    return cases
  }
}
