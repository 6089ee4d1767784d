import ErpqFiles

/// JSON as Python's json module writes and reads it: a blank after commas and colons, text beyond ASCII as it
/// is, `NaN` and `Infinity` let through.
enum JSONText {
  /// What is wrong with a text, in Python's words: `Expecting value: line 1 column 1 (char 0)`.
  struct Malformed: Error {
    let message: String
  }

  static func bytes(_ value: Wire) -> [UInt8] {
    var out: [UInt8] = []
    write(value, into: &out)
    return out
  }

  static func write(_ value: Wire, into out: inout [UInt8]) {
    switch value {
    case .none: out.append(contentsOf: "null".utf8)
    case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
    case .int(let n): out.append(contentsOf: String(n).utf8)
    case .double(let d):
      out.append(
        contentsOf: (d.isNaN ? "NaN" : d.isInfinite ? (d < 0 ? "-Infinity" : "Infinity") : pythonText(d)).utf8
      )
    case .text(let text): write(text, into: &out)
    case .list(let list):
      out.append(UInt8(ascii: "["))
      for (i, element) in list.enumerated() {
        if i > 0 { out.append(contentsOf: ", ".utf8) }
        write(element, into: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .record(let record):
      out.append(UInt8(ascii: "{"))
      for i in record.keys.indices {
        if i > 0 { out.append(contentsOf: ", ".utf8) }
        write(record.keys[i], into: &out)
        out.append(contentsOf: ": ".utf8)
        write(record.values[i], into: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  static func write(_ text: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
      case 8: out.append(contentsOf: "\\b".utf8)
      case 9: out.append(contentsOf: "\\t".utf8)
      case 10: out.append(contentsOf: "\\n".utf8)
      case 12: out.append(contentsOf: "\\f".utf8)
      case 13: out.append(contentsOf: "\\r".utf8)
      case 0..<32:
        out.append(contentsOf: "\\u00".utf8)
        out.append(hexDigit(byte >> 4))
        out.append(hexDigit(byte & 15))
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  private static func hexDigit(_ n: UInt8) -> UInt8 { n < 10 ? 48 + n : 87 + n }

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> Wire {
    var reader = Reader(bytes: bytes)
    reader.skipBlanks()
    let value = try reader.value(depth: 0)
    reader.skipBlanks()
    if reader.at < bytes.count { throw reader.problem("Extra data") }
    return value
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    func problem(_ what: String, at place: Int? = nil) -> Malformed {
      let place = min(place ?? at, bytes.count)
      let before = bytes[..<place]
      let line = before.reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
      let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
      let column = String(decoding: bytes[start..<place], as: UTF8.self).unicodeScalars.count + 1
      let character = String(decoding: before, as: UTF8.self).unicodeScalars.count
      return Malformed(message: "\(what): line \(line) column \(column) (char \(character))")
    }

    mutating func skipBlanks() {
      while let byte, byte == 32 || byte == 10 || byte == 13 || byte == 9 { at += 1 }
    }

    mutating func take(_ word: String) -> Bool {
      let utf8 = Array(word.utf8)
      guard at + utf8.count <= bytes.count, bytes[at..<at + utf8.count].elementsEqual(utf8) else {
        return false
      }
      at += utf8.count
      return true
    }

    mutating func value(depth: Int) throws(Malformed) -> Wire {
      guard depth < 200 else { throw problem("maximum recursion depth exceeded") }
      switch byte {
      case UInt8(ascii: "\""): return .text(try text())
      case UInt8(ascii: "{"): return try record(depth: depth)
      case UInt8(ascii: "["): return try list(depth: depth)
      case UInt8(ascii: "t") where take("true"): return .bool(true)
      case UInt8(ascii: "f") where take("false"): return .bool(false)
      case UInt8(ascii: "n") where take("null"): return .none
      case UInt8(ascii: "N") where take("NaN"): return .double(.nan)
      case UInt8(ascii: "I") where take("Infinity"): return .double(.infinity)
      case UInt8(ascii: "-") where take("-Infinity"): return .double(-.infinity)
      case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try number()
      default: throw problem("Expecting value")
      }
    }

    mutating func number() throws(Malformed) -> Wire {
      let start = at
      var isWhole = true
      if byte == UInt8(ascii: "-") { at += 1 }
      while let byte {
        switch byte {
        case 48...57: at += 1
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
          isWhole = false
          at += 1
        default:
          return try finish()
        }
      }
      return try finish()

      func finish() throws(Malformed) -> Wire {
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let n = Int(text) { return .int(n) }
        guard let d = Double(text) else { throw problem("Expecting value", at: start) }
        return .double(d)
      }
    }

    mutating func list(depth: Int) throws(Malformed) -> Wire {
      at += 1
      var out: [Wire] = []
      skipBlanks()
      if byte == UInt8(ascii: "]") {
        at += 1
        return .list(out)
      }
      while true {
        skipBlanks()
        out.append(try value(depth: depth + 1))
        skipBlanks()
        switch byte {
        case UInt8(ascii: ","): at += 1
        case UInt8(ascii: "]"):
          at += 1
          return .list(out)
        default: throw problem("Expecting ',' delimiter")
        }
      }
    }

    mutating func record(depth: Int) throws(Malformed) -> Wire {
      at += 1
      var out = WireRecord()
      skipBlanks()
      if byte == UInt8(ascii: "}") {
        at += 1
        return .record(out)
      }
      while true {
        skipBlanks()
        guard byte == UInt8(ascii: "\"") else {
          throw problem("Expecting property name enclosed in double quotes")
        }
        let key = try text()
        skipBlanks()
        guard byte == UInt8(ascii: ":") else { throw problem("Expecting ':' delimiter") }
        at += 1
        skipBlanks()
        out[key] = try value(depth: depth + 1)
        skipBlanks()
        switch byte {
        case UInt8(ascii: ","): at += 1
        case UInt8(ascii: "}"):
          at += 1
          return .record(out)
        default: throw problem("Expecting ',' delimiter")
        }
      }
    }

    mutating func text() throws(Malformed) -> String {
      let start = at
      at += 1
      var out: [UInt8] = []
      while let byte {
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let escape = self.byte else { break }
          at += 1
          if escape == UInt8(ascii: "u") {
            let found = bytes.withUnsafeBufferPointer { JSONEscapes.scalar($0, at) }
            guard let found else { throw problem("Invalid \\u escape", at: at - 1) }
            out.append(contentsOf: String(Character(found.scalar)).utf8)
            at = found.end
          } else if let byte = JSONEscapes.byte(escape) {
            out.append(byte)
          } else {
            throw problem("Invalid \\escape", at: at - 2)
          }
        case 0..<32: throw problem("Invalid control character at", at: at - 1)
        default: out.append(byte)
        }
      }
      throw problem("Unterminated string starting at", at: start)
    }
  }
}
