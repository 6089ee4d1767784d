/// What may come, told by some quantiles: a forecast as a value.
///
/// Between two quantiles, and beyond the outermost, the distribution is a piece of a normal one through the two
/// nearest; a normal distribution is therefore kept exactly. It does not fall below zero unless one of its
/// quantiles does.
public struct PredictiveDistribution: Hashable, Sendable {
  /// The expected value.
  public let mean: Double
  /// Probabilities of the quantiles, ascending, between 0 and 1; at least one.
  public let probabilities: [Double]
  /// The quantiles, as many, never descending.
  public let values: [Double]
  /// The normal scores of the probabilities.
  private let scores: [Double]

  /// From quantiles of ascending probabilities; what is no number or no probability is left out, and a quantile
  /// below the one before it becomes that one. Without any it is always the mean.
  public init(mean: Double, probabilities: [Double], values: [Double]) {
    var p: [Double] = []
    var x: [Double] = []
    for (probability, value) in zip(probabilities, values)
    where probability > (p.last ?? 0) && probability < 1 && value.isFinite {
      p.append(probability)
      x.append(Swift.max(value, x.last ?? value))
    }
    let center = mean.isFinite ? mean : x.isEmpty ? 0 : x[x.count / 2]
    self.mean = center
    self.probabilities = p.isEmpty ? [0.5] : p
    self.values = x.isEmpty ? [center] : x
    scores = self.probabilities.map(Normal.quantile)
  }

  /// A normal distribution; always the mean without a positive deviation.
  public init(mean: Double, deviation: Double) {
    let p = [0.025, 0.1, 0.5, 0.9, 0.975]
    let spread = deviation.isFinite ? Swift.max(0, deviation) : 0
    self.init(mean: mean, probabilities: p, values: p.map { mean + spread * Normal.quantile($0) })
  }

  private var floor: Double { values[0] < 0 ? -.infinity : 0 }

  /// The value that is not passed with probability `p`; nil outside 0…1. Infinite, or 0, at the ends.
  public func quantile(_ p: Double) -> Double? {
    guard p >= 0, p <= 1 else { return nil }
    let last = values.count - 1
    if last == 0 || values[0] == values[last] { return values[0] }
    let z = Normal.quantile(p)
    let i = piece(scores, z)
    let slope = (values[i + 1] - values[i]) / (scores[i + 1] - scores[i])
    if slope == 0 { return values[i] }
    return Swift.max(floor, values[i] + slope * (z - scores[i]))
  }

  /// The probability of at most `x`.
  public func cumulative(_ x: Double) -> Double {
    guard x >= floor else { return 0 }
    let last = values.count - 1
    if last == 0 || values[0] == values[last] { return x >= values[0] ? 1 : 0 }
    // Of equal quantiles the last counts.
    if x >= values[last] {
      let slope = (values[last] - values[last - 1]) / (scores[last] - scores[last - 1])
      return slope == 0 ? 1 : Normal.cumulative(scores[last] + (x - values[last]) / slope)
    }
    var i = 0
    while i < last - 1, values[i + 1] <= x { i += 1 }
    let slope = (values[i + 1] - values[i]) / (scores[i + 1] - scores[i])
    if slope == 0 { return x < values[i] ? 0 : probabilities[i + 1] }
    return Normal.cumulative(scores[i] + (x - values[i]) / slope)
  }

  /// The standard deviation: the quantile function squared about its own mean, over 400 equal slices.
  public var deviation: Double {
    let slices = 400
    var sum = 0.0
    var squares = 0.0
    let base = values[values.count / 2]
    for k in 0..<slices {
      let x = (quantile((Double(k) + 0.5) / Double(slices)) ?? base) - base
      sum += x
      squares += x * x
    }
    let n = Double(slices)
    return Swift.max(0, squares / n - sum / n * (sum / n)).squareRoot()
  }

  /// A draw; the same state of the generator gives the same value.
  public func draw(_ random: inout SeededRandom) -> Double {
    quantile(Swift.max(1e-12, Swift.min(1 - 1e-12, random.uniform()))) ?? mean
  }

  /// Probabilities of equal intervals of the values from the 1 % to the 99 % quantile, as a picture shows them.
  public func profile(_ count: Int) -> [Double] {
    let low = quantile(0.01) ?? mean
    let high = quantile(0.99) ?? mean
    guard high > low, count > 0 else { return [1] }
    let width = (high - low) / Double(count)
    return (0..<count).map {
      cumulative(low + Double($0 + 1) * width) - cumulative(low + Double($0) * width)
    }
  }

  private func piece(_ list: [Double], _ x: Double) -> Int {
    var i = 0
    while i < list.count - 2, list[i + 1] <= x { i += 1 }
    return i
  }
}
