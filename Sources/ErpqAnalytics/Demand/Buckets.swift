import ErpqBase

/// The calendar periods that a window of days touches, in order, with none left out.
public struct CalendarBuckets: Sendable {
  /// The days covered.
  public let window: DayWindow
  /// The periods; the first and the last may lie partly outside the window.
  public let periods: [Period]
  /// How many days of the window each period holds.
  public let daysInWindow: [Int]
  /// Which period each day of the window belongs to.
  public let bucketOfDay: [Int32]

  /// The periods of that unit which the window touches.
  public init(_ unit: PeriodUnit, window: DayWindow) {
    self.window = window
    var periods: [Period] = []
    var counts: [Int] = []
    var map: [Int32] = []
    map.reserveCapacity(window.count)
    for i in 0..<window.count {
      let date = window[i]
      if let current = periods.last, date < current.end {
        counts[counts.count - 1] += 1
      } else {
        periods.append(Period(unit, containing: date))
        counts.append(1)
      }
      map.append(Int32(periods.count - 1))
    }
    self.periods = periods
    daysInWindow = counts
    bucketOfDay = map
  }

  /// Whether the window holds every day of the period.
  public func isComplete(_ bucket: Int) -> Bool {
    guard periods.indices.contains(bucket) else { return false }
    return daysInWindow[bucket] == Int(periods[bucket].end.day) - Int(periods[bucket].start.day)
  }

  /// The place of a day's period, or nil outside the window.
  public func bucket(of date: CivilDate) -> Int? { window.index(of: date).map { Int(bucketOfDay[$0]) } }

  /// Sums of a daily series of the window's length by period; missing days count as zero.
  public func sums(_ daily: UnsafeBufferPointer<Double>) -> [Double] {
    var out = [Double](repeating: 0, count: periods.count)
    for i in 0..<Swift.min(daily.count, bucketOfDay.count) { out[Int(bucketOfDay[i])] += daily[i] }
    return out
  }

  /// Sums of a daily series of the window's length by period; missing days count as zero.
  public func sums(_ daily: [Double]) -> [Double] { daily.withUnsafeBufferPointer { sums($0) } }

  /// Sums over the periods that lie wholly in the window.
  public func completeSums(_ daily: UnsafeBufferPointer<Double>) -> [Double] {
    let all = sums(daily)
    return all.indices.filter { isComplete($0) }.map { all[$0] }
  }
}

/// Blocks of equal length counted back from the end of a series.
public enum TrailingBlocks {
  /// Sums of the blocks of `length` days that end with the series, oldest first. Days at the start that
  /// fill no block are left out, so every block holds each weekday once when `length` is 7.
  public static func sums(_ daily: UnsafeBufferPointer<Double>, length: Int) -> [Double] {
    let k = Swift.max(1, length)
    let blocks = daily.count / k
    var out = [Double](repeating: 0, count: blocks)
    let start = daily.count - blocks * k
    for b in 0..<blocks {
      var sum = 0.0
      for i in 0..<k { sum += daily[start + b * k + i] }
      out[b] = sum
    }
    return out
  }

  /// Sums of the blocks of `length` days that end with the series, oldest first.
  public static func sums(_ daily: [Double], length: Int) -> [Double] {
    daily.withUnsafeBufferPointer { sums($0, length: length) }
  }
}
