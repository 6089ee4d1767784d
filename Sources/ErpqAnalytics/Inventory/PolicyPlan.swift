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

/// What a planner should know before believing a line.
public struct PolicyFlags: OptionSet, Hashable, Sendable {
  /// A bit for each.
  public let rawValue: UInt16

  /// Those of the bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Nothing was sold in the window.
  public static let noDemand = PolicyFlags(rawValue: 1 << 0)
  /// The deviation comes from fewer than 56 days.
  public static let shortHistory = PolicyFlags(rawValue: 1 << 1)
  /// No cost is known: lots and costs are guesses or missing.
  public static let noCost = PolicyFlags(rawValue: 1 << 2)
  /// No supplier is known.
  public static let noSupplier = PolicyFlags(rawValue: 1 << 3)
  /// A scenario says that nobody delivers.
  public static let noSupply = PolicyFlags(rawValue: 1 << 4)
  /// `min_max` without a reordering rule: the days decide.
  public static let noOrderpoint = PolicyFlags(rawValue: 1 << 5)
  /// The aim is met with less than the mean demand of the lead time.
  public static let negativeSafety = PolicyFlags(rawValue: 1 << 6)
  /// The reorder point is below one unit.
  public static let lowReorderPoint = PolicyFlags(rawValue: 1 << 7)
  /// The supplier's minimum is more than a year's demand.
  public static let largeMinimum = PolicyFlags(rawValue: 1 << 8)
  /// Safety stock of more than a quarter's demand.
  public static let largeSafety = PolicyFlags(rawValue: 1 << 9)

  /// Each with its word and as a remark.
  private static let wordings: [(flag: PolicyFlags, word: String, remark: String)] = [
    (.noDemand, "no_demand", "nothing was sold in the window"),
    (.shortHistory, "short_history", "fewer than 56 days of history"),
    (.noCost, "no_cost", "no cost is known"), (.noSupplier, "no_supplier", "no supplier is known"),
    (.noSupply, "no_supply", "nobody delivers in this scenario"),
    (.noOrderpoint, "no_orderpoint", "the ERP has no reordering rule, so the days decide"),
    (.negativeSafety, "negative_safety", "the aim is met with less than the mean demand of the lead time"),
    (.lowReorderPoint, "rop_below_1", "the reorder point is below one unit"),
    (.largeMinimum, "moq_above_year", "the supplier's minimum is more than a year's demand"),
    (.largeSafety, "safety_above_quarter", "the safety stock is more than a quarter's demand"),
  ]

  /// The words, a blank between them: `no_demand no_cost`.
  public var words: String { raised.map(\.word).joined(separator: " ") }

  /// What they say, in words for people.
  public var remarks: String { raised.map(\.remark).joined(separator: "; ") }

  private var raised: [(flag: PolicyFlags, word: String, remark: String)] {
    isEmpty ? [] : PolicyFlags.wordings.filter { contains($0.flag) }
  }
}

/// A policy for one product in numbers: what to do now, what it keeps, what it costs. What it serves is a
/// `PolicyService`.
public struct PolicyPlan: Sendable {
  /// Units asked for over lead time and review: mean.
  public var mean: Double
  /// The same: standard deviation.
  public var deviation: Double
  /// The distribution assumed.
  public var distribution: Distribution
  /// (rop − mean)/deviation; nil without deviation.
  public var factor: Double?
  /// rop − mean; for `days` demand of the safety days.
  public var safetyStock: Double
  /// Order when the position is at or below it (`days` and `min_max`: below).
  public var reorderPoint: Double
  /// What an order fills up to.
  public var orderUpTo: Double
  /// Units an order on average.
  public var lot: Double
  /// Units to order now.
  public var orderQuantity: Double
  /// What to do, and how pressing it is.
  public var advice: ReplenishmentAdvice
  /// Mean stock, units.
  public var meanStock: Double
  /// Orders a year.
  public var ordersPerYear: Double
  /// Holding and ordering a year; nil without a cost.
  public var cost: Double?
  /// What a unit costs at this lot.
  public var unitCost: Double?
  /// What to know.
  public var flags: PolicyFlags
}

