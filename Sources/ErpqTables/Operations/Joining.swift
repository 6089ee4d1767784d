import ErpqBase

/// Which rows a join keeps.
public enum JoinKind: String, Sendable, CaseIterable {
  /// Pairs that match.
  case inner
  /// Every left row, with nulls where nothing matches.
  case left
  /// Every right row; those without a match come last, with nulls on the left.
  case right
  /// Every row of both sides.
  case full
  /// Left rows with a match, once each, without the right's columns.
  case semi
  /// Left rows without a match.
  case anti
}

extension Table {
  /// This table's rows beside the rows of another with equal keys.
  ///
  /// The order of the left is kept, the matches of a row come in the order of the right; right rows without a
  /// match (`right`, `full`) follow at the end. Null keys never match. A key pair of one name, or whose left
  /// name is in `mergeKeys`, becomes one column; any other right column whose name is taken gets `_right`
  /// after it.
  public func joined(
    _ right: Table, on keys: [(left: String, right: String)], kind: JoinKind, mergeKeys: [String] = []
  ) throws -> Table {
    let pairs = try keys.map { (try column(named: $0.left), try right.column(named: $0.right)) }
    for ((a, b), key) in zip(pairs, keys) where !joinable(a.type, b.type) {
      throw KernelError("'\(key.left)' is \(a.type) and '\(key.right)' is \(b.type): they cannot be joined")
    }
    let matches = try JoinMatches(pairs, left: rowCount, right: right.rowCount, kind: kind)
    switch kind {
    case .semi, .anti: return taking(matches.left)
    case .inner, .left, .right, .full: break
    }
    let merged = keys.filter { $0.left == $0.right || mergeKeys.contains($0.left) }
    var fields = schema.fields
    let cancel = Cancellation.current
    var result = try columns.indices.map { i -> Column in
      let name = schema.fields[i].name
      let left =
        matches.allLeft
        ? columns[i]
        : try columns[i].gathered(
          matches.left, mayBeMissing: matches.leftMissing, obeying: cancel)
      guard matches.leftMissing, let key = merged.first(where: { $0.left == name }),
        let other = right[key.right]
      else {
        return left
      }
      // The key of a right row that has no left row is the right's.
      let which = matches.left.map { $0 < 0 ? UInt8(1) : 0 }
      let sources = [Operand.column(left), .column(other.gathered(matches.right, mayBeMissing: true))]
      let type = left.type.physical == .ints && other.type.physical == .doubles ? other.type : left.type
      return Operators.choose(which, from: sources, rows: which.count, type: type)
    }
    var taken = Set(schema.names)
    for (field, column) in zip(right.schema.fields, right.columns)
    where !merged.contains(where: { $0.right == field.name }) {
      var field = field
      while taken.contains(field.name) { field.name += "_right" }
      taken.insert(field.name)
      fields.append(field)
      result.append(
        try column.gathered(matches.right, mayBeMissing: matches.rightMissing, obeying: cancel))
    }
    return Table(Schema(fields), result, rowCount: matches.left.count)
  }

  private func joinable(_ a: ValueType, _ b: ValueType) -> Bool {
    if a.physical == b.physical || a.physical == .nulls || b.physical == .nulls {
      return a.physical != .ints || (a == .datetime) == (b == .datetime)
    }
    return a.isNumeric && b.isNumeric
  }
}

/// The row pairs of a join.
struct JoinMatches {
  /// Left rows, −1 for none.
  private(set) var left: [Int32] = []
  /// Right rows, −1 for none.
  private(set) var right: [Int32] = []
  /// Whether every left row stands exactly once, in order.
  private(set) var allLeft = false
  /// Whether some left rows are −1.
  private(set) var leftMissing = false
  /// Whether some right rows are −1.
  private(set) var rightMissing = false

  init(_ keys: [(Column, Column)], left leftRows: Int, right rightRows: Int, kind: JoinKind) throws {
    let codes = try KeyCodes.combined(keys.map { [$0.0, $0.1] })
    let leftCodes = codes?.parts[0] ?? [UInt64](repeating: 0, count: leftRows)
    let rightCodes = codes?.parts[1] ?? [UInt64](repeating: 0, count: rightRows)
    let leftValid = JoinMatches.validity(keys.map(\.0), leftRows)
    let rightValid = JoinMatches.validity(keys.map(\.1), rightRows)

    var index = KeyIndex(range: codes?.range ?? 1, rows: rightRows)
    var rightIDs: [Int32] = []
    rightIDs.reserveCapacity(rightRows)
    try index.insert(rightCodes, into: &rightIDs)
    var found = try index.find(leftCodes)
    if let leftValid { for row in 0..<leftRows where !leftValid[row] { found[row] = -1 } }

    if kind == .semi || kind == .anti {
      semi(found, rightIDs, rightValid, index.count, wanted: kind == .semi)
      return
    }
    let keepLeft = kind == .left || kind == .full
    if index.count == rightRows {
      unique(found, index.firstRows, rightValid, keepLeft)
    } else {
      try multiple(found, rightIDs, rightValid, index.count, keepLeft)
    }
    if kind == .right || kind == .full { appendUnmatched(rightRows) }
  }

