import ErpqDiagnostics
import ErpqSemantics
import ErpqTables

/// `odoo model "sale.order" fields [name] domain [["state", "=", "sale"]]`: records of a server as they are now.
enum OdooModelCommand {
  /// Records that are asked for when nothing is said.
  static let defaultLimit = 1000

  static let spec = CommandSpec(
    "odoo model", group: "Server", "Records of any model of the connected Odoo, as they are now.",
    help: """
      For what the company file does not hold. The fields' types come from the server, which is asked when the \
      statement is checked. References are ids; moments are in universal time; archived records are among the rows. \
      Only methods that read are ever called. The connection's company is the one whose records are seen.
      """,
    searchWords: ["live", "raw", "search_read", "api", "server", "domain"],
    parameters: [
      ParameterSpec("model", .value(.text), required: true, position: 0, "the model, in quotes"),
      ParameterSpec("fields", .columns, "the fields; all that a column can hold if left out"),
      ParameterSpec(
        "domain", .conditions, "conditions in Odoo's form, with \"|\", \"&\" and \"!\" before what they join"),
      ParameterSpec("order", .value(.text), "the order, such as \"date_order desc\"; by id if left out"),
      ParameterSpec(
        "limit", .value(.int), default: .int(Int64(defaultLimit)), "at most so many records; 0 for all"),
    ],
    examples: [
      Example(
        "odoo model \"sale.order\" fields [name, amount_total, state] domain [[\"state\", \"=\", \"sale\"]] limit 50",
        "fifty confirmed orders", needsServer: true),
      Example(
        "odoo model \"res.users\" fields [name, login] | sort name", "who works with the server",
        needsServer: true),
    ]
  ) { arguments, host throws(Diagnostic) in
    guard case .text(let model)? = arguments.constant("model") else { return .unknown }
    var fields: [String] = []
    if case .list(let items)? = arguments.constant("fields") {
      fields = items.compactMap { if case .text(let s) = $0 { s } else { nil } }
    }
    return try host.serverSchema(model, fields: fields, arguments)
  }

  static let command = Command(
    spec,
    plan: { a, _ in ["ask the server for \(a.text("model") ?? "")"] },
    run: { a, context in
      let limit = a.int("limit") ?? defaultLimit
      guard limit >= 0 else {
        throw Diagnostic(
          .outOfRange, "a number of records cannot be negative", at: a.span("limit"),
          label: "0 or more is expected")
      }
      let conditions = a["domain"].isNull ? Value.list([]) : a["domain"]
      let table = try (context.live ?? NoServer()).records(
        model: a.text("model") ?? "", fields: a.texts("fields"), conditions: conditions,
        order: a.text("order"),
        limit: limit)
      if !a.isGiven("limit"), table.rowCount == limit {
        context.warn(
          Diagnostic(.dataNote, "only the first \(limit) records were asked for; `limit 0` asks for all"))
      }
      return ResultTable(table)
    })
}
