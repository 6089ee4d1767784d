/// How a stock stands.
public enum StockStatus: String, Hashable, Sendable, CaseIterable {
  /// Nothing on hand.
  case outOfStock = "out_of_stock"
  /// Less than it should be.
  case low
  /// Neither too little nor too much.
  case adequate
  /// More than can be used soon.
  case overstocked
}

/// What counts as low.
public enum LowStock: Hashable, Sendable {
  /// Fewer than so many units.
  case units(Double)
  /// Less than the orderpoint's minimum; where there is none, less than the demand of the lead time.
  case orderpointOrLeadTime(defaultLeadTimeDays: Double)
}

/// How a stock's status is told.
public struct StockStatusRule: Hashable, Sendable {
  /// What counts as low.
  public var low = LowStock.orderpointOrLeadTime(defaultLeadTimeDays: 7)
  /// A longer cover is overstock. A stock without demand is one too.
  public var overstockCoverDays = 90.0

  /// Low below the orderpoint or the lead time's demand, overstocked above 90 days of cover.
  public init() {}

  /// Low below 10 units, overstocked above 90 days of cover or without sales.
  public static let erpconnect = {
    var rule = StockStatusRule()
    rule.low = .units(10)
    return rule
  }()
}

extension StockStatus {
  /// The status of one product's stock. Nothing on hand, or less, is out of stock.
  ///
  /// - Parameters:
  ///   - dailyDemand: mean demand a day; not positive means none.
  ///   - minimum: the orderpoint's minimum, and `maximum` its maximum, where there is one.
  ///   - leadTimeDays: the product's own lead time, nil for the rule's.
  public init(
    onHand: Double, dailyDemand: Double, minimum: Double? = nil, maximum: Double? = nil,
    leadTimeDays: Double? = nil, rule: StockStatusRule = StockStatusRule()
  ) {
    guard onHand > 0 else {
      self = .outOfStock
      return
    }
    switch rule.low {
    case .units(let threshold):
      if Tie.below(onHand, threshold) {
        self = .low
        return
      }
    case .orderpointOrLeadTime(let days):
      let level = minimum ?? Swift.max(0, dailyDemand) * (leadTimeDays ?? days)
      if Tie.stockBelow(onHand, level) {
        self = .low
        return
      }
      if let maximum, Tie.stockBelow(maximum, onHand) {
        self = .overstocked
        return
      }
    }
    if dailyDemand > 0 {
      self = Tie.above(onHand / dailyDemand, rule.overstockCoverDays) ? .overstocked : .adequate
    } else {
      self = .overstocked
    }
  }
}
