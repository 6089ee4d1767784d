import ErpqAnalytics
import Testing

private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(b))
}

@Suite struct LeadTimeDemandTests {
  let demand = LeadTimeDemand(dailyMean: 20, dailyDeviation: 6, leadMean: 9, leadDeviation: 2.5)

  @Test func moments() {
    #expect(demand.mean == 180)
    #expect(close(demand.deviation, 53.14132102234569))
    #expect(LeadTimeDemand(dailyMean: 20, dailyDeviation: 6, leadMean: 9).deviation == 18)
    let periodic = LeadTimeDemand(
      dailyMean: 20, dailyDeviation: 6, leadMean: 9, leadDeviation: 2.5, review: 7)
    #expect(periodic.mean == 320)
    #expect(close(periodic.deviation, 55.46169849544819))
  }

  @Test(arguments: [
    (0.5, 0), (0.9, 68.1033431512953), (0.975, 104.15507529467881), (0.99, 123.62519918405575),
  ])
  func safetyStockForAServiceLevel(_ level: Double, _ stock: Double) {
    #expect(close(demand.safetyStock(cycleServiceLevel: level), stock))
    #expect(close(demand.cycleServiceLevel(reorderPoint: 180 + stock), level))
  }

  @Test(arguments: [(0.95, 28.257478647567854), (0.99, 73.7682277843635)])
  func safetyStockForAFillRate(_ rate: Double, _ stock: Double) {
    #expect(close(demand.safetyStock(fillRate: rate, quantity: 200), stock, 1e-6))
    let found = demand.safetyStock(fillRate: rate, quantity: 200)
    #expect(close(demand.fillRate(reorderPoint: 180 + found, quantity: 200), rate))
  }

  @Test func fillRateOfAReorderPoint() {
    let rate = demand.fillRate(reorderPoint: 180 + demand.deviation, quantity: 200)
    #expect(close(rate, 0.9778625783212713, 1e-8))
    let certain = LeadTimeDemand(mean: 10, deviation: 0)
    #expect(certain.fillRate(reorderPoint: 10, quantity: 5) == 1)
    #expect(certain.fillRate(reorderPoint: 8, quantity: 4) == 0.5)
    #expect(certain.fillRate(reorderPoint: 8, quantity: 0).isNaN)
  }

  @Test func shortages() {
    let normal = LeadTimeDemand(mean: 15, deviation: 3)
    #expect(close(normal.expectedShortage(reorderPoint: 18), 0.24994641176305887))
    let poisson = LeadTimeDemand(mean: 15, deviation: 15.0.squareRoot())
    #expect(close(poisson.expectedShortage(reorderPoint: 18, .poisson), 0.5176095282584724))
    let counts = LeadTimeDemand(mean: 6, deviation: 15.0.squareRoot())
    #expect(close(counts.expectedShortage(reorderPoint: 10, .negativeBinomial), 0.4324540907519999))
    #expect(close(counts.cycleServiceLevel(reorderPoint: 10, .negativeBinomial), 0.87569121673216))
    #expect(close(counts.cycleServiceLevel(reorderPoint: 13, .negativeBinomial), 0.9535770691895296))
    #expect(close(poisson.expectedShortage(reorderPoint: -2, .poisson), 17))
  }

  /// Ten days of cover for seven of lead time: what it is worth depends on the pace alone.
  @Test(arguments: [
    (0.2, 0.8334977381226298), (1, 0.9014792058890873), (3, 0.9758470394272787), (10, 0.9997074075424105),
  ])
  func serviceLevelOfTenDays(_ pace: Double, _ level: Double) {
    let ltd = LeadTimeDemand(dailyMean: pace, dailyDeviation: pace.squareRoot(), leadMean: 7)
    #expect(ltd.suggestedDistribution == .poisson)
    #expect(close(ltd.cycleServiceLevel(reorderPoint: pace * 7 + pace * 3, .poisson), level))
  }

