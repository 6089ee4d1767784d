import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqSemantics
import ErpqStandardLibrary
import ErpqSyntax
import ErpqTables
import Testing

/// Every example that a declaration shows does what it says.
@Suite struct ExampleTests {
  struct Shown: CustomTestStringConvertible, Sendable {
    var code: String
    var result: String
    var testDescription: String { code }
  }

  static let functions = Functions.all.flatMap { spec in
    spec.examples.map { Shown(code: $0.code, result: $0.result) }
  }

  /// An empty result is the null that prints as nothing.
  @Test(arguments: functions) func functionExample(_ shown: Shown) {
    let found = result(of: shown.code)
    #expect(found == shown.result || (shown.result.isEmpty && found == "null"))
  }

  @Test func everyFunctionHasAnExample() {
    for spec in Functions.all { #expect(!spec.examples.isEmpty, "\(spec.name)") }
  }

  /// `## > code` and what the line behind it says, of every definition of the standard library.
  static let definitions: [Shown] = StandardLibrary.files.flatMap { file in
    var list: [Shown] = []
    var isBehindExample = false
    for line in file.text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## > ") {
        list.append(Shown(code: String(line.dropFirst(5)), result: ""))
      } else if isBehindExample, line.hasPrefix("## ") {
        list[list.count - 1].result = String(line.dropFirst(3))
      }
      isBehindExample = line.hasPrefix("## > ")
    }
    return list
  }

  @Test(arguments: definitions) func definitionExample(_ shown: Shown) {
    let (session, _) = makeSession()
    let found = session.check(SourceText(shown.code, name: "example")).diagnostics
    #expect(found.isEmpty, "\(found.map(\.message))")
    if !shown.result.isEmpty { #expect(result(of: shown.code) == shown.result) }
  }

  @Test func everyDefinitionHasAnExample() {
    for file in StandardLibrary.files {
      let tree = Parser.parse(SourceText(file.text, name: file.name))
      #expect(tree.diagnostics.isEmpty)
      for case .define(let definition) in tree.statements.map(\.kind) {
        let statement = tree.statements.first { $0.kind.name == definition.name.text }
        #expect(statement?.doc.contains("> ") == true, "\(definition.name.text) has no example")
      }
    }
  }

  static let commands = Commands.all.flatMap { command in
    command.spec.examples.filter { !$0.needsServer }.map { Shown(code: $0.code, result: "") }
  }

  @Test(arguments: commands) func commandExampleIsClean(_ shown: Shown) {
    let (session, _) = makeSession()
    let found = session.check(SourceText(shown.code, name: "example")).diagnostics
    #expect(found.isEmpty, "\(found.map(\.message))")
  }

  static let stages = StageDocs.all.flatMap { stage in stage.examples.map { Shown(code: $0.code, result: "") }
  }

  @Test(arguments: stages) func stageExampleIsClean(_ shown: Shown) {
    let (session, _) = makeSession()
    let found = session.check(SourceText(shown.code, name: "example")).diagnostics
    #expect(found.isEmpty, "\(found.map(\.message))")
  }
}

extension Statement.Kind {
  fileprivate var name: String? { if case .define(let d) = self { d.name.text } else { nil } }
}
