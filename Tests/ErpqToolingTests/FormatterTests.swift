import ErpqBase
import ErpqTooling
import Testing

@testable import ErpqSyntax

@Suite struct FormatterTests {
  @Test func keepsTokensCommentsAndMeaning() throws {
    for text in try allExamples() {
      for width in [100, 40, 10] {
        let tree = parse(text)
        #expect(tree.joined == text)
        guard let once = Formatter.format(tree, width: width) else {
          Issue.record("\(text.debugDescription): \(tree.diagnostics.map(\.message))")
          continue
        }
        let again = parse(once)
        let name = Comment(rawValue: "\(width): \(text.debugDescription)\n\(once)")
        #expect(again.diagnostics.filter { $0.severity == .error }.isEmpty, name)
        #expect(meaning(again) == meaning(tree), name)
        #expect(shape(again) == shape(tree), name)
        #expect(comments(again) == comments(tree), name)
        #expect(Formatter.format(again, width: width) == once, name)
        #expect(once.isEmpty || once.hasSuffix("\n") && !once.hasSuffix("\n\n"), name)
        #expect(!once.contains("\r") && !once.contains("\n\n\n") && (!once.contains(" \n") || once.hasPrefix("help")), name)
      }
    }
  }

  @Test func refusesWhatHasErrors() {
    #expect(Formatter.format(parse("sales | where (x")) == nil)
    #expect(Formatter.format(parse("sales | where x == 1")) == "sales | where x == 1\n")
  }
}
