import ErpqAnalytics
import ErpqBase

extension InventoryFormulas {
  // MARK: The documents' advice, orders, suppliers

  static let advice: [String: Formula] = [
    "replenish": { c in
      var rule = ReplenishmentRule.erpconnect
      rule.leadTimeDays = try c.number("lead")
      rule.safetyDays = c.number("ss_days", default: 0)
      rule.safetyUnits = c.number("ss_units", default: 0)
      let advice = Replenishment.advise(
        position: try c.number("stock"), dailyDemand: try c.number("ads"), rule: rule)
      return .fields([
        ("rop", .number(advice.rop)), ("suggested", .number(advice.orderQuantity)),
        ("cover_days", .optional(advice.coverDays)), ("action", .text(advice.action.rawValue)),
      ])
    },
    "order_qty": { c in
      try cases(c) { n throws(ConformanceError) in
        .number(Replenishment.rounded(n[0], minimum: n[1], multiple: n[2]))
      }
    },
    "odoo_orderpoint": { c in
      try cases(c, count: 4) { n throws(ConformanceError) in
        .number(OrderpointRule.quantity(forecast: n[0], minimum: n[1], maximum: n[2], multiple: n[3]))
      }
    },
    "ddmrp": { c in
      let buffer = DemandDrivenBuffer(
        averageDailyUse: try c.number("adu"), decoupledLeadTime: try c.number("dlt"),
        leadTimeFactor: try c.number("ltf"), variabilityFactor: try c.number("vf"),
        orderCycle: try c.number("order_cycle", "oc"), minimumOrder: c.number("moq", default: 0))
      let flow = DemandDrivenBuffer.netFlow(
        onHand: c.number("on_hand", default: 0), onOrder: c.number("on_order", default: 0),
        qualifiedDemand: c.number("qualified_demand", default: 0))
      return .fields([
        ("red_base", .number(buffer.redBase)), ("red_safety", .number(buffer.redSafety)),
        ("red", .number(buffer.red)), ("yellow", .number(buffer.yellow)), ("green", .number(buffer.green)),
        ("top_of_yellow", .number(buffer.topOfYellow)), ("top_of_green", .number(buffer.topOfGreen)),
        ("net_flow", .number(flow)), ("order", .number(buffer.order(netFlow: flow))),
        ("spike_threshold", .number(buffer.spikeThreshold)),
      ])
    },
    "supplier_risk": { c in
      var factors: [SupplierFactor: Double] = [:]
      for factor in SupplierFactor.allCases { factors[factor] = c.inputs[factor.rawValue].double }
      let score = SupplierScore(factors)
      return .fields([
        ("score", .optional(score.score)), ("tier", score.tier.map { .text($0.rawValue) } ?? .null),
        ("coverage", .number(score.coverage)),
      ])
    },
    "otif": { c in
      let lines = try c.inputs["lines"].elements.map { line throws(ConformanceError) in
        guard let promised = line["promised"].string.flatMap({ CivilDate(iso: $0) }),
          let ordered = line["ordered"].double, let delivered = line["delivered"].double
        else { throw ConformanceError("a line lacks promised, ordered or delivered") }
        return DeliveryLine(
          promised: promised, done: line["done"].string.flatMap { CivilDate(iso: $0) }, ordered: ordered,
          delivered: delivered)
      }
      let d = DeliveryPerformance(lines)
      return .fields([
        ("on_time_line_pct", .number(d.onTime * 100)), ("in_full_line_pct", .number(d.inFull * 100)),
        ("otif_line_pct", .number(d.onTimeInFull * 100)), ("fill_rate_units_pct", .number(d.fillRate * 100)),
        ("on_time_units_pct", .number(d.onTimeUnits * 100)),
      ])
    },
    "dio/dso/dpo/ccc": { c in
      let days = c.number("days", default: 365)
      let (stock, cogs) = (try c.number("avg_inventory"), try c.number("cogs"))
      let revenue = try c.number("revenue")
      let dio = stock / cogs * days
      let dso = try c.number("avg_ar") / revenue * days
      let dpo = try c.number("avg_ap") / c.number("purchases_or_cogs", "purchases") * days
      return .fields([
        ("dio", .number(dio)), ("dso", .number(dso)), ("dpo", .number(dpo)),
        ("ccc", .number(dio + dso - dpo)),
        ("turns", .number(cogs / stock)), ("gmroi", .number((revenue - cogs) / stock)),
      ])
    },
  ]

  private static func cases(
    _ c: InventoryCall, count: Int = 3, _ answer: ([Double]) throws(ConformanceError) -> GoldenJSON
  ) throws -> GoldenJSON {
    var out: [GoldenJSON] = []
    for item in c.inputs["cases"].elements {
      let numbers = item.elements.compactMap(\.double)
      guard numbers.count == count else { throw ConformanceError("a case has not \(count) numbers") }
      out.append(try answer(numbers))
    }
    return .fields([("qty", .list(out))])
  }
}
