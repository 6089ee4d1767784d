import ErpqBase
import Foundation

/// A few threads that take items of a list in its order.
final class Lanes: @unchecked Sendable {
  private let condition = NSCondition()
  private let stop = Cancellation()
  private var next = 0
  private var running: Int
  private var failure: (any Error)?

  private init(_ running: Int) { self.running = running }

  /// Works on items, `count` of them at a time. With one lane the calling thread does the work.
  ///
  /// - Parameter work: gets an item's place and returns whether further items are worth while; what is under way is
  ///   done to its end.
  /// - Throws: the first error of `work`, which stops the other lanes; `Cancellation.Interrupted`.
  static func run(_ count: Int, items: Int, _ work: @escaping (Int) throws -> Bool) throws {
    guard count > 1 else {
      for item in 0..<items where try !work(item) { return }
      return
    }
    let lanes = Lanes(count)
    nonisolated(unsafe) let work = work
    for _ in 0..<count {
      let thread = Thread { Cancellation.$current.withValue(lanes.stop) { lanes.drive(items, work) } }
      thread.stackSize = 4 << 20
      thread.start()
    }
    try lanes.wait()
  }

  private func drive(_ items: Int, _ work: (Int) throws -> Bool) {
    do {
      while !stop.isCancelled, let item = take(items) {
        if try !work(item) { leave(items) }
      }
    } catch {
      condition.withLock { failure = failure ?? error }
      stop.cancel()
    }
    condition.withLock {
      running -= 1
      condition.broadcast()
    }
  }

  private func take(_ items: Int) -> Int? {
    condition.withLock {
      guard next < items else { return nil }
      defer { next += 1 }
      return next
    }
  }

  /// Leaves the items that nobody has begun.
  private func leave(_ items: Int) { condition.withLock { next = items } }

  private func wait() throws {
    let cancel = Cancellation.current
    condition.lock()
    defer { condition.unlock() }
    while running > 0 {
      if cancel.isCancelled { stop.cancel() }
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
    }
    try cancel.check()
    if let failure { throw failure }
  }
}
