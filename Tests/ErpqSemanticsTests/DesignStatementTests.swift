import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import ErpqTooling
import Foundation
import Testing

/// The statements of the design: what there is of the commands is clean, the rest is said to be missing.
@Suite struct DesignStatementTests {
  /// The beginnings of statements whose commands, parameters or stages do not exist yet. A line leaves this list when
  /// they do; a line that is clean although it is listed is no failure.
  static let pending = [
    // Training many models.
    "train model",
    // Policies, service levels and costs of replenishment; what-if.
    "replenish product 101", "replenish policy", "replenish lead_time", "replenish policies",
    "anomalies", "kpi", "dashboard", "health", "suppliers risk",
    // Running under scenarios.
    "replenish | scenarios",
    // The last wave.
    "cashflow", "customers churn", "dedup", "benford",
  ]

  @Test func onlyPendingStatementsHaveErrors() {
    let folder = Place.corpus + "/language/fixtures"
    let (session, _) = makeSession(folder: folder)
    let text = Place.text(Place.statements)
    let source = SourceText(text, name: folder + "/statements.erpq")
    let (tree, _, diagnostics) = session.check(source)
    #expect(tree.statements.count > 45)
    for diagnostic in diagnostics {
      guard let span = diagnostic.span, diagnostic.source === source,
        let statement = tree.statements.first(where: {
          $0.span.start <= span.start && span.start <= $0.span.end
        })
      else {
        Issue.record("\(diagnostic.message)")
        continue
      }
      let written = source.slice(statement.span)
      #expect(Self.pending.contains { written.hasPrefix($0) }, "\(written): \(diagnostic.message)")
      let codes: Set<DiagnosticCode> = [
        .unknownCommand, .unknownParameter, .unknownStage, .notBuiltYet, .unknownColumn,
        .outOfRange,
      ]
      #expect(codes.contains(diagnostic.code), "\(written): \(diagnostic.message)")
    }
  }

  @Test func theyParseWithoutErrors() {
    #expect(
      Parser.parse(SourceText(Place.text(Place.statements), name: "statements.erpq")).diagnostics.isEmpty)
  }
}

/// Whatever is cut from a statement, `check` answers and points into the text.
@Suite struct SurvivalTests {
  static let examples =
    Functions.all.flatMap { $0.examples.map(\.code) } + Commands.all.flatMap { $0.spec.examples.map(\.code) }
    + StageDocs.all.flatMap { $0.examples.map(\.code) } + Place.designStatements
    + CorpusCase.all(in: "language").filter { $0.files.isEmpty }.map(\.program)

  private func survives(_ text: String) {
    let (session, _) = makeSession()
    let source = SourceText(text, name: "case.erpq")
    for diagnostic in session.check(source).diagnostics {
      guard let span = diagnostic.span else { continue }
      let bytes = (diagnostic.source ?? source).bytes.count
      if !(span.start >= 0 && span.start <= span.end && span.end <= bytes) {
        Issue.record("\(diagnostic.message) at \(span) of: \(text)")
      }
      _ = CaretRenderer().render(diagnostic)
    }
  }

  @Test func prefixes() {
    for example in Self.examples {
      let bytes = Array(example.utf8)
      let step = bytes.count > 400 ? 7 : 1
      for end in stride(from: 0, to: bytes.count, by: step) {
        survives(String(decoding: bytes[..<end], as: UTF8.self))
      }
    }
  }

  @Test func withoutOneToken() {
    for example in Self.examples {
      let tree = Parser.parse(SourceText(example, name: "case.erpq"))
      for token in tree.tokens where token.span.length > 0 {
        var bytes = Array(example.utf8)
        bytes.removeSubrange(token.span.start..<token.span.end)
        survives(String(decoding: bytes, as: UTF8.self))
      }
    }
  }

  /// The formatter moves blanks, never the meaning: the same is found, and the same is said to be wrong.
  @Test func formattingKeepsTheMeaning() {
    for example in Self.examples {
      let tree = Parser.parse(SourceText(example, name: "case.erpq"))
      guard let formatted = Formatter.format(tree) else { continue }
      let before = makeSession().session.check(SourceText(example, name: "case.erpq"))
      let after = makeSession().session.check(SourceText(formatted, name: "case.erpq"))
      #expect(
        before.diagnostics.map(\.message) == after.diagnostics.map(\.message), "\(example)\n\(formatted)")
      #expect(before.diagnostics.map(\.code) == after.diagnostics.map(\.code))
      #expect(before.statements.count == after.statements.count, "\(example)\n\(formatted)")
      #expect(
        before.statements.map { String(describing: $0.schema) }
          == after.statements.map { String(describing: $0.schema) })
    }
  }
}

extension BoundStatement {
  /// The columns a statement gives, when it is a query.
  fileprivate var schema: Schema? {
    switch kind {
    case .query(let query), .assign(_, let query): query.schema
    default: nil
    }
  }
}
