import ErpqTables

/// The formats that files are read in.
public enum FileFormat: String, Hashable, Sendable, CaseIterable {
  /// Cells between delimiters, RFC 4180 quoting.
  case csv
  /// The same with tabs.
  case tsv
  /// A list of objects, or an object that holds one.
  case json
  /// An object a line.
  case jsonl

  /// The format that a file's name tells, `.gz` apart; nil when it tells none.
  public init?(path: String) {
    var name = splitPath(path).name.lowercased()
    if name.hasSuffix(".gz") { name = String(name.dropLast(3)) }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...] {
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "json": self = .json
    case "jsonl", "ndjson": self = .jsonl
    default: return nil
    }
  }
}

/// The sign between the whole part of a number and its fraction.
public enum DecimalMark: String, Hashable, Sendable {
  case point = "."
  case comma = ","

  var byte: UInt8 { self == .point ? 0x2E : 0x2C }
  /// The mark that may stand between thousands then.
  var thousands: UInt8 { self == .point ? 0x2C : 0x2E }
}

/// Which comes first in dates written with slashes, points or hyphens.
public enum DateOrder: Hashable, Sendable {
  /// 31/12/2026.
  case dayFirst
  /// 12/31/2026.
  case monthFirst
}

/// How a file is to be read. What is not said is found out from the file.
public struct ReadOptions: Hashable, Sendable {
  /// The format; nil: by the file's name.
  public var format: FileFormat?
  /// The sign between cells (one ASCII character); nil: the best of `,` `;` tab and `|`.
  public var delimiter: Character?
  /// Whether the first line holds the names of the columns.
  public var header: Bool
  /// The decimal mark of numbers; nil: a point, and nothing between thousands. Where it is said, the other mark
  /// may stand between thousands (`1.234,50`).
  public var decimal: DecimalMark?
  /// Columns that stay text whatever they hold.
  public var text: [String]
  /// Types of columns that are known; a row with a cell that does not fit is rejected.
  public var types: [String: ValueType]
  /// Words that stand for "no value" beside the empty cell, such as `NA`.
  public var nullWords: [String]
  /// The most rows to read.
  public var limit: Int?
  /// The order of day and month in dates with slashes; nil: only where the column leaves no doubt.
  public var dateOrder: DateOrder?

  /// Options; each may be left out.
  public init(
    format: FileFormat? = nil, delimiter: Character? = nil, header: Bool = true,
    decimal: DecimalMark? = nil,
    text: [String] = [], types: [String: ValueType] = [:], nullWords: [String] = [], limit: Int? = nil,
    dateOrder: DateOrder? = nil
  ) {
    self.format = format
    self.delimiter = delimiter
    self.header = header
    self.decimal = decimal
    self.text = text
    self.types = types
    self.nullWords = nullWords
    self.limit = limit
    self.dateOrder = dateOrder
  }
}

/// The type found for a column, and why when it is not what most of the column looks like.
public struct InferredColumn: Hashable, Sendable {
  /// The column's name in the table.
  public var name: String
  /// Its type.
  public var type: ValueType
  /// For text because of an odd row: `text: line 5,012 has "79323P"`; for dates the order that was found.
  public var why: String?
}

/// A row of a file that did not make it into the table.
public struct RejectedRow: Hashable, Sendable {
  /// The line of the file the row begins on, from 1.
  public var line: Int
  /// One sentence, beginning with the line.
  public var reason: String
  /// The row as it stands in the file.
  public var raw: String
}

/// What was read from a file.
public struct FileRead: Sendable {
  /// The rows that fit.
  public var table: Table
  /// The columns' types and the reasons for them, in order.
  public var inferred: [InferredColumn]
  /// The rows that did not fit.
  public var rejects: [RejectedRow]
  /// What a user should know about the file: sentences about encoding, names, delimiters.
  public var notes: [String]
  /// Rows seen, rejected ones included.
  public var rowsRead: Int
  /// Bytes of the file, decompressed.
  public var bytes: Int
}
