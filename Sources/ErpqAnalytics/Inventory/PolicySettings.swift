/// How reorder points are set.
public enum PolicyKind: String, Hashable, Sendable, CaseIterable {
  /// Safety stock in days of demand: the documents' formula.
  case days
  /// A cycle service level: the probability that a cycle sees no stock-out.
  case csl
  /// A fill rate: the share of demand met from stock.
  case fill
  /// Least cost of ordering, holding and running short.
  case cost
  /// Order up to S when the position is at or below s, the overshoot of a day's demand included.
  case reorderUpTo = "s_S"
  /// Order up to S at every review.
  case periodic = "R_S"
  /// Lots of a fixed quantity.
  case lots = "r_Q"
  /// The reordering rule that someone set in the ERP.
  case minMax = "min_max"

  /// Whether it aims at a service level or fill rate.
  public var aims: Bool { [.csl, .fill, .reorderUpTo, .periodic, .lots].contains(self) }
}

/// The shape of lead-time demand that a policy assumes.
public enum DistributionChoice: String, Hashable, Sendable, CaseIterable {
  /// By the moments (`Distribution.fitting`).
  case auto
  case normal, gamma, poisson
  case negativeBinomial = "negative_binomial"
  /// The sums over all runs of that many days of the window.
  case empirical
}

/// What a policy aims at, and what holding, ordering and running short cost.
public struct PolicySettings: Hashable, Sendable {
  /// How reorder points are set.
  public var kind = PolicyKind.days
  /// The cycle service level aimed at.
  public var serviceLevel = 0.95
  /// The fill rate aimed at; nil: the service level is.
  public var fillRate: Double?
  /// Days between two looks at the stock; 0 for continuous review.
  public var reviewDays = 0.0
  /// Cost of holding a unit for a year, as a share of its cost.
  public var holdingRate = 0.2
  /// Cost of an order.
  public var orderCost = 20.0
  /// Cost of a unit short; nil: its margin.
  public var shortageCost: Double?
  /// Units an order; nil: the economic quantity.
  public var lot: Double?
  /// The shape of lead-time demand.
  public var distribution = DistributionChoice.auto
  /// Whether `days` orders a lot beyond the reorder point, not just up to it.
  public var fillsUpByLot = false
  /// Days-based rule, bands and urgencies.
  public var rule = ReplenishmentRule()

  /// Days of safety, a week's watch, 95 %.
  public init() {}

  /// The review in effect: looking at the stock every so often means every week where nothing else is said.
  public var reviewTime: Double {
    kind == .periodic ? Swift.max(1, reviewDays > 0 ? reviewDays : 7) : reviewDays
  }
}

/// A product as a policy sees it.
public struct PolicyItem: Sendable {
  /// Mean units a day.
  public var rate: Double
  /// Standard deviation of the units of a day.
  public var deviation: Double
  /// Days of the window from the first sale on.
  public var observations: Int
  /// Whether it is sold in whole units.
  public var isWhole: Bool
  /// Days from order to receipt.
  public var lead: Double
  /// Standard deviation of those days.
  public var leadDeviation: Double
  /// Cost of a unit; nil when no one said.
  public var unitCost: Double?
  /// Sales price of a unit.
  public var price: Double?
  /// The least a supplier accepts.
  public var minimumOrder: Double
  /// Orders are multiples of it; 0: any.
  public var multiple: Double
  /// Where cheaper prices begin, with the price; ascending, the first usually from 0.
  public var breaks: [(from: Double, price: Double)]
  /// The ERP's own reordering rule.
  public var orderpoint: (low: Double, high: Double)?
  /// On hand + incoming in time − reserved.
  public var position: Double
  /// In stock.
  public var onHand: Double
  /// Quantities a day, for `empirical`.
  public var daily: [Double]
  /// Whether anyone can deliver it.
  public var hasSupply: Bool
  /// Whether a supplier is known.
  public var hasSupplier: Bool

  /// An item with a demand, a lead time and a position; the rest plain.
  public init(rate: Double, deviation: Double, lead: Double, leadDeviation: Double = 0, position: Double) {
    self.rate = rate
    self.deviation = deviation
    self.lead = lead
    self.leadDeviation = leadDeviation
    self.position = position
    onHand = position
    observations = 60
    isWhole = true
    unitCost = nil
    price = nil
    minimumOrder = 0
    multiple = 0
    breaks = []
    orderpoint = nil
    daily = []
    hasSupply = true
    hasSupplier = true
  }
}
