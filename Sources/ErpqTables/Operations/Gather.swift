import ErpqBase

extension Column {
  /// The rows with these numbers, in this order; −1 gives a null row.
  public func taking(_ rows: [Int32]) -> Column {
    var anyMissing: Int32 = 0
    rows.withUnsafeBufferPointer { r in for row in r { anyMissing |= row } }
    return gathered(rows, mayBeMissing: anyMissing < 0)
  }

  /// `taking`, when it is known whether some numbers are −1.
  func gathered(_ rows: [Int32], mayBeMissing: Bool) -> Column { gathered(rows, mayBeMissing, nil) }

  /// The same for results that may be far larger than what they are made of: stops within a block of rows.
  ///
  /// - Throws: `Cancellation.Interrupted`.
  func gathered(_ rows: [Int32], mayBeMissing: Bool, obeying cancel: Cancellation) throws -> Column {
    try cancel.check()
    let column = gathered(rows, mayBeMissing, cancel)
    try cancel.check()
    return column
  }

  private func gathered(_ rows: [Int32], _ mayBeMissing: Bool, _ cancel: Cancellation?) -> Column {
    if case .nulls = storage { return .nulls(type, count: rows.count) }
    let valid = validity != nil || mayBeMissing ? gatheredValidity(rows, cancel) : nil
    if count == 0 { return .nulls(type, count: rows.count) }
    let storage: Storage
    switch self.storage {
    case .bools(let v): storage = .bools(gather(v, rows, false, mayBeMissing, cancel))
    case .ints(let v): storage = .ints(gather(v, rows, 0, mayBeMissing, cancel))
    case .doubles(let v): storage = .doubles(gather(v, rows, 0, mayBeMissing, cancel))
    case .days(let v): storage = .days(gather(v, rows, 0, mayBeMissing, cancel))
    case .codes(let v, let d): storage = .codes(gather(v, rows, 0, mayBeMissing, cancel), d)
    case .values(let v): storage = .values(rows.map { $0 < 0 ? .null : v[Int($0)] })
    case .nulls: storage = .nulls(rows.count)
    }
    return Column(type, storage, validity: valid)
  }

  private func gatheredValidity(_ rows: [Int32], _ cancel: Cancellation?) -> Bitmap {
    var bits = Bitmap(repeating: false, count: rows.count)
    rows.withUnsafeBufferPointer { r in
      bits.words.withUnsafeMutableBufferPointer { words in
        for block in stride(from: 0, to: r.count, by: 1 << 20) where cancel?.isCancelled != true {
          let range = block..<min(r.count, block + 1 << 20)
          if let validity {
            validity.words.withUnsafeBufferPointer { source in
              for i in range where r[i] >= 0 {
                let row = Int(r[i])
                words[i >> 6] |= (source[row >> 6] >> UInt64(row & 63) & 1) << UInt64(i & 63)
              }
            }
          } else {
            for i in range { words[i >> 6] |= (r[i] >= 0 ? 1 : 0) << UInt64(i & 63) }
          }
        }
      }
    }
    return bits
  }

  /// The rows of a range.
  public func slice(_ range: Range<Int>) -> Column {
    let range = range.clamped(to: 0..<count)
    if range.count == count { return self }
    let storage: Storage
    switch self.storage {
    case .bools(let v): storage = .bools(Array(v[range]))
    case .ints(let v): storage = .ints(Array(v[range]))
    case .doubles(let v): storage = .doubles(Array(v[range]))
    case .days(let v): storage = .days(Array(v[range]))
    case .codes(let v, let d): storage = .codes(Array(v[range]), d)
    case .values(let v): storage = .values(Array(v[range]))
    case .nulls: storage = .nulls(range.count)
    }
    return Column(type, storage, validity: validity?.slice(range))
  }

  /// The rows whose flag is 1, `kept` of them.
  func compressed(_ flags: [UInt8], kept: Int) -> Column {
    let storage: Storage
    switch self.storage {
    case .bools(let v): storage = .bools(compress(v, flags, kept))
    case .ints(let v): storage = .ints(compress(v, flags, kept))
    case .doubles(let v): storage = .doubles(compress(v, flags, kept))
    case .days(let v): storage = .days(compress(v, flags, kept))
    case .codes(let v, let d): storage = .codes(compress(v, flags, kept), d)
    case .values(let v): storage = .values(zip(v, flags).filter { $0.1 != 0 }.map(\.0))
    case .nulls: storage = .nulls(kept)
    }
    return Column(type, storage, validity: validity?.compressed(flags, kept: kept))
  }
}

