/// Intermittent demand as a size every so many steps, both smoothed at sales only (Croston, "Forecasting and
/// stock control for intermittent demands", 1972), and what came of it.
enum Croston {
  /// What is taken for the smoothing and against the bias.
  enum Variant: Hashable, Sendable {
    /// α = 0.1 for sizes and intervals.
    case classic
    /// The best α of 0.1 … 0.3 for each.
    case optimized
    /// The classic one × (1 − α/2): Syntetos & Boylan, "The accuracy of intermittent demand estimates", 2005.
    case sba
  }

  static func path(
    _ y: UnsafeBufferPointer<Double>, _ variant: Variant, into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    var sizes: [Double] = []
    var intervals: [Double] = []
    var last = -1
    for t in y.indices where y[t] > 0 {
      sizes.append(y[t])
      intervals.append(Double(t - last))
      last = t
    }
    guard !sizes.isEmpty else { return Naive.path(y, into: out) }
    let rate = sizes.withUnsafeBufferPointer { z in
      intervals.withUnsafeBufferPointer { p in
        variant == .optimized
          ? SimpleSmoothing.optimizedLevel(z) / SimpleSmoothing.optimizedLevel(p)
          : SimpleSmoothing.level(z, alpha: 0.1) / SimpleSmoothing.level(p, alpha: 0.1)
      }
    }
    out.update(repeating: variant == .sba ? 0.95 * rate : rate)
    return .intermittent
  }
}

/// The chance of a sale, smoothed at every step, times the size of one, smoothed at sales: demand that dies out
/// fades (Teunter, Syntetos & Babai, "Intermittent demand: Linking forecasting to inventory obsolescence",
/// 2011).
enum TSB {
  static func path(
    _ y: UnsafeBufferPointer<Double>, chance: Double, size: Double,
    into out: UnsafeMutableBufferPointer<Double>
  ) -> ModelType {
    let sizes = y.filter { $0 > 0 }
    guard !sizes.isEmpty else { return Naive.path(y, into: out) }
    let sold = y.map { $0 != 0 ? 1.0 : 0 }
    let p = sold.withUnsafeBufferPointer { SimpleSmoothing.level($0, alpha: chance) }
    let z = sizes.withUnsafeBufferPointer { SimpleSmoothing.level($0, alpha: size) }
    out.update(repeating: Swift.max(0, p * z))
    return .intermittent
  }
}
