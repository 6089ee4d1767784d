import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse
import Foundation

/// `history`: what was typed at the prompt, as rows.
enum HistoryCommand {
  static let spec = CommandSpec(
    "history", group: "Session", "What was typed at the prompt, when, for how long, and what came of it.",
    help: """
      The newest statements of all prompts, oldest first. Statements that hold a password, a key or a token are never \
      kept. The file lies with erpq's data and can be read by its owner alone.
      """,
    searchWords: ["log", "recent", "previous", "statements", "session"],
    parameters: [
      ParameterSpec("last", .value(.int), default: .int(10_000), position: 0, "so many of the newest")
    ],
    examples: [
      Example("history | where outcome = \"failed\" | select time, statement", "what went wrong"),
      Example("history | summarize n = count() by statement | top 5 by n", "what is typed most"),
    ]
  ) { _, _ throws(Diagnostic) in HistoryStore.schema }

  static let command = Command(
    spec,
    plan: { _, _ in ["read the history of the prompt"] },
    run: { a, context in
      guard let last = a.int("last"), last >= 0 else {
        throw Diagnostic(
          .outOfRange, "a number of statements cannot be negative", at: a.span("last"),
          label: "0 or more is expected")
      }
      guard let path = context.historyPath, FileManager.default.fileExists(atPath: path) else {
        return ResultTable(HistoryStore.table([]))
      }
      do { return ResultTable(HistoryStore.table(try HistoryStore(path: path).entries(limit: last))) } catch {
        throw Company.diagnostic(error)
      }
    })
}
