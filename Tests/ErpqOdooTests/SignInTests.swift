import ErpqBase
import Testing

@testable import ErpqOdoo

/// Signing in against recorded answers: what was wrong is named.
@Suite struct SignInTests {
  /// A server that answers by recorded exchanges: path and a mark in the body choose one.
  private func server(
    _ version: String, _ answers: [(path: String, mark: String, name: String)]
  ) -> ScriptedExchanger {
    ScriptedExchanger { request in
      let body = String(decoding: request.body, as: UTF8.self)
      for answer in answers
      where request.path.hasPrefix(answer.path) && (answer.mark.isEmpty || body.contains(answer.mark)) {
        return try Exchanges.named(version, answer.name).response
      }
      switch request.path {
      case "/web/version": return try Exchanges.named(version, "get_web_version").response
      case "/web/webclient/version_info": return try Exchanges.named(version, "web_version_info").response
      case "/web/database/list": return try Exchanges.named(version, "web_database_list").response
      default: throw OdooError(.recording, "nothing for \(request.path) \(body)")
      }
    }
  }

  private func failure(
    _ settings: ConnectionSettings, _ credential: Credential, _ server: ScriptedExchanger
  ) throws -> OdooError {
    do {
      _ = try OdooConnection.open(settings, credential: credential, over: server)
    } catch let error as OdooError {
      return error
    }
    throw OdooError(.recording, "it signed in")
  }

  private let key = String(repeating: "f", count: 40)

  @Test func wrongKey() throws {
    let server = server("19", [("/json/2", "", "json2_badkey")])
    let settings = ConnectionSettings(url: "x", database: "demo19")
    let error = try failure(settings, .apiKey(Secret(key)), server)
    #expect(error.kind == .apiKey && error.message.contains("expired"))
    #expect(!error.description.contains(key))
    let password = try failure(settings, .apiKey(Secret("admin")), server)
    #expect(password.advice.contains("password is no API key"))
  }

  @Test func wrongDatabase() throws {
    let json2 = server("19", [("/json/2", "", "json2_baddb")])
    let error = try failure(ConnectionSettings(url: "x", database: "demo18"), .apiKey(Secret(key)), json2)
    #expect(error.kind == .database && error.message.contains("demo18") && error.advice.contains("demo19"))
    for version in ["16", "19"] {
      let rpc = server(version, [("/jsonrpc", "", "jsonrpc_auth_baddb")])
      let settings = ConnectionSettings(url: "x", database: "nodb", login: "admin")
      #expect(try failure(settings, .password(Secret("admin")), rpc).kind == .database)
      let none = ConnectionSettings(url: "x", login: "admin")
      let several = try failure(none, .password(Secret("admin")), rpc)
      #expect(several.kind == .database && several.advice.contains("demo16, demo19"))
    }
  }

  @Test func wrongPassword() throws {
    for version in ["16", "19"] {
      let server = server(
        version,
        [("/jsonrpc", "", "jsonrpc_auth_badpw"), ("/web/session/authenticate", "", "web_authenticate_badpw")])
      let settings = ConnectionSettings(url: "x", database: "demo", login: "admin")
      let error = try failure(settings, .password(Secret("bad1")), server)
      #expect(error.kind == .credentials && error.message.contains("admin"))
      #expect(!error.description.contains("bad1"))
      let rpc = ConnectionSettings(url: "x", database: "demo", login: "admin", transport: .jsonrpc)
      let keyed = try failure(rpc, .apiKey(Secret(key)), server)
      #expect(keyed.kind == .apiKey && keyed.advice.contains("own user's login"))
    }
  }

  @Test func twoFactor() throws {
    let inner = server("19", [("/jsonrpc", "", "jsonrpc_auth_badpw")])
    // With a second factor the web's sign-in answers without a user: the code is asked for next.
    let pending = ScriptedExchanger { request in
      request.path == "/web/session/authenticate"
        ? json(#"{"jsonrpc": "2.0", "id": 1, "result": {"uid": null}}"#) : try inner.exchange(request)
    }
    let settings = ConnectionSettings(url: "x", database: "demo19", login: "admin")
    let error = try failure(settings, .password(Secret("admin")), pending)
    #expect(error.kind == .twoFactor && error.advice.contains("API key"))
  }

  @Test func noOdoo() throws {
    let page = HTTPResponse(
      status: 200, headers: [HTTPHeader("Content-Type", "text/html")],
      body: ResponseBody(Array("<html>hi</html>".utf8)))
    let site = ScriptedExchanger { _ in page }
    let settings = ConnectionSettings(url: "x", database: "d", login: "l")
    #expect(try failure(settings, .password(Secret("p")), site).kind == .notOdoo)
    let moved = ScriptedExchanger { _ in
      HTTPResponse(
        status: 301, headers: [HTTPHeader("Location", "http://evil.example/?token=1")], body: ResponseBody([])
      )
    }
    let error = try failure(settings, .password(Secret("p")), moved)
    #expect(error.kind == .redirected && !error.message.contains("token"))
  }

  @Test func theSessionIsRenewedOnce() throws {
    var calls = 0
    let server = ScriptedExchanger { request in
      if request.path == "/web/session/authenticate" {
        return try Exchanges.named("19", "web_authenticate_ok").response
      }
      calls += 1
      return try Exchanges.named("19", calls == 1 ? "web_call_kw_expired" : "web_call_kw_ok").response
    }
    let transport = SessionTransport(server, database: "demo19", login: "admin", secret: Secret("admin"))
    try transport.signIn()
    #expect(transport.uid == 2)
    let answer = try transport.perform(OdooCall("sale.order.line", "search_read"), into: nil)
    #expect(answer.value.items?.count == 2 && calls == 2)
    #expect(server.asked.filter { $0.path == "/web/session/authenticate" }.count == 2)
  }

  @Test func methodsThatWriteAreRefused() throws {
    let user = json(
      #"[{"id": 2, "login": "admin", "name": "Mitchell", "tz": "Europe/Brussels", "company_id": 1, "company_ids": [1, 5]}]"#
    )
    let server = ScriptedExchanger { request in
      switch request.path {
      case "/web/version": try Exchanges.named("19", "get_web_version").response
      case "/json/2/res.users/context_get": try Exchanges.named("19", "json2_context_get").response
      case "/json/2/res.users/search_read": user
      case "/json/2/res.company/search_read":
        json(#"[{"id": 1, "name": "Co", "currency_id": 1, "partner_id": 1}]"#)
      case "/json/2/res.currency/search_read": json(#"[{"id": 1, "name": "USD"}]"#)
      default: throw OdooError(.recording, "nothing for \(request.path)")
      }
    }
    let connection = try OdooConnection.open(
      ConnectionSettings(url: "x", database: "demo19"), credential: .apiKey(Secret(key)), over: server)
    #expect(connection.transport == .json2 && connection.company.currency == "USD")
    #expect(connection.timeZone == "Europe/Brussels" && connection.user.companies == [1, 5])
    let before = server.asked.count
    for method in ["write", "unlink", "create", "action_confirm", "button_validate"] {
      #expect(throws: OdooError.self) { try connection.call(OdooCall("sale.order", method)) }
    }
    #expect(server.asked.count == before)
  }
}
