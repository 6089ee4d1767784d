import ErpqBase
import Foundation
import Testing

@testable import ErpqOdooSimulator

@Suite("Paging, changes, faults and hostile clients", .serialized)
struct ServerTests {
  static let quick: ServerLimits = {
    var limits = ServerLimits()
    limits.requestSeconds = 0.4
    limits.idleSeconds = 2
    limits.bodyBytes = 100_000
    limits.connections = 8
    return limits
  }()

  func server(_ version: OdooVersion = .v19, orders: Int = 60) throws -> (OdooSimulator, RawClient) {
    let clock = OdooClock(standingAt: try #require(Instant(iso: "2026-07-01T10:00:00")))
    let server = OdooSimulator(
      world: .sample(version: version, orders: orders, products: 10, clock: clock), limits: Self.quick)
    return (server, RawClient(port: try server.start()))
  }

  /// All ids of a model by pages that begin behind the last id seen.
  func pull(_ client: RawClient, _ model: String, page: Int = 20) throws -> [Int] {
    var ids: [Int] = []
    while true {
      let answer = client.call(
        model, "search_read", [[["id", ">", .int(ids.last ?? 0)]]],
        WireRecord([
          ("fields", ["id"]), ("limit", .int(page)), ("order", "id"), ("load", ""),
          ("context", ["active_test": false]),
        ]))
      let found = try #require(answer?["result"]?.list).compactMap { $0["id"]?.int }
      ids += found
      if found.count < page { return ids }
    }
  }

  @Test func pagesHoldEverythingOnce() throws {
    let (server, client) = try server()
    defer { server.stop() }
    for model in ["sale.order", "sale.order.line", "product.product", "stock.move"] {
      #expect(try pull(client, model) == server.truth.ids(model))
    }
    let offset = client.call(
      "sale.order", "search", [[]], WireRecord([("offset", 55), ("limit", 10), ("order", "id")]))
    #expect(offset?["result"] == [56, 57, 58, 59, 60])
    #expect(server.requestLog.last?.request.argument("offset") == 55)
    #expect(server.requestLog.last?.request.phase == .read)
  }

  @Test func rowsChangeWhilePaging() throws {
    let (server, client) = try server()
    defer { server.stop() }
    server.change(before: RequestFilter(models: ["sale.order"], phases: [.read]), skipping: 1) { world in
      world.delete("sale.order", id: 3)
      world.delete("sale.order", id: 45)
      world.update("sale.order", id: 50, ["state": "cancel"])
      world.create("sale.order", ["name": "new"])
    }
    let seen = try pull(client, "sale.order")
    let truth = server.truth.ids("sale.order")
    // What was passed already is known too much; what comes is right.
    #expect(Set(seen).subtracting(truth) == [3])
    #expect(Set(truth).subtracting(seen).isEmpty)
    #expect(server.truth.value("sale.order", id: 50, "state") == "cancel")
  }

  @Test func deletingAnOrderTakesItsLines() throws {
    let (server, _) = try server()
    let before = server.truth.ids("sale.order.line")
    let own = before.filter { server.truth.value("sale.order.line", id: $0, "order_id") == 7 }
    #expect(!own.isEmpty)
    server.world.delete("sale.order", id: 7)
    #expect(server.truth.ids("sale.order.line") == before.filter { !own.contains($0) })
  }

  /// A slow transaction shows up behind a quick one with an older stamp.
  @Test func lateCommit() throws {
    let (server, client) = try server()
    defer { server.stop() }
    var slow = server.world.begin()
    let first = slow.create("sale.order", ["name": "slow", "company_id": 1])
    server.world.clock.advance(seconds: 5)
    let second = server.world.create("sale.order", ["name": "quick", "company_id": 1])
    #expect(first < second)
    func since(_ text: Wire) -> Wire? {
      client.call("sale.order", "search", [[["write_date", ">=", text]]], WireRecord([("order", "id")]))?[
        "result"]
    }
    #expect(since("2026-07-01 10:00:00") == [.int(second)])
    slow.commit()
    #expect(since("2026-07-01 10:00:05") == [.int(second)])
    #expect(since("2026-07-01 10:00:00") == [.int(first), .int(second)])
  }

  @Test func stampsMoveAsOnARealServer() throws {
    for version in OdooVersion.allCases {
      let (server, _) = try server(version)
      let world = server.world
      let line = try #require(
        server.truth.ids("sale.order.line").first {
          server.truth.value("sale.order.line", id: $0, "order_id") == 1
        })
      func stamp(_ model: String, _ id: Int) -> OdooValue { server.truth.value(model, id: id, "write_date") }
      let before = stamp("sale.order.line", line)
      world.update("sale.order", id: 1, ["date_order": .moment(world.clock.now)])
      #expect(stamp("sale.order.line", line) == before)
      world.update("sale.order", id: 1, ["state": "cancel"])
      #expect(stamp("sale.order.line", line) != before)
      #expect(server.truth.value("sale.order.line", id: line, "state") == "cancel")
      let variant = stamp("product.product", 100)
      world.update("product.template", id: 100, ["list_price": 1.5])
      // The variant's stamp follows its template in 19 alone.
      #expect((stamp("product.product", 100) == variant) == (version == .v16))
      #expect(server.truth.value("product.product", id: 100, "list_price") == 1.5)
      let silent = stamp("sale.order", 2)
      world.updateSilently("sale.order", id: 2, ["note": "by hand"])
      #expect(stamp("sale.order", 2) == silent)
      server.stop()
    }
  }

