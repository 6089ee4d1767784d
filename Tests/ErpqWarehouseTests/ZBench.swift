import ErpqBase
import Foundation
import Glibc
import Testing

@testable import ErpqWarehouse

func cpu() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

@Test(.enabled(if: ProcessInfo.processInfo.environment["ERPQ_BENCH"] != nil))
func bench() throws {
  let path = ProcessInfo.processInfo.environment["ERPQ_BENCH"] ?? ""
  let t0 = cpu()
  let source = try CSVSource(path: path)
  let t1 = cpu()
  print("csv", t1 - t0)
  let db = "/tmp/wm/bench.db"
  for s in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: db + s) }
  let w = try Warehouse(path: db)
  let spec = SalesImport(map: SalesImport.guess(headers: source.headers()), currency: "GBP", timeZone: "Europe/London")
  var last = cpu()
  for _ in 0..<2 {
    let s = try w.importSales(from: source, spec) { p in
      if p.done == 0 { print(p.phase, cpu() - last) ; last = cpu() }
    }
    print("import", cpu() - t1, s.seconds, s.loaded, s.rejected, s.products, s.customers, s.orders, s.duplicates, s.days as Any, s.notes)
  }
  print(try w.info)
  for columns in [["product", "date", "qty", "amount"], ["date", "amount"], ["category", "date", "qty", "amount"], nil] {
    let t = cpu()
    let table = try w.scan(Scan("sales", columns: columns))
    print("scan", columns as Any, table.rowCount, cpu() - t)
  }
  let t = cpu()
  let table = try w.scan(Scan("sales", columns: ["date", "qty", "amount"], filters: [ScanFilter("product", .equal(.int(21523)))]))
  print("one product", table.rowCount, cpu() - t, try w.sql(for: Scan("sales", columns: ["date", "qty", "amount"], filters: [ScanFilter("sku", .equal(.text("79323P")))])))
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  print(status.split(separator: "\n").filter { $0.hasPrefix("VmHWM") })
}

@Test(.enabled(if: ProcessInfo.processInfo.environment["ERPQ_BENCH"] != nil))
func benchDemo() throws {
  let t0 = cpu()
  var s = DemoSimulation(seed: 1, first: DemoCompany.firstDay, last: DemoCompany.lastDay)
  try s.run()
  print("simulate", cpu() - t0, s.products.count, s.lines.count, s.orders.count, s.purchases.count, s.moves.count)
  let t1 = cpu()
  try? FileManager.default.removeItem(atPath: "/tmp/wm/demo")
  let w = try DemoCompany.open(dataFolder: "/tmp/wm/demo")
  print("open new", cpu() - t1)
  let t2 = cpu()
  print(try DemoCompany.open(dataFolder: "/tmp/wm/demo").info, cpu() - t2)
  for f in ["/work/shared/data/erpconnect/S", "/tmp/wm/M"] {
    let p = "/tmp/wm/folder-\(f.hasSuffix("M") ? "M" : "S").db"
    for x in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: p + x) }
    let t3 = cpu()
    let m = try Warehouse(path: p)
    print(try m.importFolder(f, open: { try CSVSource(path: $0) }), cpu() - t3)
    print(try m.info)
  }
  _ = w
}
