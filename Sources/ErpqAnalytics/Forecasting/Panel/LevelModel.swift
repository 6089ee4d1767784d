/// A rule that tells the level (and slope) of demand at a moment from what came before it, with fixed
/// parameters. Demand is y = exposure × level: the exposure is what the calendar and promotions say of a
/// day, so a day on which the shop is closed teaches nothing.
enum LevelModel: Hashable, Sendable {
  /// Exponentially weighted demand over exponentially weighted exposure.
  case exponential(alpha: Double)
  /// Demand over exposure of the last steps.
  case window(Int)
  /// Teunter, Syntetos & Babai (2011): the chance of a sale and its size, each smoothed.
  case tsb(chance: Double, size: Double)
  /// Syntetos & Boylan (2005): size over interval, smoothed at sales only, less its bias.
  case sba(alpha: Double)
  /// Gardner & McKenzie (1985): a level and a slope that fades.
  case damped(alpha: Double, beta: Double, phi: Double)
  /// Assimakopoulos & Nikolopoulos (2000): smoothing plus half of the linear trend.
  case theta(alpha: Double)

  /// The level by exponential smoothing, shaped like the same weeks of earlier years of the series itself or of
  /// the others.
  case annual(alpha: Double, pooled: Bool)

  /// The name in a result's column `method`.
  var name: String {
    switch self {
    case .exponential: "ses"
    case .window: "window"
    case .tsb: "tsb"
    case .sba: "sba"
    case .damped: "damped"
    case .theta: "theta"
    case .annual(_, let pooled): pooled ? "annual_pooled" : "annual"
    }
  }

  /// The factor φ of the slope's fading; 1 for a straight line.
  var phi: Double { if case .damped(_, _, let phi) = self { phi } else { 1 } }

  /// Whether forecasts may rise or fall with the horizon.
  var hasSlope: Bool {
    switch self {
    case .damped, .theta: true
    default: false
    }
  }

  /// Level and slope at each origin (an origin is a number of values before it), origins ascending.
  func trace(
    _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>, origins: UnsafeBufferPointer<Int32>,
    levels: UnsafeMutableBufferPointer<Double>, slopes: UnsafeMutableBufferPointer<Double>
  ) {
    switch self {
    case .exponential(let alpha), .annual(let alpha, _): Self.exponential(alpha, y, c, origins, levels)
    case .window(let k): Self.window(k, y, c, origins, levels)
    case .tsb(let p, let z): Self.tsb(p, z, y, c, origins, levels)
    case .sba(let alpha): Self.sba(alpha, y, c, origins, levels)
    case .damped(let a, let b, let phi): Self.damped(a, b, phi, y, c, origins, levels, slopes)
    case .theta(let alpha): Self.theta(alpha, y, c, origins, levels, slopes)
    }
  }

  private typealias Values = UnsafeBufferPointer<Double>
  private typealias Out = UnsafeMutableBufferPointer<Double>

  /// The parameter of the level, where it is one by exponential smoothing.
  var smoothing: Double? {
    switch self {
    case .exponential(let alpha), .annual(let alpha, _): alpha
    default: nil
    }
  }

