import ErpqBase

extension Table {
  /// The first row of each distinct combination of the columns (of all columns when nil).
  public func distinct(on names: [String]? = nil) throws -> Table {
    let keys = try (names ?? schema.names).map { try column(named: $0) }
    if keys.isEmpty { return slice(0..<1) }
    let groups = try Grouping(by: keys, rows: rowCount)
    return groups.count == rowCount ? self : taking(groups.firstRows)
  }

  /// The rows of this table, then those of another, columns brought together by name. A column that one side
  /// lacks is null there; the types must agree, only an int joins a number.
  public func appended(_ other: Table) throws -> Table {
    var fields = schema.fields
    for field in other.schema.fields where schema.index(of: field.name) == nil { fields.append(field) }
    let columns = try fields.map { field -> Column in
      let (above, below) = (self[field.name], other[field.name])
      let type = try Table.unionType(above?.type, below?.type, field.name)
      return try Column.concatenated([
        above?.converted(to: type) ?? .nulls(type, count: rowCount),
        below?.converted(to: type) ?? .nulls(type, count: other.rowCount),
      ])
    }
    return Table(Schema(fields), columns, rowCount: rowCount + other.rowCount)
  }

  /// Tables one below the other; nil for none. All at once where their columns agree, brought together by name where
  /// they do not.
  public static func stacked(_ tables: [Table]) throws -> Table? {
    guard let first = tables.first else { return nil }
    let types = first.columns.map(\.type)
    guard tables.allSatisfy({ $0.schema.names == first.schema.names && $0.columns.map(\.type) == types })
    else {
      return try tables.dropFirst().reduce(first) { try $0.appended($1) }
    }
    let columns = try first.columns.indices.map { i in try Column.concatenated(tables.map { $0.columns[i] }) }
    return Table(first.schema, columns, rowCount: tables.reduce(0) { $0 + $1.rowCount })
  }

  private static func unionType(_ a: ValueType?, _ b: ValueType?, _ name: String) throws -> ValueType {
    guard let a, a.isKnown else { return b ?? a ?? .null }
    guard let b, b.isKnown, a != b else { return a }
    if (a == .int && b == .number) || (a == .number && b == .int) { return .number }
    if case .list = a, case .list = b { return .list(.unknown) }
    throw KernelError(
      "the column '\(name)' is \(a) in the first table and \(b) in the second; convert one of them")
  }

  /// Without the nulls of the columns: each takes the given value, or without one the last value above it.
  public func filled(_ names: [String], with value: Value? = nil) throws -> Table {
    var result = self
    for name in names {
      let column = try column(named: name)
      if column.nullCount == 0 { continue }
      let filled: Column
      if let value {
        let type = column.type.isKnown ? column.type : value.type
        filled = try Operators.coalesce.apply([.column(column), .scalar(value)], rowCount, type).column(
          rows: rowCount, as: type)
      } else {
        var last: Int32 = -1
        filled = column.taking(
          (0..<rowCount).map { row in
            if column.isValid(row) { last = Int32(row) }
            return last
          })
      }
      result = result.setting(name, filled, doc: schema[name]?.doc ?? "")
    }
    return result
  }

  /// `n` rows drawn without replacement, in the order of the table (all rows when there are no more). The
  /// draw follows from the seed alone (selection sampling: Knuth, TAOCP 2, algorithm S).
  public func sampled(_ n: Int, seed: UInt64) -> Table {
    if n >= rowCount { return self }
    var random = SeededRandom(seed: seed)
    var rows: [Int32] = []
    var wanted = Swift.max(0, n)
    for row in 0..<rowCount where wanted > 0 {
      if random.below(rowCount - row) < wanted {
        rows.append(Int32(row))
        wanted -= 1
      }
    }
    return taking(rows)
  }

