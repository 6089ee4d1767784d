import ErpqBase

/// A season as factors or summands of the places in a period.
struct Season: Hashable, Sendable {
  /// A value a place; empty for no season.
  var index: [Double]
  /// Whether it multiplies.
  var isMultiplicative: Bool

  /// No season.
  static let none = Season(index: [], isMultiplicative: false)

  /// The value without the season.
  func removed(_ x: Double, at t: Int) -> Double {
    guard !index.isEmpty else { return x }
    return isMultiplicative ? x / index[t % index.count] : x - index[t % index.count]
  }

  /// The value with the season.
  func added(_ x: Double, at t: Int) -> Double {
    guard !index.isEmpty else { return x }
    return isMultiplicative ? x * index[t % index.count] : x + index[t % index.count]
  }
}

/// Classical decomposition by a centred moving average.
enum Decomposition {
  /// The season of a history, if its autocorrelation at the period is beyond chance at 5 %: multiplicative for
  /// positive values, else additive.
  static func testedSeason(_ y: UnsafeBufferPointer<Double>, period m: Int) -> Season {
    guard m >= 4, y.count >= 2 * m, isSeasonal(y, period: m) else { return .none }
    var positive = true
    for v in y where v <= 0 { positive = false }
    if positive {
      let season = season(y, period: m, isMultiplicative: true)
      if season.index.allSatisfy({ $0 >= 0.01 }) { return season }
    }
    return season(y, period: m, isMultiplicative: false)
  }

  /// Whether |r(m)| exceeds its normal bound, given the shorter autocorrelations.
  static func isSeasonal(_ y: UnsafeBufferPointer<Double>, period m: Int) -> Bool {
    let n = y.count
    guard m >= 2, n > m else { return false }
    let mean = Statistics.mean(y)
    var zero = 0.0
    for v in y { zero += (v - mean) * (v - mean) }
    guard zero > 0 else { return false }
    var sum = 0.0
    var last = 0.0
    for k in 1...m {
      var r = 0.0
      for t in k..<n { r += (y[t] - mean) * (y[t - k] - mean) }
      r /= zero
      if k < m { sum += r * r } else { last = r }
    }
    return last.magnitude / ((1 + 2 * sum) / Double(n)).squareRoot() > Normal.quantile(0.95)
  }

  /// The mean of values over (or less) their centred moving average, a place of the period, 1 (or 0) on
  /// average.
  static func season(
    _ y: UnsafeBufferPointer<Double>, period m: Int, isMultiplicative: Bool
  ) -> Season {
    let n = y.count
    var sums = [Double](repeating: 0, count: m)
    var counts = [Double](repeating: 0, count: m)
    let half = m / 2
    guard n > 2 * half else { return .none }
    for t in half..<(n - half) {
      var average = 0.0
      if m % 2 == 1 {
        for k in t - half...t + half { average += y[k] }
      } else {
        average = 0.5 * (y[t - half] + y[t + half])
        for k in t - half + 1..<t + half { average += y[k] }
      }
      average /= Double(m)
      if isMultiplicative, average == 0 { continue }
      sums[t % m] += isMultiplicative ? y[t] / average : y[t] - average
      counts[t % m] += 1
    }
    var index = (0..<m).map { counts[$0] > 0 ? sums[$0] / counts[$0] : (isMultiplicative ? 1 : 0) }
    let mean = Statistics.mean(index)
    for k in index.indices { index[k] = isMultiplicative && mean != 0 ? index[k] / mean : index[k] - mean }
    return Season(index: index, isMultiplicative: isMultiplicative)
  }
}
