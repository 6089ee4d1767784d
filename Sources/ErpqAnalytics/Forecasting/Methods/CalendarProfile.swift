/// A smoothed level times what the calendar makes of a step, told from the series alone.
enum CalendarProfile {
  /// Weeks of history that the profile of a week is told from.
  private static let weeks = 104
  /// Effective events that an even profile counts for.
  private static let prior = 5.0

  /// The place in the period: mean demand there over mean demand, drawn towards 1 as far as the record is
  /// thin (an empirical Bayes estimate with a gamma prior).
  static func season(_ y: UnsafeBufferPointer<Double>, period m: Int) -> [Double] {
    var index = [Double](repeating: 1, count: m)
    let first = Swift.max(y.firstIndex { $0 != 0 } ?? y.count, y.count - weeks * m)
    guard m > 1, y.count - first >= 2 * m else { return index }
    let moments = Statistics.moments(UnsafeBufferPointer(rebasing: y[first...]), .population)
    guard moments.mean > 0 else { return index }
    let unit =
      moments.mean / Swift.max(moments.deviation * moments.deviation, 1e-3 * moments.mean * moments.mean)
    var demand = [Double](repeating: 0, count: m)
    var count = [Double](repeating: 0, count: m)
    for t in first..<y.count {
      demand[t % m] += y[t]
      count[t % m] += moments.mean
    }
    for k in 0..<m {
      index[k] = Swift.max(0, demand[k] * unit + prior) / (count[k] * unit + prior)
    }
    let mean = Statistics.mean(index)
    return index.map { $0 / mean }
  }

  /// Level × profile of the short season.
  static func path(
    _ y: UnsafeBufferPointer<Double>, period: Int, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    let m = Swift.max(1, period)
    let index = season(y, period: m)
    var demand = 0.0
    var exposure = 0.0
    for t in y.indices {
      demand = (1 - alpha) * demand + y[t]
      exposure = (1 - alpha) * exposure + index[t % m]
    }
    let level = exposure > 1e-12 ? Swift.max(0, demand / exposure) : 0
    for h in 0..<out.count { out[h] = level * index[(y.count + h) % m] }
    return .profile
  }

  private static let alpha = 0.05

  /// Level × shape of the same steps in earlier years.
  static func annualPath(
    _ y: UnsafeBufferPointer<Double>, frequency: SeriesFrequency,
    into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    let shape = AnnualShape(frequency)
    guard y.count > shape.year + 8 else { return SimpleSmoothing.path(y, alpha: 0.1, into: out) }
    let even = [Double](repeating: 1, count: y.count)
    var level = [0.0]
    let moments = Statistics.moments(y, .population)
    let unit =
      moments.mean / Swift.max(moments.deviation * moments.deviation, 1e-12) * Double(2 * shape.reach + 1)
    level.withUnsafeMutableBufferPointer { level in
      even.withUnsafeBufferPointer { even in
        [Int32(y.count)].withUnsafeBufferPointer {
          shape.sums(y, even, origins: $0, horizon: out.count, smooth: true, demand: out, level: level)
        }
      }
    }
    let now = SimpleSmoothing.level(y, alpha: 0.1)
    for h in 0..<out.count {
      out[h] = Swift.max(0, now * (out[h] * unit + prior) / (level[0] * unit + prior))
    }
    return .profile
  }
}
