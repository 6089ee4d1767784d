import ErpqDiagnostics
import ErpqRendering
import ErpqTables

/// Where results go. The engine computes; what is printed, and how, is decided by whoever runs it.
public protocol ResultSink: AnyObject, Sendable {
  /// A statement's rows.
  func table(_ table: Table)
  /// A statement's single value.
  func value(_ value: Value)
  /// The same, with what is known of it.
  func value(_ value: Value, of field: Field)
  /// A picture in the middle or at the end of a pipeline.
  func picture(_ table: Table, _ spec: PlotSpec) throws(PlotError)
  /// Text that is a result: a plan, a page of help.
  func text(_ text: String)
  /// A remark that is no result.
  func note(_ text: String)
  /// A warning.
  func warn(_ diagnostic: Diagnostic)
  /// An error that ends the statement.
  func error(_ diagnostic: Diagnostic)
  /// A failed assertion with the rows that break it.
  func failedAssertion(_ diagnostic: Diagnostic, rows: Table?)
  /// Nobody reads the pipe any more that a file was written to.
  func readerLeft()
}

extension ResultSink {
  /// By default no one needs to know.
  public func readerLeft() {}
  /// By default only the value counts.
  public func value(_ value: Value, of field: Field) { self.value(value) }
}

/// A sink that shows nothing.
public final class SilentSink: ResultSink {
  /// The sink.
  public init() {}
  /// A table.
  public func table(_ table: Table) {}
  /// A single value.
  public func value(_ value: Value) {}
  /// A drawing.
  public func picture(_ table: Table, _ spec: PlotSpec) {}
  /// Text as it stands.
  public func text(_ text: String) {}
  /// A remark.
  public func note(_ text: String) {}
  /// A warning.
  public func warn(_ diagnostic: Diagnostic) {}
  /// An error.
  public func error(_ diagnostic: Diagnostic) {}
  /// A failed assertion and the rows that break it.
  public func failedAssertion(_ diagnostic: Diagnostic, rows: Table?) {}
}
