import ErpqBase
import ErpqTables
import Foundation
import Testing

@testable import ErpqRendering

/// Compares a text with the file of that name; `ERPQ_WRITE_GOLDEN=1` writes the files anew.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Golden/\(name).txt")
  if ProcessInfo.processInfo.environment["ERPQ_WRITE_GOLDEN"] == "1" {
    try? text.write(to: file, atomically: true, encoding: .utf8)
    return
  }
  let wanted = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  #expect(text == wanted, "differs from Golden/\(name).txt", sourceLocation: sourceLocation)
}

/// The text without escape codes of colours.
func plain(_ text: String) -> String {
  var out = ""
  var inCode = false
  for scalar in text.unicodeScalars {
    if scalar == "\u{1b}" {
      inCode = true
    } else if inCode {
      if scalar == "m" { inCode = false }
    } else {
      out.unicodeScalars.append(scalar)
    }
  }
  return out
}

/// Lines of a text that ends with a newline.
func lines(_ text: String) -> [String] {
  text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
}

func column(_ type: ValueType, _ values: [Value]) -> Column { Column(type, values: values) }

func day(_ text: String) -> CivilDate { CivilDate(iso: text) ?? CivilDate(day: 0) }

/// Twelve products with every kind of column and the texts that break layouts.
let stock: Table = {
  let names = [
    "Corner Desk", "Desk\tOrganizer", "日本語の机 とても長い名前の商品", "Café 👩‍💻 chair 🇩🇪", "null", "·", "",
    "Large Cabinet with drawers and very long descriptive text\nsecond line", "\u{1b}[31mred", "ẹ́é", "z",
    "Acoustic Bloc Screens",
  ]
  let n = 0..<12
  return Table(
    Schema([
      Field("product", .int), Field("sku", .text), Field("name", .text), Field("on_hand", .number),
      Field("stock_value", .money("EUR")), Field("margin", .percent), Field("last_sale", .date),
      Field("days_cover", .duration(.time)), Field("trend", .list(.number), "sparkline"),
      Field("tags", .list(.text)), Field("urgency", .text), Field("active", .bool),
    ]),
    [
      column(.int, n.map { .int(10_001 + Int64($0)) }), column(.text, n.map { .text("E-COM\($0)") }),
      column(.text, n.map { .text(names[$0]) }),
      column(.number, n.map { $0 == 3 ? .null : .number(Double($0) * 1234.5 - 3000) }),
      column(.money("EUR"), n.map { .money(Double($0 * $0) * 1999.999 - 100, "EUR") }),
      column(.percent, n.map { .percent(Double($0) / 37) }),
      column(.date, n.map { .date(CivilDate(day: Int32(20_000 + $0))) }),
      column(.duration(.time), n.map { .duration(.days(Double($0) * 1.17)) }),
      column(.list(.number), n.map { k in .list((0..<20).map { .number(Double(($0 * 7 + k * 3) % 11)) }) }),
      column(.list(.text), n.map { .list([.text("a"), .text("b\($0)")]) }),
      column(.text, n.map { .text(["HIGH", "MEDIUM", "LOW"][$0 % 3]) }),
      column(.bool, n.map { .bool($0 % 2 == 0) }),
    ])
}()

let allStyles: [(String, TerminalStyle)] = [40, 80, 200].flatMap { width in
  [("color", ColorDepth.ansi256), ("plain", .none)].flatMap { look, color in
    [("utf8", true), ("ascii", false)].map { set, unicode in
      ("\(width)-\(look)-\(set)", TerminalStyle(width: width, height: 24, color: color, unicode: unicode))
    }
  }
}
