import ErpqBase
import Synchronization

/// Web sessions: who holds which cookie.
final class Sessions: Sendable {
  private struct State {
    var users: [String: Int] = [:]
    var random: SeededRandom
  }

  private let state: Mutex<State>
  private let length: Int

  init(version: OdooVersion, seed: UInt64 = 1) {
    state = Mutex(State(random: SeededRandom(seed: seed)))
    length = version.sessionLength
  }

  /// A new id; for a user, or for nobody who has signed in.
  func open(for user: Int?) -> String {
    let letters = Array(
      (length == 40 ? "0123456789abcdef" : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    )
    return state.withLock { state in
      var id = ""
      for _ in 0..<length { id.append(letters[Int(state.random.next() % UInt64(letters.count))]) }
      if let user { state.users[id] = user }
      return id
    }
  }

  func user(of id: String?) -> Int? { id.flatMap { id in state.withLock { $0.users[id] } } }

  func close(_ id: String?) {
    guard let id else { return }
    state.withLock { $0.users[id] = nil }
  }

  /// Ends all of them.
  func expireAll() { state.withLock { $0.users = [:] } }
}
