import ErpqBase
import ErpqTables
import Testing

@testable import ErpqRendering

@Suite struct PanelTests {
  /// Six months of each of `count` categories; the amounts of category k are around 10^k.
  private func sales(_ count: Int) -> Table {
    let rows = (0..<count).flatMap { c in (0..<6).map { (category: c, month: $0) } }
    return Table([
      (
        "month",
        column(
          .period(.month),
          rows.map { .period(Period(.month, containing: day("2026-01-15").adding(days: 30 * $0.month))) })
      ),
      ("category", column(.text, rows.map { .text("c\($0.category)") })),
      (
        "amount",
        column(
          .money("EUR"), rows.map { .money(Double(($0.category + 1) * 100 + $0.month * 10), "EUR") })
      ),
      ("target", column(.money("EUR"), rows.map { .money(Double($0.category * 50 + 90), "EUR") })),
    ])
  }

  private func model(_ table: Table, _ spec: PlotSpec) throws -> (PlotModel, [PanelsModel.Panel]) {
    var builder = PlotBuilder(table, spec)
    let model = try builder.build()
    guard case .panels(let m) = model.body else { throw PlotError("no panels") }
    return (model, m.panels)
  }

  private func plane(_ panel: PanelsModel.Panel) throws -> PlaneModel {
    guard case .plane(let plane) = panel.body else { throw PlotError("no plane") }
    return plane
  }

  @Test func sharedAxesAreTheSameAndFreeOnesAreNot() throws {
    var spec = PlotSpec(kind: .line, x: "month", measures: ["amount"], by: "category")
    spec.panels = .shared
    let (shared, panels) = try model(sales(3), spec)
    #expect(shared.title == "amount (EUR) by month and category")
    #expect(panels.map(\.name) == ["c0", "c1", "c2"])
    let ranges = try panels.map { try plane($0).yRange?.1 ?? 0 }
    #expect(Set(ranges) == [350])
    spec.panels = .free
    let own = try model(sales(3), spec).1.map { try plane($0).yRange?.1 ?? 0 }
    #expect(own == [150, 250, 350])
  }

  @Test func twelveAreDrawnAndTheRestIsNamed() throws {
    var spec = PlotSpec(kind: .line, x: "month", measures: ["amount"], by: "category")
    spec.panels = .shared
    let (model, panels) = try model(sales(40), spec)
    #expect(panels.count == 12 && panels.last?.name == "c39")
    #expect(model.notes == ["12 of 40 category panels, the largest"])
  }

  @Test func panelsNeedASeries() {
    var spec = PlotSpec(kind: .line, x: "month", measures: ["amount"])
    spec.panels = .shared
    #expect(throws: PlotError.self) { try renderSVG(sales(2), spec) }
    spec = PlotSpec(kind: .heatmap, x: "month", measures: ["amount"], by: "category")
    spec.panels = .shared
    #expect(throws: PlotError.self) { try renderSVG(sales(2), spec) }
  }

  @Test func classesOfHistogramsAreCommon() throws {
    var spec = PlotSpec(kind: .hist, x: "amount", by: "category")
    spec.panels = .shared
    let planes = try model(sales(3), spec).1.map { try plane($0) }
    #expect(Set(planes.map { $0.series[0].xs }).count == 1)
    #expect(planes.map { $0.series[0].ys.reduce(0, +) } == [6, 6, 6])
  }

  @Test func eachPanelHasItsOwnMark() throws {
    var spec = PlotSpec(kind: .line, x: "month", measures: ["amount"], by: "category")
    spec.panels = .shared
    spec.marks = [PlotMark(column: "target", label: "target")]
    let references = try model(sales(3), spec).1.map { try plane($0).references }
    #expect(references.map { $0.map(\.ys) } == [[[90]], [[140]], [[190]]])
    #expect(references[0][0].label == "target")
  }

  @Test func aMarkIsALevelALineOrATick() throws {
    var spec = PlotSpec(kind: .line, x: "month", measures: ["amount"])
    spec.marks = [PlotMark(column: "target", label: "rop")]
    var builder = PlotBuilder(sales(1), spec)
    guard case .plane(let level) = try builder.build().body else { throw PlotError("no plane") }
    #expect(level.references.map(\.label) == ["rop 90"] && level.references[0].xs.isEmpty)
    #expect(level.yRange?.1 == 150)
    spec.marks = [PlotMark(column: "amount", label: "amount")]
    builder = PlotBuilder(sales(1), spec)
    guard case .plane(let line) = try builder.build().body else { throw PlotError("no plane") }
    #expect(line.references[0].xs.count == 6)
    let bars = PlotSpec(kind: .bar, x: "category", measures: ["amount"])
    var marked = bars
    marked.marks = [PlotMark(column: "target", label: "rop")]
    builder = PlotBuilder(sales(3), marked)
    guard case .bars(let ticks) = try builder.build().body else { throw PlotError("no bars") }
    #expect(ticks.marks.map(\.values) == [[90, 140, 190]])
    let text = try renderTerminal(sales(3), marked, style: TerminalStyle(width: 60, unicode: false))
    #expect(lines(text).filter { $0.hasPrefix("c") && $0.contains("#|#") }.count == 3)
  }

