import ErpqTables

import struct ErpqTables.Table

/// How a column of a file should arrive. A source may still hand text over where the values are none of that
/// kind: the importer then says which line is wrong.
public enum ColumnHint: Hashable, Sendable {
  /// As written, leading zeros and all.
  case text
  /// As numbers, where they are numbers.
  case number
}

/// A file that hands over its rows as columns.
public protocol RowSource: Sendable {
  /// The file's name without its folder, for messages and as the name of the load.
  var name: String { get }
  /// The names in the first line.
  func headers() throws -> [String]
  /// These columns of all rows, under the names of the headers.
  func read(_ columns: [(header: String, hint: ColumnHint)]) throws -> Table
  /// The line of the file, counted from 1, on which a row begins.
  func line(ofRow row: Int) -> Int
}

extension RowSource {
  /// One line a row below one line of headers.
  public func line(ofRow row: Int) -> Int { row + 2 }
}

/// A table that is already in memory, as a source.
public struct TableSource: RowSource {
  /// The file's name.
  public let name: String
  private let table: Table

  /// A source of the table's rows.
  public init(name: String, _ table: Table) {
    self.name = name
    self.table = table
  }

  /// The names of the columns.
  public func headers() -> [String] { table.schema.names }

  /// The columns as they are.
  public func read(_ columns: [(header: String, hint: ColumnHint)]) -> Table {
    table.selecting(columns.map(\.header))
  }
}
