/// The buffer of demand-driven replenishment: three zones from average use and decoupled lead time (Ptak &
/// Smith, *Demand Driven Material Requirements Planning*, ch. 7).
public struct DemandDrivenBuffer: Hashable, Sendable {
  /// Average use × lead time × lead-time factor.
  public var redBase: Double
  /// Red base × variability factor.
  public var redSafety: Double
  /// Average use × lead time.
  public var yellow: Double
  /// The largest of order cycle × use, use × lead time × lead-time factor, and the minimum order.
  public var green: Double

  /// The zones of an item.
  public init(
    averageDailyUse adu: Double, decoupledLeadTime dlt: Double, leadTimeFactor: Double,
    variabilityFactor: Double,
    orderCycle: Double, minimumOrder: Double
  ) {
    redBase = adu * dlt * leadTimeFactor
    redSafety = redBase * variabilityFactor
    yellow = adu * dlt
    green = Swift.max(orderCycle * adu, Swift.max(redBase, minimumOrder))
  }

  /// Red base and safety.
  public var red: Double { redBase + redSafety }
  /// Order when the net flow is below it.
  public var topOfYellow: Double { red + yellow }
  /// Order up to it.
  public var topOfGreen: Double { red + yellow + green }
  /// A day's orders above half the red zone are a spike that counts ahead of its day.
  public var spikeThreshold: Double { red / 2 }

  /// On hand + on order − qualified demand.
  public static func netFlow(onHand: Double, onOrder: Double, qualifiedDemand: Double) -> Double {
    onHand + onOrder - qualifiedDemand
  }

  /// What to order for a net flow: up to the top of green when it is below the top of yellow.
  public func order(netFlow: Double) -> Double { netFlow < topOfYellow ? topOfGreen - netFlow : 0 }
}

/// A reordering rule as Odoo reads it (`stock.warehouse.orderpoint`).
public enum OrderpointRule {
  /// What it orders: nothing unless the forecast stock is strictly below the minimum; else up to the larger
  /// of minimum and maximum, rounded up to a multiple (0: none).
  public static func quantity(forecast: Double, minimum: Double, maximum: Double, multiple: Double) -> Double
  {
    guard forecast < minimum else { return 0 }
    return Replenishment.rounded(Swift.max(minimum, maximum) - forecast, multiple: multiple)
  }
}

/// The money that one more unit of stock earns (Lokad's stock reward function, one period).
public enum StockReward {
  /// M·E[min(D, k)] + S·E[(D − k)⁺] + C·E[(k − D)⁺] for a stock k: margin of a unit sold, (negative) penalty
  /// of one short, (negative) cost of one left.
  public static func reward(
    _ demand: Distribution, stock k: Double, margin: Double, stockout: Double, carrying: Double
  ) -> Double {
    let short = demand.loss(k)
    return margin * (demand.mean - short) + stockout * short + carrying * demand.leftover(k)
  }

  /// What the units 1, 2, … `through` add, each.
  public static func marginal(
    _ demand: Distribution, through: Int, margin: Double, stockout: Double, carrying: Double
  ) -> [Double] {
    var before = reward(demand, stock: 0, margin: margin, stockout: stockout, carrying: carrying)
    return (1...Swift.max(1, through)).map { k in
      let now = reward(demand, stock: Double(k), margin: margin, stockout: stockout, carrying: carrying)
      defer { before = now }
      return now - before
    }
  }
}
