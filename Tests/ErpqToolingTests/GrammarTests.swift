import ErpqBase
import Foundation
import Testing

@testable import ErpqSyntax

/// grammar/erpq.ebnf against the parser: its examples, its names, its words.
@Suite struct GrammarTests {
  let text: String
  /// The productions without comments: name and right-hand side.
  let rules: [(name: String, body: String)]

  init() throws {
    text = try String(contentsOf: packageRoot.appendingPathComponent("grammar/erpq.ebnf"), encoding: .utf8)
    let code = text.replacing(#/\(\*.*?\*\)/#.dotMatchesNewlines(), with: "")
    rules = code.split(separator: #/;[ \t]*\n/#).compactMap { rule in
      guard let equals = rule.firstIndex(of: "=") else { return nil }
      return (
        rule[..<equals].trimmingCharacters(in: .whitespacesAndNewlines),
        String(rule[rule.index(after: equals)...])
      )
    }
  }

  /// What stands in quotes in a right-hand side.
  private func terminals(_ body: String) -> [String] {
    body.replacing(#/\?[^?']*\?/#, with: "").matches(of: #/'([^']+)'|"(.)"/#).compactMap {
      ($0.output.1 ?? $0.output.2).map(String.init)
    }
  }

  @Test func everyExampleParses() {
    let comments = text.matches(of: #/\(\*(.*?)\*\)/#.dotMatchesNewlines()).map { String($0.output.1) }
    let examples = comments.compactMap { comment in
      comment.firstMatch(of: #/(?:^| )e\.g\. (.*)/#.dotMatchesNewlines()).map {
        $0.output.1.trimmingCharacters(in: .whitespaces)
      }
    }
    #expect(examples.count > 110)
    for example in examples {
      let tree = Parser.parse(SourceText(example, name: "example"))
      #expect(tree.diagnostics.isEmpty, "\(example): \(tree.diagnostics.map(\.message))")
    }
  }

  @Test func everyRuleIsFollowedByAnExample() {
    let parts = text.split(separator: #/\n[a-zA-Z]+ +=/#).dropFirst()
    for (rule, part) in zip(rules, parts) where rule.name != "EOF" {
      #expect(part.contains("e.g. "), "\(rule.name) has no example")
    }
    #expect(parts.count == rules.count)
  }

  @Test func everyNameIsDefinedOnceAndUsed() {
    let defined = rules.map(\.name)
    #expect(Set(defined).count == defined.count)
    var used: Set<String> = ["program", "BLANK", "COMMENT", "HARD"]
    for rule in rules {
      let names = rule.body.replacing(#/'[^']+'|"."|\?[^?']*\?/#, with: " ").matches(of: #/[A-Za-z]+/#).map {
        String($0.output)
      }
      for name in names {
        used.insert(name)
        #expect(defined.contains(name), "\(rule.name) uses \(name)")
      }
    }
    #expect(Set(defined).subtracting(used) == [])
  }

  @Test func wordsAreTheParsersWords() throws {
    func words(_ rule: String) -> Set<String> {
      Set(
        rules.filter { $0.name == rule }.flatMap { terminals($0.body) }.filter { $0.allSatisfy(\.isLetter) })
    }
    #expect(words("HARD") == hardWords)
    #expect(words("kind") == Set(JoinWord.allCases.map(\.rawValue)))
    #expect(words("chart") == Set(ChartWord.allCases.map(\.rawValue)))
    #expect(words("format") == Set(FormatWord.allCases.map(\.rawValue)))
    #expect(words("UNIT") == Set(CalendarDuration.units.flatMap { [$0.suffix] + $0.long }))
    let first = { (rule: String) in
      rules.first { $0.name == rule }.map { terminals($0.body).first ?? "" } ?? ""
    }
    let stages =
      rules.first { $0.name == "stage" }?.body.matches(of: #/[a-z]+/#).map { String($0.output) } ?? []
    #expect(Set(stages.filter { $0 != "named" }.map(first)) == Set(stageWords))
    let starts = ["import", "param", "let", "def", "metric", "scenario"].map(first)
    let meta = ["explain", "profile", "use", "describe", "help"]
    #expect(Set(starts + meta) == Set(statementWords))
    #expect(words("meta") == Set(meta))

    // Every other word is one that the parser asks for by name, and the other way round.
    let lexical = ["UNIT", "EXPONENT", "ESCAPE", "HARD"]
    let grammar = Set(
      rules.filter { !lexical.contains($0.name) }.flatMap { terminals($0.body) }.filter {
        $0.allSatisfy(\.isLetter)
      })
    let folder = packageRoot.appendingPathComponent("Sources/ErpqSyntax/Parser")
    var asked: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where file.hasSuffix(".swift") {
      let code = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for match in code.matches(of: #/(?:acceptWord|atWord|expectWord|isWord)\((?:token, )?"([a-z]+)"/#) {
        asked.insert(String(match.output.1))
      }
    }
    let tables = hardWords.union(stageWords).union(statementWords).union(words("kind")).union(words("chart"))
      .union(words("format")).union(words("option")).union(["all", "any", "none"])
    #expect(grammar.subtracting(tables).subtracting(asked) == [], "words that the parser does not know")
    #expect(asked.union(tables).subtracting(grammar) == [], "words that the grammar does not know")
  }
}
