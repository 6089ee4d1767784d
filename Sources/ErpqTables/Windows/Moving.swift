import ErpqBase

extension Window {
  /// An aggregate over the last `n` rows of the partition at each row (all rows so far when `n` is nil).
  func moving(_ aggregate: AggregateKind, _ n: Int?, _ argument: Column, _ partitions: Grouping) throws
    -> Column
  {
    let rows = argument.count
    let moving = MovingFold(partitions, n)
    switch aggregate {
    case .count:
      var out = [Int64](repeating: 0, count: rows)
      let flags = (0..<rows).map { argument.isValid($0) ? Int64(1) : 0 }
      try moving.fold(0, { flags[$0] }, { $0 &+ $1 }, { out[$0] = $1 })
      return Column(type, .ints(out))
    case .sum where type == .int:
      guard let ints = Operand.column(argument).ints() else { break }
      return try wholeSums(ints, moving, rows)
    case .sum, .avg:
      guard let lane = Operand.column(argument).doubles() else { break }
      return try sums(lane, moving, rows, mean: aggregate == .avg)
    case .stdev, .variance:
      guard let lane = Operand.column(argument).doubles() else { break }
      var out = [Double](repeating: 0, count: rows)
      var valid = Bitmap(repeating: false, count: rows)
      func moment(_ row: Int) -> Moments {
        lane.isValid(row) ? Moments(count: 1, mean: lane[row], squares: 0) : Moments()
      }
      try moving.fold(Moments(), moment, { $0.merged($1) }) { row, m in
        guard m.count >= 2 else { return }
        out[row] = aggregate == .stdev ? m.variance.squareRoot() : m.variance
        valid[row] = true
      }
      return Column(finite: type, out, validity: valid)
    case .min, .max:
      if case .nulls = argument.storage { break }
      let codes = try SortCodes.ordinals(argument, descending: aggregate == .max)
      // The first of equals wins: −1 stands for no row and loses against every row.
      return try picked(argument, moving) { a, b in
        if a < 0 { return b }
        return b >= 0 && codes[Int(b)] < codes[Int(a)] ? b : a
      }
    case .first: return try picked(argument, moving) { $0 < 0 ? $1 : $0 }
    case .last: return try picked(argument, moving) { $1 < 0 ? $0 : $1 }
    case .median:
      guard let lane = Operand.column(argument).doubles() else { break }
      let medians = try MovingRows(partitions, n).medians(lane)
      return Column(finite: type, medians.map { $0 ?? 0 }, validity: Bitmap(medians.map { $0 != nil }))
    case .countDistinct:
      if case .nulls = argument.storage { break }
      let ids = try Grouping(by: [argument], rows: rows)
      return Column(type, .ints(try MovingRows(partitions, n).distinctCounts(ids, argument)))
    case .percentile:
      throw KernelError("a moving window has no percentile; take median(…), or a percentile without over")
    }
    let isCount = aggregate == .countDistinct
    return isCount ? Column(type, .ints([Int64](repeating: 0, count: rows))) : .nulls(type, count: rows)
  }

  private struct Total {
    var sum = 0.0
    var count = 0.0
  }

  private func sums(_ lane: Lane<Double>, _ moving: MovingFold, _ rows: Int, mean: Bool) throws -> Column {
    var sums = [Double](repeating: 0, count: rows)
    try lane.values.withUnsafeBufferPointer { values in
      try sums.withUnsafeMutableBufferPointer { out in
        func total(_ row: Int) -> Total {
          lane.isValid(row) ? Total(sum: values[row], count: 1) : Total()
        }
        try moving.fold(
          Total(), total, { Total(sum: $0.sum + $1.sum, count: $0.count + $1.count) },
          { row, total in
            // 0/0 marks a window without values; whatever is not finite becomes null below.
            out[row] = mean || total.count == 0 ? total.sum / total.count : total.sum
          })
      }
    }
    return Column(finite: type, sums, validity: nil)
  }

  private func wholeSums(_ lane: Lane<Int64>, _ moving: MovingFold, _ rows: Int) throws -> Column {
    var out = [Int64](repeating: 0, count: rows)
    var valid = Bitmap(repeating: false, count: rows)
    var overflowRow: Int?
    typealias Sum = (value: Int64, count: Int, overflow: Bool)
    func single(_ row: Int) -> Sum { lane.isValid(row) ? (lane[row], 1, false) : (0, 0, false) }
    func joined(_ a: Sum, _ b: Sum) -> Sum {
      let (value, overflow) = a.value.addingReportingOverflow(b.value)
      return (value, a.count + b.count, overflow || a.overflow || b.overflow)
    }
    try moving.fold((0, 0, false), single, joined) { row, sum in
      if sum.overflow { overflowRow = Swift.min(overflowRow ?? row, row) }
      out[row] = sum.value
      if sum.count > 0 { valid[row] = true }
    }
    if let overflowRow {
      throw KernelError(
        "the moving sum is too large for a whole number; take number(…) of the column", row: overflowRow)
    }
    return Column(type, .ints(out), validity: valid)
  }

