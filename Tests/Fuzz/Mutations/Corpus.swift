import Foundation

/// Where the mutations start: good statements of every kind, beside those of the script that is read from a file.
let builtInExamples = [
  "sales | extend t = \"a {name} b {upper(\"x\")}\", u = 'raw {1}', v = \"\\{\\}\\n\\u{41}\"",
  "def f(x: list<number>?, y: text = \"a\") -> money? {\n  let y = $x + 1\n\n  # c\n  sales where qty > $y\n    | limit 3 # d\n}",
  "def with_margin() { | extend m = margin(price, cost) | where m is not null }",
  "scenario p from q {\n demand = -20% # c\n\n # d\n lead_time = +3d,\n supply = false where a = 1\n}",
  "metric m : percent { code \"A\" better \"up\", target -30%\n group 'G' } = sales | summarize sum(a) / sum(b) | limit 1",
  "## doc\n## more\n\nlet z = 3; products # c\n; | where a = 1\nhelp x ( # y\n| plot\n",
  "sales where a in [1, 2] and not b not in [3] and c is not null and d between 1 and 2 and e not like 'x%' or f mod 2 = 1",
  "sales | select a = if x > 1 then 2 else 3, b = avg(amount) over 7 by product, lag(x) over by [a, b], sum(x) over all",
  "$a | join left (stock status where x | select y) on left.a = right.b, c | union $b | union products",
  "r.review horizon (30 - 5) offset -3 other --4 list [1, # one\n 2,\n] in 2026-Q1 since today - 30d by a-b",
  "sales | sort a desc nulls last, -b asc | rename a = b, c = d.e | fill a, b with 0 | sample 3 seed 7 | top 3 by -x asc | dense day by p",
  "x | plot line y, x vs day by y width 3 to 'a.svg' | export csv 'y.csv' delimiter ';' | tee 'z.csv' | save as t | why -x",
  "replenish | whatif a in 1..3 step 1, $b in [1, 2] | pivot a by b value sum(c) | accuracy by d | assert none x < 0, \"m\"",
  "import 'x.erpq' as r\nimport lib.x\nparam a: text? = null\nuse a.b\ndescribe $x\nexplain E0203\nprofile sales\nexplain a | plot",
  "#!/usr/bin/env erpq\r\nerpq 1\r\n\r\nsales\r\n\t| plot # end\r\n", "sales days in; products; | limit 1",
]

/// The built-in examples, the script as a whole, and each of its statements.
func corpus(script: String) -> [String] {
  let lines = script.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("  |") }
  return builtInExamples + builtInExamples + lines + [script]
}

/// The script among the tests' fixtures.
func fixtureScript() -> String {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let file = tests.appendingPathComponent("ErpqToolingTests/Fixtures/statements.erpq")
  return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
}
