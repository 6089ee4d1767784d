import ErpqBase

/// The version of an Odoo server.
public struct OdooVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The series: 16 for 16.0 and for saas~16.3.
  public var major: Int
  /// The number behind the point.
  public var minor: Int
  /// As the server writes it, such as `19.0` or `saas~18.2`.
  public var text: String

  /// A version; nil for a text that holds no number.
  public init?(_ text: String) {
    var numbers: [Int] = []
    for part in text.split(whereSeparator: { !$0.isNumber }) {
      guard let n = Int(part), n < 1000 else { return nil }
      numbers.append(n)
    }
    guard let major = numbers.first else { return nil }
    self.major = major
    minor = numbers.count > 1 ? numbers[1] : 0
    self.text = text
  }

  /// The order of releases.
  public static func < (a: OdooVersion, b: OdooVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  /// As the server writes it.
  public var description: String { text }
}

/// Finds out, without signing in, whether a server is Odoo, and which.
enum ServerProbe {
  /// The version that the server tells: by its web routes, else by XML-RPC.
  static func version(_ exchanger: any HTTPExchanger) throws -> (version: OdooVersion, serverTime: Instant?) {
    var redirect: OdooError?
    // Odoo 19 has a route to ask by GET; older ones answer the web client's.
    let response = try exchanger.exchange(HTTPRequest("GET", "/web/version"))
    if let version = read(response, key: "version", inside: nil) { return (version, response.serverTime) }
    if (300..<400).contains(response.status) {
      redirect = OdooError.strange(response, address: exchanger.address, path: "/web/version")
    }
    let info = try exchanger.exchange(
      HTTPRequest(
        "POST", "/web/webclient/version_info", headers: [HTTPHeader("Content-Type", "application/json")],
        body: Array("{}".utf8)))
    if let version = read(info, key: "server_version", inside: "result") { return (version, info.serverTime) }
    do {
      let (answer, value) = try ServiceTransport.post(
        .xmlrpc, "common", "version", [], to: exchanger, call: "version", database: nil)
      if let version = value["server_version"]?.text.flatMap({ OdooVersion($0) }) {
        return (version, answer.serverTime)
      }
    } catch let error as OdooError where [.notOdoo, .badAnswer, .redirected, .server].contains(error.kind) {
      redirect = redirect ?? (error.kind == .redirected ? error : nil)
    }
    if let redirect { throw redirect }
    throw OdooError(
      .notOdoo, "What answers at \(exchanger.address) is not an Odoo server",
      advice: "See whether the URL is right; it is the one that you open Odoo at in a browser.")
  }

  private static func read(_ response: HTTPResponse, key: String, inside: String?) -> OdooVersion? {
    guard response.status == 200, response.isType("application/json"), response.body.count < 1 << 20 else {
      return nil
    }
    var json = JSONBytes(response.body)
    guard var value = try? json.value() else { return nil }
    if let inside { value = value[inside] ?? .null }
    return value[key]?.text.flatMap { OdooVersion($0) }
  }

  /// The names of the server's databases; empty where it does not tell them.
  static func databases(_ exchanger: any HTTPExchanger) -> [String] {
    let answer = try? JSONRPC.post(
      "/web/database/list", .object([]), to: exchanger, call: "", database: nil)
    return answer?.value.items?.compactMap(\.text) ?? []
  }
}
