#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ErpqBase

/// A random quantity: demand of a day, of a lead time, a lead time itself.
///
/// Counts (Poisson, negative binomial) take whole values; a `discrete` distribution takes its listed values;
/// the others are continuous. Parameters are taken as they come: the factories below check them.
public enum Distribution: Hashable, Sendable {
  /// Always this value.
  case constant(Double)
  case normal(mean: Double, deviation: Double)
  case gamma(shape: Double, scale: Double)
  /// The logarithm is normal.
  case lognormal(logMean: Double, logDeviation: Double)
  case poisson(mean: Double)
  /// Failures before `successes` successes of probability `p`; `successes` need not be whole.
  case negativeBinomial(successes: Double, probability: Double)
  indirect case discrete(DiscreteDistribution)
  /// One of the parts, each with its weight; weights add up to 1.
  case mixture([WeightedDistribution])
  /// scale · X + shift, with a positive scale.
  indirect case affine(Distribution, scale: Double, shift: Double)

  // MARK: Made from moments

  /// The gamma distribution of a mean and a deviation, both positive: shape μ²/σ², scale σ²/μ.
  public static func gamma(mean: Double, deviation: Double) -> Distribution {
    guard mean > 0, deviation > 0 else { return .constant(mean) }
    let variance = deviation * deviation
    return .gamma(shape: mean * mean / variance, scale: variance / mean)
  }

  /// The negative binomial of a mean and a larger variance: p = μ/σ², r = μ²/(σ² − μ). Poisson where the
  /// variance is not larger.
  public static func negativeBinomial(mean: Double, variance: Double) -> Distribution {
    guard mean > 0 else { return .constant(0) }
    guard variance > mean * (1 + 1e-12) else { return .poisson(mean: mean) }
    return .negativeBinomial(successes: mean * mean / (variance - mean), probability: mean / variance)
  }

  /// The distribution that suits demand with these moments: Poisson where the variance is the mean within a
  /// tenth, negative binomial where it is larger and the mean is below 20, gamma above that, normal where the
  /// variance is smaller (Axsäter, *Inventory Control* 3e, ch. 5).
  public static func fitting(mean: Double, deviation: Double, wholeUnits: Bool = true) -> Distribution {
    guard mean > 0, mean.isFinite else { return .constant(0) }
    guard deviation > 0, deviation.isFinite else { return .constant(mean) }
    let ratio = deviation * deviation / mean
    if !wholeUnits {
      return deviation < mean / 2
        ? normal(mean: mean, deviation: deviation) : gamma(mean: mean, deviation: deviation)
    }
    if ratio < 0.9 { return .normal(mean: mean, deviation: deviation) }
    if ratio <= 1.1 { return mean < 1000 ? .poisson(mean: mean) : .normal(mean: mean, deviation: deviation) }
    if mean < 20 { return negativeBinomial(mean: mean, variance: deviation * deviation) }
    return deviation < mean / 4
      ? .normal(mean: mean, deviation: deviation) : gamma(mean: mean, deviation: deviation)
  }

  /// The observed values, equally likely.
  public static func empirical(_ values: [Double]) -> Distribution {
    .discrete(DiscreteDistribution(values: values, weights: nil))
  }

  /// The name as the outputs show it.
  public var name: String {
    switch self {
    case .constant: "constant"
    case .normal: "normal"
    case .gamma: "gamma"
    case .lognormal: "lognormal"
    case .poisson: "poisson"
    case .negativeBinomial: "negative_binomial"
    case .discrete: "empirical"
    case .mixture: "mixture"
    case .affine(let base, _, _): base.name
    }
  }

  // MARK: Moments

  /// The expected value.
  public var mean: Double {
    switch self {
    case .constant(let value): value
    case .normal(let mean, _): mean
    case .gamma(let shape, let scale): shape * scale
    case .lognormal(let m, let s): exp(m + s * s / 2)
    case .poisson(let mean): mean
    case .negativeBinomial(let r, let p): r * (1 - p) / p
    case .discrete(let d): d.mean
    case .mixture(let parts): parts.reduce(0) { $0 + $1.weight * $1.part.mean }
    case .affine(let base, let scale, let shift): scale * base.mean + shift
    }
  }

  /// The variance.
  public var variance: Double {
    switch self {
    case .constant: return 0
    case .normal(_, let deviation): return deviation * deviation
    case .gamma(let shape, let scale): return shape * scale * scale
    case .lognormal(let m, let s): return (exp(s * s) - 1) * exp(2 * m + s * s)
    case .poisson(let mean): return mean
    case .negativeBinomial(let r, let p): return r * (1 - p) / (p * p)
    case .discrete(let d): return d.variance
    case .mixture(let parts):
      let center = mean
      return parts.reduce(0) {
        let off = $1.part.mean - center
        return $0 + $1.weight * ($1.part.variance + off * off)
      }
    case .affine(let base, let scale, _): return scale * scale * base.variance
    }
  }

