import Foundation
import Synchronization

/// The files that a session read: noted while it is recorded, and read from copies when the recording is replayed.
public final class FileTape: Sendable {
  private struct State {
    var isNoting = false
    /// By the name in the statement: the name in messages, the bytes.
    var files: [String: (name: String, bytes: [UInt8])] = [:]
    /// Where the copies lie, by the name in the statement.
    var copies: [String: String] = [:]
    /// The folder of a replay's own files.
    var folder: String?
  }

  private let state = Mutex(State())

  /// Takes down what is read from now on.
  func begin() { state.withLock { $0.isNoting = true } }

  /// Takes nothing down any more, and forgets what there is.
  func end() { state.withLock { $0 = State() } }

  /// Takes a file down that is about to be read; one that cannot be read is none.
  func note(_ path: String, at place: String) {
    guard state.withLock({ $0.isNoting && $0.files[path] == nil }) else { return }
    let type = try? FileManager.default.attributesOfItem(atPath: place)[.type] as? FileAttributeType
    guard type == .typeRegular || type == .typeSymbolicLink,
      let data = FileManager.default.contents(atPath: place)
    else { return }
    state.withLock { $0.files[path] = (place, Array(data)) }
  }

  /// What was noted, by name in the statement.
  var files: [(path: String, name: String, bytes: [UInt8])] {
    state.withLock { state in
      state.files.keys.sorted().compactMap { path in
        state.files[path].map { (path, $0.name, $0.bytes) }
      }
    }
  }

  /// Puts copies of recorded files into a folder, to be read in their place; other files begin in `home`.
  func put(_ files: [(path: String, name: String, bytes: [UInt8])], into folder: String, home: String) throws
  {
    state.withLock { $0.folder = home }
    for (i, file) in files.enumerated() {
      // The name's end tells what kind of file it is.
      let copy = "\(folder)/\(i)-" + (file.path.split(separator: "/").last.map(String.init) ?? "file")
      try Data(file.bytes).write(to: URL(fileURLWithPath: copy))
      state.withLock {
        $0.copies[file.path] = copy
        $0.files[file.path] = (file.name, [])
      }
    }
  }

  /// Where the copy of a file lies; nil when there is none.
  func place(of path: String) -> String? { state.withLock { $0.copies[path] } }

  /// A message with the files of a replay named as they were when the session was recorded.
  func asNamedThen(_ message: String) -> String {
    state.withLock { state in
      guard let folder = state.folder else { return message }
      var message = message
      for (path, copy) in state.copies {
        message = message.replacing(copy, with: state.files[path]?.name ?? path)
      }
      return message.replacing(folder + "/", with: "")
    }
  }
}
