import ErpqDiagnostics
import ErpqRendering
import ErpqSemantics
import ErpqSyntax
import ErpqTables
import Synchronization

/// What a cell showed.
public enum CellOutput: Sendable {
  case table(Table)
  case value(Value)
  case picture(Table, PlotSpec)
  case text(String)
  case note(String)
  case warning(Diagnostic)
  case error(Diagnostic, rows: Table?)
}

/// A sink that keeps what is shown, in order.
public final class CollectingSink: ResultSink {
  private let kept = Mutex<[CellOutput]>([])

  /// Nothing yet.
  public init() {}

  /// What was shown since the last call.
  public func take() -> [CellOutput] {
    kept.withLock { list in
      defer { list = [] }
      return list
    }
  }

  private func keep(_ output: CellOutput) { kept.withLock { $0.append(output) } }
  /// Keeps rows.
  public func table(_ table: Table) { keep(.table(table)) }
  /// Keeps a value.
  public func value(_ value: Value) { keep(.value(value)) }
  /// Keeps a picture.
  public func picture(_ table: Table, _ spec: PlotSpec) { keep(.picture(table, spec)) }
  /// Keeps a text.
  public func text(_ text: String) { keep(.text(text)) }
  /// Keeps a remark.
  public func note(_ text: String) { keep(.note(text)) }
  /// Keeps a warning.
  public func warn(_ diagnostic: Diagnostic) { keep(.warning(diagnostic)) }
  /// Keeps an error.
  public func error(_ diagnostic: Diagnostic) { keep(.error(diagnostic, rows: nil)) }
  /// Keeps a failed assertion with its rows.
  public func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) { keep(.error(diagnostic, rows: rows)) }
}

/// A cell as it was checked.
public struct CheckedCell: Sendable {
  /// The cell.
  public var cell: Notebook.Cell
  /// Its statements.
  public var tree: SyntaxTree
  /// What is wrong with it.
  public var diagnostics: [Diagnostic]
  /// What is declared before it.
  public var before: Environment
  /// What is declared behind it.
  public var after: Environment
}

extension Notebook {
  /// Checks the cells one after the other, each knowing what the ones before declare; nothing runs.
  public func check(_ session: Session) -> [CheckedCell] {
    var environment = session.environment
    environment.isInteractive = true
    return cells.map { cell in
      let (tree, _, diagnostics, after) = session.check(cell.source, after: environment)
      defer { environment = after }
      return CheckedCell(cell: cell, tree: tree, diagnostics: diagnostics, before: environment, after: after)
    }
  }

  /// Runs the cells one after the other in a session whose sink is `sink`. A cell that fails does not stop the others,
  /// except when the run is interrupted.
  ///
  /// - Parameter each: takes every piece with what it showed (nothing for Markdown).
  /// - Returns: the worst outcome of the cells.
  public func run(
    in session: Session, _ sink: CollectingSink, each: (Piece, [CellOutput]) throws -> Void
  ) rethrows -> RunOutcome {
    var worst = RunOutcome.ok
    for piece in pieces {
      guard case .cell(let cell) = piece else {
        try each(piece, [])
        continue
      }
      let outcome = session.run(cell.source)
      let shown = sink.take()
      try each(piece, cell.isQuiet ? shown.filter { if case .error = $0 { true } else { false } } : shown)
      if outcome == .interrupted { return outcome }
      if outcome.rawValue > worst.rawValue { worst = outcome }
    }
    return worst
  }

  /// The Markdown as it reads in a terminal: headings in capitals, the rest as it stands.
  static func plain(_ markdown: String) -> String {
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      heading(line).map { $0.0 <= 2 ? $0.1.uppercased() : $0.1 } ?? String(line)
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
