import Dispatch
import ErpqBase

/// Work over many independent items on all cores. Each item writes only what is its own, so the result
/// does not depend on how many cores there are.
enum Parallel {
  /// Calls `body` with ranges of items that together are `0 ..< count`.
  ///
  /// - Parameters:
  ///   - grain: items of one range; an interrupt is noticed between two ranges.
  ///   - progress: called on the calling thread with the items done, where there is only one core, and at
  ///     the end of each stretch of ranges otherwise.
  /// - Throws: `Cancellation.Interrupted`.
  static func ranges(
    _ count: Int, grain: Int, progress: (Int) -> Void = { _ in }, _ body: @Sendable (Range<Int>) -> Void
  ) throws {
    let cancel = Cancellation.current
    let step = Swift.max(1, grain)
    // Stretches of a few dozen ranges keep the cores busy and let the caller speak in between.
    let stretch = step * 32
    var start = 0
    while start < count {
      try cancel.check()
      let from = start
      let end = Swift.min(count, from + stretch)
      let pieces = (end - from + step - 1) / step
      if pieces == 1 {
        body(from..<end)
      } else {
        DispatchQueue.concurrentPerform(iterations: pieces) { piece in
          guard !cancel.isCancelled else { return }
          let low = from + piece * step
          body(low..<Swift.min(end, low + step))
        }
      }
      try cancel.check()
      progress(end)
      start = end
    }
  }
}

/// A buffer that several threads write to, each its own part.
struct SharedBuffer<Element>: @unchecked Sendable {
  let buffer: UnsafeMutableBufferPointer<Element>

  init(_ buffer: UnsafeMutableBufferPointer<Element>) { self.buffer = buffer }

  @inline(__always) subscript(_ i: Int) -> Element {
    get { buffer[i] }
    nonmutating set { buffer[i] = newValue }
  }

  /// The part of an item.
  @inline(__always) func part(_ start: Int, _ count: Int) -> UnsafeMutableBufferPointer<Element> {
    UnsafeMutableBufferPointer(rebasing: buffer[start..<start + count])
  }
}
