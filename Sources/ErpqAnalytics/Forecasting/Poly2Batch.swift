import ErpqBase

/// The quadratic regression over many series at once, in flat columns: one scratch buffer for all, and
/// no array a series.
public struct Poly2Batch: Sendable {
  /// The parameters fitted with.
  public let settings: Poly2Settings
  /// Days of history that each fit looked at.
  public let count: Int
  /// What was fitted, a series.
  public private(set) var modelTypes: [ModelType]
  /// Days with positive net sales, a series.
  public private(set) var saleDays: [Int32]
  /// `rows × 3`: b₀, b₁, b₂ of the regression; level, drift, 0 of the baseline; zeros.
  public private(set) var coefficients: [Double]
  /// Standard deviation of the residuals, a series.
  public private(set) var sigma: [Double]
  /// Errors in sample, a series; see `InSampleMetrics`. NaN unless the regression was fitted.
  public private(set) var mae: [Double]
  /// As `InSampleMetrics.mape`; NaN where there is none.
  public private(set) var mape: [Double]
  /// As `InSampleMetrics.smape`; NaN unless the regression was fitted.
  public private(set) var smape: [Double]
  private var fits: [Poly2Fit]

  /// Fits every row of a matrix of daily quantities.
  ///
  /// - Throws: `Cancellation.Interrupted`.
  public init(_ matrix: DailyMatrix, settings: Poly2Settings = Poly2Settings()) throws {
    self.settings = settings
    let rows = matrix.rows
    count = Swift.min(matrix.columns, Swift.max(1, settings.lookback))
    modelTypes = Array(repeating: .zero, count: rows)
    saleDays = Array(repeating: 0, count: rows)
    coefficients = Array(repeating: 0, count: rows * 3)
    sigma = Array(repeating: 0, count: rows)
    mae = Array(repeating: .nan, count: rows)
    mape = Array(repeating: .nan, count: rows)
    smape = Array(repeating: .nan, count: rows)
    fits = Array(repeating: Poly2Fit(), count: rows)
    let cancel = Cancellation.current
    var scratch = [Double](repeating: 0, count: count)
    var row = Poly2.Row()
    try scratch.withUnsafeMutableBufferPointer { smooth in
      try matrix.forEachRow { r, series in
        if r & 0xFF == 0 { try cancel.check() }
        Poly2.fit(
          Poly2.recent(series, settings), smooth: smooth, settings: settings, wantsErrors: true, into: &row)
        store(row, at: r)
      }
    }
  }

  private mutating func store(_ row: Poly2.Row, at r: Int) {
    modelTypes[r] = row.modelType
    saleDays[r] = Int32(clamping: row.saleDays)
    sigma[r] = row.sigma
    fits[r] = row.fit
    guard row.modelType == .regression else {
      if row.modelType == .baseline {
        coefficients[3 * r] = row.fit.a0
        coefficients[3 * r + 1] = row.fit.a1
      }
      return
    }
    let f = row.fit
    coefficients[3 * r] = f.a0 - f.a1 * f.centre + f.a2 * (f.centre * f.centre - f.q)
    coefficients[3 * r + 1] = f.a1 - 2 * f.a2 * f.centre
    coefficients[3 * r + 2] = f.a2
    mae[r] = row.mae
    if row.mapePoints > 0 { mape[r] = row.mape }
    smape[r] = row.smape
  }

  /// Number of series.
  public var rows: Int { fits.count }

  /// Expected quantities, `rows × horizon`, one series after the other, none below zero.
  public func means(horizon: Int) -> [Double] {
    let width = Swift.max(0, horizon)
    var out = [Double](repeating: 0, count: rows * width)
    out.withUnsafeMutableBufferPointer { out in
      for r in 0..<rows {
        let fit = fits[r]
        for h in 0..<width { out[r * width + h] = Swift.max(0, fit.value(h + 1)) }
      }
    }
    return out
  }

  /// The documents' interval about `means` (a matrix of the same horizon): mean ± z·σ, the low end cut
  /// at zero.
  public func interval(means: [Double], horizon: Int) -> (low: [Double], high: [Double]) {
    let width = Swift.max(0, horizon)
    var low = means
    var high = means
    for r in 0..<rows where (r + 1) * width <= means.count {
      let half = settings.z * sigma[r]
      for i in r * width..<(r + 1) * width {
        low[i] = Swift.max(0, means[i] - half)
        high[i] = means[i] + half
      }
    }
    return (low, high)
  }

  /// Sum of the expected quantities of the first `days` days, a series.
  public func totals(days: Int) -> [Double] {
    fits.map { fit in
      var sum = 0.0
      for h in 0..<Swift.max(0, days) { sum += Swift.max(0, fit.value(h + 1)) }
      return sum
    }
  }
}
