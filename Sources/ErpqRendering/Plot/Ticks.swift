import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A labelled place on an axis.
struct Tick: Hashable {
  /// In the axis' own numbers.
  var value: Double
  var label: String
  /// What holds for this label and those after it (the year of a month), where it begins to hold.
  var context: String = ""
}

/// The range of a numeric axis and its ticks, at steps of 1, 2 or 5 times a power of ten.
struct NumberAxis {
  var low: Double
  var high: Double
  var ticks: [Tick]

  /// An axis over the data from `low` to `high`, with at most about `count` ticks. When `isExact`, the axis
  /// ends where the data do; else at a tick.
  init(low: Double, high: Double, count: Int, unit: AxisUnit, isExact: Bool = false) {
    var (low, high) = (min(low, high), max(low, high))
    if !low.isFinite || !high.isFinite { (low, high) = (0, 1) }
    let size = max(low.magnitude, high.magnitude)
    if high - low <= size * 1e-12 || high - low < 1e-290 {
      // A constant stands in the middle of a range of its own size.
      let pad = size < 1e-290 ? 1 : size * 0.5
      if low >= 0, low < 1e-290 { (low, high) = (0, 1) } else { (low, high) = (low - pad, high + pad) }
    }
    let step = NumberAxis.step(range: high - low, count: max(1, count))
    let first = (low / step + (isExact ? -1e-9 : 1e-9)).rounded(isExact ? .up : .down)
    let last = (high / step + (isExact ? 1e-9 : -1e-9)).rounded(isExact ? .down : .up)
    self.low = isExact ? low : first * step
    self.high = isExact ? high : last * step
    let n = Int(max(0, min(200, last - first)))
    // A tick is a whole multiple of the step, so that 0.3 is not 0.30000000000000004.
    let values = (0...n).map { (first + Double($0)) * step }.map { $0.magnitude < step * 1e-6 ? 0 : $0 }
    let labels = NumberAxis.labels(values, step: step, unit: unit)
    ticks = zip(values, labels).map { Tick(value: $0, label: $1) }
    // A little below zero does not cost a whole step of empty ground.
    let isSliver = low < 0 && high > -4 * low && low - self.low > step * 0.4
    if isSliver, !isExact { self.low = low }
    if isExact || isSliver {
      let (low, high) = (self.low, self.high)
      ticks.removeAll { $0.value < low - step * 1e-6 || $0.value > high + step * 1e-6 }
    }
  }

  /// The smallest step of 1, 2, 5 × 10ⁿ that makes at most `count` steps.
  static func step(range: Double, count: Int) -> Double {
    let raw = range / Double(count)
    guard raw.isFinite, raw > 0 else { return 1 }
    let power = pow(10, log10(raw).rounded(.down))
    guard power > 0, power.isFinite else { return raw }
    for factor in [1.0, 2, 5] where raw <= factor * power * (1 + 1e-9) { return factor * power }
    return 10 * power
  }

  /// Labels of numbers that lie `step` apart, all with the same suffix and decimals.
  static func labels(_ values: [Double], step: Double, unit: AxisUnit) -> [String] {
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    let suffix = unit.touches ? unit.label : ""
    if largest >= 1e15 || (largest > 0 && largest < 1e-6) {
      return values.map { NumberText.scientific($0) + suffix }
    }
    let scale = unit.isGrouped || largest >= 1e6 ? scale(for: largest) : (1, "")
    let decimals = max(0, min(6, -Int((log10(step / scale.0) + 1e-9).rounded(.down))))
    return values.map { value in
      value == 0
        ? "0" + suffix
        : NumberText.fixed(value / scale.0, decimals: decimals, grouped: unit.isGrouped) + scale.1 + suffix
    }
  }

  /// The divisor and letter under which numbers of that size are short: from 10,000 thousands, and so on.
  static func scale(for largest: Double) -> (Double, String) {
    // Beyond, numbers are written with a power of ten.
    if largest >= 1e15 { return (1, "") }
    if largest >= 1e12 { return (1e12, "T") }
    if largest >= 1e9 { return (1e9, "B") }
    if largest >= 1e6 { return (1e6, "M") }
    return largest >= 1e4 ? (1e3, "k") : (1, "")
  }
}

/// The place of a value between two ends, in 0…1; 0 where they are too close to tell apart.
func fraction(_ value: Double, from low: Double, to high: Double) -> Double {
  let range = high / 2 - low / 2
  guard range > 0, range.isFinite else { return 0 }
  let share = (value / 2 - low / 2) / range
  return share.isNaN ? 0 : max(0, min(1, share))
}

/// Ticks along a time axis, in days since 1970-01-01.
enum TimeTicks {
  private enum Step {
    case minutes(Int)
    case days(Int)
    case months(Int)

