import ArgumentParser
import ErpqShell
import func ErpqTables.keepFreedMemory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The entry: exit codes are the language guide's, not the parser's own.
@main
enum Main {
  static func main() {
    // Large columns come and go; giving their pages back each time costs more than the work on them.
    keepFreedMemory()
    setlocale(LC_CTYPE, "")
    Interrupts.install()
    let arguments = ArgumentOrder.normalized(Array(CommandLine.arguments.dropFirst()))
    do {
      if let scripts = ArgumentOrder.scriptsToHelp(arguments) {
        try ScriptHelp.show(scripts)
        finish(0)
      }
      var command = try Erpq.parseAsRoot(arguments)
      try command.run()
      finish(0)
    } catch let exit as ExitStatus {
      finish(exit.code)
    } catch let error as ValidationError {
      // Found while running: which options exist is not the question.
      Output.error.write("error: \(error.message)\n")
      finish(2)
    } catch {
      let code = Erpq.exitCode(for: error)
      let text = Erpq.fullMessage(for: error)
      if code.isSuccess {
        Output.standard.write(text + "\n")
        finish(0)
      }
      Output.error.write(text + "\n")
      // 64 is the parser's code for wrong usage; ours is 2.
      finish(code.rawValue == 64 ? 2 : code.rawValue)
    }
  }

  private static func finish(_ code: Int32) -> Never {
    if let problem = Output.standard.problem {
      Output.error.write("error: the output could not be written: \(problem)\n")
      exit(4)
    }
    exit(code)
  }
}

/// Ends the process with a code; everything has been said already.
struct ExitStatus: Error {
  let code: Int32
}

/// Puts global options that stand before the subcommand behind it, and makes `run` the default.
enum ArgumentOrder {
  static let subcommands: Set<String> = [
    "run", "check", "fmt", "test", "replay", "explain", "import", "connect", "sync", "health", "doctor",
    "snapshot", "forecast-file", "conformance", "notebook", "kernel", "lsp", "help", "man", "docs",
    "demo-odoo",
  ]

  private static let optionsWithValue: Set<String> = [
    "-w", "--warehouse", "--use", "--set", "--params", "--format", "--junit", "--today", "--seed", "--files",
    "--rows", "--record", "-e",
    "--execute", "--as", "--map", "--currency", "--time-zone", "--company", "--filter", "--as-of", "--out",
    "--golden",
    "--products", "--only", "--port", "--odoo-version", "--since", "--connection", "--record-exchanges",
    "--replay-exchanges", "--name", "--url", "--database", "--login", "--api-key", "--password",
    "--transport",
    "--company-id", "--max-rate", "--ca-file", "--overlap", "--page-size", "--freq", "--horizon",
    "--promotions",
    "--static",
    "--ipynb", "--prefix", "--kernel-name",
  ]

  /// The scripts of `erpq FILE --help`, whose params are wanted; nil when the help of erpq itself is.
  static func scriptsToHelp(_ arguments: [String]) -> [String]? {
    guard arguments.first == "run", arguments.contains("--help") || arguments.contains("-h") else {
      return nil
    }
    var scripts: [String] = []
    var skip = false
    for a in arguments.dropFirst() {
      if skip {
        skip = false
      } else if optionsWithValue.contains(a) {
        skip = true
      } else if a == "-" || !a.hasPrefix("-") {
        scripts.append(a)
      }
    }
    return scripts.isEmpty ? nil : scripts
  }

  static func normalized(_ arguments: [String]) -> [String] {
    var leading: [String] = []
    var i = 0
    while i < arguments.count {
      let a = arguments[i]
      if a == "--" { break }
      if a == "--version" || a.hasPrefix("--generate-completion-script") || a.hasPrefix("--experimental") {
        return arguments
      }
      if a.hasPrefix("-"), a.count > 1 {
        leading.append(a)
        if optionsWithValue.contains(a), i + 1 < arguments.count {
          leading.append(arguments[i + 1])
          i += 1
        }
        i += 1
        continue
      }
      if subcommands.contains(a) {
        var rest = Array(arguments[(i + 1)...])
        var words = [a]
        // `import csv` and `conformance edge` are two words.
        if let next = rest.first,
          a == "import" && !next.hasPrefix("-") || a == "conformance" && next == "edge"
            || a == "notebook" && ["run", "check", "export"].contains(next)
            || a == "kernel" && ["install", "run"].contains(next)
        {
          words.append(next)
          rest.removeFirst()
        }
        return words + leading + rest
      }
      return ["run"] + arguments
    }
    if leading.contains("--help") || leading.contains("-h") {
      return leading.count == arguments.count ? ["--help"] : arguments
    }
    return ["run"] + arguments
  }
}

/// `erpq`.
struct Erpq: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erpq",
    abstract: "A query language and shell over an ERP's records: forecasts, stock, sales, files.",
    usage: """
      erpq [options]                    open the prompt
      erpq [options] FILE …             run scripts
      erpq [options] -e 'STATEMENT'     run a statement
      erpq SUBCOMMAND [options] …
      """,
    discussion: """
      Without `-w FILE` the embedded demo company is used.

      Exit codes: 0 ok · 1 an assertion failed, or fmt --check, test or conformance found a difference · 2 usage · \
      3 syntax or check · 4 while running · 5 connection or sign-in · 6 a replay differs · 130 interrupted.
      """,
    version: Version.text,
    subcommands: [
      Run.self, Check.self, Format.self, TestCommand.self, ReplayCommand.self, Explain.self,
      ImportCommand.self, Connect.self, Sync.self, HealthSubcommand.self, DoctorSubcommand.self,
      SnapshotCommand.self, ForecastFileCommand.self, DemoOdoo.self, ConformanceCommand.self,
      NotebookCommand.self, KernelCommand.self, LanguageServerCommand.self, HelpCommand.self, ManPage.self,
      Docs.self,
    ],
    defaultSubcommand: Run.self)
}

/// The version of this erpq.
enum Version {
  static let text = "0.1.0"
}
