import ErpqBase
import Foundation

/// Fetches ahead: while one page is stored, the next one is on its way. At most one finished page waits.
final class PagePipeline<Page>: @unchecked Sendable {
  private let condition = NSCondition()
  private var waiting: Page?
  private var failure: (any Error)?
  private var isDone = false
  private var isRunning = true
  private let stop = Cancellation()

  /// Starts to fetch on a thread of its own. `produce` gives a page at a time, and nil when there are no more; it
  /// is the only one that uses the connection until the pipeline has ended.
  init(_ produce: @escaping () throws -> Page?) {
    nonisolated(unsafe) let produce = produce
    let thread = Thread { [self] in
      Cancellation.$current.withValue(stop) { run(produce) }
    }
    thread.stackSize = 4 << 20
    thread.start()
  }

  private func run(_ produce: () throws -> Page?) {
    do {
      while let page = try produce() {
        condition.lock()
        while waiting != nil, !stop.isCancelled { _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2)) }
        if !stop.isCancelled { waiting = page }
        condition.signal()
        condition.unlock()
        if stop.isCancelled { break }
      }
    } catch {
      condition.lock()
      failure = error
      condition.unlock()
    }
    condition.lock()
    isDone = true
    isRunning = false
    condition.broadcast()
    condition.unlock()
  }

  /// The next page; nil at the end.
  ///
  /// - Throws: what the fetching threw, after the pages before it; `Cancellation.Interrupted`.
  func next() throws -> Page? {
    let cancel = Cancellation.current
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let page = waiting {
        waiting = nil
        condition.broadcast()
        return page
      }
      if isDone {
        if let failure { throw failure }
        return nil
      }
      try cancel.check()
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
    }
  }

  /// Stops fetching and waits until the connection is free again.
  func end() {
    stop.cancel()
    condition.lock()
    condition.broadcast()
    while isRunning { _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1)) }
    condition.unlock()
  }
}
