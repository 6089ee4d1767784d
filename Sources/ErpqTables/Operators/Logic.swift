import ErpqBase

extension Operators {
  /// `not a`: null stays null.
  public static let not = ScalarKernel.rowwise("not") { operands, rows, type in
    guard let x = operands[0].bools() else { return .nulls(.bool, count: rows) }
    return Column(.bool, .bools(transform(x, rows: rows) { !$0 }), validity: x.validity)
  }

  /// `a and b` by Kleene: false decides, even against null.
  public static let and = ScalarKernel.rowwise("and") { operands, rows, _ in
    kleene(operands[0], operands[1], rows: rows, deciding: false)
  }

  /// `a or b` by Kleene: true decides, even against null.
  public static let or = ScalarKernel.rowwise("or") { operands, rows, _ in
    kleene(operands[0], operands[1], rows: rows, deciding: true)
  }

  static func kleene(_ a: Operand, _ b: Operand, rows: Int, deciding: Bool) -> Column {
    let (x, y) = (a.bools(), b.bools())
    if let x, let y, x.validity == nil, y.validity == nil {
      let values = deciding ? combine(x, y, rows: rows) { $0 || $1 } : combine(x, y, rows: rows) { $0 && $1 }
      return Column(.bool, .bools(values))
    }
    // 0 the deciding value, 1 the other one, 2 null.
    func states(_ lane: Lane<Bool>?) -> [UInt8] {
      guard let lane else { return [UInt8](repeating: 2, count: rows) }
      return (0..<rows).map { lane.isValid($0) ? (lane[$0] == deciding ? 0 : 1) : 2 }
    }
    let (p, q) = (states(x), states(y))
    var values = [Bool](repeating: deciding, count: rows)
    var valid = Bitmap(repeating: true, count: rows)
    for i in 0..<rows where p[i] != 0 && q[i] != 0 {
      if p[i] == 1 && q[i] == 1 { values[i] = !deciding } else { valid[i] = false }
    }
    return Column(.bool, .bools(values), validity: valid)
  }

  /// `a is null`: never null itself.
  public static let isNull = ScalarKernel.rowwise("is null") { operands, rows, _ in
    Column(.bool, .bools(nullFlags(operands[0], rows: rows)))
  }

  /// `a is not null`: never null itself.
  public static let isNotNull = ScalarKernel.rowwise("is not null") { operands, rows, _ in
    Column(.bool, .bools(nullFlags(operands[0], rows: rows).map { !$0 }))
  }

  private static func nullFlags(_ operand: Operand, rows: Int) -> [Bool] {
    switch operand {
    case .scalar(let v): return [Bool](repeating: v.isNull, count: rows)
    case .column(let c):
      if case .nulls = c.storage { return [Bool](repeating: true, count: rows) }
      guard let validity = c.validity else { return [Bool](repeating: false, count: rows) }
      return (0..<rows).map { !validity[$0] }
    }
  }

  /// `a ?? b`, for any number of operands: the first that is not null.
  public static let coalesce = ScalarKernel.rowwise("??") { operands, rows, type in
    var which = [UInt8](repeating: .max, count: rows)
    for (place, operand) in operands.enumerated() where place < 255 {
      var complete = true
      for row in 0..<rows where which[row] == .max {
        if operand.isValid(row) { which[row] = UInt8(place) } else { complete = false }
      }
      if complete { break }
    }
    return try choose(which, from: operands, rows: rows, type: type)
  }

  /// `if c then a else b`; null when the condition is null.
  public static let ifElse = ScalarKernel.rowwise("if") { operands, rows, type in
    guard let condition = operands[0].bools() else { return .nulls(type, count: rows) }
    var which = transform(condition, rows: rows) { $0 ? UInt8(0) : 1 }
    if let validity = condition.validity { for row in 0..<rows where !validity[row] { which[row] = .max } }
    return try choose(which, from: Array(operands[1...]), rows: rows, type: type)
  }

