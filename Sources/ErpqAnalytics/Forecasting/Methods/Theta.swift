/// The theta method: a line of long-term trend and a curve that doubles the short-term one, the second smoothed
/// (Assimakopoulos & Nikolopoulos, "The theta model", 2000), in the state space form of Fioruci et al., "Models
/// for optimising the theta method and their relationship to state space models" (2016).
enum Theta {
  /// Which of the four models.
  struct Variant: Hashable, Sendable {
    /// Whether θ is fitted, else it is 2.
    var isOptimized = false
    /// Whether the line is refitted at each step, else it is the one of the whole history.
    var isDynamic = false
  }

  /// What was fitted.
  struct Fit {
    /// Level before the first value, smoothing parameter, θ.
    var start: Double
    var alpha: Double
    var theta: Double
    /// Sum of squared one-step errors from the fourth step on.
    var squares: Double
  }

  static func path(
    _ y: UnsafeBufferPointer<Double>, _ variant: Variant, period: Int,
    into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    guard y.count > 3 else { return Naive.path(y, into: out) }
    let season = Decomposition.testedSeason(y, period: period)
    var x = Array(y)
    for t in x.indices { x[t] = season.removed(x[t], at: t) }
    x.withUnsafeBufferPointer { x in
      let fit = fit(x, variant)
      run(x, variant, fit, into: out)
    }
    for h in 0..<out.count { out[h] = Swift.max(0, season.added(out[h], at: y.count + h)) }
    return .theta
  }

  static func fit(_ y: UnsafeBufferPointer<Double>, _ variant: Variant) -> Fit {
    let scale = Swift.max(Statistics.moments(y, .population).deviation, 1e-9 * y[0].magnitude + 1e-12)
    let start = [y[0] / 2, 0.5] + (variant.isOptimized ? [2.0] : [])
    let found = NelderMead.minimize(
      start: start, steps: [scale, 0.2, 1], lower: [-1e10, 0.1, 1], upper: [1e10, 0.99, 1e3],
      evaluations: 800
    ) { p in
      squares(y, variant, start: p[0], alpha: p[1], theta: p.count > 2 ? p[2] : 2)
    }
    let p = found.point
    return Fit(start: p[0], alpha: p[1], theta: p.count > 2 ? p[2] : 2, squares: found.value)
  }

  /// Intercept and slope of the line through the whole history, time counted from 1.
  private static func line(_ y: UnsafeBufferPointer<Double>) -> (a: Double, b: Double) {
    let n = Double(y.count)
    var weighted = 0.0
    for t in y.indices { weighted += Double(t + 1) * y[t] }
    let mean = Statistics.mean(y)
    let b = 6 * (2 * weighted / n - (1 + n) * mean) / (n * n - 1)
    return (mean - (n + 1) * b / 2, b)
  }

  private static func squares(
    _ y: UnsafeBufferPointer<Double>, _ variant: Variant, start: Double, alpha: Double, theta: Double
  ) -> Double {
    var state = State(y, variant, start: start, alpha: alpha)
    var sum = 0.0
    for i in 1..<y.count {
      let e = y[i] - state.step(i, variant, alpha: alpha, theta: theta, value: y[i])
      if i >= 3 { sum += e * e }
    }
    return sum
  }

  private static func run(
    _ y: UnsafeBufferPointer<Double>, _ variant: Variant, _ fit: Fit,
    into out: UnsafeMutableBufferPointer<Double>
  ) {
    var state = State(y, variant, start: fit.start, alpha: fit.alpha)
    for i in 1..<y.count {
      _ = state.step(i, variant, alpha: fit.alpha, theta: fit.theta, value: y[i])
    }
    for h in 0..<out.count {
      out[h] = state.step(y.count + h, variant, alpha: fit.alpha, theta: fit.theta, value: nil)
    }
  }

  /// Level, mean and line after a number of values.
  private struct State {
    var level: Double
    var mean: Double
    var a: Double
    var b: Double
    /// (1 − α) to the power of the values seen.
    var fading: Double

    init(_ y: UnsafeBufferPointer<Double>, _ variant: Variant, start: Double, alpha: Double) {
      level = alpha * y[0] + (1 - alpha) * start
      mean = y[0]
      (a, b) = variant.isDynamic ? (y[0], 0) : Theta.line(y)
      fading = 1 - alpha
    }

    /// The forecast of value `i` (from 0), then the state after it; the forecast itself is taken for a value
    /// that is not known.
    mutating func step(
      _ i: Int, _ variant: Variant, alpha: Double, theta: Double, value: Double?
    ) -> Double {
      let k = Double(i)
      let mu = level + (1 - 1 / theta) * (a * fading + b * (1 - fading * (1 - alpha)) / alpha)
      fading *= 1 - alpha
      let y = value ?? mu
      level = alpha * y + (1 - alpha) * level
      if variant.isDynamic {
        b = ((k - 1) * b + 6 * (y - mean) / (k + 1)) / (k + 2)
        mean = (k * mean + y) / (k + 1)
        a = mean - b * (k + 2) / 2
      }
      return mu
    }
  }
}
