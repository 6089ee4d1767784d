import Foundation
import Testing

@testable import ErpqShell

@Suite struct PagerTests {
  @Test func theProgramIsTheUsersChoice() {
    func command(_ environment: [String: String]) -> String? {
      Pager(environment: environment.merging(["TERM": "xterm"]) { a, _ in a }).command
    }
    #expect(command([:]) == "less -RFX")
    #expect(command(["PAGER": "most"]) == "most")
    #expect(command(["PAGER": "most", "ERPQ_PAGER": "off"]) == nil)
    #expect(command(["ERPQ_PAGER": "cat"]) == nil && command(["PAGER": " "]) == nil)
    #expect(command(["TERM": "dumb"]) == nil && command(["TERM": ""]) == nil)
  }

  @Test func screenLinesAreCountedAsTheTerminalFoldsThem() {
    #expect(Pager.screenLines("a\nb\n", width: 10) == 2)
    #expect(Pager.screenLines("", width: 10) == 1)
    #expect(Pager.screenLines(String(repeating: "x", count: 21) + "\n", width: 10) == 3)
    #expect(Pager.screenLines(String(repeating: "机", count: 6) + "\n", width: 10) == 2)
    #expect(
      Pager.screenLines("\u{1B}[1;31m" + String(repeating: "x", count: 10) + "\u{1B}[0m\n", width: 10) == 1)
  }

  @Test func aPagerThatIsMissingOrLeavesEarlyDoesNoHarm() throws {
    let file = NSTemporaryDirectory() + "erpq-pager-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    func pager(_ command: String) -> Pager {
      Pager(environment: ["TERM": "xterm", "PAGER": command, "PATH": "/usr/bin:/bin"])
    }
    #expect(!pager("erpq-no-such-pager 2>/dev/null").show("text\n"))
    #expect(pager("cat >'\(file)'").show("text\n"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "text\n")
    #expect(pager("true").show(String(repeating: "line\n", count: 100_000)))
  }
}
