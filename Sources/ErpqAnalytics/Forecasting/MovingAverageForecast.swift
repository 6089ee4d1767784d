/// The mean of the last values, repeated. A history shorter than the window gives the mean of all of it.
enum MovingAverageForecast {
  static func path(
    _ history: UnsafeBufferPointer<Double>, window: Int, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    let k = Swift.min(history.count, Swift.max(1, window))
    guard k > 0 else {
      out.update(repeating: 0)
      return .zero
    }
    var sum = 0.0
    for i in (history.count - k)..<history.count { sum += history[i] }
    out.update(repeating: Swift.max(0, sum / Double(k)))
    return .movingAverage
  }
}
