import Testing

@testable import ErpqShell

@Suite struct KeyDecoderTests {
  func keys(_ text: String, final: Bool = true) -> [Key] { keys(Array(text.utf8), final: final) }

  func keys(_ bytes: [UInt8], final: Bool = true) -> [Key] {
    var decoder = KeyDecoder()
    decoder.append(bytes)
    var found: [Key] = []
    while let key = decoder.next(final: final) { found.append(key) }
    return found
  }

  @Test func charactersOfAllLengths() {
    #expect(
      keys("aé日🙂\r") == [
        .character("a"), .character("é"), .character("日"), .character("🙂"), .character("\r"),
      ])
  }

  @Test func aCharacterInPiecesWaits() {
    var decoder = KeyDecoder()
    for byte in Array("日".utf8).dropLast() {
      decoder.append([byte])
      #expect(decoder.next() == nil)
    }
    decoder.append(Array("日".utf8).suffix(1))
    #expect(decoder.next() == .character("日"))
    #expect(!decoder.isWaiting)
  }

  @Test func bytesThatAreNotUTF8() {
    #expect(keys([0xFF, 0x61, 0xC3]) == [.character("\u{FFFD}"), .character("a"), .character("\u{FFFD}")])
    #expect(keys([0xE6, 0x61]) == [.character("\u{FFFD}"), .character("a")])
    // Codes of our own keys cannot be typed.
    #expect(keys([0xC2, 0x80, 0x61]) == [.character("a")])
  }

  @Test func cursorKeysInBothModes() {
    #expect(keys("\u{1B}[A\u{1B}OB") == [.function(.up), .function(.down)])
    #expect(
      keys("\u{1B}[1;5C\u{1B}[3~\u{1B}[H\u{1B}OF") == [
        .function(.wordRight), .function(.delete), .function(.home), .function(.end),
      ])
    #expect(
      keys("\u{1B}[Z\u{1B}\r\u{1B}[13;2u\u{1B}[27;2;13~") == [
        .function(.backTab), .function(.newline), .function(.newline), .function(.newline),
      ])
  }

  @Test func unknownSequencesAreSwallowed() {
    #expect(
      keys("\u{1B}[24~a\u{1B}[<0;1;1Mb\u{1B}[99999999999999999999~c") == [
        .character("a"), .character("b"), .character("c"),
      ])
  }

  @Test func escapeAloneNeedsTime() {
    #expect(keys("\u{1B}", final: false) == [])
    #expect(keys("\u{1B}[", final: false) == [])
    #expect(keys("\u{1B}") == [.character("\u{1B}")])
    #expect(keys("\u{1B}b") == [.character("\u{1B}"), .character("b")])
  }

  @Test func aPasteIsOneKey() {
    #expect(
      keys("x\u{1B}[200~a\r\n\tb\rc\n\u{1B}[201~y") == [
        .character("x"), .paste("a\n\tb\nc"), .character("y"),
      ])
    #expect(keys("\u{1B}[200~\u{1B}[201~") == [.paste("")])
    #expect(keys("\u{1B}[200~a\u{1B}[31mb\u{3}\u{1B}[201~") == [.paste("a[31mb")])
  }

  @Test func aPasteInPieces() {
    var decoder = KeyDecoder()
    var found: [Key] = []
    for byte in "\u{1B}[200~é\n日\u{1B}[201\u{1B}[201~z".utf8 {
      decoder.append([byte])
      if let key = decoder.next() { found.append(key) }
    }
    #expect(found == [.paste("é\n日[201"), .character("z")])
    decoder.append(Array("\u{1B}[200~abc".utf8))
    #expect(decoder.next(final: true) == nil)
    #expect(decoder.isInPaste)
  }

  @Test func keysGivenBackComeFirst() {
    var decoder = KeyDecoder()
    decoder.append([0x61])
    decoder.unread(.function(.up))
    #expect(decoder.next() == .function(.up))
    #expect(decoder.next() == .character("a"))
  }

  @Test func anyBytesEndAndLoseNothingTyped() {
    var seed: UInt64 = 7
    let alphabet: [UInt8] = [
      0x1B, 0x5B, 0x4F, 0x31, 0x3B, 0x7E, 0x41, 0x61, 0xC3, 0xA9, 0xE6, 0x0D, 0xFF, 0x80,
    ]
    for _ in 0..<2000 {
      var bytes: [UInt8] = []
      for _ in 0..<12 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(alphabet[Int(seed >> 33) % alphabet.count])
      }
      #expect(keys(bytes).count <= bytes.count)
    }
  }
}
