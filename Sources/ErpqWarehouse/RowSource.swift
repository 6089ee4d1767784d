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

/// What a source handed over.
public struct RowBatch: Sendable {
  /// The rows, in columns named by the headers.
  public var table: Table
  /// Lines of the file that are no rows, such as ones with a cell too many; in the order of the file.
  public var rejects: [ImportSummary.Reject]
  /// What the user should know about the file, in sentences.
  public var notes: [String]

  /// A batch.
  public init(_ table: Table, rejects: [ImportSummary.Reject] = [], notes: [String] = []) {
    self.table = table
    self.rejects = rejects
    self.notes = notes
  }

  /// The line of the file, counted from 1, on which a row begins: one line a row below the line of the
  /// headers, rejected lines counted in. (Cells that hold ends of lines make it a lower bound.)
  public func line(ofRow row: Int) -> Int {
    var line = row + 2
    for reject in rejects where reject.line <= line { line += 1 }
    return line
  }
}

/// A file that hands over its rows as columns.
public protocol RowSource: Sendable {
  /// The file's name without its folder, for messages and as the name of the load.
  var name: String { get }
  /// The names in the first line.
  func headers() throws -> [String]
  /// These columns of all rows, under the names of the headers.
  func read(_ columns: [(header: String, hint: ColumnHint)]) throws -> RowBatch
}
