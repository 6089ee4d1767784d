import ErpqAnalytics
import ErpqBase
import Testing

@Suite struct ForecastTests {
  static let histories: [(name: String, values: [Double])] = {
    var random = SeededRandom(seed: 5)
    let noise = (0..<200).map { _ in Double(random.below(7)) }
    var spike = [Double](repeating: 0, count: 100)
    spike[60] = 500
    return [
      ("empty", []), ("one", [4]), ("two", [4, 9]), ("thirteen", [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9]),
      ("zeros", [Double](repeating: 0, count: 90)), ("constant", [Double](repeating: 3, count: 90)),
      ("spike", spike), ("last day only", [Double](repeating: 0, count: 59) + [7]),
      ("negative", (0..<120).map { $0 % 9 == 0 ? -4 : 2 }),
      ("all negative", [Double](repeating: -2, count: 40)),
      ("billions", noise.map { $0 * 1e9 }), ("enormous", noise.map { $0 * 1e300 }),
      ("tiny", noise.map { $0 * 1e-300 }),
      ("holes", noise.enumerated().map { $0.offset % 5 == 0 ? .nan : $0.element }),
      ("nothing known", [.nan, .infinity, -.infinity]), ("falling", (0..<180).map { Double(180 - $0) }),
      ("noise", noise),
    ]
  }()
  static let methods: [ForecastMethod] = ForecastMethod.names.compactMap { ForecastMethod(named: $0) }

  private func sane(_ f: Forecast, _ horizon: Int, _ name: String) {
    #expect(f.mean.count == horizon)
    for h in 0..<f.horizon {
      let all = [f.lo95[h], f.lo80[h], f.median[h], f.hi80[h], f.hi95[h]]
      #expect(all.allSatisfy { $0.isFinite && $0 >= 0 }, "\(name) \(f.method) \(h): \(all)")
      #expect(all == all.sorted(), "\(name) \(f.method) \(h): \(all)")
      #expect(f.mean[h].isFinite && f.mean[h] >= f.lo95[h] && f.mean[h] <= f.hi95[h], "\(name) \(f.method)")
    }
  }

  @Test(arguments: histories.indices, [0, 1, 7, 90]) func everyHistoryHasASensibleForecast(
    _ i: Int, _ horizon: Int
  ) {
    let (name, values) = ForecastTests.histories[i]
    let auto = Forecaster.auto(values, horizon: horizon)
    sane(auto.forecast, horizon, name)
    #expect(auto.forecast == Forecaster.auto(values, horizon: horizon).forecast)
    for method in ForecastTests.methods {
      // Methods that search for their parameters take their time.
      let isDear =
        ["ets", "holt_winters", "holt", "damped"].contains(method.name) || method.name.contains("theta")
      if isDear, horizon != 7 { continue }
      let f = Forecaster.forecast(
        isDear ? Array(values.suffix(60)) : values, horizon: horizon, method: method)
      sane(f, horizon, name)
      #expect(f.method.hasPrefix(method.name))
    }
  }

