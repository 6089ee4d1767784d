/// A request as it was read from the line.
struct HTTPRequest: Sendable {
  var method: String
  /// Path and query as sent.
  var target: String
  /// Names in small letters.
  var headers: [(name: String, value: String)]
  var body: [UInt8]

  var path: String { String(target.prefix { $0 != "?" }) }

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The value of a cookie.
  func cookie(_ name: String) -> String? {
    for (header, value) in headers where header == "cookie" {
      for part in value.split(separator: ";") {
        let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
        if pair.count == 2, pair[0] == name { return String(pair[1]) }
      }
    }
    return nil
  }
}

/// A response before it goes onto the line.
struct HTTPResponse: Sendable {
  var status: Int
  var contentType: String
  /// Further headers in their order.
  var headers: [(name: String, value: String)] = []
  var body: [UInt8]

  init(_ status: Int, _ contentType: String, _ body: [UInt8], headers: [(name: String, value: String)] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.headers = headers
  }

  static func html(
    _ status: Int, _ text: String, headers: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(status, "text/html; charset=utf-8", Array(text.utf8), headers: headers)
  }

  static func json(
    _ status: Int, _ value: Wire, headers: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(status, "application/json; charset=utf-8", JSONText.bytes(value), headers: headers)
  }

  /// The head as the server of that version writes it.
  func head(_ version: OdooVersion, date: String, keepsAlive: Bool) -> [UInt8] {
    var lines = ["\(version.http) \(status) \(HTTPStatus.title(status).uppercased())"]
    let content = ["Content-Type: \(contentType)", "Content-Length: \(body.count)"]
    let more = headers.map { "\($0.name): \($0.value)" }
    let server = ["Server: \(version.server)", "Date: \(date)"]
    if version == .v16 {
      lines += content + more + server
    } else {
      lines += server + content + more + ["X-Content-Type-Options: nosniff"]
      lines.append("Connection: \(keepsAlive ? "keep-alive" : "close")")
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }
}

/// Titles of HTTP's status codes.
enum HTTPStatus {
  static func title(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 303: "See Other"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 411: "Length Required"
    case 413: "Request Entity Too Large"
    case 415: "Unsupported Media Type"
    case 422: "Unprocessable Entity"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    default: "Status \(status)"
    }
  }
}