  static let count: Wire = [
    "jsonrpc": "2.0", "method": "call", "id": 7,
    "params": [
      "service": "object", "method": "execute_kw",
      "args": ["demo", 2, "admin", "sale.order", "search_read", [[]], ["fields": ["name", "amount_total"]]],
    ],
  ]

  @Test func faultsByKind() throws {
    let (server, client) = try server()
    defer { server.stop() }
    func ask(_ faults: ServerFault...) -> RawClient.Answer? {
      server.faults = faults.map { FaultRule($0) }
      return client.post("/jsonrpc", Self.count)
    }
    let whole = try #require(ask()?.json)
    let busy = ask(.status(503, retryAfter: "2"))
    #expect(busy?.status == 503 && busy?.header("retry-after") == "2")
    #expect(ask(.status(429, retryAfter: "Wed, 01 Jul 2026 10:00:09 GMT"))?.status == 429)
    #expect(ask(.status(502))?.header("content-type") == "text/html; charset=utf-8")
    #expect(ask(.reset(afterShare: 0.5))?.isCut ?? true)
    #expect(ask(.resetBeforeAnswer) == nil)
    #expect(ask(.closeBeforeAnswer) == nil)
    let short = try #require(ask(.truncated(toShare: 0.6)))
    #expect(!short.isCut && short.json == nil)
    #expect(ask(.controlCharacter)?.json == nil)
    let nan = try #require(ask(.notANumber))
    #expect(nan.text.contains("NaN"))
    #expect(ask(.htmlNotFound)?.status == 404)
    #expect(ask(.notOdoo)?.text.contains("It works!") == true)
    #expect(ask(.redirect(to: "http://127.0.0.1:9/"))?.header("location") == "http://127.0.0.1:9/")
    #expect(ask(.oversized(bytes: 300_000))?.body.count == 300_000)
    #expect(ask(.body("{}", contentType: "application/json"))?.text == "{}")
    let began = Socket.clock()
    #expect(ask(.latency(seconds: 0.2))?.json == whole)
    #expect(Socket.clock() - began >= 0.2)
    #expect(ask(.trickle(bytesPerSecond: 40_000))?.json == whole)
    // Each struck once.
    #expect(client.post("/jsonrpc", Self.count)?.json == whole)
    #expect(server.requestLog.count == server.requestCount)
  }

  @Test func faultsByPlace() throws {
    let (server, client) = try server()
    defer { server.stop() }
    server.faults = [
      FaultRule(
        .status(502), on: RequestFilter(transports: [.jsonrpc], models: ["sale.order"]), skipping: 1, times: 2
      ),
      FaultRule(.status(429), on: RequestFilter(phases: [.count]), times: nil),
    ]
    let codes = (1...5).map { _ in client.post("/jsonrpc", Self.count)?.status }
    #expect(codes == [200, 502, 502, 200, 200])
    #expect(client.call("res.partner", "search_count", [[]]) == nil)
    #expect(server.requestLog.last?.status == 429)
    #expect(client.call("res.partner", "search", [[]])?["result"]?.list?.isEmpty == false)
  }

  @Test func malformedXMLOnDemand() throws {
    let (server, client) = try server(.v16)
    defer { server.stop() }
    server.faults = [FaultRule(.controlCharacter)]
    let call =
      "<?xml version='1.0'?><methodCall><methodName>version</methodName><params></params></methodCall>"
    let answer = client.request(
      ["POST /xmlrpc/2/common HTTP/1.1", "Host: x", "Content-Type: text/xml"], body: Array(call.utf8))
    #expect(answer?.body.contains(1) == true)
    #expect(answer?.head.first == "HTTP/1.0 200 OK")
  }

  @Test func sessionsExpire() throws {
    let (server, client) = try server()
    defer { server.stop() }
    let signed = client.post(
      "/web/session/authenticate",
      [
        "jsonrpc": "2.0", "method": "call", "id": 1,
        "params": ["db": "demo", "login": "admin", "password": "admin"],
      ])
    let cookie = try #require(signed?.header("set-cookie")?.split(separator: ";").first.map(String.init))
    let call: Wire = [
      "jsonrpc": "2.0", "method": "call", "id": 2,
      "params": [
        "model": "sale.order", "method": "search_count", "args": [[]], "kwargs": .record(WireRecord()),
      ],
    ]
    func count() -> Wire? { client.post("/web/dataset/call_kw", call, headers: ["Cookie: \(cookie)"])?.json }
    #expect(count()?["result"] == 60)
    server.faults = [FaultRule(.sessionExpired)]
    #expect(count()?["error"]?["code"] == 100)
    #expect(count()?["error"]?["code"] == 100)
  }

