import ErpqBase
import ErpqOdooSimulator
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqOdoo

/// Every fault, in every phase of a sync and over every transport: nothing is lost, nothing is doubled, and what is
/// missing is said.
@Suite struct FaultMatrixTests {
  /// What goes wrong, and whether the run itself is to get over it.
  struct Trouble: Sendable {
    var name: String
    var fault: ServerFault
    var heals: Bool
    /// nil: until it is taken away.
    var times: Int? = 1
  }

  static let troubles: [Trouble] = [
    Trouble(name: "a gateway without an answer", fault: .status(502), heals: true),
    Trouble(name: "busy, try again in 7 s", fault: .status(503, retryAfter: "7"), heals: true),
    Trouble(name: "too many requests", fault: .status(429, retryAfter: "3"), heals: true, times: 3),
    Trouble(name: "a gateway that waited too long", fault: .status(504), heals: true),
    Trouble(name: "reset within the body", fault: .reset(afterShare: 0.5), heals: true),
    Trouble(name: "reset before the answer", fault: .resetBeforeAnswer, heals: true),
    Trouble(name: "closed before the answer", fault: .closeBeforeAnswer, heals: true),
    Trouble(name: "late", fault: .latency(seconds: 0.01), heals: true),
    Trouble(name: "slow", fault: .trickle(bytesPerSecond: 4_000_000), heals: true),
    Trouble(name: "the session ends", fault: .sessionExpired, heals: true),
    Trouble(name: "down for good", fault: .status(503), heals: false, times: nil),
    Trouble(name: "resets for good", fault: .reset(afterShare: 0.9), heals: false, times: nil),
    Trouble(name: "cut off, and said to be whole", fault: .truncated(toShare: 0.7), heals: false),
    Trouble(name: "nothing, and said to be whole", fault: .truncated(toShare: 0), heals: false),
    Trouble(name: "a page for people", fault: .htmlNotFound, heals: false),
    Trouble(name: "another server", fault: .notOdoo, heals: false),
    Trouble(name: "sent elsewhere", fault: .redirect(to: "http://127.0.0.1:9/?token=s3cret"), heals: false),
    Trouble(name: "an internal error of a proxy", fault: .status(500), heals: false),
    Trouble(name: "more than is taken", fault: .oversized(bytes: 6 << 20), heals: false),
    Trouble(
      name: "deep nesting",
      fault: .body(String(repeating: "[", count: 100_000), contentType: "application/json"), heals: false),
    Trouble(
      name: "an entity bomb",
      fault: .body(
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
          + "<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>",
        contentType: "text/xml"), heals: false),
  ]

  /// When it goes wrong.
  struct Phase: Sendable {
    var name: String
    var filter: @Sendable (TransportKind) -> RequestFilter
    var skipping = 0
    /// Whether the company file is up to date before, and the server has changed since.
    var isIncremental = false
    /// Whether records come in it, so that more is tried.
    var isHeart = false
    /// A phase that XML-RPC has not, because it carries no columns.
    var needsColumns = false
  }

  private static func line(_ phase: RequestPhase) -> @Sendable (TransportKind) -> RequestFilter {
    { _ in RequestFilter(models: ["sale.order.line"], phases: [phase]) }
  }

  static let phases: [Phase] = [
    Phase(name: "signing in", filter: { _ in RequestFilter(phases: [.signIn]) }),
    Phase(name: "asking for fields", filter: line(.describe)),
    Phase(name: "counting", filter: line(.count)),
    Phase(name: "the first page", filter: line(.read)),
    Phase(name: "whole columns", filter: line(.group), needsColumns: true),
    Phase(name: "more columns", filter: line(.group), skipping: 1, needsColumns: true),
    Phase(
      name: "a later page", filter: { _ in RequestFilter(models: ["sale.order"], phases: [.read]) },
      skipping: 1,
      isHeart: true),
    Phase(
      name: "the second page of a picture",
      filter: { _ in RequestFilter(models: ["stock.quant"], phases: [.read]) },
      skipping: 1),
    Phase(name: "signing in again", filter: { _ in RequestFilter(phases: [.signIn]) }, isIncremental: true),
    Phase(name: "what has changed", filter: line(.read), isIncremental: true, isHeart: true),
    Phase(name: "looking for deletions", filter: line(.group), isIncremental: true),
    Phase(
      name: "fetching ids of a month",
      filter: { _ in RequestFilter(models: ["sale.order.line"], methods: ["search"]) }, isIncremental: true),
  ]

