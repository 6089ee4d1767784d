import ErpqEngine
import ErpqSemantics
import ErpqTooling
import Testing

@Suite struct CompletionTests {
  let sources = CompletionSources(
    records: { kind, typed in
      let names = kind == "product" ? ["Desk", "Desk Lamp", "Chair"] : ["\(kind) A"]
      return names.filter { $0.lowercased().hasPrefix(typed.lowercased()) }.map { ("\"\($0)\"", kind) }
    },
    files: { typed in ["data/", "orders.csv"].filter { $0.hasPrefix(typed) } },
    uses: { $0 == "qty" ? 3 : 0 })

  /// What is proposed at the end of a text, or where `‸` stands: the text that would stand there.
  func proposals(_ marked: String) -> [String] {
    let text = marked.replacing("‸", with: "")
    let cursor = marked.prefix { $0 != "‸" }.utf8.count
    let (session, _) = makeSession()
    let completer = Completer(
      catalog: Commands.catalog, host: session.bindingHost, environment: session.environment, sources: sources
    )
    let (range, items) = completer.complete(text, at: cursor)
    let bytes = Array(text.utf8)
    #expect(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    return items.map(\.text)
  }

  @Test func recordsStandWhereTheyAreWanted() {
    #expect(proposals("forecast product ") == ["\"Desk\"", "\"Desk Lamp\"", "\"Chair\""])
    #expect(proposals("forecast product \"desk l") == ["\"Desk Lamp\""])
    #expect(proposals("forecast product De") == ["\"Desk\"", "\"Desk Lamp\""])
    #expect(proposals("forecast product [\"Desk\", \"Ch") == ["\"Chair\""])
    #expect(proposals("let x = sales supplier ") == ["\"supplier A\""])
    #expect(proposals("products | join (sales customer \"") == ["\"customer A\""])
    #expect(proposals("sales | where category = \"") == ["\"category A\""])
    #expect(proposals("sales | where category in [\"") == ["\"category A\""])
    #expect(proposals("products | where name like \"De") == ["\"Desk\"", "\"Desk Lamp\""])
    #expect(proposals("sales | where qty = \"").isEmpty)
    #expect(proposals("\"anything").isEmpty)
  }

  @Test func aWordStandsBehindItsParameter() {
    #expect(proposals("replenish demand_source ") == ["history", "forecast"])
    #expect(proposals("replenish policy c") == ["csl", "cost"])
    #expect(!proposals("replenish days ").contains("where"))
    #expect(proposals("replenish policy csl ").contains("where"))
    #expect(proposals("forecast total ").contains("where"))
  }

  @Test func theClosingQuoteIsNotDoubled() {
    let (session, _) = makeSession()
    let completer = Completer(
      catalog: Commands.catalog, host: session.bindingHost, environment: session.environment, sources: sources
    )
    let (range, items) = completer.complete("sales product \"Ch\" days 3", at: 17)
    #expect(range == 14..<18 && items.map(\.text) == ["\"Chair\""])
  }

  @Test func filesStandWhereTheyAreWanted() {
    #expect(proposals("read ") == ["\"data/", "\"orders.csv\""])
    #expect(proposals("read \"o") == ["\"orders.csv\""])
    #expect(proposals("replenish policies \"o") == ["\"orders.csv\""])
    #expect(proposals("forecast product 101 promotions \"o") == ["\"orders.csv\""])
    #expect(proposals("suppliers risk factors \"o") == ["\"orders.csv\""])
    #expect(proposals("sales | export csv \"o") == ["\"orders.csv\""])
    #expect(proposals("sales monthly | plot to \"d") == ["\"data/"])
    #expect(proposals("sales | tee \"") == ["\"data/", "\"orders.csv\""])
    #expect(proposals("sales | export ").contains("csv"))
  }

  @Test func whatIsUsedComesFirst() {
    #expect(proposals("sales | select ").first == "qty")
    #expect(proposals("sales | select amount").first == "amount")
  }

  @Test func laterPartsOfNamesAreFound() {
    #expect(proposals("purchases | select planned") == ["planned_date"])
    #expect(proposals("purchases | where date").suffix(3) == ["order_date", "planned_date", "received_date"])
  }

  @Test func parametersThatAreNotGivenYet() {
    let names = proposals("forecast product 101 horizon 30d ")
    #expect(names.contains("method") && !names.contains("horizon"))
    #expect(proposals("sales days ").contains("30d"))
    #expect(proposals("sales since ").first == "today")
  }

  @Test func nothingTrapsAnywhere() {
    let text = "let x = sales product \"Desk\" days 30 where qty > 3 | export csv \"a b.csv\" # é"
    for cut in 0...text.count { _ = proposals(String(text.prefix(cut))) }
    for offset in -1...(text.utf8.count + 2) {
      let (session, _) = makeSession()
      _ = session.bindingHost
      let completer = Completer(
        catalog: Commands.catalog, host: session.bindingHost, environment: session.environment,
        sources: sources)
      _ = completer.complete(text, at: offset)
    }
  }
}
