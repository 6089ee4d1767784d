import ErpqBase
import Foundation
import Testing

@testable import ErpqOdoo

/// A server on the loopback interface that sends the same bytes to everyone, and then hangs up or waits.
private final class RawServer: @unchecked Sendable {
  let port: Int
  private let listener: Int32
  private let bytes: [UInt8]
  private let pause: Double
  private let lock = NSLock()
  private var heads: [String] = []
  private var isStopped = false

  var requests: [String] {
    lock.lock()
    defer { lock.unlock() }
    return heads
  }

  init(_ bytes: [UInt8], pause: Double = 0) throws {
    self.bytes = bytes
    self.pause = pause
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var bound = address
    var size = length
    let code = withUnsafeMutablePointer(to: &bound) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        bind(listener, place, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, place, &size) == 0
      }
    }
    self.listener = listener
    try #require(code)
    port = Int(UInt16(bigEndian: bound.sin_port))
    let thread = Thread { [self] in serve() }
    thread.start()
  }

  /// Ends the server. Once only: afterwards the number of its socket may be that of another test's.
  func stop() {
    lock.lock()
    defer { lock.unlock() }
    if !isStopped { shutdown(listener, Int32(SHUT_RDWR)) }
    isStopped = true
  }

  private func serve() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { break }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(client, &buffer, buffer.count, 0)
      lock.lock()
      heads.append(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
      lock.unlock()
      var sent = 0
      while sent < bytes.count {
        let n = bytes[sent...].withUnsafeBytes {
          send(client, $0.baseAddress, Swift.min(1 << 16, $0.count), Int32(MSG_NOSIGNAL))
        }
        if n <= 0 { break }
        sent += n
      }
      if pause > 0 { usleep(UInt32(pause * 1_000_000)) }
      close(client)
    }
    lock.lock()
    isStopped = true
    lock.unlock()
    close(listener)
  }
}

/// What goes wrong on a real connection.
@Suite struct SocketTests {
  private func failure(_ server: RawServer, _ options: HTTPOptions = HTTPOptions()) -> OdooError? {
    defer { server.stop() }
    do {
      let client = try CurlClient(address: "http://127.0.0.1:\(server.port)", options: options)
      _ = try client.exchange(HTTPRequest("POST", "/jsonrpc", body: Array("{}".utf8)))
      return nil
    } catch let error as OdooError {
      return error
    } catch {
      return OdooError(.server, "\(error)")
    }
  }

  @Test func anAnswer() throws {
    let server = try RawServer(
      Array(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Fri, 20 Nov 2026 23:28:35 GMT\r\nContent-Length: 2\r\n\r\n{}"
          .utf8))
    defer { server.stop() }
    let client = try CurlClient(address: "127.0.0.1:\(server.port)")
    let response = try client.exchange(
      HTTPRequest(
        "POST", "/x?y=1", headers: [HTTPHeader("X-A", "b"), HTTPHeader("X-Evil", "a\r\nX-B: c")],
        body: [1, 2]))
    #expect(response.status == 200 && response.body.text == "{}" && response.isType("application/json"))
    #expect(response.serverTime?.description == "2026-11-20 23:28:35")
    let head = try #require(server.requests.first)
    #expect(
      head.hasPrefix("POST /x?y=1 HTTP/1.1\r\n") && head.contains("X-A: b\r\n") && !head.contains("X-B"))
    #expect(head.lowercased().contains("accept-encoding: gzip") && !head.contains("Expect:"))
  }

  @Test func redirectsAreNotFollowed() throws {
    let target = try RawServer(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8))
    defer { target.stop() }
    let server = try RawServer(
      Array(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:\(target.port)/\r\nContent-Length: 0\r\n\r\n".utf8))
    defer { server.stop() }
    let client = try CurlClient(address: "http://127.0.0.1:\(server.port)")
    #expect(try client.exchange(HTTPRequest("POST", "/x", body: [1])).status == 302)
    #expect(target.requests.isEmpty)
  }

  @Test func bodiesAreBounded() throws {
    var options = HTTPOptions()
    options.maximumBody = 1 << 20
    let large = try RawServer(
      Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + [UInt8](repeating: 0x20, count: 3 << 20))
    #expect(failure(large, options)?.kind == .tooLarge)
    // Sixteen megabytes of zeros in sixteen kilobytes.
    let bomb = try RawServer(
      Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".utf8) + zeros(16 << 20))
    #expect(failure(bomb, options)?.kind == .tooLarge)
    let claims = try RawServer(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}".utf8))
    #expect(failure(claims, options)?.kind == .connectionLost)
  }

  private func zeros(_ count: Int) -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "head -c \(count) /dev/zero | gzip -9"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try? process.run()
    return [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
  }

  @Test func answersThatBreakOff() throws {
    let cut = try RawServer(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"a\"".utf8))
    #expect(failure(cut)?.kind == .connectionLost)
    let nothing = try RawServer([])
    #expect(failure(nothing)?.kind == .connectionLost)
    let noise = try RawServer(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))
    #expect(failure(noise) != nil)
    let gzip = try RawServer(
      Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!".utf8))
    #expect(failure(gzip)?.kind == .badAnswer)
  }

  @Test func aServerThatStalls() throws {
    var options = HTTPOptions()
    options.totalTimeout = 0.4
    let server = try RawServer(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{".utf8), pause: 3)
    let start = SystemClock().now()
    #expect(failure(server, options)?.kind == .timedOut)
    #expect(SystemClock().now() - start < 2.5)
  }

  @Test func aTransferCanBeCancelled() throws {
    let server = try RawServer(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{".utf8), pause: 20)
    defer { server.stop() }
    let cancel = Cancellation()
    let thread = Thread {
      usleep(200_000)
      cancel.cancel()
    }
    thread.start()
    let start = SystemClock().now()
    let client = try CurlClient(address: "http://127.0.0.1:\(server.port)")
    Cancellation.$current.withValue(cancel) {
      #expect(throws: Cancellation.Interrupted.self) {
        try client.exchange(HTTPRequest("POST", "/x", body: [1])).status
      }
    }
    #expect(SystemClock().now() - start < 5)
  }

  @Test func plainTextWhereEncryptionIsWanted() throws {
    let server = try RawServer(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
    defer { server.stop() }
    do {
      _ = try CurlClient(address: "https://127.0.0.1:\(server.port)").exchange(HTTPRequest("GET", "/"))
      Issue.record("it was taken for encrypted")
    } catch let error as OdooError {
      #expect(error.kind == .certificate)
    }
  }
}
