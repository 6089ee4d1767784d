import ErpqAnalytics
import ErpqBase
import ErpqTables

/// The sale lines of some days by product, those of each in the order of the relation.
struct LinesByProduct: Sendable {
  private let window: DayWindow
  /// Where the lines of each product begin; one more, where those of the last end.
  private let starts: [Int]
  let days: [Int32]
  let quantities: [Double]
  let amounts: [Double]

  init(_ sales: Table, day: String, _ window: DayWindow, _ places: PlacesOfIDs, _ count: Int) {
    self.window = window
    var starts = [Int](repeating: 0, count: count + 1)
    guard case .ints(let products)? = sales["product"]?.storage, case .days(let days)? = sales[day]?.storage
    else {
      (self.starts, self.days, quantities, amounts) = (starts, [], [], [])
      return
    }
    let rows = places.of(products)
    for row in rows where row >= 0 { starts[Int(row) + 1] += 1 }
    for row in 0..<count { starts[row + 1] += starts[row] }
    var next = starts
    var order = [Int](repeating: 0, count: starts[count])
    for (line, row) in rows.enumerated() where row >= 0 {
      order[next[Int(row)]] = line
      next[Int(row)] += 1
    }
    self.starts = starts
    self.days = order.map { days[$0] }
    func numbers(_ name: String) -> [Double] {
      // A column of nulls alone has no numbers: nobody said what the lines were worth.
      guard case .doubles(let values)? = sales[name]?.storage else { return order.map { _ in 0 } }
      return order.map { values[$0] }
    }
    quantities = numbers("qty")
    amounts = numbers("amount")
  }

  /// What each product sold over a window: the quantity of each day, and of all days revenue, lines with a positive
  /// quantity and the first day with a line (`.max` without one).
  func summed(over window: DayWindow) throws -> (
    quantity: DailyMatrix, revenue: [Double], lines: [Int], first: [Int32]
  ) {
    let count = starts.count - 1
    var revenue = [Double](repeating: 0, count: count)
    var lines = [Int](repeating: 0, count: count)
    var first = [Int32](repeating: .max, count: count)
    let (start, width) = (window.first.day, window.count)
    let cancel = Cancellation.current
    let quantity = try DailyMatrix(window: window, rows: count) { cells in
      try days.withUnsafeBufferPointer { days in
        try quantities.withUnsafeBufferPointer { quantities in
          try amounts.withUnsafeBufferPointer { amounts in
            for row in 0..<count {
              if row & 255 == 0 { try cancel.check() }
              var (worth, sold, earliest) = (0.0, 0, Int32.max)
              let own = starts[row]..<starts[row + 1]
              for i in LinesByProduct.place(of: start, in: days, own)..<own.upperBound {
                let day = Int(days[i]) - Int(start)
                guard day >= 0, day < width else { continue }
                let units = quantities[i]
                if units.magnitude <= DailyMatrix.largest { cells[row * width + day] += units }
                worth += amounts[i]
                sold += units > 0 ? 1 : 0
                earliest = Swift.min(earliest, days[i])
              }
              (revenue[row], lines[row], first[row]) = (worth, sold, earliest)
            }
          }
        }
      }
    }
    return (quantity, revenue, lines, first)
  }

  /// Where the lines of a day begin, or a little before.
  private static func place(of day: Int32, in days: UnsafeBufferPointer<Int32>, _ lines: Range<Int>) -> Int {
    // They are ordered by the company's days, from which those of universal time differ by one at most.
    var (low, high) = (lines.lowerBound, lines.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if days[middle] >= day - 2 { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Whether all days of a window are among those of the lines.
  func covers(_ other: DayWindow) -> Bool {
    other.count == 0 || (window.count > 0 && window.first <= other.first && other.last <= window.last)
  }
}
