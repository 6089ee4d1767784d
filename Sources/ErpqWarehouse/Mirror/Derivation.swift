import ErpqBase
import GRDB

/// What became of the mirrored records.
public struct DerivationSummary: Hashable, Sendable {
  /// Rows of each relation that was made.
  public var rows: [String: Int] = [:]
  /// Records that could not be used, by what is wrong with them.
  public var problems: [String: Int] = [:]
  /// What a user should know beside that.
  public var notes: [String] = []

  /// Records that could not be used.
  public var problemCount: Int { problems.values.reduce(0, +) }
}

extension Warehouse {
  /// Whether mirrored records have changed since the relations were made of them.
  public var needsDerivation: Bool {
    get throws { try read { try Warehouse.meta($0, "mirror_changed") == "1" } }
  }

  /// Makes the relations of the mirrored records, in one transaction: headers and lines joined, days in the
  /// company's zone, quantities in the products' units, amounts in the company's currency.
  ///
  /// - Parameters:
  ///   - company: id of the company whose records count.
  ///   - ready: tables that have been read whole at least once; a relation whose tables are not all among them
  ///     keeps its rows.
  ///   - clock: the day it is, for prices that have run out and dates with a slip of the pen.
  public func derive(
    company: Int64, ready: Set<String>, clock: CivilDate,
    progress: (String, Int, Int) -> Void = { _, _, _ in }
  ) throws -> DerivationSummary {
    try load(sortsInFiles: true) { database in
      let zone = try ZoneRules(named: try Warehouse.meta(database, "time_zone") ?? "UTC")
      let derivation = try Derivation(
        database, company: company, currency: try Warehouse.currency(database), zone: zone, ready: ready,
        clock: clock)
      let summary = try derivation.run(progress)
      try Warehouse.refreshDerived(database, clock: clock)
      try Warehouse.setMeta(database, "mirror_changed", "0")
      return summary
    }
  }
}

/// Makes the relations of the mirror, by SQL over whole tables. What cannot be converted becomes a row of
/// `sync_problems` and stays out of the relations; it is never taken for 1.
final class Derivation {
  let database: Database
  let company: Int64
  let currency: String
  let zone: ZoneRules
  let ready: Set<String>
  let clock: CivilDate
  var summary = DerivationSummary()

  init(
    _ database: Database, company: Int64, currency: String, zone: ZoneRules, ready: Set<String>,
    clock: CivilDate
  ) throws {
    self.database = database
    self.company = company
    self.currency = currency
    self.zone = zone
    self.ready = ready
    self.clock = clock
  }

  func run(_ progress: (String, Int, Int) -> Void) throws -> DerivationSummary {
    let steps: [(relation: String, needs: [String], make: () throws -> Void)] = [
      ("rates", ["currency", "currency_rate"], rates),
      ("categories", ["category"], categories),
      ("warehouses", [], warehouses),
      ("products", ["product", "category"], products),
      ("suppliers", ["partner"], suppliers),
      ("supplier_prices", ["supplier_price", "product", "partner", "currency"], supplierPrices),
      ("sales", ["sale_order", "sale_line", "product", "currency"], sales),
      ("purchases", ["purchase_order", "purchase_line", "product", "currency"], purchases),
      ("moves", ["move", "location", "product"], moves),
      ("stock", ["quant", "location", "product"], stock),
      ("orderpoints", ["orderpoint", "product"], orderpoints),
      ("invoices", ["invoice", "currency"], invoices),
      ("payments", ["payment", "currency"], payments),
      ("leads", ["lead"], leads),
      ("customers", ["partner"], customers),
    ]
    let cancel = Cancellation.current
    addFunctions()
    try database.execute(sql: "DELETE FROM sync_problems")
    try prepareUnits()
    for (i, step) in steps.enumerated() where step.needs.allSatisfy(ready.contains) {
      try cancel.check()
      progress(step.relation, i, steps.count)
      try step.make()
    }
    try dropTemporary()
    let counts = try Row.fetchAll(
      database, sql: "SELECT problem, count(*) FROM sync_problems GROUP BY problem ORDER BY problem")
    for row in counts { summary.problems[row[0]] = row[1] }
    return summary
  }

  /// Rows that the last statement wrote, for the summary.
  func count(_ relation: String) { summary.rows[relation, default: 0] += database.changesCount }

  func execute(_ sql: String) throws { try database.execute(sql: sql) }

  /// Makes sure that every word of a query's only column has a number.
  func learnWords(_ query: String) throws {
    try execute(
      "INSERT OR IGNORE INTO words (word) SELECT DISTINCT word FROM (\(query)) WHERE word IS NOT NULL")
  }

