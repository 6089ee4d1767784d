import ErpqBase
import Foundation
import Testing

@testable import ErpqAnalytics

/// The automatic forecast of many series.
@Suite struct PanelTests {
  /// Daily counts with a week, some of them seldom sold, from one seed.
  static func shop(_ count: Int, days: Int, seed: UInt64 = 4) -> [[Double]] {
    var random = SeededRandom(seed: seed)
    let week = [1.0, 1.1, 0.9, 1.2, 1.4, 0, 1.6]
    return (0..<count).map { s in
      let level = Double(1 + s % 7) * 0.8
      return (0..<days).map { t in
        let mean = level * week[t % 7]
        var k = 0.0
        var left = mean
        while left > 0, Double(random.below(1000)) / 1000 < left / (left + 1) {
          k += 1
          left -= 0.2
        }
        return k
      }
    }
  }

  /// What is wrong with a forecast: not finite, negative or out of order.
  private func faults(_ f: PanelForecast) -> [String] {
    let q = PanelForecast.probabilities.count
    var found: [String] = []
    for row in 0..<f.count * f.horizon {
      let values = f.quantiles[row * q..<(row + 1) * q]
      let isSane = values.allSatisfy { $0.isFinite && $0 >= 0 } && f.mean[row].isFinite && f.mean[row] >= 0
      let isOrdered = zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
      if !isSane || !isOrdered { found.append("series \(row / f.horizon): \(f.mean[row]) \(Array(values))") }
    }
    for (i, x) in f.totals.enumerated() where !x.isFinite || x < 0 {
      found.append("total of series \(i / q): \(x)")
    }
    return Array(found.prefix(3))
  }

  /// Series that a careless program stumbles over.
  static let odd: [[Double]] = {
    var random = SeededRandom(seed: 2)
    let noise = (0..<300).map { _ in Double(random.below(9)) }
    var spike = [Double](repeating: 0, count: 200)
    spike[77] = 900
    return [
      [], [5], [0], [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9], [Double](repeating: 0, count: 400),
      [Double](repeating: 7, count: 400), spike, noise.map { -$0 }, noise.map { $0 - 4 },
      noise.map { $0 * 1e9 }, noise.map { $0 * 1e300 }, noise.map { $0 * 1e-300 },
      noise.enumerated().map { $0.offset % 4 == 0 ? .nan : $0.element }, [.nan, .nan, .nan],
      [.infinity, -.infinity, 1], [0, 0, 0, 4], noise.map { $0 < 8 ? 0 : 1 },
    ]
  }()

  @Test(arguments: [SeriesFrequency.daily, .weekly, .monthly], [1, 14, 500])
  func oddSeriesHaveSensibleForecasts(_ frequency: SeriesFrequency, _ horizon: Int) throws {
    let panel = SeriesPanel(
      frequency: frequency, series: PanelTests.odd,
      firstStep: PanelTests.odd.indices.map { 100 - 3 * $0 })
    #expect(faults(try PanelForecaster.forecast(panel, horizon: horizon)) == [])
    for (i, y) in PanelTests.odd.enumerated() {
      let alone = SeriesPanel(frequency: frequency, series: [y], firstStep: [-5])
      #expect(faults(try PanelForecaster.forecast(alone, horizon: horizon)) == [], "series \(i)")
    }
  }

  @Test func flatSeriesMakeTheSamePanel() {
    let odd = PanelTests.odd
    let nested = SeriesPanel(frequency: .daily, series: odd, firstStep: [3])
    let flat = SeriesPanel(
      frequency: .daily, values: odd.flatMap { $0 }, lengths: odd.map(\.count), firstStep: [3])
    #expect(flat.values == nested.values)
    #expect(flat.unknown == nested.unknown)
    #expect(flat.offsets == nested.offsets)
    #expect(flat.values.allSatisfy { $0.isFinite && $0.magnitude <= SeriesPanel.largest })
  }

  @Test func smoothingsSideBySideAreThoseOneByOne() {
    let y = PanelTests.shop(1, days: 400)[0]
    let c = y.indices.map { $0 % 9 == 4 || $0 < 20 ? 0 : 0.4 + Double($0 % 7) / 5 }
    let origins: [Int32] = [0, 3, 25, 26, 200, 400]
    let alphas = SIMD8<Double>(0.01, 0.04, 0.1, 0.25, 0.4, 0.5, 0.8, 1)
    var lanes = [SIMD8<Double>](repeating: .zero, count: origins.count)
    var levels = [Double](repeating: 0, count: origins.count)
    var slopes = levels
    y.withUnsafeBufferPointer { y in
      c.withUnsafeBufferPointer { c in
        origins.withUnsafeBufferPointer { origins in
          lanes.withUnsafeMutableBufferPointer {
            LevelModel.exponentials(alphas, y, c, origins: origins, levels: $0)
          }
          for lane in 0..<8 {
            levels.withUnsafeMutableBufferPointer { levels in
              slopes.withUnsafeMutableBufferPointer {
                LevelModel.exponential(alpha: alphas[lane]).trace(
                  y, c, origins: origins, levels: levels, slopes: $0)
              }
            }
            #expect(lanes.map { $0[lane] } == levels)
          }
        }
      }
    }
  }

