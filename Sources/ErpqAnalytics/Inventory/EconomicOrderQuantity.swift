#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much to order at once: the trade between the cost of ordering and the cost of holding.
///
/// Demand is a rate (units a year, say), an order costs `orderCost`, and a unit held costs `holding` for the
/// same period. Snyder & Shen, *Fundamentals of Supply Chain Theory* 2e, ch. 3; Silver, Pyke & Thomas, ch. 4.
public struct EconomicOrderQuantity: Hashable, Sendable {
  /// Units an order.
  public var quantity: Double
  /// Cost a period: ordering and holding, and whatever the model adds.
  public var cost: Double

  /// Harris' formula Q = √(2KD/h), cost √(2KDh). Nothing where one of the three is not positive.
  public static func basic(orderCost k: Double, holding h: Double, demand d: Double) -> EconomicOrderQuantity?
  {
    guard k > 0, h > 0, d > 0 else { return nil }
    return EconomicOrderQuantity(quantity: (2 * k * d / h).squareRoot(), cost: (2 * k * d * h).squareRoot())
  }

  /// What orders of any quantity cost: KD/Q + hQ/2.
  public static func cost(orderCost k: Double, holding h: Double, demand d: Double, quantity q: Double)
    -> Double
  {
    q > 0 ? k * d / q + h * q / 2 : .nan
  }

  /// How much dearer a quantity is than the best one: ½(Q/Q* + Q*/Q).
  public static func sensitivity(quantity q: Double, best: Double) -> Double { (q / best + best / q) / 2 }

  /// With shortages back-ordered at `shortage` a unit and period: Q = √(2KD(h+p)/(hp)).
  ///
  /// - Returns: the share of demand that waits beside it, h/(h+p).
  public static func withBackorders(
    orderCost k: Double, holding h: Double, shortage p: Double, demand d: Double
  ) -> (order: EconomicOrderQuantity, backorderShare: Double)? {
    guard k > 0, h > 0, p > 0, d > 0 else { return nil }
    return (
      EconomicOrderQuantity(
        quantity: (2 * k * d * (h + p) / (h * p)).squareRoot(),
        cost: (2 * k * d * h * p / (h + p)).squareRoot()), h / (h + p)
    )
  }

  /// The economic production quantity: the lot arrives at a finite rate. nil unless production is faster than
  /// demand.
  public static func production(
    orderCost k: Double, holding h: Double, demand d: Double, production p: Double
  ) -> EconomicOrderQuantity? {
    guard p > d else { return nil }
    return basic(orderCost: k, holding: h * (1 - d / p), demand: d)
  }

  /// A supplier that is out of business for exponential times: the cost rate
  /// (K + hQ²/2D + Dpψ/μ) / (Q/D + ψ/μ), ψ = λ/(λ+μ)·(1 − e^{−(λ+μ)Q/D}) (Berk & Arreola-Risa 1994; Snyder &
  /// Shen, §9.2).
  public static func withDisruptions(
    orderCost k: Double, holding h: Double, shortage p: Double, demand d: Double, disruptionRate: Double,
    recoveryRate: Double
  ) -> EconomicOrderQuantity? {
    guard k > 0, h > 0, p > 0, d > 0, disruptionRate >= 0, recoveryRate > 0 else { return nil }
    let rates = disruptionRate + recoveryRate
    func cost(_ q: Double) -> Double {
      let wait = disruptionRate / rates * -expm1(-rates * q / d) / recoveryRate
      return (k + h * q * q / (2 * d) + d * p * wait) / (q / d + wait)
    }
    let start = (2 * k * d / h).squareRoot()
    let q = Search.minimum(from: start * 1e-3, to: start * 1e3, cost)
    return EconomicOrderQuantity(quantity: q, cost: cost(q))
  }
}

/// Prices that fall with the quantity.
public enum PriceBreaks {
  /// What the price of a break holds for.
  public enum Rule: String, Hashable, Sendable, CaseIterable {
    /// All units of the order.
    case allUnits = "all_units"
    /// Only the units beyond the break.
    case incremental
  }

  /// The quantity of least cost, purchase included.
  public struct Choice: Hashable, Sendable {
    /// Units an order.
    public var quantity: Double
    /// The break that it uses, 0 for the first.
    public var region: Int
    /// Purchase, ordering and holding a period.
    public var cost: Double
  }

  /// The best order under price breaks (Silver, Pyke & Thomas, §4.5; Snyder & Shen, §3.4).
  ///
  /// - Parameters:
  ///   - holdingRate: cost of holding a unit for a period as a share of its price.
  ///   - from: where each price begins, ascending; the first is the smallest order, usually 0.
  ///   - prices: one a break.
  /// - Returns: nil for numbers that make no sense.
  public static func best(
    _ rule: Rule, orderCost k: Double, holdingRate: Double, demand d: Double, from: [Double],
    prices: [Double],
    minimum: Double = 0
  ) -> Choice? {
    guard k > 0, holdingRate > 0, d > 0, !from.isEmpty, from.count == prices.count,
      prices.allSatisfy({ $0 > 0 }), zip(from, from.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    var best: Choice?
    // The fixed part of an order that the dearer first units add.
    var fixed = 0.0
    for (i, price) in prices.enumerated() {
      if i > 0, rule == .incremental { fixed += prices[i - 1] * (from[i] - from[i - 1]) }
      let extra = rule == .incremental ? fixed - price * from[i] : 0
      let h = holdingRate * price
      func cost(_ q: Double) -> Double {
        price * d + (k + extra) * d / q + h * q / 2 + holdingRate * extra / 2
      }
      let ideal = (2 * (k + extra) * d / h).squareRoot()
      let low = Swift.max(from[i], minimum)
      let high = i + 1 < from.count ? from[i + 1] : .infinity
      guard low < high else { continue }
      let q = Swift.max(ideal, low)
      guard q > 0, q < high || (rule == .incremental && q <= high) else { continue }
      if best.map({ cost(q) < $0.cost }) ?? true { best = Choice(quantity: q, region: i, cost: cost(q)) }
    }
    return best
  }
}

/// Searches along a line.
enum Search {
  /// Where a function with one valley is least between two points: golden section on a logarithmic scale,
  /// then parabolas.
  static func minimum(from low: Double, to high: Double, _ f: (Double) -> Double) -> Double {
    let ratio = (5.0.squareRoot() - 1) / 2
    var a = log(low)
    var b = log(high)
    var x = b - ratio * (b - a)
    var y = a + ratio * (b - a)
    var fx = f(exp(x))
    var fy = f(exp(y))
    for _ in 0..<120 where b - a > 1e-11 {
      if fx < fy {
        (b, y, fy) = (y, x, fx)
        x = b - ratio * (b - a)
        fx = f(exp(x))
      } else {
        (a, x, fx) = (x, y, fy)
        y = a + ratio * (b - a)
        fy = f(exp(y))
      }
    }
    return exp((a + b) / 2)
  }

  /// Where a falling function crosses zero between two points, by bisection.
  static func root(from low: Double, to high: Double, falling f: (Double) -> Double) -> Double {
    var (a, b) = (low, high)
    for _ in 0..<200 {
      let mid = (a + b) / 2
      if mid <= a || mid >= b { break }
      if f(mid) > 0 { a = mid } else { b = mid }
    }
    return (a + b) / 2
  }
}
