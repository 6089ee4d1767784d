/// A day of the civil (proleptic Gregorian) calendar, without a clock or a time zone.
///
/// Stored as the number of days since 1970-01-01, so a column of dates is a column of `Int32`.
/// Conversions follow Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
public struct CivilDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public var day: Int32

  /// The date that lies `day` days after 1970-01-01.
  public init(day: Int32) { self.day = day }

  /// The date of that year, month (1…12) and day (1…31), or nil when the calendar has none.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), (-9999...99999).contains(year), day >= 1,
      day <= CivilDate.daysInMonth(year: year, month: month)
    else { return nil }
    self.init(day: Int32(CivilDate.dayNumber(year, month, day)))
  }

  static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yoe = y - era * 400
    let doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
  }

  /// Days of the month, leap years respected.
  public static func daysInMonth(year: Int, month: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Year, month (1…12) and day of the month (1…31).
  public var components: (year: Int, month: Int, day: Int) {
    let z = Int(day) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let doe = z - era * 146_097
    let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146_096) / 365
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
    let mp = (5 * doy + 2) / 153
    let m = mp < 10 ? mp + 3 : mp - 9
    return (yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - (153 * mp + 2) / 5 + 1)
  }

  /// Day of the week by ISO 8601: Monday is 1, Sunday is 7.
  public var weekday: Int {
    let r = (Int(day) + 3) % 7
    return (r < 0 ? r + 7 : r) + 1
  }

  /// ISO 8601 week number and the year that the week belongs to (2024-12-30 is week 1 of 2025).
  public var isoWeek: (year: Int, week: Int) {
    let thursday = CivilDate(day: day + Int32(4 - weekday))
    let year = thursday.components.year
    let first = CivilDate.dayNumber(year, 1, 1)
    return (year, (Int(thursday.day) - first) / 7 + 1)
  }

  /// The date so many days later (earlier when negative); saturates at the ends of the day range.
  public func adding(days: Int) -> CivilDate {
    let sum = Int(day) &+ days
    return CivilDate(day: Int32(clamping: sum))
  }

  /// The same day of the month so many months later; 31 January plus one month is the last of February.
  public func adding(months: Int) -> CivilDate {
    let (y, m, d) = components
    let bounded = Swift.max(-1_200_000, Swift.min(1_200_000, months))
    let index = y * 12 + (m - 1) + bounded
    let year = index >= 0 ? index / 12 : (index - 11) / 12
    let month = index - year * 12 + 1
    let last = CivilDate.daysInMonth(year: year, month: month)
    return CivilDate(day: Int32(clamping: CivilDate.dayNumber(year, month, Swift.min(d, last))))
  }

  /// The order of the values.
  public static func < (a: CivilDate, b: CivilDate) -> Bool { a.day < b.day }

  /// Reads `YYYY-MM-DD`; nil for anything else, and for days that do not exist.
  public init?(iso text: some StringProtocol) {
    let u = Array(text.utf8)
    guard u.count == 10, u[4] == 45, u[7] == 45 else { return nil }
    var parts = [0, 0, 0]
    for (i, range) in [0..<4, 5..<7, 8..<10].enumerated() {
      for k in range {
        guard u[k] >= 48, u[k] <= 57 else { return nil }
        parts[i] = parts[i] * 10 + Int(u[k] - 48)
      }
    }
    self.init(year: parts[0], month: parts[1], day: parts[2])
  }
}

extension CivilDate: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  public var description: String {
    let (y, m, d) = components
    return "\(padded(y, 4))-\(padded(m, 2))-\(padded(d, 2))"
  }
}

/// `value` in decimal, with leading zeros up to `width` digits.
public func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value.magnitude)
  let zeros = String(repeating: "0", count: Swift.max(0, width - digits.count))
  return (value < 0 ? "-" : "") + zeros + digits
}

/// A moment, in microseconds since 1970-01-01T00:00:00 UTC.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Microseconds since the epoch.
  public var microseconds: Int64

  /// The moment so many microseconds after the epoch.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Midnight UTC of a civil day.
  public init(_ date: CivilDate) { microseconds = Int64(date.day) * 86_400_000_000 }

  /// The order of the values.
  public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

  /// The beginning of the second that the moment falls in.
  public var startOfSecond: Instant {
    let rest = microseconds % 1_000_000
    return Instant(microseconds: microseconds - (rest < 0 ? rest + 1_000_000 : rest))
  }

  /// The UTC day that the moment falls on.
  public var utcDate: CivilDate {
    let q = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    return CivilDate(day: Int32(clamping: q.remainder < 0 ? q.quotient - 1 : q.quotient))
  }

  /// `YYYY-MM-DD HH:MM:SS`, with a fraction only where there is one. Always UTC.
  public var description: String {
    let date = utcDate
    let rest = microseconds - Int64(date.day) * 86_400_000_000
    let seconds = Int(rest / 1_000_000)
    let fraction = Int(rest % 1_000_000)
    let clock = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    return "\(date) \(clock)" + (fraction == 0 ? "" : "." + padded(fraction, 6))
  }

  /// Reads `YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]][Z|±HH:MM]`; without an offset the text is taken as UTC.
  public init?(iso text: some StringProtocol) {
    let u = Array(text.utf8)
    guard u.count >= 16, u[10] == 32 || u[10] == 84,
      let date = CivilDate(iso: String(decoding: u[0..<10], as: UTF8.self))
    else { return nil }
    func two(_ i: Int) -> Int? {
      guard i + 1 < u.count, u[i] >= 48, u[i] <= 57, u[i + 1] >= 48, u[i + 1] <= 57 else { return nil }
      return Int(u[i] - 48) * 10 + Int(u[i + 1] - 48)
    }
    guard let h = two(11), h < 24, u[13] == 58, let m = two(14), m < 60 else { return nil }
    var i = 16
    var s = 0
    var micro = 0
    if i < u.count, u[i] == 58 {
      guard let value = two(i + 1), value < 61 else { return nil }
      s = value
      i += 3
      if i < u.count, u[i] == 46 {
        i += 1
        var scale = 100_000
        while i < u.count, u[i] >= 48, u[i] <= 57 {
          micro += Int(u[i] - 48) * scale
          scale /= 10
          i += 1
        }
      }
    }
    var offset = 0
    if i < u.count {
      if u[i] == 90, i + 1 == u.count {
        i += 1
      } else if u[i] == 43 || u[i] == 45, let oh = two(i + 1) {
        let sign = u[i] == 43 ? 1 : -1
        i += 3
        if i < u.count, u[i] == 58 { i += 1 }
        var om = 0
        if i < u.count {
          guard let value = two(i) else { return nil }
          om = value
          i += 2
        }
        offset = sign * (oh * 3600 + om * 60)
      }
      guard i == u.count else { return nil }
    }
    let seconds = Int64(date.day) * 86_400 + Int64(h * 3600 + m * 60 + s - offset)
    microseconds = seconds * 1_000_000 + Int64(micro)
  }
}
