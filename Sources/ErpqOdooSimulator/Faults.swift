/// Something that goes wrong between a server and its client.
public enum ServerFault: Sendable, Hashable {
  /// The answer comes this many seconds late.
  case latency(seconds: Double)
  /// The connection is reset after this share of the answer's body (0 to 1); the head promised all of it.
  case reset(afterShare: Double)
  /// The connection is reset before anything is answered; the call has been carried out.
  case resetBeforeAnswer
  /// The connection is closed in an orderly way before anything is answered.
  case closeBeforeAnswer
  /// A proxy answers in the place of the server, with `Retry-After` where given; nothing has been carried out.
  case status(Int, retryAfter: String? = nil)
  /// The body ends after this share of it, and the head says that this is all.
  case truncated(toShare: Double)
  /// A control character stands raw in the first text of the body: no XML, no JSON.
  case controlCharacter
  /// The first decimal number of the body is not a number.
  case notANumber
  /// All web sessions end before the call.
  case sessionExpired
  /// The page that says that no database is selected.
  case htmlNotFound
  /// A page of something that is not Odoo, with status 200.
  case notOdoo
  /// A redirection to this address.
  case redirect(to: String)
  /// The body is sent slowly.
  case trickle(bytesPerSecond: Int)
  /// The body is followed by blanks up to this length.
  case oversized(bytes: Int)
  /// The body is this, whatever was asked.
  case body(String, contentType: String)
}

/// What a request is for.
public enum RequestPhase: String, Sendable, CaseIterable {
  /// Probing for the version and signing in.
  case signIn
  /// `fields_get`.
  case describe
  /// `search_count`.
  case count
  /// `read_group` and its kin.
  case group
  /// Reading records and ids.
  case read
  /// Everything else.
  case other
}

/// A request as faults and changes can pick it, and as the log keeps it.
public struct SimulatedRequest: Sendable {
  /// Counted from 1 over the life of the server.
  public var number: Int
  /// The protocol; nil where none was recognized.
  public var transport: OdooTransport?
  /// HTTP's method.
  public var verb: String
  /// HTTP's path.
  public var path: String
  /// The database asked for.
  public var database: String?
  /// Id of the user whom the request names, or the session belongs to.
  public var user: Int?
  /// The model called.
  public var model: String?
  /// The method of the model, or of the service when no model is called.
  public var method: String?
  /// Arguments in their order, of the protocols that have them.
  public var arguments: [Wire]
  /// Arguments by name.
  public var keywords: WireRecord

  /// What it is for.
  public var phase: RequestPhase {
    switch method {
    case "authenticate", "login", "version", "version_info", "get_session_info", "context_get",
      "database_list", "list", "server_version", "about":
      return .signIn
    case "fields_get": return .describe
    case "search_count": return .count
    case "read_group", "formatted_read_group", "web_read_group": return .group
    case "search_read", "read", "search", "web_search_read", "export_data", "name_search": return .read
    default: return .other
    }
  }

  /// An argument by its name, wherever it stood; `parameters` names those that came in their order.
  public func argument(_ name: String) -> Wire? {
    if let value = keywords[name] { return value }
    guard
      let version = OdooVersion.allCases.first(where: { Methods.method(method ?? "", version: $0) != nil }),
      let called = Methods.method(method ?? "", version: version),
      let place = called.parameters(version).firstIndex(of: name)
    else { return nil }
    return arguments[safe: place + (called.takesIDs ? 1 : 0)]
  }
}

/// Which requests are meant.
public struct RequestFilter: Sendable {
  /// One of these protocols.
  public var transports: Set<OdooTransport>?
  /// One of these models.
  public var models: Set<String>?
  /// One of these methods.
  public var methods: Set<String>?
  /// For one of these purposes.
  public var phases: Set<RequestPhase>?
  /// Within these numbers over the life of the server.
  public var numbers: ClosedRange<Int>?
  /// Whatever else.
  public var condition: (@Sendable (SimulatedRequest) -> Bool)?

  /// Requests for which everything given holds.
  public init(
    transports: Set<OdooTransport>? = nil, models: Set<String>? = nil, methods: Set<String>? = nil,
    phases: Set<RequestPhase>? = nil, numbers: ClosedRange<Int>? = nil,
    condition: (@Sendable (SimulatedRequest) -> Bool)? = nil
  ) {
    self.transports = transports
    self.models = models
    self.methods = methods
    self.phases = phases
    self.numbers = numbers
    self.condition = condition
  }

  /// Every request.
  public static let all = RequestFilter()

  /// The request of that number over the life of the server.
  public static func number(_ n: Int) -> RequestFilter { RequestFilter(numbers: n...n) }

  func picks(_ request: SimulatedRequest) -> Bool {
    if let transports, request.transport.map(transports.contains) != true { return false }
    if let models, request.model.map(models.contains) != true { return false }
    if let methods, request.method.map(methods.contains) != true { return false }
    if let phases, !phases.contains(request.phase) { return false }
    if let numbers, !numbers.contains(request.number) { return false }
    return condition?(request) ?? true
  }
}

/// A fault and when it happens.
public struct FaultRule: Sendable {
  /// What happens.
  public var fault: ServerFault
  /// To which requests.
  public var filter: RequestFilter
  /// How many of the requests that the filter picks pass unharmed first.
  public var skipping: Int
  /// How often it happens; nil for always.
  public var times: Int?
  var seen = 0

  /// A rule; it strikes once unless said otherwise.
  public init(_ fault: ServerFault, on filter: RequestFilter = .all, skipping: Int = 0, times: Int? = 1) {
    self.fault = fault
    self.filter = filter
    self.skipping = skipping
    self.times = times
  }

  mutating func strikes(_ request: SimulatedRequest) -> Bool {
    guard filter.picks(request) else { return false }
    seen += 1
    return seen > skipping && times.map { seen <= skipping + $0 } ?? true
  }
}

/// A line of the log: what was asked, what was answered, what was done to the answer.
public struct RequestLogEntry: Sendable {
  /// What was asked.
  public var request: SimulatedRequest
  /// Bytes of the request's body.
  public var requestBytes: Int
  /// HTTP status of the answer.
  public var status: Int
  /// Bytes of the answer's body.
  public var responseBytes: Int
  /// What struck.
  public var faults: [ServerFault]
}
