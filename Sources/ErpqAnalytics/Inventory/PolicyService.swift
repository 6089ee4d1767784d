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
