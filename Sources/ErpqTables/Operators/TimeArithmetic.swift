import ErpqBase

extension Operators {
  /// A point or period of time moved by a duration (either side, for a plus); nil when the operands are
  /// others.
  ///
  /// Months go by the calendar (the last day of January plus a month is the last day of February). A time of
  /// whole days moves a date; what is left over counts when the result is a datetime, and is cut off (towards
  /// the past) when it is a date. A bare number counts as days. A period moves to the period that holds its
  /// moved first day. What falls out of the calendar (years −9999 to 99999) is null.
  static func shifted(_ a: Operand, _ b: Operand, sign: Double, rows: Int, type: ValueType) throws -> Column?
  {
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
      let values = combine(start, amount, rows: rows) { (at, by) -> Int64 in
        let change = (by * step).rounded()
        guard change.magnitude < 9e18 else { return .max }
        let (moved, overflow) = at.addingReportingOverflow(Int64(change))
        return overflow ? .max : moved
      }
      return Column(moments: values, validity: .both(start.validity, amount.validity))
    }
    guard let start = a.days() else { return .nulls(type, count: rows) }
    let step = sign * unit / CalendarDuration.millisecondsPerDay
    var values = combine(start, amount, rows: rows) { (day, by) -> Int32 in
      let moved = (Double(day) + by * step).rounded(.down)
      return Int32(Swift.max(-2_147_483_648, Swift.min(2_147_483_647, moved)))
    }
    let valid = Column.onCalendar(values, .both(start.validity, amount.validity))
    if case .period(let unit?) = type { values = periodStarts(values, unit) }
    return Column(type, .days(values), validity: valid)
  }

  private static func shiftedByMonths(
    _ a: Operand, _ months: Lane<Double>, sign: Double, rows: Int, type: ValueType
  ) -> Column {
    let whole = months.map { Int(Swift.max(-2e6, Swift.min(2e6, ($0 * sign).rounded(.towardZero)))) }
    if type == .datetime, let start = a.moments() {
      let values = combine(start, whole, rows: rows) { (at, by) -> Int64 in
        let day = Instant(microseconds: at).utcDate
        let change = Int64(day.adding(months: by).day) - Int64(day.day)
        let (moved, overflow) = at.addingReportingOverflow(change * 86_400_000_000)
        return overflow ? .max : moved
      }
      return Column(moments: values, validity: .both(start.validity, months.validity))
    }
    guard let start = a.days() else { return .nulls(type, count: rows) }
    var values = combine(start, whole, rows: rows) { CivilDate(day: $0).adding(months: $1).day }
    let valid = Column.onCalendar(values, .both(start.validity, months.validity))
    if case .period(let unit?) = type { values = periodStarts(values, unit) }
    return Column(type, .days(values), validity: valid)
  }

  /// The first days of the periods that hold the days.
  static func periodStarts(_ days: [Int32], _ unit: PeriodUnit) -> [Int32] {
    // Rows often repeat a day, and facts come in the order of time: the last answer is kept.
    var last: (day: Int32, start: Int32)?
    return days.map { day in
      if let last, last.day == day { return last.start }
      let bounded = Swift.max(Column.calendar.lowerBound, Swift.min(Column.calendar.upperBound, day))
      let start = Period.start(of: unit, containing: CivilDate(day: bounded))
      last = (day, start.day)
      return start.day
    }
  }
}

extension Column {
  /// The days of the years −9999 to 99999.
  static let calendar: ClosedRange<Int32> = -4_371_587...35_804_721

  /// The rows whose day is on the calendar, among those that are valid.
  static func onCalendar(_ days: [Int32], _ validity: Bitmap?) -> Bitmap? {
    guard let (least, most) = extent(days), !calendar.contains(least) || !calendar.contains(most) else {
      return validity
    }
    return .both(validity, Bitmap(days.map { calendar.contains($0) }))
  }

  /// A column of datetimes in which what is not on the calendar becomes null.
  init(moments: [Int64], validity: Bitmap?) {
    let day: Int64 = 86_400_000_000
    let range = Int64(Column.calendar.lowerBound) * day...(Int64(Column.calendar.upperBound) + 1) * day - 1
    guard let (least, most) = extent(moments), !range.contains(least) || !range.contains(most) else {
      self.init(.datetime, .ints(moments), validity: validity)
      return
    }
    let inside = Bitmap(moments.map { range.contains($0) })
    self.init(.datetime, .ints(moments), validity: .both(validity, inside))
  }
}
