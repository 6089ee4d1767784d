import Glibc

// What a signal or the end of the process needs to give the terminal back. Written by the thread that edits, while
// no statement is read and the handlers are not installed; read by the handlers.
nonisolated(unsafe) private var guardedTerminal: Int32 = -1
nonisolated(unsafe) private var guardedSettings = termios()
nonisolated(unsafe) private var guardedOutput: Int32 = -1
nonisolated(unsafe) private var isDrawing = false
nonisolated(unsafe) private var wakeUp: Int32 = -1

/// Gives the terminal back as it was found, whichever way the process ends.
///
/// While a statement is read, SIGTERM and SIGHUP restore the terminal and end the process, whatever the program does
/// with them while a statement runs: there is none to stop. So does SIGINT, unless the program handles it (the key
/// Ctrl-C is no signal here). Ignored signals stay ignored. SIGWINCH wakes the reader.
struct TerminalGuard {
  private let input: Int32
  private let output: Int32
  private let wake: Int32
  private var before: [(Int32, sigaction)] = []
  private var watched = sigaction()
  private static let fatal = [SIGTERM, SIGHUP, SIGINT]
  // SIG_DFL and SIG_IGN as numbers.
  private static let (byDefault, ignored) = (0, 1)
  nonisolated(unsafe) private static var isRegistered = false

  /// Remembers the terminal's settings; nil when it is none.
  init?(input: Int32, output: Int32, wake: Int32) {
    var settings = termios()
    guard tcgetattr(input, &settings) == 0 else { return nil }
    self.input = input
    self.output = output
    self.wake = wake
    guardedSettings = settings
    guardedOutput = output
    guardedTerminal = input
    if !Self.isRegistered {
      Self.isRegistered = true
      atexit { restoreTerminal() }
    }
  }

  /// Before a statement is read: pastes are marked, and signals restore the terminal.
  mutating func begin() {
    // An editor that asked in between has let go of the terminal.
    guardedTerminal = input
    guardedOutput = output
    wakeUp = wake
    isDrawing = true
    writeAll(Array("\u{1B}[?2004h".utf8), to: output)
    for number in Self.fatal {
      var old = sigaction()
      guard sigaction(number, nil, &old) == 0 else { continue }
      let handler = unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self)
      if handler == Self.ignored || (number == SIGINT && handler != Self.byDefault) { continue }
      var new = sigaction()
      new.__sigaction_handler.sa_handler = endBySignal
      sigemptyset(&new.sa_mask)
      if sigaction(number, &new, &old) == 0 { before.append((number, old)) }
    }
    var window = sigaction()
    window.__sigaction_handler.sa_handler = wakeReader
    sigemptyset(&window.sa_mask)
    window.sa_flags = SA_RESTART
    sigaction(SIGWINCH, &window, &watched)
  }

  /// After a statement was read.
  mutating func end() {
    for (number, old) in before {
      var old = old
      sigaction(number, &old, nil)
    }
    before.removeAll()
    sigaction(SIGWINCH, &watched, nil)
    writeAll(Array("\u{1B}[?2004l".utf8), to: output)
    isDrawing = false
  }

  /// Restores the settings that the terminal had at first.
  func restore() {
    restoreTerminal()
    guardedTerminal = -1
  }
}

/// Gives the terminal back as an editor found it, if one holds it. For a signal handler that ends the process
/// without `exit`: it calls only functions that are safe there.
public func restoreTerminal() {
  // A process in the background must leave the terminal alone: it would be stopped for touching it.
  guard guardedTerminal >= 0, tcgetpgrp(guardedTerminal) == getpgrp() else { return }
  tcsetattr(guardedTerminal, TCSANOW, &guardedSettings)
  if isDrawing {
    isDrawing = false
    // Paste marks off, plain text, cursor shown, a fresh line.
    let text: StaticString = "\u{1B}[?2004l\u{1B}[0m\u{1B}[?25h\r\n"
    _ = write(guardedOutput, text.utf8Start, text.utf8CodeUnitCount)
  }
}

private func endBySignal(_ number: Int32) {
  restoreTerminal()
  signal(number, SIG_DFL)
  raise(number)
}

private func wakeReader(_ number: Int32) {
  let before = errno
  if wakeUp >= 0 { _ = write(wakeUp, "w", 1) }
  errno = before
}
