/// A result held against a golden one: numbers within a tolerance of max(1, |golden|), all else equal, lists in
/// the same order. Fields that only the result has are not looked at.
public struct GoldenComparison: Sendable {
  /// Values compared.
  public private(set) var compared = 0
  /// Number of differences.
  public private(set) var count = 0
  /// The first hundred differences: where, what is expected, what there is.
  public private(set) var differences: [String] = []
  /// Largest difference of two numbers, relative to max(1, |golden|).
  public private(set) var worst = 0.0
  /// Largest difference allowed.
  public let tolerance: Double

  /// Compares.
  public init(golden: GoldenJSON, result: GoldenJSON, tolerance: Double) {
    self.tolerance = tolerance
    walk(golden, result, "result")
  }

  private mutating func differ(_ path: String, _ expected: String, _ actual: String) {
    count += 1
    if differences.count < 100 { differences.append("\(path): expected \(expected), got \(actual)") }
  }

  private mutating func walk(_ golden: GoldenJSON, _ result: GoldenJSON, _ path: String) {
    switch golden {
    case .int, .number:
      compared += 1
      guard let g = golden.double, let r = result.double else {
        return differ(path, golden.short, result.short)
      }
      let error = (g - r).magnitude / Swift.max(1, g.magnitude)
      worst = Swift.max(worst, error)
      if !(error <= tolerance) { differ(path, golden.short, result.short) }
    case .null, .bool, .text:
      compared += 1
      if golden != result { differ(path, golden.short, result.short) }
    case .list(let expected):
      guard case .list(let actual) = result, actual.count == expected.count else {
        return differ(path, golden.short, result.short)
      }
      for (i, (e, a)) in zip(expected, actual).enumerated() { walk(e, a, "\(path)[\(i)]") }
    case .object(let expected):
      guard case .object(let actual) = result else { return differ(path, golden.short, result.short) }
      for field in expected {
        guard let there = actual.first(where: { $0.name == field.name }) else {
          differ("\(path).\(field.name)", field.value.short, "nothing")
          continue
        }
        walk(field.value, there.value, "\(path).\(field.name)")
      }
    }
  }
}

extension GoldenJSON {
  /// The value in a message.
  fileprivate var short: String {
    switch self {
    case .list(let items): "a list of \(items.count)"
    case .object: "an object"
    default: String(text.dropLast())
    }
  }
}
