import ErpqBase
import Testing

@testable import ErpqTables

@Suite struct JoinTests {
  /// All pairs by nested loops, in the order that a join promises; nil for a side that has no row.
  private func pairs(_ a: Table, _ b: Table, _ keys: [String], _ kind: JoinKind) -> [(Int?, Int?)] {
    func key(_ t: Table, _ row: Int) -> [Value] { keys.map { t[$0]?[row] ?? .null } }
    var out: [(Int?, Int?)] = []
    var used = Set<Int>()
    for i in 0..<a.rowCount {
      let wanted = key(a, i)
      let found = wanted.contains(.null) ? [] : (0..<b.rowCount).filter { key(b, $0) == wanted }
      used.formUnion(found)
      switch kind {
      case .semi: if !found.isEmpty { out.append((i, nil)) }
      case .anti: if found.isEmpty { out.append((i, nil)) }
      case .inner, .right: out += found.map { (i, $0) }
      case .left, .full: out += found.isEmpty ? [(i, nil)] : found.map { (i, $0) }
      }
    }
    if kind == .right || kind == .full {
      out += (0..<b.rowCount).filter { !used.contains($0) }.map { (nil, $0) }
    }
    return out
  }

  @Test(arguments: JoinKind.allCases, [["k"], ["t"], ["f"], ["k", "d"], ["t", "f", "d"]])
  func agreesWithNestedLoops(_ kind: JoinKind, _ keys: [String]) throws {
    for (left, right) in [(0, 0), (0, 5), (5, 0), (1, 1), (40, 30), (30, 3)] {
      let a = randomTable(left, seed: UInt64(left * 7 + 1))
      let b = randomTable(right, seed: UInt64(right * 13 + 2))
      let joined = try a.joined(b, on: keys.map { ($0, $0) }, kind: kind)
      let expected = pairs(a, b, keys, kind)
      #expect(joined.rowCount == expected.count)
      for (row, (i, j)) in expected.enumerated() {
        for name in a.schema.names {
          var value = i.map { a[name]?[$0] ?? .null } ?? .null
          if i == nil, keys.contains(name), let j { value = b[name]?[j] ?? .null }
          #expect(joined[name]?[row] == value)
          if kind != .semi, kind != .anti, !keys.contains(name) {
            #expect(joined[name + "_right"]?[row] == j.map { b[name]?[$0] ?? .null } ?? .null)
          }
        }
      }
    }
  }

  @Test func uniqueRightKeysAndUnlikeTypes() throws {
    let left = Table([("product", ints([3, 1, nil, 2, 1])), ("x", numbers([1, 2, 3, 4, 5]))])
    let right = Table([
      ("id", numbers([1, 2, 4])), ("name", texts(["one", "two", "four"])), ("x", ints([7, 8, 9])),
    ])
    let inner = try left.joined(right, on: [("product", "id")], kind: .inner)
    #expect(inner.schema.names == ["product", "x", "id", "name", "x_right"])
    #expect(inner.shown == "1 2 1 one 7 | 2 4 2 two 8 | 1 5 1 one 7")
    let full = try left.joined(right, on: [("product", "id")], kind: .full, mergeKeys: ["product"])
    #expect(full.shown == "3 1 · · | 1 2 one 7 | · 3 · · | 2 4 two 8 | 1 5 one 7 | 4 · four 9")
  }

  @Test func textsMeetAcrossDictionaries() throws {
    let a = Table([("t", texts(["x", "y", "z"]))])
    let b = Table([("t", texts(["z", "q", "x"])), ("n", ints([1, 2, 3]))])
    #expect(try a.joined(b, on: [("t", "t")], kind: .left).shown == "x 3 | y · | z 1")
    #expect(try a.joined(b, on: [("t", "t")], kind: .right).shown == "x 3 | z 1 | q 2")
  }

  @Test func mistakesAreErrors() {
    let a = Table([("t", texts(["x"])), ("d", dates(["2026-01-01"]))])
    let b = Table([("t", ints([1])), ("when", Column(.datetime, values: [.null]))])
    #expect(throws: KernelError.self) { try a.joined(b, on: [("t", "t")], kind: .inner) }
    #expect(throws: KernelError.self) { try a.joined(b, on: [("d", "when")], kind: .inner) }
    let error = #expect(throws: KernelError.self) { try a.joined(b, on: [("tt", "t")], kind: .inner) }
    #expect(error?.message.contains("'t'") == true)
  }

  @Test func spreadOutKeys() throws {
    var random = SeededRandom(seed: 9)
    let keys = (0..<4000).map { _ in Int(truncatingIfNeeded: random.next()) }
    let left = Table([("k", ints((0..<9000).map { _ in keys[random.below(4000)] }))])
    let right = Table([("k", ints(keys)), ("n", ints(Array(keys.indices)))])
    let joined = try left.joined(right, on: [("k", "k")], kind: .inner)
    #expect(joined.rowCount == 9000)
    for row in joined.rows { #expect(keys[row[1].integer] == row[0].integer) }
  }
}
