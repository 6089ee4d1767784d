import ErpqBase
import ErpqTables
import Testing

@testable import ErpqOdoo

/// Answers that no well-behaved server gives: always an error or a right value, never a trap.
@Suite struct HostileTests {
  private let fields = [WireField("id", .id), WireField("x", .number), WireField("name", .text)]

  private func rows(_ text: String, _ fields: [WireField]? = nil) throws -> Table {
    try rows(Array(text.utf8), fields)
  }

  private func rows(_ bytes: [UInt8], _ fields: [WireField]? = nil) throws -> Table {
    let builder = RowBuilder(fields ?? self.fields)
    var json = JSONBytes(ResponseBody(bytes))
    try json.rows(into: builder, depth: 0)
    try json.finish()
    return builder.finish().table
  }

  private func xmlRows(_ members: String) throws -> Table {
    let builder = RowBuilder(fields)
    let text =
      "<?xml version='1.0'?><methodResponse><params><param><value><array><data><value><struct>"
      + members + "</struct></value></data></array></value></param></params></methodResponse>"
    _ = try XMLAnswerReader.read(ResponseBody(Array(text.utf8)), into: builder)
    return builder.finish().table
  }

  @Test func numbersThatAreNone() throws {
    let table = try rows(
      #"[{"id": 1, "x": NaN}, {"id": 2, "x": -Infinity}, {"id": 3, "x": 1e400}, {"id": 4, "x": 1e-07}]"#)
    #expect((0..<4).map { table.columns[1][$0] } == [.null, .null, .null, .number(1e-07)])
    let xml = try xmlRows("<member><name>x</name><value><double>nan</double></value></member>")
    #expect(xml.columns[1][0] == .null)
  }

  @Test func numbersAreTheNearestDoubles() throws {
    for text in [
      "15.700000000000001", "0.30000000000000004", "123456789012.35", "0.1", "-2.5e-3", "9007199254740993.0",
      "1e22",
      "1e23", "179769313486231570000000000000000000000.5", "4.9e-324", "-0.0", "100.000000000000000000001",
    ] {
      let table = try rows("[{\"x\": \(text)}]")
      #expect(table.columns[1][0] == .number(try #require(Double(text))), "\(text)")
    }
  }

  @Test func largeIDs() throws {
    let table = try rows(#"[{"id": 9223372036854775807}, {"id": 4294967375}, {"id": -5}]"#)
    #expect((0..<3).map { table.columns[0][$0] } == [.int(.max), .int(4_294_967_375), .int(-5)])
    #expect(throws: WireFailure.self) { try rows(#"[{"id": 92233720368547758080}]"#) }
    #expect(throws: WireFailure.self) { try rows(#"[{"id": "7"}]"#) }
  }

  @Test func texts() throws {
    let table = try rows(
      #"[{"name": "\ud83d\ude00 \u00e9"}, {"name": "\ud800x"}, {"name": "a\u0001b\t"}, {"name": false}]"#)
    #expect(
      (0..<4).map { table.columns[2][$0] } == [.text("😀 é"), .text("\u{FFFD}x"), .text("a\u{1}b\t"), .null])
    let long = String(repeating: "x", count: 1 << 20)
    #expect(try rows("[{\"name\": \"\(long)\"}]").columns[2][0] == .text(long))
    // Broken UTF-8 is mended, so that dictionaries stay valid.
    let broken = try rows(Array("[{\"name\": \"".utf8) + [0xC3, 0x28, 0xFF] + Array("\"}]".utf8))
    #expect(broken.columns[2][0] == .text("\u{FFFD}(\u{FFFD}"))
  }

  @Test func deepNesting() throws {
    let deep = String(repeating: "[", count: 100_000)
    var json = JSONBytes(ResponseBody(Array(deep.utf8)))
    #expect(throws: WireFailure.self) { try json.value() }
    #expect(throws: WireFailure.self) { try rows("[{\"y\": \(deep)") }
    let objects = String(repeating: "{\"a\":", count: 100_000)
    var more = JSONBytes(ResponseBody(Array(objects.utf8)))
    #expect(throws: WireFailure.self) { try more.skip(depth: 0) }
    let xml =
      "<?xml version='1.0'?><methodResponse><params><param>"
      + String(repeating: "<value><array><data>", count: 50_000)
    #expect(throws: WireFailure.self) { try XMLAnswerReader.read(ResponseBody(Array(xml.utf8))) }
  }

  @Test func entityBomb() throws {
    let bomb = """
      <?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
      <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><methodResponse><params><param><value><string>&c;</string>
      </value></param></params></methodResponse>
      """
    do {
      _ = try XMLAnswerReader.read(ResponseBody(Array(bomb.utf8)))
      Issue.record("a document type was taken")
    } catch let failure as WireFailure {
      #expect(failure.message.contains("document type"))
    }
    let external = """
      <?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><methodResponse/>
      """
    #expect(throws: WireFailure.self) { try XMLAnswerReader.read(ResponseBody(Array(external.utf8))) }
    let unknown =
      "<methodResponse><params><param><value><string>&nope;</string></value></param></params></methodResponse>"
    #expect(throws: WireFailure.self) { try XMLAnswerReader.read(ResponseBody(Array(unknown.utf8))) }
  }

  @Test func controlCharactersInXML() throws {
    let table = try xmlRows(
      "<member><name>name</name><value><string>a\u{1}\u{B}b &amp; &lt;c&gt;</string></value></member>"
        + "<member><name>id</name><value><int>7</int></value></member>")
    #expect(table.columns[2][0] == .text("ab & <c>"))
    #expect(table.columns[0][0] == .int(7))
  }

  /// Cut anywhere, or with any byte replaced, an answer is read or refused.
  @Test func truncatedAndMutated() throws {
    var random = SeededRandom(seed: 7)
    for name in ["jsonrpc_search_read", "search_read_product_product", "so_multi_currency", "value_empties"] {
      let exchange = try Exchanges.named("19", name)
      let body = Array(exchange.response.body.buffer)
      let isXML = exchange.request.path.hasPrefix("/xmlrpc")
      func read(_ bytes: [UInt8]) -> Bool {
        let builder = RowBuilder(fields)
        do {
          if isXML {
            _ = try XMLAnswerReader.read(ResponseBody(bytes), into: builder)
          } else {
            _ = try JSONRPC.read(ResponseBody(bytes), call: "c", database: nil, into: builder)
          }
          _ = builder.finish()
          return true
        } catch {
          return false
        }
      }
      #expect(read(body))
      for _ in 0..<150 {
        #expect(!read(Array(body.prefix(random.below(body.count - 40)))))
        var changed = body
        for _ in 0...random.below(4) {
          changed[random.below(changed.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        _ = read(changed)
      }
    }
  }

  @Test func aPageThatIsNone() {
    #expect(throws: OdooError.self) {
      try JSONRPC.post(
        "/jsonrpc", .null, to: ScriptedExchanger([json(#"{"jsonrpc": "2.0", "result": {"a": 1}}"#)]),
        call: "m.x",
        database: nil, into: RowBuilder(fields))
    }
    #expect(throws: OdooError.self) {
      try XMLRPC.post(
        "/xmlrpc/2/object", "m", [], to: ScriptedExchanger([xml("<html><body>hello</body></html>")]),
        call: "m.x",
        database: nil)
    }
  }
}
