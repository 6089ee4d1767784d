/// The next season is like the last one: each step takes the value one period before it.
enum SeasonalNaive {
  /// A history shorter than one period is continued by its last value.
  static func path(
    _ history: UnsafeBufferPointer<Double>, period: Int, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    let m = Swift.max(1, period)
    guard history.count >= m else { return Naive.path(history, into: out) }
    let start = history.count - m
    for h in 0..<out.count { out[h] = Swift.max(0, history[start + h % m]) }
    return .seasonalNaive
  }
}
