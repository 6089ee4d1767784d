import ErpqBase

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One request to a server.
public struct HTTPRequest: Hashable, Sendable {
  /// `GET` or `POST`.
  public var method: String
  /// Path below the server's address, with a leading slash.
  public var path: String
  /// Header lines beyond those that every request has, in the order sent.
  public var headers: [HTTPHeader]
  /// The body; empty for `GET`.
  public var body: [UInt8]
  /// Whether a repetition does no harm; only then it is tried again after a failure.
  public var isRepeatable: Bool

  /// A request.
  public init(
    _ method: String, _ path: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
    isRepeatable: Bool = true
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.isRepeatable = isRepeatable
  }
}

/// A line of a head.
public struct HTTPHeader: Hashable, Sendable {
  /// Its name, as written.
  public var name: String
  /// Its value without blanks around.
  public var value: String

  /// A line.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// An answer of a server, whatever its status.
public struct HTTPResponse: Sendable {
  /// The status, such as 200.
  public var status: Int
  /// The head's lines.
  public var headers: [HTTPHeader]
  /// The body, decompressed.
  public var body: ResponseBody
  /// Seconds until the answer was complete; 0 in a replay.
  public var seconds: Double

  /// An answer.
  public init(status: Int, headers: [HTTPHeader] = [], body: ResponseBody, seconds: Double = 0) {
    self.status = status
    self.headers = headers
    self.body = body
    self.seconds = seconds
  }

  /// The first value of a header.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }

  /// All values of a header.
  public func all(_ name: String) -> [String] {
    let wanted = name.lowercased()
    return headers.filter { $0.name.lowercased() == wanted }.map(\.value)
  }

  /// Whether the body claims to be of a type, such as `text/html`.
  func isType(_ type: String) -> Bool { header("Content-Type")?.lowercased().contains(type) ?? false }

  /// The server's clock when it answered, to the second; nil when it does not say.
  public var serverTime: Instant? { header("Date").flatMap(HTTPDate.parse) }
}

/// The bytes of an answer, followed by eight zeros so that readers may look at eight bytes at a time.
public final class ResponseBody: Sendable {
  /// The first byte. Valid as long as the object lives.
  public nonisolated(unsafe) let base: UnsafePointer<UInt8>
  /// Number of bytes, without the zeros.
  public let count: Int
  private nonisolated(unsafe) let memory: UnsafeMutableRawPointer

  /// Takes over memory from `malloc`, of which `count` bytes are filled and eight more are reserved.
  init(taking memory: UnsafeMutableRawPointer, count: Int) {
    self.memory = memory
    self.count = count
    (memory + count).initializeMemory(as: UInt8.self, repeating: 0, count: 8)
    base = UnsafePointer(memory.assumingMemoryBound(to: UInt8.self))
  }

  /// A copy of bytes.
  public convenience init(_ bytes: some Collection<UInt8>) {
    let count = bytes.count
    let memory = malloc(count + 8) ?? .allocate(byteCount: count + 8, alignment: 8)
    for (i, byte) in bytes.enumerated() { memory.storeBytes(of: byte, toByteOffset: i, as: UInt8.self) }
    self.init(taking: memory, count: count)
  }

  deinit { free(memory) }

  /// The bytes.
  public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// The bytes as text; what is not UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: buffer, as: UTF8.self) }
}

/// Sends requests to one server and returns its answers: over the network, or from a recording. Two threads may ask
/// at once.
public protocol HTTPExchanger: AnyObject, Sendable {
  /// The server's address without a trailing slash, without user and password.
  var address: String { get }
  /// Exchanges a request for an answer. Every status is an answer.
  ///
  /// - Throws: `OdooError` when there is no complete answer, `Cancellation.Interrupted`.
  func exchange(_ request: HTTPRequest) throws -> HTTPResponse
}

/// Dates as HTTP writes them.
public enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads `Fri, 20 Nov 2026 23:28:35 GMT` (RFC 9110, the form that servers must send).
  public static func parse(_ text: String) -> Instant? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
      let month = months.firstIndex(of: String(parts[2])),
      let date = CivilDate(year: year, month: month + 1, day: day)
    else { return nil }
    return Instant(iso: "\(date) \(parts[4])")
  }
}
