/// How a day is told to be out of the ordinary.
public enum AnomalyMethod: String, Hashable, Sendable, CaseIterable {
  /// Against the median of its weekday, in robust deviations; for series of few or small sales by how rare such a
  /// day, or a run without sales, is.
  case robust
  /// (x − μ) / σ over the same days: the documents' formula.
  case z
}

/// How far out of the ordinary a day is.
public enum AnomalySeverity: String, Hashable, Sendable, CaseIterable {
  case high = "HIGH"
  case medium = "MEDIUM"
  case low = "LOW"

  /// HIGH from 4 on, MEDIUM from 3 on, LOW below.
  public init(z: Double) {
    let size = z.magnitude
    self = Tie.atLeast(size, 4) ? .high : Tie.atLeast(size, 3) ? .medium : .low
  }
}

/// Whether more or less was sold than expected.
public enum AnomalyType: String, Hashable, Sendable, CaseIterable {
  case spike = "SPIKE"
  case drop = "DROP"
}

/// What counts as an anomaly.
public struct AnomalyRule: Hashable, Sendable {
  /// How days are judged.
  public var method = AnomalyMethod.robust
  /// The least |z| of an anomaly.
  public var threshold = 3.0
  /// How σ is taken by `z`.
  public var deviation = Deviation.sample
  /// Days that tell what is ordinary, the judged ones among them; `z` looks at the judged days only.
  public var baseline = 91
  /// Whether the impact looks at the stock; otherwise it follows from the type alone.
  public var looksAtStock = true

  /// Robust, at 3, against thirteen weeks.
  public init() {}

  /// The documents' reading: the z of the judged days themselves, population deviation.
  public static let erpconnect = {
    var rule = AnomalyRule()
    rule.method = .z
    rule.deviation = .population
    rule.looksAtStock = false
    return rule
  }()
}

/// A day, or a run of days without sales, that is out of the ordinary.
public struct Anomaly: Hashable, Sendable {
  /// Row of the series.
  public var series: Int
  /// Column of the day; the last one of a run.
  public var column: Int
  /// Days that it speaks of: 1, or the length of a run without sales.
  public var days: Int
  /// More or less than expected.
  public var type: AnomalyType
  /// What was sold.
  public var actual: Double
  /// What was to be expected of these days.
  public var expected: Double
  /// Deviation in standard deviations, or the normal quantile of its probability; negative for a drop.
  public var z: Double
  /// How far out of the ordinary.
  public var severity: AnomalySeverity
}
