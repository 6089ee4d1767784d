import ErpqBase
import ErpqFiles
import Foundation
import Synchronization

/// One exchange in a recording.
public struct RecordedExchange: Codable, Hashable, Sendable {
  /// `GET` or `POST`.
  public var method: String
  /// The path.
  public var path: String
  /// The request's body, secrets replaced.
  public var request: String
  /// The answer's status.
  public var status: Int
  /// Lines of the answer's head that matter to a reader.
  public var headers: [String: String]
  /// The answer's body as text; nil where it is no UTF-8.
  public var response: String?
  /// The answer's body in base64, where it is no UTF-8.
  public var bytes: String?
}

/// Keeps every exchange of another exchanger, with secrets replaced, as JSON lines.
public final class RecordingExchanger: HTTPExchanger {
  private let inner: any HTTPExchanger
  private let secrets: [String]
  private let write: Mutex<(String) throws -> Void>

  /// A recorder in front of another exchanger.
  ///
  /// - Parameters:
  ///   - secrets: texts that never reach the recording: passwords and keys. Session cookies never do.
  ///   - write: takes a line without its end.
  public init(
    _ inner: any HTTPExchanger, secrets: [String], write: @escaping @Sendable (String) throws -> Void
  ) {
    self.inner = inner
    self.secrets = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    self.write = Mutex(write)
  }

  /// The server's address.
  public var address: String { inner.address }

  /// Exchanges, and keeps or finds the exchange in the recording.
  public func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    let response = try inner.exchange(request)
    let kept = Set(["content-type", "date", "retry-after", "location"])
    var headers: [String: String] = [:]
    for header in response.headers where kept.contains(header.name.lowercased()) {
      headers[header.name] = Recording.without(secrets, header.value)
    }
    if response.all("Set-Cookie").contains(where: { $0.hasPrefix("session_id=") }) {
      headers["Set-Cookie"] = "session_id=recorded; Path=/"
    }
    let isText = firstInvalidUTF8(response.body.buffer) == nil
    let exchange = RecordedExchange(
      method: request.method, path: request.path,
      request: Recording.without(secrets, String(decoding: request.body, as: UTF8.self)),
      status: response.status, headers: headers,
      response: isText ? Recording.without(secrets, response.body.text) : nil,
      bytes: isText ? nil : Data(response.body.buffer).base64EncodedString())
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = String(decoding: try encoder.encode(exchange), as: UTF8.self)
    try write.withLock { try $0(line) }
    return response
  }
}

/// Recordings of exchanges.
public enum Recording {
  /// What stands in the place of a secret.
  static let mark = "<secret>"

  /// A text without secrets, in whatever quoting they stand.
  static func without(_ secrets: [String], _ text: String) -> String {
    var text = text
    for secret in secrets {
      for form in Set([secret, quoted(secret), escaped(secret)]) {
        text = text.replacing(form, with: mark)
      }
    }
    return text
  }

  private static func quoted(_ secret: String) -> String {
    String(OdooValue.text(secret).json.dropFirst().dropLast())
  }

  private static func escaped(_ secret: String) -> String {
    var out: [UInt8] = []
    OdooValue.text(secret).write(xml: &out)
    let text = String(decoding: out, as: UTF8.self)
    return String(text.dropFirst("<value><string>".count).dropLast("</string></value>\n".count))
  }
}

/// Answers requests from a recording instead of a server: to the same request the same answer, in the order
/// recorded where a request came several times.
public final class ReplayExchanger: HTTPExchanger {
  /// The address of the server that was recorded.
  public let address: String
  private let answers: Mutex<[String: [RecordedExchange]]>
  private let secrets: [String]

  /// Reads a recording.
  ///
  /// - Throws: `OdooError` naming the line that is none of a recording.
  public init(lines: [String], address: String, secrets: [String]) throws {
    self.address = address
    self.secrets = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    var answers: [String: [RecordedExchange]] = [:]
    for (i, line) in lines.enumerated() where !line.isEmpty {
      guard let exchange = try? JSONDecoder().decode(RecordedExchange.self, from: Data(line.utf8)) else {
        throw OdooError(.recording, "Line \(i + 1) of the recording is no exchange")
      }
      answers[ReplayExchanger.key(exchange.method, exchange.path, exchange.request), default: []].append(
        exchange)
    }
    for key in answers.keys { answers[key]?.reverse() }
    self.answers = Mutex(answers)
  }

  private static func key(_ method: String, _ path: String, _ body: String) -> String {
    "\(method) \(path)\n\(body)"
  }

  /// The next answer; the last one stays, for requests that come more often than they did.
  private static func take(_ answers: inout [RecordedExchange]?) -> RecordedExchange? {
    answers?.count == 1 ? answers?.last : answers?.popLast()
  }

  /// Exchanges, and keeps or finds the exchange in the recording.
  public func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    let body = Recording.without(secrets, String(decoding: request.body, as: UTF8.self))
    let key = ReplayExchanger.key(request.method, request.path, body)
    guard let next = answers.withLock({ ReplayExchanger.take(&$0[key]) }) else {
      throw OdooError(
        .recording, "The recording holds no answer to \(request.method) \(request.path)",
        advice: "It was made by another version of erpq, or of another run.", details: body)
    }
    let bytes = next.bytes.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
    return HTTPResponse(
      status: next.status,
      headers: next.headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) },
      body: ResponseBody(bytes ?? Array((next.response ?? "").utf8)))
  }
}
