import ErpqBase

extension Operators {
  /// A value of one type as the result type: int ↔ number (towards zero), date ↔ datetime (UTC) ↔ period,
  /// units of money, quantity, percent and duration taken over as they are, text read, anything written as
  /// text. What cannot be read or does not fit becomes null.
  public static let convert = ScalarKernel.rowwise("convert") { operands, rows, type in
    try operands[0].column(rows: rows).converted(to: type)
  }
}

extension Column {
  /// The values as another type; what cannot be converted becomes null.
  public func converted(to target: ValueType) throws -> Column {
    if type == target { return self }
    if case .nulls(let n) = storage { return .nulls(target, count: n) }
    if case .codes(let v, let dictionary) = storage {
      if target.physical == .codes { return retyped(target) }
      return try mapEntries(Lane(v, validity), dictionary, rows: count, type: target) {
        $0.map { Value.parsed($0, as: target) } ?? .null
      }
    }
    let operand = Operand.column(self)
    switch target.physical {
    case .codes: return try written(as: target)
    case .doubles:
      if case .doubles = storage { return retyped(target) }
      if let x = operand.doubles(), type != .datetime {
        return Column(target, .doubles(x.values), validity: validity)
      }
    case .days:
      guard let days = operand.days() else { break }
      guard case .period(let unit) = target, let unit else {
        return Column(target, .days(days.values), validity: validity)
      }
      return Column(target, .days(Operators.periodStarts(days.values, unit)), validity: validity)
    case .ints:
      if target == .datetime {
        guard Operators.isTemporal(type), let moments = operand.moments() else { break }
        return Column(target, .ints(moments.values), validity: validity)
      }
      if case .doubles(let v) = storage { return Column.whole(target, v, validity) }
      if type != .datetime, let x = operand.ints() {
        return Column(target, .ints(x.values), validity: validity)
      }
    case .bools:
      if case .bools = storage { return retyped(target) }
      if type.isNumeric, let x = operand.doubles() {
        return Column(target, .bools(x.values.map { $0 != 0 }), validity: validity)
      }
    case .values: if case .values = storage { return retyped(target) }
    case .nulls: return .nulls(target, count: count)
    }
    return .nulls(target, count: count)
  }

  /// Doubles cut off to whole numbers; null where that does not fit.
  private static func whole(_ type: ValueType, _ values: [Double], _ validity: Bitmap?) -> Column {
    var valid = validity ?? Bitmap(repeating: true, count: values.count)
    var out = [Int64](repeating: 0, count: values.count)
    for (i, x) in values.enumerated() {
      if let whole = Int64(exactly: x.rounded(.towardZero)) { out[i] = whole } else { valid[i] = false }
    }
    return Column(type, .ints(out), validity: valid)
  }

  /// The values as data files show them.
  private func written(as target: ValueType) throws -> Column {
    var builder = TextDictionaryBuilder()
    _ = builder.code(for: "")
    let cancel = Cancellation.current
    var codes = [Int32](repeating: 0, count: count)
    for row in 0..<count where isValid(row) {
      if row & 0xFFFF == 0 { try cancel.check() }
      codes[row] = builder.code(for: self[row].description)
    }
    return Column(target, .codes(codes, builder.build()), validity: validity)
  }
}

extension Value {
  /// A text read as a value of a type, spaces around it ignored; null when it is not one.
  ///
  /// Numbers take a point, `_` between digits and an exponent; a percent may end in `%` (then it is divided
  /// by 100), money in a currency code, a quantity in a unit, a duration in its unit.
  public static func parsed(_ text: String, as type: ValueType) -> Value {
    let bytes = Array(text.utf8)
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return .null }
    let trimmed = String(decoding: bytes[first...last], as: UTF8.self)
    switch type {
    case .text: return .text(text)
    case .bool:
      switch trimmed.lowercased() {
      case "true", "yes", "t", "y", "1": return .bool(true)
      case "false", "no", "f", "n", "0": return .bool(false)
      default: return .null
      }
    case .int:
      if let whole = Int64(trimmed.filter { $0 != "_" }) { return .int(whole) }
      return number(trimmed).flatMap { Int64(exactly: $0.rounded(.towardZero)) }.map { .int($0) } ?? .null
    case .number: return number(trimmed).map { .number($0) } ?? .null
    case .percent:
      if trimmed.hasSuffix("%") {
        return number(String(trimmed.dropLast()).trimmingBlanks()).map { .percent($0 / 100) } ?? .null
      }
      return number(trimmed).map { .percent($0) } ?? .null
    case .money(let currency):
      return amount(trimmed).flatMap { amount, unit in
        if let currency, !unit.isEmpty, unit != currency { return nil }
        return .money(amount, currency ?? unit)
      } ?? .null
    case .quantity(let wanted):
      return amount(trimmed).flatMap { amount, unit in
        if let wanted, !unit.isEmpty, unit != wanted { return nil }
        return .quantity(amount, wanted ?? unit)
      } ?? .null
    case .duration(let family):
      guard let (size, name) = amount(trimmed), let unit = CalendarDuration.unit(named: name) else {
        return .null
      }
      if let family, family != unit.family { return .null }
      return .duration(CalendarDuration(amount: size * unit.amount, family: unit.family))
    case .date:
      if let date = CivilDate(iso: trimmed) { return .date(date) }
      return Instant(iso: trimmed).map { .date($0.utcDate) } ?? .null
    case .datetime:
      if let moment = Instant(iso: trimmed) { return .datetime(moment) }
      return CivilDate(iso: trimmed).map { .datetime(Instant($0)) } ?? .null
    case .period(let unit):
      if let period = Period(iso: trimmed), unit == nil || unit == period.unit { return .period(period) }
      guard let unit, let date = CivilDate(iso: trimmed) else { return .null }
      return .period(Period(unit, containing: date))
    case .list, .distribution, .null, .unknown: return .null
    }
  }

  /// A finite decimal number; hexadecimal, `nan` and `inf` are not taken.
  private static func number(_ text: String) -> Double? {
    let digits = text.filter { $0 != "_" }
    guard digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || [43, 45, 46, 69, 101].contains($0) }) else {
      return nil
    }
    return Double(digits).flatMap { $0.isFinite ? $0 : nil }
  }

  /// A number and what follows it.
  private static func amount(_ text: String) -> (Double, String)? {
    let end =
      text.utf8.firstIndex { !(($0 >= 48 && $0 <= 57) || [43, 45, 46, 95].contains($0)) } ?? text.endIndex
    guard let value = number(String(text[..<end])) else { return nil }
    return (value, String(text[end...]).trimmingBlanks())
  }
}

extension String {
  /// Without white space at both ends.
  func trimmingBlanks() -> String {
    var slice = self[...]
    while let first = slice.first, first.isWhitespace { slice.removeFirst() }
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    return String(slice)
  }
}
