/// The releases of Odoo whose behaviour was recorded and is spoken.
public enum OdooVersion: Int, Sendable, CaseIterable {
  case v16 = 16
  case v19 = 19

  /// `16.0`.
  public var text: String { "\(rawValue).0" }

  /// What every probe for the version answers.
  var information: Wire { [.int(rawValue), 0, 0, "final", 0, ""] }

  /// HTTP's version in the status line: the threaded server of 16 speaks 1.0 and closes.
  var http: String { self == .v16 ? "HTTP/1.0" : "HTTP/1.1" }

  /// The name of the server software.
  var server: String {
    self == .v16 ? "Werkzeug/2.0.2 Python/3.10.13" : "Werkzeug/3.0.1 Python/3.12.1"
  }

  /// Number of characters of a session's id.
  var sessionLength: Int { self == .v16 ? 40 : 84 }
}
