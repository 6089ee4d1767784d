import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqSemantics
import ErpqTooling
import Foundation

/// A language server (Language Server Protocol 3.17) for scripts and notebooks.
///
/// It takes one message at a time and gives its answers to `send`. What is wrong with a document comes from
/// `Session.check`, which `erpq check` calls too.
public final class LanguageServer {
  let session: Session
  let sources: CompletionSources
  private let version: String
  private let send: (JSONValue) -> Void
  private var state = State.new
  private var exitCode: Int32 = 1
  var documents: [String: OpenDocument] = [:]
  private var unpublished: Set<String> = []
  var encoding = PositionEncoding.utf16
  /// The documents whose problems were told, so that a closed one's can be taken back.
  private enum State { case new, running, shutDown, ended }

  /// The codes of the protocol's errors.
  enum Failure: Int {
    case parse = -32700, invalidRequest = -32600, noMethod = -32601, badParameters = -32602
    case notInitialized = -32002, cancelled = -32800, requestFailed = -32803
  }

  /// What a request answers that cannot be carried out.
  struct RequestError: Error {
    var failure: Failure
    var message: String
  }

  /// A server over a session, whose company gives names and days.
  public init(
    session: Session, sources: CompletionSources = CompletionSources(), version: String,
    send: @escaping (JSONValue) -> Void
  ) {
    self.session = session
    self.sources = sources
    self.version = version
    self.send = send
  }

  /// Whether `exit` was said, and the exit code: 0 when `shutdown` had come before.
  public var ended: Int32? { state == .ended ? exitCode : nil }

  // MARK: Messages

  /// Takes the bytes of a message.
  public func take(_ content: [UInt8], isCancelled: (JSONValue) -> Bool = { _ in false }) {
    do {
      take(try JSONValue.parse(content), isCancelled: isCancelled)
    } catch {
      send(
        failed(
          .null, RequestError(failure: .parse, message: "no JSON: \(error.message) at byte \(error.offset)")))
    }
  }

  /// Takes a message.
  public func take(_ message: JSONValue, isCancelled: (JSONValue) -> Bool = { _ in false }) {
    guard let method = message["method"].text else {
      // An answer to a request of ours, of which there are none, needs nothing.
      if message["result"] == .null, message["error"] == .null {
        send(failed(message["id"], RequestError(failure: .invalidRequest, message: "a message has a method")))
      }
      return
    }
    let id = message["id"]
    guard id != .null else {
      notice(method, message["params"])
      return
    }
    if isCancelled(id) {
      send(failed(id, RequestError(failure: .cancelled, message: "cancelled")))
      return
    }
    do {
      let result = try request(method, message["params"])
      send(["jsonrpc": "2.0", "id": id, "result": result])
    } catch let error as RequestError {
      send(failed(id, error))
    } catch {
      send(failed(id, RequestError(failure: .requestFailed, message: "\(error)")))
    }
  }

  private func failed(_ id: JSONValue, _ error: RequestError) -> JSONValue {
    [
      "jsonrpc": "2.0", "id": id,
      "error": ["code": .int(error.failure.rawValue), "message": .string(error.message)],
    ]
  }

  private func notice(_ method: String, _ parameters: JSONValue) {
    if method == "exit" {
      exitCode = state == .shutDown ? 0 : 1
      state = .ended
      return
    }
    guard state == .running else { return }
    let uri = parameters["textDocument"]["uri"].text ?? ""
    switch method {
    case "textDocument/didOpen": open(parameters["textDocument"])
    case "textDocument/didChange": change(uri, parameters)
    case "textDocument/didSave":
      // What other documents import may have changed.
      for key in documents.keys {
        documents[key]?.parts = nil
        unpublished.insert(key)
      }
    case "textDocument/didClose":
      documents[uri] = nil
      unpublished.remove(uri)
      tell("textDocument/publishDiagnostics", ["uri": .string(uri), "diagnostics": []])
    default: break
    }
  }

  private func request(_ method: String, _ parameters: JSONValue) throws -> JSONValue {
    switch state {
    case .new:
      guard method == "initialize" else {
        throw RequestError(failure: .notInitialized, message: "`initialize` comes first")
      }
      state = .running
      return initialize(parameters)
    case .running: break
    case .shutDown, .ended: throw RequestError(failure: .invalidRequest, message: "the server was shut down")
    }
    switch method {
    case "shutdown":
      state = .shutDown
      return .null
    case "initialize": throw RequestError(failure: .invalidRequest, message: "`initialize` comes once")
    case "textDocument/completion": return try completion(parameters)
    case "textDocument/hover": return try hover(parameters)
    case "textDocument/signatureHelp": return try signatureHelp(parameters)
    case "textDocument/formatting": return try formatting(parameters)
    case "textDocument/definition": return try definition(parameters)
    case "textDocument/references": return try references(parameters)
    case "textDocument/documentHighlight": return try highlights(parameters)
    case "textDocument/prepareRename": return try prepareRename(parameters)
    case "textDocument/rename": return try rename(parameters)
    case "textDocument/documentSymbol": return try documentSymbols(parameters)
    case "textDocument/codeAction": return try codeActions(parameters)
    case "textDocument/semanticTokens/full": return try semanticTokens(parameters)
    default: throw RequestError(failure: .noMethod, message: "there is no method \(method)")
    }
  }

