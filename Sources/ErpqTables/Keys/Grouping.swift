import ErpqBase

/// The rows of a table divided into groups of equal keys, numbered in the order of first appearance. Null
/// keys form a group.
public struct Grouping: Sendable {
  /// For each row the number of its group.
  public let ids: [Int32]
  /// For each group its first row.
  public let firstRows: [Int32]
  /// Number of groups.
  public let count: Int

  /// All rows in one group, which exists even when there are none.
  public init(all rows: Int) {
    ids = [Int32](repeating: 0, count: rows)
    firstRows = rows == 0 ? [] : [0]
    count = 1
  }

  /// Groups by columns of `rows` rows; without columns all rows are one group.
  public init(by keys: [Column], rows: Int) throws {
    guard let first = keys.first else {
      self.init(all: rows)
      return
    }
    if keys.count == 1, let direct = try Grouping.direct(first, rows: rows) {
      self = direct
      return
    }
    guard let codes = try KeyCodes.combined(keys.map { [$0] }) else {
      self.init(all: rows)
      return
    }
    var index = KeyIndex(range: codes.range, rows: rows)
    var ids: [Int32] = []
    ids.reserveCapacity(rows)
    try index.insert(codes.parts[0], into: &ids)
    self.init(ids: ids, index)
  }

  private init(ids: [Int32], _ index: KeyIndex) {
    self.ids = ids
    firstRows = index.firstRows
    count = index.count
  }

  /// Groups by one complete column straight from its values, without an array of codes.
  private static func direct(_ column: Column, rows: Int) throws -> Grouping? {
    guard column.validity == nil else { return nil }
    var ids: [Int32] = []
    ids.reserveCapacity(rows)
    switch column.storage {
    case .ints(let v):
      guard let (low, high) = extent(v) else { return nil }
      let span = UInt64(bitPattern: high) &- UInt64(bitPattern: low)
      var index = KeyIndex(range: span == .max ? span : span + 1, rows: rows)
      try index.insert(rows: rows, into: &ids, v) { v, i in UInt64(bitPattern: v[i] &- low) }
      return Grouping(ids: ids, index)
    case .days(let v):
      guard let (low, high) = extent(v) else { return nil }
      var index = KeyIndex(range: UInt64(Int64(high) - Int64(low)) + 1, rows: rows)
      try index.insert(rows: rows, into: &ids, v) { v, i in
        UInt64(truncatingIfNeeded: Int64(v[i]) &- Int64(low))
      }
      return Grouping(ids: ids, index)
    case .codes(let v, let dictionary):
      var index = KeyIndex(range: UInt64(dictionary.count), rows: rows)
      try index.insert(rows: rows, into: &ids, v) { v, i in UInt64(truncatingIfNeeded: v[i]) }
      return Grouping(ids: ids, index)
    default: return nil
    }
  }

  /// The rows of each group together, in the order of the table within a group: group `g` has
  /// `rows[starts[g]..<starts[g + 1]]`.
  public func buckets() -> (starts: [Int], rows: [Int32]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for id in ids { starts[Int(id) + 1] += 1 }
    for g in 0..<count { starts[g + 1] += starts[g] }
    var next = starts
    let rows = [Int32](unsafeUninitializedCapacity: ids.count) { out, n in
      ids.withUnsafeBufferPointer { ids in
        next.withUnsafeMutableBufferPointer { next in
          for i in 0..<ids.count {
            let g = Int(ids[i])
            out[next[g]] = Int32(truncatingIfNeeded: i)
            next[g] &+= 1
          }
        }
      }
      n = ids.count
    }
    return (starts, rows)
  }
}
