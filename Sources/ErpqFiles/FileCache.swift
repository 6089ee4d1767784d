import ErpqBase
import ErpqTables
import Synchronization

/// What was read from files, kept while the files stay as they are (same path, size, time of writing,
/// options).
///
/// Safe to use from several threads at once.
public final class FileCache: Sendable {
  private struct Key: Hashable {
    var identity: FileIdentity
    var options: ReadOptions
  }

  private struct State {
    /// The entries, the one used last at the end.
    var entries: [(key: Key, value: FileRead)] = []
  }

  private let state = Mutex(State())
  private let maximumFiles: Int
  private let maximumBytes: Int

  /// A cache that keeps at most so many readings, of files of at most so many bytes in all (the reading used
  /// last is always kept).
  public init(maximumFiles: Int = 16, maximumBytes: Int = 2 << 30) {
    self.maximumFiles = Swift.max(1, maximumFiles)
    self.maximumBytes = maximumBytes
  }

  /// Number of readings kept.
  public var count: Int { state.withLock { $0.entries.count } }

  /// Forgets everything.
  public func removeAll() { state.withLock { $0.entries = [] } }

  func value(_ identity: FileIdentity, _ options: ReadOptions) -> FileRead? {
    let key = Key(identity: identity, options: options)
    return state.withLock { state in
      guard let i = state.entries.firstIndex(where: { $0.key == key }) else { return nil }
      let entry = state.entries.remove(at: i)
      state.entries.append(entry)
      return entry.value
    }
  }

  func store(_ value: FileRead, _ identity: FileIdentity, _ options: ReadOptions) {
    let key = Key(identity: identity, options: options)
    state.withLock { state in
      // An older state of the same file will not come back.
      state.entries.removeAll {
        $0.key == key
          || $0.key.identity.canonicalPath == identity.canonicalPath && $0.key.identity != identity
      }
      state.entries.append((key, value))
      while state.entries.count > 1,
        state.entries.count > maximumFiles || state.entries.reduce(0, { $0 + $1.value.bytes }) > maximumBytes
      {
        state.entries.removeFirst()
      }
    }
  }
}
