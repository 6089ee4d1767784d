import ErpqBase
import ErpqTables
import Testing

@testable import ErpqFiles

@Suite struct JSONTests {
  @Test func readsAListOfObjects() throws {
    let r = try read(
      """
      [
        {"id": 1, "name": "A\\u00e9\\n\\"x\\"", "ok": true, "price": 1.5, "at": {"city": "Bonn", "geo": {"lat": 1}}},
        {"name": null, "id": 2, "extra": "2024-01-02", "ok": false, "price": 2},
        {"id": 3, "at": {"city": ""}}
      ]
      """, name: "t.json")
    #expect(r.table.schema.names == ["id", "name", "ok", "price", "at_city", "at_geo_lat", "extra"])
    #expect(r.types == [.int, .text, .bool, .number, .text, .int, .date])
    #expect(r.texts("name") == ["Aé\n\"x\"", nil, nil])
    #expect(r.texts("at_city") == ["Bonn", nil, ""])
    #expect(r.texts("extra") == [nil, "2024-01-02", nil])
    #expect(r.texts("ok") == ["true", "false", nil])
  }

  @Test func readsAListInsideAnObject() throws {
    let r = try read(
      "{\"count\": 2, \"tags\": [1], \"result\": {\"records\": [{\"a\": 1}, {\"a\": 2}]}}", name: "t.json")
    #expect(r.texts("a") == ["1", "2"])
    #expect(r.notes == ["the rows of t.json are the list result.records"])
    let one = try read("{\"a\": 1, \"b\": {\"c\": \"x\"}}", name: "t.json")
    #expect(one.table.schema.names == ["a", "b_c"])
    #expect(one.table.rowCount == 1)
    let lines = try read("{\"a\": 1}\n{\"a\": 2}\n", name: "t.json")
    #expect(lines.texts("a") == ["1", "2"])
    #expect(try read("[]", name: "t.json").table.columns.isEmpty)
    #expect(try read("[{}, {}]", name: "t.json").table.rowCount == 2)
  }

  @Test func keepsTextsAndNumbersApart() throws {
    let r = try read(
      """
      [{"a": "1", "b": 1, "c": 1, "d": true, "e": 18446744073709551616, "f": "", "g": 5},
       {"a": "2", "b": 2.5, "c": "x", "d": 1, "e": 1, "f": "2024-01-01", "g": "007"}]
      """, name: "t.json")
    #expect(r.types == [.text, .number, .text, .text, .number, .date, .text])
    #expect(r.texts("c") == ["1", "x"])
    #expect(r.texts("d") == ["true", "1"])
    #expect(r.inferred[2].why == "text: line 2 has \"x\"")
    let forced = try read(
      "[{\"a\": \"1\"}, {\"a\": \"x\"}, {\"a\": 3}]", ReadOptions(types: ["a": .int]), name: "t.json")
    #expect(forced.texts("a") == ["1", "3"])
    #expect(forced.rejects.map(\.reason) == ["line 1, column a: \"x\" is not a whole number"])
    #expect(forced.rejects.map(\.raw) == ["{\"a\": \"x\"}"])
  }

  @Test func keepsLists() throws {
    let r = try read(
      """
      [{"l": [1, 2], "m": [7, "Seven"], "o": [{"x": 1}], "e": [], "n": [1, 2.5]},
       {"l": [], "m": null, "o": [], "e": [], "n": [3]}]
      """, name: "t.json")
    #expect(r.types == [.list(.int), .list(.unknown), .text, .list(.unknown), .list(.number)])
    #expect(r.table["l"]?[0] == .list([.int(1), .int(2)]))
    #expect(r.table["m"]?[0] == .list([.int(7), .text("Seven")]))
    #expect(r.texts("o") == ["[{\"x\": 1}]", "[]"])
    #expect(r.table["m"]?[1] == .null)
  }

