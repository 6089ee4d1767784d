/// Where the cells of some rows lie: a dense matrix of `count` rows by `columns` cells.
final class CSVBatch {
  /// Cells a row.
  let columns: Int
  /// Rows there is room for.
  let capacity: Int
  /// Rows in it.
  var count = 0
  /// The place in the file that the offsets count from.
  var base = 0
  /// One past the last byte of cell `row * columns + column`.
  let ends: UnsafeMutablePointer<UInt32>
  /// The first byte of a row.
  let starts: UnsafeMutablePointer<UInt32>
  /// The line a row begins on.
  let lines: UnsafeMutablePointer<Int>

  /// Room for as many rows as make a batch that stays in the cache.
  init(columns: Int) {
    self.columns = columns
    capacity = Swift.max(64, Swift.min(8192, 65_536 / Swift.max(columns, 1)))
    ends = .allocate(capacity: capacity * Swift.max(columns, 1))
    starts = .allocate(capacity: capacity)
    lines = .allocate(capacity: capacity)
  }

  deinit {
    ends.deallocate()
    starts.deallocate()
    lines.deallocate()
  }

  /// Keeps the rows for which `keep` says so.
  func compact(_ keep: (Int) -> Bool) {
    var kept = 0
    for row in 0..<count where keep(row) {
      if kept != row {
        for c in 0..<columns { ends[kept * columns + c] = ends[row * columns + c] }
        starts[kept] = starts[row]
        lines[kept] = lines[row]
      }
      kept += 1
    }
    count = kept
  }
}

/// Finds the cells of a delimited text: RFC 4180 quoting, lines that end in LF, CRLF or CR.
///
/// Looks at sixteen bytes at a time; the bytes must be followed by sixteen zeros at least.
struct CSVScanner {
  let bytes: UnsafePointer<UInt8>
  /// One past the last byte of the text.
  let end: Int
  let delimiter: UInt8
  /// Cells a row must have.
  let columns: Int
  /// The next row's first byte.
  var position: Int
  /// The next row's line.
  var line: Int

  /// What cannot be read at all.
  enum Failure: Error {
    /// A quoted cell that begins on the line and never ends.
    case unclosedQuote(line: Int)
    /// A row of more than four gigabytes.
    case hugeRow(line: Int)
  }

  /// Fills the batch with the next rows; `reject` gets those with too few or too many cells.
  ///
  /// - Parameter reject: line, number of cells, first byte, one past the last byte.
  /// - Returns: whether there may be more rows.
  mutating func fill(_ batch: CSVBatch, reject: (Int, Int, Int, Int) -> Void) throws(Failure) -> Bool {
    let bytes = self.bytes
    let raw = UnsafeRawPointer(bytes)
    let (end, delimiter, columns, base) = (self.end, self.delimiter, self.columns, position)
    let ends = batch.ends
    let delimiters = SIMD16<UInt8>(repeating: delimiter)
    let lineFeeds = SIMD16<UInt8>(repeating: 0x0A)
    let returns = SIMD16<UInt8>(repeating: 0x0D)
    let quotes = SIMD16<UInt8>(repeating: 0x22)
    var p = base
    var line = self.line
    var rowLine = line
    var rowStart = p
    var cellStart = p
    var cells = 0
    var rows = 0
    var slot = 0
    batch.base = base
    batch.count = 0
    scan: while p < end {
      let block = raw.loadUnaligned(fromByteOffset: p, as: SIMD16<UInt8>.self)
      let hits = (block .== delimiters) .| (block .== lineFeeds) .| (block .== returns) .| (block .== quotes)
      let lanes = unsafeBitCast(hits, to: SIMD2<UInt64>.self) & 0x8080_8080_8080_8080
      var mask = lanes[0]
      var upper = lanes[1]
      var from = p
      while true {
        if mask == 0 {
          if upper == 0 { break }
          mask = upper
          upper = 0
          from = p &+ 8
        }
        let at = from &+ mask.trailingZeroBitCount &>> 3
        mask &= mask &- 1
        let byte = bytes[at]
        if byte == delimiter {
          if cells < columns { ends[slot &+ cells] = UInt32(truncatingIfNeeded: at &- base) }
          cells &+= 1
          cellStart = at &+ 1
          continue
        }
        if byte == 0x22 {
          // Inside an unquoted cell a quote is a character like others.
          if at != cellStart { continue }
          let opened = line
          guard let close = CSVScanner.closingQuote(bytes, at + 1, end, &line) else {
            throw .unclosedQuote(line: opened)
          }
          p = close + 1
          continue scan
        }
        // The end of a line.
        var next = at &+ 1
        let isPair = byte == 0x0D && next < end && bytes[next] == 0x0A
        if isPair { next &+= 1 }
        if at != rowStart {
          if cells < columns { ends[slot &+ cells] = UInt32(truncatingIfNeeded: at &- base) }
          cells &+= 1
          if at &- base > Int(UInt32.max) { throw .hugeRow(line: rowLine) }
          if cells == columns {
            batch.starts[rows] = UInt32(truncatingIfNeeded: rowStart &- base)
            batch.lines[rows] = rowLine
            rows &+= 1
            slot &+= columns
          } else {
            reject(rowLine, cells, rowStart, at)
          }
        }
        line &+= 1
        rowLine = line
        rowStart = next
        cellStart = next
        cells = 0
        if rows == batch.capacity || next &- base > 1 << 30 {
          position = next
          self.line = line
          batch.count = rows
          return next < end
        }
        if isPair {
          p = next
          continue scan
        }
      }
      p &+= 16
    }
    // The last line may have no end.
    if rowStart < end {
      if cells < columns { ends[slot + cells] = UInt32(truncatingIfNeeded: end - base) }
      cells += 1
      if end - base > Int(UInt32.max) { throw .hugeRow(line: rowLine) }
      if cells == columns {
        batch.starts[rows] = UInt32(truncatingIfNeeded: rowStart - base)
        batch.lines[rows] = rowLine
        rows += 1
      } else {
        reject(rowLine, cells, rowStart, end)
      }
    }
    position = end
    self.line = line
    batch.count = rows
    return false
  }

