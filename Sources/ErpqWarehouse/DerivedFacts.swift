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
    let limit = clock?.day ?? .max
    let extent = try Row.fetchOne(
      database,
      sql: """
        SELECT min(low), max(timely), max(high) FROM (
          SELECT (SELECT min(date) FROM sales) AS low, (SELECT max(date) FROM sales WHERE date <= $limit) AS timely,
            (SELECT max(date) FROM sales) AS high
          UNION ALL
          SELECT min(date), max(date) FILTER (WHERE date <= $limit), max(date) FROM moves WHERE state = $done)
        """, arguments: ["limit": limit, "done": done])
    let first: Int32? = extent?[0]
    let last: Int32? = extent?[1] ?? extent?[2]
    try setMeta(database, "first_day", first.map { CivilDate(day: $0).description })
    try setMeta(database, "last_day", last.map { CivilDate(day: $0).description })
  }
}
