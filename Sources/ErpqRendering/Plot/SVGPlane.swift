import ErpqBase

/// Lines, points, areas and columns under two axes, in pixels.
struct SVGPlane {
  let model: PlaneModel
  let unitNote: String
  /// Where texts may stand, from left to right.
  let limits: (left: Double, right: Double)

  func draw(_ svg: inout SVGDocument, _ outer: SVGFrame) {
    guard !model.isEmpty, let (xLow, xHigh) = model.xRange, let (yLow, yHigh) = model.yRange else {
      svg.text(outer.left, outer.top + 20, "No values to draw.", class: "muted")
      return
    }
    var frame = outer
    let hasName: Bool = if case .number = model.xScale { !model.xName.isEmpty } else { false }
    let y = NumberAxis(
      low: yLow, high: yHigh, count: max(2, min(10, Int((outer.bottom - outer.top) / 48))), unit: model.yUnit)
    frame.left += y.ticks.reduce(0) { max($0, SVGDocument.textWidth($1.label)) } + 8
    frame.right -= 14
    if !unitNote.isEmpty {
      svg.text(outer.left, frame.top + 2, unitNote, class: "muted")
      frame.top += 14
    }
    frame.right = max(frame.right, frame.left + 40)
    let place = Place(frame: frame, xLow: xLow, xHigh: xHigh, y: y)
    let ticks = self.ticks(place)
    let hasContext = ticks.contains { !$0.context.isEmpty }
    frame.bottom -= 22 + (hasContext ? 16 : 0) + (hasName ? 16 : 0)
    frame.bottom = max(frame.bottom, frame.top + 20)
    let at = Place(frame: frame, xLow: xLow, xHigh: xHigh, y: y)
    var lowest = Double.infinity
    for tick in y.ticks {
      svg.line(
        frame.left, at.y(tick.value), frame.right, at.y(tick.value), class: tick.value == 0 ? "axis" : "grid")
      guard at.y(tick.value) <= lowest - 13 else { continue }
      lowest = at.y(tick.value)
      svg.text(frame.left - 8, at.y(tick.value) + 4, tick.label, class: "muted", anchor: "end")
    }
    for band in model.bands {
      svg.path(outline(band.xs, band.low, band.high, at), class: "band f\(band.color % Ink.palette.count)")
    }
    for reference in model.references { draw(reference, &svg, at) }
    for (i, series) in model.series.enumerated().reversed() { draw(series, i, &svg, at) }
    if let boundary = model.boundary {
      svg.line(at.x(boundary), frame.top, at.x(boundary), frame.bottom, class: "mark")
    }
    svg.line(frame.left, frame.bottom, frame.right, frame.bottom, class: "axis")
    labels(ticks, &svg, at)
    if hasName {
      svg.text(
        frame.right, frame.bottom + 36 + (hasContext ? 16 : 0),
        SVGDocument.cut(model.xName, to: frame.right - frame.left), class: "muted", anchor: "end")
    }
  }

  /// From data to pixels.
  private struct Place {
    let frame: SVGFrame
    let xLow: Double
    let xHigh: Double
    let y: NumberAxis

    func x(_ value: Double) -> Double {
      let share = xHigh > xLow ? fraction(value, from: xLow, to: xHigh) : 0.5
      return frame.left + max(0, min(1, share)) * (frame.right - frame.left)
    }

    func y(_ value: Double) -> Double {
      let share = fraction(value, from: y.low, to: y.high)
      return frame.bottom - max(0, min(1, share)) * (frame.bottom - frame.top)
    }
  }

  private func draw(_ series: PlaneModel.Series, _ index: Int, _ svg: inout SVGDocument, _ at: Place) {
    let n = (series.color ?? 0) % Ink.palette.count
    switch series.mark {
    case .line, .area:
      if series.mark == .area {
        let base = series.base.isEmpty ? series.ys.map { $0.isNaN ? .nan : 0 } : series.base
        svg.path(outline(series.xs, base, series.ys, at), class: "area f\(n)")
      }
      let stroke = series.color == nil ? "past thin" : "s\(n)" + (series.isPast ? " faint" : "")
      svg.path(trace(series.xs, series.ys, at), class: "line " + stroke)
      for i in series.ys.indices where isAlone(i, series.ys) {
        svg.circle(
          at.x(series.xs[i]), at.y(series.ys[i]), 2.5, class: series.color == nil ? "pastfill" : "f\(n)")
      }
    case .points:
      // Points that would cover each other are drawn once.
      let grain = series.xs.count > 20_000 ? 2.0 : 0.5
      var seen = Set<Int>()
      for (x, y) in zip(series.xs, series.ys) where !x.isNaN && !y.isNaN {
        let (px, py) = ((at.x(x) / grain).rounded(), (at.y(y) / grain).rounded())
        guard seen.insert(Int(px) << 24 | Int(py)).inserted else { continue }
        svg.circle(px * grain, py * grain, series.xs.count > 2000 ? 1.6 : 2.8, class: "points f\(n)")
      }
    case .columns:
      let slot = at.x(at.xLow + model.columnWidth) - at.x(at.xLow)
      // Groups of columns stand apart.
      let margin = model.series.count > 1 ? slot * 0.08 : 0
      let full = max(1, slot - 2 * margin)
      let part = full / Double(model.series.count)
      // Months differ in length; classes of numbers stand close.
      let isTime = if case .time = model.xScale { true } else { false }
      let gap = part > 4 ? min(isTime ? 8 : 3, part * 0.15) : 0
      for (x, y) in zip(series.xs, series.ys) where !y.isNaN && y != 0 {
        let left = at.x(x - model.columnWidth / 2) + margin + part * Double(index)
        let (top, bottom) = (at.y(max(0, y)), at.y(min(0, y)))
        svg.rect(left + gap / 2, top, max(0.5, part - gap), max(0.5, bottom - top), class: "f\(n)")
      }
    }
  }

