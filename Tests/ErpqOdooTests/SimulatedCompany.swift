import ErpqBase
import ErpqOdooSimulator
import ErpqTables
import Foundation
import GRDB
import Testing

@testable import ErpqOdoo
@testable import ErpqWarehouse

/// A simulated server, a client for it whose waits take no time, and a look at both sides.
final class SimulatedCompany {
  let server: OdooSimulator
  let transport: TransportKind
  private let base: OdooTruth
  private let start: Instant
  private var moved = 0.0
  private var known: [FieldMap] = []
  var pageSize = 25
  var usesColumns = true
  var maximumBody = 4 << 20
  var totalTimeout = 20.0
  let secret: String
  let waiting = TestClock()

  /// - Parameter version: 16 or 19.
  init(_ transport: TransportKind, version: Int, orders: Int = 60) throws {
    self.transport = transport
    start = try #require(Instant(iso: "2026-07-01T10:00:00"))
    let world = OdooWorld.sample(
      version: version == 16 ? .v16 : .v19, orders: orders, products: 50,
      clock: OdooClock(standingAt: start))
    // What the sample lacks of the models that are read.
    let long = String(repeating: "😀 long ", count: 20_000)
    for i in 1...45 {
      world.create(
        "crm.lead",
        [
          "name": .text(i == 1 ? long : "Lead \(i)"), "type": "opportunity", "active": .bool(i % 5 != 0),
          "probability": 10.0, "expected_revenue": .double(Double(i)), "company_id": 1,
        ])
      world.create(
        "account.move",
        [
          "name": .text("INV/\(i)"), "move_type": .text(i % 9 == 0 ? "entry" : "out_invoice"),
          "state": "posted", "invoice_date": .day(CivilDate(day: Int32(20_000 + i))), "partner_id": 50,
          "currency_id": 1, "amount_total": .double(Double(i) + 0.1), "company_id": 1,
          "amount_total_signed": .double(Double(i) + 0.1), "amount_residual_signed": .double(0.1),
        ])
    }
    world.create(
      "account.payment",
      [
        "name": "PAY/1", "payment_type": "inbound", "partner_type": "customer",
        "date": .day(CivilDate(day: 20_010)),
        "partner_id": 50, "currency_id": 1, "amount": 2.1, "amount_company_currency_signed": 2.1,
        "company_id": 1,
        "state": "posted", "reconciled_invoice_ids": .ids([2, 3]),
      ])
    for i in 1...3 {
      world.create(
        "pos.order",
        [
          "name": .text("POS/\(i)"), "state": "done", "date_order": .moment(start), "currency_id": 1,
          "company_id": 1, "currency_rate": 1.0,
        ])
      world.create(
        "pos.order.line",
        ["order_id": .int(i), "product_id": 100, "qty": 2.0, "price_unit": 1.5, "price_subtotal": 3.0])
    }
    server = OdooSimulator(world: world, otherDatabases: ["other"])
    base = world.truth
    secret = transport == .session ? "admin" : ErpqOdooSimulator.OdooUser.demoKey
    try server.start()
  }

  deinit { server.stop() }

  /// Back to the company as it was, and no faults.
  func reset() {
    server.faults = []
    server.expireSessions()
    server.world.restore(base)
    server.world.clock.advance(seconds: -moved)
    moved = 0
    waiting.waits = []
    server.clearLog()
  }

  func advance(seconds: Double) {
    server.world.clock.advance(seconds: seconds)
    moved += seconds
  }

  func connect() throws -> OdooConnection {
    var options = HTTPOptions()
    options.maximumBody = maximumBody
    options.totalTimeout = totalTimeout
    return try connect(over: CurlClient(address: server.url, options: options))
  }

  func connect(over client: any HTTPExchanger) throws -> OdooConnection {
    try OdooConnection.open(
      ConnectionSettings(url: server.url, database: "demo", login: "admin", transport: transport),
      credential: transport == .session ? .password(Secret(secret)) : .apiKey(Secret(secret)),
      over: PatientExchanger(client, clock: waiting))
  }

