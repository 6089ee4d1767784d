import ErpqBase
import ErpqTables
import Testing

@testable import ErpqRendering

/// Ninety days of demand and a forecast of thirty.
let forecastTable: Table = {
  let n = 0..<120
  func wave(_ i: Int) -> Double { 20 + 6 * [0, 0.7, 0.97, 0.43, -0.43, -0.97, -0.78][i % 7] }
  func only(_ isFuture: Bool, _ f: (Int) -> Double) -> Column {
    column(.number, n.map { ($0 >= 90) == isFuture ? .number(f($0)) : .null })
  }
  var random = SeededRandom(seed: 7)
  let noise = n.map { _ in random.normal() * 3 }
  return Table([
    ("product", column(.int, n.map { _ in .int(101) })),
    ("date", column(.date, n.map { .date(day("2026-02-10").adding(days: $0)) })),
    ("actual", only(false) { max(0, wave($0) + noise[$0]) }), ("mean", only(true) { wave($0) }),
    ("lo80", only(true) { wave($0) - 4 }), ("hi80", only(true) { wave($0) + 4 }),
    ("lo95", only(true) { wave($0) - 7 }), ("hi95", only(true) { wave($0) + 7 }),
    ("method", column(.text, n.map { _ in .text("ses") })),
  ])
}()

let monthly: Table = {
  let first = Period(.month, containing: day("2025-01-01"))
  let n = 0..<36
  return Table([
    ("month", column(.period(.month), n.map { .period(first.advanced(by: $0 / 3)) })),
    ("category", column(.text, n.map { .text(["Desks", "Chairs", "Lamps"][$0 % 3]) })),
    (
      "revenue",
      column(.money("EUR"), n.map { .money(20_000 + Double($0 * 977) + Double($0 % 3) * 9000, "EUR") })
    ),
  ])
}()

let top: Table = Table([
  ("product", column(.int, (0..<5).map { .int(100 + $0) })),
  (
    "name", column(.text, ["Corner Desk", "日本語の机", "Large Cabinet <&>", "Chair", "Drawer"].map { .text($0) })
  ),
  ("revenue", column(.money("EUR"), [182_000.5, 91_000, -7_321, 4_400, 12].map { .money($0, "EUR") })),
])

let matrix: Table = Table([
  ("abc", column(.text, (0..<9).map { .text(["A", "B", "C"][$0 / 3]) })),
  ("xyz", column(.text, (0..<9).map { .text(["X", "Y", "Z"][$0 % 3]) })),
  ("n", column(.int, [5, 12, 3, 8, 40, 22, 1, 60, 312].map { .int($0) })),
])

@Suite struct PlotTests {
  @Test(arguments: allStyles) func golden(_ name: String, _ style: TerminalStyle) throws {
    var all = ""
    for (table, kind) in [
      (forecastTable, nil), (monthly, nil), (monthly, ChartKind.area), (monthly, .bar), (top, nil),
      (matrix, nil),
    ] {
      let spec = try PlotSpec.choose(for: table, kind: kind)
      all += try renderTerminal(table, spec, style: style) + "\n"
    }
    let sums = PlotSpec(kind: .line, x: "month", measures: ["revenue"], title: "Revenue", height: 6)
    all += try renderTerminal(monthly, sums, style: style) + "\n"
    for kind in [ChartKind.hist, .box, .scatter] {
      let spec = PlotSpec(
        kind: kind, x: kind == .hist ? "revenue" : kind == .box ? "category" : "month",
        measures: kind == .hist ? [] : ["revenue"], by: kind == .scatter ? "category" : nil, height: 8)
      all += try renderTerminal(monthly, spec, style: style) + "\n"
    }
    expectGolden(all, "plots-\(name)")
  }

  @Test func svgGolden() throws {
    expectGolden(try renderSVG(forecastTable, try .choose(for: forecastTable)), "forecast-svg")
    expectGolden(try renderSVG(top, try .choose(for: top)), "top-svg")
  }

