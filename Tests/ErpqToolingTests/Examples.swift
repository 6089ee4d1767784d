import ErpqBase
import Foundation
import SyntaxSamples

@testable import ErpqSyntax

func parse(_ text: String) -> SyntaxTree { Parser.parse(SourceText(text, name: "test")) }

/// The text of a file in Fixtures.
func fixture(_ name: String) throws -> String {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
  return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
}

/// The root of the package.
let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Kinds and texts of the tokens, without ends of line.
func meaning(_ tree: SyntaxTree) -> [String] {
  tree.tokens.filter { $0.kind != .endOfLine }.map { "\($0.kind) \(tree.source.slice($0.span))" }
}

/// The tree without positions: two texts with the same shape say the same.
func shape(_ tree: SyntaxTree) -> String {
  var text = String(reflecting: tree.statements)
  text = text.replacingOccurrences(
    of: #"ErpqBase\.SourceSpan\(start: \d+, end: \d+\)"#, with: "", options: .regularExpression)
  return text
}

/// All comments of a tree, blanks at their ends cut off.
func comments(_ tree: SyntaxTree) -> [String] {
  tree.tokens.flatMap { token -> [String] in
    tree.source.slice(SourceSpan(token.triviaStart, token.span.start)).split(separator: "\n").compactMap {
      line in
      guard let start = line.firstIndex(of: "#") else { return nil }
      return line[start...].trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}

/// Scripts that are hard to lay out; each parses without an error.
let nastyScripts = [
  "", "\n\n", "# only a comment",
  "#!/usr/bin/env erpq\r\nerpq 1\r\n\r\n\r\n\r\nsales\t|\tplot\r\n# end\r\n\r\n",
  "\u{FEFF}sales", "sales;products;stock", "sales; | where x = 1", "sales days in; products",
  "sales days in;# c\nproducts",
  "help  a   \"b\t ( [ { \nsales", "help x # why\n| where x = 1", "help a;b", "help\n\n\nhelp",
  "sales # one\n# two\n\n\n# three\n\n  | where x = 1 # four\n\n  # five\n  | plot # six\n# seven\n\nproducts",
  "sales | where x = -3 and y = - 3 or z = --3 and u = a-b and v = a -b and w = a- b | limit 3",
  "r.review offset -3 other - 4 third -x", "products -3", "r.x since today - 30d offset --3 z (- 3)",
  "sales|extend a=f( 1,2 )*3,b=g(1 ,2),c=h( )|sort a desc nulls last", "sales by f(1, 2)(3) $x(4) 5(6)",
  "sales where x in [1, # one\n 2,\n  # three\n 3 # last\n]", "sales where x in [\n  # only\n]",
  "sales where f( # c\n  ) = 1", "sales where x = ( # c\n 1)", "sales where x = # c\n 1",
  "sales where # c\n x = 1",
  "sales | # c\n where x = 1 | # d\n plot", "sales | where x = - # c\n 3",
  "let x =   sales\n  | where y\n\n\n\n\n\n## Doc.\n\n\nlet z = 3 # t\n## Doc two.\ndef f(a:number=3,b:list<list<text>>?)->list<money?> =$a+1",
  "def f(){sales}", "def f () { # c\n\n sales # d\n\n # e\n}", "def f() {}", "def f() { # c\n}",
  "def f() { sales; products }",
  "def f() { let a = 1; | where x = 1 }", "def f() { help x\n sales }",
  "def f() {\n\n  ## inner\n  def g() { sales }\n\n\n  g | plot\n\n}",
  "def f() { | extend a = 1 | where b = 2 | limit 3 }",
  "def f() { | extend a = 1 \n | where b = 2 | limit 3 }",
  "scenario p { }", "scenario p from q {demand=-20%,lead_time=+3d where x=1,\n supply=false}",
  "scenario p {\n a = 1 # one\n # two\n\n b = - 2, # three\n c = (-3d)\n}", "scenario p { a = 1; b = 2 }",
  "scenario p { a = -20%, b = +3d where supplier in [\"Azure Interior\", \"Brandon Freeman\"], c = 3, d = 4, e = 555555555, g = 3 }",
  "metric m:percent{code \"A\" better \"up\"}=sales|summarize sum(a)/sum(b)",
  "metric m { code \"A\"\n better \"up\", # c\n target -30% group 'G' } = sales\n | summarize sum(a)",
  "metric m { help \"x\" } = sales | summarize count()",
  "metric gross_margin_percent : percent { code \"SALES.GM%\" better \"up\" group \"Revenue & Sales\" target 30% } = sales | summarize (sum(amount) - sum(cost)) / sum(amount)",
  "metric m = sales | summarize sum(a)", "explain  E0203", "explain sales|plot", "profile   sales",
  "describe  stock   status", "use  a.b",
  "import   'x.erpq'   as  r", "import lib.replen", "param  x:text?=null", "param x : list<text> = []",
  "sales where aaaaaaaaaaaaaaaaaaaa = 1 and bbbbbbbbbbbbbbbbbbbbbbbbbbbb = 2 or cccccccccccccccccccccccc = 3 and ddddddddddddddddd = 4",
  "sales | summarize revenue = sum(amount), categories = count(), lowest = min(price), highest = max(price) by month, category",
  "sales | select aaaaaaaaaaaa, bbbbbbbbbbbbbbb, cccccccccccccccc, ddddddddddddddd, eeeeeeeeeeeeeee, ffffffffffffff, gggggggggg, hhhh",
  "sales where product in [101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121]",
  "sales | extend a = if x > 1 then \"one long text that goes on and on and on\" else if x > 2 then \"another long text\" else \"third\"",
  "sales | extend a = some_function_name(another_function(first_argument, second_argument), third_function(more, and_more, of_it), 1)",
  "sales | join left (stock status where on_hand < 3 | select product, on_hand | where on_hand > 0) on left.product = right.product, a = b",
  "sales | join (products\n | where x) on product", "sales | join (| where x) on product",
  "sales | join(products) on product | assert(a = 1)",
  "a.b.c | union (x y\n  z)", "sales | extend `a  b` = `where` + `in`(3)",
  "sales where not(x) and in_stock(x) and x in[1] and y between(1)and(2)",
  "sales | summarize n = count()by(x)", "sales | pivot a by b value(c)", "sales | top 3 by(x)",
  "sales where x == 1",
  "replenish | whatif a in 1 .. 3 step 1,$b in [1 ,2]",
  "sales where d in 2026-01-01 .. 2026-02-01 or p .. -3 = x ?? 3",
  "sales | extend t = \"a {name} b {upper(\"x\")}  # no comment\" # yes", "sales | extend t = '#' # '",
  "sales by [a, b,] days 30", "x y [1,-- # c\n 2,--- # d\n 3, - -4,-- # e\n --5] - --6 ---7",
  "sales | extend x = [\n 1,\n  2\n]", "sales | extend x = lag(a)over by[b ,c], y = sum(a)over 7 by d",
  "sales|plot line y,x vs day by z width 3 to 'a.svg'", "sales | sort -x, - y desc", "sales | why -x > 3",
  "sales | top -3 by -x | fill a with -1",
  "sales | limit 3 ;", ";;sales;;", "sales;# c\nproducts", "sales\n\n;\n\nproducts",
  "sales\u{A0}where\u{A0}x = 1\n\u{A0}| plot",
  "sales | where x = 1_000.5e-3 or y = 0.50% or z = 30days or m = 1_500EUR",
  "sales | export csv 'y.csv' delimiter ';' | tee 'z.csv' | save as t",
]

/// Everything that parses: the statements of the design, those of the parser's tests, and the nasty ones.
func allExamples() throws -> [String] {
  let script = try fixture("statements.erpq")
  return [script] + script.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("  |") }
    + nastyScripts
    + sampleStatements
}
