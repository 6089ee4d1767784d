import ErpqBase

/// The six comparisons.
enum Comparison: Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// The comparison that says the same with its sides exchanged.
  var flipped: Comparison {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual: self
    }
  }

  /// Whether a sign (negative, zero, positive) of left against right satisfies it.
  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}

extension Operators {
  /// `a = b`. A date within a period equals it; so does a moment within a date.
  public static let equal = comparison("=", .equal)
  /// `a != b`.
  public static let notEqual = comparison("!=", .notEqual)
  /// `a < b`. Before a period is before its first day; texts compare by code points.
  public static let less = comparison("<", .less)
  /// `a <= b`. Up to a period includes its last day.
  public static let lessOrEqual = comparison("<=", .lessOrEqual)
  /// `a > b`. After a period is after its last day.
  public static let greater = comparison(">", .greater)
  /// `a >= b`. From a period on includes its first day.
  public static let greaterOrEqual = comparison(">=", .greaterOrEqual)

  /// `x between low and high`, both ends included; null when a needed comparison is null.
  public static let between = ScalarKernel.rowwise("between") { operands, rows, _ in
    let above = compared(operands[0], operands[1], .greaterOrEqual, rows: rows)
    let below = compared(operands[0], operands[2], .lessOrEqual, rows: rows)
    return kleene(.column(above), .column(below), rows: rows, deciding: false)
  }

  private static func comparison(_ name: String, _ op: Comparison) -> ScalarKernel {
    .rowwise(name) { operands, rows, _ in compared(operands[0], operands[1], op, rows: rows) }
  }

  static func compared(_ a: Operand, _ b: Operand, _ op: Comparison, rows: Int) -> Column {
    let (s, t) = (a.type, b.type)
    if isTemporal(s), isTemporal(t) { return comparedTimes(a, b, op, rows: rows) }
    switch (s.physical, t.physical) {
    case (.codes, .codes): return comparedTexts(a, b, op, rows: rows)
    case (.ints, .ints), (.bools, .bools), (.bools, .ints), (.ints, .bools):
      return ordered(a.ints(), b.ints(), op, rows: rows)
    case (.values, .values):
      let values = (0..<rows).map { a.value($0) == b.value($0) }
      let valid = Bitmap((0..<rows).map { a.isValid($0) && b.isValid($0) })
      return Column(.bool, .bools(op == .notEqual ? values.map { !$0 } : values), validity: valid)
    default: return ordered(a.doubles(), b.doubles(), op, rows: rows)
    }
  }

  @inline(__always)
  private static func ordered<T: Comparable>(
    _ a: Lane<T>?, _ b: Lane<T>?, _ op: Comparison, rows: Int
  ) -> Column {
    guard let a, let b else { return .nulls(.bool, count: rows) }
    let values: [Bool]
    switch op {
    case .equal: values = combine(a, b, rows: rows) { $0 == $1 }
    case .notEqual: values = combine(a, b, rows: rows) { $0 != $1 }
    case .less: values = combine(a, b, rows: rows) { $0 < $1 }
    case .lessOrEqual: values = combine(a, b, rows: rows) { $0 <= $1 }
    case .greater: values = combine(a, b, rows: rows) { $0 > $1 }
    case .greaterOrEqual: values = combine(a, b, rows: rows) { $0 >= $1 }
    }
    return Column(.bool, .bools(values), validity: .both(a.validity, b.validity))
  }

  // MARK: Time

  /// 0 for a moment, 1 for a date, then the periods by length.
  private static func coarseness(_ type: ValueType) -> Int {
    switch type {
    case .datetime: 0
    case .date: 1
    case .period(let unit): 2 + (PeriodUnit.allCases.firstIndex(of: unit ?? .day) ?? 0)
    default: 0
    }
  }

