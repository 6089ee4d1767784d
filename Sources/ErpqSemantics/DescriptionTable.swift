import ErpqBase
import ErpqSyntax
import ErpqTables

/// What `describe` shows of definitions, metrics and scenarios, as tables.
enum DescriptionTable {
  static func signature(_ definition: Definition, in source: SourceText? = nil) -> String {
    let formals = definition.formals.map { formal in
      formal.name.text + (formal.type.map { ": " + text($0) } ?? "")
        + (formal.defaultValue.map { " = " + (source?.slice($0.span) ?? "…") } ?? "")
    }
    return definition.name.text + "(" + formals.joined(separator: ", ") + ")"
      + (definition.returns.map { " -> " + text($0) } ?? "")
  }

  static func text(_ type: TypeName) -> String {
    type.name.text
      + (type.arguments.isEmpty ? "" : "<" + type.arguments.map(text).joined(separator: ", ") + ">")
      + (type.isOptional ? "?" : "")
  }

  private static func pairs(_ title: String, _ rows: [(String, String)]) -> Description {
    .table(
      title: title,
      Table([
        ("property", Column(.text, values: rows.map { .text($0.0) })),
        ("value", Column(.text, values: rows.map { .text($0.1) })),
      ]))
  }

  static func definition(_ info: DefinitionInfo) -> Description {
    let kind =
      switch info.definition.body {
      case .expression: "a value"
      case .block: "a source"
      case .stages: "a stage"
      case .error: "broken"
      }
    let place = info.source.position(of: info.definition.name.span.start)
    return pairs(
      info.prefix + info.definition.name.text,
      [
        ("definition", info.prefix + signature(info.definition, in: info.source)), ("gives", kind),
        ("about", info.doc),
        ("where", "\(info.source.name):\(place.line)"),
      ].filter { !$0.1.isEmpty })
  }

  static func metric(_ info: MetricInfo) -> Description {
    var rows = [("metric", info.name), ("type", info.type?.description ?? "")].filter { !$0.1.isEmpty }
    for key in MetricInfo.attributeNames {
      if let value = info.attributes[key] { rows.append((key, value.description)) }
    }
    if !info.doc.isEmpty { rows.append(("about", oneLine(info.doc))) }
    rows.append(("query", oneLine(info.queryText)))
    return pairs(info.name, rows)
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  static func scenario(_ info: ScenarioInfo) -> Description {
    let changes = info.scenario.changes
    let values = zip(changes, info.values).map { change, value -> Value in
      let sign = change.isRelative && !(value.asDouble ?? 0 < 0) ? "+" : ""
      return .text(sign + value.description)
    }
    return .table(
      title: "scenario " + info.scenario.name.text
        + (info.scenario.parent.map { " from " + $0.text } ?? ""),
      Table([
        ("change", Column(.text, values: changes.map { .text($0.name.text) })),
        ("kind", Column(.text, values: changes.map { .text($0.isRelative ? "relative" : "set") })),
        ("value", Column(.text, values: values)),
        ("where", Column(.text, values: info.filters.map { $0.isEmpty ? .null : .text($0) })),
      ]))
  }
}