  /// For each row the value of the operand with that number; null where the number is 255.
  static func choose(_ which: [UInt8], from operands: [Operand], rows: Int, type: ValueType) throws -> Column
  {
    var valid = Bitmap(repeating: false, count: rows)
    for row in 0..<rows where which[row] < operands.count && operands[Int(which[row])].isValid(row) {
      valid[row] = true
    }
    func pick<T>(_ lanes: [Lane<T>?], _ zero: T) -> [T] {
      var out = [T](repeating: zero, count: rows)
      for (place, lane) in lanes.enumerated() {
        for row in 0..<rows where which[row] == UInt8(truncatingIfNeeded: place) {
          if let lane { out[row] = lane[row] } else { valid[row] = false }
        }
      }
      return out
    }
    switch type.physical {
    case .bools:
      let values = pick(operands.map { $0.bools() }, false)
      return Column(type, .bools(values), validity: valid)
    case .doubles:
      let values = pick(operands.map { $0.doubles() }, 0)
      return Column(finite: type, values, validity: valid)
    case .ints:
      let lanes = operands.map { type == .datetime ? $0.moments() : $0.ints() }
      let values = pick(lanes, 0)
      return Column(type, .ints(values), validity: valid)
    case .days:
      let values = pick(operands.map { $0.days() }, 0)
      return Column(type, .days(values), validity: valid)
    case .codes:
      let (lanes, dictionary) = unified(operands.map { $0.texts() })
      let codes = pick(lanes, 0)
      return Column(type, .codes(codes, dictionary), validity: valid)
    case .values:
      return Column(
        type, .values((0..<rows).map { valid[$0] ? operands[Int(which[$0])].value($0) : .null }),
        validity: valid)
    case .nulls: return .nulls(type, count: rows)
    }
  }

  /// Codes of several text lanes in one dictionary.
  static func unified(
    _ lanes: [(codes: Lane<Int32>, dictionary: TextDictionary)?]
  ) -> ([Lane<Int32>?], TextDictionary) {
    let present = lanes.compactMap { $0 }
    guard let first = present.first else { return (lanes.map { _ in nil }, TextDictionary(distinct: [""])) }
    if present.allSatisfy({ $0.dictionary === first.dictionary }) {
      return (lanes.map { $0?.codes }, first.dictionary)
    }
    let merged = MergedDictionary(present.map(\.dictionary))
    var place = 0
    let mapped = lanes.map { lane -> Lane<Int32>? in
      guard let lane else { return nil }
      let map = merged.maps[place]
      place += 1
      return lane.codes.map { UInt32(bitPattern: $0) < UInt32(map.count) ? map[Int($0)] : 0 }
    }
    return (mapped, merged.dictionary)
  }
}

extension Operand {
  /// Whether a row holds a value.
  @inline(__always)
  func isValid(_ row: Int) -> Bool {
    switch self {
    case .scalar(let v): !v.isNull
    case .column(let c): c.isValid(row)
    }
  }
}

/// One dictionary for several, and the way from each one's codes to its codes.
struct MergedDictionary {
  /// Holds every entry of all of them once.
  let dictionary: TextDictionary
  /// For each dictionary, in order: its codes' new codes.
  let maps: [[Int32]]

  /// Merges; the codes of the first dictionary stay as they are.
  init(_ dictionaries: [TextDictionary]) {
    var builder = TextDictionaryBuilder(capacity: dictionaries.map(\.count).max() ?? 0)
    maps = dictionaries.map { dictionary in
      dictionary.bytes.withUnsafeBufferPointer { bytes in
        (0..<dictionary.count).map { entry in
          let range = dictionary.offsets[entry]..<dictionary.offsets[entry + 1]
          return builder.code(for: UnsafeBufferPointer(rebasing: bytes[range]))
        }
      }
    }
    dictionary = builder.build()
  }
}
