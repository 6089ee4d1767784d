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

  @Option(help: ArgumentHelp("The database.", valueName: "name"))
  var database: String?

  @Option(help: ArgumentHelp("The user's login.", valueName: "login"))
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

  private func connect(_ sink: TerminalSink) throws {
    let environment = ExchangeFiles.environment
    var file = try ConnectionFile(path: ConnectionFile.path(environment))
    let old = file.connections[name]
    let asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
    var wizard = Wizard()
    func value(_ given: String?, _ variable: String, _ before: String?, _ question: String, needed: Bool)
      throws
      -> String?
    {
      if let given, !given.isEmpty { return given }
      if let value = environment[variable], !value.isEmpty { return value }
      guard asks else {
        if let before { return before }
        if needed {
          throw OdooError(
            .configuration, "\(question) is missing", advice: "Set \(variable), or give the option.")
        }
        return nil
      }
      return try wizard.ask(question, otherwise: before)
    }
    guard let url = try value(url, "ODOO_URL", old?.settings.url, "URL of the server", needed: true) else {
      throw OdooError(.configuration, "The URL of the server is missing")
    }
    let address = try ServerAddress.normalized(url)
    let database = try value(
      database, "ODOO_DB", old?.settings.database, "Database (empty: the only one)", needed: false)
    let login = try value(login, "ODOO_USERNAME", old?.settings.login, "Login", needed: false)
    let (secret, isKey) = try secret(environment, old, asks: asks, &wizard)
    var kind: TransportKind?
    if let transport {
      kind = TransportKind(rawValue: transport)
      if kind == nil {
        throw ValidationError("--transport is json2, jsonrpc, session or xmlrpc, not \"\(transport)\"")
      }
    }
    var profile = ConnectionProfile(
      name: name,
      settings: ConnectionSettings(
        url: address, database: database, login: login, transport: kind,
        company: companyID ?? old?.settings.company, timeZone: timeZone ?? old?.settings.timeZone),
      secret: secret, isKey: isKey, warehouse: global.warehouse ?? old?.warehouse ?? defaultWarehouse,
      maximumRate: maxRate ?? old?.maximumRate, certificateFile: caFile ?? old?.certificateFile)
    profile.fields = old?.fields ?? [:]
    let connection = try profile.open(try global.exchanges.options())
    // What was found out is kept, so that the next sign-in need not ask again.
    profile.settings.transport = connection.transport
    profile.settings.database = connection.database ?? database
    profile.settings.company = connection.company.id
    profile.settings.login = connection.user.login.isEmpty ? login : connection.user.login
    try file.store(profile)
    show(connection, sink)
    sink.note("connection \"\(name)\" is kept in \(file.path)")
    let option = name == file.defaultName ? "" : " --connection \(name)"
    sink.note("next: erpq sync\(option)")
  }

  private var defaultWarehouse: String { GlobalOptions.dataFolder + "/\(name).db" }

  /// Where the secret is kept; what is typed goes into a file that only its owner may read.
  private func secret(
    _ environment: [String: String], _ old: ConnectionProfile?, asks: Bool, _ wizard: inout Wizard
  ) throws -> (SecretReference, isKey: Bool) {
    if let apiKey { return (try SecretReference(apiKey), true) }
    if let password { return (try SecretReference(password), false) }
    if environment["ODOO_API_KEY"]?.isEmpty == false { return (.environment("ODOO_API_KEY"), true) }
    if environment["ODOO_PASSWORD"]?.isEmpty == false { return (.environment("ODOO_PASSWORD"), false) }
    guard asks else {
      if let old { return (old.secret, old.isKey) }
      throw OdooError(
        .configuration, "The API key or password is missing",
        advice: "Set ODOO_API_KEY or ODOO_PASSWORD, or say where it is kept with --api-key or --password.")
    }
    let typed = try wizard.askSecret(
      old == nil ? "API key or password" : "API key or password (empty: as before)")
    if typed.isEmpty, let old { return (old.secret, old.isKey) }
    guard !typed.isEmpty else { throw OdooError(.configuration, "The API key or password is missing") }
    let folder = (ConnectionFile.path(environment) as NSString).deletingLastPathComponent + "/secrets"
    let path = folder + "/\(name)"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try PrivateFile.write(typed + "\n", to: path)
    } catch {
      throw OdooError(.configuration, "The file \(path) for the password or key cannot be written")
    }
    return (.file(path), Secret(typed).looksLikeKey)
  }

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
  mutating func ask(_ question: String, otherwise: String?) throws -> String? {
    Output.error.write(question + (otherwise.map { " [\($0)]" } ?? "") + ": ")
    guard let line = readLine() else { throw Cancellation.Interrupted() }
    let text = line.trimmingCharacters(in: .whitespaces)
    return text.isEmpty ? otherwise : text
  }

  /// Asks for a line that is not shown.
  mutating func askSecret(_ question: String) throws -> String {
    Output.error.write(question + ": ")
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
    guard let line = readLine() else { throw Cancellation.Interrupted() }
    return line.trimmingCharacters(in: .whitespaces)
  }
}
