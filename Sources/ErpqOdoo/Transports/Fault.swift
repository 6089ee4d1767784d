import ErpqBase

/// What a server said when a call failed, before it is told what that means.
struct Fault {
  /// The exception's name, such as `odoo.exceptions.AccessError`; empty when the protocol gives none.
  var name = ""
  /// The message.
  var message: String
  /// A traceback.
  var debug = ""
  /// XML-RPC's code: 1 application, 2 warning, 3 access denied, 4 access error.
  var code: Int64 = 0
  /// The HTTP status, where it tells something.
  var status = 200
}

extension Fault {
  /// A fault of XML-RPC. Code 1 carries a whole traceback, of which only the last exception is the message.
  init(xmlCode: Int64, text: String) {
    guard text.hasPrefix("Traceback") || xmlCode == 1 else {
      self.init(message: text, code: xmlCode)
      return
    }
    let (name, message) = Fault.lastException(text)
    self.init(name: name, message: message, debug: text, code: xmlCode)
  }

  /// The exception at the end of a Python traceback, whose message may go over several lines.
  private static func lastException(_ text: String) -> (name: String, message: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    // Frames are indented; the exception and what belongs to it is not.
    let start = lines.lastIndex { $0.hasPrefix("  ") || $0.hasPrefix("Traceback") }.map { $0 + 1 } ?? 0
    let last = start < lines.count ? lines[start...].joined(separator: "\n") : text
    guard let colon = last.firstIndex(of: ":") else { return ("", last) }
    let name = last[..<colon]
    guard !name.contains(" "), !name.isEmpty else { return ("", last) }
    return (String(name), String(last[last.index(after: colon)...].drop { $0 == " " }))
  }

  /// The `error` of JSON-RPC. Its code differs from version to version, so only 100 means something.
  init(json error: OdooValue) {
    let data = error["data"]
    self.init(
      name: data?["name"]?.text ?? "",
      message: data?["message"]?.text ?? error["message"]?.text ?? "an error without a message",
      debug: data?["debug"]?.text ?? "",
      code: 0, status: error["code"]?.int == 404 ? 404 : 200)
    if error["code"]?.int == 100 { name = "odoo.http.SessionExpiredException" }
  }

  /// The body of a failed JSON-2 call.
  init(json2 body: OdooValue, status: Int) {
    self.init(
      name: body["name"]?.text ?? "", message: body["message"]?.text ?? "an error without a message",
      debug: body["debug"]?.text ?? "", status: status)
  }

  /// What the fault means.
  ///
  /// - Parameters:
  ///   - call: what was called, for the message; empty for a sign-in.
  ///   - database: the database that was named.
  func error(_ call: String, database: String?) -> OdooError {
    let shown = firstParagraph(message)
    let short = name.split(separator: ".").last.map(String.init) ?? ""
    func make(_ kind: OdooError.Kind, _ text: String, _ advice: String = "") -> OdooError {
      OdooError(kind, text, advice: advice, details: debug)
    }
    let of = call.isEmpty ? "" : "\(call): "
    if message.contains("database \""), message.contains("does not exist") {
      return OdooError.noDatabase(database, details: debug)
    }
    switch short {
    case "SessionExpiredException": return make(.sessionExpired, "The session with the server has ended")
    case "AccessDenied": return make(.credentials, "The server refuses the login, password or key")
    case "AccessError": return make(.accessDenied, of + shown, Fault.rightsAdvice)
    case "MissingError": return make(.missingRecord, of + shown)
    default: break
    }
    if status == 401 {
      return make(
        .apiKey, "The server refuses the API key",
        "Make a new one under Preferences › Account Security; a password is no API key, and Odoo 19 lets keys live "
          + "for 90 days at most.")
    }
    if code == 3 || message == "Access Denied" {
      return make(.credentials, "The server refuses the login, password or key")
    }
    if code == 4 || status == 403 { return make(.accessDenied, of + shown, Fault.rightsAdvice) }
    if message.hasPrefix("Object "), message.hasSuffix("doesn't exist") {
      return make(.unknownModel, of + shown, Fault.moduleAdvice)
    }
    if message.hasPrefix("the model "), message.hasSuffix("does not exist") {
      return make(.unknownModel, of + shown, Fault.moduleAdvice)
    }
    // What /web/dataset/call_kw says up to 18: the name alone, in quotes or without.
    let unquoted = message.filter { $0 != "'" }
    if short == "KeyError", !unquoted.isEmpty, call.hasPrefix(unquoted + ".") {
      return make(.unknownModel, of + "the server has no model \(unquoted)", Fault.moduleAdvice)
    }
    if message.hasPrefix("The method ") && message.hasSuffix("does not exist")
      || short == "AttributeError" && message.hasPrefix("type object ")
    {
      return make(.unknownMethod, of + shown)
    }
    if message.hasPrefix("Invalid field ") { return make(.unknownField, of + shown) }
    if message.hasPrefix("Record does not exist") { return make(.missingRecord, of + shown) }
    if code == 2 || ["UserError", "ValidationError", "RedirectWarning"].contains(short) {
      return make(.refused, of + shown)
    }
    if status == 422 || short == "TypeError" && !message.contains("cannot marshal None") {
      return make(.wrongArguments, of + shown)
    }
    if short == "OverflowError" || message.contains("cannot marshal None") {
      return make(
        .server, of + shown, "XML-RPC cannot carry this value; use another transport (--transport jsonrpc).")
    }
    return make(.server, of + "the server failed: \(shown)")
  }

