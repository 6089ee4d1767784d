import ErpqBase
import ErpqTables

/// The cells of a key over some rows of a JSON text.
struct JSONCells: CellSource {
  let bytes: UnsafePointer<UInt8>
  let end: Int
  let tokens: UnsafePointer<UInt64>
  let starts: UnsafePointer<Int>
  let textStart: Int
  /// Whether the user named the type: then a text may hold a number.
  let isForced: Bool

  static var isJSON: Bool { true }

  @inline(__always)
  private func kind(_ row: Int) -> JSONKind {
    JSONKind(rawValue: UInt8(truncatingIfNeeded: tokens[row] >> 56)) ?? .missing
  }

  @inline(__always)
  func cell(_ row: Int) -> Cell {
    let start = Int(truncatingIfNeeded: tokens[row] & 0x00FF_FFFF_FFFF_FFFF)
    switch kind(row) {
    case .missing, .null: return .missing
    case .true: return Cell(start: start, end: start &+ 4, isQuoted: false)
    case .false: return Cell(start: start, end: start &+ 5, isQuoted: false)
    case .integer, .number:
      var i = start
      while i < end, isNumberByte(bytes[i]) { i &+= 1 }
      return Cell(start: start, end: i, isQuoted: false)
    case .string:
      var i = start &+ 1
      while i < end, bytes[i] != 0x22 { i &+= 1 }
      return Cell(start: start &+ 1, end: i, isQuoted: true)
    case .escaped, .array, .object:
      var scanner = JSONScanner(bytes: bytes, end: end, position: start)
      // The value was checked when its row was read.
      let isText = kind(row) == .escaped
      guard (try? scanner.skip(depth: 0)) != nil else { return .missing }
      let stop = scanner.position
      return Cell(start: isText ? start + 1 : start, end: isText ? stop - 1 : stop, isQuoted: isText)
    }
  }

  @inline(__always)
  private func isNumberByte(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || byte == 0x2E || byte == 0x2D || byte == 0x2B || byte | 0x20 == 0x65
  }

  @inline(__always)
  func admits(_ type: CellType, _ row: Int) -> Bool {
    let kind = kind(row)
    if isForced { return true }
    switch type {
    case .empty, .text: return true
    case .bool: return kind == .true || kind == .false || kind == .missing || kind == .null
    case .int: return kind == .integer || kind == .missing || kind == .null
    case .number: return kind == .integer || kind == .number || kind == .missing || kind == .null
    case .percent: return false
    case .date, .datetime, .slashDate, .period: return kind == .string || kind == .missing || kind == .null
    case .list: return kind == .array || kind == .missing || kind == .null
    }
  }

  @inline(__always)
  func isEscaped(_ cell: Cell, _ row: Int) -> Bool { kind(row) == .escaped }

  func unescape(_ cell: Cell, _ row: Int, into text: inout [UInt8]) {
    JSONEscapes.unescape(
      UnsafeBufferPointer(start: bytes + cell.start, count: cell.end - cell.start), into: &text)
  }

  func line(_ row: Int) -> Int { 1 + lineBreaks(bytes, textStart, starts[row]) }
}

/// Makes columns of the values found in a JSON text.
struct JSONColumns {
  let path: String
  let text: DecodedText
  let options: ReadOptions

  func build(_ rows: JSONRows, _ notes: [String]) throws -> FileRead {
    let seen = rows.count + rows.rejects.count
    try rows.checkWidth(path: path)
    // Keys that only rejected rows had make no column.
    let present = rows.tokens.indices.filter { !rows.tokens[$0].isEmpty }
    rows.fillUp()
    let names = ColumnNames(present.map { rows.paths[$0].joined(separator: "_") })
    let forced = try ForcedTypes(options, names: names.names, path: path)
    reject(rows, present, names.names, forced)
    let cancel = Cancellation.current
    var columns: [Column] = []
    var inferred: [InferredColumn] = []
    var allNotes = notes + names.notes
    for (i, c) in present.enumerated() {
      let type = forced[names.names[i]]
      let builder = ColumnBuilder(names.names[i], forced: type, options: options)
      builder.expectedRows = rows.count
      builder.remembersTexts = true
      try fill(builder, rows, c, cancel)
      if builder.needsText {
        if builder.isAmbiguousDate { allNotes.append(builder.ambiguityNote) }
        builder.restart(as: .text)
        try fill(builder, rows, c, cancel)
      }
      let column = builder.build()
      columns.append(column)
      inferred.append(InferredColumn(name: names.names[i], type: column.type, why: builder.why))
    }
    let fields = inferred.map { Field($0.name, $0.type, $0.why ?? "") }
    return FileRead(
      table: Table(Schema(fields), columns, rowCount: rows.count), inferred: inferred, rejects: rows.rejects,
      notes: allNotes, rowsRead: seen, bytes: text.contents.count)
  }

