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
