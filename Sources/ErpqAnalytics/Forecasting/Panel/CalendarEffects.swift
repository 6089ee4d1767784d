/// What the calendar and promotions make of each step of each series: a factor, 1 on average.
///
/// A weekday's factor is the series' own share of demand on that day, drawn towards the share of the other
/// series as far as its own record is thin (an empirical Bayes estimate with gamma priors); the others'
/// in turn are drawn towards an even week. A series counts the more the less its demand scatters. Only
/// series that end no later than a series inform it.
struct CalendarEffects {
  /// Factors of every step, the horizon included; series s begins at `offsets[s] + s × horizon`.
  var exposure: [Double]

  struct Settings: Hashable, Sendable {
    /// Effective events a weekday that the pooled profile counts for.
    var ownPrior = 5.0
    /// The same where demand is counted: other series resemble it more than its own few sales do.
    var countedOwnPrior = 40.0
    /// Effective events a weekday that an even week counts for.
    var poolPrior = 10.0
    /// Steps of history that profiles are told from.
    var lookback = 728
    /// Steps after which a week's say in the profile has halved.
    var halfLife = 200.0
    /// Effective promoted events that the pooled uplift counts for.
    var promotionPrior = 10.0
  }

  /// What a promoted step of each series brings, times an ordinary one; empty where no promotions are known.
  private(set) var uplift: [Double] = []

  init(_ panel: SeriesPanel, horizon: Int, settings: Settings) {
    let count = panel.count
    exposure = [Double](repeating: 1, count: panel.values.count + count * horizon)
    if panel.frequency == .daily { addDays(panel, horizon, settings) }
    // What is not known teaches nothing.
    var s = 0
    for place in panel.unknown {
      while panel.offsets[s + 1] <= place { s += 1 }
      exposure[place + s * horizon] = 0
    }
  }

  private mutating func addDays(_ panel: SeriesPanel, _ horizon: Int, _ settings: Settings) {
    let count = panel.count
    let order = PanelOrder(panel)
    // Two rounds: the uplift is told from days put right by the weekday, and the other way about.
    var uplift = [Double](repeating: 1, count: count)
    var weekday = [Double](repeating: 1, count: count * 7)
    let hasPromotions = !panel.promotions.isEmpty
    for round in 0..<(hasPromotions ? 3 : 1) {
      weekday = Self.weekdays(panel, order, uplift, settings)
      if hasPromotions, round < 2 { uplift = Self.uplifts(panel, order, weekday, settings) }
    }
    if hasPromotions { self.uplift = uplift }
    for s in 0..<count {
      let base = panel.offsets[s] + s * horizon
      let n = panel.length(s)
      for t in 0..<(n + horizon) {
        exposure[base + t] = weekday[s * 7 + SeriesFrequency.weekday(panel.firstStep[s] + t)]
      }
      guard hasPromotions else { continue }
      for step in panel.promotions[s] {
        let t = Int(step) - panel.firstStep[s]
        if t >= 0, t < n + horizon { exposure[base + t] *= uplift[s] }
      }
    }
  }

  private static func weekdays(
    _ panel: SeriesPanel, _ order: PanelOrder, _ uplift: [Double], _ settings: Settings
  ) -> [Double] {
    let count = panel.count
    var demand = [Double](repeating: 0, count: count * 7)
    var exposed = [Double](repeating: 0, count: count * 7)
    var promoted: [Bool] = []
    var prior = [Double](repeating: settings.ownPrior, count: count)
    for s in 0..<count {
      let n = panel.length(s)
      let y = panel.values[panel.offsets[s]..<panel.offsets[s + 1]]
      let from = Swift.max(y.firstIndex { $0 != 0 }.map { $0 - panel.offsets[s] } ?? n, n - settings.lookback)
      guard n - from >= 7 else { continue }
      var zeros = 0
      promoted = Self.mask(panel, s)
      let keep = power(0.5, 7 / settings.halfLife)
      var w = power(keep, Double((n - from) / 7))
      var sum = 0.0
      var squares = 0.0
      for t in from..<n {
        let v = panel.values[panel.offsets[s] + t]
        sum += v
        squares += v * v
        if v == 0 { zeros += 1 }
        let d = s * 7 + SeriesFrequency.weekday(panel.firstStep[s] + t)
        if (n - t) % 7 == 0 { w /= keep }
        demand[d] += w * v
        exposed[d] += w * (promoted.isEmpty || !promoted[t] ? 1 : uplift[s])
      }
      let m = Double(n - from)
      if Double(zeros) >= PanelRun.zeroShare * m { prior[s] = settings.countedOwnPrior }
      let mean = sum / m
      let variance = Swift.max(squares / m - mean * mean, 1e-3 * mean * mean)
      guard mean > 0, variance > 0 else {
        for d in s * 7..<s * 7 + 7 { (demand[d], exposed[d]) = (0, 0) }
        continue
      }
      // In units of the scatter: an effective number of independent events.
      let unit = mean / variance
      var level = 0.0
      var total = 0.0
      for d in s * 7..<s * 7 + 7 {
        level += demand[d]
        total += exposed[d]
      }
      level /= total
      for d in s * 7..<s * 7 + 7 {
        demand[d] *= unit
        exposed[d] *= unit * level
      }
    }
    var factors = [Double](repeating: 1, count: count * 7)
    var pool = [Double](repeating: 0, count: 14)
    for members in order.groups {
      for s in members {
        for d in 0..<7 {
          pool[d] += demand[s * 7 + d]
          pool[7 + d] += exposed[s * 7 + d]
        }
      }
      for s in members {
        var sum = 0.0
        for d in 0..<7 {
          let own = demand[s * 7 + d]
          let ownExposed = exposed[s * 7 + d]
          let others = (pool[d] - own + settings.poolPrior) / (pool[7 + d] - ownExposed + settings.poolPrior)
          let f = (own + prior[s] * others) / (ownExposed + prior[s])
          factors[s * 7 + d] = f
          sum += f
        }
        for d in 0..<7 { factors[s * 7 + d] *= 7 / sum }
      }
    }
    return factors
  }

