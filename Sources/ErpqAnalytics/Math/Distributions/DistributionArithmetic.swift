extension Distribution {
  /// The distribution of `factor` times the quantity. A factor that is not positive gives 0.
  public func scaled(by factor: Double) -> Distribution {
    guard factor > 0, factor.isFinite else { return .constant(0) }
    switch self {
    case .constant(let value): return .constant(value * factor)
    case .normal(let mean, let deviation): return .normal(mean: mean * factor, deviation: deviation * factor)
    case .gamma(let shape, let scale): return .gamma(shape: shape, scale: scale * factor)
    case .discrete(let d):
      return .discrete(DiscreteDistribution(values: d.values.map { $0 * factor }, weights: d.probabilities))
    case .mixture(let parts):
      return .mixture(parts.map { WeightedDistribution($0.weight, $0.part.scaled(by: factor)) })
    case .affine(let base, let scale, let shift):
      return .affine(base, scale: scale * factor, shift: shift * factor)
    default: return .affine(self, scale: factor, shift: 0)
    }
  }

  /// The distribution of the quantity and `units` more.
  public func shifted(by units: Double) -> Distribution {
    switch self {
    case .constant(let value): return .constant(value + units)
    case .normal(let mean, let deviation): return .normal(mean: mean + units, deviation: deviation)
    case .discrete(let d):
      return .discrete(DiscreteDistribution(values: d.values.map { $0 + units }, weights: d.probabilities))
    case .mixture(let parts):
      return .mixture(parts.map { WeightedDistribution($0.weight, $0.part.shifted(by: units)) })
    case .affine(let base, let scale, let shift): return .affine(base, scale: scale, shift: shift + units)
    default: return units == 0 ? self : .affine(self, scale: 1, shift: units)
    }
  }

  /// One of several, each with its weight; weights are brought to a sum of 1.
  public static func mixed(_ parts: [WeightedDistribution]) -> Distribution {
    let kept = parts.filter { $0.weight > 0 && $0.weight.isFinite }
    let total = kept.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return .constant(0) }
    if kept.count == 1 { return kept[0].part }
    return .mixture(kept.map { WeightedDistribution($0.weight / total, $0.part) })
  }

  /// The sum of `count` independent ones: exact where the family is closed under sums or discrete, by its two
  /// moments (normal above 30 parts, gamma below) otherwise.
  public func summed(_ count: Int) -> Distribution {
    guard count > 0 else { return .constant(0) }
    let n = Double(count)
    switch self {
    case .constant(let value): return .constant(value * n)
    case .normal(let mean, let deviation):
      return .normal(mean: mean * n, deviation: deviation * n.squareRoot())
    case .gamma(let shape, let scale): return .gamma(shape: shape * n, scale: scale)
    case .poisson(let mean): return .poisson(mean: mean * n)
    case .negativeBinomial(let r, let p): return .negativeBinomial(successes: r * n, probability: p)
    case .discrete(let d): return .discrete(d.times(count))
    case .affine(let base, let scale, let shift):
      return .affine(base.summed(count), scale: scale, shift: shift * n)
    case .mixture, .lognormal:
      if count == 1 { return self }
      if isCount { return .discrete(discretised().times(count)) }
      let (mean, deviation) = (mean * n, (variance * n).squareRoot())
      return count > 30 || mean <= 0
        ? .normal(mean: mean, deviation: deviation) : .gamma(mean: mean, deviation: deviation)
    }
  }

  /// The sum over a random number of periods: demand of a lead time that is itself uncertain. A mixture of
  /// the sums over each length; its variance is E[L]·Var(D) + E[D]²·Var(L).
  ///
  /// - Parameter periods: lengths in whole periods with their probabilities.
  public func summed(over periods: [(count: Int, probability: Double)]) -> Distribution {
    .mixed(periods.map { WeightedDistribution($0.probability, summed($0.count)) })
  }

  /// The sum of two independent ones: exact for normals, Poissons and discrete ones, else on a grid.
  public func plus(_ other: Distribution) -> Distribution {
    switch (self, other) {
    case (.constant(let a), _): return other.shifted(by: a)
    case (_, .constant(let b)): return shifted(by: b)
    case (.normal(let a, let s), .normal(let b, let t)):
      return .normal(mean: a + b, deviation: (s * s + t * t).squareRoot())
    case (.poisson(let a), .poisson(let b)): return .poisson(mean: a + b)
    case (.gamma(let a, let s), .gamma(let b, let t)) where s == t: return .gamma(shape: a + b, scale: s)
    default: return .discrete(discretised().plus(other.discretised()))
    }
  }

  /// The larger of two independent ones, on a grid unless both are discrete.
  public func maximum(_ other: Distribution) -> Distribution {
    switch (self, other) {
    case (.constant(let a), .constant(let b)): return .constant(Swift.max(a, b))
    default: return .discrete(discretised().maximum(other.discretised()))
    }
  }

  /// The same on finitely many values: every whole number between the quantiles 1e-10 and 1 − 1e-10 of a
  /// count, the midpoints of 2,000 equally likely slices otherwise.
  public func discretised() -> DiscreteDistribution {
    switch self {
    case .discrete(let d): return d
    case .constant(let value): return DiscreteDistribution(values: [value], weights: nil)
    default: break
    }
    if isCount {
      let low = quantile(1e-10)
      let high = quantile(1 - 1e-10)
      if high - low < 100_000 {
        var values: [Double] = []
        var weights: [Double] = []
        var before = 0.0
        var k = low
        while k <= high {
          let now = cumulative(k)
          values.append(k)
          weights.append(now - before)
          before = now
          k += 1
        }
        return DiscreteDistribution(values: values, weights: weights)
      }
    }
    let slices = 2000
    return DiscreteDistribution(
      values: (0..<slices).map { quantile((Double($0) + 0.5) / Double(slices)) }, weights: nil)
  }
}
