import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqFiles
import ErpqStandardLibrary
import Foundation
import Synchronization

@testable import ErpqLanguageServer

/// A server with a client in the same process, message by message.
final class Client {
  private let sent = Box()
  let server: LanguageServer
  let session: Session
  private var nextID = 0

  final class Box { var messages: [JSONValue] = [] }

  init(encodings: [String] = [], initialized: Bool = true) {
    let box = sent
    session = Session(
      SessionOptions(), sink: SilentSink(),
      standardLibrary: StandardLibrary.files.map { SourceText($0.text, name: $0.name) })
    server = LanguageServer(session: session, version: "test") { box.messages.append($0) }
    guard initialized else { return }
    _ = request(
      "initialize",
      ["capabilities": ["general": ["positionEncodings": .array(encodings.map { .string($0) })]]])
    notify("initialized", [:])
  }

  /// A request's whole answer.
  func answer(_ method: String, _ parameters: JSONValue) -> JSONValue {
    nextID += 1
    let id = JSONValue.int(nextID)
    server.take(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": parameters])
    return sent.messages.last { $0["id"] == id } ?? .null
  }

  func request(_ method: String, _ parameters: JSONValue) -> JSONValue {
    answer(method, parameters)["result"]
  }

  func notify(_ method: String, _ parameters: JSONValue) {
    server.take(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
  }

  func open(_ text: String, uri: String = "file:///home/ada/a.erpq", language: String = "erpq") {
    notify(
      "textDocument/didOpen",
      [
        "textDocument": [
          "uri": .string(uri), "languageId": .string(language), "version": 1, "text": .string(text),
        ]
      ])
  }

  /// The problems told last, of a document.
  func problems(_ uri: String = "file:///home/ada/a.erpq") -> [JSONValue] {
    server.publish()
    return sent.messages.last {
      $0["method"] == "textDocument/publishDiagnostics" && $0["params"]["uri"] == .string(uri)
    }?["params"]["diagnostics"].elements ?? []
  }

  func forget() { sent.messages = [] }

  func at(_ line: Int, _ character: Int, uri: String = "file:///home/ada/a.erpq") -> [String: JSONValue] {
    [
      "textDocument": ["uri": .string(uri)],
      "position": ["line": .int(line), "character": .int(character)],
    ]
  }
}

/// A text after edits of the protocol, done the slow and obvious way over UTF-16.
func edited(_ text: String, _ edits: [JSONValue]) -> String {
  var units = Array(text.utf16)
  func offset(_ position: JSONValue) -> Int {
    var line = position["line"].integer ?? 0
    var i = 0
    while line > 0, i < units.count {
      if units[i] == 10 || (units[i] == 13 && !(i + 1 < units.count && units[i + 1] == 10)) { line -= 1 }
      i += 1
    }
    return i + (position["character"].integer ?? 0)
  }
  let places = edits.map {
    (offset($0["range"]["start"]), offset($0["range"]["end"]), $0["newText"].text ?? "")
  }
  for (start, end, new) in places.sorted(by: { $0.0 > $1.0 }) {
    units.replaceSubrange(start..<end, with: Array(new.utf16))
  }
  return String(decoding: units, as: UTF16.self)
}

let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// Every text of the language that the repository has: cases of the corpus, examples, the library, notebooks.
func corpusTexts() -> [(name: String, text: String)] {
  var found: [(String, String)] = []
  func read(_ folder: String, _ suffix: String) -> [(String, String)] {
    let root = packageRoot.appendingPathComponent(folder).path
    let names = (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []).sorted()
    return names.filter { $0.hasSuffix(suffix) }.compactMap { name in
      FileManager.default.contents(atPath: root + "/" + name).map {
        (folder + "/" + name, String(decoding: $0, as: UTF8.self))
      }
    }
  }
  for (name, text) in read("Tests/Corpus", ".erpt") {
    var program: [Substring] = []
    var isProgram = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("=== ") {
        isProgram = true
      } else if line.hasPrefix("--- ") {
        isProgram = line.hasPrefix("--- run") || line.hasPrefix("--- file") || line.hasPrefix("--- in")
      } else if isProgram {
        program.append(line)
      }
    }
    found.append((name, program.joined(separator: "\n")))
  }
  for folder in ["examples", "stdlib"] {
    found += read(folder, ".erpq") + read(folder, ".erpq.md")
  }
  return found
}
