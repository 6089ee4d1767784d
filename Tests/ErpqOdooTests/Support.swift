import ErpqBase
import Foundation
import Synchronization
import Testing

@testable import ErpqOdoo

/// An exchange recorded from a real server.
struct Exchange {
  var version: String
  var name: String
  var request: HTTPRequest
  var response: HTTPResponse
}

/// The recorded exchanges, unpacked once.
enum Exchanges {
  static let all: [Exchange] = {
    let folder = NSTemporaryDirectory() + "erpq-odoo-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let archive = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("OdooRecordings/exchanges.tar.gz")
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "xzf", archive.path, "-C", folder]
    try? tar.run()
    tar.waitUntilExit()
    var found: [Exchange] = []
    for version in ["16", "19"] {
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(version)")) ?? [])
        .sorted()
      for name in names where name.hasSuffix(".headers") {
        let base = String(name.dropLast(".headers".count))
        func bytes(_ suffix: String) -> [UInt8] {
          [UInt8](FileManager.default.contents(atPath: "\(folder)/\(version)/\(base).\(suffix)") ?? Data())
        }
        let heads = String(decoding: bytes("headers"), as: UTF8.self).replacing("\r\n", with: "\n")
          .components(separatedBy: "--- response ---\n")
        guard heads.count == 2 else { continue }
        let (first, requestHeaders) = head(heads[0])
        let (status, headers) = head(heads[1])
        let words = first.split(separator: " ")
        found.append(
          Exchange(
            version: version, name: base,
            request: HTTPRequest(
              String(words[0]), String(words[1]), headers: requestHeaders, body: bytes("request")),
            response: HTTPResponse(
              status: Int(status.split(separator: " ")[1]) ?? 0, headers: headers,
              body: ResponseBody(bytes("response")))))
      }
    }
    return found
  }()

  static func named(_ version: String, _ name: String) throws -> Exchange {
    try #require(all.first { $0.version == version && $0.name == name })
  }

  private static func head(_ text: String) -> (String, [HTTPHeader]) {
    let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let headers = lines.dropFirst().compactMap { line -> HTTPHeader? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return HTTPHeader(
        String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    return (lines.first ?? "", headers)
  }
}

/// Hands out prepared answers in turn and keeps what was asked.
final class ScriptedExchanger: HTTPExchanger, @unchecked Sendable {
  let address = "http://127.0.0.1:8069"
  var asked: [HTTPRequest] = []
  private let answer: (HTTPRequest) throws -> HTTPResponse

  init(_ answer: @escaping (HTTPRequest) throws -> HTTPResponse) { self.answer = answer }

  convenience init(_ responses: [HTTPResponse]) {
    var left = responses[...]
    self.init { _ in
      guard let next = left.popFirst() else { throw OdooError(.recording, "no answer is left") }
      return next
    }
  }

  func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    asked.append(request)
    return try answer(request)
  }
}

/// Takes the lines of a recording.
final class KeptLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func append(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Time that passes only when someone waits.
final class TestClock: RequestClock {
  private let state = Mutex((time: 0.0, waits: [Double]()))

  var waits: [Double] {
    get { state.withLock(\.waits) }
    set { state.withLock { $0.waits = newValue } }
  }

  func now() -> Double { state.withLock(\.time) }

  func sleep(seconds: Double) throws {
    try Cancellation.current.check()
    state.withLock {
      $0.waits.append(seconds)
      $0.time += seconds
    }
  }
}

func json(_ text: String, status: Int = 200, headers: [HTTPHeader] = []) -> HTTPResponse {
  HTTPResponse(
    status: status, headers: [HTTPHeader("Content-Type", "application/json")] + headers,
    body: ResponseBody(Array(text.utf8)))
}

func xml(_ text: String) -> HTTPResponse {
  HTTPResponse(
    status: 200, headers: [HTTPHeader("Content-Type", "text/xml; charset=utf-8")],
    body: ResponseBody(Array(text.utf8)))
}
