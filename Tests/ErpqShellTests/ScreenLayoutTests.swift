import Testing

@testable import ErpqShell

@Suite struct ScreenLayoutTests {
  func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

  func layout(_ text: String, cursor: Int? = nil, prompt: String = "> ", width: Int, hint: String? = nil)
    -> (rows: [String], cursor: [Int])
  {
    let text = scalars(text)
    let content = ScreenContent(prompt: prompt, text: text, cursor: cursor ?? text.count, hint: hint)
    let layout = ScreenLayout(content, width: width)
    return (
      layout.rows.map { row in LibeditEditor.string(content.cells[row.cells].map(\.scalar)) },
      [layout.cursorRow, layout.cursorColumn]
    )
  }

  @Test func emptyTextIsThePrompt() {
    let found = layout("", width: 10)
    #expect(found.rows == ["> "])
    #expect(found.cursor == [0, 2])
  }

  @Test func aLineEndingAtTheEdgeHasARowForTheCursor() {
    let found = layout("abcdefgh", width: 10)
    #expect(found.rows == ["> abcdefgh", ""])
    #expect(found.cursor == [1, 0])
    #expect(layout("abcdefghi", width: 10).rows == ["> abcdefgh", "i"])
  }

  @Test func aWideCharacterIsNotSplit() {
    let found = layout("abcdefg日x", cursor: 7, width: 10)
    #expect(found.rows == ["> abcdefg", "日x"])
    #expect(found.cursor == [1, 0])
  }

  @Test func marksStayWithTheirLetter() {
    let found = layout("abcdefge\u{301}", width: 10)
    #expect(found.rows == ["> abcdefge\u{301}", ""])
    #expect(found.cursor == [1, 0])
  }

  @Test func lineFeedsBeginRows() {
    let found = layout("ab\n\n  c", cursor: 2, width: 10)
    #expect(found.rows == ["> ab", "", "  c"])
    #expect(found.cursor == [0, 4])
    // A cursor on a line feed behind a full row stays on that row.
    #expect(layout("abcdefgh\nx", cursor: 8, width: 10).cursor == [0, 9])
    #expect(layout("abcdefgh\nx", width: 10).rows == ["> abcdefgh", "x"])
  }

  @Test func continuationPromptIsNotText() {
    let content = ScreenContent(prompt: "> ", continuation: ". ", text: scalars("a\nb"), cursor: 2)
    let layout = ScreenLayout(content, width: 10)
    #expect(layout.rows.map(\.columns) == [3, 3])
    #expect([layout.cursorRow, layout.cursorColumn] == [1, 2])
  }

  @Test func tabsGoToTheNextEighthColumn() {
    #expect(layout("a\tb", cursor: 2, width: 20).cursor == [0, 8])
    #expect(layout("abcdefg\tb", cursor: 8, width: 10).cursor == [1, 0])
  }

  @Test func theHintFillsItsRowAtMost() {
    #expect(layout("ab", width: 10, hint: "cdefghijkl").rows == ["> abcdefg"])
    #expect(layout("ab", cursor: 1, width: 10, hint: "cd").rows == ["> ab"])
    #expect(layout("ab", width: 10, hint: "c\nd").rows == ["> abc"])
    #expect(layout("abcdefgh", width: 10, hint: "ij").rows == ["> abcdefgh", "ij"])
  }

  @Test func invisibleCharactersAreShown() {
    #expect(layout("a\u{1}\u{7F}b", width: 20).rows == ["> a^A^?b"])
    #expect(layout("a\u{202E}b\u{9B}", width: 20).rows == ["> a\u{FFFD}b\u{FFFD}"])
  }

  @Test func spansAreBytesAndMayBeWrong() {
    let text = scalars("é日x")
    let content = ScreenContent(
      prompt: "", text: text, cursor: 0,
      spans: [
        StyledSpan(0..<2, .number), StyledSpan(2..<5, .string), StyledSpan(5..<500, .keyword),
        StyledSpan(700..<900, .error), StyledSpan(-3 ..< -1, .error),
      ])
    #expect(content.cells.map { content.styles[$0.style] } == [.number, .string, .keyword])
  }

  @Test func everyWidthKeepsEveryCell() {
    let text = "sum(\n  \"日本語日本語\", café 🙂 e\u{301}\t1\n)\n"
    for width in 2...60 {
      for cursor in 0...text.unicodeScalars.count {
        let content = ScreenContent(prompt: "erpq> ", text: scalars(text), cursor: cursor)
        let layout = ScreenLayout(content, width: width)
        #expect(
          layout.rows.reduce(0) { $0 + $1.cells.count } == content.cells.filter { $0.scalar != "\n" }.count)
        #expect(layout.rows.allSatisfy { $0.columns <= width })
        #expect(layout.cursorRow < layout.rows.count && layout.cursorColumn < width)
        #expect((layout.rows.last?.columns ?? width) < width)
      }
    }
  }

  @Test func widths() {
    #expect(CharacterWidth.columns("café") == 4)
    #expect(CharacterWidth.columns("cafe\u{301}") == 4)
    #expect(CharacterWidth.columns("日本語") == 6)
    #expect(CharacterWidth.columns("🙂✅") == 4)
    #expect(CharacterWidth.columns("각") == 2)
    #expect(CharacterWidth.columns("\u{1112}\u{1161}\u{11AB}") == 2)
    #expect(CharacterWidth.columns("½—…→│") == 5)
    #expect(CharacterWidth.truncated("日本語", to: 5) == "日本…")
    #expect(CharacterWidth.truncated("日本語", to: 4) == "日…")
    #expect(CharacterWidth.truncated("abc", to: 3) == "abc")
    #expect(CharacterWidth.truncated("abc", to: 0) == "")
  }

  @Test func stylesCannotCarrySequences() {
    #expect(TextStyle(rawValue: "1;31m\u{1B}[2J").rawValue == "1;312")
  }
}