  /// What happens on the server between two syncs.
  private func change(_ company: SimulatedCompany) {
    company.advance(seconds: 86_400)
    let world = company.server.world
    let truth = world.truth
    let lines = truth.ids("sale.order.line")
    for id in lines.prefix(50) {
      world.update("sale.order.line", id: id, ["price_subtotal": .double(Double(id))])
    }
    for id in [lines[3], lines[60], lines[lines.count - 1]] { world.delete("sale.order.line", id: id) }
    world.create(
      "sale.order.line",
      [
        "order_id": 1, "product_id": 101, "product_uom_qty": 3.0, "price_unit": 2.0, "price_subtotal": 6.0,
        "product_uom": 1, "product_uom_id": 1,
      ])
    world.delete("sale.order", id: 7)
    world.update("product.template", id: 110, ["name": "Renamed"])
    world.update("sale.order", id: 2, ["date_order": .moment(world.clock.now)])
  }

  static let transports: [(TransportKind, Int)] = [
    (.json2, 19), (.jsonrpc, 16), (.session, 19), (.xmlrpc, 16),
  ]

  /// Where records come, every trouble over two transports, those that the other phase leaves out; in the other phases
  /// over one of them, another one in each phase. So every trouble meets every phase and every transport. All of it
  /// with ERPQ_WHOLE_MATRIX in the environment.
  private static func isTaken(_ trouble: Int, _ phase: Int, _ transport: TransportKind) -> Bool {
    if ProcessInfo.processInfo.environment["ERPQ_WHOLE_MATRIX"] != nil { return true }
    let place = transports.firstIndex { $0.0 == transport } ?? 0
    if phases[phase].isHeart { return (trouble + place + (phases[phase].isIncremental ? 1 : 0)) % 2 == 0 }
    return (trouble + phase) % (transports.count - (phases[phase].needsColumns ? 1 : 0)) == place
  }

  /// A module that is not installed is no failure, whatever the protocol says of it.
  @Test(arguments: transports)
  func aModelThatIsNotThere(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    let connection = try company.connect()
    do {
      _ = try connection.fields(of: "rental.order")
      Issue.record("rental.order has fields")
    } catch let error as OdooError {
      #expect(error.kind == .unknownModel, "\(transport): \(error)")
      #expect(error.description.contains("rental.order"))
    }
  }

  @Test(arguments: transports)
  func everyFaultInEveryPhase(_ transport: TransportKind, _ version: Int) throws {
    let company = try SimulatedCompany(transport, version: version)
    let whole = TemporaryFile()
    #expect(try company.sync(whole.path).status == "ok")
    #expect(try company.difference(whole.path) == nil)
    for (p, phase) in Self.phases.enumerated() where !(phase.needsColumns && transport == .xmlrpc) {
      for (t, trouble) in Self.troubles.enumerated() where Self.isTaken(t, p, transport) {
        try cell(company, trouble, phase, whole)
      }
    }
  }

  private func cell(
    _ company: SimulatedCompany, _ trouble: Trouble, _ phase: Phase, _ whole: TemporaryFile
  ) throws {
    company.reset()
    let file = TemporaryFile()
    if phase.isIncremental {
      try file.copy(of: whole)
      change(company)
    }
    let place = "\(company.transport), \(phase.name), \(trouble.name)"
    company.server.faults = [
      FaultRule(
        trouble.fault, on: phase.filter(company.transport), skipping: phase.skipping, times: trouble.times)
    ]
    var said: [String] = []
    var isWhole = false
    do {
      let summary = try company.sync(file.path)
      isWhole = summary.status == "ok"
      said = summary.notes + summary.models.map(\.message)
      if let failure = summary.failure { said.append(failure.description) }
      #expect(isWhole || said.contains { !$0.isEmpty }, "\(place): nothing is said")
    } catch let error as OdooError {
      said = [error.description]
    }
    let struck = company.server.requestLog.contains { !$0.faults.isEmpty }
    #expect(struck, "\(place): did not happen")
    #expect(!said.contains { $0.contains(company.secret) || $0.contains("s3cret") }, "\(place): a secret")
    if trouble.heals { #expect(isWhole, "\(place): \(said.filter { !$0.isEmpty })") }
    if isWhole {
      // Whatever happened, what calls itself whole is.
      let difference = try company.difference(file.path)
      #expect(difference == nil, "\(place): \(difference ?? "")")
      return
    }
    company.server.faults = []
    let second = try company.sync(file.path)
    #expect(second.status == "ok", "\(place), again: \(second.failure?.description ?? "")")
    let difference = try company.difference(file.path)
    #expect(difference == nil, "\(place), again: \(difference ?? "")")
  }
}
