/// Importance classes by share of a total.
public enum ABCClass: String, Hashable, Sendable, CaseIterable {
  case a = "A"
  case b = "B"
  case c = "C"
}

/// What is held against the cuts.
public enum ABCMeasure: String, Hashable, Sendable, CaseIterable {
  /// The cumulative share before the item: the top item is always A.
  case before
  /// The cumulative share with the item: an item that alone exceeds the first cut is not A.
  case inclusive
  /// The item's rank as a share of the number of items.
  case count
}

/// How importance classes are cut.
public struct ABCRule: Hashable, Sendable {
  /// What is held against the cuts.
  public var measure: ABCMeasure
  /// A below (or up to, for `inclusive` and `count`) this percentage.
  public var cutA: Double
  /// B below (or up to) this percentage.
  public var cutB: Double

  /// A rule with cuts in percent.
  public init(_ measure: ABCMeasure = .before, cutA: Double = 20, cutB: Double = 50) {
    self.measure = measure
    self.cutA = cutA
    self.cutB = cutB
  }

  /// Cumulative share before the item against 20 and 50 %.
  public static let before = ABCRule(.before)
  /// Cumulative share with the item against 20 and 50 %: the documents' formula.
  public static let inclusive = ABCRule(.inclusive)
  /// Cumulative share before the item against 80 and 95 %.
  public static let pareto = ABCRule(.before, cutA: 80, cutB: 95)
  /// Rank against 20 and 50 % of the items.
  public static let count = ABCRule(.count)

  /// The rule of that name in the language; `erpconnect` is the documents' one.
  public init?(named name: String) {
    switch name {
    case "before": self = .before
    case "inclusive", "erpconnect": self = .inclusive
    case "pareto": self = .pareto
    case "count": self = .count
    default: return nil
    }
  }
}

/// The outcome of an ABC analysis; the arrays are in the order of the input.
public struct ABCResult: Hashable, Sendable {
  /// The class of each item.
  public var classes: [ABCClass]
  /// Cumulative percentage of the total up to and with the item; nil where its value is not positive.
  public var cumulativePercent: [Double?]
  /// Places of the items from the largest value to the smallest, ties by id.
  public var order: [Int]
  /// Sum of the positive values.
  public var total: Double
}

/// Cuts items into A, B and C by their share of the sum of positive values.
public enum ABC {
  /// Classifies items.
  ///
  /// Items whose value is zero, negative or not a number are C. A share within 1e-9 of a cut lies on it.
  /// - Parameters:
  ///   - values: revenue (or margin, volume …) of each item.
  ///   - ids: breaks ties, ascending; nil breaks them by the order of the input.
  public static func classify(_ values: [Double], ids: [Int64]? = nil, rule: ABCRule = .before) -> ABCResult {
    let clean = values.map { $0.isFinite ? $0 : 0 }
    let keys = ids.flatMap { $0.count == values.count ? $0 : nil }
    let order = clean.indices.sorted { a, b in
      if clean[a] != clean[b] { return clean[a] > clean[b] }
      if let keys, keys[a] != keys[b] { return keys[a] < keys[b] }
      return a < b
    }
    var total = 0.0
    for i in order where clean[i] > 0 { total += clean[i] }
    var result = ABCResult(
      classes: Array(repeating: .c, count: clean.count),
      cumulativePercent: Array(repeating: nil, count: clean.count), order: order, total: total)
    var sum = 0.0
    for (rank, i) in order.enumerated() {
      guard clean[i] > 0 else { break }
      let before = sum / total * 100
      sum += clean[i]
      let share = sum / total * 100
      result.cumulativePercent[i] = share
      let (isA, isB): (Bool, Bool)
      switch rule.measure {
      case .before: (isA, isB) = (Tie.below(before, rule.cutA), Tie.below(before, rule.cutB))
      case .inclusive: (isA, isB) = (Tie.atMost(share, rule.cutA), Tie.atMost(share, rule.cutB))
      case .count:
        let position = Double(rank + 1) / Double(clean.count) * 100
        (isA, isB) = (Tie.atMost(position, rule.cutA), Tie.atMost(position, rule.cutB))
      }
      result.classes[i] = isA ? .a : isB ? .b : .c
    }
    return result
  }
}
