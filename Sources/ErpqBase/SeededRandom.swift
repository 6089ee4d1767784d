/// The one source of random numbers: xoshiro256** seeded by SplitMix64 (Blackman & Vigna, 2018).
///
/// The same seed gives the same numbers on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var s: (UInt64, UInt64, UInt64, UInt64)

  /// A generator whose draws follow from `seed` alone.
  public init(seed: UInt64) {
    var z = seed
    func next() -> UInt64 {
      z &+= 0x9E37_79B9_7F4A_7C15
      var x = z
      x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
      x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
      return x ^ (x >> 31)
    }
    s = (next(), next(), next(), next())
  }

  /// 64 uniform bits.
  public mutating func next() -> UInt64 {
    func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotl(s.1 &* 5, 7) &* 9
    let t = s.1 << 17
    s.2 ^= s.0
    s.3 ^= s.1
    s.1 ^= s.2
    s.0 ^= s.3
    s.2 ^= t
    s.3 = rotl(s.3, 45)
    return result
  }

  /// Uniform in [0, 1), with 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0..<bound, without bias (Lemire's method); `bound` must be positive.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0)
    return Int(UInt64.random(in: 0..<UInt64(bound), using: &self))
  }

  /// Standard normal, by the polar method.
  public mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let r = u * u + v * v
      if r > 0, r < 1 { return u * (-2 * logarithm(r) / r).squareRoot() }
    }
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func logarithm(_ x: Double) -> Double { log(x) }
