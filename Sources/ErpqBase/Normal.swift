#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The standard normal distribution and what inventory control takes from it.
public enum Normal {
  /// 1 / √(2π).
  public static let inverseRoot2Pi = 0.398_942_280_401_432_677_939_946_059_934_4

  /// Density at `z`.
  public static func density(_ z: Double) -> Double { inverseRoot2Pi * exp(-0.5 * z * z) }

  /// P(Z ≤ z), accurate in relative terms in the lower tail.
  public static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z * 0.5.squareRoot()) }

  /// P(Z > z), accurate in relative terms in the upper tail.
  public static func survival(_ z: Double) -> Double { 0.5 * erfc(z * 0.5.squareRoot()) }

  /// The z with P(Z ≤ z) = p; −∞ at 0, +∞ at 1, NaN outside 0…1.
  ///
  /// Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37
  /// (1988), routine PPND16: about 16 digits.
  public static func quantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    let q = p - 0.5
    if q.magnitude <= 0.425 {
      let r = 0.180625 - q * q
      return q * polynomial(centralTop, r) / polynomial(centralBottom, r)
    }
    let r = (-log(q < 0 ? p : 1 - p)).squareRoot()
    let z =
      r <= 5
      ? polynomial(middleTop, r - 1.6) / polynomial(middleBottom, r - 1.6)
      : polynomial(tailTop, r - 5) / polynomial(tailBottom, r - 5)
    return q < 0 ? -z : z
  }

  /// Standard normal loss G(z) = E[(Z − z)⁺] = φ(z) − z·P(Z > z): the units short, in standard deviations,
  /// when stock is z standard deviations above mean demand.
  public static func loss(_ z: Double) -> Double {
    guard z < 10 else { return z.isNaN ? z : tailLoss(z) }
    return density(z) - z * survival(z)
  }

  /// The loss far out, where the two terms above cancel: φ(z)/z²·(1 − 3/z² + 15/z⁴ − 105/z⁶ + …).
  private static func tailLoss(_ z: Double) -> Double {
    let y = 1 / (z * z)
    var term = 1.0
    var sum = 1.0
    var k = 3.0
    while k < 100 {
      let next = -term * k * y
      if next.magnitude >= term.magnitude { break }
      term = next
      sum += term
      k += 2
    }
    return density(z) * y * sum
  }

  /// The z whose loss is `value`; −∞ for infinite, +∞ for 0, NaN for negative values.
  ///
  /// Newton's method on G (convex, so no step from the left overshoots) or, in the tail, on ln G (concave,
  /// so none from the right does); G′(z) = −P(Z > z).
  public static func inverseLoss(_ value: Double) -> Double {
    guard value > 0 else { return value == 0 ? .infinity : .nan }
    guard value < .infinity else { return -.infinity }
    let tail = value < 0.1
    var z = tail ? Swift.min(37, (-2 * log(value)).squareRoot()) : value > 0.4 ? -value - 1 : -0.5
    for _ in 0..<100 {
      let current = loss(z)
      let slope = survival(z)
      guard slope > 0, current > 0 else { break }
      let step = (tail ? log(current / value) * current : current - value) / slope
      z += step
      if step.magnitude <= 1e-15 * Swift.max(1, z.magnitude) { break }
    }
    return z
  }

  private static func polynomial(_ c: [Double], _ x: Double) -> Double {
    var sum = 0.0
    for value in c.reversed() { sum = sum * x + value }
    return sum
  }

  private static let centralTop = [
    3.387_132_872_796_366_608_0, 1.331_416_678_917_843_774_5e2, 1.971_590_950_306_551_442_7e3,
    1.373_169_376_550_946_112_5e4, 4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
    3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3,
  ]
  private static let centralBottom = [
    1.0, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_082_9e2, 5.394_196_021_424_751_107_7e3,
    2.121_379_430_158_659_586_7e4, 3.930_789_580_009_271_061_0e4, 2.872_908_573_572_194_267_4e4,
    5.226_495_278_852_854_561_0e3,
  ]
  private static let middleTop = [
    1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_90, 5.769_497_221_460_691_405_50,
    3.647_848_324_763_204_605_04, 1.270_458_252_452_368_382_58, 2.417_807_251_774_506_117_70e-1,
    2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4,
  ]
  private static let middleBottom = [
    1.0, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_40, 6.897_673_349_851_000_045_50e-1,
    1.481_039_764_274_800_745_90e-1, 1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946_00e-4,
    1.050_750_071_644_416_843_24e-9,
  ]
  private static let tailTop = [
    6.657_904_643_501_103_777_20, 5.463_784_911_164_114_369_90, 1.784_826_539_917_291_335_80,
    2.965_605_718_285_048_912_30e-1, 2.653_218_952_657_612_309_30e-2, 1.242_660_947_388_078_438_60e-3,
    2.711_555_568_743_487_578_15e-5, 2.010_334_399_292_288_132_65e-7,
  ]
  private static let tailBottom = [
    1.0, 5.998_322_065_558_879_376_90e-1, 1.369_298_809_227_358_053_10e-1, 1.487_536_129_085_061_485_25e-2,
    7.868_691_311_456_132_591_00e-4, 1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
    2.044_263_103_389_939_785_64e-15,
  ]
}
