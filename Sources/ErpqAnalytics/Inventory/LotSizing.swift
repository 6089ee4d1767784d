/// Lots for known demand that varies by period: an order at the start of a period costs `orderCost`, a unit
/// carried to the next period `holding`. Silver, Pyke & Thomas, ch. 5.
public struct LotSizing: Hashable, Sendable {
  /// What is ordered in each period.
  public var quantities: [Double]
  /// Ordering and holding together.
  public var cost: Double

  /// How lots are found.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// The optimum by dynamic programming (Wagner & Whitin 1958).
    case wagnerWhitin = "wagner_whitin"
    /// A lot grows while its cost a period falls (Silver & Meal 1973).
    case silverMeal = "silver_meal"
    /// A lot grows while its cost a unit falls.
    case leastUnitCost = "least_unit_cost"
    /// A lot grows until holding it costs about as much as an order.
    case partPeriodBalancing = "part_period_balancing"
  }

  /// The lots of a demand. Demand below zero counts as none.
  public init(_ method: Method, demand: [Double], orderCost k: Double, holding h: Double) {
    let d = demand.map { Swift.max(0, $0) }
    let n = d.count
    var starts: [Int] = []
    if method == .wagnerWhitin {
      starts = LotSizing.optimalStarts(d, k, h)
    } else {
      var t = 0
      while t < n {
        if d[t] == 0 {
          t += 1
          continue
        }
        starts.append(t)
        t = LotSizing.end(method, d, t, k, h)
      }
    }
    quantities = [Double](repeating: 0, count: n)
    cost = 0
    for (i, start) in starts.enumerated() {
      let end = i + 1 < starts.count ? starts[i + 1] : n
      var sum = 0.0
      for t in start..<end {
        sum += d[t]
        cost += h * Double(t - start) * d[t]
      }
      quantities[start] = sum
      if sum > 0 { cost += k }
    }
  }

  /// Where the lot that begins at `start` ends, not included.
  private static func end(_ method: Method, _ d: [Double], _ start: Int, _ k: Double, _ h: Double) -> Int {
    var held = 0.0
    var units = d[start]
    var best = method == .leastUnitCost ? k / units : k
    var t = start + 1
    while t < d.count {
      let more = held + h * Double(t - start) * d[t]
      switch method {
      case .partPeriodBalancing:
        if more > k { return (more - k).magnitude < (k - held).magnitude ? t + 1 : t }
      case .leastUnitCost:
        let unit = (k + more) / (units + d[t])
        if unit > best + 1e-12 * best { return t }
        best = unit
      case .silverMeal, .wagnerWhitin:
        let rate = (k + more) / Double(t - start + 1)
        if rate > best + 1e-12 * best { return t }
        best = rate
      }
      held = more
      units += d[t]
      t += 1
    }
    return t
  }

  private static func optimalStarts(_ d: [Double], _ k: Double, _ h: Double) -> [Int] {
    let n = d.count
    guard n > 0 else { return [] }
    // least[t]: cost of periods t…n−1; next[t]: where the second lot begins.
    var least = [Double](repeating: 0, count: n + 1)
    var next = [Int](repeating: n, count: n)
    for t in stride(from: n - 1, through: 0, by: -1) {
      var held = 0.0
      var units = 0.0
      least[t] = .infinity
      for end in t + 1...n {
        held += h * Double(end - 1 - t) * d[end - 1]
        units += d[end - 1]
        let cost = (units > 0 ? k : 0) + held + least[end]
        if cost < least[t] - 1e-12 * least[t].magnitude || least[t] == .infinity {
          least[t] = cost
          next[t] = end
        }
        // Holding alone is dearer than the best already.
        if held > least[t] { break }
      }
    }
    var starts: [Int] = []
    var t = 0
    while t < n {
      starts.append(t)
      t = next[t]
    }
    return starts
  }
}

/// Items that share the cost of an order (Silver's heuristic; Silver, Pyke & Thomas, §10.2).
public struct JointReplenishment: Hashable, Sendable {
  /// Time between two orders.
  public var cycle: Double
  /// Each item is in every so-many-th order.
  public var multiples: [Int]
  /// Units each time it is.
  public var quantities: [Double]
  /// Cost a period.
  public var cost: Double

  /// The plan for items with a cost `itemCosts` for being in an order, `holding` a unit and period, `demand`
  /// a period; nil for empty lists, lists of different lengths or numbers that are not positive.
  public init?(sharedCost: Double, itemCosts: [Double], holding: [Double], demand: [Double]) {
    let n = itemCosts.count
    guard n > 0, holding.count == n, demand.count == n, sharedCost >= 0,
      itemCosts.allSatisfy({ $0 >= 0 }), holding.allSatisfy({ $0 > 0 }), demand.allSatisfy({ $0 > 0 })
    else { return nil }
    let weight = (0..<n).map { holding[$0] * demand[$0] }
    let ratio = (0..<n).map { itemCosts[$0] / weight[$0] }
    var base = 0
    for i in 1..<Swift.max(1, n) where ratio[i] < ratio[base] { base = i }
    guard sharedCost + itemCosts[base] > 0 else { return nil }
    let every = (0..<n).map { i in
      i == base
        ? 1.0
        : Swift.max(
          1, (ratio[i] * weight[base] / (sharedCost + itemCosts[base])).squareRoot().rounded())
    }
    var order = sharedCost
    var hold = 0.0
    for i in 0..<n {
      order += itemCosts[i] / every[i]
      hold += weight[i] * every[i]
    }
    let cycle = (2 * order / hold).squareRoot()
    self.cycle = cycle
    multiples = every.map { Int(Swift.min($0, 1e15)) }
    quantities = (0..<n).map { demand[$0] * every[$0] * cycle }
    cost = (2 * order * hold).squareRoot()
  }
}