  /// Whether a value has gaps on both sides, so that no line passes through it.
  private func isAlone(_ i: Int, _ ys: [Double]) -> Bool {
    !ys[i].isNaN && (i == 0 || ys[i - 1].isNaN) && (i + 1 == ys.count || ys[i + 1].isNaN)
  }

  /// The points of a curve; where many fall on one pixel, its first, least, greatest and last.
  private func thinned(_ xs: [Double], _ ys: [Double], _ at: Place) -> [(x: Double, y: Double)] {
    let points = xs.indices.map { (x: at.x(xs[$0]), y: ys[$0].isNaN ? Double.nan : at.y(ys[$0])) }
    guard points.count > Int(at.frame.right - at.frame.left) * 4 else { return points }
    var out: [(x: Double, y: Double)] = []
    var i = 0
    while i < points.count {
      let pixel = points[i].x.rounded()
      var j = i
      var least = i
      var most = i
      while j < points.count, points[j].x.rounded() == pixel, points[j].y.isNaN == points[i].y.isNaN {
        if points[j].y < points[least].y { least = j }
        if points[j].y > points[most].y { most = j }
        j += 1
      }
      for k in Set([i, least, most, j - 1]).sorted() { out.append(points[k]) }
      i = j
    }
    return out
  }

  private func trace(_ xs: [Double], _ ys: [Double], _ at: Place) -> String {
    var data = ""
    var isOpen = false
    for point in thinned(xs, ys, at) {
      guard !point.y.isNaN else {
        isOpen = false
        continue
      }
      data += (isOpen ? "L" : "M") + SVGDocument.number(point.x) + " " + SVGDocument.number(point.y)
      isOpen = true
    }
    return data
  }

  /// The outline between two curves, one ring for each stretch without a gap.
  private func outline(_ xs: [Double], _ low: [Double], _ high: [Double], _ at: Place) -> String {
    var data = ""
    var i = 0
    while i < xs.count {
      guard !low[i].isNaN, !high[i].isNaN else {
        i += 1
        continue
      }
      var j = i
      while j < xs.count, !low[j].isNaN, !high[j].isNaN { j += 1 }
      let upper = thinned(Array(xs[i..<j]), Array(high[i..<j]), at)
      let lower = thinned(Array(xs[i..<j]), Array(low[i..<j]), at)
      var step = "M"
      for point in upper + lower.reversed() {
        data += step + SVGDocument.number(point.x) + " " + SVGDocument.number(point.y)
        step = "L"
      }
      data += "Z"
      i = j
    }
    return data
  }

  private func draw(_ reference: PlaneModel.Reference, _ svg: inout SVGDocument, _ at: Place) {
    let style = "ref" + (reference.color.map { " s\($0 % Ink.palette.count)" } ?? "")
    if reference.xs.isEmpty {
      for y in reference.ys { svg.line(at.frame.left, at.y(y), at.frame.right, at.y(y), class: style) }
    } else {
      svg.path(trace(reference.xs, reference.ys, at), class: style)
    }
  }

  private func labels(_ ticks: [Tick], _ svg: inout SVGDocument, _ at: Place) {
    var edges = [-Double.infinity, -Double.infinity]
    for tick in ticks {
      let x = at.x(tick.value)
      svg.line(x, at.frame.bottom, x, at.frame.bottom + 4, class: "axis")
      for (row, text) in [tick.label, tick.context].enumerated() where !text.isEmpty {
        let half = SVGDocument.textWidth(text) / 2
        guard 2 * half + 4 <= limits.right - limits.left else { continue }
        let center = max(limits.left + half + 2, min(limits.right - half - 2, x))
        guard center - half >= edges[row] + 4 else { continue }
        edges[row] = center + half
        svg.text(center, at.frame.bottom + 18 + Double(row) * 16, text, class: "muted", anchor: "middle")
      }
    }
  }

  private func ticks(_ at: Place) -> [Tick] {
    let extent = at.frame.right - at.frame.left
    switch model.xScale {
    case .time(let finest, let hasClock):
      return TimeTicks.ticks(
        low: at.xLow, high: at.xHigh, extent: extent, finest: finest, hasClock: hasClock, most: 14, gap: 14,
        measure: SVGDocument.textWidth)
    case .number(let unit):
      guard at.xHigh > at.xLow else {
        return [Tick(value: at.xLow, label: NumberAxis.labels([at.xLow], step: 1, unit: unit)[0])]
      }
      return NumberAxis(
        low: at.xLow, high: at.xHigh, count: max(2, Int(extent / 90)), unit: unit, isExact: true
      ).ticks
    case .category(let names):
      let every = max(1, names.count / max(1, Int(extent / 60)))
      let room = extent / Double(max(1, min(names.count, 10)))
      return stride(from: 0, to: names.count, by: every).map {
        Tick(value: Double($0), label: SVGDocument.cut(names[$0], to: max(30, room - 6)))
      }.filter { $0.value >= at.xLow && $0.value <= at.xHigh }
    }
  }
}
