import ErpqBase
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An HTTP server on the loopback interface that answers as Odoo does, over records that it holds in memory.
///
/// It speaks JSON-2, JSON-RPC, the web client's routes and XML-RPC the way recorded servers of 16 and 19 did,
/// quirks included, and goes wrong on demand. Each connection has a thread; each request sees one moment of
/// the world.
public final class OdooSimulator: Sendable {
  /// Why a server could not be started.
  public struct StartFailure: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String
  }

  /// The records.
  public let world: OdooWorld
  /// Names of the databases of the server; with several, a request has to say which.
  public let databases: [String]
  /// What is taken from clients.
  public let limits: ServerLimits
  private let sessions: Sessions
  private let state = Mutex(State())

  private struct State {
    var listener: Int32 = -1
    var port = 0
    var isStopping = false
    var connections: Set<Int32> = []
    var requests = 0
    var faults: [FaultRule] = []
    var changes: [ScheduledChange] = []
    var log: [RequestLogEntry] = []
  }

  private struct ScheduledChange: Sendable {
    let filter: RequestFilter
    var skipping: Int
    var isDone = false
    let run: @Sendable (OdooWorld) -> Void
  }

  /// A server that is not started yet.
  ///
  /// - Parameter otherDatabases: databases that the server knows of and nobody can use; with any, a request
  ///   has to name its database, as on a server with several.
  public init(
    world: OdooWorld, otherDatabases: [String] = [], limits: ServerLimits = ServerLimits()
  ) {
    self.world = world
    databases = ([world.databaseName] + otherDatabases).sorted()
    self.limits = limits
    sessions = Sessions(version: world.version)
  }

  deinit { stop() }

  /// What goes wrong, in the order in which it is tried; several may strike one request.
  public var faults: [FaultRule] {
    get { state.withLock { $0.faults } }
    set { state.withLock { $0.faults = newValue } }
  }

  /// What was asked and answered since the start, or since `clearLog`.
  public var requestLog: [RequestLogEntry] { state.withLock { $0.log } }

  /// Forgets the log; the numbers of requests go on.
  public func clearLog() { state.withLock { $0.log = [] } }

  /// Number of requests that have arrived.
  public var requestCount: Int { state.withLock { $0.requests } }

  /// Number of connections that are open now.
  public var openConnections: Int { state.withLock { $0.connections.count } }

  /// What is true on the server now.
  public var truth: OdooTruth { world.truth }

  /// Changes the world once, right before a request is answered.
  ///
  /// - Parameter skipping: how many of the requests that the filter picks are answered before.
  public func change(
    before filter: RequestFilter, skipping: Int = 0, _ run: @escaping @Sendable (OdooWorld) -> Void
  ) {
    state.withLock { $0.changes.append(ScheduledChange(filter: filter, skipping: skipping, run: run)) }
  }

  /// Ends all web sessions.
  public func expireSessions() { sessions.expireAll() }

  /// Opens a web session without a request; nil for an unknown login.
  public func openSession(login: String) -> String? {
    world.snapshot.user(login: login).map { sessions.open(for: $0.id) }
  }

  /// The address to connect to; empty before `start`.
  public var url: String { state.withLock { $0.port == 0 ? "" : "http://127.0.0.1:\($0.port)" } }

  /// Begins to listen on the loopback interface.
  ///
  /// - Parameter port: the port; 0 takes a free one.
  /// - Returns: the port.
  @discardableResult
  public func start(port: Int = 0) throws(StartFailure) -> Int {
    guard (0...65_535).contains(port) else {
      throw StartFailure(description: "a port is a number from 0 to 65535, not \(port)")
    }
    guard state.withLock({ $0.listener < 0 }) else {
      throw StartFailure(description: "the server has been started already")
    }
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard handle >= 0 else {
      throw StartFailure(description: "no socket: \(String(cString: strerror(errno)))")
    }
    _ = fcntl(handle, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(handle, pointer, size) == 0 && listen(handle, 64) == 0
          && getsockname(handle, pointer, &size) == 0
      }
    }
    guard isBound else {
      let reason = String(cString: strerror(errno))
      close(handle)
      throw StartFailure(description: "port \(port) of 127.0.0.1 cannot be listened on: \(reason)")
    }
    let real = Int(UInt16(bigEndian: address.sin_port))
    state.withLock {
      $0.listener = handle
      $0.port = real
      $0.isStopping = false
    }
    Thread { [weak self] in OdooSimulator.accept(handle) { self } }.start()
    return real
  }

  /// Ends the server and all its connections. It can be started again.
  public func stop() {
    state.withLock {
      $0.isStopping = true
      if $0.listener >= 0 { shutdown($0.listener, Int32(SHUT_RDWR)) }
      $0.listener = -1
      $0.port = 0
      for connection in $0.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  private static func accept(_ listener: Int32, _ owner: () -> OdooSimulator?) {
    while true {
      var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      let n = poll(&entry, 1, 500)
      if n < 0, errno == EINTR { continue }
      guard let server = owner(), server.state.withLock({ $0.listener == listener }) else { break }
      guard n > 0 else { continue }
      let handle = Glibc.accept(listener, nil, nil)
      if handle < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        // Out of handles: others will close theirs.
        usleep(10_000)
        continue
      }
      server.take(handle)
    }
    close(listener)
  }

  private func take(_ handle: Int32) {
    _ = fcntl(handle, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(handle, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    let isTaken = state.withLock { state in
      guard state.connections.count < limits.connections, !state.isStopping else { return false }
      state.connections.insert(handle)
      return true
    }
    let socket = Socket(handle: handle)
    guard isTaken else {
      send(.html(503, Pages.proxy(503), headers: [("Retry-After", "1")]), to: socket)
      socket.end(withReset: false)
      return
    }
    let thread = Thread { [weak self] in
      let withReset = self?.serve(socket) ?? false
      self?.state.withLock { _ = $0.connections.remove(handle) }
      socket.end(withReset: withReset)
    }
    thread.stackSize = 4 << 20
    thread.start()
  }

  private func send(_ response: HTTPResponse, to socket: Socket) {
    let head = response.head(world.version, date: HTTPDate.text(world.clock.now), keepsAlive: false)
    try? socket.write((head + response.body)[...], until: Socket.clock() + limits.responseSeconds)
  }

  /// Answers the requests of a connection. True where it has to end with a reset.
  private func serve(_ socket: Socket) -> Bool {
    var reader = RequestReader(socket, limits)
    while true {
      let request: HTTPRequest
      do throws(RequestReader.Problem) {
        request = try reader.next()
      } catch {
        if case .refused(let status) = error { send(.html(status, Pages.proxy(status)), to: socket) }
        return false
      }
      let keepsAlive =
        world.version == .v19 && request.header("connection")?.lowercased() != "close"
      let delivery = answer(request)
      do throws(Socket.Failure) {
        if try deliver(delivery, to: socket, keepsAlive: keepsAlive) || !keepsAlive { return delivery.resets }
      } catch { return false }
    }
  }

  private func answer(_ request: HTTPRequest) -> Delivery {
    let router = Router(world: world, databases: databases, sessions: sessions)
    let routed = router.route(request)
    var picked = SimulatedRequest(
      number: 0, transport: routed.transport, verb: request.method, path: request.path,
      database: routed.database, user: routed.user, model: routed.model, method: routed.method,
      arguments: routed.arguments, keywords: routed.keywords)
    let (faults, changes) = state.withLock { state -> ([ServerFault], [@Sendable (OdooWorld) -> Void]) in
      state.requests += 1
      picked.number = state.requests
      var changes: [@Sendable (OdooWorld) -> Void] = []
      for i in state.changes.indices where !state.changes[i].isDone && state.changes[i].filter.picks(picked) {
        if state.changes[i].skipping > 0 {
          state.changes[i].skipping -= 1
        } else {
          state.changes[i].isDone = true
          changes.append(state.changes[i].run)
        }
      }
      var faults: [ServerFault] = []
      for i in state.faults.indices where state.faults[i].strikes(picked) {
        faults.append(state.faults[i].fault)
      }
      return (faults, changes)
    }
    for change in changes { change(world) }
    if faults.contains(.sessionExpired) { sessions.expireAll() }
    let replacement = faults.lazy.compactMap { Delivery.replacement($0, version: self.world.version) }.first
    var delivery = Delivery(replacement ?? routed.answer())
    for fault in faults { delivery.suffer(fault) }
    let entry = RequestLogEntry(
      request: picked, requestBytes: request.body.count, status: delivery.response.status,
      responseBytes: delivery.response.body.count, faults: faults)
    state.withLock { $0.log.append(entry) }
    return delivery
  }

  /// Writes an answer. True where nothing more can be said on the connection.
  private func deliver(
    _ delivery: Delivery, to socket: Socket, keepsAlive: Bool
  ) throws(Socket.Failure) -> Bool {
    pause(delivery.delay)
    if delivery.saysNothing { return true }
    let head = delivery.response.head(
      world.version, date: HTTPDate.text(world.clock.now), keepsAlive: keepsAlive)
    let body = delivery.resetsAfter.map { delivery.response.body.prefix($0) } ?? delivery.response.body[...]
    let deadline = Socket.clock() + limits.responseSeconds
    guard let rate = delivery.bytesPerSecond else {
      try socket.write((head + body)[...], until: deadline)
      // What was sent has to arrive before the reset does.
      if delivery.resets { pause(0.05) }
      return delivery.resets
    }
    try socket.write(head[...], until: deadline)
    let step = max(1, rate / 20)
    var rest = body
    while !rest.isEmpty {
      try socket.write(rest.prefix(step), until: Socket.clock() + limits.responseSeconds)
      rest = rest.dropFirst(step)
      pause(Double(step) / Double(rate))
    }
    return delivery.resets
  }

  /// Waits, but not beyond the end of the server.
  private func pause(_ seconds: Double) {
    let end = Socket.clock() + seconds
    while true {
      let left = end - Socket.clock()
      if left <= 0 || state.withLock({ $0.isStopping }) { return }
      usleep(UInt32(min(left, 0.05) * 1e6))
    }
  }
}