  @Test func nothingToForecast() throws {
    let none = SeriesPanel(frequency: .daily, series: [], firstStep: [])
    #expect(try PanelForecaster.forecast(none, horizon: 7).mean.isEmpty)
    let one = SeriesPanel(frequency: .daily, series: [[1, 2]], firstStep: [0])
    #expect(try PanelForecaster.forecast(one, horizon: 0).mean.isEmpty)
    #expect(try PanelForecaster.forecast(one, horizon: -3).mean.isEmpty)
  }

  /// What comes after a series' own last step, be it of the same product, must not change its forecast.
  @Test func nothingIsLearntFromWhatComesLater() throws {
    let series = PanelTests.shop(24, days: 500)
    let cut = 430
    // The first half ends at 430; the second half are the same products 70 days later.
    func panel(_ after: (Double) -> Double) -> SeriesPanel {
      let early = series.map { Array($0[..<cut]) }
      let late = series.map { y in y.enumerated().map { $0.offset < cut ? $0.element : after($0.element) } }
      return SeriesPanel(
        frequency: .daily, series: early + late, firstStep: Array(repeating: 1000, count: 48),
        category: (0..<48).map { Int32($0 % 3) },
        promotions: (0..<48).map { s in (0..<60).map { Int32(1000 + 11 * $0 + s % 5) } })
    }
    let one = try PanelForecaster.forecast(panel { $0 }, horizon: 28)
    let other = try PanelForecaster.forecast(panel { 50 * $0 + 100 }, horizon: 28)
    let q = PanelForecast.probabilities.count
    #expect(one.mean[..<(24 * 28)] == other.mean[..<(24 * 28)])
    #expect(one.quantiles[..<(24 * 28 * q)] == other.quantiles[..<(24 * 28 * q)])
    #expect(one.totals[..<(24 * q)] == other.totals[..<(24 * q)])
    #expect(one.mean[(24 * 28)...] != other.mean[(24 * 28)...])
    // And the early ones are what they are without the late ones beside them.
    let alone = try PanelForecaster.forecast(
      SeriesPanel(
        frequency: .daily, series: series.map { Array($0[..<cut]) },
        firstStep: Array(repeating: 1000, count: 24), category: (0..<24).map { Int32($0 % 3) },
        promotions: (0..<24).map { s in (0..<60).map { Int32(1000 + 11 * $0 + s % 5) } }), horizon: 28)
    #expect(Array(one.mean[..<(24 * 28)]) == alone.mean)
  }

