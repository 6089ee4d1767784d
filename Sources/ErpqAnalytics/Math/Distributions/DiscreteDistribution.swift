/// A distribution over finitely many values.
public struct DiscreteDistribution: Hashable, Sendable {
  /// The values, ascending, each once.
  public let values: [Double]
  /// Their probabilities, adding up to 1.
  public let probabilities: [Double]
  private let running: [Double]
  /// Whether all values are whole.
  public let isWhole: Bool

  /// Values with weights (nil: equal ones); equal values are added up, weights brought to a sum of 1. Values
  /// that are no numbers and weights that are not positive are left out; without any it is always 0.
  public init(values: [Double], weights: [Double]?) {
    var pairs: [(Double, Double)] = []
    for (i, value) in values.enumerated() where value.isFinite {
      let weight = weights.map { i < $0.count ? $0[i] : 0 } ?? 1
      if weight > 0, weight.isFinite { pairs.append((value, weight)) }
    }
    pairs.sort { $0.0 < $1.0 }
    self.init(ascending: pairs)
  }

  /// Ascending values with weights.
  private init(ascending pairs: [(Double, Double)]) {
    var values: [Double] = []
    var weights: [Double] = []
    var total = 0.0
    for (value, weight) in pairs {
      total += weight
      if values.last == value {
        weights[weights.count - 1] += weight
      } else {
        values.append(value)
        weights.append(weight)
      }
    }
    if values.isEmpty { (values, weights, total) = ([0], [1], 1) }
    self.values = values
    probabilities = weights.map { $0 / total }
    var sum = 0.0
    running = probabilities.map {
      sum += $0
      return sum
    }
    isWhole = values.allSatisfy { $0 == $0.rounded() }
  }

  /// The expected value.
  public var mean: Double {
    var sum = 0.0
    for i in values.indices { sum += values[i] * probabilities[i] }
    return sum
  }

  /// The variance.
  public var variance: Double {
    let center = mean
    var sum = 0.0
    for i in values.indices { sum += (values[i] - center) * (values[i] - center) * probabilities[i] }
    return sum
  }

  /// How many values are at most x.
  private func count(upTo x: Double) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let mid = (low + high) / 2
      if values[mid] <= x { low = mid + 1 } else { high = mid }
    }
    return low
  }

  /// P(X ≤ x).
  public func cumulative(_ x: Double) -> Double {
    let n = count(upTo: x)
    return n == 0 ? 0 : n == values.count ? 1 : running[n - 1]
  }

  /// The smallest value with P(X ≤ value) ≥ p, within 1e-12.
  public func quantile(_ p: Double) -> Double {
    var low = 0
    var high = values.count - 1
    while low < high {
      let mid = (low + high) / 2
      if running[mid] >= p - 1e-12 { high = mid } else { low = mid + 1 }
    }
    return values[low]
  }

  /// E[(X − x)⁺].
  public func loss(_ x: Double) -> Double {
    var sum = 0.0
    for i in count(upTo: x)..<values.count { sum += (values[i] - x) * probabilities[i] }
    return sum
  }

  /// The largest number of values that a sum or a maximum keeps; neighbouring ones are put together beyond
  /// it.
  static let largestSize = 4096

  /// The sum of two independent ones.
  public func plus(_ other: DiscreteDistribution) -> DiscreteDistribution {
    if isWhole, other.isWhole, let a = values.first, let b = other.values.first, let az = values.last,
      let bz = other.values.last, az - a + bz - b < 200_000
    {
      // On whole numbers a plain array of sums.
      var sums = [Double](repeating: 0, count: Int(az - a + bz - b) + 1)
      for (i, x) in values.enumerated() {
        let offset = Int(x - a)
        for (j, y) in other.values.enumerated() {
          sums[offset + Int(y - b)] += probabilities[i] * other.probabilities[j]
        }
      }
      var pairs: [(Double, Double)] = []
      for (i, weight) in sums.enumerated() where weight > 1e-18 { pairs.append((a + b + Double(i), weight)) }
      return DiscreteDistribution(ascending: pairs)
    }
    var pairs: [(Double, Double)] = []
    pairs.reserveCapacity(values.count * other.values.count)
    for (i, x) in values.enumerated() {
      for (j, y) in other.values.enumerated() {
        pairs.append((x + y, probabilities[i] * other.probabilities[j]))
      }
    }
    pairs.sort { $0.0 < $1.0 }
    return DiscreteDistribution(ascending: DiscreteDistribution.thinned(pairs))
  }

  /// Neighbouring values put together, at their weighted mean, so that at most `largestSize` remain.
  private static func thinned(_ pairs: [(Double, Double)]) -> [(Double, Double)] {
    guard pairs.count > largestSize, let low = pairs.first?.0, let high = pairs.last?.0, high > low else {
      return pairs
    }
    let width = (high - low) / Double(largestSize)
    var out: [(Double, Double)] = []
    var bin = -1
    var (moment, weight) = (0.0, 0.0)
    for (value, w) in pairs {
      let b = Swift.min(largestSize - 1, Int((value - low) / width))
      if b != bin {
        if weight > 0 { out.append((moment / weight, weight)) }
        (bin, moment, weight) = (b, 0, 0)
      }
      moment += value * w
      weight += w
    }
    if weight > 0 { out.append((moment / weight, weight)) }
    return out
  }

  /// The sum of `count` independent ones, by squaring.
  public func times(_ count: Int) -> DiscreteDistribution {
    var result = DiscreteDistribution(values: [0], weights: nil)
    var power = self
    var n = Swift.max(0, count)
    while n > 0 {
      if n & 1 == 1 { result = result.plus(power) }
      n >>= 1
      if n > 0 { power = power.plus(power) }
    }
    return result
  }

  /// The larger of two independent ones.
  public func maximum(_ other: DiscreteDistribution) -> DiscreteDistribution {
    let all = Set(values).union(other.values).sorted()
    var pairs: [(Double, Double)] = []
    var before = 0.0
    for value in all {
      let now = cumulative(value) * other.cumulative(value)
      if now > before { pairs.append((value, now - before)) }
      before = now
    }
    return DiscreteDistribution(ascending: pairs)
  }
}
