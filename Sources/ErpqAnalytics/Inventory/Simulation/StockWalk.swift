/// What happened along one path of demand.
public struct WalkTotals: Hashable, Sendable {
  /// Days counted, after the warm-up.
  public var days = 0
  /// Units demanded.
  public var demand = 0.0
  /// Units that found no stock on their day.
  public var short = 0.0
  /// Days on which something was short.
  public var stockoutDays = 0
  /// Stock on hand at the ends of days, added up.
  public var held = 0.0
  /// Units waiting at the ends of days, added up.
  public var waiting = 0.0
  /// Orders placed, and their units.
  public var orders = 0
  /// Units ordered.
  public var ordered = 0.0
  /// Deliveries, and how many came when nothing was short since the delivery before.
  public var cycles = 0
  /// Cycles without a stock-out.
  public var goodCycles = 0
  /// Stock on hand, less what waits, at the end.
  public var end = 0.0

  /// No days.
  public init() {}

  /// Share of demand met from stock on its day; 1 without demand.
  public var fillRate: Double { demand > 0 ? Swift.max(0, 1 - short / demand) : 1 }
  /// Mean stock on hand.
  public var meanStock: Double { days > 0 ? held / Double(days) : 0 }
}

/// One product's stock along days of demand.
///
/// The order of events of a day: what is due arrives; demand is served, waiting demand first; at the end of a
/// review day the position (on hand + on order − waiting) is compared and an order placed, which arrives at
/// the start of the day `lead` later (the next day at the earliest).
public enum StockWalk {
  /// A day as a trace shows it.
  public struct Day: Hashable, Sendable {
    /// Its number, 0 first.
    public var day: Int
    /// Demand.
    public var demand: Double
    /// On hand less waiting, after serving.
    public var net: Double
    /// Position after ordering.
    public var position: Double
    /// What was ordered.
    public var order: Double
  }

  /// Walks along a demand with a constant lead time and tells every day.
  public static func trace(
    demand: [Double], policy: StockPolicy, lead: Int, start: Double, unmet: UnmetDemand
  ) -> (days: [Day], totals: WalkTotals) {
    var days: [Day] = []
    var totals = WalkTotals()
    let size = Swift.max(1, lead) + 1
    var ring = [Double](repeating: 0, count: size)
    let leads = [Int32(clamping: lead)]
    demand.withUnsafeBufferPointer { d in
      ring.withUnsafeMutableBufferPointer { ring in
        leads.withUnsafeBufferPointer { leads in
          totals = walk(
            d, policy, leads, ring, start: start, warmUp: 0, unmet: unmet, draw: 0,
            each: { days.append(Day(day: $0, demand: $1, net: $2, position: $3, order: $4)) })
        }
      }
    }
    return (days, totals)
  }

  /// Walks along a demand.
  ///
  /// - Parameters:
  ///   - leads: lead times in days; each order takes the next one, round and round from place `draw` on.
  ///   - ring: room for arrivals, zeroed here; longer than every lead time.
  ///   - warmUp: days at the start that are not counted.
  ///   - each: told every day.
  @inline(__always)
  static func walk(
    _ demand: UnsafeBufferPointer<Double>, _ policy: StockPolicy, _ leads: UnsafeBufferPointer<Int32>,
    _ ring: UnsafeMutableBufferPointer<Double>, start: Double, warmUp: Int, unmet: UnmetDemand, draw: Int,
    each: ((Int, Double, Double, Double, Double) -> Void)? = nil
  ) -> WalkTotals {
    var totals = WalkTotals()
    for i in ring.indices { ring[i] = 0 }
    let size = ring.count
    let isLost = unmet == .lost
    let reorderPoint = policy.reorderPoint
    let isStrict = policy.isStrict
    let reviewDays = policy.reviewDays
    var untilReview = reviewDays
    var nextLead = leads.isEmpty ? 0 : draw % leads.count
    var net = start
    var position = start
    var slot = 0
    var wasShort = false
    for t in 0..<demand.count {
      let arriving = ring[slot]
      let counts = t >= warmUp
      if arriving != 0 {
        ring[slot] = 0
        net += arriving
        if counts {
          totals.cycles += 1
          if !wasShort { totals.goodCycles += 1 }
        }
        wasShort = false
      }
      let d = demand[t]
      let available = net > 0 ? net : 0
      let short = d > available ? d - available : 0
      net -= d
      position -= d
      if short > 0 {
        wasShort = true
        if isLost {
          net += short
          position += short
        }
      }
      if counts {
        totals.demand += d > 0 ? d : 0
        totals.short += short
        if short > 0 { totals.stockoutDays += 1 }
        if net > 0 { totals.held += net } else { totals.waiting -= net }
      }
      var ordered = 0.0
      untilReview -= 1
      if untilReview == 0 {
        untilReview = reviewDays
        if isStrict ? position < reorderPoint : position <= reorderPoint {
          ordered = policy.order(position: position)
          if ordered > 0 {
            var days = leads.isEmpty ? 1 : Int(leads[nextLead])
            if leads.count > 1 { nextLead = nextLead + 1 == leads.count ? 0 : nextLead + 1 }
            days = days < 1 ? 1 : days >= size ? size - 1 : days
            var place = slot + days
            if place >= size { place -= size }
            ring[place] += ordered
            position += ordered
            if counts {
              totals.orders += 1
              totals.ordered += ordered
            }
          }
        }
      }
      if let each { each(t, d, net, position, ordered) }
      slot += 1
      if slot == size { slot = 0 }
    }
    totals.days = Swift.max(0, demand.count - Swift.max(0, warmUp))
    totals.end = net
    return totals
  }
}