  @Test func chooses() throws {
    let forecast = try PlotSpec.choose(for: forecastTable)
    #expect(forecast.kind == .line && forecast.measures == ["mean"] && forecast.history == "actual")
    #expect(forecast.bands.map(\.low) == ["lo95", "lo80"])
    let line = try PlotSpec.choose(for: monthly)
    #expect(line.kind == .line && line.x == "month" && line.measures == ["revenue"] && line.by == "category")
    let bar = try PlotSpec.choose(for: top)
    #expect(bar.kind == .bar && bar.x == "name" && bar.measures == ["revenue"])
    let heatmap = try PlotSpec.choose(for: matrix)
    #expect(heatmap.kind == .heatmap && heatmap.x == "xyz" && heatmap.by == "abc")
    let pair = Table([("a", column(.number, [.number(1)])), ("b", column(.number, [.number(1)]))])
    #expect(try PlotSpec.choose(for: pair).kind == .scatter)
    #expect(try PlotSpec.choose(for: pair.selecting(["a"])).kind == .hist)
    let pivoted = Table([
      ("abc", column(.text, [.text("A"), .text("B")])), ("X", column(.int, [.int(1), .int(2)])),
      ("Y", column(.int, [.int(3), .int(4)])),
    ])
    let wide = try PlotSpec.choose(for: pivoted, kind: .heatmap)
    #expect(wide.by == "abc" && wide.measures == ["X", "Y"] && wide.x == nil)
    let sweep = Table([
      ("lead_time", column(.int, (0..<6).map { .int(3 + $0 / 2) })),
      ("safety_days", column(.int, (0..<6).map { .int($0 % 2) })),
      ("stock_value", column(.money(nil), (0..<6).map { .money(Double($0), "") })),
    ])
    let swept = try PlotSpec.choose(for: sweep, x: "lead_time", measures: ["stock_value"], by: "safety_days")
    #expect(swept.kind == .line)
    #expect(
      try renderTerminal(
        sweep, PlotSpec(kind: .line, x: "lead_time", measures: ["stock_value"]), style: .init()
      )
      .contains("stock_value summed over the rows at one lead_time"))
  }

  @Test func mistakesAreSentences() throws {
    #expect(throws: PlotError("There is no column “revenu” to plot; did you mean revenue?")) {
      try PlotSpec.choose(for: monthly, measures: ["revenu"])
    }
    #expect(throws: PlotError.self) { try PlotSpec.choose(for: monthly, measures: ["category"]) }
    #expect(throws: PlotError.self) {
      try renderSVG(monthly, PlotSpec(kind: .line, x: "month", measures: ["nope"]))
    }
    #expect(throws: PlotError.self) {
      try renderSVG(monthly, PlotSpec(kind: .line, x: "month", measures: ["category"]))
    }
    #expect(throws: PlotError.self) { try renderSVG(monthly, PlotSpec(kind: .heatmap)) }
    #expect(throws: PlotError.self) { try PlotSpec.choose(for: Table(Schema([]), [])) }
    let cancellation = Cancellation()
    cancellation.cancel()
    Cancellation.$current.withValue(cancellation) {
      #expect(throws: PlotError.interrupted) {
        try renderTerminal(monthly, PlotSpec(kind: .line, x: "month", measures: ["revenue"]), style: .init())
      }
    }
  }

  @Test func niceTicks() {
    #expect(
      NumberAxis(low: 0, high: 97, count: 5, unit: .none).ticks.map(\.label) == [
        "0", "20", "40", "60", "80", "100",
      ])
    #expect(
      NumberAxis(low: 0, high: 0.3, count: 3, unit: .none).ticks.map(\.label) == ["0", "0.1", "0.2", "0.3"])
    #expect(
      NumberAxis(low: 0, high: 41_000, count: 4, unit: .none).ticks.map(\.label) == [
        "0", "20k", "40k", "60k",
      ])
    #expect(NumberAxis(low: 5, high: 5, count: 4, unit: .none).ticks.count >= 2)
    func time(_ a: String, _ b: String, _ extent: Double, _ finest: PeriodUnit = .day) -> [String] {
      TimeTicks.ticks(
        low: Double(day(a).day), high: Double(day(b).day), extent: extent, finest: finest, hasClock: false,
        most: 14,
        gap: 2, measure: { Double($0.count) }
      ).map { $0.label + ($0.context.isEmpty ? "" : "/" + $0.context) }
    }
    #expect(time("2026-01-01", "2026-01-05", 60) == ["1 Jan/2026", "2 Jan", "3 Jan", "4 Jan", "5 Jan"])
    #expect(time("2025-11-20", "2026-03-10", 40) == ["Dec/2025", "Jan/2026", "Feb", "Mar"])
    #expect(time("2024-01-01", "2026-01-01", 60, .quarter).first == "Q1/2024")
    #expect(time("1920-01-01", "2020-01-01", 60) == ["1920", "1940", "1960", "1980", "2000", "2020"])
    // Ends that are no calendar steps are named themselves.
    #expect(time("2026-01-06", "2026-01-07", 30, .month) == ["2026-01-06", "2026-01-07"])
    #expect(time("2026-01-06", "2026-01-06", 30) == ["2026-01-06"])
  }

  @Test func aMillionPoints() throws {
    let n = 1_000_000
    var random = SeededRandom(seed: 3)
    let table = Table([
      ("x", Column(.number, .doubles((0..<n).map { _ in random.uniform() }))),
      ("y", Column(.number, .doubles((0..<n).map { _ in random.uniform() }))),
    ])
    for kind in [ChartKind.scatter, .hist, .line] {
      let spec = PlotSpec(kind: kind, x: "x", measures: kind == .hist ? [] : ["y"])
      #expect(try !renderTerminal(table, spec, style: .init()).isEmpty)
      #expect(try renderSVG(table, spec).utf8.count < 6_000_000)
    }
  }
}
