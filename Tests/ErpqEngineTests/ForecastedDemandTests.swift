import Testing

@testable import ErpqEngine

@Suite struct ForecastedDemandTests {
  /// Every product is within a horizon that is as long as its own time, and there are few of them.
  @Test(arguments: [
    [1], [7, 7, 7], [3, 9, 5, 3], Array(1...60), [2] + Array(repeating: 5, count: 90) + [366],
  ])
  func horizonsCoverEveryTime(_ steps: [Int]) {
    let horizons = ForecastedDemand.horizons(steps)
    #expect(horizons.count <= 4 && horizons.last == steps.max())
    if Set(steps).count <= 4 { #expect(horizons == Set(steps).sorted()) }
  }
}
