import GRDB

// Which load brought which rows: loading a file again replaces what it brought before.
extension Warehouse {
  /// Lines of load `slot` have ids in `slot * lineIDsPerLoad ..< (slot + 1) * lineIDsPerLoad`.
  static let lineIDsPerLoad: Int64 = 1_000_000_000

  /// The number of the load of that name, noted in `loads`.
  static func slot(_ database: Database, source: String, kind: String, rows: Int) throws -> Int64 {
    try refuseMirrored(database)
    let old = try Int64.fetchOne(
      database, sql: "SELECT slot FROM loads WHERE source = ?", arguments: [source])
    let slot = try old ?? (Int64.fetchOne(database, sql: "SELECT max(slot) + 1 FROM loads") ?? 0)
    try database.execute(
      sql: "INSERT OR REPLACE INTO loads (slot, source, kind, rows) VALUES (?, ?, ?, ?)",
      arguments: [slot, source, kind, rows])
    return slot
  }

  static func forgetSales(_ database: Database, slot: Int64) throws {
    let others =
      try Int.fetchOne(
        database, sql: "SELECT count(*) FROM loads WHERE slot <> ?", arguments: [slot]) ?? 0
    // Dropping all rows at once is free; a condition would visit each.
    let condition =
      others == 0
      ? "" : " WHERE line BETWEEN \(slot * lineIDsPerLoad) AND \((slot + 1) * lineIDsPerLoad - 1)"
    try database.execute(sql: "DELETE FROM sales\(condition)")
    try database.execute(sql: "DELETE FROM quotations\(condition)")
    // An order whose lines came in several files stays as long as one of them does.
    let kept =
      others == 0
      ? ""
      : """
       AND "order" NOT IN (SELECT "order" FROM sales WHERE "order" IS NOT NULL)
       AND "order" NOT IN (SELECT "order" FROM quotations WHERE "order" IS NOT NULL)
      """
    try database.execute(sql: "DELETE FROM orders WHERE slot = ?\(kept)", arguments: [slot])
  }

  static func hasSeveralLoads(_ database: Database) throws -> Bool {
    (try Int.fetchOne(database, sql: "SELECT count(*) FROM loads") ?? 0) > 1
  }

  /// Lines and amounts of all orders from their lines, for orders whose lines came in several files.
  static func recountOrders(_ database: Database) throws {
    try database.execute(
      sql: """
        UPDATE orders SET lines = l.n, amount = l.total
        FROM (
          SELECT "order" AS id, count(*) AS n, sum(amount) AS total FROM (
            SELECT "order", amount FROM sales UNION ALL SELECT "order", amount FROM quotations)
          WHERE "order" IS NOT NULL GROUP BY "order") AS l
        WHERE l.id = orders."order"
        """)
  }
}
