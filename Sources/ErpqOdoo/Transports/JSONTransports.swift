import ErpqBase
import Synchronization

/// Odoo 19's API: a path a method, arguments by name, an API key as bearer.
final class JSON2Transport: OdooTransport {
  let kind = TransportKind.json2
  private let exchanger: any HTTPExchanger
  private let database: String?
  private let key: Secret

  init(_ exchanger: any HTTPExchanger, database: String?, key: Secret) {
    self.exchanger = exchanger
    self.database = database
    self.key = key
  }

  func perform(_ call: OdooCall, into builder: RowBuilder?) throws -> OdooAnswer {
    var headers = [
      HTTPHeader("Content-Type", "application/json; charset=utf-8"),
      HTTPHeader("Authorization", "bearer \(key.value)"),
    ]
    if let database { headers.append(HTTPHeader("X-Odoo-Database", database)) }
    var body: [UInt8] = []
    call.allNamed.write(json: &body)
    let path = "/json/2/\(call.model)/\(call.method)"
    let response = try exchanger.exchange(HTTPRequest("POST", path, headers: headers, body: body))
    // An answer in HTML comes from before Odoo's models: the database was not found or not chosen.
    if response.status == 404, response.isType("text/html") { throw OdooError.noDatabase(database) }
    guard response.isType("application/json") else {
      throw OdooError.strange(response, address: exchanger.address, path: "/json/2")
    }
    defer { withExtendedLifetime(response.body) {} }
    do {
      var json = JSONBytes(response.body)
      guard response.status == 200 else {
        throw Fault(json2: try json.value(), status: response.status).error(call.name, database: database)
      }
      if let builder {
        try json.rows(into: builder, depth: 0)
        try json.finish()
        return response.answer([])
      }
      let value = try json.value()
      try json.finish()
      return response.answer(value)
    } catch let failure as WireFailure {
      throw OdooError.unreadable(failure, call.name)
    }
  }
}

/// JSON-RPC 2.0 as Odoo speaks it.
enum JSONRPC {
  /// Posts `params` to a path and reads the answer.
  ///
  /// - Returns: the response, and the result: `null` where the method returned nothing.
  static func post(
    _ path: String, _ params: OdooValue, headers: [HTTPHeader] = [], to exchanger: any HTTPExchanger,
    call: String, database: String?, into builder: RowBuilder? = nil, isRepeatable: Bool = true
  ) throws -> (response: HTTPResponse, value: OdooValue) {
    let request = OdooValue.members(["jsonrpc": "2.0", "method": "call", "id": 1, "params": params])
    var body: [UInt8] = []
    request.write(json: &body)
    return try exchanger.post(
      HTTPRequest(
        "POST", path, headers: [HTTPHeader("Content-Type", "application/json")] + headers, body: body,
        isRepeatable: isRepeatable), type: "application/json", call: call
    ) { try read($0, call: call, database: database, into: builder) }
  }

  /// Reads an envelope. Neither `result` nor `error` means that the method returned nothing.
  static func read(
    _ body: ResponseBody, call: String, database: String?, into builder: RowBuilder? = nil
  ) throws -> OdooValue {
    defer { withExtendedLifetime(body) {} }
    var json = JSONBytes(body)
    json.skipBlanks()
    guard json.i < json.end, json.p[json.i] == 0x7B else { throw json.failure("an object") }
    guard try json.enter(0x7D, depth: 0) else { return .null }
    var result = OdooValue.null
    repeat {
      let key = try json.key()
      let name = String(decoding: json.unescaped(key.start, key.end), as: UTF8.self)
      switch name {
      case "error":
        let error = try json.value(depth: 1)
        if error != .null { throw Fault(json: error).error(call, database: database) }
      case "result":
        if let builder, json.p[json.i] == 0x5B {
          try json.rows(into: builder, depth: 1)
          result = []
        } else {
          result = try json.value(depth: 1)
          if builder != nil {
            throw WireFailure(offset: key.start, message: "the result is no list of records")
          }
        }
      default: try json.skip(depth: 1)
      }
    } while try json.another(0x7D)
    try json.finish()
    return result
  }
}

/// The web client's own route: a session cookie, renewed once when it has expired.
final class SessionTransport: OdooTransport {
  let kind = TransportKind.session
  private let exchanger: any HTTPExchanger
  private let database: String
  private let login: String
  private let secret: Secret
  private let session = Mutex(Session())

  private struct Session {
    var cookie = ""
    var uid: Int64 = 0
  }

  /// The user's id, once signed in.
  var uid: Int64 { session.withLock(\.uid) }

  init(_ exchanger: any HTTPExchanger, database: String, login: String, secret: Secret) {
    self.exchanger = exchanger
    self.database = database
    self.login = login
    self.secret = secret
  }

  /// Signs in: the session's cookie and the user's id. A user of 0 means that a second factor is asked for.
  func signIn() throws { try session.withLock { try signIn(&$0) } }

  private func signIn(_ session: inout Session) throws {
    let (response, value) = try JSONRPC.post(
      "/web/session/authenticate",
      .members(["db": .text(database), "login": .text(login), "password": .text(secret.value)]),
      to: exchanger, call: "", database: database,
      // Odoo locks out who fails too often.
      isRepeatable: false)
    if let text = SessionTransport.sessionID(response) { session.cookie = text }
    session.uid = value["uid"]?.int ?? 0
    guard session.uid > 0 else { throw OdooError.secondFactor }
    guard !session.cookie.isEmpty else {
      throw OdooError(.badAnswer, "The server signed in without giving a session cookie")
    }
  }

  private static func sessionID(_ response: HTTPResponse) -> String? {
    for line in response.all("Set-Cookie") {
      let pair = line.prefix { $0 != ";" }
      if pair.hasPrefix("session_id=") { return String(pair.dropFirst("session_id=".count)) }
    }
    return nil
  }

  func perform(_ call: OdooCall, into builder: RowBuilder?) throws -> OdooAnswer {
    let before = builder?.rowCount ?? 0
    let cookie = session.withLock(\.cookie)
    do {
      return try once(call, cookie, into: builder)
    } catch let error as OdooError where error.kind == .sessionExpired && builder?.rowCount ?? 0 == before {
      let renewed = try session.withLock {
        // Another request may have found the same, and renewed it.
        if $0.cookie == cookie { try signIn(&$0) }
        return $0.cookie
      }
      return try once(call, renewed, into: builder)
    }
  }

  private func once(_ call: OdooCall, _ cookie: String, into builder: RowBuilder?) throws -> OdooAnswer {
    do {
      let (response, value) = try JSONRPC.post(
        "/web/dataset/call_kw",
        .members([
          "model": .text(call.model), "method": .text(call.method), "args": call.args, "kwargs": call.kwargs,
        ]),
        headers: [HTTPHeader("Cookie", "session_id=\(cookie)")], to: exchanger, call: call.name,
        database: database, into: builder)
      if let text = SessionTransport.sessionID(response) {
        // Of two answers to the same session either may have moved it on.
        session.withLock { if $0.cookie == cookie { $0.cookie = text } }
      }
      return response.answer(value)
    } catch let error as OdooError where error.kind == .notOdoo {
      // With several databases a session that has ended is not told as such: the route is not there any more.
      throw OdooError(.sessionExpired, "The session with the server has ended")
    }
  }
}

extension OdooError {
  /// The password is right, but a code is asked for beside it.
  static let secondFactor = OdooError(
    .twoFactor, "The account has two-factor authentication, so its password alone does not sign in",
    advice: "Make an API key under Preferences › Account Security and use it instead (ODOO_API_KEY).")
}
