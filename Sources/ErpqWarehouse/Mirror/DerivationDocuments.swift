import ErpqBase
import GRDB

/// Orders, lines, purchases, movements, stock, invoices, payments, leads.
extension Derivation {
  /// Sale orders and their lines, with those of the points of sale where there are any. Ids of the latter lie
  /// above 2^40, because both count from 1.
  func sales() throws {
    let shift: Int64 = 1 << 40
    let hasShop = ready.isSuperset(of: ["pos_order", "pos_line"])
    try learnWords("SELECT state AS word FROM mirror_sale_order UNION SELECT 'done'")
    try learnWords("SELECT name AS word FROM mirror_currency")
    var documents = """
      SELECT o.id AS id, o.currency AS currency, erpq_day(o.ordered) AS day, o.rate AS rate
      FROM mirror_sale_order AS o WHERE \(ours("o"))
      """
    if hasShop {
      documents += """
         UNION ALL SELECT o.id + \(shift), o.currency, erpq_day(o.ordered), o.rate
        FROM mirror_pos_order AS o WHERE \(ours("o"))
        """
    }
    try documentRates(documents)
    try execute("DROP TABLE IF EXISTS temp.header")
    try execute(
      """
      CREATE TEMP TABLE header (id INTEGER PRIMARY KEY, name TEXT, customer INTEGER, day INTEGER, utc INTEGER,
        moment INTEGER, promised INTEGER, delivered INTEGER, state INTEGER, is_sold INTEGER, currency INTEGER,
        rate REAL, warehouse INTEGER, promised_at INTEGER, delivered_at INTEGER);
      INSERT INTO header SELECT o.id, coalesce(o.name, 'S' || o.id), o.partner, erpq_day(o.ordered),
        o.ordered / 86400000000, o.ordered, erpq_day(o.promised), erpq_day(o.delivered), w.id,
        o.state IN ('sale', 'done'), r.word, r.rate, o.warehouse, o.promised, o.delivered
      FROM mirror_sale_order AS o JOIN document_rates AS r ON r.id = o.id LEFT JOIN words AS w ON w.word = o.state
      WHERE o.ordered IS NOT NULL AND \(ours("o"));
      """)
    if hasShop {
      try execute(
        """
        INSERT INTO header SELECT o.id + \(shift), coalesce(o.name, 'POS ' || o.id), o.partner, erpq_day(o.ordered),
          o.ordered / 86400000000, o.ordered, NULL, erpq_day(o.ordered), w.id, 1, r.word, r.rate, NULL, NULL,
          o.ordered
        FROM mirror_pos_order AS o JOIN document_rates AS r ON r.id = o.id + \(shift)
        LEFT JOIN words AS w ON w.word = 'done'
        WHERE o.ordered IS NOT NULL AND o.state IN ('paid', 'done', 'invoiced') AND \(ours("o"));
        """)
    }
    try writeOrders()
    try writeSaleLines(shift: shift, hasShop: hasShop)
    try reportSales()
  }

  private func writeOrders() throws {
    try execute("DELETE FROM orders")
    try execute(
      """
      INSERT INTO orders ("order", name, customer, date, date_utc, ordered_at, promised_date, delivered_date, state,
        currency, rate, lines, amount, warehouse, slot, promised_at, delivered_at)
      SELECT id, name, customer, day, utc, moment, promised, delivered, state, currency, rate, 0, 0, warehouse, 0,
        promised_at, delivered_at
      FROM header ORDER BY id
      """)
    count("orders")
  }

