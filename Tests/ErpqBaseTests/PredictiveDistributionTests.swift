import ErpqBase
import Testing

@Suite struct PredictiveDistributionTests {
  @Test func aNormalOneIsKept() throws {
    let d = PredictiveDistribution(mean: 100, deviation: 15)
    #expect(abs(d.deviation - 15) < 0.05)
    for p in [0.001, 0.05, 0.3, 0.5, 0.77, 0.99, 0.9999] {
      let x = try #require(d.quantile(p))
      #expect(abs(x - (100 + 15 * Normal.quantile(p))) < 1e-9)
      #expect(abs(d.cumulative(x) - p) < 1e-9)
    }
    #expect(d.quantile(1.2) == nil && d.quantile(-0.1) == nil && d.quantile(.nan) == nil)
  }

  @Test func countsThatAreMostlyZero() throws {
    let d = PredictiveDistribution(
      mean: 1.2, probabilities: [0.025, 0.1, 0.5, 0.9, 0.975], values: [0, 0, 0, 4, 7])
    #expect(d.quantile(0.3) == 0)
    #expect(abs(d.cumulative(0) - 0.5) < 1e-12)
    #expect(d.cumulative(-1) == 0)
    #expect(abs(d.cumulative(4) - 0.9) < 1e-9)
    #expect(d.cumulative(7) > 0.97 && d.cumulative(1e9) == 1)
    #expect(d.quantile(0.999).map { $0 > 7 } == true)
    var random = SeededRandom(seed: 3)
    let draws = (0..<4000).map { _ in d.draw(&random) }
    #expect(draws.allSatisfy { $0 >= 0 && $0.isFinite })
    let zeros = draws.filter { $0 == 0 }.count
    #expect(abs(zeros - 2000) < 120)
    var again = SeededRandom(seed: 3)
    #expect(draws[0] == d.draw(&again))
  }

  @Test func oddQuantiles() {
    let certain = PredictiveDistribution(mean: 5, deviation: 0)
    #expect(certain.quantile(0.9) == 5 && certain.cumulative(4.9) == 0 && certain.cumulative(5) == 1)
    #expect(certain.deviation == 0)
    let none = PredictiveDistribution(mean: 3, probabilities: [], values: [])
    #expect(none.quantile(0.1) == 3 && none.deviation == 0 && none.profile(8) == [1])
    let broken = PredictiveDistribution(
      mean: .nan, probabilities: [0.5, 0.2, 0.9, 2], values: [4, 1, .nan, 9])
    #expect(broken.mean == 4 && broken.values == [4])
    let falling = PredictiveDistribution(mean: 2, probabilities: [0.1, 0.5, 0.9], values: [3, 1, 5])
    #expect(falling.values == [3, 3, 5])
    #expect(PredictiveDistribution(mean: -.infinity, deviation: .nan).mean == 0)
  }
}