  /// The quote that closes a cell whose content begins at `start`; adds the line ends inside to `line`.
  private static func closingQuote(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ line: inout Int
  ) -> Int? {
    var i = start
    while i < end {
      let byte = bytes[i]
      if byte == 0x22 {
        if i + 1 < end, bytes[i + 1] == 0x22 {
          i += 2
          continue
        }
        return i
      }
      if byte == 0x0A || byte == 0x0D && !(i + 1 < end && bytes[i + 1] == 0x0A) { line += 1 }
      i += 1
    }
    return nil
  }
}

/// The cells of one line at the beginning of a file, as text: for headers and for guessing the delimiter.
struct CSVLine {
  /// The cells without their quotes.
  var cells: [String]
  /// Whether any cell was quoted.
  var wasQuoted: Bool
  /// The first byte of the next line, and its number.
  var next: Int
  var nextLine: Int

  /// Reads the first line that is not empty; nil when there is none.
  init?(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, line: Int, delimiter: UInt8
  ) throws(CSVScanner.Failure) {
    var i = start
    var line = line
    while i < end, bytes[i] == 0x0A || bytes[i] == 0x0D {
      if bytes[i] == 0x0D, i + 1 < end, bytes[i + 1] == 0x0A { i += 1 }
      i += 1
      line += 1
    }
    guard i < end else { return nil }
    var cells: [String] = []
    var cell: [UInt8] = []
    var isOpen = false
    var isStart = true
    var wasQuoted = false
    var openLine = line
    while i < end {
      let byte = bytes[i]
      if isOpen {
        if byte == 0x22 {
          if i + 1 < end, bytes[i + 1] == 0x22 {
            cell.append(0x22)
            i += 1
          } else {
            isOpen = false
          }
        } else {
          if byte == 0x0A || byte == 0x0D && !(i + 1 < end && bytes[i + 1] == 0x0A) { line += 1 }
          cell.append(byte)
        }
      } else if byte == 0x22, isStart {
        isOpen = true
        wasQuoted = true
        openLine = line
        isStart = false
      } else if byte == delimiter {
        cells.append(String(decoding: cell, as: UTF8.self))
        cell.removeAll(keepingCapacity: true)
        isStart = true
      } else if byte == 0x0A || byte == 0x0D {
        break
      } else {
        cell.append(byte)
        isStart = false
      }
      i += 1
    }
    if isOpen { throw .unclosedQuote(line: openLine) }
    cells.append(String(decoding: cell, as: UTF8.self))
    if i < end {
      if bytes[i] == 0x0D, i + 1 < end, bytes[i + 1] == 0x0A { i += 1 }
      i += 1
      line += 1
    }
    self.cells = cells
    self.wasQuoted = wasQuoted
    next = i
    nextLine = line
  }
}
