import ErpqBase

/// The type of a value or a column, with its unit.
public indirect enum ValueType: Hashable, Sendable {
  case bool, int, number, text, date, datetime, percent
  /// A duration; the family is nil only while it is not known yet.
  case duration(DurationFamily?)
  /// A calendar period of one kind; nil while the kind is not known yet.
  case period(PeriodUnit?)
  /// An amount of money; nil means the company's currency.
  case money(String?)
  /// A quantity in a unit of measure; nil means the product's own unit.
  case quantity(String?)
  case list(ValueType)
  /// A probability distribution.
  case distribution
  /// The type of `null` alone.
  case null
  /// Not known (a broken stage, a source without a schema): fits everything, suppresses follow-on errors.
  case unknown

  /// The arrays a column of the type is made of.
  public var physical: PhysicalType {
    switch self {
    case .bool: .bools
    case .int, .datetime: .ints
    case .number, .percent, .duration, .money, .quantity: .doubles
    case .date, .period: .days
    case .text: .codes
    case .list, .distribution: .values
    case .null, .unknown: .nulls
    }
  }

  /// Whether arithmetic works on it as on a number (units apart).
  public var isNumeric: Bool {
    switch self {
    case .int, .number, .percent, .money, .quantity: true
    default: false
    }
  }
}

/// How the values of a column lie in memory.
public enum PhysicalType: Sendable {
  case bools, ints, doubles, days, codes, values, nulls
}

extension ValueType: CustomStringConvertible {
  /// The type in the words of the language: `money<EUR>`, `list<text>`, `period<month>`.
  public var description: String {
    switch self {
    case .bool: "bool"
    case .int: "int"
    case .number: "number"
    case .text: "text"
    case .date: "date"
    case .datetime: "datetime"
    case .percent: "percent"
    case .duration: "duration"
    case .period(let unit): unit.map { "period<\($0.rawValue)>" } ?? "period"
    case .money(let currency): currency.map { "money<\($0)>" } ?? "money"
    case .quantity(let unit): unit.map { "quantity<\($0)>" } ?? "quantity"
    case .list(let element): element == .unknown ? "list" : "list<\(element)>"
    case .distribution: "distribution"
    case .null: "null"
    case .unknown: "unknown"
    }
  }
}

/// One value, outside a column: a literal, an argument, a cell at the edge.
public enum Value: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case number(Double)
  case text(String)
  case date(CivilDate)
  case datetime(Instant)
  case duration(CalendarDuration)
  case period(Period)
  /// A share: 95 % is 0.95.
  case percent(Double)
  /// An amount; an empty currency is the company's.
  case money(Double, String)
  /// An amount in a unit; an empty unit is the product's own.
  case quantity(Double, String)
  case list([Value])
  /// What may come, with probabilities.
  case distribution(PredictiveDistribution)

  /// Whether it is null.
  public var isNull: Bool { self == .null }

  /// The number behind a numeric value (a percent's share, a duration's milliseconds or months); else nil.
  public var asDouble: Double? {
    switch self {
    case .int(let i): Double(i)
    case .number(let d), .percent(let d), .money(let d, _), .quantity(let d, _): d
    case .duration(let d): d.amount
    default: nil
    }
  }

  /// The value's own type.
  public var type: ValueType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .number: .number
    case .text: .text
    case .date: .date
    case .datetime: .datetime
    case .duration(let d): .duration(d.family)
    case .period(let p): .period(p.unit)
    case .percent: .percent
    case .money(_, let c): .money(c.isEmpty ? nil : c)
    case .quantity(_, let u): .quantity(u.isEmpty ? nil : u)
    case .list(let items): .list(items.first { !$0.isNull }?.type ?? .unknown)
    case .distribution: .distribution
    }
  }
}

extension Value: CustomStringConvertible {
  /// The value as data files show it: full precision, no thousands, `null` empty.
  public var description: String {
    switch self {
    case .null: ""
    case .bool(let b): b ? "true" : "false"
    case .int(let i): String(i)
    case .number(let d): formatNumber(d)
    case .text(let s): s
    case .date(let d): d.description
    case .datetime(let d): d.description
    case .duration(let d): d.description
    case .period(let p): p.description
    case .percent(let d): formatNumber((d * 100 * 1e10).rounded() / 1e10) + "%"
    case .money(let d, let c): formatNumber(d) + c
    case .quantity(let d, let u): formatNumber(d) + (u.isEmpty ? "" : " " + u)
    case .list(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
    case .distribution(let d): d.json
    }
  }
}

extension PredictiveDistribution {
  /// As JSON: mean, standard deviation, and the quantiles by their probability.
  public var json: String {
    // Nine digits: more are dust of sums.
    func short(_ x: Double) -> String {
      guard x != 0, x.magnitude < 1e15, x.magnitude > 1e-15 else { return formatNumber(x) }
      var scale = 1.0
      while x.magnitude * scale < 1e8 { scale *= 10 }
      return formatNumber((x * scale).rounded() / scale)
    }
    let quantiles = zip(probabilities, values).map { "\"\(formatNumber($0))\":\(short($1))" }
    return "{\"mean\":\(short(mean)),\"sd\":\(short(deviation)),\"quantiles\":{"
      + quantiles.joined(separator: ",") + "}}"
  }
}
