import Glibc

/// The file that kept statements before there was a database for them: one a line, with `\n`, `\r` and `\\` for what
/// would end it. It is read once, when the database is made.
struct HistoryFile {
  /// Where it is.
  let path: String
  /// The most statements that are taken over.
  let limit: Int
  private static let longestFile = 64 * 1024 * 1024

  /// Reads the statements, oldest first; of a file with more than `limit`, the newest.
  func load() -> (entries: [String], problem: String?) {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    if descriptor < 0 {
      return errno == ENOENT ? ([], nil) : ([], problem("cannot be read", errno))
    }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return ([], "The history file \(path) is not a regular file; this session's history is not kept.")
    }
    let skipped = Swift.max(0, Int(status.st_size) - Self.longestFile)
    if skipped > 0 { lseek(descriptor, off_t(skipped), SEEK_SET) }
    var reader = LineReader(descriptor: descriptor)
    var entries: [String] = []
    var isFirst = skipped > 0
    reading: while true {
      let line: String
      switch reader.next() {
      case .line(let next): line = next
      // Stopping a statement does not stop this.
      case .interrupted: continue
      case .end: break reading
      }
      // Reading began in the middle of a line.
      if isFirst {
        isFirst = false
        continue
      }
      if !line.isEmpty { entries.append(Self.unescaped(line)) }
    }
    if let error = reader.error { return (entries, problem("cannot be read", error)) }
    if entries.count > limit {
      entries.removeFirst(entries.count - limit)
    }
    return (entries, nil)
  }

  private func problem(_ what: String, _ error: Int32) -> String {
    "The history file \(path) \(what): \(String(cString: strerror(error)))."
  }

  static func unescaped(_ line: String) -> String {
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in line.utf8 {
      if isEscaped {
        bytes += byte == 0x6E ? [0x0A] : byte == 0x72 ? [0x0D] : byte == 0x5C ? [0x5C] : [0x5C, byte]
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else {
        bytes.append(byte)
      }
    }
    if isEscaped { bytes.append(0x5C) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
