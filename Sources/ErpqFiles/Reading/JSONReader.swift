import ErpqBase
import ErpqTables

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a JSON document or JSON lines into a table: the union of the rows' keys, nested objects flattened.
struct JSONReader {
  let path: String
  let text: DecodedText
  let options: ReadOptions
  let progress: ProgressMeter

  private var name: String { splitPath(path).name }
  private var bytes: UnsafePointer<UInt8> { UnsafePointer(text.contents.base) }
  private var end: Int { text.contents.count }

  /// A list of objects, or an object that holds one.
  func readDocument() throws -> FileRead {
    var scanner = JSONScanner(bytes: bytes, end: end, position: text.start)
    let rows = JSONRows(bytes)
    var notes: [String] = []
    do {
      scanner.skipBlanks()
      guard scanner.position < end else { throw FileError("\(path) is empty", path: path) }
      switch scanner.peek {
      case 0x5B:
        try readList(&scanner, rows)
        try finish(&scanner)
      case 0x7B:
        let start = scanner.position
        _ = try scanner.skip(depth: 0)
        scanner.skipBlanks()
        if scanner.peek == 0x7B {
          // One object after the other is what JSON lines look like.
          return try readLines(note: "\(name) holds an object a line and was read as JSON lines")
        }
        try finish(&scanner)
        scanner.position = start
        if let found = try findList(&scanner, key: "", depth: 0) {
          scanner.position = found.offset
          try readList(&scanner, rows)
          notes.append("the rows of \(name) are the list \(found.key)")
        } else {
          scanner.position = start
          rows.begin(at: start)
          try rows.object(&scanner, depth: 0)
          rows.commit()
        }
      default:
        let kind = try scanner.skip(depth: 0)
        throw FileError(
          "\(path) is not a table: it holds \(JSONReader.words(kind)), not a list of objects", path: path)
      }
    } catch let failure as JSONFailure {
      throw error(failure)
    }
    return try table(rows, notes)
  }

  /// An object a line; lines that are no objects are rejected.
  func readLines() throws -> FileRead { try readLines(note: nil) }

