import ErpqRendering

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Shows what is longer than the screen through the user's pager.
///
/// The program is `$ERPQ_PAGER` or else `$PAGER`, by default `less -RFX`; `off`, `cat` or nothing as its name
/// means none. Only a terminal that can move its cursor has one.
struct Pager {
  let environment: [String: String]

  /// The shell command of the pager; nil for none.
  var command: String? {
    let term = environment["TERM"] ?? ""
    guard term != "", term != "dumb" else { return nil }
    let name = (environment["ERPQ_PAGER"] ?? environment["PAGER"] ?? "less -RFX").trimmingBlanks
    return ["", "off", "cat"].contains(name) ? nil : name
  }

  /// Lines of a screen of that width that a text takes, colours not counted.
  static func screenLines(_ text: String, width: Int) -> Int {
    var count = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      count += max(1, (displayWidth(withoutColours(line)) + max(1, width) - 1) / max(1, width))
    }
    return text.hasSuffix("\n") ? count - 1 : count
  }

  /// Runs the pager on a text until the user leaves it. Ctrl-C is the pager's meanwhile.
  ///
  /// - Returns: Whether the text was shown; false when the pager could not be started.
  func show(_ text: String) -> Bool {
    guard let command else { return false }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return false }
    _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    // What is ignored here would be ignored there too.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGINT)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    var ignored = sigaction()
    ignored.__sigaction_handler.sa_handler = SIG_IGN
    var before = sigaction()
    sigaction(SIGINT, &ignored, &before)
    defer { sigaction(SIGINT, &before, nil) }
    // Who leaves the pager early closes the pipe.
    var pipeBefore = sigaction()
    sigaction(SIGPIPE, &ignored, &pipeBefore)
    defer { sigaction(SIGPIPE, &pipeBefore, nil) }
    // A bare `less` gets the flags without which colours would be noise.
    var settings = environment
    if settings["LESS"] == nil { settings["LESS"] = "RFX" }
    var child: pid_t = 0
    let words = ["/bin/sh", "-c", command]
    let status = withCStrings(words) { words in
      withCStrings(settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) {
        posix_spawn(&child, "/bin/sh", &actions, &attributes, words, $0)
      }
    }
    close(ends[0])
    guard status == 0 else {
      close(ends[1])
      return false
    }
    let wroteAll = write(text, to: ends[1])
    close(ends[1])
    var end: Int32 = 0
    while waitpid(child, &end, 0) < 0 { if errno != EINTR { break } }
    // 126 and 127: the shell found no such program.
    let code = (end >> 8) & 0xFF
    return !(code == 126 || code == 127) || (wroteAll && end & 0x7F != 0)
  }

  private func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count, let base = bytes.baseAddress {
        let n = Glibc.write(descriptor, base + done, bytes.count - done)
        if n < 0 {
          if errno == EINTR { continue }
          return false
        }
        done += n
      }
      return true
    }
  }

  private func withCStrings<R>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
  ) -> R {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }
}
