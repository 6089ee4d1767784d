#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ErpqBase

/// Safety factors k for normal lead-time demand: safety stock is k·σ (Silver, Pyke & Thomas, ch. 6).
public enum SafetyFactor {
  /// Cycle service level P₁: k = Φ⁻¹(level).
  public static func cycleServiceLevel(_ level: Double) -> Double { Normal.quantile(level) }

  /// Fill rate P₂ by the usual approximation G(k) = Q(1 − β)/σ.
  public static func fillRate(_ beta: Double, quantity: Double, deviation: Double) -> Double {
    guard beta > 0, beta < 1, quantity > 0, deviation > 0 else { return .nan }
    return Normal.inverseLoss(quantity * (1 - beta) / deviation)
  }

  /// Fill rate P₂, shortages back-ordered, exactly: G(k) − G(k + Q/σ) = Q(1 − β)/σ.
  public static func exactFillRate(_ beta: Double, quantity: Double, deviation: Double) -> Double {
    guard deviation > 0 else { return .nan }
    return LeadTimeDemand(mean: 0, deviation: deviation).safetyStock(fillRate: beta, quantity: quantity)
      / deviation
  }

  /// Fill rate P₂ where unmet demand is lost: G(k) = Q(1 − β)/(βσ).
  public static func lostSalesFillRate(_ beta: Double, quantity: Double, deviation: Double) -> Double {
    guard beta > 0, beta < 1, quantity > 0, deviation > 0 else { return .nan }
    return Normal.inverseLoss(quantity * (1 - beta) / (beta * deviation))
  }

  /// A mean time between stock-out occasions, in the period of the demand: P(Z > k) = Q/(D·time).
  public static func timeBetweenStockouts(_ time: Double, quantity: Double, demand: Double) -> Double {
    guard time > 0, quantity > 0, demand > 0 else { return .nan }
    return -Normal.quantile(Swift.min(1, quantity / (demand * time)))
  }

  /// A cost B₁ for each stock-out occasion: k = √(2 ln(D·B₁/(√(2π)·Q·v·σ·r))), the `lowest` where the
  /// logarithm is not positive.
  ///
  /// - Parameters: `carrying` is v·r, what a unit costs to hold for the period of the demand.
  public static func costPerOccasion(
    _ cost: Double, quantity: Double, deviation: Double, demand: Double, carrying: Double, lowest: Double = 0
  ) -> Double {
    guard cost > 0, quantity > 0, deviation > 0, demand > 0, carrying > 0 else { return .nan }
    let share = demand * cost / ((2 * Double.pi).squareRoot() * quantity * carrying * deviation)
    return share > 1 ? Swift.max(lowest, (2 * log(share)).squareRoot()) : lowest
  }

  /// A cost of `share` (B₂) of a unit's value for each unit short: P(Z > k) = Q·r/(D·B₂), the `lowest` where
  /// that is above one half.
  public static func costPerUnitShort(
    share: Double, quantity: Double, demand: Double, carryingRate: Double, lowest: Double = 0
  ) -> Double {
    guard share > 0, quantity > 0, demand > 0, carryingRate > 0 else { return .nan }
    let tail = quantity * carryingRate / (demand * share)
    return tail < 1 ? Swift.max(lowest, -Normal.quantile(tail)) : lowest
  }

  /// A cost of `share` (B₃) of a unit's value for each unit short and period: P(Z > k) = r/(B₃ + r).
  public static func costPerUnitAndTime(share: Double, carryingRate: Double) -> Double {
    guard share > 0, carryingRate > 0 else { return .nan }
    return -Normal.quantile(carryingRate / (share + carryingRate))
  }

  /// The deviation over lead time and review from the error of one period ahead, σ₁·√(L + R): right only
  /// where errors of different periods are uncorrelated.
  public static func protectedDeviation(error: Double, lead: Double, review: Double) -> Double {
    error * Swift.max(0, lead + review).squareRoot()
  }
}

/// What a reorder point and an order quantity achieve, shortages back-ordered.
public struct ServiceAchieved: Hashable, Sendable {
  /// Probability of no stock-out in a cycle.
  public var cycleServiceLevel: Double
  /// Share of demand met from stock.
  public var fillRate: Double

  /// The service of a reorder point over a distribution of lead-time demand. The fill rate is
  /// 1 − (n(r) − n(r + Q))/Q, n being the expected shortage; nil quantity: base stock, where it is
  /// 1 − n(r)/E[demand of an order cycle], with `cycleDemand`.
  public init(_ demand: Distribution, reorderPoint r: Double, quantity q: Double) {
    cycleServiceLevel = demand.cumulative(r)
    if q > 0, q.isFinite {
      let short = demand.loss(r) - demand.loss(r + q)
      fillRate = Swift.min(1, Swift.max(0, 1 - short / q))
    } else {
      fillRate = .nan
    }
  }
}

extension Distribution {
  /// The reorder point of a cycle service level: the quantile.
  public func reorderPoint(cycleServiceLevel level: Double) -> Double { quantile(level) }

  /// The lowest reorder point whose orders of `quantity` fill the share `beta` of demand from stock,
  /// shortages back-ordered: n(r) − n(r + Q) ≤ Q(1 − β). Whole for counts. NaN unless 0 < β < 1 and Q > 0.
  public func reorderPoint(fillRate beta: Double, quantity q: Double) -> Double {
    guard beta > 0, beta < 1, q > 0, q.isFinite else { return .nan }
    let target = q * (1 - beta)
    func short(_ r: Double) -> Double { loss(r) - loss(r + q) }
    let spread = Swift.max(deviation, 1e-9 * Swift.max(1, mean.magnitude))
    var high = mean + spread
    while short(high) > target, high < 1e300 { high += (high - mean) }
    let low = -q + Swift.min(0, mean - 40 * spread)
    let r = Search.root(from: low, to: high) { short($0) - target }
    guard isCount else { return r }
    var whole = (r - 1e-9 * Swift.max(1, r.magnitude)).rounded(.up)
    while short(whole) > target * (1 + 1e-12) { whole += 1 }
    return whole
  }
}
