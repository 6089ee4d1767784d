import Testing

@testable import ErpqShell

@Suite struct SavedScriptTests {
  func saved(_ texts: String...) -> String { SavedScript(texts).text(heading: "x") }

  @Test func whatWentOnIsJoined() {
    #expect(
      saved("sales | limit 5", "| select amount", "help sales", "explain sales")
        == "# x\nsales\n  | limit 5\n  | select amount\n")
    #expect(
      saved("products", "let dear = $_ | where price > 100", "$_ | limit 3")
        .contains("let dear = (products)\n  | where price > 100"))
    #expect(saved("products", "$_ | limit 3") == "# x\nproducts\n  | limit 3\n")
    #expect(SavedScript(["| limit 3", "help", "$_"]).isEmpty)
  }

  @Test func theLastWordCounts() {
    let text = saved("let a = sales", "let a = stock", "$a | limit 1", "$a | limit 1")
    #expect(text == "# x\nlet a = stock\n$a\n  | limit 1\n")
  }

  @Test func whatVariedBecomesAParam() {
    let text = saved("forecast product 101", "forecast product 102", "forecast product 107", "stock status")
    #expect(
      text == """
        # x
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
