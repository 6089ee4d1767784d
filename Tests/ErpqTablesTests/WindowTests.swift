import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct WindowTests {
  @Test(arguments: AggregateKind.allCases.filter { $0 != .percentile }, [nil, 1, 2, 3, 7, 1000] as [Int?])
  func agreesWithLookingBackEachTime(_ kind: AggregateKind, _ size: Int?) throws {
    for (rows, partition) in [(0, []), (1, []), (90, []), (120, ["k"]), (200, ["k", "t"])] {
      let table = randomTable(rows, seed: UInt64(rows) + 17)
      for name in ["x", "k", "t"]
      where name != "t" || [.count, .countDistinct, .min, .max, .first, .last].contains(kind) {
        let column = try table.column(named: name)
        let groups = try Grouping(by: try partition.map { try table.column(named: $0) }, rows: rows)
        let type: ValueType = kind == .sum && name == "k" ? .int : kind.resultType(of: column.type)
        let result = try Window(.moving(kind, size), column, type: type).computed(over: groups)
        #expect(result.count == rows)
        for row in 0..<rows {
          let before = (0...row).filter { groups.ids[$0] == groups.ids[row] }.suffix(size ?? rows)
          var expected = reference(kind, before.map { column[$0] })
          if type == .int, kind == .sum, let sum = expected.asDouble { expected = .int(Int64(sum)) }
          #expect(
            agree(result[row], expected), "\(kind) over \(String(describing: size)) of \(name) at \(row)")
        }
      }
    }
  }

  @Test func aLargeValueLeavesNoTrace() throws {
    let x = numbers([1e300, 0.1, 0.2, 0.3, 0.4, 1e16, 1, 1, 1])
    let sums = try Window(.moving(.sum, 2), x, type: .number).computed(over: Grouping(all: 9)).all
    #expect(sums[3] == .number(0.5) && sums[8] == .number(2))
  }

  @Test func longWindowsOverManyPartitions() throws {
    let rows = 40_000
    let key = ints((0..<rows).map { $0 % 9000 })
    let x = numbers((0..<rows).map { $0 % 11 == 0 ? nil : Double($0 % 97) })
    let groups = try Grouping(by: [key], rows: rows)
    for size in [3, 3000] {
      let result = try Window(.moving(.sum, size), x, type: .number).computed(over: groups)
      for row in stride(from: 0, to: rows, by: 371) {
        let before = stride(from: row, through: 0, by: -9000).prefix(size).map { x[$0] }
        #expect(agree(result[row], reference(.sum, before)))
      }
    }
  }

  @Test func overflowOfAMovingSum() {
    let x = ints([.max, 0, .max])
    #expect(throws: KernelError.self) {
      try Window(.moving(.sum, nil), x, type: .int).computed(over: Grouping(all: 3))
    }
    #expect(throws: Never.self) {
      try Window(.moving(.sum, 2), x, type: .int).computed(over: Grouping(all: 3))
    }
    #expect(throws: KernelError.self) {
      try Window(.moving(.percentile, 2), x, type: .number).computed(over: Grouping(all: 3))
    }
  }

  @Test func shiftsRanksAndNumbers() throws {
    let p = texts(["a", "b", "a", "a", "b"])
    let x = ints([3, 5, nil, 3, 9])
    let groups = try Grouping(by: [p], rows: 5)
    func shown(_ kind: WindowKind, _ type: ValueType = .int) throws -> String {
      try Window(kind, x, type: type).computed(over: groups).shown
    }
    #expect(try shown(.shift(1)) == "· · 3 · 5")
    #expect(try shown(.shift(-1)) == "· 9 3 · ·")
    #expect(try shown(.shift(.max)) == "· · · · ·")
    #expect(try shown(.shift(.min)) == "· · · · ·")
    #expect(try shown(.rank(descending: false)) == "1 1 · 1 2")
    #expect(try shown(.rank(descending: true)) == "1 2 · 1 1")
    #expect(try shown(.rowNumber) == "1 1 2 3 2")
    #expect(try shown(.whole(.sum)) == "6 14 6 6 14")
    #expect(try shown(.difference(1)) == "· · · · 4")
    #expect(try shown(.share, .percent) == "50% 35.7142857143% · 50% 64.2857142857%")
    #expect(try shown(.relativeChange(1), .percent) == "· · · · 80%")
    #expect(
      try Window(.share, numbers([0, 0]), type: .percent).computed(over: Grouping(all: 2)).shown == "· ·")
    #expect(
      try Window(.rank(descending: true), numbers([1, 2, 2, 0, nil]), type: .int).computed(
        over: Grouping(all: 5)
      ).shown == "3 1 1 4 ·")
  }
}
