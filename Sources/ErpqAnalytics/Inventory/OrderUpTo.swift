#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One stocking decision: what is left costs `holding` a unit, what is short `shortage` a unit (Snyder &
/// Shen, *Fundamentals of Supply Chain Theory* 2e, §4.3; Nahmias & Olsen, ch. 5).
public enum Newsvendor {
  /// The critical ratio p/(p + h): the probability of no shortage that is worth its cost.
  public static func criticalRatio(holding h: Double, shortage p: Double) -> Double { p / (p + h) }

  /// The best stock, F⁻¹(p/(p + h)), and its expected cost h·E[(S − D)⁺] + p·E[(D − S)⁺]; nil unless both
  /// costs are positive.
  public static func best(
    _ demand: Distribution, holding h: Double, shortage p: Double
  ) -> (stock: Double, cost: Double)? {
    guard h > 0, p > 0 else { return nil }
    let stock = demand.quantile(criticalRatio(holding: h, shortage: p))
    return (stock, cost(demand, stock: stock, holding: h, shortage: p))
  }

  /// The expected cost of a stock.
  public static func cost(_ demand: Distribution, stock: Double, holding h: Double, shortage p: Double)
    -> Double
  {
    h * demand.leftover(stock) + p * demand.loss(stock)
  }

  /// The best stock from revenue, cost and salvage value of a unit, and its expected profit.
  public static func best(
    _ demand: Distribution, revenue: Double, cost: Double, salvage: Double
  ) -> (stock: Double, profit: Double)? {
    guard let order = best(demand, holding: cost - salvage, shortage: revenue - cost) else { return nil }
    return (order.stock, (revenue - cost) * demand.mean - order.cost)
  }
}

/// (s, S): when the position is at or below s, order up to S. Looked at every period.
public struct ReorderPointOrderUpTo: Hashable, Sendable {
  /// Order at or below it.
  public var reorderPoint: Double
  /// Order up to it.
  public var orderUpTo: Double
  /// Expected cost a period; nil where the method does not tell.
  public var cost: Double?

  /// The power approximation of Ehrhardt & Mosier (1984), from the moments of a period's demand and of the
  /// demand of lead time and review.
  public static func powerApproximation(
    holding h: Double, shortage p: Double, orderCost k: Double, mean: Double, protected: LeadTimeDemand
  ) -> ReorderPointOrderUpTo? {
    guard h > 0, p > 0, k > 0, mean > 0, protected.deviation > 0 else { return nil }
    let sigma = protected.deviation
    let q =
      1.30 * pow(mean, 0.494) * pow(k / h, 0.506) * pow(1 + sigma * sigma / (mean * mean), 0.116)
    let z = (q * h / (sigma * p)).squareRoot()
    let s = 0.973 * protected.mean + sigma * (0.183 / z + 1.063 - 2.192 * z)
    return ReorderPointOrderUpTo(reorderPoint: s, orderUpTo: s + q, cost: nil)
  }

  /// The exact optimum for counted demand (Zheng & Federgruen 1991).
  ///
  /// - Parameters:
  ///   - period: demand of one period.
  ///   - protected: demand of lead time and one period, over which a decision has to last.
  /// - Returns: nil unless the costs are positive and some demand is possible, or where S − s would be above
  ///   100,000.
  public static func exact(
    period: Distribution, protected: Distribution, holding h: Double, shortage p: Double, orderCost k: Double
  ) -> ReorderPointOrderUpTo? {
    guard h > 0, p > 0, k > 0, period.cumulative(0) < 1 else { return nil }
    func g(_ y: Double) -> Double { h * protected.leftover(y) + p * protected.loss(y) }
    let renewal = Renewal(period)
    // c(s, S) = (K + Σ m(j)·g(S − j)) / M(S − s), j from 0 to S − s − 1.
    func cost(_ s: Double, _ up: Double) -> Double {
      var sum = k
      var j = 0
      while Double(j) < up - s {
        sum += renewal.expected(j) * g(up - Double(j))
        j += 1
      }
      return sum / renewal.total(j)
    }
    let best = protected.quantile(p / (p + h))
    var up = best
    var s = best
    repeat { s -= 1 } while cost(s, up) > g(s) && best - s < 100_000
    guard best - s < 100_000 else { return nil }
    var least = cost(s, up)
    var candidate = up + 1
    while g(candidate) <= least, candidate - s < 100_000 {
      let c = cost(s, candidate)
      if c < least {
        up = candidate
        least = c
        while least <= g(s + 1), s + 1 < up {
          s += 1
          least = cost(s, up)
        }
      }
      candidate += 1
    }
    return ReorderPointOrderUpTo(reorderPoint: s, orderUpTo: up, cost: least)
  }
}

/// m(j), the expected number of periods in which the position lies j below S, and its running sum M.
private final class Renewal {
  private let probability: (Int) -> Double
  private var m: [Double] = []
  private var running: [Double] = [0]

  init(_ period: Distribution) {
    var before: [Double] = []
    probability = { k in
      while before.count <= k { before.append(period.cumulative(Double(before.count))) }
      return before[k] - (k > 0 ? before[k - 1] : 0)
    }
  }

  func expected(_ j: Int) -> Double {
    while m.count <= j {
      let n = m.count
      let still = 1 / (1 - probability(0))
      if n == 0 {
        m.append(still)
      } else {
        var sum = 0.0
        for l in 1...n { sum += probability(l) * m[n - l] }
        m.append(sum * still)
      }
      running.append(running[n] + m[n])
    }
    return m[j]
  }

  /// Σ m(i), i < j.
  func total(_ j: Int) -> Double {
    if j > 0 { _ = expected(j - 1) }
    return running[j]
  }
}
