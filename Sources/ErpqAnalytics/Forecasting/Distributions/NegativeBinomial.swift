/// The negative binomial distribution of a count, by mean and variance; Poisson where the variance is no
/// larger than the mean.
enum NegativeBinomial {
  /// Replaces quantiles by (1 − share) of themselves and `share` of the distribution's.
  static func blend(
    mean: Double, variance: Double, share: Double, _ probabilities: [Double],
    into row: UnsafeMutableBufferPointer<Double>
  ) {
    guard mean > 0 else {
      for i in row.indices { row[i] *= 1 - share }
      return
    }
    var next = 0
    let excess = Swift.max(variance, mean * 1.001) - mean
    let r = mean * mean / excess
    let p = mean / (mean + excess)
    guard r * -logarithm(p) < 600, mean < 5000 else { return }
    var mass = power(p, r)
    var cumulated = mass
    var k = 0.0
    while next < probabilities.count {
      while next < probabilities.count, cumulated >= probabilities[next] {
        row[next] = (1 - share) * row[next] + share * k
        next += 1
      }
      mass *= (r + k) / (k + 1) * (1 - p)
      k += 1
      cumulated += mass
      if k > 1e6 { return }
    }
  }
}
