/// The negative binomial distribution of a count, by mean and variance; all but Poisson where the variance is
/// no larger than the mean.
enum NegativeBinomial {
  /// Quantiles of ascending probabilities; nil where the mean is so large or the distribution so narrow that
  /// counting up from zero would take too long.
  static func quantiles(mean: Double, variance: Double, _ probabilities: [Double]) -> [Double]? {
    var out = [Double](repeating: 0, count: probabilities.count)
    let known = out.withUnsafeMutableBufferPointer {
      blend(mean: mean, variance: variance, share: 1, probabilities, into: $0)
    }
    return known ? out : nil
  }

  /// Replaces quantiles by (1 − share) of themselves and `share` of the distribution's; false, and nothing
  /// done, where counting up from zero would take too long.
  @discardableResult
  static func blend(
    mean: Double, variance: Double, share: Double, _ probabilities: [Double],
    into row: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard mean > 0 else {
      for i in row.indices { row[i] *= 1 - share }
      return true
    }
    let excess = Swift.max(variance, mean * 1.001) - mean
    let r = mean * mean / excess
    let p = mean / (mean + excess)
    guard r * -logarithm(p) < 600, mean < 5000, variance < 1e10 else { return false }
    var mass = power(p, r)
    var cumulated = mass
    var k = 0.0
    var next = 0
    while next < probabilities.count {
      while next < probabilities.count, cumulated >= probabilities[next] || k > 1e5 {
        row[next] = (1 - share) * row[next] + share * k
        next += 1
      }
      mass *= (r + k) / (k + 1) * (1 - p)
      k += 1
      cumulated += mass
    }
    return true
  }
}
