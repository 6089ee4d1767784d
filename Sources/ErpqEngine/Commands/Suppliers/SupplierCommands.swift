import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqFiles
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `suppliers performance` and `suppliers risk`: how reliably suppliers deliver, and what depends on them
/// (R117, R140, R141).
enum SupplierCommands {
  static let performanceFields = [
    Field("supplier", .text, "name"), Field("lines", .int, "purchase lines of the window"),
    Field("spend", .money(nil), "their amount"),
    Field("share", .percent, "of all spend: how much depends on it"),
    Field("products", .int, "products bought from it"),
    Field("single_source", .int, "products that nobody else delivered"),
    Field("promised", .duration(.time), "mean days promised"),
    Field("lead_mean", .duration(.time), "mean days taken"),
    Field("lead_sd", .duration(.time), "standard deviation of the days taken"),
    Field("lead_p90", .duration(.time), "nine of ten receipts took at most so long"),
    Field("late_mean", .duration(.time), "mean days late, early ones counted as negative"),
    Field("overdue", .int, "open lines past their day"),
    Field("price_variance", .percent, "mean distance of prices from the product's mean"),
    Field("fill_rate", .percent, "units received of those due"),
    Field("in_full", .percent, "lines due that came in full"),
    Field("on_time", .percent, "lines due that came on their day or before"),
    Field("otif", .percent, "lines on time and in full"),
  ]

  static let riskFields =
    [
      Field("supplier", .text, "name"),
      Field("score", .percent, "weighted over the factors that have data; higher is better"),
      Field("tier", .text, "low from 80 %, watch from 60 %, elevated from 40 %, else critical"),
    ] + SupplierFactor.allCases.map { Field($0.rawValue, .percent, doc($0)) } + [
      Field("coverage", .percent, "share of the weights that have data"),
      Field("missing", .text, "factors without data; the others carry their weight"),
      Field("trend", .text, "of lateness: WORSE, BETTER or STABLE (Mann–Kendall, 5 %)"),
      Field("single_source", .int, "products that nobody else delivered"),
    ]

  private static func doc(_ factor: SupplierFactor) -> String {
    switch factor {
    case .delivery: "lines on time and in full; weight 25 %"
    case .quality: "from `factors`; weight 20 %"
    case .dependency: "1 − its share of spend; weight 15 %"
    default: "from `factors`; weight \(formatNumber((factor.weight * 100).rounded())) %"
    }
  }

