import ErpqAnalytics
import ErpqBase
import Testing

private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-12) -> Bool {
  abs(a - b) <= tolerance * max(abs(b), 1e-300)
}

/// Expected values: 40-digit arithmetic, rounded.
@Suite struct NormalTests {
  @Test(arguments: [
    (-37.5, 4.6053530095819548438e-308), (-20, 2.7536241186062336951e-89), (-8.5, 9.4795348222033183542e-18),
    (-6, 9.865876450376981407e-10), (-3.5, 0.00023262907903552503635), (-1.3, 0.096800484585610325542),
    (-0.1, 0.46017216272297101633), (0, 0.5), (0.3, 0.61791142218895263307), (1, 0.84134474606854294859),
    (2.5, 0.99379033467422386483), (4.2, 0.99998665425098409367), (5.9, 0.9999999981824921369),
  ])
  func cumulative(_ z: Double, _ p: Double) {
    #expect(close(Normal.cumulative(z), p))
    #expect(close(Normal.survival(-z), p))
  }

  @Test(arguments: [
    (1e-300, -37.047096299361199237), (1e-100, -21.273453560965324295), (1e-20, -9.2623400897984075737),
    (1e-10, -6.3613409024040562047), (1e-5, -4.2648907939228246285), (0.001, -3.0902323061678135415),
    (0.02425, -1.9729610513118848503), (0.075, -1.4395314709384559153), (0.1, -1.281551565544600467),
    (0.3, -0.52440051270804078404), (0.6, 0.2533471031357997988), (0.9, 1.281551565544600467),
    (0.95, 1.6448536269514727149), (0.975, 1.9599639845400542355), (0.99, 2.3263478740408411009),
    (0.999, 3.0902323061678135415),
  ])
  func quantile(_ p: Double, _ z: Double) {
    #expect(close(Normal.quantile(p), z, 1e-13))
  }

  @Test func quantileInvertsTheDistribution() {
    for i in 1..<2000 {
      let p = Double(i) / 2000
      #expect(close(Normal.cumulative(Normal.quantile(p)), p))
    }
  }

  @Test func quantileAtTheEnds() {
    #expect(Normal.quantile(0) == -.infinity)
    #expect(Normal.quantile(1) == .infinity)
    #expect(Normal.quantile(0.5) == 0)
    #expect(Normal.quantile(-0.1).isNaN)
    #expect(Normal.quantile(1.1).isNaN)
    #expect(Normal.quantile(.nan).isNaN)
  }

  @Test(arguments: [
    (-5, 5.0000000534616553383), (-1, 1.0833154705876862984), (0, 0.39894228040143267794),
    (0.5, 0.19779655740130602959), (2, 0.00849070261682963755), (3.7, 2.5921256684414821041e-5),
    (6, 1.5635697959709664279e-10), (7.9, 1.7127075574361659594e-16), (8.1, 3.2962295311743835623e-17),
    (10, 7.4745602545893280366e-25), (20, 1.3700124947295799431e-90),
  ])
  func loss(_ z: Double, _ g: Double) {
    #expect(close(Normal.loss(z), g, z > 5 ? 5e-12 : 1e-12))
    #expect(abs(Normal.inverseLoss(g) - z) <= 1e-10)
  }

  @Test func lossAtTheEnds() {
    #expect(Normal.loss(.infinity) == 0)
    #expect(Normal.inverseLoss(0) == .infinity)
    #expect(Normal.inverseLoss(.infinity) == -.infinity)
    #expect(Normal.inverseLoss(-1).isNaN)
    #expect(abs(Normal.inverseLoss(1000) + 1000) < 1e-9)
  }
}

@Suite struct StatisticsTests {
  @Test func deviations() {
    let y: [Double] = [5, 6, 4, 5, 0, 7, 5, 6, 5, 4, 6, 5, 7, 25]
    #expect(close(Statistics.moments(y, .population).deviation, 5.407855208785056))
    #expect(close(Statistics.moments(y, .sample).deviation, 5.611996569359739))
    #expect(Statistics.moments([3], .sample) == (3, 0))
    #expect(Statistics.moments([], .population) == (0, 0))
  }

  @Test func quantiles() {
    #expect(Statistics.quantile(sorted: [], 0.5) == nil)
    #expect(Statistics.quantile(sorted: [1, 2, 3, 4], 0.5) == 2.5)
    #expect(Statistics.quantile(sorted: [1, 2, 3, 4], 0.25) == 1.75)
    #expect(Statistics.quantile(sorted: [1, 2, 3, 4], 2) == 4)
    #expect(Statistics.median([3, 1, 2]) == 2)
    // The (n + 1)·p-th smallest of nineteen.
    let x = (1...19).map(Double.init)
    #expect(Statistics.predictiveQuantile(sorted: x, 0.05) == 1)
    #expect(Statistics.predictiveQuantile(sorted: x, 0.5) == 10)
    #expect(Statistics.predictiveQuantile(sorted: x, 0.999) == 19)
    #expect(Statistics.predictiveQuantile(sorted: [7], 0.5) == 7)
  }

  @Test func ties() {
    #expect(!Tie.below(0.3 - 1e-10, 0.3))
    #expect(Tie.below(0.3 - 1e-8, 0.3))
    #expect(!Tie.stockBelow(11, 1.1 * 7 + 1.1 * 3))
    #expect(Tie.stockBelow(10.99, 11))
    #expect(!Tie.stockBelow(1e9 - 0.5, 1e9))
  }
}
