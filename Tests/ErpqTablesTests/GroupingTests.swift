import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct GroupingTests {
  @Test(arguments: [["k"], ["t"], ["d"], ["f"], ["k", "t"], ["f", "d", "t"], ["t", "f"]], [0, 1, 7, 400])
  func agreesWithADictionary(_ keys: [String], _ rows: Int) throws {
    let table = randomTable(rows, seed: UInt64(rows) + 3)
    let x = try table.column(named: "x")
    let share = Column(.percent, values: [Value](repeating: .percent(0.3), count: rows))
    let aggregates = AggregateKind.allCases.map {
      Aggregate("\($0)", $0, $0 == .percentile ? [x, share] : [x], type: $0.resultType(of: .number))
    }
    let grouped = try table.grouped(by: keys, aggregates: aggregates)
    var order: [[Value]] = []
    var members: [[Value]: [Value]] = [:]
    for row in 0..<rows {
      let key = keys.map { table[$0]?[row] ?? .null }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(x[row])
    }
    #expect(grouped.rowCount == order.count)
    for (g, key) in order.enumerated() {
      #expect(keys.map { grouped[$0]?[g] ?? .null } == key)
      for kind in AggregateKind.allCases {
        let expected = reference(kind, members[key] ?? [], share: 0.3)
        let found = grouped["\(kind)"]?[g] ?? .null
        #expect(agree(found, expected), "\(kind) of group \(g): \(found), not \(expected)")
      }
    }
  }

  @Test func noKeysGiveOneRowEvenOfNothing() throws {
    let empty = Table([("x", numbers([])), ("i", ints([]))])
    let result = try empty.grouped(
      by: [],
      aggregates: AggregateKind.allCases.map { Aggregate("\($0)", $0, [numbers([]), numbers([])]) } + [
        Aggregate("n", .count, [])
      ])
    #expect(result.rowCount == 1)
    #expect(result.shown == "0 0 · · · · · · · · · · 0")
    #expect(try empty.grouped(by: ["i"], aggregates: [Aggregate("n", .count, [])]).rowCount == 0)
  }

  @Test func spreadOutKeysGoThroughTheHashTable() throws {
    var random = SeededRandom(seed: 5)
    let pool = (0..<3000).map { _ in Int(truncatingIfNeeded: random.next()) }
    let keys = (0..<20_000).map { _ in pool[random.below(pool.count)] } + [.max, .min]
    let other = keys.indices.map { $0 % 3 == 0 ? nil : $0 % 5 }
    let table = Table([("k", ints(keys)), ("o", ints(other))])
    let one = try table.grouped(by: ["k"], aggregates: [Aggregate("n", .count, [])])
    var counts: [Int: Int64] = [:]
    for key in keys { counts[key, default: 0] += 1 }
    #expect(one.rowCount == counts.count)
    for row in one.rows { #expect(row[1] == .int(counts[row[0].integer] ?? -1)) }
    #expect(
      try table.grouped(by: ["o", "k"], aggregates: []).rowCount
        == Set(zip(keys, other).map { "\($0) \(String(describing: $1))" }).count)
    #expect(
      try table.distinct(on: ["k", "k", "o"]).rowCount
        == Set(zip(keys, other).map { "\($0) \(String(describing: $1))" }).count)
  }

  @Test func sumsOfIntsStayIntsOrFailAtTheirRow() throws {
    let x = ints([.max, nil, 1, 5])
    let table = Table([("x", x)])
    let error = #expect(throws: KernelError.self) {
      try table.grouped(by: [], aggregates: [Aggregate("s", .sum, [x])])
    }
    #expect(error?.row == 2)
    #expect(
      try table.grouped(by: ["x"], aggregates: [Aggregate("s", .sum, [x])])["s"]?.shown
        == "9223372036854775807 · 1 5")
    let yes = bools([true, nil, true, false])
    let both = try table.grouped(
      by: [], aggregates: [Aggregate("n", .sum, [yes]), Aggregate("p", .avg, [yes])])
    #expect(both.row(0)[0] == .int(2))
    #expect(agree(both.row(0)[1], .number(2.0 / 3)))
  }

  @Test func knownPercentiles() throws {
    // Hyndman & Fan's type 7, as numpy and R give it by default.
    let x = numbers([15, 20, 35, 40, 50])
    for (share, expected) in [(0.0, 15.0), (0.05, 16), (0.3, 23), (0.4, 29), (0.5, 35), (1, 50)] {
      let p = Column(repeating: .number(share), as: .number, count: 5)
      let value = try Aggregate("p", .percentile, [x, p]).computed(over: Grouping(all: 5))[0]
      #expect(agree(value, .number(expected)), "\(share)")
    }
    let p = Column(repeating: .number(1.5), as: .number, count: 5)
    #expect(throws: KernelError.self) {
      try Aggregate("p", .percentile, [x, p]).computed(over: Grouping(all: 5))
    }
    var random = SeededRandom(seed: 1)
    let many = (0..<5001).map { _ in Double(random.below(700)) }
    #expect(
      try Aggregate("m", .median, [numbers(many)]).computed(over: Grouping(all: 5001))[0]
        == .number(many.sorted()[2500]))
  }

  @Test func extremesOfTextsDatesAndBools() throws {
    let all = Grouping(all: 3)
    func value(_ kind: AggregateKind, _ c: Column) throws -> String {
      try Aggregate("", kind, [c]).computed(over: all).shown
    }
    #expect(try value(.min, texts(["b", nil, "a"])) == "a")
    #expect(try value(.max, texts(["b", "Z", "é"])) == "é")
    #expect(try value(.max, dates(["2026-01-01", nil, "2025-12-31"])) == "2026-01-01")
    #expect(try value(.min, bools([true, false, nil])) == "false")
    #expect(try value(.max, numbers([2, 3, nil], .money("EUR"))) == "3EUR")
    #expect(try value(.sum, numbers([2, 3, nil], .duration(.months))) == "5mo")
    #expect(try value(.max, Column.nulls(.text, count: 3)) == "·")
  }

  @Test func summarizeMixesAggregatesAndArithmetic() throws {
    let table = Table([
      ("c", texts(["a", "b", "a"])), ("amount", numbers([10, 20, 30])), ("cost", numbers([5, nil, 10])),
    ])
    let amount = Expression.column("amount", .number)
    let cost = Expression.column("cost", .number)
    let margin = Expression.call(
      Operators.subtract,
      [.aggregate(.sum, [amount], .number), .aggregate(.sum, [cost], .number)], .number)
    let twice = Expression.call(
      Operators.multiply, [.column("m", .number), .constant(.int(2), .int)], .number)
    let result = try Evaluator(table: table).summarized(
      by: [("c", .column("c", .text))],
      items: [("m", margin), ("twice", twice), ("k", .constant(.int(1), .int))])
    #expect(result.schema.names == ["c", "m", "twice", "k"])
    #expect(result.shown == "a 25 50 1 | b · · 1")
    let all = try Evaluator(table: table).summarized(by: [], items: [("n", .aggregate(.count, [], .int))])
    #expect(all.shown == "3")
  }
}

private typealias Expression = ErpqTables.Expression
