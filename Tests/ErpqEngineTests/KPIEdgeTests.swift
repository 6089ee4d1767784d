import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation
import Testing

@testable import ErpqEngine

/// The twenty edge cases that every metric runs through: never a crash, never NaN, and no null without its reason.
@Suite struct KPIEdgeTests {
  /// A company as an ERP's files; each list is the rows behind its header.
  struct Fixture: Sendable, CustomTestStringConvertible {
    var name: String
    var zone = "Europe/Paris"
    /// id, name, type, active, price, cost, on hand, created, lead time
    var products = ["1,Mug,product,true,10,6,20,2025-01-01,5", "2,Cup,product,true,20,9,5,2025-01-01,"]
    /// id, partner, state, date, currency, rate, promised, delivered
    var orders: [String] = []
    /// order, product, qty, delivered, price, discount
    var lines: [String] = []
    /// product, qty, date, state, kind
    var moves: [String] = []
    /// order and line: id, product, ordered, planned, received, qty, received qty, price
    var purchases: [String] = []
    var expected: [String: Double?] = [:]
    var testDescription: String { name }
  }

  static let today = CivilDate(day: 20_269)  // 2025-06-30 is the day before

  static func order(
    _ id: Int, _ day: String, state: String = "sale", currency: String = "EUR", rate: String = "1"
  )
    -> String
  {
    "\(id),1,\(state),\(day),\(currency),\(rate),\(day),\(day)"
  }

