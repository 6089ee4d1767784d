import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// The rows of a `forecast`, gathered origin by origin and product by product.
struct ForecastRows {
  private let request: ForecastRequest
  private let facts: DemandFacts
  private let context: RunContext
  private var products: [Int64] = []
  private var days: [Int32] = []
  private var lastDays: [Int32] = []
  /// mean, median, lo80, hi80, lo95, hi95.
  private var columns = [[Double]](repeating: [], count: 6)
  private var methods: [String] = []
  private var models: [String] = []
  private var stored: [Value] = []
  private var weights: [Double] = []
  private var classes: [String] = []
  /// actual, naive, change, change_rms.
  private var held = [[Double]](repeating: [], count: 4)
  private var steps: [Int64] = []
  private var stories: [Int64: String] = [:]

  init(_ request: ForecastRequest, _ facts: DemandFacts, _ context: RunContext) {
    self.request = request
    self.facts = facts
    self.context = context
  }

  /// Forecasts from every origin.
  mutating func fill() throws {
    var parts: [(row: Int, cut: Int, result: AutoForecast, model: Int64?)] = []
    for (cut, steps) in request.origins {
      switch request.choice {
      case .auto(let settings):
        let forecast = try together(cut, steps, settings)
        for row in facts.ids.indices {
          parts.append((row, cut, forecast.automatic(row), nil))
        }
      case .method: try each(cut, steps) { parts.append(($0, cut, $1, $2)) }
      }
    }
    // Products in their order, the days of each in theirs.
    parts.sort { ($0.row, $0.cut) < ($1.row, $1.cut) }
    for part in parts { add(part.row, part.cut, part.result, part.model) }
  }

  /// All products at once, by the automatic method.
  private func together(_ cut: Int, _ steps: Int, _ settings: PanelSettings) throws -> PanelForecast {
    var series: [[Double]] = []
    series.reserveCapacity(facts.ids.count)
    facts.quantity.forEachRow { _, y in series.append(Array(y[..<cut])) }
    let panel = SeriesPanel(
      frequency: .daily, series: series,
      firstStep: Array(repeating: Int(facts.window.first.day), count: series.count),
      category: categories)
    let context = context
    return try PanelForecaster.forecast(panel, horizon: steps, settings: settings) { done, total in
      context.progress?(WorkProgress("forecast", done: Double(done), of: Double(total)))
    }
  }

  /// The category of each product as a number; empty where none is known.
  private var categories: [Int32] {
    guard let column = facts.products["category"] else { return [] }
    var codes: [Value: Int32] = [:]
    return facts.ids.indices.map { row in
      let value = column[row]
      let code = codes[value] ?? Int32(codes.count)
      codes[value] = code
      return code
    }
  }

  /// One product after the other, by a method or its stored models.
  private func each(_ cut: Int, _ steps: Int, _ body: (Int, AutoForecast, Int64?) -> Void) throws {
    let known = request.holdout == nil ? try DemandModel.fitting(request.choice, facts, context) : [:]
    let cancel = Cancellation.current
    let n = Double(facts.ids.count)
    try facts.quantity.forEachRow { row, y in
      try cancel.check()
      if row & 63 == 0 {
        context.progress?(WorkProgress("forecast", done: Double(row), of: n, unit: "products"))
      }
      var result = Forecaster.forecast(Array(y[..<cut]), horizon: steps, choice: request.choice)
      if let model = known[row] {
        result.forecast = model.model.forecast(horizon: steps, z: Poly2Settings().z)
      }
      body(row, result, known[row]?.id)
    }
  }

  private mutating func add(_ row: Int, _ cut: Int, _ result: AutoForecast, _ model: Int64?) {
    let f = result.forecast
    let id = facts.ids[row]
    let count = request.isTotal ? 1 : f.horizon
    let first = facts.window.first.day + Int32(cut)
    if request.isTotal {
      let t = result.total
      for (i, v) in [t.mean, t.median, t.lo80, t.hi80, t.lo95, t.hi95].enumerated() { columns[i].append(v) }
      days.append(first)
      lastDays.append(first + Int32(f.horizon) - 1)
    } else {
      for (i, values) in [f.mean, f.median, f.lo80, f.hi80, f.lo95, f.hi95].enumerated() {
        columns[i].append(contentsOf: values)
      }
      for h in 0..<count { days.append(first + Int32(h)) }
    }
    products.append(contentsOf: repeatElement(id, count: count))
    methods.append(contentsOf: repeatElement(f.method, count: count))
    models.append(contentsOf: repeatElement(f.modelType.rawValue, count: count))
    stored.append(contentsOf: repeatElement(model.map { .int($0) } ?? .null, count: count))
    weights.append(contentsOf: repeatElement(result.parts.first?.weight ?? 1, count: count))
    classes.append(contentsOf: repeatElement(result.demandClass.rawValue, count: count))
    stories[id] = ForecastStory.text(result, from: CivilDate(day: first), product: id)
    guard request.holdout != nil else { return }
    let y = facts.quantity.row(row)
    let before = y[..<cut].drop { $0 == 0 }
    let scale = Accuracy.changes(Array(before))
    for h in 0..<count {
      held[0].append(y[cut + h])
      held[1].append(Swift.max(0, before.last ?? 0))
      held[2].append(scale.mean)
      held[3].append(scale.rootMeanSquare)
      steps.append(Int64(h + 1))
    }
  }

