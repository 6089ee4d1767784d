/// How far forecasts were from what came. Shares are fractions: 0.2 is 20 %.
///
/// Hyndman & Koehler, "Another look at measures of forecast accuracy" (2006), for MASE; Makridakis et al.,
/// "The M5 competition" (2022), for RMSSE. WAPE, RMSSE and MASE are nil where their divisor is 0.
public struct Accuracy: Hashable, Sendable {
  /// Number of pairs compared.
  public var count: Int
  /// Mean absolute error.
  public var mae: Double
  /// Root of the mean squared error.
  public var rmse: Double
  /// Σ|y − ŷ| / Σ|y|.
  public var wape: Double?
  /// Mean absolute error over that of the naive forecast in the training part.
  public var mase: Double?
  /// Root mean squared error over that of the naive forecast in the training part.
  public var rmsse: Double?
  /// Σ(ŷ − y) / Σ|y|: positive when the forecasts are too high.
  public var bias: Double?
  /// Mean of |y − ŷ| / |y| over pairs with y ≠ 0; nil without one.
  public var mape: Double?
  /// Mean of 2|y − ŷ| / (|y| + |ŷ|), 0…2; a pair of zeros counts as 0. Do not choose a method by it where
  /// days without demand are common: each costs 2 unless the forecast is exactly 0.
  public var smape: Double

  /// Compares as many pairs as both arrays have; pairs with a value that is not finite are left out.
  ///
  /// - Parameter training: the values before the first one, for MASE and RMSSE.
  public init(actual: [Double], forecast: [Double], training: [Double] = []) {
    var sums = AccuracySums()
    for (y, f) in zip(actual, forecast) where y.isFinite && f.isFinite { sums.add(actual: y, forecast: f) }
    self = sums.accuracy(scale: NaiveScale(training))
  }

  init(count: Int) {
    self.count = count
    (mae, rmse, smape) = (0, 0, 0)
  }
}

/// The documents' words for a symmetric percentage error.
public enum AccuracyGrade: String, Hashable, Sendable, CaseIterable {
  case excellent
  case good
  case acceptable
  case poor

  /// Below 10 % excellent, to 20 % good, to 50 % acceptable, above poor; `smape` is a fraction.
  public init(smape: Double) {
    self =
      Tie.below(smape, 0.1)
      ? .excellent : Tie.below(smape, 0.2) ? .good : Tie.atMost(smape, 0.5) ? .acceptable : .poor
  }
}

/// What the naive forecast costs in a training part: the yardstick of MASE and RMSSE.
struct NaiveScale: Hashable, Sendable {
  /// Mean |yₜ − yₜ₋₁|.
  var absolute = 0.0
  /// Mean (yₜ − yₜ₋₁)².
  var squared = 0.0

  init(_ training: [Double]) { self = training.withUnsafeBufferPointer { NaiveScale($0) } }

  init(_ y: UnsafeBufferPointer<Double>) {
    guard y.count > 1 else { return }
    for t in 1..<y.count {
      let d = y[t] - y[t - 1]
      absolute += d.magnitude
      squared += d * d
    }
    absolute /= Double(y.count - 1)
    squared /= Double(y.count - 1)
  }
}

/// Running sums of errors.
struct AccuracySums {
  var count = 0
  var absolute = 0.0
  var squares = 0.0
  var signed = 0.0
  var actual = 0.0
  var relative = 0.0
  var relativeCount = 0
  var symmetric = 0.0

  mutating func add(actual y: Double, forecast f: Double) {
    let e = y - f
    let a = e.magnitude
    count += 1
    absolute += a
    squares += e * e
    signed -= e
    actual += y.magnitude
    if y != 0 {
      relative += a / y.magnitude
      relativeCount += 1
    }
    let both = y.magnitude + f.magnitude
    if both > 0 { symmetric += 2 * a / both }
  }

  func accuracy(scale: NaiveScale) -> Accuracy {
    var out = Accuracy(count: count)
    guard count > 0 else { return out }
    let n = Double(count)
    out.mae = absolute / n
    out.rmse = (squares / n).squareRoot()
    out.smape = symmetric / n
    if actual > 0 {
      out.wape = absolute / actual
      out.bias = signed / actual
    }
    if relativeCount > 0 { out.mape = relative / Double(relativeCount) }
    if scale.absolute > 0 { out.mase = out.mae / scale.absolute }
    if scale.squared > 0 { out.rmsse = out.rmse / scale.squared.squareRoot() }
    return out
  }
}

extension Accuracy {
  /// How much a history changes from step to step: what MASE and RMSSE divide by. 0 for fewer than two values.
  public static func changes(_ history: [Double]) -> (mean: Double, rootMeanSquare: Double) {
    let scale = NaiveScale(history)
    return (scale.absolute, scale.squared.squareRoot())
  }
}
