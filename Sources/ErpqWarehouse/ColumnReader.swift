import ErpqTables
import GRDB
import GRDBSQLite

import struct ErpqTables.Column

/// Collects one column of a running statement, by one virtual call a cell.
class ColumnReader {
  /// Rows that are null, in order.
  private var nulls: [Int] = []

  /// The reader that a stored column needs.
  static func make(for column: StoredColumn, on database: Database) throws -> ColumnReader {
    if let text = column.text { return NumberedTextReader(try NumberedTexts(text, on: database)) }
    switch column.type.physical {
    case .bools: return WholeReader<Bool>()
    case .ints: return WholeReader<Int64>()
    case .days: return WholeReader<Int32>()
    case .codes: return TextReader()
    default: return DoubleReader(scale: column.scale)
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
  /// What a stored number is multiplied by.
  private let scale: Double
  private let values = CellBuffer<Double>()
  deinit { values.deallocate() }
  init(scale: Double) { self.scale = scale }
  override var count: Int { values.count }
  override var storage: Column.Storage { .doubles(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_double(statement, index)
    // Null reads as 0, so that the type is asked for zeros alone.
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(value * scale)
  }
}

/// What SQLite keeps as a whole number.
private protocol WholeCell: BitwiseCopyable {
  init(stored value: Int64)
  static func storage(_ cells: [Self]) -> Column.Storage
}

extension Int64: WholeCell {
  fileprivate init(stored value: Int64) { self = value }
  fileprivate static func storage(_ cells: [Int64]) -> Column.Storage { .ints(cells) }
}

/// Days since 1970.
extension Int32: WholeCell {
  fileprivate init(stored value: Int64) { self.init(clamping: value) }
  fileprivate static func storage(_ cells: [Int32]) -> Column.Storage { .days(cells) }
}

extension Bool: WholeCell {
  fileprivate init(stored value: Int64) { self = value != 0 }
  fileprivate static func storage(_ cells: [Bool]) -> Column.Storage { .bools(cells) }
}

private final class WholeReader<Cell: WholeCell>: ColumnReader {
  private let values = CellBuffer<Cell>()
  deinit { values.deallocate() }
  override var count: Int { values.count }
  override var storage: Column.Storage { Cell.storage(values.array) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let value = sqlite3_column_int64(statement, index)
    if value == 0, sqlite3_column_type(statement, index) == SQLITE_NULL { markNull() }
    values.append(Cell(stored: value))
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

/// Reads the numbers of texts that stand in another table.
private final class NumberedTextReader: ColumnReader {
  private let codes = CellBuffer<Int32>()
  private let texts: NumberedTexts
  init(_ texts: NumberedTexts) { self.texts = texts }
  deinit { codes.deallocate() }
  override var count: Int { codes.count }
  override var storage: Column.Storage { .codes(codes.array, texts.dictionary) }

  override func take(_ statement: OpaquePointer, _ index: Int32) {
    let number = sqlite3_column_int64(statement, index)
    var code: Int32 = -1
    if number > 0 || sqlite3_column_type(statement, index) != SQLITE_NULL { code = texts.code(of: number) }
    if code < 0 { markNull() }
    codes.append(Swift.max(0, code))
  }
}