  private func writeSaleLines(shift: Int64, hasShop: Bool) throws {
    let sale = """
      SELECT l.id AS id, l."order" AS header, l.product AS product, l.qty AS qty, l.delivered AS delivered,
        l.price AS price, coalesce(l.discount, 0) / 100 AS discount, l.subtotal AS subtotal, l.cost AS cost,
        \(unitFactor("l.uom", "p.uom")) AS factor, p.cost AS standard
      FROM mirror_sale_line AS l JOIN mirror_product AS p ON p.id = l.product \(unitJoin("l.uom", "p.uom"))
      """
    let shop = """
       UNION ALL SELECT l.id + \(shift), l."order" + \(shift), l.product, l.qty, l.qty, l.price,
        coalesce(l.discount, 0) / 100, l.subtotal, NULL, 1.0, p.cost
      FROM mirror_pos_line AS l JOIN mirror_product AS p ON p.id = l.product
      """
    try execute("DROP INDEX IF EXISTS sales_by_product")
    for (table, test) in [("sales", "h.is_sold"), ("quotations", "NOT h.is_sold")] {
      try execute("DELETE FROM \(table)")
      try execute(
        """
        INSERT INTO \(table) (date, line, "order", product, customer, date_utc, qty, delivered, price, discount,
          amount, amount_doc, currency, cost, state, warehouse)
        SELECT h.day, l.id, h.id, l.product, h.customer, h.utc, l.qty * l.factor, l.delivered * l.factor,
          l.price / l.factor / h.rate, l.discount, l.subtotal / h.rate, l.subtotal, h.currency,
          coalesce(l.cost * l.qty / h.rate, l.standard * l.qty * l.factor), h.state, h.warehouse
        FROM (\(sale)\(hasShop ? shop : "")) AS l JOIN header AS h ON h.id = l.header
        WHERE \(test) AND l.factor IS NOT NULL AND l.qty IS NOT NULL ORDER BY h.day, l.id
        """)
      count(table)
    }
    try execute("CREATE INDEX IF NOT EXISTS sales_by_product ON sales (product, date)")
    try Warehouse.recountOrders(database)
    if hasShop {
      let lines = try Int.fetchOne(database, sql: "SELECT count(*) FROM sales WHERE line > \(shift)") ?? 0
      if lines > 0 {
        summary.notes.append("\(lines) lines of points of sale are among the sales; their ids begin at 2^40")
      }
    }
  }

  private func reportSales() throws {
    try report(
      "sale.order", "its currency has no rate, so its worth is unknown",
      """
      SELECT o.id FROM mirror_sale_order AS o WHERE \(ours("o")) AND o.ordered IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM document_rates AS r WHERE r.id = o.id)
      """)
    try report(
      "sale.order", "it has no date",
      "SELECT o.id FROM mirror_sale_order AS o WHERE o.ordered IS NULL AND \(ours("o"))")
    try report(
      "sale.order.line", "it has no product", "SELECT id FROM mirror_sale_line WHERE product IS NULL")
    try report(
      "sale.order.line", "its product is not there",
      """
      SELECT id FROM mirror_sale_line WHERE product IS NOT NULL
      AND product NOT IN (SELECT id FROM mirror_product)
      """)
    try report(
      "sale.order.line", "its order is not there",
      "SELECT id FROM mirror_sale_line WHERE \"order\" IS NULL OR \"order\" NOT IN (SELECT id FROM mirror_sale_order)"
    )
    try report(
      "sale.order.line", "its unit does not convert into the product's",
      """
      SELECT l.id FROM mirror_sale_line AS l JOIN mirror_product AS p ON p.id = l.product
      \(unitJoin("l.uom", "p.uom")) WHERE \(unitFactor("l.uom", "p.uom")) IS NULL
      """)
    try report("sale.order.line", "it has no quantity", "SELECT id FROM mirror_sale_line WHERE qty IS NULL")
  }

