import ErpqBase

/// An operand as an array of one concrete type: a value a row, or a single one that stands for every row.
struct Lane<T> {
  /// One value a row, or exactly one.
  var values: [T]
  /// Whether `values` holds the one value of all rows.
  var isConstant: Bool
  /// Which rows hold a value; nil when all do.
  var validity: Bitmap?

  /// The value of all rows.
  init(constant: T) {
    values = [constant]
    isConstant = true
  }

  /// A value a row.
  init(_ values: [T], _ validity: Bitmap?) {
    self.values = values
    isConstant = false
    self.validity = validity
  }

  /// The value at a row, whatever its validity.
  @inline(__always)
  subscript(row: Int) -> T { values[isConstant ? 0 : row] }

  /// Whether a row holds a value.
  @inline(__always)
  func isValid(_ row: Int) -> Bool { validity?[row] ?? true }

  /// The same lane with every value replaced.
  @inline(__always)
  func map<R>(_ f: (T) -> R) -> Lane<R> {
    var result = Lane<R>(values.map(f), validity)
    result.isConstant = isConstant
    return result
  }
}

extension Operand {
  /// The type of the values; a scalar's is its value's own.
  public var type: ValueType {
    switch self {
    case .column(let c): c.type
    case .scalar(let v): v.type
    }
  }

  /// Whether it is one value for all rows.
  public var isScalar: Bool { if case .scalar = self { true } else { false } }

  /// As a column of `rows` rows; a scalar is repeated, under `type` where one is given.
  public func column(rows: Int, as type: ValueType? = nil) -> Column {
    switch self {
    case .column(let c): c
    case .scalar(let v): Column(repeating: v, as: type ?? v.type, count: rows)
    }
  }

  /// The value at a row.
  func value(_ row: Int) -> Value {
    switch self {
    case .column(let c): c[row]
    case .scalar(let v): v
    }
  }

  /// As doubles (integers widen, booleans are 0 and 1); nil when no row holds one.
  func doubles() -> Lane<Double>? {
    switch self {
    case .scalar(.bool(let b)): Lane(constant: b ? 1 : 0)
    case .scalar(let v): v.asDouble.map { Lane(constant: $0) }
    case .column(let c):
      switch c.storage {
      case .doubles(let v): Lane(v, c.validity)
      case .ints(let v): Lane(v.map { Double($0) }, c.validity)
      case .bools(let v): Lane(v.map { $0 ? 1 : 0 }, c.validity)
      default: nil
      }
    }
  }

  /// As integers (datetimes in microseconds, booleans 0 and 1); nil when no row holds one.
  func ints() -> Lane<Int64>? {
    switch self {
    case .scalar(.int(let i)): Lane(constant: i)
    case .scalar(.datetime(let d)): Lane(constant: d.microseconds)
    case .scalar(.bool(let b)): Lane(constant: b ? 1 : 0)
    case .scalar(let v): v.asDouble.flatMap { Int64(exactly: $0) }.map { Lane(constant: $0) }
    case .column(let c):
      switch c.storage {
      case .ints(let v): Lane(v, c.validity)
      case .bools(let v): Lane(v.map { $0 ? 1 : 0 }, c.validity)
      default: nil
      }
    }
  }

  /// As truth values; nil when no row holds one.
  func bools() -> Lane<Bool>? {
    switch self {
    case .scalar(.bool(let b)): Lane(constant: b)
    case .column(let c): if case .bools(let v) = c.storage { Lane(v, c.validity) } else { nil }
    default: nil
    }
  }

  /// As days: dates, the first days of periods, the UTC days of datetimes; nil when no row holds one.
  func days() -> Lane<Int32>? {
    switch self {
    case .scalar(.date(let d)): return Lane(constant: d.day)
    case .scalar(.period(let p)): return Lane(constant: p.start.day)
    case .scalar(.datetime(let d)): return Lane(constant: d.utcDate.day)
    case .column(let c):
      switch c.storage {
      case .days(let v): return Lane(v, c.validity)
      case .ints(let v) where c.type == .datetime:
        return Lane(v.map { Instant(microseconds: $0).utcDate.day }, c.validity)
      default: return nil
      }
    default: return nil
    }
  }

  /// As microseconds since the epoch: the first moment of dates and periods; nil when no row holds one.
  func moments() -> Lane<Int64>? {
    switch self {
    case .scalar(.datetime), .scalar(.int): return ints()
    case .column(let c) where c.type == .datetime: return ints()
    default: return days()?.map { Int64($0) * 86_400_000_000 }
    }
  }

