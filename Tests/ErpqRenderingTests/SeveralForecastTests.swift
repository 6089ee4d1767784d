import ErpqBase
import ErpqTables
import Testing

@testable import ErpqRendering

@Suite struct SeveralForecastTests {
  /// Ten days of history and five of forecast for each of `names`.
  private func forecasts(_ names: [String]) -> Table {
    let rows = names.flatMap { name in (0..<15).map { (name: name, day: $0) } }
    func values(_ value: ((name: String, day: Int)) -> Double?) -> Column {
      column(.quantity(nil), rows.map { value($0).map { .quantity($0, "") } ?? .null })
    }
    return Table([
      ("date", column(.date, rows.map { .date(day("2026-06-21").adding(days: $0.day)) })),
      ("actual", values { $0.day < 10 ? Double($0.day % 3) : nil }),
      ("mean", values { $0.day < 10 ? nil : 2 }),
      ("lo80", values { $0.day < 10 ? nil : 1 }), ("hi80", values { $0.day < 10 ? nil : 3 }),
      ("method", column(.text, rows.map { $0.day < 10 ? .null : .text($0.name == "a" ? "ma7" : "ses") })),
      ("name", column(.text, rows.map { .text($0.name) })),
    ])
  }

  private func plane(_ table: Table) throws -> (PlotModel, PlaneModel) {
    var builder = PlotBuilder(table, try PlotSpec.choose(for: table))
    let model = try builder.build()
    guard case .plane(let plane) = model.body else { throw PlotError("no plane") }
    return (model, plane)
  }

  @Test func eachHasItsHistoryAndItsBand() throws {
    let (model, plane) = try plane(forecasts(["a", "b"]))
    #expect(model.title == "Forecast by name, units a day")
    #expect(plane.series.map(\.name) == ["a", "b", "a", "b"])
    #expect(plane.series.map(\.isPast) == [false, false, true, true])
    #expect(plane.bands.map(\.color) == [0, 1] && plane.bands.map(\.label) == ["80%", ""])
    #expect(plane.boundary == Double(day("2026-07-01").day))
  }

  @Test func manyHaveNoBands() throws {
    let (_, plane) = try plane(forecasts(["a", "b", "c", "d", "e"]))
    #expect(plane.bands.isEmpty && plane.series.filter(\.isPast).count == 5)
  }

  @Test func oneIsNamed() throws {
    let (model, plane) = try plane(forecasts(["Corner Desk"]))
    #expect(model.title == "Forecast: Corner Desk, units a day")
    #expect(plane.series.map(\.name) == ["actual", "mean"])
  }

  @Test func whatIsStackedAddsUp() throws {
    let names = (0..<10).map { "c\($0)" }
    let table = Table([
      (
        "date",
        column(.date, names.flatMap { _ in [Value.date(day("2026-01-01")), .date(day("2026-01-02"))] })
      ),
      ("name", column(.text, names.flatMap { [.text($0), .text($0)] })),
      ("amount", column(.money("EUR"), (0..<20).map { .money(Double($0 + 1), "EUR") })),
    ])
    var builder = PlotBuilder(
      table, try PlotSpec.choose(for: table, kind: .area, measures: ["amount"], by: "name"))
    guard case .plane(let plane) = try builder.build().body else { throw PlotError("no plane") }
    #expect(plane.series.count == 8 && plane.series.last?.name == "other (3)")
    #expect(plane.series.last?.ys == [100, 110] && builder.notes.isEmpty)
  }

  @Test func monthsOverNarrowCellsAreShort() throws {
    let (_, heads) = try heads(["2025-12", "2026-01", "2026-02"])
    #expect(heads.map(\.label) == ["Dec", "Jan", "Feb"] && heads.map(\.context) == ["2025", "2026", ""])
  }

  private func heads(_ months: [String]) throws -> (HeatmapModel, [(label: String, context: String)]) {
    let periods = months.map { Value.period(Period(.month, containing: day($0 + "-01"))) }
    let table = Table([
      ("month", column(.period(.month), periods + periods)),
      ("kind", column(.text, months.map { _ in .text("a") } + months.map { _ in .text("b") })),
      ("n", column(.int, (0..<months.count * 2).map { .int(Int64($0)) })),
    ])
    var builder = PlotBuilder(
      table, try PlotSpec.choose(for: table, kind: .heatmap, x: "month", measures: ["n"], by: "kind"))
    guard case .heatmap(let model) = try builder.build().body else { throw PlotError("no heatmap") }
    return (model, model.shortColumns)
  }
}