/// With `cancel` the result is cut short once it is set; the caller throws then.
private func gather<T>(
  _ values: [T], _ rows: [Int32], _ zero: T, _ mayBeMissing: Bool, _ cancel: Cancellation?
) -> [T] {
  precondition(!values.isEmpty)
  let last = UInt32(values.count - 1)
  return [T](unsafeUninitializedCapacity: rows.count) { out, n in
    values.withUnsafeBufferPointer { v in
      rows.withUnsafeBufferPointer { r in
        guard let base = out.baseAddress else { return }
        while n < r.count, cancel?.isCancelled != true {
          let end = min(r.count, n + 1 << 20)
          if mayBeMissing {
            for i in n..<end {
              let row = r[i]
              (base + i).initialize(to: row < 0 ? zero : v[Int(min(UInt32(bitPattern: row), last))])
            }
          } else {
            for i in n..<end { (base + i).initialize(to: v[Int(min(UInt32(bitPattern: r[i]), last))]) }
          }
          n = end
        }
      }
    }
  }
}

private func compress<T>(_ values: [T], _ flags: [UInt8], _ kept: Int) -> [T] {
  // One place more than is kept: every row is written, the place moves on only for rows that stay.
  [T](unsafeUninitializedCapacity: kept + 1) { out, n in
    values.withUnsafeBufferPointer { v in
      flags.withUnsafeBufferPointer { f in
        guard let base = out.baseAddress else { return }
        var to = 0
        for i in 0..<v.count {
          (base + to).initialize(to: v[i])
          to &+= Int(f[i])
        }
      }
    }
    n = kept
  }
}

extension Bitmap {
  /// The bits of a range.
  func slice(_ range: Range<Int>) -> Bitmap {
    var result = Bitmap(repeating: false, count: range.count)
    let shift = UInt64(range.lowerBound & 63)
    let first = range.lowerBound >> 6
    for i in result.words.indices {
      var word = words[first + i] >> shift
      if shift > 0, first + i + 1 < words.count { word |= words[first + i + 1] << (64 - shift) }
      result.words[i] = word
    }
    if range.count & 63 != 0, !result.words.isEmpty {
      result.words[result.words.count - 1] &= (1 << UInt64(range.count & 63)) - 1
    }
    return result
  }

  /// The bits whose flag is 1.
  func compressed(_ flags: [UInt8], kept: Int) -> Bitmap {
    var result = Bitmap(repeating: false, count: kept)
    result.words.withUnsafeMutableBufferPointer { to in
      words.withUnsafeBufferPointer { from in
        flags.withUnsafeBufferPointer { f in
          var n = 0
          for i in 0..<f.count where f[i] != 0 {
            to[n >> 6] |= (from[i >> 6] >> UInt64(i & 63) & 1) << UInt64(n & 63)
            n &+= 1
          }
        }
      }
    }
    return result
  }

  /// The bits of several columns one after the other; nil stands for all set.
  static func concatenated(_ parts: [(bits: Bitmap?, count: Int)]) -> Bitmap? {
    guard parts.contains(where: { $0.bits != nil }) else { return nil }
    var result = Bitmap(repeating: true, count: parts.reduce(0) { $0 + $1.count })
    var start = 0
    for (bits, count) in parts {
      if let bits { for i in 0..<count where !bits[i] { result[start + i] = false } }
      start += count
    }
    return result
  }
}

extension Table {
  /// The rows with these numbers, in this order; −1 gives a row of nulls.
  public func taking(_ rows: [Int32]) -> Table {
    Table(schema, columns.map { $0.taking(rows) }, rowCount: rows.count)
  }

  /// The rows of a range (what lies outside the table is left out).
  public func slice(_ range: Range<Int>) -> Table {
    let range = range.clamped(to: 0..<rowCount)
    return Table(schema, columns.map { $0.slice(range) }, rowCount: range.count)
  }

  /// The rows where `mask` (a column of bools) is true; null counts as false.
  public func filtered(by mask: Column) -> Table {
    guard mask.count == rowCount, case .bools(let bools) = mask.storage else { return slice(0..<0) }
    var kept = 0
    let flags = [UInt8](unsafeUninitializedCapacity: rowCount) { out, n in
      bools.withUnsafeBufferPointer { b in
        if let validity = mask.validity {
          for i in 0..<rowCount {
            let flag: UInt8 = b[i] && validity[i] ? 1 : 0
            out[i] = flag
            kept &+= Int(flag)
          }
        } else {
          for i in 0..<rowCount {
            let flag: UInt8 = b[i] ? 1 : 0
            out[i] = flag
            kept &+= Int(flag)
          }
        }
      }
      n = rowCount
    }
    if kept == rowCount { return self }
    return Table(schema, columns.map { $0.compressed(flags, kept: kept) }, rowCount: kept)
  }
}
