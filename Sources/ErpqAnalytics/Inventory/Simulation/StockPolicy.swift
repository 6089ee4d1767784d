/// When to order and how much, as the simulation and the advice use it.
public struct StockPolicy: Hashable, Sendable {
  /// Days between two looks at the stock; 1 is every day.
  public var reviewDays: Int
  /// Order when the position is at or below it; infinite: at every review.
  public var reorderPoint: Double
  /// Whether the position has to be strictly below.
  public var isStrict: Bool
  /// Order up to it; nil orders `quantity`.
  public var orderUpTo: Double?
  /// Units an order, where it does not fill up; as many lots as bring the position above the reorder point.
  public var quantity: Double
  /// Whether one lot is ordered at a review even where it does not suffice.
  public var oneLot: Bool
  /// The least that the supplier accepts.
  public var minimumOrder: Double
  /// Orders are whole multiples of it; 0: any amount.
  public var multiple: Double

  /// A policy.
  public init(
    reviewDays: Int = 1, reorderPoint: Double, isStrict: Bool = false, orderUpTo: Double? = nil,
    quantity: Double = 0, oneLot: Bool = false, minimumOrder: Double = 0, multiple: Double = 0
  ) {
    self.reviewDays = Swift.max(1, reviewDays)
    self.reorderPoint = reorderPoint
    self.isStrict = isStrict
    self.orderUpTo = orderUpTo
    self.quantity = quantity
    self.oneLot = oneLot
    self.minimumOrder = minimumOrder
    self.multiple = multiple
  }

  /// (r, Q): lots of Q when the position is at or below r.
  public static func rQ(_ r: Double, _ q: Double) -> StockPolicy { StockPolicy(reorderPoint: r, quantity: q) }
  /// (s, S): up to S when the position is at or below s.
  public static func sS(_ s: Double, _ up: Double) -> StockPolicy {
    StockPolicy(reorderPoint: s, orderUpTo: up)
  }
  /// (R, S): up to S every R days.
  public static func rS(_ days: Int, _ up: Double) -> StockPolicy {
    StockPolicy(reviewDays: days, reorderPoint: .infinity, orderUpTo: up)
  }
  /// Odoo's rule: up to the larger of both when the position is strictly below the minimum.
  public static func minMax(_ low: Double, _ high: Double, multiple: Double = 0) -> StockPolicy {
    StockPolicy(reorderPoint: low, isStrict: true, orderUpTo: Swift.max(low, high), multiple: multiple)
  }

  /// What is ordered at a review, 0 for nothing.
  public func order(position: Double) -> Double {
    guard isStrict ? position < reorderPoint : position <= reorderPoint else { return 0 }
    var units: Double
    if let orderUpTo {
      units = orderUpTo - position
    } else if oneLot || quantity <= 0 {
      units = quantity
    } else {
      let lots = (reorderPoint - position) / quantity
      units = (isStrict ? Swift.max(1, lots.rounded(.up)) : lots.rounded(.down) + 1) * quantity
    }
    guard units > 0 else { return 0 }
    if minimumOrder > 0 || multiple > 0 {
      units = Replenishment.rounded(units, minimum: minimumOrder, multiple: multiple)
    }
    return units
  }
}

/// What becomes of demand that finds no stock.
public enum UnmetDemand: String, Hashable, Sendable, CaseIterable {
  /// It waits and is served first.
  case backordered = "backorder"
  /// It goes elsewhere.
  case lost
}
