import ErpqBase
import ErpqTables
import Foundation
import Testing

@testable import ErpqWarehouse

@Suite struct DemoCompanyTests {
  /// A number that changes with any line, order, purchase or movement.
  private func digest(_ s: DemoSimulation) -> UInt64 {
    var h: UInt64 = 1
    func mix(_ x: UInt64) { h = (h ^ x) &* 0x0000_0100_0000_01B3 ^ (h >> 31) }
    for line in s.lines {
      mix(UInt64(line.order) << 20 ^ UInt64(line.product))
      mix(line.qty.bitPattern)
      mix(line.price.bitPattern)
    }
    for order in s.orders { mix(UInt64(order.day) << 32 ^ UInt64(order.customer)) }
    for purchase in s.purchases { mix(UInt64(purchase.arrives) ^ purchase.qty.bitPattern) }
    for move in s.moves { mix(UInt64(move.day) ^ move.qty.bitPattern) }
    return h
  }

  private func simulate(_ seed: UInt64) throws -> DemoSimulation {
    var simulation = DemoSimulation(seed: seed, first: DemoCompany.firstDay, last: DemoCompany.lastDay)
    try simulation.run()
    return simulation
  }

  @Test func theSameSeedGivesTheSameCompany() throws {
    let first = digest(try simulate(1))
    #expect(first == digest(try simulate(1)))
    #expect(first != digest(try simulate(2)))
    #expect(first == 2_193_900_291_600_310_344)
  }

  @Test func theDemoIsACompany() throws {
    let folder = try TemporaryFolder()
    let warehouse = try DemoCompany.open(dataFolder: folder.file("data"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("data")).filter { $0.contains("draft") }
        == [])
    let info = try warehouse.info
    #expect(info.today == CivilDate(year: 2026, month: 7, day: 1))
    #expect(info.firstDay == CivilDate(year: 2023, month: 7, day: 1))
    #expect((280...320).contains(info.counts["products"] ?? 0))
    #expect((150_000...250_000).contains(info.counts["sales"] ?? 0))
    #expect((6...8).contains(info.counts["suppliers"] ?? 0))

    #expect(try warehouse.lookup(.product, "101").unique?.name == "Corner Desk")
    #expect(try warehouse.lookup(.supplier, "Azure Interior").unique != nil)
    #expect(try warehouse.lookup(.warehouse, "WH/Stock").unique != nil)
    // Sold on every day.
    let best = try warehouse.scan(
      Scan("sales", columns: ["date"], filters: [ScanFilter("product", .equal(.int(101)))]))
    guard case .days(let days)? = best["date"]?.storage else { throw WarehouseError(.badData, "no days") }
    #expect(Set(days).count == 1096)

    // Stock on hand is what the movements that are done add up to; reserved and incoming are the open ones.
    let moves = try warehouse.scan(Scan("moves", columns: ["product", "qty", "state"]))
    var expected: [Int64: [Double]] = [:]
    guard case .ints(let product)? = moves["product"]?.storage,
      case .doubles(let qty)? = moves["qty"]?.storage,
      case .codes(let codes, let states)? = moves["state"]?.storage
    else { throw WarehouseError(.badData, "no movements") }
    for row in 0..<moves.rowCount {
      let place = states[codes[row]] == "done" ? 0 : qty[row] < 0 ? 1 : 2
      expected[product[row], default: [0, 0, 0]][place] += abs(place) == 1 ? -qty[row] : qty[row]
    }
    let stock = try warehouse.scan(Scan("stock", columns: ["product", "on_hand", "reserved", "incoming"]))
    var empty = 0
    for row in 0..<stock.rowCount {
      guard case .int(let id)? = stock["product"]?[row] else { continue }
      let found = ["on_hand", "reserved", "incoming"].map { stock[$0]?[row].asDouble ?? -1 }
      #expect(found == expected[id] ?? [0, 0, 0], "product \(id)")
      #expect(found.allSatisfy { $0 >= 0 })
      if found[0] == 0 { empty += 1 }
    }
    #expect(empty > 0)

    // Something of everything.
    func count(_ relation: String, _ filter: ScanFilter) throws -> Int {
      try warehouse.scan(Scan(relation, columns: [], filters: [filter])).rowCount
    }
    #expect(try count("sales", ScanFilter("qty", .range(.null, .number(-1)))) > 500)
    #expect(try count("sales", ScanFilter("discount", .range(.percent(0.05), .null))) > 5000)
    #expect(try count("sales", ScanFilter("currency", .equal(.text("USD")))) > 2000)
    #expect(try count("products", ScanFilter("active", .equal(.bool(false)))) > 0)
    #expect(try count("purchases", ScanFilter("state", .equal(.text("purchase")))) > 20)
    let points = try warehouse.scan(Scan("orderpoints", columns: ["product", "min_qty"]))
    let below = (0..<points.rowCount).filter { row in
      let minimum = points["min_qty"]?[row].asDouble ?? 0
      let position = (0..<stock.rowCount).first { stock["product"]?[$0] == points["product"]?[row] }.map {
        (stock["on_hand"]?[$0].asDouble ?? 0) + (stock["incoming"]?[$0].asDouble ?? 0)
          - (stock["reserved"]?[$0].asDouble ?? 0)
      }
      return (position ?? 0) < minimum
    }
    #expect((2...40).contains(below.count), "\(below.count) below their reorder point")

    // A scan of so many rows looks at the flag.
    let flag = Cancellation()
    flag.cancel()
    #expect(throws: Cancellation.Interrupted.self) {
      try Cancellation.$current.withValue(flag) { _ = try warehouse.scan(Scan("sales")) }
    }

    // Opening again makes nothing anew.
    let version = try warehouse.version
    try warehouse.close()
    #expect(try DemoCompany.open(dataFolder: folder.file("data"), mode: .readOnly).version == version)
  }

  @Test func aDraftThatAKilledProcessLeftIsRemoved() throws {
    let folder = try TemporaryFolder()
    try "half".write(
      toFile: folder.file(DemoCompany.fileName + ".draft-999999999"), atomically: true, encoding: .utf8)
    _ = try DemoCompany.open(dataFolder: folder.path)
    #expect(!FileManager.default.fileExists(atPath: folder.file(DemoCompany.fileName + ".draft-999999999")))
  }

  @Test func theExponentialIsAccurate() {
    let worst =
      stride(from: -60.0, through: 0, by: 0.37).map { abs(exponential($0) / exp($0) - 1) }.max() ?? 1
    #expect(worst < 1e-6)
  }
}