  private func readLines(note: String?) throws -> FileRead {
    let rows = JSONRows(bytes)
    let cancel = Cancellation.current
    var position = text.start
    var line = 1
    var seen = 0
    while position < end, rows.count < options.limit ?? .max {
      let found = memchr(bytes + position, 0x0A, end - position)
      let lineEnd = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(bytes) } ?? end
      var scanner = JSONScanner(bytes: bytes, end: lineEnd, position: position)
      scanner.skipBlanks()
      if scanner.position < lineEnd {
        seen += 1
        rows.begin(at: scanner.position)
        do {
          guard scanner.peek == 0x7B else {
            let kind = try scanner.skip(depth: 0)
            throw JSONFailure(
              offset: position, message: "\(JSONReader.words(kind)) stands where an object should be")
          }
          try rows.object(&scanner, depth: 0)
          scanner.skipBlanks()
          if scanner.position < lineEnd { throw scanner.unexpected("the end of the line") }
          rows.commit()
        } catch let error as JSONFailure {
          rows.rollBack()
          rows.reject(
            line, from: position, to: lineEnd,
            "column \(column(error.offset, since: position)): \(error.message)")
        }
        if seen & 4095 == 0 {
          try cancel.check()
          try rows.checkWidth(path: path)
          progress.parsed(position, of: end, rows: rows.count)
        }
      }
      position = lineEnd + 1
      line += 1
    }
    return try table(rows, note.map { [$0] } ?? [], lines: true)
  }

  private func readList(_ scanner: inout JSONScanner, _ rows: JSONRows) throws {
    let cancel = Cancellation.current
    scanner.position += 1
    if scanner.close(0x5D) { return }
    var seen = 0
    var lines = LineCounter(bytes, text.start)
    repeat {
      scanner.skipBlanks()
      let start = scanner.position
      if scanner.peek == 0x7B, rows.count < options.limit ?? .max {
        rows.begin(at: start)
        try rows.object(&scanner, depth: 1)
        rows.commit()
      } else {
        let kind = try scanner.skip(depth: 1)
        if kind != .object {
          rows.reject(
            lines.line(at: start), from: start, to: scanner.position,
            "\(JSONReader.words(kind)) stands where an object should be")
        }
      }
      seen += 1
      if seen & 4095 == 0 {
        try cancel.check()
        try rows.checkWidth(path: path)
        progress.parsed(scanner.position, of: end, rows: rows.count)
      }
    } while try scanner.another(0x5D, "a comma or ]")
  }

  private func finish(_ scanner: inout JSONScanner) throws(JSONFailure) {
    scanner.skipBlanks()
    if scanner.position < end { throw scanner.unexpected("the end of the file") }
  }

  /// The first list of objects among the members of an object, those of inner objects after its own.
  private func findList(
    _ scanner: inout JSONScanner, key path: String, depth: Int
  ) throws(JSONFailure) -> (offset: Int, key: String)? {
    var inner: [(offset: Int, key: String)] = []
    scanner.position += 1
    if scanner.close(0x7D) { return nil }
    repeat {
      let key = try scanner.key()
      var name: [UInt8] = []
      JSONEscapes.unescape(
        UnsafeBufferPointer(start: bytes + key.start, count: key.end - key.start), into: &name)
      let full = (path.isEmpty ? "" : path + ".") + String(decoding: name, as: UTF8.self)
      scanner.skipBlanks()
      let start = scanner.position
      switch try scanner.skip(depth: depth + 1) {
      case .array:
        var inside = JSONScanner(bytes: bytes, end: end, position: start + 1)
        inside.skipBlanks()
        if inside.peek == 0x7B || inside.peek == 0x5D { return (start, full) }
      case .object: inner.append((start, full))
      default: break
      }
    } while try scanner.another(0x7D, "a comma or }")
    guard depth < 3 else { return nil }
    for candidate in inner {
      scanner.position = candidate.offset
      if let found = try findList(&scanner, key: candidate.key, depth: depth + 1) { return found }
    }
    return nil
  }

  private func table(_ rows: JSONRows, _ notes: [String], lines: Bool = false) throws -> FileRead {
    if rows.count == 0, let first = rows.rejects.first {
      throw FileError(
        "\(path) is not a table: none of its \(lines ? "lines" : "items") is an object; \(first.reason)",
        path: path, line: first.line, hint: lines ? "Read a JSON document with the format json." : nil)
    }
    return try JSONColumns(path: path, text: text, options: options).build(rows, text.notes + notes)
  }

  private func error(_ failure: JSONFailure) -> FileError {
    let offset = Swift.min(failure.offset, end)
    let line = 1 + lineBreaks(bytes, text.start, offset)
    var start = offset
    while start > text.start, bytes[start - 1] != 0x0A, bytes[start - 1] != 0x0D { start -= 1 }
    return FileError(
      "\(name), line \(grouped(line)), column \(column(offset, since: start)): \(failure.message)",
      path: path,
      line: line)
  }

  /// The column (in characters, from 1) of a byte in the line that begins at `start`.
  private func column(_ offset: Int, since start: Int) -> Int {
    var column = 1
    for i in start..<Swift.max(start, Swift.min(offset, end)) where bytes[i] & 0xC0 != 0x80 { column += 1 }
    return column
  }

  /// A kind of value in words.
  static func words(_ kind: JSONKind) -> String {
    switch kind {
    case .missing, .null: "null"
    case .true, .false: "true or false"
    case .integer, .number: "a number"
    case .string, .escaped: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// The line of places that are asked for in order.
struct LineCounter {
  private let bytes: UnsafePointer<UInt8>
  private var position: Int
  private var current = 1

  init(_ bytes: UnsafePointer<UInt8>, _ start: Int) {
    self.bytes = bytes
    position = start
  }

  /// The line (from 1) of a byte at or behind the one asked for before.
  mutating func line(at offset: Int) -> Int {
    current += lineBreaks(bytes, position, offset)
    position = Swift.max(position, offset)
    return current
  }
}
