import ErpqBase

/// A typed array of values with a validity bit each.
public struct Column: Sendable {
  /// The values, by physical kind. What lies under a row that is not valid has no meaning.
  public enum Storage: Sendable {
    case bools([Bool])
    /// Integers; datetimes as microseconds since the epoch.
    case ints([Int64])
    /// Numbers; percents as shares, durations as milliseconds or months, money and quantities as amounts.
    case doubles([Double])
    /// Dates as days since 1970-01-01; periods as the day they start.
    case days([Int32])
    case codes([Int32], TextDictionary)
    case values([Value])
    /// So many nulls.
    case nulls(Int)
  }

  /// The type, unit included. `type.physical` agrees with the storage (or the storage is `nulls`).
  public let type: ValueType
  /// The values.
  public let storage: Storage
  /// Which rows hold a value; nil when all do.
  public let validity: Bitmap?

  /// Puts a column together. A validity without a clear bit is dropped.
  public init(_ type: ValueType, _ storage: Storage, validity: Bitmap? = nil) {
    self.type = type
    self.storage = storage
    let hasNulls = validity.map { $0.setCount < $0.count } ?? false
    self.validity = hasNulls ? validity : nil
  }

  /// A column of `count` nulls.
  public static func nulls(_ type: ValueType, count: Int) -> Column { Column(type, .nulls(count)) }

  /// Number of rows.
  public var count: Int {
    switch storage {
    case .bools(let v): v.count
    case .ints(let v): v.count
    case .doubles(let v): v.count
    case .days(let v): v.count
    case .codes(let v, _): v.count
    case .values(let v): v.count
    case .nulls(let n): n
    }
  }

  /// Whether a row holds a value.
  public func isValid(_ row: Int) -> Bool {
    if case .nulls = storage { return false }
    return validity?[row] ?? true
  }

  /// Number of nulls.
  public var nullCount: Int {
    if case .nulls(let n) = storage { return n }
    return validity.map { $0.count - $0.setCount } ?? 0
  }

  /// The same values under another type of the same physical kind (a unit given or taken away).
  public func retyped(_ type: ValueType) -> Column { Column(type, storage, validity: validity) }

  /// The value of one row. For the edges; kernels work on the storage.
  public subscript(row: Int) -> Value {
    guard isValid(row) else { return .null }
    switch storage {
    case .nulls: return .null
    case .bools(let v): return .bool(v[row])
    case .values(let v): return v[row]
    case .codes(let v, let dictionary): return .text(dictionary[v[row]])
    case .days(let v):
      let day = CivilDate(day: v[row])
      if case .period(let unit) = type { return .period(Period(unit ?? .day, containing: day)) }
      return .date(day)
    case .ints(let v):
      return type == .datetime ? .datetime(Instant(microseconds: v[row])) : .int(v[row])
    case .doubles(let v):
      switch type {
      case .percent: return .percent(v[row])
      case .duration(let family): return .duration(CalendarDuration(amount: v[row], family: family ?? .time))
      case .money(let currency): return .money(v[row], currency ?? "")
      case .quantity(let unit): return .quantity(v[row], unit ?? "")
      default: return .number(v[row])
      }
    }
  }

  /// A column of the given values, each of the type or null (ints widen to doubles where the type wants
  /// them). A value that does not fit the type becomes null.
  public init(_ type: ValueType, values: [Value]) {
    var valid = Bitmap(repeating: true, count: values.count)
    func collect<T>(_ zero: T, _ pick: (Value) -> T?) -> [T] {
      var out: [T] = []
      out.reserveCapacity(values.count)
      for (i, value) in values.enumerated() {
        if let x = pick(value) {
          out.append(x)
        } else {
          out.append(zero)
          valid[i] = false
        }
      }
      return out
    }
    let storage: Storage
    switch type.physical {
    case .nulls: storage = .nulls(values.count)
    case .bools: storage = .bools(collect(false) { if case .bool(let b) = $0 { b } else { nil } })
    case .values: storage = .values(collect(.null) { $0.isNull ? nil : $0 })
    case .doubles: storage = .doubles(collect(0) { $0.asDouble })
    case .ints:
      storage = .ints(
        collect(0) {
          switch $0 {
          case .int(let i): i
          case .datetime(let d): d.microseconds
          default: nil
          }
        })
    case .days:
      storage = .days(
        collect(0) {
          switch $0 {
          case .date(let d): d.day
          case .period(let p): p.start.day
          default: nil
          }
        })
    case .codes:
      var builder = TextDictionaryBuilder()
      let codes = collect(Int32(0)) { if case .text(let s) = $0 { builder.code(for: s) } else { nil } }
      if builder.count == 0 { _ = builder.code(for: "") }
      storage = .codes(codes, builder.build())
    }
    self.init(type, storage, validity: valid)
  }
}
