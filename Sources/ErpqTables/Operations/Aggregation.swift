import ErpqBase

/// An aggregate to be computed for each group: its name in the result, how, and of what.
public struct Aggregate: Sendable {
  /// The name of the column it makes.
  public var name: String
  /// How a group's rows become one value.
  public var kind: AggregateKind
  /// None for a count of rows; otherwise the column, and for a percentile the share (its first value counts).
  public var arguments: [Column]
  /// The type of the result.
  public var type: ValueType

  /// An aggregate; without a type it gets the usual one.
  public init(_ name: String, _ kind: AggregateKind, _ arguments: [Column], type: ValueType? = nil) {
    self.name = name
    self.kind = kind
    self.arguments = arguments
    self.type = type ?? kind.resultType(of: arguments.first?.type)
  }
}

extension AggregateKind {
  /// The usual type of the result for an argument: units are kept, an average of ints is a number, a variance
  /// is a plain number (its unit would be a square).
  public func resultType(of argument: ValueType?) -> ValueType {
    switch self {
    case .count, .countDistinct: .int
    case .sum: argument == .bool ? .int : argument ?? .number
    case .avg, .median, .percentile, .stdev:
      argument == .int || argument == .bool ? .number : argument ?? .number
    case .variance: .number
    case .min, .max, .first, .last: argument ?? .null
    }
  }
}

extension Aggregate {
  /// One value a group. Nulls are skipped; of no values a count is 0 and everything else is null. Sums add up
  /// in the order of the rows; a sum of ints that does not fit is an error.
  public func computed(over groups: Grouping) throws -> Column {
    try Cancellation.current.check()
    guard let argument = arguments.first else {
      return kind == .count ? counts(nil, groups) : .nulls(type, count: groups.count)
    }
    switch kind {
    case .count: return counts(argument, groups)
    case .countDistinct: return try distinctCounts(argument, groups)
    case .sum where type == .int: return try wholeSums(argument, groups)
    case .sum, .avg: return sums(argument, groups)
    case .min, .max: return extremes(argument, groups)
    case .first, .last: return ends(argument, groups)
    case .stdev, .variance: return spreads(argument, groups)
    case .median: return try quantiles(argument, 0.5, groups)
    case .percentile:
      guard arguments.count > 1, let share = arguments[1].count > 0 ? arguments[1][0].asDouble : 0.5 else {
        return .nulls(type, count: groups.count)
      }
      guard (0...1).contains(share) else {
        throw KernelError("a percentile needs a share from 0% to 100%, not \(formatNumber(share * 100))%")
      }
      return try quantiles(argument, share, groups)
    }
  }

  private func counts(_ column: Column?, _ groups: Grouping) -> Column {
    var counts = [Int64](repeating: 0, count: groups.count)
    if let column, case .nulls = column.storage { return Column(type, .ints(counts)) }
    counts.withUnsafeMutableBufferPointer { counts in
      groups.ids.withUnsafeBufferPointer { ids in
        if let validity = column?.validity {
          for i in 0..<ids.count where validity[i] { counts[Int(ids[i])] &+= 1 }
        } else if counts.count == 1 {
          counts[0] = Int64(ids.count)
        } else {
          for id in ids { counts[Int(id)] &+= 1 }
        }
      }
    }
    return Column(type, .ints(counts))
  }

  /// Pairs of group and value are grouped in turn; each distinct pair counts once.
  private func distinctCounts(_ column: Column, _ groups: Grouping) throws -> Column {
    var counts = [Int64](repeating: 0, count: groups.count)
    if case .nulls = column.storage { return Column(type, .ints(counts)) }
    let pairs = try Grouping(
      by: [Column(.int, .ints(groups.ids.map { Int64($0) })), column], rows: groups.ids.count)
    for row in pairs.firstRows where column.isValid(Int(row)) { counts[Int(groups.ids[Int(row)])] += 1 }
    return Column(type, .ints(counts))
  }

  private func wholeSums(_ column: Column, _ groups: Grouping) throws -> Column {
    guard let lane = Operand.column(column).ints() else { return .nulls(type, count: groups.count) }
    var sums = [Int64](repeating: 0, count: groups.count)
    var seen = [Bool](repeating: false, count: groups.count)
    var overflowRow: Int?
    sums.withUnsafeMutableBufferPointer { sums in
      seen.withUnsafeMutableBufferPointer { seen in
        eachRow(lane, groups) { row, g, value in
          let (sum, overflow) = sums[g].addingReportingOverflow(value)
          if overflow, overflowRow == nil { overflowRow = row }
          sums[g] = sum
          seen[g] = true
        }
      }
    }
    if let overflowRow {
      throw KernelError(
        "the sum is too large for a whole number; sum number(…) of the column instead", row: overflowRow)
    }
    return Column(type, .ints(sums), validity: Bitmap(seen))
  }

