import Glibc

/// The file that keeps statements between runs: one a line, with `\n`, `\r` and `\\` for what would end it.
///
/// Only its owner can read it. Several sessions may append at the same time; a lock keeps their lines whole. No
/// trouble with the file keeps the shell from working: each call tells of it as a sentence.
struct HistoryFile {
  /// Where it is.
  let path: String
  /// The most statements that it keeps.
  let limit: Int
  /// Longer statements are not written, so that the file stays small; in bytes.
  static let longestEntry = 64 * 1024
  private static let longestFile = 64 * 1024 * 1024

  /// Reads the statements, oldest first; a file with more than `limit` is shortened to the newest.
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
      return (entries, rewrite(entries))
    }
    return (entries, skipped > 0 ? rewrite(entries) : nil)
  }

  /// Adds a statement at the end; makes the file, for its owner alone, when there is none. Nil when it worked.
  func append(_ entry: String) -> String? {
    if entry.utf8.count > Self.longestEntry { return nil }
    switch openLocked() {
    case .failure(let failure): return failure.text
    case .success(let descriptor):
      defer { Glibc.close(descriptor) }
      let error = writeAll(Array((Self.escaped(entry) + "\n").utf8), to: descriptor)
      return error == 0 ? nil : problem("cannot be written", error)
    }
  }

  private struct Failure: Error { var text: String }

  /// The file, locked until it is closed. Another session may have put a shorter file in its place meanwhile.
  private func openLocked() -> Result<Int32, Failure> {
    makeFolder()
    for _ in 0..<8 {
      let descriptor = Glibc.open(
        path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
      if descriptor < 0 { return .failure(Failure(text: problem("cannot be written", errno))) }
      var status = stat()
      var current = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid()
      else {
        Glibc.close(descriptor)
        return .failure(
          Failure(text: "The history file \(path) is not a regular file of yours; history is not kept."))
      }
      while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
      if stat(path, &current) == 0, current.st_ino == status.st_ino, current.st_dev == status.st_dev {
        if status.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
        return .success(descriptor)
      }
      Glibc.close(descriptor)
    }
    return .failure(Failure(text: "The history file \(path) keeps being replaced; history is not kept."))
  }

  /// Puts a file with these statements in place of the old one, at once or not at all.
  private func rewrite(_ entries: [String]) -> String? {
    switch openLocked() {
    case .failure(let failure): return failure.text
    case .success(let descriptor):
      defer { Glibc.close(descriptor) }
      // The name may be a link, which stays one.
      guard let resolved = realpath(path, nil) else { return problem("cannot be written", errno) }
      let target = String(cString: resolved)
      free(resolved)
      var template = Array((target + ".XXXXXX").utf8CString)
      let copy = mkstemp(&template)
      if copy < 0 { return problem("cannot be shortened", errno) }
      var bytes: [UInt8] = []
      for entry in entries { bytes += Array((Self.escaped(entry) + "\n").utf8) }
      let error = writeAll(bytes, to: copy)
      Glibc.close(copy)
      if error == 0, rename(template, target) == 0 { return nil }
      let reason = error == 0 ? errno : error
      unlink(template)
      return problem("cannot be shortened", reason)
    }
  }

  private func makeFolder() {
    var end = path.startIndex
    while let slash = path[end...].firstIndex(of: "/") {
      if slash != path.startIndex { mkdir(String(path[..<slash]), 0o700) }
      end = path.index(after: slash)
    }
  }

  private func problem(_ what: String, _ error: Int32) -> String {
    "The history file \(path) \(what): \(String(cString: strerror(error)))."
  }

  static func escaped(_ entry: String) -> String {
    var bytes: [UInt8] = []
    for byte in entry.utf8 {
      switch byte {
      case 0x5C: bytes += [0x5C, 0x5C]
      case 0x0A: bytes += [0x5C, 0x6E]
      case 0x0D: bytes += [0x5C, 0x72]
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
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