  private static func uplifts(
    _ panel: SeriesPanel, _ order: PanelOrder, _ weekday: [Double], _ settings: Settings
  ) -> [Double] {
    let count = panel.count
    // log ratio and its information
    var ratio = [Double](repeating: 0, count: count)
    var information = [Double](repeating: 0, count: count)
    for s in 0..<count {
      let promoted = mask(panel, s)
      guard !promoted.isEmpty else { continue }
      let n = panel.length(s)
      var sums = [0.0, 0.0]
      var exposed = [0.0, 0.0]
      var total = 0.0
      var squares = 0.0
      for t in Swift.max(0, n - settings.lookback)..<n {
        let v = panel.values[panel.offsets[s] + t]
        let k = promoted[t] ? 1 : 0
        sums[k] += v
        exposed[k] += weekday[s * 7 + SeriesFrequency.weekday(panel.firstStep[s] + t)]
        total += v
        squares += v * v
      }
      guard sums[0] > 0, sums[1] > 0, exposed[0] > 0, exposed[1] > 0 else { continue }
      ratio[s] = logarithm(sums[1] / exposed[1] / (sums[0] / exposed[0]))
      let m = exposed[0] + exposed[1]
      let mean = total / m
      let variance = Swift.max(squares / m - mean * mean, 1e-9)
      let unit = mean / variance
      information[s] = 1 / (1 / (sums[0] * unit) + 1 / (sums[1] * unit))
    }
    var uplift = [Double](repeating: 1, count: count)
    var pool = 0.0
    var weight = 0.0
    let cap = 50.0
    for members in order.groups {
      for s in members {
        pool += Swift.min(information[s], cap) * ratio[s]
        weight += Swift.min(information[s], cap)
      }
      for s in members {
        let own = Swift.min(information[s], cap)
        let others = (pool - own * ratio[s]) / (weight - own + settings.promotionPrior)
        let k = information[s]
        uplift[s] = exponential(
          (k * ratio[s] + settings.promotionPrior * others) / (k + settings.promotionPrior))
      }
    }
    return uplift
  }

  /// Which values of a series are promoted; empty when none is.
  private static func mask(_ panel: SeriesPanel, _ s: Int) -> [Bool] {
    guard !panel.promotions.isEmpty, !panel.promotions[s].isEmpty else { return [] }
    let n = panel.length(s)
    var out = [Bool](repeating: false, count: n)
    for step in panel.promotions[s] {
      let t = Int(step) - panel.firstStep[s]
      if t >= 0, t < n { out[t] = true }
    }
    return out
  }
}

/// The series of a panel by the step they end with: what a series may learn from others comes from those
/// before it and beside it in this order, never from those that end later.
struct PanelOrder {
  /// Series by last step, then by place.
  let order: [Int]
  /// Where the groups of equal last steps begin in `order`, and the end of the last.
  let bounds: [Int]

  init(_ panel: SeriesPanel) {
    let last = (0..<panel.count).map { panel.lastStep($0) }
    order = (0..<panel.count).sorted { (last[$0], $0) < (last[$1], $1) }
    var bounds = [0]
    for i in order.indices.dropFirst() where last[order[i]] != last[order[i - 1]] { bounds.append(i) }
    if !order.isEmpty { bounds.append(order.count) }
    self.bounds = bounds
  }

  /// The series of each group, groups by the step they end with, ascending.
  var groups: [ArraySlice<Int>] {
    (0..<Swift.max(0, bounds.count - 1)).map { order[bounds[$0]..<bounds[$0 + 1]] }
  }
}