  /// Adds all rows of a column, from the start again when it turns into a text.
  private func fill(_ builder: ColumnBuilder, _ rows: JSONRows, _ c: Int, _ cancel: Cancellation) throws {
    var done = 0
    while done < rows.count {
      try cancel.check()
      let count = Swift.min(65_536, rows.count - done)
      let fits = with(rows, c, from: done, isForced: builder.forced != nil) {
        builder.consume($0, rows: count)
      }
      done = fits ? done + count : 0
    }
  }

  private func with<Result>(
    _ rows: JSONRows, _ c: Int, from first: Int, isForced: Bool, _ body: (JSONCells) -> Result
  ) -> Result {
    rows.tokens[c].withUnsafeBufferPointer { tokens in
      rows.starts.withUnsafeBufferPointer { starts in
        // Only called for rows that exist, so both arrays have a base.
        let none = UnsafePointer(text.contents.base)
        let raw = UnsafeRawPointer(none)
        return body(
          JSONCells(
            bytes: none, end: text.contents.count,
            tokens: (tokens.baseAddress ?? raw.assumingMemoryBound(to: UInt64.self)) + first,
            starts: (starts.baseAddress ?? raw.assumingMemoryBound(to: Int.self)) + first,
            textStart: text.start,
            isForced: isForced))
      }
    }
  }

  /// Takes out the rows with values that do not fit a type the user named.
  private func reject(_ rows: JSONRows, _ present: [Int], _ names: [String], _ forced: ForcedTypes) {
    guard rows.count > 0 else { return }
    var culprits: [Int: (name: String, type: ValueType, text: [UInt8])] = [:]
    for (i, c) in present.enumerated() {
      guard let type = forced[names[i]], type != .text else { continue }
      let builder = ColumnBuilder(names[i], forced: type, options: options)
      var marks = [UInt8](repeating: 0, count: rows.count)
      with(rows, c, from: 0, isForced: true) { cells in
        marks.withUnsafeMutableBufferPointer { marks in
          if let marks = marks.baseAddress { builder.check(cells, rows: rows.count, rejected: marks) }
        }
        for row in marks.indices where marks[row] != 0 && culprits[row] == nil {
          culprits[row] = (names[i], type, cells.text(row))
        }
      }
    }
    guard !culprits.isEmpty else { return }
    var lines = LineCounter(UnsafePointer(text.contents.base), text.start)
    var rejects: [RejectedRow] = []
    for row in culprits.keys.sorted() {
      guard let culprit = culprits[row] else { continue }
      let what = (CellType(culprit.type) ?? .text).expectation(culprit.type)
      var scanner = JSONScanner(
        bytes: UnsafePointer(text.contents.base), end: text.contents.count, position: rows.starts[row])
      _ = try? scanner.skip(depth: 0)
      let raw = UnsafeBufferPointer(
        start: text.contents.base + rows.starts[row], count: scanner.position - rows.starts[row])
      let line = lines.line(at: rows.starts[row])
      rejects.append(
        RejectedRow(
          line: line,
          reason: "line \(grouped(line)), column \(culprit.name): \(shown(culprit.text)) is \(what)",
          raw: String(decoding: raw, as: UTF8.self)))
    }
    rows.drop(Set(culprits.keys))
    rows.add(rejects)
  }
}