  static let fixtures: [Fixture] = [
    Fixture(
      name: "1 empty period", orders: [order(1, "2025-01-10 10:00:00")], lines: ["1,1,2,2,10,0"],
      expected: ["revenue": nil, "orders": 0, "average_order_value": nil]),
    Fixture(
      name: "2 nothing before, then sales", orders: [order(1, "2025-06-20 10:00:00")],
      lines: ["1,1,2,2,10,0"],
      expected: ["revenue": 20, "revenue_growth_pct": nil]),
    Fixture(
      name: "3 all refunds", orders: [order(1, "2025-06-20 10:00:00")], lines: ["1,1,-2,-2,10,0"],
      expected: ["revenue": -20, "return_pct": nil, "average_price": 10]),
    Fixture(
      name: "4 partial delivery, backorder and return",
      orders: [order(1, "2025-06-10 10:00:00"), order(2, "2025-06-15 10:00:00")],
      lines: ["1,1,10,6,10,0", "2,1,-1,-1,10,0"],
      expected: ["fulfilment_pct": 60, "backorder_pct": 100, "otif_pct": 0, "units_sold": 9]),
    Fixture(
      name: "5 a currency without a rate",
      orders: [order(1, "2025-06-10 10:00:00"), order(2, "2025-06-10 10:00:00", currency: "USD", rate: "")],
      lines: ["1,1,1,1,10,0", "2,1,1,1,1000,0"], expected: ["revenue": 10]),
    Fixture(
      name: "6 half an hour before midnight, local time",
      orders: [
        order(1, "2025-05-31 21:30:00"), order(2, "2025-05-31 22:30:00"), order(3, "2025-06-30 21:30:00"),
      ],
      lines: ["1,1,1,1,10,0", "2,1,1,1,100,0", "3,1,1,1,1000,0"], expected: ["revenue": 1100]),
    Fixture(
      name: "7 a kit that is not stocked",
      products: ["1,Mug,product,true,10,6,20,2025-01-01,5", "3,Set,consu,true,50,30,0,2025-01-01,"],
      orders: [order(1, "2025-06-10 10:00:00")], lines: ["1,3,1,1,50,0"],
      expected: ["revenue": 50, "out_of_stock_count": 0]),
    Fixture(
      name: "8 an order of services only",
      products: ["1,Mug,product,true,10,6,20,2025-01-01,5", "4,Advice,service,true,80,0,0,2025-01-01,"],
      orders: [order(1, "2025-06-10 10:00:00")], lines: ["1,4,1,0,80,0"],
      expected: ["revenue": 80, "gross_margin_pct": nil]),
    Fixture(
      name: "9 an archived product with history",
      products: ["1,Mug,product,false,10,6,20,2025-01-01,5"], orders: [order(1, "2025-06-10 10:00:00")],
      lines: ["1,1,1,1,10,0"], expected: ["revenue": 10, "active_products": 0]),
    Fixture(
      name: "10 variants of one name",
      products: ["1,Mug,product,true,10,6,20,2025-01-01,5", "2,Mug,product,true,12,6,2,2025-01-01,5"],
      orders: [order(1, "2025-06-10 10:00:00")], lines: ["1,1,1,1,10,0", "1,2,1,1,12,0"],
      expected: ["revenue": 22, "active_products": 2]),
    Fixture(
      name: "11 fractions of a unit", orders: [order(1, "2025-06-10 10:00:00")],
      lines: ["1,1,0.25,0.25,10,0"],
      expected: ["revenue": 2.5, "average_price": 10]),
    Fixture(
      name: "12 an order and its return on one day",
      orders: [order(1, "2025-06-10 10:00:00"), order(2, "2025-06-10 11:00:00")],
      lines: ["1,1,1,1,10,0", "2,1,-1,-1,10,0"],
      expected: ["revenue": 0, "units_sold": 0, "average_price": nil, "discount_pct": 0]),
    Fixture(
      name: "13 a locked order", orders: [order(1, "2025-06-10 10:00:00", state: "done")],
      lines: ["1,1,1,1,10,0"],
      expected: ["revenue": 10, "orders": 1]),
    Fixture(
      name: "14 no cost at all", products: ["1,Mug,product,true,10,,20,2025-01-01,5"],
      orders: [order(1, "2025-06-10 10:00:00")], lines: ["1,1,1,1,10,0"],
      expected: ["revenue": 10, "gross_margin_pct": nil, "no_cost_count": 1]),
    Fixture(
      name: "15 no stock figures", products: ["1,Mug,product,true,10,6,,2025-01-01,5"],
      orders: [order(1, "2025-06-10 10:00:00")], lines: ["1,1,1,1,10,0"], expected: ["revenue": 10]),
    Fixture(
      name: "16 negative stock", products: ["1,Mug,product,true,10,6,-3,2025-01-01,5"],
      orders: [order(1, "2025-06-10 10:00:00")], lines: ["1,1,1,1,10,0"],
      expected: ["negative_products_count": 1, "stock_value": -18, "inventory_turns": nil]),
    Fixture(
      name: "17 a sale without a movement", orders: [order(1, "2025-06-10 10:00:00")],
      lines: ["1,1,4,4,10,0"],
      expected: ["revenue": 40, "stock_value": 165]),
    Fixture(
      name: "18 movements that cancel out", orders: [order(1, "2025-06-10 10:00:00")],
      lines: ["1,1,1,1,10,0"],
      moves: ["1,5,2025-06-11 10:00:00,done,inventory_out", "1,5,2025-06-11 10:00:00,done,inventory_in"],
      expected: ["shrinkage_pct": 0, "stock_value": 165]),
    Fixture(
      name: "19 free lines and quotations",
      orders: [order(1, "2025-06-10 10:00:00"), order(2, "2025-06-10 10:00:00", state: "draft")],
      lines: ["1,1,1,1,0,0", "2,1,9,0,10,0"],
      expected: [
        "revenue": 0, "orders": 1, "gross_margin_pct": nil, "discount_pct": nil, "quote_conversion_pct": 50,
      ]),
    Fixture(
      name: "20 a period shorter than the lead time", orders: [order(1, "2025-06-29 10:00:00")],
      lines: ["1,1,1,1,10,0"],
      purchases: ["501,1,2025-04-01 10:00:00,2025-06-01 10:00:00,2025-06-28 10:00:00,10,10,6"],
      expected: ["revenue": 10, "lead_time_days": 88]),
  ]

