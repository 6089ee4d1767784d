import ErpqBase

/// The values of one key as codes from 0 up to `range`, in one or several tables that share the codes: two
/// rows have one code exactly when their values are equal. Null is a code of its own.
struct KeyCodes {
  /// For each table its codes.
  var parts: [[UInt64]]
  /// One more than the largest code.
  var range: UInt64

  /// Codes of the same key in each of the tables. Columns of unlike types meet as doubles where both are
  /// numeric.
  init(_ columns: [Column]) throws {
    let kinds = columns.filter { if case .nulls = $0.storage { false } else { true } }.map(\.storage.kind)
    let kind = kinds.allSatisfy { $0 == kinds[0] } ? kinds.first ?? .nulls : .doubles
    switch kind {
    case .nulls, .doubles:
      // Zero has two bit patterns; it gets the positive one.
      self = try KeyCodes(interning: columns) { column in
        Operand.column(column).doubles()?.values.map { $0 == 0 ? 0 : $0.bitPattern }
      }
    case .ints:
      let values = columns.map { column -> [Int64]? in
        if case .ints(let v) = column.storage { v } else { nil }
      }
      guard let (low, range) = KeyCodes.bounds(values) else {
        self = try KeyCodes(interning: columns) { column in
          if case .ints(let v) = column.storage { v.map { UInt64(bitPattern: $0) } } else { nil }
        }
        return
      }
      self.init(columns, values, low: low, range: range)
    case .days:
      let values = columns.map { column -> [Int32]? in
        if case .days(let v) = column.storage { v } else { nil }
      }
      guard let (low, range) = KeyCodes.bounds(values) else {
        self.init(columns, values, low: 0, range: 1)
        return
      }
      self.init(columns, values, low: low, range: range)
    case .bools:
      let values = columns.map { column -> [UInt8]? in
        if case .bools(let v) = column.storage { v.map { $0 ? 1 : 0 } } else { nil }
      }
      self.init(columns, values, low: 0, range: 2)
    case .codes:
      let lanes = columns.map { Operand.column($0).texts() }
      let (unified, dictionary) = Operators.unified(lanes)
      self.init(columns, unified.map { $0?.values }, low: 0, range: UInt64(dictionary.count))
    case .values:
      var ids: [Value: UInt64] = [:]
      let parts = columns.map { column in
        (0..<column.count).map { row in
          let value = column[row]
          if let id = ids[value] { return id }
          ids[value] = UInt64(ids.count)
          return UInt64(ids.count - 1)
        }
      }
      self.init(parts: parts, range: UInt64(ids.count + 1))
    }
  }

  private init(parts: [[UInt64]], range: UInt64) {
    self.parts = parts
    self.range = range
  }

  /// Codes that count from `low`; null is the code `range`.
  private init<T: FixedWidthInteger>(_ columns: [Column], _ values: [[T]?], low: T, range: UInt64) {
    let base = UInt64(truncatingIfNeeded: low)
    parts = zip(columns, values).map { column, values in
      guard let values else { return [UInt64](repeating: range, count: column.count) }
      return [UInt64](unsafeUninitializedCapacity: values.count) { out, n in
        values.withUnsafeBufferPointer { v in
          if let validity = column.validity {
            for i in 0..<v.count {
              let code = UInt64(truncatingIfNeeded: v[i]) &- base
              out[i] = validity[i] && code < range ? code : range
            }
          } else {
            for i in 0..<v.count { out[i] = UInt64(truncatingIfNeeded: v[i]) &- base }
          }
        }
        n = values.count
      }
    }
    self.range = range + 1
  }

  /// Codes in the order of first appearance, for values that spread over all of 64 bits.
  private init(interning columns: [Column], _ bits: (Column) -> [UInt64]?) throws {
    let rows = columns.reduce(0) { $0 + $1.count }
    var index = KeyIndex(range: .max, rows: rows)
    var ids: [Int32] = []
    ids.reserveCapacity(rows)
    for column in columns {
      try index.insert(bits(column) ?? [UInt64](repeating: 0, count: column.count), into: &ids)
    }
    let null = UInt64(index.count)
    var start = 0
    parts = columns.map { column in
      defer { start += column.count }
      return (0..<column.count).map { column.isValid($0) ? UInt64(ids[start + $0]) : null }
    }
    range = null + 1
  }

  /// The least value and the size of the span of all; nil when there is none or it is too wide.
  private static func bounds<T: FixedWidthInteger>(_ values: [[T]?]) -> (low: T, range: UInt64)? {
    var (low, high) = (T.max, T.min)
    for part in values {
      guard let (least, most) = part.flatMap({ extent($0) }) else { continue }
      low = Swift.min(low, least)
      high = Swift.max(high, most)
    }
    guard low <= high else { return nil }
    let span = UInt64(truncatingIfNeeded: high) &- UInt64(truncatingIfNeeded: low)
    return span < 1 << 62 ? (low, span + 1) : nil
  }

  /// Both keys as one. Falls back on numbering the distinct codes where the product of the ranges is too
  /// large.
  mutating func combine(_ other: KeyCodes) throws {
    var other = other
    if range.multipliedReportingOverflow(by: other.range).overflow || range * other.range >= 1 << 62 {
      try number()
      if range.multipliedReportingOverflow(by: other.range).overflow || range * other.range >= 1 << 62 {
        try other.number()
      }
    }
    for p in parts.indices {
      let factor = other.range
      parts[p].withUnsafeMutableBufferPointer { a in
        other.parts[p].withUnsafeBufferPointer { b in
          for i in 0..<a.count { a[i] = a[i] &* factor &+ b[i] }
        }
      }
    }
    range *= other.range
  }

  /// Replaces the codes by the numbers of the distinct ones.
  private mutating func number() throws {
    var index = KeyIndex(range: range, rows: parts.reduce(0) { $0 + $1.count })
    for p in parts.indices {
      var ids: [Int32] = []
      try index.insert(parts[p], into: &ids)
      parts[p] = ids.map { UInt64($0) }
    }
    range = UInt64(Swift.max(1, index.count))
  }

  /// Codes of several keys together; each key is given by its column in every table.
  static func combined(_ keys: [[Column]]) throws -> KeyCodes? {
    guard let first = keys.first else { return nil }
    var codes = try KeyCodes(first)
    for key in keys.dropFirst() { try codes.combine(try KeyCodes(key)) }
    return codes
  }
}

/// The least and the greatest value; nil for an empty array.
func extent<T: FixedWidthInteger>(_ values: [T]) -> (least: T, most: T)? {
  guard !values.isEmpty else { return nil }
  return values.withUnsafeBufferPointer { v in
    var (low, high) = (T.max, T.min)
    for x in v {
      low = x < low ? x : low
      high = x > high ? x : high
    }
    return (low, high)
  }
}

extension Column.Storage {
  /// The physical kind of the arrays.
  var kind: PhysicalType {
    switch self {
    case .bools: .bools
    case .ints: .ints
    case .doubles: .doubles
    case .days: .days
    case .codes: .codes
    case .values: .values
    case .nulls: .nulls
    }
  }
}