  private func sums(_ column: Column, _ groups: Grouping) -> Column {
    guard let lane = Operand.column(column).doubles() else { return .nulls(type, count: groups.count) }
    var sums = [Double](repeating: 0, count: groups.count)
    let counts: [Int64]
    if groups.count == 1 {
      var (sum, n) = (0.0, 0)
      eachRow(lane, groups) { _, _, value in
        sum += value
        n &+= 1
      }
      sums[0] = sum
      counts = [Int64(n)]
    } else {
      sums.withUnsafeMutableBufferPointer { sums in
        eachRow(lane, groups) { _, g, value in sums[g] += value }
      }
      if case .ints(let n) = self.counts(column, groups).storage { counts = n } else { counts = [] }
    }
    if kind == .avg { for g in sums.indices where counts[g] > 0 { sums[g] /= Double(counts[g]) } }
    return Column(finite: type, sums, validity: Bitmap(counts.map { $0 > 0 }))
  }

  /// Welford's recurrence, which does not cancel (Technometrics 4, 1962).
  private func spreads(_ column: Column, _ groups: Grouping) -> Column {
    guard let lane = Operand.column(column).doubles() else { return .nulls(type, count: groups.count) }
    var moments = [Moments](repeating: Moments(), count: groups.count)
    moments.withUnsafeMutableBufferPointer { moments in
      eachRow(lane, groups) { _, g, value in moments[g].add(value) }
    }
    let values = moments.map { kind == .stdev ? $0.variance.squareRoot() : $0.variance }
    return Column(finite: type, values, validity: Bitmap(moments.map { $0.count >= 2 }))
  }

  private func extremes(_ column: Column, _ groups: Grouping) -> Column {
    switch column.storage {
    case .doubles(let v): return best(Lane(v, column.validity), column, groups)
    case .ints(let v): return best(Lane(v, column.validity), column, groups)
    case .days(let v): return best(Lane(v, column.validity), column, groups)
    case .bools(let v): return best(Lane(v.map { $0 ? UInt8(1) : 0 }, column.validity), column, groups)
    case .codes(let v, let dictionary):
      let ranks = dictionary.ranks()
      let lane = Lane(v, column.validity).map {
        UInt32(bitPattern: $0) < UInt32(ranks.count) ? ranks[Int($0)] : 0
      }
      return best(lane, column, groups)
    case .values, .nulls: return .nulls(type, count: groups.count)
    }
  }

  /// The values at the rows that are least or greatest of their group (the first of equals).
  @inline(__always)
  private func best<T: Comparable>(_ lane: Lane<T>, _ column: Column, _ groups: Grouping) -> Column {
    guard var best = lane.values.first.map({ [T](repeating: $0, count: groups.count) }) else {
      return .nulls(type, count: groups.count)
    }
    var rows = [Int32](repeating: -1, count: groups.count)
    let greatest = kind == .max
    best.withUnsafeMutableBufferPointer { best in
      rows.withUnsafeMutableBufferPointer { rows in
        eachRow(lane, groups) { row, g, value in
          if rows[g] < 0 || (greatest ? value > best[g] : value < best[g]) {
            best[g] = value
            rows[g] = Int32(truncatingIfNeeded: row)
          }
        }
      }
    }
    return column.taking(rows).retyped(type)
  }

  private func ends(_ column: Column, _ groups: Grouping) -> Column {
    var rows = [Int32](repeating: -1, count: groups.count)
    for row in 0..<groups.ids.count where column.isValid(row) {
      let g = Int(groups.ids[row])
      if kind == .last || rows[g] < 0 { rows[g] = Int32(row) }
    }
    return column.taking(rows).retyped(type)
  }

  /// Quantiles by linear interpolation between the order statistics (type 7 of Hyndman & Fan, 1996).
  private func quantiles(_ column: Column, _ share: Double, _ groups: Grouping) throws -> Column {
    guard let lane = Operand.column(column).doubles() else { return .nulls(type, count: groups.count) }
    let (starts, rows) = groups.buckets()
    var values = [Double](repeating: 0, count: groups.count)
    var seen = [Bool](repeating: false, count: groups.count)
    let cancel = Cancellation.current
    var buffer: [Double] = []
    for g in 0..<groups.count {
      if g & 0xFFF == 0 { try cancel.check() }
      buffer.removeAll(keepingCapacity: true)
      for row in rows[starts[g]..<starts[g + 1]] where lane.isValid(Int(row)) {
        buffer.append(lane[Int(row)])
      }
      guard !buffer.isEmpty else { continue }
      values[g] = quantile(&buffer, share)
      seen[g] = true
    }
    return Column(finite: type, values, validity: Bitmap(seen))
  }
}