  static func session(_ f: Fixture, documents: Bool) throws -> ConformanceSession {
    let folder = NSTemporaryDirectory() + "erpq-kpi-edge-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    func join(_ header: String, _ rows: [String]) -> String {
      ([header] + rows).joined(separator: "\n") + "\n"
    }
    let lines = f.lines.enumerated().map { "\($0 + 1)," + $1 }
    let moves = f.moves.enumerated().map { "\($0 + 1)," + $1 }
    let purchases = f.purchases.map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let products = f.products.map { row in
      let c = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return "\(c[0]),\(c[1]),\(c[2]),\(c[3]),\(c[4]),\(c[5]),\(c[6]),\(c[6]),\(c[7]) 10:00:00,\(c[8])"
    }
    let files = [
      "meta.json": "{\"company_currency\": \"EUR\", \"company_tz\": \"\(f.zone)\"}",
      "products.csv": join(
        "id,name,type,active,list_price,standard_price,qty_available,virtual_available,create_date,lead_time_days",
        products),
      "sale_orders.csv": join(
        "id,partner_id,state,date_order,currency,currency_rate,commitment_date,effective_date", f.orders),
      "sale_order_lines.csv": join(
        "id,order_id,product_id,product_uom_qty,qty_delivered,price_unit,discount", lines),
      "stock_moves.csv": join("id,product_id,product_qty,date,state,picking_code", moves),
      "purchase_orders.csv": join(
        "id,partner_id,state,date_order,date_planned,effective_date",
        purchases.map { "\($0[0]),9,done,\($0[2]),\($0[3]),\($0[4])" }),
      "purchase_order_lines.csv": join(
        "id,order_id,product_id,product_qty,qty_received,price_unit,date_planned",
        purchases.map { "1\($0[0]),\($0[0]),\($0[1]),\($0[5]),\($0[6]),\($0[7]),\($0[3])" }),
    ]
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
    return try ConformanceSession(
      loading: folder, asOf: CivilDate(year: 2025, month: 6, day: 30), documents: documents)
  }

  @Test(arguments: fixtures) func everyMetricRunsThrough(_ fixture: Fixture) throws {
    for documents in [false, true] {
      let rows = try KPIEdgeTests.session(fixture, documents: documents).rows("kpi all days 30")
      #expect(rows.count > 100)
      for row in 0..<rows.count {
        let metric = rows.text("metric", row) ?? ""
        let value = rows.number("value", row)
        if let value {
          #expect(value.isFinite, "\(metric)")
        } else {
          #expect(rows.text("reason", row) != nil, "\(metric) is null without a reason")
        }
        if documents { continue }
        if let expected = fixture.expected[metric] {
          if let expected {
            #expect(
              value.map { abs($0 - expected) < 1e-9 } == true, "\(metric): \(value.map { "\($0)" } ?? "null")"
            )
          } else {
            #expect(value == nil, "\(metric): \(value.map { "\($0)" } ?? "")")
          }
        }
      }
      for name in fixture.expected.keys {
        #expect((0..<rows.count).contains { rows.text("metric", $0) == name }, "there is no metric \(name)")
      }
    }
  }

  /// The library has no mistake of its own: every metric binds, except for commands that another version has.
  @Test func everyMetricBinds() throws {
    let rows = try KPIEdgeTests.session(KPIEdgeTests.fixtures[3], documents: false).rows("kpi all days 30")
    for row in 0..<rows.count {
      let reason = rows.text("reason", row) ?? ""
      #expect(
        !reason.hasPrefix("cannot be computed") || reason.contains("there is no command"),
        "\(rows.text("metric", row) ?? ""): \(reason)")
    }
  }

  @Test func codesAndNamesAreUnique() throws {
    let rows = try KPIEdgeTests.session(KPIEdgeTests.fixtures[0], documents: false).rows("kpi catalog")
    #expect(rows.count >= 100)
    #expect(Set(rows.texts("code")).count == rows.count)
    #expect(Set(rows.texts("metric")).count == rows.count)
    #expect(rows.texts("about").count == rows.count)
  }
}
