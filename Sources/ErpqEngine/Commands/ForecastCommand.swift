import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `forecast product 101 horizon 30`: demand of the coming days, with intervals.
enum ForecastCommand {
  private static let quantities = [
    Field("mean", .quantity(nil), "expected quantity"),
    Field("median", .quantity(nil), "half of the outcomes lie below"),
    Field("lo80", .quantity(nil), "10 % of the outcomes lie below"),
    Field("hi80", .quantity(nil), "90 % of the outcomes lie below"),
    Field("lo95", .quantity(nil), "2.5 % of the outcomes lie below"),
    Field("hi95", .quantity(nil), "97.5 % of the outcomes lie below"),
  ]

  private static let sources = [
    Field("method", .text, "the method, or the heaviest of those averaged"),
    Field("weight", .percent, "the method's share in the average"),
    Field("class", .text, "kind of demand: smooth, erratic, intermittent, lumpy, new, none"),
  ]

  /// What the regression says besides: its models are stored by `train model`.
  private static let models = [
    Field("model_type", .text, "what was fitted in fact"),
    Field("model", .int, "the stored model that was used; null where it was fitted now"),
  ]

  /// The columns: a row a product and day.
  static func fields(ofRegression: Bool) -> [Field] {
    [Field("product", .int, "the product's id"), Field("date", .date, "the day")] + quantities + sources
      + (ofRegression ? models : [])
  }

  /// The columns of `total`: a row a product.
  static func totalFields(ofRegression: Bool) -> [Field] {
    [
      Field("product", .int, "the product's id"), Field("first", .date, "the first day"),
      Field("last", .date, "the last day"),
    ] + quantities + [
      Field(
        "demand", .distribution, "what may come in all: for quantile, cdf, expected, deviation and sample")
    ] + sources + (ofRegression ? models : [])
  }

  /// What `holdout` adds: what came, and the yardsticks of errors.
  static let heldFields = [
    Field("actual", .quantity(nil), "what was sold; null on a day without stock"),
    Field("naive", .quantity(nil), "the forecast that the last day before would have been"),
    Field("step", .int, "days ahead"),
    Field("change", .quantity(nil), "mean change from day to day before: what MASE divides by"),
    Field("change_rms", .quantity(nil), "root mean square of the same: what RMSSE divides by"),
  ]

  /// Moments of the past from which an `accuracy` without `holdout` forecasts, a horizon apart.
  private static let judgedOrigins = 4

  static let spec = {
    var spec = declared
    spec.whenJudged = { arguments in
      guard let horizon = arguments.values["horizon"], arguments.values["holdout"] == nil,
        arguments.values["total"] == nil
      else { return nil }
      let times = Expression.constant(.int(Int64(judgedOrigins)), .int)
      let holdout = Expression.call(Operators.multiply, [horizon, times], horizon.type)
      var judged = arguments
      judged.values["holdout"] =
        (try? Evaluator.constant(holdout, variables: [:])).map { .constant($0, horizon.type) } ?? holdout
      judged.spans["holdout"] = arguments.spans["horizon"]
      return judged
    }
    return spec
  }()

