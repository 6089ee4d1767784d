import CCurl
import ErpqBase

import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a client talks to a server.
public struct HTTPOptions: Hashable, Sendable {
  /// Seconds to wait for a connection.
  public var connectTimeout = 15.0
  /// Seconds without a single byte after which a transfer is given up.
  public var stallTimeout = 60.0
  /// Seconds for a whole exchange. Odoo itself stops a request after 120.
  public var totalTimeout = 600.0
  /// Largest body taken, decompressed, in bytes.
  public var maximumBody = 256 << 20
  /// A file of certificates to trust instead of the system's.
  public var certificateFile: String?

  /// The defaults.
  public init() {}
}

/// Talks to one server over libcurl: connections kept alive, certificates verified, no redirects, compressed
/// answers taken, proxies as the environment names them (`https_proxy`, `no_proxy` …). A thread that asks while
/// another waits for its answer has a connection of its own.
public final class CurlClient: HTTPExchanger {
  /// The server's address.
  public let address: String
  private let options: HTTPOptions
  /// Connections that nobody uses at the moment.
  private let idle = Mutex<[CurlHandle]>([])

  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// A client for the server at an address.
  ///
  /// - Throws: `OdooError` when the address is none.
  public init(address: String, options: HTTPOptions = HTTPOptions()) throws {
    self.address = try ServerAddress.normalized(address)
    self.options = options
    let first = try handle()
    idle.withLock { $0.append(first) }
  }

  private func handle() throws -> CurlHandle {
    if let kept = idle.withLock({ $0.popLast() }) { return kept }
    guard CurlClient.isReady, let handle = CurlHandle(options) else {
      throw OdooError(.unreachable, "The network library could not be started")
    }
    return handle
  }

  /// Sends a request and waits for the answer.
  public func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    let handle = try handle()
    defer { idle.withLock { $0.append(handle) } }
    let transfer = Transfer(cap: options.maximumBody)
    let code = handle.perform(request, address, transfer)
    guard code == CURLE_OK else { throw failure(code, handle, transfer) }
    guard let body = transfer.takeBody() else {
      throw OdooError(.tooLarge, "There is not enough memory for the answer of \(address)")
    }
    return HTTPResponse(
      status: handle.status, headers: transfer.headers, body: body, seconds: handle.seconds)
  }

  private func failure(_ code: CURLcode, _ handle: CurlHandle, _ transfer: Transfer) -> any Error {
    let host = ServerAddress.host(of: address)
    let detail = handle.words(code)
    if transfer.isInterrupted { return Cancellation.Interrupted() }
    if transfer.isOverCap {
      return OdooError(
        .tooLarge, "The answer of \(address) is larger than \(options.maximumBody >> 20) MB",
        advice: "Ask for fewer records at a time; a sync does with --page-size.")
    }
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      return OdooError(
        .badAddress, "\(address) is no address of a server",
        advice: "Use one such as https://mycompany.odoo.com.")
    case CURLE_COULDNT_RESOLVE_HOST:
      return OdooError(
        .badAddress, "There is no host \(host)", advice: "See whether the URL is spelt right.",
        details: detail)
    case CURLE_COULDNT_RESOLVE_PROXY:
      return OdooError(
        .unreachable, "The proxy that the environment names does not exist",
        advice: "See https_proxy and no_proxy.", details: detail)
    case CURLE_COULDNT_CONNECT:
      return OdooError(
        .unreachable, "Nothing answers at \(address)",
        advice: "See whether the port is right, the server runs, and no firewall or VPN is in the way.",
        details: detail)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
      return OdooError(
        .certificate, "The certificate of \(host) is not trusted: \(detail)",
        advice: "See whether the host name is right; a private authority is named with --ca-file.")
    case CURLE_SSL_CACERT_BADFILE:
      return OdooError(
        .certificate, "The file of certificates \(options.certificateFile ?? "") cannot be used",
        details: detail)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED:
      return OdooError(
        .certificate, "No encrypted connection to \(host) came about: \(detail)",
        advice: "See whether the server speaks https at that port.")
    case CURLE_OPERATION_TIMEDOUT:
      return OdooError(
        .timedOut, "\(host) did not answer in time",
        advice: "Try again; a sync asks for less at a time with --page-size.", details: detail)
    case CURLE_WRITE_ERROR where transfer.isOutOfMemory, CURLE_OUT_OF_MEMORY:
      return OdooError(.tooLarge, "There is not enough memory for the answer of \(address)")
    case CURLE_BAD_CONTENT_ENCODING:
      return OdooError(.badAnswer, "The compressed answer of \(host) is damaged", details: detail)
    default:
      return OdooError(
        .connectionLost, "The connection to \(host) broke before the answer was complete",
        advice: "Try again.", details: detail)
    }
  }
}

