/// How the demand of the next days is told from the window's average and trend.
public struct DemandRule: Hashable, Sendable {
  /// Days of the moving average.
  public var window = 7
  /// Days predicted.
  public var horizon = 30
  /// Fewer days of data than this fall back to a stated or average demand.
  public var minimumDays = 7
  /// Whether the days of data are counted from the first sale on; otherwise only days with sales count.
  public var countsFromFirstSale = true
  /// How the trend is told.
  public var trend = TrendRule.relative
  /// The slope beyond which demand goes up or down.
  public var threshold = 0.2
  /// Sale lines that make the sample as good as it gets.
  public var fullSample = 30.0
  /// Whether a new product without a stated demand takes that of its category, or of its orderpoint.
  public var borrowsForNew = true

  /// Days counted from the first sale; a relative trend that chance does not explain.
  public init() {}

  /// The documents' reading: days with sales count, slope per day of the window, the window's mean as a fallback.
  public static let erpconnect = {
    var rule = DemandRule()
    rule.countsFromFirstSale = false
    rule.trend = .perDay
    rule.borrowsForNew = false
    return rule
  }()
}

/// What a predicted demand comes from.
public enum DemandSource: String, Hashable, Sendable, CaseIterable {
  /// The last moving average.
  case movingAverage = "moving_average"
  /// The demand stated with the product.
  case stated
  /// The median of its category's products that have a history, for a new product.
  case category
  /// What the orderpoint's minimum implies for a lead time, for a new product.
  case orderpoint
  /// The mean of the window.
  case windowMean = "window_mean"
}

/// What may stand in for the history that a product does not have, in units a day.
public struct DemandSubstitutes: Hashable, Sendable {
  /// Stated with the product.
  public var stated: Double?
  /// The median of its category.
  public var category: Double?
  /// Implied by its orderpoint.
  public var orderpoint: Double?

  /// What there is.
  public init(stated: Double? = nil, category: Double? = nil, orderpoint: Double? = nil) {
    self.stated = stated
    self.category = category
    self.orderpoint = orderpoint
  }
}

/// The demand of one product, told from its recent past.
public struct DemandPrediction: Hashable, Sendable {
  /// Units a day, not below zero.
  public var daily: Double
  /// Units over the horizon.
  public var predicted: Double
  /// Where demand is going.
  public var trend: Trend
  /// What the trend was told by; nil for a fallback, and where a relative change has nothing to start from.
  public var slope: Double?
  /// 0…1: 0.4·coverage + 0.3·(1 − variability) + 0.3·sample; 0.3 for a fallback.
  public var confidence: Double
  /// What the demand comes from.
  public var source: DemandSource
  /// Days with positive net sales.
  public var saleDays: Int

  /// Predicts from a zero-filled daily series that ends with the window.
  ///
  /// Coverage is the share of the window with data, variability the population coefficient of variation cut
  /// at 1, sample the number of lines over `fullSample` cut at 1.
  /// - Parameters:
  ///   - lines: sale lines with a positive quantity in the window.
  ///   - substitutes: what a product without history takes.
  ///   - ageInDays: days since the first sale ever, at the end of the window; nil for what the window shows.
  ///     A product that sold before the window and not in it has a history, of zeros.
  public init(
    _ daily: [Double], lines: Int, substitutes: DemandSubstitutes = DemandSubstitutes(),
    ageInDays: Int? = nil, rule: DemandRule = DemandRule()
  ) {
    let y = History.sanitized(daily)
    let n = y.count
    saleDays = DailySeries.saleDays(y)
    let age = Swift.min(n, ageInDays ?? DailySeries.daysSinceFirstSale(y))
    let data = rule.countsFromFirstSale ? age : saleDays
    let (mean, deviation) = Statistics.moments(y, .population)
    guard data >= Swift.max(1, rule.minimumDays), n > 0 else {
      let borrowed = rule.borrowsForNew ? substitutes : DemandSubstitutes(stated: substitutes.stated)
      let (value, source) = DemandPrediction.substitute(borrowed) ?? (mean, .windowMean)
      self.daily = Swift.max(0, value)
      self.source = source
      predicted = self.daily * Double(rule.horizon)
      (trend, slope, confidence) = (.stable, nil, 0.3)
      return
    }
    let (change, last) = y.withUnsafeBufferPointer { DemandPrediction.change($0, rule: rule) }
    self.daily = Swift.max(0, last)
    predicted = self.daily * Double(rule.horizon)
    source = .movingAverage
    slope = change
    switch change ?? 0 {
    case let c where Tie.above(c, rule.threshold): trend = .up
    case let c where Tie.below(c, -rule.threshold): trend = .down
    default: trend = .stable
    }
    if rule.trend == .relative, trend != .stable, TrendTest.mannKendall(y) >= 0.05 { trend = .stable }
    let variability = mean > 0 ? Swift.min(1, deviation / mean) : 1
    let sample = rule.fullSample > 0 ? Swift.min(1, Double(lines) / rule.fullSample) : 1
    let sum = 0.4 * Double(data) / Double(n) + 0.3 * (1 - variability) + 0.3 * sample
    confidence = Swift.min(1, Swift.max(0, sum))
  }

  /// The first of the substitutes that there is.
  private static func substitute(_ s: DemandSubstitutes) -> (Double, DemandSource)? {
    for (value, source) in [
      (s.stated, DemandSource.stated), (s.category, .category), (s.orderpoint, .orderpoint),
    ] {
      if let value, value.isFinite { return (value, source) }
    }
    return nil
  }

  /// The change between the first and the last `window` smoothed days, on the rule's scale, and the last smoothed day.
  private static func change(
    _ y: UnsafeBufferPointer<Double>, rule: DemandRule
  ) -> (change: Double?, last: Double) {
    let k = Swift.min(y.count, Swift.max(1, rule.window))
    func smooth(_ days: Range<Int>) -> [Double] {
      days.map { MovingAverage.trailing(y, window: Swift.max(1, rule.window), at: $0) }
    }
    let end = smooth(y.count - k..<y.count)
    let early = Statistics.mean(smooth(0..<k))
    let late = Statistics.mean(end)
    let change: Double? =
      switch rule.trend {
      case .difference: late - early
      case .perDay: (late - early) / Double(y.count)
      case .relative: early > 0 ? (late - early) / early : nil
      }
    return (change, end[k - 1])
  }
}