  /// Which rows have no null among their keys.
  private static func validity(_ columns: [Column], _ rows: Int) -> Bitmap? {
    columns.reduce(nil) { .both($0, Operand.column($1).validity(rows: rows)) }
  }

  private mutating func semi(
    _ found: [Int32], _ rightIDs: [Int32], _ valid: Bitmap?, _ count: Int, wanted: Bool
  ) {
    var present = [Bool](repeating: valid == nil, count: count)
    if let valid { for (row, id) in rightIDs.enumerated() where valid[row] { present[Int(id)] = true } }
    for (row, id) in found.enumerated() where (id >= 0 && present[Int(id)]) == wanted {
      left.append(Int32(row))
    }
  }

  /// Each right key stands once: a left row has at most one match.
  private mutating func unique(_ found: [Int32], _ firstRows: [Int32], _ valid: Bitmap?, _ keepLeft: Bool) {
    var matched = 0
    // Where every right row is a key of its own, its number is the row's.
    var target = found
    if let valid {
      for i in target.indices where target[i] >= 0 && !valid[Int(firstRows[Int(target[i])])] {
        target[i] = -1
      }
    }
    for id in target { matched &+= id >= 0 ? 1 : 0 }
    if keepLeft || matched == found.count {
      left = [Int32](unsafeUninitializedCapacity: found.count) { out, n in
        for i in 0..<found.count { out[i] = Int32(truncatingIfNeeded: i) }
        n = found.count
      }
      right = target
      allLeft = true
      rightMissing = matched < found.count
      return
    }
    right = [Int32](repeating: 0, count: matched + 1)
    left = [Int32](unsafeUninitializedCapacity: matched + 1) { out, n in
      right.withUnsafeMutableBufferPointer { right in
        target.withUnsafeBufferPointer { target in
          var to = 0
          for i in 0..<target.count {
            out[to] = Int32(truncatingIfNeeded: i)
            right[to] = target[i]
            to &+= target[i] >= 0 ? 1 : 0
          }
        }
      }
      n = matched
    }
    right.removeLast()
  }

  private mutating func multiple(
    _ found: [Int32], _ rightIDs: [Int32], _ valid: Bitmap?, _ count: Int, _ keepLeft: Bool
  ) throws {
    // The right rows of each key together, in the order of the table.
    var starts = [Int32](repeating: 0, count: count + 1)
    for (row, id) in rightIDs.enumerated() where valid?[row] ?? true { starts[Int(id) + 1] += 1 }
    for g in 0..<count { starts[g + 1] += starts[g] }
    var next = starts
    var rows = [Int32](repeating: 0, count: Int(starts[count]))
    for (row, id) in rightIDs.enumerated() where valid?[row] ?? true {
      rows[Int(next[Int(id)])] = Int32(row)
      next[Int(id)] += 1
    }
    var total = 0
    var missing = false
    for id in found {
      let n = id < 0 ? 0 : Int(starts[Int(id) + 1] - starts[Int(id)])
      missing = missing || n == 0
      total += n == 0 && keepLeft ? 1 : n
    }
    guard total <= Int(Int32.max) else {
      throw KernelError("the join would make \(total) rows; a key repeats on both sides")
    }
    rightMissing = missing && keepLeft
    let cancel = Cancellation.current
    try cancel.check()
    right = [Int32](unsafeUninitializedCapacity: total) { right, rightCount in
      left = [Int32](unsafeUninitializedCapacity: total) { left, count in
        // One row may match a million: what is written decides when to look for Ctrl-C, not what is read.
        var lookAgain = 1 << 20
        for (row, id) in found.enumerated() {
          let range = id < 0 ? 0..<0 : Int(starts[Int(id)])..<Int(starts[Int(id) + 1])
          if range.isEmpty, keepLeft {
            left.initializeElement(at: count, to: Int32(row))
            right.initializeElement(at: count, to: -1)
            count += 1
          }
          for i in range {
            left.initializeElement(at: count, to: Int32(row))
            right.initializeElement(at: count, to: rows[i])
            count += 1
          }
          if count >= lookAgain {
            lookAgain = count + 1 << 20
            if cancel.isCancelled { break }
          }
        }
        rightCount = count
      }
    }
    try cancel.check()
  }

  private mutating func appendUnmatched(_ rightRows: Int) {
    var matched = [Bool](repeating: false, count: rightRows)
    for row in right where row >= 0 { matched[Int(row)] = true }
    for row in 0..<rightRows where !matched[row] {
      left.append(-1)
      right.append(Int32(row))
      leftMissing = true
      allLeft = false
    }
  }
}
