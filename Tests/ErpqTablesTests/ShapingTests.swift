import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct ShapingTests {
  @Test func filteringAgreesWithTakingRowByRow() throws {
    for rows in [0, 1, 64, 65, 130] {
      let table = randomTable(rows, seed: UInt64(rows) + 1)
      let mask = bools((0..<rows).map { $0 % 3 == 0 ? nil : $0 % 2 == 0 })
      let kept = (0..<rows).filter { mask[$0] == .bool(true) }
      #expect(table.filtered(by: mask).rows == kept.map { table.row($0) })
      let all = bools([Bool?](repeating: true, count: rows))
      #expect(table.filtered(by: all).rows == table.rows)
      #expect(table.filtered(by: .nulls(.bool, count: rows)).rowCount == 0)
    }
  }

  @Test func takingAndSlicing() {
    let table = randomTable(150, seed: 3)
    let rows: [Int32] = [5, -1, 149, 0, 5]
    #expect(
      table.taking(rows).rows == rows.map { $0 < 0 ? table.columns.map { _ in .null } : table.row(Int($0)) })
    for range in [0..<0, 3..<3, 0..<150, 63..<129, 140..<900] {
      let clamped = range.clamped(to: 0..<150)
      #expect(table.slice(range).rows == clamped.map { table.row($0) })
    }
    #expect(
      Table(empty: table.schema).taking([-1, -1]).rows
        == [[Value]](repeating: [.null, .null, .null, .null, .null], count: 2))
  }

  @Test func distinctRows() throws {
    let table = Table([("a", ints([1, nil, 1, nil, 2])), ("b", texts(["x", "y", "x", "y", "x"]))])
    #expect(try table.distinct().shown == "1 x | · y | 2 x")
    #expect(try table.distinct(on: ["b"]).shown == "1 x | · y")
    #expect(throws: KernelError.self) { try table.distinct(on: ["c"]) }
  }

  @Test func unions() throws {
    let a = Table([("k", ints([1, nil])), ("t", texts(["x", "y"]))])
    let b = Table([("t", texts(["z", nil])), ("k", numbers([0.5, 2])), ("n", ints([7, 8]))])
    let both = try a.appended(b)
    #expect(both.schema.names == ["k", "t", "n"])
    #expect(both["k"]?.type == .number)
    #expect(both.shown == "1 x · | · y · | 0.5 z 7 | 2 · 8")
    #expect(try a.appended(Table(empty: a.schema)).rows == a.rows)
    #expect(try Table([("k", Column.nulls(.null, count: 1))]).appended(a).shown == "· · | 1 x | · y")
    let error = #expect(throws: KernelError.self) { try a.appended(Table([("t", ints([1]))])) }
    #expect(
      error?.message == "the column 't' is text in the first table and int in the second; convert one of them"
    )
    let euros = Table([("m", numbers([1], .money("EUR")))])
    #expect(throws: KernelError.self) { try euros.appended(Table([("m", numbers([1], .money("USD")))])) }
  }

  @Test func crossTables() throws {
    let table = Table([
      ("abc", texts(["B", "A", "A", "B", nil])), ("xyz", texts(["Z", "X", "X", "X", nil])),
      ("amount", numbers([1, 2, 3, 4, 5])),
    ])
    let amount = try table.column(named: "amount")
    let sums = try table.pivoted(rows: "abc", columns: "xyz", value: Aggregate("v", .sum, [amount]))
    #expect(sums.schema.names == ["abc", "X", "Z", "null"])
    #expect(sums.shown == "A 5 · · | B 4 1 · | · · · 5")
    let counts = try table.pivoted(rows: "abc", columns: "xyz", value: Aggregate("n", .count, []))
    #expect(counts.shown == "A 2 0 0 | B 1 1 0 | · 0 0 1")
    let clash = Table([("A", texts(["r"])), ("by", texts(["A"]))])
    #expect(
      try clash.pivoted(rows: "A", columns: "by", value: Aggregate("n", .count, [])).schema.names == [
        "A", "A_",
      ])
    let empty = try table.slice(0..<0).pivoted(rows: "abc", columns: "xyz", value: Aggregate("n", .count, []))
    #expect(empty.rowCount == 0 && empty.schema.names == ["abc"])
  }

  @Test func denseDaysAndMonths() throws {
    let table = Table([
      ("p", texts(["a", "b", "a", "a"])), ("day", dates(["2026-01-03", "2026-01-01", "2026-01-03", nil])),
      ("qty", ints([1, 2, 3, 4])), ("rate", numbers([1, 1, 1, 1], .percent)),
    ])
    let dense = try table.dense("day", by: ["p"])
    #expect(
      dense.shown
        == "a 2026-01-01 0 · | a 2026-01-02 0 · | a 2026-01-03 1 100% | a 2026-01-03 3 100% | a · 4 100%"
        + " | b 2026-01-01 2 100% | b 2026-01-02 0 · | b 2026-01-03 0 ·")
    let months = Table([
      ("m", Column(.period(.month), values: [period("2026-03"), period("2025-12")])), ("x", numbers([1, 2])),
    ])
    #expect(try months.dense("m").shown == "2025-12 2 | 2026-01 0 | 2026-02 0 | 2026-03 1")
    #expect(try table.slice(0..<0).dense("day").rowCount == 0)
    #expect(throws: KernelError.self) { try table.dense("qty") }
    let far = Table([("day", dates(["1900-01-01", "9999-01-01"])), ("k", ints([1, 2]))])
    #expect(try far.dense("day").rowCount == 2_958_100)
  }

  @Test func filling() throws {
    let table = Table([("x", ints([nil, 1, nil, nil, 2])), ("t", texts([nil, "a", nil, "b", nil]))])
    #expect(try table.filled(["x", "t"]).shown == "· · | 1 a | 1 a | 1 b | 2 b")
    #expect(try table.filled(["x"], with: .int(0))["x"]?.shown == "0 1 0 0 2")
    #expect(try table.filled(["t"], with: .text("?"))["t"]?.shown == "? a ? b ?")
    #expect(throws: KernelError.self) { try table.filled(["y"]) }
  }

  @Test func samplesAreRepeatable() {
    let table = Table([("i", ints(Array(0..<1000)))])
    let sample = table.sampled(50, seed: 7)["i"]?.all.map(\.integer) ?? []
    #expect(sample.count == 50 && sample == sample.sorted() && Set(sample).count == 50)
    #expect(table.sampled(50, seed: 7)["i"]?.all.map(\.integer) == sample)
    #expect(table.sampled(50, seed: 8)["i"]?.all.map(\.integer) != sample)
    #expect(table.sampled(5000, seed: 1).rowCount == 1000)
    #expect(table.sampled(-1, seed: 1).rowCount == 0)
  }

  @Test func descriptions() throws {
    let table = Table([
      ("x", numbers([1, nil, 3], .money("EUR"))), ("t", texts(["b", "a", "a"])),
      ("n", Column.nulls(.null, count: 3)),
    ])
    #expect(
      try table.described().shown
        == "x money<EUR> 2 1 2 1EUR 3EUR 2EUR | t text 3 0 2 a b · | n null 0 3 0 · · ·")
    #expect(try Table(Schema([]), [], rowCount: 2).described().rowCount == 0)
  }

  @Test func evaluating() throws {
    let table = Table([("x", ints([1, 2, nil])), ("g", texts(["a", "b", "a"]))])
    let x = ErpqTables.Expression.column("x", .int)
    let evaluator = Evaluator(table: table, variables: ["k": .int(10)])
    #expect(try evaluator.column(.call(Operators.add, [x, .variable("k", .int)], .int)).shown == "11 12 ·")
    #expect(try evaluator.column(.constant(.int(1), .number)).shown == "1 1 1")
    #expect(try evaluator.column(.aggregate(.sum, [x], .int)).shown == "3 3 3")
    #expect(try evaluator.column(.window(.rowNumber, nil, ["g"], .int)).shown == "1 1 2")
    #expect(throws: KernelError.self) { try evaluator.column(.column("y", .int)) }
    #expect(throws: KernelError.self) { try evaluator.column(.variable("nope", .int)) }
    #expect(throws: KernelError.self) { try evaluator.column(.window(.rowNumber, nil, ["h"], .int)) }
    let sum = ErpqTables.Expression.call(
      Operators.add, [.constant(.int(2), .int), .variable("k", .int)], .int)
    #expect(try Evaluator.constant(sum, variables: ["k": .int(3)]) == .int(5))
    #expect(throws: KernelError.self) { try Evaluator.constant(x) }
    let empty = Evaluator(table: table.slice(0..<0))
    #expect(
      try empty.column(.call(Operators.add, [.constant(.int(1), .int), .constant(.int(1), .int)], .int)).count
        == 0)
  }

  @Test func cancellation() {
    let flag = Cancellation()
    flag.cancel()
    let table = randomTable(10, seed: 1)
    Cancellation.$current.withValue(flag) {
      #expect(throws: Cancellation.Interrupted.self) { try table.grouped(by: ["k"], aggregates: []) }
      #expect(throws: Cancellation.Interrupted.self) { try table.sorted(by: [SortKey(table.columns[0])]) }
      #expect(throws: Cancellation.Interrupted.self) {
        try table.joined(table, on: [("k", "k")], kind: .inner)
      }
    }
  }
}
