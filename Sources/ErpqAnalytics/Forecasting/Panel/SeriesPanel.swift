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
    self.init(
      frequency: frequency, values: series.flatMap { $0 }, lengths: series.map(\.count), firstStep: firstStep,
      category: category, promotions: promotions)
  }

  /// A panel of values that lie one series after the other, `lengths` of each; there must be as many as these
  /// say. The rest is as above.
  public init(
    frequency: SeriesFrequency, values: [Double], lengths: [Int], firstStep: [Int], category: [Int32] = [],
    promotions: [[Int32]] = []
  ) {
    let count = lengths.count
    self.frequency = frequency
    (self.values, unknown) = Self.clean(values)
    offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    self.firstStep = (0..<count).map { $0 < firstStep.count ? firstStep[$0] : 0 }
    self.category = category.count == count ? category : []
    self.promotions = promotions.count == count ? promotions : []
  }

  /// Values within what squares can hold, and the places of those of which nothing is known.
  private static func clean(_ values: [Double]) -> (values: [Double], unknown: [Int]) {
    var values = values
    var unknown: [Int] = []
    values.withUnsafeMutableBufferPointer { values in
      for i in values.indices where values[i].magnitude < smallest || !(values[i].magnitude <= largest) {
        let v = values[i]
        if !v.isFinite { unknown.append(i) }
        values[i] = !v.isFinite || v.magnitude < smallest ? 0 : v < 0 ? -largest : largest
      }
    }
    return (values, unknown)
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
