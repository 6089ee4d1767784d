import ErpqBase
import Dispatch
import ErpqTables
import Synchronization

/// A company of the server, as far as a connection needs it.
public struct OdooCompany: Hashable, Sendable {
  /// Its id.
  public var id: Int64
  /// Its name.
  public var name: String
  /// ISO code of its currency.
  public var currency: String
  /// Id of its currency.
  public var currencyID: Int64
}

/// Who is signed in, and what the connection reads.
public struct OdooUser: Hashable, Sendable {
  /// The user's id.
  public var id: Int64
  /// The login.
  public var login: String
  /// The name.
  public var name: String
  /// The user's time zone; nil where none is set.
  public var timeZone: String?
  /// Ids of the companies that the user may see.
  public var companies: [Int64]
  /// The company that the user works in unless told otherwise.
  public var mainCompany: Int64
}

/// A signed-in connection to a server that only reads. Two threads may read at once.
public final class OdooConnection: Sendable {
  /// The server's address.
  public var address: String { exchanger.address }
  /// The server's version.
  public let version: OdooVersion
  /// The protocol in use.
  public var transport: TransportKind { wire.kind }
  /// The database; nil where the server chose its only one.
  public let database: String?
  /// The user.
  public let user: OdooUser
  /// The company whose records are read.
  public let company: OdooCompany
  /// IANA name of the zone whose days count.
  public let timeZone: String
  /// The user's language, in which names that are translated come; nil where none is set.
  public let language: String?
  /// The server's clock at the first answer; nil where it does not tell.
  public let serverTime: Instant?
  /// Exchanges and bytes so far.
  public var traffic: Traffic { passed.withLock { $0 } }

  private let exchanger: any HTTPExchanger
  private let wire: any OdooTransport
  private let secret: Secret
  /// However many threads ask, no more requests than this are on their way.
  private let gate = DispatchSemaphore(value: OdooConnection.mostInFlight)
  private let passed = Mutex(Traffic())
  private let fieldLists = Mutex<[String: FieldList]>([:])

  /// What went over the connection.
  public struct Traffic: Hashable, Sendable {
    /// Calls.
    public var calls = 0
    /// Bytes of the answers.
    public var bytes = 0
    /// Seconds waited for answers.
    public var seconds = 0.0
  }

  /// Requests on their way at the same time, at most.
  public static let mostInFlight = 2

  /// Methods that read and may be called. Everything else is refused before it is sent.
  public static let readMethods: Set<String> = [
    "search_read", "search", "search_count", "read", "fields_get", "read_group", "formatted_read_group",
    "web_search_read", "web_read_group", "default_get", "name_search", "check_access_rights", "has_access",
    "context_get", "export_data", "get_metadata",
  ]

  /// Asks the server for its version and signs in.
  ///
  /// - Throws: `OdooError` that says what is wrong with URL, database, login, password or key.
  public static func open(
    _ settings: ConnectionSettings, credential: Credential, over exchanger: any HTTPExchanger
  ) throws -> OdooConnection {
    do {
      let (version, serverTime) = try ServerProbe.version(exchanger)
      guard version.major >= 14 else {
        throw OdooError(
          .notOdoo, "The server is Odoo \(version); erpq reads Odoo 14 and later")
      }
      let signIn = SignIn(
        exchanger: exchanger, settings: settings, credential: credential, version: version)
      let (wire, database, uid) = try signIn.run()
      return try OdooConnection(
        exchanger, wire, settings, credential.secret, version: version, database: database, uid: uid,
        serverTime: serverTime)
    } catch let error as OdooError {
      throw error.without(credential.secret)
    }
  }

