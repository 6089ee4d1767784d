import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse
import Foundation

/// `doctor`: how good the company's data are, and the statement that shows what is wrong.
enum DoctorCommand {
  static let spec = CommandSpec(
    "doctor", group: "Server",
    "What is wrong with the company's data: missing costs, impossible stock, lost lines.",
    help: """
      Each row is a check with the number of records that fail it and a statement that lists them. A missing cost makes \
      margins too high, a missing supplier or lead time makes orders too late, a record without a rate or with a unit \
      of another kind is left out of every sum. `health` looks at the server instead.
      """,
    searchWords: ["data quality", "DQ", "check", "missing cost", "negative stock", "duplicates", "orphans"],
    parameters: [],
    examples: [
      Example("doctor", "what to clean up"),
      Example("doctor | where status != \"ok\" | select check, count, statement", "only what is wrong"),
    ]
  ) { _, _ throws(Diagnostic) in schema }

  private static let schema = Schema([
    Field("check", .text, "what was looked at"), Field("status", .text, "ok, warning or bad"),
    Field("count", .int, "records that fail it; minutes for DQ.STALE_SYNC"),
    Field("detail", .text, "what is wrong, and why it matters"),
    Field("statement", .text, "lists the records"),
  ])

  static let command = Command(
    spec,
    plan: { _, _ in DoctorCheck.all.map { "\($0.name): \($0.statement)" } },
    run: { _, context in
      var rows: [(DoctorCheck, Int, String)] = []
      for check in DoctorCheck.all {
        try Cancellation.current.check()
        guard let count = try check.count(context) else { continue }
        rows.append((check, count, count == 0 ? "ok" : check.isSerious ? "bad" : "warning"))
      }
      if let minutes = try staleness(context) {
        let check = DoctorCheck.staleSync
        rows.append((check, minutes, Double(minutes) * 60 > StaleFacts.limit ? "warning" : "ok"))
      }
      return ResultTable(
        Table(
          schema,
          [
            Column.texts(rows.map(\.0.name)), Column.texts(rows.map(\.2)),
            Column(.int, .ints(rows.map { Int64($0.1) })), Column.texts(rows.map(\.0.detail)),
            Column.texts(rows.map(\.0.statement)),
          ], rowCount: rows.count))
    })

  /// Minutes since the company file was last brought up to date; nil for one that no sync fills.
  private static func staleness(_ context: RunContext) throws -> Int? {
    let warehouse = try context.company.warehouse()
    do {
      guard try warehouse.origin != nil, let last = try warehouse.lastSync else { return nil }
      return max(0, Int((Date().timeIntervalSince1970 - Double(last.microseconds) / 1e6) / 60))
    } catch { throw Company.diagnostic(error) }
  }
}

/// One thing that records can be wrong in.
struct DoctorCheck: Sendable {
  /// Its name.
  let name: String
  /// What is wrong, and why it matters.
  let detail: String
  /// Lists the records.
  let statement: String
  /// Whether figures are wrong by it, rather than missing.
  let isSerious: Bool
  /// Number of records that fail; nil where the company has nothing to look at.
  let count: @Sendable (RunContext) throws -> Int?

  private init(
    _ name: String, _ detail: String, serious: Bool = false, _ statement: String,
    _ count: @escaping @Sendable (RunContext) throws -> Int?
  ) {
    self.name = name
    self.detail = detail
    self.statement = statement
    isSerious = serious
    self.count = count
  }

  static let staleSync = DoctorCheck(
    "DQ.STALE_SYNC", "minutes since the last complete sync; `erpq sync` brings the facts up to date",
    "syncs | sort sync desc | limit 5"
  ) { _ in nil }

