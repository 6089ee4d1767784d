import ErpqBase

/// The numbers that a fitted regression or baseline is rebuilt from, bit by bit.
public struct StoredPoly2: Hashable, Sendable {
  /// What was fitted.
  public var modelType: ModelType
  /// Centre, q, a₀, a₁, a₂ of y = a₀ + a₁·x + a₂·(x² − q), x = t − centre.
  public var curve: [Double]
  /// Standard deviation of the residuals.
  public var sigma: Double
  /// Days with positive net sales.
  public var saleDays: Int
  /// Length of the history fitted.
  public var count: Int

  /// Numbers as they were stored.
  public init(modelType: ModelType, curve: [Double], sigma: Double, saleDays: Int, count: Int) {
    self.modelType = modelType
    self.curve = curve
    self.sigma = sigma
    self.saleDays = saleDays
    self.count = count
  }

  /// The numbers of a model.
  public init(_ model: Poly2Model) {
    let f = model.fit
    self.init(
      modelType: model.modelType, curve: [f.centre, f.q, f.a0, f.a1, f.a2], sigma: model.sigma,
      saleDays: model.saleDays, count: model.count)
  }

  /// The model, without its errors in sample; nil where the numbers are none of a model.
  public var model: Poly2Model? {
    guard curve.count == 5, curve.allSatisfy(\.isFinite), sigma.isFinite, sigma >= 0, count > 0,
      [.regression, .baseline, .zero].contains(modelType)
    else { return nil }
    let fit = Poly2Fit(centre: curve[0], q: curve[1], a0: curve[2], a1: curve[3], a2: curve[4], count: count)
    let coefficients: [Double]
    switch modelType {
    case .regression: coefficients = fit.powers
    case .baseline: coefficients = [fit.a0, fit.a1]
    default: coefficients = []
    }
    return Poly2Model(
      modelType: modelType, coefficients: coefficients, sigma: sigma, saleDays: saleDays, count: count,
      metrics: nil, fit: fit)
  }
}

/// A number for a daily history: models fitted to it are good for no other.
public enum SeriesFingerprint {
  /// FNV-1a over the last day and the bits of every quantity; the same on every machine.
  public static func of(_ series: UnsafeBufferPointer<Double>, last: CivilDate) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt64) {
      // Eight bytes at once; the shift brings the high bits down, which multiplying alone never does.
      hash = (hash ^ word) &* 0x0000_0100_0000_01b3
      hash ^= hash >> 29
    }
    mix(UInt64(bitPattern: Int64(last.day)))
    mix(UInt64(series.count))
    for value in series { mix((value == 0 ? 0.0 : value).bitPattern) }
    return Int64(bitPattern: hash)
  }
}