  /// Records what is wrong with the records of a query's only column.
  func report(_ model: String, _ problem: String, _ ids: String) throws {
    try database.execute(
      sql: "INSERT INTO sync_problems (model, record, problem) SELECT ?, id, ? FROM (\(ids)) ORDER BY id",
      arguments: [model, problem])
  }

  /// The condition that a record is the company's or nobody's.
  func ours(_ table: String) -> String { "(\(table).company IS NULL OR \(table).company = \(company))" }

  private func addFunctions() {
    let zone = zone
    database.add(
      function: DatabaseFunction("erpq_day", argumentCount: 1, pure: true) { values in
        Int64.fromDatabaseValue(values[0]).map { Int64(zone.day(of: Instant(microseconds: $0)).day) }
      })
  }

  private func dropTemporary() throws {
    for table in [
      "header", "units", "conversions", "rate_steps", "document_rates", "line_facts", "open_moves",
      "variants",
      "price_lines",
    ] {
      try execute("DROP TABLE IF EXISTS temp.\(table)")
    }
  }

  /// Which units convert into which, and by what: how many of `target` one of `source` is.
  ///
  /// Up to Odoo 18 `factor` says how many units make one reference unit of the category; from 19 on it is the
  /// size of the unit itself, and units form trees by `relative_uom_id`.
  private func prepareUnits() throws {
    try execute(
      """
      DROP TABLE IF EXISTS temp.units;
      CREATE TEMP TABLE units AS
      WITH RECURSIVE tree (id, root, depth) AS (
        SELECT id, id, 0 FROM mirror_uom WHERE base IS NULL
        UNION ALL SELECT u.id, tree.root, depth + 1 FROM mirror_uom AS u JOIN tree ON u.base = tree.id
        WHERE depth < 50)
      SELECT u.id AS id,
        CASE WHEN u.relative IS NOT NULL THEN u.factor ELSE 1.0 / nullif(u.factor, 0) END AS size,
        coalesce(u.category, -tree.root) AS family
      FROM mirror_uom AS u LEFT JOIN tree ON tree.id = u.id;
      DROP TABLE IF EXISTS temp.conversions;
      CREATE TEMP TABLE conversions (source INTEGER, target INTEGER, factor REAL, PRIMARY KEY (source, target))
        WITHOUT ROWID;
      INSERT INTO conversions SELECT a.id, b.id, a.size / b.size FROM units AS a JOIN units AS b
        ON a.family = b.family AND b.size > 0 AND a.size > 0 AND a.id <> b.id;
      """)
  }

  /// SQL for the factor that turns a quantity in unit `line` into the product's unit; null where none does. Needs
  /// the join that `unitJoin` gives.
  func unitFactor(_ line: String, _ product: String) -> String {
    "(CASE WHEN \(line) IS NULL OR \(product) IS NULL OR \(line) = \(product) THEN 1.0 ELSE conversion.factor END)"
  }

  func unitJoin(_ line: String, _ product: String) -> String {
    "LEFT JOIN conversions AS conversion ON conversion.source = \(line) AND conversion.target = \(product)"
  }

  /// Rates of documents' currencies on their days: units of the currency for one of the company's. `query` gives
  /// `id`, `currency` (the currency's id), `day`, and `rate` where the document has one of its own. Fills the
  /// temporary table `document_rates` with `id`, `rate`; documents without any rate are missing there.
  func documentRates(_ query: String) throws {
    try execute("DROP TABLE IF EXISTS temp.document_rates")
    try database.execute(
      sql: """
        CREATE TEMP TABLE document_rates AS
        SELECT d.id AS id, CASE
          WHEN c.name = ? OR d.currency IS NULL THEN 1.0
          WHEN d.rate > 0 THEN d.rate
          ELSE coalesce(
            (SELECT rates.rate FROM rates WHERE rates.currency = w.id AND rates.date <= d.day
             ORDER BY rates.date DESC LIMIT 1),
            (SELECT rates.rate FROM rates WHERE rates.currency = w.id ORDER BY rates.date LIMIT 1)) END AS rate,
          w.id AS word
        FROM (\(query)) AS d LEFT JOIN mirror_currency AS c ON c.id = d.currency
        LEFT JOIN words AS w ON w.word = coalesce(c.name, ?)
        """, arguments: [currency, currency])
    try execute("DELETE FROM document_rates WHERE rate IS NULL")
    try execute("CREATE UNIQUE INDEX temp.document_rates_by_id ON document_rates (id)")
  }
}
