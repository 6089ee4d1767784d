/// Tomorrow is like today: the last value, repeated.
enum Naive {
  static func path(
    _ history: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    out.update(repeating: Swift.max(0, history.last ?? 0))
    return history.isEmpty ? .zero : .naive
  }
}
