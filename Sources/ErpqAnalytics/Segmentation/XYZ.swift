/// Steadiness classes by the coefficient of variation.
public enum XYZClass: String, Hashable, Sendable, CaseIterable {
  case x = "X"
  case y = "Y"
  case z = "Z"
  /// No demand, or too few buckets to tell.
  case none = "-"
}

/// The length of the buckets whose quantities are compared.
public enum XYZBucket: String, Hashable, Sendable, CaseIterable {
  case day
  /// Seven days counted back from the end of the window.
  case week
  /// Thirty days counted back from the end of the window.
  case month

  /// Days of a bucket.
  public var days: Int {
    switch self {
    case .day: 1
    case .week: 7
    case .month: 30
    }
  }
}

/// How steadiness classes are cut.
public struct XYZRule: Hashable, Sendable {
  /// Length of the buckets.
  public var bucket: XYZBucket
  /// How the standard deviation is taken.
  public var deviation: Deviation
  /// X below this coefficient of variation.
  public var cutX: Double
  /// Y below this coefficient of variation, Z from it on.
  public var cutY: Double
  /// Fewer whole buckets than this give no class.
  public var minimumBuckets: Int
  /// The class of a series without positive mean: `none`, or `z` as the documents imply.
  public var classWithoutDemand: XYZClass

  /// A rule; the defaults are weekly buckets (at least 8), sample deviation, cuts 0.3 and 0.7.
  public init(
    bucket: XYZBucket = .week, deviation: Deviation = .sample, cutX: Double = 0.3, cutY: Double = 0.7,
    minimumBuckets: Int? = nil, classWithoutDemand: XYZClass = .none
  ) {
    self.bucket = bucket
    self.deviation = deviation
    self.cutX = cutX
    self.cutY = cutY
    self.minimumBuckets = minimumBuckets ?? (bucket == .month ? 4 : 8)
    self.classWithoutDemand = classWithoutDemand
  }

  /// The documents' reading: days, population deviation, Z without demand.
  public static let erpconnect = XYZRule(
    bucket: .day, deviation: .population, minimumBuckets: 1, classWithoutDemand: .z)
}

/// The steadiness of one series.
public struct XYZResult: Hashable, Sendable {
  /// Its class.
  public var cls: XYZClass
  /// Coefficient of variation σ/μ of the buckets; nil where the mean is not positive or no class is given.
  public var cv: Double?
  /// Mean quantity of a bucket.
  public var mean: Double
  /// Whole buckets in the window.
  public var buckets: Int
}

/// Sorts series into steady, varying and erratic ones.
public enum XYZ {
  /// Classifies one zero-filled daily series that ends with the window.
  public static func classify(_ daily: UnsafeBufferPointer<Double>, rule: XYZRule = XYZRule()) -> XYZResult {
    if rule.bucket == .day { return judge(daily, rule) }
    let blocks = TrailingBlocks.sums(daily, length: rule.bucket.days)
    return blocks.withUnsafeBufferPointer { judge($0, rule) }
  }

  /// Classifies one zero-filled daily series that ends with the window.
  public static func classify(_ daily: [Double], rule: XYZRule = XYZRule()) -> XYZResult {
    daily.withUnsafeBufferPointer { classify($0, rule: rule) }
  }

  private static func judge(_ buckets: UnsafeBufferPointer<Double>, _ rule: XYZRule) -> XYZResult {
    let (mean, deviation) = Statistics.moments(buckets, rule.deviation)
    var result = XYZResult(cls: rule.classWithoutDemand, cv: nil, mean: mean, buckets: buckets.count)
    guard mean > 0 else { return result }
    guard buckets.count >= rule.minimumBuckets else {
      result.cls = .none
      return result
    }
    let cv = deviation / mean
    result.cv = cv
    result.cls = Tie.below(cv, rule.cutX) ? .x : Tie.below(cv, rule.cutY) ? .y : .z
    return result
  }
}
