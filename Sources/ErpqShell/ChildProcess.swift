import Glibc

/// Programs that the prompt starts: a shell command, the user's editor, a pager, a browser. Ctrl-C is theirs meanwhile.
enum ChildProcess {
  /// Runs a command with `/bin/sh -c` until it ends.
  ///
  /// - Parameters:
  ///   - arguments: what `"$1"`, `"$2"` … stand for in it; they need no quotes.
  ///   - input: what its standard input holds; nil: the terminal.
  ///   - quiet: whether its output is dropped.
  ///   - environment: what it finds there; nil: what there is here.
  /// - Returns: its exit code, 128 and more for a signal; nil when it could not be started.
  static func run(
    _ command: String, _ arguments: [String] = [], input: String? = nil, quiet: Bool = false,
    environment: [String: String]? = nil
  ) -> Int32? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    var ends: [Int32] = [-1, -1]
    if input != nil {
      guard pipe(&ends) == 0 else { return nil }
      _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
      posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
      posix_spawn_file_actions_addclose(&actions, ends[0])
    }
    if quiet {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    // What is ignored here would be ignored there too.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGINT)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var ignored = sigaction()
    ignored.__sigaction_handler.sa_handler = SIG_IGN
    var before = sigaction()
    var pipeBefore = sigaction()
    sigaction(SIGINT, &ignored, &before)
    sigaction(SIGPIPE, &ignored, &pipeBefore)
    defer {
      sigaction(SIGINT, &before, nil)
      sigaction(SIGPIPE, &pipeBefore, nil)
    }
    var child: pid_t = 0
    let words = (["/bin/sh", "-c", command, "sh"] + arguments).map { strdup($0) } + [nil]
    let settings = environment.map {
      $0.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    }
    defer { (words + (settings ?? [])).forEach { free($0) } }
    let status: Int32
    if let settings {
      status = posix_spawn(&child, "/bin/sh", &actions, &attributes, words, settings)
    } else {
      status = posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environ)
    }
    if ends[0] >= 0 { close(ends[0]) }
    guard status == 0 else {
      if ends[1] >= 0 { close(ends[1]) }
      return nil
    }
    if let input {
      // Who leaves a pager early closes the pipe.
      writeAll(Array(input.utf8), to: ends[1])
      close(ends[1])
    }
    var end: Int32 = 0
    while waitpid(child, &end, 0) < 0 { if errno != EINTR { return nil } }
    return end & 0x7F == 0 ? (end >> 8) & 0xFF : 128 + (end & 0x7F)
  }

  /// Whether a program is there.
  static func exists(_ program: String) -> Bool {
    run("command -v \"$1\"", [program], input: "", quiet: true) == 0
  }
}
