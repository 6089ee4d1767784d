import ErpqBase
import GRDB

/// Rates, categories, warehouses, products, partners and supplier prices.
extension Derivation {
  /// Odoo keeps rates per currency and company, or for all companies; what counts is the ratio to the company's
  /// own currency, which may have rates too.
  func rates() throws {
    try learnWords("SELECT name AS word FROM mirror_currency")
    try database.execute(sql: "INSERT OR IGNORE INTO words (word) VALUES (?)", arguments: [currency])
    try execute("DELETE FROM rates")
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO rates (currency, date, rate)
        SELECT w.id, r.day, r.rate / coalesce(
          (SELECT b.rate FROM mirror_currency_rate AS b JOIN mirror_currency AS bc ON bc.id = b.currency
           WHERE bc.name = ? AND b.day <= r.day AND \(ours("b"))
           ORDER BY b.day DESC, b.company IS NULL LIMIT 1), 1.0)
        FROM mirror_currency_rate AS r JOIN mirror_currency AS c ON c.id = r.currency
        JOIN words AS w ON w.word = c.name
        WHERE r.rate > 0 AND r.day IS NOT NULL AND c.name <> ? AND \(ours("r"))
        ORDER BY r.company IS NOT NULL, r.id
        """, arguments: [currency, currency])
    count("rates")
    try database.execute(
      sql: "INSERT OR REPLACE INTO rates (currency, date, rate) SELECT id, 0, 1 FROM words WHERE word = ?",
      arguments: [currency])
    try report(
      "res.currency.rate", "the rate is not above 0 or has no day",
      "SELECT id FROM mirror_currency_rate AS r WHERE (rate IS NULL OR rate <= 0 OR day IS NULL) AND \(ours("r"))"
    )
  }

  /// A name that is taken gets the id behind it, because rows are found by their names.
  private func uniqueName(_ table: String, _ otherwise: String) -> String {
    """
    CASE WHEN count(*) OVER (PARTITION BY coalesce(\(table).name, '\(otherwise) ' || \(table).id)
      ORDER BY \(table).id) > 1
    THEN coalesce(\(table).name, '\(otherwise)') || ' (' || \(table).id || ')'
    ELSE coalesce(\(table).name, '\(otherwise) ' || \(table).id) END
    """
  }

  func categories() throws {
    try execute("DELETE FROM categories")
    try execute(
      """
      INSERT OR IGNORE INTO categories (id, name)
      SELECT id, \(uniqueName("mirror_category", "Category")) FROM mirror_category ORDER BY id
      """)
    count("categories")
  }

  func warehouses() throws {
    guard ready.contains("warehouse") else { return }
    try execute("DELETE FROM warehouses")
    try execute(
      """
      INSERT OR IGNORE INTO warehouses (id, name)
      SELECT id, \(uniqueName("mirror_warehouse", "Warehouse")) FROM mirror_warehouse
      WHERE \(ours("mirror_warehouse")) ORDER BY id
      """)
    count("warehouses")
  }

  /// Places in no warehouse of the company, such as a transit stock, are told apart under one name.
  func otherWarehouse() throws {
    try execute("INSERT OR IGNORE INTO warehouses (id, name) VALUES (0, '(no warehouse)')")
  }

  func products() throws {
    try learnWords(
      "SELECT 'product' AS word UNION SELECT coalesce(detailed_type, type) FROM mirror_product")
    try execute("DELETE FROM products")
    // The label is "[code] name (variant)"; the code has a column of its own.
    try execute(
      """
      INSERT INTO products (product, sku, name, category, type, active, price, cost, created)
      SELECT p.id, p.sku, coalesce(
          CASE WHEN substr(p.label, 1, length(p.sku) + 3) = '[' || p.sku || '] '
            THEN substr(p.label, length(p.sku) + 4) ELSE p.label END,
          p.name, p.sku, 'Product ' || p.id),
        c.id, w.id, coalesce(p.active, 1), p.price, p.cost, erpq_day(p.created)
      FROM mirror_product AS p LEFT JOIN categories AS c ON c.id = p.category
      LEFT JOIN words AS w ON w.word = CASE WHEN p.storable THEN 'product'
        ELSE coalesce(p.detailed_type, p.type) END
      ORDER BY p.id
      """)
    count("products")
  }

  func suppliers() throws {
    try execute("DELETE FROM suppliers")
    try learnWords("SELECT name AS word FROM mirror_currency")
    var used = ["SELECT id FROM mirror_partner WHERE supplier_rank > 0"]
    if ready.contains("supplier_price") { used.append("SELECT partner FROM mirror_supplier_price") }
    if ready.contains("purchase_order") { used.append("SELECT partner FROM mirror_purchase_order") }
    if ready.contains("invoice") {
      used.append("SELECT partner FROM mirror_invoice WHERE kind IN ('in_invoice', 'in_refund')")
    }
    if ready.contains("payment") {
      used.append("SELECT partner FROM mirror_payment WHERE partner_kind = 'supplier'")
    }
    try execute(
      """
      INSERT OR IGNORE INTO suppliers (id, name, currency)
      SELECT mirror_partner.id, \(uniqueName("mirror_partner", "Supplier")), w.id FROM mirror_partner
      LEFT JOIN mirror_currency AS c ON c.id = mirror_partner.currency LEFT JOIN words AS w ON w.word = c.name
      WHERE mirror_partner.id IN (\(used.joined(separator: " UNION "))) ORDER BY mirror_partner.id
      """)
    count("suppliers")
  }

  /// A price for a template holds for all of its variants; what is priced for one variant comes first.
  func supplierPrices() throws {
    try execute("DELETE FROM supplier_prices")
    try learnWords("SELECT name AS word FROM mirror_currency")
    func lines(_ isGeneral: Bool) -> String {
      """
      SELECT s.id AS id, p.id AS product, s.partner AS partner, coalesce(s.min_qty, 0) AS min_qty, s.price AS price,
        coalesce(s.discount, 0) AS discount, s.currency AS currency, s.delay AS delay, s.sequence AS sequence,
        \(isGeneral ? 1 : 0) AS is_general, \(unitFactor("s.uom", "p.uom")) AS factor
      FROM mirror_supplier_price AS s
      JOIN \(isGeneral ? "variants AS p ON p.template = s.template" : "mirror_product AS p ON p.id = s.product")
      \(unitJoin("s.uom", "p.uom"))
      WHERE s.partner IS NOT NULL AND \(isGeneral ? "s.product IS NULL AND" : "") \(ours("s"))
        AND (s.first_day IS NULL OR s.first_day <= \(clock.day))
        AND (s.last_day IS NULL OR s.last_day >= \(clock.day))
      """
    }
    // Two joins that each find their rows by a key; one with OR would hold every price against every product.
    try execute(
      """
      DROP TABLE IF EXISTS temp.variants;
      CREATE TEMP TABLE variants AS SELECT template, id, uom FROM mirror_product WHERE template IS NOT NULL;
      CREATE INDEX temp.variants_by_template ON variants (template);
      DROP TABLE IF EXISTS temp.price_lines;
      CREATE TEMP TABLE price_lines AS \(lines(false)) UNION ALL \(lines(true));
      """)
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO supplier_prices (product, supplier, min_qty, price, currency, lead_time)
        SELECT l.product, l.partner, l.min_qty * l.factor, l.price * (1 - l.discount / 100) / l.factor, w.id, l.delay
        FROM price_lines AS l LEFT JOIN mirror_currency AS c ON c.id = l.currency
        LEFT JOIN words AS w ON w.word = coalesce(c.name, ?)
        WHERE l.factor > 0 ORDER BY l.is_general, l.sequence, l.id
        """, arguments: [currency])
    count("supplier_prices")
    try report(
      "product.supplierinfo", "its unit does not convert into the product's",
      "SELECT DISTINCT id FROM price_lines WHERE factor IS NULL")
    // The main supplier is the first of the list, as the user interface orders it.
    try execute(
      """
      UPDATE products SET supplier = m.partner, lead_time = m.delay FROM (
        SELECT product, partner, delay FROM (
          SELECT product, partner, delay,
            row_number() OVER (PARTITION BY product ORDER BY sequence, is_general, min_qty, id) AS place
          FROM price_lines)
        WHERE place = 1) AS m WHERE m.product = products.product
      """)
  }

  /// Partners who bought, were invoiced or are in the pipeline, and those marked as customers.
  func customers() throws {
    try execute("DELETE FROM customers")
    var used = ["SELECT id FROM mirror_partner WHERE customer_rank > 0"]
    for (table, column) in [
      ("orders", "customer"), ("invoices", "customer"), ("payments", "customer"), ("leads", "customer"),
    ] { used.append("SELECT \(column) FROM \(table)") }
    try execute(
      """
      INSERT INTO customers (customer, name, is_company, email, phone, vat, country, created)
      SELECT p.id, p.name, p.is_company, p.email, p.phone, p.vat, c.name, erpq_day(p.created)
      FROM mirror_partner AS p LEFT JOIN mirror_country AS c ON c.id = p.country
      WHERE p.id IN (\(used.joined(separator: " UNION "))) ORDER BY p.id
      """)
    count("customers")
  }
}
