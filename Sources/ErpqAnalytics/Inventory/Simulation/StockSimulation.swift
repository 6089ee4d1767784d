import Dispatch
import ErpqBase

/// A mean over paths and how sure it is.
public struct Estimate: Hashable, Sendable {
  /// The mean.
  public var mean: Double
  /// Half the width of the 95 % confidence interval; 0 with one path.
  public var halfWidth: Double

  /// From the sum and the sum of squares of n values.
  init(sum: Double, squares: Double, count: Int) {
    let n = Double(Swift.max(1, count))
    mean = sum / n
    if count > 1 {
      let variance = Swift.max(0, (squares - sum * sum / n) / (n - 1))
      halfWidth = StudentT.twoSided95(degrees: count - 1) * (variance / n).squareRoot()
    } else {
      halfWidth = 0
    }
  }
}

/// The 97.5 % point of Student's distribution, for 95 % intervals.
enum StudentT {
  static func twoSided95(degrees n: Int) -> Double {
    let exact = [
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
      2.131,
      2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ]
    if n >= 1, n <= exact.count { return exact[n - 1] }
    // Cornish–Fisher's first two terms are exact to 1e-4 from here on.
    let z = 1.959963984540054
    let d = Double(Swift.max(1, n))
    return z + (z * z * z + z) / (4 * d) + (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / (96 * d * d)
  }
}

/// A product to simulate.
public struct SimulatedItem: Sendable {
  /// When it is ordered and how much.
  public var policy: StockPolicy
  /// Lead times in days that orders take in turn; one for a constant lead time.
  public var leads: [Int32]
  /// Stock at the start.
  public var start: Double
  /// Quantiles of its demand a day, for draws from a distribution.
  public var table: [Double]

  /// An item.
  public init(policy: StockPolicy, leads: [Int32], start: Double, table: [Double] = []) {
    self.policy = policy
    self.leads = leads
    self.start = start
    self.table = table
  }
}

/// What simulated days gave for one product, a year's or a day's figures as said.
public struct SimulatedOutcome: Hashable, Sendable {
  /// Share of demand met from stock.
  public var fillRate: Estimate
  /// Share of deliveries without a stock-out before them.
  public var cycleServiceLevel: Double
  /// Mean stock on hand.
  public var meanStock: Estimate
  /// Mean units waiting.
  public var waiting: Double
  /// Days with a shortage, as a share.
  public var stockoutShare: Double
  /// Orders a year.
  public var ordersPerYear: Double
  /// Units demanded a year.
  public var demandPerYear: Double
  /// Units short a year.
  public var shortPerYear: Double
}

/// Policies of many products over many paths of demand.
public enum StockSimulation {
  /// Runs every product along every path.
  ///
  /// - Parameters:
  ///   - items: the products, a row of `history` each.
  ///   - plan: the paths; the same plan gives the same days to every policy.
  ///   - warmUp: days at the start of a path that are not counted.
  /// - Throws: `Cancellation.Interrupted`.
  public static func run(
    _ items: [SimulatedItem], history: DailyMatrix, plan: PathPlan, warmUp: Int, unmet: UnmetDemand
  ) throws -> [SimulatedOutcome] {
    let cancel = Cancellation.current
    try cancel.check()
    let count = Swift.min(items.count, history.rows)
    let grain = 16
    let pieces = (count + grain - 1) / grain
    let results = Slots(count: count)
    history.values.withUnsafeBufferPointer { values in
      let all = Readable(values)
      DispatchQueue.concurrentPerform(iterations: pieces) { piece in
        var days = [Double](repeating: 0, count: plan.days)
        var ring: [Double] = []
        for row in piece * grain..<Swift.min(count, (piece + 1) * grain) {
          guard !cancel.isCancelled else { return }
          let longest = items[row].leads.max().map(Int.init) ?? 1
          let size = Swift.max(2, Swift.min(4000, Swift.max(1, longest)) + 1)
          if ring.count != size { ring = [Double](repeating: 0, count: size) }
          let own = all.part(row * history.columns, history.columns)
          results.values[row] = outcome(items[row], own, row, plan, warmUp, unmet, &days, &ring)
        }
      }
    }
    try cancel.check()
    return results.values.compactMap { $0 }
  }

  private static func outcome(
    _ item: SimulatedItem, _ history: UnsafeBufferPointer<Double>, _ row: Int, _ plan: PathPlan,
    _ warmUp: Int,
    _ unmet: UnmetDemand, _ days: inout [Double], _ ring: inout [Double]
  ) -> SimulatedOutcome {
    var fill = (sum: 0.0, squares: 0.0)
    var stock = (sum: 0.0, squares: 0.0)
    var total = WalkTotals()
    days.withUnsafeMutableBufferPointer { days in
      ring.withUnsafeMutableBufferPointer { ring in
        item.leads.withUnsafeBufferPointer { leads in
          item.table.withUnsafeBufferPointer { table in
            for path in 0..<plan.paths {
              plan.fill(days, path: path, product: row, history: history, table: table)
              let t = StockWalk.walk(
                UnsafeBufferPointer(days), item.policy, leads, ring, start: item.start, warmUp: warmUp,
                unmet: unmet, draw: path &* 7 &+ row)
              fill.sum += t.fillRate
              fill.squares += t.fillRate * t.fillRate
              stock.sum += t.meanStock
              stock.squares += t.meanStock * t.meanStock
              total.days += t.days
              total.demand += t.demand
              total.short += t.short
              total.stockoutDays += t.stockoutDays
              total.waiting += t.waiting
              total.orders += t.orders
              total.cycles += t.cycles
              total.goodCycles += t.goodCycles
            }
          }
        }
      }
    }
    let n = Double(Swift.max(1, total.days))
    var fillRate = Estimate(sum: fill.sum, squares: fill.squares, count: plan.paths)
    // The share over all paths; the mean of shares would weigh quiet paths too much.
    fillRate.mean = total.fillRate
    return SimulatedOutcome(
      fillRate: fillRate,
      cycleServiceLevel: total.cycles > 0 ? Double(total.goodCycles) / Double(total.cycles) : 1,
      meanStock: Estimate(sum: stock.sum, squares: stock.squares, count: plan.paths),
      waiting: total.waiting / n, stockoutShare: Double(total.stockoutDays) / n,
      ordersPerYear: Double(total.orders) / n * 365, demandPerYear: total.demand / n * 365,
      shortPerYear: total.short / n * 365)
  }
}

/// Results that several threads write, each its own places.
private final class Slots: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<SimulatedOutcome?>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: nil)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }
}

/// Numbers that several threads read while their owner keeps them.
private struct Readable: @unchecked Sendable {
  let values: UnsafeBufferPointer<Double>

  init(_ values: UnsafeBufferPointer<Double>) { self.values = values }

  func part(_ start: Int, _ count: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(rebasing: values[start..<start + count])
  }
}
