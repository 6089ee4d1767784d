/// The address of an Odoo server as users write it.
public enum ServerAddress {
  /// Scheme, host and port: what was typed, without path pieces of Odoo's pages, user and password, or a slash
  /// at the end. A bare host is read as https, a loopback one as http.
  ///
  /// - Throws: `OdooError` when the text is no such address.
  public static func normalized(_ text: String) throws -> String {
    func bad(_ why: String) -> OdooError {
      OdooError(.badAddress, why, advice: "Use one such as https://mycompany.odoo.com.")
    }
    var rest = Substring(text.filter { !$0.isWhitespace })
    guard !rest.isEmpty else { throw bad("The URL of the server is empty") }
    guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw bad("\(text) holds characters that no URL holds")
    }
    var scheme: String?
    if let (before, behind) = split(rest) {
      scheme = before.lowercased()
      rest = behind
      guard scheme == "http" || scheme == "https" else {
        throw bad("\(text) is neither an http nor an https address")
      }
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    var path = rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      throw bad("A user and password do not belong into the URL")
    }
    let host = hostPart(authority)
    guard !host.isEmpty, host.contains(where: { $0 != "." }) else { throw bad("\(text) names no host") }
    let port = authority.dropFirst(host.count)
    if !port.isEmpty {
      guard port.first == ":", let number = Int(port.dropFirst()), (1...65_535).contains(number) else {
        throw bad("\(text) has no port between 1 and 65535 behind the colon")
      }
    }
    // What is copied from a browser ends in one of Odoo's own pages.
    for page in ["/web", "/odoo", "/xmlrpc", "/jsonrpc", "/json"] {
      if path == page || path.hasPrefix(page + "/") { path = "" }
    }
    while path.last == "/" { path.removeLast() }
    let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased())
    return (scheme ?? (isLocal ? "http" : "https")) + "://" + authority.lowercased() + path
  }

  private static func hostPart(_ authority: Substring) -> Substring {
    if authority.first == "[" {
      guard let close = authority.firstIndex(of: "]") else { return "" }
      return authority[...close]
    }
    return authority.prefix { $0 != ":" }
  }

  /// The host of a normalized address, with its port.
  static func host(of address: String) -> String {
    guard let (_, behind) = split(Substring(address)) else { return address }
    return String(behind.prefix { $0 != "/" })
  }

  /// What stands before and behind `://`.
  private static func split(_ text: Substring) -> (Substring, Substring)? {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
    return (text[..<colon], text[colon...].dropFirst(3))
  }
}
