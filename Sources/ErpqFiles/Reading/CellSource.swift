/// A cell's bytes: `start..<end`, without quotes. A missing cell is empty and not quoted.
struct Cell {
  var start: Int
  var end: Int
  var isQuoted: Bool

  @inline(__always) static var missing: Cell { Cell(start: 0, end: 0, isQuoted: false) }
  /// Whether there is no value, not even an empty text.
  @inline(__always) var isMissing: Bool { start == end && !isQuoted }
}

/// Memory that grows, for texts that have to be put together.
final class Scratch {
  private(set) var bytes: [UInt8] = []

  /// Takes a text that `write` puts together and hands it on.
  func with<Result>(
    _ write: (inout [UInt8]) -> Void, _ use: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    bytes.removeAll(keepingCapacity: true)
    write(&bytes)
    return bytes.withUnsafeBufferPointer(use)
  }
}

/// The cells of one column over some rows, whatever the file's format.
protocol CellSource {
  var bytes: UnsafePointer<UInt8> { get }
  /// Whether numbers follow JSON's rules: a decimal point, any size.
  static var isJSON: Bool { get }
  /// The cell of a row.
  func cell(_ row: Int) -> Cell
  /// Whether a cell of that row may be read as the type (JSON tells texts from numbers; delimited text does
  /// not).
  func admits(_ type: CellType, _ row: Int) -> Bool
  /// Whether the bytes of a cell are not its text yet: doubled quotes or escapes.
  func isEscaped(_ cell: Cell, _ row: Int) -> Bool
  /// Appends the text of an escaped cell.
  func unescape(_ cell: Cell, _ row: Int, into text: inout [UInt8])
  /// The line of the file that a row begins on.
  func line(_ row: Int) -> Int
}

extension CellSource {
  /// A cell's text, for sentences and lists.
  func text(_ row: Int) -> [UInt8] {
    let cell = self.cell(row)
    guard isEscaped(cell, row) else {
      return Array(UnsafeBufferPointer(start: bytes + cell.start, count: cell.end - cell.start))
    }
    var text: [UInt8] = []
    unescape(cell, row, into: &text)
    return text
  }
}

/// The cells of a column of a batch of delimited text.
struct CSVCells: CellSource {
  static var isJSON: Bool { false }
  let bytes: UnsafePointer<UInt8>
  let batch: CSVBatch
  let column: Int
  /// Words that stand for a missing value.
  let nullWords: [[UInt8]]
  private let ends: UnsafeMutablePointer<UInt32>
  private let starts: UnsafeMutablePointer<UInt32>
  private let columns: Int
  private let base: Int
  /// Six bits of the first byte of each null word, as a set: most cells are told apart by it.
  private let nullFirsts: UInt64

  init(_ bytes: UnsafePointer<UInt8>, _ batch: CSVBatch, column: Int, nullWords: [[UInt8]]) {
    self.bytes = bytes
    self.batch = batch
    self.column = column
    self.nullWords = nullWords
    ends = batch.ends
    starts = batch.starts
    columns = batch.columns
    base = batch.base
    nullFirsts = nullWords.compactMap(\.first).reduce(0) { $0 | 1 << UInt64($1 & 63) }
  }

  @inline(__always)
  func cell(_ row: Int) -> Cell {
    let slot = row &* columns &+ column
    var start = base &+ (column == 0 ? Int(starts[row]) : Int(ends[slot &- 1]) &+ 1)
    var end = base &+ Int(ends[slot])
    guard start < end else { return .missing }
    if bytes[start] == 0x22 {
      // `"abc"`, or the odd `"ab"c`, whose quotes `unescape` takes away.
      start &+= 1
      if end > start, bytes[end &- 1] == 0x22 { end &-= 1 }
      return Cell(start: start, end: end, isQuoted: true)
    }
    if nullFirsts &>> UInt64(bytes[start]) & 1 != 0, isNullWord(start, end) { return .missing }
    return Cell(start: start, end: end, isQuoted: false)
  }

  private func isNullWord(_ start: Int, _ end: Int) -> Bool {
    let cell = UnsafeBufferPointer(start: bytes + start, count: end - start)
    return nullWords.contains { $0.elementsEqual(cell) }
  }

  @inline(__always) func admits(_ type: CellType, _ row: Int) -> Bool { true }

  @inline(__always)
  func isEscaped(_ cell: Cell, _ row: Int) -> Bool {
    guard cell.isQuoted else { return false }
    // The byte behind a cell's end is its closing quote, or the quotes inside are not as they should be.
    if bytes[cell.end] != 0x22 { return true }
    for i in cell.start..<cell.end where bytes[i] == 0x22 { return true }
    return false
  }

  func unescape(_ cell: Cell, _ row: Int, into text: inout [UInt8]) {
    let end = base + Int(ends[row * columns + column])
    var isOpen = true
    var i = cell.start
    while i < end {
      let byte = bytes[i]
      i += 1
      if isOpen, byte == 0x22 {
        if i < end, bytes[i] == 0x22 {
          text.append(0x22)
          i += 1
        } else {
          isOpen = false
        }
      } else {
        text.append(byte)
      }
    }
  }

  func line(_ row: Int) -> Int { batch.lines[row] }
}