  func purchases() throws {
    try learnWords("SELECT state AS word FROM mirror_purchase_order")
    try learnWords("SELECT name AS word FROM mirror_currency")
    try documentRates(
      """
      SELECT o.id AS id, o.currency AS currency, erpq_day(coalesce(o.approved, o.ordered)) AS day, o.rate AS rate
      FROM mirror_purchase_order AS o WHERE \(ours("o"))
      """)
    let hasMoves = ready.contains("move")
    try execute("DELETE FROM purchases")
    try execute(
      """
      INSERT INTO purchases (line, purchase, name, supplier, product, order_date, planned_date, received_date, qty,
        qty_received, price, amount, currency, state, warehouse, ordered_at, received_at)
      SELECT l.id, o.id, o.name, o.partner, l.product, erpq_day(coalesce(o.approved, o.ordered)),
        erpq_day(coalesce(l.planned, o.planned)),
        CASE WHEN l.received > 0 THEN erpq_day(coalesce(\(hasMoves ? "m.last, " : "")o.received, o.planned)) END,
        l.qty * \(unitFactor("l.uom", "p.uom")), l.received * \(unitFactor("l.uom", "p.uom")),
        l.price / \(unitFactor("l.uom", "p.uom")) / r.rate, l.subtotal / r.rate, r.word, w.id, t.warehouse,
        coalesce(o.approved, o.ordered), o.received
      FROM mirror_purchase_line AS l JOIN mirror_purchase_order AS o ON o.id = l."order"
      JOIN document_rates AS r ON r.id = o.id JOIN mirror_product AS p ON p.id = l.product
      \(unitJoin("l.uom", "p.uom")) LEFT JOIN words AS w ON w.word = o.state
      LEFT JOIN mirror_picking_type AS t ON t.id = o.picking_type
      \(hasMoves ? """
        LEFT JOIN (SELECT purchase_line, max(date) AS last FROM mirror_move WHERE state = 'done'
          AND purchase_line IS NOT NULL GROUP BY purchase_line) AS m ON m.purchase_line = l.id
        """ : "")
      WHERE \(ours("o")) AND l.qty IS NOT NULL AND \(unitFactor("l.uom", "p.uom")) IS NOT NULL ORDER BY l.id
      """)
    count("purchases")
    try report(
      "purchase.order", "its currency has no rate, so its worth is unknown",
      """
      SELECT o.id FROM mirror_purchase_order AS o WHERE \(ours("o"))
      AND NOT EXISTS (SELECT 1 FROM document_rates AS r WHERE r.id = o.id)
      """)
    try report(
      "purchase.order.line", "its order or product is not there",
      """
      SELECT id FROM mirror_purchase_line WHERE product IS NULL OR product NOT IN (SELECT id FROM mirror_product)
      OR "order" IS NULL OR "order" NOT IN (SELECT id FROM mirror_purchase_order)
      """)
    try report(
      "purchase.order.line", "its unit does not convert into the product's",
      """
      SELECT l.id FROM mirror_purchase_line AS l JOIN mirror_product AS p ON p.id = l.product
      \(unitJoin("l.uom", "p.uom")) WHERE \(unitFactor("l.uom", "p.uom")) IS NULL
      """)
  }

  /// Movements into and out of the company's own places. Those within them add up to nothing and are left out.
  func moves() throws {
    try learnWords(
      """
      SELECT state AS word FROM mirror_move UNION SELECT column1 FROM (VALUES ('incoming'), ('incoming_return'),
        ('outgoing'), ('outgoing_return'), ('inventory_in'), ('inventory_out'), ('production_in'),
        ('production_out'), ('transit_in'), ('transit_out'))
      """)
    try otherWarehouse()
    let facts = """
      SELECT m.id AS id, m.product AS product, m.date AS date, m.state AS state, coalesce(m.reference, m.origin) AS reference,
        CASE WHEN m.state = 'done' AND m.done IS NOT NULL THEN m.done * \(unitFactor("m.uom", "p.uom"))
          ELSE m.demand END AS qty,
        CASE WHEN s.usage = 'internal' THEN -1 ELSE 1 END AS sign,
        CASE WHEN s.usage = 'internal' THEN
          CASE t.usage WHEN 'customer' THEN 'outgoing' WHEN 'supplier' THEN 'outgoing_return'
            WHEN 'inventory' THEN 'inventory_out' WHEN 'production' THEN 'production_out' ELSE 'transit_out' END
        ELSE
          CASE s.usage WHEN 'supplier' THEN 'incoming' WHEN 'customer' THEN 'incoming_return'
            WHEN 'inventory' THEN 'inventory_in' WHEN 'production' THEN 'production_in' ELSE 'transit_in' END
        END AS kind,
        coalesce(CASE WHEN s.usage = 'internal' THEN s.warehouse ELSE t.warehouse END, 0) AS warehouse
      FROM mirror_move AS m JOIN mirror_product AS p ON p.id = m.product \(unitJoin("m.uom", "p.uom"))
      JOIN mirror_location AS s ON s.id = m.source JOIN mirror_location AS t ON t.id = m.target
      WHERE \(ours("m")) AND (s.usage = 'internal') <> (t.usage = 'internal')
      """
    try execute("DELETE FROM moves")
    try execute(
      """
      INSERT INTO moves (move, product, date, date_utc, qty, kind, state, reference, warehouse)
      SELECT f.id, f.product, erpq_day(f.date), f.date / 86400000000, f.sign * f.qty, k.id, w.id, f.reference,
        f.warehouse
      FROM (\(facts)) AS f JOIN words AS k ON k.word = f.kind LEFT JOIN words AS w ON w.word = f.state
      WHERE f.qty IS NOT NULL AND f.date IS NOT NULL ORDER BY f.id
      """)
    count("moves")
    try report(
      "stock.move", "its unit does not convert into the product's, or it has no date",
      "SELECT id FROM (\(facts)) WHERE qty IS NULL OR date IS NULL")
  }

