import Testing

@testable import ErpqAnalytics

/// Offers told from the discounts on sales.
@Suite struct DiscountCampaignTests {
  /// Sales of one unit a day, those of some days at a discount.
  private func sales(_ days: [Int32], discounted: Set<Int32>, share: Double = 0.2) -> [DiscountCampaigns.Sale]
  {
    days.map { .init(day: $0, quantity: 1, discount: discounted.contains($0) ? share : 0) }
  }

  @Test func aCampaignHoldsItsDaysWithoutSales() {
    let days: [Int32] = [1, 2, 3, 10, 12, 15, 16, 20, 21, 22, 23]
    #expect(DiscountCampaigns.days(sales(days, discounted: [10, 12, 15])) == [10, 11, 12, 13, 14, 15])
    // In whatever order the sales come.
    #expect(
      DiscountCampaigns.days(sales(days.reversed(), discounted: [10, 12, 15])) == [10, 11, 12, 13, 14, 15])
  }

  @Test func aFullPriceOrAWeekEndsIt() {
    let days: [Int32] = [1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 40, 41, 42, 50, 51, 52, 53, 54, 55]
    #expect(
      DiscountCampaigns.days(sales(days, discounted: [10, 11, 12, 14, 15, 16])) == [10, 11, 12, 14, 15, 16])
    #expect(
      DiscountCampaigns.days(sales(days, discounted: [14, 15, 16, 40, 41, 42])) == [14, 15, 16, 40, 41, 42])
  }

  @Test func bargainsAndHabitsAreNone() {
    let days: [Int32] = Array(1...20)
    // Two sales are a bargain; one day of three is an offer.
    #expect(DiscountCampaigns.days(sales(days, discounted: [5, 6])) == [])
    let rush = [Int32](repeating: 7, count: 3).map {
      DiscountCampaigns.Sale(day: $0, quantity: 2, discount: 0.3)
    }
    #expect(DiscountCampaigns.days(sales(Array(days.prefix(6)), discounted: []) + rush) == [7])
    #expect(DiscountCampaigns.days(sales(days, discounted: Set(1...11))) == [])
    #expect(DiscountCampaigns.days(sales(days, discounted: [5, 6, 7], share: 0.01)) == [])
    #expect(DiscountCampaigns.days([]) == [])
  }

  @Test func halfOfADayAtADiscountIsEnoughAndReturnsTellNothing() {
    var all = sales(Array(1...12), discounted: [6, 7, 8])
    all.append(.init(day: 7, quantity: 1, discount: 0))
    all.append(.init(day: 8, quantity: -5, discount: 0))
    #expect(DiscountCampaigns.days(all) == [6, 7, 8])
    all.append(.init(day: 7, quantity: 1, discount: 0))
    #expect(DiscountCampaigns.days(all) == [])
  }
}
