import ErpqBase
import ErpqOdooSimulator
import ErpqWarehouse
import Foundation
import Synchronization
import Testing

@testable import ErpqOdoo

/// Models that are read at the same time.
@Suite struct LanesTests {
  private struct Broken: Error {}

  @Test(arguments: [1, 2, 5])
  func everyItemIsDoneOnce(_ lanes: Int) throws {
    let done = Mutex<[Int]>([])
    try Lanes.run(lanes, items: 40) { item in
      done.withLock { $0.append(item) }
      return true
    }
    #expect(done.withLock { $0.sorted() } == Array(0..<40))
  }

  @Test(arguments: [1, 2, 5])
  func nothingIsBegunAfterAnEnd(_ lanes: Int) throws {
    let done = Mutex<Set<Int>>([])
    try Lanes.run(lanes, items: 1000) { item in
      _ = done.withLock { $0.insert(item) }
      return item != 3
    }
    #expect(done.withLock { $0.isSuperset(of: 0...3) && $0.count < 1000 })
    #expect(throws: Broken.self) { try Lanes.run(lanes, items: 9) { _ in throw Broken() } }
  }

  /// An interruption reaches work that is under way in every lane.
  @Test func anInterruptionStopsAllLanes() throws {
    let cancel = Cancellation()
    let began = Mutex(0)
    Cancellation.$current.withValue(cancel) {
      #expect(throws: Cancellation.Interrupted.self) {
        try Lanes.run(2, items: 9) { _ in
          if began.withLock({
            $0 += 1; return $0 == 2
          }) {
            cancel.cancel()
          }
          try SystemClock().sleep(seconds: 60)
          return true
        }
      }
    }
    #expect(began.withLock { $0 } == 2)
  }

  /// Counts the requests that are on their way.
  private final class Crowd: HTTPExchanger {
    let inner: any HTTPExchanger
    private let state = Mutex((now: 0, most: 0))

    init(_ inner: any HTTPExchanger) { self.inner = inner }

    var address: String { inner.address }
    var most: Int { state.withLock(\.most) }

    func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
      state.withLock {
        $0.now += 1
        $0.most = Swift.max($0.most, $0.now)
      }
      defer { state.withLock { $0.now -= 1 } }
      return try inner.exchange(request)
    }
  }

  /// As many requests as there are lanes, never more, and the same company file.
  @Test(arguments: [(TransportKind.json2, 19), (.session, 19), (.jsonrpc, 16), (.xmlrpc, 16)])
  func requestsInFlight(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    company.server.faults = [FaultRule(.latency(seconds: 0.003), times: nil)]
    for lanes in [1, 2] {
      let crowd = Crowd(try CurlClient(address: company.server.url))
      let file = TemporaryFile()
      let warehouse = try Warehouse(path: file.path)
      defer { try? warehouse.close() }
      let clock = company.server.world.clock
      var options = SyncOptions { clock.now }
      options.pageSize = company.pageSize
      options.lanes = lanes
      let summary = try Synchronizer(company.connect(over: crowd), into: warehouse, options: options).run()
      #expect(summary.status == "ok" && summary.models.map(\.model) == ModelSpec.all.map(\.model))
      #expect(crowd.most == lanes)
      // Its lines are several ranges of columns, each asked for while the one before it comes.
      let lines = summary.models.first { $0.model == "sale.order.line" }
      #expect(lines?.isColumnar == (transport != .xmlrpc) && lines?.read ?? 0 > 6 * company.pageSize)
      #expect(try company.difference(file.path) == nil)
    }
  }

  /// The session ends under both lanes: it is renewed, once.
  @Test func aSessionThatEndsUnderTwoRequests() throws {
    let company = try SimulatedCompany(.session, version: 19)
    company.server.faults = [
      FaultRule(.sessionExpired, on: RequestFilter(models: ["sale.order.line"])),
      FaultRule(.latency(seconds: 0.01), times: nil),
    ]
    let file = TemporaryFile()
    #expect(try company.sync(file.path).status == "ok")
    #expect(try company.difference(file.path) == nil)
  }
}
