import ErpqBase
import ErpqDiagnostics

// Names, variables, and the characters they are made of.
extension Lexer {
  mutating func scanVariable() {
    let start = i
    i += 1
    if i < limit, Lexer.isNameStart(b[i]) { scanName() }
    if i - start > 1 {
      push(.variable, from: start)
    } else {
      push(.invalid, from: start)
      report(.unexpectedCharacter("$", SourceSpan(start, i)))
    }
  }

  mutating func scanName() {
    while i < limit {
      let c = b[i]
      if c < 128 {
        guard Lexer.isNameStart(c) || (c >= 48 && c <= 57) else { return }
        i += 1
      } else {
        guard let scalar = unicodeScalar(at: i), Lexer.isNameScalar(scalar) else { return }
        i += Lexer.utf8Length(scalar)
      }
    }
  }

  func unicodeScalar(at index: Int) -> Unicode.Scalar? {
    let c = b[index]
    if c < 128 { return Unicode.Scalar(c) }
    let length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2
    guard c >= 0xC2, index + length <= limit else { return nil }
    return String(decoding: b[index..<index + length], as: UTF8.self).unicodeScalars.first
  }

  static func utf8Length(_ scalar: Unicode.Scalar) -> Int {
    scalar.value < 0x80 ? 1 : scalar.value < 0x800 ? 2 : scalar.value < 0x10000 ? 3 : 4
  }

  @inline(__always)
  static func isNameStart(_ c: UInt8) -> Bool {
    (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c == 95 || c >= 128
  }

  /// Whether a character may stand in a name.
  public static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value == 0xFFFD { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber,
      .nonspacingMark, .spacingMark, .decimalNumber:
      return true
    default: return false
    }
  }
}
