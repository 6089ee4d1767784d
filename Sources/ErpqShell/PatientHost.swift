import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import Foundation
import Synchronization

/// What completion asks of the world: as the session would, but no key waits long for a large file or a slow server.
/// What comes too late is there for the next key; until then the columns are not known.
struct PatientHost: BindingHost {
  /// What has been found out for earlier keys, or is being found out.
  final class Memory: Sendable {
    fileprivate enum Entry {
      case asked
      case known(Schema, Date)
    }
    fileprivate let entries = Mutex<[String: Entry]>([:])
    /// Makes an empty memory.
    init() {}
  }

  /// The session's own.
  let inner: any BindingHost
  let memory: Memory
  /// How long a key waits, in milliseconds.
  static let patience = 30
  /// How long what was found out counts, in seconds; a file may be written anew meanwhile.
  private static let freshness = 5.0

  var today: CivilDate { inner.today }
  var now: Instant { inner.now }
  var currency: String? { inner.currency }

  func fileSchema(_ path: String, _ arguments: BoundArguments) throws(Diagnostic) -> Schema {
    soon("file \(path)") { [inner] in try? inner.fileSchema(path, arguments) }
  }

  func serverSchema(_ model: String, fields: [String], _ arguments: BoundArguments) throws(Diagnostic)
    -> Schema
  {
    soon("server \(model) \(fields.joined(separator: " "))") { [inner] in
      try? inner.serverSchema(model, fields: fields, arguments)
    }
  }

  func module(_ path: String, from: String) throws(Diagnostic) -> SourceText {
    try inner.module(path, from: from)
  }

  private func soon(_ key: String, _ find: @escaping @Sendable () -> Schema?) -> Schema {
    let before = memory.entries.withLock { entries -> Memory.Entry? in
      let before = entries[key]
      if case .known(_, let time)? = before, Date().timeIntervalSince(time) > Self.freshness {
        entries[key] = .asked
        return nil
      }
      if before == nil { entries[key] = .asked }
      return before
    }
    switch before {
    case .known(let schema, _): return schema
    // Someone is at it: a second thread would only make both slower.
    case .asked: return .unknown
    case nil: break
    }
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global(qos: .userInitiated).async { [memory] in
      let schema = find()
      memory.entries.withLock { $0[key] = schema.map { .known($0, Date()) } }
      done.signal()
    }
    guard done.wait(timeout: .now() + .milliseconds(Self.patience)) == .success else { return .unknown }
    return memory.entries.withLock { entries in
      if case .known(let schema, _)? = entries[key] { schema } else { .unknown }
    }
  }
}
