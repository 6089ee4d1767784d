import ErpqOdoo
import Foundation

/// `erpq-bench-odoo json|xml FILE RUNS`: seconds of processor time that reading an answer into columns takes, the
/// best of so many runs, and a sum over the rows so that both sides show the same work.
@main
enum Main {
  static let fields = [
    WireField("id", .id), WireField("order_id", .id), WireField("product_id", .id),
    WireField("product_uom_qty", .number), WireField("qty_delivered", .number),
    WireField("price_subtotal", .number), WireField("state", .text), WireField("create_date", .datetime),
  ]

  static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let runs = Int(arguments[3]), runs > 0,
      let data = FileManager.default.contents(atPath: arguments[2])
    else {
      print("usage: erpq-bench-odoo json|xml FILE RUNS")
      exit(2)
    }
    let body = ResponseBody([UInt8](data))
    var best = Double.infinity
    var page = try read(arguments[1], body)
    for _ in 0..<runs {
      let start = processorTime()
      page = try read(arguments[1], body)
      best = min(best, processorTime() - start)
    }
    var sum = 0.0
    if case .doubles(let values) = page.table.columns[5].storage { for value in values { sum += value } }
    let megabytes = Double(body.count) / 1e6
    print(
      "\(arguments[1]) \(page.count) records, \(String(format: "%.1f", megabytes)) MB: "
        + "\(String(format: "%.4f", best)) s, \(String(format: "%.0f", megabytes / best)) MB/s, sum \(sum)")
  }

  static func read(_ kind: String, _ body: ResponseBody) throws -> WirePage {
    kind == "xml" ? try AnswerReading.xml(body, fields) : try AnswerReading.json(body, fields)
  }
}
