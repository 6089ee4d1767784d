import ErpqBase

/// Which of Odoo's protocols a request speaks.
public enum OdooTransport: String, Sendable, CaseIterable {
  case json2, jsonrpc, web, xmlrpc
}

/// A request that has been understood: what it asks, and how it is answered.
struct RoutedRequest {
  var transport: OdooTransport?
  var database: String?
  var service: String?
  var user: Int?
  var model: String?
  /// The method of the model, or of the service.
  var method: String?
  var arguments: [Wire] = []
  var keywords = WireRecord()
  let answer: () -> HTTPResponse

  init(_ answer: @escaping () -> HTTPResponse) { self.answer = answer }
}

/// Finds out what a request asks, and answers it.
struct Router: Sendable {
  let world: OdooWorld
  /// All databases of the server; only the world's can be used.
  let databases: [String]
  let sessions: Sessions
  var version: OdooVersion { world.version }
  var isSingle: Bool { databases.count == 1 }
  var runner: CallRunner { CallRunner(world: world) }

  func route(_ request: HTTPRequest) -> RoutedRequest {
    let path = request.path
    if path.hasPrefix("/xmlrpc/"), request.method == "POST" { return xmlrpc(request) }
    if path == "/jsonrpc", request.method == "POST" { return jsonrpc(request) }
    if path.hasPrefix("/json/2/") || path == "/json/2" { return json2(request) }
    if version == .v19, path == "/json/version" || path == "/web/version", request.method == "GET" {
      return version(request)
    }
    if path.hasPrefix("/web/"), request.method == "POST" { return web(request) }
    return unknown(request)
  }

  /// A path that nobody answers: the website's page where there is a database, the bare one where not.
  func unknown(_ request: HTTPRequest) -> RoutedRequest {
    RoutedRequest { [self] in
      if isSingle || sessions.user(of: request.cookie("session_id")) != nil {
        return HTTPResponse(
          404, "text/html;charset=utf-8", Array(Pages.websiteNotFound.utf8),
          headers: [("Set-Cookie", "frontend_lang=en_US; Path=/")])
      }
      return .html(404, Pages.notFound(version))
    }
  }

  private func version(_ request: HTTPRequest) -> RoutedRequest {
    var routed = RoutedRequest { [self] in
      .json(
        200, ["version_info": version.information, "version": .text(version.text)],
        headers: [cookie(request.cookie("session_id") ?? sessions.open(for: nil))])
    }
    routed.method = "version"
    return routed
  }

  /// The header that sets a session.
  func cookie(_ id: String) -> (name: String, value: String) {
    let days = version == .v16 ? 7.0 : 365
    let expires = HTTPDate.text(
      Instant(microseconds: world.clock.now.microseconds + Int64(days * 86_400_000_000)))
    return ("Set-Cookie", "session_id=\(id); Expires=\(expires); Max-Age=604800; HttpOnly; Path=/")
  }

  // MARK: services

  /// The services behind `/jsonrpc` and `/xmlrpc`.
  func dispatch(service: String, method: String, _ arguments: [Wire]) throws(OdooFault) -> Wire {
    switch (service, method) {
    case ("common", "version"), ("common", "about"):
      return [
        "server_version": .text(version.text), "server_version_info": version.information,
        "server_serie": .text(version.text), "protocol_version": 1,
      ]
    case ("common", "authenticate"), ("common", "login"):
      try checkDatabase(arguments.first)
      guard let login = arguments[safe: 1]?.text, let password = arguments[safe: 2]?.text,
        let user = world.snapshot.user(login: login), opens(user, password)
      else { return .bool(false) }
      return .int(user.id)
    case ("db", "server_version"): return .text(version.text)
    case ("db", "list"): return .list(databases.map { .text($0) })
    case ("object", "execute_kw"), ("object", "execute"):
      try checkDatabase(arguments.first)
      guard let uid = arguments[safe: 1]?.int, let password = arguments[safe: 2]?.text,
        let model = arguments[safe: 3]?.text, let name = arguments[safe: 4]?.text
      else { throw OdooFault(.denied, "Access Denied") }
      guard let user = world.snapshot.user(uid) else {
        throw OdooFault(
          .missing,
          "Record does not exist or has been deleted.\n(Record: res.users(\(uid),), User: \(uid))")
      }
      guard opens(user, password) else { throw OdooFault(.denied, "Access Denied") }
      let rest = Array(arguments.dropFirst(5))
      let given: GivenArguments =
        method == "execute"
        ? .positional(rest, WireRecord())
        : .positional(rest.first?.list ?? [], rest[safe: 1]?.record ?? WireRecord())
      return try runner.run(model: model, method: name, given, user: user)
    case ("common", _), ("db", _), ("object", _): throw OdooFault(.exception, "Method not found: \(method)")
    default: throw OdooFault(.key, service)
    }
  }

  /// Whether a password or key opens RPC for a user.
  private func opens(_ user: OdooUser, _ secret: String) -> Bool {
    user.apiKeys.contains(secret) || !user.needsKeyForRPC && user.password == secret
  }

  func checkDatabase(_ name: Wire?) throws(OdooFault) {
    guard name?.text != world.databaseName else { return }
    let shown = name?.text ?? ""
    throw OdooFault(
      .operational,
      "connection to server at \"127.0.0.1\", port 5499 failed: FATAL:  database \"\(shown)\" does not exist\n"
    )
  }

  /// Fills in what a call of a service is about.
  func describe(_ routed: inout RoutedRequest, service: String?, method: String?, _ arguments: [Wire]) {
    routed.service = service
    routed.method = method
    if service == "object" {
      routed.database = arguments.first?.text
      routed.user = arguments[safe: 1]?.int
      routed.model = arguments[safe: 3]?.text
      routed.method = arguments[safe: 4]?.text
      routed.arguments = arguments[safe: 5]?.list ?? []
      routed.keywords = arguments[safe: 6]?.record ?? WireRecord()
    } else if service == "common" {
      routed.database = arguments.first?.text
    }
  }
}

extension Array {
  subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

/// Moments as HTTP writes them: `Fri, 20 Nov 2026 23:28:14 GMT`.
enum HTTPDate {
  static func text(_ moment: Instant) -> String {
    let day = moment.utcDate
    let (year, month, date) = day.components
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let clock = MomentText.text(moment).suffix(8)
    return "\(names[day.weekday - 1]), \(padded(date, 2)) \(months[month - 1]) \(year) \(clock) GMT"
  }
}
