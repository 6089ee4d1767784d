import ErpqBase
import ErpqTables
import Testing

@testable import ErpqRendering

@Suite struct PlotPropertyTests {
  /// Any data under any chart: a drawing within its bounds or a sentence, never a crash.
  @Test func neverCrashes() throws {
    var random = SeededRandom(seed: 5)
    let magnitudes = [
      0, Double.leastNonzeroMagnitude, 1e-300, 1e-9, 0.01, 1, 1e3, 1e6, 1e15, 1e100, 1e300, 1.7e308,
      .infinity, .nan,
    ]
    for round in 0..<1500 {
      let n = [0, 1, 2, 3, 10, 60][random.below(6)]
      let magnitude = magnitudes[random.below(magnitudes.count)]
      let shape = random.below(4)
      func number() -> Double {
        switch shape {
        case 0: magnitude
        case 1: magnitude * (random.uniform() - 0.5)
        case 2: magnitude * random.uniform() + 1
        default: random.below(2) == 0 ? magnitude : -magnitude
        }
      }
      let nulls = [0, 3, 1][random.below(3)]
      func maybe(_ value: Value) -> Value { nulls > 0 && random.below(nulls) == 0 ? .null : value }
      let spread = [1, 2, 40, 400, 36_525, 3_000_000][random.below(6)]
      let texts = ["a", "", "日本語の机", "<&>\"'", "\u{1b}[31m", "a long name of a product that is cut"]
      let types: [ValueType] = [.number, .money("EUR"), .percent, .duration(.time), .quantity("kg"), .int]
      let table = Table([
        (
          "date",
          column(.date, (0..<n).map { _ in maybe(.date(CivilDate(day: Int32(random.below(spread))))) })
        ),
        (
          "when",
          column(
            .datetime,
            (0..<n).map { _ in
              maybe(.datetime(Instant(microseconds: Int64(random.below(spread)) * 1_000_003)))
            })
        ),
        (
          "month",
          column(
            .period(.month),
            (0..<n).map { _ in
              maybe(.period(Period(.month, containing: CivilDate(day: Int32(random.below(spread))))))
            })
        ),
        ("name", column(.text, (0..<n).map { _ in maybe(.text(texts[random.below(texts.count)])) })),
        ("group", column(.int, (0..<n).map { _ in maybe(.int(Int64(random.below(12)))) })),
        (
          "a",
          column(
            types[round % 6],
            (0..<n).map { _ in
              maybe(round % 6 == 5 ? .int(random.below(2) == 0 ? .max : .min) : .number(number()))
            })
        ),
        ("mean", column(.number, (0..<n).map { _ in maybe(.number(number())) })),
        ("lo95", column(.number, (0..<n).map { _ in maybe(.number(number())) })),
        ("hi95", column(.number, (0..<n).map { _ in maybe(.number(number())) })),
        ("actual", column(.number, (0..<n).map { _ in maybe(.number(number())) })),
        ("none", Column.nulls(.null, count: n)),
      ])
      let axes = ["date", "when", "month", "name", "group", "a", "none"]
      var spec = PlotSpec(
        kind: ChartKind.allCases[random.below(7)], x: axes[random.below(axes.count)],
        measures: [["a"], ["a", "mean"], ["mean"], []][random.below(4)],
        by: [nil, "name", "group"][random.below(3)],
        width: [nil, 1, 25, 300][random.below(4)], height: [nil, 1, 5, 400][random.below(4)])
      if random.below(5) == 0, let chosen = try? PlotSpec.choose(for: table) { spec = chosen }
      if random.below(4) == 0 { spec.panels = random.below(2) == 0 ? .shared : .free }
      if random.below(4) == 0 { spec.marks = [PlotMark(column: "mean", label: "<level>")] }
      let width = 1 + random.below(200)
      let style = TerminalStyle(
        width: width, height: 1 + random.below(60), color: [.none, .ansi16, .truecolor][random.below(3)],
        unicode: random.below(3) > 0)
      do throws(PlotError) {
        let text = try renderTerminal(table, spec, style: style)
        for line in lines(plain(text)) {
          #expect(displayWidth(line) <= max(20, spec.width ?? width), "round \(round) \(spec): \(line)")
        }
        let svg = try renderSVG(table, spec)
        #expect(isWellFormed(svg), "round \(round) \(spec)")
        #expect(!svg.contains("nan") && !svg.contains("inf\""), "round \(round)")
        checkBounds(svg, "round \(round) \(spec)")
        if let pair = overlappingTexts(svg) { Issue.record("round \(round) \(spec): \(pair)") }
      } catch {
        #expect(error.message.hasSuffix(".") && !error.message.isEmpty)
      }
    }
  }

  /// Whether tags are balanced and text holds no bare `<` or `&` or control characters.
  private func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      let before = rest[..<start]
      guard isText(before), let end = rest[start...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        guard let last = open.popLast(), last == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " && $0 != "\n" })
      }
      guard tag.filter({ $0 == "\"" }).count % 2 == 0, isText(tag) else { return false }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty
  }

  private func isText(_ text: Substring) -> Bool {
    var parts = text.split(separator: "&", omittingEmptySubsequences: false)
    parts.removeFirst()
    return parts.allSatisfy { part in ["amp;", "lt;", "gt;", "quot;", "#39;"].contains { part.hasPrefix($0) }
    }
      && text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }
  }

  /// Every placed element begins inside the drawing, and labels do not run out at the left.
  private func checkBounds(_ svg: String, _ context: String) {
    func attribute(_ name: String, _ tag: Substring) -> Double? {
      guard let range = tag.firstRange(of: " \(name)=\"") else { return nil }
      return Double(tag[range.upperBound...].prefix { $0 != "\"" })
    }
    guard let first = svg.split(separator: ">").first, let width = attribute("width", first),
      let height = attribute("height", first)
    else {
      Issue.record("no size: \(context)")
      return
    }
    for tag in svg.split(separator: "<") where !tag.hasPrefix("svg") {
      for name in ["x", "x1", "x2", "cx"] {
        if let x = attribute(name, tag) { #expect(x >= -0.1 && x <= width + 0.1, "\(context): \(tag)") }
      }
      for name in ["y", "y1", "y2", "cy"] {
        if let y = attribute(name, tag) { #expect(y >= -0.1 && y <= height + 0.1, "\(context): \(tag)") }
      }
    }
  }
}