  /// What lies in the company's own places. What is on its way follows from open movements; without them,
  /// reserved is what the quants say.
  func stock() throws {
    try otherWarehouse()
    try execute("DROP TABLE IF EXISTS temp.open_moves")
    let hasMoves = ready.contains("move")
    try execute(
      """
      CREATE TEMP TABLE open_moves AS
      SELECT product, warehouse, sum(max(qty, 0)) AS coming, sum(max(-qty, 0)) AS leaving
      FROM moves JOIN words ON words.id = moves.state
      WHERE \(hasMoves ? "word IN ('waiting', 'confirmed', 'partially_available', 'assigned')" : "false")
      GROUP BY product, warehouse
      """)
    try execute("DELETE FROM stock")
    try execute(
      """
      INSERT INTO stock (product, warehouse, on_hand, reserved, incoming)
      SELECT product, warehouse, sum(on_hand), sum(reserved), sum(incoming) FROM (
        SELECT q.product AS product, coalesce(l.warehouse, 0) AS warehouse, q.quantity AS on_hand,
          \(hasMoves ? "0.0" : "coalesce(q.reserved, 0)") AS reserved, 0.0 AS incoming
        FROM mirror_quant AS q JOIN mirror_location AS l ON l.id = q.location
        WHERE l.usage = 'internal' AND \(ours("q")) AND q.quantity IS NOT NULL
          AND q.product IN (SELECT id FROM mirror_product)
        UNION ALL SELECT product, warehouse, 0.0, leaving, coming FROM open_moves)
      GROUP BY product, warehouse ORDER BY product, warehouse
      """)
    count("stock")
    try execute(
      "DELETE FROM warehouses WHERE id = 0 AND id NOT IN (SELECT warehouse FROM stock UNION SELECT warehouse FROM moves)"
    )
  }

  func orderpoints() throws {
    try execute("DELETE FROM orderpoints")
    try execute(
      """
      INSERT OR IGNORE INTO orderpoints (product, warehouse, min_qty, max_qty, multiple)
      SELECT o.product, o.warehouse, coalesce(o.min_qty, 0), coalesce(o.max_qty, 0),
        CASE WHEN o.multiple > 0 THEN o.multiple ELSE 1 END
      FROM mirror_orderpoint AS o WHERE coalesce(o.active, 1) AND o.product IS NOT NULL AND o.warehouse IS NOT NULL
        AND \(ours("o")) ORDER BY o.id
      """)
    count("orderpoints")
  }

