import ErpqAnalytics
import ErpqBase
import Foundation

/// The cases of inventory mathematics: each names a function with its inputs and what it must give.
extension Conformance {
  /// One case's outcome.
  public struct InventoryOutcome: Sendable {
    /// Its name in the file.
    public var id: String
    /// The function it names, without arguments.
    public var function: String
    /// How many values were compared.
    public var compared: Int
    /// What differs; nil where the function is not computed.
    public var differences: [String]?
    /// Why it is not computed.
    public var reason: String?
  }

  /// Runs the cases of a file of the shape {"cases": [{id, function, inputs, expected, tol_abs, tol_rel}]}.
  ///
  /// - Throws: `ConformanceError`, `Cancellation.Interrupted`.
  public static func inventory(_ path: String, each: (InventoryOutcome) -> Void) throws {
    let json = try GoldenJSON.load(path)
    let cases = json["cases"].elements.isEmpty ? json.elements : json["cases"].elements
    guard !cases.isEmpty else { throw ConformanceError("\(path) has no cases") }
    let cancel = Cancellation.current
    for (i, item) in cases.enumerated() {
      try cancel.check()
      let id = item["id"].string ?? "case \(i + 1)"
      guard let name = item["function"].string, case .object = item["expected"] else {
        throw ConformanceError("\(path): \(id) names no function or expects nothing")
      }
      let call = InventoryCall(id: id, function: name, inputs: item["inputs"])
      var outcome = InventoryOutcome(id: id, function: call.name, compared: 0)
      if let formula = InventoryFormulas.all[call.name] {
        do {
          let result = try formula(call)
          var comparison = CaseComparison(
            absolute: item["tol_abs"].double ?? 1e-9, relative: item["tol_rel"].double ?? 1e-9)
          comparison.walk(item["expected"], result, "")
          outcome.compared = comparison.compared
          outcome.differences = comparison.differences
        } catch let e as ConformanceError {
          outcome.differences = [e.message]
        }
      } else {
        outcome.reason = InventoryFormulas.later[call.name] ?? "no function of that name"
      }
      each(outcome)
    }
  }
}

/// A case's function and inputs.
struct InventoryCall {
  let id: String
  /// Before the bracket: `safety_stock`.
  let name: String
  /// In the brackets: `method:'csl'`.
  let arguments: String
  let inputs: GoldenJSON

  init(id: String, function: String, inputs: GoldenJSON) {
    self.id = id
    self.inputs = inputs
    let bracket = function.firstIndex(of: "(") ?? function.endIndex
    name = function[..<bracket].trimmingCharacters(in: .whitespaces)
    arguments = bracket < function.endIndex ? String(function[bracket...]) : ""
  }

  /// Whether the case's name or arguments hold a word.
  func says(_ word: String) -> Bool { arguments.contains(word) || id.contains(word) }

  /// An input that is there.
  func has(_ name: String) -> Bool { inputs[name] != .null }

  /// A number among the inputs, under one of several names.
  func number(_ names: String...) throws(ConformanceError) -> Double {
    for name in names { if let value = inputs[name].double { return value } }
    throw ConformanceError("the input \(names[0]) is missing or no number")
  }

  func number(_ name: String, default value: Double) -> Double { inputs[name].double ?? value }

  /// A list of numbers.
  func numbers(_ names: String...) throws(ConformanceError) -> [Double] {
    for name in names where has(name) {
      let list = inputs[name].elements.compactMap(\.double)
      if list.count == inputs[name].elements.count { return list }
    }
    throw ConformanceError("the input \(names[0]) is missing or no list of numbers")
  }

  /// A function of probabilities written {"0": 0.1, "1": 0.9}.
  func probabilities(_ name: String) throws(ConformanceError) -> [(value: Double, probability: Double)] {
    guard case .object(let fields) = inputs[name] else {
      throw ConformanceError("the input \(name) is missing or no object of probabilities")
    }
    var out: [(value: Double, probability: Double)] = []
    for field in fields {
      guard let value = Double(field.name), let probability = field.value.double else {
        throw ConformanceError("the input \(name) holds something else than numbers with probabilities")
      }
      out.append((value, probability))
    }
    return out.sorted { $0.value < $1.value }
  }

  /// A distribution from the inputs: `dist` and its parameters, `pmf`, or `mean` with `sd` or `variance`.
  func distribution(_ kind: String? = nil) throws(ConformanceError) -> Distribution {
    if has("pmf") {
      let pmf = try probabilities("pmf")
      return .discrete(
        DiscreteDistribution(values: pmf.map(\.value), weights: pmf.map(\.probability)))
    }
    let name = kind ?? inputs["dist"].string ?? "normal"
    if name.hasPrefix("poisson") { return .poisson(mean: try number("mean", "poisson_mean", "ltd_mean")) }
    if name.hasPrefix("neg") || name == "nb" {
      if has("r"), has("p") {
        return .negativeBinomial(successes: try number("r"), probability: try number("p"))
      }
      return .negativeBinomial(mean: try number("mean", "ltd_mean"), variance: try variance())
    }
    if name.hasPrefix("gamma") {
      if has("shape") { return .gamma(shape: try number("shape"), scale: try number("scale")) }
      return .gamma(mean: try number("mean", "ltd_mean"), deviation: try variance().squareRoot())
    }
    if name.hasPrefix("lognormal") {
      return .lognormal(logMean: try number("mu", "logmean"), logDeviation: try number("sigma", "logsd"))
    }
    if has("observations") || has("values") || name == "empirical" {
      return .empirical(try numbers("observations", "values", "y"))
    }
    return .normal(mean: try number("mean", "ltd_mean"), deviation: try variance().squareRoot())
  }

  private func variance() throws(ConformanceError) -> Double {
    if has("variance") || has("var") || has("ltd_var") { return try number("variance", "var", "ltd_var") }
    let sd = try number("sd", "ltd_sd")
    return sd * sd
  }
}

/// Compares a result with what a case expects: numbers within absolute + relative tolerance, all else equal.
struct CaseComparison {
  let absolute: Double
  let relative: Double
  private(set) var compared = 0
  private(set) var differences: [String] = []

  init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  mutating func walk(_ expected: GoldenJSON, _ result: GoldenJSON, _ path: String) {
    switch expected {
    case .object(let fields):
      for field in fields {
        let place = path.isEmpty ? field.name : path + "." + field.name
        guard case .object(let there) = result, let own = there.first(where: { $0.name == field.name }) else {
          differences.append("\(place): expected \(short(field.value)), got nothing")
          continue
        }
        walk(field.value, own.value, place)
      }
    case .list(let items):
      guard case .list(let own) = result, own.count == items.count else {
        differences.append("\(path): expected \(short(expected)), got \(short(result))")
        return
      }
      for (i, item) in items.enumerated() { walk(item, own[i], "\(path)[\(i)]") }
    case .int, .number:
      compared += 1
      guard let e = expected.double, let r = result.double,
        (e - r).magnitude <= absolute + relative * e.magnitude
      else {
        differences.append("\(path): expected \(short(expected)), got \(short(result))")
        return
      }
    case .null, .bool, .text:
      compared += 1
      if expected != result {
        differences.append("\(path): expected \(short(expected)), got \(short(result))")
      }
    }
  }

  private func short(_ value: GoldenJSON) -> String {
    switch value {
    case .list(let items): "a list of \(items.count)"
    case .object: "an object"
    default: String(value.text.dropLast())
    }
  }
}
