import ErpqBase
import Foundation
import Synchronization

/// The clock of a simulated server: what `Date` says and what records are stamped with.
public final class OdooClock: Sendable {
  private let fixed: Mutex<Instant?>
  private let shift = Mutex<Int64>(0)

  /// A clock that runs with the machine's.
  public init() { fixed = Mutex(nil) }

  /// A clock that stands still until it is moved.
  public init(standingAt moment: Instant) { fixed = Mutex(moment) }

  /// The moment, in universal time.
  public var now: Instant {
    let base =
      fixed.withLock { $0 }
      ?? Instant(microseconds: Int64((Date().timeIntervalSince1970 * 1e6).rounded(.down)))
    return Instant(microseconds: base.microseconds + shift.withLock { $0 })
  }

  /// Moves the clock on, or back.
  public func advance(seconds: Double) {
    shift.withLock { $0 += Int64((seconds * 1e6).rounded()) }
  }
}
