import ArgumentParser
import ErpqBase
import ErpqEngine
import ErpqFiles
import ErpqOdoo
import ErpqShell
import ErpqStandardLibrary
import Foundation

extension OutputFormat: ExpressibleByArgument {}

/// The options that every subcommand knows.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: [.customShort("w"), .customLong("warehouse")],
    help: ArgumentHelp("The company file.", valueName: "file"))
  var warehouse: String?

  @Option(
    help: ArgumentHelp("Read this snapshot of the company file; see `erpq snapshot`.", valueName: "name"))
  var asOf: String?

  @Flag(help: "Use the embedded demo company.")
  var demo = false

  @Option(help: ArgumentHelp("The connection to a server; see `erpq connect`.", valueName: "name"))
  var connection: String?

  @Option(
    help: ArgumentHelp(
      "Write what goes to the server and comes back into a file, without secrets.", valueName: "file"))
  var recordExchanges: String?

  @Option(help: ArgumentHelp("Answer from such a file instead of the server.", valueName: "file"))
  var replayExchanges: String?

  @Option(help: ArgumentHelp("Switch a setting on: erpconnect.", valueName: "setting"))
  var use: [String] = []

  @Option(help: ArgumentHelp("The value of a param of the script.", valueName: "name=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("A JSON file with values of params.", valueName: "file"))
  var params: String?

  @Option(help: "How results are written: table csv json jsonl md html.")
  var format: OutputFormat = .table

  @Option(help: ArgumentHelp("The day that today stands for.", valueName: "YYYY-MM-DD"))
  var today: String?

  @Option(help: ArgumentHelp("The seed of every random draw.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The folder that files are read from and written below.", valueName: "folder"))
  var files: String = "."

  @Flag(help: "Write no files.")
  var readOnly = false

  @Option(help: ArgumentHelp("Rows of a table shown on a terminal; 0 shows all.", valueName: "n"))
  var rows: Int = 40

  func validate() throws {
    if warehouse != nil, demo { throw ValidationError("`-w` and `--demo` exclude each other") }
    if connection != nil, demo { throw ValidationError("`--connection` and `--demo` exclude each other") }
    if asOf != nil, warehouse == nil {
      throw ValidationError("--as-of names a snapshot of a company file; add -w FILE")
    }
    if let today, CivilDate(iso: today) == nil {
      throw ValidationError("--today is a day such as 2026-07-01, not \"\(today)\"")
    }
    for name in use where name != "erpconnect" {
      throw ValidationError("there is no setting \"\(name)\"; there is erpconnect")
    }
    for pair in set where !pair.contains("=") {
      throw ValidationError("--set takes name=value, not \"\(pair)\"")
    }
    if rows < 0 { throw ValidationError("--rows is 0 or more") }
  }

  /// Where the demo company and the history lie: erpq's own folder among the data of the user.
  static var dataFolder: String {
    let environment = ProcessInfo.processInfo.environment
    if let xdg = environment["XDG_DATA_HOME"], xdg.hasPrefix("/") { return xdg + "/erpq" }
    return (environment["HOME"] ?? NSTemporaryDirectory()) + "/.local/share/erpq"
  }

  /// The history of the prompt.
  static var historyPath: String { dataFolder + "/history.db" }

  func sink(pages: Bool = true) -> TerminalSink {
    TerminalSink(
      format: format, environment: ProcessInfo.processInfo.environment, maxRows: rows == 0 ? nil : rows,
      pages: pages)
  }

  func sessionOptions(isInteractive: Bool = false) throws -> SessionOptions {
    var options = SessionOptions()
    let live = try liveProfile()
    options.live = live.map { LiveOdoo($0, exchanges: exchanges) }
    options.company =
      warehouse.map { file in asOf.map { .snapshot(of: file, named: $0) } ?? .file(file) }
      ?? synchronized(live).map { .file($0) } ?? .demo(dataFolder: GlobalOptions.dataFolder)
    options.today = today.flatMap { CivilDate(iso: $0) }
    options.seed = seed
    options.folder = files
    options.isReadOnly = readOnly
    options.historyPath = GlobalOptions.historyPath
    options.usesDocuments = use.contains("erpconnect")
    options.isInteractive = isInteractive
    options.outlivesAssertions = isInteractive && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    options.params = try givenParams()
    options.namedParams = Set(set.map { String($0.prefix { $0 != "=" }) })
    return options
  }

  /// Where exchanges with a server are recorded to or answered from.
  var exchanges: ExchangeFiles { ExchangeFiles(record: recordExchanges, replay: replayExchanges) }

  /// The connection that was named, or the default one.
  ///
  /// - Throws: `OdooError` when there is none.
  func profile() throws -> ConnectionProfile {
    try ConnectionFile(path: ConnectionFile.path(ExchangeFiles.environment)).connection(connection)
  }

  /// The connection for statements: one that was named must be there, the default one may be missing.
  private func liveProfile() throws -> ConnectionProfile? {
    if demo { return nil }
    do {
      return try profile()
    } catch let error as OdooError {
      guard connection != nil else { return nil }
      throw ValidationError(error.description)
    }
  }

  /// The company file of a connection. That of the default connection counts once it has been filled.
  private func synchronized(_ profile: ConnectionProfile?) -> String? {
    guard let profile, !profile.warehouse.isEmpty else { return nil }
    return connection != nil || FileManager.default.fileExists(atPath: profile.warehouse)
      ? profile.warehouse : nil
  }

  private func givenParams() throws -> [String: String] {
    var values: [String: String] = [:]
    if let params {
      guard let data = FileManager.default.contents(atPath: params) else {
        throw ValidationError("--params: \(params) cannot be read")
      }
      guard let object = try? JSONSerialization.jsonObject(with: data), let fields = object as? [String: Any]
      else {
        throw ValidationError("--params: \(params) holds no JSON object")
      }
      for (name, value) in fields {
        switch value {
        case let s as String: values[name] = s
        case let n as NSNumber:
          values[name] = CFBooleanType.isBool(n) ? (n.boolValue ? "true" : "false") : n.stringValue
        case is NSNull: values[name] = ""
        case let list as [Any]:
          values[name] = "[" + list.map { $0 is String ? "\"\($0)\"" : "\($0)" }.joined(separator: ", ") + "]"
        default:
          throw ValidationError(
            "--params: \"\(name)\" is neither a text, a number, true, false, null nor a list")
        }
      }
    }
    for pair in set {
      let cut = pair.firstIndex(of: "=") ?? pair.endIndex
      values[String(pair[..<cut])] = String(pair[pair.index(after: cut)...])
    }
    return values
  }

  /// A session over these options; its results go through another sink on their way, if there is one.
  func session(_ sink: TerminalSink, isInteractive: Bool = false, through: (any ResultSink)? = nil) throws
    -> Session
  {
    let library = try GlobalOptions.standardLibrary()
    let session = Session(
      try sessionOptions(isInteractive: isInteractive), sink: through ?? sink, standardLibrary: library)
    session.progress = { sink.progress($0) }
    return session
  }

  /// The embedded library, or the one that ERPQ_STDLIB names.
  static func standardLibrary() throws -> [SourceText] {
    guard let folder = ProcessInfo.processInfo.environment["ERPQ_STDLIB"], !folder.isEmpty else {
      return StandardLibrary.files.map { SourceText($0.text, name: $0.name) }
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw ValidationError("ERPQ_STDLIB names \(folder), which is no folder that can be read")
    }
    let metrics = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/kpi")) ?? []
    let all = names.sorted() + metrics.sorted().map { "kpi/" + $0 }
    return all.filter { $0.hasSuffix(".erpq") }.compactMap { name in
      FileManager.default.contents(atPath: folder + "/" + name).map {
        SourceText(String(decoding: $0, as: UTF8.self), name: folder + "/" + name)
      }
    }
  }
}

/// Telling JSON's true from its 1.
enum CFBooleanType {
  static func isBool(_ n: NSNumber) -> Bool {
    String(cString: n.objCType) == "c" || String(cString: n.objCType) == "B"
  }
}

/// Reads a script from a file or standard input.
enum ScriptFile {
  static func read(_ path: String, _ sink: TerminalSink) throws -> SourceText {
    let data: Data?
    if path == "-" {
      do { data = try FileHandle.standardInput.readToEnd() ?? Data() } catch {
        let reason = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
        // Without a standard input there is nothing to run, as with an empty one.
        if reason == Int(EBADF) { return SourceText("", name: "stdin") }
        sink.error(.unreadableInput(Int32(truncatingIfNeeded: reason ?? Int(EIO))))
        throw ExitStatus(code: 2)
      }
    } else {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
        sink.error(.init(.file, "\(path) is a folder, not a script"))
        throw ExitStatus(code: 2)
      }
      data = FileManager.default.contents(atPath: path)
    }
    guard let data else {
      let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      let base = path.split(separator: "/").last.map(String.init) ?? path
      let near = nearest(to: base, among: names)
      let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
      let isBare = !path.contains("/") && !path.contains(".")
      let word = isBare ? nearest(to: path, among: ArgumentOrder.subcommands.sorted()).first : nil
      let isStatement = path.contains(" ") || Commands.catalog.command(path) != nil
      sink.error(
        .init(
          .file, "the script \(path) \(reason)",
          notes: isStatement
            ? ["to run a statement write `erpq -e '\(path)'`"]
            : word.map { ["did you mean `erpq \($0)`?"] }
              ?? (near.isEmpty ? [] : ["did you mean \(near.joined(separator: ", "))?"])))
      throw ExitStatus(code: 2)
    }
    let text = String(decoding: data, as: UTF8.self)
    let source = SourceText(text, name: path == "-" ? "stdin" : path)
    if let bad = Array(data).withUnsafeBufferPointer({ firstInvalidUTF8($0) }) {
      let line = data.prefix(bad).reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
      sink.error(
        .init(
          .notUTF8,
          "\(source.name) is not UTF-8: line \(line) holds the byte 0x\(String(data[data.startIndex + bad], radix: 16, uppercase: true))",
          notes: ["save the file as UTF-8"]))
      throw ExitStatus(code: 3)
    }
    return source
  }
}
