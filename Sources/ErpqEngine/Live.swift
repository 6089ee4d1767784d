import ErpqDiagnostics
import ErpqTables

/// A server whose records a statement can ask for, and whose health it can look at. Handed in from above, so that
/// the engine knows no protocol.
public protocol LiveSource: Sendable {
  /// The columns of a model's fields; all that a column can hold when none are named.
  func schema(model: String, fields: [String]) throws(Diagnostic) -> Schema
  /// Records of a model that fulfil the conditions, at most `limit` of them.
  func records(model: String, fields: [String], conditions: Value, order: String?, limit: Int) throws -> Table
  /// What was looked at (`check`), how it is (`status`: ok, warning or bad) and what was found (`detail`).
  func health() -> [(check: String, status: String, detail: String)]
}

/// What stands in where no connection was chosen.
struct NoServer: LiveSource {
  func schema(model: String, fields: [String]) throws(Diagnostic) -> Schema { throw NoServer.missing }

  func records(
    model: String, fields: [String], conditions: Value, order: String?, limit: Int
  ) throws -> Table { throw NoServer.missing }

  func health() -> [(check: String, status: String, detail: String)] {
    [("server", "ok", "no connection is in use; `erpq connect` makes one, --connection NAME names one")]
  }

  private static let missing = Diagnostic(
    .connection, "no connection to a server is in use", label: "",
    notes: ["`erpq connect` makes one, and `--connection NAME` names one"])
}
