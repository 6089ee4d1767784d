import ErpqAnalytics
import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse

/// `models`: the stored models, and whether they are still good.
enum ModelsCommand {
  static let fields = [
    Field("model", .int, "its number"), Field("product", .int, "the product's id"),
    Field("name", .text, "the product's name"), Field("method", .text, "the method"),
    Field("model_type", .text, "what was fitted in fact"),
    Field("version", .int, "counted by product and method"),
    Field(
      "status", .text,
      "valid while data and parameters are the same, stale when they are not, damaged when it cannot be read"),
    Field("trained", .date, "the day at which it was trained"),
    Field("last_day", .date, "the last day of the data it was fitted to"),
    Field("sale_days", .int, "days of its history with sales"),
    Field("smape", .percent, "symmetric percentage error in sample"),
    Field("grade", .text, "excellent, good, acceptable or poor by smape"),
    Field("wape", .percent, "held-out absolute errors over sales"),
    Field("mase", .number, "held-out mean absolute error over that of the naive forecast"),
  ]

  static let spec = CommandSpec(
    "models", group: "Demand", "The stored models of demand, the last version by product and method.",
    help: "`train model demand` stores them, `models show` prints one, `models drop` removes them.",
    searchWords: ["trained", "model store", "versions", "stale"],
    parameters: [
      ParameterSpec("product", .record("product"), position: 0, "only of these products"),
      ParameterSpec("versions", .flag, "every version, not only the last one"),
    ],
    examples: [
      Example("models where status != \"valid\"", "what should be trained again"),
      Example("models | summarize n = count(), wape = median(wape) by method", "how good the models are"),
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  static let command = Command(
    spec, plan: { _, _ in ["read the stored models", "compare each with the days it was fitted to"] }
  ) { a, context in
    let models = try stored(a, context, isLatest: !a.flag("versions"))
    let bodies = models.map { DemandModel($0) }
    let status = try states(models, bodies, context)
    let names = try names(models, context)
    let numbers: ((DemandModel) -> Double?) -> [Double?] = { f in bodies.map { $0.flatMap(f) } }
    func texts(_ f: (DemandModel) -> String?) -> Column {
      Column(.text, values: bodies.map { $0.flatMap(f).map { .text($0) } ?? .null })
    }
    return ResultTable(
      Table(
        Schema(fields),
        [
          Column(.int, .ints(models.map(\.id))), Column(.int, .ints(models.map(\.product))),
          Column(.text, values: models.map { names[$0.product].map { .text($0) } ?? .null }),
          Column.texts(models.map(\.method)), texts(\.modelType),
          Column(.int, .ints(models.map { Int64($0.version) })), Column.texts(status),
          Column(.date, .days(models.map(\.trained.day))), Column(.date, .days(models.map(\.lastDay.day))),
          Column(.int, values: bodies.map { $0.map { .int(Int64($0.saleDays)) } ?? .null }),
          Column.doubles(.percent, numbers { $0.fitted?.smape }),
          texts { $0.fitted.map { AccuracyGrade(smape: $0.smape).rawValue } },
          Column.doubles(.percent, numbers { $0.heldOut?.wape }),
          Column.doubles(.number, numbers { $0.heldOut?.mase }),
        ]))
  }

  /// The models that the arguments speak of.
  static func stored(_ a: Arguments, _ context: RunContext, isLatest: Bool) throws -> [StoredModel] {
    let products = try products(a, context)
    do {
      return try context.company.warehouse().models(DemandModel.kind, products: products, isLatest: isLatest)
    } catch let error as Cancellation.Interrupted { throw error } catch { throw Company.diagnostic(error) }
  }

  /// The products given; nil for none.
  static func products(_ a: Arguments, _ context: RunContext) throws -> Set<Int64>? {
    guard a.isGiven("product") else { return nil }
    return Set(try FactFilters.records(a, "product", .product, context).map(\.id))
  }

  static func names(_ models: [StoredModel], _ context: RunContext) throws -> [Int64: String] {
    let table = try FactFilters.scan(Scan("products", columns: ["product", "name"]), context)
    guard case .ints(let ids)? = table["product"]?.storage, let names = table["name"] else { return [:] }
    var found: [Int64: String] = [:]
    for (i, id) in ids.enumerated() { if case .text(let name) = names[i] { found[id] = name } }
    return found
  }

  /// Whether each model is good for a forecast today.
  private static func states(
    _ models: [StoredModel], _ bodies: [DemandModel?], _ context: RunContext
  ) throws -> [String] {
    var facts: [Bool: DemandFacts] = [:]
    var place: [Bool: [Int64: Int]] = [:]
    for byUTC in [false, true] {
      var days = 0
      for (model, body) in zip(models, bodies) where DemandModel.countsByUTC(model.parameters) == byUTC {
        days = Swift.max(days, Swift.min(36_525, body?.count ?? 0))
      }
      guard days > 0 else { continue }
      var context = context
      context.usesDocuments = byUTC
      let spec = ForecastCommand.spec
      let all = try DemandFacts(
        try Arguments(spec, BoundArguments(), span: SourceSpan(0, 0), variables: [:]), context,
        window: DayWindow(before: context.today, count: days), population: .active)
      facts[byUTC] = all
      place[byUTC] = Dictionary(uniqueKeysWithValues: all.ids.enumerated().map { ($1, $0) })
    }
    return zip(models, bodies).map { model, body in
      guard let body else { return "damaged" }
      let byUTC = DemandModel.countsByUTC(model.parameters)
      guard let all = facts[byUTC], let row = place[byUTC]?[model.product] else { return "stale" }
      return DemandModel.fingerprint(all, row, body.count) == model.data ? "valid" : "stale"
    }
  }
}

/// `models show product 101`: what one model holds.
enum ModelsShowCommand {
  static let fields = [
    Field("product", .int, "the product's id"), Field("version", .int, "the model's version"),
    Field("term", .text, "a coefficient, sigma or an error"),
    Field("value", .number, "its value; shares are fractions"),
  ]

  static let spec = CommandSpec(
    "models show", group: "Demand", "The numbers in a stored model: coefficients, sigma and errors.",
    searchWords: ["coefficients", "regression", "sigma"],
    parameters: [
      ParameterSpec("product", .record("product"), required: true, position: 0, "of which product"),
      ParameterSpec("versions", .flag, "every version, not only the last one"),
    ],
    examples: [
      Example("models show product 101", "the model of one product, none if it was not trained")
    ]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  static let command = Command(spec, plan: { _, _ in ["read the stored model"] }) { a, context in
    var products: [Int64] = []
    var versions: [Int64] = []
    var terms: [String] = []
    var values: [Double?] = []
    for stored in try ModelsCommand.stored(a, context, isLatest: !a.flag("versions")) {
      guard let body = DemandModel(stored) else {
        context.warn(.damagedModels(stored.product, count: 1))
        continue
      }
      var rows: [(String, Double?)] = []
      for (i, b) in (body.poly2?.coefficients ?? []).enumerated() { rows.append(("b\(i)", b)) }
      rows += [("sigma", body.sigma), ("sale_days", Double(body.saleDays)), ("days", Double(body.count))]
      for (prefix, errors) in [("", body.fitted), ("held_", body.heldOut)] {
        guard let e = errors else { continue }
        rows += [
          (prefix + "mae", e.mae), (prefix + "mape", e.mape), (prefix + "smape", e.smape),
          (prefix + "rmse", e.rmse),
          (prefix + "wape", e.wape), (prefix + "mase", e.mase),
          (prefix + "mape_points", e.mapePoints.map(Double.init)),
        ]
      }
      for (term, value) in rows where value != nil {
        products.append(stored.product)
        versions.append(Int64(stored.version))
        terms.append(term)
        values.append(value)
      }
    }
    return ResultTable(
      Table(
        Schema(fields),
        [
          Column(.int, .ints(products)), Column(.int, .ints(versions)), Column.texts(terms),
          Column.doubles(.number, values),
        ]))
  }
}

/// `models drop product 101`: removes stored models.
enum ModelsDropCommand {
  static let fields = [Field("dropped", .int, "models that were removed")]

  static let spec = CommandSpec(
    "models drop", group: "Demand", "Removes stored models; the facts and kept forecasts stay.",
    help: "Say which: `product`, `old` for all versions but the last ones, or `all`.",
    searchWords: ["delete", "remove", "forget"],
    parameters: [
      ParameterSpec("product", .record("product"), position: 0, "of these products"),
      ParameterSpec("old", .flag, "only versions that a later one followed"),
      ParameterSpec("all", .flag, "of every product"),
    ],
    examples: [Example("models drop old", "only the last versions stay")]
  ) { _, _ throws(Diagnostic) in Schema(fields) }

  static let command = Command(spec, plan: { _, _ in ["remove stored models"] }) { a, context in
    guard a.isGiven("product") || a.flag("old") || a.flag("all") else {
      throw Diagnostic(
        .missingArgument, "`models drop` is not told which models", at: a.span,
        label: "name a `product`, or write `old` or `all`")
    }
    if a.flag("all"), a.isGiven("product") || a.flag("old") {
      throw Diagnostic(
        .duplicateArgument, "`all` stands alone", at: a.span("all"), label: "leave it out, or the others")
    }
    let products = try ModelsCommand.products(a, context)
    let n = try context.company.write {
      try $0.dropModels(DemandModel.kind, products: products, keepsLatest: a.flag("old"))
    }
    return ResultTable(Table(Schema(fields), [Column(.int, .ints([Int64(n)]))]))
  }
}

extension Diagnostic {
  /// Stored models that cannot be read.
  static func damagedModels(_ product: Int64, count: Int) -> Diagnostic {
    Diagnostic(
      .dataNote,
      count == 1
        ? "the stored model of product \(product) is damaged, so it is fitted anew"
        : "the stored models of product \(product) and \(count - 1) more are damaged, so they are fitted anew",
      notes: ["`train model demand` replaces it, `models drop` removes it"])
  }
}
