/// A response with what faults make of it, ready for the line.
struct Delivery {
  var response: HTTPResponse
  var delay = 0.0
  /// Bytes of the body after which the connection is reset.
  var resetsAfter: Int?
  var saysNothing = false
  var resets = false
  var bytesPerSecond: Int?

  init(_ response: HTTPResponse) { self.response = response }

  /// A fault that answers in the place of the server.
  static func replacement(_ fault: ServerFault, version: OdooVersion) -> HTTPResponse? {
    switch fault {
    case .status(let status, let retryAfter):
      return .html(
        status, Pages.proxy(status), headers: retryAfter.map { [("Retry-After", $0)] } ?? [])
    case .htmlNotFound: return .html(404, Pages.notFound(version))
    case .notOdoo:
      return .html(
        200, "<!doctype html>\n<html><head><title>Welcome</title></head><body>It works!</body></html>\n")
    case .redirect(let address):
      return .html(302, Pages.redirect(to: address), headers: [("Location", address)])
    case .body(let text, let type): return HTTPResponse(200, type, Array(text.utf8))
    default: return nil
    }
  }

  mutating func suffer(_ fault: ServerFault) {
    switch fault {
    case .latency(let seconds): delay += max(0, seconds)
    case .reset(let share):
      resetsAfter = length(share)
      resets = true
    case .resetBeforeAnswer:
      saysNothing = true
      resets = true
    case .closeBeforeAnswer: saysNothing = true
    case .truncated(let share):
      response.body = Array(response.body.prefix(length(share)))
    case .controlCharacter: response.body = Delivery.withControlCharacter(response)
    case .notANumber: response.body = Delivery.withoutNumber(response)
    case .trickle(let rate): bytesPerSecond = max(1, rate)
    case .oversized(let size):
      let missing = size - response.body.count
      if missing > 0 { response.body += [UInt8](repeating: 32, count: missing) }
    default: break
    }
  }

  private func length(_ share: Double) -> Int {
    share > 0 ? Int(Double(response.body.count) * min(share, 1)) : 0
  }

  private static func withControlCharacter(_ response: HTTPResponse) -> [UInt8] {
    let isXML = response.contentType.contains("xml")
    let mark = Array((isXML ? "<string>" : "\": \"").utf8)
    guard let at = place(of: mark, in: response.body) else { return [1] + response.body }
    var body = response.body
    body.insert(1, at: at + mark.count)
    return body
  }

  private static func withoutNumber(_ response: HTTPResponse) -> [UInt8] {
    var body = response.body
    if response.contentType.contains("xml") {
      let mark = Array("<double>".utf8)
      guard let at = place(of: mark, in: body) else { return body }
      let start = at + mark.count
      let end = body[start...].firstIndex(of: UInt8(ascii: "<")) ?? start
      body.replaceSubrange(start..<end, with: Array("nan".utf8))
      return body
    }
    // A number with a point that stands outside of text.
    var isText = false
    var i = 0
    while i < body.count {
      let byte = body[i]
      if byte == UInt8(ascii: "\\"), isText {
        i += 2
        continue
      }
      if byte == UInt8(ascii: "\"") { isText.toggle() }
      if !isText, byte == UInt8(ascii: "-") || (48...57).contains(byte) {
        let end =
          body[i...].firstIndex { !(48...57).contains($0) && !Array(".-+eE".utf8).contains($0) } ?? body.count
        if body[i..<end].contains(UInt8(ascii: ".")) {
          body.replaceSubrange(i..<end, with: Array("NaN".utf8))
          return body
        }
        i = end
        continue
      }
      i += 1
    }
    return body
  }

  private static func place(of mark: [UInt8], in body: [UInt8]) -> Int? {
    guard let first = mark.first, body.count >= mark.count else { return nil }
    var i = 0
    while i <= body.count - mark.count {
      if body[i] == first, body[i..<i + mark.count].elementsEqual(mark) { return i }
      i += 1
    }
    return nil
  }
}
