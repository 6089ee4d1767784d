import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqSyntax
import ErpqTables

/// The text of `help` and of `describe`: made from the declarations, so it cannot fall behind.
public enum HelpPages {
  /// The page of a topic: a command, function, stage, setting, error code, or words to search for.
  ///
  /// With a `host`, words are also looked for among the columns that commands give.
  public static func page(
    _ topic: String, catalog: Catalog, environment: Environment, host: (any BindingHost)? = nil
  ) -> String {
    let words = topic.filter { !"\"'`".contains($0) }.split(separator: " ").map(String.init)
    let name = words.joined(separator: " ")
    // Someone who writes `help me` looks for no word.
    if words.isEmpty || name.lowercased() == "me" { return overview() }
    if let spec = catalog.command(name) { return command(spec, columns: nil) }
    if let spec = catalog.function(name) { return function(spec) }
    if let code = DiagnosticCode(rawValue: name.uppercased()) { return Explanations.page(code.rawValue) }
    switch name {
    case "commands", "sources", "relations", "tables": return commands(catalog)
    case "functions": return functions(catalog)
    case "stages": return stages()
    case "types": return types
    default: break
    }
    if let stage = StageDocs.all.first(where: { $0.name == name }) { return StageDocs.page(stage) }
    let family = catalog.commands.filter { $0.words.first == words[0] }
    if words.count == 1, !family.isEmpty {
      return "\(name) …\n\n" + rows(family.map { ($0.name, $0.summary) })
    }
    return search(words, catalog, environment, host)
  }

  private static func rows(_ pairs: [(String, String)], indent: Int = 2) -> String {
    let width = min(28, pairs.map(\.0.count).max() ?? 0)
    return pairs.map { name, text in
      String(repeating: " ", count: indent) + name
        + String(repeating: " ", count: max(1, width - name.count + 2)) + text
    }.joined(separator: "\n") + "\n"
  }

  private static func overview() -> String {
    """
    A statement starts from a source and flows through stages:

      forecast product 101 horizon 30 | plot
      sales days 30 | summarize revenue = sum(amount) by category | sort revenue desc
      read "orders.csv" | where qty > 100 | export csv "big.csv"

    help commands        every source, by group
    help stages          what can follow `|`
    help functions       every function
    help types           values and how they are written
    help forecast        one command, stage or function, with examples
    help reorder point   a search
    describe sales       the columns of a source
    explain E0203        more about an error


    """
  }

  private static func commands(_ catalog: Catalog) -> String {
    grouped(catalog.commands.map { ($0.group, $0.name, $0.summary) })
  }

  private static func functions(_ catalog: Catalog) -> String {
    grouped(
      catalog.functions.map {
        ($0.category.prefix(1).uppercased() + $0.category.dropFirst(), $0.name, $0.summary)
      })
  }

  /// Rows under the heading of their group; the groups in the order in which they first come.
  private static func grouped(_ entries: [(group: String, name: String, summary: String)]) -> String {
    var groups: [(name: String, rows: [(String, String)])] = []
    for entry in entries {
      let i = groups.firstIndex { $0.name == entry.group } ?? groups.count
      if i == groups.count { groups.append((entry.group, [])) }
      groups[i].rows.append((entry.name, entry.summary))
    }
    return groups.map { $0.name + "\n" + rows($0.rows) }.joined(separator: "\n")
  }

  private static func stages() -> String { rows(StageDocs.all.map { ($0.name, $0.summary) }) }

  static let types = """
    bool       true, false
    int        101, 1_000
    number     0.5, 1e6
    percent    95%, 0.5%                    a bare share (0.95) is understood where a percentage is wanted
    text       "…" with {holes}, '…' as it stands
    date       2026-01-31, today
    datetime   now
    period     2026-03, 2026-Q1, 2026-W05   `date in 2026-03`
    duration   30d 2w 12h 5min (exact), 3mo 1q 1y (of the calendar); the two do not compare
    money      1500EUR
    list       [1, 2, 3], 1..10
    null       nothing known: `x is null`, `x ?? 0`

    """

  /// The page of a command: usage, parameters, columns, examples.
  public static func command(_ spec: CommandSpec, columns: Schema?) -> String {
    var out = "\(spec.name): \(spec.summary)\n\n  \(spec.usage)\n"
    if !spec.help.isEmpty { out += "\n" + wrapped(spec.help) }
    if !spec.parameters.isEmpty {
      out += "\nParameters\n"
      out += rows(
        spec.parameters.map { p in
          var text = p.doc + " (" + p.type.description
          if let bounds = p.bounds { text += " from \(bounds.lowerBound) to \(bounds.upperBound)" }
          if let value = p.defaultValue, !value.isNull { text += ", default \(value.literal)" }
          return (p.name + (p.isRequired ? " *" : ""), text + ")")
        })
    }
    if let columns, !columns.fields.isEmpty {
      out +=
        "\nColumns\n"
        + rows(columns.fields.map { ($0.name, "\($0.type)" + ($0.doc.isEmpty ? "" : "  " + $0.doc)) })
    }
    out += "\nExamples\n" + spec.examples.map { "  # \($0.title)\n  \($0.code)\n" }.joined()
    return out
  }

