import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// The rows of a `forecast`, gathered origin by origin and product by product.
struct ForecastRows {
  private let request: ForecastRequest
  private let facts: DemandFacts
  private let cleaning: DemandCleaning
  private let context: RunContext
  private let names: [String]
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
  private var demand: [Value] = []
  private var results: [Int64: ForecastStory] = [:]
  /// What was cleaned for the last origin, a product.
  private var changes: [DemandCleaning.Change] = []
  /// The days without stock of the whole window, those held out included, a product.
  private var gaps: [[Int]] = []

  init(_ request: ForecastRequest, _ facts: DemandFacts, _ cleaning: DemandCleaning, _ context: RunContext) {
    self.request = request
    self.facts = facts
    names = facts.texts("name")
    self.cleaning = cleaning
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
    if request.holdout != nil {
      gaps = facts.ids.indices.map { cleaning.history($0, before: facts.window.count).change.withoutStock }
    }
    // Products in their order, the days of each in theirs.
    parts.sort { ($0.row, $0.cut) < ($1.row, $1.cut) }
    for part in parts { add(part.row, part.cut, part.result, part.model) }
  }

  /// All products at once, by the automatic method.
  private mutating func together(_ cut: Int, _ steps: Int, _ settings: PanelSettings) throws -> PanelForecast
  {
    let (panel, changes) = cleaning.panel(before: cut)
    self.changes = changes
    let context = context
    return try PanelForecaster.forecast(panel, horizon: steps, settings: settings) { done, total in
      context.progress?(WorkProgress("forecast", done: Double(done), of: Double(total)))
    }
  }

  /// One product after the other, by a method or its stored models.
  private mutating func each(
    _ cut: Int, _ steps: Int, _ body: (Int, AutoForecast, Int64?) -> Void
  ) throws {
    let isFuture = request.holdout == nil && request.clean == "none"
    let known = isFuture ? try DemandModel.fitting(request.choice, facts, context) : [:]
    changes = []
    let cancel = Cancellation.current
    let n = Double(facts.ids.count)
    for row in facts.ids.indices {
      try cancel.check()
      if row & 63 == 0 {
        context.progress?(WorkProgress("forecast", done: Double(row), of: n, unit: "products"))
      }
      let (values, change) = cleaning.history(row, before: cut)
      changes.append(change)
      var result = Forecaster.forecast(values, horizon: steps, choice: request.choice)
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
      demand.append(.distribution(t.distribution))
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
    results[id] = ForecastStory(
      result: result, change: changes[row], window: facts.window, cut: cut, id: id,
      name: names[row], isStored: model != nil)
    guard request.holdout != nil else { return }
    let y = facts.quantity.row(row)
    let before = y[..<cut].drop { $0 == 0 }
    let scale = Accuracy.changes(Array(before))
    // What was sold without stock says nothing of demand, so nothing of the forecast either.
    let silent = Set(gaps[row])
    for h in 0..<count {
      held[0].append(silent.contains(cut + h) ? .nan : y[cut + h])
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
    if request.isTotal { out.append(Column(.distribution, .values(demand))) }
    out += [Column.texts(methods), Column(.percent, .doubles(weights)), Column.texts(classes)]
    let isRegression = if case .method(.poly2) = request.choice { true } else { false }
    if isRegression { out += [Column.texts(models), Column(.int, values: stored)] }
    var fields =
      request.isTotal
      ? ForecastCommand.totalFields(ofRegression: isRegression)
      : ForecastCommand.fields(ofRegression: isRegression)
    if request.holdout != nil {
      fields += ForecastCommand.heldFields
      out += [
        Column.doubles(.quantity(nil), held[0].map { $0.isNaN ? nil : $0 }),
        Column(.quantity(nil), .doubles(held[1])),
        Column(.int, .ints(steps)), Column(.quantity(nil), .doubles(held[2])),
        Column(.quantity(nil), .doubles(held[3])),
      ]
    }
    note()
    let results = results
    return ResultTable(
      Table(Schema(fields), out), history: request.isTotal ? nil : history(),
      reasons: Reasons(key: "product") { key in
        if case .int(let id) = key { results[id]?.text } else { nil }
      })
  }

  /// Says what was not read as demand.
  private func note() {
    let gaps = changes.filter { !$0.withoutStock.isEmpty }
    let bulk = changes.reduce(0) { $0 + $1.bulk.count }
    var parts: [String] = []
    if !gaps.isEmpty {
      let days = gaps.reduce(0) { $0 + $1.withoutStock.count }
      parts.append(
        "\(counted(days, "day")) without stock"
          + (facts.ids.count > 1 ? " of \(counted(gaps.count, "product"))" : "") + " left out")
    }
    if bulk > 0 { parts.append("\(counted(bulk, "bulk order")) cut to the best other day") }
    guard !parts.isEmpty else { return }
    context.sink?.note("cleaned: \(parts.joined(separator: ", ")); `clean none` reads every day as it is")
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