  @Test func knownAnswers() {
    let zeros = Forecaster.auto([0, 0, 0, 0], horizon: 3).forecast
    #expect(zeros.hi95 == [0, 0, 0])
    #expect(zeros.modelType == .zero)
    let constant = Forecaster.auto([Double](repeating: 3, count: 90), horizon: 5).forecast
    for h in 0..<5 {
      #expect(abs(constant.mean[h] - 3) < 1e-9)
      #expect(constant.hi95[h] - constant.lo95[h] < 1e-6)
    }
    #expect(ForecastMethod.naive.path([1, 2, 8], horizon: 2).values == [8, 8])
    #expect(ForecastMethod.naive.path([1, 2, -8], horizon: 2).values == [0, 0])
    #expect(
      ForecastMethod.seasonalNaive(period: 3).path([9, 1, 2, 3], horizon: 5).values == [1, 2, 3, 1, 2])
    #expect(ForecastMethod.seasonalNaive(period: 7).path([9, 1], horizon: 2).values == [1, 1])
    #expect(ForecastMethod.movingAverage(window: 2).path([9, 1, 2], horizon: 2).values == [1.5, 1.5])
    #expect(ForecastMethod.movingAverage(window: 7).path([9, 1, 2], horizon: 1).values == [4])
    #expect(ForecastMethod(named: "arima") == nil)
    #expect(abs((constant.total(first: 2) ?? 0) - 6) < 1e-9)
    #expect(constant.total(first: 6) == nil)
  }

  @Test func theWeekIsSeenWhereThereIsOne() {
    let week: [Double] = [50, 20, 30, 0, 10, 90, 70]
    let history = (0..<140).map { week[$0 % 7] + Double($0 * 37 % 5) }
    let auto = Forecaster.auto(history, horizon: 14)
    #expect(abs(auto.forecast.mean[0] - 52) < 6)
    #expect(abs(auto.forecast.mean[5] - 92) < 8)
    // A lone series' quiet day is drawn a little towards the others.
    #expect(auto.forecast.mean[3] < 10)
    #expect(abs(auto.parts.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
  }

  @Test func aLevelShiftIsFollowedByTheShortestMemory() {
    let history = [Double](repeating: 10, count: 200) + [Double](repeating: 40, count: 60)
    #expect(Forecaster.auto(history, horizon: 7).forecast.mean.allSatisfy { $0 > 34 && $0 < 42 })
  }

  @Test func zerosBeforeTheFirstSaleSayNothing() {
    let sold = (0..<60).map { Double(3 + $0 % 4) }
    let late = [Double](repeating: 0, count: 300) + sold
    let one = Forecaster.auto(late, horizon: 14).forecast
    let other = Forecaster.auto(sold, horizon: 14).forecast
    for h in 0..<14 {
      #expect(abs(one.mean[h] - other.mean[h]) < 1e-6)
      #expect(abs(one.hi95[h] - other.hi95[h]) < 1e-6)
    }
  }

  @Test func intervalsHoldWhatTheyPromise() {
    var random = SeededRandom(seed: 11)
    var inside95 = 0
    var inside80 = 0
    var count = 0
    for _ in 0..<60 {
      let all = (0..<428).map { _ in max(0, 40 + 8 * random.normal()) }
      let f = Forecaster.auto(Array(all[0..<400]), horizon: 28).forecast
      for h in 0..<28 {
        count += 1
        let y = all[400 + h]
        if y >= f.lo95[h], y <= f.hi95[h] { inside95 += 1 }
        if y >= f.lo80[h], y <= f.hi80[h] { inside80 += 1 }
      }
    }
    #expect(abs(Double(inside95) / Double(count) - 0.95) < 0.025)
    #expect(abs(Double(inside80) / Double(count) - 0.80) < 0.04)
  }

  @Test func cancellationStopsABatch() {
    let matrix = DailyMatrix(window: DayWindow(last: CivilDate(day: 0), count: 30), rows: 40, values: [])
    let stop = Cancellation()
    stop.cancel()
    Cancellation.$current.withValue(stop) {
      #expect(throws: Cancellation.Interrupted.self) { try Poly2Batch(matrix) }
    }
  }
}

@Suite struct Poly2Tests {
  /// The exact parabola comes back, far from zero as well as near it.
  @Test(arguments: [0.0, 1e6]) func parabola(_ offset: Double) {
    func curve(_ t: Double) -> Double { offset + 500 - 3 * t + 0.02 * t * t }
    let y = (0..<180).map { curve(Double($0)) }
    let model = Poly2.fit(y, settings: Poly2Settings(window: 1))
    #expect(abs(model.coefficients[0] - offset - 500) < 1e-6)
    #expect(abs(model.coefficients[1] + 3) < 1e-8)
    #expect(abs(model.coefficients[2] - 0.02) < 1e-10)
    #expect(model.sigma < 1e-8)
    #expect(abs(model.value(step: 1) - curve(180)) < 1e-6)
  }

