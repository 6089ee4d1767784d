import ErpqBase

/// A run of civil days, both ends included.
public struct DayWindow: Hashable, Sendable {
  /// The last day of the window.
  public var last: CivilDate
  /// Number of days, 0 … 3,660,000 (ten thousand years).
  public let count: Int

  /// The `count` days that end on `last`.
  public init(last: CivilDate, count: Int) {
    self.last = last
    self.count = Swift.max(0, Swift.min(3_660_000, count))
  }

  /// The `count` days before `today`: a window of N days ends yesterday, the last complete day.
  public init(before today: CivilDate, count: Int) {
    self.init(last: today.adding(days: -1), count: count)
  }

  /// The first day of the window.
  public var first: CivilDate { last.adding(days: 1 - count) }

  /// The place of a day in the window (0 is the first), or nil outside it.
  public func index(of date: CivilDate) -> Int? {
    let offset = Int(date.day) - Int(first.day)
    return offset >= 0 && offset < count ? offset : nil
  }

  /// The day at a place of the window.
  public subscript(index: Int) -> CivilDate { first.adding(days: index) }
}
