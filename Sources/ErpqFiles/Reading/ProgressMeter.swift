/// Calls a progress callback at most ten times a second of work.
final class ProgressMeter {
  /// Bytes of the file on disk that are done, bytes in all (nil while that is not known), rows so far.
  typealias Callback = (_ bytesDone: Int, _ bytesTotal: Int?, _ rows: Int) -> Void

  private let callback: Callback?
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant
  /// Bytes of the file on disk.
  var fileBytes = 0

  init(_ callback: Callback?) {
    self.callback = callback
    last = clock.now
  }

  private func isDue() -> Bool {
    guard callback != nil else { return false }
    let now = clock.now
    guard now - last >= .milliseconds(100) else { return false }
    last = now
    return true
  }

  /// The file is still being brought into memory.
  func loaded(_ bytes: Int) {
    if isDue() { callback?(bytes, nil, 0) }
  }

  /// So many of the text's bytes have been read into rows.
  func parsed(_ bytes: Int, of total: Int, rows: Int) {
    guard isDue() else { return }
    let share = total > 0 ? Double(bytes) / Double(total) : 1
    callback?(Int(Double(fileBytes) * share), fileBytes, rows)
  }
}
