import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// Changes of facts that hold while a pipeline runs under a scenario.
public struct FactChanges: Sendable {
  /// The scenario's name; nil for the company as it is.
  public var name: String?
  var changes: [BoundScenario.Change] = []

  /// No changes.
  public init() {}

  init(_ scenario: BoundScenario) {
    name = scenario.name
    changes = scenario.changes.filter { $0.target == .fact }
  }

  /// Whether there is nothing to apply.
  public var isEmpty: Bool { changes.isEmpty }

  /// Applies the changes of a fact to numbers, one a product.
  ///
  /// - Parameters:
  ///   - unit: what one of the change's unit is in the numbers (a day in milliseconds, say, is 1).
  func apply(_ fact: String, to values: inout [Double?], products: Table, scale: Double = 1) throws {
    for change in changes where change.name == fact {
      let mask = try mask(change, products)
      guard let amount = change.value.asDouble else { continue }
      let isShare = if case .percent = change.value { true } else { false }
      for i in values.indices where mask?[i] ?? true {
        guard let old = values[i] else {
          if !change.isRelative { values[i] = amount / scale }
          continue
        }
        if !change.isRelative {
          values[i] = amount / scale
        } else if isShare {
          values[i] = old * (1 + amount)
        } else {
          values[i] = old + amount / scale
        }
      }
    }
  }

  /// Which products a switch such as `supply = false` turns off.
  func isOff(_ fact: String, products: Table) throws -> [Bool] {
    var off = [Bool](repeating: false, count: products.rowCount)
    for change in changes where change.name == fact {
      guard case .bool(let isOn) = change.value else { continue }
      let mask = try mask(change, products)
      for i in off.indices where mask?[i] ?? true { off[i] = !isOn }
    }
    return off
  }

  private func mask(_ change: BoundScenario.Change, _ products: Table) throws -> [Bool]? {
    guard let filter = change.filter else { return nil }
    let column = try Evaluator(table: products).column(filter)
    return (0..<products.rowCount).map { column[$0] == .bool(true) }
  }
}
