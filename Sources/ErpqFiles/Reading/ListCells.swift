import ErpqTables

/// The lists of a column.
struct ListCells {
  /// A list or null a row.
  private(set) var values: [Value] = []

  init() {}

  /// Rows of nulls, which lists are to follow.
  init(nulls count: Int) { values = Array(repeating: .null, count: count) }

  /// Adds the rows of a source, what is there as 1 in `flags`.
  ///
  /// - Parameter rejected: gets a 1 for each row that is no list; then nothing is added.
  /// - Returns: the first row that is no list, after which nothing is added either; and the rows without a list.
  mutating func append(
    _ source: some CellSource, _ rows: Int, _ type: CellType, _ element: ValueType, _ flags: inout [UInt8],
    _ rejected: UnsafeMutablePointer<UInt8>?
  ) -> (failed: Int?, nulls: Int) {
    let parser = ListParser(element: element)
    let before = values.count
    var nulls = 0
    for row in 0..<rows {
      let cell = source.cell(row)
      var value: Value?
      if cell.start == cell.end {
        nulls += 1
        flags[row] = 0
        value = .null
      } else if source.admits(type, row) {
        flags[row] = 1
        // Eight zeros behind the text, for the scanner.
        let text = source.text(row) + [0, 0, 0, 0, 0, 0, 0, 0]
        value = text.withUnsafeBufferPointer { text in
          text.baseAddress.flatMap { parser.parse($0, 0, text.count - 8) }
        }
      }
      if let value {
        values.append(value)
      } else if let rejected {
        rejected[row] = 1
        values.append(.null)
      } else {
        values.removeLast(values.count - before)
        return (row, nulls)
      }
    }
    if rejected != nil { values.removeLast(values.count - before) }
    return (nil, nulls)
  }

  /// The type of items that all lists share.
  var sharedElement: ValueType {
    var shared: ValueType?
    for case .list(let items) in values {
      for item in items where !item.isNull {
        let type = item.type
        if let known = shared, known != type {
          guard known.isNumeric, type.isNumeric else { return .unknown }
          shared = .number
        } else {
          shared = type
        }
      }
    }
    return shared ?? .unknown
  }
}