  private func tell(_ method: String, _ parameters: JSONValue) {
    send(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
  }

  // MARK: Beginning

  private func initialize(_ parameters: JSONValue) -> JSONValue {
    let offered = parameters["capabilities"]["general"]["positionEncodings"].elements.compactMap(\.text)
    encoding = offered.contains("utf-8") ? .utf8 : .utf16
    return [
      "serverInfo": ["name": "erpq", "version": .string(version)],
      "capabilities": [
        "positionEncoding": .string(encoding.rawValue),
        "textDocumentSync": ["openClose": true, "change": 2, "save": true],
        "completionProvider": ["triggerCharacters": ["|", "$", "\"", "'", "."]],
        "hoverProvider": true,
        "signatureHelpProvider": ["triggerCharacters": ["(", ","], "retriggerCharacters": [" "]],
        "documentFormattingProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "renameProvider": ["prepareProvider": true],
        "documentSymbolProvider": true,
        "codeActionProvider": ["codeActionKinds": ["quickfix"]],
        "semanticTokensProvider": [
          "legend": LanguageServer.legend, "full": true, "range": false,
        ],
      ],
    ]
  }

  // MARK: Documents

  private func open(_ item: JSONValue) {
    guard let uri = item["uri"].text else { return }
    let path = LanguageServer.path(uri)
    let language = item["languageId"].text ?? ""
    documents[uri] = OpenDocument(
      uri: uri, name: path ?? uri,
      isNotebook: uri.hasSuffix(".md") || language == "markdown" || language == "erpq-notebook",
      version: item["version"].integer, text: PositionedText(Array((item["text"].text ?? "").utf8)),
      parts: nil)
    unpublished.insert(uri)
  }

  private func change(_ uri: String, _ parameters: JSONValue) {
    guard var document = documents[uri] else { return }
    // One owner, or the bytes would be copied for each edit.
    documents[uri] = nil
    document.version = parameters["textDocument"]["version"].integer
    document.parts = nil
    for edit in parameters["contentChanges"].elements {
      let text = edit["text"].text ?? ""
      guard edit["range"] != .null else {
        document.text = PositionedText(Array(text.utf8))
        continue
      }
      let start = document.text.offset(edit["range"]["start"], encoding)
      let end = document.text.offset(edit["range"]["end"], encoding)
      document.text.replace(min(start, end)..<max(start, end), with: text)
    }
    documents[uri] = document
    unpublished.insert(uri)
  }

  /// Tells what is wrong with the documents that changed. Whoever reads messages calls it when none is waiting, so
  /// that fast typing is checked once.
  public func publish() {
    for uri in unpublished.sorted() {
      guard var document = documents[uri] else { continue }
      let list = problems(&document)
      documents[uri] = document
      var parameters: [String: JSONValue] = ["uri": .string(uri), "diagnostics": .array(list)]
      if let version = document.version { parameters["version"] = .int(version) }
      tell("textDocument/publishDiagnostics", .object(parameters))
    }
    unpublished = []
  }

  /// The document of a request.
  ///
  /// - Throws: `RequestError` for one that is not open.
  func document(_ parameters: JSONValue) throws -> OpenDocument {
    let uri = parameters["textDocument"]["uri"].text ?? ""
    guard let document = documents[uri] else {
      throw RequestError(failure: .badParameters, message: "the document \(uri) is not open")
    }
    return document
  }

  /// The place that a request speaks of: its part of the document, and the offset in the part's source; nil outside
  /// of statements.
  func place(_ parameters: JSONValue) throws -> (
    document: OpenDocument, part: OpenDocument.Part, offset: Int
  )? {
    var document = try document(parameters)
    let offset = document.text.offset(parameters["position"], encoding)
    guard let (_, part) = document.part(at: offset, session) else { return nil }
    documents[document.uri] = document
    return (document, part, part.inSource(offset, document.text))
  }

  /// The path of a file's address.
  static func path(_ uri: String) -> String? {
    guard uri.hasPrefix("file://"), let path = URL(string: uri)?.path, !path.isEmpty else { return nil }
    let working = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(working) ? String(path.dropFirst(working.count)) : path
  }

  /// The address of a file.
  static func uri(_ path: String) -> String { URL(fileURLWithPath: path).absoluteString }
}
