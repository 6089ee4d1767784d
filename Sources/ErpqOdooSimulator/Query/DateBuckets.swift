import ErpqBase
import ErpqWarehouse

/// A stretch of time that `read_group` puts records into.
enum Granularity: String {
  case hour, day, week, month, quarter, year

  /// The first day of the stretch that holds a day; for hours the day itself.
  func start(of day: CivilDate) -> CivilDate {
    let (year, month, _) = day.components
    switch self {
    case .hour, .day: return day
    case .week: return day.adding(days: 1 - day.weekday)
    case .month: return CivilDate(year: year, month: month, day: 1) ?? day
    case .quarter: return CivilDate(year: year, month: (month - 1) / 3 * 3 + 1, day: 1) ?? day
    case .year: return CivilDate(year: year, month: 1, day: 1) ?? day
    }
  }

  /// The first day of the next stretch.
  func next(after start: CivilDate) -> CivilDate {
    switch self {
    case .hour, .day: start.adding(days: 1)
    case .week: start.adding(days: 7)
    case .month: start.adding(months: 1)
    case .quarter: start.adding(months: 3)
    case .year: start.adding(months: 12)
    }
  }

  /// The caption in English: `20 Nov 2026`, `W47 2026`, `November 2026`, `Q4 2026`.
  func caption(_ start: CivilDate, hour: Int) -> String {
    let (year, month, day) = start.components
    let name = Granularity.months[month - 1]
    switch self {
    case .hour: return "\(padded(hour, 2)):00 \(padded(day, 2)) \(name.prefix(3))"
    case .day: return "\(padded(day, 2)) \(name.prefix(3)) \(year)"
    case .week:
      let week = start.isoWeek
      return "W\(week.week) \(week.year)"
    case .month: return "\(name) \(year)"
    case .quarter: return "Q\((month - 1) / 3 + 1) \(year)"
    case .year: return String(year)
    }
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
  ]
}

/// Puts moments into stretches of a time zone's calendar.
struct DateBuckets {
  let granularity: Granularity
  let zone: ZoneRules

  /// A stretch: its beginning and end in universal time, and its caption.
  struct Bucket: Hashable {
    let from: OdooValue
    let to: OdooValue
    let caption: String
  }

  func bucket(_ moment: Instant) -> Bucket {
    let seconds = moment.startOfSecond.microseconds / 1_000_000
    let local = Instant(microseconds: (seconds + zone.offset(atUTC: seconds)) * 1_000_000)
    let day = local.utcDate
    if granularity == .hour {
      let hour = (local.microseconds - Instant(day).microseconds) / 3_600_000_000
      let from = Int64(day.day) * 86_400 + hour * 3600
      return Bucket(
        from: utc(from), to: utc(from + 3600), caption: granularity.caption(day, hour: Int(hour)))
    }
    let start = granularity.start(of: day)
    let end = granularity.next(after: start)
    return Bucket(
      from: utc(Int64(start.day) * 86_400), to: utc(Int64(end.day) * 86_400),
      caption: granularity.caption(start, hour: 0))
  }

  func bucket(_ day: CivilDate) -> Bucket {
    let start = granularity.start(of: day)
    return Bucket(
      from: .day(start), to: .day(granularity.next(after: start)),
      caption: granularity.caption(start, hour: 0))
  }

  private func utc(_ localSeconds: Int64) -> OdooValue {
    .moment(zone.instant(fromLocal: localSeconds * 1_000_000))
  }
}