/// One connection of libcurl. Not for use by two threads at once.
private final class CurlHandle: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>

  init?(_ options: HTTPOptions) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configure(options)
  }

  deinit {
    curl_easy_cleanup(handle)
    errorText.deallocate()
  }

  private func configure(_ options: HTTPOptions) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_NOPROGRESS, 0)
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(options.connectTimeout * 1000))
    set(CURLOPT_TIMEOUT_MS, Int(options.totalTimeout * 1000))
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, Swift.max(1, Int(options.stallTimeout)))
    erpq_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    erpq_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    erpq_curl_set_text(handle, CURLOPT_USERAGENT, "erpq")
    if let file = options.certificateFile { erpq_curl_set_text(handle, CURLOPT_CAINFO, file) }
    erpq_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
    erpq_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, receiveBody)
    erpq_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, receiveHead)
    erpq_curl_set_watcher(handle, watchTransfer)
  }

  private func set(_ option: CURLoption, _ value: Int) { erpq_curl_set_long(handle, option, value) }

  /// Sends a request; what comes back goes into `transfer`.
  func perform(_ request: HTTPRequest, _ address: String, _ transfer: Transfer) -> CURLcode {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    erpq_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    erpq_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    erpq_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
    erpq_curl_set_text(handle, CURLOPT_URL, address + request.path)
    var lines: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(lines) }
    for header in request.headers where !header.value.utf8.contains(where: { $0 == 10 || $0 == 13 }) {
      lines = curl_slist_append(lines, "\(header.name): \(header.value)")
    }
    // Without it libcurl waits for leave to send larger bodies, which Odoo's own server never gives.
    lines = curl_slist_append(lines, "Expect:")
    erpq_curl_set_list(handle, CURLOPT_HTTPHEADER, lines)
    errorText[0] = 0
    return request.body.withUnsafeBufferPointer { body in
      if request.method == "GET" {
        set(CURLOPT_HTTPGET, 1)
      } else {
        set(CURLOPT_POST, 1)
        erpq_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        erpq_curl_set_pointer(
          handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
      }
      return withExtendedLifetime(transfer) { curl_easy_perform(handle) }
    }
  }

  /// Status of the last answer.
  var status: Int { erpq_curl_long(handle, CURLINFO_RESPONSE_CODE) }

  /// Seconds that the last exchange took.
  var seconds: Double { erpq_curl_double(handle, CURLINFO_TOTAL_TIME) }

  /// What went wrong, in the library's words.
  func words(_ code: CURLcode) -> String {
    let said = String(cString: errorText)
    return said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
  }
}

/// What one exchange has received so far.
private final class Transfer {
  var headers: [HTTPHeader] = []
  var isInterrupted = false
  var isOverCap = false
  var isOutOfMemory = false
  private let cancel = Cancellation.current
  private let cap: Int
  private var memory: UnsafeMutableRawPointer?
  private var count = 0
  private var room = 0

  init(cap: Int) { self.cap = cap }

  deinit { free(memory) }

  var mustStop: Bool {
    if cancel.isCancelled { isInterrupted = true }
    return isInterrupted
  }

  func head(_ line: UnsafeBufferPointer<UInt8>) {
    var text = Substring(decoding: line, as: UTF8.self)
    while text.last?.isNewline == true { text.removeLast() }
    // Of an answer that follows another (100 Continue, a proxy's), only the last head counts.
    if text.hasPrefix("HTTP/") {
      headers.removeAll()
      return
    }
    guard let colon = text.firstIndex(of: ":"), headers.count < 200 else { return }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    headers.append(HTTPHeader(String(text[..<colon]), String(value)))
    if text[..<colon].lowercased() == "content-length", let size = Int(value), size <= cap {
      reserve(size)
    }
  }

  func body(_ bytes: UnsafeMutablePointer<CChar>, _ size: Int) -> Bool {
    guard size <= cap - count else {
      isOverCap = true
      return false
    }
    if count + size > room { reserve(Swift.max(count + size, Swift.min(cap, room * 2), 64 << 10)) }
    guard let memory, count + size <= room else {
      isOutOfMemory = true
      return false
    }
    (memory + count).copyMemory(from: bytes, byteCount: size)
    count += size
    return true
  }

  private func reserve(_ size: Int) {
    guard size > room else { return }
    guard let larger = malloc(size + 8) else { return }
    if let memory {
      larger.copyMemory(from: memory, byteCount: count)
      free(memory)
    }
    memory = larger
    room = size
  }

  func takeBody() -> ResponseBody? {
    if memory == nil { reserve(8) }
    guard let memory else { return nil }
    self.memory = nil
    return ResponseBody(taking: memory, count: count)
  }
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.body(bytes, size * count) ? size * count : 0
}

private func receiveHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  bytes.withMemoryRebound(to: UInt8.self, capacity: size * count) {
    transfer.head(UnsafeBufferPointer(start: $0, count: size * count))
  }
  return size * count
}

private func watchTransfer(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
  guard let context else { return 0 }
  return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().mustStop ? 1 : 0
}