  /// The standard deviation.
  public var deviation: Double { variance.squareRoot() }

  /// Whether it takes whole values only.
  public var isCount: Bool {
    switch self {
    case .poisson, .negativeBinomial: true
    case .constant(let value): value == value.rounded()
    case .discrete(let d): d.isWhole
    case .mixture(let parts): parts.allSatisfy(\.part.isCount)
    case .normal, .gamma, .lognormal: false
    case .affine(let base, let scale, let shift):
      base.isCount && scale == scale.rounded() && shift == shift.rounded()
    }
  }

  // MARK: Probabilities

  /// P(X ≤ x).
  public func cumulative(_ x: Double) -> Double {
    if x.isNaN { return .nan }
    switch self {
    case .constant(let value): return x >= value ? 1 : 0
    case .normal(let mean, let deviation):
      return deviation > 0 ? Normal.cumulative((x - mean) / deviation) : (x >= mean ? 1 : 0)
    case .gamma(let shape, let scale): return IncompleteGamma.lower(shape, x / scale)
    case .lognormal(let m, let s): return x > 0 ? Normal.cumulative((log(x) - m) / s) : 0
    case .poisson(let mean):
      guard x >= 0 else { return 0 }
      return mean > 0 ? IncompleteGamma.upper(x.rounded(.down) + 1, mean) : 1
    case .negativeBinomial(let r, let p):
      guard x >= 0 else { return 0 }
      return IncompleteBeta.lower(p, r, x.rounded(.down) + 1)
    case .discrete(let d): return d.cumulative(x)
    case .mixture(let parts): return parts.reduce(0) { $0 + $1.weight * $1.part.cumulative(x) }
    case .affine(let base, let scale, let shift): return base.cumulative((x - shift) / scale)
    }
  }

  /// P(X > x), accurate in the upper tail.
  public func survival(_ x: Double) -> Double {
    if x.isNaN { return .nan }
    switch self {
    case .constant, .discrete: return 1 - cumulative(x)
    case .normal(let mean, let deviation):
      return deviation > 0 ? Normal.survival((x - mean) / deviation) : (x >= mean ? 0 : 1)
    case .gamma(let shape, let scale): return IncompleteGamma.upper(shape, x / scale)
    case .lognormal(let m, let s): return x > 0 ? Normal.survival((log(x) - m) / s) : 1
    case .poisson(let mean):
      guard x >= 0 else { return 1 }
      return mean > 0 ? IncompleteGamma.lower(x.rounded(.down) + 1, mean) : 0
    case .negativeBinomial(let r, let p):
      guard x >= 0 else { return 1 }
      return IncompleteBeta.lower(1 - p, x.rounded(.down) + 1, r)
    case .mixture(let parts): return parts.reduce(0) { $0 + $1.weight * $1.part.survival(x) }
    case .affine(let base, let scale, let shift): return base.survival((x - shift) / scale)
    }
  }

  /// The smallest x with P(X ≤ x) ≥ p; for continuous ones the x with P(X ≤ x) = p. −∞ or the lowest value at
  /// 0, ∞ or the largest at 1, NaN outside 0…1. Probabilities within 1e-12 of p count as reaching it.
  public func quantile(_ p: Double) -> Double {
    guard p >= 0, p <= 1 else { return .nan }
    switch self {
    case .constant(let value): return value
    case .normal(let mean, let deviation):
      return deviation > 0 ? mean + deviation * Normal.quantile(p) : mean
    case .lognormal(let m, let s): return exp(m + s * Normal.quantile(p))
    case .discrete(let d): return d.quantile(p)
    case .affine(let base, let scale, let shift): return scale * base.quantile(p) + shift
    case .gamma, .poisson, .negativeBinomial, .mixture: break
    }
    if p == 0 { return lowest }
    if p == 1 { return highest }
    return isCount ? countQuantile(p) : continuousQuantile(p)
  }

  private var lowest: Double {
    switch self {
    case .constant(let value): value
    case .normal(let mean, let deviation): deviation > 0 ? -.infinity : mean
    case .gamma, .lognormal, .poisson, .negativeBinomial: 0
    case .discrete(let d): d.values.first ?? 0
    case .mixture(let parts): parts.map(\.part.lowest).min() ?? 0
    case .affine(let base, let scale, let shift): scale * base.lowest + shift
    }
  }