  private static let declared = CommandSpec(
    "forecast", group: "Demand", "Demand of the coming days, a row a product and day, with intervals.",
    help: """
      Without `method`, several levels and calendar profiles are judged by a rolling backtest at the horizon and the \
      best are averaged: `method` names the heaviest, `weight` its share, `class` the kind of demand, and `| why` says \
      more. Products of one statement learn weekdays and seasons from each other, and a product that is new takes the \
      level of its category. A forecast starts today; its history ends yesterday. `| plot` shows the history with it.

      `total` gives a row a product: demand of the whole horizon, with its own interval, which is narrower than the \
      days' bounds added up, and the column `demand`, a distribution: `quantile(demand, 95%)` suffices in 95 of 100 \
      cases, `cdf(demand, 120)` is the chance that 120 suffice. `holdout 60d` forecasts the last 60 days as if they had not come yet, a horizon at a \
      time; `| accuracy` judges that. Without `holdout`, `| accuracy` judges the last four horizons.

      Days without stock are left out of a history where they sold less than half of what other days sell, and a \
      one-off bulk order, more than three times the best other day, counts as much as that day. `| why` tells which; \
      `clean none` reads every day as it is.

      On promoted days more is sold; how much more is told from the product's own and from all promotions, taken out of \
      the level, and added to the coming days that `promotions "calendar.csv"` promises. `discounts` finds the past ones \
      in the sales themselves: from a first to a last day with discounts between which nothing went at the full price.

      Under `use erpconnect` the method is `poly2`, a quadratic regression on the \
      smoothed history.
      """,
    searchWords: ["predict", "prediction", "demand", "future", "sales forecast", "backtest", "holdout"],
    parameters: [
      ParameterSpec(
        "product", .record("product"), position: 0, "which product, or a list; all active ones if left out"),
      ParameterSpec(
        "horizon", .value(.duration(nil)), default: .duration(.days(30)), in: 1...3660, "how far ahead"),
      ParameterSpec(
        "method", .word(ForecastChoice.names), "how to forecast; the best on average if left out"),
      ParameterSpec(
        "days", .value(.duration(nil)), in: 1...3660,
        "how much history to learn from; 3 years, or 180 days for poly2"),
      ParameterSpec("window", .value(.int), default: .int(7), in: 1...3650, "values that method ma averages"),
      ParameterSpec(
        "holdout", .value(.duration(nil)), in: 1...3660, "forecast the last days instead, to compare"),
      ParameterSpec(
        "clean", .word(DemandCleaning.choices),
        "what is not read as demand: days without stock, one-off bulk orders; all, but none for a method"),
      ParameterSpec(
        "promotions", .value(.text), isFile: true,
        "a file of promoted days: columns product, date, and until for many days"
      ),
      ParameterSpec(
        "discounts", .flag, "days on which a product was sold at a discount alone are its promotions"),
      ParameterSpec("total", .flag, "a row a product for the whole horizon"),
    ] + FactFilters.records.filter { $0.name != "product" },
    examples: [
      Example("forecast product 101 horizon 30 | plot", "a month ahead, as a picture"),
      Example(
        "forecast product 101 horizon 4w total | select product, mean, lo80, hi80",
        "expected units of four weeks"),
      Example(
        "forecast product 101 horizon 14d total | select product, enough = quantile(demand, 95%)",
        "what suffices for two weeks in 95 of 100 cases"),
      Example(
        "forecast product 101 horizon 14 holdout 56d | accuracy | select wape, mase, coverage95",
        "how good the forecasts of the last eight weeks would have been"),
      Example(
        "forecast product 101 horizon 14 | accuracy by step",
        "the same for the last four horizons, by days ahead"),
      Example(
        "forecast product [101, 102] method seasonal_naive horizon 7", "two products by last week's pattern"),
      Example("forecast product 101 horizon 30 | why", "which methods, why, and how sure"),
    ],
    tellsWhy: true
  ) { arguments, _ throws(Diagnostic) in
    var isRegression = arguments.values["method"] == nil && arguments.settings.contains("erpconnect")
    if case .text(let name)? = arguments.constant("method") {
      isRegression = name == "poly2" || name == "erpconnect"
    }
    for name in ["promotions", "discounts"] {
      guard let span = arguments.spans[name], arguments.values["method"] != nil || isRegression else {
        continue
      }
      guard arguments.constant("method") != .text("auto") else { continue }
      throw Diagnostic(
        .duplicateArgument, "`\(name)` needs the automatic method", at: span,
        label: "no other knows promotions", notes: ["write `method auto`"])
    }
    if arguments.values["total"] != nil {
      guard arguments.values["holdout"] == nil else {
        throw Diagnostic(
          .duplicateArgument, "`total` and `holdout` exclude each other", at: arguments.spans["total"],
          label: "errors are judged by the day", notes: ["leave one of them out"])
      }
      return Schema(totalFields(ofRegression: isRegression))
    }
    return Schema(fields(ofRegression: isRegression) + (arguments.values["holdout"] != nil ? heldFields : []))
  }

  static let command = Command(
    spec,
    plan: { a, context in
      let request = try ForecastRequest(a, context)
      let how = a.text("method") ?? (context.usesDocuments ? "poly2" : "the best on average by backtest")
      var steps = try DemandFacts.plan(a, context, window: request.window)
      if request.clean != "none" { steps.append("clean: \(request.clean)") }
      return steps + ["forecast each product: \(how)"]
    },
    run: { a, context in
      let request = try ForecastRequest(a, context)
      let facts = try DemandFacts(a, context, window: request.window, population: .active)
      let cleaning = try DemandCleaning(request.clean, facts, a, context)
      var rows = ForecastRows(request, facts, cleaning, context)
      try rows.fill()
      if facts.ids.count == 1, facts.firstSale[0] == nil {
        context.warn(
          Diagnostic(
            .dataNote,
            "product \(facts.ids[0]) sold nothing between \(facts.window.first) and \(facts.window.last): its forecast is zero"
          ))
      }
      return rows.result()
    })
}

/// What a `forecast` asks for.
struct ForecastRequest {
  var choice: ForecastChoice
  /// Days forecast from each origin.
  var horizon: Int
  /// Days held out; nil for a forecast of days to come.
  var holdout: Int?
  /// What is not read as demand.
  var clean: String
  /// Whether a row a product is wanted.
  var isTotal: Bool
  /// The days read, those held out included.
  var window: DayWindow

  init(_ a: Arguments, _ context: RunContext) throws {
    guard let horizon = try a.days("horizon", today: context.today, forward: true) else {
      throw Diagnostic(.missingArgument, "`horizon` is missing", at: a.span)
    }
    holdout = try a.days("holdout", today: context.today)
    isTotal = a.flag("total")
    self.horizon = Swift.min(horizon, holdout ?? horizon)
    let named = a.text("method").flatMap { ForecastChoice(named: $0, window: a.int("window") ?? 7) }
    choice = named ?? context.settings.forecast
    clean = a.text("clean") ?? (named == nil && !context.usesDocuments ? "all" : "none")
    if case .auto? = named, !a.isGiven("clean") { clean = "all" }
    var count = ForecastRequest.usualHistory
    if let days = try a.days("days", today: context.today) {
      count = days
    } else if case .method(.poly2(let settings)) = choice {
      count = settings.lookback
    }
    window = DayWindow(before: context.today, count: count + (holdout ?? 0))
  }

  /// Days of history that are read where nothing else is said: three years.
  static let usualHistory = 1096

  /// The days forecast from each origin: how many lie before it in the window, and how many are asked for.
  var origins: [(cut: Int, steps: Int)] {
    guard let holdout else { return [(window.count, horizon)] }
    return stride(from: window.count - holdout, to: window.count, by: horizon).map {
      ($0, Swift.min(horizon, window.count - $0))
    }
  }
}
