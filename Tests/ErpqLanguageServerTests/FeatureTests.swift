import ErpqBase
import ErpqFiles
import Testing

@testable import ErpqLanguageServer

@Suite struct FeatureTests {
  private let uri = "file:///home/ada/a.erpq"

  @Test func problemsWithPlaces() {
    let client = Client()
    client.open("sales | limit 3\nproducts | where näme = \"😀\" and prise > 3\n")
    let problems = client.problems()
    #expect(problems.map { $0["code"] } == ["E0203", "E0203"])
    #expect(
      problems.last?["range"] == [
        "start": ["line": 1, "character": 33], "end": ["line": 1, "character": 38],
      ])
    // Fourteen bytes of letters and a face that is two units.
    let narrow = Client(encodings: ["utf-8", "utf-16"])
    narrow.open("products | where näme = \"😀\" and prise > 3\n")
    #expect(narrow.problems().last?["range"]["start"] == ["line": 0, "character": 36])
  }

  @Test func typingMendsAProblem() {
    let client = Client()
    client.open("sales | limt 3")
    #expect(client.problems().map { $0["code"] } == ["E0202"])
    client.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(uri), "version": 2],
        "contentChanges": [
          [
            "range": ["start": ["line": 0, "character": 11], "end": ["line": 0, "character": 11]],
            "text": "i",
          ]
        ],
      ])
    #expect(client.problems().isEmpty)
  }

  @Test func aFixIsAnAction() {
    let client = Client()
    let text = "sales | limt 3"
    client.open(text)
    let actions = client.request(
      "textDocument/codeAction",
      [
        "textDocument": ["uri": .string(uri)], "context": ["diagnostics": []],
        "range": ["start": ["line": 0, "character": 9], "end": ["line": 0, "character": 9]],
      ])
    #expect(actions.elements.first?["title"] == "Write `limit`")
    let edits = actions.elements.first?["edit"]["changes"][uri].elements ?? []
    #expect(edited(text, edits) == "sales | limit 3")
  }

  @Test func completionKnowsColumnsAndVariables() {
    let client = Client()
    client.open("let top = 3\nsales | where amo\n$t")
    let columns = client.request("textDocument/completion", .object(client.at(1, 17)))
    #expect(columns["items"].elements.contains { $0["label"] == "amount" && $0["kind"] == 5 })
    #expect(columns["items"].elements.first?["textEdit"]["range"]["start"] == ["line": 1, "character": 14])
    let variables = client.request("textDocument/completion", .object(client.at(2, 2)))
    #expect(variables["items"].elements.map { $0["label"] } == ["$top"])
    let stages = client.request("textDocument/completion", .object(client.at(1, 8)))
    #expect(stages["items"].elements.contains { $0["label"] == "summarize" })
  }

  @Test func hoverExplains() {
    let client = Client()
    client.open(
      """
      ## How far back.
      param window: duration = 30d
      def share(a: number, b: number) -> percent = $a / $b
      sales days $window | summarize s = round(sum(amount), 2), t = "x {sum(qty)}" by month
      """)
    func hover(_ line: Int, _ character: Int) -> String {
      client.request("textDocument/hover", .object(client.at(line, character)))["contents"]["value"].text
        ?? ""
    }
    #expect(hover(3, 2).contains("sales"))
    #expect(hover(3, 7).contains("**days** of `sales`"))
    #expect(hover(3, 14).contains("How far back."))
    #expect(hover(3, 24).contains("summarize"))
    #expect(hover(3, 37).contains("round("))
    #expect(hover(3, 47).contains("amount"))
    #expect(hover(3, 68).contains("sum("))
    #expect(hover(2, 5).contains("def share(a: number, b: number) -> percent"))
  }

  @Test func signatures() {
    let client = Client()
    client.open("sales | extend a = round(amount, \nforecast horizon \n")
    let call = client.request("textDocument/signatureHelp", .object(client.at(0, 33)))
    #expect(call["activeParameter"] == 1)
    let command = client.request("textDocument/signatureHelp", .object(client.at(1, 17)))
    let active = command["activeParameter"].integer ?? -1
    #expect(command["signatures"].elements.first?["parameters"].elements[active]["label"] == "[horizon …]")
  }

  @Test func definitionAndReferences() {
    let client = Client()
    client.open("let n = 3\ndef f(n) = $n + 1\nproducts | extend a = f($n), t = \"{$n}\"\n")
    func definition(_ line: Int, _ character: Int) -> JSONValue {
      client.request("textDocument/definition", .object(client.at(line, character)))["range"]["start"]
    }
    #expect(definition(2, 25) == ["line": 0, "character": 4])
    #expect(definition(2, 36) == ["line": 0, "character": 4])
    #expect(definition(1, 12) == ["line": 1, "character": 6])
    #expect(definition(2, 22) == ["line": 1, "character": 4])
    let places = client.request("textDocument/references", .object(client.at(0, 4)))
    #expect(places.elements.count == 3)
  }

  @Test func renaming() {
    let client = Client()
    let text = "let n = 3\ndef f(n) = $n + 1\nproducts | extend a = f($n), t = \"{$n}\"\n"
    client.open(text)
    func rename(_ line: Int, _ character: Int, _ name: String) -> JSONValue {
      var parameters = client.at(line, character)
      parameters["newName"] = .string(name)
      return client.answer("textDocument/rename", .object(parameters))
    }
    let edits = rename(2, 25, "count")["result"]["changes"][uri].elements
    #expect(
      edited(text, edits)
        == "let count = 3\ndef f(n) = $n + 1\nproducts | extend a = f($count), t = \"{$count}\"\n")
    let formal = rename(1, 6, "m")["result"]["changes"][uri].elements
    #expect(edited(text, formal).contains("def f(m) = $m + 1"))
    #expect(rename(2, 25, "where")["error"]["message"].text?.contains("no name") == true)
    #expect(rename(1, 4, "sales")["error"] != .null)
    #expect(rename(2, 2, "x")["error"]["message"].text?.contains("not declared here") == true)
  }

  @Test func formattingGivesTheCanonicalForm() {
    let client = Client()
    let text = "sales|where qty>1\n\n# ä\nproducts   | limit 3\n"
    client.open(text)
    let edits = client.request("textDocument/formatting", ["textDocument": ["uri": .string(uri)]]).elements
    #expect(edited(text, edits) == "sales | where qty > 1\n\n# ä\nproducts | limit 3\n")
    client.open("sales | (")
    #expect(client.request("textDocument/formatting", ["textDocument": ["uri": .string(uri)]]) == [])
  }

  @Test func symbols() {
    let client = Client()
    client.open("param a: int = 1\nlet b = sales | limit 3\ndef c(x) = $x\nscenario d { demand = -20% }\n")
    let list = client.request("textDocument/documentSymbol", ["textDocument": ["uri": .string(uri)]]).elements
    #expect(list.map { $0["name"] } == ["a", "b", "c", "d"])
  }

  @Test func notebooks() {
    let client = Client()
    let uri = "file:///home/ada/r.erpq.md"
    let text =
      "# Report\r\n\r\n```erpq\r\nlet n = 3\r\n```\r\n\r\nWords: sales | limt\r\n\r\n```erpq\r\nsales | limt $n\r\n```\r\n"
    client.open(text, uri: uri, language: "markdown")
    let problems = client.problems(uri)
    #expect(problems.map { $0["code"] } == ["E0202"])
    #expect(problems.first?["range"]["start"] == ["line": 9, "character": 8])
    let target = client.request("textDocument/definition", .object(client.at(9, 14, uri: uri)))
    #expect(target["range"]["start"] == ["line": 3, "character": 4])
    #expect(client.request("textDocument/completion", .object(client.at(6, 10, uri: uri))) == .null)
    let items = client.request("textDocument/completion", .object(client.at(9, 15, uri: uri)))["items"]
      .elements
    #expect(items.map { $0["label"] } == ["$n"])
  }

  @Test func protocolErrors() {
    let client = Client(initialized: false)
    #expect(client.answer("textDocument/hover", [:])["error"]["code"] == -32002)
    _ = client.request("initialize", [:])
    #expect(client.answer("textDocument/fly", [:])["error"]["code"] == -32601)
    #expect(client.answer("textDocument/hover", .object(client.at(0, 0)))["error"]["code"] == -32602)
    #expect(client.answer("shutdown", .null)["error"] == .null)
    #expect(client.answer("textDocument/hover", [:])["error"]["code"] == -32600)
    client.notify("exit", .null)
    #expect(client.server.ended == 0)
  }

  @Test func positionsBeyondTheText() {
    let client = Client()
    client.open("sales")
    for (line, character) in [(0, 99), (9, 0), (-1, -1), (0, -5)] {
      #expect(client.answer("textDocument/hover", .object(client.at(line, character)))["error"] == .null)
    }
  }
}
