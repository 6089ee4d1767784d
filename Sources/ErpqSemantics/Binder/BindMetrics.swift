import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Declarations of metrics and scenarios.
extension Binder {
  mutating func declare(_ metric: Metric, doc: String) {
    let name = modulePrefix + metric.name.text
    let type = metric.type.flatMap { resolve($0) }
    let attributes = attributes(metric)
    let yesterday = host.today.adding(days: -1)
    let period = MetricPeriod(first: yesterday.adding(days: -29), last: yesterday)
    let before = diagnostics
    diagnostics = []
    let bound = bound(metric, period: period, filters: [:])
    diagnostics = before + diagnostics
    guard let bound else { return }
    if let type, !TypeRules.fits(bound.type, type), !(bound.type.isNumeric && type.isNumeric) {
      report(
        .wrongType("`\(metric.name.text)`", wanted: type.spoken, found: bound.type.spoken, metric.query.span))
      return
    }
    if environment.metrics[name] == nil { environment.metricOrder.append(name) }
    environment.metrics[name] = MetricInfo(
      name: name, metric: metric, doc: doc, attributes: attributes, type: type ?? bound.type, source: source,
      prefix: modulePrefix)
  }

  /// The constant attributes of a declaration.
  mutating func attributes(_ metric: Metric) -> [String: Value] {
    var attributes: [String: Value] = [:]
    let known = MetricInfo.attributeNames
    for (attribute, value) in metric.attributes {
      if !known.contains(attribute.text) {
        report(
          .unknownName(
            "attribute", attribute.text, attribute.span, near: nearest(to: attribute.text, among: known),
            options: known))
        continue
      }
      let e = bind(value, scope: .rowless)
      if case .constant(let v, _) = e { attributes[attribute.text] = v }
      if attribute.text == "better", case .constant(.text(let s), _) = e,
        MetricInfo.Direction(rawValue: s) == nil
      {
        report(
          .badWord(s, parameter: "better", allowed: ["up", "down", "target"], value.span, near: []))
      }
    }
    return attributes
  }

  mutating func declare(_ scenario: Scenario, doc: String) {
    let name = modulePrefix + scenario.name.text
    if name == "base" {
      report(
        Diagnostic(
          .duplicateName, "`base` is the company as it is", at: scenario.name.span,
          label: "give the scenario another name"))
      return
    }
    if let parent = scenario.parent, parent.text != "base", environment.scenarios[parent.text] == nil {
      report(
        .unknownName(
          "scenario", parent.text, parent.span,
          near: nearest(to: parent.text, among: environment.scenarios.keys.sorted()),
          options: environment.scenarios.keys.sorted()))
    }
    var values: [Value] = []
    var filters: [String] = []
    var seen = Set<String>()
    for change in scenario.changes {
      if change.filter == nil, !seen.insert(change.name.text).inserted {
        report(.duplicateName(change.name.text, change.name.span, what: "changes"))
      }
      let e = bind(change.value, scope: .rowless)
      if case .constant(let v, _) = e {
        values.append(v)
      } else {
        if !e.isBroken { report(.notConstant("the value of a change", change.value.span)) }
        values.append(.null)
      }
      if let filter = change.filter {
        _ = condition(filter, place: "`where`", scope: Scope.rowless.rows(.unknown, stage: "where"))
        filters.append(source.slice(filter.span))
      } else {
        filters.append("")
      }
    }
    environment.scenarios[name] = ScenarioInfo(scenario: scenario, doc: doc, values: values, filters: filters)
  }
}
