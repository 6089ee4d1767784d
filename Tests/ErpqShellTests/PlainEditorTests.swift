import ErpqFiles
import Glibc
import Testing

@testable import ErpqShell

@Suite struct PlainEditorTests {
  /// Reads bytes as a file would give them.
  func withInput<T>(_ bytes: [UInt8], _ body: (Int32) -> T) -> T {
    let path = try? TemporaryPlace.file(to: "keep the input of a test")
    let descriptor = open(path ?? "", O_RDWR)
    unlink(path ?? "")
    defer { close(descriptor) }
    writeAll(bytes, to: descriptor)
    lseek(descriptor, 0, SEEK_SET)
    return body(descriptor)
  }

  func lines(_ bytes: [UInt8]) -> [String] {
    withInput(bytes) { descriptor in
      var reader = LineReader(descriptor: descriptor)
      var found: [String] = []
      while case .line(let line) = reader.next() { found.append(line) }
      return found
    }
  }

  @Test func linesOfAllKinds() {
    #expect(lines(Array("a\r\n\nb\rc\nlast".utf8)) == ["a", "", "b\rc", "last"])
    #expect(lines([]) == [])
    #expect(lines(Array("\n".utf8)) == [""])
    #expect(lines(Array("x\r".utf8)) == ["x\r"])
    #expect(lines([0x61, 0, 0x62, 0x0A, 0xFF, 0xC3, 0x0A]) == ["a\0b", "\u{FFFD}\u{FFFD}"])
  }

  @Test func aLineOfAMillionBytes() {
    let long = String(repeating: "é0123456789", count: 120_000)
    #expect(lines(Array((long + "\r\n" + long).utf8)) == [long, long])
  }

  @Test func piecesOfAPipe() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    writeAll(Array("ab".utf8), to: ends[1])
    writeAll(Array("c\nd".utf8), to: ends[1])
    var reader = LineReader(descriptor: ends[0])
    #expect(reader.next() == .line("abc"))
    close(ends[1])
    #expect(reader.next() == .line("d"))
    #expect(reader.next() == .end)
    #expect(reader.next() == .end)
  }

  @Test func aDescriptorThatCannotBeRead() {
    var reader = LineReader(descriptor: -1)
    #expect(reader.next() == .end)
    #expect(reader.error == EBADF)
  }

  @Test func statementsOfSeveralLines() {
    let hooks = EditorHooks(isComplete: { text in
      text.filter { $0 == "(" }.count <= text.filter { $0 == ")" }.count
    })
    withInput(Array("products\r\nsum(\n  1\n)\n\nlimit(".utf8)) { descriptor in
      let editor = PlainEditor(hooks: hooks, input: descriptor)
      #expect(editor.readStatement(prompt: "") == .text("products"))
      #expect(editor.statementLine == 1)
      #expect(editor.readStatement(prompt: "") == .text("sum(\n  1\n)"))
      #expect(editor.statementLine == 2)
      #expect(editor.readStatement(prompt: "") == .text(""))
      #expect(editor.readStatement(prompt: "") == .text("limit("))
      #expect(editor.statementLine == 6)
      #expect(editor.readStatement(prompt: "") == .endOfInput)
      editor.close()
      #expect(editor.readStatement(prompt: "") == .endOfInput)
    }
  }

  @Test func promptsAreWrittenOnlyWhenAsked() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    withInput(Array("a\nb\n".utf8)) { descriptor in
      let hooks = EditorHooks(isComplete: { $0.hasSuffix("b") })
      let editor = PlainEditor(
        hooks: hooks, input: descriptor, promptOutput: ends[1], continuationPrompt: ". ")
      #expect(editor.readStatement(prompt: "> ") == .text("a\nb"))
      #expect(editor.readStatement(prompt: "> ") == .endOfInput)
    }
    close(ends[1])
    var reader = LineReader(descriptor: ends[0])
    #expect(reader.next() == .line("> . > "))
    #expect(reader.next() == .end)
    close(ends[0])
  }

  @Test func aDraftIsSeenAndTaken() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    withInput(Array("b\n".utf8)) { descriptor in
      let editor = PlainEditor(hooks: EditorHooks(), input: descriptor, promptOutput: ends[1])
      #expect(editor.readStatement(prompt: "> ", draft: "sales | limit 1") == .text("sales | limit 1"))
      #expect(editor.readStatement(prompt: "> ", draft: " ") == .text("b"))
    }
    close(ends[1])
    var reader = LineReader(descriptor: ends[0])
    #expect(reader.next() == .line("> sales | limit 1"))
    close(ends[0])
  }

  @Test func aFileGetsThePlainEditor() {
    withInput([]) { descriptor in
      let editor = makeEditor(
        hooks: EditorHooks(), options: EditorOptions(), input: descriptor, output: descriptor)
      #expect(editor is PlainEditor)
      #expect(LibeditEditor(hooks: EditorHooks(), options: EditorOptions(), input: descriptor) == nil)
    }
  }

  @Test func placesInATextOfLines() {
    let text = Array("sum(\n日本\nlong line".unicodeScalars)
    #expect(TextLines.above(text, 2) == nil)
    #expect(TextLines.above(text, 6) == 1)
    #expect(TextLines.above(text, 15) == 7)
    #expect(TextLines.below(text, 4) == 7)
    #expect(TextLines.below(text, 7) == 10)
    #expect(TextLines.below(text, 9) == nil)
    #expect(TextLines.index(ofUTF8: 8, in: text) == 6)
    #expect(TextLines.index(ofUTF8: 9, in: text) == nil)
    #expect(TextLines.index(ofUTF8: 500, in: text) == nil)
    #expect(TextLines.utf8Offset(of: 7, in: text) == 11)
  }
}
