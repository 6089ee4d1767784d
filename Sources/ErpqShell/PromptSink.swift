import ErpqDiagnostics
import ErpqEngine
import ErpqRendering
import ErpqTables
import Synchronization

/// Passes results on to the terminal and keeps what the prompt may be asked for afterwards: the last picture, and the
/// fix of the last error.
public final class PromptSink: ResultSink {
  private struct State {
    var picture: (Table, PlotSpec)?
    var fix: Fix?
    var rows: Int?
  }

  private let inner: TerminalSink
  private let state = Mutex(State())

  /// A sink before the terminal's.
  public init(_ inner: TerminalSink) { self.inner = inner }

  /// The last picture.
  var picture: (Table, PlotSpec)? { state.withLock { $0.picture } }
  /// The fix of the first error of the last statement that has one.
  var fix: Fix? { state.withLock { $0.fix } }
  /// The rows of the last statement's last table.
  var rows: Int? { state.withLock { $0.rows } }

  /// Before a statement.
  func begin() {
    state.withLock {
      $0.fix = nil
      $0.rows = nil
    }
  }

  /// A table.
  public func table(_ table: Table) {
    state.withLock { $0.rows = table.rowCount }
    inner.table(table)
  }
  /// A single value.
  public func value(_ value: Value) { inner.value(value) }
  /// A single value and what is known of it.
  public func value(_ value: Value, of field: Field) { inner.value(value, of: field) }
  /// A drawing.
  public func picture(_ table: Table, _ spec: PlotSpec) throws(PlotError) {
    state.withLock { $0.picture = (table, spec) }
    try inner.picture(table, spec)
  }
  /// Text as it stands.
  public func text(_ text: String) { inner.text(text) }
  /// A remark.
  public func note(_ text: String) { inner.note(text) }
  /// A warning.
  public func warn(_ diagnostic: Diagnostic) { inner.warn(diagnostic) }
  /// An error.
  public func error(_ diagnostic: Diagnostic) {
    // Only a fix of the statement itself can be put into the line; a module's is elsewhere.
    if diagnostic.source == nil || diagnostic.source?.name == "prompt" {
      state.withLock { $0.fix = $0.fix ?? diagnostic.fixes.first }
    }
    inner.error(diagnostic)
  }
  /// Nobody reads any more.
  public func readerLeft() { inner.readerLeft() }
  /// A failed assertion and the rows that break it.
  public func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) {
    inner.failedAssertion(diagnostic, rows: rows)
  }
}