extension PolicyPlan {
  /// The plan of an item.
  public init(_ item: PolicyItem, _ settings: PolicySettings) {
    let rule = settings.rule
    let hasDemand = item.rate > 0 && item.rate.isFinite
    var flags: PolicyFlags = []
    if !hasDemand { flags.insert(.noDemand) }
    if hasDemand, item.observations < 56 { flags.insert(.shortHistory) }
    if item.unitCost == nil { flags.insert(.noCost) }
    if !item.hasSupplier { flags.insert(.noSupplier) }
    if !item.hasSupply { flags.insert(.noSupply) }
    let kind: PolicyKind
    if settings.kind == .minMax, item.orderpoint == nil {
      kind = .days
      flags.insert(.noOrderpoint)
    } else {
      kind = settings.kind
    }
    // Daily looks are taken as continuous; a longer review lengthens the time that stock has to last.
    let review = settings.reviewTime
    let demand = LeadTimeDemand(
      dailyMean: Swift.max(0, item.rate), dailyDeviation: item.deviation, leadMean: item.lead,
      leadDeviation: item.leadDeviation, review: review)
    mean = demand.mean
    deviation = demand.deviation
    distribution = PolicyPlan.distribution(item, settings.distribution, demand, days: item.lead + review)
    let (lot, unitCost) = PolicyPlan.lot(item, settings, kind: kind, review: review)
    self.lot = lot
    self.unitCost = unitCost
    let target = PolicyPlan.reorderPoint(item, settings, kind, demand, distribution, lot: lot, unit: unitCost)
    let rop = hasDemand || kind == .minMax ? target.rop : 0
    if target.isNegative, hasDemand { flags.insert(.negativeSafety) }
    reorderPoint = rop
    safetyStock = kind == .days ? Swift.max(0, item.rate) * rule.safetyDays + rule.safetyUnits : rop - mean
    if !hasDemand { safetyStock = kind == .minMax ? rop : 0 }
    factor = deviation > 0 ? (rop - mean) / deviation : nil
    orderUpTo = rop
    switch kind {
    case .days:
      if settings.fillsUpByLot, hasDemand { orderUpTo = rop + lot }
    case .periodic: orderUpTo = rop
    case .minMax: orderUpTo = Swift.max(rop, item.orderpoint?.high ?? rop)
    default: orderUpTo = hasDemand ? rop + lot : 0
    }
    advice = PolicyPlan.advise(item, kind, rop: rop, upTo: orderUpTo, lot: lot, rule)
    orderQuantity = advice.orderQuantity

    // What it keeps and costs.
    let yearly = Swift.max(0, item.rate) * 365
    ordersPerYear = lot > 0 ? yearly / lot : 0
    meanStock = hasDemand ? Swift.max(0, safetyStock + lot / 2) : Swift.max(0, item.onHand)
    let (held, orders) = (meanStock, ordersPerYear)
    cost = unitCost.map { $0 * settings.holdingRate * held + settings.orderCost * orders }
    if hasDemand, rop < 1 { flags.insert(.lowReorderPoint) }
    if hasDemand, item.minimumOrder > yearly { flags.insert(.largeMinimum) }
    if hasDemand, safetyStock > yearly / 4 { flags.insert(.largeSafety) }
    self.flags = flags
  }

  fileprivate static func distribution(
    _ item: PolicyItem, _ choice: DistributionChoice, _ demand: LeadTimeDemand, days: Double
  ) -> Distribution {
    guard demand.mean > 0 else { return .constant(0) }
    let variance = demand.deviation * demand.deviation
    switch choice {
    case .auto:
      return .fitting(mean: demand.mean, deviation: demand.deviation, wholeUnits: item.isWhole)
    case .normal:
      return demand.deviation > 0
        ? .normal(mean: demand.mean, deviation: demand.deviation) : .constant(demand.mean)
    case .gamma: return .gamma(mean: demand.mean, deviation: demand.deviation)
    case .poisson: return .poisson(mean: demand.mean)
    case .negativeBinomial: return .negativeBinomial(mean: demand.mean, variance: variance)
    case .empirical:
      let sums = DemandWindows.sums(item.daily, length: Int(Swift.max(1, days.rounded())))
      guard !sums.isEmpty else {
        return .fitting(mean: demand.mean, deviation: demand.deviation, wholeUnits: item.isWhole)
      }
      return .empirical(sums.map { Swift.max(0, $0) })
    }
  }

