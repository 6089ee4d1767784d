/// A call that failed, told in the words of each protocol by the routes.
struct OdooFault: Error {
  /// Python's classes of exceptions, with what the protocols make of them.
  enum Kind: String {
    case user = "odoo.exceptions.UserError"
    case missing = "odoo.exceptions.MissingError"
    case access = "odoo.exceptions.AccessError"
    case denied = "odoo.exceptions.AccessDenied"
    case sessionExpired = "odoo.http.SessionExpiredException"
    case value = "builtins.ValueError"
    case type = "builtins.TypeError"
    case key = "builtins.KeyError"
    case attribute = "builtins.AttributeError"
    case assertion = "builtins.AssertionError"
    case overflow = "builtins.OverflowError"
    case exception = "builtins.Exception"
    case expat = "xml.parsers.expat.ExpatError"
    case operational = "psycopg2.OperationalError"
    case outOfRange = "psycopg2.errors.NumericValueOutOfRange"
    case badDate = "psycopg2.errors.DatetimeFieldOverflow"
    case notFound = "werkzeug.exceptions.NotFound"
    case unauthorized = "werkzeug.exceptions.Unauthorized"
    case badRequest = "werkzeug.exceptions.BadRequest"
    case unprocessable = "werkzeug.exceptions.UnprocessableEntity"

    /// HTTP's status in JSON-2.
    var status: Int {
      switch self {
      case .user, .unprocessable: 422
      case .missing, .notFound: 404
      case .access: 403
      case .denied, .unauthorized: 401
      case .sessionExpired: 403
      case .badRequest: 400
      default: 500
      }
    }

    /// The code of an XML-RPC fault.
    var faultCode: Int {
      switch self {
      case .user, .missing: 2
      case .denied: 3
      case .access: 4
      default: 1
      }
    }
  }

  let kind: Kind
  let message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The last line of the traceback.
  var lastLine: String {
    let name =
      kind.rawValue.hasPrefix("builtins.")
      ? String(kind.rawValue.dropFirst("builtins.".count)) : kind.rawValue
    switch kind {
    case .key: return "KeyError: \(pythonText(.text(message)))"
    case .notFound, .unauthorized, .badRequest, .unprocessable:
      return "\(name): \(kind.status) \(HTTPStatus.title(kind.status)): \(message)"
    default: return message.isEmpty ? name : "\(name): \(message)"
    }
  }

  /// A traceback whose frames are left out.
  var traceback: String {
    let line = lastLine
    return """
      Traceback (most recent call last):
        File "/opt/odoo/odoo/http.py", line 2100, in _transactioning
          (source line removed)
      \(line)\(line.hasSuffix("\n") ? "" : "\n")
      """
  }
}
