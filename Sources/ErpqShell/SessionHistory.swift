import ErpqBase
import ErpqEngine
import ErpqSyntax
import ErpqWarehouse
import Foundation

/// The history as one prompt sees it: it is read at the start, written as statements run, and read again when all of
/// it is searched. Trouble with the file never stops the prompt; it is told once.
final class SessionHistory {
  private var store: HistoryStore?
  private var session: Int64 = 0
  private let company: String
  /// What went wrong, as a sentence for the user.
  private(set) var problem: String?

  /// Opens the history at a path; nil keeps nothing. Statements of the text file `history` beside it are taken over.
  init(path: String?, company: String) {
    self.company = company
    guard let path else { return }
    trying {
      let isNew = !FileManager.default.fileExists(atPath: path)
      let store = try HistoryStore(path: path)
      if isNew {
        let old = (path as NSString).deletingLastPathComponent + "/history"
        try store.adopt(HistoryFile(path: old, limit: 10_000).load().entries.filter { !Secrets.areIn($0) })
      }
      session = try store.newSession()
      self.store = store
    }
  }

  /// What was typed before, oldest first.
  func earlier() -> [String] { trying { try store?.entries().map(\.text) ?? [] } ?? [] }

  /// Takes a statement in; nil when it is not kept.
  func add(_ text: String) -> Int64? {
    trying {
      try store?.add(
        text, session: session, company: company,
        at: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)))
    } ?? nil
  }

  /// Notes what came of it.
  func finish(_ id: Int64?, seconds: Double, outcome: RunOutcome) {
    guard let id else { return }
    let word = outcome == .ok ? "ok" : outcome == .interrupted ? "interrupted" : "failed"
    trying { try store?.finish(id, milliseconds: (seconds * 1e6).rounded() / 1e3, outcome: word) }
  }

  /// All statements of all prompts as the search shows them, oldest first.
  func searchable() -> [EarlierStatement]? {
    guard let entries = trying({ try store?.entries() }) ?? nil else { return nil }
    let now = Date().timeIntervalSince1970
    return entries.map { entry in
      var words: [String] = []
      if let outcome = entry.outcome, outcome != "ok" { words.append(outcome) }
      if let ms = entry.milliseconds { words.append(seconds(ms / 1000)) }
      if !entry.company.isEmpty, entry.company != company { words.append(entry.company) }
      if entry.time.microseconds > 0 { words.append(ago(now - Double(entry.time.microseconds) / 1e6)) }
      return EarlierStatement(entry.text, detail: words.joined(separator: " · "))
    }
  }

  private func ago(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "now"
    case ..<5400: "\(Int((seconds / 60).rounded())) min ago"
    case ..<129_600: "\(Int((seconds / 3600).rounded())) h ago"
    default: "\(Int((seconds / 86_400).rounded())) days ago"
    }
  }

  @discardableResult
  private func trying<T>(_ body: () throws -> T) -> T? {
    do { return try body() } catch let error as WarehouseError {
      problem = "the history is not kept: " + error.message
    } catch {
      problem = "the history is not kept: \(error)"
    }
    store = nil
    return nil
  }
}

/// A time as people read it: `0.04 s`, `12 s`, `3 min 5 s`.
func seconds(_ value: Double) -> String {
  if value < 9.95 {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
  }
  let whole = Int(value.rounded())
  return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
}

/// Statements that hold something nobody else may read; they are kept nowhere.
enum Secrets {
  private static let words: Set<String> = [
    "password", "passwd", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "access_key",
    "credential",
    "credentials", "bearer",
  ]

  /// Whether a text holds a secret: a word such as `password` with a value behind it, or an address with a password.
  static func areIn(_ text: String) -> Bool {
    if text.contains(#/:\/\/[^\/\s:@]*:[^\/\s@]+@/#) { return true }
    let source = SourceText(text, name: "prompt")
    let tokens = Lexer.tokenize(source).tokens.filter { ![.endOfLine, .endOfInput].contains($0.kind) }
    for (i, token) in tokens.enumerated() {
      let name = source.slice(token.span).lowercased()
      switch token.kind {
      case .name, .variable:
        let word = name.hasPrefix("$") ? String(name.dropFirst()) : name
        guard words.contains(word) || words.contains(where: { word.hasSuffix("_" + $0) }) else { continue }
        var next = i + 1
        while next < tokens.count, [.equal, .colon, .doubleEqual].contains(tokens[next].kind) { next += 1 }
        guard next < tokens.count else { continue }
        // A value stands there; `token is null` or `| summarize n = count(token)` has none.
        if [.string, .rawString, .int, .float].contains(tokens[next].kind) { return true }
        if next > i + 1, tokens[next].kind == .name { return true }
      case .string, .rawString, .invalid:
        if words.contains(where: { name.contains($0 + "=") || name.contains($0 + ":") }) { return true }
      default: continue
      }
    }
    return false
  }
}
