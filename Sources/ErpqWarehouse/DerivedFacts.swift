import ErpqBase
import GRDB

extension Warehouse {
  /// Brings what follows from the facts up to date: stock of products, first and last sales, the extent.
  static func refreshDerived(_ database: Database, clock: CivilDate? = nil) throws {
    try database.execute(
      sql: """
        UPDATE products SET
          first_sale = (SELECT min(date) FROM sales WHERE sales.product = products.product),
          last_sale = (SELECT max(date) FROM sales WHERE sales.product = products.product),
          on_hand = (SELECT sum(on_hand) FROM stock WHERE stock.product = products.product),
          reserved = (SELECT sum(reserved) FROM stock WHERE stock.product = products.product),
          incoming = (SELECT sum(incoming) FROM stock WHERE stock.product = products.product);
        UPDATE customers SET first_sale = NULL, last_sale = NULL, orders = 0, amount = 0;
        UPDATE customers SET first_sale = o.low, last_sale = o.high, orders = o.n, amount = o.total
        FROM (
          SELECT customer AS who, min(date) AS low, max(date) AS high, count(*) AS n, sum(amount) AS total
          FROM orders JOIN words ON words.id = orders.state
          WHERE words.word IN ('sale', 'done') GROUP BY customer) AS o
        WHERE o.who = customers.customer;
        """)
    let done = try Int64.fetchOne(database, sql: "SELECT id FROM words WHERE word = 'done'")
    // A typing mistake in a year must not move today: days after the clock's do not count while others are
    // there.
    let limit = clock.map { " AND date <= \($0.day)" } ?? ""
    func bound(_ function: String, _ limit: String) throws -> Int32? {
      try Int32.fetchOne(
        database,
        sql: """
          SELECT \(function)(day) FROM (
            SELECT \(function)(date) AS day FROM sales WHERE true\(limit)
            UNION ALL SELECT \(function)(date) FROM moves WHERE state = ?\(limit))
          """, arguments: [done])
    }
    let last = try bound("max", limit) ?? bound("max", "")
    try setMeta(database, "first_day", try bound("min", "").map { CivilDate(day: $0).description })
    try setMeta(database, "last_day", last.map { CivilDate(day: $0).description })
  }
}
