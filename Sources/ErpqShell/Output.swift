import ErpqBase
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard output and standard error. A reader that goes away (`| head`) ends the output quietly; a disk that is
/// full is a problem that the run reports.
public final class Output: Sendable {
  private struct State {
    var isClosed = false
    var problem: String?
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  /// Standard output.
  public static let standard = Output(STDOUT_FILENO)
  /// Standard error.
  public static let error = Output(STDERR_FILENO)

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Columns and lines of the terminal, if it is one.
  public var size: (Int, Int)? {
    var w = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &w) == 0, w.ws_col > 0 else { return nil }
    return (Int(w.ws_col), Int(w.ws_row))
  }

  /// Whether the reader has gone.
  public var isClosed: Bool { state.withLock { $0.isClosed } }
  /// Why writing failed, if it did for another reason than a reader that went away.
  public var problem: String? { state.withLock { $0.problem } }

  /// Takes it that nobody reads on; the run may stop.
  public func close() {
    state.withLock { $0.isClosed = true }
    Cancellation.process.cancel()
  }

  /// Writes a text.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    state.withLock { state in
      guard !state.isClosed, state.problem == nil else { return }
      var rest = bytes
      while !rest.isEmpty {
        let n = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if n > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[n...])
        } else if n < 0, errno == EINTR {
          continue
        } else if n < 0, errno == EAGAIN {
          var p = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&p, 1, 1000)
        } else {
          if errno == EPIPE {
            state.isClosed = true
            // Nobody reads on; the run may stop.
            Cancellation.process.cancel()
          } else {
            state.problem = String(cString: strerror(errno))
          }
          return
        }
      }
    }
  }
}