  /// Invoices and bills are positive, refunds negative, in both currencies.
  func invoices() throws {
    try learnWords("SELECT kind AS word FROM mirror_invoice UNION SELECT state FROM mirror_invoice")
    try learnWords("SELECT name AS word FROM mirror_currency")
    try execute("DELETE FROM invoices")
    try database.execute(
      sql: """
        INSERT INTO invoices (invoice, name, kind, customer, supplier, "order", date, due_date, state, currency, amount,
          amount_doc, residual)
        SELECT i.id, nullif(i.name, '/'), k.id, CASE WHEN i.kind LIKE 'out%' THEN i.partner END,
          CASE WHEN i.kind LIKE 'in%' THEN i.partner END,
          (SELECT o."order" FROM orders AS o WHERE o.name = i.origin ORDER BY 1 LIMIT 1),
          coalesce(i.day, i.entry_day), i.due, s.id, w.id,
          CASE WHEN i.kind LIKE 'in%' THEN -i.total_signed ELSE i.total_signed END,
          CASE WHEN i.kind LIKE '%refund' THEN -i.total ELSE i.total END,
          CASE WHEN i.kind LIKE 'in%' THEN -i.residual_signed ELSE i.residual_signed END
        FROM mirror_invoice AS i LEFT JOIN words AS k ON k.word = i.kind LEFT JOIN words AS s ON s.word = i.state
        LEFT JOIN mirror_currency AS c ON c.id = i.currency LEFT JOIN words AS w ON w.word = coalesce(c.name, ?)
        WHERE \(ours("i")) ORDER BY i.id
        """, arguments: [currency])
    count("invoices")
  }

  func payments() throws {
    try learnWords("SELECT kind AS word FROM mirror_payment")
    try learnWords("SELECT name AS word FROM mirror_currency")
    try documentRates(
      "SELECT p.id AS id, p.currency AS currency, p.day AS day, NULL AS rate FROM mirror_payment AS p")
    try execute("DELETE FROM payments")
    try execute(
      """
      INSERT INTO payments (payment, name, kind, invoice, customer, supplier, date, currency, amount, amount_doc)
      SELECT p.id, nullif(p.name, '/'), k.id,
        (SELECT i.invoice FROM invoices AS i WHERE i.invoice = coalesce(p.invoice, p.bill)),
        CASE WHEN p.partner_kind = 'customer' THEN p.partner END,
        CASE WHEN p.partner_kind = 'supplier' THEN p.partner END, p.day, r.word,
        coalesce(abs(p.amount_signed), p.amount / r.rate), p.amount
      FROM mirror_payment AS p JOIN document_rates AS r ON r.id = p.id LEFT JOIN words AS k ON k.word = p.kind
      WHERE \(ours("p")) AND coalesce(p.state, 'posted') NOT IN ('draft', 'cancel', 'canceled', 'rejected')
      ORDER BY p.id
      """)
    count("payments")
    try report(
      "account.payment", "its currency has no rate, so its worth is unknown",
      """
      SELECT p.id FROM mirror_payment AS p WHERE \(ours("p"))
      AND NOT EXISTS (SELECT 1 FROM document_rates AS r WHERE r.id = p.id)
      """)
  }

  func leads() throws {
    try learnWords(
      "SELECT name AS word FROM mirror_lead_stage UNION SELECT column1 FROM (VALUES ('open'), ('won'), ('lost'))"
    )
    try execute("DELETE FROM leads")
    try execute(
      """
      INSERT INTO leads (lead, name, customer, stage, state, created, closed, deadline, expected, probability)
      SELECT l.id, l.name, l.partner, g.id, s.id, erpq_day(l.opened), erpq_day(l.closed), l.deadline, l.expected,
        l.probability / 100
      FROM mirror_lead AS l LEFT JOIN mirror_lead_stage AS t ON t.id = l.stage LEFT JOIN words AS g ON g.word = t.name
      JOIN words AS s ON s.word = CASE WHEN NOT coalesce(l.active, 1) THEN 'lost'
        WHEN t.is_won OR l.probability >= 100 THEN 'won' ELSE 'open' END
      WHERE coalesce(l.kind, 'opportunity') = 'opportunity' AND \(ours("l")) ORDER BY l.id
      """)
    count("leads")
  }
}