  /// The values at the rows that a choice between rows (−1 for none) picks from each window.
  private func picked(_ argument: Column, _ moving: MovingFold, _ choose: (Int32, Int32) -> Int32) throws
    -> Column
  {
    var out = [Int32](repeating: -1, count: argument.count)
    try moving.fold(
      -1, { argument.isValid($0) ? Int32(truncatingIfNeeded: $0) : -1 }, choose, { out[$0] = $1 })
    return argument.taking(out).retyped(type)
  }
}

/// Folds the window of the last rows of each partition, in constant time a row and without ever taking a
/// value back, so that a large value leaves no trace once it has left the window.
///
/// Each partition's rows are cut into blocks as long as the window. A window is then the end of one block and
/// the beginning of the next; both folds are kept as the rows go by (van Herk, 1992; Gil & Werman, 1993).
struct MovingFold {
  private let partitions: Grouping
  private let size: Int?

  /// Windows of `size` rows; nil: of all rows so far.
  init(_ partitions: Grouping, _ size: Int?) {
    self.partitions = partitions
    self.size = size.map { Swift.max(1, $0) }
  }

  /// Calls `emit(row, fold)` for every row. `join` is associative and `identity` changes nothing.
  @inline(__always)
  func fold<S>(_ identity: S, _ value: (Int) -> S, _ join: (S, S) -> S, _ emit: (Int, S) -> Void) throws {
    let rows = partitions.ids.count
    let cancel = Cancellation.current
    guard let size, size < rows else {
      var folds = [S](repeating: identity, count: partitions.count)
      try inChunks(rows, cancel) { row in
        let g = Int(partitions.ids[row])
        folds[g] = join(folds[g], value(row))
        emit(row, folds[g])
      }
      return
    }
    if partitions.count * size <= Swift.max(1 << 16, rows) {
      try stream(size, identity, value, join, emit)
    } else {
      try byPartition(size, identity, value, join, emit)
    }
  }

  @inline(__always)
  private func inChunks(_ rows: Int, _ cancel: Cancellation, _ body: (Int) -> Void) throws {
    var from = 0
    while from < rows {
      try cancel.check()
      let to = Swift.min(rows, from + 65_536)
      for row in from..<to { body(row) }
      from = to
    }
  }

  /// In the order of the table, with the state of every partition at hand. A partition's `size` places hold
  /// the values of the present block up to the present row, and behind it the folds of the ends of the last
  /// block.
  @inline(__always)
  private func stream<S>(
    _ size: Int, _ identity: S, _ value: (Int) -> S, _ join: (S, S) -> S, _ emit: (Int, S) -> Void
  ) throws {
    var blocks = [S](repeating: identity, count: partitions.count * size)
    var states = [(prefix: S, place: Int)](repeating: (identity, 0), count: partitions.count)
    try blocks.withUnsafeMutableBufferPointer { blocks in
      try states.withUnsafeMutableBufferPointer { states in
        try partitions.ids.withUnsafeBufferPointer { ids in
          try inChunks(ids.count, Cancellation.current) { row in
            let g = Int(ids[row])
            let base = g * size
            let place = states[g].place
            let new = value(row)
            let prefix = join(states[g].prefix, new)
            blocks[base + place] = new
            if place + 1 < size {
              emit(row, join(blocks[base + place + 1], prefix))
              states[g] = (prefix, place + 1)
              return
            }
            emit(row, prefix)
            states[g] = (identity, 0)
            var suffix = new
            for k in stride(from: size - 2, through: 0, by: -1) {
              suffix = join(blocks[base + k], suffix)
              blocks[base + k] = suffix
            }
          }
        }
      }
    }
  }

  /// One partition after the other, for windows that are long beside the partitions.
  @inline(__always)
  private func byPartition<S>(
    _ size: Int, _ identity: S, _ value: (Int) -> S, _ join: (S, S) -> S, _ emit: (Int, S) -> Void
  ) throws {
    let (starts, rows) = partitions.buckets()
    let cancel = Cancellation.current
    var suffixes: [S] = []
    for g in 0..<partitions.count {
      suffixes.removeAll(keepingCapacity: true)
      var start = starts[g]
      while start < starts[g + 1] {
        try cancel.check()
        let end = Swift.min(start + size, starts[g + 1])
        var prefix = identity
        for i in start..<end {
          let row = Int(rows[i])
          prefix = join(prefix, value(row))
          let reach = i - start + 1
          emit(row, reach < suffixes.count ? join(suffixes[reach], prefix) : prefix)
        }
        suffixes.removeAll(keepingCapacity: true)
        if end < starts[g + 1] {
          var suffix = identity
          for i in stride(from: end - 1, through: start, by: -1) {
            suffix = join(value(Int(rows[i])), suffix)
            suffixes.append(suffix)
          }
          suffixes.reverse()
        }
        start = end
      }
    }
  }
}