/// `body(row, group, value)` for every row that holds a value, in order.
@inline(__always)
func eachRow<T>(_ lane: Lane<T>, _ groups: Grouping, _ body: (Int, Int, T) -> Void) {
  lane.values.withUnsafeBufferPointer { values in
    groups.ids.withUnsafeBufferPointer { ids in
      if let validity = lane.validity {
        validity.words.withUnsafeBufferPointer { words in
          for i in 0..<ids.count where words[i >> 6] >> UInt64(i & 63) & 1 == 1 {
            body(i, Int(ids[i]), values[i])
          }
        }
      } else {
        for i in 0..<ids.count { body(i, Int(ids[i]), values[i]) }
      }
    }
  }
}

/// Count, mean and sum of squared deviations of the values so far.
struct Moments {
  var count = 0.0
  var mean = 0.0
  var squares = 0.0

  /// One value more.
  @inline(__always)
  mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
  }

  /// Both sets of values together (Chan, Golub & LeVeque, 1979).
  func merged(_ other: Moments) -> Moments {
    if count == 0 { return other }
    if other.count == 0 { return self }
    let n = count + other.count
    let delta = other.mean - mean
    return Moments(
      count: n, mean: mean + delta * other.count / n,
      squares: squares + other.squares + delta * delta * count * other.count / n)
  }

  /// The sample variance; meaningless below two values.
  var variance: Double { squares / (count - 1) }
}

/// The quantile of values that are not empty; reorders them.
func quantile(_ values: inout [Double], _ share: Double) -> Double {
  let position = share * Double(values.count - 1)
  let below = Int(position)
  let fraction = position - Double(below)
  let low = select(&values, below)
  guard fraction > 0, below + 1 < values.count else { return low }
  // What lies above the selected place is not less; its least is the next in order.
  let high = values[(below + 1)...].min() ?? low
  return low + (high - low) * fraction
}

/// The k-th least value (Hoare's selection, median of three); afterwards it stands at place `k`.
private func select(_ values: inout [Double], _ k: Int) -> Double {
  values.withUnsafeMutableBufferPointer { v in
    var (low, high) = (0, v.count - 1)
    while high - low > 16 {
      let mid = (low + high) / 2
      if v[mid] < v[low] { v.swapAt(mid, low) }
      if v[high] < v[low] { v.swapAt(high, low) }
      if v[high] < v[mid] { v.swapAt(high, mid) }
      let pivot = v[mid]
      var (i, j) = (low, high)
      while i <= j {
        while v[i] < pivot { i += 1 }
        while pivot < v[j] { j -= 1 }
        if i <= j {
          v.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if k <= j { high = j } else if k >= i { low = i } else { return v[k] }
    }
    v[low...high].sort()
    return v[k]
  }
}

extension Table {
  /// One row for each distinct combination of the keys, in the order of first appearance: the keys, then the
  /// aggregates. Without keys there is one row, even for an empty table.
  public func grouped(by keys: [String], aggregates: [Aggregate]) throws -> Table {
    let columns = try keys.map { try column(named: $0) }
    let groups = try Grouping(by: columns, rows: rowCount)
    return try grouped(keys: Array(zip(keys, columns)), groups, aggregates)
  }

  /// The same over columns that need not be in the table.
  public func grouped(keys: [(String, Column)], _ groups: Grouping, _ aggregates: [Aggregate]) throws -> Table
  {
    var fields: [Field] = []
    var result: [Column] = []
    for (name, column) in keys {
      fields.append(Field(name, column.type, schema[name]?.doc ?? ""))
      result.append(column.gathered(groups.firstRows, mayBeMissing: false))
    }
    for aggregate in aggregates {
      fields.append(Field(aggregate.name, aggregate.type))
      result.append(try aggregate.computed(over: groups))
    }
    return Table(Schema(fields), result, rowCount: groups.count)
  }

  /// The column of that name, or an error that names those there are.
  func column(named name: String) throws -> Column {
    if let column = self[name] { return column }
    let near = nearest(to: name, among: schema.names)
    let hint = near.isEmpty ? "" : "; did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"
    throw KernelError("the table has no column '\(name)'\(hint)")
  }
}
