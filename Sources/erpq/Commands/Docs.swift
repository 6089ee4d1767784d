import ArgumentParser
import ErpqDiagnostics
import ErpqEngine
import ErpqLanguageServer
import ErpqSemantics
import ErpqShell
import ErpqTables
import ErpqWarehouse

/// `erpq docs NAME`: the generated pages of the documentation, from the same declarations as help.
struct Docs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs", abstract: "Print a generated page of the documentation.", shouldDisplay: false)

  enum Page: String, CaseIterable, ExpressibleByArgument {
    case commands, functions, stages, data, kpis, errors, examples, textmate
  }

  @Argument var page: Page

  func run() throws {
    switch page {
    case .commands: Output.standard.write(commands())
    case .functions: Output.standard.write(functions())
    case .stages: Output.standard.write(stages())
    case .data: Output.standard.write(data())
    case .kpis: Output.standard.write(try kpis())
    case .errors: Output.standard.write(errors())
    case .examples: Output.standard.write(examples())
    case .textmate: Output.standard.write(TextMateGrammar.json)
    }
  }

  private func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }

  /// Parameters that many commands share with the same meaning: they get one table instead of many.
  private func sharedParameters() -> [ParameterSpec] {
    var found: [(spec: ParameterSpec, uses: Int)] = []
    for p in Commands.catalog.commands.flatMap(\.parameters) {
      if let i = found.firstIndex(where: { $0.spec.name == p.name && $0.spec.doc == p.doc }) {
        found[i].uses += 1
      } else {
        found.append((p, 1))
      }
    }
    return found.filter { $0.uses >= 8 }.map(\.spec)
  }

  private func parameterTable(_ parameters: [ParameterSpec]) -> String {
    var out = "\n| parameter | takes | default | meaning |\n|---|---|---|---|\n"
    for p in parameters {
      let value = p.defaultValue.map { $0.isNull ? "" : $0.literal } ?? (p.isRequired ? "needed" : "")
      out += "| `\(p.name)` | \(cell(p.type.description)) | \(cell(value)) | \(cell(p.doc)) |\n"
    }
    return out
  }

  private func commands() -> String {
    let shared = sharedParameters()
    let sink = TerminalSink(format: .table, environment: [:])
    let host = Session(SessionOptions(), sink: sink).bindingHost
    var out =
      "# Commands\n\nEvery source that a statement can begin with. Made by `make docs` from the declarations.\n"
    out += "\n## Parameters that many commands take\n" + parameterTable(shared)
    var group = ""
    for spec in Commands.catalog.commands {
      if spec.group != group {
        group = spec.group
        out += "\n## \(group)\n"
      }
      out += "\n### \(spec.name)\n\n\(spec.summary)\n"
      if !spec.help.isEmpty { out += "\n\(spec.help)\n" }
      let own = spec.parameters.filter { p in !shared.contains { $0.name == p.name && $0.doc == p.doc } }
      if !own.isEmpty { out += parameterTable(own) }
      let common = spec.parameters.filter { p in shared.contains { $0.name == p.name && $0.doc == p.doc } }
      if !common.isEmpty {
        out +=
          "\n\(own.isEmpty ? "Takes" : "Also") " + common.map { "`\($0.name)`" }.joined(separator: " ")
          + ".\n"
      }
      // The columns of a relation are on the page of the data.
      if group == "Relations" {
        out += "\nColumns: [data](data.md#\(spec.name)).\n"
      } else if let schema = try? spec.output(BoundArguments(), host), !schema.fields.isEmpty {
        out += "\n| column | type | meaning |\n|---|---|---|\n"
        for f in schema.fields { out += "| `\(f.name)` | \(cell(f.type.description)) | \(cell(f.doc)) |\n" }
      }
      // What needs a server is shown, not run.
      let fence = spec.examples.contains(where: \.needsServer) ? "text" : "erpq"
      out += "\n```\(fence)\n" + spec.examples.map { "# \($0.title)\n\($0.code)\n" }.joined() + "```\n"
    }
    return out
  }

  private func kpis() throws -> String {
    var out = """
      # KPIs

      The metrics of the standard library. Made by `make docs` from the declarations in `stdlib/kpi`. `kpi NAME` measures \
      one, `kpi all` measures all of them, `kpi catalog` lists them, and `describe NAME` shows how one is computed. What \
      cannot be known is null, with a reason. Targets are usual ones: a metric that a script declares under the same name \
      goes before the library's, and one under a new name stands beside it.

      ```erpq
      ## Revenue of Saturdays and Sundays.
      metric weekend_revenue : money { code "OWN.WEEKEND" group "Sales" better "up" } =
        sales where weekday(date) >= 6 | summarize sum(amount)

      kpi weekend_revenue days 30 | select name, value, unit, change_pct
      ```

      A metric's query ends in one `summarize` with one item, and perhaps a second one, `coverage`: the part of the facts \
      that could be used. `kpi` puts its period and its filters into the sources. A query that says itself where the \
      period goes uses `$since` and `$until` (first and last day), `$before` (first day of the period before) and `$days`.

      """
    let sink = TerminalSink(format: .table, environment: [:])
    let session = Session(SessionOptions(), sink: sink, standardLibrary: try GlobalOptions.standardLibrary())
    var group = ""
    for metric in session.environment.allMetrics.enumerated().sorted(by: {
      // Groups in the order of their first metric.
      let order = session.environment.allMetrics.map(\.group)
      let (a, b) = (order.firstIndex(of: $0.element.group) ?? 0, order.firstIndex(of: $1.element.group) ?? 0)
      return (a, $0.offset) < (b, $1.offset)
    }).map(\.element) {
      if metric.group != group {
        group = metric.group
        out += "\n## \(group)\n\n| code | metric | better | target | what |\n|---|---|---|---|---|\n"
      }
      let aliases = metric.aliases.isEmpty ? "" : " Also `" + metric.aliases.joined(separator: "`, `") + "`."
      out += "| \(cell(metric.code)) | `\(metric.name)` | \(metric.direction?.rawValue ?? "") | "
      out += "\(cell(MetricTarget.text(metric) ?? "")) | \(cell(metric.about))\(aliases) |\n"
    }
    return out
  }

  private func functions() -> String {
    var out = "# Functions\n\nMade by `make docs` from the declarations.\n"
    var category = ""
    for f in Commands.catalog.functions {
      if f.category != category {
        category = f.category
        out +=
          "\n## \(category.prefix(1).uppercased() + category.dropFirst())\n\n| function | gives | what | example |\n|---|---|---|---|\n"
      }
      let parameters = f.parameters.map { $0.name + ($0.defaultValue.map { " = " + $0.literal } ?? "") }
        .joined(separator: ", ")
      let example = f.examples.first.map { "`\(cell($0.code))` → `\(cell($0.result))`" } ?? ""
      out +=
        "| `\(f.name)(\(parameters)\(f.isVariadic ? ", …" : ""))` | \(cell(f.returnsDoc)) | \(cell(f.summary)) | \(example) |\n"
    }
    return out
  }

  private func stages() -> String {
    var out = "# Stages\n\nWhat can follow `|`. Made by `make docs` from the declarations.\n"
    for s in StageDocs.all {
      out += "\n## \(s.name)\n\n\(s.summary)\n\n    | \(s.usage)\n" + (s.help.isEmpty ? "" : "\n\(s.help)\n")
      out += "\n```erpq\n" + s.examples.map { $0.code + "\n" }.joined() + "```\n"
    }
    return out
  }

  private func data() -> String {
    var out =
      "# Data\n\nThe relations of a company file: each is a source. Made by `make docs` from the declarations.\n"
    for r in Warehouse.relations {
      out += "\n## \(r.name)\n\n\(r.summary)"
      if !r.keys.isEmpty { out += " Key: " + r.keys.map { "`\($0)`" }.joined(separator: ", ") + "." }
      out += "\n\n| column | type | meaning | leads to |\n|---|---|---|---|\n"
      for f in r.fields {
        let to = r.references.first { $0.column == f.name }?.relation ?? ""
        out +=
          "| `\(f.name)` | \(cell(f.type.description)) | \(cell(f.doc)) | \(to.isEmpty ? "" : "`\(to)`") |\n"
      }
    }
    return out
  }

  private func errors() -> String {
    var out =
      "# Errors\n\nEvery code with what it means; `explain CODE` prints the same. Made by `make docs` from the catalogue.\n"
    for code in DiagnosticCode.allCases {
      var lines = Explanations.page(code.rawValue).split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init)
      out += "\n## \(lines.removeFirst())\n"
      let body = lines.map { $0.hasPrefix("  ") ? String($0.dropFirst(2)) : $0 }
      let parts = body.split(separator: "", omittingEmptySubsequences: true).map {
        $0.joined(separator: "\n")
      }
      for (i, part) in parts.enumerated() { out += i == 0 ? "\n\(part)\n" : "\n```text\n\(part)\n```\n" }
    }
    return out
  }

  /// Every example of commands and stages, a statement a line: the tests run them.
  private func examples() -> String {
    let commands = Commands.catalog.commands.flatMap(\.examples)
      .filter { !$0.needsServer }.map(\.code)
    let stages = StageDocs.all.flatMap(\.examples).map(\.code)
    return (commands + stages).map { $0 + "\n" }.joined()
  }
}

