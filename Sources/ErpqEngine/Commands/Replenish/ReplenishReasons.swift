import ErpqAnalytics
import ErpqRendering
import ErpqTables

extension ReplenishRows {
  /// A number as a formula shows it: as many digits as one reads.
  private func n(_ value: Double) -> String {
    guard value.isFinite else { return "—" }
    let digits = value == value.rounded() ? 0 : value.magnitude >= 100 ? 1 : value.magnitude >= 1 ? 2 : 3
    return NumberText.fixed(value, decimals: digits)
  }

  private func percent(_ value: Double?) -> String {
    value.map { NumberText.fixed($0 * 100, decimals: 1) + "%" } ?? "—"
  }

  /// The formula of a product with its numbers.
  func reason(_ i: Int) -> String {
    let (p, item, s) = (plans[i], items[i], settings[i])
    let service = service(i)
    func text(_ column: String) -> String {
      if case .text(let t)? = facts.demand.products[column]?[i] { t } else { "" }
    }
    var lines = ["\(text("name")) (\(facts.demand.ids[i])): \(p.advice.action.rawValue), \(s.kind.rawValue)"]
    func line(_ label: String, _ body: String) {
      lines.append("  " + label.padding(14) + body)
    }
    let source =
      forecasts.map { "as \($0[i].method) forecasts \($0[i].horizon) days" }
      ?? "from \(item.observations) days of \(facts.demand.window.count)"
    line("demand", "\(n(item.rate)) a day, deviation \(n(item.deviation)), \(source)")
    let from =
      switch leadSources[i] {
      case "receipts": "from \(facts.receipts[i]) receipts"
      case "supplier": "from the supplier's receipts"
      case "product": "as the supplier promises"
      case "parameter": "as said"
      default: "the default"
      }
    line(
      "lead time",
      "\(n(item.lead)) days" + (item.leadDeviation > 0 ? " ± \(n(item.leadDeviation))" : "") + ", " + from)
    let review = s.reviewTime
    let time = review > 0 ? "(\(n(item.lead)) + \(n(review)))" : n(item.lead)
    line("lead demand", "\(n(item.rate)) × \(time) = \(n(p.mean))")
    line(
      "deviation",
      "√(\(time) × \(n(item.deviation))² + \(n(item.rate))² × \(n(item.leadDeviation))²) = \(n(p.deviation)), \(p.distribution.name)"
    )
    line("reorder point", formula(i))
    line("lot", lotFormula(i))
    let inTime = item.position - item.onHand + facts.reserved[i]
    line(
      "position",
      context.usesDocuments
        ? "\(n(item.position)) on hand"
        : "\(n(item.onHand)) on hand + \(n(inTime)) incoming in time − \(n(facts.reserved[i])) reserved = \(n(item.position))"
    )
    let sign = p.advice.action == .orderNow
    let strict = s.kind == .days || s.kind == .minMax
    if sign {
      line(
        "order",
        "\(n(item.position)) \(strict ? "<" : "≤") \(n(p.reorderPoint)): up to \(n(p.orderUpTo)) takes \(n(p.orderUpTo - item.position)); accepted: \(n(p.orderQuantity))"
      )
    } else {
      line("order", "\(n(item.position)) \(strict ? "≥" : ">") \(n(p.reorderPoint)): nothing")
    }
    line(
      "it serves",
      "\(percent(service.cycleServiceLevel)) of cycles, \(percent(service.fillRate)) of demand; \(service.shortPerYear.map(n) ?? "—") units short a year"
    )
    if let cost = p.cost, let unit = p.unitCost {
      line(
        "it costs",
        "\(percent(s.holdingRate)) × \(n(unit)) × \(n(p.meanStock)) held + \(n(s.orderCost)) × \(n(p.ordersPerYear)) orders = \(n(cost)) a year"
      )
    }
    if !p.flags.isEmpty { line("note", p.flags.remarks) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func formula(_ i: Int) -> String {
    let (p, item, s) = (plans[i], items[i], settings[i])
    guard item.rate > 0 || s.kind == .minMax else { return "0: nothing was sold in the window" }
    let floored = p.reorderPoint == 0 ? ", not below 0" : ""
    switch s.kind {
    case .days:
      let review = s.reviewDays > 0 ? " + \(n(s.reviewDays)) review" : ""
      return
        "\(n(item.rate)) × (\(n(item.lead)) lead\(review) + \(n(s.rule.safetyDays)) safety) = \(n(p.reorderPoint))"
    case .minMax:
      return p.flags.contains(.noOrderpoint)
        ? "no reordering rule; \(n(item.rate)) × (\(n(item.lead)) + \(n(s.rule.safetyDays))) = \(n(p.reorderPoint))"
        : "the ERP's minimum, \(n(p.reorderPoint))"
    case .csl, .cost:
      let level =
        s.kind == .csl ? percent(s.serviceLevel) : percent(service(i).cycleServiceLevel) + " (least cost)"
      return
        "\(level) of \(p.distribution.name)(\(n(p.mean)), \(n(p.deviation))) = \(n(p.reorderPoint))\(floored)"
    case .fill:
      return
        "least r with n(r) − n(r + \(n(p.lot))) ≤ \(n(p.lot)) × (1 − \(percent(s.fillRate ?? 0.98))) = \(n(p.reorderPoint))\(floored)"
    case .periodic, .lots, .reorderUpTo:
      let aim = s.fillRate.map { "fill rate \(percent($0))" } ?? "\(percent(s.serviceLevel)) of cycles"
      let name = s.kind == .periodic ? "S" : s.kind == .lots ? "r" : "s, with half a day's overshoot,"
      return
        "\(name) for \(aim) under \(p.distribution.name)(\(n(p.mean)), \(n(p.deviation))) = \(n(p.reorderPoint))\(floored)"
    }
  }

  private func lotFormula(_ i: Int) -> String {
    let (p, item, s) = (plans[i], items[i], settings[i])
    if s.kind == .days, !s.fillsUpByLot {
      return "\(n(p.lot)): an order fills up to the reorder point, so it is what was sold since the last one"
    }
    if s.lot != nil { return "\(n(p.lot)), as said and as the supplier accepts" }
    if s.kind == .periodic {
      return "\(n(item.rate)) × \(n(s.reviewTime)) days = \(n(p.lot))"
    }
    if s.kind == .minMax, item.orderpoint != nil { return "maximum − minimum = \(n(p.lot))" }
    guard item.rate > 0 else { return "1" }
    guard let unit = item.unitCost else { return "\(n(p.lot)): a month's demand, no cost being known" }
    var text =
      "√(2 × \(n(s.orderCost)) × \(n(item.rate * 365)) / (\(percent(s.holdingRate)) × \(n(unit)))) = \(n((2 * s.orderCost * item.rate * 365 / Swift.max(1e-12, s.holdingRate * unit)).squareRoot()))"
    text += ", taken as \(n(p.lot))"
    if let paid = p.unitCost, paid < unit * (1 - 1e-9), item.breaks.count > 1 {
      text += " at the price of \(n(paid))"
    }
    return text
  }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    count >= width ? self + " " : self + String(repeating: " ", count: width - count)
  }
}