  /// The page of a function.
  public static func function(_ spec: FunctionSpec) -> String {
    let parameters = spec.parameters.map { p in
      p.name + (p.defaultValue.map { " = " + $0.literal } ?? "")
    }.joined(separator: ", ")
    var out =
      "\(spec.name)(\(parameters)\(spec.isVariadic ? ", …" : "")) → \(spec.returnsDoc)\n\n  \(spec.summary)\n"
    let documented = spec.parameters.filter { !$0.doc.isEmpty }
    if !documented.isEmpty { out += "\n" + rows(documented.map { ($0.name, $0.doc) }) }
    out += "\nExamples\n" + spec.examples.map { "  \($0.code)   gives   \($0.result)\n" }.joined()
    return out
  }

  /// The columns of a schema as a table.
  public static func table(of schema: Schema) -> Table {
    Table([
      ("column", Column.texts(schema.names)), ("type", Column.texts(schema.fields.map(\.type.description))),
      ("meaning", Column(.text, values: schema.fields.map { $0.doc.isEmpty ? .null : .text($0.doc) })),
    ])
  }

  private static func wrapped(_ text: String, width: Int = 92) -> String {
    var out = ""
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = "  "
      for word in paragraph.split(separator: " ") {
        if line.count + word.count + 1 > width, line.count > 2 {
          out += line + "\n"
          line = "  "
        }
        line += (line.count > 2 ? " " : "") + word
      }
      out += line + "\n"
    }
    return out
  }

  // MARK: Search

  /// The columns that a command gives, with what they mean.
  private static func columns(_ spec: CommandSpec, _ host: (any BindingHost)?) -> [String] {
    guard let host, let schema = try? spec.output(BoundArguments(), host) else { return [] }
    return schema.fields.map { $0.name + " " + $0.doc }
  }

  private static func search(
    _ words: [String], _ catalog: Catalog, _ environment: Environment, _ host: (any BindingHost)?
  ) -> String {
    let phrase = words.joined(separator: " ").lowercased()
    func score(_ texts: [String], _ name: String) -> Int {
      var total = 0
      for word in words.map({ $0.lowercased() }) {
        if name.lowercased() == word { total += 10 } else if name.lowercased().contains(word) { total += 5 }
        if texts.contains(where: { $0.lowercased().contains(word) }) { total += 2 }
      }
      // The words as they stand mean more than each by itself.
      if words.count > 1, texts.contains(where: { $0.lowercased().contains(phrase) }) { total += 12 }
      return total
    }
    var hits: [(String, String, Int)] = []
    for c in catalog.commands {
      let s = score(
        [c.summary, c.help] + c.searchWords + c.parameters.map { $0.name + " " + $0.doc } + columns(c, host),
        c.name)
      if s > 0 { hits.append((c.name, c.summary, s)) }
    }
    for f in catalog.functions {
      let s = score([f.summary] + f.searchWords, f.name)
      if s > 0 { hits.append((f.name + "()", f.summary, s)) }
    }
    for stage in StageDocs.all {
      let s = score([stage.summary, stage.help] + stage.searchWords, stage.name)
      if s > 0 { hits.append(("| " + stage.name, stage.summary, s)) }
    }
    for (name, info) in environment.definitions.sorted(by: { $0.key < $1.key }) {
      let s = score([info.doc], name)
      if s > 0 {
        hits.append((name, info.doc.split(separator: "\n").first.map(String.init) ?? "a definition", s))
      }
    }
    // Where something holds most of the words, what holds one of several only hides it.
    if words.count > 1, let best = hits.map(\.2).max(), best >= 8 { hits.removeAll { $0.2 <= 2 } }
    hits.sort { ($1.2, $0.0) < ($0.2, $1.0) }
    guard !hits.isEmpty else {
      let names = catalog.commands.map(\.name) + catalog.functions.map(\.name) + stageWords
      let near = nearest(to: words.joined(separator: " "), among: names)
      return "Nothing is known about \"\(words.joined(separator: " "))\"."
        + (near.isEmpty
          ? " `help commands` and `help functions` list everything." : " Did you mean \(listed(near))?")
        + "\n"
    }
    return "About \"\(words.joined(separator: " "))\":\n\n" + rows(hits.prefix(16).map { ($0.0, $0.1) })
  }
}
