import ErpqBase
import ErpqFiles
import ErpqTables
import Testing

@testable import ErpqRendering

/// Bars, totals and verdicts, in the terminal and in documents.
@Suite struct ReportTests {
  private let orders: Table = Table(
    Schema([
      Field("name", .text), Field("action", .text), Field("status", .text),
      Field("gap", .quantity(nil), "bars"),
      Field("cost", .money("EUR"), isAdditive: true), Field("margin", .percent), Field("due", .date),
    ]),
    [
      column(.text, [.text("Corner | Desk"), .text("A <b>\nlamp"), .null]),
      column(.text, [.text("ORDER NOW"), .text("MONITOR"), .text("OK")]),
      column(.text, [.text("out_of_stock"), .text("low"), .text("adequate")]),
      column(.quantity(nil), [.quantity(-40, ""), .quantity(80, ""), .null]),
      column(.money("EUR"), [.money(1234.5, "EUR"), .money(-20, "EUR"), .money(0, "EUR")]),
      column(.percent, [.percent(0.125), .percent(-0.02), .null]),
      column(.date, [.date(day("2026-07-01")), .null, .date(day("2026-07-03"))]),
    ]
  ).showing(totals: [
    .text("total"), .null, .null, .quantity(40, ""), .money(1214.5, "EUR"), .null, .null,
  ])

  @Test func anyLookIsInTheGolden() {
    var text = ""
    for (name, style) in allStyles {
      text += "== \(name)\n" + TableRenderer(style: style).render(orders) + "\n"
    }
    text += "== in a pipe\n" + TableRenderer(style: TerminalStyle(width: 10_000)).render(orders)
    text += "\n== expanded\n" + TableRenderer(style: TerminalStyle(width: 40), expanded: true).render(orders)
    expectGolden(text.replacing("\u{1B}", with: "␛"), "report")
  }

  @Test func documentsAreInTheGolden() throws {
    let columns = TableRenderer.documentColumns(orders)
    let text =
      try TableWriter.string {
        try TableWriter.markdown(orders, columns: columns, width: { displayWidth($0) }, to: $0)
      } + "\n" + TableWriter.string { try TableWriter.html(orders, columns: columns, to: $0) }
    expectGolden(text, "documents")
  }

  @Test func everyLineOfATableIsAsWideAsItsRule() {
    for width in [80, 120, 200] {
      let text = lines(TableRenderer(style: TerminalStyle(width: width)).render(orders))
      #expect(text.dropLast().allSatisfy { displayWidth($0) <= width })
      #expect(text[2] == text[6])
    }
  }

  @Test func barsAreToScale() {
    let bars = DataBars([10, 5, -5, nil, 0], width: 15, unicode: false)
    #expect(bars.text(10) == "     ##########" && bars.text(5) == "     #####")
    #expect(bars.text(-5) == "#####" && bars.text(nil) == "" && bars.text(0) == "")
    #expect(DataBars([1e300, -1e300], width: 10, unicode: true).text(1e300) == "     █████")
    #expect(DataBars([1e-300], width: 4, unicode: true).text(1e-300) == "████")
    #expect(DataBars.share(-5, of: [10, nil, -5]) == -0.5)
  }

  @Test func verdictsOfAStockAndOfAnUrgency() {
    #expect(CellFormatter.severity(.text("low"), isStatus: true) == .warning)
    #expect(CellFormatter.severity(.text("LOW"), isStatus: false) == .calm)
    #expect(CellFormatter.severity(.text("out_of_stock"), isStatus: true) == .alarm)
    #expect(CellFormatter.severity(.text("hello"), isStatus: true) == .plain)
  }

  @Test func helpIsFoldedUnderItsColumn() {
    #expect(
      folded("short\n  where     keeps the rows for which a condition holds\n", width: 30)
        == "short\n  where     keeps the rows for\n            which a condition\n            holds\n")
    #expect(folded("  one two three four", width: 12) == "  one two\n    three\n    four")
    #expect(folded("unbreakableandlong", width: 5) == "unbreakableandlong")
    for width in 1...40 {
      let text = folded("  name   some words 日本 that go on, and on\n\n    more of them", width: width)
      #expect(text.filter { $0 != " " && $0 != "\n" } == "namesomewords日本thatgoon,andonmoreofthem")
    }
  }
}
