/// Smoothing of sums over several steps, where single steps are mostly empty.
enum Aggregation {
  /// One block length, the mean interval between sales: ADIDA (Nikolopoulos et al., "An aggregate–disaggregate
  /// intermittent demand approach", 2011).
  static func adida(
    _ y: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    guard let length = meanInterval(y) else { return Naive.path(y, into: out) }
    out.update(repeating: Swift.max(0, rate(y, length: length)))
    return .intermittent
  }

  /// The mean over all block lengths from 1 to the mean interval: IMAPA (Petropoulos & Kourentzes, "Forecast
  /// combinations for intermittent demand", 2015).
  static func imapa(
    _ y: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    guard let longest = meanInterval(y) else { return Naive.path(y, into: out) }
    var sum = 0.0
    for length in 1...longest { sum += rate(y, length: length) }
    out.update(repeating: Swift.max(0, sum / Double(longest)))
    return .intermittent
  }

  /// Steps from the start to the last sale over sales, rounded half to even; nil without a sale.
  private static func meanInterval(_ y: UnsafeBufferPointer<Double>) -> Int? {
    guard let last = y.lastIndex(where: { $0 != 0 }) else { return nil }
    var sales = 0
    for v in y where v != 0 { sales += 1 }
    let mean = Double(last + 1) / Double(sales)
    return Swift.max(1, Int(mean.rounded(.toNearestOrEven)))
  }

  /// The smoothed sum of blocks that end with the history, a step.
  private static func rate(_ y: UnsafeBufferPointer<Double>, length: Int) -> Double {
    let sums = TrailingBlocks.sums(y, length: length)
    return sums.withUnsafeBufferPointer { SimpleSmoothing.optimizedLevel($0) } / Double(length)
  }
}
