/// What to do about a product's stock.
public enum ReplenishmentAction: String, Hashable, Sendable, CaseIterable {
  /// The stock is below the reorder point.
  case orderNow = "ORDER NOW"
  /// The stock will reach the reorder point soon.
  case monitor = "MONITOR"
  /// Nothing to do.
  case ok = "OK"
}

/// How pressing it is.
public enum Urgency: String, Hashable, Sendable, CaseIterable {
  /// There is demand and nothing on hand.
  case critical = "CRITICAL"
  /// The stock ends before an order placed now arrives.
  case high = "HIGH"
  /// The stock ends within the safety days after it.
  case medium = "MEDIUM"
  /// It can wait.
  case low = "LOW"
  /// There is nothing to be done.
  case none = "NONE"
}

/// When a stock above its reorder point is to be watched.
public enum MonitorBand: Hashable, Sendable {
  /// Above the reorder point by at most the demand of so many days.
  case aboveReorderPoint(days: Double)
  /// A cover between so many days, both included: the documents' 7 to 14.
  case cover(from: Double, through: Double)
}

/// What an order fills up to.
public enum OrderTarget: Hashable, Sendable {
  /// The reorder point: the documents' formula.
  case reorderPoint
  /// The reorder point plus the demand of so many days.
  case upTo(reviewDays: Double)
}

/// How urgency is told.
public enum UrgencyRule: Hashable, Sendable {
  /// CRITICAL without stock, HIGH when cover is below the lead time, MEDIUM when it is below lead time and
  /// safety days, LOW otherwise; NONE without demand.
  case byCover
  /// HIGH or MEDIUM (cover below the lead time or not) for what is to be ordered, LOW for what is to be
  /// watched, NONE otherwise.
  case byAction
}

/// How reorder points, actions and urgencies are told from days.
public struct ReplenishmentRule: Hashable, Sendable {
  /// Days from order to receipt where a product has none of its own.
  public var leadTimeDays = 7.0
  /// Safety stock in days of demand.
  public var safetyDays = 3.0
  /// Safety stock in units, on top.
  public var safetyUnits = 0.0
  /// When a stock above its reorder point is to be watched.
  public var band = MonitorBand.aboveReorderPoint(days: 7)
  /// What an order fills up to.
  public var target = OrderTarget.reorderPoint
  /// How urgency is told.
  public var urgency = UrgencyRule.byCover

  /// 7 days of lead time, 3 of safety, a week's demand above the reorder point watched.
  public init() {}

  /// The documents' reading.
  public static let erpconnect = {
    var rule = ReplenishmentRule()
    rule.band = .cover(from: 7, through: 14)
    rule.urgency = .byAction
    return rule
  }()
}

/// The advice for one product.
public struct ReplenishmentAdvice: Hashable, Sendable {
  /// Reorder point in units.
  public var rop: Double
  /// Units to order; 0 unless the action is to order.
  public var orderQuantity: Double
  /// Days that the position lasts; nil without demand.
  public var coverDays: Double?
  /// What to do.
  public var action: ReplenishmentAction
  /// How pressing it is.
  public var urgency: Urgency
}

/// Reorder points from days of demand.
public enum Replenishment {
  /// ROP = demand·lead time + demand·safety days + safety units.
  public static func reorderPoint(dailyDemand: Double, leadTimeDays: Double, rule: ReplenishmentRule)
    -> Double
  {
    dailyDemand * leadTimeDays + dailyDemand * rule.safetyDays + rule.safetyUnits
  }

