import ErpqBase
import Testing

@testable import ErpqAnalytics

@Suite struct CleanDemandTests {
  private let steady = (0..<200).map { Double(3 + $0 % 3) }

  @Test func daysWithoutStockThatSoldNothingAreLeftOut() {
    var y = steady
    var isOut = [Bool](repeating: false, count: 200)
    for d in 50..<70 { (y[d], isOut[d]) = (0, true) }
    #expect(CleanDemand.stockOuts(y[...], isOut: isOut) == Array(50..<70))
    // A slice counts from its own beginning.
    #expect(CleanDemand.stockOuts(y[40...], isOut: Array(isOut[40...])) == Array(10..<30))
  }

  @Test func ordersTakenWithoutStockAreDemand() {
    var isOut = [Bool](repeating: false, count: 200)
    for d in 50..<70 { isOut[d] = true }
    #expect(CleanDemand.stockOuts(steady[...], isOut: isOut).isEmpty)
  }

  @Test func littleEvidenceChangesNothing() {
    var y = [Double](repeating: 0, count: 200)
    for d in stride(from: 0, to: 200, by: 40) { y[d] = 1 }
    var isOut = [Bool](repeating: false, count: 200)
    for d in 61..<75 { isOut[d] = true }
    #expect(CleanDemand.stockOuts(y[...], isOut: isOut).isEmpty)
    #expect(CleanDemand.stockOuts([], isOut: []).isEmpty)
    #expect(CleanDemand.stockOuts([1, 2, 3], isOut: [true, true, true]).isEmpty)
    #expect(CleanDemand.stockOuts([1, 2, 3], isOut: []).isEmpty)
  }

  @Test func aProductGivenUpIsNoStockOut() {
    var y = steady
    var isOut = [Bool](repeating: false, count: 200)
    for d in 100..<200 { (y[d], isOut[d]) = (0, true) }
    #expect(CleanDemand.stockOuts(y[...], isOut: isOut).isEmpty)
  }

  @Test func aBulkOrderIsReadAsTheBestOtherDay() {
    var y = steady
    y[77] = 400
    #expect(CleanDemand.bulk(y[...]) == [CleanDemand.Bulk(day: 77, sold: 400, read: 5)])
    y[120] = 380
    #expect(CleanDemand.bulk(y[...]).map(\.day) == [77, 120])
  }

  @Test func whatComesOftenIsDemand() {
    var y = steady
    for d in stride(from: 5, to: 200, by: 20) { y[d] = 400 }
    #expect(CleanDemand.bulk(y[...]).isEmpty)
    #expect(CleanDemand.bulk(steady[...]).isEmpty)
    #expect(CleanDemand.bulk([1, 1, 1, 500]).isEmpty)
    #expect(CleanDemand.bulk([]).isEmpty)
    #expect(CleanDemand.bulk((0..<100).map { pow2($0 % 7) }[...]).isEmpty)
  }

  private func pow2(_ k: Int) -> Double { Double(1 << k) }
}
