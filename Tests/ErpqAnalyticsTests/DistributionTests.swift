import ErpqAnalytics
import ErpqBase
import Foundation
import Testing

private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(b))
}

@Suite struct DistributionTests {
  private func fixture() throws -> JSON {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/inventory/distributions", withExtension: "json"))
    return try JSON.load(url)
  }

  private func make(_ item: JSON) -> Distribution {
    let p = item["params"].numbers
    switch item["kind"].text {
    case "poisson": return .poisson(mean: p[0])
    case "negbin": return .negativeBinomial(mean: p[0], variance: p[1])
    case "gamma": return .gamma(shape: p[0], scale: p[1])
    default: return .lognormal(logMean: p[0], logDeviation: p[1])
    }
  }

  /// Against figures that scipy computed.
  @Test func probabilitiesAndLosses() throws {
    for item in try fixture()["values"].list {
      let d = make(item)
      let x = item["x"].number ?? .nan
      #expect(close(d.cumulative(x), item["cdf"].number ?? .nan, 1e-10), "\(d) at \(x)")
      #expect(close(d.survival(x), item["sf"].number ?? .nan, 1e-10), "\(d) at \(x)")
      #expect(close(d.loss(x), item["loss"].number ?? .nan, 1e-6), "\(d) at \(x)")
      #expect(close(d.leftover(x) - d.loss(x), x - d.mean, 1e-9))
    }
  }

  @Test func quantiles() throws {
    for item in try fixture()["quantiles"].list {
      let d = make(item)
      #expect(close(d.quantile(item["p"].number ?? .nan), item["x"].number ?? .nan, 1e-8), "\(d)")
    }
  }

  @Test func quantileAtTheEndsAndOutside() {
    #expect(Distribution.poisson(mean: 3).quantile(0) == 0)
    #expect(Distribution.poisson(mean: 3).quantile(1) == .infinity)
    #expect(Distribution.normal(mean: 3, deviation: 1).quantile(0) == -.infinity)
    #expect(Distribution.normal(mean: 3, deviation: 1).quantile(1.2).isNaN)
    #expect(Distribution.gamma(shape: 2, scale: 1).quantile(-0.1).isNaN)
    #expect(Distribution.constant(4).quantile(0.3) == 4)
    #expect(Distribution.poisson(mean: 0).quantile(0.99) == 0)
  }

  @Test func sumsOverAFixedTime() {
    let d = Distribution.poisson(mean: 5).summed(3)
    #expect(d == .poisson(mean: 15))
    let normal = Distribution.normal(mean: 20, deviation: 6).summed(9)
    #expect(normal.mean == 180 && normal.deviation == 18)
    // Two dice by convolution.
    let die = Distribution.empirical([1, 2, 3, 4, 5, 6])
    let two = die.summed(2)
    #expect(close(two.cumulative(3), 3.0 / 36))
    #expect(close(two.mean, 7) && close(two.variance, 35.0 / 6))
    #expect(two.quantile(0.5) == 7)
    #expect(die.summed(0) == .constant(0))
  }

  @Test func sumOverARandomTimeKeepsTheVarianceIdentity() {
    let daily = Distribution.negativeBinomial(mean: 4, variance: 10)
    let lead = [(2, 0.2), (3, 0.5), (4, 0.3)].map { (count: $0.0, probability: $0.1) }
    let sum = daily.summed(over: lead)
    let mean = 3.1
    let variance = 0.2 * 1.21 + 0.5 * 0.01 + 0.3 * 0.81
    #expect(close(sum.mean, 12.4))
    #expect(close(sum.variance, mean * 10 + 16 * variance))
    #expect(sum.isCount)
    #expect(sum.cumulative(sum.quantile(0.95)) >= 0.95)
    #expect(sum.cumulative(sum.quantile(0.95) - 1) < 0.95)
  }

  @Test func shiftScaleMixtureAndMaximum() {
    let d = Distribution.poisson(mean: 4)
    #expect(close(d.shifted(by: 10).quantile(0.9), d.quantile(0.9) + 10))
    #expect(close(d.scaled(by: 2.5).mean, 10))
    #expect(close(d.scaled(by: 2).loss(6), 2 * d.loss(3)))
    #expect(d.scaled(by: 0) == .constant(0))
    let mixed = Distribution.mixed([
      WeightedDistribution(1, .constant(0)), WeightedDistribution(3, .constant(8)),
    ])
    #expect(close(mixed.mean, 6) && close(mixed.variance, 12))
    #expect(mixed.quantile(0.25) == 0 && mixed.quantile(0.26) == 8)
    let die = Distribution.empirical([1, 2, 3, 4, 5, 6])
    #expect(close(die.maximum(die).mean, 161.0 / 36))
    let n = Distribution.normal(mean: 0, deviation: 1)
    // E[max] of two standard normals is 1/√π.
    #expect(close(n.maximum(n).mean, 1 / Double.pi.squareRoot(), 2e-3))
    let sum = Distribution.gamma(shape: 2, scale: 3).plus(.poisson(mean: 4))
    #expect(close(sum.mean, 10, 1e-3) && close(sum.variance, 22, 1e-2))
  }

  @Test func nonsenseDoesNotTrap() {
    let none = DiscreteDistribution(values: [.nan, .infinity], weights: nil)
    #expect(none.values == [0])
    #expect(DiscreteDistribution(values: [1, 2], weights: [0, -1]).mean == 0)
    #expect(Distribution.mixed([]) == .constant(0))
    #expect(Distribution.gamma(mean: 0, deviation: 3) == .constant(0))
    #expect(Distribution.negativeBinomial(mean: 3, variance: 2) == .poisson(mean: 3))
    #expect(Distribution.fitting(mean: -1, deviation: 2) == .constant(0))
    #expect(Distribution.poisson(mean: 3).loss(.nan).isNaN)
    #expect(Distribution.poisson(mean: 3).loss(-2) == 5)
  }

  @Test func reorderPointsByFillRate() {
    for d in [
      Distribution.poisson(mean: 8), .negativeBinomial(mean: 6, variance: 15),
      .gamma(mean: 180, deviation: 53),
      .normal(mean: 180, deviation: 53), .empirical([0, 0, 3, 5, 9]),
    ] {
      for beta in [0.8, 0.95, 0.999] {
        let r = d.reorderPoint(fillRate: beta, quantity: 12)
        #expect(ServiceAchieved(d, reorderPoint: r, quantity: 12).fillRate >= beta - 1e-9, "\(d) \(beta)")
        if d.isCount {
          #expect(ServiceAchieved(d, reorderPoint: r - 1, quantity: 12).fillRate < beta, "\(d) \(beta)")
        }
      }
    }
    #expect(Distribution.poisson(mean: 8).reorderPoint(fillRate: 0.9, quantity: 0).isNaN)
    #expect(Distribution.poisson(mean: 8).reorderPoint(fillRate: 1, quantity: 5).isNaN)
  }
}
