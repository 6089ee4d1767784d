import ErpqBase
import ErpqDiagnostics
import ErpqSyntax
import ErpqTables

extension Binder {
  mutating func importModule(_ path: String, _ span: SourceSpan, _ alias: Name?) {
    let text: SourceText
    do {
      text = try host.module(path, from: source.name)
    } catch {
      environment.missingImports.insert(alias.map { $0.text + "." } ?? "")
      report(error.at(span))
      return
    }
    if environment.importing.contains(text.name) || text.name == source.name {
      report(importCycle(text.name, span))
      return
    }
    let prefix = alias.map { $0.text + "." } ?? ""
    let key = prefix + "\u{0}" + text.name
    guard environment.imported.insert(key).inserted else { return }
    let tree = Parser.parse(text)
    diagnostics.append(contentsOf: tree.diagnostics)
    environment.importing.append(source.name)
    let saved = (source, modulePrefix)
    source = text
    modulePrefix = prefix
    defer {
      (source, modulePrefix) = saved
      environment.importing.removeLast()
    }
    announce(tree)
    for statement in tree.statements {
      switch statement.kind {
      case .define, .metric, .scenario, .importFile, .error: _ = bind(statement)
      case .letQuery(let name, let query):
        let bound = bind(query, scope: .rowless)
        if case .value(let e) = bound.source, bound.stages.isEmpty, case .constant(let v, let t) = e {
          environment.variables[prefix + name.text] = .value(t, v)
        } else if !bound.isBroken {
          report(
            Diagnostic(
              .expected, "an imported file sets only plain values with `let`", at: statement.span,
              label: "make it a `def`"))
        }
      default:
        report(
          Diagnostic(
            .expected, "an imported file holds definitions only", at: statement.span,
            label: "this would run; move it into a script"))
      }
    }
  }

  private func importCycle(_ name: String, _ span: SourceSpan) -> Diagnostic {
    let open = environment.importing + [source.name]
    let from = open.firstIndex(of: name) ?? 0
    let chain = (open[from...] + [name]).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    return Diagnostic(
      .importCycle, "this file imports itself: " + chain.joined(separator: " → "), at: span,
      label: "one of them has to do without the other")
  }
}
