import ErpqBase
import ErpqDiagnostics
import ErpqTables
import ErpqWarehouse
import Testing

@testable import ErpqEngine

@Suite struct RecordingTests {
  func record(_ text: String, _ options: SessionOptions = SessionOptions()) -> Recording {
    let sink = NotingSink(SilentSink())
    let session = Session(options, sink: sink)
    let recorder = Recorder(session, sink: sink, version: "test")
    _ = recorder.run(SourceText(text, name: "a script.erpq"))
    return recorder.finish()
  }

  @Test func aRecordingComesBackAsItWas() throws {
    var options = SessionOptions()
    options.today = CivilDate(iso: "2026-03-01")
    options.params = ["x": "1\n2", "y": ""]
    options.namedParams = ["y"]
    let made = record("[1, 2, 3]\n\"two\n  lines\"\ntoday", options)
    let read = try Recording(parsing: made.text, name: "r")
    #expect(read.text == made.text)
    #expect(read.params == options.params && read.namedParams == options.namedParams)
    #expect(read.today == made.today && read.now == made.now && read.units == made.units)
    let replay = Replay(read)
    let now = try replay.run(sink: SilentSink(), standardLibrary: [])
    #expect(replay.differences(now).isEmpty)
  }

  @Test func answersForParamsAreOnTheRecording() throws {
    let sink = NotingSink(SilentSink())
    let session = Session(SessionOptions(), sink: sink)
    var asked: [String] = []
    session.asksForParam = { param, problem in
      asked.append(param.name + (problem.map { ": " + $0 } ?? ""))
      return .text(param.name == "n" ? (problem == nil ? "three" : "3") : "Desks")
    }
    let recorder = Recorder(session, sink: sink, version: "test")
    let script = SourceText(
      "param n: int\nparam c: text\nparam d = 4\n[1, 2, 3, 4] | limit $n\n$c", name: "s")
    #expect(recorder.run(script) == .ok)
    #expect(asked == ["n", "n: a whole number is expected, such as 101", "c"])
    // An answer counts once.
    asked = []
    #expect(recorder.run(SourceText("param n: int = 2\n$n", name: "s")) == .ok)
    #expect(asked.isEmpty && session.answers.isEmpty)
    let made = recorder.finish()
    let read = try Recording(parsing: made.text, name: "r")
    #expect(read.units[0].answers == ["n": "3", "c": "Desks"] && read.units == made.units)
    #expect(read.units[1].results.contains("value int 2"))
    let replay = Replay(read)
    #expect(replay.differences(try replay.run(sink: SilentSink(), standardLibrary: [])).isEmpty)
  }

  @Test func aParamThatNobodyGivesEndsTheRun() {
    let session = Session(SessionOptions(), sink: SilentSink())
    session.asksForParam = { _, _ in .none }
    #expect(session.run(SourceText("param n: int\n$n", name: "s")) == .invalid)
    session.asksForParam = { _, _ in .interrupted }
    #expect(session.run(SourceText("param n: int\n$n", name: "s")) == .interrupted)
    // What was answered may not fit the statements.
    session.asksForParam = { _, _ in .text("-1") }
    #expect(session.run(SourceText("param n: int\n[1] | limit $n", name: "s")) != .ok)
  }

  @Test func whatDiffersIsTold() throws {
    var made = record("1 + 1\n[1, 2, 3] | where value > 1\nnow")
    let lines = made.units[0].results
    #expect(lines.contains("value int 2") && lines.contains("table of 2 rows"))
    made.units[0].results = lines.map { $0 == "value int 2" ? "value int 3" : $0 }
    made.units[0].outcome = 1
    let replay = Replay(made)
    let differences = replay.differences(try replay.run(sink: SilentSink(), standardLibrary: []))
    #expect(differences.count == 1)
    #expect(differences.first?.contains("- value int 3\n+ value int 2\n") == true)
    #expect(differences.first?.contains("exit code: 1 then, 0 now") == true)
  }

  @Test func theLastDigitsDoNotCount() {
    let a = Table([("x", Column(.number, values: [.number(0.1 + 0.2), .number(-0.0)]))])
    let b = Table([("x", Column(.number, values: [.number(0.3), .number(0)]))])
    #expect(NotingSink.lines(of: a) == NotingSink.lines(of: b))
    func long(_ last: Double) -> Table {
      Table([("x", Column(.number, .doubles([Double](repeating: 1, count: 5000) + [last])))])
    }
    #expect(NotingSink.lines(of: long(0.1 + 0.2)) == NotingSink.lines(of: long(0.3)))
    #expect(NotingSink.lines(of: long(0.31)) != NotingSink.lines(of: long(0.3)))
  }

  @Test func damagedRecordingsAreTold() throws {
    let text = record("[1, 2]").text
    for cut in stride(from: 0, to: text.utf8.count - 2, by: 7) {
      let part = String(decoding: Array(text.utf8)[..<cut], as: UTF8.self)
      #expect(throws: Diagnostic.self) { _ = try Recording(parsing: part, name: "r") }
    }
    #expect(throws: Diagnostic.self) {
      _ = try Recording(parsing: text.replacing("recording 1", with: "recording 2"), name: "r")
    }
  }

  @Test func factsThatAreNoFactsAreDamaged() throws {
    let table = Table([
      ("a", Column(.text, values: [.text("x"), .null, .text("日本")])),
      ("b", Column(.list(.int), values: [.list([.int(1), .null]), .null, .list([])])),
      ("c", Column(.money("EUR"), values: [.money(1.5, "EUR"), .null, .null])),
      ("d", Column(.period(.month), values: [.null, .null, .null])),
    ])
    var writer = ByteWriter()
    writer.table(table)
    var reader = ByteReader(writer.bytes)
    let read = try reader.table()
    #expect(reader.isAtEnd && read.schema == table.schema)
    for (a, b) in zip(read.columns, table.columns) { for row in 0..<3 { #expect(a[row] == b[row]) } }
    // No change of a byte may end the process.
    for i in writer.bytes.indices {
      for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
        var bytes = writer.bytes
        bytes[i] = value
        var reader = ByteReader(bytes)
        _ = try? reader.table()
      }
      var reader = ByteReader(Array(writer.bytes[..<i]))
      _ = try? reader.table()
    }
  }
}
