import ErpqBase

extension Operators {
  /// `a in b`: a value equals one of a list's, or a date lies within a period. When `a` is a list, one of its
  /// values must. Null when nothing equals and the list holds a null.
  public static let isIn = ScalarKernel.rowwise("in") { operands, rows, _ in
    let (a, b) = (operands[0], operands[1])
    if a.type.physical == .values {
      return membership(rows: rows, a, b) { left, right in
        guard case .list(let items) = left else { return nil }
        let wanted: [Value] = if case .list(let many) = right { many } else { [right] }
        var unknown = false
        for item in items {
          let found = isMember(item, of: wanted)
          if found == true { return true }
          unknown = unknown || found == nil
        }
        return unknown ? nil : false
      }
    }
    guard case .scalar(.list(let items)) = b else {
      if b.type.physical == .values {
        return membership(rows: rows, a, b) { left, right in
          if case .list(let items) = right { isMember(left, of: items) } else { nil }
        }
      }
      return compared(a, b, .equal, rows: rows)
    }
    return contained(a, items, rows: rows)
  }

  private static func contained(_ a: Operand, _ items: [Value], rows: Int) -> Column {
    let wanted = items.filter { !$0.isNull }
    let hasNull = wanted.count < items.count
    var result: Column
    if let (codes, dictionary) = a.texts() {
      let set = Set(wanted.compactMap { if case .text(let s) = $0 { Array(s.utf8) } else { nil } })
      let flags = (0..<dictionary.count).map { set.contains(Array(dictionary.utf8(Int32($0)))) }
      let values = transform(codes, rows: rows) {
        UInt32(bitPattern: $0) < UInt32(flags.count) && flags[Int($0)]
      }
      result = Column(.bool, .bools(values), validity: codes.validity)
    } else if a.type == .int, let lane = a.ints(), wanted.count > 4 {
      let set = Set(
        wanted.compactMap { value -> Int64? in
          if case .int(let i) = value { i } else { value.asDouble.flatMap { Int64(exactly: $0) } }
        })
      let values = transform(lane, rows: rows) { set.contains($0) }
      result = Column(.bool, .bools(values), validity: lane.validity)
    } else {
      // Few values, or spans of time: one pass a value.
      result = Column(.bool, .bools([Bool](repeating: false, count: rows)), validity: a.validity(rows: rows))
      for value in wanted {
        result = kleene(
          .column(result), .column(compared(a, .scalar(value), .equal, rows: rows)), rows: rows,
          deciding: true)
      }
    }
    guard hasNull, case .bools(let values) = result.storage else { return result }
    var valid = result.validity ?? Bitmap(repeating: true, count: rows)
    for row in 0..<rows where !values[row] { valid[row] = false }
    return Column(.bool, .bools(values), validity: valid)
  }

  /// Whether a value equals one of several; nil when that is not known.
  static func isMember(_ value: Value, of items: [Value]) -> Bool? {
    if value.isNull { return nil }
    var unknown = false
    for item in items {
      if item.isNull {
        unknown = true
      } else if case .bool(true) = compared(.scalar(value), .scalar(item), .equal, rows: 1)[0] {
        return true
      }
    }
    return unknown ? nil : false
  }

  static func membership(rows: Int, _ a: Operand, _ b: Operand, _ test: (Value, Value) -> Bool?) -> Column {
    let values = (0..<rows).map { row -> Value in
      let (left, right) = (a.value(row), b.value(row))
      if left.isNull || right.isNull { return .null }
      return test(left, right).map { .bool($0) } ?? .null
    }
    return Column(.bool, values: values)
  }
}

extension Operand {
  /// Which rows hold a value; nil when all do.
  func validity(rows: Int) -> Bitmap? {
    switch self {
    case .scalar(let v): v.isNull ? Bitmap(repeating: false, count: rows) : nil
    case .column(let c):
      if case .nulls = c.storage { Bitmap(repeating: false, count: rows) } else { c.validity }
    }
  }
}
