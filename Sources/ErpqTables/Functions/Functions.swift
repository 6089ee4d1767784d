import ErpqBase

/// The functions that are built in. Binding, help, completion and the docs read this list.
public enum Functions {
  /// All of them, by category, in the order in which the docs show them.
  public static let all: [FunctionSpec] =
    text + number + date + conditional + conversion + list + distribution + aggregate + window
}

// Short forms that the declarations share.

typealias P = FunctionSpec.Parameter

func examples(_ pairs: KeyValuePairs<String, String>) -> [FunctionSpec.Example] {
  pairs.map { FunctionSpec.Example($0.key, $0.value) }
}

/// The argument's type.
@Sendable func sameType(_ types: [ValueType]) -> ValueType { types.first ?? .unknown }

/// One type for several values: that of the first that is known; int with another number is that number's.
@Sendable func commonType(_ types: [ValueType]) -> ValueType {
  let known = types.filter { $0 != .null && $0 != .unknown }
  guard let first = known.first else { return types.first ?? .unknown }
  return known.first { first == .int && $0 != .int && $0.isNumeric } ?? first
}

extension Value {
  /// The text of a text; empty for anything else.
  var string: String { if case .text(let s) = self { s } else { "" } }

  /// A number cut off to an Int, clamped to its range.
  var integer: Int {
    if case .int(let i) = self { return Int(i) }
    guard let d = asDouble, d.isFinite else { return 0 }
    return Int(exactly: d.rounded(.towardZero)) ?? (d < 0 ? .min : .max)
  }

  /// The day of a date or datetime, the first one of a period.
  var day: CivilDate? {
    switch self {
    case .date(let d): d
    case .datetime(let i): i.utcDate
    case .period(let p): p.start
    default: nil
    }
  }
}

/// A function of the text category or another, computed value by value (once per distinct text).
func simple(
  _ name: String, _ category: String, _ summary: String, _ parameters: [P], variadic: Bool = false,
  _ type: ValueType, search: [String] = [], _ pairs: KeyValuePairs<String, String>,
  nullsAllowed: Bool = false,
  _ f: @escaping @Sendable ([Value]) throws -> Value
) -> FunctionSpec {
  FunctionSpec(
    name, category: category, summary, parameters, variadic: variadic, returnsDoc: type.description,
    searchWords: search, examples: examples(pairs),
    kind: .scalar(.values(name, nullsAllowed: nullsAllowed, f)),
    returns: { _ in type })
}
