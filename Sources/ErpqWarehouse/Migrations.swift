import GRDB

/// The layout of a company file, version by version. A step that has been released is never edited; a change
/// is a new step.
///
/// Days are days since 1970-01-01 in the company's zone (`date_utc`: of UTC), moments are microseconds, lead
/// times are days, discounts are shares. Words that repeat (currencies, states, kinds) are stored once in
/// `words`.
enum Migrations {
  /// Marks the file as one of erpq's ("erpq" in ASCII), in SQLite's `application_id`.
  static let applicationID = 0x6572_7071

  /// The version that this program writes.
  static var latest: Int { steps.count }

  static let steps: [String] = [
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE loads (
      slot INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, rows INTEGER NOT NULL);
    CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
    CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE suppliers (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, currency INTEGER, lead_time REAL);
    CREATE TABLE warehouses (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE products (
      product INTEGER PRIMARY KEY, sku TEXT, name TEXT NOT NULL, category INTEGER, type INTEGER,
      active INTEGER NOT NULL DEFAULT 1, price REAL, cost REAL, supplier INTEGER, lead_time REAL,
      assumed_demand REAL, on_hand REAL, reserved REAL, incoming REAL, first_sale INTEGER, last_sale INTEGER,
      created INTEGER, from_sales INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX products_by_sku ON products (sku);
    CREATE TABLE customers (
      customer INTEGER PRIMARY KEY, name TEXT, is_company INTEGER, currency INTEGER, email TEXT, phone TEXT,
      vat TEXT, country TEXT, created INTEGER, first_sale INTEGER, last_sale INTEGER,
      orders INTEGER, amount REAL);
    CREATE TABLE orders (
      "order" INTEGER PRIMARY KEY, name TEXT NOT NULL, customer INTEGER, date INTEGER, date_utc INTEGER,
      ordered_at INTEGER, promised_date INTEGER, delivered_date INTEGER, state INTEGER, currency INTEGER,
      rate REAL, lines INTEGER, amount REAL, warehouse INTEGER, slot INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX orders_by_name ON orders (name);
    CREATE INDEX orders_by_date ON orders (date);
    CREATE TABLE sales (
      date INTEGER NOT NULL, line INTEGER NOT NULL, "order" INTEGER, product INTEGER NOT NULL,
      customer INTEGER, date_utc INTEGER NOT NULL, qty REAL NOT NULL, delivered REAL, price REAL,
      discount REAL, amount REAL, amount_doc REAL, currency INTEGER, cost REAL, state INTEGER,
      warehouse INTEGER, PRIMARY KEY (date, line)) WITHOUT ROWID;
    CREATE INDEX sales_by_product ON sales (product, date);
    CREATE TABLE quotations (
      date INTEGER NOT NULL, line INTEGER NOT NULL, "order" INTEGER, product INTEGER NOT NULL,
      customer INTEGER, date_utc INTEGER NOT NULL, qty REAL NOT NULL, delivered REAL, price REAL,
      discount REAL, amount REAL, amount_doc REAL, currency INTEGER, cost REAL, state INTEGER,
      warehouse INTEGER, PRIMARY KEY (date, line)) WITHOUT ROWID;
    CREATE TABLE purchases (
      line INTEGER PRIMARY KEY, purchase INTEGER NOT NULL, name TEXT, supplier INTEGER,
      product INTEGER NOT NULL, order_date INTEGER, planned_date INTEGER, received_date INTEGER,
      qty REAL NOT NULL, qty_received REAL, price REAL, amount REAL, currency INTEGER, state INTEGER, warehouse INTEGER);
    CREATE INDEX purchases_by_product ON purchases (product, order_date);
    CREATE TABLE moves (
      move INTEGER PRIMARY KEY, product INTEGER NOT NULL, date INTEGER NOT NULL, date_utc INTEGER NOT NULL,
      qty REAL NOT NULL, kind INTEGER, state INTEGER, reference TEXT, warehouse INTEGER);
    CREATE INDEX moves_by_product ON moves (product, date);
    CREATE INDEX moves_by_date ON moves (date);
    CREATE TABLE stock (
      product INTEGER NOT NULL, warehouse INTEGER NOT NULL, on_hand REAL NOT NULL, reserved REAL NOT NULL,
      incoming REAL NOT NULL, PRIMARY KEY (product, warehouse)) WITHOUT ROWID;
    CREATE TABLE supplier_prices (
      product INTEGER NOT NULL, supplier INTEGER NOT NULL, min_qty REAL NOT NULL DEFAULT 0, price REAL,
      currency INTEGER, lead_time REAL, PRIMARY KEY (product, supplier, min_qty)) WITHOUT ROWID;
    CREATE TABLE rates (
      currency INTEGER NOT NULL, date INTEGER NOT NULL, rate REAL NOT NULL,
      PRIMARY KEY (currency, date)) WITHOUT ROWID;
    CREATE TABLE orderpoints (
      product INTEGER NOT NULL, warehouse INTEGER NOT NULL, min_qty REAL NOT NULL, max_qty REAL NOT NULL,
      multiple REAL NOT NULL DEFAULT 1, PRIMARY KEY (product, warehouse)) WITHOUT ROWID;
    CREATE TABLE invoices (
      invoice INTEGER PRIMARY KEY, name TEXT, kind INTEGER, customer INTEGER, supplier INTEGER,
      "order" INTEGER,
      date INTEGER, due_date INTEGER, state INTEGER, currency INTEGER, amount REAL, amount_doc REAL,
      residual REAL);
    CREATE INDEX invoices_by_date ON invoices (date);
    CREATE TABLE payments (
      payment INTEGER PRIMARY KEY, name TEXT, kind INTEGER, invoice INTEGER, customer INTEGER,
      supplier INTEGER,
      date INTEGER, currency INTEGER, amount REAL, amount_doc REAL);
    CREATE INDEX payments_by_date ON payments (date);
    CREATE TABLE leads (
      lead INTEGER PRIMARY KEY, name TEXT, customer INTEGER, stage INTEGER, state INTEGER, created INTEGER,
      closed INTEGER, deadline INTEGER, expected REAL, probability REAL);
    """,
    models,
    """
    ALTER TABLE orders ADD COLUMN promised_at INTEGER;
    ALTER TABLE orders ADD COLUMN delivered_at INTEGER;
    ALTER TABLE purchases ADD COLUMN ordered_at INTEGER;
    ALTER TABLE purchases ADD COLUMN received_at INTEGER;
    """,
  ]

  /// Models that were trained, the forecasts that were made with them, and what a planner knows better.
  private static let models = """
    CREATE TABLE models (
      model INTEGER PRIMARY KEY, kind TEXT NOT NULL, product INTEGER NOT NULL, version INTEGER NOT NULL,
      method TEXT NOT NULL, parameters TEXT NOT NULL, data INTEGER NOT NULL, trained INTEGER NOT NULL,
      last_day INTEGER NOT NULL, body TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE UNIQUE INDEX models_by_product ON models (kind, product, parameters, version);
    CREATE TABLE forecast_log (
      made INTEGER NOT NULL, product INTEGER NOT NULL, date INTEGER NOT NULL, method TEXT NOT NULL,
      mean REAL, lo95 REAL, hi95 REAL, model INTEGER,
      PRIMARY KEY (made, product, date, method)) WITHOUT ROWID;
    CREATE TABLE overrides (
      product INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, qty REAL NOT NULL, note TEXT,
      made INTEGER NOT NULL, PRIMARY KEY (product, first, last)) WITHOUT ROWID;
    """

  /// Brings a file to the latest version, each step in a transaction of its own.
  static func run(on database: Database, from version: Int) throws {
    guard version < latest else { return }
    for step in version..<latest {
      try database.inTransaction(.immediate) {
        // Another process may have done it while this one waited for the lock.
        guard try Int.fetchOne(database, sql: "PRAGMA user_version") == step else { return .rollback }
        try database.execute(sql: steps[step])
        try database.execute(sql: "PRAGMA user_version = \(step + 1)")
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        return .commit
      }
    }
  }
}
