import ErpqBase

private let d = P("d", .temporal, "a date, datetime or period")

/// A part of a date as a whole number.
private func part(
  _ name: String, _ summary: String, search: [String] = [], _ pairs: KeyValuePairs<String, String>,
  _ f: @escaping @Sendable (CivilDate) -> Int
) -> FunctionSpec {
  days(name, summary, [d], .int, search: search, pairs) { days, rows, type in
    Column(type, .ints(transform(days, rows: rows) { Int64(f(CivilDate(day: $0))) }), validity: days.validity)
  }
}

/// The period that holds a date.
private func period(
  _ unit: PeriodUnit, _ summary: String, search: [String] = [], _ pairs: KeyValuePairs<String, String>
)
  -> FunctionSpec
{
  days(unit.rawValue, summary, [d], .period(unit), search: search, pairs) { days, rows, type in
    let starts = Operators.periodStarts(days.values, unit)
    return Column(
      type, .days(days.isConstant ? [Int32](repeating: starts[0], count: rows) : starts),
      validity: days.validity)
  }
}

/// A function of the days of its first argument.
private func days(
  _ name: String, _ summary: String, _ parameters: [P], _ result: ValueType, search: [String] = [],
  _ pairs: KeyValuePairs<String, String>, _ f: @escaping @Sendable (Lane<Int32>, Int, ValueType) -> Column
) -> FunctionSpec {
  let kernel = ScalarKernel.rowwise(name) { operands, rows, _ in
    guard let days = operands[0].days() else { return .nulls(result, count: rows) }
    return f(days, rows, result)
  }
  return FunctionSpec(
    name, category: "date", summary, parameters, returnsDoc: result.description, searchWords: search,
    examples: examples(pairs), kind: .scalar(kernel), returns: { _ in result })
}

private func unit(_ value: Value) throws -> PeriodUnit {
  let name = value.string.lowercased()
  if let unit = PeriodUnit(rawValue: name) { return unit }
  throw KernelError("'\(value.string)' is no calendar unit; take day, week, month, quarter or year")
}

/// A number of days or hours as a duration.
private func duration(_ name: String, _ milliseconds: Double, _ pairs: KeyValuePairs<String, String>)
  -> FunctionSpec
{
  FunctionSpec(
    name, category: "date", "So many \(name) as a duration.", [P("n", .numeric, "how many")],
    returnsDoc: "duration", searchWords: ["interval", "to_\(name)"], examples: examples(pairs),
    kind: .scalar(
      .rowwise(name) { operands, rows, type in
        guard let n = operands[0].doubles() else { return .nulls(type, count: rows) }
        return Column(finite: type, transform(n, rows: rows) { $0 * milliseconds }, validity: n.validity)
      }), returns: { _ in .duration(.time) })
}

