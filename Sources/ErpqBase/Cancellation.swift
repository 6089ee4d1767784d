import Synchronization

/// A flag that long work looks at: once per batch of rows, per request, per series.
///
/// The current one travels with the task, so that a server can stop one query and the shell stops its own.
public final class Cancellation: Sendable {
  /// Thrown by `check()` once the flag is set.
  public struct Interrupted: Error {
    /// The error.
    public init() {}
  }

  private let flag = Atomic<Bool>(false)

  /// A flag that is not set.
  public init() {}

  /// The flag of the whole process, which Ctrl-C sets.
  public static let process = Cancellation()

  /// The flag that the work at hand obeys.
  @TaskLocal public static var current = process

  /// Asks the work to stop. Safe to call from a signal handler.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Takes the request back, before the next statement.
  public func reset() { flag.store(false, ordering: .relaxed) }

  /// Whether the work should stop.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// Throws `Interrupted` once the flag is set.
  public func check() throws {
    if isCancelled { throw Interrupted() }
  }
}
