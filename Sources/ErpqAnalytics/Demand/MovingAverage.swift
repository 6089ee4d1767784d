/// What a moving average does while its window is not yet full.
public enum MovingAverageEdge: String, Hashable, Sendable, CaseIterable {
  /// The mean of the days there are.
  case partial
  /// Days before the series count as zero.
  case zero
  /// No value: the result is shorter by window − 1.
  case drop
}

/// Trailing moving averages.
public enum MovingAverage {
  /// The mean of the `window` values that end at each place; window is taken to at least 1.
  public static func trailing(
    _ series: [Double], window: Int, edge: MovingAverageEdge = .partial
  ) -> [Double] {
    let k = Swift.max(1, window)
    var smooth = [Double](repeating: 0, count: series.count)
    smooth.withUnsafeMutableBufferPointer { out in
      series.withUnsafeBufferPointer { trailing($0, window: k, into: out, partial: edge != .zero) }
    }
    guard edge == .drop else { return smooth }
    return smooth.count >= k ? Array(smooth[(k - 1)...]) : []
  }

  /// The same into a buffer of the series' length, which the caller owns.
  ///
  /// Each window is summed anew: with a running sum an empty window would come out as 1e-17 instead of 0,
  /// and a percentage error divides by it.
  static func trailing(
    _ series: UnsafeBufferPointer<Double>, window k: Int, into out: UnsafeMutableBufferPointer<Double>,
    partial: Bool = true
  ) {
    for t in 0..<series.count { out[t] = trailing(series, window: k, at: t, partial: partial) }
  }

  /// One value of the same.
  static func trailing(
    _ series: UnsafeBufferPointer<Double>, window k: Int, at t: Int, partial: Bool = true
  ) -> Double {
    let start = Swift.max(0, t - k + 1)
    var sum = 0.0
    for i in start...t { sum += series[i] }
    return sum / Double(partial ? t - start + 1 : k)
  }
}