  /// The rows, with the history for a picture and the reasons for `why`.
  func result() -> ResultTable {
    var out: [Column] = [Column(.int, .ints(products)), Column(.date, .days(days))]
    if request.isTotal { out.append(Column(.date, .days(lastDays))) }
    out += columns.map { Column(.quantity(nil), .doubles($0)) }
    out += [
      Column.texts(methods), Column.texts(models), Column(.int, values: stored),
      Column(.percent, .doubles(weights)), Column.texts(classes),
    ]
    var fields = request.isTotal ? ForecastCommand.totalFields : ForecastCommand.fields
    if request.holdout != nil {
      fields += ForecastCommand.heldFields
      out += [
        Column(.quantity(nil), .doubles(held[0])), Column(.quantity(nil), .doubles(held[1])),
        Column(.int, .ints(steps)), Column(.quantity(nil), .doubles(held[2])),
        Column(.quantity(nil), .doubles(held[3])),
      ]
    }
    let stories = stories
    return ResultTable(
      Table(Schema(fields), out), history: request.isTotal ? nil : history(),
      reasons: Reasons(key: "product") { key in
        if case .int(let id) = key { stories[id] } else { nil }
      })
  }

  /// The days before the forecast that its picture shows: three times the horizon, at least eight weeks.
  private func history() -> Table? {
    guard facts.ids.count <= 12 else { return nil }
    let end = request.origins.first?.cut ?? facts.window.count
    let shown = Swift.min(end, Swift.max(56, (facts.window.count - end + request.horizon) * 3))
    var products: [Int64] = []
    var days: [Int32] = []
    var actual: [Double] = []
    var labels: [String] = []
    let names = facts.products["name"]
    facts.quantity.forEachRow { row, y in
      let label = if case .text(let text)? = names?[row] { text } else { "product \(facts.ids[row])" }
      for i in end - shown..<end {
        labels.append(label)
        products.append(facts.ids[row])
        days.append(facts.window[i].day)
        actual.append(y[i])
      }
    }
    return Table([
      ("product", Column(.int, .ints(products))), ("date", Column(.date, .days(days))),
      ("name", Column.texts(labels)), ("actual", Column(.quantity(nil), .doubles(actual))),
    ])
  }
}

/// Why a forecast is what it is, in sentences.
enum ForecastStory {
  static func text(_ result: AutoForecast, from day: CivilDate, product: Int64) -> String {
    var lines: [String] = []
    let kinds: [DemandClass: String] = [
      .none: "nothing was sold in the days looked at, so the forecast is zero",
      .new: "the product has sold for less than eight days",
      .smooth: "demand is smooth: it comes most days, in similar sizes",
      .erratic: "demand is erratic: it comes most days, in very different sizes",
      .intermittent: "demand is intermittent: it comes seldom, in similar sizes",
      .lumpy: "demand is lumpy: it comes seldom, in very different sizes",
    ]
    lines.append("product \(product) from \(day): \(kinds[result.demandClass] ?? "")")
    if result.demandClass != .none {
      let parts = result.parts.prefix(4).map { part in
        "\(Int((part.weight * 100).rounded())) % \(names[part.method] ?? part.method)"
      }
      lines.append(
        (result.parts.count > 1 ? "averaged: " : "method: ") + parts.joined(separator: ", ")
          + (result.parts.count > 4 ? " and others" : ""))
    }
    if let a = result.accuracy, a.count > 0 {
      var sentence = "at earlier moments it was off by \(short(a.mae)) a day on average"
      if let wape = a.wape { sentence += ", \(Int((wape * 100).rounded())) % of what was sold" }
      if let mase = a.mase { sentence += "; \(short(mase)) times the day-to-day change" }
      lines.append(sentence)
    }
    let t = result.total
    lines.append(
      "over the whole horizon: \(short(t.mean)), and with 80 % confidence \(short(t.lo80)) to \(short(t.hi80))")
    return lines.joined(separator: "\n")
  }

  private static let names = [
    "ses": "recent level (exponential smoothing)", "window": "mean of a long window",
    "tsb": "chance of a sale × its size (TSB)", "sba": "size ÷ interval of sales (SBA)",
    "damped": "level and fading trend", "theta": "theta", "annual": "shape of its own earlier years",
    "annual_pooled": "shape of earlier years, all products together",
  ]

  /// Three significant digits.
  private static func short(_ x: Double) -> String {
    guard x.isFinite, x != 0 else { return "0" }
    var scale = 1.0
    while x.magnitude * scale < 100, scale < 1e6 { scale *= 10 }
    let rounded = (x * scale).rounded() / scale
    return rounded == rounded.rounded() && rounded.magnitude < 1e15
      ? "\(Int64(rounded))" : "\(rounded)"
  }
}
