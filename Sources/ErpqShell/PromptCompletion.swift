import ErpqBase
import ErpqEngine
import ErpqSyntax
import ErpqTooling
import ErpqWarehouse
import Foundation
import Synchronization

/// What completion knows of the world, at the prompt and in editors: names in the company, files, and the words used
/// before.
public final class PromptCompletion: Sendable {
  private let company: Company
  private let folder: String
  private let uses = Mutex<[String: Int]>([:])
  /// The columns of files and servers that were asked for.
  let schemas = PatientHost.Memory()
  private let patience: Int

  /// For a company, and files below a folder. `patience` is how many milliseconds a key waits for names; what comes
  /// later is there for the next key.
  public init(company: Company, folder: String, patience: Int = 40) {
    self.patience = patience
    self.company = company
    self.folder = folder
  }

  /// Counts the words of statements.
  func learn(_ statements: some Sequence<String>) {
    uses.withLock { uses in
      for text in statements {
        let source = SourceText(text, name: "prompt")
        for token in Lexer.tokenize(source).tokens where token.kind == .name || token.kind == .variable {
          uses[source.slice(token.span), default: 0] += 1
        }
      }
    }
  }

  /// Reads the products' names ahead, so that the first key finds them.
  public func warmUp() {
    DispatchQueue.global(qos: .utility).async { [company] in
      _ = try? company.warehouse().names(of: .product, limit: 1)
    }
  }

  /// The sources of a completer.
  public var sources: CompletionSources {
    CompletionSources(
      records: { [self] in records($0, $1) }, files: { [self] in files($0) },
      uses: { [self] word in
        let name = word.hasSuffix("(") ? String(word.dropLast()) : word
        return uses.withLock { $0[name] ?? 0 }
      })
  }

  private func records(_ kind: String, _ typed: String) -> [(text: String, detail: String)] {
    guard let kind = NameKind(rawValue: kind) else { return [] }
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global(qos: .userInteractive).async { [company] in
      let names = try? company.warehouse().names(of: kind, prefix: typed, limit: 200)
      box.value.withLock { $0 = names ?? [] }
      done.signal()
    }
    _ = done.wait(timeout: .now() + .milliseconds(patience))
    let matches = box.value.withLock { $0 } ?? []
    let isNumber = !typed.isEmpty && typed.allSatisfy(\.isNumber)
    return matches.filter(\.isActive).map { match in
      let id = kind == .product || kind == .customer ? String(match.id) : nil
      if isNumber, let id, id.hasPrefix(typed) { return (id, match.name) }
      return (quoted(match.name), [id, match.code].compactMap { $0 }.joined(separator: "  "))
    }
  }

  private func quoted(_ name: String) -> String {
    name.contains { "\"\\{".contains($0) } && !name.contains("'")
      ? "'\(name)'"
      : "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("{", with: "\\{")
        + "\""
  }

  private func files(_ typed: String) -> [String] {
    let slash = typed.lastIndex(of: "/")
    let shown = slash.map { String(typed[...$0]) } ?? ""
    let prefix = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
    var place = shown
    if shown.hasPrefix("~/") { place = NSHomeDirectory() + shown.dropFirst() }
    if !place.hasPrefix("/") { place = folder + "/" + place }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.sorted().filter { name in
      name.hasPrefix(prefix) && (!name.hasPrefix(".") || prefix.hasPrefix("."))
    }.prefix(200).map { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: place + "/" + name, isDirectory: &isFolder)
      return shown + name + (isFolder.boolValue ? "/" : "")
    }
  }

  /// Lets what another thread finds too late go into something that is still there.
  private final class Box: Sendable {
    let value = Mutex<[NameMatch]?>(nil)
  }
}
