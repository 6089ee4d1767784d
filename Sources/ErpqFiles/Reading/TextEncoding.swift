#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Brings a file's bytes to valid UTF-8.
struct DecodedText {
  /// The text.
  let contents: FileContents
  /// Where it begins: behind a byte order mark.
  let start: Int
  /// What the user should know.
  let notes: [String]

  /// Skips a UTF-8 mark, converts UTF-16 with a mark, and puts U+FFFD in the place of bytes that are no
  /// UTF-8.
  init(_ raw: FileContents, path: String) throws {
    let bytes = raw.buffer
    let name = splitPath(path).name
    if bytes.count >= 2, bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF {
      let isBig = bytes[0] == 0xFE
      contents = try DecodedText.fromUTF16(bytes, isBigEndian: isBig)
      start = 0
      let odd = bytes.count % 2 == 1 ? "; its last byte is half a character and was left out" : ""
      notes = ["\(name) is UTF-16 and was converted\(odd)"]
      return
    }
    start = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    guard let bad = firstInvalidUTF8(bytes, from: start) else {
      contents = raw
      notes = []
      return
    }
    let line = 1 + lineBreaks(bytes.baseAddress, start, bad)
    let repaired = String(decoding: bytes, as: UTF8.self)
    contents = try FileContents(repaired.utf8)
    notes = [
      "\(name) has bytes that are no UTF-8, first on line \(grouped(line)); they read as \u{FFFD}"
        + " (save the file as UTF-8 to keep them)"
    ]
  }

  private static func fromUTF16(_ bytes: UnsafeBufferPointer<UInt8>, isBigEndian: Bool) throws -> FileContents
  {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var i = 2
    while i + 1 < bytes.count {
      let (a, b) = (UInt16(bytes[i]), UInt16(bytes[i + 1]))
      units.append(isBigEndian ? a << 8 | b : b << 8 | a)
      i += 2
    }
    return try FileContents(String(decoding: units, as: UTF16.self).utf8)
  }
}

/// The first byte that is no part of valid UTF-8; nil when all of it is.
public func firstInvalidUTF8(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
  guard let p = bytes.baseAddress else { return nil }
  let raw = UnsafeRawPointer(p)
  let end = bytes.count
  var i = start
  while i < end {
    // ASCII, sixty-four bytes at a time.
    while i + 64 <= end {
      let block = raw.loadUnaligned(fromByteOffset: i, as: SIMD8<UInt64>.self)
      if block.wrappedOr & 0x8080_8080_8080_8080 != 0 { break }
      i += 64
    }
    let stop = Swift.min(i + 64, end)
    while i < stop {
      let length = scalarLength(p, i, end)
      if length == 0 { return i }
      i += length
    }
  }
  return nil
}

/// Bytes of the well-formed UTF-8 sequence at `i` (The Unicode Standard, table 3-7), or 0.
@inline(__always)
private func scalarLength(_ p: UnsafePointer<UInt8>, _ i: Int, _ end: Int) -> Int {
  let b = p[i]
  if b < 0x80 { return 1 }
  func follows(_ k: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
    i + k < end && p[i + k] >= low && p[i + k] <= high
  }
  switch b {
  case 0xC2...0xDF: return follows(1) ? 2 : 0
  case 0xE0: return follows(1, 0xA0) && follows(2) ? 3 : 0
  case 0xED: return follows(1, 0x80, 0x9F) && follows(2) ? 3 : 0
  case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : 0
  case 0xF0: return follows(1, 0x90) && follows(2) && follows(3) ? 4 : 0
  case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : 0
  case 0xF4: return follows(1, 0x80, 0x8F) && follows(2) && follows(3) ? 4 : 0
  default: return 0
  }
}

extension SIMD8<UInt64> {
  /// All lanes, one on the other.
  @inline(__always)
  fileprivate var wrappedOr: UInt64 {
    let four = lowHalf | highHalf
    let two = four.lowHalf | four.highHalf
    return two[0] | two[1]
  }
}

/// Ends of lines (LF, CRLF or CR) between two places.
func lineBreaks(_ p: UnsafePointer<UInt8>?, _ start: Int, _ end: Int) -> Int {
  guard let p, start < end else { return 0 }
  var count = 0
  for i in start..<end {
    if p[i] == 0x0A {
      if i == 0 || p[i - 1] != 0x0D { count += 1 }
    } else if p[i] == 0x0D {
      count += 1
    }
  }
  return count
}
