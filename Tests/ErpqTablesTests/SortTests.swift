import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct SortTests {
  private func reference(_ table: Table, _ keys: [(String, Bool, Bool)]) -> [Int32] {
    // Insertion of each row after all that are not greater: stable by construction.
    func precedes(_ i: Int, _ j: Int) -> Bool {
      for (name, descending, nullsFirst) in keys {
        let (a, b) = (table[name]?[i] ?? .null, table[name]?[j] ?? .null)
        if a.isNull != b.isNull { return a.isNull == nullsFirst }
        if a.isNull { continue }
        if isLess(a, b) { return !descending }
        if isLess(b, a) { return descending }
      }
      return i < j
    }
    return (0..<table.rowCount).sorted(by: precedes).map { Int32($0) }
  }

  @Test(arguments: ["k", "t", "d", "x", "f"], [0, 1, 2, 300])
  func oneKey(_ name: String, _ rows: Int) throws {
    let table = randomTable(rows, seed: 21)
    let column = try table.column(named: name)
    for descending in [false, true] {
      for nullsFirst in [nil, true, false] {
        let order = try table.order(by: [SortKey(column, descending: descending, nullsFirst: nullsFirst)])
        #expect(order == reference(table, [(name, descending, nullsFirst ?? false)]))
        for n in [0, 1, 5, rows] where n <= rows {
          let top = try table.setting("i", ints(Array(0..<rows))).top(
            n, by: SortKey(column, descending: descending, nullsFirst: nullsFirst))
          #expect(top["i"]?.all ?? [] == order.prefix(n).map { .int(Int64($0)) })
        }
      }
    }
  }

  @Test func severalKeys() throws {
    let table = randomTable(500, seed: 4)
    for keys in [["k", "t"], ["t", "x"], ["x", "f", "k"], ["f", "x", "d", "t", "k"]] {
      let sortKeys = try keys.enumerated().map {
        SortKey(try table.column(named: $1), descending: $0 % 2 == 1)
      }
      let expected = keys.enumerated().map { ($1, $0 % 2 == 1, false) }
      #expect(try table.order(by: sortKeys) == reference(table, expected))
    }
  }

  @Test func manyTiesInTheLeadingBitsStayStable() throws {
    var random = SeededRandom(seed: 8)
    // Doubles that share their leading 32 bits, so that the order is decided by the rest.
    let values = (0..<6000).map { _ in 1 + Double(random.below(50)) * 0x1p-45 } + [2, 1e300, -1e300]
    let table = Table([("x", numbers(values))])
    let order = try table.order(by: [SortKey(numbers(values))])
    #expect(order == values.indices.sorted { (values[$0], $0) < (values[$1], $1) }.map { Int32($0) })
  }

  @Test func extremesOfIntegers() throws {
    let x = ints([.max, nil, .min, 0, .max - 1, nil])
    let table = Table([("x", x)])
    #expect(
      try table.order(by: [SortKey(x)]) == [2, 3, 4, 0, 1, 5]
        || table.order(by: [SortKey(x)]) == [2, 3, 0, 4, 1, 5])
    let complete = ints([.max, .min, 0, .max - 1])
    #expect(
      try Table([("x", complete)]).sorted(by: [SortKey(complete)])["x"]?.all == [
        .int(.min), .int(0), .int(.max - 1), .int(.max),
      ])
  }

  @Test func topOfManyRows() throws {
    var random = SeededRandom(seed: 2)
    let x = numbers((0..<20_000).map { _ in random.below(10) == 0 ? nil : (random.uniform() * 50).rounded() })
    let table = Table([("x", x), ("i", ints(Array(0..<20_000)))])
    for descending in [true, false] {
      let key = SortKey(x, descending: descending)
      #expect(try table.top(7, by: key)["i"]?.all == table.sorted(by: [key]).slice(0..<7)["i"]?.all)
    }
  }
}
