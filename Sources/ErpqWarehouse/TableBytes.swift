import ErpqBase
import ErpqTables

/// Writes numbers, texts and tables as bytes: whole numbers and doubles with their lowest byte first, lists behind
/// their length. The form of recordings; `ByteReader` reads it.
public struct ByteWriter {
  /// What was written.
  public private(set) var bytes: [UInt8] = []

  /// Nothing yet.
  public init() {}

  /// A byte.
  public mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// A whole number.
  public mutating func int(_ value: Int) { fixed(Int64(value)) }

  /// A text.
  public mutating func text(_ value: String) {
    int(value.utf8.count)
    bytes.append(contentsOf: value.utf8)
  }

  /// Bytes.
  public mutating func data(_ value: [UInt8]) {
    int(value.count)
    bytes.append(contentsOf: value)
  }

  mutating func fixed<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func optional(_ value: String?) {
    byte(value == nil ? 0 : 1)
    if let value { text(value) }
  }

  private mutating func list<T: FixedWidthInteger>(_ values: [T]) {
    int(values.count)
    #if _endian(little)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for value in values { fixed(value) }
    #endif
  }

  /// A table: its fields, then its columns.
  public mutating func table(_ table: Table) {
    int(table.rowCount)
    int(table.columns.count)
    for (field, column) in zip(table.schema.fields, table.columns) {
      text(field.name)
      type(field.type)
      text(field.doc)
      self.column(column)
    }
  }

  private mutating func column(_ column: Column) {
    type(column.type)
    byte(column.validity == nil ? 0 : 1)
    if let validity = column.validity { list(validity.words) }
    switch column.storage {
    case .bools(let v):
      byte(0)
      list(v.map { $0 ? UInt8(1) : 0 })
    case .ints(let v):
      byte(1)
      list(v)
    case .doubles(let v):
      byte(2)
      list(v.map(\.bitPattern))
    case .days(let v):
      byte(3)
      list(v)
    case .codes(let v, let dictionary):
      byte(4)
      list(v)
      list(dictionary.offsets.map(Int64.init))
      data(dictionary.bytes)
    case .values(let v):
      byte(5)
      int(v.count)
      for value in v { self.value(value) }
    case .nulls(let n):
      byte(6)
      int(n)
    }
  }

  private mutating func value(_ value: Value) {
    // A column of one is what a value is, apart from lists.
    if case .list(let items) = value {
      byte(1)
      int(items.count)
      for item in items { self.value(item) }
    } else if case .distribution(let d) = value {
      byte(2)
      list([d.mean.bitPattern] + d.probabilities.map(\.bitPattern) + d.values.map(\.bitPattern))
    } else {
      byte(0)
      column(Column(value.type, values: [value]))
    }
  }

  private mutating func type(_ type: ValueType) {
    switch type {
    case .bool: byte(0)
    case .int: byte(1)
    case .number: byte(2)
    case .text: byte(3)
    case .date: byte(4)
    case .datetime: byte(5)
    case .percent: byte(6)
    case .duration(let family):
      byte(7)
      optional(family?.rawValue)
    case .period(let unit):
      byte(8)
      optional(unit?.rawValue)
    case .money(let currency):
      byte(9)
      optional(currency)
    case .quantity(let unit):
      byte(10)
      optional(unit)
    case .list(let element):
      byte(11)
      self.type(element)
    case .distribution: byte(12)
    case .null: byte(13)
    case .unknown: byte(14)
    }
  }
}

/// Reads what `ByteWriter` wrote. Bytes that it cannot have written are `Damaged`, never a trap.
public struct ByteReader {
  /// The bytes are not what was written.
  public struct Damaged: Error {}

  private let bytes: [UInt8]
  private var place = 0

  /// From the first byte on.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether nothing is left.
  public var isAtEnd: Bool { place == bytes.count }

  /// A byte.
  public mutating func byte() throws(Damaged) -> UInt8 {
    guard place < bytes.count else { throw Damaged() }
    defer { place += 1 }
    return bytes[place]
  }

  /// A whole number.
  public mutating func int() throws(Damaged) -> Int { Int(try fixed(Int64.self)) }

  /// A text.
  public mutating func text() throws(Damaged) -> String { String(decoding: try data(), as: UTF8.self) }

  /// Bytes.
  public mutating func data() throws(Damaged) -> [UInt8] {
    let count = try self.count(size: 1)
    defer { place += count }
    return Array(bytes[place..<(place + count)])
  }

  mutating func fixed<T: FixedWidthInteger>(_: T.Type) throws(Damaged) -> T {
    let size = MemoryLayout<T>.size
    guard bytes.count - place >= size else { throw Damaged() }
    var value: T = 0
    for i in 0..<size { value |= T(truncatingIfNeeded: bytes[place + i]) << T(8 * i) }
    place += size
    return value
  }

  mutating func optional() throws(Damaged) -> String? { try byte() == 0 ? nil : try text() }

