import ErpqBase
import ErpqFiles
import ErpqTables

import struct ErpqTables.Column
import struct ErpqTables.Table

/// A file of text, gzipped or not, as a source of rows.
public struct FileSource: RowSource {
  /// The file.
  public let path: String
  /// The file's name without its folder.
  public let name: String
  private let options: ReadOptions

  /// A source of the file's rows. Which columns stay text is up to the importer.
  public init(path: String, options: ReadOptions = ReadOptions()) {
    self.path = path
    self.options = options
    name = path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The names in the first line; of JSON, the names of all objects.
  public func headers() throws -> [String] {
    var peek = options
    switch options.format ?? FileFormat(path: path) {
    case .json, .jsonl: break
    default: peek.limit = 1
    }
    return try FileReader().readTable(path: path, options: peek).table.schema.names
  }

  /// Reads the file. Columns that are to be text keep their leading zeros; lines with too few or too many
  /// cells are among the rejects.
  public func read(_ columns: [(header: String, hint: ColumnHint)]) throws -> RowBatch {
    var options = options
    options.text += columns.filter { $0.hint == .text }.map(\.header)
    let result = try FileReader().readTable(path: path, options: options)
    var table = result.table.selecting(columns.map(\.header))
    if options.decimal == .comma {
      for column in columns where column.hint == .number {
        if let cells = table[column.header] {
          table = table.setting(column.header, FileSource.withPoints(cells))
        }
      }
    }
    let rejects = result.rejects.map { reject in
      let prefix = reject.reason.prefix { $0 != ":" && $0 != "," }
      let rest = reject.reason.dropFirst(prefix.count + 1)
      return ImportSummary.Reject(
        line: reject.line, reason: prefix.hasPrefix("line ") ? trimmed(String(rest)) : reject.reason)
    }
    return RowBatch(table, rejects: rejects, notes: result.notes)
  }

  /// Numbers with a decimal comma that stayed text because another cell is no number, with a point.
  private static func withPoints(_ column: Column) -> Column {
    guard case .codes = column.storage else { return column }
    return Column(
      .text,
      values: (0..<column.count).map { row in
        guard case .text(let text) = column[row] else { return .null }
        return .text(text.replacing(".", with: "").replacing(",", with: "."))
      })
  }
}

extension Warehouse {
  /// Loads a file of products; see `importProducts(from:_:)`.
  @discardableResult
  public func importProducts(
    path: String, _ spec: ProductsImport, options: ReadOptions = ReadOptions()
  ) throws -> (loaded: Int, rejects: [ImportSummary.Reject]) {
    try importProducts(from: FileSource(path: path, options: options), spec)
  }
}
