import ErpqAnalytics
import ErpqBase
import Foundation
import Testing

/// Days out of the ordinary.
@Suite struct AnomalyTests {
  private let last = CivilDate(day: 20269)

  private func find(
    _ rows: [[Double]], days: Int = 30, ages: [Int]? = nil, rule: AnomalyRule = AnomalyRule()
  ) throws -> Anomalies {
    let count = rows.first?.count ?? 0
    let matrix = DailyMatrix(
      window: DayWindow(last: last, count: count), rows: rows.count, values: rows.flatMap { $0 })
    return try Anomalies(matrix, days: days, ages: ages, rule: rule)
  }

  /// A week with a closed Sunday, thirteen times.
  private var weeks: [Double] {
    let week: [Double] = [40, 42, 38, 45, 60, 90, 0]
    return days { i in week[i % 7] + (i % 7 == 6 ? 0 : Double(i % 3)) }
  }

  private func days(_ quantity: (Int) -> Double) -> [Double] { (0..<91).map(quantity) }

  @Test func aWeekIsNoAnomalyAndASpikeHidesNoOther() throws {
    #expect(try find([weeks]).found.isEmpty)
    var y = weeks
    y[70] = 400
    y[80] = 390
    y[85] = 0
    let a = try find([y])
    #expect(a.found.map(\.column) == [70, 80, 85])
    #expect(a.found.map(\.type) == [.spike, .spike, .drop])
    #expect(a.found.allSatisfy { $0.severity == .high && $0.days == 1 })
    #expect(a.undetectableDrop == [false])
    // The documents' formula over the same ninety days sees neither the drop nor the day of the week.
    let z = try find([y], days: 91, rule: .erpconnect)
    #expect(z.found.map(\.column) == [70, 80])
    #expect(z.undetectableDrop == [true])
  }

  @Test func aDayOfNoneAmongConstants() throws {
    var y = [Double](repeating: 4, count: 91)
    #expect(try find([y]).found.isEmpty)
    y[88] = 0
    let found = try find([y]).found
    #expect(found.count == 1)
    #expect(found.first?.type == .drop)
    #expect(found.first?.expected == 4)
  }

  @Test func rareSales() throws {
    // One sale a week of one or two, then forty.
    var y = days { i in i % 7 == 2 ? Double(1 + i % 2) : i % 11 == 0 ? 1 : 0 }
    #expect(try find([y]).found.isEmpty)
    y[83] = 40
    let found = try find([y]).found
    #expect(found.map(\.column) == [83])
    #expect(found.first.map { $0.z > 4 } == true)
    // The first sale of an old product: nothing is known of its size, and a sale in ninety days is no wonder.
    var once = [Double](repeating: 0, count: 91)
    once[80] = 50
    #expect(try find([once]).found.isEmpty)
  }

  @Test func aStopOfSalesIsOneAnomaly() throws {
    // Two of three days with a sale, then three weeks without.
    let y = days { i in i < 70 && i % 3 != 0 ? 2 : 0 }
    let a = try find([y])
    #expect(a.found.count == 1)
    let stop = try #require(a.found.first)
    #expect(stop.type == .drop)
    #expect(stop.days == 22)
    #expect(stop.column == 90)
    #expect(stop.actual == 0)
    #expect(stop.expected > 20)
    #expect(a.undetectableDrop == [false])
    // One sale in ten days: a month without is nothing unusual, and says so.
    let rare = days { i in i < 61 && i % 10 == 0 ? 2 : 0 }
    let b = try find([rare])
    #expect(b.found.isEmpty)
    #expect(b.undetectableDrop == [true])
  }

  @Test func aNewProductIsNotHeldAgainstTheDaysBefore() throws {
    let y = days { i in i >= 71 ? 6 + Double(i % 2) : 0 }
    #expect(try find([y], ages: [20]).found.isEmpty)
    #expect(try find([y], ages: [5]).found.isEmpty)
    #expect(try find([y], ages: [5]).undetectableDrop == [true])
  }

  @Test func nothingToJudge() throws {
    let empty = try find([[Double](repeating: 0, count: 91), [Double](repeating: -3, count: 91)])
    #expect(empty.found.isEmpty)
    #expect(empty.undetectableDrop == [true, true])
    #expect(try find([], days: 30).found.isEmpty)
    #expect(try find([[1, 2, 3]], days: 30).found.isEmpty)
    #expect(try find([[5]], days: 1, rule: .erpconnect).found.isEmpty)
    let odd = try find([[Double](repeating: 0, count: 90) + [.infinity]])
    #expect(odd.found.allSatisfy { $0.z.isFinite && $0.expected.isFinite })
  }

  @Test func fractionsAndLargeLots() throws {
    for size in [0.25, 1, 750, 40_000] {
      var y = days { i in i % 5 == 1 ? size * Double(1 + i % 3) : 0 }
      #expect(try find([y]).found.isEmpty, "lots of \(size)")
      y[86] = size * 60
      #expect(try find([y]).found.map(\.column) == [86], "lots of \(size)")
    }
  }

  /// What the help promises of series without any anomaly.
  @Test func ordinaryDaysAreSeldomFlagged() throws {
    var random = SeededRandom(seed: 7)
    func poisson(_ mean: Double) -> Double {
      var (k, p) = (0.0, random.uniform())
      let limit = exp(-mean)
      while p > limit {
        p *= random.uniform()
        k += 1
      }
      return k
    }
    for mean in [0.1, 0.5, 1, 2, 3, 5, 10, 20] {
      for clump in [1, 3] {
        // Clumps of geometric size give three times the variance of single sales.
        let rows = (0..<400).map { _ in
          (0..<91).map { _ -> Double in
            if clump == 1 { return poisson(mean) }
            var sum = 0.0
            for _ in 0..<Int(poisson(mean / 2)) {
              sum += 1
              while random.uniform() < 0.5 { sum += 1 }
            }
            return sum
          }
        }
        let flagged = Double(try find(rows).found.count) / Double(400 * 30)
        #expect(flagged < 0.015, "mean \(mean), clump \(clump): \(flagged)")
      }
    }
  }
}