extension Functions {
  /// Functions of dates, datetimes and periods. A datetime counts by its UTC day, a period by its first day.
  static let date: [FunctionSpec] = [
    part("year", "The year as a number.", search: ["yyyy"], ["year(2026-03-15)": "2026"]) {
      $0.components.year
    },
    period(.quarter, "The quarter that holds the date.", ["quarter(2026-05-02)": "2026-Q2"]),
    period(.month, "The month that holds the date.", search: ["monthly"], ["month(2026-03-15)": "2026-03"]),
    period(
      .week, "The ISO week that holds the date.", search: ["weekly", "isoweek"],
      ["week(2024-12-30)": "2025-W01"]),
    days(
      "day", "The date of a datetime (UTC).", [d], .date, search: ["date part", "to_date"],
      ["day(datetime(\"2026-03-15 23:30\"))": "2026-03-15"]
    ) {
      Column($2, .days(transform($0, rows: $1) { $0 }), validity: $0.validity)
    },
    part(
      "weekday", "The day of the week, Monday 1 to Sunday 7.", search: ["dayofweek", "isodow", "dow"],
      ["weekday(2026-03-15)": "7"]
    ) { $0.weekday },
    part(
      "day_of_month", "The day of the month, 1 to 31.", search: ["dayofmonth", "mday"],
      ["day_of_month(2026-03-15)": "15"]
    ) { $0.components.day },
    part(
      "day_of_year", "The day of the year, 1 to 366.", search: ["dayofyear", "yday"],
      ["day_of_year(2026-02-01)": "32"]
    ) {
      Int($0.day - Period.start(of: .year, containing: $0).day) + 1
    },
    part(
      "week_of_year", "The ISO week's number, 1 to 53.", search: ["weekofyear", "isoweek"],
      ["week_of_year(2026-01-05)": "2"]
    ) { $0.isoWeek.week },
    part(
      "month_of_year", "The month's number, 1 to 12.", search: ["monthofyear", "season"],
      ["month_of_year(2026-03-15)": "3"]
    ) { $0.components.month },
    simple(
      "start_of", "date", "The first day of the period that holds the date.",
      [d, P("unit", .exact(.text), constant: true, "day, week, month, quarter or year")], .date,
      search: ["date_trunc", "truncate", "beginning", "floor"],
      ["start_of(2026-05-20, \"quarter\")": "2026-04-01"]
    ) {
      guard let day = $0[0].day else { return .null }
      return .date(Period.start(of: try unit($0[1]), containing: day))
    },
    simple(
      "end_of", "date", "The last day of the period that holds the date.",
      [d, P("unit", .exact(.text), constant: true, "day, week, month, quarter or year")], .date,
      search: ["last", "ceiling"], ["end_of(2026-05-20, \"month\")": "2026-05-31"]
    ) {
      guard let day = $0[0].day else { return .null }
      return .date(Period(try unit($0[1]), containing: day).last)
    },
    days(
      "last_day", "The last day of the month.", [d], .date, search: ["end of month", "eomonth"],
      ["last_day(2024-02-10)": "2024-02-29"]
    ) {
      Column(
        $2, .days(transform($0, rows: $1) { Period(.month, containing: CivilDate(day: $0)).last.day }),
        validity: $0.validity)
    },
    FunctionSpec(
      "days_between", category: "date",
      "The days from one date to another; negative when the other is earlier.",
      [P("from", .temporal, "the first date"), P("to", .temporal, "the second date")], returnsDoc: "int",
      searchWords: ["datediff", "age", "difference"],
      examples: examples(["days_between(2026-01-31, 2026-03-01)": "29"]),
      kind: .scalar(
        .rowwise("days_between") { operands, rows, type in
          guard let a = operands[0].days(), let b = operands[1].days() else {
            return .nulls(type, count: rows)
          }
          let values = combine(a, b, rows: rows) { Int64($1) - Int64($0) }
          return Column(type, .ints(values), validity: .both(a.validity, b.validity))
        }), returns: { _ in .int }),
    FunctionSpec(
      "add_months", category: "date",
      "The same day so many months later; the last of the month where it has no such day.",
      [d, P("n", .exact(.int), "months; negative: earlier")], returnsDoc: "as d",
      searchWords: ["edate", "date_add"],
      examples: examples(["add_months(2026-01-31, 1)": "2026-02-28"]),
      kind: .scalar(
        .rowwise("add_months") { operands, rows, type in
          guard let n = operands[1].doubles() else { return .nulls(type, count: rows) }
          let months = Column(
            .duration(.months), .doubles(transform(n, rows: rows) { $0 }), validity: n.validity)
          return try Operators.shifted(operands[0], .column(months), sign: 1, rows: rows, type: type)
            ?? .nulls(type, count: rows)
        }), returns: sameType),
    simple(
      "format_date", "date",
      "The date as text by a pattern: %Y %m %d %H %M %S %y %b %B %a %A %j %V %G %u %q.",
      [d, P("pattern", .exact(.text), constant: true, "text with the fields above; %% is a percent sign")],
      .text,
      search: ["strftime", "to_char", "format"], ["format_date(2026-03-05, \"%d.%m.%Y\")": "05.03.2026"]
    ) { .text(try formatted($0[0], $0[1].string)) },
    duration("days", 86_400_000, ["days(3)": "3d"]),
    duration("hours", 3_600_000, ["hours(36)": "1.5d"]),
  ]
}

private let monthNames = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November",
  "December",
]
private let dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

private func formatted(_ value: Value, _ pattern: String) throws -> String {
  guard let date = value.day else { return "" }
  let (y, m, d) = date.components
  var seconds = 0
  if case .datetime(let moment) = value {
    seconds = Int((moment.microseconds - Instant(date).microseconds) / 1_000_000)
  }
  var out = ""
  var field = false
  for c in pattern {
    guard field else {
      if c == "%" { field = true } else { out.append(c) }
      continue
    }
    field = false
    switch c {
    case "Y": out += padded(y, 4)
    case "y": out += padded(((y % 100) + 100) % 100, 2)
    case "m": out += padded(m, 2)
    case "d": out += padded(d, 2)
    case "H": out += padded(seconds / 3600, 2)
    case "M": out += padded(seconds / 60 % 60, 2)
    case "S": out += padded(seconds % 60, 2)
    case "B": out += monthNames[m - 1]
    case "b": out += monthNames[m - 1].prefix(3)
    case "A": out += dayNames[date.weekday - 1]
    case "a": out += dayNames[date.weekday - 1].prefix(3)
    case "j": out += padded(Int(date.day - Period.start(of: .year, containing: date).day) + 1, 3)
    case "V": out += padded(date.isoWeek.week, 2)
    case "G": out += padded(date.isoWeek.year, 4)
    case "u": out += String(date.weekday)
    case "q": out += String((m - 1) / 3 + 1)
    case "%": out += "%"
    default: throw KernelError("a date pattern has no field '%\(c)'; see help format_date")
    }
  }
  if field { throw KernelError("the date pattern ends in a lone %; write %% for a percent sign") }
  return out
}