  /// As texts: codes and their dictionary; nil when no row holds one.
  func texts() -> (codes: Lane<Int32>, dictionary: TextDictionary)? {
    switch self {
    case .scalar(.text(let s)): return (Lane(constant: 0), TextDictionary(distinct: [s]))
    case .column(let c):
      if case .codes(let v, let dictionary) = c.storage, dictionary.count > 0 {
        return (Lane(v, c.validity), dictionary)
      }
      return nil
    default: return nil
    }
  }
}

/// `f` of both lanes row by row. What is computed from rows that are not valid has no meaning.
@inline(__always)
func combine<A, B, R>(_ a: Lane<A>, _ b: Lane<B>, rows: Int, _ f: (A, B) -> R) -> [R] {
  [R](unsafeUninitializedCapacity: rows) { out, count in
    a.values.withUnsafeBufferPointer { x in
      b.values.withUnsafeBufferPointer { y in
        guard let base = out.baseAddress else { return }
        switch (a.isConstant, b.isConstant) {
        case (false, false): for i in 0..<rows { (base + i).initialize(to: f(x[i], y[i])) }
        case (false, true):
          let c = y[0]
          for i in 0..<rows { (base + i).initialize(to: f(x[i], c)) }
        case (true, false):
          let c = x[0]
          for i in 0..<rows { (base + i).initialize(to: f(c, y[i])) }
        case (true, true):
          let c = f(x[0], y[0])
          for i in 0..<rows { (base + i).initialize(to: c) }
        }
      }
    }
    count = rows
  }
}

/// `f` of every row of a lane.
@inline(__always)
func transform<A, R>(_ a: Lane<A>, rows: Int, _ f: (A) -> R) -> [R] {
  if a.isConstant { return [R](repeating: f(a.values[0]), count: rows) }
  return [R](unsafeUninitializedCapacity: rows) { out, count in
    a.values.withUnsafeBufferPointer { x in
      if let base = out.baseAddress { for i in 0..<rows { (base + i).initialize(to: f(x[i])) } }
    }
    count = rows
  }
}

extension Column {
  /// A column of doubles in which what is not finite becomes null.
  init(finite type: ValueType, _ values: [Double], validity: Bitmap?) {
    var bad = false
    let exponent: UInt64 = 0x7FF0_0000_0000_0000
    values.withUnsafeBufferPointer { v in
      for x in v where x.bitPattern & exponent == exponent { bad = true }
    }
    guard bad else {
      self.init(type, .doubles(values), validity: validity)
      return
    }
    var values = values
    var valid = validity ?? Bitmap(repeating: true, count: values.count)
    for i in values.indices where !values[i].isFinite {
      valid[i] = false
      values[i] = 0
    }
    self.init(type, .doubles(values), validity: valid)
  }

  /// The same value in every row. A value that does not fit the type becomes null.
  public init(repeating value: Value, as type: ValueType, count: Int) {
    let one = Column(type, values: [value])
    guard one.isValid(0) else {
      self = .nulls(type, count: count)
      return
    }
    switch one.storage {
    case .bools(let v): self.init(type, .bools([Bool](repeating: v[0], count: count)))
    case .ints(let v): self.init(type, .ints([Int64](repeating: v[0], count: count)))
    case .doubles(let v): self.init(type, .doubles([Double](repeating: v[0], count: count)))
    case .days(let v): self.init(type, .days([Int32](repeating: v[0], count: count)))
    case .codes(let v, let d): self.init(type, .codes([Int32](repeating: v[0], count: count), d))
    case .values(let v): self.init(type, .values([Value](repeating: v[0], count: count)))
    case .nulls: self = .nulls(type, count: count)
    }
  }
}

extension ScalarKernel {
  /// A kernel that makes a column; when all operands are scalars it is run on one row and gives a scalar.
  static func rowwise(
    _ name: String, _ body: @escaping @Sendable ([Operand], Int, ValueType) throws -> Column
  ) -> ScalarKernel {
    ScalarKernel(name) { operands, rows, type in
      guard operands.allSatisfy(\.isScalar) else { return .column(try body(operands, rows, type)) }
      do {
        return .scalar(try body(operands, 1, type)[0])
      } catch let error as KernelError {
        throw KernelError(error.message)
      }
    }
  }

