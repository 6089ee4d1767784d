/// The factors of a supplier's risk with the documents' weights; each is a score from 0 to 100, higher is
/// better.
public enum SupplierFactor: String, Hashable, Sendable, CaseIterable {
  case delivery, quality, financial, dependency, geographic, compliance, communication

  /// Its weight; all together 1.
  public var weight: Double {
    switch self {
    case .delivery: 0.25
    case .quality: 0.20
    case .financial, .dependency: 0.15
    case .geographic, .compliance: 0.10
    case .communication: 0.05
    }
  }
}

/// How risky a supplier is.
public enum SupplierTier: String, Hashable, Sendable, CaseIterable {
  /// 80 and more.
  case low
  /// 60 and more.
  case watch
  /// 40 and more.
  case elevated
  /// Below 40.
  case critical

  /// The tier of a score.
  public init(score: Double) {
    self =
      Tie.atLeast(score, 80)
      ? .low : Tie.atLeast(score, 60) ? .watch : Tie.atLeast(score, 40) ? .elevated : .critical
  }
}

/// A weighted score over the factors that there are data for.
public struct SupplierScore: Hashable, Sendable {
  /// 0…100, higher is better; nil without any factor.
  public var score: Double?
  /// The tier; nil without a score.
  public var tier: SupplierTier?
  /// Share of the weights that have data.
  public var coverage: Double

  /// The mean of the given factors by their weights, brought to a sum of 1 over those that are there.
  public init(_ factors: [SupplierFactor: Double]) {
    var sum = 0.0
    var weights = 0.0
    for factor in SupplierFactor.allCases {
      guard let value = factors[factor], value.isFinite else { continue }
      sum += factor.weight * value
      weights += factor.weight
    }
    coverage = weights
    score = weights > 0 ? sum / weights : nil
    tier = score.map { SupplierTier(score: $0) }
  }
}
