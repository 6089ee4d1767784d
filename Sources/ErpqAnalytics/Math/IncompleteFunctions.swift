#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import ErpqBase

/// ln Γ(x) of a positive number; the re-entrant routine, since the plain one writes a global.
func lnGamma(_ x: Double) -> Double {
  #if canImport(Glibc)
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  #else
    return lgamma(x)
  #endif
}

/// The regularised incomplete gamma function: the distribution functions of the gamma and, turned round, of
/// the Poisson distribution.
///
/// Series below the mean, continued fraction by Lentz's method above it (Press et al., *Numerical Recipes*,
/// §6.2), about 14 digits.
public enum IncompleteGamma {
  /// P(a, x) = γ(a, x)/Γ(a), the lower share.
  public static func lower(_ a: Double, _ x: Double) -> Double {
    guard a > 0, !x.isNaN else { return .nan }
    guard x > 0 else { return 0 }
    guard x < .infinity else { return 1 }
    if a > 1e7 { return Normal.cumulative(cubeRoot(a, x)) }
    return x < a + 1 ? series(a, x) : 1 - fraction(a, x)
  }

  /// Q(a, x) = 1 − P(a, x), accurate in the upper tail.
  public static func upper(_ a: Double, _ x: Double) -> Double {
    guard a > 0, !x.isNaN else { return .nan }
    guard x > 0 else { return 1 }
    guard x < .infinity else { return 0 }
    if a > 1e7 { return Normal.survival(cubeRoot(a, x)) }
    return x < a + 1 ? 1 - series(a, x) : fraction(a, x)
  }

  /// Wilson and Hilferty's normal score, whose error vanishes with a.
  private static func cubeRoot(_ a: Double, _ x: Double) -> Double {
    (cbrt(x / a) - 1 + 1 / (9 * a)) * 3 * a.squareRoot()
  }

  private static func scale(_ a: Double, _ x: Double) -> Double { exp(a * log(x) - x - lnGamma(a)) }

  private static func series(_ a: Double, _ x: Double) -> Double {
    var term = 1 / a
    var sum = term
    var n = a
    for _ in 0..<100_000 {
      n += 1
      term *= x / n
      sum += term
      if term < sum * 1e-17 { break }
    }
    return Swift.min(1, sum * scale(a, x))
  }

  private static func fraction(_ a: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var h = d
    for i in 1..<100_000 {
      let k = Double(i)
      let an = -k * (k - a)
      b += 2
      d = an * d + b
      if d.magnitude < tiny { d = tiny }
      c = b + an / c
      if c.magnitude < tiny { c = tiny }
      d = 1 / d
      let step = d * c
      h *= step
      if (step - 1).magnitude < 1e-16 { break }
    }
    return Swift.min(1, h * scale(a, x))
  }
}

/// The regularised incomplete beta function: the distribution function of the negative binomial.
public enum IncompleteBeta {
  /// I_x(a, b), by the continued fraction (Press et al., *Numerical Recipes*, §6.4).
  public static func lower(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard a > 0, b > 0, !x.isNaN else { return .nan }
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * log(x) + b * log1p(-x))
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    if d.magnitude < tiny { d = tiny }
    d = 1 / d
    var h = d
    for i in 1..<100_000 {
      let m = Double(i)
      var step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 + step * d
      if d.magnitude < tiny { d = tiny }
      c = 1 + step / c
      if c.magnitude < tiny { c = tiny }
      d = 1 / d
      h *= d * c
      step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 + step * d
      if d.magnitude < tiny { d = tiny }
      c = 1 + step / c
      if c.magnitude < tiny { c = tiny }
      d = 1 / d
      let last = d * c
      h *= last
      if (last - 1).magnitude < 1e-16 { break }
    }
    return h
  }
}
