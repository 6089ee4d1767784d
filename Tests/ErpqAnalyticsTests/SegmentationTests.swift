import ErpqAnalytics
import ErpqBase
import Testing

@Suite struct SegmentationTests {
  @Test(arguments: [
    ("erpconnect", "BCCCCCCCCC"), ("inclusive", "BCCCCCCCCC"), ("before", "ABCCCCCCCC"),
    ("count", "AABBBCCCCC"),
    ("pareto", "AAAABBBCCC"),
  ])
  func cuts(_ name: String, _ classes: String) throws {
    let rule = try #require(ABCRule(named: name))
    let r = ABC.classify([400, 250, 120, 80, 50, 40, 25, 15, 12, 8], rule: rule)
    #expect(r.classes.map(\.rawValue).joined() == classes)
    #expect(r.total == 1000)
    #expect(r.cumulativePercent[1] == 65)
  }

  @Test func badValuesAreC() {
    let r = ABC.classify([.nan, 5, -.infinity, -1, 0])
    #expect(r.classes == [.c, .a, .c, .c, .c])
    #expect(r.cumulativePercent == [nil, 100, nil, nil, nil])
    #expect(ABC.classify([]).classes.isEmpty)
    #expect(ABCRule(named: "deciles") == nil)
    // Ids of another length are no ids.
    #expect(ABC.classify([1, 1], ids: [3]).order == [0, 1])
    #expect(ABC.classify([1, 1, 1], ids: [3, 1, 2]).order == [1, 2, 0])
  }

  @Test func steadyByTheWeekThoughNotByTheDay() {
    // Monday to Friday only: erratic by the day, perfectly steady by the week.
    let week: [Double] = [10, 10, 10, 10, 10, 0, 0]
    let daily = (0..<60).map { week[$0 % 7] }
    #expect(XYZ.classify(daily).cls == .x)
    #expect(XYZ.classify(daily).buckets == 8)
    #expect(XYZ.classify(daily).cv == 0)
    #expect(XYZ.classify(daily, rule: .erpconnect).cls == .y)
  }

  @Test func noClassWithoutDemandOrData() {
    let zeros = [Double](repeating: 0, count: 60)
    #expect(XYZ.classify(zeros).cls == .none)
    #expect(XYZ.classify(zeros).cv == nil)
    #expect(XYZ.classify(zeros, rule: .erpconnect).cls == .z)
    #expect(XYZ.classify([Double](repeating: 4, count: 30)).cls == .none)
    #expect(XYZ.classify([]).cls == .none)
    #expect(XYZ.classify([-1, -2, -3], rule: .erpconnect).cls == .z)
  }

  @Test func everyCellHasAStrategy() {
    #expect(Segment.matrix.map(\.description) == ["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"])
    #expect(Set(Segment.matrix.map(\.strategy)).count == 9)
    #expect(Segment(.a, .none).description == "A-")
  }

  @Test func fewerRowsThanValues() throws {
    let window = DayWindow(last: CivilDate(day: 100), count: 56)
    let demand = DailyMatrix(window: window, rows: 1, values: [Double](repeating: 2, count: 56))
    let s = try Segmentation(values: [10, 5], demand: demand)
    #expect(s.segments.map(\.description) == ["AX", "C-"])
  }
}

@Suite struct DemandTests {
  @Test func pointsOutsideAreLeftOut() throws {
    let window = DayWindow(before: CivilDate(day: 110), count: 3)
    #expect(window.first.day == 107)
    #expect(window.last.day == 109)
    let m = try DailyMatrix(
      window: window, rows: 2, series: [0, 0, 1, -1, 2, 1, 0, 0],
      days: [107, 107, 109, 108, 108, 110, 106, 108],
      quantities: [1, 2, 5, 100, 100, 100, 100, .nan])
    #expect(m.row(0) == [3, 0, 0])
    #expect(m.row(1) == [0, 0, 5])
    #expect(m.row(2).isEmpty)
    #expect(DailySeries.saleDays(m.row(0)) == 1)
    #expect(DailySeries.daysSinceFirstSale(m.row(1)) == 1)
    #expect(DailyMatrix(window: window, rows: 1, values: [1, 2, 3, 4]).values == [1, 2, 3])
  }