  /// Units an order, and what a unit then costs.
  private static func lot(
    _ item: PolicyItem, _ s: PolicySettings, kind: PolicyKind, review: Double
  ) -> (Double, Double?) {
    let rate = Swift.max(0, item.rate)
    func accepted(_ units: Double) -> Double {
      var units = units
      if item.isWhole { units = Swift.max(1, units.rounded()) }
      return Replenishment.rounded(units, minimum: item.minimumOrder, multiple: item.multiple)
    }
    func unit(_ units: Double) -> Double? {
      item.breaks.last { $0.from <= units * (1 + 1e-9) }?.price ?? item.unitCost
    }
    if kind == .days, !s.fillsUpByLot {
      // The demand since the last look, where there was any.
      let days = Swift.max(1, review)
      let daily = Distribution.fitting(
        mean: rate * days, deviation: item.deviation * days.squareRoot(), wholeUnits: item.isWhole)
      let units = Swift.max(
        rate * days / Swift.max(0.001, daily.survival(0)),
        Swift.max(item.minimumOrder, item.multiple))
      return (units, unit(units))
    }
    if let lot = s.lot {
      let units = accepted(lot)
      return (units, unit(units))
    }
    if kind == .periodic {
      let units = rate * review
      return (units, unit(units))
    }
    if kind == .minMax, let rule = item.orderpoint, rule.high > rule.low {
      let units = accepted(rule.high - rule.low)
      return (units, unit(units))
    }
    guard rate > 0 else { return (accepted(1), item.unitCost) }
    let yearly = rate * 365
    var units: Double
    if let cost = item.unitCost, cost > 0, s.holdingRate > 0, s.orderCost > 0 {
      if item.breaks.count > 1,
        let best = PriceBreaks.best(
          .allUnits, orderCost: s.orderCost, holdingRate: s.holdingRate, demand: yearly,
          from: item.breaks.map(\.from), prices: item.breaks.map(\.price))
      {
        units = best.quantity
      } else {
        units = (2 * s.orderCost * yearly / (s.holdingRate * cost)).squareRoot()
      }
    } else {
      // Nothing to weigh against: a month's demand.
      units = rate * 30
    }
    // Never more than a year's demand at once.
    units = accepted(Swift.min(units, yearly))
    return (units, unit(units))
  }

  private static func reorderPoint(
    _ item: PolicyItem, _ s: PolicySettings, _ kind: PolicyKind, _ demand: LeadTimeDemand,
    _ distribution: Distribution, lot: Double, unit: Double?
  ) -> (rop: Double, isNegative: Bool) {
    func floored(_ rop: Double) -> (Double, Bool) {
      rop.isFinite
        ? (Swift.max(0, rop), rop < demand.mean - 0.5 - 1e-9 * demand.mean) : (demand.mean, false)
    }
    func aimed(_ d: Distribution) -> Double {
      if let beta = s.fillRate { return d.reorderPoint(fillRate: beta, quantity: Swift.max(lot, 1e-9)) }
      return d.reorderPoint(cycleServiceLevel: s.serviceLevel)
    }
    switch kind {
    case .days:
      let rop = Replenishment.reorderPoint(
        dailyDemand: Swift.max(0, item.rate), leadTimeDays: item.lead + s.reviewDays, rule: s.rule)
      return (rop, false)
    case .csl: return floored(distribution.reorderPoint(cycleServiceLevel: s.serviceLevel))
    case .fill:
      return floored(distribution.reorderPoint(fillRate: s.fillRate ?? 0.98, quantity: Swift.max(lot, 1e-9)))
    case .lots, .periodic: return floored(aimed(distribution))
    case .reorderUpTo:
      // The position has fallen below s by part of a day's demand when it is seen: E[D²]/2E[D].
      let rate = Swift.max(item.rate, 1e-12)
      let undershoot = (item.deviation * item.deviation + rate * rate) / (2 * rate)
      let rop = aimed(distribution) + Swift.min(undershoot, lot)
      return floored(item.isWhole ? (rop - 1e-9).rounded(.up) : rop)
    case .cost:
      let margin = s.shortageCost ?? (item.price ?? 0) - (unit ?? 0)
      guard let unit, unit > 0, margin > 0, s.holdingRate > 0, item.rate > 0 else {
        return floored(distribution.reorderPoint(cycleServiceLevel: s.serviceLevel))
      }
      // A unit short costs its margin once: P(D > r) = Q·h/(p·D).
      let tail = lot * unit * s.holdingRate / (margin * item.rate * 365)
      return floored(distribution.reorderPoint(cycleServiceLevel: Swift.max(0.01, 1 - tail)))
    case .minMax: return (item.orderpoint?.low ?? 0, false)
    }
  }