  private static let rightsAdvice = "Ask an administrator for read access, or sign in as another user."
  private static let moduleAdvice = "Its module is not installed, or the name is misspelt."

  /// The message up to the first empty line: what follows lists groups and jokes.
  private func firstParagraph(_ text: String) -> String {
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace), !lines.isEmpty { break }
      if !line.allSatisfy(\.isWhitespace) { lines.append(line) }
    }
    let joined = lines.joined(separator: " ")
    return joined.count > 400 ? String(joined.prefix(400)) + "…" : joined
  }
}

extension OdooError {
  /// The database is not there, or was not named.
  static func noDatabase(_ name: String?, known: [String] = [], details: String = "") -> OdooError {
    let near = name.map { nearest(to: $0, among: known) } ?? []
    let listed = near.isEmpty ? known.prefix(8).joined(separator: ", ") : near.joined(separator: ", ")
    let advice =
      !near.isEmpty
      ? "Did you mean \(listed)?"
      : known.isEmpty
        ? "Name the database with --database or ODOO_DB; on Odoo's own cloud it is the first part of the host name."
        : "The server has \(listed); name one with --database or ODOO_DB."
    return OdooError(
      .database,
      name.map { "The server has no database \"\($0)\"" } ?? "The server did not choose a database by itself",
      advice: advice, details: details)
  }

  /// An answer of a status and type that no call has.
  static func strange(_ response: HTTPResponse, address: String, path: String) -> OdooError {
    let host = ServerAddress.host(of: address)
    if (300..<400).contains(response.status) {
      let target = response.header("Location").map { String($0.prefix(120)) } ?? "another address"
      return OdooError(
        .redirected,
        "\(host) sends \(path) on to \(target.contains("?") ? String(target.prefix { $0 != "?" }) : target)",
        advice: "Use the address it names as the URL, if you trust it; erpq does not follow by itself.")
    }
    if response.status == 404 {
      return OdooError(
        .notOdoo, "\(host) has no \(path)",
        advice: "See whether the URL is that of an Odoo server, and its version offers this transport.")
    }
    return OdooError(
      .badAnswer, "\(host) answered \(path) with status \(response.status) and no data",
      details: String(response.body.text.prefix(2000)))
  }

  /// An answer that breaks off or is not of its format.
  static func unreadable(_ failure: WireFailure, _ call: String) -> OdooError {
    OdooError(
      .badAnswer, "The answer to \(call) cannot be read: byte \(failure.offset): \(failure.message)",
      advice: "Try again; if it stays so, try another transport.")
  }
}

extension HTTPExchanger {
  /// Asks, and reads an answer of Odoo's own, which has a type and the status 200 even where it tells of an error.
  func post<Value>(
    _ request: HTTPRequest, type: String, call: String, read: (ResponseBody) throws -> Value
  ) throws -> (response: HTTPResponse, value: Value) {
    let response = try exchange(request)
    guard response.status == 200, response.isType(type) else {
      throw OdooError.strange(response, address: address, path: request.path)
    }
    do {
      return (response, try read(response.body))
    } catch let failure as WireFailure {
      throw OdooError.unreadable(failure, call.isEmpty ? request.path : call)
    }
  }
}
