import ErpqBase

/// The anomalies of many daily series.
public struct Anomalies: Sendable {
  /// By day, then by series.
  public private(set) var found: [Anomaly] = []
  /// Whether a stop of all sales in the judged days would go unnoticed, a series: sales are too few or too
  /// uneven for that.
  public private(set) var undetectableDrop: [Bool] = []

  /// Judges the last `days` of each series.
  ///
  /// - Parameters:
  ///   - ages: days since the first sale ever, a series; what lies before it tells nothing. nil: all days count.
  /// - Throws: `Cancellation.Interrupted`.
  public init(_ matrix: DailyMatrix, days: Int, ages: [Int]? = nil, rule: AnomalyRule = AnomalyRule()) throws
  {
    let judged = Swift.max(0, Swift.min(days, matrix.columns))
    let cancel = Cancellation.current
    undetectableDrop = Array(repeating: true, count: matrix.rows)
    var robust = RobustJudge(rule: rule, columns: matrix.columns)
    try matrix.forEachRow { row, series in
      if row & 0xFF == 0 { try cancel.check() }
      switch rule.method {
      case .z:
        let start = series.count - judged
        let part = UnsafeBufferPointer(rebasing: series[start...])
        undetectableDrop[row] = Anomalies.judge(part, rule) { i, z, mean in
          add(row, start + i, 1, part[i], mean, z)
        }
      case .robust:
        let age = ages.flatMap { row < $0.count ? $0[row] : nil } ?? series.count
        let start = Swift.max(0, series.count - Swift.max(0, age))
        undetectableDrop[row] = robust.judge(series, from: start, judged: judged) { i, length, z, expected in
          var actual = 0.0
          for j in (i - length + 1)...i { actual += series[j] }
          add(row, i, length, actual, expected, z)
        }
      }
    }
    orderByDay(matrix.columns)
  }

  /// They are found series after series, and keep that order within a day.
  private mutating func orderByDay(_ columns: Int) {
    var starts = [Int](repeating: 0, count: columns + 1)
    for anomaly in found { starts[anomaly.column + 1] += 1 }
    for column in 0..<columns { starts[column + 1] += starts[column] }
    var order = [Int](repeating: 0, count: found.count)
    for (i, anomaly) in found.enumerated() {
      order[starts[anomaly.column]] = i
      starts[anomaly.column] += 1
    }
    found = order.map { found[$0] }
  }

  private mutating func add(
    _ series: Int, _ column: Int, _ days: Int, _ actual: Double, _ expected: Double, _ z: Double
  ) {
    found.append(
      Anomaly(
        series: series, column: column, days: days, type: z > 0 ? .spike : .drop, actual: actual,
        expected: expected, z: z, severity: AnomalySeverity(z: z)))
  }

  /// z = (x − μ) / σ over the days themselves. Whether a day without sales could not be flagged.
  ///
  /// With the day itself in μ and σ, |z| is at most √(n − 1) by the population's σ, and a day of zero lies
  /// at −μ/σ: series whose deviation exceeds a third of their mean never drop by 3.
  private static func judge(
    _ y: UnsafeBufferPointer<Double>, _ rule: AnomalyRule, flag: (Int, Double, Double) -> Void
  ) -> Bool {
    let (mean, deviation) = Statistics.moments(y, rule.deviation)
    guard deviation > 0 else { return true }
    // What is far from the threshold needs no division.
    let least = rule.threshold * deviation * (1 - 1e-6)
    for i in 0..<y.count where (y[i] - mean).magnitude >= least {
      let z = (y[i] - mean) / deviation
      if Tie.atLeast(z.magnitude, rule.threshold) { flag(i, z, mean) }
    }
    return Tie.below(mean / deviation, rule.threshold)
  }
}
