import ErpqBase

/// Many series of one frequency, each with a start and an end of its own, in flat buffers.
public struct SeriesPanel: Sendable {
  /// How far apart the values are.
  public let frequency: SeriesFrequency
  /// All values, one series after the other, oldest first; finite, and 0 where nothing is known.
  public let values: [Double]
  /// Places in `values` of which nothing is known, ascending.
  public let unknown: [Int]
  /// Where each series begins in `values`, and the end of the last.
  public let offsets: [Int]
  /// The step of each series' first value.
  public let firstStep: [Int]
  /// The group of each series (a product category, say), from 0; empty when none are known.
  public let category: [Int32]
  /// For each series its promoted steps, ascending, known ones of the future included; empty when none are
  /// known for any series.
  public let promotions: [[Int32]]

  /// A panel.
  ///
  /// - Parameters:
  ///   - series: the values of each; a value that is not a finite number is one of which nothing is known.
  ///   - firstStep: the step of each series' first value.
  ///   - category: group of each series, or nothing.
  ///   - promotions: promoted steps of each series, or nothing.
  public init(
    frequency: SeriesFrequency, series: [[Double]], firstStep: [Int], category: [Int32] = [],
    promotions: [[Int32]] = []
  ) {
    self.frequency = frequency
    var values: [Double] = []
    values.reserveCapacity(series.reduce(0) { $0 + $1.count })
    var offsets = [0]
    var unknown: [Int] = []
    for y in series {
      for v in y {
        if !v.isFinite { unknown.append(values.count) }
        let isTiny = !v.isFinite || v.magnitude < Self.smallest
        values.append(isTiny ? 0 : Swift.max(-Self.largest, Swift.min(Self.largest, v)))
      }
      offsets.append(values.count)
    }
    self.values = values
    self.unknown = unknown
    self.offsets = offsets
    self.firstStep = (0..<series.count).map { $0 < firstStep.count ? firstStep[$0] : 0 }
    self.category = category.count == series.count ? category : []
    self.promotions = promotions.count == series.count ? promotions : []
  }

  /// The largest magnitude taken as it is.
  static let largest = 1e100

  /// Squares of smaller numbers are zero, and so would be what divides by them.
  static let smallest = 1e-150

  /// Number of series.
  public var count: Int { offsets.count - 1 }

  /// Number of values of a series.
  public func length(_ s: Int) -> Int { offsets[s + 1] - offsets[s] }

  /// The step of a series' last value; the one before the first for an empty series.
  public func lastStep(_ s: Int) -> Int { firstStep[s] + length(s) - 1 }
}
