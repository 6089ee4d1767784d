import GRDB

/// The layout of a company file, version by version. A step that has been released is never edited; a change
/// is a new step.
///
/// Days are days since 1970-01-01 in the company's zone (`date_utc`: of UTC), moments are microseconds, lead
/// times are days, discounts are shares. Words that repeat (currencies, states, kinds) are stored once in
/// `words`. `column_chunks` is a copy by columns of what other tables hold (`RowGroups`). Tables that begin with `mirror_` hold records of an ERP as it has them, under its ids.
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
    """
    CREATE TABLE mirror_currency (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE mirror_currency_rate (id INTEGER PRIMARY KEY, currency INTEGER, day INTEGER, rate
      REAL, company INTEGER);
    CREATE TABLE mirror_category (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE mirror_uom (id INTEGER PRIMARY KEY, name TEXT, factor REAL, relative REAL, base
      INTEGER, category INTEGER);
    CREATE TABLE mirror_country (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE mirror_partner (id INTEGER PRIMARY KEY, name TEXT, is_company INTEGER, customer_rank
      INTEGER, supplier_rank INTEGER, email TEXT, phone TEXT, vat TEXT, country INTEGER,
      currency INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_product (id INTEGER PRIMARY KEY, template INTEGER, sku TEXT, name TEXT, label
      TEXT, category INTEGER, type TEXT, detailed_type TEXT, storable INTEGER, active INTEGER, price
      REAL, cost REAL, uom INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_sale_order (id INTEGER PRIMARY KEY, name TEXT, partner INTEGER, state TEXT,
      ordered INTEGER, promised INTEGER, delivered INTEGER, currency INTEGER, rate REAL, warehouse
      INTEGER, company INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_sale_line (id INTEGER PRIMARY KEY, "order" INTEGER, product INTEGER, qty REAL,
      delivered REAL, price REAL, discount REAL, subtotal REAL, cost REAL, uom INTEGER, created
      INTEGER, written INTEGER);
    CREATE TABLE mirror_purchase_order (id INTEGER PRIMARY KEY, name TEXT, partner INTEGER, state TEXT,
      ordered INTEGER, approved INTEGER, planned INTEGER, received INTEGER, currency INTEGER, rate
      REAL, picking_type INTEGER, company INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_purchase_line (id INTEGER PRIMARY KEY, "order" INTEGER, product INTEGER, qty
      REAL, received REAL, price REAL, subtotal REAL, planned INTEGER, uom INTEGER, created INTEGER,
      written INTEGER);
    CREATE TABLE mirror_supplier_price (id INTEGER PRIMARY KEY, partner INTEGER, template INTEGER,
      product INTEGER, min_qty REAL, price REAL, discount REAL, currency INTEGER, delay REAL, first_day
      INTEGER, last_day INTEGER, sequence INTEGER, uom INTEGER, company INTEGER, created INTEGER,
      written INTEGER);
    CREATE TABLE mirror_move (id INTEGER PRIMARY KEY, product INTEGER, date INTEGER, state TEXT, demand
      REAL, done REAL, uom INTEGER, source INTEGER, target INTEGER, reference TEXT, origin TEXT,
      purchase_line INTEGER, company INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_quant (id INTEGER PRIMARY KEY, product INTEGER, location INTEGER, quantity
      REAL, reserved REAL, company INTEGER);
    CREATE TABLE mirror_location (id INTEGER PRIMARY KEY, name TEXT, usage TEXT, warehouse INTEGER,
      company INTEGER);
    CREATE TABLE mirror_warehouse (id INTEGER PRIMARY KEY, name TEXT, company INTEGER);
    CREATE TABLE mirror_picking_type (id INTEGER PRIMARY KEY, warehouse INTEGER);
    CREATE TABLE mirror_orderpoint (id INTEGER PRIMARY KEY, product INTEGER, warehouse INTEGER, min_qty
      REAL, max_qty REAL, multiple REAL, active INTEGER, company INTEGER);
    CREATE TABLE mirror_invoice (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, state TEXT, day INTEGER,
      entry_day INTEGER, due INTEGER, partner INTEGER, currency INTEGER, total REAL, total_signed REAL,
      residual_signed REAL, origin TEXT, company INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_payment (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, partner_kind TEXT, day
      INTEGER, partner INTEGER, currency INTEGER, amount REAL, amount_signed REAL, state TEXT, company
      INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_lead_stage (id INTEGER PRIMARY KEY, name TEXT, is_won INTEGER);
    CREATE TABLE mirror_lead (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, partner INTEGER, stage
      INTEGER, active INTEGER, probability REAL, expected REAL, opened INTEGER, closed INTEGER,
      deadline INTEGER, company INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_pos_order (id INTEGER PRIMARY KEY, name TEXT, partner INTEGER, state TEXT,
      ordered INTEGER, rate REAL, currency INTEGER, company INTEGER, created INTEGER, written INTEGER);
    CREATE TABLE mirror_pos_line (id INTEGER PRIMARY KEY, "order" INTEGER, product INTEGER, qty REAL,
      price REAL, discount REAL, subtotal REAL, created INTEGER, written INTEGER);
    CREATE TABLE mirror_states (
      name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, watermark INTEGER, started INTEGER,
      cursor INTEGER NOT NULL DEFAULT 0, is_full INTEGER NOT NULL DEFAULT 0, is_present INTEGER NOT NULL DEFAULT 1)
      WITHOUT ROWID;
    CREATE TABLE syncs (
      sync INTEGER PRIMARY KEY, started INTEGER NOT NULL, finished INTEGER, server INTEGER, status TEXT NOT NULL,
      version TEXT, transport TEXT, "user" TEXT, read INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0, problems INTEGER NOT NULL DEFAULT 0,
      message TEXT);
    CREATE TABLE sync_problems (model TEXT NOT NULL, record INTEGER NOT NULL, problem TEXT NOT NULL);
    """,
    """
    ALTER TABLE mirror_payment ADD COLUMN invoice INTEGER;
    ALTER TABLE mirror_payment ADD COLUMN bill INTEGER;
    """,
    """
    CREATE TABLE column_chunks (
      relation TEXT NOT NULL, "column" TEXT NOT NULL, row_group INTEGER NOT NULL, rows INTEGER NOT NULL,
      low INTEGER, high INTEGER, cells BLOB NOT NULL);
    CREATE UNIQUE INDEX column_chunks_by_place ON column_chunks (relation, "column", row_group);
    DROP INDEX IF EXISTS orders_by_date;
    DROP INDEX IF EXISTS moves_by_date;
    DROP INDEX IF EXISTS moves_by_product;
    DROP INDEX IF EXISTS invoices_by_date;
    DROP INDEX IF EXISTS payments_by_date;
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
