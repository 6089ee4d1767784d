import ErpqBase
import Synchronization

/// How often and how soon a failed request is tried again.
public struct RetryPolicy: Hashable, Sendable {
  /// Attempts in all, the first one included.
  public var attempts = 5
  /// Seconds before the second attempt; each further wait is twice as long.
  public var firstWait = 1.0
  /// Longest wait in seconds that a server may ask for with Retry-After, and longest one of our own.
  public var longestWait = 120.0
  /// Requests a second at most; nil: as fast as the server answers.
  public var maximumRate: Double?

  /// The defaults.
  public init() {}
}

/// Keeps to a rate, and tries requests that read again when the server is busy or the connection breaks.
///
/// Waits grow by doubling and are jittered by up to a fifth from a seeded source, so that several clients do not
/// come back at the same moment; `Retry-After` is obeyed.
public final class PatientExchanger: HTTPExchanger {
  private let inner: any HTTPExchanger
  private let policy: RetryPolicy
  private let clock: any RequestClock
  private let random: Mutex<SeededRandom>
  /// The moment from which the next request may be sent.
  private let earliest = Mutex(-Double.infinity)
  private let onRetry: RetryListener?

  /// Told before each wait: what went wrong, how many seconds are waited, the attempt that follows. Called by
  /// whichever thread waits.
  public typealias RetryListener = @Sendable (OdooError, Double, Int) -> Void

  /// A patient front of another exchanger.
  public init(
    _ inner: any HTTPExchanger, policy: RetryPolicy = RetryPolicy(), clock: any RequestClock = SystemClock(),
    seed: UInt64 = 1, onRetry: RetryListener? = nil
  ) {
    self.inner = inner
    self.policy = policy
    self.clock = clock
    self.onRetry = onRetry
    random = Mutex(SeededRandom(seed: seed))
  }

  /// The server's address.
  public var address: String { inner.address }

  /// Exchanges, again and later where that may help.
  public func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    var attempt = 1
    while true {
      try keepRate()
      let failure: OdooError
      var asked: Double?
      do {
        let response = try inner.exchange(request)
        guard [429, 502, 503, 504].contains(response.status) else { return response }
        failure = OdooError(
          .unavailable, "\(ServerAddress.host(of: address)) answered \(statusWords(response.status))",
          advice: "Try again later.")
        asked = retryAfter(response)
      } catch let error as OdooError where error.isPassing {
        failure = error
      }
      guard request.isRepeatable, attempt < policy.attempts else {
        let times = attempt > 1 ? " (\(attempt) attempts)" : ""
        throw OdooError(
          failure.kind, failure.message + times, advice: failure.advice, details: failure.details)
      }
      if let asked, asked > policy.longestWait {
        throw OdooError(
          .unavailable, failure.message, advice: "It asks to be left alone for \(Int(asked)) seconds.")
      }
      let own = policy.firstWait * Double(1 << Swift.min(attempt - 1, 20))
      let jitter = 1 + 0.2 * random.withLock { $0.uniform() }
      let wait = asked ?? Swift.min(own * jitter, policy.longestWait)
      attempt += 1
      onRetry?(failure, wait, attempt)
      try clock.sleep(seconds: wait)
    }
  }

  private func keepRate() throws {
    guard let rate = policy.maximumRate, rate > 0 else { return }
    let now = clock.now()
    let turn = earliest.withLock {
      let turn = Swift.max(now, $0)
      $0 = turn + 1 / rate
      return turn
    }
    if turn > now { try clock.sleep(seconds: turn - now) }
  }

  /// Seconds that the server asks to wait: a number, or a moment of its own clock.
  private func retryAfter(_ response: HTTPResponse) -> Double? {
    guard let text = response.header("Retry-After") else { return nil }
    if let seconds = Double(text), seconds.isFinite { return Swift.max(0, seconds) }
    guard let then = HTTPDate.parse(text), let now = response.serverTime else { return nil }
    return Swift.max(0, Double(then.microseconds - now.microseconds) / 1e6)
  }

  private func statusWords(_ status: Int) -> String {
    switch status {
    case 429: "429: too many requests"
    case 502: "502: its gateway got no answer from Odoo"
    case 503: "503: not available"
    default: "504: its gateway waited too long for Odoo"
    }
  }
}
