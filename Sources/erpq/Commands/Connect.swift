import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqOdoo
import ErpqShell
import ErpqTables
import Foundation

/// `erpq connect`: signs in to a server and writes a connection into the settings.
struct Connect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign in to an Odoo server and keep the connection under a name.",
    discussion: """
      On a terminal what is missing is asked for. Otherwise it comes from options and the environment (ODOO_URL, \
      ODOO_DB, ODOO_USERNAME, ODOO_API_KEY or ODOO_PASSWORD), for which a .env file in the current folder is read too.

      erpq connect --url https://mycompany.odoo.com --database mycompany --login ada --api-key command:"pass show odoo"

      The settings hold where the password or key is kept, never the secret itself: env:NAME, file:PATH (readable for \
      its owner alone) or command:LINE. What is typed goes into a file of its own.
      """)

  @Option(help: ArgumentHelp("The connection's name.", valueName: "name"))
  var name: String = "main"

  @Option(help: ArgumentHelp("The server's address.", valueName: "address"))
  var url: String?

  @Option(name: [.long, .customLong("db")], help: ArgumentHelp("The database.", valueName: "name"))
  var database: String?

  @Option(
    name: [.long, .customLong("username")], help: ArgumentHelp("The user's login.", valueName: "login"))
  var login: String?

  @Option(help: ArgumentHelp("Where an API key is kept.", valueName: "env:…|file:…|command:…"))
  var apiKey: String?

  @Option(help: ArgumentHelp("Where a password is kept.", valueName: "env:…|file:…|command:…"))
  var password: String?

  @Option(
    help: ArgumentHelp(
      "The protocol, instead of the one that fits: json2 jsonrpc session xmlrpc.", valueName: "kind"))
  var transport: String?

  @Option(help: ArgumentHelp("The id of the company, instead of the user's own.", valueName: "id"))
  var companyID: Int64?

  @Option(help: ArgumentHelp("The time zone, instead of the user's own.", valueName: "zone"))
  var timeZone: String?

  @Option(help: ArgumentHelp("Requests a second at most.", valueName: "n"))
  var maxRate: Double?

  @Option(help: ArgumentHelp("A file of certificates to trust instead of the system's.", valueName: "file"))
  var caFile: String?

  @OptionGroup var global: GlobalOptions

  mutating func run() throws {
    let sink = global.sink()
    if global.readOnly {
      throw ValidationError("a connection is written into the settings; leave out --read-only")
    }
    guard !name.isEmpty, !name.contains("\n"), !name.contains("/") else {
      throw ValidationError("--name is a word such as main")
    }
    do {
      try connect(sink)
    } catch let error as OdooError {
      sink.error(LiveOdoo.diagnostic(error))
      throw ExitStatus(code: 5)
    } catch is Cancellation.Interrupted {
      sink.error(Diagnostic(.interrupted, "interrupted; no connection was written"))
      throw ExitStatus(code: 130)
    }
  }

  /// What is known or was answered so far.
  private struct Draft {
    var url: String?
    var database: String?
    var login: String?
    var secret: SecretReference?
    var isKey = true
    /// What was typed; it is written into a file only when the server takes it.
    var typed: Credential?
  }

  private func connect(_ sink: TerminalSink) throws {
    let environment = ExchangeFiles.environment
    var file = try ConnectionFile(path: ConnectionFile.path(environment))
    let old = file.connections[name]
    let asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
    let wizard = Wizard()
    let kind = try transport.map { text in
      guard let kind = TransportKind(rawValue: text) else {
        throw ValidationError("--transport is json2, jsonrpc, session or xmlrpc, not \"\(text)\"")
      }
      return kind
    }
    var draft = try given(environment, old, asks: asks, wizard)
    for attempt in 1... {
      do {
        guard let url = draft.url else {
          throw OdooError(.configuration, "The URL of the server is missing", advice: Connect.urlAdvice)
        }
        var profile = ConnectionProfile(
          name: name,
          settings: ConnectionSettings(
            url: try ServerAddress.normalized(url), database: draft.database, login: draft.login,
            transport: kind,
            company: companyID ?? old?.settings.company, timeZone: timeZone ?? old?.settings.timeZone),
          secret: draft.secret ?? .file(secretPath(environment)), isKey: draft.isKey,
          warehouse: global.warehouse ?? old?.warehouse ?? defaultWarehouse,
          maximumRate: maxRate ?? old?.maximumRate, certificateFile: caFile ?? old?.certificateFile)
        profile.fields = old?.fields ?? [:]
        let connection = try profile.open(try global.exchanges.options(), typed: draft.typed)
        if let typed = draft.typed { try keep(typed.secret, at: secretPath(environment)) }
        // What was found out is kept, so that the next sign-in need not ask again.
        profile.settings.transport = connection.transport
        profile.settings.database = connection.database ?? draft.database
        profile.settings.company = connection.company.id
        profile.settings.login = connection.user.login.isEmpty ? draft.login : connection.user.login
        try file.store(profile)
        show(connection, sink)
        sink.note("connection \"\(name)\" is kept in \(file.path)")
        let option = name == file.defaultName ? "" : " --connection \(name)"
        sink.note("next: erpq sync\(option)")
        return
      } catch let error as OdooError where asks && attempt < 5 && Connect.canBeMended(error) {
        sink.error(LiveOdoo.diagnostic(error))
        try mend(&draft, error, wizard)
      }
    }
  }

  private static let urlAdvice = "Set ODOO_URL, or give the option --url."

  /// What options, the environment and an earlier connection say; the rest is asked for on a terminal.
  private func given(
    _ environment: [String: String], _ old: ConnectionProfile?, asks: Bool, _ wizard: Wizard
  ) throws -> Draft {
    func value(_ option: String?, _ variable: String, _ before: String?, _ question: String) throws -> String?
    {
      if let option, !option.isEmpty { return option }
      if let value = environment[variable], !value.isEmpty { return value }
      return asks ? try wizard.ask(question, otherwise: before) : before
    }
    var draft = Draft()
    draft.url = try value(url, "ODOO_URL", old?.settings.url, "URL of the server")
    if asks, let typed = draft.url, url == nil {
      // A slip is told before the other questions.
      var address = typed
      while true {
        do {
          draft.url = try ServerAddress.normalized(address)
          break
        } catch let error as OdooError {
          Output.error.write("\(error)\n")
          guard let next = try wizard.ask("URL of the server", otherwise: old?.settings.url) else {
            throw error
          }
          address = next
        }
      }
    }
    draft.database = try value(
      database, "ODOO_DB", old?.settings.database, "Database (empty: the only one)")
    draft.login = try value(login, "ODOO_USERNAME", old?.settings.login, "Login")
    if let apiKey {
      draft.secret = try SecretReference(apiKey)
    } else if let password {
      (draft.secret, draft.isKey) = (try SecretReference(password), false)
    } else if environment["ODOO_API_KEY"]?.isEmpty == false {
      draft.secret = .environment("ODOO_API_KEY")
    } else if environment["ODOO_PASSWORD"]?.isEmpty == false {
      (draft.secret, draft.isKey) = (.environment("ODOO_PASSWORD"), false)
    } else if asks {
      try askSecret(&draft, before: old, wizard)
    } else if let old {
      (draft.secret, draft.isKey) = (old.secret, old.isKey)
    } else {
      throw OdooError(
        .configuration, "The API key or password is missing",
        advice: "Set ODOO_API_KEY or ODOO_PASSWORD, or say where it is kept with --api-key or --password.")
    }
    return draft
  }

  private func askSecret(_ draft: inout Draft, before old: ConnectionProfile?, _ wizard: Wizard) throws {
    let typed = try wizard.askSecret(
      old == nil ? "API key or password" : "API key or password (empty: as before)")
    if typed.isEmpty, let old {
      (draft.secret, draft.isKey, draft.typed) = (old.secret, old.isKey, nil)
      return
    }
    guard !typed.isEmpty else { throw OdooError(.configuration, "The API key or password is missing") }
    let secret = Secret(typed)
    draft.secret = nil
    draft.isKey = secret.looksLikeKey
    draft.typed = draft.isKey ? .apiKey(secret) : .password(secret)
  }

  /// Whether another answer to one of the questions may help.
  private static func canBeMended(_ error: OdooError) -> Bool {
    error.isAboutConnection && ![.configuration, .unavailable, .sessionExpired].contains(error.kind)
  }

  /// Asks again for what the error is about.
  private func mend(_ draft: inout Draft, _ error: OdooError, _ wizard: Wizard) throws {
    switch error.kind {
    case .database:
      draft.database = try wizard.ask("Database (empty: the only one)", otherwise: nil)
    case .credentials, .apiKey, .twoFactor:
      draft.login = try wizard.ask("Login", otherwise: draft.login)
      try askSecret(&draft, before: nil, wizard)
    default: draft.url = try wizard.ask("URL of the server", otherwise: draft.url)
    }
  }

  private func secretPath(_ environment: [String: String]) -> String {
    (ConnectionFile.path(environment) as NSString).deletingLastPathComponent + "/secrets/\(name)"
  }

  /// Writes what was typed into a file that only its owner may read.
  private func keep(_ secret: Secret, at path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try PrivateFile.write(secret.value + "\n", to: path)
    } catch {
      throw OdooError(.configuration, "The file \(path) for the password or key cannot be written")
    }
  }

  private var defaultWarehouse: String { GlobalOptions.dataFolder + "/\(name).db" }

  private func show(_ connection: OdooConnection, _ sink: TerminalSink) {
    let rows: [(String, String)] = [
      ("server", "\(connection.address), Odoo \(connection.version)"),
      ("database", connection.database ?? "the only one"),
      ("user", "\(connection.user.login) (\(connection.user.name))"),
      ("transport", connection.transport.rawValue),
      ("company", "\(connection.company.name), \(connection.company.currency)"),
      ("time zone", connection.timeZone),
    ]
    sink.table(
      Table([
        ("what", Column(.text, values: rows.map { .text($0.0) })),
        ("value", Column(.text, values: rows.map { .text($0.1) })),
      ]))
  }
}

