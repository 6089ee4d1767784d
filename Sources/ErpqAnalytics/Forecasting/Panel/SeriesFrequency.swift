import ErpqBase

/// How far apart the values of a series are. Time is counted in steps: days since 1970-01-01, weeks since
/// the Monday 1970-01-05, or months since January of year 0.
public enum SeriesFrequency: String, Hashable, Sendable, CaseIterable {
  case daily = "D"
  case weekly = "W"
  case monthly = "M"

  /// Steps of the short season: the week for days, the year for weeks and months.
  public var season: Int {
    switch self {
    case .daily: 7
    case .weekly: 52
    case .monthly: 12
    }
  }

  /// Steps of a year, on average.
  public var year: Double {
    switch self {
    case .daily: 365.25
    case .weekly: 365.25 / 7
    case .monthly: 12
    }
  }

  /// The step that a day lies in.
  public func step(of date: CivilDate) -> Int {
    switch self {
    case .daily: return Int(date.day)
    case .weekly:
      let shifted = Int(date.day) - 4
      return shifted >= 0 ? shifted / 7 : -((6 - shifted) / 7)
    case .monthly:
      let c = date.components
      return c.year * 12 + c.month - 1
    }
  }

  /// The first day of a step.
  public func date(of step: Int) -> CivilDate {
    switch self {
    case .daily: return CivilDate(day: Int32(clamping: step))
    case .weekly: return CivilDate(day: Int32(clamping: step * 7 + 4))
    case .monthly:
      let year = step >= 0 ? step / 12 : -((11 - step) / 12)
      return CivilDate(year: year, month: step - year * 12 + 1, day: 1) ?? CivilDate(day: 0)
    }
  }

  /// The place in the week of a daily step, Monday being 0.
  @inline(__always) static func weekday(_ step: Int) -> Int {
    let r = (step + 3) % 7
    return r < 0 ? r + 7 : r
  }
}
