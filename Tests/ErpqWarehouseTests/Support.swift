import ErpqBase
import ErpqTables
import Foundation

@testable import ErpqWarehouse

/// A CSV file or text as a source: every column as text, quotes as RFC 4180 has them.
struct CSVSource: RowSource {
  let name: String
  private let names: [String]
  private let columns: [ErpqTables.Column]

  init(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    self.init(name: (path as NSString).lastPathComponent, bytes: bytes)
  }

  init(name: String, _ text: String) { self.init(name: name, bytes: Array(text.utf8)) }

  private init(name: String, bytes: [UInt8]) {
    self.name = name
    var names: [String] = []
    var builders: [TextDictionaryBuilder] = []
    var codes: [[Int32]] = []
    var valid: [[Bool]] = []
    var cell: [UInt8] = []
    var field = 0
    var isHeader = true
    var isQuoted = false
    func endCell() {
      if isHeader {
        names.append(String(decoding: cell, as: UTF8.self))
        builders.append(TextDictionaryBuilder())
        codes.append([])
        valid.append([])
      } else if field < names.count {
        codes[field].append(cell.withUnsafeBufferPointer { builders[field].code(for: $0) })
        valid[field].append(!cell.isEmpty)
      }
      field += 1
      cell.removeAll(keepingCapacity: true)
    }
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      if isQuoted {
        if byte != 34 {
          cell.append(byte)
        } else if i + 1 < bytes.count, bytes[i + 1] == 34 {
          cell.append(34)
          i += 1
        } else {
          isQuoted = false
        }
      } else if byte == 34 {
        isQuoted = true
      } else if byte == 44 {
        endCell()
      } else if byte == 10 {
        endCell()
        field = 0
        isHeader = false
      } else if byte != 13 {
        cell.append(byte)
      }
      i += 1
    }
    if !cell.isEmpty || field > 0 { endCell() }
    self.names = names
    columns = zip(builders, zip(codes, valid)).map {
      ErpqTables.Column(.text, .codes($1.0, $0.build()), validity: Bitmap($1.1))
    }
  }

  func headers() -> [String] { names }

  func read(_ wanted: [(header: String, hint: ColumnHint)]) -> RowBatch {
    let picked = wanted.compactMap { column in names.firstIndex(of: column.header) }
    return RowBatch(
      ErpqTables.Table(
        Schema(picked.map { Field(names[$0], .text) }), picked.map { columns[$0] },
        rowCount: columns.first?.count ?? 0))
  }
}

/// A folder that is gone when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "erpq-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// All cells of a table as text, for comparisons.
func rows(_ table: ErpqTables.Table) -> [String] {
  (0..<table.rowCount).map { table.row($0).map(\.description).joined(separator: "|") }
}

/// A table that is already in memory, as a source.
struct TableSource: RowSource {
  let name: String
  let table: Table

  func headers() -> [String] { table.schema.names }

  func read(_ columns: [(header: String, hint: ColumnHint)]) -> RowBatch {
    RowBatch(table.selecting(columns.map(\.header)))
  }
}
