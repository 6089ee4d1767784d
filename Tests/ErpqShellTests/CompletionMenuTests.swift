import Testing

@testable import ErpqShell

@Suite struct CompletionMenuTests {
  func names(_ texts: String...) -> [CompletionItem] { texts.map { CompletionItem($0, kind: .field) } }

  func text(_ lines: [[LineSegment]]) -> [String] { lines.map { $0.map(\.text).joined() } }

  @Test func commonPrefix() {
    #expect(CompletionMenu.commonPrefix(["lead_time", "lead_days"]) == "lead_")
    #expect(CompletionMenu.commonPrefix(["a"]) == "a")
    #expect(CompletionMenu.commonPrefix([]) == "")
    #expect(CompletionMenu.commonPrefix(["ab", ""]) == "")
    #expect(CompletionMenu.commonPrefix(["日本語", "日本人"]) == "日本")
    // A letter and the same letter with a mark do not agree in half.
    #expect(CompletionMenu.commonPrefix(["cafe", "cafe\u{301}"]) == "caf")
  }

  @Test func aSingleProposalIsTakenWhole() {
    let command = [CompletionItem("replenish", kind: .command)]
    #expect(CompletionMenu.insertion(for: command, typed: "rep", next: nil) == "replenish ")
    #expect(CompletionMenu.insertion(for: command, typed: "rep", next: " ") == "replenish")
    #expect(CompletionMenu.insertion(for: command, typed: "rep", next: "|") == "replenish ")
    #expect(CompletionMenu.insertion(for: names("qty"), typed: "q", next: nil) == "qty")
    #expect(CompletionMenu.insertion(for: names("qty"), typed: "qty", next: nil) == nil)
    let quoted = [CompletionItem("\"Café\"", kind: .value)]
    #expect(CompletionMenu.insertion(for: quoted, typed: "caf", next: nil) == "\"Café\"")
  }

  @Test func severalAreTakenAsFarAsTheyAgree() {
    #expect(CompletionMenu.insertion(for: names("lead_time", "lead_days"), typed: "l", next: nil) == "lead_")
    #expect(CompletionMenu.insertion(for: names("lead_time", "lead_days"), typed: "lead_", next: nil) == nil)
    #expect(CompletionMenu.insertion(for: names("Lead", "Leap"), typed: "le", next: nil) == "Lea")
    // Proposals that do not begin with what was typed must not take it away.
    #expect(
      CompletionMenu.insertion(for: names("margin_total", "margin_pct"), typed: "tot", next: nil) == nil)
  }

  @Test func listWithDetails() {
    let items = [
      CompletionItem("where", kind: .stage, detail: "Keep rows that satisfy a condition"),
      CompletionItem("日本", kind: .value, detail: "two\nlines"),
    ]
    #expect(
      text(CompletionMenu.lines(items, width: 80, limit: 10)) == [
        "where  stage  Keep rows that satisfy a condition", "日本   value  two lines",
      ])
    #expect(
      text(CompletionMenu.lines(items, width: 24, limit: 10))
        == ["where  Keep rows that s…", "日本   two lines"].map {
          CharacterWidth.truncated($0, to: 23)
        })
  }

  @Test func listInColumnsReadsDownwards() {
    let items = names("a", "b", "c", "d", "e", "f", "g")
    #expect(text(CompletionMenu.lines(items, width: 11, limit: 10)) == ["a  c  e  g", "b  d  f"])
    #expect(text(CompletionMenu.lines(items, width: 2, limit: 10)).count == 7)
  }

  @Test func aLongListTellsWhatIsLeftOut() {
    let items = (0..<100).map { CompletionItem("field_\($0)", kind: .field) }
    let lines = text(CompletionMenu.lines(items, width: 40, limit: 5))
    #expect(lines.count == 5)
    #expect(lines.last == "… 84 more; type another letter")
    #expect(lines.first == "field_0   field_4   field_8   field_12")
    #expect(text(CompletionMenu.lines(items, width: 40, limit: 1)) == ["… 100 more; type another letter"])
  }

  @Test(arguments: [1, 2, 3, 5, 10, 39, 40, 80, 200]) func linesAreNeverTooWide(width: Int) {
    let items = [
      CompletionItem("日本語日本語日本語", kind: .parameter, detail: String(repeating: "詳", count: 100)),
      CompletionItem("x", kind: .field, detail: ""),
    ]
    for limit in 1...3 {
      let lines = CompletionMenu.lines(items, width: width, limit: limit)
      #expect(lines.count <= limit)
      for line in lines {
        #expect(CharacterWidth.columns(line.map(\.text).joined()) <= Swift.max(1, width - 1))
      }
    }
  }
}
