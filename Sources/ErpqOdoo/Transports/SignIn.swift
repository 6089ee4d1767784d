import ErpqBase

/// Which server, database and user to work as.
public struct ConnectionSettings: Hashable, Sendable {
  /// The server's address.
  public var url: String
  /// The database; nil: the server's only one.
  public var database: String?
  /// The user's login; not needed with an API key on Odoo 19.
  public var login: String?
  /// The protocol; nil: found out.
  public var transport: TransportKind?
  /// Id of the company to read; nil: the user's own.
  public var company: Int64?
  /// IANA name of the zone whose days count; nil: the user's, else the company's.
  public var timeZone: String?

  /// Settings.
  public init(
    url: String, database: String? = nil, login: String? = nil, transport: TransportKind? = nil,
    company: Int64? = nil, timeZone: String? = nil
  ) {
    self.url = url
    self.database = database
    self.login = login
    self.transport = transport
    self.company = company
    self.timeZone = timeZone
  }
}

/// What a user proves to be one with.
public enum Credential: Sendable {
  case password(Secret)
  case apiKey(Secret)

  /// The password or key.
  public var secret: Secret {
    switch self {
    case .password(let s), .apiKey(let s): s
    }
  }

  var isKey: Bool { if case .apiKey = self { true } else { false } }
}

/// Signs in by the protocol that fits, and says what was wrong when it fails.
struct SignIn {
  let exchanger: any HTTPExchanger
  let settings: ConnectionSettings
  let credential: Credential
  let version: OdooVersion

  /// A signed-in transport, with the database and the user's id where the protocol tells it.
  func run() throws -> (transport: any OdooTransport, database: String?, uid: Int64) {
    switch settings.transport {
    case .json2: return try json2()
    case .jsonrpc: return try rpc(.jsonrpc)
    case .session: return try session()
    case .xmlrpc: return try rpc(.xmlrpc)
    case nil:
      if version.major >= 19, credential.isKey { return try json2() }
      do {
        return try rpc(.jsonrpc)
      } catch let error as OdooError where [.notOdoo, .badAnswer].contains(error.kind) {
        return try rpc(.xmlrpc)
      }
    }
  }

  private func json2() throws -> (transport: any OdooTransport, database: String?, uid: Int64) {
    guard version.major >= 19 else {
      throw OdooError(
        .notOdoo, "The server is Odoo \(version), which has no JSON-2",
        advice: "Leave the transport out, or use jsonrpc.")
    }
    let transport = JSON2Transport(exchanger, database: settings.database, key: credential.secret)
    do {
      let answer = try transport.perform(OdooCall("res.users", "context_get"), into: nil)
      guard let uid = answer.value["uid"]?.int else {
        throw OdooError(.badAnswer, "The server does not say which user the API key belongs to")
      }
      return (transport, settings.database, uid)
    } catch let error as OdooError where error.kind == .database {
      throw OdooError.noDatabase(settings.database, known: ServerProbe.databases(exchanger))
    } catch let error as OdooError where error.kind == .apiKey {
      if credential.secret.looksLikeKey { throw keyRefused }
      throw OdooError(
        .apiKey, "The server refuses the API key, which does not look like one (40 hexadecimal digits)",
        advice:
          "A password is no API key: make one under Preferences › Account Security, or give the password as "
          + "such (ODOO_PASSWORD).")
    }
  }

  private func database() throws -> String {
    if let database = settings.database { return database }
    let known = ServerProbe.databases(exchanger)
    if known.count == 1 { return known[0] }
    throw OdooError.noDatabase(nil, known: known)
  }

  private func login() throws -> String {
    if let login = settings.login, !login.isEmpty { return login }
    throw OdooError(
      .configuration, "The login of the user is missing",
      advice: credential.isKey
        ? "Odoo \(version) takes an API key only together with its user's login (--login or ODOO_USERNAME)."
        : "Give it with --login or ODOO_USERNAME.")
  }

  private func rpc(_ kind: TransportKind) throws -> (
    transport: any OdooTransport, database: String?, uid: Int64
  ) {
    let (database, login) = (try database(), try login())
    let parameters: [OdooValue] = [
      .text(database), .text(login), .text(credential.secret.value), .object([]),
    ]
    let value: OdooValue
    do {
      value = try ServiceTransport.post(
        kind, "common", "authenticate", parameters, to: exchanger, call: "", database: database
      ).value
    } catch let error as OdooError where error.kind == .database {
      throw OdooError.noDatabase(database, known: ServerProbe.databases(exchanger), details: error.details)
    }
    guard let uid = value.int, uid > 0 else { throw refused(database, login) }
    return (
      ServiceTransport(kind, exchanger, database: database, uid: uid, secret: credential.secret), database,
      uid
    )
  }

  private func session() throws -> (transport: any OdooTransport, database: String?, uid: Int64) {
    guard !credential.isKey else {
      throw OdooError(
        .apiKey, "The web session takes no API key",
        advice: "Leave the transport out, or give the password.")
    }
    let (database, login) = (try database(), try login())
    let transport = SessionTransport(exchanger, database: database, login: login, secret: credential.secret)
    do {
      try transport.signIn()
    } catch let error as OdooError where error.kind == .credentials {
      throw wrongPassword(database, login)
    } catch let error as OdooError where error.kind == .database || error.kind == .notOdoo {
      throw OdooError.noDatabase(database, known: ServerProbe.databases(exchanger), details: error.details)
    }
    return (transport, database, transport.uid)
  }

  /// The older protocols answer every refusal with `false`; the web's sign-in tells a second factor from a wrong
  /// password, once.
  private func refused(_ database: String, _ login: String) -> OdooError {
    if credential.isKey || credential.secret.looksLikeKey {
      return OdooError(
        .apiKey,
        "The server refuses the API key for the login \"\(login)\" in the database \"\(database)\"",
        advice:
          "A key works only with its own user's login, and not after it was revoked or has expired; make a "
          + "new one under Preferences › Account Security.")
    }
    let transport = SessionTransport(exchanger, database: database, login: login, secret: credential.secret)
    do {
      try transport.signIn()
      // The web lets the password in where the API does not: only keys are allowed there.
      return OdooError.secondFactor
    } catch let error as OdooError where error.kind == .twoFactor {
      return error
    } catch {
      return wrongPassword(database, login)
    }
  }

  private func wrongPassword(_ database: String, _ login: String) -> OdooError {
    OdooError(
      .credentials,
      "The server knows no user \"\(login)\" with this password in the database \"\(database)\"",
      advice:
        "Odoo does not tell which of the two is wrong. The login is what you type in the browser, often an "
        + "e-mail address; users who sign in through another service have no password and need an API key.")
  }

  private var keyRefused: OdooError {
    OdooError(
      .apiKey,
      "The server refuses the API key: it is wrong, revoked, has expired, or belongs to another database",
      advice:
        "Odoo \(version.major) lets keys live for 90 days at most (a day, for users of some groups); make a new "
        + "one under Preferences › Account Security.")
  }
}
