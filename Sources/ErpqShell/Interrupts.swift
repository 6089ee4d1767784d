import ErpqBase
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C: the first asks the running statement to stop, the second ends the process.
public enum Interrupts {
  private static let count = Atomic<Int>(0)

  /// Takes Ctrl-C over and makes a closed pipe an error of `write` instead of a death.
  public static func install() {
    // Both are looked at once here, so that the handler finds them made.
    _ = Cancellation.process.isCancelled
    _ = count.load(ordering: .relaxed)
    signal(SIGPIPE, SIG_IGN)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interrupts.arrived() }
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
  }

  static func arrived() {
    let n = count.add(1, ordering: .relaxed).newValue
    Cancellation.process.cancel()
    if n >= 2 {
      restoreTerminal()
      _exit(130)
    }
  }

  /// Before the next statement.
  public static func reset() {
    count.store(0, ordering: .relaxed)
    Cancellation.process.reset()
  }
}
