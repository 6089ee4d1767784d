import Foundation

/// Holds a company file for one sync: two at once would take each other's place in the pages for their own. The
/// system lets go of it when the process ends, however it ends.
public final class SyncLock {
  private let path: String
  private var handle: Int32

  /// Takes the lock of a company file.
  ///
  /// - Throws: `WarehouseError` when another sync holds it, or its file cannot be made.
  fileprivate init(company: String) throws {
    path = company + "-sync"
    handle = -1
    // Whoever held it before may have removed the file between our opening and locking it.
    for _ in 0..<100 {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else {
        throw WarehouseError(
          .noPermission, "\(path), which keeps two syncs apart, cannot be made.",
          advice: "See whether its folder can be written to.")
      }
      guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
        let holder = SyncLock.holder(file)
        close(file)
        throw WarehouseError(
          .locked, "Another sync of \(company) is running\(holder).",
          advice: "Wait for it to end; what it reads is seen then.")
      }
      var mine = stat()
      var there = stat()
      if fstat(file, &mine) == 0, stat(path, &there) == 0, mine.st_ino == there.st_ino {
        handle = file
        ftruncate(file, 0)
        let words = Array("\(getpid())\n".utf8)
        _ = write(file, words, words.count)
        return
      }
      close(file)
    }
    throw WarehouseError(.locked, "Another sync of \(company) is running.")
  }

  private static func holder(_ file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(file, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)).map { " (process \($0))" } ?? ""
  }

  /// Lets go.
  public func release() {
    guard handle >= 0 else { return }
    unlink(path)
    close(handle)
    handle = -1
  }

  deinit { release() }
}

extension Warehouse {
  /// Keeps other syncs away until the lock is released.
  ///
  /// - Throws: `WarehouseError` when another sync of this company file is running.
  public func lockForSync() throws -> SyncLock { try SyncLock(company: path) }
}
