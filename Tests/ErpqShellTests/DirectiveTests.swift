import Testing

@testable import ErpqShell

@Suite struct DirectiveTests {
  func complete(_ text: String, files: [String] = []) -> (range: Range<Int>, texts: [String]) {
    let list = Directive.complete(text, at: text.utf8.count) { typed in files.filter { $0.hasPrefix(typed) } }
    return (list.replaceRange, list.items.map(\.text))
  }

  @Test func wordsAndQuotes() {
    #expect(Directive.words("save  a.erpq last 10") == ["save", "a.erpq", "last", "10"])
    #expect(Directive.words("save \"my week.erpq\" last 2") == ["save", "my week.erpq", "last", "2"])
    #expect(Directive.words("save 'it''s'x") == ["save", "itsx"])
    #expect(Directive.words("save \"open") == ["save", "open"])
    #expect(Directive.words("save \"\"") == ["save", ""])
    #expect(Directive.words("").isEmpty)
  }

  @Test func namesOfDirectives() {
    #expect(complete(":s").texts == [":save", ":stop"])
    #expect(complete(":").texts.contains(":quit"))
    #expect(complete(":zz").texts.isEmpty)
  }

  @Test func files() {
    let names = ["weekly.erpq", "work/", "two words.erpq", "été.erpq"]
    #expect(complete(":save w", files: names).texts == ["weekly.erpq", "work/"])
    #expect(complete(":save w", files: names).range == 6..<7)
    #expect(complete(":record ", files: names).texts.count == 4)
    #expect(complete(":save t", files: names).texts == ["\"two words.erpq\""])
    #expect(complete(":save \"two w", files: names).texts == ["\"two words.erpq\""])
    #expect(complete(":save \"two w", files: names).range == 6..<12)
    #expect(complete(":save ét", files: names).range == 6..<9)
    #expect(complete(":open w", files: names).texts.isEmpty)
  }

  @Test func otherWords() {
    #expect(complete(":copy ").texts == ["csv", "md", "json"])
    #expect(complete(":copy m").texts == ["md"])
    #expect(complete(":save a.erpq la").texts == ["last"])
    #expect(complete(":save a.erpq last 1").texts.isEmpty)
  }

  @Test func wordsOfOtherShells() {
    for line in ["exit", "quit;", "\\q", ".exit"] { #expect(Directive.known(line) == ":quit") }
    #expect(Directive.known("\\dt sales") == ":sources")
    #expect(Directive.known(".tables") == ":sources")
    #expect(Directive.known("\\copy x") == ":other")
    #expect(Directive.known("\\x") == ":rows")
    for line in ["sales", ".5 + 1", "exit + 1", "| limit 3", ":last"] {
      #expect(Directive.known(line) == nil)
    }
  }

  @Test func everyDirectiveIsNamedOnThePage() {
    for name in Directive.names where name != "help" { #expect(Directive.page.contains(":" + name)) }
  }
}
