import ErpqBase

/// A line that was promised for a day.
public struct DeliveryLine: Hashable, Sendable {
  /// Day it was promised for.
  public var promised: CivilDate
  /// Day it was delivered; nil while it is not.
  public var done: CivilDate?
  /// Units ordered.
  public var ordered: Double
  /// Units delivered.
  public var delivered: Double

  /// A line.
  public init(promised: CivilDate, done: CivilDate?, ordered: Double, delivered: Double) {
    self.promised = promised
    self.done = done
    self.ordered = ordered
    self.delivered = delivered
  }

  /// Whether it came on its day or before.
  public var isOnTime: Bool { done.map { $0 <= promised } ?? false }
  /// Whether all of it came.
  public var isInFull: Bool { delivered >= ordered - Tie.tolerance * Swift.max(1, ordered) }
}

/// How reliably lines come (the SCOR model's "perfect order" parts). Days are civil days; a line that is due
/// and not delivered has failed. All are shares, NaN without lines.
public struct DeliveryPerformance: Hashable, Sendable {
  /// Lines on time.
  public var onTime: Double
  /// Lines in full.
  public var inFull: Double
  /// Lines both on time and in full.
  public var onTimeInFull: Double
  /// Units delivered of those ordered.
  public var fillRate: Double
  /// Units delivered on time of those ordered.
  public var onTimeUnits: Double

  /// The performance over lines that are due.
  public init(_ lines: [DeliveryLine]) {
    var (time, full, both) = (0.0, 0.0, 0.0)
    var (ordered, delivered, timely) = (0.0, 0.0, 0.0)
    for line in lines {
      let units = Swift.min(line.delivered, line.ordered)
      if line.isOnTime {
        time += 1
        timely += units
      }
      if line.isInFull { full += 1 }
      if line.isOnTime, line.isInFull { both += 1 }
      ordered += line.ordered
      delivered += units
    }
    let n = Double(lines.count)
    (onTime, inFull, onTimeInFull) = (time / n, full / n, both / n)
    (fillRate, onTimeUnits) = (delivered / ordered, timely / ordered)
  }
}