  @Test func theSameInputGivesTheSameOutput() throws {
    let panel = SeriesPanel(
      frequency: .daily, series: PanelTests.shop(70, days: 300), firstStep: Array(repeating: 3, count: 70))
    let one = try PanelForecaster.forecast(panel, horizon: 14)
    for _ in 0..<3 { #expect(try PanelForecaster.forecast(panel, horizon: 14).quantiles == one.quantiles) }
  }

  @Test func aClosedDayIsSeen() throws {
    let panel = SeriesPanel(
      frequency: .daily, series: PanelTests.shop(40, days: 400), firstStep: Array(repeating: 0, count: 40))
    let f = try PanelForecaster.forecast(panel, horizon: 14)
    // Place 5 of the week sells nothing; 400 days on, that is steps 4 and 11 (from 0).
    for s in 0..<40 {
      #expect(f.mean[s * 14 + 4] < 0.2 * f.mean[s * 14 + 5])
      #expect(f.quantiles[(s * 14 + 4) * PanelForecast.probabilities.count + 9] <= 1)
    }
  }

  @Test func promotionsLiftTheirDays() throws {
    var random = SeededRandom(seed: 8)
    let promoted = Set((0..<500).filter { $0 % 30 < 6 })
    let series = (0..<12).map { _ in
      (0..<460).map { Double(random.below(4)) + (promoted.contains($0) ? 9 : 0) }
    }
    let days = promoted.sorted().map { Int32($0) }
    let panel = SeriesPanel(
      frequency: .daily, series: series, firstStep: Array(repeating: 0, count: 12),
      promotions: Array(repeating: days, count: 12))
    let f = try PanelForecaster.forecast(panel, horizon: 28)
    for s in 0..<12 {
      for h in 0..<28 {
        let mean = f.mean[s * 28 + h]
        #expect(promoted.contains(460 + h) ? mean > 7 : mean < 3.5, "\(s) \(h) \(mean)")
      }
    }
  }

  @Test func theYearIsSeenInWeeks() throws {
    func wave(_ t: Int) -> Double { 100 + 40 * cos(Double(t) * 2 * Double.pi / 52) }
    let series: [[Double]] = (0..<5).map { s in
      (0..<200).map { t in wave(t) + Double((t * 7 + s * 3) % 5) }
    }
    let panel = SeriesPanel(frequency: .weekly, series: series, firstStep: Array(repeating: 0, count: 5))
    let f = try PanelForecaster.forecast(panel, horizon: 13)
    for h in 0..<13 {
      let actual = wave(200 + h) + 2
      let mean = f.mean[h]
      #expect(abs(mean - actual) < 12, "\(h): \(mean) for \(actual)")
    }
  }

  @Test func whatIsNotKnownTeachesNothing() throws {
    var holes = [Double](repeating: 20, count: 300)
    for t in stride(from: 3, to: 300, by: 4) { holes[t] = .nan }
    let panel = SeriesPanel(frequency: .daily, series: [holes], firstStep: [0])
    let f = try PanelForecaster.forecast(panel, horizon: 7)
    #expect(f.mean.allSatisfy { abs($0 - 20) < 0.5 })
  }

  @Test func aNewProductTakesTheLevelOfItsCategory() throws {
    let old = [Double](repeating: 8, count: 200)
    let cheap = [Double](repeating: 1, count: 200)
    let panel = SeriesPanel(
      frequency: .daily, series: [old, old, cheap, cheap, [1, 0], [1, 0]],
      firstStep: [0, 0, 0, 0, 198, 198], category: [0, 0, 1, 1, 0, 1])
    let f = try PanelForecaster.forecast(panel, horizon: 5)
    #expect(f.mean[4 * 5] > 4)
    #expect(f.mean[5 * 5] < 2)
  }

  @Test func aTotalIsNarrowerThanItsDaysAddedUp() throws {
    var random = SeededRandom(seed: 21)
    let y = (0..<500).map { _ in 100 + 10 * random.normal() }
    let f = try PanelForecaster.forecast(
      SeriesPanel(frequency: .daily, series: [y], firstStep: [0]), horizon: 28)
    let total = f.total(0)
    let days = f.forecast(0)
    let added = (days.hi80.reduce(0, +) - days.lo80.reduce(0, +))
    #expect(total.hi80 - total.lo80 < 0.5 * added)
    #expect(total.lo80 < total.mean && total.mean < total.hi80)
  }

  /// A product that ended long ago is forecast perfectly by short memories; its neighbour must not follow.
  @Test func aDeadProductTeachesItsNeighbourNothing() throws {
    var dead = [Double](repeating: 0, count: 1000)
    for t in stride(from: 0, to: 90, by: 9) { dead[t] = 2 }
    var random = SeededRandom(seed: 5)
    let alive = (0..<1000).map { _ in random.below(12) == 0 ? 1.0 : 0 }
    let f = try PanelForecaster.forecast(
      SeriesPanel(frequency: .daily, series: [dead, alive], firstStep: [0, 0]), horizon: 28)
    let total = f.total(1)
    #expect(total.mean > 1.2 && total.mean < 3.5, "\(total.mean)")
    #expect(f.total(0).mean < 0.2)
  }

  @Test func anInterruptEndsIt() {
    let stop = Cancellation()
    stop.cancel()
    let panel = SeriesPanel(frequency: .daily, series: PanelTests.shop(3, days: 50), firstStep: [0, 0, 0])
    Cancellation.$current.withValue(stop) {
      #expect(throws: Cancellation.Interrupted.self) { try PanelForecaster.forecast(panel, horizon: 7) }
    }
  }

  @Test func steps() {
    let day = CivilDate(iso: "2024-02-29")
    for frequency in SeriesFrequency.allCases {
      for offset in [-40_000, -3, 0, 17, 4000] {
        guard let date = day?.adding(days: offset) else { continue }
        let step = frequency.step(of: date)
        #expect(frequency.date(of: step) <= date)
        #expect(frequency.date(of: step + 1) > date)
      }
    }
    #expect(SeriesFrequency.weekday(SeriesFrequency.daily.step(of: CivilDate(day: 4))) == 0)
  }

  @Test func classes() {
    #expect(DemandClass(history: []) == .none)
    #expect(DemandClass(history: [0, 0]) == .none)
    #expect(DemandClass(history: [0, 3, 1]) == .new)
    #expect(DemandClass(history: Array(repeating: [4.0, 5], count: 9).flatMap { $0 }) == .smooth)
    #expect(DemandClass(history: Array(repeating: [1.0, 90, 1], count: 9).flatMap { $0 }) == .erratic)
    #expect(DemandClass(history: Array(repeating: [1.0, 0, 0], count: 9).flatMap { $0 }) == .intermittent)
    #expect(DemandClass(history: Array(repeating: [1.0, 0, 0, 60, 0], count: 9).flatMap { $0 }) == .lumpy)
  }
}