  private var highest: Double {
    switch self {
    case .constant(let value): value
    case .normal(let mean, let deviation): deviation > 0 ? .infinity : mean
    case .gamma, .lognormal, .negativeBinomial: .infinity
    case .poisson(let mean): mean > 0 ? .infinity : 0
    case .discrete(let d): d.values.last ?? 0
    case .mixture(let parts): parts.map(\.part.highest).max() ?? 0
    case .affine(let base, let scale, let shift): scale * base.highest + shift
    }
  }

  /// Bisection on whole numbers between bounds that doubling finds.
  private func countQuantile(_ p: Double) -> Double {
    let reach = p - 1e-12
    let spread = Swift.max(1, deviation)
    var high = (mean + spread * Swift.max(1, Normal.quantile(p))).rounded(.up)
    var step = spread.rounded(.up)
    while cumulative(high) < reach, high < 1e15 {
      high += step
      step *= 2
    }
    var low = Swift.min(lowest, high) - 1
    if low == -.infinity { low = (mean - 50 * spread).rounded(.down) }
    while high - low > 1 {
      let mid = ((low + high) / 2).rounded(.down)
      if cumulative(mid) >= reach { high = mid } else { low = mid }
    }
    return high
  }

  private func continuousQuantile(_ p: Double) -> Double {
    let spread = Swift.max(deviation, 1e-300)
    var high = mean + spread
    var step = spread
    while cumulative(high) < p, step < 1e300 {
      high += step
      step *= 2
    }
    var low = mean - spread
    step = spread
    while cumulative(low) > p, step < 1e300 {
      low -= step
      step *= 2
    }
    low = Swift.max(low, lowest)
    for _ in 0..<300 {
      let mid = (low + high) / 2
      if mid <= low || mid >= high { break }
      if cumulative(mid) < p { low = mid } else { high = mid }
    }
    return (low + high) / 2
  }

  // MARK: Loss

  /// Expected shortage E[(X − x)⁺]: the units short when x are there (Snyder & Shen, *Fundamentals of Supply
  /// Chain Theory* 2e, §C.3).
  public func loss(_ x: Double) -> Double {
    if x.isNaN { return .nan }
    switch self {
    case .constant(let value): return Swift.max(0, value - x)
    case .normal(let mean, let deviation):
      return deviation > 0 ? deviation * Normal.loss((x - mean) / deviation) : Swift.max(0, mean - x)
    case .gamma(let shape, let scale):
      guard x > 0 else { return mean - x }
      let over = mean * IncompleteGamma.upper(shape + 1, x / scale)
      return Swift.max(0, over - x * IncompleteGamma.upper(shape, x / scale))
    case .lognormal(let m, let s):
      guard x > 0 else { return mean - x }
      let z = (m - log(x)) / s
      return Swift.max(0, mean * Normal.cumulative(z + s) - x * Normal.cumulative(z))
    case .poisson(let mean):
      guard x > 0 else { return mean - x }
      let floor = x.rounded(.down)
      // E[X; X > k] = λ·P(X ≥ k).
      return Swift.max(0, mean * survival(floor - 1) - x * survival(floor))
    case .negativeBinomial(let r, let p):
      guard x > 0 else { return mean - x }
      let floor = x.rounded(.down)
      // E[X; X > k] = μ·P(X′ ≥ k) with one success more.
      let more = Distribution.negativeBinomial(successes: r + 1, probability: p)
      return Swift.max(0, mean * more.survival(floor - 1) - x * survival(floor))
    case .discrete(let d): return d.loss(x)
    case .mixture(let parts): return parts.reduce(0) { $0 + $1.weight * $1.part.loss(x) }
    case .affine(let base, let scale, let shift): return scale * base.loss((x - shift) / scale)
    }
  }

  /// Expected leftover E[(x − X)⁺].
  public func leftover(_ x: Double) -> Double { Swift.max(0, x - mean + loss(x)) }

  /// A draw.
  public func draw(_ random: inout SeededRandom) -> Double {
    switch self {
    case .constant(let value): return value
    case .normal(let mean, let deviation): return mean + deviation * random.normal()
    case .lognormal(let m, let s): return exp(m + s * random.normal())
    case .affine(let base, let scale, let shift): return scale * base.draw(&random) + shift
    case .mixture(let parts):
      var u = random.uniform()
      for part in parts {
        u -= part.weight
        if u < 0 { return part.part.draw(&random) }
      }
      return parts.last?.part.draw(&random) ?? 0
    default: return quantile(random.uniform())
    }
  }
}

/// A part of a mixture.
public struct WeightedDistribution: Hashable, Sendable {
  /// Its probability.
  public var weight: Double
  /// The distribution.
  public var part: Distribution

  /// A part with its probability.
  public init(_ weight: Double, _ part: Distribution) {
    self.weight = weight
    self.part = part
  }
}
