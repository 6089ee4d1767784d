import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `stock status`: what lies where, how long it lasts, whether it is too little or too much (R080, G01).
enum StockStatusCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("sku", .text, "code"), Field("name", .text, "name"),
    Field("category", .text, "category"),
    Field("status", .text, "out_of_stock, low, adequate or overstocked"),
    Field("on_hand", .quantity(nil), "in stock"), Field("reserved", .quantity(nil), "promised to deliveries"),
    Field("incoming", .quantity(nil), "ordered and not received"),
    Field("demand_rate", .quantity(nil), "mean demand a day over the window"),
    Field("days_cover", .duration(.time), "how long the stock lasts; null without demand"),
    Field("cost", .money(nil), "standard cost of one"),
    Field("stock_value", .money(nil), "on hand times cost"),
  ]

  static let spec = CommandSpec(
    "stock status", group: "Inventory", "Stock of every stocked product with its cover, value and status.",
    help: """
      Low is below the orderpoint's minimum or the demand of the lead time; overstocked is a cover of more than 90 days, \
      or stock without demand. Under `use erpconnect` low is below 10 units.
      """,
    searchWords: ["inventory", "cover", "out of stock", "overstock", "low stock"],
    parameters: [
      ParameterSpec(
        "days", .value(.duration(nil)), default: .duration(.days(60)), in: 1...3660,
        "the window of demand, ending yesterday")
    ] + FactFilters.records.filter { $0.name != "customer" },
    examples: [
      Example("stock status where status = \"out_of_stock\" | limit 10", "what cannot be sold today"),
      Example(
        "stock status | summarize n = count(), value = sum(stock_value) by status", "where the money lies"),
    ],
    facts: DemandFacts.changeable
  ) { _, host throws(Diagnostic) in
    var schema = Schema(fields)
    for i in [10, 11] { schema.fields[i].type = .money(host.currency) }
    return schema
  }

  static let command = Command(
    spec,
    plan: { a, context in
      let days = try a.days("days", today: context.today) ?? 60
      return try DemandFacts.plan(a, context, window: DayWindow(before: context.today, count: days)) + [
        "status by cover"
      ]
    },
    run: { a, context in
      let days = try a.days("days", today: context.today) ?? 60
      let facts = try DemandFacts(
        a, context, window: DayWindow(before: context.today, count: days), population: .stocked)
      var onHand = facts.numbers("on_hand").map { $0 ?? 0 }
      var reserved = facts.products["reserved"]
      var incoming = facts.products["incoming"]
      if a.isGiven("warehouse"), let relation = Warehouse.relation("stock") {
        // One warehouse's stock instead of the sum over all.
        let filters = try FactFilters.conditions(a, context, relation: relation, only: ["warehouse"])
        let stock = try FactFilters.scan(
          Scan("stock", columns: ["product", "on_hand", "reserved", "incoming"], filters: filters), context)
        var place: [Int64: Int32] = [:]
        if case .ints(let ids)? = stock["product"]?.storage {
          for (i, id) in ids.enumerated() { place[id] = Int32(i) }
        }
        let rows = facts.ids.map { place[$0] ?? -1 }
        let there = stock.taking(rows)
        onHand = (0..<rows.count).map { there["on_hand"]?[$0].asDouble ?? 0 }
        (reserved, incoming) = (there["reserved"], there["incoming"])
      }
      if !facts.ids.isEmpty, facts.numbers("on_hand").allSatisfy({ $0 == nil }) {
        context.warn(
          Diagnostic(.dataNote, "this company has no stock figures, so every stock counts as zero"))
      }
      let rates = facts.dailyRates
      let leads = facts.numbers("lead_time").map { $0.map { $0 / CalendarDuration.millisecondsPerDay } }
      let costs = facts.numbers("cost")
      let minimum = try orderpoints(context)
      let n = facts.ids.count
      let status = (0..<n).map { i in
        StockStatus(
          onHand: onHand[i], dailyDemand: rates[i], minimum: minimum[facts.ids[i]]?.0,
          maximum: minimum[facts.ids[i]]?.1,
          leadTimeDays: leads[i], rule: context.settings.stockStatus)
      }
      let currency = facts.products["cost"]?.type ?? .money(nil)
      func column(_ name: String) -> Column { facts.products[name] ?? .nulls(.unknown, count: n) }
      let day = CalendarDuration.millisecondsPerDay
      return ResultTable(
        Table(
          Schema(fields),
          [
            column("product"), column("sku"), column("name"), column("category"),
            Column.texts(status.map(\.rawValue)),
            Column.doubles(.quantity(nil), onHand), reserved ?? .nulls(.quantity(nil), count: n),
            incoming ?? .nulls(.quantity(nil), count: n), Column.doubles(.quantity(nil), rates),
            Column.doubles(
              .duration(.time), (0..<n).map { rates[$0] > 0 ? onHand[$0] / rates[$0] * day : nil }),
            column("cost"), Column.doubles(currency, (0..<n).map { i in costs[i].map { $0 * onHand[i] } }),
          ], rowCount: n))
    })

  private static func orderpoints(_ context: RunContext) throws -> [Int64: (Double, Double)] {
    let table = try FactFilters.scan(
      Scan("orderpoints", columns: ["product", "min_qty", "max_qty"]), context)
    var found: [Int64: (Double, Double)] = [:]
    guard case .ints(let ids)? = table["product"]?.storage else { return [:] }
    for (i, id) in ids.enumerated() {
      let low = table["min_qty"]?[i].asDouble ?? 0
      let high = table["max_qty"]?[i].asDouble ?? 0
      found[id] = ((found[id]?.0 ?? 0) + low, (found[id]?.1 ?? 0) + high)
    }
    return found
  }
}
