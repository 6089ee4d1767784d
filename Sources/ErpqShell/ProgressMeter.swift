import ErpqBase
import ErpqEngine
import ErpqRendering
import Foundation
import Synchronization

/// The line that says how far long work is: on a terminal only, from the second second on, drawn anew four times a
/// second, also while the work itself says nothing.
final class ProgressMeter: Sendable {
  private struct State {
    var now: WorkProgress = .over
    /// When anything began, and when this piece of it did.
    var busySince: Double = 0
    var since: Double = 0
    var isShown = false
    var hasTicker = false
  }

  private let state = Mutex(State())
  private let err: Output
  private let width: @Sendable () -> Int

  init(_ err: Output, width: @escaping @Sendable () -> Int) {
    self.err = err
    self.width = width
  }

  private static var clock: Double { ProcessInfo.processInfo.systemUptime }

  /// Work goes on, or is over.
  func report(_ progress: WorkProgress) {
    guard err.isTerminal else { return }
    if progress.what.isEmpty {
      clear()
      return
    }
    let startsTicker = state.withLock { state in
      let now = ProgressMeter.clock
      if state.now.what.isEmpty { state.busySince = now }
      if state.now.what != progress.what { state.since = now }
      state.now = progress
      defer { state.hasTicker = true }
      return !state.hasTicker
    }
    if startsTicker { Thread.detachNewThread { [self] in tick() } }
  }

  /// Takes the line away; what follows is written in its place.
  func clear() {
    let wasShown = state.withLock { state in
      state.now = .over
      defer { state.isShown = false }
      return state.isShown
    }
    if wasShown { err.write("\r\u{1B}[K") }
  }

  private func tick() {
    var idle = 0
    while true {
      Thread.sleep(forTimeInterval: 0.25)
      let goesOn = state.withLock { state in
        let now = ProgressMeter.clock
        guard !state.now.what.isEmpty else {
          idle += 1
          if idle > 8 { state.hasTicker = false }
          return idle <= 8
        }
        idle = 0
        if now - state.busySince >= 1 {
          // Written under the lock, so that no result gets between.
          let line = ProgressMeter.line(state.now, seconds: now - state.since)
          err.write("\r" + truncated(line, to: max(10, width() - 1)) + "\u{1B}[K")
          state.isShown = true
        }
        return true
      }
      if !goesOn { return }
    }
  }

  /// `writing [=====>    ] 43%  1,200,000 rows, 350,000 a second, 4 s left`.
  static func line(_ p: WorkProgress, seconds: Double) -> String {
    var line = p.what
    let count = p.rows ?? (p.done > 0 ? Int(min(p.done, 1e15)) : 0)
    if let total = p.total, total > 0 {
      let share = min(1, max(0, p.done / total))
      let filled = Int(share * 20)
      let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 20 - filled)
      line += " [\(bar)] \(Int(share * 100))%"
    }
    var parts: [String] = []
    if count > 0 {
      parts.append("\(NumberText.grouped(Int64(count))) \(p.unit)")
      if seconds >= 0.5 { parts.append("\(NumberText.grouped(Int64(Double(count) / seconds))) a second") }
    }
    if let total = p.total, p.done > 0, seconds >= 0.5, total > p.done {
      parts.append("\(time(seconds / p.done * (total - p.done))) left")
    } else {
      parts.append(time(seconds))
    }
    return line + "  " + parts.joined(separator: ", ")
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    return whole < 120 ? "\(whole) s" : "\(whole / 60) min"
  }
}