  /// - Parameter pages: pages that the file may have; nil: as many as it takes.
  func sync(_ path: String, pages: Int? = nil, _ progress: @escaping (SyncProgress) -> Void = { _ in }) throws
    -> SyncSummary
  {
    let connection = try connect()
    let warehouse = try Warehouse(path: path)
    defer { try? warehouse.close() }
    if let pages {
      try warehouse.store.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA max_page_count = \(pages)")
      }
    }
    let clock = server.world.clock
    var options = SyncOptions { clock.now }
    options.pageSize = pageSize
    options.usesColumns = usesColumns
    return try Synchronizer(connection, into: warehouse, options: options, clock: waiting).run(progress)
  }

  /// What differs between the company file and what is true on the server; nil when nothing does.
  ///
  /// - Parameter values: whether every value is compared, or which records there are.
  func difference(_ path: String, values: Bool = true) throws -> String? {
    let truth = server.truth
    for map in try maps() {
      let spec = map.spec
      let types = Dictionary(
        uniqueKeysWithValues: (MirrorTable.named(spec.table)?.columns ?? []).map { ($0.name, $0.type) })
      let columns = map.columns.map { truth.column(spec.model, $0.field.name) }
      var wanted: [Int64: [String]] = [:]
      for (row, id) in truth.ids(spec.model).enumerated() {
        let isHeading = spec.exclusions.contains { truth.value(spec.model, id: id, $0) != .empty }
        let isEntry =
          spec.model == "account.move"
          && truth.value(spec.model, id: id, "move_type") == .text("entry")
        if isHeading || isEntry { continue }
        wanted[Int64(id)] = zip(map.columns, columns).map { column, cells in
          words(cells[row], column.column == "id" ? .int : types[column.column] ?? .text)
        }
      }
      let found = try mirrorRows(path, spec.table, map.columns.map(\.column))
      let (lost, extra) = (
        Set(wanted.keys).subtracting(found.keys), Set(found.keys).subtracting(wanted.keys)
      )
      if !lost.isEmpty { return "\(spec.model): lost \(lost.sorted().prefix(5)) of \(wanted.count)" }
      if !extra.isEmpty { return "\(spec.model): \(extra.sorted().prefix(5)) are gone from the server" }
      guard values else { continue }
      for id in wanted.keys.sorted() where wanted[id] != found[id] {
        for (i, column) in map.columns.enumerated() where wanted[id]?[i] != found[id]?[i] {
          return
            "\(spec.model) \(id) \(column.column): \(found[id]?[i].prefix(40) ?? "") is not \(wanted[id]?[i].prefix(40) ?? "")"
        }
      }
    }
    return nil
  }

  /// Which fields fill which columns, of all models that the server has.
  private func maps() throws -> [FieldMap] {
    if known.isEmpty {
      let connection = try connect()
      for spec in ModelSpec.all {
        do {
          known.append(try FieldMap(spec, try connection.fields(of: spec.model)))
        } catch let error as OdooError where error.kind == .unknownModel { continue }
      }
    }
    return known
  }

  private func words(_ value: ErpqOdooSimulator.OdooValue, _ type: MirrorType) -> String {
    switch value {
    case .bool(let flag): flag ? "1" : ""
    case .int(let n): n == 0 ? "" : type == .real ? String(Double(n)) : String(n)
    case .double(let d): d == 0 ? "" : String(d)
    case .text(let text): text
    case .moment(let m): String(m.microseconds / 1_000_000 * 1_000_000)
    case .ids(let ids): ids.first.map { String($0) } ?? ""
    case .day(let day): type == .moment ? String(Instant(day).microseconds) : String(day.day)
    default: ""
    }
  }
}

/// A company file that is removed with the object.
final class TemporaryFile {
  let path = NSTemporaryDirectory() + "erpq-matrix-\(UUID().uuidString).db"

  func copy(of other: TemporaryFile) throws {
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
  }

  deinit {
    for suffix in ["", "-wal", "-shm", "-sync"] { try? FileManager.default.removeItem(atPath: path + suffix) }
  }
}