  /// Levels by exponential smoothing with eight parameters at once, one vector an origin: a step waits for the one
  /// before it, so that eight cost little more than one.
  static func exponentials(
    _ alphas: SIMD8<Double>, _ y: UnsafeBufferPointer<Double>, _ c: UnsafeBufferPointer<Double>,
    origins: UnsafeBufferPointer<Int32>, levels: UnsafeMutableBufferPointer<SIMD8<Double>>
  ) {
    let keep = 1 - alphas
    var a = SIMD8<Double>.zero
    var b = SIMD8<Double>.zero
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        a = keep * a + y[t]
        b = keep * b + c[t]
        t &+= 1
      }
      levels[i] = (a / b).replacing(with: 0, where: .!(b .> 1e-12))
    }
  }

  private static func exponential(
    _ alpha: Double, _ y: Values, _ c: Values, _ origins: UnsafeBufferPointer<Int32>, _ levels: Out
  ) {
    let keep = 1 - alpha
    var a = 0.0
    var b = 0.0
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        a = keep * a + y[t]
        b = keep * b + c[t]
        t += 1
      }
      levels[i] = b > 1e-12 ? a / b : 0
    }
  }

  private static func window(
    _ k: Int, _ y: Values, _ c: Values, _ origins: UnsafeBufferPointer<Int32>, _ levels: Out
  ) {
    var a = 0.0
    var b = 0.0
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        a += y[t]
        b += c[t]
        if t >= k {
          a -= y[t - k]
          b -= c[t - k]
        }
        t += 1
      }
      levels[i] = b > 1e-9 ? Swift.max(0, a) / b : 0
    }
  }

  private static func tsb(
    _ chance: Double, _ size: Double, _ y: Values, _ c: Values, _ origins: UnsafeBufferPointer<Int32>,
    _ levels: Out
  ) {
    let keep = 1 - chance
    var a = 0.0
    var b = 0.0
    var z = 0.0
    var started = false
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        a = keep * a
        b = keep * b + c[t]
        if y[t] != 0 {
          a += 1
          z = started ? z + size * (y[t] - z) : y[t]
          started = true
        }
        t += 1
      }
      levels[i] = b > 1e-12 ? a / b * z : 0
    }
  }

  private static func sba(
    _ alpha: Double, _ y: Values, _ c: Values, _ origins: UnsafeBufferPointer<Int32>, _ levels: Out
  ) {
    var z = 0.0
    var interval = 0.0
    var since = 0.0
    var started = false
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        since += c[t]
        if y[t] != 0 {
          if started {
            z += alpha * (y[t] - z)
            interval += alpha * (since - interval)
          } else {
            z = y[t]
            interval = Swift.max(since, 1e-3)
            started = true
          }
          since = 0
        }
        t += 1
      }
      levels[i] = interval > 1e-9 ? (1 - alpha / 2) * z / interval : 0
    }
  }

  /// Exposures below this teach nothing about a level that is divided by them.
  private static let least = 0.2

  private static func damped(
    _ alpha: Double, _ beta: Double, _ phi: Double, _ y: Values, _ c: Values,
    _ origins: UnsafeBufferPointer<Int32>, _ levels: Out, _ slopes: Out
  ) {
    var level = 0.0
    var slope = 0.0
    var started = false
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        if c[t] >= least {
          let d = y[t] / c[t]
          if started {
            let before = level
            level = alpha * d + (1 - alpha) * (level + phi * slope)
            slope = beta * (level - before) + (1 - beta) * phi * slope
          } else {
            level = d
            started = true
          }
        }
        t += 1
      }
      levels[i] = level
      slopes[i] = slope
    }
  }

  private static func theta(
    _ alpha: Double, _ y: Values, _ c: Values, _ origins: UnsafeBufferPointer<Int32>, _ levels: Out,
    _ slopes: Out
  ) {
    var level = 0.0
    var started = false
    var n = 0.0
    var sum = 0.0
    var weighted = 0.0
    var t = 0
    for (i, origin) in origins.enumerated() {
      while t < Int(origin) {
        let d = c[t] >= least ? y[t] / c[t] : level
        if started {
          level += alpha * (d - level)
        } else {
          level = d
          started = true
        }
        weighted += n * d
        sum += d
        n += 1
        t += 1
      }
      let span = n * (n * n - 1) / 12
      slopes[i] = span > 0 ? 0.5 * (weighted - (n - 1) / 2 * sum) / span : 0
      levels[i] = level + slopes[i] * (1 - pow1(1 - alpha, n)) / alpha * 1.0 - slopes[i]
    }
  }

  /// x to a whole power, by squaring.
  private static func pow1(_ x: Double, _ n: Double) -> Double {
    var result = 1.0
    var base = x
    var k = Int(Swift.min(n, 1e6))
    while k > 0 {
      if k & 1 == 1 { result *= base }
      base *= base
      k >>= 1
    }
    return result
  }
}
