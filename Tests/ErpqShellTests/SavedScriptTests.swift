import Testing

@testable import ErpqShell

@Suite struct SavedScriptTests {
  /// The lines of the script under its heading, without those that are empty.
  func saved(_ texts: String...) -> String {
    let text = SavedScript(texts).text(heading: "x")
    #expect(text.hasPrefix("# x\n\n"))
    return text.dropFirst(5).split(separator: "\n").joined(separator: "\n")
  }

  @Test func whatWentOnIsJoined() {
    #expect(
      saved("sales | limit 5", "| select amount", "help sales", "explain sales")
        == "sales\n  | limit 5\n  | select amount")
    #expect(
      saved("products", "let dear = $_ | where price > 100", "$_ | limit 3")
        .contains("let dear = (products)\n  | where price > 100"))
    #expect(saved("products", "$_ | limit 3") == "products\n  | limit 3")
    #expect(SavedScript(["| limit 3", "help", "$_"]).isEmpty)
  }

  @Test func theLastWordCounts() {
    let text = saved("let a = sales", "let a = stock", "$a | limit 1", "$a | limit 1")
    #expect(text == "let a = stock\n$a | limit 1")
  }

  @Test func whatVariedBecomesAParam() {
    let text = saved("forecast product 101", "forecast product 102", "forecast product 107", "stock status")
    #expect(
      text == """
        ## Also tried: 101 and 102.
        param product = 107
        forecast product $product
        stock status
        """)
    // Two values that differ are two questions.
    #expect(!saved("sales days 3 category \"A\"", "sales days 4 category \"B\"").contains("param"))
    let twice = saved("sales days 3", "sales days 4", "orders days 5", "orders days 6")
    #expect(twice.contains("param days = 4") && twice.contains("param days_2 = 6"))
    #expect(!SavedScript(["sales days 3", "sales days 4"], findsParams: false).hasParams)
  }
}
