import ErpqBase
import Foundation

/// One golden file: what it is called, what it was asked, and how its result is made.
struct ConformanceOperation: Sendable {
  /// The file's name without `.json`.
  let file: String
  /// The family, as `--only` names it.
  let family: String
  /// The name inside the file.
  let operation: String
  /// The parameters inside the file.
  let params: [GoldenField]
  /// Largest difference, relative to max(1, |golden|).
  let tolerance: Double
  /// Computes the result; nil ids mean every product.
  let run: @Sendable (ConformanceSession, _ ids: [Int64]?) throws -> GoldenJSON

  init(
    _ file: String, _ family: String, _ operation: String, _ params: [(String, GoldenJSON)],
    tolerance: Double = 1e-9,
    run: @escaping @Sendable (ConformanceSession, _ ids: [Int64]?) throws -> GoldenJSON
  ) {
    self.file = file
    self.family = family
    self.operation = operation
    self.params = params.map { GoldenField(name: $0.0, value: $0.1) }
    self.tolerance = tolerance
    self.run = run
  }
}

/// Results of a company in the form of the documents' golden files, made by the commands that answer a user.
///
/// The commands run under `use erpconnect`, with today the day after the company's `as_of`. This is the only place
/// where the documents' own output names leave the program.
public enum Conformance {
  /// Families that are computed.
  public static var families: [String] {
    var seen: [String] = []
    for o in operations where !seen.contains(o.family) { seen.append(o.family) }
    return seen
  }

  /// Families of the golden files that no command answers yet.
  public static let later: [String] = []

  /// One file's outcome.
  public struct Outcome: Sendable {
    /// The file's name without `.json`.
    public var file: String
    /// The file's text.
    public var text: String
    /// What differs; nil when nothing was compared.
    public var comparison: GoldenComparison?
  }

  /// Computes the golden files of a company folder.
  ///
  /// - Parameters:
  ///   - folder: the company's files as an ERP exports them.
  ///   - products: a `sample.json` with the ids that lists are restricted to; nil lists every product.
  ///   - only: families or file names; empty for all.
  ///   - golden: a folder of golden files to compare with; a file that it lacks is not computed.
  /// - Throws: `ConformanceError`, `WarehouseError`, `FileError`, `Cancellation.Interrupted`.
  public static func run(
    _ folder: String, products: String? = nil, only: [String] = [], golden: String? = nil,
    each: (Outcome) throws -> Void
  ) throws {
    let chosen = try chosen(only)
    let files = FileManager.default
    let sample =
      products ?? golden.map { $0 + "/sample.json" }.flatMap { files.fileExists(atPath: $0) ? $0 : nil }
    let ids = try sample.map { path throws(ConformanceError) in try listedProducts(path) }
    if let golden, !chosen.contains(where: { files.fileExists(atPath: "\(golden)/\($0.file).json") }) {
      throw ConformanceError(
        "\(golden) holds none of the golden files asked for, such as \(chosen[0].file).json")
    }
    let session = try ConformanceSession(loading: folder)
    for operation in chosen {
      let path = golden.map { "\($0)/\(operation.file).json" }
      if let path, !files.fileExists(atPath: path) { continue }
      let result = try operation.run(session, ids)
      let document = GoldenJSON.fields([
        ("schema", .text("erpq-golden/1")), ("as_of", .text(session.asOf.description)),
        ("operation", .text(operation.operation)), ("params", .object(operation.params)), ("result", result),
      ])
      var outcome = Outcome(file: operation.file, text: document.text)
      if let path {
        let expected = try GoldenJSON.load(path)["result"]
        outcome.comparison = GoldenComparison(
          golden: expected, result: result, tolerance: operation.tolerance)
      }
      try each(outcome)
    }
  }

  private static func listedProducts(_ path: String) throws(ConformanceError) -> [Int64] {
    let json = try GoldenJSON.load(path)
    let list = json["result"]["product_ids"].elements + json["product_ids"].elements + json.elements
    let ids = list.compactMap(\.integer)
    guard !ids.isEmpty, ids.count == list.count else {
      throw ConformanceError("\(path) has no list of product ids under result.product_ids")
    }
    return ids
  }

  private static func chosen(_ only: [String]) throws(ConformanceError) -> [ConformanceOperation] {
    if only.isEmpty { return operations }
    var found: [ConformanceOperation] = []
    for name in only {
      let matches = operations.filter { $0.family == name || $0.file == name }
      if matches.isEmpty {
        if let family = later.first(where: { name.hasPrefix($0) }) {
          throw ConformanceError(
            "\(family) is not computed yet; what is: \(families.joined(separator: ", "))")
        }
        let near = nearest(to: name, among: families + operations.map(\.file), count: 1)
        throw ConformanceError(
          "there is no golden file \(name)"
            + (near.first.map { "; did you mean \($0)?" } ?? "; there are \(families.joined(separator: ", "))")
        )
      }
      found += matches.filter { m in !found.contains { $0.file == m.file } }
    }
    return found
  }
}