  /// One row a column: `column`, `type`, `count` (of values), `nulls`, `distinct`, `min`, `max` (as text) and
  /// `mean` (of numeric columns, in their own unit).
  public func described() throws -> Table {
    let all = Grouping(all: rowCount)
    var rows: [[Value]] = []
    for (field, column) in zip(schema.fields, columns) {
      func aggregate(_ kind: AggregateKind) throws -> Value {
        try Aggregate("", kind, [column]).computed(over: all)[0]
      }
      let mean = column.type.isNumeric ? try aggregate(.avg).asDouble : nil
      let (least, most) = (try aggregate(.min), try aggregate(.max))
      rows.append([
        .text(field.name), .text(column.type.description), try aggregate(.count),
        .int(Int64(column.nullCount)),
        try aggregate(.countDistinct), least.isNull ? .null : .text(least.shortened.description),
        most.isNull ? .null : .text(most.shortened.description),
        mean.map { .text(least.with($0).shortened.description) } ?? .null,
      ])
    }
    let fields = [
      Field("column", .text, "name"), Field("type", .text, "type with unit"),
      Field("count", .int, "rows that hold a value"), Field("nulls", .int, "rows that hold none"),
      Field("distinct", .int, "different values"), Field("min", .text, "least value"),
      Field("max", .text, "greatest value"), Field("mean", .text, "average, in the column's unit"),
    ]
    return Table(
      Schema(fields), fields.indices.map { i in Column(fields[i].type, values: rows.map { $0[i] }) },
      rowCount: rows.count)
  }
}

extension Value {
  /// A number cut to six digits, for summaries; other values as they are.
  var shortened: Value {
    func short(_ d: Double) -> Double {
      guard d != 0, d.isFinite, d.magnitude < 1e15 else { return d }
      let digits = d.magnitude.exponentTen
      let scale = Swift.max(0, 5 - digits)
      var power = 1.0
      for _ in 0..<Swift.min(scale, 300) { power *= 10 }
      return (d * power).rounded() / power
    }
    switch self {
    case .number(let d): return .number(short(d))
    case .percent(let d): return .percent(short(d))
    case .money(let d, let c): return .money(short(d), c)
    case .quantity(let d, let u): return .quantity(short(d), u)
    default: return self
    }
  }

  /// Another number of this value's kind and unit.
  func with(_ d: Double) -> Value {
    switch self {
    case .percent: .percent(d)
    case .money(_, let c): .money(d, c)
    case .quantity(_, let u): .quantity(d, u)
    default: .number(d)
    }
  }
}

extension Double {
  /// The power of ten of the first digit.
  fileprivate var exponentTen: Int {
    var n = 0
    var x = self
    while x >= 10, n < 400 {
      x /= 10
      n += 1
    }
    while x < 1, x > 0, n > -400 {
      x *= 10
      n -= 1
    }
    return n
  }
}

extension Column {
  /// Columns of one type, one after the other.
  static func concatenated(_ parts: [Column]) throws -> Column {
    let type = parts.first?.type ?? .null
    let count = parts.reduce(0) { $0 + $1.count }
    if parts.allSatisfy({ if case .nulls = $0.storage { true } else { false } }) {
      return .nulls(type, count: count)
    }
    let validity = Bitmap.concatenated(parts.map { (Operand.column($0).validity(rows: $0.count), $0.count) })
    func all<T>(_ zero: T, _ values: (Column) -> [T]?) -> [T] {
      var out: [T] = []
      out.reserveCapacity(count)
      for part in parts { out += values(part) ?? [T](repeating: zero, count: part.count) }
      return out
    }
    let storage: Storage
    switch type.physical {
    case .bools: storage = .bools(all(false) { Operand.column($0).bools()?.values })
    case .ints: storage = .ints(all(0) { Operand.column($0).ints()?.values })
    case .doubles: storage = .doubles(all(0) { Operand.column($0).doubles()?.values })
    case .days: storage = .days(all(0) { Operand.column($0).days()?.values })
    case .values: storage = .values(all(.null) { if case .values(let v) = $0.storage { v } else { nil } })
    case .nulls: storage = .nulls(count)
    case .codes:
      let (lanes, dictionary) = Operators.unified(parts.map { Operand.column($0).texts() })
      var codes: [Int32] = []
      codes.reserveCapacity(count)
      for (lane, part) in zip(lanes, parts) {
        codes += lane?.values ?? [Int32](repeating: 0, count: part.count)
      }
      storage = .codes(codes, dictionary)
    }
    return Column(type, storage, validity: validity)
  }
}
