import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqSemantics
import ErpqSyntax
import Foundation
import Testing

/// What the corpus of errors promises as a whole.
@Suite struct ErrorCorpusTests {
  static let errors = CorpusCase.all(in: "errors")
  static let everything = errors + ["language", "stages"].flatMap { CorpusCase.all(in: $0) }

  @Test func corpusIsThere() { #expect(Self.errors.count > 100) }

  /// Codes that no script brings about by itself: someone has to press Ctrl-C, or the company has to be odd.
  static let outOfReach: Set<DiagnosticCode> = [.interrupted, .noCompany, .ambiguousRecord, .server]

  @Test(arguments: DiagnosticCode.allCases) func codeHasAPage(_ code: DiagnosticCode) {
    let page = Explanations.page(code.rawValue)
    let lines = page.split(separator: "\n").map(String.init)
    #expect(lines.count >= 2 && lines[0].count > code.rawValue.count + 2, "\(page)")
    #expect(lines.dropFirst().contains { $0.trimmingCharacters(in: .whitespaces).count > 10 }, "\(page)")
  }

  @Test(arguments: DiagnosticCode.allCases) func codeIsInTheCorpus(_ code: DiagnosticCode) {
    let isShown = Self.errors.contains { $0.err.contains("[" + code.rawValue + "]") }
    #expect(isShown != Self.outOfReach.contains(code), "\(code.rawValue)")
  }

  /// Words of the workshop. A user has never heard them.
  static let inside = [
    "binder", "bound", "schema", "token", "ast", "nil", "kernel", "enum", "lexer", "parser", "tree",
    "executor",
    "diagnostic", "optional", "struct", "null pointer", "expr", "literal", "operand", "identifier",
    "syntax error",
    "unexpected token", "invalid", "illegal", "failed to", "exception", "node", "stack", "scalar", "tuple",
    "cast",
    "arity", "lvalue", "eof", "internal", "unsupported", "runtime", "utf8view", "errno",
  ]

  /// The sentences of what was printed: not the quoted lines of the script nor the rows of tables.
  static func sentences(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { line in
      line.hasPrefix("error[") || line.hasPrefix("warning[") || line.contains("^")
        || line.trimmed.hasPrefix("= ")
    }
  }

  @Test(arguments: everything) func wordsOfTheWorkshop(_ shown: CorpusCase) {
    for line in Self.sentences(shown.err) {
      // What stands in backticks or quotes is the user's own.
      var spoken = ""
      var isQuoted = false
      for character in line.lowercased() {
        if character == "`" || character == "\"" {
          isQuoted.toggle()
        } else if !isQuoted {
          spoken.append(character)
        }
      }
      let words = spoken.split { !$0.isLetter && $0 != "_" }.map(String.init)
      for word in Self.inside {
        let isThere = word.contains(" ") ? spoken.contains(word) : words.contains(word)
        #expect(!isThere, "“\(word)” in: \(line)")
      }
    }
  }

  /// The catalogue speaks to users as well.
  @Test(arguments: DiagnosticCode.allCases) func wordsOfTheCatalogue(_ code: DiagnosticCode) {
    let words = Explanations.page(code.rawValue).lowercased().split { !$0.isLetter }.map(String.init)
    for word in Self.inside { #expect(!words.contains(word), "“\(word)” in \(code.rawValue)") }
  }

  @Test(arguments: everything) func atMostTwenty(_ shown: CorpusCase) {
    let count = shown.err.split(separator: "\n").filter { $0.hasPrefix("error[") || $0.hasPrefix("warning[") }
      .count
    #expect(count <= 20)
  }

  /// Cases that `check` sees whole: their own file alone.
  static let checkable = errors.filter { $0.run == nil && $0.files.isEmpty }

  @Test(arguments: checkable) func spansLieInTheText(_ shown: CorpusCase) {
    let (session, _) = makeSession()
    for diagnostic in session.check(SourceText(shown.program, name: "case.erpq")).diagnostics {
      guard let span = diagnostic.span, let source = diagnostic.source else { continue }
      #expect(span.start >= 0 && span.start <= span.end && span.end <= source.bytes.count)
      #expect(!diagnostic.message.isEmpty && !diagnostic.message.hasSuffix("."))
      for fix in diagnostic.fixes {
        for edit in fix.edits {
          #expect(
            edit.span.start >= 0 && edit.span.start <= edit.span.end && edit.span.end <= source.bytes.count)
        }
      }
    }
  }

  /// A fix removes the error that offers it.
  @Test(arguments: checkable) func fixRemovesItsError(_ shown: CorpusCase) {
    let (session, _) = makeSession()
    let found = session.check(SourceText(shown.program, name: "case.erpq")).diagnostics
    func same(_ a: Diagnostic, _ list: [Diagnostic]) -> Int {
      list.filter { $0.code == a.code && $0.message == a.message }.count
    }
    for diagnostic in found {
      for fix in diagnostic.fixes {
        let fixed = fix.applied(to: shown.program)
        let (again, _) = makeSession()
        let left = again.check(SourceText(fixed, name: "case.erpq")).diagnostics
        #expect(
          same(diagnostic, left) < same(diagnostic, found), "\(fix.title): \(fixed)\n\(left.map(\.message))")
      }
    }
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
