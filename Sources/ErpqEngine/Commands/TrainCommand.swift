import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `train model demand top 50 by qty`: fits, judges and stores models of demand (R035–R039).
enum TrainCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("name", .text, "the product's name"),
    Field("status", .text, "trained or skipped"), Field("method", .text, "the method"),
    Field("model_type", .text, "what was fitted in fact"),
    Field("model", .int, "the stored model's number; null when skipped"),
    Field("version", .int, "1 for the first model, one more for each on other data"),
    Field("sale_days", .int, "days of the history with positive net sales"),
    Field("mae", .quantity(nil), "mean absolute error in sample, of the smoothed history"),
    Field("mape", .percent, "mean absolute percentage error in sample; days of zero are left out"),
    Field("smape", .percent, "symmetric percentage error in sample, 0 to 200 %"),
    Field("grade", .text, "excellent below 10 % smape, good to 20 %, acceptable to 50 %, else poor"),
    Field("held_mae", .quantity(nil), "mean absolute error of the last 30 days, held out"),
    Field("held_smape", .percent, "symmetric percentage error of the same days"),
    Field("wape", .percent, "sum of absolute errors of the same days over their sales"),
    Field("mase", .number, "their mean absolute error over that of the naive forecast"),
    Field("reason", .text, "why it was skipped; else empty"),
  ]

  static let spec = CommandSpec(
    "train model demand", group: "Demand",
    "Fits models of demand, judges them and stores them in the company file.",
    help: """
      A model belongs to a product, the data it was fitted to and the parameters of the method; `forecast` takes it \
      while all three are the same and fits anew when they are not. `top 50 by qty` takes the products that sold \
      most over the last 90 days. With method `poly2` (the default under `use erpconnect`) products with fewer than \
      14 days of sales are skipped. Errors in sample are those of the fitted, smoothed history; the held-out ones are \
      of the last 30 days, forecast from the days before. The forecast of the next 30 days is kept in `forecast_log`.
      """,
    searchWords: ["learn", "fit", "retrain", "machine learning", "model", "nightly", "accuracy"],
    parameters: [
      ParameterSpec(
        "product", .record("product"), position: 0, "which product, or a list; all active ones if left out"),
      ParameterSpec("products", .record("product"), "the same"),
      ParameterSpec(
        "top", .value(.int), in: 1...1_000_000,
        "only the products that sold most over the last 90 days, so many"),
      ParameterSpec("by", .word(["revenue", "qty"]), default: .text("revenue"), "what `top` goes by"),
      ParameterSpec(
        "method", .word(["auto", "poly2"]), "how to forecast; the best by backtest if left out"),
      ParameterSpec("since", .value(.date), "learn from this day on, for method auto; 3 years if left out"),
    ] + FactFilters.records.filter { ["category", "supplier"].contains($0.name) },
    examples: [
      Example("train model demand top 5 by qty method poly2", "the nightly training of the documents"),
      Example(
        "train model demand products [101, 102] since today - 2y | select product, method, wape, mase | sort wape",
        "which method is best for two products, and how good it is"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  /// Days that sales are ranked by, and days held out.
  private static let rankDays = 90
  private static let heldDays = 30

  private static func choice(_ a: Arguments, _ context: RunContext) -> ForecastChoice {
    a.text("method").flatMap { ForecastChoice(named: $0) } ?? context.settings.forecast
  }

  private static func window(_ a: Arguments, _ context: RunContext, _ choice: ForecastChoice) throws
    -> DayWindow
  {
    let yesterday = context.today.adding(days: -1)
    if case .method(.poly2(let settings)) = choice {
      if a.isGiven("since") {
        throw Diagnostic(
          .unknownParameter, "`since` belongs to method auto", at: a.span("since"),
          label: "poly2 learns from the last \(settings.lookback) days")
      }
      return DayWindow(last: yesterday, count: settings.lookback + heldDays)
    }
    guard let since = a.date("since") else { return DayWindow(last: yesterday, count: 1096) }
    let count = Int(yesterday.day) - Int(since.day) + 1
    guard count >= 1, count <= 36_525 else {
      throw Diagnostic(
        .outOfRange, "`since` is a day before today, at most a century ago", at: a.span("since"),
        label: "today is \(context.today)")
    }
    return DayWindow(last: yesterday, count: count)
  }

  static let command = Command(
    spec,
    plan: { a, context in
      let choice = choice(a, context)
      return try DemandFacts.plan(a, context, window: window(a, context, choice))
        + [
          "fit each product: \(DemandModel.parameters(choice, context))",
          "write models and 30 days of forecasts",
        ]
    },
    run: run)

  /// The products to train, in order: as ranked by `top`, else by id.
  private static func rows(_ a: Arguments, _ context: RunContext, _ facts: DemandFacts) throws -> [Int] {
    guard a.isGiven("top") else {
      if a.isGiven("by") {
        throw Diagnostic(
          .missingArgument, "`by` says what `top` goes by, and `top` is missing", at: a.span("by"),
          label: "write `top 50 by \(a.text("by") ?? "qty")`")
      }
      return Array(facts.ids.indices)
    }
    let n = a.int("top") ?? 0
    let ranked = try DemandFacts(
      a, context, window: DayWindow(last: facts.window.last, count: rankDays), population: .active)
    var volume = ranked.revenue
    if a.text("by") == "qty" {
      volume = []
      ranked.quantity.forEachRow { _, y in volume.append(Statistics.sum(y)) }
    }
    return facts.ids.indices.filter { $0 < volume.count && volume[$0] > 0 }
      .sorted { volume[$0] == volume[$1] ? $0 < $1 : volume[$0] > volume[$1] }.prefix(n).map { $0 }
  }

  private static func run(_ given: Arguments, _ context: RunContext) throws -> ResultTable {
    var a = given
    if a.isGiven("products") {
      if a.isGiven("product") {
        throw Diagnostic(
          .duplicateArgument, "`product` and `products` are the same", at: a.span("products"),
          label: "one of them is enough")
      }
      a = a.setting("product", to: a["products"], as: "products")
    }
    let choice = choice(a, context)
    let facts = try DemandFacts(a, context, window: try window(a, context, choice), population: .active)
    let rows = try rows(a, context, facts)
    let parameters = DemandModel.parameters(choice, context)
    var log = LoggedForecasts(made: context.today)
    var trained: [StoredModel] = []
    var outcomes: [Outcome] = []
    let cancel = Cancellation.current
    for (i, row) in rows.enumerated() {
      if i & 63 == 0 {
        try cancel.check()
        context.progress?(
          WorkProgress("train", done: Double(i), of: Double(rows.count), unit: "products"))
      }
      var outcome = fit(facts.quantity.row(row), choice, row)
      if outcome.model.saleDays == 0 {
        outcome.reason = "no sales between \(facts.window.first) and \(facts.window.last)"
      }
      if outcome.reason.isEmpty {
        outcome.place = trained.count
        trained.append(
          StoredModel(
            kind: DemandModel.kind, product: facts.ids[row], method: outcome.method, parameters: parameters,
            data: DemandModel.fingerprint(facts, row, outcome.model.count), trained: context.today,
            lastDay: facts.window.last, body: outcome.model.text()))
        for h in outcome.forecast.mean.indices {
          log.products.append(facts.ids[row])
          log.days.append(context.today.day + Int32(h))
          log.methods.append(outcome.method)
          log.mean.append(outcome.forecast.mean[h])
          log.low.append(outcome.forecast.lo95[h])
          log.high.append(outcome.forecast.hi95[h])
        }
      }
      outcomes.append(outcome)
    }
    let saved = try context.company.write { warehouse in
      let saved = try warehouse.save(trained)
      log.models = saved.flatMap { Array(repeating: Optional($0.id), count: heldDays) }
      try warehouse.log(log)
      return saved
    }
    return ResultTable(table(outcomes, saved, facts))
  }

  /// What came of one product.
  private struct Outcome {
    var row: Int
    var method: String
    var model: DemandModel
    var forecast: Forecast
    /// Why it was skipped; empty when it was not.
    var reason = ""
    /// Its place among the trained ones.
    var place: Int?
  }

  private static func fit(_ y: [Double], _ choice: ForecastChoice, _ row: Int) -> Outcome {
    guard case .method(.poly2(let settings)) = choice else {
      let auto = Forecaster.forecast(y, horizon: heldDays, choice: choice)
      var model = DemandModel(
        modelType: auto.forecast.modelType.rawValue, curve: [], sigma: nil, saleDays: DailySeries.saleDays(y),
        count: y.count)
      model.heldOut = auto.accuracy.map { DemandModel.Errors($0) }
      return Outcome(row: row, method: auto.forecast.method, model: model, forecast: auto.forecast)
    }
    let fitted = Poly2.fit(y, settings: settings)
    let stored = StoredPoly2(fitted)
    var model = DemandModel(
      modelType: fitted.modelType.rawValue, curve: stored.curve, sigma: fitted.sigma,
      saleDays: fitted.saleDays,
      count: fitted.count)
    model.fitted = fitted.metrics.map { DemandModel.Errors($0) }
    let before = Array(y.dropLast(heldDays))
    if before.count >= settings.minimumSaleDays {
      let path = Poly2.fit(before, settings: settings).forecast(horizon: heldDays, z: settings.z).mean
      model.heldOut = DemandModel.Errors(
        Accuracy(actual: Array(y.suffix(heldDays)), forecast: path, training: before))
    }
    var outcome = Outcome(
      row: row, method: "poly2", model: model, forecast: fitted.forecast(horizon: heldDays, z: settings.z))
    if fitted.saleDays < settings.minimumSaleDays {
      outcome.reason = "\(fitted.saleDays) of \(settings.minimumSaleDays) days with sales"
    }
    return outcome
  }

  private static func table(_ outcomes: [Outcome], _ saved: [StoredModel], _ facts: DemandFacts) -> Table {
    let picked = facts.products.taking(outcomes.map { Int32($0.row) })
    let numbers: ((DemandModel) -> Double?) -> [Double?] = { f in outcomes.map { f($0.model) } }
    func stored(_ f: (StoredModel) -> Int64) -> Column {
      Column(.int, values: outcomes.map { $0.place.map { .int(f(saved[$0])) } ?? .null })
    }
    return Table(
      Schema(fields),
      [
        picked["product"] ?? .nulls(.int, count: outcomes.count),
        picked["name"] ?? .nulls(.text, count: outcomes.count),
        Column.texts(outcomes.map { $0.reason.isEmpty ? "trained" : "skipped" }),
        Column.texts(outcomes.map(\.method)), Column.texts(outcomes.map(\.model.modelType)), stored(\.id),
        stored { Int64($0.version) }, Column(.int, .ints(outcomes.map { Int64($0.model.saleDays) })),
        Column.doubles(.quantity(nil), numbers { $0.fitted?.mae }),
        Column.doubles(.percent, numbers { $0.fitted?.mape }),
        Column.doubles(.percent, numbers { $0.fitted?.smape }),
        Column(
          .text,
          values: outcomes.map {
            $0.model.fitted.map { .text(AccuracyGrade(smape: $0.smape).rawValue) } ?? .null
          }),
        Column.doubles(.quantity(nil), numbers { $0.heldOut?.mae }),
        Column.doubles(.percent, numbers { $0.heldOut?.smape }),
        Column.doubles(.percent, numbers { $0.heldOut?.wape }),
        Column.doubles(.number, numbers { $0.heldOut?.mase }), Column.texts(outcomes.map(\.reason)),
      ])
  }
}
