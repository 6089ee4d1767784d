import ErpqBase

extension Window {
  /// An aggregate over the last `n` rows of the partition at each row (all rows so far when `n` is nil).
  ///
  /// Sums, averages, spreads, least and greatest values take constant time a row and never subtract: each window
  /// is the end of one block of `n` rows and the beginning of the next, both folded once (van Herk, 1992).
  func moving(_ aggregate: AggregateKind, _ n: Int?, _ argument: Column, _ partitions: Grouping) throws -> Column {
    let size = n.map { Swift.max(1, $0) }
    let lane = MovingRows(partitions, size)
    switch aggregate {
    case .count:
      let flags = (0..<argument.count).map { argument.isValid($0) ? Int64(1) : 0 }
      let counts: [Int64?] = try lane.folded(flags.map { $0 }, valid: { _ in true }) { $0 &+ $1 }
      return Column(type, .ints(counts.map { $0 ?? 0 }))
    case .sum where type == .int:
      guard let ints = Operand.column(argument).ints() else { break }
      let sums = try lane.folded(ints.values.map { (value: $0, overflow: false) }, valid: ints.isValid) { a, b in
        let (sum, overflow) = a.value.addingReportingOverflow(b.value)
        return (sum, overflow || a.overflow || b.overflow)
      }
      if let row = sums.firstIndex(where: { $0?.overflow ?? false }) {
        throw KernelError("the moving sum is too large for a whole number", row: row)
      }
      return Column(type, .ints(sums.map { $0?.value ?? 0 }), validity: Bitmap(sums.map { $0 != nil }))
    case .sum, .avg:
      guard let values = Operand.column(argument).doubles() else { break }
      if aggregate == .sum {
        return try finite(lane.folded(values.values, valid: values.isValid) { $0 + $1 }) { $0 }
      }
      let pairs = try lane.folded(values.values.map { (sum: $0, n: 1.0) }, valid: values.isValid) {
        ($0.sum + $1.sum, $0.n + $1.n)
      }
      return finite(pairs) { $0.sum / $0.n }
    case .stdev, .variance:
      guard let values = Operand.column(argument).doubles() else { break }
      let each = values.values.map { Moments(count: 1, mean: $0, squares: 0) }
      let moments = try lane.folded(each, valid: values.isValid) { $0.merged($1) }
      return finite(moments) { $0.count < 2 ? nil : aggregate == .stdev ? $0.variance.squareRoot() : $0.variance }
    case .min, .max:
      if case .nulls = argument.storage { break }
      let codes = try SortCodes.ordinals(argument, descending: aggregate == .max)
      let each = codes.indices.map { (code: codes[$0], row: Int32($0)) }
      let best = try lane.folded(each, valid: argument.isValid) { $1.code < $0.code ? $1 : $0 }
      return argument.taking(best.map { $0?.row ?? -1 }).retyped(type)
    case .first, .last:
      let rows = (0..<Int32(argument.count)).map { $0 }
      let ends = try lane.folded(rows, valid: argument.isValid) { aggregate == .first ? $0 : $1 }
      return argument.taking(ends.map { $0 ?? -1 }).retyped(type)
    case .median:
      guard let values = Operand.column(argument).doubles() else { break }
      return finite(try lane.medians(values)) { $0 }
    case .countDistinct:
      let ids = try Grouping(by: [argument], rows: argument.count)
      return Column(type, .ints(try lane.distinctCounts(ids, argument)))
    case .percentile:
      throw KernelError("a moving window has no percentile; take median(…), or a percentile without over")
    }
    return aggregate == .count ? Column(type, .ints([Int64](repeating: 0, count: argument.count)))
      : .nulls(type, count: argument.count)
  }

  private func finite<S>(_ values: [S?], _ f: (S) -> Double?) -> Column {
    var out = [Double](repeating: 0, count: values.count)
    var valid = Bitmap(repeating: false, count: values.count)
    for (i, value) in values.enumerated() {
      guard let value, let x = f(value) else { continue }
      out[i] = x
      valid[i] = true
    }
    return Column(finite: type, out, validity: valid)
  }
}

/// The rows of each partition together, and the size of the window that moves over them.
struct MovingRows {
  private let starts: [Int]
  private let rows: [Int32]
  private let size: Int?

  init(_ partitions: Grouping, _ size: Int?) {
    (starts, rows) = partitions.buckets()
    self.size = size
  }

  /// For each row the fold of the window that ends with it, over its valid values in the order of the rows; nil
  /// when it has none.
  @inline(__always)
  func folded<S>(_ values: [S], valid: (Int) -> Bool, _ join: (S, S) -> S) throws -> [S?] {
    var result = [S?](repeating: nil, count: rows.count)
    var suffixes: [S?] = []
    let cancel = Cancellation.current
    func joined(_ a: S?, _ b: S?) -> S? {
      guard let a else { return b }
      guard let b else { return a }
      return join(a, b)
    }
    for g in 0..<(starts.count - 1) {
      let (start, end) = (starts[g], starts[g + 1])
      // A window that never fills is the fold of all rows so far.
      let block = Swift.min(size ?? Int.max, Swift.max(1, end - start))
      var blockStart = start
      suffixes.removeAll(keepingCapacity: true)
      while blockStart < end {
        try cancel.check()
        let blockEnd = Swift.min(blockStart + block, end)
        var prefix: S?
        for i in blockStart..<blockEnd {
          let row = Int(rows[i])
          if valid(row) { prefix = joined(prefix, values[row]) }
          // suffixes[k] folds the rows k… of the block before; this window reaches back to row i − block + 1.
          let reach = i - blockStart + 1
          result[row] = reach < suffixes.count ? joined(suffixes[reach], prefix) : prefix
        }
        suffixes.removeAll(keepingCapacity: true)
        if blockEnd < end {
          var suffix: S?
          for i in stride(from: blockEnd - 1, through: blockStart, by: -1) {
            let row = Int(rows[i])
            if valid(row) { suffix = joined(values[row], suffix) }
            suffixes.append(suffix)
          }
          suffixes.reverse()
        }
        blockStart = blockEnd
      }
    }
    return result
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
        if let size, i - size >= starts[g], values.isValid(Int(rows[i - size])) {
          ordered.remove(at: place(values[Int(rows[i - size])]))
        }
        let row = Int(rows[i])
        if values.isValid(row) { ordered.insert(values[row], at: place(values[row])) }
        guard !ordered.isEmpty else { continue }
        let middle = ordered.count / 2
        result[row] = ordered.count % 2 == 1 ? ordered[middle] : ordered[middle - 1] + (ordered[middle] - ordered[middle - 1]) / 2
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
        if let size, i - size >= starts[g], column.isValid(Int(rows[i - size])) {
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
