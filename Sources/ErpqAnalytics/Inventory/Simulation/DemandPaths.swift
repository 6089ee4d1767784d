import ErpqBase

/// Where the days of a simulation come from.
public enum DemandPaths: Hashable, Sendable {
  /// The history as it was: one path.
  case replay
  /// Blocks of so many days drawn from the history with replacement, the same blocks for every product, so
  /// that what sells together stays together (the moving-block bootstrap of Künsch 1989). Blocks of whole
  /// weeks begin on a multiple of seven days before the end, so that weekdays keep their places.
  case blocks(days: Int)
  /// Independent draws from a distribution a product.
  case distributions

  /// The name as the language says it.
  public var name: String {
    switch self {
    case .replay: "replay"
    case .blocks: "bootstrap"
    case .distributions: "distribution"
    }
  }
}

/// The random numbers of a simulation: they follow from the seed alone, so every policy meets the same days.
public struct PathPlan: Sendable {
  /// Days of a path, warm-up included.
  public let days: Int
  /// Number of paths.
  public let paths: Int
  let kind: DemandPaths
  let seed: UInt64
  /// For blocks: the place in the history where each block of each path begins.
  let starts: [Int32]
  let blockDays: Int

  /// A plan for histories of `historyDays` days. Without enough history for one block, blocks are days.
  public init(_ kind: DemandPaths, historyDays: Int, days: Int, paths: Int, seed: UInt64) {
    self.kind = kind
    self.seed = seed
    switch kind {
    case .replay:
      self.days = historyDays
      self.paths = 1
      (starts, blockDays) = ([], 1)
    case .distributions:
      self.days = Swift.max(0, days)
      self.paths = Swift.max(1, paths)
      (starts, blockDays) = ([], 1)
    case .blocks(let length):
      self.days = Swift.max(0, days)
      self.paths = Swift.max(1, paths)
      let block = Swift.max(1, Swift.min(length, historyDays))
      blockDays = block
      var random = SeededRandom(seed: seed)
      let count = (self.days + block - 1) / block
      // Weekly blocks lie on the grid of weeks that ends with the history.
      let isWeekly = block % 7 == 0
      let places = isWeekly ? (historyDays - block) / 7 + 1 : historyDays - block + 1
      let first = isWeekly ? (historyDays - block) % 7 : 0
      var starts: [Int32] = []
      starts.reserveCapacity(count * self.paths)
      for _ in 0..<count * self.paths {
        let place = places > 0 ? random.below(places) : 0
        starts.append(Int32(isWeekly ? first + place * 7 : place))
      }
      self.starts = starts
    }
  }

  /// Writes one path of one product.
  ///
  /// - Parameters:
  ///   - history: the product's days.
  ///   - table: quantiles of its distribution at equal steps, for `distributions`.
  @inline(__always)
  func fill(
    _ out: UnsafeMutableBufferPointer<Double>, path: Int, product: Int, history: UnsafeBufferPointer<Double>,
    table: UnsafeBufferPointer<Double>
  ) {
    switch kind {
    case .replay:
      for i in 0..<Swift.min(out.count, history.count) { out[i] = history[i] }
    case .blocks:
      guard !history.isEmpty else {
        for i in out.indices { out[i] = 0 }
        return
      }
      let perPath = (days + blockDays - 1) / blockDays
      starts.withUnsafeBufferPointer { starts in
        var t = 0
        for b in 0..<perPath {
          let from = Int(starts[path * perPath + b])
          let count = Swift.min(blockDays, out.count - t)
          for i in 0..<count { out[t + i] = history[from + i] }
          t += count
        }
      }
    case .distributions:
      guard !table.isEmpty else {
        for i in out.indices { out[i] = 0 }
        return
      }
      // A stream of its own a product and path: SplitMix64 over a counter.
      var state = seed &+ (UInt64(truncatingIfNeeded: product) &* 0x9E37_79B9_7F4A_7C15)
      state ^= UInt64(truncatingIfNeeded: path) &* 0xD1B5_4A32_D192_ED03
      let cells = UInt64(table.count)
      for i in out.indices {
        state &+= 0x9E37_79B9_7F4A_7C15
        var x = state
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        x ^= x >> 31
        out[i] = table[Int(x.multipliedFullWidth(by: cells).high)]
      }
    }
  }

  /// Quantiles of a distribution at the middles of `cells` equal steps of probability, not below zero.
  public static func table(_ distribution: Distribution, cells: Int = 4096) -> [Double] {
    // The quantile of a count is a staircase: walk it once instead of searching every step.
    let n = Swift.max(2, cells)
    if distribution.isCount, distribution.mean < 1000 {
      var out: [Double] = []
      out.reserveCapacity(n)
      var k = 0.0
      var reach = distribution.cumulative(0)
      for i in 0..<n {
        let p = (Double(i) + 0.5) / Double(n)
        while reach < p, k < 1e6 {
          k += 1
          reach = distribution.cumulative(k)
        }
        out.append(k)
      }
      return out
    }
    return (0..<n).map { Swift.max(0, distribution.quantile((Double($0) + 0.5) / Double(n))) }
  }
}