  @Test func replacesHalfSurrogates() throws {
    let r = try read(
      #"[{"a": "\ud83d\ude00", "b": "x\ud83d", "c": "\ude00y", "d": "\ud83dA"}]"#, name: "t.json")
    #expect(r.table.row(0) == [.text("😀"), .text("x\u{FFFD}"), .text("\u{FFFD}y"), .text("\u{FFFD}A")])
  }

  @Test func namesCollidingKeys() throws {
    let r = try read("[{\"a_b\": 1, \"a\": {\"b\": 2}, \"c\": 1, \"c\": 3, \"\": 4}]", name: "t.json")
    #expect(r.table.schema.names == ["a_b", "a_b_2", "c", "column_4"])
    #expect(r.texts("c") == ["3"])
  }

  @Test(arguments: [
    ("[{\"a\": NaN}]", 1, 8), ("[{\"a\": -Infinity}]", 1, 8), ("[\n{\"a\": 1e999}]", 2, 7),
    ("[{\"a\": 01}]", 1, 8),
    ("[{\"a\": 1}", 1, 10), ("[{\"a\": 1},]", 1, 11), ("[{\"a\" 1}]", 1, 7), ("[{'a': 1}]", 1, 3),
    ("[{\"a\": \"x}]", 1, 8), ("[{\"a\": \"\\x\"}]", 1, 9), ("[{\"a\": \"\n\"}]", 1, 9),
    ("[{\"é\": tru}]", 1, 8),
    ("[{\"a\": 1}] x", 1, 12), ("[{\"a\": 1.}]", 1, 8), ("[{\"a\": -}]", 1, 8),
    ("[{\"a\": \"\\u12g4\"}]", 1, 9),
    ("{\"a\": 1", 1, 8), ("[{\"a\":}]", 1, 7),
  ]) func namesThePlaceOfAnError(_ text: String, _ line: Int, _ column: Int) {
    let error = failure { _ = try read(text, name: "t.json") }
    #expect(error?.line == line)
    #expect(
      error?.message.hasPrefix("t.json, line \(line), column \(column): ") == true,
      "\(error?.message ?? "none")")
  }

  @Test func limitsDepth() throws {
    func nested(_ depth: Int) -> String {
      "[{\"a\": " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}]"
    }
    #expect(try read(nested(510), name: "t.json").table.rowCount == 1)
    #expect(
      failure { _ = try read(nested(511), name: "t.json") }?.message.contains("nested deeper than 512")
        == true)
    #expect(failure { _ = try read(nested(1_000_000), name: "t.json") } != nil)
    let objects = String(repeating: "{\"a\":", count: 100_000)
    #expect(failure { _ = try read("[" + objects, name: "t.json") } != nil)
    #expect(failure { _ = try read(objects, name: "t.json") } != nil)
  }

  @Test func refusesWhatIsNoTable() {
    for text in ["1", "\"x\"", "null", "[1, 2]", "[[1]]", " "] {
      #expect(failure { _ = try read(text, name: "t.json") } != nil, "\(text)")
    }
    #expect(
      failure { _ = try read("[1]", name: "t.json") }?.message.hasSuffix(
        "is not a table: none of its items is an object; line 1: a number stands where an object should be")
        == true)
  }

  @Test func rejectsBadLines() throws {
    let r = try read(
      "{\"a\": 1}\n\n{\"a\": 2, \"b\": \n[1]\r\n{\"a\": 3, \"c\": 1e999}\n{\"a\": 4} x\n{\"a\": 5}",
      name: "t.jsonl")
    #expect(r.table.schema.names == ["a"])
    #expect(r.texts("a") == ["1", "5"])
    #expect(r.rejects.map(\.line) == [3, 4, 5, 6])
    #expect(r.rejects[1].reason == "line 4: column 1: a list stands where an object should be")
    #expect(r.rejects[1].raw == "[1]")
    #expect(r.rowsRead == 6)
    #expect(failure { _ = try read("[{\"a\": 1}]", name: "t.jsonl") }?.hint != nil)
    #expect(try read("{\"a\":1}\n{\"a\":2}\n", ReadOptions(limit: 1), name: "t.ndjson").table.rowCount == 1)
    let array = try read("[{\"a\": 1}, 5, {\"a\": 2}]", ReadOptions(limit: 1), name: "t.json")
    #expect(array.table.rowCount == 1)
  }

  @Test func readsManyKeys() throws {
    let keys = (0..<5000).map { "\"k\($0)\": \($0)" }
    let r = try read(
      "[{" + keys.joined(separator: ",") + "},{" + keys.reversed().joined(separator: ",") + "}]",
      name: "t.json")
    #expect(r.table.columns.count == 5000)
    #expect(r.texts("k4999") == ["4999", "4999"])
    let map = (0..<60_000).map { "{\"k\($0)\": 1}" }.joined(separator: "\n")
    #expect(failure { _ = try read(map, name: "t.jsonl") }?.message.contains("different keys") == true)
  }

  @Test func readsManyRows() throws {
    var text = "["
    for i in 0..<70_000 {
      text +=
        (i > 0 ? "," : "") + "{\"i\": \(i), \"t\": \(i == 69_000 ? "\"x\"" : "\(i)"), \"s\": \"k\(i % 7)\"}"
    }
    let r = try read(text + "]", name: "t.json")
    #expect(r.types == [.int, .text, .text])
    #expect(r.texts("t")[69_000] == "x")
    #expect(r.texts("t")[69_999] == "69999")
    #expect(r.texts("i")[66_000] == "66000")
    #expect(r.texts("s")[69_999] == "k6")
  }
}
