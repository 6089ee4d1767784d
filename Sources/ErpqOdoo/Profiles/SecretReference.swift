import ErpqBase
import Foundation

/// Where a password or key is kept. The settings name the place and never hold the secret itself.
public enum SecretReference: Hashable, Sendable, CustomStringConvertible {
  /// An environment variable, or a line of a `.env` file.
  case environment(String)
  /// A file that only its owner may read; its first line counts.
  case file(String)
  /// A command for the shell whose first line of output counts, such as `pass show odoo`.
  case command(String)

  /// Reads `env:NAME`, `file:PATH` or `command:LINE`.
  ///
  /// - Throws: `OdooError` for anything else.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else {
      throw OdooError(
        .configuration,
        "A secret is kept in env:NAME, file:PATH or command:LINE, and this names none of them",
        advice: "The password or key itself does not belong into the settings.")
    }
    switch parts[0] {
    case "env": self = .environment(parts[1])
    case "file": self = .file(parts[1])
    case "command": self = .command(parts[1])
    default:
      throw OdooError(
        .configuration, "A secret is kept in env:NAME, file:PATH or command:LINE, not in \"\(parts[0]):\"")
    }
  }

  /// As the settings write it.
  public var description: String {
    switch self {
    case .environment(let name): "env:\(name)"
    case .file(let path): "file:\(path)"
    case .command(let line): "command:\(line)"
    }
  }

  /// Fetches the secret.
  ///
  /// - Throws: `OdooError` that says what is missing, without a word of what was found.
  public func resolve(_ environment: [String: String]) throws -> Secret {
    switch self {
    case .environment(let name):
      guard let value = environment[name], !value.isEmpty else {
        throw OdooError(
          .configuration, "The environment variable \(name), which holds the password or key, is not set",
          advice: "Set it, or put it into a .env file in the current folder.")
      }
      return Secret(value)
    case .file(let path): return try SecretReference.fromFile(path, home: environment["HOME"] ?? "")
    case .command(let line): return try SecretReference.fromCommand(line)
    }
  }

  private static func fromFile(_ path: String, home: String) throws -> Secret {
    let path = path.hasPrefix("~/") ? home + path.dropFirst() : path
    var info = stat()
    guard stat(path, &info) == 0 else {
      throw OdooError(.configuration, "The file \(path), which holds the password or key, does not exist")
    }
    guard info.st_mode & 0o077 == 0 else {
      throw OdooError(
        .configuration, "The file \(path) holds a password or key and may be read by others",
        advice: "Run: chmod 600 \(path)")
    }
    guard let data = FileManager.default.contents(atPath: path), data.count < 1 << 16 else {
      throw OdooError(.configuration, "The file \(path), which holds the password or key, cannot be read")
    }
    return try firstLine(String(decoding: data, as: UTF8.self), of: "The file \(path)")
  }

  private static func fromCommand(_ line: String) throws -> Secret {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    let output = Pipe()
    process.standardOutput = output
    do { try process.run() } catch {
      throw OdooError(.configuration, "The command for the password or key cannot be run: \(line)")
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw OdooError(
        .configuration,
        "The command for the password or key ended with status \(process.terminationStatus): \(line)")
    }
    return try firstLine(String(decoding: data, as: UTF8.self), of: "The command \(line)")
  }

  private static func firstLine(_ text: String, of what: String) throws -> Secret {
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    guard !line.isEmpty else { throw OdooError(.configuration, "\(what) gives no password or key") }
    return Secret(line)
  }
}

/// Variables from a `.env` file, beneath those of the environment.
public enum DotEnv {
  /// Reads `NAME=value` lines; `export`, quotes and comments are understood, nothing is executed.
  public static func parse(_ text: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      var rest = line.drop { $0.isWhitespace }
      if rest.hasPrefix("export ") { rest = rest.dropFirst(7) }
      guard let cut = rest.firstIndex(of: "="), rest.first != "#" else { continue }
      let name = rest[..<cut].filter { !$0.isWhitespace }
      guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
      var value = rest[rest.index(after: cut)...].drop { $0 == " " || $0 == "\t" }
      if let quote = value.first, quote == "\"" || quote == "'" {
        value = value.dropFirst()
        let end = value.firstIndex(of: quote) ?? value.endIndex
        found[name] = String(value[..<end])
      } else {
        if let hash = value.range(of: " #") { value = value[..<hash.lowerBound] }
        while value.last?.isWhitespace == true { value.removeLast() }
        found[name] = String(value)
      }
    }
    return found
  }

  /// The environment with the `.env` file of a folder beneath it.
  public static func environment(_ environment: [String: String], folder: String) -> [String: String] {
    guard let data = FileManager.default.contents(atPath: folder + "/.env"), data.count < 1 << 20 else {
      return environment
    }
    // Only what concerns a connection is taken, so that a project's other settings do not leak in.
    let known = parse(String(decoding: data, as: UTF8.self)).filter { $0.key.hasPrefix("ODOO_") }
    return environment.merging(known) { mine, _ in mine }
  }
}
