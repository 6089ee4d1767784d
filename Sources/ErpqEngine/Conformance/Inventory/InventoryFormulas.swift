import ErpqAnalytics
import ErpqBase

/// What answers each function that a case may name.
enum InventoryFormulas {
  typealias Formula = @Sendable (InventoryCall) throws -> GoldenJSON

  static let all: [String: Formula] = distributions.merging(policies) { a, _ in a }
    .merging(lots) { a, _ in a }.merging(advice) { a, _ in a }.merging(statistics) { a, _ in a }

  /// Functions that belong elsewhere, and why they are not run.
  static let later = [
    "gsm_tree": "stock in several echelons is not computed",
    "clark_scarf_serial": "stock in several echelons is not computed",
    "token_sort_ratio": "no command compares names yet",
    "recon_score": "no command reconciles payments yet",
    "credit_score": "no command scores credit yet",
    "benford": "no command counts leading digits yet",
    "cash_band": "no command forecasts cash yet",
  ]

  // MARK: Distributions

  private static let distributions: [String: Formula] = [
    "normal_loss": { c in
      if !c.has("x") {
        let z = try c.number("z")
        return .fields([("loss", .number(Normal.loss(z))), ("complementary", .number(Normal.loss(z) + z))])
      }
      return try loss(c, c.distribution("normal"))
    },
    "normal_second_loss": { c in
      let z = try c.number("z")
      let loss = Normal.secondLoss(z)
      return .fields([("loss2", .number(loss)), ("complementary", .number((z * z + 1) / 2 - loss))])
    },
    "poisson_loss": { c in try loss(c, c.distribution("poisson")) },
    "negbin_loss": { c in try loss(c, c.distribution("negbin")) },
    "gamma_loss": { c in try loss(c, c.distribution("gamma")) },
    "lognormal_loss": { c in try loss(c, c.distribution("lognormal")) },
    "discrete_loss": { c in try loss(c, c.distribution()) },
    "lead_time_demand": { c in try moments(c, review: 0) },
    "protection_interval_demand": { c in try moments(c, review: try c.number("review")) },
    "lead_time_demand_dist": { c in
      let daily: Distribution
      if let text = c.inputs["daily"].string {
        let parts = text.split(whereSeparator: { "(,) ".contains($0) })
        let numbers = parts.dropFirst().compactMap { Double($0) }
        guard let kind = parts.first, let first = numbers.first else {
          throw ConformanceError("the input daily is no distribution")
        }
        let second = numbers.count > 1 ? numbers[1] : first
        switch kind {
        case "poisson": daily = .poisson(mean: first)
        case "normal": daily = .normal(mean: first, deviation: second)
        case "gamma": daily = .gamma(shape: first, scale: second)
        case "negbin", "nb": daily = .negativeBinomial(mean: first, variance: second)
        default: throw ConformanceError("the input daily is no known distribution: \(text)")
        }
      } else {
        let pmf = try c.probabilities("daily")
        daily = .discrete(DiscreteDistribution(values: pmf.map(\.value), weights: pmf.map(\.probability)))
      }
      let lead = try c.probabilities("lead_pmf")
      let sum = daily.summed(over: lead.map { (Int($0.value), $0.probability) })
      let length = DiscreteDistribution(values: lead.map(\.value), weights: lead.map(\.probability))
      return .fields([
        ("mean", .number(sum.mean)), ("variance", .number(sum.variance)),
        ("var_formula", .number(length.mean * daily.variance + daily.mean * daily.mean * length.variance)),
        (
          "quantiles",
          .fields(
            ["0.5", "0.75", "0.8", "0.9", "0.95", "0.975", "0.98", "0.99", "0.995", "0.999"].map {
              ($0, .number(sum.quantile(Double($0) ?? 0)))
            })
        ),
      ])
    },
    "ltd_empirical": { c in
      let windows = DemandWindows.sums(try c.numbers("y"), length: Int(try c.number("lead")))
      let sorted = windows.sorted()
      let (mean, deviation) = Statistics.moments(windows, .sample)
      let level = c.number("service_level", default: 0.95)
      return .fields([
        ("windows", .numbers(windows)), ("mean", .number(mean)), ("sd_sample", .number(deviation)),
        ("rop95_ceil", .number(Distribution.empirical(windows).quantile(level))),
        ("rop95_linear", .optional(Statistics.quantile(sorted: sorted, level))),
      ])
    },
    "stock_reward": { c in
      let demand = try c.distribution()
      let (m, s, carry) = (try c.number("M"), try c.number("S"), try c.number("C"))
      // As many stocks as the usual listing shows: twice the mean.
      let through = Int(c.number("k_max", default: (2 * demand.mean).rounded(.up)))
      return .fields([
        (
          "reward",
          .numbers(
            (0...through).map {
              StockReward.reward(demand, stock: Double($0), margin: m, stockout: s, carrying: carry)
            })
        ),
        (
          "marginal",
          .numbers(StockReward.marginal(demand, through: through, margin: m, stockout: s, carrying: carry))
        ),
      ])
    },
    "crps_discrete": { c in
      let demand = try c.distribution()
      let y = try c.number("y")
      var sum = 0.0
      var k = 0.0
      let last = Swift.max(y, demand.quantile(1 - 1e-15)) + 1
      while k <= last {
        let step = demand.cumulative(k) - (y <= k ? 1 : 0)
        sum += step * step
        k += 1
      }
      return .fields([("crps", .number(sum))])
    },
  ]

  private static func loss(_ c: InventoryCall, _ demand: Distribution) throws -> GoldenJSON {
    let x = try c.number("x")
    var fields: [(String, GoldenJSON)] = [
      ("loss", .number(demand.loss(x))), ("complementary", .number(demand.leftover(x))),
      ("cdf", .number(demand.cumulative(x))), ("mean", .number(demand.mean)),
    ]
    if case .negativeBinomial(let r, let p) = demand { fields += [("r", .number(r)), ("p", .number(p))] }
    return .fields(fields)
  }

  static func leadTimeDemand(_ c: InventoryCall, review: Double = 0) throws -> LeadTimeDemand {
    if c.has("ltd_mean") {
      let sd = c.has("ltd_sd") ? try c.number("ltd_sd") : try c.number("ltd_var").squareRoot()
      return LeadTimeDemand(mean: try c.number("ltd_mean"), deviation: sd)
    }
    return LeadTimeDemand(
      dailyMean: try c.number("mean_daily"), dailyDeviation: try c.number("sd_daily"),
      leadMean: try c.number("lead_mean"), leadDeviation: c.number("lead_sd", default: 0), review: review)
  }

  private static func moments(_ c: InventoryCall, review: Double) throws -> GoldenJSON {
    let demand = try leadTimeDemand(c, review: review)
    return .fields([("mean", .number(demand.mean)), ("sd", .number(demand.deviation))])
  }
}
