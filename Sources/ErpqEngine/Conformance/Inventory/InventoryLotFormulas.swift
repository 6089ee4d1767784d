import ErpqAnalytics

extension InventoryFormulas {
  // MARK: Order quantities, lots, aggregates, simulation

  static let lots: [String: Formula] = [
    "eoq": { c in
      order(
        EconomicOrderQuantity.basic(
          orderCost: try c.number("K"), holding: try c.number("h"), demand: try c.number("D")))
    },
    "eoq_cost": { c in
      .fields([
        (
          "cost",
          .number(
            EconomicOrderQuantity.cost(
              orderCost: try c.number("K"), holding: try c.number("h"), demand: try c.number("D"),
              quantity: try c.number("Q")))
        )
      ])
    },
    "eoq_backorders": { c in
      let best = EconomicOrderQuantity.withBackorders(
        orderCost: try c.number("K"), holding: try c.number("h"), shortage: try c.number("p"),
        demand: try c.number("D"))
      return .fields([
        ("Q", .optional(best?.order.quantity)), ("backorder_fraction", .optional(best?.backorderShare)),
        ("cost", .optional(best?.order.cost)),
      ])
    },
    "epq": { c in
      order(
        EconomicOrderQuantity.production(
          orderCost: try c.number("K"), holding: try c.number("h"), demand: try c.number("D"),
          production: try c.number("P")))
    },
    "eoq_disruptions": { c in
      order(
        EconomicOrderQuantity.withDisruptions(
          orderCost: try c.number("K"), holding: try c.number("h"), shortage: try c.number("p"),
          demand: try c.number("D"), disruptionRate: try c.number("disruption_rate"),
          recoveryRate: try c.number("recovery_rate")))
    },
    "eoq_discounts": { c in
      let best = PriceBreaks.best(
        c.says("incremental") ? .incremental : .allUnits, orderCost: try c.number("K"),
        holdingRate: try c.number("holding_rate"), demand: try c.number("D"),
        from: try c.numbers("breakpoints"), prices: try c.numbers("unit_costs"))
      return .fields([
        ("Q", .optional(best?.quantity)), ("region", .int(Int64(best?.region ?? -1))),
        ("cost", .optional(best?.cost)),
      ])
    },
    "exchange_curve": { c in
      let curve = ExchangeCurve(demand: try c.numbers("D"), value: try c.numbers("v"))
      let points = try c.numbers("A_over_r").map { ratio in
        let point = curve.point(costOverRate: ratio)
        return GoldenJSON.fields([
          ("A_over_r", .number(ratio)), ("TCS", .number(point.cycleStock)), ("N", .number(point.orders)),
        ])
      }
      return .fields([
        ("sum_sqrt_Dv", .number(curve.sum)), ("product_TCS_N", .number(curve.product)),
        ("points", .list(points)),
      ])
    },
    "allocate_safety_stock": { c in
      let (v, sigma) = (try c.numbers("v"), try c.numbers("sigma"))
      let (demand, q) = (try c.numbers("D"), try c.numbers("Q"))
      guard v.count == sigma.count, v.count == demand.count, v.count == q.count else {
        throw ConformanceError("v, sigma, D and Q have different lengths")
      }
      let items = v.indices.map {
        ServiceAllocation.Item(value: v[$0], deviation: sigma[$0], demand: demand[$0], quantity: q[$0])
      }
      let goal: ServiceAllocation.Goal = c.says("occasions") ? .occasions : .valueShort
      let points = try c.numbers("lambdas").map { ServiceAllocation.point(items, goal: goal, lambda: $0) }
      return .fields([
        ("k", .list(points.map { .numbers($0.factors) })),
        ("ss_value", .numbers(points.map(\.safetyStockValue))),
        ("stockouts_per_year", .numbers(points.map(\.stockoutsPerYear))),
        ("value_short_per_year", .numbers(points.map(\.valueShortPerYear))),
      ])
    },
    "jrp": { c in
      let plan = JointReplenishment(
        sharedCost: try c.number("shared_K"), itemCosts: try c.numbers("item_K"), holding: try c.numbers("h"),
        demand: try c.numbers("D"))
      guard let plan else { throw ConformanceError("the items make no sense together") }
      return .fields([
        ("Q", .numbers(plan.quantities)), ("base_cycle", .number(plan.cycle)),
        ("order_multiples", .list(plan.multiples.map { .int(Int64($0)) })), ("cost", .number(plan.cost)),
      ])
    },
    "wagner_whitin": { c in try lotSizing(c, .wagnerWhitin) },
    "silver_meal": { c in try lotSizing(c, .silverMeal) },
    "least_unit_cost": { c in try lotSizing(c, .leastUnitCost) },
    "part_period_balancing": { c in try lotSizing(c, .partPeriodBalancing) },
    "ppb": { c in try lotSizing(c, .partPeriodBalancing) },
    "luc": { c in try lotSizing(c, .leastUnitCost) },
    "simulate": { c in
      let start = c.number("start", default: 0)
      let walk = StockWalk.trace(
        demand: try c.numbers("demand"), policy: try policy(c), lead: Int(try c.number("L")), start: start,
        unmet: c.says("lost") ? .lost : .backordered)
      return .fields([
        (
          "rows",
          .list(
            walk.days.map {
              .list([
                .int(Int64($0.day)), .number($0.demand), .number($0.net), .number($0.position),
                .number($0.order),
              ])
            })
        ),
        ("fill_rate", .number(walk.totals.fillRate)),
        ("stockout_periods", .int(Int64(walk.totals.stockoutDays))), ("end", .number(walk.totals.end)),
      ])
    },
  ]

  private static func order(_ best: EconomicOrderQuantity?) -> GoldenJSON {
    .fields([("Q", .optional(best?.quantity)), ("cost", .optional(best?.cost))])
  }

  private static func lotSizing(_ c: InventoryCall, _ method: LotSizing.Method) throws -> GoldenJSON {
    let (d, k, h) = (try c.numbers("d", "demand"), try c.number("K"), try c.number("h"))
    let lots = LotSizing(method, demand: d, orderCost: k, holding: h)
    let best = LotSizing(.wagnerWhitin, demand: d, orderCost: k, holding: h)
    return .fields([
      ("Q", .numbers(lots.quantities)), ("cost", .number(lots.cost)),
      ("wagner_whitin_cost", .number(best.cost)), ("wagner_whitin_Q", .numbers(best.quantities)),
    ])
  }

  private static func policy(_ c: InventoryCall) throws -> StockPolicy {
    let multiple = c.number("multiple", default: 0)
    if c.says("'RsS'") {
      return StockPolicy(
        reviewDays: Int(try c.number("R")), reorderPoint: try c.number("s"), orderUpTo: try c.number("S"))
    }
    if c.says("'RS'") { return .rS(Int(try c.number("R")), try c.number("S")) }
    if c.has("min") {
      return .minMax(try c.number("min"), try c.number("max"), multiple: multiple)
    }
    if c.says("'sS'") || c.has("S") { return .sS(try c.number("s"), try c.number("S")) }
    return StockPolicy(reorderPoint: try c.number("s", "r"), quantity: try c.number("Q"), oneLot: true)
  }
}
