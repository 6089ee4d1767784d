import ErpqBase

/// Reads one kind of value from the bytes of a cell, without the spaces around it. Nil means: not such a
/// value.
protocol CellParser {
  associatedtype Output
  /// What lies in memory under a null.
  static var zero: Output { get }
  mutating func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Output?
}

/// `true` and `false`, in any case of letters.
struct BoolParser: CellParser {
  static let zero = false

  @inline(__always)
  func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Bool? {
    func matches(_ word: StaticString) -> Bool {
      guard end - start == word.utf8CodeUnitCount else { return false }
      for i in 0..<(end - start) where p[start + i] | 0x20 != word.utf8Start[i] { return false }
      return true
    }
    if matches("true") { return true }
    return matches("false") ? false : nil
  }
}

/// Steps over a sign, a plus where that is allowed. Returns whether it is a minus.
@inline(__always)
private func takeSign(_ p: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, plus: Bool) -> Bool {
  guard i < end else { return false }
  let isMinus = p[i] == 0x2D
  if isMinus || plus && p[i] == 0x2B { i += 1 }
  return isMinus
}

/// Whole numbers of 64 bits. Unless lenient, a plus sign or a leading zero makes a text of it (phone numbers,
/// article numbers); lenient also takes `12.0`.
struct IntParser: CellParser {
  static let zero: Int64 = 0
  var lenient = false

  @inline(__always)
  func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    var i = start
    let negative = takeSign(p, &i, end, plus: lenient)
    if lenient { while i + 1 < end, p[i] == 0x30, p[i + 1] &- 0x30 < 10 { i += 1 } }
    let digits = end - i
    guard digits > 0, digits <= 19, digits == 1 || p[i] != 0x30 else { return wholeDecimal(p, start, end) }
    var value: UInt64 = 0
    while i < end {
      let digit = p[i] &- 0x30
      if digit > 9 { return wholeDecimal(p, start, end) }
      value = value &* 10 &+ UInt64(digit)
      i += 1
    }
    if negative {
      return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil
    }
    return value < 1 << 63 ? Int64(truncatingIfNeeded: value) : nil
  }

  /// `12.0` or `1e3`, when that is asked for.
  @inline(never)
  private func wholeDecimal(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    guard lenient else { return nil }
    var number = NumberParser(decimal: 0x2E, lenient: true)
    guard let value = number.parse(p, start, end), value.magnitude <= 0x1p53, value.rounded() == value
    else { return nil }
    return Int64(value)
  }
}

private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
  1e19,
  1e20, 1e21, 1e22,
]

/// Finite decimal numbers, correctly rounded.
///
/// Up to 2⁵³ times a power of ten up to 10²² one exact operation gives the nearest double (Clinger, "How to
/// Read Floating Point Numbers Accurately", 1990); the rest takes the standard library's conversion.
struct NumberParser: CellParser {
  static let zero = 0.0
  /// The decimal mark's byte.
  var decimal: UInt8
  /// The byte that may stand between thousands; 0 for none.
  var thousands: UInt8 = 0
  /// Takes a plus sign, leading zeros and whole numbers beyond 64 bits.
  var lenient = false
  /// Added to the decimal exponent: -2 for percents.
  var shift = 0

