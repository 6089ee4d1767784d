import ErpqBase

extension Operators {
  /// `a + b`: numbers (int + int stays int; an overflow is an error), text + text, time + duration.
  public static let add = ScalarKernel.rowwise("+") { operands, rows, type in
    let (a, b) = (operands[0], operands[1])
    if type == .text { return try concatenated(a, b, rows: rows) }
    if let moved = try shifted(a, b, sign: 1, rows: rows, type: type) { return moved }
    return try arithmetic(
      "+", a, b, rows, type, ints: { $0.addingReportingOverflow($1) }, doubles: { $0 + $1 })
  }

  /// `a - b`: numbers, time − duration, and time − time, which is a duration in milliseconds.
  public static let subtract = ScalarKernel.rowwise("-") { operands, rows, type in
    let (a, b) = (operands[0], operands[1])
    if let moved = try shifted(a, b, sign: -1, rows: rows, type: type) { return moved }
    if isTemporal(a.type), isTemporal(b.type) {
      guard let x = a.moments(), let y = b.moments() else { return .nulls(type, count: rows) }
      let values = combine(x, y, rows: rows) { Double($0 &- $1) / 1000 }
      return Column(finite: type, values, validity: .both(x.validity, y.validity))
    }
    return try arithmetic(
      "-", a, b, rows, type, ints: { $0.subtractingReportingOverflow($1) }, doubles: { $0 - $1 })
  }

  /// `a * b` of numbers; a percent counts as its share.
  public static let multiply = ScalarKernel.rowwise("*") { operands, rows, type in
    try arithmetic(
      "*", operands[0], operands[1], rows, type, ints: { $0.multipliedReportingOverflow(by: $1) },
      doubles: { $0 * $1 })
  }

  /// `a / b`, always a number (int / int too); a division by zero is null.
  public static let divide = ScalarKernel.rowwise("/") { operands, rows, type in
    guard let x = operands[0].doubles(), let y = operands[1].doubles() else {
      return .nulls(type, count: rows)
    }
    let values = combine(x, y, rows: rows) { $0 / $1 }
    return Column(finite: type, values, validity: .both(x.validity, y.validity))
  }

  /// `a mod b`: the remainder, with the sign of `a` as in SQL; null when `b` is zero.
  public static let modulo = ScalarKernel.rowwise("mod") { operands, rows, type in
    if type == .int {
      guard let x = operands[0].ints(), let y = operands[1].ints() else { return .nulls(type, count: rows) }
      let values = combine(x, y, rows: rows) { $1 == 0 || $1 == -1 ? 0 : $0 % $1 }
      let nonzero = combine(x, y, rows: rows) { $1 != 0 }
      return Column(
        type, .ints(values), validity: .both(.both(x.validity, y.validity), Bitmap(nonzero)))
    }
    guard let x = operands[0].doubles(), let y = operands[1].doubles() else {
      return .nulls(type, count: rows)
    }
    let values = combine(x, y, rows: rows) { $0.truncatingRemainder(dividingBy: $1) }
    return Column(finite: type, values, validity: .both(x.validity, y.validity))
  }

  /// `-a`.
  public static let negate = ScalarKernel.rowwise("negate") { operands, rows, type in
    if type == .int {
      return try arithmetic(
        "-", .scalar(.int(0)), operands[0], rows, type, ints: { $0.subtractingReportingOverflow($1) },
        doubles: { $0 - $1 })
    }
    guard let x = operands[0].doubles() else { return .nulls(type, count: rows) }
    return Column(finite: type, transform(x, rows: rows) { 0 - $0 }, validity: x.validity)
  }

  /// The operand times a constant factor, as the result type: a change of unit.
  public static let scale = ScalarKernel.rowwise("scale") { operands, rows, type in
    guard let x = operands[0].doubles(), let f = operands[1].doubles() else {
      return .nulls(type, count: rows)
    }
    let values = combine(x, f, rows: rows) { $0 * $1 }
    if type.physical == .ints {
      return try Column(type, .doubles(values), validity: x.validity).converted(to: type)
    }
    return Column(finite: type, values, validity: .both(x.validity, f.validity))
  }

  /// Whether values of the type are points or spans of time.
  static func isTemporal(_ type: ValueType) -> Bool {
    switch type {
    case .date, .datetime, .period: true
    default: false
    }
  }

  @inline(__always)
  private static func arithmetic(
    _ symbol: String, _ a: Operand, _ b: Operand, _ rows: Int, _ type: ValueType,
    ints: (Int64, Int64) -> (partialValue: Int64, overflow: Bool), doubles: (Double, Double) -> Double
  ) throws -> Column {
    if type.physical == .ints {
      guard let x = a.ints(), let y = b.ints() else { return .nulls(type, count: rows) }
      var overflowed = false
      let values = combine(x, y, rows: rows) { (p, q) -> Int64 in
        let (value, overflow) = ints(p, q)
        overflowed = overflowed || overflow
        return value
      }
      let valid = Bitmap.both(x.validity, y.validity)
      if overflowed {
        for row in 0..<rows where (valid?[row] ?? true) && ints(x[row], y[row]).overflow {
          throw KernelError("\(x[row]) \(symbol) \(y[row]) is too large for a whole number", row: row)
        }
      }
      return Column(type, .ints(values), validity: valid)
    }
    guard let x = a.doubles(), let y = b.doubles() else { return .nulls(type, count: rows) }
    return Column(finite: type, combine(x, y, rows: rows, doubles), validity: .both(x.validity, y.validity))
  }

  /// Text after text. Runs once per dictionary entry when one side is the same for all rows.
  private static func concatenated(_ a: Operand, _ b: Operand, rows: Int) throws -> Column {
    guard let (x, left) = a.texts(), let (y, right) = b.texts() else { return .nulls(.text, count: rows) }
    if y.isConstant {
      let suffix = right[0]
      return try mapEntries(x, left, rows: rows, type: .text) { .text(($0 ?? "") + suffix) }
    }
    if x.isConstant {
      let prefix = left[0]
      return try mapEntries(y, right, rows: rows, type: .text) { .text(prefix + ($0 ?? "")) }
    }
    let valid = Bitmap.both(x.validity, y.validity)
    var builder = TextDictionaryBuilder()
    var codes = [Int32](repeating: 0, count: rows)
    var buffer: [UInt8] = []
    let cancel = Cancellation.current
    for row in 0..<rows where valid?[row] ?? true {
      if row & 0xFFFF == 0 { try cancel.check() }
      buffer.removeAll(keepingCapacity: true)
      buffer.append(contentsOf: left.utf8(x[row]))
      buffer.append(contentsOf: right.utf8(y[row]))
      codes[row] = buffer.withUnsafeBufferPointer { builder.code(for: $0) }
    }
    return Column(.text, .codes(codes, builder.build()), validity: valid)
  }
}

extension TextDictionary {
  /// The bytes of an entry.
  func utf8(_ code: Int32) -> ArraySlice<UInt8> { bytes[offsets[Int(code)]..<offsets[Int(code) + 1]] }
}
