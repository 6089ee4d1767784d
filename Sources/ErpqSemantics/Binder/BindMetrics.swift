import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

// Declarations of metrics and scenarios.
extension Binder {
  mutating func declare(_ metric: Metric, doc: String) {
    let name = modulePrefix + metric.name.text
    let type = metric.type.flatMap { resolve($0) }
    var attributes: [String: Value] = [:]
    let known = ["name", "code", "unit", "better", "group", "target", "doc", "aliases"]
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
        !["up", "down", "target"].contains(s)
      {
        report(.badWord(s, parameter: "better", allowed: ["up", "down", "target"], value.span, near: []))
      }
    }
    let query = bind(metric.query, scope: .rowless)
    if query.isBroken { return }
    guard case .summarize(let items, let by)? = query.stages.last?.kind, by.isEmpty, items.count == 1 else {
      report(
        Diagnostic(
          .expected, "a metric is one value: its query ends in `| summarize …` with one item and no `by`",
          at: metric.query.stages.last?.span ?? metric.query.span,
          label: "`kpi` adds the period and the `by` itself"))
      return
    }
    let found = items[0].value.type
    if let type, !TypeRules.fits(found, type), !(found.isNumeric && type.isNumeric) {
      report(.wrongType("`\(metric.name.text)`", wanted: type.spoken, found: found.spoken, metric.query.span))
      return
    }
    environment.metrics[name] = MetricInfo(
      name: name, metric: metric, doc: doc, attributes: attributes, type: type ?? found, query: query)
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
