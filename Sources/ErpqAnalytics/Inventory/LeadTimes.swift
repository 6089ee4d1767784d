/// Lead times as they were: receipts of one product, or of all products of a supplier.
public struct ObservedLeadTime: Hashable, Sendable {
  /// Receipts.
  public var count: Int
  /// Mean days from order to receipt.
  public var mean: Double
  /// Sample variance of the days.
  public var variance: Double

  /// What the days of single receipts say; negative ones are left out.
  public init(_ days: [Double]) {
    let kept = days.filter { $0 >= 0 && $0.isFinite }
    count = kept.count
    let (mean, deviation) = Statistics.moments(kept, .sample)
    self.mean = mean
    variance = deviation * deviation
  }

  init(count: Int, mean: Double, variance: Double) {
    (self.count, self.mean, self.variance) = (count, mean, variance)
  }

  /// The standard deviation.
  public var deviation: Double { variance.squareRoot() }

  /// How many receipts of its own make a product's figures weigh as much as its supplier's.
  public static let priorWeight = 5.0

  /// Drawn towards the supplier's figures, the more the fewer receipts there are: (n·x + k·X)/(n + k) with k
  /// = 5 (the credibility formula of Bühlmann 1967, with a fixed k). The difference of the two means adds to
  /// the variance by its weights.
  public func shrunk(towards supplier: ObservedLeadTime) -> ObservedLeadTime {
    guard supplier.count > 0 else { return self }
    guard count > 0 else { return supplier }
    let own = Double(count) / (Double(count) + ObservedLeadTime.priorWeight)
    let other = 1 - own
    let gap = mean - supplier.mean
    return ObservedLeadTime(
      count: count, mean: own * mean + other * supplier.mean,
      variance: own * (count > 1 ? variance : supplier.variance) + other * supplier.variance
        + own * other * gap * gap)
  }
}
