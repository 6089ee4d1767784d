import ErpqBase
import ErpqDiagnostics
import SyntaxSamples
import Testing

@testable import ErpqSyntax

func parse(_ text: String) -> SyntaxTree { Parser.parse(SourceText(text, name: "test")) }

@Suite struct ParserTests {
  @Test(arguments: sampleStatements) func parsesCleanly(_ text: String) {
    let tree = parse(text)
    #expect(tree.diagnostics.isEmpty, "\(tree.diagnostics.map(\.message))")
    #expect(tree.joined == text)
  }

  @Test(arguments: sampleStatements) func everyPrefixAndDeletionSurvives(_ text: String) {
    let bytes = Array(text.utf8)
    for end in 0...bytes.count {
      let cut = String(decoding: bytes[0..<end], as: UTF8.self)
      #expect(parse(cut).joined == cut)
    }
    let tree = parse(text)
    for token in tree.tokens {
      var rest = bytes
      rest.removeSubrange(token.span.start..<token.span.end)
      let cut = String(decoding: rest, as: UTF8.self)
      #expect(parse(cut).joined == cut)
    }
  }

  @Test func editionAndStatementsAreSeen() {
    let tree = parse("#!/usr/bin/env erpq\nerpq 1\n\n## A doc.\n## More.\nlet x = 1\n# no doc\nlet y = 2\n")
    #expect(tree.edition == 1)
    #expect(tree.statements.map(\.doc) == ["A doc.\nMore.", ""])
  }

  @Test func aTextEndsWithItsLineEvenBehindABackslash() {
    for newline in ["\n", "\r\n"] {
      let text = #"let a = "C:\"# + newline + #"let b = "y""# + newline
      let tree = parse(text)
      #expect(tree.diagnostics.map(\.code) == [.unclosedQuote])
      #expect(tree.statements.count == 2)
      #expect(tree.joined == text)
    }
  }

  @Test func docsOfFilesWithWindowsLineEnds() {
    let tree = parse("## A doc.\r\n##  More. \u{B}\r\n\r\nlet x = 1\r\n")
    #expect(tree.statements.map(\.doc) == ["A doc.\n More."])
  }

  @Test func bracketsThatAreForgottenEndAtTheNextStatement() {
    let tree = parse("sales | where (a = 1\nproducts | limit 3\n")
    #expect(tree.statements.count == 2)
    #expect(tree.diagnostics.map(\.code) == [.unclosedBracket])
  }

  @Test func deepNestingIsAnErrorAndLinear() {
    let n = 10_000
    let text = "sales where x = " + String(repeating: "(", count: n) + "1" + String(repeating: ")", count: n)
    let tree = parse(text)
    #expect(tree.diagnostics.contains { $0.code == .tooDeep })
    #expect(tree.diagnostics.count < 5)
    #expect(tree.steps < tree.tokens.count * 8 + 100)
    for opener in ["[", "f(", "(a b ", "-", "not ", "(a | b ("] {
      let tree = parse("sales where x = " + String(repeating: opener, count: n))
      #expect(tree.steps < tree.tokens.count * 8 + 100)
      #expect(!tree.diagnostics.isEmpty)
    }
  }

  @Test func hostileTextIsReadInLinearTime() {
    let n = 30_000
    // One character of these at a time used to look at everything before or behind it.
    let texts = [
      String(repeating: "(", count: n) + String(repeating: "}", count: n),
      "sales | extend t = \"" + String(repeating: "{a#}", count: n) + "\"",
      "sales | extend t = \"" + String(repeating: "{'}", count: n) + "\"",
      String(repeating: "def f() {", count: n), String(repeating: "^ ", count: n),
      String(repeating: "\u{0}", count: n),
      "sales where x = " + String(repeating: "a", count: n),
      "sales by " + String(repeating: "1a, ", count: n),
      String(repeating: "sales | where f(a b | ", count: n / 10), String(repeating: "\"", count: n + 1),
    ]
    let clock = ContinuousClock()
    for text in texts {
      let time = clock.measure {
        let tree = parse(text)
        #expect(tree.joined == text)
        #expect(tree.diagnostics.count <= 3000)
        #expect(tree.diagnostics.allSatisfy { $0.message.utf8.count < 400 && $0.label.utf8.count < 400 })
      }
      #expect(time < .seconds(20), "\(text.prefix(40))")
    }
  }

  @Test func onlyADefsBracesHoldHelpLines() {
    // `help` in a metric is an attribute, so its value is checked.
    #expect(!parse("metric m { help ^ } = sales | limit 1").diagnostics.isEmpty)
    #expect(parse("def f() {\n  help ( ^\n  sales\n}").diagnostics.isEmpty)
  }

  @Test func anErrorInBracketsLeavesTheNextStagesReadable() {
    let tree = parse("sales | where f(a b) = 3 | sort a dsc | limit 3")
    #expect(tree.diagnostics.map(\.label) == ["expected `)`", "did you mean `asc` or `desc`?"])
  }

  @Test func slipsCarryFixesThatWork() {
    let slips: [(String, String)] = [
      ("sales | where x <> 1", "sales | where x != 1"),
      ("sales | where x in (1, 2)", "sales | where x in [1, 2]"),
      ("sales by category, product", "sales by [category, product]"),
      ("segment days = 60", "segment days  60"), ("let x = price * 2", "let x = $price * 2"),
      ("sales where a = 1 where b = 2", "sales where a = 1 | where b = 2"),
      ("sales -- note", "sales # note"), ("def f()\n{ sales }", "def f() {\n sales }"),
      ("sales since 2026-1-5", "sales since 2026-01-05"),
      ("sales | where x % 3 = 1", "sales | where x  mod  3 = 1"),
      ("sales | where count(*) > 3", "sales | where count() > 3"),
      ("sales | where a || b", "sales | where a  or  b"), ("sales | extend a := 3", "sales | extend a = 3"),
      ("x = 3", "let x = 3"), ("sales | summarize sum(a), by b", "sales | summarize sum(a) by b"),
      ("sales | limit .5", "sales | limit 0.5"), ("sales | limit 3.", "sales | limit 3.0"),
      ("sales | where x = \u{201C}", "sales | where x = \""),
      ("replenish lead_time 7m", "replenish lead_time 7mo"),
    ]
    for (wrong, right) in slips {
      let tree = parse(wrong)
      let fix = tree.diagnostics.first?.fixes.first
      #expect(fix?.applied(to: wrong) == right, "\(wrong): \(tree.diagnostics)")
    }
  }
}
