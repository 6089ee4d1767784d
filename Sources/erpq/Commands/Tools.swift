import ArgumentParser
import ErpqBase
import ErpqDiagnostics
import ErpqEngine
import ErpqRendering
import struct ErpqSemantics.Environment
import ErpqShell
import struct ErpqSyntax.Parser
import ErpqTooling
import Foundation

/// `erpq check FILE…`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find every mistake of a script without running it.")

  @Option(
    name: [.customShort("e"), .customLong("execute")],
    help: ArgumentHelp("Check a statement.", valueName: "statement"))
  var execute: [String] = []

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("Scripts; - is standard input.", valueName: "file"))
  var scripts: [String] = []

  mutating func run() throws {
    let sink = global.sink()
    if scripts.isEmpty, execute.isEmpty { throw ValidationError("a script is needed: erpq check FILE") }
    var errors = 0
    let sources =
      try execute.map { SourceText($0, name: "-e") } + scripts.map { try ScriptFile.read($0, sink) }
    for source in sources {
      let session = try global.session(sink)
      let (_, _, diagnostics) = session.check(source)
      for d in diagnostics.prefix(20) { if d.severity == .error { sink.error(d) } else { sink.warn(d) } }
      if diagnostics.count > 20 { sink.note("and \(diagnostics.count - 20) more") }
      errors += diagnostics.filter { $0.severity == .error }.count
    }
    if errors > 0 { throw ExitStatus(code: 3) }
  }
}

/// `erpq fmt FILE…`.
struct Format: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Put scripts into the canonical form.")

  @Flag(help: "Change nothing; exit with 1 when a file is not in the canonical form.")
  var check = false

  @Argument(help: ArgumentHelp("Scripts; - formats standard input to standard output.", valueName: "file"))
  var scripts: [String]

  mutating func run() throws {
    let sink = TerminalSink(format: .table, environment: ProcessInfo.processInfo.environment)
    var differing = 0
    var broken = false
    for path in scripts {
      let source = try ScriptFile.read(path, sink)
      let tree = Parser.parse(source)
      guard let text = Formatter.format(tree) else {
        for d in tree.diagnostics.prefix(20) where d.severity == .error { sink.error(d) }
        broken = true
        continue
      }
      if path == "-" {
        Output.standard.write(text)
      } else if text != source.text {
        differing += 1
        if check {
          sink.note("\(path) is not formatted")
        } else {
          do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
          } catch {
            sink.error(Diagnostic(.file, "\(path) could not be written"))
            throw ExitStatus(code: 4)
          }
          sink.note("formatted \(path)")
        }
      }
    }
    if broken { throw ExitStatus(code: 3) }
    if check, differing > 0 { throw ExitStatus(code: 1) }
  }
}

/// `erpq explain E0203`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell more about an error code, or the plan of a statement.")

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("An error code such as E0203, or a statement.", valueName: "code"))
  var topic: [String]

  mutating func run() throws {
    let sink = global.sink()
    let text = topic.joined(separator: " ")
    if DiagnosticCode(rawValue: text.uppercased()) != nil {
      Output.standard.write(Explanations.page(text.uppercased()))
      return
    }
    if text.count == 5, "EW".contains(text.uppercased().prefix(1)), text.dropFirst().allSatisfy(\.isNumber) {
      sink.error(Diagnostic(.unknownName, "there is no error code \(text.uppercased())"))
      throw ExitStatus(code: 2)
    }
    let outcome = try global.session(sink).run(SourceText("explain " + text, name: "explain"))
    if outcome != .ok { throw ExitStatus(code: outcome.rawValue) }
  }
}

/// `erpq help forecast`.
struct HelpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help", abstract: "Help on a command, stage, function, or words to search for.")

  @Argument(help: "What about.")
  var topic: [String] = []

  mutating func run() throws {
    if topic.isEmpty { throw CleanExit.helpRequest(Erpq.self) }
    Output.standard.write(
      HelpPages.page(topic.joined(separator: " "), catalog: Commands.catalog, environment: Environment()))
  }
}