  @inline(__always)
  mutating func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Double? {
    var i = start
    let negative = takeSign(p, &i, end, plus: lenient)
    let whole = i
    var mantissa: UInt64 = 0
    while i < end, p[i] &- 0x30 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(p[i] &- 0x30)
      i += 1
    }
    var digits = i - whole
    if !lenient, digits > 1, p[whole] == 0x30 { return nil }
    var exponent = shift
    var isWhole = true
    if i < end, p[i] == decimal {
      i += 1
      let fraction = i
      while i < end, p[i] &- 0x30 < 10 {
        mantissa = mantissa &* 10 &+ UInt64(p[i] &- 0x30)
        i += 1
      }
      exponent -= i - fraction
      digits += i - fraction
      isWhole = false
    }
    if digits == 0 { return nil }
    let mantissaEnd = i
    if i < end, p[i] | 0x20 == 0x65 {
      i += 1
      var minus = false
      if i < end, p[i] == 0x2D || p[i] == 0x2B {
        minus = p[i] == 0x2D
        i += 1
      }
      if i >= end { return nil }
      var power = 0
      while i < end, p[i] &- 0x30 < 10 {
        power = Swift.min(power * 10 + Int(p[i] &- 0x30), 100_000)
        i += 1
      }
      exponent += minus ? -power : power
      isWhole = false
    }
    if i != end { return thousands != 0 && p[i] == thousands ? grouped(p, start, end) : nil }
    if digits <= 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      let magnitude =
        exponent < 0
        ? Double(mantissa) / powersOfTen[0 &- exponent] : Double(mantissa) * powersOfTen[exponent]
      return negative ? -magnitude : magnitude
    }
    if isWhole, !lenient, digits > 19 || mantissa > (1 << 63) - (negative ? 0 : 1) { return nil }
    return slow(p, whole, mantissaEnd, exponent, negative)
  }

  /// A number with marks between its thousands, all of them: `1.234.567,50`, but not `1.23` nor `12.3456`.
  @inline(never)
  private func grouped(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Double? {
    var text: [UInt8] = []
    text.reserveCapacity(end - start + 8)
    var group = 0
    var groups = 0
    var i = start
    if p[i] == 0x2D {
      text.append(p[i])
      i += 1
    }
    while i < end, p[i] &- 0x30 < 10 || p[i] == thousands {
      if p[i] == thousands {
        guard groups == 0 ? (1...3).contains(group) : group == 3 else { return nil }
        groups += 1
        group = 0
      } else {
        text.append(p[i])
        group += 1
      }
      i += 1
    }
    guard group == 3 else { return nil }
    text.append(contentsOf: UnsafeBufferPointer(start: p + i, count: end - i))
    var plain = self
    plain.thousands = 0
    return text.withUnsafeBufferPointer { text in
      text.baseAddress.flatMap { plain.parse($0, 0, text.count) }
    }
  }

  /// The digits and the exponent by the standard library; infinite results are no numbers.
  @inline(never)
  private func slow(
    _ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ exponent: Int, _ negative: Bool
  ) -> Double? {
    var text: [UInt8] = []
    text.reserveCapacity(end - start + 8)
    for i in start..<end where p[i] &- 0x30 < 10 { text.append(p[i]) }
    text.append(0x65)
    text.append(contentsOf: String(exponent).utf8)
    guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
    return negative ? -value : value
  }
}

/// `95%` and `12.5 %`, as shares.
struct PercentParser: CellParser {
  static let zero = 0.0
  private var number: NumberParser
  /// Whether the sign may be missing; a bare number is then a share already.
  private let lenient: Bool

  init(decimal: UInt8, thousands: UInt8 = 0, lenient: Bool = false) {
    number = NumberParser(decimal: decimal, thousands: thousands, lenient: lenient, shift: -2)
    self.lenient = lenient
  }

  mutating func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Double? {
    var last = end - 1
    guard last >= start, p[last] == 0x25 else {
      guard lenient else { return nil }
      number.shift = 0
      defer { number.shift = -2 }
      return number.parse(p, start, end)
    }
    while last > start, p[last - 1] == 0x20 { last -= 1 }
    return number.parse(p, start, last)
  }
}

/// The two digits at a place, or a number above 99.
@inline(__always)
func twoDigits(_ p: UnsafePointer<UInt8>, _ i: Int) -> Int {
  let (a, b) = (p[i] &- 0x30, p[i + 1] &- 0x30)
  return a > 9 || b > 9 ? 1000 : Int(a) * 10 + Int(b)
}

