import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import Foundation

/// What the binder may ask of the world outside: the company's day and currency, the columns of files, modules.
struct EngineHost: BindingHost {
  let company: Company
  let files: FileAccess
  let fixedToday: CivilDate?
  /// What `now` is while a session is recorded or replayed.
  var fixedNow: Instant?
  let live: (any LiveSource)?

  var today: CivilDate {
    if let fixedToday { return fixedToday }
    if case .none = company.choice { return EngineHost.systemDay }
    return company.info?.today ?? EngineHost.systemDay
  }

  /// Deterministic where `today` is: its midnight. Else the clock.
  var now: Instant {
    if let fixedNow { return fixedNow }
    if fixedToday != nil { return Instant(today) }
    return Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }

  var currency: String? { company.info?.currency }

  static var systemDay: CivilDate {
    CivilDate(day: Int32(clamping: Int((Date().timeIntervalSince1970 / 86_400).rounded(.down))))
  }

  func fileSchema(_ path: String, _ arguments: BoundArguments) throws(Diagnostic) -> Schema {
    let options = try ReadCommand.options({ arguments.spans[$0] }) { name in
      guard let e = arguments.values[name] else {
        return ReadCommand.spec.parameters.first { $0.name == name }?.defaultValue ?? .null
      }
      return (try? Evaluator.constant(e, variables: [:])) ?? .null
    }
    do {
      return try files.read(path, options).table.schema
    } catch {
      throw error.at(arguments.spans["path"] ?? SourceSpan(0, 0))
    }
  }

  func serverSchema(
    _ model: String, fields: [String], _ arguments: BoundArguments
  ) throws(Diagnostic) -> Schema {
    do {
      return try (live ?? NoServer()).schema(model: model, fields: fields)
    } catch {
      throw error.at(arguments.spans[error.code == .unknownColumn ? "fields" : "model"] ?? SourceSpan(0, 0))
    }
  }

  func module(_ path: String, from: String) throws(Diagnostic) -> SourceText {
    let folder = from.contains("/") ? String(from[..<(from.lastIndex(of: "/") ?? from.endIndex)]) : ""
    var candidates =
      path.hasPrefix("/") ? [path] : [folder.isEmpty ? path : folder + "/" + path, files.source(path)]
    if candidates.last == candidates.first { candidates = [candidates[0]] }
    for candidate in candidates {
      files.tape.note(candidate, at: candidate)
      if let data = FileManager.default.contents(atPath: files.tape.place(of: candidate) ?? candidate) {
        let name = URL(fileURLWithPath: candidate).standardizedFileURL.path
        let working = FileManager.default.currentDirectoryPath + "/"
        guard let text = String(validating: data, as: UTF8.self) else {
          throw Diagnostic(.notUTF8, "\(candidate) is not UTF-8", notes: ["save the file as UTF-8"])
        }
        return SourceText(
          text, name: name.hasPrefix(working) ? String(name.dropFirst(working.count)) : name)
      }
    }
    throw Diagnostic(
      .file, "the file \"\(path)\" to import does not exist",
      label: "looked for " + Set(candidates).sorted().joined(separator: " and "))
  }
}