  @Test func buckets() throws {
    let last = try #require(CivilDate(iso: "2025-03-02"))
    let months = CalendarBuckets(.month, window: DayWindow(last: last, count: 32))
    #expect(months.periods.map(\.description) == ["2025-01", "2025-02", "2025-03"])
    #expect(months.daysInWindow == [2, 28, 2])
    #expect(months.isComplete(1))
    #expect(!months.isComplete(0))
    #expect(!months.isComplete(9))
    let ones = [Double](repeating: 1, count: 32)
    #expect(months.sums(ones) == [2, 28, 2])
    #expect(ones.withUnsafeBufferPointer { months.completeSums($0) } == [28])
    #expect(months.bucket(of: last) == 2)
    #expect(CalendarBuckets(.week, window: DayWindow(last: last, count: 0)).periods.isEmpty)
    #expect(TrailingBlocks.sums([9, 1, 2, 3, 4], length: 2) == [3, 7])
    #expect(TrailingBlocks.sums([9], length: 2).isEmpty)
  }

  @Test func movingAverageOfOddWindows() {
    #expect(MovingAverage.trailing([], window: 7).isEmpty)
    #expect(MovingAverage.trailing([3, 5], window: 0) == [3, 5])
    #expect(MovingAverage.trailing([3, 5], window: 7, edge: .drop).isEmpty)
    // Empty windows are exactly zero, whatever was in the ones before.
    let y = [0.1, 0.2, 0.3, 0.7] + [Double](repeating: 0, count: 10)
    #expect(MovingAverage.trailing(y, window: 7).suffix(4).allSatisfy { $0 == 0 })
  }

  @Test func relativeTrendNeedsMoreThanChance() {
    let rising = (0..<60).map { 10 + Double($0) / 3 }
    #expect(DemandPrediction(rising, lines: 60).trend == .up)
    #expect(DemandPrediction(rising.reversed(), lines: 60).trend == .down)
    #expect(DemandPrediction(rising, lines: 60, rule: .erpconnect).trend == .up)
    #expect(DemandPrediction([Double](repeating: 5, count: 60), lines: 60).trend == .stable)
    let fresh = DemandPrediction(
      [Double](repeating: 0, count: 40) + [Double](repeating: 5, count: 20), lines: 20)
    #expect(fresh.slope == nil)
    #expect(fresh.trend == .stable)
    #expect(fresh.source == .movingAverage)
  }

  @Test func fallbacks() {
    let bare = [Double](repeating: 0, count: 57) + [4, 0, 2]
    let p = DemandPrediction(bare, lines: 2)
    #expect(p.source == .windowMean)
    #expect(p.daily == 0.1)
    #expect(p.confidence == 0.3)
    #expect(DemandPrediction(bare, lines: 2, substitutes: DemandSubstitutes(stated: 1.5)).predicted == 45)
    #expect(
      DemandPrediction(bare, lines: 2, substitutes: DemandSubstitutes(stated: .nan)).source == .windowMean)
    #expect(DemandPrediction([], lines: 0).predicted == 0)
    let all = DemandSubstitutes(category: 3, orderpoint: 2)
    #expect(DemandPrediction(bare, lines: 2, substitutes: all).source == .category)
    #expect(DemandPrediction(bare, lines: 2, substitutes: DemandSubstitutes(orderpoint: 2)).daily == 2)
    // The documents know the stated demand and the mean only.
    #expect(DemandPrediction(bare, lines: 2, substitutes: all, rule: .erpconnect).source == .windowMean)
    // What sold before the window has a history: of three sales in sixty days.
    #expect(DemandPrediction(bare, lines: 2, substitutes: all, ageInDays: 400).source == .movingAverage)
    let dead = DemandPrediction([Double](repeating: 0, count: 60), lines: 0, substitutes: all, ageInDays: 400)
    #expect(dead.daily == 0)
    #expect(dead.confidence == 0.4)
  }

  /// Independent values: exact counts of S and its variance, worked by hand.
  @Test func mannKendall() {
    // 1…10 rising: S = 45, var = 125, z = 44/√125.
    let p = TrendTest.mannKendall((1...10).map(Double.init))
    #expect(abs(p - 8.303070332644999e-5) < 1e-15)
    #expect(TrendTest.mannKendall([1, 1, 1, 1, 1]) == 1)
    #expect(TrendTest.mannKendall([1, 2, 3]) == 1)
  }
}
