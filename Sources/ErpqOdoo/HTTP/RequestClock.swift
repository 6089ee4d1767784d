import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Time as requests use it: handed in, so that tests wait for nothing.
public protocol RequestClock: Sendable {
  /// Seconds since some fixed moment; never goes back.
  func now() -> Double
  /// Waits, and gives up when the work is cancelled.
  ///
  /// - Throws: `Cancellation.Interrupted`.
  func sleep(seconds: Double) throws
}

/// The machine's clock.
public struct SystemClock: RequestClock {
  /// The clock.
  public init() {}

  /// Seconds since the machine started.
  public func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Waits in short steps, so that Ctrl-C is heard.
  public func sleep(seconds: Double) throws {
    let end = now() + seconds
    let cancel = Cancellation.current
    while true {
      try cancel.check()
      let left = end - now()
      guard left > 0 else { return }
      usleep(UInt32(Swift.min(left, 0.05) * 1_000_000))
    }
  }
}
