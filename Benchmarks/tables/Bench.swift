import ErpqBase
import ErpqTables
import Glibc

/// Times the table operations on made-up sales lines and prints `operation,rows,cpu_seconds`: the CPU time of
/// the process, the best of three runs. `peers.py` makes the same data and times the same operations
/// elsewhere.
@main
struct Bench {
  static func main() throws {
    keepFreedMemory()
    let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    print("operation,rows,cpu_seconds")
    for rows in sizes.isEmpty ? [1_000_000, 10_000_000] : sizes { try run(rows) }
  }

  static func run(_ rows: Int) throws {
    let (sales, products) = (makeSales(rows), makeProducts(rows / 10))
    let evaluator = Evaluator(table: sales)
    func column(_ name: String) -> Column { sales[name] ?? .nulls(.null, count: rows) }
    let aggregates = [
      Aggregate("amount", .sum, [column("amount")]), Aggregate("qty", .avg, [column("qty")]),
      Aggregate("n", .count, []),
    ]
    let above = Expression.call(
      Operators.greater, [.column("amount", .number), .constant(.number(500), .number)], .bool)
    let average = Expression.window(.moving(.avg, 7), .column("amount", .number), ["product"], .number)
    let operations: [(String, () throws -> Int)] = [
      ("filter", { sales.filtered(by: try evaluator.column(above)).rowCount }),
      ("group_int", { try sales.grouped(by: ["product"], aggregates: aggregates).rowCount }),
      ("group_int_many", { try sales.grouped(by: ["order"], aggregates: aggregates).rowCount }),
      ("group_text", { try sales.grouped(by: ["sku"], aggregates: aggregates).rowCount }),
      ("group_two", { try sales.grouped(by: ["product", "day"], aggregates: aggregates).rowCount }),
      ("join_int", { try sales.joined(products, on: [("order", "order")], kind: .inner).rowCount }),
      ("sort_int", { try sales.sorted(by: [SortKey(column("order"))]).rowCount }),
      ("sort_number", { try sales.sorted(by: [SortKey(column("amount"))]).rowCount }),
      ("sort_two", { try sales.sorted(by: [SortKey(column("product")), SortKey(column("day"))]).rowCount }),
      ("sort_text", { try sales.sorted(by: [SortKey(column("sku"))]).rowCount }),
      ("moving_avg", { try evaluator.column(average).count }),
    ]
    for (name, operation) in operations {
      var best = Double.infinity
      for _ in 0..<3 {
        let start = cpuSeconds()
        _ = try operation()
        best = min(best, cpuSeconds() - start)
      }
      print("\(name),\(rows),\(best)")
    }
  }

  /// User and system time of the process.
  static func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(0), &usage)
    func seconds(_ t: timeval) -> Double { Double(t.tv_sec) + Double(t.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// 64 bits that follow from a row and a column number (SplitMix64's finisher).
  static func mix(_ row: Int, _ column: UInt64) -> UInt64 {
    var x = UInt64(row) &* 0x9E37_79B9_7F4A_7C15 &+ column &* 0xD1B5_4A32_D192_ED03
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
  }

  /// Sales lines: 5,000 products, as many skus, two years, four lines an order.
  static func makeSales(_ rows: Int) -> Table {
    let products = (0..<rows).map { Int64(mix($0, 1) % 5000) + 100 }
    var builder = TextDictionaryBuilder()
    let codes = (0..<rows).map { builder.code(for: "SKU_" + padded(Int(mix($0, 2) % 5000), 5)) }
    let orders = UInt64(max(1, rows / 4))
    return Table([
      ("product", Column(.int, .ints(products))),
      ("sku", Column(.text, .codes(codes, builder.build()))),
      ("day", Column(.date, .days((0..<rows).map { Int32(19_000 + mix($0, 3) % 730) }))),
      ("order", Column(.int, .ints((0..<rows).map { Int64(mix($0, 4) % orders) * 7 + 1 }))),
      ("qty", Column(.int, .ints((0..<rows).map { Int64(mix($0, 5) % 20) + 1 }))),
      ("amount", Column(.number, .doubles((0..<rows).map { Double(mix($0, 6) >> 11) * 0x1p-53 * 1000 }))),
    ])
  }

  /// A table with one row for each of the first orders.
  static func makeProducts(_ rows: Int) -> Table {
    Table([
      ("order", Column(.int, .ints((0..<rows).map { Int64($0) * 7 + 1 }))),
      ("weight", Column(.number, .doubles((0..<rows).map { Double(mix($0, 7) % 1000) }))),
    ])
  }
}
