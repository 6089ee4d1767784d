/// The two families of durations, which do not compare: a month has no fixed number of days.
public enum DurationFamily: String, Hashable, Sendable {
  /// Days, weeks, hours, minutes, seconds; the amount is in milliseconds.
  case time
  /// Months, quarters, years; the amount is in calendar months.
  case months
}

/// A length of time: either an exact one (`30d`, `12h`) or one of the calendar (`3mo`, `1y`).
public struct CalendarDuration: Hashable, Sendable {
  /// Milliseconds for `.time`, months for `.months`.
  public var amount: Double
  /// Which of the two families it belongs to.
  public var family: DurationFamily

  /// A duration of `amount` milliseconds or months.
  public init(amount: Double, family: DurationFamily) {
    self.amount = amount
    self.family = family
  }

  /// Milliseconds of a civil day.
  public static let millisecondsPerDay = 86_400_000.0

  /// So many days.
  public static func days(_ n: Double) -> CalendarDuration {
    CalendarDuration(amount: n * millisecondsPerDay, family: .time)
  }

  /// Length in days; nil for calendar months.
  public var inDays: Double? { family == .time ? amount / CalendarDuration.millisecondsPerDay : nil }

  /// The units a duration can be written in: suffix, long forms, family, amount of one.
  public static let units: [(suffix: String, long: [String], family: DurationFamily, amount: Double)] = [
    ("ms", ["millisecond", "milliseconds"], .time, 1),
    ("s", ["sec", "second", "seconds"], .time, 1000),
    ("min", ["minute", "minutes"], .time, 60_000),
    ("h", ["hour", "hours"], .time, 3_600_000),
    ("d", ["day", "days"], .time, 86_400_000),
    ("w", ["week", "weeks"], .time, 604_800_000),
    ("mo", ["month", "months"], .months, 1),
    ("q", ["quarter", "quarters"], .months, 3),
    ("y", ["year", "years"], .months, 12),
  ]

  /// The unit with that suffix or long form.
  public static func unit(named name: String) -> (family: DurationFamily, amount: Double)? {
    for unit in units where unit.suffix == name || unit.long.contains(name) {
      return (unit.family, unit.amount)
    }
    return nil
  }
}

extension CalendarDuration: CustomStringConvertible {
  /// The shortest exact form in the language: `7d`, `12h`, `1y`, `18mo`, `4.7d`.
  public var description: String {
    if family == .months {
      if amount != 0, amount.truncatingRemainder(dividingBy: 12) == 0 {
        return formatNumber(amount / 12) + "y"
      }
      return formatNumber(amount) + "mo"
    }
    let day = CalendarDuration.millisecondsPerDay
    if amount.magnitude >= day || amount == 0 { return formatNumber(amount / day) + "d" }
    for (suffix, size) in [("h", 3_600_000.0), ("min", 60_000), ("s", 1000)]
    where amount.magnitude >= size {
      return formatNumber(amount / size) + suffix
    }
    return formatNumber(amount) + "ms"
  }
}

/// The shortest decimal text that reads back as `value`, without a needless `.0`.
public func formatNumber(_ value: Double) -> String {
  if value == 0 { return "0" }
  if value.rounded(.towardZero) == value, value.magnitude < 1e15 { return String(Int64(value)) }
  return "\(value)"
}
