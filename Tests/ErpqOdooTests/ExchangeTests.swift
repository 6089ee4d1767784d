import ErpqBase
import Testing

@testable import ErpqOdoo

@Suite struct ExchangeTests {
  private func status(_ code: Int, _ headers: [HTTPHeader] = []) -> HTTPResponse {
    HTTPResponse(status: code, headers: headers, body: ResponseBody([]))
  }

  @Test func retriesBackOff() throws {
    let clock = TestClock()
    let inner = ScriptedExchanger([status(503), status(502), status(504), status(200)])
    let patient = PatientExchanger(inner, clock: clock)
    #expect(try patient.exchange(HTTPRequest("POST", "/x")).status == 200)
    #expect(clock.waits.count == 3)
    for (wait, base) in zip(clock.waits, [1.0, 2, 4]) { #expect((base...base * 1.2).contains(wait)) }
  }

  @Test func retryAfterIsObeyed() throws {
    let clock = TestClock()
    let date = "Fri, 20 Nov 2026 23:28:35 GMT"
    let later = "Fri, 20 Nov 2026 23:28:42 GMT"
    let inner = ScriptedExchanger([
      status(429, [HTTPHeader("Retry-After", "3")]),
      status(503, [HTTPHeader("Date", date), HTTPHeader("Retry-After", later)]), status(200),
    ])
    #expect(try PatientExchanger(inner, clock: clock).exchange(HTTPRequest("POST", "/x")).status == 200)
    #expect(clock.waits == [3, 7])
    let rude = ScriptedExchanger([status(429, [HTTPHeader("Retry-After", "99999")])])
    #expect(throws: OdooError.self) {
      try PatientExchanger(rude, clock: clock).exchange(HTTPRequest("POST", "/x"))
    }
  }

  @Test func onlyPassingFailuresAreTriedAgain() throws {
    let clock = TestClock()
    var times = 0
    let broken = ScriptedExchanger { _ in
      times += 1
      throw OdooError(.connectionLost, "reset")
    }
    #expect(throws: OdooError.self) {
      try PatientExchanger(broken, clock: clock).exchange(HTTPRequest("POST", "/x"))
    }
    #expect(times == 5)
    times = 0
    let refused = ScriptedExchanger { _ in
      times += 1
      throw OdooError(.certificate, "no")
    }
    #expect(throws: OdooError.self) {
      try PatientExchanger(refused, clock: clock).exchange(HTTPRequest("POST", "/x"))
    }
    #expect(times == 1)
    // A client's mistake is an answer.
    #expect(
      try PatientExchanger(ScriptedExchanger([status(400)]), clock: clock)
        .exchange(HTTPRequest("POST", "/x")).status == 400)
  }

  @Test func theRateIsKept() throws {
    let clock = TestClock()
    var policy = RetryPolicy()
    policy.maximumRate = 2
    let patient = PatientExchanger(ScriptedExchanger { _ in self.status(200) }, policy: policy, clock: clock)
    for _ in 0..<5 { _ = try patient.exchange(HTTPRequest("POST", "/x")) }
    #expect(abs(clock.now() - 2) < 1e-9)
  }

  @Test func addresses() throws {
    let good = [
      "mycompany.odoo.com": "https://mycompany.odoo.com", "localhost:8069": "http://localhost:8069",
      "https://erp.example.com/web#action=1": "https://erp.example.com",
      "http://Example.com:80/odoo/sales?x=1": "http://example.com:80",
      "https://example.com/erp/": "https://example.com/erp",
      "http://[::1]:8069/web/login": "http://[::1]:8069",
    ]
    for (text, wanted) in good { #expect(try ServerAddress.normalized(text) == wanted) }
    for text in [
      "", "ftp://x", "https://", "http://user:pw@x", "https://x:99999", "https://x:y", "https://é.com", "...",
    ] {
      #expect(throws: OdooError.self, "\(text)") { try ServerAddress.normalized(text) }
    }
  }

  @Test func nothingAnswers() throws {
    for (address, kind) in [
      ("http://127.0.0.1:1", OdooError.Kind.unreachable), ("http://nowhere.invalid", .badAddress),
    ] {
      do {
        _ = try CurlClient(address: address).exchange(HTTPRequest("GET", "/web/version"))
        Issue.record("\(address) answered")
      } catch let error as OdooError {
        #expect(error.kind == kind || error.kind == .unreachable, "\(error)")
      }
    }
  }

  @Test func aCancelledWaitStops() throws {
    let cancel = Cancellation()
    cancel.cancel()
    Cancellation.$current.withValue(cancel) {
      #expect(throws: Cancellation.Interrupted.self) {
        try SystemClock().sleep(seconds: 60)
      }
    }
  }

  @Test func recordingsHoldNoSecretAndReplay() throws {
    let secret = "p\"w<1>&"
    let kept = KeptLines()
    let exchange = try Exchanges.named("19", "web_authenticate_ok")
    let recorder = RecordingExchanger(ScriptedExchanger([exchange.response]), secrets: [secret]) {
      kept.append($0)
    }
    let request = HTTPRequest(
      "POST", "/web/session/authenticate", body: Array(OdooValue.text(secret).json.utf8))
    let live = try recorder.exchange(request)
    let lines = kept.all
    #expect(lines.count == 1)
    #expect(!lines[0].contains("p\\\"w") && !lines[0].contains("cccccccc"))
    let replay = try ReplayExchanger(lines: lines, address: "http://x", secrets: [secret])
    let again = try replay.exchange(request)
    #expect(again.status == 200 && again.body.text == live.body.text)
    #expect(again.header("Set-Cookie") == "session_id=recorded; Path=/")
    #expect(throws: OdooError.self) { try replay.exchange(HTTPRequest("GET", "/other")) }
  }
}
