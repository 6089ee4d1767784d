import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// `explain`: what a query will do, step by step, without doing it.
enum Explain {
  static func text(_ query: BoundQuery, _ executor: Executor) throws -> String {
    lines(query, executor, indent: "").joined(separator: "\n") + "\n"
  }

  private static func lines(
    _ query: BoundQuery, _ executor: Executor, indent: String, asked: Set<String>? = nil
  ) -> [String] {
    var out: [String] = []
    let plan = ScanPushdown(query, asked: asked)
    switch query.source {
    case .query(let inner): out += lines(inner, executor, indent: indent, asked: plan.needed)
    case .command(let spec, let bound, let span):
      out.append(indent + "from  " + spec.name)
      out += steps(spec, bound, span, plan, executor).map { indent + "        " + $0 }
    default: out.append(indent + "from  " + ScanPushdown.describe(query.source))
    }
    for (i, stage) in query.stages.enumerated() {
      let asked = ScanPushdown.asked(by: stage, before: query.stages[(i + 1)...], asked: asked)
      out += line(stage, query, executor, indent, asked)
    }
    if indent.isEmpty {
      let schema = query.schema
      let columns =
        schema.names.joined(separator: ", ")
        + (schema.isOpen ? (schema.names.isEmpty ? "known only when it runs" : ", and more") : "")
      out.append("gives " + columns)
    }
    return out
  }

  private static func steps(
    _ spec: CommandSpec, _ bound: BoundArguments, _ span: SourceSpan, _ plan: ScanPushdown,
    _ executor: Executor
  ) -> [String] {
    guard let command = Commands.byName[spec.name] else { return [] }
    do {
      let arguments = try Arguments(spec, bound, span: span, variables: executor.values)
      if let relation = command.relation {
        let scan = try RelationCommands.scan(
          relation, arguments, executor.context, columns: plan.columns, filters: plan.filters)
        return try RelationCommands.plan(scan, executor.context)
      }
      return try command.plan(arguments, executor.context)
    } catch let d as Diagnostic {
      return ["(" + d.message + ")"]
    } catch {
      return []
    }
  }

  private static func line(
    _ stage: BoundStage, _ query: BoundQuery, _ executor: Executor, _ indent: String, _ asked: Set<String>?
  ) -> [String] {
    switch stage.kind {
    case .block(let stages): return stages.flatMap { line($0, query, executor, indent, nil) }
    case .lookup(let key, let relation, let columns):
      return [
        indent
          + "then  look up \(columns.map(\.column).joined(separator: ", ")) in \(relation.name) by \(key)"
      ]
    case .join(_, let right, _, _), .union(let right):
      return [indent + "then  " + query.text.slice(stage.span)]
        + lines(right, executor, indent: indent + "      ", asked: asked)
    case .drop where stage.word == "drop" && query.text.slice(stage.span).hasPrefix("drop") == false:
      return []
    default:
      let written = query.text.slice(stage.span).split(whereSeparator: \.isNewline).map { $0.trimmed }.joined(
        separator: " ")
      return [indent + "then  " + (written.hasPrefix(stage.word) ? written : stage.word + " " + written)]
    }
  }
}

extension Substring {
  var trimmed: String {
    var s = self
    while let c = s.first, c.isWhitespace { s = s.dropFirst() }
    while let c = s.last, c.isWhitespace { s = s.dropLast() }
    return String(s)
  }
}