  /// Compares the finer side with the span of the coarser one: its start lies before, within, or after.
  private static func comparedTimes(_ a: Operand, _ b: Operand, _ op: Comparison, rows: Int) -> Column {
    let (ca, cb) = (coarseness(a.type), coarseness(b.type))
    if ca > cb { return comparedTimes(b, a, op.flipped, rows: rows) }
    if ca == cb || (ca >= 1 && cb <= 2) {
      if ca == 0 { return ordered(a.ints(), b.ints(), op, rows: rows) }
      return ordered(a.days(), b.days(), op, rows: rows)
    }
    guard let start = b.days() else { return .nulls(.bool, count: rows) }
    var unit = PeriodUnit.day
    if case .period(let given) = b.type { unit = given ?? .day }
    let end = start.map { Period(unit, containing: CivilDate(day: $0)).end.day }
    if ca == 0 {
      let day: Int64 = 86_400_000_000
      return within(a.ints(), start.map { Int64($0) * day }, end.map { Int64($0) * day }, op, rows: rows)
    }
    return within(a.days(), start, end, op, rows: rows)
  }

  @inline(__always)
  private static func within<T: Comparable>(
    _ point: Lane<T>?, _ start: Lane<T>, _ end: Lane<T>, _ op: Comparison, rows: Int
  ) -> Column {
    switch op {
    case .less, .greaterOrEqual: return ordered(point, start, op, rows: rows)
    case .lessOrEqual: return ordered(point, end, .less, rows: rows)
    case .greater: return ordered(point, end, .greaterOrEqual, rows: rows)
    case .equal, .notEqual:
      guard let point else { return .nulls(.bool, count: rows) }
      let from = combine(point, start, rows: rows) { $0 >= $1 }
      let to = combine(point, end, rows: rows) { $0 < $1 }
      let inside = op == .equal
      let values = combine(Lane(from, nil), Lane(to, nil), rows: rows) { ($0 && $1) == inside }
      return Column(.bool, .bools(values), validity: .both(point.validity, start.validity))
    }
  }

  // MARK: Text

  private static func comparedTexts(_ a: Operand, _ b: Operand, _ op: Comparison, rows: Int) -> Column {
    guard let (x, left) = a.texts(), let (y, right) = b.texts() else { return .nulls(.bool, count: rows) }
    if x.isConstant, !y.isConstant { return comparedTexts(b, a, op.flipped, rows: rows) }
    if y.isConstant {
      let flags = left.compared(with: right.utf8(0), op)
      let count = UInt32(flags.count)
      let values = flags.withUnsafeBufferPointer { f in
        transform(x, rows: rows) { UInt32(bitPattern: $0) < count ? f[Int($0)] : false }
      }
      return Column(.bool, .bools(values), validity: x.validity)
    }
    let (lanes, dictionary) = unified([(x, left), (y, right)])
    guard let p = lanes[0], let q = lanes[1] else { return .nulls(.bool, count: rows) }
    if op == .equal || op == .notEqual { return ordered(p, q, op, rows: rows) }
    let ranks = dictionary.ranks()
    func ranked(_ lane: Lane<Int32>) -> Lane<Int32> {
      lane.map { UInt32(bitPattern: $0) < UInt32(ranks.count) ? ranks[Int($0)] : 0 }
    }
    return ordered(ranked(p), ranked(q), op, rows: rows)
  }
}

extension TextDictionary {
  /// For each entry whether it compares so with a text, by bytes (the order of code points).
  func compared(with text: ArraySlice<UInt8>, _ op: Comparison) -> [Bool] {
    let wanted = Array(text)
    return bytes.withUnsafeBufferPointer { b in
      wanted.withUnsafeBufferPointer { w in
        (0..<count).map { entry in
          let start = offsets[entry]
          let length = offsets[entry + 1] - start
          if op == .equal || op == .notEqual, length != w.count { return op == .notEqual }
          var i = 0
          let shared = min(length, w.count)
          while i < shared, b[start + i] == w[i] { i += 1 }
          if i < shared { return op.holds(b[start + i] < w[i] ? -1 : 1) }
          return op.holds(length - w.count)
        }
      }
    }
  }
}
