import ErpqEngine
import ErpqTooling
import Testing

@testable import ErpqShell

@Suite struct ExpressionCompletionTests {
  let session = Session(SessionOptions(), sink: SilentSink())

  func texts(_ text: String, uses: [String: Int] = [:]) -> [String] {
    let sources = CompletionSources(uses: { uses[$0.hasSuffix("(") ? String($0.dropLast()) : $0] ?? 0 })
    return session.complete(text, at: text.utf8.count, sources: sources).items.map(\.text)
  }

  @Test func columnsComeBeforeFunctions() throws {
    let items = texts("sales | where ", uses: ["sum": 50, "amount": 3])
    #expect(items.first == "amount")
    let lastColumn = try #require(items.firstIndex(of: "date"))
    let function = try #require(items.firstIndex(of: "sum("))
    #expect(lastColumn < function)
    #expect(!items.contains("and") && items.contains("not"))
  }

  @Test func behindAValueStandsWhatGoesOnFromIt() {
    #expect(texts("sales | where amount ").contains("between"))
    #expect(!texts("sales | where amount ").contains("sum("))
    #expect(texts("sales where qty > 3 a") == ["and"])
    #expect(texts("sales | where amount is ") == ["null", "not null"])
    #expect(texts("sales | where qty > 3 and am").contains("amount"))
    #expect(texts("sales | where qty > 3 and ").contains("qty"))
    #expect(texts("sales | where (qty > 3 or am").contains("amount"))
    #expect(texts("sales | where qty > (").contains("qty"))
    #expect(texts("sales | join (prod").contains("products"))
  }
}