/// `YYYY-MM-DD`, as days since 1970-01-01. Remembers the last month, since files are mostly in order of date.
struct DateParser: CellParser {
  static let zero: Int32 = 0
  /// The eight bytes of `YYYY-MM-`; at first some that no UTF-8 text holds.
  private var lastMonth: UInt64 = .max
  /// The day before that month's first, and its number of days.
  private var lastEnd: Int32 = 0
  private var lastLength = 0

  @inline(__always)
  mutating func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int32? {
    guard end - start == 10 else { return nil }
    return day(p, start)
  }

  /// The day written in the ten bytes at `start`.
  @inline(__always)
  mutating func day(_ p: UnsafePointer<UInt8>, _ start: Int) -> Int32? {
    let month = UnsafeRawPointer(p + start).loadUnaligned(as: UInt64.self)
    let day = twoDigits(p, start + 8)
    if month == lastMonth {
      return day >= 1 && day <= lastLength ? lastEnd &+ Int32(truncatingIfNeeded: day) : nil
    }
    return other(p, start, month, day)
  }

  /// A day of another month than the last.
  @inline(never)
  private mutating func other(_ p: UnsafePointer<UInt8>, _ start: Int, _ head: UInt64, _ day: Int) -> Int32? {
    guard p[start + 4] == 0x2D, p[start + 7] == 0x2D else { return nil }
    let (century, rest, month) = (twoDigits(p, start), twoDigits(p, start + 2), twoDigits(p, start + 5))
    let year = century * 100 + rest
    guard century < 100, rest < 100, let date = CivilDate(year: year, month: month, day: day) else {
      return nil
    }
    lastMonth = head
    lastEnd = date.day - Int32(day)
    lastLength = CivilDate.daysInMonth(year: year, month: month)
    return date.day
  }
}

/// `YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]][Z|±HH[:]MM]` or a bare date, as microseconds since the epoch (UTC when
/// no offset is given).
struct DatetimeParser: CellParser {
  static let zero: Int64 = 0
  private var date = DateParser()

  @inline(__always)
  mutating func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int64? {
    let length = end - start
    guard length >= 10, let day = date.day(p, start) else { return nil }
    let midnight = Int64(day) * 86_400_000_000
    if length == 10 { return midnight }
    guard length >= 16, p[start + 10] == 0x20 || p[start + 10] == 0x54, p[start + 13] == 0x3A else {
      return nil
    }
    let (hour, minute) = (twoDigits(p, start + 11), twoDigits(p, start + 14))
    guard hour < 24, minute < 60 else { return nil }
    let clock = midnight + Int64(hour * 3600 + minute * 60) * 1_000_000
    return length == 16 ? clock : rest(p, start + 16, end, clock)
  }

  /// Seconds, their fraction and the offset.
  private func rest(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ clock: Int64) -> Int64? {
    var i = start
    var micro = clock
    if p[i] == 0x3A {
      guard i + 3 <= end else { return nil }
      let seconds = twoDigits(p, i + 1)
      guard seconds < 61 else { return nil }
      micro += Int64(seconds) * 1_000_000
      i += 3
      if i < end, p[i] == 0x2E || p[i] == 0x2C {
        i += 1
        var scale: Int64 = 100_000
        let first = i
        while i < end, p[i] &- 0x30 < 10 {
          micro += Int64(p[i] &- 0x30) * scale
          scale /= 10
          i += 1
        }
        if i == first { return nil }
      }
    }
    if i == end { return micro }
    if p[i] == 0x5A { return i + 1 == end ? micro : nil }
    guard p[i] == 0x2B || p[i] == 0x2D, i + 3 <= end else { return nil }
    let hours = twoDigits(p, i + 1)
    var minutes = 0
    var k = i + 3
    if k < end, p[k] == 0x3A { k += 1 }
    if k < end {
      guard k + 2 == end else { return nil }
      minutes = twoDigits(p, k)
    }
    guard hours < 24, minutes < 60 else { return nil }
    let offset = Int64(hours * 3600 + minutes * 60) * 1_000_000
    return p[i] == 0x2B ? micro - offset : micro + offset
  }
}

