import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqOdoo
import ErpqTables
import Foundation
import Synchronization

/// A connection of the settings file as statements use it: opened when first needed, kept for the session.
final class LiveOdoo: LiveSource {
  private let profile: ConnectionProfile
  private let exchanges: ExchangeFiles
  // Statements run one after the other; the lock keeps it so.
  private let state = Mutex<Held>(Held())

  private struct Held: @unchecked Sendable {
    var connection: OdooConnection?
  }

  init(_ profile: ConnectionProfile, exchanges: ExchangeFiles) {
    self.profile = profile
    self.exchanges = exchanges
  }

  private func with<R>(_ body: (OdooConnection) throws -> sending R) throws(Diagnostic) -> sending R {
    do {
      return try state.withLock { held in
        if held.connection == nil {
          held.connection = try profile.open(try exchanges.options())
        }
        guard let connection = held.connection else { throw OdooError(.unreachable, "no connection") }
        return try body(connection)
      }
    } catch let error as OdooError {
      throw LiveOdoo.diagnostic(error)
    } catch is Cancellation.Interrupted {
      throw Diagnostic(.interrupted, "interrupted")
    } catch {
      throw Diagnostic(.connection, "\(error)")
    }
  }

  /// An error of the connection as a diagnostic.
  static func diagnostic(_ error: OdooError) -> Diagnostic {
    let code: DiagnosticCode =
      error.kind == .unknownField ? .unknownColumn : error.isAboutConnection ? .connection : .server
    return Diagnostic(code, error.message, notes: error.advice.isEmpty ? [] : [error.advice])
  }

  func schema(model: String, fields: [String]) throws(Diagnostic) -> Schema {
    let wire = try with { try LiveOdoo.fields(model, fields, $0) }
    return Schema(wire.map { Field($0.field.name, $0.field.kind.type, $0.label) })
  }

  private static func fields(
    _ model: String, _ names: [String], _ connection: OdooConnection
  ) throws -> [(field: WireField, label: String)] {
    let list = try connection.fields(of: model)
    // Everything that lies in the database and fits a column; contents of files do not.
    let wanted =
      names.isEmpty
      ? ["id"]
        + list.names.filter { name in
          guard name != "id", let field = list[name] else { return false }
          return field.isStored && field.kind != nil && field.type != "binary"
        } : names
    return try wanted.map { name in
      guard let field = list[name] else {
        let near = nearest(to: name, among: list.names)
        throw OdooError(
          .unknownField, "\(model) has no field \"\(name)\"",
          advice: near.isEmpty ? "" : "Did you mean \(near.joined(separator: ", "))?")
      }
      guard let kind = field.kind else {
        throw OdooError(
          .unknownField, "the field \(name) of \(model) is of the type \(field.type), which no column holds")
      }
      return (WireField(name, kind), field.label)
    }
  }

  func records(
    model: String, fields: [String], conditions: Value, order: String?, limit: Int
  ) throws -> Table {
    try with { connection in
      let wire = try LiveOdoo.fields(model, fields, connection).map(\.field)
      return try connection.page(
        model, fields: wire, domain: OdooValue(conditions), order: order, limit: limit == 0 ? nil : limit)
    }
  }

  func health() -> [(check: String, status: String, detail: String)] {
    guard let options = try? exchanges.options() else {
      return [("server", "bad", "the recording cannot be read")]
    }
    return Health.checks(of: profile, options) { LiveOdoo.now }.map { ($0.check, $0.status, $0.detail) }
  }

  /// This machine's clock.
  static var now: Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}

/// The files that exchanges are recorded to or answered from.
struct ExchangeFiles: Sendable {
  /// Where exchanges are written; nil: nowhere.
  var record: String?
  /// Where answers come from instead of the server; nil: from the server.
  var replay: String?

  /// How to open a connection.
  ///
  /// - Throws: `OdooError` when a file cannot be used.
  func options() throws -> OpeningOptions {
    var options = OpeningOptions(environment: ExchangeFiles.environment)
    if let replay {
      guard let data = FileManager.default.contents(atPath: replay) else {
        throw OdooError(.recording, "The recording \(replay) cannot be read")
      }
      options.replay = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    if let record {
      guard
        FileManager.default.createFile(
          atPath: record, contents: Data(), attributes: [.posixPermissions: 0o600]),
        let handle = FileHandle(forWritingAtPath: record)
      else { throw OdooError(.recording, "The recording \(record) cannot be written") }
      options.record = { line in try handle.write(contentsOf: Data((line + "\n").utf8)) }
    }
    return options
  }

  /// The environment with the `.env` file of the current folder beneath it.
  static var environment: [String: String] {
    DotEnv.environment(
      ProcessInfo.processInfo.environment, folder: FileManager.default.currentDirectoryPath)
  }
}
