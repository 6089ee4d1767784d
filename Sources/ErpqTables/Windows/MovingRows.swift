import ErpqBase

/// Windows that must look at their values themselves: the rows of each partition together, and the size.
struct MovingRows {
  private let starts: [Int]
  private let rows: [Int32]
  private let size: Int?

  /// Windows of `size` rows; nil: of all rows so far.
  init(_ partitions: Grouping, _ size: Int?) {
    (starts, rows) = partitions.buckets()
    self.size = size.map { Swift.max(1, $0) }
  }

  /// For each row the median of its window: the window's values are kept in order.
  func medians(_ values: Lane<Double>) throws -> [Double?] {
    var result = [Double?](repeating: nil, count: rows.count)
    let cancel = Cancellation.current
    var ordered: [Double] = []
    func place(_ x: Double) -> Int {
      var (low, high) = (0, ordered.count)
      while low < high {
        let mid = (low + high) / 2
        if ordered[mid] < x { low = mid + 1 } else { high = mid }
      }
      return low
    }
    for g in 0..<(starts.count - 1) {
      ordered.removeAll(keepingCapacity: true)
      for i in starts[g]..<starts[g + 1] {
        if i & 0xFFF == 0 { try cancel.check() }
        if let size, i - starts[g] >= size, values.isValid(Int(rows[i - size])) {
          ordered.remove(at: place(values[Int(rows[i - size])]))
        }
        let row = Int(rows[i])
        if values.isValid(row) { ordered.insert(values[row], at: place(values[row])) }
        guard !ordered.isEmpty else { continue }
        let middle = ordered.count / 2
        let high = ordered[middle]
        result[row] = ordered.count % 2 == 1 ? high : ordered[middle - 1] + (high - ordered[middle - 1]) / 2
      }
    }
    return result
  }

  /// For each row the number of distinct values in its window.
  func distinctCounts(_ ids: Grouping, _ column: Column) throws -> [Int64] {
    var result = [Int64](repeating: 0, count: rows.count)
    let cancel = Cancellation.current
    var counts = [Int32](repeating: 0, count: ids.count)
    for g in 0..<(starts.count - 1) {
      var distinct: Int64 = 0
      for i in starts[g]..<starts[g + 1] {
        if i & 0xFFFF == 0 { try cancel.check() }
        let row = Int(rows[i])
        if column.isValid(row) {
          counts[Int(ids.ids[row])] += 1
          if counts[Int(ids.ids[row])] == 1 { distinct += 1 }
        }
        if let size, i - starts[g] >= size, column.isValid(Int(rows[i - size])) {
          let old = Int(ids.ids[Int(rows[i - size])])
          counts[old] -= 1
          if counts[old] == 0 { distinct -= 1 }
        }
        result[row] = distinct
      }
      for i in starts[g]..<starts[g + 1] { counts[Int(ids.ids[Int(rows[i])])] = 0 }
    }
    return result
  }
}
