/// How a standard deviation divides the sum of squares.
public enum Deviation: String, Hashable, Sendable, CaseIterable {
  /// By n − 1: the estimate from a sample.
  case sample
  /// By n: the numbers are the whole population.
  case population

  /// What is taken off the count.
  public var lostDegrees: Int { self == .sample ? 1 : 0 }
}

/// Elementary statistics of a buffer. Sums run in row order, so results do not depend on chunking.
public enum Statistics {
  /// Sum in row order.
  public static func sum(_ x: UnsafeBufferPointer<Double>) -> Double {
    var total = 0.0
    for value in x { total += value }
    return total
  }

  /// Arithmetic mean; 0 for no values.
  public static func mean(_ x: UnsafeBufferPointer<Double>) -> Double {
    x.isEmpty ? 0 : sum(x) / Double(x.count)
  }

  /// Arithmetic mean; 0 for no values.
  public static func mean(_ x: [Double]) -> Double { x.withUnsafeBufferPointer { mean($0) } }

  /// Mean and standard deviation in two passes; the deviation is 0 where it has no degree of freedom.
  public static func moments(
    _ x: UnsafeBufferPointer<Double>, _ deviation: Deviation
  ) -> (mean: Double, deviation: Double) {
    let m = mean(x)
    var squares = 0.0
    for value in x { squares += (value - m) * (value - m) }
    let divisor = x.count - deviation.lostDegrees
    return (m, divisor > 0 ? (squares / Double(divisor)).squareRoot() : 0)
  }

  /// Mean and standard deviation in two passes; the deviation is 0 where it has no degree of freedom.
  public static func moments(_ x: [Double], _ deviation: Deviation) -> (mean: Double, deviation: Double) {
    x.withUnsafeBufferPointer { moments($0, deviation) }
  }

  /// The quantile of ascending values by linear interpolation (definition 7 of Hyndman & Fan 1996);
  /// nil for no values. `p` is taken into 0…1.
  public static func quantile(sorted x: [Double], _ p: Double) -> Double? {
    guard let first = x.first, let last = x.last else { return nil }
    guard p > 0 else { return first }
    guard p < 1 else { return last }
    let position = p * Double(x.count - 1)
    let low = Int(position)
    guard low + 1 < x.count else { return last }
    let share = position - Double(low)
    return x[low] + (x[low + 1] - x[low]) * share
  }

  /// The quantile that keeps its promise for the next value out of the same population: the
  /// p·(n + 1)-th smallest of n (definition 6 of Hyndman & Fan 1996), the extremes where that lies
  /// outside. nil for no values.
  public static func predictiveQuantile(sorted x: [Double], _ p: Double) -> Double? {
    guard let first = x.first, let last = x.last else { return nil }
    let position = p * Double(x.count + 1) - 1
    guard position > 0 else { return first }
    let low = Int(position)
    guard low + 1 < x.count else { return last }
    let share = position - Double(low)
    return x[low] + (x[low + 1] - x[low]) * share
  }

  /// The middle value, or the mean of the two middle ones; nil for no values.
  public static func median(_ x: [Double]) -> Double? { quantile(sorted: x.sorted(), 0.5) }
}
