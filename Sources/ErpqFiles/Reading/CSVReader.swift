import ErpqBase
import ErpqTables

/// Reads a delimited text into a table.
///
/// One pass over the text in batches of rows: the scanner finds the cells of a batch, then each column reads
/// its cells while they are in the cache. A column that turns into a text late has its earlier rows read
/// again.
struct CSVReader {
  let path: String
  let text: DecodedText
  let options: ReadOptions
  let progress: ProgressMeter

  /// The most columns a file may have.
  static let maximumColumns = 100_000

  private var name: String { splitPath(path).name }

  func read(isTabs: Bool) throws -> FileRead {
    let bytes = UnsafePointer(text.contents.base)
    let end = text.contents.count
    let delimiter = try delimiter(bytes, end, isTabs: isTabs)
    let firstLine: CSVLine?
    do {
      firstLine = try CSVLine(bytes, from: text.start, to: end, line: 1, delimiter: delimiter)
    } catch {
      throw failure(error)
    }
    guard let firstLine else {
      throw FileError(
        "\(path) is empty", path: path, hint: "A table needs a line with the names of its columns.")
    }
    let header =
      options.header
      ? firstLine.cells : (1...firstLine.cells.count).map { "column_\($0)" }
    guard header.count <= CSVReader.maximumColumns else {
      throw FileError(
        "\(path) is not a table: its first line has \(grouped(header.count)) cells", path: path,
        hint: "At most \(grouped(CSVReader.maximumColumns)) columns are read.")
    }
    let names = ColumnNames(header)
    let forced = try ForcedTypes(options, names: names.names, path: path)
    var job = CSVJob(
      reader: self, bytes: bytes, end: end, delimiter: delimiter, columns: names.names.count,
      start: options.header ? firstLine.next : text.start, line: options.header ? firstLine.nextLine : 1,
      builders: names.names.map { ColumnBuilder($0, forced: forced[$0], options: options) })
    for builder in job.builders { builder.mayHaveOtherMarks = true }
    if job.columns <= 256 { for builder in job.builders { builder.remembersTexts = true } }
    do {
      try job.run()
    } catch let error as CSVScanner.Failure {
      throw failure(error)
    }
    let columns = job.builders.map { $0.build() }
    let inferred = zip(job.builders, columns).map {
      InferredColumn(name: $0.name, type: $1.type, why: $0.why)
    }
    let notes = text.notes + names.notes + job.notes
    let table = Table(
      Schema(inferred.map { Field($0.name, $0.type, $0.why ?? "") }), columns, rowCount: job.rowCount)
    return FileRead(
      table: table, inferred: inferred, rejects: job.rejects, notes: notes,
      rowsRead: job.rowCount + job.rejects.count, bytes: end)
  }

  private func delimiter(_ bytes: UnsafePointer<UInt8>, _ end: Int, isTabs: Bool) throws -> UInt8 {
    if let asked = options.delimiter {
      guard let byte = asked.asciiValue, byte != 0x22, byte != 0x0A, byte != 0x0D, byte != 0,
        byte != (options.decimal ?? .point).byte
      else {
        throw FileError(
          "\(shown(String(asked).utf8)) cannot stand between the cells of \(name)", path: path,
          hint: "Use one ASCII character other than a quote, an end of line or the decimal mark.")
      }
      return byte
    }
    if isTabs { return 0x09 }
    return DelimiterGuess.guess(bytes, from: text.start, to: end, decimal: options.decimal ?? .point)
  }

  private func failure(_ failure: CSVScanner.Failure) -> FileError {
    switch failure {
    case .unclosedQuote(let line):
      FileError(
        "\(name), line \(grouped(line)): a quote opens a cell here and is never closed", path: path,
        line: line,
        hint: "Close it, or double it (\"\") where it is part of the text.")
    case .hugeRow(let line):
      FileError("\(name), line \(grouped(line)): the row is longer than 4 GB", path: path, line: line)
    }
  }
}

/// The types that the user named, checked against the columns there are.
struct ForcedTypes {
  private var types: [String: ValueType] = [:]

  init(_ options: ReadOptions, names: [String], path: String) throws {
    for name in (options.text + options.types.keys.sorted()) where !names.contains(name) {
      let near = nearest(to: name, among: names)
      throw FileError(
        "\(splitPath(path).name) has no column \(name)", path: path,
        hint: near.isEmpty
          ? "Its columns are \(names.prefix(20).joined(separator: ", "))."
          : "Did you mean \(near.joined(separator: ", "))?")
    }
    for (name, type) in options.types {
      guard CellType(type) != nil else {
        throw FileError("column \(name) cannot be read as \(type): no cell can hold one", path: path)
      }
      types[name] = type
    }
    for name in options.text { types[name] = .text }
  }

  subscript(name: String) -> ValueType? { types[name] }
}

/// One reading of a delimited text.
private struct CSVJob {
  let reader: CSVReader
  let bytes: UnsafePointer<UInt8>
  let end: Int
  let delimiter: UInt8
  let columns: Int
  let start: Int
  let line: Int
  let builders: [ColumnBuilder]
  var rejects: [RejectedRow] = []
  var notes: [String] = []
  var rowCount = 0
  /// Rows (counted among those with the right number of cells) that a forced type rejected.
  private var dropped = Set<Int>()
  private var nullWords: [[UInt8]]

  init(
    reader: CSVReader, bytes: UnsafePointer<UInt8>, end: Int, delimiter: UInt8, columns: Int, start: Int,
    line: Int,
    builders: [ColumnBuilder]
  ) {
    self.reader = reader
    self.bytes = bytes
    self.end = end
    self.delimiter = delimiter
    self.columns = columns
    self.start = start
    self.line = line
    self.builders = builders
    nullWords = reader.options.nullWords.map { Array($0.utf8) }
  }

