/// A key that is not a character, with the code under which the editor's key maps know it.
///
/// The codes are the C1 control characters, which no keyboard sends: unlike escape sequences, a key map finds
/// them at once, in vi's insert mode too, where the Escape key has a meaning of its own.
enum FunctionKey: UInt8, CaseIterable {
  case up = 0x80
  case down, left, right, home, end, delete, paste, wordLeft, wordRight, backTab, deleteWord
  case first, last, newline

  /// The key in the notation of `editrc`.
  var binding: String { "\\" + String(rawValue, radix: 8) }
}

/// What came from the keyboard.
enum Key: Equatable {
  /// A character; control characters and Escape too.
  case character(Unicode.Scalar)
  /// Another key.
  case function(FunctionKey)
  /// A text that the terminal marked as pasted, its line ends as line feeds.
  case paste(String)
}

/// Turns the bytes of a terminal into keys: UTF-8, the sequences of cursor keys, and bracketed paste.
struct KeyDecoder {
  private var bytes: [UInt8] = []
  private var head = 0
  /// Inside a paste: where its text begins, and where to go on looking for its end. `head` stays before it.
  private var paste: (begin: Int, scan: Int)?
  private var returned: [Key] = []

  /// Whether bytes are left of which no key could be made yet.
  var isWaiting: Bool { head < bytes.count }

  /// Whether the bytes left are the beginning of a paste, which may take its time.
  var isInPaste: Bool { paste != nil }

  /// Takes bytes.
  mutating func append(_ more: some Sequence<UInt8>) {
    if head == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.capacity < 1 << 16)
      head = 0
    }
    bytes.append(contentsOf: more)
  }

  /// Gives a key back, to be read next.
  mutating func unread(_ key: Key) { returned.append(key) }

  /// The next key; nil when more bytes are needed. With `final`, no more will come soon, and what could have
  /// become a sequence is taken for what it is: an Escape key.
  mutating func next(final: Bool = false) -> Key? {
    if let key = returned.popLast() { return key }
    while head < bytes.count {
      if paste != nil { return nextPaste() }
      let before = head
      let first = bytes[head]
      if first == 0x1B {
        switch escape() {
        case .key(let key): return key
        case .skip: continue
        case .incomplete:
          head = before
          if paste != nil { return nextPaste() }
          guard final else { return nil }
          head += 1
          return .character("\u{1B}")
        }
      }
      guard let scalar = character(final: final) else {
        head = before
        return nil
      }
      // What looks like a key's code is not one.
      if (0x80..<0xA0).contains(scalar.value) { continue }
      return .character(scalar)
    }
    return nil
  }

  private mutating func character(final: Bool) -> Unicode.Scalar? {
    let first = bytes[head]
    let length =
      first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    if length <= 1 {
      head += 1
      return length == 1 ? Unicode.Scalar(first) : "\u{FFFD}"
    }
    var end = head + 1
    while end < bytes.count, end < head + length, bytes[end] & 0xC0 == 0x80 { end += 1 }
    if end < head + length, end == bytes.count, !final { return nil }
    let scalar = String(decoding: bytes[head..<end], as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    head = end
    return scalar
  }

  private enum Escape {
    case key(Key)
    case skip
    case incomplete
  }

  private mutating func escape() -> Escape {
    guard head + 1 < bytes.count else { return .incomplete }
    switch bytes[head + 1] {
    case 0x5B: return control()
    case 0x4F:
      guard head + 2 < bytes.count else { return .incomplete }
      let letter = bytes[head + 2]
      head += 3
      return Self.cursorKey(letter, modifier: 1).map { .key(.function($0)) } ?? .skip
    case 0x0D, 0x0A:
      head += 2
      return .key(.function(.newline))
    default:
      head += 1
      return .key(.character("\u{1B}"))
    }
  }

  /// A control sequence (ECMA-48, 5.4): parameters, intermediate bytes, one final byte.
  private mutating func control() -> Escape {
    var index = head + 2
    while index < bytes.count, (0x20...0x3F).contains(bytes[index]) { index += 1 }
    guard index < bytes.count else { return .incomplete }
    let letter = bytes[index]
    guard (0x40...0x7E).contains(letter) else {
      head = index
      return .skip
    }
    let parameters = bytes[(head + 2)..<index].split(separator: 0x3B, omittingEmptySubsequences: false).map {
      $0.reduce(0) { ($1 >= 0x30 && $1 <= 0x39) ? Swift.min($0 * 10 + Int($1 - 0x30), 99_999) : $0 }
    }
    head = index + 1
    let number = parameters.first ?? 0
    let modifier = parameters.count > 1 ? parameters[1] : 1
    switch letter {
    case 0x7E:
      if number == 200 {
        paste = (head, head)
        return .incomplete
      }
      if number == 27, parameters.count == 3, parameters[2] == 13 { return .key(.function(.newline)) }
      return Self.numberedKey(number, modifier: modifier).map { .key(.function($0)) } ?? .skip
    case 0x75:
      return number == 13 ? .key(.function(.newline)) : .skip
    case 0x5A:
      return .key(.function(.backTab))
    default:
      return Self.cursorKey(letter, modifier: modifier).map { .key(.function($0)) } ?? .skip
    }
  }

  private static func cursorKey(_ letter: UInt8, modifier: Int) -> FunctionKey? {
    switch letter {
    case 0x41: .up
    case 0x42: .down
    case 0x43: modifier > 2 ? .wordRight : .right
    case 0x44: modifier > 2 ? .wordLeft : .left
    case 0x48: modifier > 2 ? .first : .home
    case 0x46: modifier > 2 ? .last : .end
    default: nil
    }
  }

  private static func numberedKey(_ number: Int, modifier: Int) -> FunctionKey? {
    switch number {
    case 1, 7: .home
    case 4, 8: .end
    case 3: modifier > 2 ? .deleteWord : .delete
    default: nil
    }
  }

  private static let pasteEnd: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]

  private mutating func nextPaste() -> Key? {
    guard let (begin, scan) = paste else { return nil }
    let mark = Self.pasteEnd
    var index = scan
    while index + mark.count <= bytes.count {
      if bytes[index] == mark[0], bytes[index..<(index + mark.count)].elementsEqual(mark) {
        let text = Self.pasted(bytes[begin..<index])
        head = index + mark.count
        paste = nil
        return .paste(text)
      }
      index += 1
    }
    paste = (begin, index)
    return nil
  }

  /// What a paste puts into the text: line ends as line feeds, no control characters (they would be keys), no
  /// line end at its very end, so that it is run by a key and not by being pasted.
  static func pasted(_ bytes: ArraySlice<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    var wasReturn = false
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      defer { wasReturn = scalar == "\r" }
      switch scalar.value {
      case 0x0D: scalars.append("\n")
      case 0x0A: if !wasReturn { scalars.append("\n") }
      case 0x09: scalars.append("\t")
      case 0..<0x20, 0x7F..<0xA0: continue
      default: scalars.append(scalar)
      }
    }
    if scalars.last == "\n" { scalars.removeLast() }
    return String(scalars)
  }
}
