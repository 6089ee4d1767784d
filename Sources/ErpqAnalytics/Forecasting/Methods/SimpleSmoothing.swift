/// Simple exponential smoothing: the level moves towards each new value by the share α (Brown, *Statistical
/// Forecasting for Inventory Control*, 1959). The first value is the first level.
enum SimpleSmoothing {
  /// The level after the last value; 0 for no values.
  static func level(_ y: UnsafeBufferPointer<Double>, alpha: Double) -> Double {
    guard var level = y.first else { return 0 }
    for t in 1..<Swift.max(1, y.count) { level = alpha * y[t] + (1 - alpha) * level }
    return level
  }

  /// Sum of squared one-step errors.
  static func squares(_ y: UnsafeBufferPointer<Double>, alpha: Double) -> Double {
    guard var level = y.first else { return 0 }
    var sum = 0.0
    for t in 1..<Swift.max(1, y.count) {
      let e = y[t] - level
      sum += e * e
      level += alpha * e
    }
    return sum
  }

  /// The α with the least squared one-step errors between two bounds.
  static func bestAlpha(_ y: UnsafeBufferPointer<Double>, from low: Double, to high: Double) -> Double {
    NelderMead.goldenSection(low, high) { squares(y, alpha: $0) }
  }

  /// The level by the best α of 0.1 … 0.3, which intermittent methods smooth with.
  static func optimizedLevel(_ y: UnsafeBufferPointer<Double>) -> Double {
    level(y, alpha: bestAlpha(y, from: 0.1, to: 0.3))
  }

  /// - Parameter alpha: the smoothing parameter; nil for the best of 0.01 … 0.99.
  static func path(
    _ y: UnsafeBufferPointer<Double>, alpha: Double?, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    guard !y.isEmpty else { return Naive.path(y, into: out) }
    let a = alpha ?? bestAlpha(y, from: 0.01, to: 0.99)
    out.update(repeating: Swift.max(0, level(y, alpha: Swift.max(0, Swift.min(1, a)))))
    return .smoothing
  }
}
