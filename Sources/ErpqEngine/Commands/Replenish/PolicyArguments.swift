import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// The policy that the arguments ask for, checked: an aim between 0 and 100 %, lots above 0, nothing that
/// contradicts the policy.
struct PolicyArguments: Sendable {
  var settings = PolicySettings()
  /// One lead time for all.
  var lead: Double?
  /// receipts, product or default.
  var leadSource: String

  init(_ a: Arguments, _ context: RunContext) throws {
    var s = PolicySettings()
    s.rule = context.settings.replenishment
    lead = try PolicyArguments.days(a, "lead_time", max: 3660)
    if let lead { s.rule.leadTimeDays = lead }
    if let safety = try PolicyArguments.days(a, "safety_days", max: 3660) { s.rule.safetyDays = safety }
    if let review = try PolicyArguments.days(a, "review", max: 366) { s.reviewDays = review }
    leadSource = a.text("lead_source") ?? (context.usesDocuments ? "default" : "receipts")
    s.kind = a.text("policy").flatMap { PolicyKind(rawValue: $0) } ?? .days
    if let level = try PolicyArguments.aim(a, "service_level") { s.serviceLevel = level }
    s.fillRate = try PolicyArguments.aim(a, "fill_rate")
    if let rate = a.number("holding_rate") {
      guard rate >= 0, rate <= 10 else {
        throw Diagnostic(
          .outOfRange, "`holding_rate` goes from 0% to 1000% a year", at: a.span("holding_rate"),
          label: "this is \(a["holding_rate"])")
      }
      s.holdingRate = rate
    }
    if let cost = try PolicyArguments.amount(a, "order_cost", context) { s.orderCost = cost }
    s.shortageCost = try PolicyArguments.amount(a, "shortage_cost", context)
    if let lot = a.number("lot") {
      guard lot > 0, lot < 1e12 else {
        throw Diagnostic(
          .outOfRange, "a lot is above 0: nothing is ordered in lots of 0", at: a.span("lot"),
          label: "this is \(a["lot"])")
      }
      s.lot = lot
    }
    s.distribution = a.text("dist").flatMap { DistributionChoice(rawValue: $0) } ?? .auto
    s.fillsUpByLot = a.text("target") == "order_up_to"
    settings = s
    try refuseContradictions(a)
  }

  private func refuseContradictions(_ a: Arguments) throws {
    let kind = settings.kind
    // A segment's line may use what the general policy does not.
    if a.isGiven("policies") { return }
    func refuse(_ name: String, _ why: String, _ policies: String) throws {
      guard a.isGiven(name) else { return }
      throw Diagnostic(
        .outOfRange, "`policy \(kind.rawValue)` takes no `\(name)`: \(why)", at: a.span(name),
        label: "leave it out, or say \(policies)")
    }
    if a.isGiven("service_level"), a.isGiven("fill_rate") {
      throw Diagnostic(
        .outOfRange, "a policy aims at a service level or at a fill rate, not at both",
        at: a.span("fill_rate"),
        label: "leave one of them out")
    }
    switch kind {
    case .days:
      try refuse("service_level", "its safety stock is days of demand", "`policy csl`")
      try refuse("fill_rate", "its safety stock is days of demand", "`policy fill`")
    case .csl: try refuse("fill_rate", "it aims at a cycle service level", "`policy fill`")
    case .fill: try refuse("service_level", "it aims at a fill rate", "`policy csl`")
    case .minMax, .cost:
      let why = kind == .cost ? "it aims at least cost" : "it takes the ERP's rules as they are"
      try refuse("service_level", why, "`policy csl`")
      try refuse("fill_rate", why, "`policy fill`")
    case .reorderUpTo, .periodic, .lots: break
    }
    if kind != .cost { try refuse("shortage_cost", "it weighs no shortages", "`policy cost`") }
    if kind != .days { try refuse("safety_days", "its safety stock follows from its aim", "`policy days`") }
  }

  static func days(_ a: Arguments, _ name: String, max: Double) throws -> Double? {
    guard case .duration(let d) = a[name] else { return nil }
    guard let days = d.inDays else {
      throw Diagnostic(
        .unitClash, "`\(name)` is a number of days", at: a.span(name), label: "write it in days or weeks")
    }
    guard days >= 0, days <= max else {
      throw Diagnostic(
        .outOfRange, "`\(name)` goes from 0 to \(formatNumber(max)) days", at: a.span(name),
        label: "this is \(d)")
    }
    return days
  }

  /// A share strictly between 0 and 1.
  static func aim(_ a: Arguments, _ name: String) throws -> Double? {
    guard let share = a.number(name) else { return nil }
    guard share > 0, share < 1 else {
      let why =
        share >= 1 ? "no finite stock serves every demand" : "a share of nothing needs no stock at all"
      throw Diagnostic(
        .outOfRange, "`\(name)` lies between 0% and 100%, both left out: \(why)", at: a.span(name),
        label: "this is \(a[name])")
    }
    return share
  }

  static func amount(_ a: Arguments, _ name: String, _ context: RunContext) throws -> Double? {
    guard let amount = a.number(name) else { return nil }
    if case .money(_, let code) = a[name], !code.isEmpty, let own = context.company.info?.currency,
      code != own
    {
      throw Diagnostic(
        .unitClash, "`\(name)` is in the company's currency, \(own)", at: a.span(name),
        label: "this is in \(code)")
    }
    guard amount >= 0, amount < 1e12 else {
      throw Diagnostic(
        .outOfRange, "`\(name)` is 0 or more", at: a.span(name), label: "this is \(a[name])")
    }
    return amount
  }
}
