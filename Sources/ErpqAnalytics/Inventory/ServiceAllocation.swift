#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ErpqBase

/// Where a sum of money for safety stock does most (Silver, Pyke & Thomas, §6.11: the aggregate view).
public enum ServiceAllocation {
  /// An item: value and deviation of its lead-time demand, demand a year, units an order.
  public struct Item: Hashable, Sendable {
    /// Cost of one unit.
    public var value: Double
    /// Deviation of the demand of the lead time, units.
    public var deviation: Double
    /// Units a year.
    public var demand: Double
    /// Units an order.
    public var quantity: Double

    /// An item.
    public init(value: Double, deviation: Double, demand: Double, quantity: Double) {
      self.value = value
      self.deviation = deviation
      self.demand = demand
      self.quantity = quantity
    }

    var isUsable: Bool { value > 0 && deviation > 0 && demand > 0 && quantity > 0 }
    var cycles: Double { demand / quantity }
  }

  /// What the money is to save.
  public enum Goal: String, Hashable, Sendable, CaseIterable {
    /// Stock-out occasions a year: φ(k) = λ·v·σ·Q/D.
    case occasions
    /// Value short a year: P(Z > k) = λ·Q/D.
    case valueShort = "value_short"
  }

  /// The outcome for one λ.
  public struct Point: Hashable, Sendable {
    /// The factor: what a unit of money in safety stock has to save.
    public var lambda: Double
    /// Safety factor of each item.
    public var factors: [Double]
    /// Σ v·k·σ.
    public var safetyStockValue: Double
    /// Σ D/Q·P(Z > k).
    public var stockoutsPerYear: Double
    /// Σ D/Q·v·σ·G(k).
    public var valueShortPerYear: Double
    /// Share of the demand's value met from stock.
    public var fillRate: Double
  }

  /// The allocation for one λ. Factors do not fall below `lowest`; an item without deviation, value, demand
  /// or quantity gets it too and counts nowhere.
  public static func point(_ items: [Item], goal: Goal, lambda: Double, lowest: Double = 0) -> Point {
    let factors = items.map { factor($0, goal, lambda, lowest) }
    return measure(items, factors: factors, lambda: lambda)
  }

  /// What given factors cost and serve.
  public static func measure(_ items: [Item], factors: [Double], lambda: Double = .nan) -> Point {
    var point = Point(
      lambda: lambda, factors: factors, safetyStockValue: 0, stockoutsPerYear: 0, valueShortPerYear: 0,
      fillRate: 1)
    var total = 0.0
    for (item, k) in zip(items, factors) {
      total += Swift.max(0, item.value * item.demand)
      guard item.isUsable else { continue }
      point.safetyStockValue += item.value * k * item.deviation
      point.stockoutsPerYear += item.cycles * Normal.survival(k)
      point.valueShortPerYear += item.cycles * item.value * item.deviation * Normal.loss(k)
    }
    if total > 0 { point.fillRate = Swift.max(0, 1 - point.valueShortPerYear / total) }
    return point
  }

  private static func factor(_ item: Item, _ goal: Goal, _ lambda: Double, _ lowest: Double) -> Double {
    guard item.isUsable, lambda > 0 else { return lowest }
    switch goal {
    case .occasions:
      let density = lambda * item.value * item.deviation / item.cycles / Normal.inverseRoot2Pi
      return density < 1 ? Swift.max(lowest, (-2 * log(density)).squareRoot()) : lowest
    case .valueShort:
      let tail = lambda / item.cycles
      return tail < 1 ? Swift.max(lowest, -Normal.quantile(tail)) : lowest
    }
  }

  /// The λ whose allocation reaches `target` for a measure that falls as λ rises (such as the value of the
  /// safety stock), within the bounds that doubles allow.
  public static func lambda(
    _ items: [Item], goal: Goal, lowest: Double = 0, reaching target: Double, _ measure: (Point) -> Double
  ) -> Double {
    var low = -80.0
    var high = 40.0
    for _ in 0..<80 {
      let mid = (low + high) / 2
      if measure(point(items, goal: goal, lambda: exp(mid), lowest: lowest)) > target {
        low = mid
      } else {
        high = mid
      }
    }
    return exp(high)
  }
}

/// Cycle stock against orders for a whole catalogue (Silver, Pyke & Thomas, §4.4): TCS·N = (Σ√(Dv))²/2.
public struct ExchangeCurve: Hashable, Sendable {
  /// Σ√(Dv).
  public var sum: Double

  /// Units a year and unit values.
  public init(demand: [Double], value: [Double]) {
    sum = zip(demand, value).reduce(0) { $0 + Swift.max(0, $1.0 * $1.1).squareRoot() }
  }

  /// Total cycle stock times number of orders a year, the same everywhere on the curve.
  public var product: Double { sum * sum / 2 }

  /// Cycle stock in money and orders a year where an order costs A and holding r a year, given A/r.
  public func point(costOverRate: Double) -> (cycleStock: Double, orders: Double) {
    ((costOverRate / 2).squareRoot() * sum, (1 / (2 * costOverRate)).squareRoot() * sum)
  }
}