/// `erpq man`: the manual page in roff.
struct ManPage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print the manual page (roff); `erpq man | man -l -` shows it.",
    shouldDisplay: false)

  func run() throws {
    func roff(_ text: String) -> String {
      text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        .split(separator: "\n", omittingEmptySubsequences: false).map {
          $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : $0
        }
        .joined(separator: "\n")
    }
    var out =
      ".TH ERPQ 1 \"\" \"erpq \(Version.text)\" \"User Commands\"\n.SH NAME\nerpq \\- query language and shell over an ERP's records\n"
    out +=
      ".SH SYNOPSIS\n.nf\nerpq [options] [FILE ...]\nerpq [options] \\-e STATEMENT\nerpq SUBCOMMAND [options] ...\n.fi\n"
    out += ".SH OPTIONS AND SUBCOMMANDS\n.nf\n" + roff(Erpq.helpMessage(columns: 78)) + "\n.fi\n"
    for (title, command) in [
      ("RUN", Run.self as any ParsableCommand.Type), ("CHECK", Check.self), ("FMT", Format.self),
      ("TEST", TestCommand.self), ("IMPORT CSV", ImportCSV.self),
    ] {
      out += ".SH \(title)\n.nf\n" + roff(Erpq.helpMessage(for: command, columns: 78)) + "\n.fi\n"
    }
    out += ".SH COMMANDS OF THE LANGUAGE\n"
    for c in Commands.catalog.commands { out += ".TP\n.B \(roff(c.name))\n\(roff(c.summary))\n" }
    out += ".SH STAGES\n"
    for s in StageDocs.all { out += ".TP\n.B \(roff(s.name))\n\(roff(s.summary))\n" }
    out += ".SH FILES\n.TP\n.I $XDG_DATA_HOME/erpq\nthe demo company and the history of the prompt\n"
    out +=
      ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colour\n.TP\n.B ERPQ_STDLIB\na folder with another standard library\n"
    Output.standard.write(out)
  }
}