  @Test func degenerateCases() {
    let certain = LeadTimeDemand(mean: 11, deviation: 0)
    #expect(certain.cycleServiceLevel(reorderPoint: 1.1 * 7 + 1.1 * 3) == 1)
    #expect(certain.cycleServiceLevel(reorderPoint: 10) == 0)
    #expect(certain.safetyStock(cycleServiceLevel: 0.99) == 0)
    #expect(LeadTimeDemand(mean: 0, deviation: 0).cycleServiceLevel(reorderPoint: 0, .poisson) == 1)
    #expect(LeadTimeDemand(mean: 5, deviation: 2).cycleServiceLevel(reorderPoint: .nan).isNaN)
    let huge = LeadTimeDemand(mean: 1e9, deviation: 1e9.squareRoot())
    #expect(close(huge.cycleServiceLevel(reorderPoint: 1e9, .poisson), 0.5, 1e-4))
    #expect(demand.safetyStock(fillRate: 1, quantity: 10).isNaN)
    #expect(demand.suggestedDistribution == .normal)
    #expect(LeadTimeDemand(mean: 6, deviation: 4).suggestedDistribution == .negativeBinomial)
  }
}

@Suite struct ReplenishmentTests {
  @Test func defaultsWatchTheWeekAboveTheReorderPoint() {
    func advise(_ stock: Double, onHand: Double? = nil) -> ReplenishmentAdvice {
      Replenishment.advise(position: stock, onHand: onHand, dailyDemand: 2)
    }
    #expect(advise(20).action == .monitor)
    #expect(advise(34).action == .monitor)
    #expect(advise(34.1).action == .ok)
    #expect(advise(19).action == .orderNow)
    #expect(advise(19).orderQuantity == 1)
    #expect(advise(19).urgency == .medium)
    #expect(advise(13.9).urgency == .high)
    #expect(advise(0).urgency == .critical)
    #expect(advise(34.1).urgency == .low)
    // Everything is on its way, nothing is on the shelf.
    #expect(advise(50, onHand: 0).action == .ok)
    #expect(advise(50, onHand: 0).urgency == .critical)
  }

  @Test func targetsAndSafetyInUnits() {
    var rule = ReplenishmentRule()
    rule.target = .upTo(reviewDays: 7)
    #expect(Replenishment.advise(position: 15, dailyDemand: 2, rule: rule).orderQuantity == 19)
    #expect(Replenishment.advise(position: 25, dailyDemand: 2, rule: rule).orderQuantity == 0)
    rule = .erpconnect
    (rule.safetyDays, rule.safetyUnits) = (0, 3)
    let advice = Replenishment.advise(position: 15, dailyDemand: 3.2, rule: rule)
    #expect(close(advice.rop, 25.4))
    #expect(close(advice.orderQuantity, 10.4))
  }

  @Test(arguments: [Double.nan, .infinity, -1, 0])
  func withoutDemandNothingIsOrdered(_ demand: Double) {
    let advice = Replenishment.advise(position: -5, dailyDemand: demand)
    #expect(advice.action == .ok)
    #expect(advice.orderQuantity == 0)
    #expect(advice.coverDays == nil)
    #expect(advice.urgency == .none)
  }

  @Test(
    arguments: [
      (17, 0, 1, 17), (17, 24, 6, 24), (25, 24, 6, 30), (17.2, 0, 0, 17.2), (0, 24, 6, 0), (-3, 24, 6, 0),
      (48.0000000001, 0, 12, 48), (.nan, 0, 1, 0),
    ] as [(Double, Double, Double, Double)])
  func lots(_ need: Double, _ minimum: Double, _ multiple: Double, _ quantity: Double) {
    #expect(close(Replenishment.rounded(need, minimum: minimum, multiple: multiple), quantity))
  }

  @Test func stockStatus() {
    func status(_ onHand: Double, _ demand: Double, minimum: Double? = nil, maximum: Double? = nil)
      -> StockStatus
    {
      StockStatus(onHand: onHand, dailyDemand: demand, minimum: minimum, maximum: maximum)
    }
    #expect(status(0, 1) == .outOfStock)
    #expect(status(-3, 0) == .outOfStock)
    #expect(status(6, 1) == .low)
    #expect(status(7, 1) == .adequate)
    #expect(status(7, 1, minimum: 8) == .low)
    #expect(status(7, 1, maximum: 6) == .overstocked)
    #expect(status(90, 1) == .adequate)
    #expect(status(91, 1) == .overstocked)
    #expect(status(5, 0) == .overstocked)
    let rule = Settings.erpconnect.stockStatus
    #expect(StockStatus(onHand: 10, dailyDemand: 0.5833, rule: rule) == .adequate)
    #expect(StockStatus(onHand: 9.75, dailyDemand: 0.1, rule: rule) == .low)
  }
}