  @Test func aMarkOfAnotherUnitIsRefused() {
    let table = Table([
      ("date", column(.date, [.date(day("2026-01-01"))])),
      ("amount", column(.money("EUR"), [.money(1, "EUR")])),
      ("weight", column(.quantity("kg"), [.quantity(1, "kg")])),
    ])
    var spec = PlotSpec(kind: .line, x: "date", measures: ["amount"])
    spec.marks = [PlotMark(column: "weight", label: "weight")]
    #expect(
      throws: PlotError("The mark “weight” is in kg, and the axis in EUR.")
    ) { try renderSVG(table, spec) }
  }

  @Test func severalForecastsWithoutColourHavePanels() throws {
    let rows = ["a", "b"].flatMap { name in (0..<9).map { (name: name, day: $0) } }
    func values(_ value: (Int) -> Double?) -> Column {
      column(.quantity(nil), rows.map { value($0.day).map { .quantity($0, "") } ?? .null })
    }
    let table = Table([
      ("date", column(.date, rows.map { .date(day("2026-06-21").adding(days: $0.day)) })),
      ("actual", values { $0 < 5 ? Double($0 % 3) : nil }), ("mean", values { $0 < 5 ? nil : 2 }),
      ("lo80", values { $0 < 5 ? nil : 1 }), ("hi80", values { $0 < 5 ? nil : 3 }),
      ("name", column(.text, rows.map { .text($0.name) })),
    ])
    let spec = try PlotSpec.choose(for: table)
    let text = try renderTerminal(table, spec, style: TerminalStyle(width: 80))
    #expect(lines(text).contains { $0.hasPrefix("a ") && $0.hasSuffix(" b") })
    #expect(text.contains("▒") && text.contains("╎") && text.contains("actual"))
    let coloured = try renderTerminal(table, spec, style: TerminalStyle(width: 80, color: .truecolor))
    #expect(!plain(coloured).contains("actual"))
  }

  @Test func anyLookIsInTheGolden() throws {
    var text = ""
    for (name, style) in allStyles {
      var spec = PlotSpec(kind: .line, x: "month", measures: ["amount"], by: "category")
      spec.panels = .shared
      spec.marks = [PlotMark(column: "target", label: "target")]
      text += "== \(name)\n" + (try renderTerminal(sales(3), spec, style: style))
      var bars = PlotSpec(kind: .bar, x: "category", measures: ["amount"])
      bars.marks = spec.marks
      text += (try renderTerminal(sales(3), bars, style: style)) + "\n"
    }
    expectGolden(text.replacing("\u{1B}", with: "␛"), "panels")
  }
}

@Suite struct PlotLimitTests {
  /// A line of `count` points, `step` days apart.
  private func line(_ values: [Double?], step: Int) -> Table {
    Table([
      ("date", column(.date, values.indices.map { .date(day("1990-01-01").adding(days: $0 * step)) })),
      ("value", column(.number, values.map { $0.map { .number($0) } ?? .null })),
    ])
  }

  @Test func fewPointsNullsConstantsAndAnyMagnitude() throws {
    let magnitudes = [1e-300, 1e-12, 0.001, 1, 12_345, 1e9, 1e15, 1e100, 1e300]
    var cases: [[Double?]] = [[], [nil], [nil, nil, nil], [0], [0, 0], [nil, 5, nil]]
    for m in magnitudes { cases += [[m], [m, m], [-m, m], [m, nil, -m, m / 3]] }
    for values in cases {
      for step in [1, 7, 36_525] {
        let table = line(values, step: step)
        for kind in [ChartKind.line, .area, .bar, .scatter, .hist, .box] {
          let spec = PlotSpec(
            kind: kind, x: kind == .hist ? "value" : "date", measures: kind == .hist ? [] : ["value"])
          let svg = try renderSVG(table, spec)
          if let pair = overlappingTexts(svg) { Issue.record("\(kind) \(values) \(step): \(pair)") }
          for width in [20, 40, 80, 200] {
            let text = try renderTerminal(table, spec, style: TerminalStyle(width: width))
            #expect(lines(text).allSatisfy { displayWidth($0) <= width }, "\(kind) \(values)")
          }
        }
      }
    }
  }

  @Test func aMillionPoints() throws {
    let n = 1_000_000
    var random = SeededRandom(seed: 3)
    let values = (0..<n).map { _ in random.uniform() * 1000 }
    let table = Table([
      ("date", Column(.date, .days((0..<n).map { Int32($0 % 20_000) }))),
      ("value", Column(.number, .doubles(values))),
    ])
    for kind in [ChartKind.line, .scatter, .hist] {
      let spec = PlotSpec(
        kind: kind, x: kind == .hist ? "value" : "date", measures: kind == .hist ? [] : ["value"])
      let svg = try renderSVG(table, spec)
      #expect(svg.utf8.count < 40_000_000 && overlappingTexts(svg) == nil)
      _ = try renderTerminal(table, spec, style: TerminalStyle(width: 80))
    }
  }
}
