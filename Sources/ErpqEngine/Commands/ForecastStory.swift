import ErpqAnalytics
import ErpqBase

/// Why a forecast is what it is, in words and figures.
struct ForecastStory {
  let result: AutoForecast
  let change: DemandCleaning.Change
  let window: DayWindow
  /// Days of the window before the forecast.
  let cut: Int
  let id: Int64
  let name: String
  let isStored: Bool

  /// The text that `why` prints.
  var text: String {
    let first = window.first.adding(days: cut)
    var lines = ["\(name.isEmpty ? "product" : name) (\(id)): forecast from \(first)"]
    func add(_ head: String, _ text: String) {
      lines.append("  " + head + String(repeating: " ", count: Swift.max(1, 14 - head.count)) + text)
    }
    add("demand", kind)
    if result.demandClass == .none { return lines.joined(separator: "\n") + "\n" }
    for part in result.parts.prefix(5) {
      let percent = "\(Int((part.weight * 100).rounded())) %"
      var text = "\(percent) \(part.method): \(ForecastStory.names[part.method] ?? "as asked for")"
      if let error = part.error {
        text +=
          error < 1.005 ? "; the best in the backtest" : "; its error \(short(error)) times the best one's"
      }
      add(part != result.parts.first ? "" : result.parts.count > 1 ? "averaged" : "method", text)
    }
    if result.parts.count > 5 { add("", "and \(counted(result.parts.count - 5, "lesser one"))") }
    if isStored { add("model", "stored; its fit was not repeated") }
    if let a = result.accuracy, a.count > 0 {
      var text = "\(a.count) days forecast from earlier moments: off by \(short(a.mae)) a day"
      if let wape = a.wape { text += ", \(Int((wape * 100).rounded())) % of what was sold" }
      if let mase = a.mase { text += "; \(short(mase)) of the usual change from day to day (MASE)" }
      add("backtest", text)
    } else {
      add("backtest", "none: too short a history, or a method with an interval of its own")
    }
    if !change.withoutStock.isEmpty {
      let days = change.withoutStock
      let (from, to) = (window.first.adding(days: days[0]), window.first.adding(days: days[days.count - 1]))
      add(
        "without stock",
        "\(counted(days.count, "day")) between \(from) and \(to) left out: sales then tell no demand")
    }
    if let first = change.promoted.first, let last = change.promoted.last {
      let start = window.first.day + Int32(cut)
      let coming = change.promoted.filter { $0 >= start && $0 < start + Int32(result.forecast.horizon) }.count
      let when =
        first == last
        ? "on \(CivilDate(day: first))" : "between \(CivilDate(day: first)) and \(CivilDate(day: last))"
      let effect =
        first < start
        ? result.uplift.map { "sell \(short($0)) times as much" } ?? ""
        : "whose effect no earlier one tells"
      add(
        "promotions",
        "\(counted(change.promoted.count, "day")) \(when) \(effect); "
          + "\(coming == 0 ? "none" : "\(coming)") of them to come")
    }
    for bulk in change.bulk {
      add(
        "bulk order",
        "\(short(bulk.sold)) on \(window.first.adding(days: bulk.day)) read as \(short(bulk.read)), the best other day"
      )
    }
    let t = result.total
    add(
      "in all",
      "\(short(t.mean)) in \(counted(result.forecast.horizon, "day")), with 80 % confidence \(short(t.lo80)) to \(short(t.hi80))"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private var kind: String {
    switch result.demandClass {
    case .none: "none: nothing was sold in the days looked at, so nothing is expected"
    case .new: "new: sold for less than eight days"
    case .smooth: "smooth: it comes most days, in similar sizes"
    case .erratic: "erratic: it comes most days, in very different sizes"
    case .intermittent: "intermittent: it comes seldom, in similar sizes"
    case .lumpy: "lumpy: it comes seldom, in very different sizes"
    }
  }

  private static let names = [
    "ses": "recent level, exponential smoothing", "window": "mean of a long window",
    "tsb": "chance of a sale times its size", "sba": "size over interval of sales",
    "damped": "level and fading trend", "theta": "smoothing and half of the trend",
    "annual": "level, shaped like its own earlier years",
    "annual_pooled": "level, shaped like the earlier years of all", "zero": "nothing",
    "poly2": "quadratic regression on the smoothed history",
  ]

  /// Three significant digits.
  private func short(_ x: Double) -> String {
    guard x.isFinite, x != 0 else { return "0" }
    var scale = 1.0
    while x.magnitude * scale < 100, scale < 1e6 { scale *= 10 }
    let rounded = (x * scale).rounded() / scale
    return rounded == rounded.rounded() && rounded.magnitude < 1e15
      ? "\(Int64(rounded))" : "\(rounded)"
  }
}
