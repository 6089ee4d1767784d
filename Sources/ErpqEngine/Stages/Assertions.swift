import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqSyntax
import ErpqTables

/// Ends a script at a failed assertion, which has been told already.
struct AssertionStop: Error {
  let diagnostic: Diagnostic
}

// `assert`.
extension Executor {
  /// Checks rows, or the table as a whole, and tells what breaks the assertion.
  mutating func assert(
    _ quantifier: Stage.Quantifier, _ test: Expression, _ message: Expression?, _ whole: Bool, _ table: Table,
    _ stage: BoundStage, _ text: SourceText
  ) throws {
    let evaluator = Evaluator(table: table, variables: values)
    var broken: [Int32] = []
    let holds: Bool
    if whole {
      holds = try evaluator.evaluate(test).firstValue == .bool(true)
    } else {
      let column = try evaluator.column(test)
      if table.rowCount == 0 {
        sink.warn(
          Diagnostic(.emptyAssertion, "this assertion saw no rows, so it says nothing", at: stage.span)
            .within(text))
        return
      }
      for row in 0..<table.rowCount {
        let isTrue = column[row] == .bool(true)
        switch quantifier {
        case .all: if !isTrue { broken.append(Int32(row)) }
        case .none: if isTrue { broken.append(Int32(row)) }
        case .any: if isTrue { broken = []; break }
        }
      }
      if quantifier == .any {
        holds = (0..<table.rowCount).contains { column[$0] == .bool(true) }
      } else {
        holds = broken.isEmpty
      }
    }
    guard !holds else { return }
    failedAssertions += 1
    var sentence = "assertion failed: " + text.slice(stage.span)
    if let message, case .text(let s) = try constant(message) { sentence = s }
    var notes: [String] = []
    if whole, table.rowCount > 0 { notes.append("judged once, on all \(counted(table.rowCount, "row"))") }
    if !broken.isEmpty {
      notes.append(
        "\(broken.count) of \(counted(table.rowCount, "row")) \(broken.count == 1 ? "breaks" : "break") it"
          + (broken.count > 10 ? ", the first 10 are:" : ":"))
    } else if quantifier == .any {
      notes.append("none of \(counted(table.rowCount, "row")) fulfils it")
    }
    let failure = Diagnostic(.assertionFailed, sentence, at: stage.span, notes: notes).within(text)
    sink.failedAssertion(failure, rows: broken.isEmpty ? nil : table.taking(Array(broken.prefix(10))))
    if assertionsStop { throw AssertionStop(diagnostic: failure) }
  }
}

extension Operand {
  fileprivate var firstValue: Value {
    switch self {
    case .scalar(let v): v
    case .column(let c): c.count > 0 ? c[0] : .null
    }
  }
}