/// Questions on a terminal.
private struct Wizard {
  /// Asks for a line; an empty one is `otherwise`.
  ///
  /// - Throws: `Cancellation.Interrupted` for Ctrl-C and the end of the input.
  func ask(_ question: String, otherwise: String?) throws -> String? {
    Output.error.write(question + (otherwise.map { " [\($0)]" } ?? "") + ": ")
    let text = try line()
    return text.isEmpty ? otherwise : text
  }

  /// Asks for a line that is not shown.
  func askSecret(_ question: String) throws -> String {
    Output.error.write(question + " (not shown): ")
    var before = termios()
    let isTerminal = tcgetattr(STDIN_FILENO, &before) == 0
    if isTerminal {
      var silent = before
      silent.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(STDIN_FILENO, TCSANOW, &silent)
    }
    defer {
      if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
      Output.error.write("\n")
    }
    return try line()
  }

  /// A line without blanks around. It is waited for in short steps, so that Ctrl-C is heard at once.
  private func line() throws -> String {
    var bytes: [UInt8] = []
    while true {
      if Cancellation.process.isCancelled { throw Cancellation.Interrupted() }
      var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, 100) > 0 else { continue }
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Cancellation.Interrupted() }
      if byte == 10 { break }
      if bytes.count < 10_000 { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces)
  }
}
