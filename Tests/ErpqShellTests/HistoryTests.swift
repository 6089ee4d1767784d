import ErpqFiles
import Glibc
import Testing

@testable import ErpqShell

@Suite struct HistoryTests {
  @Test func theWalkVisitsWhatBeginsWithTheDraft() {
    let entries = [
      "sales", "products", "sales", "replenish\n  | sum", "replenish\n  | sum", "sales | limit 3",
    ]
    var walk = HistoryNavigator(entries: entries, draft: "")
    #expect(walk.older() == "sales | limit 3")
    #expect(walk.older() == "replenish\n  | sum")
    #expect(walk.older() == "sales")
    #expect(walk.newer() == "replenish\n  | sum")
    #expect(walk.newer() == "sales | limit 3")
    #expect(walk.newer() == "")
    #expect(walk.newer() == nil)
    walk = HistoryNavigator(entries: entries, draft: "sales")
    #expect(walk.older() == "sales | limit 3")
    #expect(walk.older() == "sales")
    #expect(walk.older() == nil)
    #expect(walk.newer() == "sales | limit 3")
    #expect(walk.newer() == "sales")
    walk = HistoryNavigator(entries: entries, draft: "sales", byPrefix: false)
    #expect(walk.older() == "sales | limit 3")
    #expect(walk.older() == "replenish\n  | sum")
    walk = HistoryNavigator(entries: [], draft: "x")
    #expect(walk.older() == nil)
    #expect(walk.newer() == nil)
  }

  @Test func theSearchFollowsItsLetters() {
    var search = HistorySearch(
      entries: ["forecast days 7", "café", "forecast days 30", "products"].map { EarlierStatement($0) })
    #expect(search.match == nil)
    for scalar in "fore".unicodeScalars { search.type(scalar) }
    #expect(search.match?.entry == "forecast days 30")
    search.older()
    #expect(search.match?.entry == "forecast days 7")
    search.older()
    #expect(!search.isFound)
    #expect(search.match?.entry == "forecast days 7")
    search.newer()
    #expect(search.match?.entry == "forecast days 30")
    search.type("x")
    #expect(!search.isFound)
    #expect(search.match == nil)
    search.erase()
    #expect(search.isFound && search.match?.entry == "forecast days 30")
    search = HistorySearch(entries: ["café", "CAFÉ au lait"].map { EarlierStatement($0) })
    for scalar in "FÉ".unicodeScalars { search.type(scalar) }
    #expect(search.match?.entry == "CAFÉ au lait")
    #expect(search.match?.offset == 2)
    search = HistorySearch(entries: [])
    search.type("a")
    search.older()
    search.newer()
    search.erase()
    #expect(search.match == nil)
  }

  @Test func theSearchFindsWordsInAnyOrderAndEachTextOnce() {
    let texts = ["sales days 7", "sales days 30", "stock status", "sales days 7"]
    var search = HistorySearch(entries: texts.map { EarlierStatement($0) })
    #expect(search.matches.map(\.text) == ["sales days 7", "stock status", "sales days 30"])
    for scalar in "days sal".unicodeScalars { search.type(scalar) }
    #expect(search.matches.map(\.text) == ["sales days 7", "sales days 30"])
    // An empty query goes through everything.
    search = HistorySearch(entries: texts.map { EarlierStatement($0) })
    search.older()
    search.older()
    #expect(search.match?.entry == "stock status")
    // Blanks look for nothing, where there is nothing too.
    search = HistorySearch(entries: [])
    for scalar in "  x ".unicodeScalars { search.type(scalar) }
    #expect(search.match == nil && search.selected == nil)
  }

  @Test(
    arguments: [
      ("plain", "plain"), ("a\\nb", "a\nb"), ("a\\\\nb", "a\\nb"), ("end\\", "end\\"), ("日本", "日本"),
    ])
  func theOldFormIsRead(line: String, entry: String) { #expect(HistoryFile.unescaped(line) == entry) }

  /// A folder that is gone after the test.
  func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryPlace.folder(to: "keep a history")
    defer { for name in ["/history", "/history.db", ""] { remove(folder + name) } }
    try body(folder)
  }

  @Test func theOldFileIsTakenOver() throws {
    try inFolder { folder in
      let old = "sum(\\n  1)\nproducts\nlogin password \"x\"\n"
      let file = open(folder + "/history", O_CREAT | O_WRONLY, 0o600)
      writeAll(Array(old.utf8), to: file)
      close(file)
      let first = SessionHistory(path: folder + "/history.db", company: "A")
      #expect(first.problem == nil)
      #expect(first.earlier() == ["sum(\n  1)", "products"])
      var status = stat()
      #expect(stat(folder + "/history.db", &status) == 0 && status.st_mode & 0o777 == 0o600)
      let second = SessionHistory(path: folder + "/history.db", company: "B")
      // Both write; neither loses a line.
      first.finish(first.add("sales"), seconds: 0.5, outcome: .ok)
      second.finish(second.add("stock"), seconds: 2, outcome: .runtime)
      first.finish(first.add("orders"), seconds: 0.1, outcome: .interrupted)
      #expect(first.earlier() == ["sum(\n  1)", "products", "sales", "stock", "orders"])
      #expect(
        first.searchable()?.map(\.detail) == [
          "", "", "0.50 s · now", "failed · 2.00 s · B · now",
          "interrupted · 0.10 s · now",
        ])
    }
  }

  @Test func troubleWithTheHistoryIsTold() {
    let nowhere = SessionHistory(path: "/proc/nothing/history.db", company: "")
    #expect(nowhere.problem?.hasPrefix("the history is not kept: ") == true)
    #expect(nowhere.add("x") == nil && nowhere.earlier().isEmpty)
    let none = SessionHistory(path: nil, company: "")
    #expect(none.problem == nil && none.add("x") == nil)
  }

  @Test(
    arguments: [
      "connect url \"https://erp.example\" password \"hush\"", "connect api_key = abc", "x token: \"t\"",
      "connect \"https://me:pw@erp.example/db\"", ":!curl -H \"token=abc\"", "login db_password \"x\"",
    ])
  func secretsAreSeen(text: String) { #expect(Secrets.areIn(text)) }

  @Test(
    arguments: [
      "sales | where token is null", "help password", "products where name contains \"secret\"", "",
      "sales days 30", "read \"https://erp.example/x.csv\"", "orders | summarize n = count(token)", "\"pass",
    ])
  func plainStatementsAreKept(text: String) { #expect(!Secrets.areIn(text)) }
}
