import Synchronization

/// What commands read while one statement runs, so that a sweep over a parameter reads it once.
public final class FactsCache: Sendable {
  private let kept = Mutex<[String: any Sendable]>([:])

  /// Nothing yet.
  public init() {}

  /// The value under a key, made on first use.
  func value<T: Sendable>(_ key: String, make: () throws -> T) rethrows -> T {
    if let known = kept.withLock({ $0[key] }) as? T { return known }
    let made = try make()
    kept.withLock { $0[key] = made }
    return made
  }
}