  private static func advise(
    _ item: PolicyItem, _ kind: PolicyKind, rop: Double, upTo: Double, lot: Double, _ rule: ReplenishmentRule
  ) -> ReplenishmentAdvice {
    if kind == .minMax, !(item.rate > 0) {
      // A rule that someone set holds without demand too.
      let units = OrderpointRule.quantity(
        forecast: item.position, minimum: rop, maximum: upTo, multiple: item.multiple)
      return ReplenishmentAdvice(
        rop: rop, orderQuantity: units, coverDays: nil, action: units > 0 ? .orderNow : .ok,
        urgency: units > 0 ? .low : .none)
    }
    var advice = Replenishment.judge(
      position: item.position, onHand: item.onHand, dailyDemand: item.rate, leadTimeDays: item.lead,
      reorderPoint: rop, ordersAtIt: kind != .days && kind != .minMax, rule: rule)
    guard advice.action == .orderNow else { return advice }
    var units = upTo - item.position
    if kind == .lots, lot > 0 { units = (((rop - item.position) / lot).rounded(.down) + 1) * lot }
    if item.isWhole { units = (units - 1e-9 * Swift.max(1, units)).rounded(.up) }
    advice.orderQuantity = Replenishment.rounded(
      units, minimum: item.minimumOrder, multiple: item.multiple)
    return advice
  }
}

/// What a plan serves. It costs more than all the rest of a plan, so it is worked out where it is asked for.
public struct PolicyService: Sendable {
  /// Probability of no stock-out in a cycle; nil without demand.
  public var cycleServiceLevel: Double?
  /// Share of demand met from stock; nil without demand.
  public var fillRate: Double?
  /// Units a year that find no stock.
  public var shortPerYear: Double?

  /// What an item's plan serves.
  public init(_ plan: PolicyPlan, _ item: PolicyItem, _ settings: PolicySettings) {
    guard item.rate > 0, item.rate.isFinite else { return }
    let rop = plan.reorderPoint
    let isByDays = settings.kind == .days || plan.flags.contains(.noOrderpoint)
    let fill: Double
    cycleServiceLevel = plan.distribution.cumulative(rop)
    // Filled up to the reorder point alone, it orders little and often.
    if settings.kind == .periodic || (isByDays && !settings.fillsUpByLot) {
      // What fills up at every look: shortages grow over the time between two of them. Ordered in the evening
      // and received in the morning, a daily look adds no day to the lead time.
      let review = settings.reviewTime
      let between = Swift.max(1, review)
      func demand(_ days: Double) -> Distribution {
        let moments = LeadTimeDemand(
          dailyMean: item.rate, dailyDeviation: item.deviation, leadMean: Swift.max(0, days),
          leadDeviation: item.leadDeviation)
        return PolicyPlan.distribution(item, settings.distribution, moments, days: days)
      }
      let end = item.lead + (review > 0 ? between : 0)
      let short = demand(end).loss(rop) - demand(end - between).loss(rop)
      fill = Swift.min(1, Swift.max(0, 1 - short / (item.rate * between)))
    } else {
      fill = ServiceAchieved(plan.distribution, reorderPoint: rop, quantity: plan.lot).fillRate
    }
    fillRate = fill
    shortPerYear = (1 - fill) * (item.rate * 365)
  }
}