  /// The advice for one product. Without demand nothing is ordered, whatever the stock.
  ///
  /// A position within 1e-9 of the reorder point (relative above 1) is not below it.
  /// - Parameters:
  ///   - position: what is compared with the reorder point: stock on hand, or on hand + incoming − reserved.
  ///   - onHand: stock on hand, nil for the position.
  ///   - dailyDemand: mean demand a day; not positive means none.
  ///   - leadTimeDays: the product's own lead time, nil for the rule's.
  public static func advise(
    position: Double, onHand: Double? = nil, dailyDemand: Double, leadTimeDays: Double? = nil,
    rule: ReplenishmentRule = ReplenishmentRule()
  ) -> ReplenishmentAdvice {
    guard dailyDemand > 0, dailyDemand.isFinite, position.isFinite else {
      return ReplenishmentAdvice(rop: 0, orderQuantity: 0, coverDays: nil, action: .ok, urgency: .none)
    }
    let lead = leadTimeDays.flatMap { $0.isFinite ? $0 : nil } ?? rule.leadTimeDays
    let rop = reorderPoint(dailyDemand: dailyDemand, leadTimeDays: lead, rule: rule)
    var advice = judge(
      position: position, onHand: onHand ?? position, dailyDemand: dailyDemand, leadTimeDays: lead,
      reorderPoint: rop, ordersAtIt: false, rule: rule)
    guard advice.action == .orderNow else { return advice }
    switch rule.target {
    case .reorderPoint: advice.orderQuantity = rop - position
    case .upTo(let days): advice.orderQuantity = rop + dailyDemand * Swift.max(0, days) - position
    }
    advice.orderQuantity = Swift.max(0, advice.orderQuantity)
    return advice
  }

  /// What to do about a position, given a reorder point of whatever origin; the quantity is left at 0. Without
  /// demand there is nothing to do.
  ///
  /// - Parameters:
  ///   - ordersAtIt: whether a position exactly at the reorder point is ordered, as policies for whole units do;
  ///     the documents order below it.
  public static func judge(
    position: Double, onHand: Double, dailyDemand: Double, leadTimeDays lead: Double,
    reorderPoint rop: Double,
    ordersAtIt: Bool, rule: ReplenishmentRule
  ) -> ReplenishmentAdvice {
    guard dailyDemand > 0, dailyDemand.isFinite, position.isFinite else {
      return ReplenishmentAdvice(rop: 0, orderQuantity: 0, coverDays: nil, action: .ok, urgency: .none)
    }
    let cover = position / dailyDemand
    let below = ordersAtIt ? !Tie.stockBelow(rop, position) : Tie.stockBelow(position, rop)
    let watched: Bool
    switch rule.band {
    case .aboveReorderPoint(let days): watched = !Tie.stockBelow(rop + days * dailyDemand, position)
    case .cover(let low, let high): watched = Tie.atLeast(cover, low) && Tie.atMost(cover, high)
    }
    let action = below ? ReplenishmentAction.orderNow : watched ? .monitor : .ok
    let urgency: Urgency
    switch rule.urgency {
    case .byCover:
      if onHand <= 0 {
        urgency = .critical
      } else if Tie.below(cover, lead) {
        urgency = .high
      } else {
        urgency = below ? .medium : .low
      }
    case .byAction:
      switch action {
      case .orderNow: urgency = Tie.below(cover, lead) ? .high : .medium
      case .monitor: urgency = .low
      case .ok: urgency = .none
      }
    }
    return ReplenishmentAdvice(rop: rop, orderQuantity: 0, coverDays: cover, action: action, urgency: urgency)
  }

  /// A quantity that a supplier accepts: nothing stays nothing; else at least the minimum order quantity,
  /// rounded up to a multiple of the lot. A quantity within 1e-9 of a multiple counts as it.
  public static func rounded(_ quantity: Double, minimum: Double = 0, multiple: Double = 0) -> Double {
    guard quantity > 0, quantity.isFinite else { return 0 }
    let wanted = minimum.isFinite ? Swift.max(quantity, minimum) : quantity
    guard multiple > 0, multiple.isFinite else { return wanted }
    let lots = wanted / multiple
    return (lots - Tie.tolerance * Swift.max(1, lots)).rounded(.up) * multiple
  }
}