  @Test func rightsAreSilent() throws {
    let (server, client) = try server()
    defer { server.stop() }
    func count(_ key: String, _ model: String) -> RawClient.Answer? {
      client.post(
        "/json/2/\(model)/search_count", ["domain": []],
        headers: ["Authorization: bearer \(key)", "X-Odoo-Database: demo"])
    }
    server.world.changeUser("limited") { $0.apiKeys = ["k"] }
    server.world.create("sale.order", ["user_id": 2, "company_id": 1])
    #expect(count(OdooUser.demoKey, "sale.order")?.json == 61)
    #expect(count("k", "sale.order")?.json == 60)
    #expect(count("k", "account.move")?.status == 403)
    server.world.changeUser("limited") { $0.apiKeys = [] }
    #expect(count("k", "sale.order")?.status == 401)
  }

  @Test func hostileClients() throws {
    let (server, client) = try server()
    defer { server.stop() }
    // A client that never finishes its request is sent away.
    let slow = client.connect()
    client.write(Array("POST /jsonrpc HTTP/1.1\r\nHost: x\r\n".utf8), to: slow)
    #expect(client.read(from: slow)?.status == 408)
    close(slow)
    let head = ["POST /jsonrpc HTTP/1.1", "Host: x", "Content-Type: application/json", "Connection: close"]
    #expect(client.request(head, body: [UInt8](repeating: 32, count: 100_001))?.status == 413)
    #expect(client.request(["GET / NONSENSE"])?.status == 400)
    #expect(
      client.request(["POST /jsonrpc HTTP/1.1", "X: " + String(repeating: "y", count: 70_000)])?.status == 431
    )
    #expect(client.request(["POST /jsonrpc HTTP/1.1", "Transfer-Encoding: chunked"])?.status == 411)
    #expect(client.request(head, body: Array("{\"id\": \"\\u+123\"}".utf8))?.status == 400)
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 50_000)
    #expect(client.request(head, body: deep)?.status == 400)
    let bomb = "<!DOCTYPE x [<!ENTITY a \"b\">]><methodCall><methodName>&a;</methodName></methodCall>"
    let answer = client.request(
      ["POST /xmlrpc/2/common HTTP/1.1", "Connection: close"], body: Array(bomb.utf8))
    #expect(answer?.text.contains("<fault>") == true)
    for body: Wire in [
      ["params": 1], ["params": ["service": "object", "method": "execute_kw", "args": [1, 2]]],
      [
        "params": [
          "service": "object", "method": "execute_kw",
          "args": ["demo", 2, "admin", "sale.order", "read", [[9_999_999_999]]],
        ]
      ],
      [
        "params": [
          "service": "object", "method": "execute_kw",
          "args": ["demo", 2, "admin", "sale.order", "search", [[]], ["limit": -5, "offset": -9]],
        ]
      ],
    ] {
      #expect(client.post("/jsonrpc", body)?.status == 200)
    }
    // More connections than there are threads for.
    for _ in 0..<100 where server.openConnections > 0 { usleep(20_000) }
    let held = (0..<8).map { _ in client.connect() }
    for _ in 0..<50 where server.openConnections < 8 { usleep(20_000) }
    #expect(server.openConnections == 8)
    #expect(client.post("/jsonrpc", Self.count)?.status == 503)
    for handle in held { close(handle) }
    for _ in 0..<50 where server.openConnections > 0 { usleep(20_000) }
    #expect(client.post("/jsonrpc", Self.count)?.status == 200)
  }

  @Test func connectionsStayOpen() throws {
    let (server, client) = try server()
    defer { server.stop() }
    let handle = client.connect()
    defer { close(handle) }
    let body = JSONText.bytes(Self.count)
    let head =
      "POST /jsonrpc HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
    for _ in 0..<3 {
      client.write(Array(head.utf8) + body, to: handle)
      #expect(client.read(from: handle)?.status == 200)
    }
    // Two at once are answered one after the other.
    client.write(Array(head.utf8) + body + Array(head.utf8) + body, to: handle)
    usleep(300_000)
    #expect(server.requestCount == 5)
  }

  @Test func stopsAndStartsAgain() throws {
    let (server, client) = try server()
    #expect(client.post("/jsonrpc", Self.count)?.status == 200)
    server.stop()
    usleep(50_000)
    #expect(client.post("/jsonrpc", Self.count) == nil)
    let again = try server.start()
    #expect(RawClient(port: again).post("/jsonrpc", Self.count)?.status == 200)
    #expect(throws: OdooSimulator.StartFailure.self) { try server.start() }
    let other = OdooSimulator(world: server.world)
    #expect(throws: OdooSimulator.StartFailure.self) { try other.start(port: again) }
    server.stop()
  }
}