  /// All of them but the age of the facts, in the order shown.
  static let all: [DoctorCheck] = [
    DoctorCheck(
      "DQ.NO_COST", "stocked products without a cost; margins come out too high and stock is worth nothing",
      "products where active and type = \"product\" and (cost is null or cost = 0)"
    ) { context in
      try products(context, ["cost"]) { ($0["cost"]?[$1].asDouble ?? 0) == 0 }
    },
    DoctorCheck(
      "DQ.NO_VENDOR", "stocked products without a supplier; nothing can be proposed to be ordered",
      "products where active and type = \"product\" and supplier is null"
    ) { context in
      try products(context, ["supplier"]) { $0["supplier"]?[$1] == .null }
    },
    DoctorCheck(
      "DQ.NO_LEAD", "stocked products whose supplier gives no time of delivery; orders come too late",
      "products where active and type = \"product\" and not (supplier is null) and (lead_time is null or lead_time = 0d)"
    ) { context in
      try products(context, ["supplier", "lead_time"]) {
        $0["supplier"]?[$1] != .null && (length($0["lead_time"]?[$1]) ?? 0) == 0
      }
    },
    DoctorCheck(
      "DQ.NEG_STOCK", "places with less than nothing in stock; a receipt or a count was not entered",
      serious: true,
      "stock where on_hand < 0"
    ) { context in
      try rows(context, "stock", ["on_hand"]) { ($0["on_hand"]?[$1].asDouble ?? 0) < 0 }
    },
    DoctorCheck(
      "DQ.UOM_MISMATCH", "records whose unit does not convert into the product's; they are left out",
      serious: true,
      "sync_problems where problem contains \"unit\""
    ) { context in try problems(context) { $0.contains("unit") } },
    DoctorCheck(
      "DQ.NO_RATE", "documents in a currency without a rate; they are left out", serious: true,
      "sync_problems where problem contains \"rate\""
    ) { context in try problems(context) { $0.contains("rate") } },
    DoctorCheck(
      "DQ.ORPHANS", "records whose order, product or date is not there; they are left out", serious: true,
      "sync_problems where not (problem contains \"unit\" or problem contains \"rate\")"
    ) { context in
      try problems(context) { !$0.contains("unit") && !$0.contains("rate") }
    },
    DoctorCheck(
      "DQ.FUTURE_DATES", "sales with a date that has not come yet; forecasts begin behind them",
      serious: true,
      "sales where date > today"
    ) { context in
      let today = Value.date(context.today.adding(days: 1))
      let scan = Scan("sales", columns: ["date"], filters: [ScanFilter("date", .range(today, .null))])
      return try FactFilters.scan(scan, context).rowCount
    },
    DoctorCheck(
      "DQ.DUP_SKU",
      "codes that several active products share; files that name products by code may mean either",
      "products where active and not (sku is null) | summarize n = count() by sku | where n > 1"
    ) { context in
      let table = try FactFilters.scan(
        Scan("products", columns: ["sku", "active"], filters: [ScanFilter("active", .equal(.bool(true)))]),
        context)
      var seen: [Value: Int] = [:]
      for row in 0..<table.rowCount {
        if let sku = table["sku"]?[row], sku != .null { seen[sku, default: 0] += 1 }
      }
      return seen.values.count { $0 > 1 }
    },
  ]

  private static func length(_ value: Value?) -> Double? {
    if case .duration(let d)? = value { d.amount } else { value?.asDouble }
  }

  private static func rows(
    _ context: RunContext, _ relation: String, _ columns: [String], _ fails: (Table, Int) -> Bool
  ) throws -> Int {
    let table = try FactFilters.scan(Scan(relation, columns: columns), context)
    return (0..<table.rowCount).count { fails(table, $0) }
  }

  /// Active stocked products that fail.
  private static func products(
    _ context: RunContext, _ columns: [String], _ fails: (Table, Int) -> Bool
  ) throws -> Int {
    let scan = Scan(
      "products", columns: columns,
      filters: [ScanFilter("active", .equal(.bool(true))), ScanFilter("type", .equal(.text("product")))])
    let table = try FactFilters.scan(scan, context)
    return (0..<table.rowCount).count { fails(table, $0) }
  }

  /// Records that a sync could not use; nil for a company file that no sync fills.
  private static func problems(_ context: RunContext, _ isMeant: (String) -> Bool) throws -> Int? {
    let warehouse = try context.company.warehouse()
    do { guard try warehouse.origin != nil else { return nil } } catch { throw Company.diagnostic(error) }
    return try rows(context, "sync_problems", ["problem"]) { table, row in
      if case .text(let text)? = table["problem"]?[row] { isMeant(text) } else { false }
    }
  }
}
