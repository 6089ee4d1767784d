import ErpqBase
import ErpqDiagnostics
import ErpqSemantics
import ErpqTables
import ErpqWarehouse
import Foundation

/// `health`: the company file and the server it comes from.
enum HealthCommand {
  static let spec = CommandSpec(
    "health", group: "Server", "How the company file and the connected server are.",
    help: """
      Says whether the server can be reached and lets the user in, which version and protocol it is, how many records \
      of the main models the user sees, whether the clocks agree, and how old the company file's facts are.
      """,
    searchWords: ["status", "connection", "age", "ping"],
    parameters: [],
    examples: [Example("health", "whether everything is as it should be")]
  ) { _, _ throws(Diagnostic) in schema }

  private static let schema = Schema([
    Field("check", .text, "what was looked at"), Field("status", .text, "ok, warning or bad"),
    Field("detail", .text, "what was found"),
  ])

  static let command = Command(
    spec,
    plan: { _, _ in ["look at the company file and ask the server"] },
    run: { _, context in
      let checks = company(context) + (context.live ?? NoServer()).health()
      return ResultTable(
        Table(
          schema,
          [
            Column(.text, values: checks.map { .text($0.check) }),
            Column(.text, values: checks.map { .text($0.status) }),
            Column(.text, values: checks.map { .text($0.detail) }),
          ]))
    })

  private static func company(_ context: RunContext) -> [(check: String, status: String, detail: String)] {
    let warehouse: Warehouse
    do { warehouse = try context.company.warehouse() } catch {
      return [("company file", "bad", error.message)]
    }
    var checks: [(check: String, status: String, detail: String)] = []
    do {
      let info = try warehouse.info
      let facts =
        info.lastFactDay.map { "facts to \($0)" } ?? "it holds no sales and no movements of stock yet"
      let name = info.name.isEmpty ? warehouse.path : info.name
      checks.append(("company file", info.lastFactDay == nil ? "warning" : "ok", "\(name), \(facts)"))
      if let origin = try warehouse.origin { checks.append(("origin", "ok", origin)) }
      if try warehouse.origin != nil { checks.append(lastSync(try warehouse.lastSync)) }
      let problems = info.counts["sync_problems"] ?? 0
      if problems > 0 {
        checks.append(("problems", "warning", "\(problems) records could not be used; see `sync_problems`"))
      }
    } catch {
      checks.append(("company file", "bad", Company.diagnostic(error).message))
    }
    return checks
  }

  private static func lastSync(_ moment: Instant?) -> (check: String, status: String, detail: String) {
    guard let moment else { return ("last sync", "bad", "none was ever complete; run `erpq sync`") }
    let age = Date().timeIntervalSince1970 - Double(moment.microseconds) / 1e6
    return ("last sync", age > StaleFacts.limit ? "warning" : "ok", "\(StaleFacts.words(age)) ago")
  }
}

/// How old facts from a server are.
public enum StaleFacts {
  /// Seconds after which facts are called old.
  static let limit = 2 * 86_400.0

  /// A number of seconds in the largest unit that fits.
  static func words(_ seconds: Double) -> String {
    let steps: [(Double, String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
    for (size, name) in steps where seconds >= size {
      let n = Int(seconds / size)
      return "\(n) \(name)\(n == 1 ? "" : "s")"
    }
    return "less than a minute"
  }

  /// Seconds since the session's company file was last brought up to date; nil for one that no sync fills.
  private static func age(of session: Session) -> Double? {
    guard session.options.live != nil, let warehouse = try? session.company.warehouse(),
      let last = try? warehouse.lastSync
    else { return nil }
    return Date().timeIntervalSince1970 - Double(last.microseconds) / 1e6
  }

  /// How old the facts are, in words; nil for a company file that no sync fills.
  public static func words(of session: Session) -> String? { age(of: session).map { words($0) } }

  /// Tells when facts from a server are old.
  public static func warn(_ session: Session, _ sink: some ResultSink) {
    guard let age = age(of: session), age > limit else { return }
    sink.note("the facts were read from the server \(words(age)) ago; `erpq sync` brings them up to date")
  }
}
