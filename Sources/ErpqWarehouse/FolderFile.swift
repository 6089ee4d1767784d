import ErpqBase
import ErpqTables

import struct ErpqTables.Table

/// One file of a company folder, its columns converted as they are asked for.
struct FolderFile {
  let name: String
  let rowCount: Int
  /// Lines of the file that are no rows.
  let badLines: [ImportSummary.Reject]
  private let batch: RowBatch
  private var table: Table { batch.table }

  /// Reads the columns of `headers` that the file has; the first of them is its key and must be there.
  init(_ source: any RowSource, _ headers: [String], numbers: Set<String> = []) throws {
    name = source.name
    let present = try source.headers()
    guard let key = headers.first, present.contains(key) else {
      throw WarehouseError(
        .badData,
        "\(name) has no column \"\(headers.first ?? "")\"; "
          + "its columns are \(present.joined(separator: ", "))."
      )
    }
    batch = try source.read(
      headers.filter { present.contains($0) }.map { ($0, numbers.contains($0) ? .number : .text) })
    badLines = batch.rejects
    rowCount = batch.table.rowCount
  }

  func texts(_ header: String) -> TextCells? { table[header].map(TextCells.init) }

  /// Values of the column; NaN where there is none.
  func numbers(_ header: String) throws -> [Double]? {
    guard let column = table[header] else { return nil }
    let cells = NumberCells(column)
    if let (row, text) = cells.bad.min(by: { $0.key < $1.key }) {
      throw WarehouseError(
        .badData, "\(name), line \(batch.line(ofRow: row)): \(header) is \"\(text)\", which is not a number."
      )
    }
    return cells.values
  }

  /// Ids of the column; nil where there is none.
  func ids(_ header: String) throws -> IDCells? { try numbers(header).map(IDCells.init) }

  /// Times of the column, which such files write in UTC.
  func dates(_ header: String, zone: ZoneRules) throws -> DateCells? {
    guard let column = table[header] else { return nil }
    let cells = DateCells(column, zone: zone, order: .yearFirst, isUTC: true)
    if let (row, text) = cells.bad.min(by: { $0.key < $1.key }) {
      throw WarehouseError(
        .badData,
        "\(name), line \(batch.line(ofRow: row)): \(header) is \"\(text)\", "
          + "not a date such as 2026-01-31 08:00:00."
      )
    }
    return cells
  }

  func flags(_ header: String) -> [Bool?]? {
    if let column = table[header], case .bools(let values) = column.storage {
      return values.indices.map { column.isValid($0) ? values[$0] : nil }
    }
    guard let cells = texts(header) else { return nil }
    return cells.codes.indices.map { row in
      cells.text(row).map { ["true", "t", "1", "yes"].contains($0.lowercased()) }
    }
  }

  func line(_ row: Int) -> Int { batch.line(ofRow: row) }
}

/// A column of ids; nil where a row has none or no whole number.
struct IDCells {
  let values: [Double]
  subscript(row: Int) -> Int64? { Int64(exactly: values[row]) }
}

extension DateCells {
  func day(_ row: Int) -> Int32? { days[row] == DateCells.none ? nil : days[row] }
  func utcDay(_ row: Int) -> Int32? { utcDays[row] == DateCells.none ? nil : utcDays[row] }
  func moment(_ row: Int) -> Int64? { moments[row] == .min ? nil : moments[row] }
}

extension Optional where Wrapped == [Double] {
  /// The value of a row, nil where the column or the value is missing.
  func value(_ row: Int) -> Double? { self.flatMap { $0[row].isNaN ? nil : $0[row] } }
}
