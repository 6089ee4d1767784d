/// The length of a calendar period.
public enum PeriodUnit: String, Hashable, Sendable, CaseIterable {
  case day, week, month, quarter, year
}

/// A calendar period: a day, an ISO week, a month, a quarter or a year.
public struct Period: Hashable, Comparable, Sendable {
  /// The kind of period.
  public var unit: PeriodUnit
  /// Its first day.
  public var start: CivilDate

  /// The period of that unit which contains `date`.
  public init(_ unit: PeriodUnit, containing date: CivilDate) {
    self.unit = unit
    start = Period.start(of: unit, containing: date)
  }

  /// The first day of the period of that unit which contains `date`.
  public static func start(of unit: PeriodUnit, containing date: CivilDate) -> CivilDate {
    switch unit {
    case .day: return date
    case .week: return date.adding(days: 1 - date.weekday)
    case .month: return date.adding(days: 1 - date.components.day)
    case .quarter:
      let (y, m, _) = date.components
      return CivilDate(day: Int32(CivilDate.dayNumber(y, (m - 1) / 3 * 3 + 1, 1)))
    case .year: return CivilDate(day: Int32(CivilDate.dayNumber(date.components.year, 1, 1)))
    }
  }

  /// The first day after the period.
  public var end: CivilDate { advanced(by: 1).start }

  /// The last day of the period.
  public var last: CivilDate { end.adding(days: -1) }

  /// The period `count` steps later (earlier when negative).
  public func advanced(by count: Int) -> Period {
    switch unit {
    case .day: Period(unit, containing: start.adding(days: count))
    case .week: Period(unit, containing: start.adding(days: 7 * count))
    case .month: Period(unit, containing: start.adding(months: count))
    case .quarter: Period(unit, containing: start.adding(months: 3 * count))
    case .year: Period(unit, containing: start.adding(months: 12 * count))
    }
  }

  /// The order of the values.
  public static func < (a: Period, b: Period) -> Bool { a.start < b.start }

  /// Reads `2026-03`, `2026-Q1`, `2026-W05`; nil for anything else and for periods that do not exist.
  public init?(iso text: some StringProtocol) {
    let u = Array(text.utf8)
    func number(_ slice: ArraySlice<UInt8>) -> Int? {
      var n = 0
      for c in slice {
        guard c >= 48, c <= 57 else { return nil }
        n = n * 10 + Int(c - 48)
      }
      return slice.isEmpty ? nil : n
    }
    guard u.count >= 7, u[4] == 45, let year = number(u[0..<4]) else { return nil }
    if u.count == 7, u[5] == 81, let q = number(u[6...]), (1...4).contains(q) {
      self.init(.quarter, containing: CivilDate(day: Int32(CivilDate.dayNumber(year, q * 3 - 2, 1))))
    } else if u.count == 8, u[5] == 87, let w = number(u[6...]), w >= 1 {
      let first = Period(.week, containing: CivilDate(day: Int32(CivilDate.dayNumber(year, 1, 4))))
      let start = first.start.adding(days: 7 * (w - 1))
      guard start.isoWeek.year == year else { return nil }
      self.init(.week, containing: start)
    } else if u.count == 7, let m = number(u[5...]), (1...12).contains(m) {
      self.init(.month, containing: CivilDate(day: Int32(CivilDate.dayNumber(year, m, 1))))
    } else {
      return nil
    }
  }
}

extension Period: CustomStringConvertible {
  /// `2026-01-31`, `2026-W05`, `2026-01`, `2026-Q1`, `2026`.
  public var description: String {
    let (y, m, _) = start.components
    switch unit {
    case .day: return start.description
    case .week:
      let (year, week) = start.isoWeek
      return "\(padded(year, 4))-W\(padded(week, 2))"
    case .month: return "\(padded(y, 4))-\(padded(m, 2))"
    case .quarter: return "\(padded(y, 4))-Q\((m - 1) / 3 + 1)"
    case .year: return padded(y, 4)
    }
  }
}
