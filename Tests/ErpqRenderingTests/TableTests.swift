import ErpqBase
import ErpqTables
import Testing

@testable import ErpqRendering

@Suite struct TableTests {
  @Test(arguments: allStyles) func golden(_ name: String, _ style: TerminalStyle) {
    expectGolden(TableRenderer(style: style, maxRows: 8).render(stock), "stock-\(name)")
  }

  /// Nobody waits for the drawing of a table that is not wanted any more.
  @Test(arguments: [false, true]) func anInterruptionEndsTheDrawing(_ expanded: Bool) {
    let cancel = Cancellation()
    cancel.cancel()
    Cancellation.$current.withValue(cancel) {
      #expect(TableRenderer(style: TerminalStyle(width: 40), expanded: expanded).render(stock).isEmpty)
    }
  }

  @Test func expandedGolden() {
    let style = TerminalStyle(width: 40)
    let renderer = TableRenderer(style: style, maxRows: 3, expanded: true)
    expectGolden(renderer.render(stock), "stock-expanded-40")
  }

  @Test func footerNamesOnlyWhatWasCut() {
    func footer(_ maxRows: Int?, _ width: Int, _ table: Table = stock) -> String {
      lines(TableRenderer(style: TerminalStyle(width: width), maxRows: maxRows).render(table)).last ?? ""
    }
    #expect(footer(nil, 300) == "12 rows")
    #expect(footer(9, 300) == "9 of 12 rows")
    #expect(footer(nil, 120) == "10 of 12 columns")
    #expect(footer(9, 120) == "9 of 12 rows, 10 of 12 columns")
    let one = Table([("qty", column(.int, [.int(5)]))])
    #expect(footer(nil, 80, one) == "1 row")
    #expect(footer(nil, 80, Table(empty: stock.schema)) == "0 rows, 8 of 12 columns")
    #expect(
      TableRenderer(style: TerminalStyle()).render(Table(Schema([]), [], rowCount: 2))
        == "2 rows, no columns\n")
  }

  @Test func cutRowsShowBothEnds() {
    let table = Table([("n", column(.int, (1...100).map { .int($0) }))])
    let text = lines(TableRenderer(style: TerminalStyle(), maxRows: 6).render(table))
    #expect(
      text[3...].map { $0.trimmingCharacters(in: " ") } == [
        "1", "2", "3", "4", "⋮", "99", "100", "6 of 100 rows",
      ])
  }

  @Test func wideCutsNothing() {
    let text = TableRenderer(style: TerminalStyle(width: 20), wide: true).render(stock)
    #expect(!text.contains("…"))
    #expect(text.contains("second line"))
  }

  @Test func keysAndLastColumnsStay() {
    let text = lines(TableRenderer(style: TerminalStyle(width: 50)).render(stock))
    #expect(text[0].hasPrefix("product  …  name"))
    #expect(text[0].hasSuffix("last_sale   days_cover"))
    // With a little more room comes the verdict, then the code.
    let roomy = lines(TableRenderer(style: TerminalStyle(width: 68)).render(stock))[0]
    #expect(roomy.contains("urgency") && !roomy.contains("sku"))
    #expect(lines(TableRenderer(style: TerminalStyle(width: 80)).render(stock))[0].hasPrefix("product  sku"))
  }

  @Test func numbersOfAColumnLineUp() {
    func cells(_ name: String, _ type: ValueType, _ values: [Value]) -> [String] {
      let all = lines(TableRenderer(style: TerminalStyle()).render(Table([(name, column(type, values))])))
      return all.dropFirst(3).dropLast().map { $0.trimmingCharacters(in: " ") }
    }
    #expect(
      cells("x", .number, [.number(12681.2345), .number(3), .number(0.5)]) == ["12,681.2", "3.0", "0.5"])
    #expect(cells("x", .number, [.number(1000.001), .number(1000.002)]) == ["1,000.001", "1,000.002"])
    #expect(cells("x", .number, [.number(1), .number(200_000)]) == ["1", "200,000"])
    #expect(cells("p_value", .number, [.number(0.0123456)]) == ["0.01235"])
    #expect(cells("year", .int, [.int(2026)]) == ["2026"])
    #expect(cells("units", .int, [.int(2026)]) == ["2,026"])
    #expect(cells("a", .money("JPY"), [.money(1234, "JPY")]) == ["1,234"])
    #expect(cells("a", .money("EUR"), [.money(-0.001, "EUR"), .money(2, "EUR")]) == ["-0.001", "2.000"])
    #expect(cells("a", .percent, [.percent(0.5), .percent(0.123)]) == ["50.0%", "12.3%"])
    #expect(
      cells("a", .duration(.time), [.duration(.days(4.7)), .duration(.days(30))]) == ["4.7d", "30.0d"])
    #expect(cells("a", .duration(.months), [.duration(.init(amount: 18, family: .months))]) == ["18mo"])
    #expect(cells("a", .number, [.number(.nan), .number(-.infinity)]) == ["nan", "-inf"])
    #expect(cells("a", .number, [.number(1e300)]) == ["1e+300"])
  }

  @Test func nullIsNoText() {
    let table = Table([("t", column(.text, [.null, .text("·"), .text("null"), .text("")]))])
    #expect(lines(TableRenderer(style: TerminalStyle()).render(table))[3...6] == ["·", "\"·\"", "null", ""])
    let ascii = TableRenderer(style: TerminalStyle(unicode: false)).render(table)
    #expect(lines(ascii)[3...6] == ["null", "·", "\"null\"", ""])
  }

  @Test func scalars() {
    let r = TableRenderer(style: TerminalStyle())
    #expect(r.render(.money(1234.5, "EUR")) == "1,234.50 EUR")
    #expect(r.render(.percent(0.95)) == "95.0%")
    #expect(r.render(.number(12681.2345)) == "12,681.2345")
    #expect(r.render(.number(-.leastNonzeroMagnitude)).hasPrefix("-"))
    #expect(r.render(.list([.int(1), .text("a\u{1b}[31m\n")])) == "[1, a\\x1b[31m␊]")
    #expect(r.render(.duration(.days(4.7))) == "4.7d")
    #expect(r.render(.int(.min)) == "-9,223,372,036,854,775,808")
    #expect(TableRenderer(style: TerminalStyle(color: .ansi16)).render(.int(-3)) == "\u{1b}[31m-3\u{1b}[0m")
  }

  /// Whatever the table and the width: no line is too long and nothing can steer the terminal.
  @Test func linesNeverExceedTheWidth() {
    var random = SeededRandom(seed: 11)
    let pieces = ["a", "日本", "e\u{301}", "👩‍💻", "\t", "\u{1b}", " ", "long", "\u{202e}", "🇩🇪", "\u{0}", "\n"]
    for round in 0..<400 {
      let rows = random.below(6)
      let columns = (0..<(1 + random.below(12))).map { i -> (Field, Column) in
        func text() -> String {
          (0..<random.below(12)).map { _ in pieces[random.below(pieces.count)] }.joined()
        }
        let values = (0..<rows).map { _ -> Value in
          switch (i + round) % 6 {
          case 0: .int(Int64(random.below(1_000_000)) - 500_000)
          case 1: .number(random.normal() * 1e3)
          case 2: random.below(4) == 0 ? .null : .text(text())
          case 3: .date(CivilDate(day: Int32(random.below(40_000))))
          case 4: .list((0..<random.below(30)).map { _ in .number(random.uniform()) })
          default: .text(text() + text() + text())
          }
        }
        let types: [ValueType] = [.int, .number, .text, .date, .list(.number), .text]
        let field = Field(
          i == 0 ? "product" : "c\(i)" + text(), types[(i + round) % 6], round % 2 == 0 ? "sparkline" : "")
        return (field, column(field.type, values))
      }
      let table = Table(Schema(columns.map(\.0)), columns.map(\.1), rowCount: rows)
      let width = 1 + random.below(120)
      let style = TerminalStyle(
        width: width, color: [.none, .truecolor][random.below(2)], unicode: random.below(3) > 0)
      for expanded in [false, true] where !expanded || width >= 8 {
        let text = TableRenderer(style: style, maxRows: 4, expanded: expanded).render(table)
        for line in lines(plain(text)) {
          // A row that counts itself is one word.
          #expect(displayWidth(line) <= max(width, expanded ? 26 : 1), "\(width): \(line)")
          #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
        }
      }
    }
  }
}

extension String {
  func trimmingCharacters(in set: String) -> String {
    var s = Substring(self)
    while let c = s.first, set.contains(c) { s = s.dropFirst() }
    while let c = s.last, set.contains(c) { s = s.dropLast() }
    return String(s)
  }
}
