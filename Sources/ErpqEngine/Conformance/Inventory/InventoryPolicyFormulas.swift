import ErpqAnalytics
import ErpqBase

extension InventoryFormulas {
  // MARK: Safety stock, reorder points, newsvendor, (r, Q), (s, S)

  static let policies: [String: Formula] = [
    "safety_stock": { c in
      if c.says("forecast_error") || c.has("rmse_per_period") {
        let sigma = SafetyFactor.protectedDeviation(
          error: try c.number("rmse_per_period"), lead: try c.number("lead"),
          review: c.number("review", default: 0))
        return .fields([
          ("sigma_protect", .number(sigma)),
          ("ss", .number(Normal.quantile(try c.number("csl", "service_level")) * sigma)),
        ])
      }
      let demand = try leadTimeDemand(c, review: c.number("review", default: 0))
      if c.has("fill_rate") {
        let (beta, q) = (try c.number("fill_rate"), try c.number("order_qty", "Q"))
        let sigma = demand.deviation
        let z = SafetyFactor.fillRate(beta, quantity: q, deviation: sigma)
        let exact = SafetyFactor.exactFillRate(beta, quantity: q, deviation: sigma)
        let lost = SafetyFactor.lostSalesFillRate(beta, quantity: q, deviation: sigma)
        return .fields([
          ("target_G", .number(q * (1 - beta) / sigma)), ("z_approx", .number(z)),
          ("ss_approx", .number(z * sigma)), ("z_exact", .number(exact)),
          ("ss_exact", .number(exact * sigma)),
          ("csl_implied_exact", .number(Normal.cumulative(exact))), ("z_lost", .number(lost)),
          ("ss_lost", .number(lost * sigma)), ("reorder_point", .number(demand.mean + exact * sigma)),
        ])
      }
      let level = try c.number("service_level", "csl")
      let z = SafetyFactor.cycleServiceLevel(level)
      return .fields([
        ("z", .number(z)), ("safety_stock", .number(z * demand.deviation)),
        ("reorder_point", .number(demand.mean + z * demand.deviation)),
      ])
    },
    "fill_rate": { c in
      let (z, q, sigma) = (try c.number("z"), try c.number("order_qty", "Q"), try c.number("sigma"))
      let demand = LeadTimeDemand(mean: 0, deviation: sigma)
      return .fields([
        ("fill_approx", .number(1 - sigma * Normal.loss(z) / q)),
        ("fill_exact", .number(demand.fillRate(reorderPoint: z * sigma, quantity: q))),
        ("csl", .number(Normal.cumulative(z))),
      ])
    },
    "reorder_point": { c in
      let kind = ["poisson", "negbin", "gamma", "lognormal", "empirical", "normal"].first { c.says($0) }
      let demand = try c.distribution(kind)
      let r = demand.reorderPoint(cycleServiceLevel: try c.number("service_level", "csl"))
      var fields: [(String, GoldenJSON)] = [
        ("reorder_point", .number(r)), ("achieved_csl", .number(demand.cumulative(r))),
      ]
      if case .gamma(let shape, let scale) = demand {
        fields += [("shape", .number(shape)), ("scale", .number(scale))]
      }
      if case .negativeBinomial(let r, let p) = demand { fields += [("r", .number(r)), ("p", .number(p))] }
      return .fields(fields)
    },
    "newsvendor_normal": { c in
      let (h, p) = (try c.number("h"), try c.number("p"))
      let periods = c.has("lead_time") ? try c.number("lead_time") + 1 : 1
      let demand = Distribution.normal(
        mean: try c.number("mean") * periods, deviation: try c.number("sd") * periods.squareRoot())
      return newsvendor(demand, h, p)
    },
    "newsvendor_normal_explicit": { c in
      let best = Newsvendor.best(
        try c.distribution("normal"), revenue: try c.number("revenue"), cost: try c.number("cost"),
        salvage: c.number("salvage", default: 0))
      return .fields([("S", .optional(best?.stock)), ("profit", .optional(best?.profit))])
    },
    "newsvendor_poisson": { c in
      newsvendor(try c.distribution("poisson"), try c.number("h"), try c.number("p"))
    },
    "newsvendor_discrete": { c in newsvendor(try c.distribution(), try c.number("h"), try c.number("p")) },
    "rq_eil": { c in
      let best = ReorderPointOrderQuantity.expectedInventoryLevel(try problem(c))
      return .fields([
        ("r", .number(best.reorderPoint)), ("Q", .number(best.quantity)), ("cost", .number(best.cost)),
      ])
    },
    "rq_eoqb": { c in exact(ReorderPointOrderQuantity.backorderQuantity(try problem(c))) },
    "rq_eoqss": { c in exact(ReorderPointOrderQuantity.quantityAndSafetyStock(try problem(c))) },
    "rq_loss_function": { c in exact(ReorderPointOrderQuantity.lossFunction(try problem(c))) },
    "rq_poisson_exact": { c in
      let (mean, lead) = (try c.number("mean"), try c.number("L"))
      let best = ReorderPointOrderQuantity.exact(
        leadDemand: .poisson(mean: mean * lead), rate: mean, holding: try c.number("h"),
        shortage: try c.number("p"), orderCost: try c.number("K"))
      return .fields([
        ("r", .optional(best?.reorderPoint)), ("Q", .optional(best?.quantity)),
        ("cost", .optional(best?.cost)),
      ])
    },
    "sS_exact": { c in
      let period: Distribution
      if c.has("poisson_mean") {
        period = .poisson(mean: try c.number("poisson_mean"))
      } else {
        period = try c.distribution(c.has("pmf") ? nil : "poisson")
      }
      let best = ReorderPointOrderUpTo.exact(
        period: period, protected: period, holding: try c.number("h"), shortage: try c.number("p"),
        orderCost: try c.number("K"))
      return .fields([
        ("s", .optional(best?.reorderPoint)), ("S", .optional(best?.orderUpTo)),
        ("cost", .optional(best?.cost)),
      ])
    },
    "sS_power": { c in
      let (mean, sd) = (try c.number("mean"), try c.number("sd"))
      let periods = c.number("L", default: 0) + 1
      let best = ReorderPointOrderUpTo.powerApproximation(
        holding: try c.number("h"), shortage: try c.number("p"), orderCost: try c.number("K"), mean: mean,
        protected: LeadTimeDemand(mean: mean * periods, deviation: sd * periods.squareRoot()))
      return .fields([("s", .optional(best?.reorderPoint)), ("S", .optional(best?.orderUpTo))])
    },
  ]

  private static func newsvendor(_ demand: Distribution, _ h: Double, _ p: Double) -> GoldenJSON {
    let best = Newsvendor.best(demand, holding: h, shortage: p)
    return .fields([
      ("S", .optional(best?.stock)), ("cost", .optional(best?.cost)),
      ("critical_ratio", .number(Newsvendor.criticalRatio(holding: h, shortage: p))),
    ])
  }

  private static func problem(_ c: InventoryCall) throws -> ReorderPointOrderQuantity.Problem {
    guard
      let problem = ReorderPointOrderQuantity.Problem(
        holding: try c.number("h"), shortage: try c.number("p"), orderCost: try c.number("K"),
        mean: try c.number("mean"), deviation: try c.number("sd"), lead: try c.number("L"))
    else { throw ConformanceError("costs and mean have to be positive") }
    return problem
  }

  private static func exact(_ best: ReorderPointOrderQuantity) -> GoldenJSON {
    .fields([
      ("r", .number(best.reorderPoint)), ("Q", .number(best.quantity)), ("exact_cost", .number(best.cost)),
      ("cost", .number(best.cost)),
    ])
  }
}
