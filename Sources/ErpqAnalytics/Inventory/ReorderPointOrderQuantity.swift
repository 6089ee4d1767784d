import ErpqBase

/// Reorder point r and order quantity Q under continuous review, chosen together.
///
/// Demand a period is normal with `mean` and `deviation`, the lead time is `lead` periods; holding costs
/// `holding` a unit and period. Snyder & Shen, *Fundamentals of Supply Chain Theory* 2e, ch. 5.
public struct ReorderPointOrderQuantity: Hashable, Sendable {
  /// Order when the position is at or below it.
  public var reorderPoint: Double
  /// Units an order.
  public var quantity: Double
  /// Expected cost a period.
  public var cost: Double

  /// What the model needs.
  public struct Problem: Hashable, Sendable {
    /// Holding a unit for a period.
    public var holding: Double
    /// A unit short: once for `expectedInventoryLevel`, a unit and period otherwise.
    public var shortage: Double
    /// An order.
    public var orderCost: Double
    /// Units a period.
    public var mean: Double
    /// Deviation of the units of a period.
    public var deviation: Double
    /// Periods from order to receipt.
    public var lead: Double

    /// A problem; nil unless costs and mean are positive.
    public init?(
      holding: Double, shortage: Double, orderCost: Double, mean: Double, deviation: Double, lead: Double
    ) {
      guard holding > 0, shortage > 0, orderCost > 0, mean > 0, deviation >= 0, lead >= 0 else { return nil }
      self.holding = holding
      self.shortage = shortage
      self.orderCost = orderCost
      self.mean = mean
      self.deviation = deviation
      self.lead = lead
    }

    var demand: LeadTimeDemand { LeadTimeDemand(mean: mean * lead, deviation: deviation * lead.squareRoot()) }
    var basicQuantity: Double { (2 * orderCost * mean / holding).squareRoot() }

    /// ∫ₓ^∞ n(y) dy = σ²·½[(z² + 1)(1 − Φ) − zφ]: the second-order loss.
    func secondLoss(_ x: Double) -> Double {
      let d = demand
      guard d.deviation > 0 else {
        let short = Swift.max(0, d.mean - x)
        return short * short / 2
      }
      return d.deviation * d.deviation * Normal.secondLoss((x - d.mean) / d.deviation)
    }

    /// The exact cost of r and Q, shortages costing by unit and period:
    /// (KD + ∫ over r…r+Q of h·E[(y − D)⁺] + p·E[(D − y)⁺]) / Q.
    public func exactCost(reorderPoint r: Double, quantity q: Double) -> Double {
      guard q > 0 else { return .nan }
      let d = demand
      // h·(y − μ) + (h + p)·n(y), integrated.
      let held = holding * (r * q + q * q / 2 - d.mean * q)
      let short = (holding + shortage) * (secondLoss(r) - secondLoss(r + q))
      return (orderCost * mean + held + short) / q
    }
  }

  /// The expected-inventory-level approximation, iterated: r = F⁻¹(1 − Qh/(pD)), Q = √(2D(K + p·n(r))/h).
  public static func expectedInventoryLevel(_ p: Problem) -> ReorderPointOrderQuantity {
    var q = p.basicQuantity
    var r = p.demand.mean
    for _ in 0..<1000 {
      let level = 1 - q * p.holding / (p.shortage * p.mean)
      // Holding that much is dearer than running short: nothing is kept.
      guard level > 0 else { break }
      let next = p.demand.mean + (p.demand.deviation > 0 ? Normal.quantile(level) * p.demand.deviation : 0)
      let size =
        (2 * p.mean * (p.orderCost + p.shortage * p.demand.expectedShortage(reorderPoint: next)) / p.holding)
        .squareRoot()
      let change = (next - r).magnitude + (size - q).magnitude
      (r, q) = (next, size)
      if change < 1e-10 { break }
    }
    let short = p.demand.expectedShortage(reorderPoint: r)
    return ReorderPointOrderQuantity(
      reorderPoint: r, quantity: q,
      cost: p.holding * (r - p.demand.mean + q / 2) + p.orderCost * p.mean / q
        + p.shortage * p.mean * short / q)
  }