    var length: Double {
      switch self {
      case .minutes(let n): Double(n) / 1440
      case .days(let n): Double(n)
      case .months(let n): Double(n) * 30.44
      }
    }
  }

  private static let steps: [Step] = [
    .minutes(1), .minutes(5), .minutes(15), .minutes(30), .minutes(60), .minutes(180), .minutes(360),
    .minutes(720),
    .days(1), .days(2), .days(7), .days(14), .months(1), .months(2), .months(3), .months(6), .months(12),
    .months(24), .months(60), .months(120), .months(240), .months(600), .months(1200), .months(2400),
    .months(6000),
    .months(12_000),
  ]

  /// The finest calendar steps whose labels do not touch on an axis of `extent`, in the units of `measure`.
  static func ticks(
    low: Double, high: Double, extent: Double, finest: PeriodUnit, hasClock: Bool, most: Int,
    gap: Double, measure: (String) -> Double
  ) -> [Tick] {
    guard high > low else { return [point(low, hasClock: hasClock)] }
    let least: Double = hasClock ? 0 : [.day: 1, .week: 7, .month: 30, .quarter: 90, .year: 365][finest] ?? 1
    for step in steps where step.length >= least && (high - low) / step.length <= Double(most) {
      let ticks = make(step, low, high)
      guard ticks.count >= 2 else { break }
      var edge = -Double.infinity
      let fits = ticks.allSatisfy { tick in
        let center = (tick.value - low) / (high - low) * extent
        let half = measure(tick.label) / 2
        defer { edge = center + half }
        return center - half >= edge + gap
      }
      if fits { return ticks }
    }
    // Less than two steps of any calendar unit: the ends, as far as they have room.
    let ends = [point(low, hasClock: hasClock), point(high, hasClock: hasClock)]
    let room = ends.reduce(gap) { $0 + measure($1.label) }
    return room <= extent ? ends : [ends[0]]
  }

  private static func point(_ day: Double, hasClock: Bool) -> Tick {
    let date = date(day)
    guard hasClock else { return Tick(value: day, label: date.description) }
    let minutes = Int(((day - day.rounded(.down)) * 1440).rounded(.down))
    return Tick(value: day, label: "\(date) \(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))")
  }

  private static func date(_ day: Double) -> CivilDate {
    CivilDate(day: Int32(clamping: Int64(max(-3e9, min(3e9, day)).rounded(.down))))
  }

  static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func make(_ step: Step, _ low: Double, _ high: Double) -> [Tick] {
    var ticks: [Tick] = []
    var context = ""
    func add(_ value: Double, _ label: String, _ holds: String) {
      guard value >= low - 1e-9, value <= high + 1e-9, ticks.count < 400 else { return }
      ticks.append(Tick(value: value, label: label, context: holds == context ? "" : holds))
      context = holds
    }
    switch step {
    case .minutes(let n):
      let size = Double(n) / 1440
      var k = (low / size).rounded(.up)
      while k * size <= high + 1e-9, ticks.count < 400 {
        let minute = Int((k * Double(n)).rounded())
        let day = Int((Double(minute) / 1440).rounded(.down))
        let m = minute - day * 1440
        let (y, mo, d) = date(Double(day)).components
        add(k * size, "\(padded(m / 60, 2)):\(padded(m % 60, 2))", "\(d) \(months[mo - 1]) \(y)")
        k += 1
      }
    case .days(let n):
      var day = low.rounded(.up)
      // Weeks begin on Mondays; 1970-01-05 was one.
      let phase = n % 7 == 0 ? 4.0 : 0
      let over = (day - phase) - ((day - phase) / Double(n)).rounded(.down) * Double(n)
      if over > 0 { day += Double(n) - over }
      while day <= high + 1e-9, ticks.count < 400 {
        let (y, m, d) = date(day).components
        add(day, "\(d) \(months[m - 1])", String(y))
        day += Double(n)
      }
    case .months(let n):
      let start = date(low).components
      var index = start.year * 12 + start.month - 1
      let over = ((index % n) + n) % n
      if over > 0 { index += n - over }
      while ticks.count < 400 {
        let year = index >= 0 ? index / 12 : (index - 11) / 12
        let month = index - year * 12
        // The calendar's own range ends the axis.
        guard let first = CivilDate(year: year, month: month + 1, day: 1), Double(first.day) <= high + 1e-9
        else {
          break
        }
        if n >= 12 {
          add(Double(first.day), String(year), "")
        } else if n == 3 {
          add(Double(first.day), "Q\(month / 3 + 1)", String(year))
        } else {
          add(Double(first.day), months[month], String(year))
        }
        index += n
      }
    }
    return ticks
  }
}
