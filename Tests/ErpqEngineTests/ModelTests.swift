import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import GRDB
import Testing

import struct ErpqTables.Table

@testable import ErpqEngine

/// Stored models: taken while they are good, fitted anew when they are not.
@Suite struct ModelTests {
  /// Two products with sales and one without, up to 2025-06-30.
  private func company(extra: String = "") throws -> SmallCompany {
    var orders = "id,name,partner_id,state,date_order,currency,currency_rate\n"
    var lines = "id,order_id,product_id,product_uom_qty,price_unit,discount\n"
    var n = 0
    let last = CivilDate(day: 20269)
    for back in 0..<200 {
      for product in [1, 2] where product == 1 || back % 20 == 0 {
        n += 1
        orders += "\(n),S\(n),1,sale,\(last.adding(days: -back)) 12:00:00,EUR,1\n"
        lines += "\(n),\(n),\(product),\(5 + back % 7),2,0\n"
      }
    }
    return try SmallCompany([
      "products.csv":
        "id,name,type,active,list_price\n1,Mug,product,true,2\n2,Cup,product,true,2\n3,Jug,product,true,2\n",
      "sale_orders.csv": orders, "sale_order_lines.csv": lines + extra,
    ])
  }

  private func column(_ table: Table?, _ name: String) -> [Value] {
    guard let table, let column = table[name] else { return [] }
    return (0..<table.rowCount).map { column[$0] }
  }

  @Test func aModelGivesWhatAFitGives() throws {
    let company = try company()
    let (fresh, _) = company.ask("forecast horizon 40", documents: true)
    let (trained, sink) = company.ask("train model demand", documents: true)
    #expect(sink.errors.isEmpty)
    #expect(column(trained, "status") == [.text("trained"), .text("skipped"), .text("skipped")])
    #expect(
      column(trained, "reason")
        == [.text(""), .text("9 of 14 days with sales"), .text("no sales between 2024-12-03 and 2025-06-30")])
    let (stored, _) = company.ask("forecast horizon 40", documents: true)
    for name in ["product", "date", "mean", "lo80", "hi80", "lo95", "hi95", "method", "model_type"] {
      #expect(column(fresh, name) == column(stored, name), "\(name)")
    }
    #expect(column(fresh, "model").allSatisfy { $0.isNull })
    #expect(column(stored, "model").prefix(40).allSatisfy { $0 == .int(1) })
    #expect(column(stored, "model").dropFirst(40).allSatisfy { $0.isNull })
    // Training again on the same data replaces the model.
    _ = company.ask("train model demand", documents: true)
    #expect(column(company.ask("models versions").0, "version") == [.int(1)])
    let (log, _) = company.ask(
      "forecast_log | summarize n = count(), first = min(date), last = max(date) by product")
    #expect(column(log, "n") == [.int(30)])
    #expect(log?["last"]?[0].description == "2025-07-30")
  }

  @Test func aModelOfOtherDataIsStale() throws {
    let company = try company()
    _ = company.ask("train model demand 1", documents: true)
    #expect(column(company.ask("models").0, "status") == [.text("valid")])
    #expect(column(company.ask("models", today: "2025-07-02").0, "status") == [.text("stale")])
    let (later, _) = company.ask("forecast 1", today: "2025-07-02", documents: true)
    #expect(column(later, "model").allSatisfy { $0.isNull })
    // A sale more, and what it changes is told.
    _ = company.ask("train model demand 1", today: "2025-07-02", documents: true)
    #expect(column(company.ask("models versions", today: "2025-07-02").0, "version") == [.int(1), .int(2)])
    #expect(column(company.ask("models drop old").0, "dropped") == [.int(1)])
    #expect(column(company.ask("models drop all").0, "dropped") == [.int(1)])
    #expect(company.ask("models").0?.rowCount == 0)
  }

  @Test(arguments: [
    "UPDATE models SET body = substr(body, 1, 40)", "UPDATE models SET body = 'null', checksum = 0",
    "UPDATE models SET body = replace(body, '\"sigma\"', '\"sigmb\"')", "UPDATE models SET data = 'x'",
    "UPDATE models SET body = x'00ff', checksum = 'y'",
  ])
  func aDamagedModelIsFittedAnew(_ damage: String) throws {
    let company = try company()
    let (fresh, _) = company.ask("forecast 1", documents: true)
    _ = company.ask("train model demand 1", documents: true)
    let file = try DatabaseQueue(path: company.file)
    try file.writeWithoutTransaction { try $0.execute(sql: damage) }
    try file.close()
    let (again, sink) = company.ask("forecast 1", documents: true)
    #expect(column(again, "mean") == column(fresh, "mean"))
    #expect(column(again, "model").allSatisfy { $0.isNull })
    #expect(sink.warnings == ["the stored model of product 1 is damaged, so it is fitted anew"])
    #expect(column(company.ask("models").0, "status") == [.text("damaged")])
    #expect(company.ask("models show 1").1.errors.isEmpty)
    #expect(column(company.ask("train model demand 1", documents: true).0, "status") == [.text("trained")])
    #expect(company.ask("forecast 1", documents: true).1.warnings.isEmpty)
  }

  @Test func anotherReadingTakesNoModel() throws {
    let company = try company()
    _ = company.ask("train model demand 1", documents: true)
    // Company days instead of UTC days: other parameters, though the data are the same here.
    let (own, _) = company.ask("forecast 1 method poly2")
    #expect(column(own, "model").allSatisfy { $0.isNull })
    let (short, _) = company.ask("forecast 1 days 90", documents: true)
    #expect(column(short, "model").allSatisfy { $0.isNull })
    let (auto, sink) = company.ask("train model demand products [1, 2] since today - 6mo")
    #expect(sink.errors.isEmpty)
    #expect(column(auto, "status") == [.text("trained"), .text("trained")])
    #expect(column(company.ask("models").0, "product") == [.int(1), .int(1), .int(2)])
  }

  @Test func trainingIsRefused() throws {
    let company = try company()
    func error(_ statement: String) -> String { company.ask(statement).1.errors.first ?? "" }
    #expect(error("train model demand top 0").contains("`top` goes from 1"))
    #expect(error("train model demand by qty").contains("`top` is missing"))
    #expect(error("train model demand method poly2 since 2025-01-01").contains("belongs to method auto"))
    #expect(error("train model demand since 2030-01-01").contains("a day before today"))
    #expect(error("models drop").contains("not told which"))
    #expect(error("train model demand \"Mugg\"").contains("there is no product"))
    let warehouse = try Warehouse(path: company.file)
    _ = try warehouse.snapshot(named: "a")
    try warehouse.close()
    var options = SessionOptions()
    options.company = .snapshot(of: company.file, named: "a")
    let sink = RecordingSink()
    #expect(Session(options, sink: sink).run(SourceText("train model demand", name: "test")) == .runtime)
    #expect(sink.errors.first?.contains("a state of the past") == true)
  }
}
