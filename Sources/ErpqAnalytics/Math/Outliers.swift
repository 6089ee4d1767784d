/// What lies far from the rest of a sample.
public enum Outliers {
  /// Tukey's fences: quartiles by linear interpolation (type 7), k interquartile ranges beyond them.
  public static func fences(_ y: [Double], k: Double = 1.5) -> (
    q1: Double, q3: Double, low: Double, high: Double
  )? {
    let sorted = y.filter(\.isFinite).sorted()
    guard let q1 = Statistics.quantile(sorted: sorted, 0.25),
      let q3 = Statistics.quantile(sorted: sorted, 0.75)
    else { return nil }
    return (q1, q3, q1 - k * (q3 - q1), q3 + k * (q3 - q1))
  }

  /// Median and median absolute deviation, and the modified z-score 0.6745·(y − median)/MAD (Iglewicz &
  /// Hoaglin 1993, who cut at 3.5); nil scores where the deviation is 0.
  public static func modified(_ y: [Double]) -> (median: Double, mad: Double, scores: [Double]?)? {
    guard let median = Statistics.median(y), let mad = Statistics.median(y.map { ($0 - median).magnitude })
    else { return nil }
    return (median, mad, mad > 0 ? y.map { 0.6745 * ($0 - median) / mad } : nil)
  }

  /// The largest |z| that n points can have: √(n − 1) with the population deviation, (n − 1)/√n with the
  /// sample one.
  public static func largestScore(count: Int, _ deviation: Deviation) -> Double {
    let n = Double(Swift.max(1, count))
    return deviation == .population ? (n - 1).squareRoot() : (n - 1) / n.squareRoot()
  }
}
