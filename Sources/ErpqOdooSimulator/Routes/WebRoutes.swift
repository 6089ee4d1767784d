/// The routes of the web client: signing in for a cookie, and calls with it.
extension Router {
  func web(_ request: HTTPRequest) -> RoutedRequest {
    let path = request.path
    let session = request.cookie("session_id")
    switch path {
    case "/web/session/authenticate":
      return jsonCall(request, path: path, transport: .web) { [self] parameters, routed in
        routed.method = "authenticate"
        routed.database = parameters["db"]?.text
        return { _ throws(OdooFault) in try authenticate(parameters) }
      }
    case "/web/session/get_session_info":
      return jsonCall(request, path: path, transport: .web) { [self] _, routed in
        routed.method = "get_session_info"
        return { _ throws(OdooFault) in
          let user = try signedIn(session)
          return Outcome(information(user), headers: [cookie(session ?? "")])
        }
      }
    case "/web/session/destroy":
      return jsonCall(request, path: path, transport: .web) { [self] _, routed in
        routed.method = "destroy"
        return { _ throws(OdooFault) in
          _ = try signedIn(session)
          sessions.close(session)
          let gone: [(name: String, value: String)] =
            version == .v19 ? [("Set-Cookie", "cids=; Max-Age=0; Path=/")] : []
          return Outcome(.none, headers: gone + [cookie(sessions.open(for: nil))])
        }
      }
    case "/web/webclient/version_info":
      return jsonCall(request, path: path, transport: .web) { [self] _, routed in
        routed.method = "version_info"
        return { _ throws(OdooFault) in
          Outcome(
            try dispatch(service: "common", method: "version", []),
            headers: [cookie(session ?? sessions.open(for: nil))])
        }
      }
    case "/web/database/list":
      return jsonCall(request, path: path, transport: .web) { [self] _, routed in
        routed.method = "database_list"
        return { _ in
          Outcome(
            .list(databases.map { .text($0) }), headers: [cookie(session ?? sessions.open(for: nil))])
        }
      }
    case "/web/dataset/search_read" where version == .v16:
      return jsonCall(request, path: path, transport: .web) { _, _ in
        { _ throws(OdooFault) in throw OdooFault(.type, "'NoneType' object is not iterable") }
      }
    default:
      guard path == "/web/dataset/call_kw" || path.hasPrefix("/web/dataset/call_kw/") else {
        return unknown(request)
      }
      return jsonCall(request, path: path, transport: .web) { [self] parameters, routed in
        routed.user = sessions.user(of: session)
        routed.model = parameters["model"]?.text
        routed.method = parameters["method"]?.text
        routed.arguments = parameters["args"]?.list ?? []
        routed.keywords = parameters["kwargs"]?.record ?? WireRecord()
        let routed = routed
        return { _ throws(OdooFault) in
          let user = try signedIn(session)
          // The web client's route looks the model up before anything can say that there is none.
          let model = routed.model ?? ""
          guard world.snapshot.tables[model] != nil else { throw OdooFault(.key, model) }
          let result = try runner.run(
            model: model, method: routed.method ?? "",
            .positional(routed.arguments, routed.keywords), user: user)
          return Outcome(result)
        }
      }
    }
  }

  /// - Throws: without a session; where there are several databases the fault has no message, and the answer
  ///   is the page that no database is selected.
  private func signedIn(_ session: String?) throws(OdooFault) -> OdooUser {
    if let user = sessions.user(of: session).flatMap({ world.snapshot.user($0) }) { return user }
    throw OdooFault(.sessionExpired, isSingle ? "Session expired" : "")
  }

  private func authenticate(_ parameters: WireRecord) throws(OdooFault) -> Outcome {
    try checkDatabase(parameters["db"])
    // Keys do not open the web client.
    guard let login = parameters["login"]?.text, let user = world.snapshot.user(login: login),
      user.password == parameters["password"]?.text
    else { throw OdooFault(.denied, "Access Denied") }
    let header = cookie(sessions.open(for: user.id))
    let isOnce = version == .v16 && isSingle
    return Outcome(information(user), headers: isOnce ? [header] : [header, header])
  }

  /// What the web client wants to know about who signed in.
  private func information(_ user: OdooUser) -> Wire {
    let database = world.snapshot
    let query = (try? CallContext(nil, user: user, database: database)).map {
      Query(database, user: user, context: $0)
    }
    func name(_ model: String, _ id: Int) -> Wire {
      query?.name(of: id, in: model).map { .text($0) } ?? .text("")
    }
    let partner = query?.accessor("res.users", "partner_id").flatMap { accessor in
      accessor.table.place(of: user.id).flatMap { accessor.value(at: $0).int }
    }
    var allowed = WireRecord()
    for company in user.companies.sorted() {
      allowed[String(company)] = ["id": .int(company), "name": name("res.company", company)]
    }
    var out = WireRecord([
      ("uid", .int(user.id)), ("is_system", .bool(user.isAdministrator)),
      ("is_admin", .bool(user.isAdministrator)),
    ])
    if version == .v19 {
      out["is_public"] = false
      out["is_internal_user"] = true
    }
    out["user_context"] = [
      "lang": .text(user.language), "tz": user.timeZone.map { .text($0) } ?? .bool(false),
      "uid": .int(user.id),
    ]
    out["db"] = .text(world.databaseName)
    out["server_version"] = .text(version.text)
    out["server_version_info"] = version.information
    out["support_url"] = "https://www.odoo.com/buy"
    out["name"] = .text(user.name)
    out["username"] = .text(user.login)
    if let partner {
      out["partner_display_name"] = name("res.partner", partner)
      out["partner_id"] = .int(partner)
    }
    if version == .v16 { out["company_id"] = .int(user.company) }
    out["user_companies"] = ["current_company": .int(user.company), "allowed_companies": .record(allowed)]
    return .record(out)
  }
}
