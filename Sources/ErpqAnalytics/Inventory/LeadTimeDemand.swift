#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ErpqBase

/// What is asked for between ordering and receiving: mean and standard deviation in units.
///
/// Demand of different days and the lead time are taken as independent:
/// μ = d·L, σ² = L·σ_d² + d²·σ_L² (Silver, Pyke & Thomas, *Inventory and Production Management in Supply
/// Chains*, ch. 6). Under periodic review the protected time is review + lead time.
public struct LeadTimeDemand: Hashable, Sendable {
  /// Expected units.
  public var mean: Double
  /// Standard deviation of the units.
  public var deviation: Double

  /// Demand of the protected time.
  ///
  /// - Parameters:
  ///   - dailyMean: mean units a day, and `dailyDeviation` their standard deviation.
  ///   - leadMean: mean days from order to receipt, and `leadDeviation` their standard deviation.
  ///   - review: days between two looks at the stock; 0 for continuous review.
  public init(
    dailyMean: Double, dailyDeviation: Double, leadMean: Double, leadDeviation: Double = 0, review: Double = 0
  ) {
    let time = Swift.max(0, leadMean + review)
    mean = dailyMean * time
    let variance =
      time * dailyDeviation * dailyDeviation + dailyMean * dailyMean * leadDeviation * leadDeviation
    deviation = variance.squareRoot()
  }

  /// Demand with the given moments.
  public init(mean: Double, deviation: Double) {
    self.mean = mean
    self.deviation = Swift.max(0, deviation)
  }

  /// The distribution that fits these moments: Poisson where the variance is the mean within a tenth,
  /// negative binomial where it is larger and the mean is below 20, normal otherwise (Axsäter, *Inventory
  /// Control*, ch. 5).
  public var suggestedDistribution: DemandDistribution {
    let variance = deviation * deviation
    guard mean > 0, variance > 0 else { return .normal }
    let ratio = variance / mean
    if ratio < 0.9 { return .normal }
    if ratio <= 1.1 { return mean < 1000 ? .poisson : .normal }
    return mean < 20 ? .negativeBinomial : .normal
  }

  /// The cycle service level of a reorder point: the probability that a replenishment cycle sees no
  /// stock-out. Counts are cut at whole units.
  public func cycleServiceLevel(reorderPoint: Double, _ distribution: DemandDistribution = .normal) -> Double
  {
    guard reorderPoint.isFinite, mean.isFinite, deviation.isFinite else { return .nan }
    switch distribution {
    case .normal:
      guard deviation > 0 else { return reorderPoint >= mean - Tie.tolerance * Swift.max(1, mean) ? 1 : 0 }
      return Normal.cumulative((reorderPoint - mean) / deviation)
    case .poisson, .negativeBinomial: return counts(distribution, upTo: reorderPoint).cumulative
    }
  }

  /// Expected units short per cycle, E[(D − x)⁺].
  public func expectedShortage(reorderPoint x: Double, _ distribution: DemandDistribution = .normal) -> Double
  {
    guard x.isFinite, mean.isFinite, deviation.isFinite else { return .nan }
    switch distribution {
    case .normal:
      guard deviation > 0 else { return Swift.max(0, mean - x) }
      return deviation * Normal.loss((x - mean) / deviation)
    case .poisson, .negativeBinomial:
      if x <= 0 { return mean - x }
      // E[(D − x)⁺] = μ − x + E[(x − D)⁺], and the last sum is finite.
      return Swift.max(0, mean - x + counts(distribution, upTo: x).leftover)
    }
  }

  /// The fill rate (share of demand met from stock) of a reorder point with orders of `quantity` units,
  /// shortages being back-ordered: 1 − σ·(G(z) − G(z + Q/σ)) / Q, 0…1. Without deviation, demand above the
  /// reorder point is short.
  public func fillRate(reorderPoint: Double, quantity: Double) -> Double {
    guard quantity > 0, reorderPoint.isFinite, mean.isFinite, deviation.isFinite else { return .nan }
    let short =
      expectedShortage(reorderPoint: reorderPoint) - expectedShortage(reorderPoint: reorderPoint + quantity)
    return Swift.min(1, Swift.max(0, 1 - short / quantity))
  }

  /// Safety stock Φ⁻¹(level)·σ for a cycle service level; negative below one half, infinite at 1.
  public func safetyStock(cycleServiceLevel level: Double) -> Double {
    deviation > 0 ? Normal.quantile(level) * deviation : 0
  }

  /// Safety stock for a fill rate with orders of `quantity` units, back-ordered, by the exact loss: the z
  /// with G(z) − G(z + Q/σ) = Q(1 − β)/σ. Negative where the orders alone fill enough; NaN unless
  /// 0 < β < 1 and the quantity is positive.
  public func safetyStock(fillRate beta: Double, quantity: Double) -> Double {
    guard beta > 0, beta < 1, quantity > 0 else { return .nan }
    guard deviation > 0 else { return 0 }
    let ratio = quantity / deviation
    let target = ratio * (1 - beta)
    // The difference falls from Q/σ to 0 as z rises; bisection needs no derivative and cannot stray.
    var low = -ratio - 40
    var high = 40.0
    for _ in 0..<200 {
      let mid = (low + high) / 2
      if mid <= low || mid >= high { break }
      if Normal.loss(mid) - Normal.loss(mid + ratio) > target { low = mid } else { high = mid }
    }
    return (low + high) / 2 * deviation
  }

  /// P(D ≤ ⌊x⌋) and E[(x − D)⁺] of a count distribution, by the ratio of neighbouring probabilities.
  private func counts(
    _ distribution: DemandDistribution, upTo x: Double
  ) -> (cumulative: Double, leftover: Double) {
    guard x > -Tie.tolerance else { return (0, 0) }
    guard mean > 0 else { return (1, Swift.max(0, x)) }
    let variance = deviation * deviation
    // Beyond this both are normal for every purpose, and the recursion would underflow.
    if mean > 5000 || x > 1e6 {
      let normal = LeadTimeDemand(
        mean: mean, deviation: distribution == .poisson ? mean.squareRoot() : deviation)
      let level = normal.cycleServiceLevel(reorderPoint: x)
      return (level, normal.expectedShortage(reorderPoint: x) + x - mean)
    }
    let overdispersed = distribution == .negativeBinomial && variance > mean
    let r = overdispersed ? mean * mean / (variance - mean) : 0
    let p = overdispersed ? mean / variance : 0
    var logP = overdispersed ? r * log(p) : -mean
    var cumulative = 0.0
    var leftover = 0.0
    let last = Int(x + Tie.tolerance * Swift.max(1, x))
    for k in 0...last {
      let probability = exp(logP)
      // Past the mean the probabilities only fall.
      if probability < 1e-25, Double(k) > mean { break }
      cumulative += probability
      leftover += probability * (x - Double(k))
      let next = Double(k + 1)
      logP += overdispersed ? log((r + Double(k)) / next * (1 - p)) : log(mean / next)
    }
    return (Swift.min(1, cumulative), Swift.max(0, leftover))
  }
}

/// The shape of lead-time demand.
public enum DemandDistribution: String, Hashable, Sendable, CaseIterable {
  case normal
  /// Counts whose variance is their mean.
  case poisson
  /// Counts whose variance is above their mean; with a smaller variance it is Poisson.
  case negativeBinomial = "negative_binomial"
}
