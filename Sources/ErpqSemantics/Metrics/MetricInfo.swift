import ErpqBase
import ErpqSyntax
import ErpqTables
import Synchronization

/// A metric that was declared: by a script, or by the standard library.
public struct MetricInfo: Sendable {
  /// The name, with the prefix of its module.
  public var name: String
  /// The declaration.
  public var metric: Metric
  /// Its `##` lines.
  public var doc: String
  /// The constant attributes: code, unit, better, group, target …
  public var attributes: [String: Value]
  /// The type of its value; of a metric of the library only as far as it is written.
  public var type: ValueType?
  /// The text it stands in.
  public var source: SourceText
  /// The prefix of the module it belongs to; empty for the script itself.
  public var prefix: String
  /// Whether the standard library declares it.
  public var isStandard = false

  /// The attributes that a declaration may give, in the order of `describe`.
  public static let attributeNames = [
    "code", "name", "group", "better", "target", "warn", "unit", "doc", "reason", "aliases",
  ]

  /// What a higher value means.
  public enum Direction: String, Sendable {
    case up, down, target
  }

  /// The query as written.
  public var queryText: String { source.slice(metric.query.span) }
  /// The stable code, such as `SALES.REV`; the name in capitals where none is given.
  public var code: String { text("code") ?? name.uppercased() }
  /// The name for people; from the name in statements where none is given.
  public var title: String {
    if let title = text("name") { return title }
    let words = name.replacing("_", with: " ").replacing(".", with: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
  /// The heading it is listed under.
  public var group: String { text("group") ?? "Own" }
  /// What a higher value means; nil where no one said.
  public var direction: Direction? { text("better").flatMap { Direction(rawValue: $0) } }
  /// What it measures, in a sentence or two.
  public var about: String { text("doc") ?? doc }
  /// Why it can be null although there are facts.
  public var nullReason: String? { text("reason") }
  /// Other names.
  public var aliases: [String] {
    switch attributes["aliases"] {
    case .text(let s): [s]
    case .list(let items): items.compactMap { if case .text(let s) = $0 { s } else { nil } }
    default: []
    }
  }

  private func text(_ attribute: String) -> String? {
    if case .text(let s)? = attributes[attribute] { s } else { nil }
  }

  /// Whether a word or text names it: its name, an alias or its code, whatever the case of the latter.
  public func answers(to text: String) -> Bool {
    name == text || aliases.contains(text) || code.lowercased() == text.lowercased()
  }
}

/// The metrics of the standard library. They are read when a statement first asks for metrics, so that other
/// statements do not wait for them.
public final class MetricLibrary: Sendable {
  private let load: @Sendable (_ documents: Bool) -> [MetricInfo]
  private let state = Mutex<[Bool: [MetricInfo]]>([:])

  /// A library that `load` reads; `documents` asks for the readings of `use erpconnect`.
  public init(_ load: @escaping @Sendable (_ documents: Bool) -> [MetricInfo]) { self.load = load }

  /// The metrics in their order.
  public func metrics(documents: Bool) -> [MetricInfo] {
    state.withLock { state in
      if let known = state[documents] { return known }
      let loaded = load(documents)
      state[documents] = loaded
      return loaded
    }
  }
}

extension Environment {
  /// Every metric there is: the library's in their order, each replaced by the script's of the same name, then the
  /// script's own in theirs.
  public var allMetrics: [MetricInfo] {
    var list = library?.metrics(documents: settings.contains("erpconnect")) ?? []
    for name in metricOrder {
      guard let own = metrics[name] else { continue }
      if let place = list.firstIndex(where: { $0.name == name }) {
        list[place] = own
      } else {
        list.append(own)
      }
    }
    return list
  }

  /// Whether a script has definitions of its own, which metrics may use.
  public var redefinesLibrary: Bool { definitions.values.contains { !$0.isStandard } }

  /// The metric of that name, alias or code; a script's own goes first.
  public func metric(named text: String) -> MetricInfo? {
    if let own = metrics[text] { return own }
    let all = allMetrics
    return all.first { $0.name == text } ?? all.last { $0.answers(to: text) }
  }
}
