/// `/json/2/MODEL/METHOD` with a key as bearer, of 19 and later.
extension Router {
  func json2(_ request: HTTPRequest) -> RoutedRequest {
    guard version == .v19 else {
      var routed = RoutedRequest { .html(404, Pages.notFound(.v16)) }
      routed.transport = .json2
      return routed
    }
    let parts = request.path.dropFirst("/json/2/".count).split(
      separator: "/", omittingEmptySubsequences: false)
    let database = request.header("x-odoo-database")
    let body: Result<Wire, JSONText.Malformed>
    do throws(JSONText.Malformed) {
      body = .success(request.body.isEmpty ? .record(WireRecord()) : try JSONText.parse(request.body))
    } catch { body = .failure(error) }
    var routed = RoutedRequest { [self] in
      let hasSession = sessions.user(of: request.cookie("session_id")) != nil
      guard database.map({ $0 == world.databaseName }) ?? (isSingle || hasSession) else {
        return .html(404, Pages.notFound(version))
      }
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        let address =
          "/web/login?redirect=" + request.path.replacing("/", with: "%2F") + "%3F"
        return .html(303, Pages.redirect(to: address), headers: [("Location", address)])
      }
      do throws(OdooFault) {
        guard request.method == "POST" else {
          throw OdooFault(.notFound, "Did you mean POST /json/2/<model>/<method>?")
        }
        let type = (request.header("content-type") ?? "").prefix { $0 != ";" }.lowercased()
        guard type == "application/json" else {
          return .html(
            415,
            Pages.wrongType(version, path: "/json/2/&lt;__model__&gt;/&lt;__method__&gt;", kind: "json2"),
            headers: [("Accept", "application/json")])
        }
        let user = try bearer(request)
        let arguments: Wire
        switch body {
        case .success(let value): arguments = value
        case .failure(let error):
          throw OdooFault(.badRequest, "could not parse the body as json: \(error.message)")
        }
        guard var named = arguments.record else {
          throw OdooFault(.badRequest, "could not parse the body, expecting a json object")
        }
        let ids = named["ids"]?.ids
        named["ids"] = nil
        let result = try runner.run(
          model: String(parts[0]), method: String(parts[1]), .named(ids: ids, named), user: user)
        return .json(200, result)
      } catch {
        return failure(error)
      }
    }
    routed.transport = .json2
    routed.database = database
    routed.model = parts.first.map(String.init)
    routed.method = parts[safe: 1].map(String.init)
    if case .success(let value) = body { routed.keywords = value.record ?? WireRecord() }
    return routed
  }

  private func bearer(_ request: HTTPRequest) throws(OdooFault) -> OdooUser {
    let words = (request.header("authorization") ?? "").split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw OdooFault(
        .unauthorized, "User not authenticated, use an API Key with a Bearer Authorization header.")
    }
    guard let user = world.snapshot.users.first(where: { $0.apiKeys.contains(String(words[1])) }) else {
      throw OdooFault(.unauthorized, "Invalid apikey")
    }
    return user
  }

  private func failure(_ fault: OdooFault) -> HTTPResponse {
    let isHTTP = fault.kind.rawValue.hasPrefix("werkzeug.")
    let arguments: [Wire] =
      isHTTP ? [.text(fault.message), .int(fault.kind.status)] : [.text(fault.message)]
    return .json(
      fault.kind.status,
      [
        "name": .text(fault.kind.rawValue), "message": .text(fault.message), "arguments": .list(arguments),
        "context": .record(WireRecord()), "debug": .text(fault.traceback),
      ],
      headers: fault.kind == .unauthorized ? [("WWW-Authenticate", "Bearer ")] : [])
  }
}
