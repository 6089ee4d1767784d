import ErpqBase

import Foundation

/// Chances of large counts.
enum CountTail {
  /// Cells that a quantity is cut into where it is no small whole number.
  private static let cells = 128.0

  /// P(X ≥ x) of a negative binomial with that mean and variance, or of a Poisson where the variance does
  /// not exceed the mean; 1 for x ≤ 0.
  ///
  /// Fractions and large quantities are counted in lots of 1/128 of `x`, the variance with them.
  static func atLeast(_ x: Double, mean: Double, variance: Double) -> Double {
    guard x > 0 else { return 1 }
    let isSmallCount = x <= 512 && x == x.rounded()
    let lot = isSmallCount ? 1 : x / cells
    let last = isSmallCount ? Int(x) - 1 : Int(cells) - 1
    let m = mean / lot
    let v = variance / (lot * lot)
    guard m > 0 else { return 0 }
    // The sum runs over the probabilities below x; what is left is the tail. Where hardly anything is left
    // it has lost its digits, and the first term of the tail stands in for it.
    let log0: Double
    let ratio: (Int) -> Double
    if v > m * (1 + 1e-6) {
      let r = m * m / (v - m)
      let q = m / (r + m)
      log0 = r * Foundation.log(r / (r + m))
      ratio = { k in (Double(k) + r) / Double(k + 1) * q }
    } else {
      log0 = -m
      ratio = { k in m / Double(k + 1) }
    }
    guard log0 > -700 else {
      // The mean is far from zero: the normal curve is close enough there.
      return Normal.survival((x - 0.5 * lot - mean) / Swift.max(variance, mean * lot).squareRoot())
    }
    var p = exp(log0)
    var below = p
    for k in 0..<Swift.max(0, last) {
      p *= ratio(k)
      below += p
    }
    let tail = 1 - below
    return tail > 1e-12 ? tail : p * ratio(Swift.max(0, last))
  }
}