  /// The length of a list of things of that size, as far as so many can follow.
  private mutating func count(size: Int) throws(Damaged) -> Int {
    let count = try int()
    guard count >= 0, count <= (bytes.count - place) / size else { throw Damaged() }
    return count
  }

  private mutating func list<T: FixedWidthInteger>(_ type: T.Type) throws(Damaged) -> [T] {
    let count = try count(size: MemoryLayout<T>.size)
    #if _endian(little)
      let size = count * MemoryLayout<T>.size
      defer { place += size }
      return [T](unsafeUninitializedCapacity: count) { buffer, filled in
        bytes.withUnsafeBytes { from in
          UnsafeMutableRawBufferPointer(buffer).copyMemory(
            from: .init(rebasing: from[place..<(place + size)]))
        }
        filled = count
      }
    #else
      var values: [T] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try fixed(type)) }
      return values
    #endif
  }

  /// A table.
  public mutating func table() throws(Damaged) -> Table {
    let rows = try int()
    let width = try count(size: 3)
    guard rows >= 0 else { throw Damaged() }
    var fields: [Field] = []
    var columns: [Column] = []
    for _ in 0..<width {
      let name = try text()
      let type = try self.type(depth: 0)
      fields.append(Field(name, type, try text()))
      let column = try self.column(depth: 0)
      guard column.count == rows else { throw Damaged() }
      columns.append(column)
    }
    return Table(Schema(fields), columns, rowCount: rows)
  }

  private mutating func column(depth: Int) throws(Damaged) -> Column {
    let type = try self.type(depth: depth)
    let words = try byte() == 0 ? nil : try list(UInt64.self)
    let storage: Column.Storage
    let physical: PhysicalType
    switch try byte() {
    case 0: (storage, physical) = (.bools(try list(UInt8.self).map { $0 != 0 }), .bools)
    case 1: (storage, physical) = (.ints(try list(Int64.self)), .ints)
    case 2: (storage, physical) = (.doubles(try list(UInt64.self).map { Double(bitPattern: $0) }), .doubles)
    case 3: (storage, physical) = (.days(try list(Int32.self)), .days)
    case 4:
      let codes = try list(Int32.self)
      let offsets = try list(Int64.self).map { Int($0) }
      let bytes = try data()
      guard offsets.first == 0, offsets.last == bytes.count,
        zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }),
        codes.allSatisfy({ $0 >= 0 && Int($0) < offsets.count - 1 })
      else { throw Damaged() }
      (storage, physical) = (.codes(codes, TextDictionary(bytes: bytes, offsets: offsets)), .codes)
    case 5:
      let count = try self.count(size: 1)
      var values: [Value] = []
      for _ in 0..<count { values.append(try value(depth: depth + 1)) }
      (storage, physical) = (.values(values), .values)
    case 6:
      let count = try int()
      guard count >= 0, count <= Int(Int32.max) else { throw Damaged() }
      return .nulls(type, count: count)
    default: throw Damaged()
    }
    guard physical == type.physical else { throw Damaged() }
    let column = Column(type, storage)
    guard let words else { return column }
    guard words.count == (column.count + 63) / 64 else { throw Damaged() }
    var validity = Bitmap(repeating: false, count: column.count)
    for row in 0..<column.count where words[row >> 6] >> UInt64(row & 63) & 1 == 1 { validity[row] = true }
    return Column(type, storage, validity: validity)
  }

  private mutating func value(depth: Int) throws(Damaged) -> Value {
    guard depth < 32 else { throw Damaged() }
    switch try byte() {
    case 0:
      let column = try self.column(depth: depth)
      guard column.count == 1 else { throw Damaged() }
      return column[0]
    case 1: break
    default:
      let numbers = try list(UInt64.self).map { Double(bitPattern: $0) }
      guard numbers.count % 2 == 1, numbers.count >= 3 else { throw Damaged() }
      let half = numbers.count / 2
      return .distribution(
        PredictiveDistribution(
          mean: numbers[0], probabilities: Array(numbers[1...half]), values: Array(numbers[(half + 1)...])))
    }
    var items: [Value] = []
    for _ in 0..<(try count(size: 1)) { items.append(try value(depth: depth + 1)) }
    return .list(items)
  }

  private mutating func type(depth: Int) throws(Damaged) -> ValueType {
    guard depth < 32 else { throw Damaged() }
    switch try byte() {
    case 0: return .bool
    case 1: return .int
    case 2: return .number
    case 3: return .text
    case 4: return .date
    case 5: return .datetime
    case 6: return .percent
    case 7: return .duration(try optional().flatMap { DurationFamily(rawValue: $0) })
    case 8: return .period(try optional().flatMap { PeriodUnit(rawValue: $0) })
    case 9: return .money(try optional())
    case 10: return .quantity(try optional())
    case 11: return .list(try type(depth: depth + 1))
    case 12: return .distribution
    case 13: return .null
    case 14: return .unknown
    default: throw Damaged()
    }
  }
}
