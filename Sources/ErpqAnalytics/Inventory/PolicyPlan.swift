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

  static func distribution(
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
