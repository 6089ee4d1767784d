/// The distribution of past values, taken for that of the next one.
enum EmpiricalDistribution {
  /// The quantile that keeps its promise for the next value out of the same population.
  static func quantiles(_ y: UnsafeBufferPointer<Double>, _ probabilities: [Double]) -> [Double] {
    let sorted = y.sorted()
    return probabilities.map { Statistics.predictiveQuantile(sorted: sorted, $0) ?? 0 }
  }
}