  private init(
    _ exchanger: any HTTPExchanger, _ wire: any OdooTransport, _ settings: ConnectionSettings,
    _ secret: Secret,
    version: OdooVersion, database: String?, uid: Int64, serverTime: Instant?
  ) throws {
    self.exchanger = exchanger
    self.wire = wire
    self.secret = secret
    self.version = version
    self.database = database
    self.serverTime = serverTime
    func rows(_ model: String, _ ids: [Int64], _ fields: [WireField]) throws -> Table {
      let builder = RowBuilder(fields)
      var call = OdooCall(
        model, "search_read",
        positional: [OdooMember("domain", [["id", "in", .list(ids.map { .int($0) })]])],
        named: [
          OdooMember("fields", .list(fields.map { .text($0.name) })), OdooMember("load", ""),
          OdooMember("order", "id"),
        ])
      call.named.append(OdooMember("context", .members(["active_test": false])))
      _ = try wire.perform(call, into: builder)
      return builder.finish().table
    }
    let users = try rows(
      "res.users", [uid],
      [
        WireField("login", .text), WireField("name", .text), WireField("tz", .text),
        WireField("company_id", .id), WireField("company_ids", .ids),
      ])
    guard users.rowCount == 1 else {
      throw OdooError(
        .accessDenied, "The user may not read their own record, so their companies are not known",
        advice: "Sign in as an internal user.")
    }
    func text(_ table: Table, _ column: Int) -> String? {
      if case .text(let s) = table.columns[column][0] { s } else { nil }
    }
    func int(_ table: Table, _ column: Int) -> Int64? {
      if case .int(let i) = table.columns[column][0] { i } else { nil }
    }
    var companies: [Int64] = []
    if case .list(let items) = users.columns[4][0] {
      companies = items.compactMap { if case .int(let i) = $0 { i } else { nil } }
    }
    let main = int(users, 3) ?? companies.first ?? 1
    user = OdooUser(
      id: uid, login: text(users, 0) ?? settings.login ?? "", name: text(users, 1) ?? "",
      timeZone: text(users, 2), companies: companies, mainCompany: main)
    let wanted = settings.company ?? main
    guard companies.isEmpty || companies.contains(wanted) else {
      throw OdooError(
        .accessDenied, "The user may not see the company \(wanted)",
        advice: "The companies are \(companies.map(String.init).joined(separator: ", ")).")
    }
    let found = try rows(
      "res.company", [wanted],
      [WireField("name", .text), WireField("currency_id", .id), WireField("partner_id", .id)])
    guard found.rowCount == 1, let currencyID = int(found, 1) else {
      throw OdooError(.accessDenied, "The company \(wanted) cannot be read")
    }
    let currency = try rows("res.currency", [currencyID], [WireField("name", .text)])
    guard currency.rowCount == 1, let code = text(currency, 0) else {
      throw OdooError(.accessDenied, "The currency of the company \(wanted) cannot be read")
    }
    company = OdooCompany(id: wanted, name: text(found, 0) ?? "", currency: code, currencyID: currencyID)
    var zone = settings.timeZone ?? user.timeZone
    if zone == nil, let partner = int(found, 2) {
      let partners = try? rows("res.partner", [partner], [WireField("tz", .text)])
      zone = partners.flatMap { $0.rowCount == 1 ? text($0, 0) : nil }
    }
    timeZone = zone ?? "UTC"
    let personal = try? wire.perform(OdooCall("res.users", "context_get"), into: nil)
    language = personal?.value["lang"]?.text
  }

  /// What every call carries: one company, so that company-dependent values are its own; archived records too;
  /// universal time; the user's language.
  var context: OdooValue {
    var members = [
      OdooMember("allowed_company_ids", [.int(company.id)]), OdooMember("active_test", false),
      OdooMember("tz", "UTC"),
    ]
    if let language { members.append(OdooMember("lang", .text(language))) }
    return .object(members)
  }

  /// Calls a method that reads, in the connection's context.
  ///
  /// - Throws: `OdooError`, also for a method that could change records; `Cancellation.Interrupted`.
  public func call(_ call: OdooCall) throws -> OdooAnswer { try perform(call, into: nil) }

  /// Calls a method whose result is a list of records, and reads them into columns.
  public func records(_ call: OdooCall, _ fields: [WireField]) throws -> (page: WirePage, answer: OdooAnswer)
  {
    let builder = RowBuilder(fields)
    let answer = try perform(call, into: builder)
    return (builder.finish(), answer)
  }

  func perform(_ call: OdooCall, into builder: RowBuilder?) throws -> OdooAnswer {
    guard OdooConnection.readMethods.contains(call.method) else {
      throw OdooError(
        .forbiddenMethod, "erpq does not call \(call.name), because the method could change records",
        advice: "It calls \(OdooConnection.readMethods.sorted().joined(separator: ", ")).")
    }
    var call = call
    if !call.named.contains(where: { $0.name == "context" }) {
      call.named.append(OdooMember("context", context))
    }
    gate.wait()
    defer { gate.signal() }
    do {
      let answer = try wire.perform(call, into: builder)
      passed.withLock {
        $0.calls += 1
        $0.bytes += answer.bytes
        $0.seconds += answer.seconds
      }
      return answer
    } catch let error as OdooError {
      throw error.without(secret)
    }
  }

  /// The fields of a model, asked for once.
  public func fields(of model: String) throws -> FieldList {
    if let known = fieldLists.withLock({ $0[model] }) { return known }
    // Without `attributes` some models' answers cannot be carried by XML-RPC.
    let answer = try call(
      OdooCall(
        model, "fields_get",
        named: [
          OdooMember(
            "attributes",
            ["type", "string", "store", "relation", "searchable", "sortable", "groupable", "selection"])
        ]))
    let list = FieldList(model: model, answer.value)
    fieldLists.withLock { $0[model] = list }
    return list
  }

  /// Number of records that the user sees.
  public func count(_ model: String, domain: OdooValue = []) throws -> Int64 {
    let answer = try call(OdooCall(model, "search_count", positional: [OdooMember("domain", domain)]))
    guard let n = answer.value.int else {
      throw OdooError(.badAnswer, "The answer to \(model).search_count is no number")
    }
    return n
  }
}

extension OdooError {
  /// The same error, sure not to hold a secret. What erpq words itself holds none, and a password that is a common
  /// word would only make it unreadable.
  func without(_ secret: Secret) -> OdooError {
    switch kind {
    case .database, .credentials, .apiKey, .twoFactor, .configuration, .forbiddenMethod, .unreachable,
      .timedOut:
      return OdooError(kind, message, advice: advice, details: secret.removed(from: details))
    default: break
    }
    return OdooError(
      kind, secret.removed(from: message), advice: secret.removed(from: advice),
      details: secret.removed(from: details))
  }
}