  /// A kernel over single values, for work that is not a hot loop. Null in, null out. When the only column is
  /// a text, the function runs once per entry of its dictionary.
  static func values(
    _ name: String, nullsAllowed: Bool = false, _ f: @escaping @Sendable ([Value]) throws -> Value
  ) -> ScalarKernel {
    values(name, nullsAllowed: nullsAllowed, making: { f })
  }

  /// The same with a function made for each run, which may keep what it has prepared.
  static func values(
    _ name: String, nullsAllowed: Bool = false, making: @escaping @Sendable () -> ([Value]) throws -> Value
  ) -> ScalarKernel {
    rowwise(name) { operands, rows, type in
      let f = making()
      func call(_ arguments: [Value]) throws -> Value {
        if !nullsAllowed, arguments.contains(where: \.isNull) { return .null }
        return try f(arguments)
      }
      let places = operands.indices.filter { !operands[$0].isScalar }
      var arguments = operands.map { operand -> Value in if case .scalar(let v) = operand { v } else { .null }
      }
      if !nullsAllowed {
        for operand in operands { if case .scalar(.null) = operand { return .nulls(type, count: rows) } }
      }
      if places.count == 1, let (codes, dictionary) = operands[places[0]].texts(), !codes.isConstant {
        return try mapEntries(codes, dictionary, rows: rows, type: type, nullsAllowed: nullsAllowed) { text in
          arguments[places[0]] = text.map { .text($0) } ?? .null
          return try call(arguments)
        }
      }
      let cancel = Cancellation.current
      var result: [Value] = []
      result.reserveCapacity(rows)
      for row in 0..<rows {
        if row & 0xFFFF == 0 { try cancel.check() }
        for place in places { arguments[place] = operands[place].value(row) }
        do {
          result.append(try call(arguments))
        } catch let error as KernelError {
          throw KernelError(error.message, row: row)
        }
      }
      return Column(finite: type, values: result)
    }
  }
}

extension Column {
  /// A column of values in which numbers that are not finite become null.
  init(finite type: ValueType, values: [Value]) {
    self.init(type, values: values)
    if case .doubles(let v) = storage { self.init(finite: type, v, validity: validity) }
  }
}

/// A column from a function of texts that runs once for each dictionary entry that some row uses. With
/// `nullsAllowed` the function is also asked for the value of null (nil).
func mapEntries(
  _ codes: Lane<Int32>, _ dictionary: TextDictionary, rows: Int, type: ValueType, nullsAllowed: Bool = false,
  _ f: (String?) throws -> Value
) throws -> Column {
  let used = codes.usedEntries(of: dictionary)
  let cancel = Cancellation.current
  var values = [Value](repeating: .null, count: dictionary.count)
  for entry in 0..<dictionary.count where used[entry] {
    if entry & 0xFFF == 0 { try cancel.check() }
    values[entry] = try f(dictionary[Int32(entry)])
  }
  if nullsAllowed, codes.validity != nil { values.append(try f(nil)) }
  let nullEntry: Int32 = values.count > dictionary.count ? Int32(dictionary.count) : -1
  let entries = Column(finite: type, values: values)
  return entries.taking(codes.rowCodes(rows: rows, null: nullEntry, count: dictionary.count))
}

extension Lane<Int32> {
  /// Which entries of the dictionary some row uses.
  func usedEntries(of dictionary: TextDictionary) -> [Bool] {
    // A dictionary smaller than the column is taken whole: a look at each row would cost more.
    if !isConstant, dictionary.count * 4 <= values.count {
      return [Bool](repeating: true, count: dictionary.count)
    }
    var used = [Bool](repeating: false, count: dictionary.count)
    for (row, code) in values.enumerated() where isValid(row) && Int(code) < used.count && code >= 0 {
      used[Int(code)] = true
    }
    return used
  }

  /// The code of every row, `null` where there is none.
  func rowCodes(rows: Int, null: Int32 = -1, count: Int) -> [Int32] {
    if isConstant { return [Int32](repeating: values[0], count: rows) }
    guard let validity else { return values }
    return [Int32](unsafeUninitializedCapacity: rows) { out, n in
      values.withUnsafeBufferPointer { v in
        for i in 0..<rows { out[i] = validity[i] && UInt32(bitPattern: v[i]) < UInt32(count) ? v[i] : null }
      }
      n = rows
    }
  }
}