  private func scanner() -> CSVScanner {
    CSVScanner(
      bytes: bytes, end: end, delimiter: delimiter, columns: columns, position: start, line: line)
  }

  mutating func run() throws {
    let cancel = Cancellation.current
    let batch = CSVBatch(columns: columns)
    var scanner = scanner()
    var found: [RejectedRow] = []
    var batches = 0
    var shapely = 0
    var more = true
    let limit = reader.options.limit ?? .max
    while more, shapely < limit {
      try cancel.check()
      more = try scanner.fill(batch) { found.append(ragged($0, $1, $2, $3)) }
      batch.count = Swift.min(batch.count, limit - shapely)
      shapely += batch.count
      if batches == 0 { expectRows(batch, scannedTo: scanner.position) }
      checkForced(batch, firstRow: shapely - batch.count, &found)
      if !found.isEmpty {
        rejects += found.sorted { $0.line < $1.line }
        found = []
      }
      var late: [Int] = []
      for c in builders.indices where !builders[c].consume(cells(batch, c), rows: batch.count) {
        late.append(c)
      }
      if !late.isEmpty {
        if rowCount > 0 { try reread(late, batches: batches) }
        for c in late { _ = builders[c].consume(cells(batch, c), rows: batch.count) }
      }
      rowCount += batch.count
      batches += 1
      progress(scanner.position)
    }
    if shapely >= limit, let last = batch.count > 0 ? batch.lines[batch.count - 1] : nil {
      rejects.removeAll { $0.line > last }
    }
    try settleTexts(batches)
  }

  private func progress(_ position: Int) {
    reader.progress.parsed(position, of: end, rows: rowCount)
  }

  private func cells(_ batch: CSVBatch, _ column: Int) -> CSVCells {
    CSVCells(bytes, batch, column: column, nullWords: nullWords)
  }

  /// Room for all rows at once, judged by the first batch.
  private func expectRows(_ batch: CSVBatch, scannedTo position: Int) {
    guard batch.count > 0, position > start else { return }
    let estimate = Double(end - start) / Double(position - start) * Double(batch.count) * 1.02
    // The cap keeps a file whose first rows are short from asking for more memory than there is.
    let rows = Swift.min(Int(estimate) + batch.capacity, reader.options.limit ?? .max, 1 << 26)
    for builder in builders { builder.expectedRows = rows }
  }

  /// Reads the rows before the batch at hand again for columns that have become texts.
  private func reread(_ late: [Int], batches: Int) throws {
    let cancel = Cancellation.current
    let batch = CSVBatch(columns: columns)
    var scanner = scanner()
    var first = 0
    let limit = reader.options.limit ?? .max
    for _ in 0..<batches {
      try cancel.check()
      _ = try scanner.fill(batch) { _, _, _, _ in }
      batch.count = Swift.min(batch.count, limit - first)
      let count = batch.count
      if !dropped.isEmpty { batch.compact { !dropped.contains(first + $0) } }
      first += count
      for c in late { _ = builders[c].consume(cells(batch, c), rows: batch.count) }
    }
  }

  /// Takes rows with cells that do not fit a forced type out of the batch.
  private mutating func checkForced(_ batch: CSVBatch, firstRow: Int, _ found: inout [RejectedRow]) {
    let rows = batch.count
    let checked = builders.indices.filter { builders[$0].forced.map { $0 != .text } ?? false }
    guard !checked.isEmpty, rows > 0 else { return }
    var bad = [UInt8](repeating: 0, count: rows)
    var culprits: [Int: Int] = [:]
    for c in checked {
      var marks = [UInt8](repeating: 0, count: rows)
      var fits = true
      marks.withUnsafeMutableBufferPointer { marks in
        guard let marks = marks.baseAddress else { return }
        fits = builders[c].check(cells(batch, c), rows: rows, rejected: marks)
      }
      guard !fits else { continue }
      for row in 0..<rows where marks[row] != 0 && bad[row] == 0 {
        bad[row] = 1
        culprits[row] = c
      }
    }
    guard !culprits.isEmpty else { return }
    for c in checked { builders[c].forgetChecked() }
    for row in culprits.keys.sorted() {
      guard let c = culprits[row], let type = builders[c].forced else { continue }
      let source = cells(batch, c)
      let line = batch.lines[row]
      let what = (CellType(type) ?? .text).expectation(type)
      let last = Int(batch.ends[(row + 1) * columns - 1])
      found.append(
        RejectedRow(
          line: line,
          reason: "line \(grouped(line)), column \(builders[c].name): \(shown(source.text(row))) is \(what)",
          raw: raw(batch.base + Int(batch.starts[row]), batch.base + last)))
      dropped.insert(firstRow + row)
    }
    batch.compact { bad[$0] == 0 }
  }

  private func raw(_ from: Int, _ to: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: bytes + from, count: to - from), as: UTF8.self)
  }

  private func ragged(_ line: Int, _ cells: Int, _ from: Int, _ to: Int) -> RejectedRow {
    let noun = cells == 1 ? "cell" : "cells"
    let expected = reader.options.header ? "the header has \(columns)" : "the first line has \(columns)"
    return RejectedRow(
      line: line, reason: "line \(grouped(line)): \(cells) \(noun), \(expected)", raw: raw(from, to))
  }

  /// Dates that can be read both ways stay text, and so do columns of nothing but empty texts.
  private mutating func settleTexts(_ batches: Int) throws {
    let unclear = builders.indices.filter { builders[$0].needsText }
    guard !unclear.isEmpty else { return }
    for c in unclear {
      if builders[c].isAmbiguousDate { notes.append(builders[c].ambiguityNote) }
      builders[c].restart(as: .text)
    }
    try reread(unclear, batches: batches)
  }
}
