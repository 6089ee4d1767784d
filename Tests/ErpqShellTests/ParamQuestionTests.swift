import ErpqBase
import ErpqEngine
import ErpqSemantics
import ErpqTables
import Foundation
import Testing

@testable import ErpqShell

@Suite struct ParamQuestionTests {
  func param(_ name: String, _ type: ValueType, doc: String = "") -> Environment.ParamInfo {
    let session = Session(SessionOptions(), sink: SilentSink())
    let source = SourceText(
      (doc.isEmpty ? "" : "## \(doc)\n") + "param \(name): \(type.description)", name: "t")
    return session.parameters(of: source)[0]
  }

  @Test func theQuestionSaysWhatIsWanted() {
    let days = ParamQuestion.text(param("days", .int, doc: "How far back."), nil)
    #expect(days.above == "days: How far back. (a whole number, such as 101)\n")
    #expect(days.prompt == "days: ")
    #expect(ParamQuestion.text(param("on", .bool), nil).above == "on: true or false\n")
    #expect(ParamQuestion.text(param("name", .text), nil).above == "name: a text\n")
    let again = ParamQuestion.text(param("day", .date), "a date is expected, such as 2026-01-31")
    #expect(again.above == "a date is expected, such as 2026-01-31\n")
  }

  @Test func columnsThatComeTooLateAreThereForTheNextKey() throws {
    let host = PatientHost(inner: SlowHost(), memory: PatientHost.Memory())
    let start = Date()
    #expect(try host.fileSchema("a.csv", BoundArguments()) == .unknown)
    #expect(try host.fileSchema("a.csv", BoundArguments()) == .unknown)
    #expect(Date().timeIntervalSince(start) < 0.25)
    var found = Schema.unknown
    for _ in 0..<100 where found == .unknown {
      usleep(20_000)
      found = try host.fileSchema("a.csv", BoundArguments())
    }
    #expect(found.names == ["late"])
    #expect(try host.serverSchema("res.partner", fields: [], BoundArguments()).names == ["soon"])
  }

  private struct SlowHost: BindingHost {
    var today: CivilDate { CivilDate(day: 0) }
    var now: Instant { Instant(microseconds: 0) }
    var currency: String? { nil }
    func fileSchema(_ path: String, _ arguments: BoundArguments) -> Schema {
      usleep(300_000)
      return Schema([Field("late", .int)])
    }
    func serverSchema(_ model: String, fields: [String], _ arguments: BoundArguments) -> Schema {
      Schema([Field("soon", .int)])
    }
    func module(_ path: String, from: String) -> SourceText { SourceText("", name: path) }
  }
}
