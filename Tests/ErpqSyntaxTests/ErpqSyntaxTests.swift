import ErpqBase
import ErpqDiagnostics
import Testing

@testable import ErpqSyntax

func parse(_ text: String) -> SyntaxTree { Parser.parse(SourceText(text, name: "test")) }

/// Statements of every kind; each must parse without a diagnostic.
let goodStatements = [
  "forecast product 101 horizon 30 | plot",
  #"segment days 60 where abc = "A""#,
  #"forecast product "Corner Desk" horizon 8w method auto holdout 60d | accuracy | assert wape < 40%, "too inaccurate""#,
  "train model demand products [101, 102] since today - 2y | select product, method, wape, mase | sort wape",
  "replenish policy csl | whatif service_level in 0.90..0.99 step 0.01 | plot cost vs service_level",
  "replenish policy csl | whatif lead_time in [5d, 10d, 15d], service_level in 90%..98% step 2% | pivot lead_time by service_level value sum(cost) | plot heatmap",
  "sales monthly since 2025-01-01 by category\n  | summarize revenue = sum(amount), n = count() by month # note\n\n  # more\n  | plot revenue vs month to \"rev.svg\" title \"Revenue\"",
  "scenario pessimistic { demand = -20%, lead_time = +3d, supply = false where supplier = \"Azure Interior\" }",
  "scenario p from q {\n demand = -20%\n lead_time = +3d\n}",
  "param days: duration = 60d", "param warehouse: text?",
  "def margin(price: money, cost: money) -> percent = ($price - $cost) / $price",
  "def slow_movers(days: duration = 90d) { products where last_sale < today - $days | sort on_hand desc }",
  "def with_margin() { | extend m = margin(price, cost) | where m is not null }",
  "def f(x: number) {\n  let y = $x + 1\n  sales where qty > $y\n    | limit 3\n}",
  #"metric realised_price : money { code "SALES.ASP" better "up" } = sales | summarize sum(amount) / sum(qty)"#,
  #"import "lib/replen.erpq" as r"#, "r.review horizon (30 - 5) offset -3 where name contains \"desk\"",
  "use erpconnect", "explain E0203", "explain sales | limit 3", "profile sales monthly days 365",
  "describe stock status",
  "describe $x", "help \"service level\" ( [ unclosed", "let n = 30 * 2 - 5", "| where x = 1",
  "let a = (stock status where on_hand < 3) | limit 2",
  "$a | join (stock status) on product | union $b | union products",
  "sales | select a = if x > 1 then 2 else 3, b = avg(amount) over 7 by product, lag(x) over by [a, b], sum(x) over all",
  "sales where a in [1, 2] and not b not in [3] and c is not null and d between 1 and 2 and e not like 'x%'",
  #"sales | extend t = "a {name} b {upper("x")}", u = 'raw {1}', v = "\{\}\n\u{41}""#,
  "sales | sort a desc nulls last, b asc, c nulls first", "sales | assert none amount < 0",
  "sales | rename a = b, c = d.e",
  "read 'x.csv' | export csv 'y.csv' delimiter ';' | tee 'z.csv' | save as t", "[1, 2, 3] | where value > 1",
  "sales | plot line y, x vs day by y width 3 to 'a.svg'", "top products 10 days 90 by revenue",
  "kpi all period 2026-Q1",
  "sales daily in 2026-03",
  "odoo model \"sale.order\" fields [name] domain [[\"state\", \"=\", \"sale\"]] limit 50",
  "sales | extend `where` = `a b` + 1", "sales; products; stock",
  "sales | summarize n = count(),\n  m = 2 by month",
]

@Suite struct ParserTests {
  @Test(arguments: goodStatements) func parsesCleanly(_ text: String) {
    let tree = parse(text)
    #expect(tree.diagnostics.isEmpty, "\(tree.diagnostics.map(\.message))")
    #expect(tree.joined == text)
  }

  @Test(arguments: goodStatements) func everyPrefixAndDeletionSurvives(_ text: String) {
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