  /// Q from the EOQ with backorders, and the r that is best for it: the two ends of the interval r…r+Q cost
  /// the same.
  public static func backorderQuantity(_ p: Problem) -> ReorderPointOrderQuantity {
    let q = (p.basicQuantity * p.basicQuantity * (p.holding + p.shortage) / p.shortage).squareRoot()
    let r = bestReorderPoint(p, quantity: q)
    return ReorderPointOrderQuantity(
      reorderPoint: r, quantity: q, cost: p.exactCost(reorderPoint: r, quantity: q))
  }

  /// The r that is best for a given Q.
  public static func bestReorderPoint(_ p: Problem, quantity q: Double) -> Double {
    let d = p.demand
    func cost(_ y: Double) -> Double {
      p.holding * (y - d.mean) + (p.holding + p.shortage) * d.expectedShortage(reorderPoint: y)
    }
    let reach = 40 * d.deviation + q
    return Search.root(from: d.mean - reach, to: d.mean + reach) { cost($0) - cost($0 + q) }
  }

  /// Q from the plain EOQ, r from the newsvendor's ratio p/(p + h).
  public static func quantityAndSafetyStock(_ p: Problem) -> ReorderPointOrderQuantity {
    let q = p.basicQuantity
    let r = p.demand.mean + p.demand.safetyStock(cycleServiceLevel: p.shortage / (p.shortage + p.holding))
    return ReorderPointOrderQuantity(
      reorderPoint: r, quantity: q, cost: p.exactCost(reorderPoint: r, quantity: q))
  }

  /// The loss-function approximation, iterated: n(r) = hQ/(h + p), Q = √(2(KD + (h + p)·n₂(r))/h).
  public static func lossFunction(_ p: Problem) -> ReorderPointOrderQuantity {
    let d = p.demand
    var q = p.basicQuantity
    var r = d.mean
    for _ in 0..<1000 {
      let target = p.holding * q / (p.holding + p.shortage)
      let next =
        d.deviation > 0 ? d.mean + d.deviation * Normal.inverseLoss(target / d.deviation) : d.mean - target
      let size =
        (2 * (p.orderCost * p.mean + (p.holding + p.shortage) * p.secondLoss(next)) / p.holding).squareRoot()
      let change = (next - r).magnitude + (size - q).magnitude
      (r, q) = (next, size)
      if change < 1e-10 { break }
    }
    return ReorderPointOrderQuantity(
      reorderPoint: r, quantity: q, cost: p.exactCost(reorderPoint: r, quantity: q))
  }

  /// The exact optimum for counted lead-time demand (Federgruen & Zheng 1992): the interval r+1…r+Q grows at
  /// its cheaper end while that lowers the cost.
  ///
  /// - Parameters:
  ///   - leadDemand: demand of the lead time, a count.
  ///   - rate: expected units a period.
  public static func exact(
    leadDemand: Distribution, rate: Double, holding h: Double, shortage p: Double, orderCost k: Double
  ) -> ReorderPointOrderQuantity? {
    guard h > 0, p > 0, k >= 0, rate > 0 else { return nil }
    func g(_ y: Double) -> Double { h * leadDemand.leftover(y) + p * leadDemand.loss(y) }
    let start = leadDemand.quantile(p / (p + h))
    var (low, high) = (start, start)
    var sum = k * rate + g(start)
    var q = 1.0
    while q < 1e7 {
      let below = g(low - 1)
      let above = g(high + 1)
      let next = Swift.min(below, above)
      guard next < sum / q else { break }
      if below < above { low -= 1 } else { high += 1 }
      sum += next
      q += 1
    }
    return ReorderPointOrderQuantity(reorderPoint: low - 1, quantity: q, cost: sum / q)
  }
}

extension Normal {
  /// The second-order loss ½[(z² + 1)·P(Z > z) − z·φ(z)] = ½E[((Z − z)⁺)²].
  public static func secondLoss(_ z: Double) -> Double {
    Swift.max(0, ((z * z + 1) * survival(z) - z * density(z)) / 2)
  }
}
