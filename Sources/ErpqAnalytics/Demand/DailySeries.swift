import ErpqBase

/// Daily quantities of many series over one window, zero where nothing happened: a flat matrix.
public struct DailyMatrix: Sendable {
  /// The days of the columns.
  public let window: DayWindow
  /// Number of series.
  public let rows: Int
  /// `rows × window.count` finite quantities, one series after the other, oldest day first.
  public private(set) var values: [Double]

  /// A matrix of the given values; missing ones and those beyond `largest` are 0, surplus ones dropped.
  public init(window: DayWindow, rows: Int, values: [Double]) {
    self.window = window
    self.rows = Swift.max(0, rows)
    self.values = Array(repeating: 0, count: self.rows * window.count)
    for (i, value) in values.prefix(self.values.count).enumerated()
    where value.magnitude <= DailyMatrix.largest {
      self.values[i] = value
    }
  }

  /// The largest magnitude taken for a quantity; sums of squares of such stay finite.
  public static let largest = 1e100

  /// Days of each series.
  public var columns: Int { window.count }

  /// A matrix of zeros that `fill` changes: cell `row × window.count + day` to a finite quantity up to `largest`.
  public init(window: DayWindow, rows: Int, fill: (inout UnsafeMutableBufferPointer<Double>) throws -> Void)
    rethrows
  {
    self.window = window
    self.rows = Swift.max(0, rows)
    values = Array(repeating: 0, count: self.rows * window.count)
    try values.withUnsafeMutableBufferPointer { try fill(&$0) }
  }

  /// Adds up points (series, day, quantity) in the order they come, days outside the window left out.
  ///
  /// - Parameters:
  ///   - series: row of each point; a negative or too large one belongs to no series and is left out.
  ///   - days: days since 1970-01-01 of each point.
  ///   - quantities: quantity of each point; one that is not a number up to `largest` counts as nothing.
  /// - Throws: `Cancellation.Interrupted`.
  public init(
    window: DayWindow, rows: Int, series: [Int32], days: [Int32], quantities: [Double]
  ) throws {
    self.init(window: window, rows: rows, values: [])
    let count = Swift.min(series.count, Swift.min(days.count, quantities.count))
    let width = window.count
    let first = Int(window.first.day)
    let height = self.rows
    let cancel = Cancellation.current
    try values.withUnsafeMutableBufferPointer { out in
      try series.withUnsafeBufferPointer { series in
        try days.withUnsafeBufferPointer { days in
          try quantities.withUnsafeBufferPointer { quantities in
            for i in 0..<count {
              if i & 0xFFFF == 0 { try cancel.check() }
              let row = Int(series[i])
              let column = Int(days[i]) - first
              let quantity = quantities[i]
              guard row >= 0, row < height, column >= 0, column < width,
                quantity.magnitude <= DailyMatrix.largest
              else { continue }
              out[row * width + column] += quantity
            }
          }
        }
      }
    }
  }

  /// Multiplies every quantity of a row by its factor.
  public mutating func scale(_ factor: (_ row: Int) -> Double) {
    for row in 0..<rows {
      let f = factor(row)
      guard f != 1, f.isFinite else { continue }
      for i in row * columns..<(row + 1) * columns { values[i] *= f }
    }
  }

  /// One series, oldest day first; empty for a row that there is not.
  public func row(_ index: Int) -> [Double] {
    guard index >= 0, index < rows else { return [] }
    return Array(values[index * columns..<(index + 1) * columns])
  }

  /// What one series is in numbers.
  public struct Summary: Hashable, Sendable {
    /// The sum in the order of the days.
    public var sum: Double
    /// The standard deviation; 0 where it has no degree of freedom. The same number as `Statistics.moments` gives.
    public var deviation: Double
    /// Whether there are whole numbers only (as every number beyond 2^53 is one).
    public var isWhole: Bool
  }

  /// Each series in numbers.
  public func summaries(_ deviation: Deviation) -> [Summary] {
    let width = columns
    let divisor = Double(width - deviation.lostDegrees)
    // Added to 1.5 · 2⁵², a number of ordinary size loses its fraction: a cheap first look.
    let shift = SIMD4<Double>(repeating: 0x1.8p52)
    var summaries: [Summary] = []
    summaries.reserveCapacity(rows)
    values.withUnsafeBufferPointer { values in
      // Four series at a time: a sum waits for the one before it, four of them do not wait for each other.
      for first in stride(from: 0, to: rows, by: 4) {
        let starts = (0..<4).map { Swift.min(first + $0, rows - 1) * width }
        let (a, b, c, d) = (starts[0], starts[1], starts[2], starts[3])
        var sums = SIMD4<Double>()
        var suspects = SIMD4<Double>()
        for day in 0..<width {
          let x = SIMD4(values[a + day], values[b + day], values[c + day], values[d + day])
          sums += x
          suspects.replace(with: 1, where: (x + shift) - shift .!= x)
        }
        let means = width > 0 ? sums / Double(width) : SIMD4<Double>()
        var squares = SIMD4<Double>()
        for day in 0..<width {
          let x = SIMD4(values[a + day], values[b + day], values[c + day], values[d + day])
          squares += (x - means) * (x - means)
        }
        for i in 0..<Swift.min(4, rows - first) {
          let own = values[starts[i]..<(starts[i] + width)]
          summaries.append(
            Summary(
              sum: sums[i], deviation: divisor > 0 ? (squares[i] / divisor).squareRoot() : 0,
              isWhole: suspects[i] == 0 || own.allSatisfy { $0 == $0.rounded(.towardZero) }))
        }
      }
    }
    return summaries
  }

  /// Calls `body` with each series in turn, without copying it.
  public func forEachRow(_ body: (_ row: Int, _ series: UnsafeBufferPointer<Double>) throws -> Void) rethrows
  {
    try values.withUnsafeBufferPointer { all in
      for row in 0..<rows {
        try body(row, UnsafeBufferPointer(rebasing: all[row * columns..<(row + 1) * columns]))
      }
    }
  }
}

/// Questions about one daily series.
public enum DailySeries {
  /// The series of one product: points added up per day, zero where nothing happened.
  ///
  /// - Throws: `Cancellation.Interrupted`.
  public static func dense(days: [Int32], quantities: [Double], window: DayWindow) throws -> [Double] {
    let rows = [Int32](repeating: 0, count: days.count)
    return try DailyMatrix(window: window, rows: 1, series: rows, days: days, quantities: quantities).values
  }

  /// Number of days with positive net sales.
  public static func saleDays(_ series: UnsafeBufferPointer<Double>) -> Int {
    var count = 0
    for value in series where value > 0 { count += 1 }
    return count
  }

  /// Number of days with positive net sales.
  public static func saleDays(_ series: [Double]) -> Int { series.withUnsafeBufferPointer { saleDays($0) } }

  /// Days from the first day with positive sales to the end, both included; 0 if there is none.
  public static func daysSinceFirstSale(_ series: [Double]) -> Int {
    guard let first = series.firstIndex(where: { $0 > 0 }) else { return 0 }
    return series.count - first
  }
}