/// Dates with slashes or hyphens, `31/12/2026` or `12-31-2026`, and with points, `31.12.2026`, where the day comes
/// first. Which of the two it is shows only over the column, so a
/// cell is kept as year, first and second number, packed; `day(of:)` unpacks.
struct SlashDateParser: CellParser {
  static let zero: Int32 = 0
  /// Whether all cells so far can be day/month/year.
  var canBeDayFirst = true
  /// Whether all cells so far can be month/day/year.
  var canBeMonthFirst = true
  /// Whether the two readings differ for a cell so far.
  var differs = false

  /// Takes `YYYY-MM-DD` as well (only with an order that the user told).
  var takesISO = false
  private var iso = DateParser()

  /// A parser that has seen nothing; an order that the user told leaves no doubt.
  init(order: DateOrder? = nil) {
    if let order {
      canBeDayFirst = order == .dayFirst
      canBeMonthFirst = order == .monthFirst
    }
  }

  mutating func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int32? {
    if takesISO, end - start == 10, let day = iso.day(p, start) {
      let (year, month, day) = CivilDate(day: day).components
      return Int32(canBeDayFirst ? year << 10 | day << 5 | month : year << 10 | month << 5 | day)
    }
    var parts = (0, 0, 0)
    var part = 0
    var digits = 0
    var mark: UInt8 = 0
    for i in start..<end {
      if p[i] == 0x2F || p[i] == 0x2E || p[i] == 0x2D {
        guard part < 2, digits == 1 || digits == 2, mark == 0 || mark == p[i] else { return nil }
        mark = p[i]
        part += 1
        digits = 0
        continue
      }
      let digit = Int(p[i] &- 0x30)
      guard digit < 10, digits < 4 else { return nil }
      digits += 1
      switch part {
      case 0: parts.0 = parts.0 * 10 + digit
      case 1: parts.1 = parts.1 * 10 + digit
      default: parts.2 = parts.2 * 10 + digit
      }
    }
    guard part == 2, digits == 4, parts.0 < 100, parts.1 < 100 else { return nil }
    let dayFirst = canBeDayFirst && CivilDate(year: parts.2, month: parts.1, day: parts.0) != nil
    let monthFirst =
      canBeMonthFirst && mark != 0x2E && CivilDate(year: parts.2, month: parts.0, day: parts.1) != nil
    guard dayFirst || monthFirst else { return nil }
    (canBeDayFirst, canBeMonthFirst) = (dayFirst, monthFirst)
    if parts.0 != parts.1 { differs = true }
    return Int32(parts.2 << 10 | parts.0 << 5 | parts.1)
  }

  /// The day of a packed cell under an order.
  static func day(of packed: Int32, _ order: DateOrder) -> Int32 {
    let (year, first, second) = (Int(packed >> 10), Int(packed >> 5 & 31), Int(packed & 31))
    let date =
      order == .dayFirst
      ? CivilDate(year: year, month: second, day: first) : CivilDate(year: year, month: first, day: second)
    return date?.day ?? 0
  }
}

/// `2026`, `2026-Q1`, `2026-03`, `2026-W05` or a date, as the first day of the period of one unit.
struct PeriodParser: CellParser {
  static let zero: Int32 = 0
  let unit: PeriodUnit?

  func parse(_ p: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int32? {
    let text = String(decoding: UnsafeBufferPointer(start: p + start, count: end - start), as: UTF8.self)
    if text.utf8.count == 4, let year = Int(text), let date = CivilDate(year: year, month: 1, day: 1) {
      return unit == .year || unit == nil ? date.day : nil
    }
    if let date = CivilDate(iso: text) { return Period(unit ?? .day, containing: date).start.day }
    guard let period = Period(iso: text), unit == nil || unit == period.unit else { return nil }
    return period.start.day
  }
}
