import ErpqBase

/// A column to sort by.
public struct SortKey: Sendable {
  /// The values.
  public var column: Column
  /// Whether the greatest comes first.
  public var descending: Bool
  /// Where nulls go; nil: to the end, in both directions.
  public var nullsFirst: Bool?

  /// A key.
  public init(_ column: Column, descending: Bool = false, nullsFirst: Bool? = nil) {
    self.column = column
    self.descending = descending
    self.nullsFirst = nullsFirst
  }
}

/// One key or several as numbers that have the order of the rows.
struct SortCodes {
  /// A code a row.
  var codes: [UInt64]
  /// How many low bits the codes use.
  var bits: Int

  /// Codes of a key, nulls at their end of the range.
  init(_ key: SortKey) throws {
    let ordinals = try SortCodes.ordinals(key.column, descending: key.descending)
    let (low, high) = SortCodes.extent(ordinals, key.column)
    let range = high &- low
    let missing = key.column.validity
    let nullsFirst = key.nullsFirst ?? false
    if case .nulls(let n) = key.column.storage {
      self.init(codes: [UInt64](repeating: 0, count: n), bits: 0)
      return
    }
    guard let missing else {
      var codes = ordinals
      codes.withUnsafeMutableBufferPointer { c in for i in 0..<c.count { c[i] &-= low } }
      self.init(codes: codes, bits: 64 - range.leadingZeroBitCount)
      return
    }
    // A range of all 64 bits has no room for nulls; the two greatest values then count as equal.
    let shift: UInt64 = nullsFirst ? 1 : 0
    let top = range == .max ? range - 1 : range
    var codes = [UInt64](repeating: nullsFirst ? 0 : top + 1, count: ordinals.count)
    for i in 0..<ordinals.count where missing[i] { codes[i] = Swift.min(ordinals[i] &- low, top) + shift }
    self.init(codes: codes, bits: 64 - (top + 1).leadingZeroBitCount)
  }

  private init(codes: [UInt64], bits: Int) {
    self.codes = codes
    self.bits = bits
  }

  /// Both keys in one number, the other one below; nil when that takes more than 64 bits.
  func packed(above other: SortCodes) -> SortCodes? {
    guard bits + other.bits <= 64 else { return nil }
    let shift = UInt64(other.bits)
    return SortCodes(codes: zip(codes, other.codes).map { ($0 << shift) | $1 }, bits: bits + other.bits)
  }

  private static func extent(_ ordinals: [UInt64], _ column: Column) -> (UInt64, UInt64) {
    guard let validity = column.validity else { return ErpqTables.extent(ordinals) ?? (0, 0) }
    var (low, high) = (UInt64.max, UInt64.min)
    for i in 0..<ordinals.count where validity[i] {
      low = Swift.min(low, ordinals[i])
      high = Swift.max(high, ordinals[i])
    }
    return low <= high ? (low, high) : (0, 0)
  }

  /// For each row a number that has the order of the values; rows without value have any.
  static func ordinals(_ column: Column, descending: Bool) throws -> [UInt64] {
    let flip: UInt64 = descending ? .max : 0
    let sign: UInt64 = 1 << 63
    switch column.storage {
    case .ints(let v): return made(v) { (UInt64(bitPattern: $0) ^ sign) ^ flip }
    case .days(let v): return made(v) { (UInt64(bitPattern: Int64($0)) ^ sign) ^ flip }
    case .bools(let v): return made(v) { ($0 ? 1 : 0) ^ flip }
    case .doubles(let v):
      return made(v) { x in
        // Both zeros are equal; negative numbers have their order turned round.
        let bits = x == 0 ? 0 : x.bitPattern
        return (bits & sign == 0 ? bits | sign : ~bits) ^ flip
      }
    case .codes(let v, let dictionary):
      let ranks = dictionary.ranks()
      let count = UInt32(ranks.count)
      return ranks.withUnsafeBufferPointer { ranks in
        made(v) { (UInt32(bitPattern: $0) < count ? UInt64(UInt32(bitPattern: ranks[Int($0)])) : 0) ^ flip }
      }
    case .values(let v):
      // Lists have no order of their own; by their text, so that the result is at least always the same.
      var builder = TextDictionaryBuilder()
      let codes = v.map { builder.code(for: $0.description) }
      let ranks = builder.build().ranks()
      return made(codes) { UInt64(UInt32(bitPattern: ranks[Int($0)])) ^ flip }
    case .nulls(let n): return [UInt64](repeating: 0, count: n)
    }
  }

  @inline(__always)
  private static func made<T>(_ values: [T], _ f: (T) -> UInt64) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: values.count) { out, n in
      values.withUnsafeBufferPointer { v in for i in 0..<v.count { out[i] = f(v[i]) } }
      n = values.count
    }
  }
}

extension Table {
  /// The numbers of the rows in the order of the keys; equal rows stay in the order of the table.
  public func order(by keys: [SortKey]) throws -> [Int32] {
    let cancel = Cancellation.current
    var order: [Int32]?
    // From the last key to the first, as many as fit into 64 bits at a time; each pass is stable.
    var pending: SortCodes?
    func flush() throws {
      guard let codes = pending else { return }
      try cancel.check()
      order = try codes.order(after: order)
      pending = nil
    }
    for key in keys.reversed() {
      try cancel.check()
      let codes = try SortCodes(key)
      if let below = pending {
        if let both = codes.packed(above: below) {
          pending = both
          continue
        }
        try flush()
      }
      pending = codes
    }
    try flush()
    return order ?? (0..<Int32(rowCount)).map { $0 }
  }

  /// The rows in the order of the keys, the first one deciding first; equal rows keep their order. Nulls go
  /// to the end unless a key says otherwise.
  public func sorted(by keys: [SortKey]) throws -> Table {
    keys.isEmpty ? self : taking(try order(by: keys))
  }

  /// The first `n` rows in the order of a key, without sorting the rest. Equal rows keep their order.
  public func top(_ n: Int, by key: SortKey) throws -> Table {
    let n = Swift.max(0, Swift.min(n, rowCount))
    guard n > 0 else { return slice(0..<0) }
    let codes = try SortCodes(key)
    guard n * 8 < rowCount, codes.bits > 0 else {
      return taking(Array(try codes.order(after: nil).prefix(n)))
    }
    // The rows up to the bucket that holds the n-th are sorted; a bucket is a range of the leading bits.
    let shift = UInt64(Swift.max(0, codes.bits - 16))
    var counts = [Int](repeating: 0, count: 1 << 16)
    for code in codes.codes { counts[Int(code >> shift)] += 1 }
    var (bucket, total) = (0, counts[0])
    while total < n {
      bucket += 1
      total += counts[bucket]
    }
    var rows: [Int32] = []
    rows.reserveCapacity(total)
    for (row, code) in codes.codes.enumerated() where code >> shift <= UInt64(bucket) {
      rows.append(Int32(row))
    }
    let order = try codes.taking(rows).order(after: nil).prefix(n)
    return taking(order.map { rows[Int($0)] })
  }
}

extension SortCodes {
  /// The codes of some rows.
  func taking(_ rows: [Int32]) -> SortCodes { SortCodes(codes: rows.map { codes[Int($0)] }, bits: bits) }
}
