import ErpqAnalytics
import ErpqBase
import ErpqTables
import ErpqWarehouse
import Foundation

/// A model of one product's demand: what was fitted, and how far it was from what came.
struct DemandModel: Codable {
  /// The kind under which such models are stored.
  static let kind = "demand"

  /// What was fitted, in the words of the column `model_type`.
  var modelType: String
  /// The curve of a regression or baseline (`StoredPoly2`); empty for other methods.
  var curve: [Double]
  /// Standard deviation of the residuals; nil for other methods.
  var sigma: Double?
  /// Days with positive net sales.
  var saleDays: Int
  /// Length of the history fitted.
  var count: Int
  /// Errors in sample, against the smoothed history that was fitted.
  var fitted: Errors?
  /// Errors of days that the fit did not know.
  var heldOut: Errors?

  /// Errors; shares are fractions.
  struct Errors: Codable {
    var mae: Double
    var mape: Double?
    var smape: Double
    var rmse: Double
    var wape: Double?
    var mase: Double?
    /// Values that `mape` is the mean of.
    var mapePoints: Int?

    init(_ a: Accuracy) {
      (mae, mape, smape, rmse, wape, mase) = (a.mae, a.mape, a.smape, a.rmse, a.wape, a.mase)
    }

    init(_ m: InSampleMetrics) {
      (mae, mape, smape, rmse, mapePoints) = (m.mae, m.mape, m.smape, m.rmse, m.mapePoints)
    }
  }

  /// The regression or baseline, ready to forecast; nil for other methods and for damaged numbers.
  var poly2: Poly2Model? {
    guard let type = ModelType(rawValue: modelType), let sigma else { return nil }
    return StoredPoly2(modelType: type, curve: curve, sigma: sigma, saleDays: saleDays, count: count).model
  }

  /// As text, the same for the same model.
  func text() -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Numbers that are not finite do not come out of a fit to finite ones; null would not be read back.
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  /// A stored model; nil when it was changed or cut off since.
  init?(_ stored: StoredModel) {
    guard stored.isIntact,
      let model = try? JSONDecoder().decode(DemandModel.self, from: Data(stored.body.utf8)), model.count >= 0
    else { return nil }
    self = model
  }

  init(modelType: String, curve: [Double], sigma: Double?, saleDays: Int, count: Int) {
    (self.modelType, self.curve, self.sigma, self.saleDays, self.count) = (
      modelType, curve, sigma, saleDays, count
    )
  }

  /// What a fit depends on beside the data: the method's parameters and whose days the sales are counted by.
  static func parameters(_ choice: ForecastChoice, _ context: RunContext) -> String {
    let days = context.usesDocuments ? "UTC days" : "company days"
    switch choice {
    case .method(.poly2(let s)):
      return
        "poly2: \(s.lookback) days, at least \(s.minimumSaleDays) with sales, average of \(s.window), \(days)"
    case .method(let method): return "\(method.name), \(days)"
    case .auto: return "auto, \(days)"
    }
  }

  /// Whether sales were counted by the days of UTC.
  static func countsByUTC(_ parameters: String) -> Bool { parameters.hasSuffix("UTC days") }

  /// The stored regressions that are good for the facts at hand, by row. A model of other data or parameters
  /// is left out: what is fitted now takes its place. A damaged one is told of.
  static func fitting(
    _ choice: ForecastChoice, _ facts: DemandFacts, _ context: RunContext
  ) throws -> [Int: (id: Int64, model: Poly2Model)] {
    guard case .method(.poly2(let settings)) = choice, !facts.ids.isEmpty else { return [:] }
    let stored: [StoredModel]
    do {
      stored = try context.company.warehouse().models(kind, products: Set(facts.ids))
    } catch let error as Cancellation.Interrupted { throw error } catch { throw Company.diagnostic(error) }
    guard !stored.isEmpty else { return [:] }
    let wanted = parameters(choice, context)
    var place: [Int64: Int] = [:]
    for (row, id) in facts.ids.enumerated() { place[id] = row }
    var found: [Int: (id: Int64, model: Poly2Model)] = [:]
    var damaged: [Int64] = []
    for one in stored {
      guard let row = place[one.product] else { continue }
      guard let body = DemandModel(one) else {
        damaged.append(one.product)
        continue
      }
      guard one.parameters == wanted, one.data == fingerprint(facts, row, settings.lookback) else { continue }
      guard let model = body.poly2 else {
        damaged.append(one.product)
        continue
      }
      found[row] = (one.id, model)
    }
    if let first = damaged.first { context.warn(.damagedModels(first, count: damaged.count)) }
    return found
  }

  /// The fingerprint of the last days of a product's history.
  static func fingerprint(_ facts: DemandFacts, _ row: Int, _ days: Int) -> Int64 {
    let series = facts.quantity.row(row)
    return series.withUnsafeBufferPointer {
      SeriesFingerprint.of(UnsafeBufferPointer(rebasing: $0.suffix(days)), last: facts.window.last)
    }
  }
}
