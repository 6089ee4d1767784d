import ErpqBase

@testable import ErpqTables

/// A small random table with nulls, ties and several types: `k` int, `t` text, `d` date, `x` number, `f` a double
/// key with few values.
func randomTable(_ rows: Int, seed: UInt64, keys: Int = 6) -> Table {
  var random = SeededRandom(seed: seed)
  func maybe(_ value: Value) -> Value { random.below(6) == 0 ? .null : value }
  let words = ["a", "b", "é", "aa", "", "Z", "ß", "zz"]
  var columns: [[Value]] = [[], [], [], [], []]
  for _ in 0..<rows {
    columns[0].append(maybe(.int(Int64(random.below(keys)) - 2)))
    columns[1].append(maybe(.text(words[random.below(words.count)])))
    columns[2].append(maybe(.date(CivilDate(day: Int32(random.below(keys) + 20_000)))))
    columns[3].append(maybe(.number((random.uniform() - 0.5) * 100)))
    columns[4].append(maybe(.number([0.0, -0.0, 1.5, -2.25, 1e300][random.below(5)])))
  }
  let types: [(String, ValueType)] = [
    ("k", .int), ("t", .text), ("d", .date), ("x", .number), ("f", .number),
  ]
  return Table(zip(types, columns).map { ($0.0, Column($0.1, values: $1)) })
}

/// Two values' order as sorting sees it; nil when they are equal. Neither is null.
func isLess(_ a: Value, _ b: Value) -> Bool {
  switch (a, b) {
  case (.text(let s), .text(let t)): Array(s.utf8).lexicographicallyPrecedes(Array(t.utf8))
  case (.date(let s), .date(let t)): s < t
  case (.int(let s), .int(let t)): s < t
  default: (a.asDouble ?? 0) < (b.asDouble ?? 0)
  }
}

extension Double {
  /// Whether it is so near that only the order of additions can differ.
  func isNear(_ other: Double) -> Bool { abs(self - other) <= 1e-9 * Swift.max(1, abs(self), abs(other)) }
}

/// Whether values agree, doubles but for rounding.
func agree(_ a: Value, _ b: Value) -> Bool {
  if case .number(let x) = a, case .number(let y) = b { return x.isNear(y) }
  return a == b
}

/// The aggregate of some values by the book.
func reference(_ kind: AggregateKind, _ values: [Value], share: Double = 0.5) -> Value {
  let present = values.filter { !$0.isNull }
  let x = present.compactMap(\.asDouble)
  func number(_ n: Double?) -> Value { n.map { .number($0) } ?? .null }
  func quantile(_ p: Double) -> Value {
    guard !x.isEmpty else { return .null }
    let s = x.sorted()
    let h = p * Double(s.count - 1)
    let low = Int(h.rounded(.down))
    return .number(s[low] + (h - Double(low)) * (s[Swift.min(low + 1, s.count - 1)] - s[low]))
  }
  let mean = x.reduce(0, +) / Double(x.count)
  let variance = x.count < 2 ? nil : x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count - 1)
  switch kind {
  case .count: return .int(Int64(present.count))
  case .countDistinct: return .int(Int64(Set(present).count))
  case .sum: return x.isEmpty ? .null : .number(x.reduce(0, +))
  case .avg: return x.isEmpty ? .null : .number(mean)
  case .variance: return number(variance)
  case .stdev: return number(variance?.squareRoot())
  case .median: return quantile(0.5)
  case .percentile: return quantile(share)
  case .first: return present.first ?? .null
  case .last: return present.last ?? .null
  case .min: return present.min { isLess($0, $1) } ?? .null
  case .max: return present.max { isLess($0, $1) } ?? .null
  }
}
