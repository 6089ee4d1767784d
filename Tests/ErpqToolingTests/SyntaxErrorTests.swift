import ErpqBase
import ErpqDiagnostics
import ErpqTooling
import Foundation
import Testing

@testable import ErpqSyntax

/// Slips and broken statements; `Fixtures/syntax-errors.txt` holds what each is answered.
let brokenStatements = [
  // The text
  "sales | where x = “A”", "sales | where x – 3 > 0", "sales | where x ≥ 3", "sales | where a & b",
  "sales | where x = 'abc",
  "sales | where name = \"desk\n  | plot", "sales | select `a", "sales | where x = $",
  "sales | where a\u{0}b = 1",
  "sales | where a \u{FFFD}\u{FFFD}\u{FFFD} b", "sales | where x != 3 !", "sales\t|\twhere\tx = ^3",
  // Numbers, dates, durations
  "replenish lead_time 7m", "sales days 30dayz", "sales | where amount > 5eur", "sales | where amount > 3kg",
  "sales | where x = 9223372036854775808", "sales | where x = 1e999", "forecast horizon 999999999y",
  "sales since 2026-1-5", "sales since 2026-02-30", "sales since 2026-13", "sales since 2026-Q7",
  "sales since 2026-W54",
  "sales | where x = 5000-10", "sales since 1776-07-04", "sales | limit 3.", "sales | limit .5",
  // Texts with holes
  #"sales | extend t = "a\qb""#, #"sales | extend t = "x{3,5}""#, #"sales | extend t = "a {b""#,
  #"sales | extend t = "a {}""#,
  #"sales | extend t = "a {b c}""#, #"sales | extend t = "\u{110000}""#, #"import "a{b}.erpq""#,
  // Brackets
  "sales | where (a = 1", "sales | where (a = 1\nproducts | limit 3", "sales | where a = 1)",
  "sales by [a, b | plot", "sales | where f(a, b] = 3",
  "def f() { sales", "scenario p { a = 1", "scenario p { a = 1 b = 2 }", "sales }",
  "metric m { code } = sales",
  // What is missing or too much
  "sales | where", "sales |", "sales | | plot", "sales | where x = ", "sales | where x is 3",
  "sales | where x between 1", "sales | where a < b < c",
  "sales | extend a = if x then 1", "sales | top 10", "sales | pivot a by b", "sales | save march",
  "sales | rename a b", "sales | sort a down",
  "sales | select a b", "sales | summarize sum(a), by b", "sales | join", "sales | whatif a 1..3",
  "sales | plot a vs", "sales | 3", "sales | where x 3",
  "let = 3", "let where = sales", "let x sales", "def f = 3", "def f(where) = 3", "param x:",
  "metric m sales", "scenario p = 3", "explain", "erpq 2\nsales",
  "sales | limit 3 4", "sales | sample 3 seed x", "sales | union 3", "sales | export", "sales | not x",
  "where x = 1", "sales | {a}", "{ sales }",
  // Slips from other languages
  "sales by category, product", "sales | where x in (1, 2)", "sales | where x <> 1",
  "sales | where x % 3 = 1", "sales | where x == 1",
  "sales -- note", "let x = price * 2", "let $x = 3", "def f($x) = 3",
  "sales where a = 1 where b = 2", "def f()\n{ sales }", "segment days = 60", "products price > 3",
  "products in [1] not like 'x'", "top and bottom",
  "odoo model 'x' domain [('state', '=', 'sale'), ('done', '=', False)]", "sales | where x = None",
  "sales | where(x = 1) | wher(y)", "sales | wher x = 3", "sales | where x = +3", "sales | where a && b",
  "sales | where a || b", "sales | where !a",
  "sales | extend a := 3", "sales | where not_a b", "a + b", "sales * 2", "sales | where x = 3;;| plot )",
  "sales | where count(*) > 3", "sales | where f(a b) = 3 | plt x, | limit", "sales | sort a dsc",
  "sales | plot a vss b", "sales | where f(a, b | plot | limit x y", "sales | where x = @y", "x = 3",
]

/// What the command line would print for a text.
func rendered(_ text: String) -> String {
  parse(text).diagnostics.map { CaretRenderer().render($0) }.joined()
}

@Suite struct SyntaxErrorTests {
  /// To write the file anew after wording has changed: ERPQ_RECORD=1 swift test --filter SyntaxErrorTests
  @Test func errorsReadAsRecorded() throws {
    let text = brokenStatements.map { statement in
      "=== \(statement.debugDescription)\n\(rendered(statement))"
    }.joined(separator: "\n")
    let file = packageRoot.appendingPathComponent("Tests/ErpqToolingTests/Fixtures/syntax-errors.txt")
    if ProcessInfo.processInfo.environment["ERPQ_RECORD"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n=== ")
    let now = text.components(separatedBy: "\n=== ")
    #expect(recorded.count == now.count)
    for (was, new) in zip(recorded, now) where was != new { #expect(new == was) }
  }

  @Test func eachHasAnErrorAndASmallOne() {
    for statement in brokenStatements {
      let tree = parse(statement)
      #expect(!tree.diagnostics.isEmpty, "\(statement)")
      #expect(tree.diagnostics.count <= 3, "\(statement): \(tree.diagnostics.map(\.message))")
    }
  }
}

/// Input of sizes and depths that nobody types.
@Suite struct HostileInputTests {
  @Test func aLineOfAMegabyte() throws {
    let item = "abc = f(x, 1) + \"{y}\", "
    let text = "sales | select " + String(repeating: item, count: 1_000_000 / item.utf8.count) + "z\n"
    let tree = parse(text)
    #expect(tree.diagnostics.isEmpty)
    let short = parse("sales | select " + String(repeating: item, count: 3000) + "z\n")
    let formatted = try #require(ErpqTooling.Formatter.format(short))
    #expect(ErpqTooling.Formatter.format(parse(formatted)) == formatted)
    #expect(!Highlighter.spans(text).isEmpty)
    let broken = text.dropLast(2) + "?"
    let answer = rendered(String(broken))
    #expect(answer.utf8.count < 1000)
    #expect(answer.contains("…"))
  }

  @Test func deepNesting() {
    for opener in ["(", "[", "f(", "(a b ", "\"{", "def f() {", "-"] {
      let text = "sales where x = " + String(repeating: opener, count: 10_000)
      #expect(!parse(text).diagnostics.isEmpty)
      #expect(ErpqTooling.Formatter.format(parse(text)) == nil)
      for span in Highlighter.spans(text) { #expect(span.range.upperBound <= text.utf8.count) }
    }
    // What is just allowed is also laid out.
    let deep = "let x = " + String(repeating: "[", count: 95) + "1" + String(repeating: "]", count: 95)
    #expect(ErpqTooling.Formatter.format(parse(deep)) != nil)
  }

  @Test func bytesThatAreNoText() {
    let bytes: [UInt8] = [0x73, 0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80, 0x20, 0x00, 0x7C, 0xE2, 0x82]
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(parse(text).joined == text)
    #expect(parse(text).diagnostics.contains { $0.code == .notUTF8 })
    #expect(Highlighter.spans(text).contains { $0.style == .error })
  }
}