  @Test func shortHistoriesNeedNoSquare() {
    let settings = Poly2Settings(minimumSaleDays: 1, window: 1)
    #expect(Poly2.fit([], settings: settings).modelType == .zero)
    #expect(Poly2.fit([5], settings: settings).coefficients == [5, 0, 0])
    let line = Poly2.fit([5, 7], settings: settings)
    #expect(line.coefficients == [5, 2, 0])
    #expect(line.value(step: 1) == 9)
    let baseline = Poly2.fit([5, 7])
    #expect(baseline.modelType == .baseline)
    #expect(baseline.coefficients == [6, 0])
  }

  @Test func onlyTheLookbackCounts() {
    let recent = (0..<180).map { Double($0 % 11) }
    let before = [Double](repeating: 1e6, count: 100)
    #expect(Poly2.fit(before + recent) == Poly2.fit(recent))
  }

  @Test func theLowEndIsCutAndTheMeanToo() {
    let model = Poly2.fit((0..<180).map { 180 - Double($0) })
    let f = model.forecast(horizon: 90)
    #expect(f.mean.last == 0)
    #expect(f.lo95.last == 0)
    #expect(abs((f.hi95.last ?? 0) - 1.96 * model.sigma) < 1e-12)
    #expect(model.total(days: 90) == model.total(days: 30))
  }
}

@Suite struct BacktestTests {
  @Test func originsNeverSeeWhatFollowsThem() {
    // A method that looked ahead would see the jump coming.
    let history = [Double](repeating: 1, count: 100) + [Double](repeating: 9, count: 20)
    let test = Backtest(.naive, history: history, plan: BacktestPlan(horizon: 20, step: 1, origins: 1))
    #expect(test.cuts == [100] || test.cuts.last == 119)
    let whole = Backtest(.naive, history: history, plan: BacktestPlan(horizon: 10, step: 10, origins: 8))
    for (origin, cut) in whole.cuts.enumerated() where cut <= 90 {
      #expect(whole.errors[origin * 10..<(origin + 1) * 10].allSatisfy { $0 == 0 })
    }
    let jump = whole.cuts.firstIndex(of: 100)
    #expect(jump.map { whole.errors[$0 * 10] } == 8)
  }

  @Test func cuts() {
    let plan = BacktestPlan(horizon: 28)
    #expect(plan.cuts(count: 0).isEmpty)
    #expect(plan.cuts(count: 1).isEmpty)
    #expect(plan.cuts(count: 2) == [1])
    #expect(plan.cuts(count: 13).last == 12)
    let long = plan.cuts(count: 1000)
    #expect(long.count == 52)
    #expect(long.last == 972)
    #expect(long == long.sorted())
    #expect(long.allSatisfy { $0 >= 28 && $0 + 28 <= 1000 })
    #expect(BacktestPlan(horizon: -3, step: -1, origins: 0).cuts(count: 50).count == 1)
  }

  @Test func errorsBySumAndStep() {
    // A rise of one a step: the naive forecast is short by h at step h.
    let history = (0..<100).map(Double.init)
    let test = Backtest(.naive, history: history, plan: BacktestPlan(horizon: 4, step: 1, origins: 30))
    #expect(test.accuracy.mae == 2.5)
    #expect(test.accuracy.mase == 2.5)
    #expect(test.totalRMSE == 2.5)
    #expect((test.accuracy.bias ?? 0) < 0)
    #expect(abs((test.accuracy.rmsse ?? 0) - 7.5.squareRoot()) < 1e-12)
    #expect(test.coverage(0.95) != nil)
    #expect(test.coverage(1) == nil)
    #expect(
      Backtest(.naive, history: [1], plan: BacktestPlan(horizon: 4)).errorQuantiles(step: 0, [0.5]) == nil)
  }

  @Test func wideSpreadsAtLongHorizons() throws {
    var random = SeededRandom(seed: 3)
    var level = 1000.0
    let walk = (0..<600).map { _ in
      level += 5 * random.normal()
      return level
    }
    let f = Forecaster.forecast(walk, horizon: 56, method: .naive)
    #expect(f.hi95[55] - f.lo95[55] > 2 * (f.hi95[0] - f.lo95[0]))
  }

  @Test func accuracyOfPairs() {
    let a = Accuracy(
      actual: [10, 0, 12, 8, 15, 0, 9], forecast: [11, 2, 10, 8, 12, 1, 10],
      training: [10, 0, 12, 8, 15, 0, 9])
    #expect(abs(a.mae - 1.4285714285714286) < 1e-12)
    #expect(abs(a.rmse - 1.6903085094570331) < 1e-12)
    #expect(abs((a.wape ?? 0) - 0.18518518518518517) < 1e-12)
    #expect(abs((a.mape ?? 0) - 0.11555555555555555) < 1e-12)
    #expect(abs(a.smape - 0.6577916653104624) < 1e-12)
    #expect(abs((a.mase ?? 0) - 0.15037593984962405) < 1e-12)
    #expect(a.bias == 0)
    let nothing = Accuracy(actual: [0, .nan], forecast: [0, 1])
    #expect(nothing.count == 1)
    #expect(nothing.wape == nil)
    #expect(nothing.mase == nil)
    #expect(nothing.mape == nil)
    #expect(AccuracyGrade(smape: 0.0999) == .excellent)
    #expect(AccuracyGrade(smape: 0.1) == .good)
    #expect(AccuracyGrade(smape: 0.5) == .acceptable)
    #expect(AccuracyGrade(smape: 0.51) == .poor)
  }
}