  private static let parameters =
    [
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(365)), in: 1...3660,
        "orders of the last so many days")
    ] + FactFilters.records.filter { $0.name != "customer" }

  static let performanceSpec = CommandSpec(
    "suppliers performance", group: "Inventory",
    "How reliably each supplier delivers: lead times, promises kept, quantities, prices, dependence.",
    help: """
      Days are civil days. A line is due when it was received or its promised day has passed; one that is due and not \
      received has failed.
      """,
    searchWords: ["vendor", "otif", "on time", "lead time", "scorecard", "reliability"],
    parameters: parameters,
    examples: [
      Example(
        "suppliers performance | select supplier, lead_mean, lead_p90, otif | sort otif", "whom to talk to")
    ]
  ) { _, host throws(Diagnostic) in Schema(performanceFields, currency: host.currency) }

  static let riskSpec = CommandSpec(
    "suppliers risk", group: "Inventory",
    "A score of each supplier's risk over seven factors; those without data are left out and named.",
    help: """
      Delivery and dependency follow from purchases. The others come from `factors "file.csv"`: a column `supplier` and \
      columns quality, financial, geographic, compliance, communication from 0 to 100. The weights of what is missing \
      go to the rest.
      """,
    searchWords: ["vendor", "risk", "single source", "concentration"],
    parameters: [
      ParameterSpec("factors", .value(.text), isFile: true, "a file with the factors that no ERP knows")
    ]
      + parameters,
    examples: [
      Example("suppliers risk | select supplier, score, tier, missing | sort score", "the weakest first")
    ]
  ) { _, _ throws(Diagnostic) in Schema(riskFields) }

  static let all = [performance, risk]

  static let performance = Command(performanceSpec, plan: plan) { a, context in
    let facts = try facts(a, context)
    let n = facts.suppliers.count
    let schema = Schema(performanceFields, currency: context.company.info?.currency)
    let money = schema["spend"]?.type ?? .money(nil)
    let results = facts.suppliers.map { DeliveryPerformance($0.due) }
    let leads = facts.suppliers.map { ObservedLeadTime($0.leads) }
    let day = CalendarDuration.millisecondsPerDay
    func days(_ f: (Int) -> Double?) -> Column {
      Column.doubles(.duration(.time), (0..<n).map { f($0).map { $0 * day } })
    }
    func shares(_ f: (DeliveryPerformance) -> Double) -> Column { Column.doubles(.percent, results.map(f)) }
    func ints(_ f: (SupplierFacts.Supplier) -> Int) -> Column {
      Column(.int, .ints(facts.suppliers.map { Int64(f($0)) }))
    }
    func mean(_ x: [Double]) -> Double? { x.isEmpty ? nil : Statistics.mean(x) }
    let s = facts.suppliers
    return ResultTable(
      Table(
        schema,
        [
          Column.texts(s.map(\.name)), ints(\.lines), Column.doubles(money, s.map(\.spend)),
          Column.doubles(.percent, s.map { facts.spend > 0 ? $0.spend / facts.spend : nil }),
          ints(\.products.count),
          ints { facts.onlySource[$0.name] ?? 0 }, days { mean(s[$0].promised) },
          days { leads[$0].count > 0 ? leads[$0].mean : nil },
          days { leads[$0].count > 1 ? leads[$0].deviation : nil },
          days { Statistics.quantile(sorted: s[$0].leads.sorted(), 0.9) }, days { mean(s[$0].lateness) },
          ints(\.overdue),
          Column.doubles(.percent, s.map { mean($0.priceRatios.map { ($0 - 1).magnitude }) }),
          shares(\.fillRate), shares(\.inFull), shares(\.onTime), shares(\.onTimeInFull),
        ], rowCount: n))
  }

  static let risk = Command(riskSpec, plan: plan) { a, context in
    let facts = try facts(a, context)
    let given = try factors(a, facts, context)
    let scores = facts.suppliers.map { supplier -> ([SupplierFactor: Double], SupplierScore) in
      var factors = given[supplier.name] ?? [:]
      let delivery = DeliveryPerformance(supplier.due).onTimeInFull
      if delivery.isFinite { factors[.delivery] = delivery * 100 }
      if facts.spend > 0 { factors[.dependency] = (1 - supplier.spend / facts.spend) * 100 }
      return (factors, SupplierScore(factors))
    }
    let trends = facts.suppliers.map { supplier -> String in
      let late = supplier.lateness
      guard late.count >= 8, TrendTest.mannKendall(Array(late.suffix(200))) < 0.05 else { return "STABLE" }
      let half = late.count / 2
      return Statistics.mean(Array(late.suffix(half))) > Statistics.mean(Array(late.prefix(half)))
        ? "WORSE" : "BETTER"
    }
    return ResultTable(
      Table(
        Schema(riskFields),
        [
          Column.texts(facts.suppliers.map(\.name)),
          Column.doubles(.percent, scores.map { $0.1.score.map { $0 / 100 } }),
          Column(.text, values: scores.map { $0.1.tier.map { .text($0.rawValue) } ?? .null }),
        ]
          + SupplierFactor.allCases.map { factor in
            Column.doubles(.percent, scores.map { $0.0[factor].map { $0 / 100 } })
          } + [
            Column.doubles(.percent, scores.map(\.1.coverage)),
            Column.texts(
              scores.map { given in
                SupplierFactor.allCases.filter { given.0[$0] == nil }.map(\.rawValue).joined(separator: " ")
              }), Column.texts(trends),
            Column(.int, .ints(facts.suppliers.map { Int64(facts.onlySource[$0.name] ?? 0) })),
          ], rowCount: facts.suppliers.count))
  }

  private static func facts(_ a: Arguments, _ context: RunContext) throws -> SupplierFacts {
    let days = try a.days("days", today: context.today) ?? 365
    return try SupplierFacts(a, context, days: days)
  }

  private static let plan: @Sendable (Arguments, RunContext) throws -> [String] = { a, context in
    let days = try a.days("days", today: context.today) ?? 365
    return ["scan purchases: orders of the last \(counted(days, "day"))", "group by supplier"]
  }

  /// The factors of a file, by supplier.
  private static func factors(_ a: Arguments, _ facts: SupplierFacts, _ context: RunContext) throws
    -> [String: [SupplierFactor: Double]]
  {
    guard let path = a.text("factors") else { return [:] }
    let table = try context.files.read(path, ReadOptions()).table
    guard let names = table["supplier"] else {
      throw Diagnostic(
        .badFile, "\(path) has no column `supplier`", at: a.span("factors"),
        label: "columns supplier, quality, financial … are expected")
    }
    let known = facts.suppliers.map(\.name)
    var out: [String: [SupplierFactor: Double]] = [:]
    for row in 0..<table.rowCount {
      let name = names[row].description
      guard known.contains(name) else {
        let near = nearest(to: name, among: known, count: 1).first
        context.warn(
          Diagnostic(
            .dataNote, "\(path), row \(row + 1): no purchases from \"\(name)\" in the window",
            notes: near.map { ["did you mean \"\($0)\"?"] } ?? []))
        continue
      }
      for factor in SupplierFactor.allCases {
        guard let value = table[factor.rawValue]?[row], !value.isNull else { continue }
        guard let score = value.asDouble, score >= 0, score <= 100 else {
          throw Diagnostic(
            .badFile, "\(path), row \(row + 1): \(factor.rawValue) is \"\(value)\"", at: a.span("factors"),
            label: "a score from 0 to 100 is expected, higher is better")
        }
        if case .percent = value {
          out[name, default: [:]][factor] = score * 100
        } else {
          out[name, default: [:]][factor] = score
        }
      }
    }
    return out
  }
}
