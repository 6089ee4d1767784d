import ErpqBase
import ErpqTooling
import Foundation
import Testing

@testable import ErpqSyntax

@Suite struct FormatterTests {
  @Test func keepsTokensCommentsAndMeaning() throws {
    for text in try allExamples() {
      for width in [100, 40, 10] {
        let tree = parse(text)
        #expect(tree.joined == text)
        guard let once = ErpqTooling.Formatter.format(tree, width: width) else {
          Issue.record("\(text.debugDescription): \(tree.diagnostics.map(\.message))")
          continue
        }
        let again = parse(once)
        let name = Testing.Comment(rawValue: "\(width): \(text.debugDescription)\n\(once)")
        #expect(again.diagnostics.filter { $0.severity == .error }.isEmpty, name)
        #expect(meaning(again) == meaning(tree), name)
        #expect(shape(again) == shape(tree), name)
        #expect(comments(again) == comments(tree), name)
        #expect(ErpqTooling.Formatter.format(again, width: width) == once, name)
        #expect(once.isEmpty || once.hasSuffix("\n") && !once.hasSuffix("\n\n"), name)
        #expect(
          !once.contains("\r") && !once.contains("\n\n\n")
            && (!once.contains(" \n") || once.hasPrefix("help")), name)
      }
    }
  }

  @Test func laysOutTheStandardLibrary() throws {
    let folder = packageRoot.appendingPathComponent("stdlib")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".erpq")
    }
    for file in files {
      let tree = parse(try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8))
      let once = try #require(ErpqTooling.Formatter.format(tree), "\(file)")
      #expect(shape(parse(once)) == shape(tree), "\(file)")
      #expect(meaning(parse(once)) == meaning(tree), "\(file)")
      #expect(comments(parse(once)) == comments(tree), "\(file)")
      #expect(ErpqTooling.Formatter.format(parse(once)) == once, "\(file)")
    }
  }

  @Test func refusesWhatHasErrors() {
    #expect(ErpqTooling.Formatter.format(parse("sales | where (x")) == nil)
    #expect(ErpqTooling.Formatter.format(parse("sales | where x == 1")) == "sales | where x == 1\n")
  }
}
