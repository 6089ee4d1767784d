import ErpqBase
import Foundation
import TOMLKit

/// A connection as the settings file keeps it, under a name.
public struct ConnectionProfile: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Server, database, user, protocol, company, zone.
  public var settings: ConnectionSettings
  /// Where the password or key is kept.
  public var secret: SecretReference
  /// Whether the secret is an API key rather than a password.
  public var isKey: Bool
  /// The company file.
  public var warehouse: String
  /// Requests a second at most; nil: as fast as the server answers.
  public var maximumRate: Double?
  /// A file of certificates to trust.
  public var certificateFile: String?
  /// Field of each column that is mapped by hand, by model.
  public var fields: [String: [String: String]] = [:]

  /// A connection.
  public init(
    name: String, settings: ConnectionSettings, secret: SecretReference, isKey: Bool, warehouse: String,
    maximumRate: Double? = nil, certificateFile: String? = nil
  ) {
    self.name = name
    self.settings = settings
    self.secret = secret
    self.isKey = isKey
    self.warehouse = warehouse
    self.maximumRate = maximumRate
    self.certificateFile = certificateFile
  }

  /// The password or key.
  public func credential(_ environment: [String: String]) throws -> Credential {
    let secret = try secret.resolve(environment)
    return isKey ? .apiKey(secret) : .password(secret)
  }
}

/// The settings file: TOML, readable for its owner alone.
public struct ConnectionFile: Sendable {
  /// The file.
  public let path: String
  /// The connections, by name.
  public private(set) var connections: [String: ConnectionProfile] = [:]
  /// The name of the one that is used when none is named.
  public private(set) var defaultName: String?

