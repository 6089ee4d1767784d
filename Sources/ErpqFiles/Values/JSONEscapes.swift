/// The strings of JSON (RFC 8259, section 7), for all that read or write some.
public enum JSONEscapes {
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// Appends a text in quotes, escaped. DEL is escaped too, which TOML asks for and JSON allows.
  public static func append(quoted text: some Collection<UInt8>, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text {
      switch byte {
      case 0x22, 0x5C:
        out.append(0x5C)
        out.append(byte)
      case 0x0A: out.append(contentsOf: [0x5C, 0x6E])
      case 0x0D: out.append(contentsOf: [0x5C, 0x72])
      case 0x09: out.append(contentsOf: [0x5C, 0x74])
      case 0..<0x20, 0x7F:
        out.append(contentsOf: [0x5C, 0x75, 0x30, 0x30])
        out.append(hexDigits[Int(byte >> 4)])
        out.append(hexDigits[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }

  /// The byte that a letter behind a backslash stands for; nil for `u` and for letters that mean nothing there.
  public static func byte(_ letter: UInt8) -> UInt8? {
    switch letter {
    case 0x22, 0x5C, 0x2F: letter
    case 0x62: 0x08
    case 0x66: 0x0C
    case 0x6E: 0x0A
    case 0x72: 0x0D
    case 0x74: 0x09
    default: nil
    }
  }

  /// The character of a `\u` escape.
  ///
  /// - Parameter start: Behind the `u`.
  /// - Returns: the character, of two escapes when they are the halves of a pair, U+FFFD for half a pair alone; and
  ///   the byte behind. nil where no four hexadecimal digits stand.
  public static func scalar(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
  ) -> (scalar: Unicode.Scalar, end: Int)? {
    guard let code = hex(bytes, start) else { return nil }
    let next = start + 4
    if code & 0xFC00 == 0xD800, next + 1 < bytes.count, bytes[next] == 0x5C, bytes[next + 1] == 0x75,
      let low = hex(bytes, next + 2), low & 0xFC00 == 0xDC00,
      let scalar = Unicode.Scalar(0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF))
    {
      return (scalar, next + 6)
    }
    return (Unicode.Scalar(code) ?? "\u{FFFD}", next)
  }

  /// The number that four hexadecimal digits stand for, and nothing but digits: no sign.
  private static func hex(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[start..<(start + 4)] {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: return nil
      }
    }
    return value
  }

  /// Appends what stands between the quotes of a string, escapes resolved. What is no escape is not refused here:
  /// of `\x` the letter is left, and `\u` without its digits becomes U+FFFD.
  public static func unescape(_ bytes: UnsafeBufferPointer<UInt8>, into text: inout [UInt8]) {
    var i = 0
    while i < bytes.count {
      guard bytes[i] == 0x5C, i + 1 < bytes.count else {
        let end = bytes[(i + 1)...].firstIndex(of: 0x5C) ?? bytes.count
        text.append(contentsOf: bytes[i..<end])
        i = end
        continue
      }
      let letter = bytes[i + 1]
      i += 2
      if letter == 0x75 {
        let found = scalar(bytes, i)
        let encoded = found.flatMap { UTF8.encode($0.scalar) } ?? UTF8.encodedReplacementCharacter
        text.append(contentsOf: encoded)
        i = found?.end ?? Swift.min(i + 4, bytes.count)
      } else {
        text.append(byte(letter) ?? letter)
      }
    }
  }
}
