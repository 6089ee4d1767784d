import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Column

/// A growing run of plain values behind a constant pointer: adding one neither counts references nor checks for
/// overlapping access, which for a million cells would cost more than reading them.
struct CellBuffer<Element: BitwiseCopyable> {
  private struct Header {
    var base: UnsafeMutablePointer<Element>
    var count = 0
    var capacity: Int
  }

  private let header: UnsafeMutablePointer<Header>

  init() {
    header = .allocate(capacity: 1)
    header.initialize(to: Header(base: .allocate(capacity: 1024), capacity: 1024))
  }

  var count: Int { header.pointee.count }

  @inline(__always)
  func append(_ value: Element) {
    let at = header.pointee.count
    if at == header.pointee.capacity { grow() }
    (header.pointee.base + at).initialize(to: value)
    header.pointee.count = at + 1
  }

  private func grow() {
    let wider = UnsafeMutablePointer<Element>.allocate(capacity: header.pointee.capacity * 2)
    wider.moveInitialize(from: header.pointee.base, count: header.pointee.count)
    header.pointee.base.deallocate()
    header.pointee.base = wider
    header.pointee.capacity *= 2
  }

  /// The values so far.
  var array: [Element] { Array(UnsafeBufferPointer(start: header.pointee.base, count: header.pointee.count)) }

  /// Gives the memory back; the buffer must not be used afterwards.
  func deallocate() {
    header.pointee.base.deallocate()
    header.deallocate()
  }
}

/// Collects one column of a running statement, by one virtual call a cell.
class ColumnReader {
  /// Rows that are null, in order.
  private var nulls: [Int] = []

  /// The reader that a stored column needs.
  static func make(for column: StoredColumn, on database: Database) throws -> ColumnReader {
    if let text = column.text { return try NumberedTextReader(text, on: database) }
    switch column.type.physical {
    case .bools: return BoolReader()
    case .ints: return IntReader()
    case .days: return DayReader()
    case .codes: return TextReader()
    default: return column.scale == 1 ? DoubleReader() : ScaledReader(column.scale)
    }
  }

  /// Number of rows so far.
  var count: Int { 0 }

  /// Takes the value of the statement's current row.
  func take(_ statement: OpaquePointer, _ index: Int32) {}

  /// What was collected.
  var storage: Column.Storage { .nulls(0) }

  final func markNull() { nulls.append(count) }

  /// The column of what was collected.
  final func column(_ type: ValueType) -> Column {
    guard !nulls.isEmpty else { return Column(type, storage) }
    if nulls.count == count { return .nulls(type, count: count) }
    var validity = Bitmap(repeating: true, count: count)
    for row in nulls { validity[row] = false }
    return Column(type, storage, validity: validity)
  }
}

private final class DoubleReader: ColumnReader {
  private let values = CellBuffer<Double>()
  deinit { values.deallocate() }
  override var count: Int { values.count }
  override var storage: Column.Storage { .doubles(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_double(statement, index)
    // Null reads as 0, so that the type is asked for zeros alone.
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(value)
  }
}

private final class ScaledReader: ColumnReader {
  private let scale: Double
  private let values = CellBuffer<Double>()
  deinit { values.deallocate() }
  init(_ scale: Double) { self.scale = scale }
  override var count: Int { values.count }
  override var storage: Column.Storage { .doubles(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_double(statement, index)
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(value * scale)
  }
}

private final class IntReader: ColumnReader {
  private let values = CellBuffer<Int64>()
  deinit { values.deallocate() }
  override var count: Int { values.count }
  override var storage: Column.Storage { .ints(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_int64(statement, index)
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(value)
  }
}

private final class DayReader: ColumnReader {
  private let values = CellBuffer<Int32>()
  deinit { values.deallocate() }
  override var count: Int { values.count }
  override var storage: Column.Storage { .days(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_int64(statement, index)
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(Int32(clamping: value))
  }
}

private final class BoolReader: ColumnReader {
  private let values = CellBuffer<Bool>()
  deinit { values.deallocate() }
  override var count: Int { values.count }
  override var storage: Column.Storage { .bools(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_int64(statement, index)
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(value != 0)
  }
}

private final class TextReader: ColumnReader {
  private let codes = CellBuffer<Int32>()
  private var dictionary = TextDictionaryBuilder()
  deinit { codes.deallocate() }
  override var count: Int { codes.count }
  override var storage: Column.Storage { .codes(codes.array, dictionary.build()) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    guard let text = sqlite3_column_text(statement, index) else {
      markNull()
      codes.append(0)
      return
    }
    let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, index)))
    codes.append(dictionary.code(for: bytes))
  }
}

/// Reads the numbers of texts that stand in another table; that table is read once, before the scan.
private final class NumberedTextReader: ColumnReader {
  private let codes = CellBuffer<Int32>()
  private let dictionary: TextDictionary
  /// Code of each small number, -1 where there is none; larger numbers stand in `sparse`.
  private let dense: [Int32]
  private let sparse: [Int64: Int32]

  /// Numbers up to this stand in an array.
  private static let denseLimit: Int64 = 2_000_000

  init(_ text: StoredText, on database: Database) throws {
    var builder = TextDictionaryBuilder()
    var dense: [Int32] = []
    var sparse: [Int64: Int32] = [:]
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT \(text.key), \(text.text) FROM \(text.from) WHERE \(text.text) IS NOT NULL ORDER BY 1")
    while let row = try rows.next() {
      let number: Int64 = row[0]
      let string: String = row[1]
      let code = builder.code(for: string)
      if number >= 0, number < NumberedTextReader.denseLimit {
        while dense.count <= Int(number) { dense.append(-1) }
        dense[Int(number)] = code
      } else {
        sparse[number] = code
      }
    }
    self.dense = dense
    self.sparse = sparse
    dictionary = builder.build()
  }

  deinit { codes.deallocate() }
  override var count: Int { codes.count }
  override var storage: Column.Storage { .codes(codes.array, dictionary) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let number = sqlite3_column_int64(statement, index)
    var code: Int32 = -1
    if number > 0 || sqlite3_column_type(statement, index) != SQLITE_NULL {
      if number >= 0, number < Int64(dense.count) {
        code = dense[Int(number)]
      } else {
        code = sparse[number] ?? -1
      }
    }
    if code < 0 {
      markNull()
      codes.append(0)
    } else {
      codes.append(code)
    }
  }
}
