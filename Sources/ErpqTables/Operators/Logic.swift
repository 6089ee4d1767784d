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
    guard let validity = operands[0].validity(rows: rows) else {
      if case .column(let all) = operands[0], all.type.physical == type.physical {
        return Column(type, all.storage)
      }
      return picked([UInt8](repeating: 0, count: rows), from: [operands[0]], rows: rows, type: type, nil)
    }
    var which = [UInt8](repeating: 0, count: rows)
    var missing = validity.clearRows
    for (place, operand) in operands.enumerated().dropFirst() where place < 255 {
      missing.removeAll { row in
        guard operand.isValid(row) else { return false }
        which[row] = UInt8(place)
        return true
      }
    }
    var valid = missing.isEmpty ? nil : Bitmap(repeating: true, count: rows)
    for row in missing { valid?[row] = false }
    return picked(which, from: operands, rows: rows, type: type, valid)
  }

  /// `if c then a else b`; null when the condition is null.
  public static let ifElse = ScalarKernel.rowwise("if") { operands, rows, type in
    guard let condition = operands[0].bools() else { return .nulls(type, count: rows) }
    var which = transform(condition, rows: rows) { $0 ? UInt8(0) : 1 }
    if let validity = condition.validity { for row in 0..<rows where !validity[row] { which[row] = .max } }
    return choose(which, from: Array(operands[1...]), rows: rows, type: type)
  }

  /// For each row the value of the operand with that number; null where the number is 255.
  static func choose(_ which: [UInt8], from operands: [Operand], rows: Int, type: ValueType) -> Column {
    let validities = operands.map { $0.validity(rows: rows) }
    var valid: Bitmap?
    if validities.contains(where: { $0 != nil }) || which.contains(where: { $0 >= operands.count }) {
      var bits = Bitmap(repeating: false, count: rows)
      for row in 0..<rows where which[row] < operands.count && validities[Int(which[row])]?[row] ?? true {
        bits[row] = true
      }
      valid = bits
    }
    return picked(which, from: operands, rows: rows, type: type, valid)
  }

  /// For each row the value of the operand with that number, where the row is valid.
  private static func picked(
    _ which: [UInt8], from operands: [Operand], rows: Int, type: ValueType, _ valid: Bitmap?
  ) -> Column {
    func pick<T>(_ lanes: [Lane<T>?], _ zero: T) -> [T] {
      let first = lanes.first ?? nil
      var out: [T] =
        if let first, !first.isConstant { first.values } else {
          [T](repeating: first?.values[0] ?? zero, count: rows)
        }
      for (place, lane) in lanes.enumerated().dropFirst() {
        guard let lane else { continue }
        out.replace(where: which, are: UInt8(truncatingIfNeeded: place), with: lane)
      }
      return out
    }
    switch type.physical {
    case .bools: return Column(type, .bools(pick(operands.map { $0.bools() }, false)), validity: valid)
    case .doubles: return Column(finite: type, pick(operands.map { $0.doubles() }, 0), validity: valid)
    case .ints:
      let lanes = operands.map { type == .datetime ? $0.moments() : $0.ints() }
      return Column(type, .ints(pick(lanes, 0)), validity: valid)
    case .days: return Column(type, .days(pick(operands.map { $0.days() }, 0)), validity: valid)
    case .codes:
      let (lanes, dictionary) = unified(operands.map { $0.texts() })
      return Column(type, .codes(pick(lanes, 0), dictionary), validity: valid)
    case .values:
      let values = (0..<rows).map { valid?[$0] ?? true ? operands[Int(which[$0])].value($0) : .null }
      return Column(type, .values(values), validity: valid)
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

extension Array {
  /// Replaces the elements where a list of numbers has one of them. No branch a row, so that several are done at once.
  fileprivate mutating func replace(where which: [UInt8], are place: UInt8, with lane: Lane<Element>) {
    withUnsafeMutableBufferPointer { out in
      which.withUnsafeBufferPointer { which in
        lane.values.withUnsafeBufferPointer { values in
          if lane.isConstant {
            let value = values[0]
            for row in 0..<out.count { out[row] = which[row] == place ? value : out[row] }
          } else {
            for row in 0..<out.count { out[row] = which[row] == place ? values[row] : out[row] }
          }
        }
      }
    }
  }
}

extension Bitmap {
  /// The rows whose bit is clear.
  fileprivate var clearRows: [Int] {
    var rows: [Int] = []
    for (i, word) in words.enumerated() {
      var clear = ~word
      while clear != 0 {
        let row = i << 6 + clear.trailingZeroBitCount
        if row < count { rows.append(row) }
        clear &= clear - 1
      }
    }
    return rows
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
