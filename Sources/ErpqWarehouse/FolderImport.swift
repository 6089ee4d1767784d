import ErpqBase
import ErpqTables
import Foundation
import GRDB

/// What became of a folder of files.
public struct FolderSummary: Sendable {
  /// Rows loaded, by relation.
  public var loaded: [String: Int] = [:]
  /// Rows that could not be loaded; the first hundred thousand, with file, line and reason.
  public var rejects: [String] = []
  /// Number of rows that could not be loaded.
  public var rejected = 0
  /// Time taken.
  public var seconds = 0.0

  mutating func reject(_ file: FolderFile, _ row: Int, _ reason: String) {
    reject(file.name, line: file.line(row), reason)
  }

  mutating func reject(_ file: String, line: Int, _ reason: String) {
    rejected += 1
    if rejects.count < 100_000 { rejects.append("\(file), line \(line): \(reason)") }
  }
}

extension Warehouse {
  /// Loads a folder of an ERP's tables as files (`products.csv`, `partners.csv`, `sale_orders.csv`,
  /// `sale_order_lines.csv`, `purchase_orders.csv`, `purchase_order_lines.csv`, `stock_moves.csv`,
  /// `currency_rates.csv`, each with the ERP's field names; `meta.json` with `company_currency` and
  /// `company_tz`).
  ///
  /// The folder is the whole company: it takes the place of everything loaded before. Other files are
  /// ignored. Times are UTC. A sale line's `amount` is `product_uom_qty * price_unit * (1 - discount / 100) /
  /// currency_rate` with the rate of its order.
  ///
  /// - Parameters:
  ///   - currency: the company's currency, if `meta.json` does not say it.
  ///   - timeZone: the company's time zone, if `meta.json` does not say it.
  ///   - clock: the day it is; later days are loaded, but do not move the company's today.
  @discardableResult
  public func importFolder(
    _ folder: String, currency: String? = nil, timeZone: String? = nil, clock: CivilDate? = nil,
    progress: (ImportProgress) -> Void = { _ in }
  ) throws -> FolderSummary {
    let start = ContinuousClock.now
    let meta = try FolderMeta(folder)
    guard let code = currency ?? meta.company_currency else {
      throw WarehouseError(
        .badData, "\(folder) does not say the company's currency.",
        advice: "Give it with `--currency`, or put company_currency into meta.json.")
    }
    let currency = try Currencies.checked(code)
    let zone = try ZoneRules(named: timeZone ?? meta.company_tz ?? "UTC")
    func source(_ name: String) throws -> (any RowSource)? {
      for path in ["\(folder)/\(name).csv", "\(folder)/\(name).csv.gz"]
      where FileManager.default.fileExists(atPath: path) {
        return FileSource(path: path)
      }
      return nil
    }
    guard let products = try source("products") else {
      throw WarehouseError(
        .missing, "There is no products.csv in \(folder), so it is not a company folder.",
        advice: "It should hold products, partners, sale_orders, sale_order_lines and the like as CSV files.")
    }
    var loader = FolderLoader(currency: currency, zone: zone)
    try load(sortsInFiles: true) { database in
      for table in Warehouse.allTables { try database.execute(sql: "DELETE FROM \(table)") }
      // Rows come in no index's order: sorting them once at the end costs a fraction of placing each.
      let indexes = try Warehouse.dropIndexes(database)
      try Warehouse.setMeta(database, "currency", currency)
      try Warehouse.setMeta(database, "time_zone", zone.name)
      if let name = meta.company { try Warehouse.setMeta(database, "name", name) }
      try loader.begin(database)
      if let file = try source("currency_rates") { try loader.rates(file) }
      if let file = try source("partners") { try loader.partners(file) }
      try loader.products(products)
      progress(ImportProgress(phase: .writing, done: 0, total: 0))
      if let orders = try source("sale_orders") { try loader.orders(orders) }
      if let file = try source("sale_order_lines") { try loader.saleLines(file) }
      if let file = try source("purchase_orders") { try loader.purchaseOrders(file) }
      if let file = try source("purchase_order_lines") { try loader.purchaseLines(file) }
      if let file = try source("stock_moves") { try loader.moves(file) }
      try loader.finish()
      _ = try Warehouse.slot(
        database, source: (folder as NSString).lastPathComponent, kind: "folder",
        rows: loader.summary.loaded["sales"] ?? 0)
      progress(ImportProgress(phase: .indexing, done: 0, total: 0))
      try Warehouse.makeIndexes(indexes, on: database)
      try Warehouse.refreshDerived(database, clock: clock)
    }
    var summary = loader.summary
    summary.seconds = (ContinuousClock.now - start) / .seconds(1)
    progress(ImportProgress(phase: .done, done: 0, total: 0))
    return summary
  }

  /// Drops every index that a statement made, and returns the statements that make them again.
  private static func dropIndexes(_ database: Database) throws -> [String] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid")
    for row in rows {
      let name: String = row[0]
      try database.execute(sql: "DROP INDEX \"\(name)\"")
    }
    return rows.map { $0[1] }
  }

  /// Sorts in pieces that fit the processor's cache and merges them: half the time of sorting all in one piece.
  private static func makeIndexes(_ statements: [String], on database: Database) throws {
    let pages = try Int.fetchOne(database, sql: "PRAGMA cache_size") ?? -32_768
    try database.execute(sql: "PRAGMA cache_size = -4096")
    let cancel = Cancellation.current
    for sql in statements {
      try cancel.check()
      try database.execute(sql: sql)
    }
    try database.execute(sql: "PRAGMA cache_size = \(pages)")
  }

  static let allTables = [
    "loads", "words", "categories", "suppliers", "warehouses", "products", "customers", "orders", "sales",
    "quotations", "purchases", "moves", "stock", "supplier_prices", "rates", "orderpoints", "invoices",
    "payments",
    "leads",
  ]
}

private struct FolderMeta: Decodable {
  var company: String?
  var company_currency: String?
  var company_tz: String?

  init(_ folder: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw WarehouseError(.missing, "There is no folder \(folder).")
    }
    guard let data = FileManager.default.contents(atPath: folder + "/meta.json") else { return }
    do { self = try JSONDecoder().decode(FolderMeta.self, from: data) } catch {
      throw WarehouseError(
        .badData, "\(folder)/meta.json is not readable as JSON with texts for the company.")
    }
  }
}
