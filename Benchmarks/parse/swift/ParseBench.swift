import ErpqBase
import ErpqSyntax
import ErpqTooling

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Megabytes a CPU second of the lexer, the parser and the formatter on a large script.
/// Prints `operation,megabytes,cpu_seconds,megabytes_a_second`.
@main
enum ParseBench {
  static let statements = [
    "forecast product 101 horizon 30 | plot",
    "segment days 60 where abc = \"A\"",
    "sales monthly since 2025-01-01 by category\n  | summarize revenue = sum(amount), n = count() by month # a note\n  | plot revenue vs month title \"Revenue\"",
    "let a_items = segment days 60 where abc = \"A\" and (cv < 0.5 or cv is null)",
    "$a_items | join (stock status) on product | where days_cover < 14d | assert count() = 0, \"A items about to run out\"",
    "def margin(price: money, cost: money) -> percent = ($price - $cost) / $price",
    "sales weekly days 90 by product | extend ma4 = avg(amount) over 4 by product, label = \"{name}: {amount}\"",
  ]

  static func seconds() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  static func main() {
    var text = ""
    while text.utf8.count < 5_000_000 { for s in statements { text += s + "\n" } }
    let source = SourceText(text, name: "bench")
    let megabytes = Double(text.utf8.count) / 1e6
    print("operation,megabytes,cpu_seconds,megabytes_a_second")
    func best(_ name: String, _ body: () -> Int) {
      var least = Double.infinity
      var check = 0
      for _ in 0..<5 {
        let start = seconds()
        check &+= body()
        least = min(least, seconds() - start)
      }
      precondition(check != 0)
      print("\(name),\(megabytes),\(least),\((megabytes / least * 10).rounded() / 10)")
    }
    best("tokenize") { Lexer.tokenize(source).tokens.count }
    best("parse") { Parser.parse(source).statements.count }
    let tree = Parser.parse(source)
    best("format") { Formatter.format(tree)?.utf8.count ?? 0 }
  }
}
