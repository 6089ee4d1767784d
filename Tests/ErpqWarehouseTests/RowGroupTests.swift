import ErpqBase
import ErpqTables
import Foundation
import GRDB
import Testing

import struct ErpqTables.Table

@testable import ErpqWarehouse

@Suite struct ColumnChunkTests {
  private static let nulls: [Int] = [0, 3, 64, 99]

  private func marks(_ count: Int) -> Bitmap {
    var bits = Bitmap(repeating: false, count: count)
    for row in Self.nulls where row < count { bits[row] = true }
    return bits
  }

  private func unpacked<T>(
    _ bytes: [UInt8], _ count: Int, _ runs: [Range<Int>], zero: T,
    _ unpack: (ColumnChunk.Packed, [Range<Int>], UnsafeMutablePointer<T>) throws -> Void
  ) throws -> [T] {
    let rows = runs.flatMap { Array($0) }
    var out = [T](repeating: zero, count: rows.count)
    try bytes.withUnsafeBytes { raw in
      let chunk = try #require(ColumnChunk.Packed(raw, rows: count))
      try out.withUnsafeMutableBufferPointer { try unpack(chunk, runs, #require($0.baseAddress)) }
      var found: [Int] = []
      chunk.nulls(runs) { found.append(rows[$0]) }
      #expect(found.isEmpty || found == Self.nulls.filter(rows.contains))
    }
    return out
  }

  static let wholeNumbers: [(name: String, width: Int, cells: [Int64])] = [
    ("one number", 0, [Int64](repeating: -7, count: 100)),
    ("a byte", 1, (0..<100).map { $0 % 7 - 3 }),
    ("two bytes", 2, (0..<100).map { $0 * 655 - 1000 }),
    ("four bytes", 4, (0..<100).map { $0 * 40_000_000 }),
    ("all there are", 8, (0..<100).map { $0 % 2 == 0 ? .min : .max }),
    ("moments", 8, (0..<100).map { 1_700_000_000_000_000 + $0 * 86_400_000_000 }),
  ]

  @Test func wholeNumbersComeBack() throws {
    for (name, width, cells) in Self.wholeNumbers {
      for nulls in [nil, marks(cells.count)] {
        let (low, high, bytes) = ColumnChunk.pack(cells, nulls: nulls)
        let valid = cells.indices.filter { nulls?[$0] != true }
        #expect(low == valid.map { cells[$0] }.min() && high == valid.map { cells[$0] }.max(), "\(name)")
        #expect(bytes.count == 16 + (nulls == nil ? 0 : 16) + width * cells.count, "\(name)")
        for runs in [[0..<100], [63..<65], [0..<1, 3..<3, 5..<70, 99..<100]] {
          let rows = runs.flatMap { Array($0) }
          let back = try unpacked(bytes, 100, runs, zero: Int64(0)) { try $0.whole($1, into: $2) }
          #expect(zip(rows, back).allSatisfy { nulls?[$0] == true || cells[$0] == $1 }, "\(name) \(rows)")
        }
      }
    }
  }

  static let numbers: [(name: String, width: Int, cells: [Double])] = [
    ("whole", 1, (0..<100).map { Double($0) - 20 }), ("cents", 2, (0..<100).map { Double($0 * 313) / 100 }),
    ("four decimals", 4, (0..<100).map { Double($0 * 31_313) / 10_000 }),
    ("thirds", 8, (0..<100).map { Double($0) / 3 }), ("minus zero", 8, [Double](repeating: -0.0, count: 100)),
    ("huge", 8, (0..<100).map { Double($0) * 1e300 }),
    ("infinite", 8, [Double](repeating: .infinity, count: 100)),
  ]

  @Test func numbersComeBackToTheBit() throws {
    for (name, width, cells) in Self.numbers {
      for nulls in [nil, marks(cells.count)] {
        let bytes = ColumnChunk.pack(cells, nulls: nulls)
        #expect(bytes.count == 16 + (nulls == nil ? 0 : 16) + width * cells.count, "\(name)")
        let back = try unpacked(bytes, 100, [0..<100], zero: 0.0) { try $0.numbers($1, scale: 1, into: $2) }
        for row in 0..<100 where nulls?[row] != true {
          #expect(back[row].bitPattern == cells[row].bitPattern, "\(name) \(row)")
        }
      }
    }
  }

  @Test func textsComeBackInTheOrderOfTheirRows() throws {
    let words = ["", "Ölkanne", "SO0001", "a longer text than the others"]
    var own = TextDictionaryBuilder()
    let codes = (0..<100).map { own.code(for: words[$0 * 7 % 4]) }
    for nulls in [nil, marks(100)] {
      let bytes = ColumnChunk.pack(codes, own.build(), nulls: nulls)
      var dictionary = TextDictionaryBuilder()
      let back = try unpacked(bytes, 100, [50..<100], zero: Int32(0)) {
        try $0.texts($1, &dictionary, into: $2)
      }
      let texts = dictionary.build()
      // Only what stands in the rows is learnt, in their order.
      #expect(texts[0] == words[50 * 7 % 4])
      for row in 50..<100 where nulls?[row] != true { #expect(texts[back[row - 50]] == words[row * 7 % 4]) }
    }
  }

  @Test func bytesThatNoOnePackedNeverTrap() throws {
    var random = SeededRandom(seed: 3)
    var own = TextDictionaryBuilder()
    let codes = (0..<100).map { own.code(for: "t\($0 % 9)") }
    let packed = [
      ColumnChunk.pack((0..<100).map { Int64($0) }, nulls: marks(100)).bytes,
      ColumnChunk.pack((0..<100).map { Double($0) / 100 }, nulls: nil),
      ColumnChunk.pack(codes, own.build(), nulls: marks(100)),
    ]
    var refused = 0
    for round in 0..<3000 {
      var bytes = packed[round % 3]
      for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      if round % 5 == 0 { bytes.removeLast(random.below(bytes.count)) }
      bytes.withUnsafeBytes { raw in
        guard let chunk = ColumnChunk.Packed(raw, rows: 100) else { return refused += 1 }
        var dictionary = TextDictionaryBuilder()
        var whole = [Int64](repeating: 0, count: 100)
        var numbers = [Double](repeating: 0, count: 100)
        var places = [Int32](repeating: 0, count: 100)
        chunk.nulls([0..<100]) { _ in }
        for attempt in [
          { try chunk.whole([0..<100], into: &whole) },
          { try chunk.numbers([0..<100], scale: 1, into: &numbers) },
          { try chunk.texts([0..<100], &dictionary, into: &places) },
        ] { do { try attempt() } catch { refused += 1 } }
      }
    }
    #expect(refused > 5000)
  }
}

@Suite struct RowGroupTests {
  private let folder: TemporaryFolder
  private let warehouse: Warehouse

  /// Three groups of sale lines and a small one, with nulls, orders out of the order of their days, and texts.
  init() throws {
    folder = try TemporaryFolder()
    warehouse = try Warehouse(path: folder.file("c.db"))
    let rows = 3 * RowGroups.size + 1000
    try warehouse.load { database in
      try database.execute(
        sql: """
          INSERT INTO words (word) VALUES ('sale'), ('done'), ('EUR'), ('draft'), ('cancel');
          INSERT INTO categories (id, name) VALUES (1, 'Desks'), (2, 'Ölkannen');
          INSERT INTO products (product, sku, name, category) VALUES
            (1, 'A', 'Desk', 1), (2, 'B', 'It''s B', 2), (3, NULL, 'C', NULL);
          WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < \(rows))
          INSERT INTO sales (date, line, "order", product, customer, date_utc, qty, delivered, price, discount, amount,
            amount_doc, currency, cost, state, warehouse)
          SELECT 20000 + i / 200, i, i / 3, 1 + i % 4, CASE i % 5 WHEN 0 THEN NULL ELSE i % 97 END,
            20000 + (i + 20) / 200, i % 9 - 1, CASE i % 11 WHEN 0 THEN NULL ELSE i % 9 - 1 END, (i % 5000) / 100.0,
            (i % 3) / 10.0, i / 7.0, NULL, 3, CASE i % 13 WHEN 0 THEN NULL ELSE i * 0.25 END, 1 + i % 2, NULL FROM n;
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
          INSERT INTO orders ("order", name, customer, date, ordered_at, state, lines, amount, warehouse)
          SELECT i, 'SO' || (i / 2), i % 7, CASE i % 50 WHEN 0 THEN NULL ELSE 20000 + i * 7919 % 365 END,
            i * 86400000000, 1 + i % 5, i % 4, i / 4.0, NULL FROM n
          """)
    }
  }

  private func both(_ scan: Scan) throws -> (fast: Table?, slow: Table) {
    try warehouse.read { database in
      let plan = try ScanPlan(scan)
      return (
        try RowGroups.rows(of: scan, plan, currency: "EUR", on: database),
        try Warehouse.run(plan, currency: "EUR", on: database)
      )
    }
  }

  /// All of a table as bytes, the dictionaries of its texts included.
  private func bytes(_ table: Table) -> [UInt8] {
    var writer = ByteWriter()
    writer.table(table)
    return writer.bytes
  }

  private static func day(_ n: Int32) -> Value { .date(CivilDate(day: n)) }
  private static let sales: [[ScanFilter]] = [
    [], [ScanFilter("date", .range(day(20_100), day(20_130)))],
    [ScanFilter("date", .range(day(20_163), day(20_164))), ScanFilter("qty", .notNull)],
    [
      ScanFilter("date", .range(day(20_400), .null)),
      ScanFilter("date_utc", .range(day(20_410), day(20_411))),
    ],
    [ScanFilter("date", .range(.null, day(19_000)))], [ScanFilter("date", .range(day(20_200), day(20_100)))],
    [ScanFilter("state", .equal(.text("done"))), ScanFilter("date", .range(day(20_300), day(20_303)))],
    [
      ScanFilter("category", .equal(.text("Ölkannen"))), ScanFilter("date", .range(day(20_300), day(20_303))),
    ],
    [
      ScanFilter("product", .oneOf((1...30).map { .int($0) })),
      ScanFilter("date", .range(day(20_300), day(20_303))),
    ],
    [ScanFilter("order", .range(.int(30_000), .int(30_010)))],
    [ScanFilter("line", .oneOf([.int(70_000), .int(2)]))], [ScanFilter("customer", .equal(.int(5)))],
  ]
  private static let orders: [[ScanFilter]] = [
    [], [ScanFilter("date", .range(day(20_100), day(20_101)))],
    [
      ScanFilter("order", .range(.int(300), .int(10_010))),
      ScanFilter("state", .oneOf([.text("draft"), .text("sale")])),
    ],
    [ScanFilter("ordered_at", .range(.null, .datetime(Instant(microseconds: 86_400_000_000 * 9))))],
  ]

  @Test func groupsGiveTheBytesThatTheRowsGive() throws {
    for (relation, cases) in [("sales", Self.sales), ("orders", Self.orders)] {
      let names = try #require(Warehouse.relation(relation)).fields.map(\.name)
      for filters in cases {
        for columns in [names, ["date"], [], Array(names.reversed().prefix(3))] {
          let (fast, slow) = try both(Scan(relation, columns: columns, filters: filters))
          let found = try #require(fast, "\(filters)")
          #expect(found.rowCount == slow.rowCount, "\(filters)")
          #expect(bytes(found) == bytes(slow), "\(filters) \(columns)")
        }
      }
    }
  }

  @Test func fewRowsAreFoundByAnIndexAndOthersAreLeftToTheFile() throws {
    for filters in [
      [ScanFilter("product", .equal(.int(1)))], [ScanFilter("sku", .equal(.text("A")))],
      [ScanFilter("product", .oneOf([.int(1), .int(2)]))],
      [ScanFilter("amount", .range(.money(1, "EUR"), .null))],
    ] { #expect(try both(Scan("sales", columns: ["qty"], filters: filters)).fast == nil, "\(filters)") }
    #expect(try both(Scan("products")).fast == nil)
    #expect(try both(Scan("moves")).fast == nil)
  }

  @Test func aCopyOfOtherFactsDoesNotCount() throws {
    try warehouse.load { try $0.execute(sql: "DELETE FROM sales WHERE line > 40000") }
    #expect(try both(Scan("sales", columns: ["qty"])).fast?.rowCount == 40_001)
    // As if another program had written without making the copy anew.
    try warehouse.load(changesFacts: false) { database in
      try database.execute(sql: "DELETE FROM sales WHERE line > 30000")
      try Warehouse.setMeta(database, "version", "99")
    }
    #expect(try both(Scan("sales", columns: ["qty"])).fast == nil)
    #expect(try warehouse.scan(Scan("sales", columns: ["qty"])).rowCount == 30_001)
    try warehouse.load { try $0.execute(sql: "DELETE FROM sales WHERE line > 100") }
    #expect(
      try warehouse.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM column_chunks WHERE relation = 'sales'")
      } == 0)
  }

  @Test func anOlderFileIsCopiedWhenItIsUpgraded() throws {
    try warehouse.load(changesFacts: false) { database in
      try database.execute(sql: "DROP TABLE column_chunks; CREATE INDEX moves_by_date ON moves (date)")
      try Warehouse.setMeta(database, "chunks", nil)
      try database.execute(sql: "PRAGMA user_version = 5")
    }
    try warehouse.close()
    let again = try Warehouse(path: folder.file("c.db"))
    let scan = Scan("sales", columns: ["qty"])
    let rows = try again.read { database in
      try RowGroups.rows(of: scan, try ScanPlan(scan), currency: "EUR", on: database)?.rowCount
    }
    #expect(rows == 3 * RowGroups.size + 1000)
    let isIndexed = try again.read {
      try Bool.fetchOne($0, sql: "SELECT count(*) > 0 FROM sqlite_master WHERE name = 'moves_by_date'")
    }
    #expect(isIndexed == false)
  }

  @Test func aDamagedChunkIsSaidToBeOne() throws {
    try warehouse.load(changesFacts: false) { database in
      try database.execute(
        sql: "UPDATE column_chunks SET cells = zeroblob(9) WHERE \"column\" = '\"qty\"' AND row_group = 1")
    }
    #expect(throws: WarehouseError.self) { try warehouse.scan(Scan("sales", columns: ["qty"])) }
    #expect(try warehouse.scan(Scan("sales", columns: ["amount"])).rowCount == 3 * RowGroups.size + 1000)
  }
}