  /// The file's place: `ERPQ_CONFIG`, else below `XDG_CONFIG_HOME` or `~/.config`.
  public static func path(_ environment: [String: String]) -> String {
    if let path = environment["ERPQ_CONFIG"], !path.isEmpty { return path }
    if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
      return folder + "/erpq/config.toml"
    }
    return (environment["HOME"] ?? NSTemporaryDirectory()) + "/.config/erpq/config.toml"
  }

  /// Reads a settings file; one that does not exist holds nothing.
  ///
  /// - Throws: `OdooError` that names the line or the entry that is wrong.
  public init(path: String) throws {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard !isFolder.boolValue, let data = FileManager.default.contents(atPath: path) else {
      throw OdooError(.configuration, "The settings \(path) cannot be read")
    }
    // What lies behind a zero byte would be passed over without a word.
    guard !data.contains(0) else {
      throw OdooError(.configuration, "The settings \(path) are no text: they hold a zero byte")
    }
    let file: Stored
    do {
      file = try TOMLDecoder().decode(Stored.self, from: String(decoding: data, as: UTF8.self))
    } catch let error as TOMLParseError {
      throw OdooError(
        .configuration, "\(path), line \(error.source.begin.line): \(error.description.prefix(200))")
    } catch let error as DecodingError {
      throw OdooError(.configuration, "\(path): \(ConnectionFile.words(error))")
    } catch {
      throw OdooError(.configuration, "\(path) is not readable as TOML: \(error)")
    }
    defaultName = file.default
    for (name, stored) in file.connections ?? [:] { connections[name] = try stored.profile(name, in: path) }
  }

  private static func words(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context)) lacks the entry \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "the entry \(place(context)) is of the wrong type"
    @unknown default: return "an entry is wrong"
    }
  }

  /// The connection of a name, or the only or default one.
  public func connection(_ name: String?) throws -> ConnectionProfile {
    if let name {
      if let found = connections[name] { return found }
      let near = nearest(to: name, among: connections.keys.sorted())
      throw OdooError(
        .configuration, "There is no connection \"\(name)\"",
        advice: connections.isEmpty
          ? "`erpq connect` makes one."
          : near.isEmpty
            ? "There are \(connections.keys.sorted().joined(separator: ", "))."
            : "Did you mean \(near.joined(separator: ", "))?")
    }
    if let defaultName, let found = connections[defaultName] { return found }
    if connections.count == 1, let only = connections.values.first { return only }
    throw OdooError(
      .configuration,
      connections.isEmpty
        ? "There is no connection to a server yet"
        : "There are several connections, and none is the default one",
      advice: connections.isEmpty
        ? "`erpq connect` makes one."
        : "Name one with --connection: \(connections.keys.sorted().joined(separator: ", ")).")
  }

  /// Writes a connection into the file, in the place of one of the same name; the rest of the file stays as its
  /// owner wrote it.
  public mutating func store(_ profile: ConnectionProfile) throws {
    connections[profile.name] = profile
    let old = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    var kept: [Substring] = []
    var isOurs = false
    for line in old.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = line.drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("[") {
        let head = text.filter { $0 != " " && $0 != "\"" }
        // Fields that were mapped by hand stay.
        isOurs = head.hasPrefix("[connections.\(profile.name)]")
      }
      if !isOurs { kept.append(line) }
    }
    while kept.last?.isEmpty == true { kept.removeLast() }
    var text = kept.joined(separator: "\n")
    if !text.isEmpty { text += "\n\n" }
    if defaultName == nil {
      defaultName = profile.name
      text = "default = \(ConnectionFile.quoted(profile.name))\n\n" + text
    }
    text += ConnectionFile.section(profile)
    try write(text)
  }

  private static func section(_ profile: ConnectionProfile) -> String {
    let settings = profile.settings
    var lines = ["[connections.\(quotedKey(profile.name))]", "url = \(quoted(settings.url))"]
    func add(_ key: String, _ value: String?) { if let value { lines.append("\(key) = \(quoted(value))") } }
    add("database", settings.database)
    add("login", settings.login)
    add("transport", settings.transport?.rawValue)
    if let company = settings.company { lines.append("company = \(company)") }
    add("time_zone", settings.timeZone)
    add(profile.isKey ? "api_key" : "password", profile.secret.description)
    add("warehouse", profile.warehouse)
    if let rate = profile.maximumRate { lines.append("max_rate = \(rate)") }
    add("ca_file", profile.certificateFile)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String { OdooValue.text(text).json }

  private static func quotedKey(_ text: String) -> String {
    let isBare =
      !text.isEmpty
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
          || $0 == 0x2D
      }
    return isBare ? text : quoted(text)
  }

  private func write(_ text: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try PrivateFile.write(text, to: path)
    } catch {
      throw OdooError(.configuration, "The settings \(path) cannot be written")
    }
  }

  private struct Stored: Decodable {
    var `default`: String?
    var connections: [String: StoredConnection]?
  }

  private struct StoredConnection: Decodable {
    var url: String
    var database: String?
    var login: String?
    var transport: String?
    var company: Int?
    var time_zone: String?
    var api_key: String?
    var password: String?
    var warehouse: String?
    var max_rate: Double?
    var ca_file: String?
    var fields: [String: [String: String]]?

    func profile(_ name: String, in path: String) throws -> ConnectionProfile {
      func wrong(_ what: String) -> OdooError {
        OdooError(.configuration, "\(path), connection \(name): \(what)")
      }
      var kind: TransportKind?
      if let transport {
        kind = TransportKind(rawValue: transport)
        guard kind != nil else {
          throw wrong("there is no transport \"\(transport)\"; there are json2, jsonrpc, session and xmlrpc")
        }
      }
      guard let reference = api_key ?? password else {
        throw wrong("it names neither api_key nor password, such as api_key = \"env:ODOO_API_KEY\"")
      }
      let secret: SecretReference
      do { secret = try SecretReference(reference) } catch let error as OdooError {
        throw wrong(error.description)
      }
      var profile = ConnectionProfile(
        name: name,
        settings: ConnectionSettings(
          url: url, database: database, login: login, transport: kind, company: company.map { Int64($0) },
          timeZone: time_zone),
        secret: secret, isKey: api_key != nil, warehouse: warehouse ?? "", maximumRate: max_rate,
        certificateFile: ca_file)
      profile.fields = fields ?? [:]
      return profile
    }
  }
}

/// Files that only their owner may read.
public enum PrivateFile {
  /// Writes a file whole or not at all, never readable for others.
  public static func write(_ text: String, to path: String) throws {
    let draft = "\(path).draft-\(getpid())"
    unlink(draft)
    let handle = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard handle >= 0 else { throw OdooError(.configuration, "\(path) cannot be written") }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let n = bytes.withUnsafeBytes { Glibc.write(handle, $0.baseAddress, $0.count) }
      guard n > 0 else {
        close(handle)
        unlink(draft)
        throw OdooError(.configuration, "\(path) cannot be written: the disk may be full")
      }
      bytes = bytes.dropFirst(n)
    }
    fsync(handle)
    close(handle)
    guard rename(draft, path) == 0 else {
      unlink(draft)
      throw OdooError(.configuration, "\(path) cannot be written")
    }
  }
}
