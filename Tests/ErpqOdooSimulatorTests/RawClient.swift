import Foundation

@testable import ErpqOdooSimulator

/// A client that says exactly what it is told, and keeps what it hears.
struct RawClient {
  struct Answer {
    var head: [String]
    var body: [UInt8]
    /// Whether the connection ended before the promised length had come.
    var isCut: Bool
    var status: Int { head.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0 }
    func header(_ name: String) -> String? {
      head.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
        .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: Wire? { try? JSONText.parse(body) }
  }

  let port: Int

  func connect() -> Int32 {
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return handle
  }

  func write(_ bytes: [UInt8], to handle: Int32) { _ = send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// Reads one answer; nil when the connection ended before any.
  func read(from handle: Int32) -> Answer? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var end: Int?
    var length = 0
    var head: [String] = []
    while true {
      if let end, bytes.count >= end + length { break }
      let n = recv(handle, &buffer, buffer.count, 0)
      if n <= 0 { break }
      bytes += buffer[..<n]
      if end == nil, let found = String(decoding: bytes, as: Unicode.ASCII.self).range(of: "\r\n\r\n") {
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        head = text[..<found.lowerBound].components(separatedBy: "\r\n")
        end = text.distance(from: text.startIndex, to: found.upperBound)
        end = Array(text[..<found.upperBound].utf16).count
        length =
          head.first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
      }
    }
    guard let end else { return nil }
    return Answer(
      head: head, body: Array(bytes.dropFirst(end).prefix(length)), isCut: bytes.count < end + length)
  }

  func request(_ head: [String], body: [UInt8] = []) -> Answer? {
    let handle = connect()
    defer { close(handle) }
    let text = (head + ["Content-Length: \(body.count)", "", ""]).joined(separator: "\r\n")
    write(Array(text.utf8) + body, to: handle)
    return read(from: handle)
  }

  func post(_ path: String, _ body: Wire, headers: [String] = []) -> Answer? {
    request(
      ["POST \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Content-Type: application/json"]
        + headers, body: JSONText.bytes(body))
  }

  /// A call over `/jsonrpc` as the administrator of a demo; nil when there is no answer.
  func call(
    _ model: String, _ method: String, _ arguments: [Wire] = [], _ keywords: WireRecord = WireRecord(),
    database: String = "demo"
  ) -> Wire? {
    post(
      "/jsonrpc",
      [
        "jsonrpc": "2.0", "method": "call", "id": 1,
        "params": [
          "service": "object", "method": "execute_kw",
          "args": [
            .text(database), 2, "admin", .text(model), .text(method), .list(arguments), .record(keywords),
          ],
        ],
      ])?.json
  }
}
