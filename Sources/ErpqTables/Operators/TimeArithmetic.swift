import ErpqBase

extension Operators {
  /// A point or period of time moved by a duration (either side, for a plus); nil when the operands are others.
  ///
  /// Months go by the calendar (the last day of January plus a month is the last day of February). A time of
  /// whole days moves a date; what is left over counts when the result is a datetime, and is cut off (towards
  /// the past) when it is a date. A bare number counts as days. A period moves to the period that holds its
  /// moved first day.
  static func shifted(_ a: Operand, _ b: Operand, sign: Double, rows: Int, type: ValueType) throws -> Column? {
    if !isTemporal(a.type) {
      guard sign > 0, isTemporal(b.type) else { return nil }
      return try shifted(b, a, sign: sign, rows: rows, type: type)
    }
    guard !isTemporal(b.type) else { return nil }
    guard let amount = b.doubles() else { return .nulls(type, count: rows) }
    var family = DurationFamily.time
    var unit = CalendarDuration.millisecondsPerDay
    if case .duration(let given) = b.type {
      family = given ?? .time
      unit = 1
    }
    if family == .months { return shiftedByMonths(a, amount, sign: sign, rows: rows, type: type) }

    if type == .datetime {
      guard let start = a.moments() else { return .nulls(type, count: rows) }
      let step = sign * unit * 1000
      let limit = 9.2e18
      let values = combine(start, amount, rows: rows) { (at, by) -> Int64 in
        let moved = Double(at) + by * step
        if moved.magnitude > limit { return moved < 0 ? .min : .max }
        return at &+ Int64((by * step).rounded())
      }
      return Column(type, .ints(values), validity: .both(start.validity, amount.validity))
    }
    guard let start = a.days() else { return .nulls(type, count: rows) }
    let step = sign * unit / CalendarDuration.millisecondsPerDay
    var values = combine(start, amount, rows: rows) { (day, by) -> Int32 in
      let moved = (Double(day) + by * step).rounded(.down)
      return Int32(Swift.max(-2_147_483_648, Swift.min(2_147_483_647, moved)))
    }
    if case .period(let unit?) = type { values = periodStarts(values, unit) }
    return Column(type, .days(values), validity: .both(start.validity, amount.validity))
  }

  private static func shiftedByMonths(
    _ a: Operand, _ months: Lane<Double>, sign: Double, rows: Int, type: ValueType
  ) -> Column {
    let whole = months.map { Int(Swift.max(-2e6, Swift.min(2e6, ($0 * sign).rounded(.towardZero)))) }
    if type == .datetime, let start = a.moments() {
      let values = combine(start, whole, rows: rows) { (at, by) -> Int64 in
        let day = Instant(microseconds: at).utcDate
        return at &+ Int64(day.adding(months: by).day &- day.day) &* 86_400_000_000
      }
      return Column(type, .ints(values), validity: .both(start.validity, months.validity))
    }
    guard let start = a.days() else { return .nulls(type, count: rows) }
    var values = combine(start, whole, rows: rows) { CivilDate(day: $0).adding(months: $1).day }
    if case .period(let unit?) = type { values = periodStarts(values, unit) }
    return Column(type, .days(values), validity: .both(start.validity, months.validity))
  }

  /// The first days of the periods that hold the days.
  static func periodStarts(_ days: [Int32], _ unit: PeriodUnit) -> [Int32] {
    // Rows often repeat a day, and facts come in the order of time: the last answer is kept.
    var last: (day: Int32, start: Int32)?
    return days.map { day in
      if let last, last.day == day { return last.start }
      let start = Period.start(of: unit, containing: CivilDate(day: Swift.max(-4_000_000, Swift.min(40_000_000, day))))
      last = (day, start.day)
      return start.day
    }
  }
}