@Suite struct ForecastChoiceTests {
  @Test func names() throws {
    for name in ForecastChoice.names {
      let choice = try #require(ForecastChoice(named: name))
      #expect(Forecaster.forecast([1, 2, 3, 4], horizon: 2, choice: choice).forecast.horizon == 2)
    }
    #expect(ForecastChoice(named: "erpconnect") == Settings.erpconnect.forecast)
    #expect(ForecastChoice(named: "auto") == Settings.default.forecast)
    #expect(ForecastChoice(named: "prophet") == nil)
  }

  @Test func absurdParametersDoNotTrap() {
    let y = (0..<50).map { Double($0 % 5) }
    for period in [Int.min, -1, 0, Int.max] {
      #expect(ForecastMethod.seasonalNaive(period: period).path(y, horizon: 3).values.count == 3)
      #expect(ForecastMethod.movingAverage(window: period).path(y, horizon: 3).values.count == 3)
      let poly = Poly2Settings(lookback: period, minimumSaleDays: period, window: period)
      #expect(Forecaster.forecast(y, horizon: 3, method: .poly2(poly)).horizon == 3)
    }
    #expect(Forecaster.auto(y, horizon: .min).forecast.horizon == 0)
    #expect(Forecaster.forecast(y, horizon: .max, method: .naive).horizon == Forecaster.longestHorizon)
    #expect(DayWindow(last: CivilDate(day: 0), count: .min).count == 0)
    #expect(DayWindow(last: CivilDate(day: .min), count: 10).index(of: CivilDate(day: .max)) == nil)
  }

  @Test func totalsHaveTheirOwnSpread() throws {
    var random = SeededRandom(seed: 9)
    let y = (0..<500).map { _ in 100 + 10 * random.normal() }
    let test = Backtest(.movingAverage(window: 91), history: y, plan: BacktestPlan(horizon: 28))
    let q = try #require(test.totalErrorQuantiles(first: 28, [0.1, 0.9]))
    // 28 independent days: √28 times the spread of one, not 28 times.
    let width = q[1] - q[0]
    #expect(width > 100)
    #expect(width < 240)
    #expect(test.totalErrorQuantiles(first: 29, [0.5]) == nil)
    #expect(test.totalErrorQuantiles(first: 0, [0.5]) == nil)
  }

  @Test func aMatrixHoldsOnlyNumbers() throws {
    let window = DayWindow(last: CivilDate(day: 0), count: 20)
    let m = DailyMatrix(
      window: window, rows: 1, values: [.nan, .infinity, 1e300] + (0..<17).map(Double.init))
    #expect(m.row(0).prefix(3) == [0, 0, 0])
    let batch = try Poly2Batch(m)
    #expect(batch.modelTypes == [.regression])
    #expect(batch.means(horizon: 4).allSatisfy { $0.isFinite })
  }
}
